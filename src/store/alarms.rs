//! Alarms: a function that nobody announced is reported more than is usual. Raised once however many
//! servers look, shown until somebody decides, over when it has been quiet for an hour after that.

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap, HashSet};

use diesel::prelude::*;

use super::components::{self, Component};
use super::connection::Db;
use super::error::{Error, Result};
use super::people::Actor;
use super::reports::list::{WindowName, window_names};
use super::reports::spread::Person;
use super::schema::{alarms, report_contents, reports, window_components};
use super::{Write, audit, changes, instance};
use crate::domain::alarm::{
    AlarmKind, AlarmState, HISTORY_DAYS, Observed, PEOPLE_MIN, QUIET_MINUTES, RECENT_MINUTES,
    SAME_HOURS_MINUTES, SPAN_MINUTES, unusual, usual_rate,
};
use crate::domain::instant::Instant;
use crate::domain::report::Source;
use crate::domain::window::{ComponentImpact, ReportStage};
use crate::each_database;

/// The most reports that are looked at for what is usual.
const HISTORY: i64 = 50_000;

/// An alarm.
#[derive(Debug, Clone)]
pub struct Alarm {
    /// Its row.
    pub id: i64,
    /// The component; nothing for reports that name none.
    pub component: Option<Component>,
    /// The window that its latest reports belong to.
    pub window: Option<WindowName>,
    /// Why nobody was to expect it.
    pub kind: AlarmKind,
    /// When it was raised.
    pub raised_at: Instant,
    /// When the first of those reports came in.
    pub since: Instant,
    /// When it last held.
    pub seen_at: Instant,
    /// How many people there were within a quarter of an hour, at most.
    pub people: i64,
    /// How many would usually have been.
    pub expected: f64,
    /// How likely that is by chance.
    pub chance: f64,
    /// What somebody has decided.
    pub state: AlarmState,
    /// Who.
    pub decided_by: Option<String>,
    /// When.
    pub decided_at: Option<Instant>,
    /// Since when it is over.
    pub ended_at: Option<Instant>,
}

type Row = (
    (i64, i64, Option<i64>, AlarmKind, Instant, Instant, Instant, i64),
    (f64, f64, AlarmState, Option<String>, Option<Instant>, Option<Instant>),
);

fn whole(connection: &mut Db, rows: Vec<Row>) -> Result<Vec<Alarm>> {
    let windows = window_names(connection, rows.iter().map(|row| row.0.2))?;
    let ids: Vec<i64> = rows.iter().map(|row| row.0.1).collect();
    let known: HashMap<i64, Component> =
        components::with_ids(connection, &ids)?.into_iter().map(|c| (c.id, c)).collect();
    let alarm = |row: Row| {
        let ((id, component, window, kind, raised_at, since, seen_at, people), rest) = row;
        let (expected, chance, state, decided_by, decided_at, ended_at) = rest;
        Alarm {
            id,
            component: known.get(&component).cloned(),
            window: window.and_then(|id| windows.get(&id).cloned()),
            kind,
            raised_at,
            since,
            seen_at,
            people,
            expected,
            chance,
            state,
            decided_by,
            decided_at,
            ended_at,
        }
    };
    Ok(rows.into_iter().map(alarm).collect())
}

macro_rules! columns {
    () => {
        (
            (
                alarms::id,
                alarms::component_id,
                alarms::window_id,
                alarms::kind,
                alarms::raised_at,
                alarms::since,
                alarms::seen_at,
                alarms::people,
            ),
            (
                alarms::expected,
                alarms::chance,
                alarms::state,
                alarms::decided_by,
                alarms::decided_at,
                alarms::ended_at,
            ),
        )
    };
}

