//! Reports for staff: lists, one report with its history, and triage.

use actix_web::{HttpRequest, HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::not_kept;
use crate::domain::fields::FieldErrors;
use crate::domain::instant::Instant;
use crate::domain::json;
use crate::domain::language::Language;
use crate::domain::line::{Block, COMMENT_MAX};
use crate::domain::person::Role;
use crate::domain::reference::ReportReference;
use crate::domain::report::{Category, Impact, Precision, Severity, Source, Status, Verdict};
use crate::domain::report_filter::{self, Filter};
use crate::domain::targets::DueState;
use crate::domain::urgency::Reason;
use crate::domain::window::ReportStage;
use crate::store::known_issues;
use crate::store::people::Actor;
use crate::store::reports::events::{self, Event, EventKind};
use crate::store::reports::list::{self, Cursor, Listed, Sort};
use crate::store::reports::weigh::Scales;
use crate::store::reports::{by_reference, filter, images, triage};
use crate::store::search::Sight;
use crate::web::app::App;
use crate::web::etag;
use crate::web::failure::Failure;
use crate::web::form::{Json, Query};
use crate::web::listing;
use crate::web::once::Once;
use crate::web::receipt_view::HeldImage;
use crate::web::visitor::{Support, Viewer};

/// How a reporter can be reached.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ContactOut {
    /// Telephone number.
    phone: Option<String>,
    /// E-mail address.
    email: Option<String>,
}

/// One thing that happened to a report.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct EventOut {
    /// What happened.
    kind: EventKind,
    /// What it was before: a status, a severity, a name, or `window/stage`.
    was: Option<String>,
    /// What it became.
    became: Option<String>,
    /// What was written: a note, an answer, a message.
    content: Option<String>,
    /// The name of the person who did it; nothing for the reporter, a program or the clock.
    author: Option<String>,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    at: Instant,
}

/// A report as staff see it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ReportOut {
    /// Its name.
    #[schema(value_type = String, example = "R-7KQ4M2")]
    reference: ReportReference,
    /// The slug of the window that it belongs to; nothing if it is kept outside of all.
    window: Option<String>,
    /// The stage in which it occurred.
    stage: Option<ReportStage>,
    /// The slug of the window that the sender named.
    filed_under: Option<String>,
    /// When it occurred, if that is known.
    #[schema(value_type = Option<String>, format = DateTime)]
    occurred_at: Option<Instant>,
    /// How exactly that is known.
    precision: Precision,
    /// When it arrived.
    #[schema(value_type = String, format = DateTime)]
    received_at: Instant,
    /// When it was written, if that was before it could be sent.
    #[schema(value_type = Option<String>, format = DateTime)]
    written_at: Option<Instant>,
    /// The sender's zone.
    time_zone: Option<String>,
    /// The key of the component that it is about.
    component: Option<String>,
    /// What kind of problem it is.
    category: Category,
    /// What it stops the reporter from doing.
    impact: Impact,
    /// How urgently support takes it.
    severity: Option<Severity>,
    /// Where it stands.
    status: Status,
    /// The name of the person who looks after it.
    assignee: Option<String>,
    /// The language that the sender reads.
    #[schema(value_type = String)]
    language: Language,
    /// On which way it came.
    source: Source,
    /// When support first answered.
    #[schema(value_type = Option<String>, format = DateTime)]
    first_answer_at: Option<Instant>,
    /// When it was resolved.
    #[schema(value_type = Option<String>, format = DateTime)]
    resolved_at: Option<Instant>,
    /// What the reporter says of the outcome.
    verdict: Option<Verdict>,
    /// Whether the reporter wrote after the last answer.
    wrote_again: bool,
    /// The number of the known issue that it is linked to.
    known_issue: Option<i64>,
    /// How urgent it is: rises with urgency, 0 once it is done. Lists sorted by `urgent` go by it.
    urgency: i32,
    /// Why it is as urgent as it is.
    urgency_reasons: Vec<Reason>,
    /// By when a first answer was promised.
    #[schema(value_type = Option<String>, format = DateTime)]
    answer_due_at: Option<Instant>,
    /// By when it is to be resolved.
    #[schema(value_type = Option<String>, format = DateTime)]
    resolution_due_at: Option<Instant>,
    /// Whether the next of these moments has passed or comes soon.
    due: Option<DueState>,
    /// The report that says the same, while the status is `duplicate`.
    #[schema(value_type = Option<String>, example = "R-7KQ4M2")]
    duplicate_of: Option<ReportReference>,
    /// What happened; nothing once the report is erased.
    description: Option<String>,
    /// The message that the service showed.
    error_message: Option<String>,
    /// Account or order number; absent below the role `support`.
    #[serde(skip_serializing_if = "Option::is_none")]
    account: Option<Option<String>>,
    /// How the reporter can be reached; absent below the role `support`.
    #[serde(skip_serializing_if = "Option::is_none")]
    contact: Option<ContactOut>,
    /// The pictures that the reporter added; absent below the role `support` and in lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    images: Option<Vec<HeldImage>>,
    /// Rises with every change; the `ETag` of the report.
    revision: i64,
    /// What happened to it, oldest first; absent in lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    history: Option<Vec<EventOut>>,
}

