//! The survey by its public link.

use actix_web::{HttpRequest, HttpResponse, web};

use super::receive::{self, Door};
use super::{Asked, Showing, Stands, browser};
use crate::domain::fields::FieldErrors;
use crate::domain::secret::IdempotencyKey;
use crate::domain::survey::Answers;
use crate::store::instance::random_secret;
use crate::store::{responses, surveys, windows};
use crate::web::app::App;
use crate::web::embed;
use crate::web::failure::Failure;
use crate::web::form::Form;
use crate::web::page::{html, private_page, see_other};
use crate::web::visitor::Visitor;

/// `GET /windows/{slug}/survey`
pub async fn form(
    app: web::Data<App>,
    request: HttpRequest,
    visitor: Visitor,
    slug: web::Path<String>,
) -> Result<HttpResponse, Failure> {
    let query = request.query_string();
    if !embed::is_embedded(request.path())
        && form_urlencoded::parse(query.as_bytes()).any(|(n, v)| n == "embed" && v == "1")
    {
        // What is made for frames has addresses of its own.
        return Ok(see_other(&format!("{}/windows/{slug}/survey", embed::EMBEDDED)));
    }
    let named = slug.to_string();
    let read = app.store.read(move |c| {
        let window = windows::public(c, &slug)?;
        let template = surveys::asked(c, &window.survey_template)?;
        Ok((window, template))
    });
    let found = app.last.surveys.or_read(&named, read).await?;
    let (window, template) = &*found;
    let before = match browser::kept(&app, &request) {
        Some(cookie) => {
            let (key, id) = (app.key.clone(), window.id);
            match app.store.read(move |c| responses::of_browser(c, &key, id, &cookie)).await {
                // Whether this browser answered is asked again when it sends its answers.
                Err(error) if error.may_pass() => None,
                found => found?,
            }
        }
        None => None,
    };
    let asked = Asked { app: &app, request: &request, visitor: &visitor, window, now: app.now() };
    if let Some(closed) = asked.closed() {
        return html(&closed);
    }
    if let Some((_, secret)) = before {
        return Ok(see_other(&asked.within(&format!("/surveys/responses/{secret}?again=1"))));
    }
    let form = Form::default().set("idempotency_key", random_secret());
    private_page(&asked.form(Showing {
        template,
        action: format!("/windows/{}/survey", window.slug),
        stands: Stands::New,
        form: &form,
        answers: Answers::default(),
        errors: FieldErrors::new(),
        notice: None,
    }))
}

/// `POST /windows/{slug}/survey`
pub async fn submit(
    app: web::Data<App>,
    request: HttpRequest,
    visitor: Visitor,
    slug: web::Path<String>,
    form: Form,
) -> Result<HttpResponse, Failure> {
    let window = app.store.read(move |c| windows::public(c, &slug)).await?;
    let asked = Asked { app: &app, request: &request, visitor: &visitor, window: &window, now: app.now() };
    // Where nothing can be kept, the form's own key says whose it is.
    let sent = IdempotencyKey::parse("idempotency_key", form.get("idempotency_key"));
    let kept = browser::kept(&app, &request);
    let door = match (kept, &sent) {
        (Some(cookie), _) => Door::Browser(cookie),
        (None, Ok(key)) => Door::Browser(key.as_str().to_owned()),
        (None, Err(_)) => Door::Browser(random_secret()),
    };
    receive::receive(&asked, door, form, sent.err()).await
}
