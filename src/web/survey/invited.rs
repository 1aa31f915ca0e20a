//! The survey by a personal link.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};

use super::receive::{self, Door};
use super::{Asked, ClosedPage, Showing, Stands, is_embedded, with_status};
use crate::domain::fields::FieldErrors;
use crate::domain::survey::{Answers, Template};
use crate::store::connection::Db;
use crate::store::responses::{self, Response};
use crate::store::surveys::invitations;
use crate::store::windows::{self, Window};
use crate::store::{Error, surveys};
use crate::web::app::App;
use crate::web::failure::Failure;
use crate::web::form::Form;
use crate::web::page::{Page, private_page, see_other};
use crate::web::visitor::Visitor;

fn found(c: &mut Db, link: &str) -> Result<(Window, Template, Option<Response>), Error> {
    let invitation = invitations::open(c, link)?;
    let window = windows::by_id(c, invitation.window_id)?;
    let template = surveys::asked(c, &window.survey_template)?;
    Ok((window, template, responses::of_invitation(c, invitation.id)?))
}

/// A link that opens nothing says why, and what to do.
pub(super) fn opens_nothing(
    request: &HttpRequest,
    visitor: &Visitor,
    error: Error,
) -> Result<HttpResponse, Failure> {
    let page = Page::bare(request, visitor);
    let (status, code) = match &error {
        Error::Invalid(errors) if errors.of("invitation").next().is_some() => {
            (StatusCode::NOT_FOUND, "unknown")
        }
        Error::Conflict { code: "invitation-revoked", .. } => (StatusCode::GONE, "revoked"),
        _ => return Err(error.into()),
    };
    let closed = ClosedPage {
        window: None,
        title: page.t(&format!("survey-invitation-{code}-title")),
        detail: page.t(&format!("survey-invitation-{code}-detail")),
        embed: is_embedded(request),
        page,
    };
    with_status(status, &closed)
}

/// `GET /surveys/{invitation}`
pub async fn show(
    app: web::Data<App>,
    request: HttpRequest,
    visitor: Visitor,
    link: web::Path<String>,
) -> Result<HttpResponse, Failure> {
    let link = link.into_inner();
    let asked_for = link.clone();
    let (window, template, before) = match app.store.read(move |c| found(c, &asked_for)).await {
        Ok(found) => found,
        Err(error) => return opens_nothing(&request, &visitor, error),
    };
    let asked = Asked { app: &app, request: &request, visitor: &visitor, window: &window, now: app.now() };
    if let Some(closed) = asked.closed() {
        return private_page(&closed);
    }
    match before {
        // It was for one response. Whoever gave it has the link to change it; others must not see it.
        Some(response) if response.complete => {
            let page = asked.page();
            let detail = page.with("survey-invitation-used-detail", [("time", &asked.until())]);
            private_page(&asked.says(page.t("survey-invitation-used-title"), detail))
        }
        Some(response) => {
            let secret = responses::edit_link(&app.key, &link, response.reference);
            Ok(see_other(&asked.within(&format!("/surveys/responses/{secret}?again=1"))))
        }
        None => private_page(&asked.form(Showing {
            template: &template,
            action: format!("/surveys/{link}"),
            stands: Stands::New,
            form: &Form::default(),
            answers: Answers::default(),
            errors: FieldErrors::new(),
            notice: None,
        })),
    }
}

/// `POST /surveys/{invitation}`
pub async fn submit(
    app: web::Data<App>,
    request: HttpRequest,
    visitor: Visitor,
    link: web::Path<String>,
    form: Form,
) -> Result<HttpResponse, Failure> {
    let link = link.into_inner();
    let asked_for = link.clone();
    let (window, ..) = match app.store.read(move |c| found(c, &asked_for)).await {
        Ok(found) => found,
        Err(error) => return opens_nothing(&request, &visitor, error),
    };
    let asked = Asked { app: &app, request: &request, visitor: &visitor, window: &window, now: app.now() };
    receive::receive(&asked, Door::Invitation(link), form, None).await
}