impl ReportOut {
    fn of(listed: Listed, scales: &Scales, role: Role) -> ReportOut {
        let Listed { report, content, window, filed_under, component, assignee } = listed;
        let content = content.unwrap_or_default();
        let support = role.may(Role::Support);
        let wrote_again = scales.wrote(&report);
        let (urgency_reasons, due) = (scales.reasons(&report), scales.due_state(&report));
        ReportOut {
            reference: report.reference(),
            window: window.map(|w| w.slug),
            stage: report.stage,
            filed_under: filed_under.map(|w| w.slug),
            occurred_at: report.occurred_at,
            precision: report.precision,
            received_at: report.received_at,
            written_at: report.written_at,
            time_zone: report.time_zone,
            component: component.map(|c| c.key),
            category: report.category,
            impact: report.impact,
            severity: report.severity,
            status: report.status,
            assignee,
            language: report.language,
            source: report.source,
            first_answer_at: report.first_answer_at,
            resolved_at: report.resolved_at,
            verdict: report.verdict,
            wrote_again,
            known_issue: report.known_issue_id,
            urgency: report.urgency,
            urgency_reasons,
            answer_due_at: report.answer_due_at,
            resolution_due_at: report.resolution_due_at,
            due,
            duplicate_of: report.duplicate_of_id.map(ReportReference),
            // A description is never empty unless it is gone.
            description: Some(content.description).filter(|d| !d.is_empty()),
            error_message: content.error_message,
            account: support.then_some(content.account),
            contact: support.then_some(ContactOut { phone: content.phone, email: content.email }),
            images: None,
            revision: report.revision,
            history: None,
        }
    }
}

/// A piece of a list of reports.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReportsOut {
    /// The reports.
    items: Vec<ReportOut>,
    /// What to ask for as `cursor` to go on; nothing at the end.
    next_cursor: Option<String>,
}

/// The fields of a list's query beside those of the filter.
const FIELDS: &[&str] = &["sort", "cursor", "limit"];

/// The fields that a list of reports knows.
fn known() -> Vec<&'static str> {
    [report_filter::FIELDS, FIELDS].concat()
}

/// Reads the order of a list: `newest` unless said otherwise.
pub fn sort(text: &str) -> Result<Sort, FieldErrors> {
    match text {
        "" => Ok(Sort::Newest),
        code => Sort::from_code(code).ok_or_else(|| FieldErrors::one("sort", "unknown-code")),
    }
}

