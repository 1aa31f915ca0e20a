//! The pages of a receipt: finding a report again, seeing what became of it, and answering.

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, ResponseError, web};
use askama::Template;

use crate::domain::fields::FieldErrors;
use crate::domain::instant::Instant;
use crate::domain::line::{Block, COMMENT_MAX};
use crate::domain::report::{Category, Contact, Precision, Status, Verdict};
use crate::domain::secret::{IdempotencyKey, Receipt};
use crate::domain::zone::Zone;
use crate::store::counters;
use crate::store::instance::random_secret;
use crate::store::reports::events::EventKind;
use crate::store::reports::{self, Held};
use crate::store::{Error, Write};
use crate::web::app::App;
use crate::web::failure::Failure;
use crate::web::form::Form;
use crate::web::limits::Limited;
use crate::web::page::{Page, private_page, see_other};
use crate::web::receipt_view::{HeldReport, Promise, link_behind, link_of_code};
use crate::web::report_form::others_of;
use crate::web::times::Times;
use crate::web::visitor::Visitor;

#[derive(Template)]
#[template(path = "reports/find.html")]
struct FindPage {
    page: Page,
    form: Form,
    errors: FieldErrors,
    erased: bool,
}

#[derive(Template)]
#[template(path = "reports/receipt.html")]
struct ReceiptPage {
    page: Page,
    form: Form,
    errors: FieldErrors,
    title: String,
    /// The address of this page without a slash at its end.
    here: String,
    code: String,
    url: String,
    /// Under which name the browser kept what was typed; empty unless it was just sent.
    received: String,
    /// What was just done, as a sentence.
    done: String,
    /// That was a message, so the browser may forget it.
    sent: bool,
    /// Why nothing was saved; empty if it was not tried.
    trouble: String,
    report: HeldReport,
    /// The window's title.
    window: String,
    component: String,
    others: Vec<String>,
    /// What happens next, as sentences.
    next: Vec<String>,
    occurred: Moment,
    received_at: Moment,
    history: Vec<Line>,
    /// It may be said that it works again; also that it does not.
    asks_fixed: bool,
    asks_not_fixed: bool,
    /// What stands in the contact's fields.
    phone: String,
    email: String,
    contact_open: bool,
    erase_open: bool,
}

/// A moment for people and for programs.
struct Moment {
    machine: String,
    shown: String,
}

