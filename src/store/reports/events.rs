//! What happened to a report, in the order in which it happened. Only ever added to; erasing a report
//! takes the words out of its events and leaves what happened.

use diesel::prelude::*;

use crate::domain::instant::Instant;
use crate::store::connection::Db;
use crate::store::error::Result;
use crate::store::schema::report_events;
use crate::store::{Write, search};

crate::codes! {
    /// What happened to a report.
    pub enum EventKind {
        /// It came in.
        Received = "received",
        /// Its status changed; `was` and `became` are statuses.
        Status = "status",
        /// Support gave it a severity; `was` and `became` are severities.
        Severity = "severity",
        /// Somebody else looks after it; `was` and `became` are names of people.
        Assignee = "assignee",
        /// It repeats another report, or no longer; `was` and `became` are references.
        Duplicate = "duplicate",
        /// The report that it repeats is over; `became` is the status of that one.
        Original = "original",
        /// It belongs to another window or stage; `was` and `became` are `slug/stage`.
        Attribution = "attribution",
        /// Support noted something among themselves.
        Note = "note",
        /// Support answered the reporter.
        Answer = "answer",
        /// The reporter wrote again.
        Message = "message",
        /// The reporter said whether it is fixed; `became` is the verdict.
        Verdict = "verdict",
        /// The reporter changed how to be reached; what it was or became is not noted here.
        Contact = "contact",
        /// The reporter added a picture, or it was removed; `became` is `added` or `removed`.
        Image = "image",
        /// What was said was erased.
        Erased = "erased",
        /// It was linked to a known issue, or to none any more; `was` and `became` are numbers of
        /// known issues.
        KnownIssue = "known_issue",
        /// Support saw what the reporter wrote last, and that it needs no answer.
        Heard = "heard",
    }
}

impl EventKind {
    /// Whether the reporter may see that it happened.
    pub const fn is_public(self) -> bool {
        !matches!(
            self,
            EventKind::Severity
                | EventKind::Assignee
                | EventKind::Note
                | EventKind::KnownIssue
                | EventKind::Duplicate
                | EventKind::Heard
        )
    }

    /// Whether a search finds other things in the report from then on, whatever was written.
    const fn changes_words(self) -> bool {
        matches!(self, EventKind::Received | EventKind::Contact | EventKind::Erased)
    }
}

/// One thing that happened.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = report_events)]
pub struct Event {
    /// Rises with time.
    pub id: i64,
    /// The report's number.
    pub report_id: i64,
    /// What happened.
    pub kind: EventKind,
    /// What it was before, as the kind says.
    pub was: Option<String>,
    /// What it became, as the kind says.
    pub became: Option<String>,
    /// What was written, if anything; gone once the report is erased.
    pub content: Option<String>,
    /// The person who did it; nothing for the reporter, a program or the clock.
    pub author_id: Option<i64>,
    /// When.
    pub at: Instant,
}

/// Something that just happened to a report.
#[derive(Debug, Clone, Copy)]
pub struct NewEvent<'a> {
    /// The report's number.
    pub report: i64,
    /// What happened.
    pub kind: EventKind,
    /// What it was before, as the kind says.
    pub was: Option<&'a str>,
    /// What it became, as the kind says.
    pub became: Option<&'a str>,
    /// What was written, if anything.
    pub content: Option<&'a str>,
    /// The person who did it.
    pub author: Option<i64>,
}

impl<'a> NewEvent<'a> {
    /// An event of this kind with nothing else to say.
    pub fn new(report: i64, kind: EventKind) -> NewEvent<'a> {
        NewEvent { report, kind, was: None, became: None, content: None, author: None }
    }

    /// The same, with what changed into what.
    pub fn changed(self, was: Option<&'a str>, became: Option<&'a str>) -> NewEvent<'a> {
        NewEvent { was, became, ..self }
    }

    /// The same, with what was written.
    pub fn saying(self, content: &'a str) -> NewEvent<'a> {
        NewEvent { content: Some(content), ..self }
    }

    /// The same, done by this person.
    pub fn by(self, author: Option<i64>) -> NewEvent<'a> {
        NewEvent { author, ..self }
    }
}

/// Adds an event that happens now.
pub fn append(write: &mut Write<'_>, event: NewEvent<'_>) -> Result<()> {
    let now = write.now;
    append_at(write, event, now)
}

/// Adds an event that happened then, as imports have them. They are shown in the order of addition.
pub fn append_at(write: &mut Write<'_>, event: NewEvent<'_>, at: Instant) -> Result<()> {
    diesel::insert_into(report_events::table)
        .values((
            report_events::report_id.eq(event.report),
            report_events::kind.eq(event.kind),
            report_events::was.eq(event.was),
            report_events::became.eq(event.became),
            report_events::content.eq(event.content),
            report_events::author_id.eq(event.author),
            report_events::at.eq(at),
        ))
        .execute(write.connection)?;
    if event.content.is_some() || event.kind.changes_words() {
        search::touch(write, event.report)?;
    }
    Ok(())
}

/// Everything that happened to a report, oldest first.
pub fn list(connection: &mut Db, report: i64) -> Result<Vec<Event>> {
    Ok(report_events::table
        .filter(report_events::report_id.eq(report))
        .order(report_events::id)
        .select(Event::as_select())
        .load(connection)?)
}
