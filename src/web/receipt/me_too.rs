//! The receipt of a me-too: the page of somebody who met a known issue and told us only that.

use actix_web::HttpResponse;
use actix_web::http::header;
use askama::Template;

use super::page::{Line, Moment};
use super::qr::Qr;
use super::{Opened, asked, words};
use crate::domain::fields::FieldErrors;
use crate::domain::line::{Block, COMMENT_MAX};
use crate::domain::report::{Contact, Status, Verdict};
use crate::domain::secret::{IdempotencyKey, Receipt};
use crate::store::instance::random_secret;
use crate::store::me_toos::{self, Held};
use crate::store::reports::events::EventKind;
use crate::store::surveys::invitations::Receipted;
use crate::store::{Error, Write};
use crate::web::confirm;
use crate::web::failure::{Failure, shown_around};
use crate::web::form::Form;
use crate::web::known_issue::Shown;
use crate::web::limits::Limited;
use crate::web::page::{Page, private_page, see_other};
use crate::web::receipt_view::HeldMeToo;
use crate::web::times::Times;
use crate::web::untaken::Untaken;

#[derive(Template)]
#[template(path = "reports/me_too_receipt.html")]
struct ReceiptPage {
    page: Page,
    form: Form,
    errors: FieldErrors,
    title: String,
    /// The address of this page without a slash at its end.
    here: String,
    code: String,
    url: String,
    qr: Option<Qr>,
    /// `me-too` if it was said just now, else nothing.
    received: String,
    /// What was just done, as a sentence.
    done: String,
    /// That was a message, so the browser may forget it.
    sent: bool,
    /// Why nothing was saved; empty if it was not tried.
    trouble: String,
    issue: Shown,
    report: HeldMeToo,
    /// Where it stands, in a word and as a sentence.
    status: String,
    stands: String,
    others: Vec<String>,
    /// The slug and title of the window.
    window: Option<(String, String)>,
    next: Vec<String>,
    /// The personal link to the survey, while it is open and not answered.
    survey: Option<String>,
    history: Vec<Line>,
    asks_fixed: bool,
    asks_not_fixed: bool,
    phone: String,
    email: String,
    contact_open: bool,
    erase_open: bool,
}

async fn held(opened: &Opened<'_>) -> Result<Held, Failure> {
    let link = opened.link.clone();
    Ok(opened.app.store.read(move |c| me_toos::held(c, &link)).await?)
}

async fn page(opened: &Opened<'_>, form: Form, errors: FieldErrors) -> Result<ReceiptPage, Failure> {
    let held = held(opened).await?;
    let page = Page::bare(opened.request, opened.visitor);
    let settings = opened.app.settings();
    let (language, default) = (opened.visitor.language, settings.default_language);
    let zone = held.window.as_ref().map_or(settings.time_zone, |w| w.zone());
    let times = Times::new(page.words, zone);
    let receipt = Receipted::MeToo(held.me_too.id);
    let survey = opened.survey(held.window.as_ref(), receipt, held.contact.clone()).await?;
    let mut history: Vec<Line> = held
        .events
        .iter()
        .map(|event| {
            let became = event.became.clone().unwrap_or_default();
            let (title, badge) = match event.kind {
                EventKind::Received => (page.t("known-me-too-said"), String::new()),
                EventKind::Verdict => {
                    (page.word("verdict", &became), words::verdict_tone(&became).to_owned())
                }
                kind => (page.word("receipt-event", kind.code()), String::new()),
            };
            Line {
                at: Moment::of(times, event.at),
                title,
                badge,
                says: String::new(),
                text: event.content.clone().unwrap_or_default(),
            }
        })
        .collect();
    history.reverse();
    let typed = |name: &str, kept: &Option<String>| {
        if form.has(name) { form.get(name).to_owned() } else { kept.clone().unwrap_or_default() }
    };
    let wrong = |name: &str| errors.of(name).next().is_some();
    let (status, reference) = (held.status(), held.me_too.reference().to_string());
    let told = held.me_too.told_at.is_some();
    let done = asked(opened.request, "done");
    let url = format!("{}{}", opened.app.public_url(), opened.here());
    let mut next = Vec::new();
    if status != Status::Resolved {
        let reachable = held.contact.phone.is_some() || held.contact.email.is_some();
        next.push(page.t("known-next-answer"));
        next.push(page.t(if reachable { "receipt-next-contact" } else { "receipt-next-no-contact" }));
    }
    Ok(ReceiptPage {
        title: page.with("known-receipt-title", [("reference", &reference)]),
        here: opened.here(),
        qr: Qr::of(&url),
        url,
        code: Receipt::code_of(&opened.link).unwrap_or_default(),
        received: Some(asked(opened.request, "received")).filter(|r| r == "me-too").unwrap_or_default(),
        sent: done == "message",
        done: words::done(&done).map(|key| page.t(key)).unwrap_or_default(),
        trouble: String::new(),
        issue: Shown::of(&held.issue, page.words, default),
        status: words::status(&page, status),
        stands: words::stands(&page, status, held.me_too.verdict),
        others: Vec::new(),
        survey,
        report: HeldMeToo::of(&held, default),
        window: held.window.as_ref().map(|w| (w.slug.to_string(), w.title(language, default))),
        next,
        history,
        asks_fixed: held.me_too.verdict != Some(Verdict::Fixed),
        asks_not_fixed: told && held.me_too.verdict != Some(Verdict::NotFixed),
        phone: typed("phone", &held.contact.phone),
        email: typed("email", &held.contact.email),
        contact_open: wrong("phone") || wrong("email"),
        erase_open: wrong("confirm"),
        form: if form.has("idempotency_key") { form } else { form.set("idempotency_key", random_secret()) },
        errors,
        page,
    })
}

