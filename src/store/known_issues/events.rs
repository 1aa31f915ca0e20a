//! What staff did with a known issue, in the order in which they did it. Only ever added to.

use diesel::prelude::*;

use crate::domain::instant::Instant;
use crate::store::Write;
use crate::store::connection::Db;
use crate::store::error::Result;
use crate::store::people::Actor;
use crate::store::schema::known_issue_events;

crate::codes! {
    /// What happened to a known issue.
    pub enum EventKind {
        /// Somebody made it.
        Created = "created",
        /// Its texts, window, components or visibility changed.
        Edited = "edited",
        /// Its status changed; `was` and `became` are statuses.
        Status = "status",
        /// There was something to do meanwhile, for the first time or again.
        Workaround = "workaround",
        /// Reports were linked; `became` is a reference, or how many.
        Linked = "linked",
        /// Reports were unlinked; `was` is a reference, or how many.
        Unlinked = "unlinked",
    }
}

/// One thing that happened.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = known_issue_events)]
pub struct Event {
    /// Rises with time.
    pub id: i64,
    /// What happened.
    pub kind: EventKind,
    /// What it was before, as the kind says.
    pub was: Option<String>,
    /// What it became, as the kind says.
    pub became: Option<String>,
    /// The person who did it.
    pub author_id: Option<i64>,
    /// When.
    pub at: Instant,
}

/// Adds an event that happens now.
pub(super) fn append(
    write: &mut Write<'_>,
    actor: &Actor,
    issue: i64,
    kind: EventKind,
    was: Option<&str>,
    became: Option<&str>,
) -> Result<()> {
    diesel::insert_into(known_issue_events::table)
        .values((
            known_issue_events::known_issue_id.eq(issue),
            known_issue_events::kind.eq(kind),
            known_issue_events::was.eq(was),
            known_issue_events::became.eq(became),
            known_issue_events::author_id.eq(actor.person_id()),
            known_issue_events::at.eq(write.now),
        ))
        .execute(write.connection)?;
    Ok(())
}

impl Event {
    /// The latest things that happened to a known issue, the last one first, at most 200.
    pub fn list(connection: &mut Db, issue: i64) -> Result<Vec<Event>> {
        Ok(known_issue_events::table
            .filter(known_issue_events::known_issue_id.eq(issue))
            .order(known_issue_events::id.desc())
            .limit(200)
            .select(Event::as_select())
            .load(connection)?)
    }
}
