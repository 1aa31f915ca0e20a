//! Reading windows: always whole, a few queries for any number of them.

use std::collections::HashMap;

use diesel::dsl::{not, sql};
use diesel::expression::SqlLiteral;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool};

use super::{Update, Window, WindowComponent, WindowMove};
use crate::domain::attribution::{BEFORE_HOURS, Extent};
use crate::domain::instant::Instant;
use crate::domain::support_hours::Support;
use crate::domain::survey::TemplateKey;
use crate::domain::window::{ComponentImpact, Interruption, Schedule, Slug, Stage, WindowState};
use crate::domain::zone::Zone;
use crate::store::components::{self, Component};
use crate::store::connection::Db;
use crate::store::error::{Error, Result};
use crate::store::schema::{updates, window_components, window_moves, windows};
use crate::store::texts::{self, Thing};

#[derive(Queryable, Selectable)]
#[diesel(table_name = windows)]
struct Row {
    id: i64,
    slug: String,
    sequence: i64,
    state: WindowState,
    time_zone: String,
    scheduled_start: Instant,
    scheduled_end: Option<Instant>,
    announced_at: Option<Instant>,
    started_at: Option<Instant>,
    completed_at: Option<Instant>,
    cancelled_at: Option<Instant>,
    backup_finished_at: Option<Instant>,
    data_checked_at: Option<Instant>,
    finish_before: Option<Instant>,
    follow_up_hours: i32,
    start_by_clock: bool,
    complete_by_clock: bool,
    survey_template: TemplateKey,
    survey_days: i32,
    survey_opened_at: Option<Instant>,
    survey_closed_at: Option<Instant>,
    survey_remind_days: i32,
    support: String,
    demonstration: bool,
}

fn damaged(what: &str, id: i64) -> impl FnOnce(crate::domain::fields::FieldErrors) -> Error {
    let text = format!("window {id} has a damaged {what}");
    move |_| Error::Internal(text)
}

fn zone(name: &str, id: i64) -> Result<Zone> {
    Zone::parse("time_zone", name).map_err(damaged("zone", id))
}

/// The window with this slug, whatever its state.
pub fn by_slug(connection: &mut Db, slug: &str) -> Result<Window> {
    // What is no slug cannot be found, and PostgreSQL would fail at some of it.
    Slug::parse("slug", slug).map_err(|_| Error::NotFound)?;
    let row = windows::table.filter(windows::slug.eq(slug)).select(Row::as_select()).first(connection)?;
    whole(connection, vec![row])?.pop().ok_or(Error::NotFound)
}

/// The window with this slug, if its notice has been published.
pub fn public(connection: &mut Db, slug: &str) -> Result<Window> {
    let window = by_slug(connection, slug)?;
    if window.state == WindowState::Draft { Err(Error::NotFound) } else { Ok(window) }
}

/// The window with this row.
pub fn by_id(connection: &mut Db, id: i64) -> Result<Window> {
    let row = windows::table.find(id).select(Row::as_select()).first(connection)?;
    whole(connection, vec![row])?.pop().ok_or(Error::NotFound)
}

/// The windows with these rows, in the order of `ids`.
pub fn by_ids(connection: &mut Db, ids: &[i64]) -> Result<Vec<Window>> {
    let rows = windows::table.filter(windows::id.eq_any(ids)).select(Row::as_select()).load(connection)?;
    let mut found = whole(connection, rows)?;
    found.sort_by_key(|w| ids.iter().position(|id| *id == w.id));
    Ok(found)
}

/// The row of the window with this slug.
pub fn id_of(connection: &mut Db, slug: &str) -> Result<Option<i64>> {
    if Slug::parse("slug", slug).is_err() {
        return Ok(None);
    }
    Ok(windows::table.filter(windows::slug.eq(slug)).select(windows::id).first(connection).optional()?)
}

/// Slug, state and sequence of the published windows among these rows, by row.
pub fn standings(connection: &mut Db, ids: &[i64]) -> Result<HashMap<i64, (String, WindowState, i64)>> {
    let mut found = HashMap::new();
    for some in ids.chunks(500) {
        let rows = windows::table
            .filter(windows::id.eq_any(some))
            .filter(windows::state.ne(WindowState::Draft))
            .select((windows::id, windows::slug, windows::state, windows::sequence))
            .load::<(i64, String, WindowState, i64)>(connection)?;
        found.extend(rows.into_iter().map(|(id, slug, state, sequence)| (id, (slug, state, sequence))));
    }
    Ok(found)
}

