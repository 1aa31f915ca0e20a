//! Taking a report in: once for each key, counted in the same transaction.

use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use super::events::{self, EventKind, NewEvent};
use super::{ReportContent, next_id, weigh};
use crate::domain::attribution::{Attribution, Extent, Occurrence as Where, attribute};
use crate::domain::fields::FieldErrors;
use crate::domain::instant::Instant;
use crate::domain::reference::ReportReference;
use crate::domain::report::{ReportText, Sender, Source, Status, When, arrival};
use crate::domain::secret::{self, IdempotencyKey, InstanceKey, Receipt};
use crate::domain::targets::Due;
use crate::domain::window::{ComponentKey, ReportStage, Slug, WindowState};
use crate::domain::zone::Zone;
use crate::store::connection::Db;
use crate::store::counters::{self, Cell};
use crate::store::error::{Error, Result};
use crate::store::people::Actor;
use crate::store::schema::{report_contents, reports, windows as windows_table};
use crate::store::{Write, audit, changes, components, idempotency, triage_rules, windows};

/// A report as it is sent, checked as far as that needs no database.
#[derive(Debug, Clone, Serialize)]
pub struct NewReport {
    /// What it says.
    pub text: ReportText,
    /// When it happened.
    pub when: When,
    /// The slug of the window that it is filed under, if one is named.
    pub window: Option<String>,
    /// The key of the component that it is about, if one is named.
    pub component: Option<String>,
    /// Who sends it.
    pub sender: Sender,
    /// The sender's zone.
    pub time_zone: Option<Zone>,
    /// When it was written, as the sender's device says; kept if it could only be sent later.
    pub written_at: Option<Instant>,
    /// It was kept on a device before it was sent. Not part of the command: the first try does not say
    /// so, and may have arrived although its answer got lost.
    #[serde(skip)]
    pub kept: bool,
    /// Who entered it for a caller. Not part of the command: the same report sent again by a
    /// colleague with the same key is the same report.
    #[serde(skip)]
    pub entered_by: Option<Actor>,
}

/// What came of sending a report; the same when it is sent again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Submitted {
    /// The number behind the reference.
    pub id: i64,
    /// The slug of the window that the report belongs to.
    pub window: Option<String>,
    /// The stage in which it occurred.
    pub stage: Option<ReportStage>,
    /// Where it stands.
    pub status: Status,
}

impl Submitted {
    /// The report's name.
    pub fn reference(&self) -> ReportReference {
        ReportReference(self.id)
    }

    /// The receipt of whoever sent the report with this key.
    pub fn receipt(&self, instance: &InstanceKey, key: &IdempotencyKey) -> Receipt {
        Receipt::derive(instance, key, self.reference())
    }
}

/// The scope of the idempotency keys of reports: whatever way one comes, it counts once.
const SCOPE: &str = "report";

/// Takes a report in, once for this key.
///
/// Errors: `window` → `no-such-window` (drafts too), `component` → `no-such-component`, those of
/// [`When::resolve`]; [`Error::KeyReused`], [`Error::KeyRunning`].
pub fn submit(
    write: &mut Write<'_>,
    instance: &InstanceKey,
    key: &IdempotencyKey,
    new: &NewReport,
) -> Result<Submitted> {
    idempotency::once(write, SCOPE, key, new, |write| take(write, instance, key, new))
}