/// Reports, newest or most urgent first.
#[utoipa::path(
    get, path = "/api/v1/reports", operation_id = "listReports", tag = "reports",
    params(
        ("window" = Option<String>, Query, description = "Slug of a window; `-`: outside of all"),
        ("stage" = Option<String>, Query, description = "Stage; `-`: none"),
        ("component" = Option<String>, Query, description = "Key of a component; `-`: none"),
        ("category" = Option<Category>, Query, description = "Category"),
        ("impact" = Option<Impact>, Query, description = "Impact"),
        ("severity" = Option<String>, Query, description = "Severity; `-`: none given yet"),
        ("status" = Option<String>, Query, description = "Status; `open`: all that are not done"),
        ("assignee" = Option<String>, Query, description = "Name of a person; `-`: nobody; `me`: whoever asks"),
        ("due" = Option<DueState>, Query, description = "What was promised is overdue, or due soon"),
        ("verdict" = Option<Verdict>, Query, description = "What the reporter says of the outcome"),
        ("wrote" = Option<String>, Query, description = "`again`: the reporter wrote after the last answer"),
        ("from" = Option<String>, Query, description = "Received at this moment or later: RFC 3339, or local time or date in the service's zone"),
        ("to" = Option<String>, Query, description = "Received before this moment; a date includes that day"),
        ("shift" = Option<String>, Query, description = "Received in this shift of the service's zone: `last_night` (18:00–09:00), `today`, `yesterday`, `last_7_days`; instead of `from` and `to`"),
        ("q" = Option<String>, Query, description = "Words that all stand in what was said or written of a report, or a reference: Chinese of any length, other words by their beginning; with the role `support` also accounts and contacts. What came in a second ago may not be found yet"),
        ("sort" = Option<String>, Query, description = "`newest` (unless given) or `oldest` first, `urgent` or `calm`, `due`, `occurred`, `severity`, `status`, `impact`, `component`, `stage`, `assignee`; the latter turned round with `_last` (`occurred_first`)"),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the piece before"),
        ("limit" = Option<i64>, Query, description = "1–200, 50 unless given"),
    ),
    responses((status = 200, body = ReportsOut), (status = 304, description = "As `If-None-Match` knows it")),
)]
pub async fn list(
    app: web::Data<App>,
    request: HttpRequest,
    query: Query,
    guard: Viewer,
) -> Result<HttpResponse, Failure> {
    let query = query.only(&known())?;
    let mut errors = FieldErrors::new();
    let filter = errors.keep(Filter::parse(query.pairs(), app.settings().time_zone, app.now()));
    let sort = errors.keep(sort(query.get("sort")));
    let limit = errors.keep(listing::limit(query.get("limit")));
    let cursor = match (query.get("cursor"), sort) {
        ("", _) | (_, None) => None,
        (text, Some(sort)) => errors.keep(Cursor::parse("cursor", text, sort)),
    };
    let (Some(filter), Some(sort), Some(limit), true) = (filter, sort, limit, errors.is_empty()) else {
        return Err(errors.into());
    };
    let role = guard.0.role();
    let (filter, now) = (filter.asked_by(guard.0.person_id()), app.now());
    let (page, scales) = app
        .store
        .read(move |c| {
            let found = filter::find_as(c, &filter, Sight::of(role))?;
            Ok((list::page(c, &found, sort, cursor, limit)?, Scales::load(c, now)?))
        })
        .await?;
    let items: Vec<_> = page.items.into_iter().map(|listed| ReportOut::of(listed, &scales, role)).collect();
    let list = ReportsOut { items, next_cursor: page.next.map(|c| c.to_string()) };
    Ok(etag::json(&request, not_kept(HttpResponse::Ok()), list.items.len() as i64, &list))
}

async fn one(
    app: &App,
    request: &HttpRequest,
    reference: ReportReference,
    actor: &Actor,
) -> Result<HttpResponse, Failure> {
    let now = app.now();
    let (listed, events, names, images, scales) = app
        .store
        .read(move |c| {
            let report = by_reference(c, reference)?;
            let events = events::list(c, report.id)?;
            let names = list::people_names(c, events.iter().map(|e| e.author_id))?;
            let images = images::list(c, report.id)?;
            Ok((list::listed(c, report)?, events, names, images, Scales::load(c, now)?))
        })
        .await?;
    let revision = listed.report.revision;
    let mut out = ReportOut::of(listed, &scales, actor.role());
    let history = |event: Event| EventOut {
        kind: event.kind,
        was: event.was,
        became: event.became,
        content: event.content,
        author: event.author_id.and_then(|id| names.get(&id).cloned()),
        at: event.at,
    };
    out.images = actor.role().may(Role::Support).then(|| images.iter().map(HeldImage::of).collect());
    out.history = Some(events.into_iter().map(history).collect());
    Ok(etag::json(request, not_kept(HttpResponse::Ok()), revision, &out))
}

fn reference(path: &str) -> Result<ReportReference, Failure> {
    ReportReference::parse(path).ok_or(Failure::NOT_FOUND)
}