/// Windows in any of these states (all if none is given) that affect this component (any if none),
/// the latest start first, after this one in that order, at most `limit`.
pub fn list(
    connection: &mut Db,
    states: &[WindowState],
    component: Option<i64>,
    after: Option<(Instant, i64)>,
    limit: i64,
) -> Result<Vec<Window>> {
    let mut query = windows::table
        .select(Row::as_select())
        .order((windows::scheduled_start.desc(), windows::id.desc()))
        .limit(limit)
        .into_boxed();
    if !states.is_empty() {
        query = query.filter(windows::state.eq_any(states.to_vec()));
    }
    if let Some(component) = component {
        let affected = window_components::table
            .filter(window_components::component_id.eq(component))
            .select(window_components::window_id);
        query = query.filter(windows::id.eq_any(affected));
    }
    if let Some((start, id)) = after {
        query = query.filter(
            windows::scheduled_start.lt(start).or(windows::scheduled_start.eq(start).and(windows::id.lt(id))),
        );
    }
    let rows = query.load(connection)?;
    whole(connection, rows)
}

/// The windows that have begun, the latest first, at most `limit`. One whose start nobody noted counts from
/// its announced start.
pub fn begun(connection: &mut Db, limit: i64) -> Result<Vec<Window>> {
    let rows = windows::table
        .filter(has_begun())
        .order((began_at().desc(), windows::id.desc()))
        .limit(limit)
        .select(Row::as_select())
        .load(connection)?;
    whole(connection, rows)
}

/// Row and slug of every window that has begun, the latest first.
pub fn begun_slugs(connection: &mut Db) -> Result<Vec<(i64, String)>> {
    Ok(windows::table
        .filter(has_begun())
        .order((began_at().desc(), windows::id.desc()))
        .select((windows::id, windows::slug))
        .load(connection)?)
}

/// Under way or over, or cancelled after it had started.
fn has_begun() -> SqlLiteral<Bool> {
    sql("(windows.state IN ('in_progress', 'verifying', 'completed') \
         OR (windows.state = 'cancelled' AND windows.started_at IS NOT NULL))")
}

/// When a window began, or was to begin.
fn began_at() -> SqlLiteral<BigInt> {
    sql("COALESCE(windows.started_at, windows.scheduled_start)")
}

/// Published windows that have not started, the next first, at most `limit`.
pub fn coming(connection: &mut Db, limit: i64) -> Result<Vec<Window>> {
    let rows = windows::table
        .filter(windows::state.eq(WindowState::Scheduled))
        .order((windows::scheduled_start, windows::id))
        .limit(limit)
        .select(Row::as_select())
        .load(connection)?;
    whole(connection, rows)
}

/// What decides to which window something that occurred around this time belongs: every published
/// window that could reach it.
pub fn extents(connection: &mut Db, around: Instant) -> Result<Vec<Extent>> {
    extents_between(connection, around, around)
}

/// [`extents`] for everything that occurred between these moments, both included.
pub fn extents_between(connection: &mut Db, first: Instant, last: Instant) -> Result<Vec<Extent>> {
    // The longest follow-up period is 720 hours; whatever ended before that cannot reach the time.
    let earliest_end = first.plus_hours(-720);
    let latest_start = last.plus_hours(BEFORE_HOURS);
    // One that has ended without anybody having noted when (imports) ended as scheduled.
    let ended_unnoted = windows::state
        .eq(WindowState::Completed)
        .or(windows::state.eq(WindowState::Cancelled))
        .and(windows::completed_at.is_null())
        .and(windows::cancelled_at.is_null())
        .and(windows::scheduled_start.lt(earliest_end))
        .and(windows::scheduled_end.is_null().or(windows::scheduled_end.assume_not_null().lt(earliest_end)))
        .and(windows::started_at.is_null().or(windows::started_at.assume_not_null().lt(earliest_end)));
    let reaching = windows::state
        .ne(WindowState::Draft)
        .and(not(ended_unnoted))
        .and(windows::scheduled_start.le(latest_start).or(windows::started_at.le(latest_start)))
        .and(windows::completed_at.is_null().or(windows::completed_at.ge(earliest_end)))
        .and(windows::cancelled_at.is_null().or(windows::cancelled_at.ge(earliest_end)));
    let rows: Vec<Reach> = windows::table.filter(reaching).select(Reach::as_select()).load(connection)?;
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let announced: Vec<(i64, i64)> = window_components::table
        .inner_join(windows::table)
        .filter(reaching)
        .select((window_components::window_id, window_components::component_id))
        .load(connection)?;
    let posted: Vec<(i64, Instant, Stage)> = updates::table
        .inner_join(windows::table)
        .filter(reaching)
        .select((updates::window_id, updates::posted_at, updates::stage))
        .load(connection)?;
    rows.into_iter().map(|row| row.extent(&announced, &posted)).collect()
}

