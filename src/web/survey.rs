//! The public survey: answering, being thanked, and changing the answers until it closes.

mod questions;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use crate::domain::fields::FieldErrors;
use crate::domain::instant::Instant;
use crate::domain::secret::IdempotencyKey;
use crate::domain::survey::{Answers, RawAnswers, TemplateKey};
use crate::store::Error;
use crate::store::instance::random_secret;
use crate::store::responses::{self, NewResponse, Response, SurveyPhase};
use crate::store::windows::{self, Window};
use crate::web::app::App;
use crate::web::failure::Failure;
use crate::web::form::Form;
use crate::web::limits::Limited;
use crate::web::page::{Page, form_again, html, private_page, see_other};
use crate::web::times::Times;
use crate::web::visitor::Visitor;
use questions::{Control, QuestionView};

#[derive(Template)]
#[template(path = "survey/form.html")]
struct FormPage {
    page: Page,
    window: WindowView,
    /// Where the form is sent.
    action: String,
    /// The answers exist already and are being changed.
    editing: bool,
    short: bool,
    /// Until when it is open, as a sentence.
    until: String,
    idempotency_key: String,
    questions: Vec<QuestionView>,
    errors: FieldErrors,
}

#[derive(Template)]
#[template(path = "survey/thanks.html")]
struct ThanksPage {
    page: Page,
    window: WindowView,
    reference: String,
    edit_path: String,
    edit_url: String,
    /// Until when the answers can be changed, as a sentence; nothing when they no longer can.
    until: String,
}

#[derive(Template)]
#[template(path = "survey/closed.html")]
struct ClosedPage {
    page: Page,
    window: WindowView,
    title: String,
    detail: String,
}

/// What these pages show of the window.
struct WindowView {
    slug: String,
    title: String,
    takes_reports: bool,
}

/// The frame that all pages of a survey share.
struct Asked<'a> {
    app: &'a App,
    request: &'a HttpRequest,
    visitor: &'a Visitor,
    window: &'a Window,
    now: Instant,
}

impl Asked<'_> {
    fn page(&self) -> Page {
        Page::bare(self.request, self.visitor)
    }

    fn view(&self) -> WindowView {
        WindowView {
            slug: self.window.slug.to_string(),
            title: self.window.title(self.visitor.language, self.app.settings().default_language),
            takes_reports: self.window.takes_reports(self.now),
        }
    }

    fn times(&self) -> Times {
        Times::new(self.page().words, self.window.zone())
    }

    fn phase(&self) -> SurveyPhase {
        SurveyPhase::of(self.window, self.now)
    }

    /// Until when the survey takes answers, or took them.
    fn until(&self) -> String {
        match self.phase() {
            SurveyPhase::Open(until) | SurveyPhase::Closed(until) => self.times().moment(until),
            SurveyPhase::NotYet | SurveyPhase::Never => String::new(),
        }
    }

    /// What is shown while the survey takes no answers; nothing while it does.
    fn closed(&self) -> Option<ClosedPage> {
        let page = self.page();
        let (title, detail) = match self.phase() {
            SurveyPhase::Open(_) => return None,
            SurveyPhase::NotYet => (page.t("survey-not-yet-title"), page.t("survey-not-yet-detail")),
            SurveyPhase::Never => (page.t("survey-never-title"), page.t("survey-never-detail")),
            SurveyPhase::Closed(_) => {
                (page.t("survey-closed-title"), page.with("survey-closed-detail", [("time", &self.until())]))
            }
        };
        Some(ClosedPage { page, window: self.view(), title, detail })
    }

    fn form(
        &self,
        template: TemplateKey,
        action: String,
        editing: bool,
        form: &Form,
        errors: FieldErrors,
    ) -> FormPage {
        let page = self.page();
        FormPage {
            window: self.view(),
            action,
            editing,
            short: template == TemplateKey::Short,
            until: page.with("survey-open-until", [("time", &self.until())]),
            idempotency_key: form.get("idempotency_key").to_owned(),
            questions: questions::views(template.template(), page.words, form, &errors),
            page,
            errors,
        }
    }
}

fn parse(template: TemplateKey, form: &Form) -> Result<Answers, FieldErrors> {
    let template = template.template();
    Answers::parse(template, RawAnswers::from_form(template, form.pairs()))
}

/// `GET /windows/{slug}/survey`
pub async fn form(
    app: web::Data<App>,
    request: HttpRequest,
    visitor: Visitor,
    slug: web::Path<String>,
) -> Result<HttpResponse, Failure> {
    let window = app.store.read(move |c| windows::public(c, &slug)).await?;
    let asked = Asked { app: &app, request: &request, visitor: &visitor, window: &window, now: app.now() };
    if let Some(closed) = asked.closed() {
        return html(&closed);
    }
    let form = Form::default().set("idempotency_key", random_secret());
    let action = format!("/windows/{}/survey", window.slug);
    private_page(&asked.form(window.survey_template, action, false, &form, FieldErrors::new()))
}