/// One report with its history.
#[utoipa::path(
    get, path = "/api/v1/reports/{reference}", operation_id = "showReport", tag = "reports",
    params(("reference" = String, Path, description = "The report's name")),
    responses(
        (status = 200, body = ReportOut, headers(("ETag" = String, description = "For `If-Match` and `If-None-Match`"))),
        (status = 304, description = "As `If-None-Match` knows it"),
    ),
)]
pub async fn show(
    app: web::Data<App>,
    request: HttpRequest,
    path: web::Path<String>,
    query: Query,
    guard: Viewer,
) -> Result<HttpResponse, Failure> {
    query.only(&[])?;
    one(&app, &request, reference(&path)?, &guard.0).await
}

/// What support changes of a report. What is left out stays as it is.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReportChange {
    /// Where it stands from now on.
    #[serde(default)]
    status: Option<Status>,
    /// How urgently it is taken; `null` takes the severity away.
    #[serde(default, deserialize_with = "json::given")]
    #[schema(value_type = Option<Severity>)]
    severity: Option<Option<Severity>>,
    /// The name of the person who looks after it; `null`: nobody.
    #[serde(default, deserialize_with = "json::given")]
    #[schema(value_type = Option<String>)]
    assignee: Option<Option<String>>,
    /// The number of the known issue that it is linked to; `null`: none.
    #[serde(default, deserialize_with = "json::given")]
    #[schema(value_type = Option<i64>)]
    known_issue: Option<Option<i64>>,
    /// The name of the report that says the same; makes this one a duplicate.
    #[serde(default)]
    #[schema(example = "R-7KQ4M2")]
    duplicate_of: Option<String>,
    /// Something for colleagues only, at most 2,000 characters.
    #[serde(default)]
    note: Option<String>,
    /// Something that the reporter reads, at most 2,000 characters.
    #[serde(default)]
    answer: Option<String>,
    /// What the reporter wrote last was read and needs no answer.
    #[serde(default)]
    heard: Option<bool>,
}

impl ReportChange {
    fn parse(self) -> Result<triage::Changes, FieldErrors> {
        let mut errors = FieldErrors::new();
        let mut block = |field: &str, text: Option<String>| match text {
            Some(text) => errors.keep(Block::required(field, &text, COMMENT_MAX)),
            None => None,
        };
        let (note, answer) = (block("note", self.note), block("answer", self.answer));
        let (status, severity, assignee) = (self.status, self.severity, self.assignee);
        let duplicate_of = errors
            .keep(ReportReference::of_original(self.duplicate_of.as_deref().unwrap_or_default()))
            .flatten();
        errors.or(triage::Changes {
            status,
            severity,
            assignee,
            duplicate_of,
            note,
            answer,
            heard: self.heard.unwrap_or(false),
        })
    }
}

/// Triage: change a report, note something, answer its reporter. With `If-Match` only if the report
/// is still as it was looked at (else 412).
#[utoipa::path(
    patch, path = "/api/v1/reports/{reference}", operation_id = "changeReport", tag = "reports",
    params(
        ("reference" = String, Path, description = "The report's name"),
        ("If-Match" = Option<String>, Header, description = "The `ETag` of the report as it was looked at"),
        ("Idempotency-Key" = Option<String>, Header, description = "Sent twice under one key it is done once: 22 to 128 letters, digits or - _ . ~"),
    ),
    request_body = ReportChange,
    responses((status = 200, body = ReportOut, description = "The report as it now is")),
)]
pub async fn change(
    app: web::Data<App>,
    request: HttpRequest,
    path: web::Path<String>,
    guard: Support,
    body: Json<ReportChange>,
) -> Result<HttpResponse, Failure> {
    let reference = reference(&path)?;
    let (expected, once) = (etag::stated_sequence(&request)?, Once::of_call(&request)?);
    let known = body.0.known_issue;
    let changes = body.0.parse()?;
    let actor = guard.0.clone();
    let scope = format!("call report {reference}");
    let change = move |w: &mut crate::store::Write<'_>| {
        once.act(w, &scope, |w| {
            triage::change(w, &actor, reference.0, expected, &changes)?;
            match known {
                Some(issue) => known_issues::set_link(w, &actor, reference.0, issue),
                None => Ok(()),
            }
        })
    };
    app.store.write(change).await?;
    one(&app, &request, reference, &guard.0).await
}
