//! "Me too": one more person with a known issue. A page that asks first and works without script; with
//! script the button on the notice sends this page's form at once.

use actix_web::cookie::{Cookie, SameSite, time::Duration};
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use crate::domain::fields::FieldErrors;
use crate::domain::report::{Contact, Source};
use crate::domain::secret::IdempotencyKey;
use crate::store::Error;
use crate::store::instance::random_secret;
use crate::store::known_issues::{self, KnownIssue};
use crate::store::me_toos::{self, NewMeToo, Person};
use crate::web::app::App;
use crate::web::failure::{Failure, shown_around};
use crate::web::form::Form;
use crate::web::known_issue::Shown;
use crate::web::limits::Limited;
use crate::web::login;
use crate::web::page::{Page, private_page, see_other};
use crate::web::untaken::Untaken;
use crate::web::visitor::Visitor;

/// For how many days a browser is known to have said "me too".
const REMEMBERED: i64 = 180;

/// The cookie that keeps one person from being counted twice. Made only when somebody says "me too".
fn cookie_name(app: &App) -> &'static str {
    if app.is_https() { "__Host-interlude-me-too" } else { "interlude-me-too" }
}

/// Lets the browser forget who said "me too".
pub(super) fn forget(app: &App, response: &mut HttpResponse) -> Result<(), Failure> {
    login::forget(response, app, cookie_name(app))
}

/// Who sent this request, if they have said "me too" to anything before.
pub fn cookie_of(request: &HttpRequest, app: &App) -> Option<Person> {
    Person::of_cookie(request.cookie(cookie_name(app))?.value())
}

#[derive(Template)]
#[template(path = "reports/me_too.html")]
struct MeTooPage {
    page: Page,
    form: Form,
    errors: FieldErrors,
    issue: Shown,
    /// The address of the known issue's window, or of the start page.
    back: String,
    back_title: String,
    /// The receipt of whoever was counted before; empty for everybody else.
    receipt: String,
    /// It can still be said.
    open: bool,
    /// Why nothing was saved; empty if it was not tried.
    trouble: String,
}

fn number(path: &str) -> Result<i64, Failure> {
    path.parse().map_err(|_| Failure::NOT_FOUND)
}

/// The page as one request sees it.
struct Asked<'a> {
    app: &'a App,
    request: &'a HttpRequest,
    visitor: &'a Visitor,
    id: i64,
}

impl Asked<'_> {
    async fn page(&self, form: Form, errors: FieldErrors) -> Result<MeTooPage, Failure> {
        let (id, key, person) = (self.id, self.app.key.clone(), cookie_of(self.request, self.app));
        let (issue, known): (KnownIssue, _) = self
            .app
            .store
            .read(move |c| {
                let issue = known_issues::public_by_id(c, id)?;
                let known = match &person {
                    Some(person) => me_toos::of_person(c, &key, person, id)?
                        .map(|me_too| person.receipt(&key, me_too.reference()).link),
                    None => None,
                };
                Ok((issue, known))
            })
            .await?;
        let page = Page::bare(self.request, self.visitor);
        let default = self.app.settings().default_language;
        let window = issue.window.as_ref();
        Ok(MeTooPage {
            back: window.map_or_else(|| "/".to_owned(), |w| format!("/windows/{}", w.slug)),
            back_title: window.map_or_else(
                || page.t("frame-notices"),
                |w| w.label(self.visitor.language, default).to_owned(),
            ),
            open: issue.fact.status.is_open(),
            issue: Shown::of(&issue, page.words, default),
            receipt: known.unwrap_or_default(),
            trouble: String::new(),
            form: if form.has("idempotency_key") {
                form
            } else {
                form.set("idempotency_key", random_secret())
            },
            errors,
            page,
        })
    }

    /// The page after `failure`, with what was typed. Where not even the known issue can be read, that is a
    /// failure of its own, whose page holds what was typed and the key, too.
    async fn again(&self, form: Form, failure: Failure) -> Result<HttpResponse, Failure> {
        let untaken = match &failure {
            // Resolved while the page was open: the page says so.
            Failure::Store(Error::Conflict { code: "known-issue-resolved", .. }) => Untaken::silent(&failure),
            _ => Untaken::of(failure, "a \"me too\"")?,
        };
        let shown = self.page(untaken.form(form), untaken.errors.clone());
        let mut shown = shown_around(untaken.has_waited, shown).await?;
        shown.trouble = untaken.trouble(&shown.page);
        untaken.answer(&shown)
    }
}

/// `GET /known-issues/{id}/me-too`
pub async fn show(
    app: web::Data<App>,
    request: HttpRequest,
    visitor: Visitor,
    id: web::Path<String>,
) -> Result<HttpResponse, Failure> {
    let asked = Asked { app: &app, request: &request, visitor: &visitor, id: number(&id)? };
    private_page(&asked.page(Form::default(), FieldErrors::new()).await?)
}

/// `POST /known-issues/{id}/me-too`
pub async fn say(
    app: web::Data<App>,
    request: HttpRequest,
    visitor: Visitor,
    id: web::Path<String>,
    form: Form,
) -> Result<HttpResponse, Failure> {
    let asked = Asked { app: &app, request: &request, visitor: &visitor, id: number(&id)? };
    if let Err(seconds) = app.limits.check(Limited::Submission, visitor.address) {
        return asked.again(form, Failure::TooMany(seconds)).await;
    }
    let mut errors = FieldErrors::new();
    let contact = errors.keep(Contact::parse(form.get("phone"), form.get("email")));
    for error in &mut errors.0 {
        error.field = error.field.trim_start_matches("contact.").to_owned();
    }
    let key = errors.keep(IdempotencyKey::parse("idempotency_key", form.get("idempotency_key")));
    let (Some(contact), Some(key)) = (contact, key) else { return asked.again(form, errors.into()).await };
    let new = NewMeToo { issue: asked.id, contact, language: visitor.language, source: Source::Web };
    let person = cookie_of(&request, &app).unwrap_or_else(|| Person::new(&app.key, &key));
    let (instance, who) = (app.key.clone(), person.clone());
    let done = match app.store.write(move |w| me_toos::say(w, &instance, &key, &who, &new)).await {
        Ok(done) => done,
        Err(error) => return asked.again(form, error.into()).await,
    };
    // Whoever was counted before is told so, with the count, and finds the way to the receipt.
    let mut response = if done.first {
        let link = person.receipt(&app.key, done.reference()).link;
        see_other(&format!("/receipts/{link}?received=me-too"))
    } else {
        see_other(&format!("/known-issues/{}/me-too", asked.id))
    };
    let cookie = Cookie::build(cookie_name(&app), person.cookie())
        .path("/")
        .http_only(true)
        .same_site(SameSite::Lax)
        .secure(app.is_https())
        .max_age(Duration::days(REMEMBERED))
        .finish();
    response.add_cookie(&cookie).map_err(|e| Error::Internal(e.to_string()))?;
    Ok(response)
}
