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
    /// So many are found that a list is quicker when it walks through its order and looks at each.
    many: bool,
}

/// From how many hits on, on SQLite, a list walks through its order rather than sorting all hits.
/// PostgreSQL knows how often words occur and decides by itself.
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
            many: false,
        };
        if search.sqlite && !search.needle.parts.is_empty() {
            let hits: Vec<Number> = sql_query(format!(
                "SELECT COUNT(*) AS number FROM \
                 (SELECT 1 FROM report_search WHERE report_search MATCH $1 LIMIT {MANY})"
            ))
            .bind::<Text, _>(search.expression())
            .load(connection)?;
            search.many = hits.iter().any(|hits| hits.number >= MANY);
        }
        Ok(Some(search))
    }

    fn expression(&self) -> String {
        sqlite::expression(&self.needle.parts, self.sight == Sight::Everything)
    }

    /// The condition for a list in some order of its own.
    pub fn listed<'a>(&self) -> Condition<'a> {
        // The sign keeps SQLite from beginning at the hits.
        self.condition(if self.many { "+reports.id" } else { "reports.id" })
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
        for part in &self.needle.parts {
            let start = "reports.id IN (SELECT s.report_id FROM report_search s WHERE s.words @@ CAST(";
            let matching = sql::<Nullable<Bool>>(start).bind::<Text, _>(postgres::expression(part));
            let one: Condition<'a> = match self.sight {
                Sight::Everything => Box::new(matching.sql(" AS tsquery))")),
                Sight::Said => Box::new(matching.sql(" AS tsquery) AND NOT s.private)")),
            };
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
