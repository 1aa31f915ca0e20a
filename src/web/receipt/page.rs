//! The page of a receipt, put together.

use askama::Template;

use super::qr::Qr;
use super::{Opened, asked, words};
use crate::domain::fields::FieldErrors;
use crate::domain::instant::Instant;
use crate::domain::report::{Contact, Precision, Status, Verdict};
use crate::domain::screenshot::COUNT_MAX;
use crate::domain::secret::Receipt;
use crate::domain::zone::Zone;
use crate::store::counters;
use crate::store::instance::random_secret;
use crate::store::reports::Held;
use crate::store::surveys::invitations::Receipted;
use crate::web::failure::Failure;
use crate::web::form::Form;
use crate::web::known_issue::Shown;
use crate::web::page::Page;
use crate::web::receipt_view::{HeldReport, Promise};
use crate::web::times::Times;

#[derive(Template)]
#[template(path = "reports/receipt.html")]
pub(super) struct ReceiptPage {
    pub(super) page: Page,
    form: Form,
    errors: FieldErrors,
    title: String,
    /// The address of this page without a slash at its end.
    here: String,
    code: String,
    url: String,
    qr: Option<Qr>,
    /// The survey by a personal link, while it is open and not answered by it.
    survey: Option<String>,
    /// Under which name the browser kept what was typed; empty unless it was just sent.
    received: String,
    /// What was just done, as a sentence.
    done: String,
    /// That was a message, so the browser may forget it.
    sent: bool,
    /// Why nothing was saved; empty if it was not tried.
    pub(super) trouble: String,
    report: HeldReport,
    /// The window's title.
    window: String,
    component: String,
    others: Vec<String>,
    /// Where it stands, in a word and as a sentence.
    status: String,
    stands: String,
    /// What happens next, as sentences.
    next: Vec<String>,
    occurred: Moment,
    received_at: Moment,
    history: Vec<Line>,
    /// The known issue behind it, if the public sees it.
    known: Option<Shown>,
    /// It may be said that it works again; also that it does not.
    asks_fixed: bool,
    asks_not_fixed: bool,
    /// How many pictures may still be added.
    room: usize,
    /// What stands in the contact's fields.
    phone: String,
    email: String,
    contact_open: bool,
    erase_open: bool,
}

impl ReceiptPage {
    /// How many pictures may still be added, for the plural of a message.
    fn room(&self) -> usize {
        self.room
    }
}

/// A moment for people and for programs.
pub(super) struct Moment {
    pub(super) machine: String,
    pub(super) shown: String,
}

impl Moment {
    pub(super) fn of(times: Times, at: Instant) -> Moment {
        Moment { machine: at.rfc3339(), shown: times.moment(at) }
    }
}

/// One line of the history.
pub(super) struct Line {
    pub(super) at: Moment,
    /// Who or what, and the class of the badge around it; no class: a person.
    pub(super) title: String,
    pub(super) badge: String,
    /// What it means, in a sentence of ours.
    pub(super) says: String,
    /// What was written.
    pub(super) text: String,
}

impl Opened<'_> {
    /// The page with what was typed and what is wrong with it.
    pub(super) async fn page(&self, form: Form, errors: FieldErrors) -> Result<ReceiptPage, Failure> {
        let held = self.held().await?;
        let (window, now) = (held.report.window_id, self.app.now());
        let others = self.app.store.read(move |c| counters::others(c, window)).await?;
        let page = Page::bare(self.request, self.visitor);
        let settings = self.app.settings();
        let (language, default) = (self.visitor.language, settings.default_language);
        // Whoever reported is asked how it went by a link of their own.
        let contact = Contact { phone: held.content.phone.clone(), email: held.content.email.clone() };
        let receipt = Receipted::Report(held.report.id);
        let survey = self.survey(held.window.as_ref(), receipt, contact).await?;
        let times = Times::new(page.words, zone(&held, settings.time_zone));
        let component = held.component.as_ref().map_or("", |c| c.label(language, default)).to_owned();
        let status = held.report.status;
        let view = HeldReport::of(&held, default);
        let typed = |name: &str, kept: &Option<String>| {
            if form.has(name) { form.get(name).to_owned() } else { kept.clone().unwrap_or_default() }
        };
        let wrong = |name: &str| errors.of(name).next().is_some();
        let reference = held.report.reference().to_string();
        let url = format!("{}{}", self.app.public_url(), self.here());
        let done = asked(self.request, "done");
        Ok(ReceiptPage {
            title: page.with("receipt-title", [("reference", &reference)]),
            survey,
            here: self.here(),
            code: Receipt::code_of(&self.link).unwrap_or_default(),
            qr: Qr::of(&url),
            url,
            sent: done == "message",
            done: words::done(&done).map(|key| page.t(key)).unwrap_or_default(),
            received: asked(self.request, "received"),
            trouble: String::new(),
            window: held.window.as_ref().map(|w| w.title(language, default)).unwrap_or_default(),
            others: words::others_beside(&page, &held, &others, &component),
            stands: words::stands(&page, status, held.report.verdict),
            status: words::status(&page, status),
            next: words::next(&page, times, &held, Promise::of(&held, now)),
            occurred: occurred(&page, times, &held),
            received_at: Moment::of(times, held.report.received_at),
            history: words::history(&page, times, &view.history),
            known: held.known.as_ref().map(|issue| Shown::of(issue, page.words, default)),
            asks_fixed: held.report.verdict != Some(Verdict::Fixed),
            asks_not_fixed: matches!(status, Status::Resolved | Status::Closed) || held.told,
            room: COUNT_MAX.saturating_sub(held.images.len()),
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
}

/// The zone in which the reader is told times: their own, else that of the window, else the service's.
fn zone(held: &Held, service: Zone) -> Zone {
    let own = held.report.time_zone.as_deref().and_then(|z| z.parse().ok());
    own.or(held.window.as_ref().map(|w| w.zone())).unwrap_or(service)
}

/// When it occurred, as exactly as that is known.
fn occurred(page: &Page, times: Times, held: &Held) -> Moment {
    let Some(at) = held.report.occurred_at else {
        return Moment { machine: String::new(), shown: page.word("precision", "unknown") };
    };
    let exact = Moment::of(times, at);
    match held.report.precision {
        Precision::About => {
            Moment { shown: page.with("receipt-about", [("time", &exact.shown)]), machine: exact.machine }
        }
        _ => exact,
    }
}