/// What decides which reports belong to the window with this row.
pub fn extent_of(connection: &mut Db, id: i64) -> Result<Extent> {
    let row: Reach = windows::table.find(id).select(Reach::as_select()).first(connection)?;
    let announced: Vec<(i64, i64)> = window_components::table
        .filter(window_components::window_id.eq(id))
        .select((window_components::window_id, window_components::component_id))
        .load(connection)?;
    let posted: Vec<(i64, Instant, Stage)> = updates::table
        .filter(updates::window_id.eq(id))
        .select((updates::window_id, updates::posted_at, updates::stage))
        .load(connection)?;
    row.extent(&announced, &posted)
}

impl Reach {
    fn extent(self, announced: &[(i64, i64)], posted: &[(i64, Instant, Stage)]) -> Result<Extent> {
        Ok(Extent {
            window: self.id,
            slug: Slug::parse("slug", &self.slug).map_err(damaged("slug", self.id))?,
            state: self.state,
            scheduled_start: self.scheduled_start,
            scheduled_end: self.scheduled_end,
            started_at: self.started_at,
            ended_at: self.completed_at.or(self.cancelled_at),
            follow_up_hours: self.follow_up_hours.into(),
            components: announced.iter().filter(|(of, _)| *of == self.id).map(|(_, c)| *c).collect(),
            updates: posted.iter().filter(|(of, ..)| *of == self.id).map(|(_, at, s)| (*at, *s)).collect(),
        })
    }
}

/// What of a window decides which reports belong to it. Every report asks for this, so nothing else is
/// read: a notice's texts are long.
#[derive(Queryable, Selectable)]
#[diesel(table_name = windows)]
struct Reach {
    id: i64,
    slug: String,
    state: WindowState,
    scheduled_start: Instant,
    scheduled_end: Option<Instant>,
    started_at: Option<Instant>,
    completed_at: Option<Instant>,
    cancelled_at: Option<Instant>,
    follow_up_hours: i32,
}

fn whole(connection: &mut Db, rows: Vec<Row>) -> Result<Vec<Window>> {
    let ids: Vec<i64> = rows.iter().map(|r| r.id).collect();
    let mut own_texts = texts::load(connection, Thing::Window, &ids)?;
    let mut affected = affected(connection, &ids)?;
    let mut posted = posted(connection, &ids)?;
    let mut moved = moved(connection, &ids)?;
    rows.into_iter()
        .map(|row| {
            let schedule = Schedule {
                start: row.scheduled_start,
                end: row.scheduled_end,
                zone: zone(&row.time_zone, row.id)?,
            };
            Ok(Window {
                slug: Slug::parse("slug", &row.slug).map_err(damaged("slug", row.id))?,
                sequence: row.sequence,
                state: row.state,
                schedule,
                announced_at: row.announced_at,
                started_at: row.started_at,
                completed_at: row.completed_at,
                cancelled_at: row.cancelled_at,
                backup_finished_at: row.backup_finished_at,
                data_checked_at: row.data_checked_at,
                finish_before: row.finish_before,
                follow_up_hours: row.follow_up_hours,
                start_by_clock: row.start_by_clock,
                complete_by_clock: row.complete_by_clock,
                survey_template: row.survey_template,
                survey_days: row.survey_days,
                survey_opened_at: row.survey_opened_at,
                survey_closed_at: row.survey_closed_at,
                survey_remind_days: row.survey_remind_days,
                support: Support::from_json("support", &row.support).map_err(damaged("support", row.id))?,
                demonstration: row.demonstration,
                texts: own_texts.remove(&row.id).unwrap_or_default(),
                components: affected.remove(&row.id).unwrap_or_default(),
                updates: posted.remove(&row.id).unwrap_or_default(),
                moves: moved.remove(&row.id).unwrap_or_default(),
                id: row.id,
            })
        })
        .collect()
}