/// The alarms that are not over, those that nobody has decided about first, the latest first.
pub fn open(connection: &mut Db) -> Result<Vec<Alarm>> {
    let rows = alarms::table
        .filter(alarms::ended_at.is_null())
        .order(alarms::id.desc())
        .select(columns!())
        .load(connection)?;
    let mut all = whole(connection, rows)?;
    all.sort_by_key(|alarm| alarm.state != AlarmState::Raised);
    Ok(all)
}

/// How many alarms nobody has decided about.
pub fn undecided(connection: &mut Db) -> Result<i64> {
    Ok(alarms::table
        .filter(alarms::ended_at.is_null())
        .filter(alarms::state.eq(AlarmState::Raised))
        .count()
        .get_result(connection)?)
}

/// The latest alarms, over or not, at most `limit`.
pub fn latest(connection: &mut Db, limit: i64) -> Result<Vec<Alarm>> {
    let rows = alarms::table.order(alarms::id.desc()).limit(limit).select(columns!()).load(connection)?;
    whole(connection, rows)
}

/// The alarm in this row, or nothing if there is none.
pub fn look_up(connection: &mut Db, id: i64) -> Result<Option<Alarm>> {
    match find(connection, id) {
        Ok(alarm) => Ok(Some(alarm)),
        Err(Error::NotFound) => Ok(None),
        Err(error) => Err(error),
    }
}

/// The alarm with this row.
pub fn find(connection: &mut Db, id: i64) -> Result<Alarm> {
    let row = alarms::table.find(id).select(columns!()).first(connection)?;
    whole(connection, vec![row])?.pop().ok_or(Error::NotFound)
}

/// A function that is reported more than is usual at this moment.
#[derive(Debug, Clone)]
pub struct Candidate {
    component: i64,
    window: Option<i64>,
    kind: AlarmKind,
    since: Instant,
    people: i64,
    expected: f64,
    chance: f64,
}

/// A report as far as it matters here.
struct Told {
    window: Option<i64>,
    stage: Option<ReportStage>,
    component: Option<i64>,
    at: Instant,
    who: Person,
}

/// Which components each window announces as affected.
#[derive(Default)]
struct Announced(HashMap<i64, HashSet<i64>>);

impl Announced {
    fn of(&mut self, connection: &mut Db, window: i64) -> Result<&HashSet<i64>> {
        let announced = match self.0.entry(window) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(unknown) => {
                let ids: Vec<i64> = window_components::table
                    .filter(window_components::window_id.eq(window))
                    .filter(window_components::impact.ne(ComponentImpact::None))
                    .select(window_components::component_id)
                    .load(connection)?;
                unknown.insert(ids.into_iter().collect())
            }
        };
        Ok(announced)
    }

    /// Why nobody was to expect this report; nothing if the notice announced it, or if it cannot be
    /// told because it names no component.
    fn unexpected(&mut self, connection: &mut Db, told: &Told) -> Result<Option<AlarmKind>> {
        Ok(match (told.window, told.stage) {
            (None, _) | (Some(_), Some(ReportStage::Before)) => Some(AlarmKind::Outside),
            (Some(_), Some(ReportStage::After)) => Some(AlarmKind::After),
            (Some(window), _) => match told.component {
                Some(component) if !self.of(connection, window)?.contains(&component) => {
                    Some(AlarmKind::Unannounced)
                }
                _ => None,
            },
        })
    }
}

fn told(connection: &mut Db, from: Instant, to: Instant, of: Option<Option<i64>>) -> Result<Vec<Told>> {
    type Row = (
        (i64, Option<i64>, Option<ReportStage>, Option<i64>, Instant),
        Option<(Option<String>, Option<String>, Option<String>)>,
    );
    let mut query = reports::table
        .left_join(report_contents::table)
        .filter(reports::received_at.gt(from))
        .filter(reports::received_at.le(to))
        .filter(reports::source.ne_all(vec![Source::Alert, Source::Import]))
        .order((reports::received_at.desc(), reports::id.desc()))
        .limit(HISTORY)
        .select((
            (reports::id, reports::window_id, reports::stage, reports::component_id, reports::received_at),
            (report_contents::phone, report_contents::email, report_contents::account).nullable(),
        ))
        .into_boxed();
    query = match of {
        None => query,
        Some(None) => query.filter(reports::component_id.is_null()),
        Some(Some(id)) => query.filter(reports::component_id.eq(id)),
    };
    let rows: Vec<Row> = query.load(connection)?;
    let told = |((id, window, stage, component, at), who): Row| {
        let (phone, email, account) = who.unwrap_or_default();
        Told { window, stage, component, at, who: Person::of(id, phone, email, account) }
    };
    Ok(rows.into_iter().map(told).collect())
}

