//! What the holder of a receipt may see and do. Every verb is given the link and checks it in its own
//! transaction; a wrong link and an unknown report are the same: not found.

use diesel::prelude::*;

use super::events::{self, Event, EventKind, NewEvent};
use super::images::{self, ImageInfo};
use super::{Report, ReportContent, by_id, changed_one, content, deadlines, duplicates, weigh, wrote};
use crate::domain::instant::Instant;
use crate::domain::line::Block;
use crate::domain::reference::ReportReference;
use crate::domain::report::{Contact, Status, Verdict};
use crate::domain::secret::{self, IdempotencyKey, InstanceKey, Receipt};
use crate::domain::support_hours::SupportHours;
use crate::domain::targets::Moved;
use crate::store::components::{self, Component};
use crate::store::connection::Db;
use crate::store::error::{Error, Result};
use crate::store::schema::{report_contents, report_events, reports};
use crate::store::windows::{self, Window};
use crate::store::{Write, audit, changes, counters, idempotency, known_issues, search, triage_rules};

/// A report with everything that its holder may see.
#[derive(Debug, Clone)]
pub struct Held {
    /// The fact.
    pub report: Report,
    /// What it says; always there, for an erased report has no holder any more.
    pub content: ReportContent,
    /// The pictures that the holder added.
    pub images: Vec<ImageInfo>,
    /// What happened to it, as far as that is public, oldest first.
    pub events: Vec<Event>,
    /// The window that it belongs to.
    pub window: Option<Window>,
    /// The component that it is about.
    pub component: Option<Component>,
    /// When support is there.
    pub hours: Option<SupportHours>,
    /// Where the report stands that it repeats.
    pub original: Option<Status>,
    /// It repeats another one, and the holder was told what became of that.
    pub told: bool,
    /// The known issue behind it, if the public sees it.
    pub known: Option<known_issues::KnownIssue>,
}

/// A hash that nothing has, compared with where there is no report, so that the time taken does not
/// tell which references exist.
const NOTHING: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// The number of the report that this link opens.
pub(super) fn opened_by(connection: &mut Db, link: &str) -> Result<i64> {
    let (reference, _) = Receipt::of_link(link).ok_or(Error::NotFound)?;
    let kept: Option<String> =
        reports::table.find(reference.0).select(reports::link_hash).first(connection).optional()?;
    let fits = secret::matches(link, kept.as_deref().unwrap_or(NOTHING));
    if fits { Ok(reference.0) } else { Err(Error::NotFound) }
}

/// The link that belongs to a code as somebody typed it. [`Error::NotFound`] for a wrong code, for
/// one of no report, and for what is no code at all.
pub fn link_of_code(connection: &mut Db, instance: &InstanceKey, typed: &str) -> Result<String> {
    let (reference, code) = Receipt::tidy_code(typed).ok_or(Error::NotFound)?;
    let kept: Option<String> =
        reports::table.find(reference.0).select(reports::code_hash).first(connection).optional()?;
    let fits = secret::matches(&code, kept.as_deref().unwrap_or(NOTHING));
    if fits { Ok(Receipt::link_for(instance, &code)) } else { Err(Error::NotFound) }
}

/// The report that this link opens.
pub fn held(connection: &mut Db, link: &str) -> Result<Held> {
    let report = opened_by(connection, link).and_then(|id| by_id(connection, id))?;
    let content = content(connection, report.id)?.ok_or(Error::NotFound)?;
    let images = images::list(connection, report.id)?;
    let events =
        events::list(connection, report.id)?.into_iter().filter(|event| event.kind.is_public()).collect();
    let window = report.window_id.map(|id| windows::by_id(connection, id)).transpose()?;
    let component = match report.component_id {
        Some(id) => components::with_ids(connection, &[id])?.pop(),
        None => None,
    };
    let own = window.as_ref().and_then(|w| w.support.hours.clone());
    let hours = match own {
        Some(hours) => Some(hours),
        None => triage_rules::load(connection)?.hours,
    };
    let original = report.duplicate_of_id.map(|id| by_id(connection, id)).transpose()?.map(|r| r.status);
    let told = duplicates::was_told(connection, &report)?;
    let known = report.known_issue_id.map(|id| known_issues::by_id(connection, id)).transpose()?;
    let known = known.filter(|issue| issue.fact.public);
    Ok(Held { report, content, images, events, window, component, hours, original, told, known })
}

/// Adds what the holder writes, once for this key, and gives when it was written. A report that
/// waited for it is taken up again; one that was answered is shown to support as one that waits for
/// an answer to this.
pub fn reply(write: &mut Write<'_>, link: &str, key: &IdempotencyKey, text: &Block) -> Result<Instant> {
    let report = opened_by(write.connection, link).and_then(|id| by_id(write.connection, id))?;
    let scope = format!("message {}", report.reference());
    idempotency::once(write, &scope, key, text, |write| {
        events::append(write, NewEvent::new(report.id, EventKind::Message).saying(text.as_str()))?;
        wrote::note(write, &report)?;
        if report.status == Status::Waiting {
            take_up(write, &report)?;
        } else {
            weigh::again(write, &report)?;
            touch(write, &report)?;
        }
        Ok(write.now)
    })
}

