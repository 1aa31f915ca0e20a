//! What the holder of a receipt is told, the same for the page and for programs.

use serde::Serialize;

use crate::domain::instant::Instant;
use crate::domain::known_issue::IssueStatus;
use crate::domain::language::{Language, Texts};
use crate::domain::reference::{MeTooReference, ReportReference};
use crate::domain::report::{Category, Impact, Precision, Status, Verdict};
use crate::domain::secret::Receipt;
use crate::domain::window::ReportStage;
use crate::store::Error;
use crate::store::reports::events::{Event, EventKind};
use crate::store::reports::images::ImageInfo;
use crate::store::reports::{self, Held};
use crate::store::{known_issues::KnownIssue, me_toos};
use crate::web::app::App;
use crate::web::failure::Failure;
use crate::web::limits::Limited;
use crate::web::visitor::Visitor;

/// A report as its holder may see it.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct HeldReport {
    /// Its name.
    #[schema(value_type = String, example = "R-7KQ4M2")]
    pub reference: ReportReference,
    /// Where it stands.
    pub status: Status,
    /// Where the report stands that this one repeats, while the status is `duplicate`; what is answered
    /// there stands in this one's history, too.
    pub original_status: Option<Status>,
    /// The slug of the window that it belongs to.
    pub window: Option<String>,
    /// The stage in which it occurred.
    pub stage: Option<ReportStage>,
    /// The key of the component that it is about.
    pub component: Option<String>,
    /// What kind of problem it is.
    pub category: Category,
    /// What it stops the reporter from doing.
    pub impact: Impact,
    /// When it occurred.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub occurred_at: Option<Instant>,
    /// How exactly that is known.
    pub precision: Precision,
    /// When it arrived.
    #[schema(value_type = String, format = DateTime)]
    pub received_at: Instant,
    /// What happened, as typed.
    pub description: String,
    /// The message that the service showed.
    pub error_message: Option<String>,
    /// Account or order number.
    pub account: Option<String>,
    /// Device and browser.
    pub device: Option<String>,
    /// The pictures that the reporter added, in their order.
    pub images: Vec<HeldImage>,
    /// How the reporter can be reached.
    pub contact: HeldContact,
    /// The language that the reporter reads.
    pub language: Language,
    /// When support first answered.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub first_answer_at: Option<Instant>,
    /// By when support means to have answered; null where its hours are not known.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub answer_by: Option<Instant>,
    /// When it was resolved.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub resolved_at: Option<Instant>,
    /// What the reporter says of the outcome.
    pub verdict: Option<Verdict>,
    /// The known issue behind it with what to do meanwhile, if the public sees it.
    pub known_issue: Option<HeldKnownIssue>,
    /// What happened to it, oldest first.
    pub history: Vec<HeldEvent>,
}

/// How a reporter can be reached.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct HeldContact {
    /// A telephone number.
    pub phone: Option<String>,
    /// An e-mail address.
    pub email: Option<String>,
}

/// A picture of a report. It is fetched below the receipt: `images/{id}`.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct HeldImage {
    /// Its number.
    pub id: i64,
    /// Its media type.
    #[schema(example = "image/png")]
    pub media_type: &'static str,
    /// Its width in pixels.
    pub width: i32,
    /// Its height in pixels.
    pub height: i32,
    /// The size of its file in bytes.
    pub bytes: i32,
    /// When it was added.
    #[schema(value_type = String, format = DateTime)]
    pub added_at: Instant,
    /// The file itself in Base64, in what the reporter takes along; nowhere else.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(ignore)]
    pub content: Option<String>,
}

impl HeldImage {
    /// What is said of a picture.
    pub fn of(image: &ImageInfo) -> HeldImage {
        let ImageInfo { id, kind, width, height, bytes, added_at } = *image;
        HeldImage { id, media_type: kind.media_type(), width, height, bytes, added_at, content: None }
    }
}

/// Something that happened to a report.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct HeldEvent {
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub at: Instant,
    /// What.
    pub kind: EventKind,
    /// The status or verdict that it became; of `original` the status of the report that this one repeats;
    /// of a picture `added` or `removed`.
    pub became: Option<String>,
    /// What support answered or the reporter wrote.
    pub text: Option<String>,
}

impl HeldReport {
    /// What its holder may see of it.
    pub fn of(held: &Held, default: Language) -> HeldReport {
        let report = &held.report;
        HeldReport {
            reference: report.reference(),
            status: report.status,
            original_status: held.original,
            window: held.window.as_ref().map(|w| w.slug.to_string()),
            stage: report.stage,
            component: held.component.as_ref().map(|c| c.key.clone()),
            category: report.category,
            impact: report.impact,
            occurred_at: report.occurred_at,
            precision: report.precision,
            received_at: report.received_at,
            description: held.content.description.clone(),
            error_message: held.content.error_message.clone(),
            account: held.content.account.clone(),
            device: held.content.device.clone(),
            images: held.images.iter().map(HeldImage::of).collect(),
            contact: HeldContact { phone: held.content.phone.clone(), email: held.content.email.clone() },
            language: report.language,
            first_answer_at: report.first_answer_at,
            answer_by: report.answer_due_at,
            resolved_at: report.resolved_at,
            verdict: report.verdict,
            known_issue: (held.known.as_ref())
                .map(|issue| HeldKnownIssue::of(issue, report.language, default)),
            history: held.events.iter().map(HeldEvent::of).collect(),
        }
    }
}