/// What is reported more than is usual at `now`.
pub fn look(connection: &mut Db, now: Instant) -> Result<Vec<Candidate>> {
    let span = now.plus_seconds(-60 * SPAN_MINUTES);
    let mut announced = Announced::default();
    let mut groups: BTreeMap<i64, Vec<(Told, AlarmKind)>> = BTreeMap::new();
    for one in told(connection, span, now, None)? {
        if let Some(kind) = announced.unexpected(connection, &one)? {
            groups.entry(one.component.unwrap_or(0)).or_default().push((one, kind));
        }
    }
    let mut found = Vec::new();
    for (component, reports) in groups {
        let people = reports.iter().map(|(one, _)| &one.who).collect::<HashSet<_>>().len() as i64;
        let (Some((latest, kind)), Some((first, _))) = (reports.first(), reports.last()) else { continue };
        if people < PEOPLE_MIN {
            continue;
        }
        let rate = usual(connection, &mut announced, component, now, span)?;
        if let Some(is) = unusual(people, rate) {
            found.push(Candidate {
                component,
                window: latest.window,
                kind: *kind,
                since: first.at,
                people,
                expected: is.expected,
                chance: is.chance,
            });
        }
    }
    Ok(found)
}

/// How many people a minute usually report this where nobody announced it.
fn usual(
    connection: &mut Db,
    announced: &mut Announced,
    component: i64,
    now: Instant,
    until: Instant,
) -> Result<f64> {
    let from = now.plus_hours(-24 * HISTORY_DAYS);
    let of = Some(Some(component).filter(|id| *id != 0));
    let zone = instance::time_zone(connection)?;
    let minute = |at: Instant| {
        let local = zone.local(at).time();
        i64::from(chrono::Timelike::num_seconds_from_midnight(&local)) / 60
    };
    let here = minute(now);
    let history = told(connection, from, until, of)?;
    // Of a function that has not been there for that long, nobody could tell anything before.
    let since = components::known_since(connection, component)?.unwrap_or(from);
    let first = history.last().map_or(until, |one| one.at);
    let minutes = until.seconds_since(from.max(since.min(first))).max(0) as f64 / 60.0;
    let recently = until.plus_seconds(-60 * RECENT_MINUTES);
    let mut all = Observed { people: 0, minutes };
    let mut same = Observed { people: 0, minutes: minutes * (2 * SAME_HOURS_MINUTES) as f64 / 1_440.0 };
    let mut recent = 0;
    for one in history {
        if announced.unexpected(connection, &one)?.is_none() {
            continue;
        }
        all.people += 1;
        recent += i64::from(one.at > recently);
        let apart = (minute(one.at) - here).rem_euclid(1_440);
        if apart.min(1_440 - apart) <= SAME_HOURS_MINUTES {
            same.people += 1;
        }
    }
    Ok(usual_rate(all, same, recent))
}

