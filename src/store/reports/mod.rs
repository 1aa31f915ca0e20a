//! Problem reports: a fact that is counted, and what was said, which can be erased.

pub mod bulk;
mod deadlines;
pub(in crate::store) mod duplicates;
pub mod events;
pub mod filter;
pub mod images;
mod import;
pub mod list;
mod order;
pub mod overview;
mod reattribute;
mod receipt;
pub mod spread;
mod submit;
pub mod triage;
pub mod weigh;
pub mod wrote;

use std::collections::HashMap;

use diesel::prelude::*;

pub use duplicates::tell_more;
pub use import::{Belongs, Imported, Outcome, import, remove_demonstration};
pub use reattribute::reattribute;
pub use receipt::{Held, erase, held, judge, link_of_code, reply, set_contact};
pub use submit::{NewReport, Submitted, submit};

use super::connection::Db;
use super::counters::Cell;
use super::error::{Error, Result};
use super::schema::{report_contents, reports};
use crate::domain::instant::Instant;
use crate::domain::language::Language;
use crate::domain::reference::ReportReference;
use crate::domain::report::{Category, Impact, Precision, ReportText, Severity, Source, Status, Verdict};
use crate::domain::window::ReportStage;

/// The fact of a report: everything about it that is counted and kept.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = reports)]
pub struct Report {
    /// Its row, the number behind its reference.
    pub id: i64,
    /// The window that it belongs to; nothing if it is kept outside of all.
    pub window_id: Option<i64>,
    /// The window that the sender named.
    pub filed_under: Option<i64>,
    /// The stage of the window in which it occurred.
    pub stage: Option<ReportStage>,
    /// The component that it is about.
    pub component_id: Option<i64>,
    /// What kind of problem it is.
    pub category: Category,
    /// What it stops the reporter from doing.
    pub impact: Impact,
    /// How urgently support takes it, once support has said so.
    pub severity: Option<Severity>,
    /// How urgent it is: [`crate::domain::urgency::Facts::points`] as last weighed.
    pub urgency: i32,
    /// Where it stands.
    pub status: Status,
    /// When it occurred, if that is known.
    pub occurred_at: Option<Instant>,
    /// How exactly that is known.
    pub precision: Precision,
    /// When it arrived here.
    pub received_at: Instant,
    /// When it was written, if that was before it could be sent.
    pub written_at: Option<Instant>,
    /// The sender's zone, an IANA name.
    pub time_zone: Option<String>,
    /// The language that the sender reads.
    pub language: Language,
    /// On which way it came.
    pub source: Source,
    /// The person who looks after it.
    pub assignee_id: Option<i64>,
    /// The person who entered it for a caller.
    pub entered_by: Option<i64>,
    /// The sequence that the window's notice had when it arrived.
    pub notice_sequence: Option<i64>,
    /// When support first answered.
    pub first_answer_at: Option<Instant>,
    /// When it was resolved; nothing while it is not, or no longer.
    pub resolved_at: Option<Instant>,
    /// What the reporter says of the outcome.
    pub verdict: Option<Verdict>,
    /// Belongs to the demonstration.
    pub demonstration: bool,
    /// Rises with every change.
    pub revision: i64,
    /// The report that says the same, as long as the status is duplicate.
    pub duplicate_of_id: Option<i64>,
    /// By when it was promised that support first answers.
    pub answer_due_at: Option<Instant>,
    /// By when support means to have resolved it.
    pub resolution_due_at: Option<Instant>,
    /// The known issue that it is linked to.
    pub known_issue_id: Option<i64>,
}

impl Report {
    /// Its name.
    pub fn reference(&self) -> ReportReference {
        ReportReference(self.id)
    }

    /// Where it is counted.
    pub fn cell(&self) -> Cell {
        Cell {
            window: self.window_id,
            stage: self.stage,
            component: self.component_id,
            category: self.category,
            impact: self.impact,
            status: self.status,
            minute: self.occurred_at.map(Instant::minute),
        }
    }
}

/// What a report says; gone once it is erased.
#[derive(Debug, Clone, Default, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = report_contents)]
pub struct ReportContent {
    /// What happened, as typed.
    pub description: String,
    /// The message that the service showed.
    pub error_message: Option<String>,
    /// Account or order number.
    pub account: Option<String>,
    /// Telephone number.
    pub phone: Option<String>,
    /// E-mail address.
    pub email: Option<String>,
    /// Device and browser.
    pub device: Option<String>,
}

impl From<&ReportText> for ReportContent {
    fn from(text: &ReportText) -> ReportContent {
        ReportContent {
            description: text.description.as_str().to_owned(),
            error_message: text.error_message.as_ref().map(|m| m.as_str().to_owned()),
            account: text.account.as_ref().map(|a| a.as_str().to_owned()),
            phone: text.contact.phone.clone(),
            email: text.contact.email.clone(),
            device: text.device.as_ref().map(|d| d.as_str().to_owned()),
        }
    }
}

impl ReportContent {
    /// Whether the reporter can be reached.
    pub fn has_contact(&self) -> bool {
        self.phone.is_some() || self.email.is_some()
    }
}

/// The report with this number. [`Error::NotFound`] if there is none.
pub fn by_id(connection: &mut Db, id: i64) -> Result<Report> {
    Ok(reports::table.find(id).select(Report::as_select()).first(connection)?)
}

/// The report with this reference. [`Error::NotFound`] if there is none.
pub fn by_reference(connection: &mut Db, reference: ReportReference) -> Result<Report> {
    by_id(connection, reference.0)
}

/// What a report says, unless it was erased.
pub fn content(connection: &mut Db, id: i64) -> Result<Option<ReportContent>> {
    Ok(report_contents::table.find(id).select(ReportContent::as_select()).first(connection).optional()?)
}

/// What these reports say, by number; those that were erased are missing.
pub fn contents(connection: &mut Db, ids: &[i64]) -> Result<HashMap<i64, ReportContent>> {
    let mut found = HashMap::with_capacity(ids.len());
    for some in ids.chunks(500) {
        let rows = report_contents::table
            .filter(report_contents::report_id.eq_any(some))
            .select((report_contents::report_id, ReportContent::as_select()))
            .load::<(i64, ReportContent)>(connection)?;
        found.extend(rows);
    }
    Ok(found)
}

/// The number of the next report.
///
/// On SQLite, numbers of deleted reports are not given again: the table counts what was ever given.
fn next_id(connection: &mut Db) -> Result<i64> {
    match connection {
        Db::Sqlite(c) => {
            let last: Option<i64> = sqlite_sequence::table
                .filter(sqlite_sequence::name.eq("reports"))
                .select(sqlite_sequence::seq)
                .get_result(c)
                .optional()?;
            Ok(last.unwrap_or(0) + 1)
        }
        Db::Postgres(c) => Ok(diesel::select(diesel::dsl::sql::<diesel::sql_types::BigInt>(
            "nextval(pg_get_serial_sequence('reports', 'id'))",
        ))
        .get_result(c)?),
    }
}

diesel::table! {
    sqlite_sequence (name) {
        name -> Text,
        seq -> BigInt,
    }
}

/// Whether the one row was still as it was read. If not, somebody else changed it in between (on
/// PostgreSQL alone): the whole change is to be tried again. Whoever changes what is counted asks
/// for the revision in the WHERE and then for this, before anything is counted.
pub(in crate::store) fn changed_one(rows: usize) -> Result<()> {
    if rows == 1 { Ok(()) } else { Err(Error::Busy) }
}