/// A me-too as its holder may see it.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct HeldMeToo {
    /// Its name.
    #[schema(value_type = String, example = "M-7KQ4M2")]
    pub reference: MeTooReference,
    /// Where it stands.
    pub status: Status,
    /// The slug of the window that the known issue belongs to.
    pub window: Option<String>,
    /// The known issue.
    pub known_issue: HeldKnownIssue,
    /// When it was said.
    #[schema(value_type = String, format = DateTime)]
    pub received_at: Instant,
    /// How the holder can be reached.
    pub contact: HeldContact,
    /// The language that the holder reads.
    pub language: Language,
    /// When they were told that it is resolved.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub resolved_at: Option<Instant>,
    /// What the holder says of the outcome.
    pub verdict: Option<Verdict>,
    /// What happened to it, oldest first.
    pub history: Vec<HeldEvent>,
}

/// A known issue as its public texts tell it, in the holder's language.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct HeldKnownIssue {
    /// Its number.
    pub id: i64,
    /// Where it stands.
    pub status: IssueStatus,
    /// What it is called.
    pub title: String,
    /// What is known of it.
    pub body: String,
    /// What to do meanwhile.
    pub workaround: String,
    /// How many met it.
    pub met: i64,
}

impl HeldKnownIssue {
    fn of(issue: &KnownIssue, language: Language, default: Language) -> HeldKnownIssue {
        let said = |texts: &Texts| texts.text(language, default).to_owned();
        HeldKnownIssue {
            id: issue.fact.id,
            status: issue.fact.status,
            title: said(&issue.texts.title),
            body: said(&issue.texts.body),
            workaround: said(&issue.texts.workaround),
            met: issue.met(),
        }
    }
}

impl HeldMeToo {
    /// What its holder may see of it.
    pub fn of(held: &me_toos::Held, default: Language) -> HeldMeToo {
        let me_too = &held.me_too;
        HeldMeToo {
            reference: me_too.reference(),
            status: held.status(),
            window: held.window.as_ref().map(|w| w.slug.to_string()),
            known_issue: HeldKnownIssue::of(&held.issue, me_too.language, default),
            received_at: me_too.created_at,
            contact: HeldContact { phone: held.contact.phone.clone(), email: held.contact.email.clone() },
            language: me_too.language,
            resolved_at: me_too.told_at,
            verdict: me_too.verdict,
            history: (held.events.iter())
                .map(|event| HeldEvent {
                    at: event.at,
                    kind: event.kind,
                    became: event.became.clone(),
                    text: event.content.clone(),
                })
                .collect(),
        }
    }
}

impl HeldEvent {
    fn of(event: &Event) -> HeldEvent {
        let said = matches!(event.kind, EventKind::Answer | EventKind::Message);
        let became = matches!(
            event.kind,
            EventKind::Status | EventKind::Original | EventKind::Verdict | EventKind::Image
        );
        HeldEvent {
            at: event.at,
            kind: event.kind,
            became: event.became.clone().filter(|_| became),
            text: event.content.clone().filter(|_| said),
        }
    }
}

/// What support owes the holder, as far as an answer goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Promise {
    /// Support has answered, or the report is done with.
    Kept,
    /// Somebody is there now and answers by then.
    Now(Instant),
    /// Support is there again at the first moment, and answers by the second.
    Later(Instant, Instant),
    /// That moment has passed without an answer.
    Missed(Instant),
    /// Nobody has said when support is there.
    Unknown,
}

impl Promise {
    /// What support owes the holder of this report now, as it was promised when the report came in.
    pub fn of(held: &Held, now: Instant) -> Promise {
        if held.report.first_answer_at.is_some() || held.report.status.is_done() {
            return Promise::Kept;
        }
        let hours = held.hours.as_ref();
        match (hours.and_then(|h| h.next_open(now)), held.report.answer_due_at) {
            (_, Some(by)) if by < now => Promise::Missed(by),
            (Some(open), Some(by)) if open > now => Promise::Later(open, by),
            (_, Some(by)) => Promise::Now(by),
            (_, None) => Promise::Unknown,
        }
    }
}

/// The link behind what stands in an address: the link itself, or a code, which is throttled as
/// codes are wherever they are tried. What is neither is not found.
pub async fn link_behind(app: &App, visitor: &Visitor, secret: String) -> Result<String, Failure> {
    if Receipt::is_link(&secret) {
        return Ok(secret);
    }
    link_of_code(app, visitor, secret).await
}

/// The link that belongs to a code; a wrong code, one of no report and no code at all are the same.
pub async fn link_of_code(app: &App, visitor: &Visitor, code: String) -> Result<String, Failure> {
    app.limits.check(Limited::Code, visitor.address).map_err(Failure::TooMany)?;
    let instance = app.key.clone();
    let found = app
        .store
        .read(move |c| match reports::link_of_code(c, &instance, &code) {
            Err(Error::NotFound) => me_toos::link_of_code(c, &instance, &code),
            other => other,
        })
        .await;
    found.map_err(|error| match error {
        Error::NotFound => Failure::NOT_FOUND,
        other => other.into(),
    })
}