/// `POST /windows/{slug}/survey`
pub async fn submit(
    app: web::Data<App>,
    request: HttpRequest,
    visitor: Visitor,
    slug: web::Path<String>,
    form: Form,
) -> Result<HttpResponse, Failure> {
    app.limits.check(Limited::Submission, visitor.address).map_err(Failure::TooMany)?;
    let slug = slug.into_inner();
    let named = slug.clone();
    let window = app.store.read(move |c| windows::public(c, &named)).await?;
    let asked = Asked { app: &app, request: &request, visitor: &visitor, window: &window, now: app.now() };
    let template = window.survey_template;
    let mut errors = FieldErrors::new();
    let key = errors.keep(IdempotencyKey::parse("idempotency_key", form.get("idempotency_key")));
    let answers = errors.keep(parse(template, &form));
    let (Some(key), Some(answers)) = (key, answers) else {
        let action = format!("/windows/{slug}/survey");
        return form_again(&asked.form(template, action, false, &form, errors));
    };
    let new = NewResponse { window: slug, template, answers, language: visitor.language };
    let instance = app.key.clone();
    let sent = app.store.write(move |w| responses::submit(w, &instance, &key, &new)).await;
    match sent {
        Ok(done) => Ok(see_other(&format!("/surveys/responses/{}/thanks", done.edit_secret))),
        Err(error) => refused(&asked, error),
    }
}

/// A survey that is not open says so as it does to whoever opens it.
fn refused(asked: &Asked<'_>, error: Error) -> Result<HttpResponse, Failure> {
    match (&error, asked.closed()) {
        (Error::Conflict { .. }, Some(closed)) => Ok(HttpResponse::build(StatusCode::CONFLICT)
            .content_type("text/html; charset=utf-8")
            .insert_header(("Cache-Control", "no-store"))
            .body(closed.render()?)),
        _ => Err(error.into()),
    }
}

async fn opened(app: &App, secret: String) -> Result<(Response, Window), Failure> {
    Ok(app.store.read(move |c| responses::by_edit_secret(c, &secret)).await?)
}

/// `GET /surveys/responses/{secret}`
pub async fn edit(
    app: web::Data<App>,
    request: HttpRequest,
    visitor: Visitor,
    secret: web::Path<String>,
) -> Result<HttpResponse, Failure> {
    let action = format!("/surveys/responses/{secret}");
    let (response, window) = opened(&app, secret.into_inner()).await?;
    let asked = Asked { app: &app, request: &request, visitor: &visitor, window: &window, now: app.now() };
    if let Some(closed) = asked.closed() {
        return private_page(&closed);
    }
    let form = questions::filled(response.template.template(), &response.answers);
    private_page(&asked.form(response.template, action, true, &form, FieldErrors::new()))
}

/// `POST /surveys/responses/{secret}`
pub async fn change(
    app: web::Data<App>,
    request: HttpRequest,
    visitor: Visitor,
    secret: web::Path<String>,
    form: Form,
) -> Result<HttpResponse, Failure> {
    app.limits.check(Limited::Submission, visitor.address).map_err(Failure::TooMany)?;
    let secret = secret.into_inner();
    let (response, window) = opened(&app, secret.clone()).await?;
    let asked = Asked { app: &app, request: &request, visitor: &visitor, window: &window, now: app.now() };
    let answers = match parse(response.template, &form) {
        Ok(answers) => answers,
        Err(errors) => {
            let action = format!("/surveys/responses/{secret}");
            return form_again(&asked.form(response.template, action, true, &form, errors));
        }
    };
    let link = secret.clone();
    match app.store.write(move |w| responses::update(w, &link, &answers)).await {
        Ok(_) => Ok(see_other(&format!("/surveys/responses/{secret}/thanks"))),
        Err(error) => refused(&asked, error),
    }
}

/// `GET /surveys/responses/{secret}/thanks`
pub async fn thanks(
    app: web::Data<App>,
    request: HttpRequest,
    visitor: Visitor,
    secret: web::Path<String>,
) -> Result<HttpResponse, Failure> {
    let edit_path = format!("/surveys/responses/{secret}");
    let (response, window) = opened(&app, secret.into_inner()).await?;
    let asked = Asked { app: &app, request: &request, visitor: &visitor, window: &window, now: app.now() };
    let page = asked.page();
    let open = matches!(asked.phase(), SurveyPhase::Open(_));
    let until = page.with("survey-thanks-change-text", [("time", &asked.until())]);
    private_page(&ThanksPage {
        page,
        window: asked.view(),
        reference: response.reference.to_string(),
        edit_url: format!("{}{edit_path}", app.public_url()),
        edit_path,
        until: if open { until } else { String::new() },
    })
}