/// One line of the history.
struct Line {
    at: Moment,
    /// Who or what, and the class of the badge around it; no class: a person.
    title: String,
    badge: String,
    text: String,
}

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
        secret: web::Path<String>,
    ) -> Result<Opened<'a>, Failure> {
        let link = link_behind(app, visitor, secret.into_inner()).await?;
        Ok(Opened { app, request, visitor, link })
    }

    async fn held(&self) -> Result<Held, Failure> {
        let link = self.link.clone();
        Ok(self.app.store.read(move |c| reports::held(c, &link)).await?)
    }

    fn here(&self) -> String {
        format!("/receipts/{}", self.link)
    }

    async fn page(&self, form: Form, errors: FieldErrors) -> Result<ReceiptPage, Failure> {
        let held = self.held().await?;
        let (window, now) = (held.report.window_id, self.app.now());
        let others = self.app.store.read(move |c| counters::others(c, window)).await?;
        let page = Page::bare(self.request, self.visitor);
        let settings = self.app.settings();
        let (language, default) = (self.visitor.language, settings.default_language);
        let own = held.report.time_zone.as_deref().and_then(|z| z.parse().ok());
        let zone = own
            .or(held.window.as_ref().map(|w| w.zone()))
            .or(settings.time_zone.parse().ok())
            .unwrap_or(Zone::UTC);
        let times = Times::new(page.words, zone);
        let moment = |at: Instant| Moment { machine: at.rfc3339(), shown: times.moment(at) };
        let component = held.component.as_ref().map_or("", |c| c.label(language, default)).to_owned();
        let code = Receipt::of_link(&self.link).map(|(_, code)| code).unwrap_or_default();
        let promise = Promise::of(&held, now);
        let status = held.report.status;
        let received = asked(self.request, "received");
        let view = HeldReport::of(&held);
        let mut history: Vec<Line> = view
            .history
            .iter()
            .map(|event| {
                let became = event.became.clone().unwrap_or_default();
                let (title, badge) = match event.kind {
                    EventKind::Status => (page.word("status", &became), format!("status-{became}")),
                    EventKind::Verdict => (page.word("verdict", &became), verdict_tone(&became).to_owned()),
                    kind => (page.word("receipt-event", kind.code()), String::new()),
                };
                Line { at: moment(event.at), title, badge, text: event.text.clone().unwrap_or_default() }
            })
            .collect();
        history.reverse();
        let typed = |name: &str, kept: &Option<String>| {
            if form.has(name) { form.get(name).to_owned() } else { kept.clone().unwrap_or_default() }
        };
        let wrong = |name: &str| errors.of(name).next().is_some();
        let reference = held.report.reference().to_string();
        Ok(ReceiptPage {
            title: page.with("receipt-title", [("reference", &reference)]),
            here: self.here(),
            url: format!("{}{}", self.app.public_url(), self.here()),
            code,
            done: done_word(&asked(self.request, "done")).map(|key| page.t(key)).unwrap_or_default(),
            sent: asked(self.request, "done") == "message",
            received,
            trouble: String::new(),
            window: held.window.as_ref().map(|w| w.title(language, default)).unwrap_or_default(),
            others: others_beside(&page, &held, &others, &component),
            next: next(&page, times, &held, promise),
            occurred: held.report.occurred_at.map_or(
                Moment { machine: String::new(), shown: page.word("precision", "unknown") },
                |at| match (held.report.precision, moment(at)) {
                    (Precision::About, Moment { machine, shown }) => {
                        Moment { machine, shown: page.with("receipt-about", [("time", &shown)]) }
                    }
                    (_, exact) => exact,
                },
            ),
            received_at: moment(held.report.received_at),
            history,
            asks_fixed: held.report.verdict != Some(Verdict::Fixed) || status == Status::Resolved,
            asks_not_fixed: matches!(status, Status::Resolved | Status::Closed),
            phone: typed("phone", &held.content.phone),
            email: typed("email", &held.content.email),
            contact_open: wrong("phone") || wrong("email"),
            erase_open: wrong("confirm"),
            component,
            report: view,
            form: if form.has("idempotency_key") {
                form
            } else {
                form.set("idempotency_key", random_secret())
            },
            errors,
            page,
        })
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

    async fn again(&self, form: Form, failure: Failure) -> Result<HttpResponse, Failure> {
        let status = failure.status_code();
        let (errors, trouble, wait) = match failure {
            Failure::Store(Error::Invalid(errors)) => (errors, "", None),
            Failure::Store(Error::KeyReused) => (FieldErrors::new(), "reporting-trouble-reused", None),
            Failure::Store(Error::Busy | Error::KeyRunning) => {
                (FieldErrors::new(), "reporting-trouble-busy", Some(1))
            }
            Failure::Store(error) if error.is_trouble() => {
                tracing::warn!(%error, "a receipt's change could not be saved");
                (FieldErrors::new(), "reporting-trouble-unavailable", Some(5))
            }
            Failure::TooMany(seconds) => (FieldErrors::new(), "reporting-trouble-often", Some(seconds)),
            other => return Err(other),
        };
        let fresh = trouble == "reporting-trouble-reused" || errors.of("idempotency_key").next().is_some();
        let form = if fresh { form.set("idempotency_key", random_secret()) } else { form };
        let mut shown = self.page(form, errors).await?;
        if !trouble.is_empty() {
            shown.trouble = shown.page.t(trouble);
        }
        let mut response = HttpResponse::build(status);
        if let Some(seconds) = wait {
            response.insert_header((header::RETRY_AFTER, seconds));
        }
        Ok(response.content_type("text/html; charset=utf-8").body(shown.render()?))
    }
}