/// As at `now`: raises what is unusual, unless it is raised already, and ends what has been decided about and has
/// been quiet since. Gives how many were raised.
pub fn settle(write: &mut Write<'_>, now: Instant, found: &[Candidate]) -> Result<usize> {
    let mut raised = 0;
    for one in found {
        let seen = diesel::update(
            alarms::table.filter(alarms::component_id.eq(one.component)).filter(alarms::ended_at.is_null()),
        )
        .set(alarms::seen_at.eq(now))
        .execute(write.connection)?;
        if seen > 0 {
            // The height of it is what is told.
            diesel::update(
                alarms::table
                    .filter(alarms::component_id.eq(one.component))
                    .filter(alarms::ended_at.is_null())
                    .filter(alarms::people.lt(one.people)),
            )
            .set((
                alarms::people.eq(one.people),
                alarms::expected.eq(one.expected),
                alarms::chance.eq(one.chance),
            ))
            .execute(write.connection)?;
            continue;
        }
        raised += each_database!(&mut *write.connection, c => diesel::insert_into(alarms::table)
            .values((
                alarms::component_id.eq(one.component),
                alarms::window_id.eq(one.window),
                alarms::kind.eq(one.kind),
                alarms::raised_at.eq(now),
                alarms::since.eq(one.since),
                alarms::seen_at.eq(now),
                alarms::people.eq(one.people),
                alarms::expected.eq(one.expected),
                alarms::chance.eq(one.chance),
                alarms::state.eq(AlarmState::Raised),
            ))
            // Another server may have raised it a moment ago.
            .on_conflict_do_nothing()
            .execute(c))?;
    }
    let quiet = now.plus_seconds(-60 * QUIET_MINUTES);
    let over = diesel::update(
        alarms::table
            .filter(alarms::ended_at.is_null())
            .filter(alarms::state.ne(AlarmState::Raised))
            .filter(alarms::seen_at.lt(quiet)),
    )
    .set(alarms::ended_at.eq(now))
    .execute(write.connection)?;
    if raised + over > 0 {
        changes::announce(write, changes::Kind::Report, None)?;
    }
    Ok(raised)
}

/// Whether [`settle`] has anything to write.
pub fn needs_settling(connection: &mut Db, now: Instant, found: &[Candidate]) -> Result<bool> {
    let open: Vec<(i64, AlarmState, Instant, i64)> = alarms::table
        .filter(alarms::ended_at.is_null())
        .select((alarms::component_id, alarms::state, alarms::seen_at, alarms::people))
        .load(connection)?;
    let quiet = now.plus_seconds(-60 * QUIET_MINUTES);
    let new = found.iter().any(|one| match open.iter().find(|(component, ..)| *component == one.component) {
        None => true,
        // Once a minute is often enough for when it was last seen.
        Some((_, _, seen, people)) => *seen < now.plus_seconds(-60) || *people < one.people,
    });
    Ok(new || open.iter().any(|(_, state, seen, _)| *state != AlarmState::Raised && *seen < quiet))
}

/// Decides about an alarm that nobody has decided about yet.
///
/// Errors: [`Error::NotFound`]; conflict `alarm-decided` (`by`) if a colleague was faster.
pub fn decide(write: &mut Write<'_>, actor: &Actor, id: i64, state: AlarmState) -> Result<()> {
    let alarm = find(write.connection, id)?;
    let name = actor.called();
    let decided = diesel::update(
        alarms::table
            .find(id)
            .filter(alarms::state.eq(AlarmState::Raised))
            .filter(alarms::ended_at.is_null()),
    )
    .set((alarms::state.eq(state), alarms::decided_by.eq(&name), alarms::decided_at.eq(write.now)))
    .execute(write.connection)?;
    if decided == 0 {
        // Deciding the same again, as after going back, is no conflict.
        if alarm.state == state && alarm.decided_by.as_deref() == Some(name.as_str()) {
            return Ok(());
        }
        let by = alarm.decided_by.unwrap_or_default();
        return Err(Error::conflict_with("alarm-decided", [("by", by)]));
    }
    audit::note(write, actor, "alarm.decide", &format!("alarm {id}"), state.code())?;
    changes::announce(write, changes::Kind::Report, None)
}
