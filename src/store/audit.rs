//! Who did what to which thing when. Only ever added to: the database itself refuses to change a row,
//! or to take one away before it is a year old.

use diesel::dsl::{count_star, sql};
use diesel::prelude::*;
use diesel::sql_types::Text;

use super::Write;
use super::connection::{Db, MultiBackend, substr};
use super::error::Result;
use super::people::Actor;
use super::schema::audit_rows;
use crate::domain::instant::Instant;

/// One act.
#[derive(Debug, Clone, Queryable, serde::Serialize)]
pub struct AuditRow {
    /// Rises with time.
    pub id: i64,
    /// When.
    pub at: Instant,
    /// Who: `person:li.wei`, `token:exports`, `command line`, `clock`, `provider`, `reporter`,
    /// `unknown`.
    pub actor: String,
    /// What, e.g. `report.status`.
    pub action: String,
    /// To which thing, e.g. `R-7KQ4M2`.
    pub thing: String,
    /// More, for people; never a contact or a text of a report.
    pub detail: String,
}

/// A word that is looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted {
    /// Exactly this.
    Is(String),
    /// Whatever begins so.
    Begins(String),
}

/// Which acts are asked for. What is not said is not looked at.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// By whom, as the row says it.
    pub actor: Option<String>,
    /// What was done.
    pub action: Option<Wanted>,
    /// To which thing.
    pub thing: Option<Wanted>,
    /// From this moment on.
    pub from: Option<Instant>,
    /// Before this moment.
    pub to: Option<Instant>,
}

/// Notes an act, in the transaction that does it.
pub fn note(write: &mut Write<'_>, actor: &Actor, action: &str, thing: &str, detail: &str) -> Result<()> {
    note_by(write, &actor.to_string(), action, thing, detail)
}

/// Notes an act of somebody who is not known, such as a log-in that was refused.
pub fn note_unknown(write: &mut Write<'_>, action: &str, thing: &str, detail: &str) -> Result<()> {
    note_by(write, "unknown", action, thing, detail)
}

/// Notes an act of the holder of a receipt, who is nobody to us.
pub fn note_reporter(write: &mut Write<'_>, action: &str, thing: &str, detail: &str) -> Result<()> {
    note_by(write, "reporter", action, thing, detail)
}

fn note_by(write: &mut Write<'_>, actor: &str, action: &str, thing: &str, detail: &str) -> Result<()> {
    diesel::insert_into(audit_rows::table)
        .values((
            audit_rows::at.eq(write.now),
            audit_rows::actor.eq(actor),
            audit_rows::action.eq(action),
            audit_rows::thing.eq(thing),
            audit_rows::detail.eq(detail),
        ))
        .execute(write.connection)?;
    Ok(())
}

/// The latest acts before this id (or of all), newest first.
pub fn list(connection: &mut Db, before: Option<i64>, limit: i64) -> Result<Vec<AuditRow>> {
    let order = Order { sort: Sort::Time, descends: true, values: Vec::new() };
    let after = before.map(|id| Place { id, value: String::new() });
    find(connection, &AuditFilter::default(), &order, after.as_ref(), limit)
}

crate::codes! {
    /// What acts are sorted by.
    pub enum Sort {
        /// When.
        Time = "time",
        /// By whom.
        Who = "who",
        /// What was done.
        What = "what",
        /// To which thing.
        Thing = "thing",
    }
}

/// An order of acts. Of those that are equal in it the newest comes first, and those to no thing come last,
/// whichever way it goes.
///
/// An index has each of them ([`Sort::Who`], [`Sort::What`]: that of each value), so that a page of a log of
/// years is read as fast as the first of a new one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// What they are sorted by.
    pub sort: Sort,
    /// Whether the last comes first.
    pub descends: bool,
    /// Every value that occurs and how many acts have it at most ([`every`]), in the order in which readers
    /// look them up; the database knows neither their words nor their alphabet. For [`Sort::Who`] and
    /// [`Sort::What`] alone.
    pub values: Vec<(String, i64)>,
}

/// A place in an order: right after the act with these.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Its row.
    pub id: i64,
    /// By whom, what or to which thing, whatever it is that sorts; nothing in the order of time.
    pub value: String,
}