/// Keeps what the holder says of the outcome. Not fixed takes up again what was resolved or closed, and
/// a duplicate whose holder was told what became of the original, which stays as it is. Saying the same
/// again changes nothing.
pub fn judge(write: &mut Write<'_>, link: &str, verdict: Verdict) -> Result<()> {
    let report = opened_by(write.connection, link).and_then(|id| by_id(write.connection, id))?;
    let over = match report.status {
        Status::Resolved | Status::Closed => true,
        Status::Duplicate => duplicates::was_told(write.connection, &report)?,
        _ => false,
    };
    let reopens = verdict == Verdict::NotFixed && over;
    if report.verdict == Some(verdict) && !reopens {
        return Ok(());
    }
    diesel::update(reports::table.find(report.id))
        .set(reports::verdict.eq(verdict))
        .execute(write.connection)?;
    let event = NewEvent::new(report.id, EventKind::Verdict);
    let was = report.verdict.map(Verdict::code);
    events::append(write, event.changed(was, Some(verdict.code())))?;
    if reopens { take_up(write, &report) } else { touch(write, &report) }
}

/// Keeps how the holder can be reached from now on; an empty contact takes it away.
pub fn set_contact(write: &mut Write<'_>, link: &str, contact: &Contact) -> Result<()> {
    let report = opened_by(write.connection, link).and_then(|id| by_id(write.connection, id))?;
    let kept = content(write.connection, report.id)?.ok_or(Error::NotFound)?;
    if (&kept.phone, &kept.email) == (&contact.phone, &contact.email) {
        return Ok(());
    }
    diesel::update(report_contents::table.find(report.id))
        .set((report_contents::phone.eq(&contact.phone), report_contents::email.eq(&contact.email)))
        .execute(write.connection)?;
    events::append(write, NewEvent::new(report.id, EventKind::Contact))?;
    touch(write, &report)
}

/// Erases what was said: description, contact, pictures, messages, answers, notes and the secrets of
/// the receipt. The counted fact stays, and that it was erased.
pub fn erase(write: &mut Write<'_>, link: &str) -> Result<()> {
    let report = opened_by(write.connection, link).and_then(|id| by_id(write.connection, id))?;
    diesel::delete(report_contents::table.find(report.id)).execute(write.connection)?;
    diesel::update(report_events::table.filter(report_events::report_id.eq(report.id)))
        .set(report_events::content.eq(None::<String>))
        .execute(write.connection)?;
    // No hash is empty, so no secret fits any more.
    diesel::update(reports::table.find(report.id))
        .set((reports::link_hash.eq(""), reports::code_hash.eq("")))
        .execute(write.connection)?;
    images::erase(write, report.id)?;
    wrote::answered(write, report.id)?;
    search::forget(write, &[report.id])?;
    events::append(write, NewEvent::new(report.id, EventKind::Erased))?;
    audit::note_reporter(write, "report.erase", &report.reference().to_string(), "")?;
    touch(write, &report)
}

/// Makes a report one that is worked on.
fn take_up(write: &mut Write<'_>, report: &Report) -> Result<()> {
    let to = Status::InProgress;
    let rules = triage_rules::load(write.connection)?;
    let mut after = Report { status: to, resolved_at: None, duplicate_of_id: None, ..report.clone() };
    let moved = Moved { from: report.status, to, at: write.now };
    let due = deadlines::due(write.connection, &rules, &after, Some(moved))?;
    if report.resolution_due_at.is_some() {
        after.resolution_due_at = due.resolution;
    }
    after.urgency = weigh::points_now(write, &rules.weights, &after)?;
    let rows = diesel::update(reports::table.find(report.id).filter(reports::revision.eq(report.revision)))
        .set((
            reports::status.eq(to),
            reports::resolved_at.eq(None::<Instant>),
            reports::duplicate_of_id.eq(None::<i64>),
            reports::resolution_due_at.eq(after.resolution_due_at),
            reports::urgency.eq(after.urgency),
        ))
        .execute(write.connection)?;
    changed_one(rows)?;
    let event = NewEvent::new(report.id, EventKind::Status);
    events::append(write, event.changed(Some(report.status.code()), Some(to.code())))?;
    if let Some(original) = report.duplicate_of_id {
        let was = ReportReference(original).to_string();
        events::append(write, NewEvent::new(report.id, EventKind::Duplicate).changed(Some(&was), None))?;
    }
    let moved = format!("{} → {to}", report.status);
    audit::note_reporter(write, "report.status", &report.reference().to_string(), &moved)?;
    let before = report.cell();
    counters::apply(write, Some(before), Some(counters::Cell { status: to, ..before }))?;
    touch(write, report)
}

/// Notes and tells that the report has changed.
pub(super) fn touch(write: &mut Write<'_>, report: &Report) -> Result<()> {
    diesel::update(reports::table.find(report.id))
        .set(reports::revision.eq(reports::revision + 1))
        .execute(write.connection)?;
    changes::announce(write, changes::Kind::Report, report.window_id)
}
