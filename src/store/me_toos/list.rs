//! Me-toos as staff see them, and what is counted of them.

use std::collections::HashMap;

use diesel::dsl::{count_star, not};
use diesel::prelude::*;

use super::receipt::contact;
use super::{Event, MeToo, NewEvent, append, by_id, events};
use crate::domain::instant::Instant;
use crate::domain::known_issue::IssueStatus;
use crate::domain::line::Block;
use crate::domain::reference::MeTooReference;
use crate::domain::report::{Contact, Verdict};
use crate::store::connection::Db;
use crate::store::error::{Error, Result};
use crate::store::keeping::Keeping;
use crate::store::known_issues::{self, Fact};
use crate::store::people::Actor;
use crate::store::reports::events::EventKind;
use crate::store::schema::{known_issues as issues, me_toos};
use crate::store::{Write, audit, changes, jobs};

/// A me-too with what belongs to it.
#[derive(Debug, Clone)]
pub struct Listed {
    /// The fact.
    pub me_too: MeToo,
    /// The known issue's fact.
    pub issue: Fact,
    /// How the person can be reached; nothing once it is erased. For support alone.
    pub contact: Option<Contact>,
    /// What happened to it, oldest first.
    pub events: Vec<Event>,
}

/// The me-too with this reference. [`Error::NotFound`] if there is none.
pub fn by_reference(connection: &mut Db, reference: MeTooReference) -> Result<Listed> {
    let me_too = by_id(connection, reference.0)?;
    whole(connection, me_too)
}

fn whole(connection: &mut Db, me_too: MeToo) -> Result<Listed> {
    Ok(Listed {
        issue: known_issues::fact(connection, me_too.known_issue_id)?,
        contact: contact(connection, me_too.id)?,
        events: events(connection, me_too.id)?,
        me_too,
    })
}

/// The me-toos of a known issue that say more than "me too" (a message, that it is not fixed) or all
/// of them, the latest first, those before this number, at most `limit`.
pub fn list(
    connection: &mut Db,
    issue: i64,
    speaking: bool,
    before: Option<i64>,
    limit: i64,
) -> Result<Vec<Listed>> {
    use crate::store::schema::me_too_events as e;
    let mut query = me_toos::table
        .filter(me_toos::known_issue_id.eq(issue))
        .order(me_toos::id.desc())
        .limit(limit)
        .select(MeToo::as_select())
        .into_boxed();
    if speaking {
        let wrote = e::table.filter(e::kind.eq(EventKind::Message)).select(e::me_too_id);
        query = query.filter(me_toos::verdict.eq(Verdict::NotFixed).or(me_toos::id.eq_any(wrote).nullable()));
    }
    if let Some(before) = before {
        query = query.filter(me_toos::id.lt(before));
    }
    let found: Vec<MeToo> = query.load(connection)?;
    found.into_iter().map(|me_too| whole(connection, me_too)).collect()
}

/// What the me-toos of a known issue say of the outcome.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Told that it is resolved.
    pub told: i64,
    /// It works again.
    pub fixed: i64,
    /// It does not.
    pub not_fixed: i64,
}

/// Counts what those who reported a known issue and those who said "me too" say of the outcome.
pub fn counts(connection: &mut Db, issue: i64) -> Result<Counts> {
    use crate::store::schema::reports as r;
    let mut counts = Counts {
        told: me_toos::table
            .filter(me_toos::known_issue_id.eq(issue))
            .filter(me_toos::told_at.is_not_null())
            .select(count_star())
            .first(connection)?,
        ..Counts::default()
    };
    let of_me_toos = me_toos::table
        .filter(me_toos::known_issue_id.eq(issue))
        .group_by(me_toos::verdict)
        .select((me_toos::verdict, count_star()))
        .load::<(Option<Verdict>, i64)>(connection)?;
    let of_reports = r::table
        .filter(r::known_issue_id.eq(issue))
        .group_by(r::verdict)
        .select((r::verdict, count_star()))
        .load::<(Option<Verdict>, i64)>(connection)?;
    for (verdict, n) in of_me_toos.into_iter().chain(of_reports) {
        match verdict {
            Some(Verdict::Fixed) => counts.fixed += n,
            Some(Verdict::NotFixed) => counts.not_fixed += n,
            None => {}
        }
    }
    Ok(counts)
}

/// How many people who said "me too" wrote, or say that it is not fixed, and have not been answered
/// since, by known issue.
pub fn waiting(connection: &mut Db) -> Result<HashMap<i64, i64>> {
    use crate::store::schema::me_too_wrote as w;
    let rows: Vec<(i64, i64)> = w::table
        .inner_join(me_toos::table)
        .group_by(me_toos::known_issue_id)
        .select((me_toos::known_issue_id, count_star()))
        .load(connection)?;
    Ok(rows.into_iter().collect())
}