impl Place {
    /// The place of this act in an order by this.
    pub fn of(row: &AuditRow, sort: Sort) -> Place {
        let value = match sort {
            Sort::Time => "",
            Sort::Who => &row.actor,
            Sort::What => &row.action,
            Sort::Thing => &row.thing,
        };
        Place { id: row.id, value: value.to_owned() }
    }
}

/// Those of a query that fit; queries of rows and of counts have types of their own.
macro_rules! fitting {
    ($query:expr, $filter:expr) => {{
        let (mut query, filter) = ($query, $filter);
        if let Some(actor) = &filter.actor {
            query = query.filter(audit_rows::actor.eq(actor.clone()));
        }
        // LIKE would not tell capitals apart on SQLite.
        match &filter.action {
            Some(Wanted::Is(action)) => query = query.filter(audit_rows::action.eq(action.clone())),
            Some(Wanted::Begins(start)) => {
                query = query.filter(substr(audit_rows::action, 1, letters(start)).eq(start.clone()));
            }
            None => {}
        }
        match &filter.thing {
            Some(Wanted::Is(thing)) => query = query.filter(audit_rows::thing.eq(thing.clone())),
            Some(Wanted::Begins(start)) => {
                query = query.filter(substr(audit_rows::thing, 1, letters(start)).eq(start.clone()));
            }
            None => {}
        }
        if let Some(from) = filter.from {
            query = query.filter(audit_rows::at.ge(from));
        }
        if let Some(to) = filter.to {
            query = query.filter(audit_rows::at.lt(to));
        }
        query
    }};
}

type Query = audit_rows::BoxedQuery<'static, MultiBackend>;

/// The acts that fit, at most `limit`, in this order, those after this place.
pub fn find(
    connection: &mut Db,
    filter: &AuditFilter,
    order: &Order,
    after: Option<&Place>,
    limit: i64,
) -> Result<Vec<AuditRow>> {
    use audit_rows as t;
    let mut found = Vec::new();
    let mut take = |most: i64, pick: &dyn Fn(Query) -> Query| -> Result<bool> {
        let left = limit - i64::try_from(found.len()).unwrap_or(i64::MAX);
        if left > 0 {
            found.extend(pick(narrowed(filter)).limit(left.min(most)).load::<AuditRow>(connection)?);
        }
        Ok(left > 0)
    };
    let id = after.map(|place| place.id);
    let newest = |query: Query, before: Option<i64>| {
        let query = query.order(t::id.desc());
        if let Some(id) = before { query.filter(t::id.lt(id)) } else { query }
    };
    match (order.sort, order.descends) {
        (Sort::Time, true) => {
            take(ALL, &|query| newest(query, id))?;
        }
        (Sort::Time, false) => {
            take(ALL, &|query| match id {
                Some(id) => query.order(t::id.asc()).filter(t::id.gt(id)),
                None => query.order(t::id.asc()),
            })?;
        }
        (Sort::Who | Sort::What, descends) => {
            let mut values: Vec<&(String, i64)> = order.values.iter().collect();
            if descends {
                values.reverse();
            }
            let all = values.iter().fold(0, |all: i64, (_, most)| all.saturating_add(*most));
            if all <= FEW {
                let rows = newest(narrowed(filter), None).load::<AuditRow>(connection)?;
                return Ok(few(rows, &values, order.sort, after, limit));
            }
            let reached = after.and_then(|place| values.iter().position(|(value, _)| *value == place.value));
            for (n, (value, most)) in values.into_iter().enumerate().skip(reached.unwrap_or(0)) {
                let before = if Some(n) == reached { id } else { None };
                let more = take(*most, &|query| match order.sort {
                    Sort::Who => newest(query.filter(t::actor.eq(value.clone())), before),
                    _ => newest(query.filter(t::action.eq(value.clone())), before),
                })?;
                if !more {
                    break;
                }
            }
        }
        (Sort::Thing, descends) => {
            // The rest of those to the same thing, those to the following things, those to none.
            let reached = after.map(|place| place.value.clone());
            if let Some(thing) = &reached {
                take(ALL, &|query| newest(query.filter(t::thing.eq(thing.clone())), id))?;
            }
            if reached.as_deref() != Some("") {
                let from = reached.unwrap_or_default();
                take(ALL, &|query| match (descends, from.as_str()) {
                    (false, _) => {
                        query.filter(t::thing.gt(from.clone())).order((t::thing.asc(), t::id.desc()))
                    }
                    (true, "") => query.filter(t::thing.gt("")).order((t::thing.desc(), t::id.desc())),
                    (true, _) => query
                        .filter(t::thing.gt(""))
                        .filter(t::thing.lt(from.clone()))
                        .order((t::thing.desc(), t::id.desc())),
                })?;
                take(ALL, &|query| newest(query.filter(t::thing.eq("")), None))?;
            }
        }
    }
    Ok(found)
}