fn verdict_tone(verdict: &str) -> &'static str {
    if verdict == Verdict::Fixed.code() { "tone-ok" } else { "tone-danger" }
}

/// A field of the address, as typed.
fn asked(request: &HttpRequest, field: &str) -> String {
    form_urlencoded::parse(request.query_string().as_bytes())
        .find(|(name, _)| name == field)
        .map(|(_, value)| value.into_owned())
        .unwrap_or_default()
}

/// What was just done, as the address says it after a form.
fn done_word(done: &str) -> Option<&'static str> {
    match done {
        "message" => Some("receipt-done-message"),
        "contact" => Some("receipt-done-contact"),
        "fixed" => Some("receipt-done-fixed"),
        "not_fixed" => Some("receipt-done-not-fixed"),
        _ => None,
    }
}

/// How many others reported the same component, or the same category if none is known.
fn others_beside(page: &Page, held: &Held, others: &counters::Others, component: &str) -> Vec<String> {
    let report = &held.report;
    let beside = |n: Option<&i64>| n.map_or(0, |n| n - 1);
    let mut said = Vec::new();
    if let Some(id) = report.component_id {
        let n = beside(others.by_component.get(&id));
        if n > 0 {
            said.push(others_of(page, "reporting-others-component", n, component));
        }
    }
    if report.category != Category::Other {
        let n = beside(others.by_category.get(&report.category));
        if n > 0 {
            let what = page.word("category", report.category.code());
            said.push(others_of(page, "reporting-others-category", n, &what));
        }
    }
    said
}

fn next(page: &Page, times: Times, held: &Held, promise: Promise) -> Vec<String> {
    let time = |at: Instant| format!("{} ({})", times.day_and_clock(at), times.zone().offset_label(at));
    let mut next = Vec::new();
    match promise {
        Promise::Kept => {}
        Promise::Now(by) => next.push(page.with("receipt-next-now", [("by", &time(by))])),
        Promise::Later(open, by) => {
            next.push(page.with("receipt-next-later", [("open", &time(open)), ("by", &time(by))]));
        }
        Promise::Missed(by) => next.push(page.with("receipt-next-missed", [("by", &time(by))])),
        Promise::Unknown => next.push(page.t("receipt-next-unknown")),
    }
    if !held.report.status.is_done() {
        let contact = held.content.has_contact();
        next.push(page.t(if contact { "receipt-next-contact" } else { "receipt-next-no-contact" }));
        next.push(page.t("receipt-next-confirm"));
    }
    next
}

