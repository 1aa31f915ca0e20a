//! Reports that say something, as a condition of a query for reports.

use diesel::expression::BoxableExpression;
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{BigInt, Bool, Nullable, Text};

use super::{Number, postgres, sqlite};
use crate::domain::person::Role;
use crate::domain::reference::ReportReference;
use crate::domain::report_filter::Filter;
use crate::domain::search_tokens::Needle;
use crate::store::connection::{Db, MultiBackend};
use crate::store::error::Result;
use crate::store::schema::reports;

/// What somebody may find.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sight {
    /// What was said and written.
    Said,
    /// Accounts and contacts too.
    Everything,
}

impl Sight {
    /// What somebody with this role may find: what they may see.
    pub fn of(role: Role) -> Sight {
        if role.may(Role::Support) { Sight::Everything } else { Sight::Said }
    }
}

/// A condition on reports.
pub type Condition<'a> =
    Box<dyn BoxableExpression<reports::table, MultiBackend, SqlType = Nullable<Bool>> + 'a>;

/// What somebody looks for, ready to be asked of this database.
#[derive(Debug, Clone)]
pub struct Search {
    needle: Needle,
    sight: Sight,
    /// The report whose reference was typed.
    named: Option<i64>,
    sqlite: bool,
    /// For each thing that is looked for, on SQLite for all of it together: so much is found that a
    /// list is quicker when it walks through its order and looks at each report.
    many: Vec<bool>,
}

/// From how many hits on a list walks through its order rather than beginning at the hits and sorting
/// them. It is counted, for neither database guesses well how often a rare word occurs.
const MANY: i64 = 2_000;

impl Search {
    /// Prepares to look for the text of a filter; nothing if it has none.
    pub fn prepare(connection: &mut Db, filter: &Filter, sight: Sight) -> Result<Option<Search>> {
        let Some(text) = &filter.text else { return Ok(None) };
        let mut search = Search {
            needle: Needle::parse(filter.words()),
            sight,
            named: ReportReference::parse(text).map(|reference| reference.0),
            sqlite: connection.is_sqlite(),
            many: Vec::new(),
        };
        let (asked, condition): (Vec<String>, &str) = match search.sqlite {
            _ if search.needle.parts.is_empty() => return Ok(Some(search)),
            true => (vec![search.expression()], "report_search MATCH $1"),
            false => (
                search.needle.parts.iter().map(postgres::expression).collect(),
                "words @@ CAST($1 AS tsquery)",
            ),
        };
        for expression in asked {
            let hits: Vec<Number> = sql_query(format!(
                "SELECT COUNT(*) AS number FROM (SELECT 1 FROM report_search WHERE {condition} LIMIT {MANY}) AS hits"
            ))
            .bind::<Text, _>(expression)
            .load(connection)?;
            search.many.push(hits.iter().any(|hits| hits.number >= MANY));
        }
        Ok(Some(search))
    }

    fn expression(&self) -> String {
        sqlite::expression(&self.needle.parts, self.sight == Sight::Everything)
    }

    /// The condition for a list in some order of its own.
    pub fn listed<'a>(&self) -> Condition<'a> {
        // The sign keeps SQLite from beginning at the hits.
        self.condition(if self.many == [true] { "+reports.id" } else { "reports.id" })
    }

    /// The condition for counting, where the order does not matter.
    pub fn counted<'a>(&self) -> Condition<'a> {
        self.condition("reports.id")
    }

    fn condition<'a>(&self, id: &str) -> Condition<'a> {
        use diesel::dsl::sql;
        let named = self.named.unwrap_or(-1);
        if self.needle.parts.is_empty() {
            return Box::new(reports::id.eq(named).nullable());
        }
        if self.sqlite {
            let start = format!("{id} IN (SELECT rowid FROM report_search WHERE report_search MATCH ");
            let matching = sql::<Nullable<Bool>>(&start).bind::<Text, _>(self.expression());
            if self.named.is_none() {
                return Box::new(matching.sql(")"));
            }
            return Box::new(matching.sql(" UNION ALL SELECT ").bind::<BigInt, _>(named).sql(")"));
        }
        let mut all: Option<Condition<'a>> = None;
        for (part, many) in self.needle.parts.iter().zip(&self.many) {
            // An array is made first of all; what is IN a query may be looked for at any time.
            let (start, end) = if *many { ("IN (", ")") } else { ("= ANY (ARRAY(", "))") };
            let start =
                format!("reports.id {start}SELECT s.report_id FROM report_search s WHERE s.words @@ CAST(");
            let matching = sql::<Nullable<Bool>>(&start).bind::<Text, _>(postgres::expression(part));
            let said = if self.sight == Sight::Said { " AND NOT s.private" } else { "" };
            let one: Condition<'a> = Box::new(matching.sql(&format!(" AS tsquery){said}{end}")));
            all = Some(match all {
                None => one,
                Some(others) => Box::new(others.and(one)),
            });
        }
        match (all, self.named) {
            (Some(all), Some(named)) => Box::new(all.or(reports::id.eq(named).nullable())),
            (Some(all), None) => all,
            (None, _) => Box::new(reports::id.eq(named).nullable()),
        }
    }
}