/// As many as there are.
const ALL: i64 = i64::MAX;
/// How many acts are sorted here rather than looked up for each value that they have.
const FEW: i64 = 1_000;

/// Of these acts, the newest first, those after this place in the order of these values, at most `limit`.
fn few(
    mut rows: Vec<AuditRow>,
    values: &[&(String, i64)],
    sort: Sort,
    after: Option<&Place>,
    limit: i64,
) -> Vec<AuditRow> {
    let rank = |value: &str| values.iter().position(|(one, _)| one == value).unwrap_or(values.len());
    let place = |row: &AuditRow| rank(&Place::of(row, sort).value);
    if let Some(after) = after {
        let reached = rank(&after.value);
        rows.retain(|row| place(row) > reached || (place(row) == reached && row.id < after.id));
    }
    rows.sort_by_key(place);
    rows.truncate(usize::try_from(limit).unwrap_or(0));
    rows
}

/// The acts that fit, in no order.
fn narrowed(filter: &AuditFilter) -> Query {
    fitting!(audit_rows::table.into_boxed(), filter)
}

fn letters(text: &str) -> i32 {
    i32::try_from(text.chars().count()).unwrap_or(i32::MAX)
}

#[derive(QueryableByName)]
struct Word {
    #[diesel(sql_type = Text)]
    word: String,
}

/// The actors and the acts that occur, each in the order of their codes, at most 500 of each.
pub fn occurring(connection: &mut Db) -> Result<(Vec<String>, Vec<String>)> {
    Ok((words(connection, "actor", 500)?, words(connection, "action", 500)?))
}

/// Every actor, or every act, that occurs among those that fit, and how many they are at most, for
/// [`Order::values`]: whoever knows how many there are need not look for more.
pub fn every(connection: &mut Db, filter: &AuditFilter, sort: Sort) -> Result<Vec<(String, i64)>> {
    use audit_rows as t;
    let all = *filter == AuditFilter::default();
    let unknown = |words: Vec<String>| words.into_iter().map(|word| (word, i64::MAX)).collect();
    Ok(match sort {
        Sort::Who if all => unknown(words(connection, "actor", i64::MAX)?),
        Sort::What if all => unknown(words(connection, "action", i64::MAX)?),
        // As an expression: by its index each row would have to be looked up to know whether it fits.
        Sort::Who => {
            let who = || sql::<Text>("audit_rows.actor || ''");
            let counted = t::table.group_by(who()).select((who(), count_star())).into_boxed();
            fitting!(counted, filter).load(connection)?
        }
        Sort::What => {
            let what = || sql::<Text>("audit_rows.action || ''");
            let counted = t::table.group_by(what()).select((what(), count_star())).into_boxed();
            fitting!(counted, filter).load(connection)?
        }
        Sort::Time | Sort::Thing => Vec::new(),
    })
}

/// From one word to the next by the index, however many rows each has.
fn words(connection: &mut Db, column: &str, limit: i64) -> Result<Vec<String>> {
    let sql = format!(
        "WITH RECURSIVE seen (word) AS (SELECT MIN({column}) FROM audit_rows UNION ALL \
         SELECT (SELECT MIN({column}) FROM audit_rows WHERE {column} > seen.word) \
         FROM seen WHERE seen.word IS NOT NULL) \
         SELECT word FROM seen WHERE word IS NOT NULL LIMIT {limit}"
    );
    Ok(diesel::sql_query(sql).load::<Word>(connection)?.into_iter().map(|w| w.word).collect())
}
