//! The pages of a receipt: finding a report again, seeing what became of it, and answering.

mod acts;
mod find;
mod images;
mod me_too;
mod page;
mod qr;
mod words;

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use base64::Engine;
use base64::prelude::BASE64_STANDARD as BASE64;

use crate::domain::fields::FieldErrors;
use crate::domain::report::Contact;
use crate::domain::secret::Receipt;
use crate::store::reports::{self, Held};
use crate::store::surveys::invitations::{self, Receipted};
use crate::store::windows::Window;
use crate::store::{Error, Write};
use crate::web::app::App;
use crate::web::failure::{Failure, shown_around};
use crate::web::form::Form;
use crate::web::limits::Limited;
use crate::web::page::{private_page, see_other};
use crate::web::receipt_view::{HeldReport, link_behind};
use crate::web::untaken::Untaken;
use crate::web::visitor::Visitor;

pub use acts::{contact, erase, message, verdict};
pub use find::{find, open};
pub use images::{remove as remove_image, show as image, upload};

/// The page as one request sees it.
struct Opened<'a> {
    app: &'a App,
    request: &'a HttpRequest,
    visitor: &'a Visitor,
    link: String,
}

impl<'a> Opened<'a> {
    /// Opens what stands in the address; a code leads on to its link.
    async fn new(
        app: &'a App,
        request: &'a HttpRequest,
        visitor: &'a Visitor,
        secret: String,
    ) -> Result<Opened<'a>, Failure> {
        let link = link_behind(app, visitor, secret).await?;
        Ok(Opened { app, request, visitor, link })
    }

    async fn held(&self) -> Result<Held, Failure> {
        let link = self.link.clone();
        Ok(self.app.store.read(move |c| reports::held(c, &link)).await?)
    }

    /// The personal link to the survey of this window for the holder of this receipt, while it is open
    /// and not answered by it.
    async fn survey(
        &self,
        window: Option<&Window>,
        receipt: Receipted,
        contact: Contact,
    ) -> Result<Option<String>, Failure> {
        let Some(window) = window.filter(|w| w.survey_open(self.app.now())) else { return Ok(None) };
        let (key, of) = (self.app.key.clone(), window.id);
        let found =
            self.app.store.read(move |c| invitations::unanswered(c, &key, of, receipt, &contact)).await?;
        Ok(found.map(|invitation| format!("/surveys/{}", invitation.link(&self.app.key))))
    }

    fn here(&self) -> String {
        format!("/receipts/{}", self.link)
    }

    /// It is the receipt of a me-too, not of a report.
    fn is_of_me_too(&self) -> bool {
        Receipt::is_link_to_me_too(&self.link)
    }

    /// Does it and leads back to the page; what is wrong is shown there with what was typed.
    async fn act<T: Send + 'static>(
        &self,
        form: Form,
        done: &str,
        change: impl FnMut(&mut Write<'_>) -> Result<T, Error> + Send + 'static,
    ) -> Result<HttpResponse, Failure> {
        if let Err(seconds) = self.app.limits.check(Limited::Submission, self.visitor.address) {
            return self.again(form, Failure::TooMany(seconds)).await;
        }
        match self.app.store.write(change).await {
            Ok(_) => Ok(see_other(&format!("{}?done={done}", self.here()))),
            Err(error) => self.again(form, error.into()).await,
        }
    }

    /// The page after `failure`, with everything that was typed. Where not even the report can be
    /// read, that is a failure of its own, whose page holds what was typed.
    async fn again(&self, form: Form, failure: Failure) -> Result<HttpResponse, Failure> {
        let untaken = Untaken::of(failure, "a receipt's change")?;
        let shown = self.page(untaken.form(form), untaken.errors.clone());
        let mut shown = shown_around(untaken.has_waited, shown).await?;
        shown.trouble = untaken.trouble(&shown.page);
        untaken.answer(&shown)
    }
}

/// A field of the address, as typed.
fn asked(request: &HttpRequest, field: &str) -> String {
    form_urlencoded::parse(request.query_string().as_bytes())
        .find(|(name, _)| name == field)
        .map(|(_, value)| value.into_owned())
        .unwrap_or_default()
}

/// `GET /receipts/{secret}`
pub async fn show(
    app: web::Data<App>,
    request: HttpRequest,
    visitor: Visitor,
    secret: web::Path<String>,
) -> Result<HttpResponse, Failure> {
    let by_code = !Receipt::is_link(&secret);
    let opened = Opened::new(&app, &request, &visitor, secret.into_inner()).await?;
    if by_code {
        return Ok(see_other(&opened.here()));
    }
    if opened.is_of_me_too() {
        return me_too::show(&opened).await;
    }
    private_page(&opened.page(Form::default(), FieldErrors::new()).await?)
}

/// `GET /receipts/{secret}/data.json`: everything about the report, its pictures too, to keep.
pub async fn data(
    app: web::Data<App>,
    request: HttpRequest,
    visitor: Visitor,
    secret: web::Path<String>,
) -> Result<HttpResponse, Failure> {
    let opened = Opened::new(&app, &request, &visitor, secret.into_inner()).await?;
    if opened.is_of_me_too() {
        return me_too::data(&opened).await;
    }
    let link = opened.link.clone();
    let (held, pictures) = app
        .store
        .read(move |c| {
            let held = reports::held(c, &link)?;
            let mut pictures = Vec::with_capacity(held.images.len());
            for image in &held.images {
                pictures.push(reports::images::of_report(c, held.report.id, image.id)?.1);
            }
            Ok((held, pictures))
        })
        .await?;
    let mut held = HeldReport::of(&held, app.settings().default_language);
    for (image, file) in held.images.iter_mut().zip(pictures) {
        image.content = Some(BASE64.encode(file));
    }
    let text = serde_json::to_string_pretty(&held).map_err(|e| Error::Internal(e.to_string()))?;
    Ok(HttpResponse::Ok()
        .content_type("application/json; charset=utf-8")
        .insert_header((
            header::CONTENT_DISPOSITION,
            format!("attachment; filename=\"{}.json\"", held.reference),
        ))
        .body(text))
}
