//! Finding a report again by its code, or by a link that was pasted.

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, ResponseError, web};
use askama::Template;

use super::asked;
use crate::domain::fields::FieldErrors;
use crate::domain::secret::Receipt;
use crate::i18n::Words;
use crate::store::{Error, me_toos, reports};
use crate::web::app::App;
use crate::web::failure::Failure;
use crate::web::form::Form;
use crate::web::page::{Page, private_page, rendered, see_other};
use crate::web::receipt_view::link_of_code;
use crate::web::visitor::Visitor;

#[derive(Template)]
#[template(path = "reports/find.html")]
struct FindPage {
    page: Page,
    form: Form,
    errors: FieldErrors,
    erased: bool,
    /// That codes were tried too often, and how long to wait; else nothing.
    often: String,
}

fn find_page(request: &HttpRequest, visitor: &Visitor, form: Form, errors: FieldErrors) -> FindPage {
    let erased = asked(request, "erased") == "1";
    FindPage { page: Page::bare(request, visitor), form, errors, erased, often: String::new() }
}

/// `GET /receipts`
pub async fn find(request: HttpRequest, visitor: Visitor) -> Result<HttpResponse, Failure> {
    private_page(&find_page(&request, &visitor, Form::default(), FieldErrors::new()))
}

/// `POST /receipts`: a code, or a link that was pasted.
pub async fn open(
    app: web::Data<App>,
    request: HttpRequest,
    visitor: Visitor,
    form: Form,
) -> Result<HttpResponse, Failure> {
    let failure = match link_typed(&app, &visitor, form.get("code").trim()).await {
        Ok(link) => return Ok(see_other(&format!("/receipts/{link}"))),
        Err(failure) => failure,
    };
    let status = failure.status_code();
    let (mut wait, mut often) = (None, String::new());
    let errors = match failure {
        Failure::Store(Error::Invalid(errors)) => errors,
        Failure::Store(Error::NotFound) => FieldErrors::one("code", "no-such-receipt"),
        Failure::TooMany(seconds) => {
            wait = Some(seconds);
            let mut errors = FieldErrors::new();
            errors.add_with("code", "codes-too-often", [("seconds", seconds.to_string())]);
            // Nothing that was typed has to be changed.
            often = errors.0.iter().map(|e| Words(visitor.language).error(e)).collect();
            FieldErrors::new()
        }
        other => return Err(other),
    };
    let mut response = HttpResponse::build(status);
    if let Some(seconds) = wait {
        response.insert_header((header::RETRY_AFTER, seconds));
    }
    Ok(response
        .content_type("text/html; charset=utf-8")
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .body(rendered(&FindPage { often, ..find_page(&request, &visitor, form, errors) })?))
}

/// The link that was meant: the one that was pasted, or that of the code.
async fn link_typed(app: &App, visitor: &Visitor, typed: &str) -> Result<String, Failure> {
    if typed.is_empty() {
        return Err(FieldErrors::one("code", "required").into());
    }
    let pasted = typed.rsplit_once("/receipts/").map_or(typed, |(_, link)| link);
    let pasted = pasted.split(['?', '#']).next().unwrap_or_default().to_owned();
    if !Receipt::is_link(&pasted) {
        return link_of_code(app, visitor, pasted).await;
    }
    let link = pasted.clone();
    let found = app.store.read(move |c| {
        if Receipt::is_link_to_me_too(&link) {
            me_toos::held(c, &link).map(|_| ())
        } else {
            reports::held(c, &link).map(|_| ())
        }
    });
    found.await?;
    Ok(pasted)
}
