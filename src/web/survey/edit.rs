//! A response by its own link: going on with it, changing it until the survey closes, being thanked.

use actix_web::{HttpRequest, HttpResponse, web};

use super::receive::{self, Door};
use super::{Asked, Notice, Showing, Stands, ThanksPage, questions};
use crate::domain::fields::FieldErrors;
use crate::domain::survey::{SurveyPhase, Template};
use crate::store::responses::{self, Response};
use crate::store::surveys;
use crate::store::windows::Window;
use crate::web::app::App;
use crate::web::failure::Failure;
use crate::web::form::{Form, Query};
use crate::web::page::private_page;
use crate::web::visitor::Visitor;

async fn opened(app: &App, secret: String) -> Result<(Response, Window, Template), Failure> {
    Ok(app
        .store
        .read(move |c| {
            let (response, window) = responses::by_edit_secret(c, &secret)?;
            let template = surveys::find(c, &response.template, response.template_version)?;
            Ok((response, window, template))
        })
        .await?)
}

/// `GET /surveys/responses/{secret}`
pub async fn edit(
    app: web::Data<App>,
    request: HttpRequest,
    visitor: Visitor,
    secret: web::Path<String>,
    query: Query,
) -> Result<HttpResponse, Failure> {
    let action = format!("/surveys/responses/{secret}");
    let (response, window, template) = opened(&app, secret.into_inner()).await?;
    let asked = Asked { app: &app, request: &request, visitor: &visitor, window: &window, now: app.now() };
    if let Some(closed) = asked.closed() {
        return private_page(&closed);
    }
    let page = asked.page();
    let notice = if query.has("kept") {
        Some(Notice::new("tone-ok", page.with("survey-kept", [("time", &asked.until())])))
    } else if query.has("more") {
        Some(Notice::new("tone-info", page.t("survey-more")))
    } else if query.has("again") && response.complete {
        Some(Notice::new("tone-info", page.t("survey-again-complete")))
    } else if query.has("again") {
        Some(Notice::new("tone-info", page.t("survey-again")))
    } else {
        None
    };
    let form = questions::filled(&template, &response.answers);
    let stands = if response.complete { Stands::Complete } else { Stands::Partial };
    private_page(&asked.form(Showing {
        template: &template,
        action,
        stands,
        form: &form,
        answers: response.answers,
        errors: FieldErrors::new(),
        notice,
    }))
}

/// `POST /surveys/responses/{secret}`
pub async fn change(
    app: web::Data<App>,
    request: HttpRequest,
    visitor: Visitor,
    secret: web::Path<String>,
    form: Form,
) -> Result<HttpResponse, Failure> {
    let secret = secret.into_inner();
    let (_, window, _) = opened(&app, secret.clone()).await?;
    let asked = Asked { app: &app, request: &request, visitor: &visitor, window: &window, now: app.now() };
    receive::receive(&asked, Door::Edit(secret), form, None).await
}

/// `GET /surveys/responses/{secret}/thanks`
pub async fn thanks(
    app: web::Data<App>,
    request: HttpRequest,
    visitor: Visitor,
    secret: web::Path<String>,
) -> Result<HttpResponse, Failure> {
    let edit_path = format!("/surveys/responses/{secret}");
    let (response, window, _) = opened(&app, secret.into_inner()).await?;
    let asked = Asked { app: &app, request: &request, visitor: &visitor, window: &window, now: app.now() };
    let page = asked.page();
    let open = matches!(asked.phase(), SurveyPhase::Open(_));
    let until = page.with("survey-thanks-change-text", [("time", &asked.until())]);
    private_page(&ThanksPage {
        page,
        window: asked.view(),
        reference: response.reference.to_string(),
        edit_url: format!("{}{edit_path}", app.public_url()),
        edit_path: asked.within(&edit_path),
        until: if open { until } else { String::new() },
        embed: asked.embed(),
    })
}