async fn act<T: Send + 'static>(
    opened: &Opened<'_>,
    form: Form,
    done: &str,
    change: impl FnMut(&mut Write<'_>) -> Result<T, Error> + Send + 'static,
) -> Result<HttpResponse, Failure> {
    if let Err(seconds) = opened.app.limits.check(Limited::Submission, opened.visitor.address) {
        return again(opened, form, Failure::TooMany(seconds)).await;
    }
    match opened.app.store.write(change).await {
        Ok(_) => Ok(see_other(&format!("{}?done={done}", opened.here()))),
        Err(error) => again(opened, form, error.into()).await,
    }
}

async fn again(opened: &Opened<'_>, form: Form, failure: Failure) -> Result<HttpResponse, Failure> {
    let untaken = Untaken::of(failure, "a receipt's change")?;
    let shown = page(opened, untaken.form(form), untaken.errors.clone());
    let mut shown = shown_around(untaken.has_waited, shown).await?;
    shown.trouble = untaken.trouble(&shown.page);
    untaken.answer(&shown)
}

/// The page.
pub(super) async fn show(opened: &Opened<'_>) -> Result<HttpResponse, Failure> {
    private_page(&page(opened, Form::default(), FieldErrors::new()).await?)
}

/// What the holder writes.
pub(super) async fn message(opened: &Opened<'_>, form: Form) -> Result<HttpResponse, Failure> {
    let mut errors = FieldErrors::new();
    let text = errors.keep(Block::required("message", form.get("message"), COMMENT_MAX));
    let key = errors.keep(IdempotencyKey::parse("idempotency_key", form.get("idempotency_key")));
    let (Some(text), Some(key)) = (text, key) else { return again(opened, form, errors.into()).await };
    let link = opened.link.clone();
    act(opened, form, "message", move |w| me_toos::reply(w, &link, &key, &text)).await
}

/// How the holder can be reached.
pub(super) async fn contact(opened: &Opened<'_>, form: Form) -> Result<HttpResponse, Failure> {
    let contact = match Contact::parse(form.get("phone"), form.get("email")) {
        Ok(contact) => contact,
        Err(mut errors) => {
            for error in &mut errors.0 {
                error.field = error.field.trim_start_matches("contact.").to_owned();
            }
            return again(opened, form, errors.into()).await;
        }
    };
    let link = opened.link.clone();
    act(opened, form, "contact", move |w| me_toos::set_contact(w, &link, &contact)).await
}

/// Whether it works again.
pub(super) async fn verdict(opened: &Opened<'_>, form: Form) -> Result<HttpResponse, Failure> {
    let Some(verdict) = Verdict::from_code(form.get("verdict")) else {
        return again(opened, form, FieldErrors::one("verdict", "unknown-code").into()).await;
    };
    let link = opened.link.clone();
    act(opened, form, verdict.code(), move |w| me_toos::judge(w, &link, verdict)).await
}

/// Erases it.
pub(super) async fn erase(opened: &Opened<'_>, form: Form) -> Result<HttpResponse, Failure> {
    let reference = held(opened).await?.me_too.reference().to_string();
    if let Some(errors) = confirm::wrong_word(&form, &reference) {
        return again(opened, form, errors.into()).await;
    }
    let link = opened.link.clone();
    opened.app.store.write(move |w| me_toos::erase(w, &link)).await?;
    Ok(see_other("/receipts?erased=1"))
}

/// Everything about it, to keep.
pub(super) async fn data(opened: &Opened<'_>) -> Result<HttpResponse, Failure> {
    let held = HeldMeToo::of(&held(opened).await?, opened.app.settings().default_language);
    let text = serde_json::to_string_pretty(&held).map_err(|e| Error::Internal(e.to_string()))?;
    Ok(HttpResponse::Ok()
        .content_type("application/json; charset=utf-8")
        .insert_header((
            header::CONTENT_DISPOSITION,
            format!("attachment; filename=\"{}.json\"", held.reference),
        ))
        .body(text))
}
