//! How many people met the same lately: counted again by the clock, read by everything that weighs
//! urgency. A group is a known issue, or else a component within a window or outside of all.

use std::collections::{BTreeMap, HashMap, HashSet};

use diesel::prelude::*;
use diesel::upsert::excluded;

use super::Report;
use crate::domain::instant::Instant;
use crate::domain::report::Source;
use crate::domain::urgency::Spread;
use crate::each_database;
use crate::store::Write;
use crate::store::connection::Db;
use crate::store::error::Result;
use crate::store::schema::{me_toos, report_contents, report_spread, reports};

/// The most reports, the latest first, that are looked at for one day.
const LOOKED_AT: i64 = 20_000;

/// What many reports have in common; 0 stands for none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Group {
    window: i64,
    component: i64,
    known_issue: i64,
}

impl Group {
    /// The group of a report; nothing if nobody can say what it has in common with others.
    pub fn of(window: Option<i64>, component: Option<i64>, known_issue: Option<i64>) -> Option<Group> {
        match (known_issue, component) {
            (Some(known_issue), _) => Some(Group { window: 0, component: 0, known_issue }),
            (None, Some(component)) => Some(Group { window: window.unwrap_or(0), component, known_issue: 0 }),
            (None, None) => None,
        }
    }

    /// The group of this report.
    pub fn of_report(report: &Report) -> Option<Group> {
        Group::of(report.window_id, report.component_id, report.known_issue_id)
    }
}

/// One who reported something, as far as it can be told that two reports come from the same.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Person {
    /// By a telephone number, an e-mail address or an account.
    Known(String),
    /// By nothing: everybody else is somebody else.
    Report(i64),
    /// Whoever said "me too".
    MeToo(i64),
}

impl Person {
    /// Who sent the report with this number, by what was left with it.
    pub fn of(id: i64, phone: Option<String>, email: Option<String>, account: Option<String>) -> Person {
        let phone = phone.map(|p| p.chars().filter(char::is_ascii_digit).collect::<String>());
        match phone.or(email.map(|e| e.to_lowercase())).or(account) {
            Some(known) => Person::Known(known),
            None => Person::Report(id),
        }
    }
}

/// The spread of every group that has any.
pub type Counted = BTreeMap<Group, Spread>;

/// The spread of every group as it is at `now`.
pub fn count(connection: &mut Db, now: Instant) -> Result<Counted> {
    type Row = (
        (i64, Option<i64>, Option<i64>, Option<i64>, Instant),
        Option<(Option<String>, Option<String>, Option<String>)>,
    );
    let day = now.plus_hours(-24);
    let rows: Vec<Row> = reports::table
        .left_join(report_contents::table)
        .filter(reports::received_at.gt(day))
        .filter(reports::source.ne_all(vec![Source::Alert, Source::Import]))
        .order((reports::received_at.desc(), reports::id.desc()))
        .limit(LOOKED_AT)
        .select((
            (
                reports::id,
                reports::window_id,
                reports::component_id,
                reports::known_issue_id,
                reports::received_at,
            ),
            (report_contents::phone, report_contents::email, report_contents::account).nullable(),
        ))
        .load(connection)?;
    let more: Vec<(i64, i64, Instant)> = me_toos::table
        .filter(me_toos::created_at.gt(day))
        .order(me_toos::id.desc())
        .limit(LOOKED_AT)
        .select((me_toos::id, me_toos::known_issue_id, me_toos::created_at))
        .load(connection)?;
    let mut latest: HashMap<(Group, Person), Instant> = HashMap::new();
    let mut meet = |group: Group, person: Person, at: Instant| {
        let last = latest.entry((group, person)).or_insert(at);
        *last = at.max(*last);
    };
    for ((id, window, component, known_issue, at), who) in rows {
        let Some(group) = Group::of(window, component, known_issue) else { continue };
        let (phone, email, account) = who.unwrap_or_default();
        meet(group, Person::of(id, phone, email, account), at);
    }
    for (id, known_issue, at) in more {
        if let Some(group) = Group::of(None, None, Some(known_issue)) {
            meet(group, Person::MeToo(id), at);
        }
    }
    let mut counted = Counted::new();
    for ((group, _), at) in latest {
        let spread = counted.entry(group).or_default();
        spread.day += 1;
        spread.hour += i64::from(at > now.plus_hours(-1));
        spread.ten_minutes += i64::from(at > now.plus_seconds(-600));
    }
    Ok(counted)
}

/// The spread as it was last counted, by group.
pub fn all(connection: &mut Db) -> Result<HashMap<Group, Spread>> {
    let rows = report_spread::table
        .select((
            report_spread::window_id,
            report_spread::component_id,
            report_spread::known_issue_id,
            report_spread::people_10,
            report_spread::people_60,
            report_spread::people_day,
        ))
        .load::<(i64, i64, i64, i64, i64, i64)>(connection)?;
    Ok(rows
        .into_iter()
        .map(|(window, component, known_issue, ten_minutes, hour, day)| {
            (Group { window, component, known_issue }, Spread { ten_minutes, hour, day })
        })
        .collect())
}

/// The spread of one group as it was last counted.
pub(super) fn one(connection: &mut Db, group: Option<Group>) -> Result<Spread> {
    let Some(Group { window, component, known_issue }) = group else { return Ok(Spread::default()) };
    let row = report_spread::table
        .find((window, component, known_issue))
        .select((report_spread::people_10, report_spread::people_60, report_spread::people_day))
        .get_result::<(i64, i64, i64)>(connection)
        .optional()?;
    Ok(row.map_or_else(Spread::default, |(ten_minutes, hour, day)| Spread { ten_minutes, hour, day }))
}

/// Keeps what was counted: only the groups that changed are written.
pub fn keep(write: &mut Write<'_>, counted: &Counted) -> Result<()> {
    let kept = all(write.connection)?;
    let gone: HashSet<Group> = kept.keys().copied().filter(|group| !counted.contains_key(group)).collect();
    for Group { window, component, known_issue } in gone {
        diesel::delete(report_spread::table.find((window, component, known_issue)))
            .execute(write.connection)?;
    }
    for (group, spread) in counted.iter().filter(|(group, spread)| kept.get(group) != Some(spread)) {
        each_database!(&mut *write.connection, c => diesel::insert_into(report_spread::table)
            .values((
                report_spread::window_id.eq(group.window),
                report_spread::component_id.eq(group.component),
                report_spread::known_issue_id.eq(group.known_issue),
                report_spread::people_10.eq(spread.ten_minutes),
                report_spread::people_60.eq(spread.hour),
                report_spread::people_day.eq(spread.day),
                report_spread::counted_at.eq(write.now),
            ))
            .on_conflict((
                report_spread::window_id,
                report_spread::component_id,
                report_spread::known_issue_id,
            ))
            .do_update()
            .set((
                report_spread::people_10.eq(excluded(report_spread::people_10)),
                report_spread::people_60.eq(excluded(report_spread::people_60)),
                report_spread::people_day.eq(excluded(report_spread::people_day)),
                report_spread::counted_at.eq(excluded(report_spread::counted_at)),
            ))
            .execute(c))?;
    }
    Ok(())
}

/// Whether what was counted is what is kept.
pub fn is_kept(connection: &mut Db, counted: &Counted) -> Result<bool> {
    let kept = all(connection)?;
    Ok(kept.len() == counted.len() && counted.iter().all(|(group, spread)| kept.get(group) == Some(spread)))
}