/// How many who reported something of a window, or said "me too" to a known issue of it, say that it
/// is fixed and that it is not, of all windows or of these: window → fixed, not fixed.
pub fn verdicts(connection: &mut Db, ids: Option<&[i64]>) -> Result<HashMap<i64, (u64, u64)>> {
    use crate::store::schema::reports as r;
    let chunks: Vec<Option<Vec<Option<i64>>>> = match ids {
        None => vec![None],
        Some(ids) => ids.chunks(500).map(|some| Some(some.iter().copied().map(Some).collect())).collect(),
    };
    let mut found: HashMap<i64, (u64, u64)> = HashMap::new();
    for verdict in [Verdict::Fixed, Verdict::NotFixed] {
        for some in &chunks {
            let mut of_reports = r::table
                .filter(r::window_id.is_not_null())
                .filter(r::verdict.eq(verdict))
                .group_by(r::window_id)
                .select((r::window_id, count_star()))
                .into_boxed();
            let mut of_me_toos = me_toos::table
                .inner_join(issues::table)
                .filter(issues::window_id.is_not_null())
                .filter(me_toos::verdict.eq(verdict))
                .group_by(issues::window_id)
                .select((issues::window_id, count_star()))
                .into_boxed();
            if let Some(some) = some {
                of_reports = of_reports.filter(r::window_id.eq_any(some.clone()));
                of_me_toos = of_me_toos.filter(issues::window_id.eq_any(some.clone()));
            }
            let mut rows: Vec<(Option<i64>, i64)> = of_reports.load(connection)?;
            rows.extend(of_me_toos.load::<(Option<i64>, i64)>(connection)?);
            for (window, n) in rows {
                let (fixed, not_fixed) = found.entry(window.unwrap_or(0)).or_default();
                *if verdict == Verdict::Fixed { fixed } else { not_fixed } += n.unsigned_abs();
            }
        }
    }
    Ok(found)
}

/// The me-toos of resolved known issues to which nothing has happened since `before` and whose person
/// can still be reached, at most `limit`.
pub fn contacts_outlived(connection: &mut Db, before: Instant, limit: i64) -> Result<Vec<i64>> {
    use crate::store::schema::{me_too_contents as c, me_too_events as e};
    let later = e::table.filter(e::at.ge(before)).select(e::me_too_id);
    Ok(c::table
        .inner_join(me_toos::table.inner_join(issues::table))
        .filter(c::phone.is_not_null().or(c::email.is_not_null()))
        .filter(issues::status.eq(IssueStatus::Resolved))
        .filter(me_toos::created_at.lt(before))
        .filter(not(me_toos::id.eq_any(later)))
        .order(c::me_too_id)
        .limit(limit)
        .select(c::me_too_id)
        .load(connection)?)
}

/// Forgets contacts that have outlived their time, at most 500, and notes it. Gives how many.
///
/// Two instances may do it at once: each contact is counted by one of them.
pub fn forget_contacts(write: &mut Write<'_>, actor: &Actor, keeping: Keeping) -> Result<usize> {
    use crate::store::schema::me_too_contents as c;
    let Some(before) = keeping.contacts_before(write.now) else { return Ok(0) };
    let ids = contacts_outlived(write.connection, before, jobs::STEP)?;
    let gone = diesel::update(c::table.filter(c::me_too_id.eq_any(ids)))
        .filter(c::phone.is_not_null().or(c::email.is_not_null()))
        .set((c::phone.eq(None::<String>), c::email.eq(None::<String>)))
        .execute(write.connection)?;
    if gone > 0 {
        audit::note(write, actor, "privacy.purge", "contacts of me-toos", &gone.to_string())?;
    }
    Ok(gone)
}

/// Answers the person behind a me-too. Errors: [`Error::NotFound`]; conflict `report-erased` if nobody
/// could read it.
pub fn answer(write: &mut Write<'_>, actor: &Actor, reference: MeTooReference, text: &Block) -> Result<()> {
    let me_too = by_id(write.connection, reference.0)?;
    if contact(write.connection, me_too.id)?.is_none() {
        return Err(Error::conflict("report-erased"));
    }
    let event = NewEvent::new(me_too.id, EventKind::Answer);
    append(write, NewEvent { content: Some(text.as_str()), author: actor.person_id(), ..event })?;
    super::answered(write, me_too.id)?;
    audit::note(write, actor, "me-too.answer", &reference.to_string(), "")?;
    let issue = known_issues::fact(write.connection, me_too.known_issue_id)?;
    changes::announce(write, changes::Kind::Report, issue.window_id)
}