fn take(
    write: &mut Write<'_>,
    instance: &InstanceKey,
    key: &IdempotencyKey,
    new: &NewReport,
) -> Result<Submitted> {
    let mut errors = FieldErrors::new();
    let occurrence = errors.keep(new.when.resolve(write.now));
    let named = match &new.window {
        Some(slug) => {
            let window = public_window(write.connection, slug)?;
            if window.is_none() {
                errors.add("window", "no-such-window");
            }
            window
        }
        None => None,
    };
    let component = match &new.component {
        Some(key) => {
            let component = match ComponentKey::parse("component", key) {
                Ok(key) => components::id_of(write.connection, key.as_str())?,
                Err(_) => None,
            };
            if component.is_none() {
                errors.add("component", "no-such-component");
            }
            component
        }
        None => None,
    };
    let (Some(occurrence), true) = (occurrence, errors.is_empty()) else {
        return Err(Error::Invalid(errors));
    };
    let place = Where { at: occurrence.at, named, component };
    let attribution = attribution(write.connection, place, write.now)?;
    let id = next_id(write.connection)?;
    let receipt = Receipt::derive(instance, key, ReportReference(id));
    let told = match attribution.window.or(named) {
        Some(window) => Some(
            windows_table::table
                .find(window)
                .select((windows_table::slug, windows_table::sequence, windows_table::support))
                .get_result::<(String, i64, String)>(write.connection)?,
        ),
        None => None,
    };
    let entered_by = new.entered_by.as_ref().and_then(Actor::person_id);
    let (source, written_at) = arrival(new.sender.source, new.written_at, new.kept, write.now);
    let status = Status::New;
    let rules = triage_rules::load(write.connection)?;
    // A report that belongs to a window is promised what that window says of its support.
    let support =
        told.as_ref().filter(|_| attribution.window.is_some()).map(|(_, _, support)| support.as_str());
    let hours = triage_rules::of_support(support).or_else(|| rules.hours.clone());
    let due = Due::of(rules.targets.target(new.text.impact, None), hours.as_ref(), write.now, &[]);
    let cell = Cell {
        window: attribution.window,
        stage: attribution.stage,
        component,
        category: new.text.category,
        impact: new.text.impact,
        status,
        minute: occurrence.at.map(Instant::minute),
    };
    let urgency = weigh::of_new(write, &rules.weights, new.text.impact, attribution.window, component)?;
    diesel::insert_into(reports::table)
        .values((
            (
                reports::id.eq(id),
                reports::window_id.eq(attribution.window),
                reports::filed_under.eq(attribution.filed_under),
                reports::stage.eq(attribution.stage),
                reports::component_id.eq(component),
                reports::category.eq(new.text.category),
                reports::impact.eq(new.text.impact),
                reports::urgency.eq(urgency),
                reports::status.eq(status),
            ),
            (
                reports::occurred_at.eq(occurrence.at),
                reports::precision.eq(occurrence.precision),
                reports::received_at.eq(write.now),
                reports::written_at.eq(written_at),
                reports::time_zone.eq(new.time_zone.map(Zone::name)),
                reports::language.eq(new.sender.language),
                reports::source.eq(source),
                reports::entered_by.eq(entered_by),
                reports::notice_sequence.eq(told.as_ref().map(|(_, sequence, _)| *sequence)),
                reports::link_hash.eq(secret::hash(&receipt.link)),
                reports::code_hash.eq(secret::hash(&receipt.code)),
                reports::demonstration.eq(false),
                reports::revision.eq(1i64),
                reports::answer_due_at.eq(due.answer),
                reports::resolution_due_at.eq(due.resolution),
            ),
        ))
        .execute(write.connection)?;
    diesel::insert_into(report_contents::table)
        .values((report_contents::report_id.eq(id), ReportContent::from(&new.text)))
        .execute(write.connection)?;
    events::append(write, NewEvent::new(id, EventKind::Received).by(entered_by))?;
    counters::apply(write, None, Some(cell))?;
    if let (Source::Phone, Some(actor)) = (new.sender.source, &new.entered_by) {
        audit::note(write, actor, "report.enter", &ReportReference(id).to_string(), "")?;
    }
    changes::announce(write, changes::Kind::Report, attribution.window)?;
    let window = told.map(|(slug, ..)| slug).filter(|_| attribution.window.is_some());
    Ok(Submitted { id, window, stage: attribution.stage, status })
}

fn public_window(connection: &mut Db, slug: &str) -> Result<Option<i64>> {
    // What is no slug is not asked about: it may hold what a database does not take.
    let Ok(slug) = Slug::parse("window", slug) else { return Ok(None) };
    Ok(windows_table::table
        .filter(windows_table::slug.eq(slug.as_str()))
        .filter(windows_table::state.ne(WindowState::Draft))
        .select(windows_table::id)
        .get_result(connection)
        .optional()?)
}

/// Where something that occurred there belongs as the windows stand now. With a window named only
/// that one is looked at; `now` serves where neither a time nor a window is known.
pub(super) fn attribution(connection: &mut Db, place: Where, now: Instant) -> Result<Attribution> {
    let extents: Vec<Extent> = match (place.named, place.at) {
        (Some(window), _) => vec![windows::extent_of(connection, window)?],
        (None, at) => windows::extents(connection, at.unwrap_or(now))?,
    };
    Ok(attribute(&extents, place))
}