fn find_page(request: &HttpRequest, visitor: &Visitor, form: Form, errors: FieldErrors) -> FindPage {
    let erased = asked(request, "erased") == "1";
    FindPage { page: Page::bare(request, visitor), form, errors, erased }
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
    let typed = form.get("code").trim();
    let pasted = typed.rsplit_once("/receipts/").map_or(typed, |(_, link)| link);
    let pasted = pasted.split(['?', '#']).next().unwrap_or_default().to_owned();
    let found = if typed.is_empty() {
        Err(FieldErrors::one("code", "required").into())
    } else if Receipt::of_link(&pasted).is_some() {
        let link = pasted.clone();
        match app.store.read(move |c| reports::held(c, &link)).await {
            Ok(_) => Ok(pasted),
            Err(error) => Err(error.into()),
        }
    } else {
        link_of_code(&app, &visitor, pasted).await
    };
    match found {
        Ok(link) => Ok(see_other(&format!("/receipts/{link}"))),
        Err(failure) => {
            let status = failure.status_code();
            let mut wait = None;
            let errors = match failure {
                Failure::Store(Error::Invalid(errors)) => errors,
                Failure::Store(Error::NotFound) => FieldErrors::one("code", "no-such-receipt"),
                Failure::TooMany(seconds) => {
                    wait = Some(seconds);
                    let mut errors = FieldErrors::new();
                    errors.add_with("code", "codes-too-often", [("seconds", seconds.to_string())]);
                    errors
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
                .body(find_page(&request, &visitor, form, errors).render()?))
        }
    }
}

/// `GET /receipts/{secret}`
pub async fn show(
    app: web::Data<App>,
    request: HttpRequest,
    visitor: Visitor,
    secret: web::Path<String>,
) -> Result<HttpResponse, Failure> {
    let by_code = Receipt::of_link(&secret).is_none();
    let opened = Opened::new(&app, &request, &visitor, secret).await?;
    if by_code {
        return Ok(see_other(&opened.here()));
    }
    private_page(&opened.page(Form::default(), FieldErrors::new()).await?)
}

/// `POST /receipts/{secret}/messages`
pub async fn message(
    app: web::Data<App>,
    request: HttpRequest,
    visitor: Visitor,
    secret: web::Path<String>,
    form: Form,
) -> Result<HttpResponse, Failure> {
    let opened = Opened::new(&app, &request, &visitor, secret).await?;
    let mut errors = FieldErrors::new();
    let text = errors.keep(Block::required("message", form.get("message"), COMMENT_MAX));
    let key = errors.keep(IdempotencyKey::parse("idempotency_key", form.get("idempotency_key")));
    let (Some(text), Some(key)) = (text, key) else { return opened.again(form, errors.into()).await };
    let link = opened.link.clone();
    opened.act(form, "message", move |w| reports::reply(w, &link, &key, &text)).await
}

/// `POST /receipts/{secret}/contact`
pub async fn contact(
    app: web::Data<App>,
    request: HttpRequest,
    visitor: Visitor,
    secret: web::Path<String>,
    form: Form,
) -> Result<HttpResponse, Failure> {
    let opened = Opened::new(&app, &request, &visitor, secret).await?;
    let contact = match Contact::parse(form.get("phone"), form.get("email")) {
        Ok(contact) => contact,
        Err(mut errors) => {
            for error in &mut errors.0 {
                error.field = error.field.trim_start_matches("contact.").to_owned();
            }
            return opened.again(form, errors.into()).await;
        }
    };
    let link = opened.link.clone();
    opened.act(form, "contact", move |w| reports::set_contact(w, &link, &contact)).await
}

/// `POST /receipts/{secret}/verdict`
pub async fn verdict(
    app: web::Data<App>,
    request: HttpRequest,
    visitor: Visitor,
    secret: web::Path<String>,
    form: Form,
) -> Result<HttpResponse, Failure> {
    let opened = Opened::new(&app, &request, &visitor, secret).await?;
    let Some(verdict) = Verdict::from_code(form.get("verdict")) else {
        return opened.again(form, FieldErrors::one("verdict", "unknown-code").into()).await;
    };
    let link = opened.link.clone();
    opened.act(form, verdict.code(), move |w| reports::judge(w, &link, verdict)).await
}

/// `POST /receipts/{secret}/erase`
pub async fn erase(
    app: web::Data<App>,
    request: HttpRequest,
    visitor: Visitor,
    secret: web::Path<String>,
    form: Form,
) -> Result<HttpResponse, Failure> {
    let opened = Opened::new(&app, &request, &visitor, secret).await?;
    if form.get("confirm") != "yes" {
        return opened.again(form, FieldErrors::one("confirm", "erase-unconfirmed").into()).await;
    }
    let link = opened.link.clone();
    app.store.write(move |w| reports::erase(w, &link)).await?;
    Ok(see_other("/receipts?erased=1"))
}

/// `GET /receipts/{secret}/data.json`: everything about the report, to keep.
pub async fn data(
    app: web::Data<App>,
    request: HttpRequest,
    visitor: Visitor,
    secret: web::Path<String>,
) -> Result<HttpResponse, Failure> {
    let opened = Opened::new(&app, &request, &visitor, secret).await?;
    let held = HeldReport::of(&opened.held().await?);
    let text = serde_json::to_string_pretty(&held).map_err(|e| Error::Internal(e.to_string()))?;
    Ok(HttpResponse::Ok()
        .content_type("application/json; charset=utf-8")
        .insert_header((
            header::CONTENT_DISPOSITION,
            format!("attachment; filename=\"{}.json\"", held.reference),
        ))
        .body(text))
}