fn affected(connection: &mut Db, ids: &[i64]) -> Result<HashMap<i64, Vec<WindowComponent>>> {
    type Affected = (i64, i64, ComponentImpact, Option<Instant>, Option<Instant>, Option<Instant>);
    let mut rows: Vec<Affected> = Vec::new();
    for some in ids.chunks(500) {
        rows.extend(
            window_components::table
                .filter(window_components::window_id.eq_any(some))
                .order((window_components::window_id, window_components::position))
                .select((
                    window_components::window_id,
                    window_components::component_id,
                    window_components::impact,
                    window_components::interruption_start,
                    window_components::interruption_end,
                    window_components::tested_at,
                ))
                .load::<Affected>(connection)?,
        );
    }
    let mut wanted: Vec<i64> = rows.iter().map(|r| r.1).collect();
    wanted.sort_unstable();
    wanted.dedup();
    let mut known: HashMap<i64, Component> = HashMap::new();
    for some in wanted.chunks(500) {
        known.extend(components::with_ids(connection, some)?.into_iter().map(|c| (c.id, c)));
    }
    let mut found: HashMap<i64, Vec<WindowComponent>> = HashMap::new();
    for (window, component, impact, start, end, tested_at) in rows {
        let component = known
            .get(&component)
            .cloned()
            .ok_or_else(|| Error::Internal(format!("component {component} is gone")))?;
        let interruption = Interruption { start, end };
        found.entry(window).or_default().push(WindowComponent { component, impact, interruption, tested_at });
    }
    Ok(found)
}

fn posted(connection: &mut Db, ids: &[i64]) -> Result<HashMap<i64, Vec<Update>>> {
    type Posted = (i64, i64, Stage, WindowState, Instant);
    let mut rows: Vec<Posted> = Vec::new();
    for some in ids.chunks(500) {
        rows.extend(
            updates::table
                .filter(updates::window_id.eq_any(some))
                .order((updates::posted_at, updates::id))
                .select((updates::id, updates::window_id, updates::stage, updates::state, updates::posted_at))
                .load::<Posted>(connection)?,
        );
    }
    let update_ids: Vec<i64> = rows.iter().map(|r| r.0).collect();
    let mut bodies = texts::load(connection, Thing::Update, &update_ids)?;
    let mut found: HashMap<i64, Vec<Update>> = HashMap::new();
    for (id, window, stage, state, posted_at) in rows {
        let body = bodies.remove(&id).unwrap_or_default().field("body");
        found.entry(window).or_default().push(Update { id, stage, state, posted_at, body });
    }
    Ok(found)
}

fn moved(connection: &mut Db, ids: &[i64]) -> Result<HashMap<i64, Vec<WindowMove>>> {
    type Moved = (i64, i64, Instant, Option<Instant>, String, Instant);
    let mut found: HashMap<i64, Vec<WindowMove>> = HashMap::new();
    for some in ids.chunks(500) {
        let rows = window_moves::table
            .filter(window_moves::window_id.eq_any(some))
            .order((window_moves::window_id, window_moves::id))
            .select((
                window_moves::window_id,
                window_moves::sequence,
                window_moves::scheduled_start,
                window_moves::scheduled_end,
                window_moves::time_zone,
                window_moves::moved_at,
            ))
            .load::<Moved>(connection)?;
        for (window, sequence, start, end, zone_name, moved_at) in rows {
            let schedule = Schedule { start, end, zone: zone(&zone_name, window)? };
            found.entry(window).or_default().push(WindowMove { sequence, schedule, moved_at });
        }
    }
    Ok(found)
}
