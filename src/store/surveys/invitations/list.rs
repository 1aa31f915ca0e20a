//! Who is invited, how far they are, and their links for those who send them out.

use std::collections::HashMap;

use diesel::dsl::{count_star, exists, sql};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool};

use super::{COLUMNS, Invitation};
use crate::domain::instant::Instant;
use crate::domain::reference::ReportReference;
use crate::domain::survey::Exposure;
use crate::store::connection::{Db, containing, lower};
use crate::store::error::Result;
use crate::store::keeping::Keeping;
use crate::store::people::Actor;
use crate::store::schema::{invitation_contacts, invitations, me_too_contents, report_contents, responses};
use crate::store::windows::Window;
use crate::store::{Write, audit, jobs};

crate::codes! {
    /// Which invitations are meant.
    pub enum Filter {
        /// Those that nobody has sent out yet.
        Untold = "untold",
        /// Those whose reminder was decided and that nobody has sent out yet.
        Reminders = "reminders",
        /// Those without a complete response.
        Unanswered = "unanswered",
        /// All that were not withdrawn.
        All = "all",
    }
}

crate::codes! {
    /// How far an invitation is.
    pub enum State {
        /// Decided, and nobody has sent it out.
        Decided = "decided",
        /// Sent out.
        Told = "told",
        /// Reminded.
        Reminded = "reminded",
        /// Begun to answer.
        Started = "started",
        /// Answered.
        Complete = "complete",
        /// Withdrawn.
        Revoked = "revoked",
    }
}

/// An invitation with what staff see of it.
#[derive(Debug, Clone)]
pub struct Listed {
    /// The invitation.
    pub invitation: Invitation,
    /// Who, if that is known.
    pub name: String,
    /// How they can be reached, if that is known.
    pub contact: String,
    /// The report that they filed.
    pub report: Option<ReportReference>,
    /// How far it is.
    pub state: State,
    /// When it was decided.
    pub decided_at: Instant,
    /// When it was sent out.
    pub told_at: Option<Instant>,
    /// When it was decided to remind them.
    pub reminded_at: Option<Instant>,
}

/// How many invitations of a window are how far. Who has answered was also invited, and so on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Decided and not withdrawn.
    pub invited: i64,
    /// Of these: sent out.
    pub told: i64,
    /// Of these: to be reminded, or reminded.
    pub reminded: i64,
    /// Of these: begun to answer, finished ones included.
    pub started: i64,
    /// Of these: answered.
    pub complete: i64,
    /// Withdrawn.
    pub revoked: i64,
}

/// How many people are invited to the survey of each of these windows; windows without any are left
/// out.
pub fn invited_of(connection: &mut Db, windows: &[i64]) -> Result<HashMap<i64, i64>> {
    let mut found = HashMap::new();
    for some in windows.chunks(500) {
        let rows = invitations::table
            .filter(invitations::window_id.eq_any(some))
            .filter(invitations::revoked_at.is_null())
            .group_by(invitations::window_id)
            .select((invitations::window_id, count_star()))
            .load::<(i64, i64)>(connection)?;
        found.extend(rows);
    }
    Ok(found)
}

/// The counts of one window.
pub fn tally(connection: &mut Db, window: i64) -> Result<Tally> {
    use invitations as t;
    let valid = || t::table.filter(t::window_id.eq(window)).filter(t::revoked_at.is_null());
    let response = || responses::table.filter(responses::invitation_id.eq(t::id.nullable()));
    Ok(Tally {
        invited: valid().select(count_star()).first(connection)?,
        told: valid().filter(t::told_at.is_not_null()).select(count_star()).first(connection)?,
        reminded: valid().filter(t::reminded_at.is_not_null()).select(count_star()).first(connection)?,
        started: valid().filter(exists(response())).select(count_star()).first(connection)?,
        complete: valid()
            .filter(exists(response().filter(responses::complete.eq(true))))
            .select(count_star())
            .first(connection)?,
        revoked: t::table
            .filter(t::window_id.eq(window))
            .filter(t::revoked_at.is_not_null())
            .select(count_star())
            .first(connection)?,
    })
}

/// Telephone and e-mail, as whoever reported left them.
type Reached = (Option<String>, Option<String>);

type Row = (
    Invitation,
    (Instant, Option<Instant>, Option<Instant>),
    Option<i64>,
    Option<(String, String)>,
    Option<Reached>,
    Option<Reached>,
    Option<bool>,
);

/// The columns of a [`Row`].
macro_rules! columns {
    () => {
        (
            COLUMNS,
            (t::decided_at, t::told_at, t::reminded_at),
            t::report_id,
            (invitation_contacts::name, invitation_contacts::contact).nullable(),
            (report_contents::phone, report_contents::email).nullable(),
            (me_too_contents::phone, me_too_contents::email).nullable(),
            responses::complete.nullable(),
        )
    };
}

/// The invitations of a window beside what is known of whom they are for, those that are meant and, with
/// `person`, only those whose name, contact or report's code has this text in it. The type of such a query
/// is too long for a function.
macro_rules! narrowed {
    ($window:expr, $filter:expr, $person:expr) => {{
        let mut query = t::table
            .left_join(invitation_contacts::table)
            .left_join(report_contents::table.on(report_contents::report_id.nullable().eq(t::report_id)))
            .left_join(me_too_contents::table.on(me_too_contents::me_too_id.nullable().eq(t::me_too_id)))
            .left_join(responses::table.on(responses::invitation_id.eq(t::id.nullable())))
            .filter(t::window_id.eq($window))
            .into_boxed();
        let unanswered = || responses::complete.is_null().or(responses::complete.eq(false));
        query = match $filter {
            Filter::Untold => {
                query.filter(t::told_at.is_null()).filter(t::revoked_at.is_null()).filter(unanswered())
            }
            Filter::Reminders => query
                .filter(t::reminded_at.is_not_null())
                .filter(t::reminder_told_at.is_null())
                .filter(t::revoked_at.is_null())
                .filter(unanswered()),
            Filter::Unanswered => query.filter(t::revoked_at.is_null()).filter(unanswered()),
            Filter::All => query,
        };
        let person: &str = $person.trim();
        if let Some(code) = ReportReference::parse(person) {
            query = query.filter(t::report_id.eq(code.0));
        } else if !person.is_empty() {
            let pattern = containing(person);
            query = query.filter(
                (lower(invitation_contacts::name.nullable()).like(pattern.clone()).escape('\\'))
                    .or(lower(invitation_contacts::contact.nullable()).like(pattern.clone()).escape('\\'))
                    .or(lower(report_contents::phone).like(pattern.clone()).escape('\\'))
                    .or(lower(report_contents::email).like(pattern.clone()).escape('\\'))
                    .or(lower(me_too_contents::phone).like(pattern.clone()).escape('\\'))
                    .or(lower(me_too_contents::email).like(pattern.clone()).escape('\\')),
            );
        }
        query
    }};
}

/// The invitations of this window that are meant, the newest first, those before row `before`, at most
/// `limit`. With `person`, only those whose name, contact or report's code has this text in it, in
/// whichever case.
pub fn listed(
    connection: &mut Db,
    window: i64,
    filter: Filter,
    person: &str,
    before: i64,
    limit: i64,
) -> Result<Vec<Listed>> {
    use invitations as t;
    let query = narrowed!(window, filter, person);
    let query = query.filter(t::id.lt(before)).order(t::id.desc()).limit(limit);
    Ok(query.select(columns!()).load::<Row>(connection)?.into_iter().map(seen).collect())
}

/// What staff see of a row.
fn seen(row: Row) -> Listed {
    let (invitation, (decided_at, told_at, reminded_at), report, listed, filed, same, complete) = row;
    let (name, mut contact) = listed.unwrap_or_default();
    if contact.is_empty() {
        contact = reached(filed, same);
    }
    let state = match (invitation.revoked_at, complete) {
        (Some(_), _) => State::Revoked,
        (_, Some(true)) => State::Complete,
        (_, Some(false)) => State::Started,
        _ if reminded_at.is_some() => State::Reminded,
        _ if told_at.is_some() => State::Told,
        _ => State::Decided,
    };
    let report = report.map(ReportReference);
    Listed { invitation, name, contact, report, state, decided_at, told_at, reminded_at }
}

/// How somebody can be reached who reported something, or had the same.
fn reached(filed: Option<Reached>, same: Option<Reached>) -> String {
    let (phone, email) = filed.or(same).unwrap_or_default();
    email.or(phone).unwrap_or_default()
}

/// The same for [`Wanted`].
macro_rules! wanted {
    ($window:expr, $wanted:expr) => {{
        let mut query = narrowed!($window, $wanted.filter, $wanted.person);
        if let Some(exposure) = $wanted.exposure {
            query = query.filter(t::exposure.eq(exposure));
        }
        if let Some(state) = $wanted.state {
            let place = State::ALL.iter().position(|one| *one == state).unwrap_or(0);
            query = query.filter(sql::<Bool>(&format!("{STATE} = {place}")));
        }
        query
    }};
}

/// Which invitations of a window are asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// Those that are meant.
    pub filter: Filter,
    /// Only those that are so far.
    pub state: Option<State>,
    /// Only of people who are known to have met the window so.
    pub exposure: Option<Exposure>,
    /// Only those whose name, contact or report's code has this text in it, in whichever case.
    pub person: String,
}

crate::codes! {
    /// What the database sorts invitations by; of those that are equal the newest comes first.
    pub enum Sort {
        /// How they are known to have met the window.
        Exposure = "exposure",
        /// How far it is, from decided to withdrawn.
        State = "state",
        /// When it came so far.
        When = "when",
    }
}

/// The place of an invitation's state in [`State::ALL`], as [`Listed::state`] has it.
const STATE: &str = "(CASE WHEN invitations.revoked_at IS NOT NULL THEN 5 WHEN responses.complete THEN 4 \
     WHEN responses.complete IS NOT NULL THEN 3 WHEN invitations.reminded_at IS NOT NULL THEN 2 \
     WHEN invitations.told_at IS NOT NULL THEN 1 ELSE 0 END)";

/// The rows of the invitations that are asked for, in this order (and whether it descends) or the newest
/// first: numbers alone, for a list may have tens of thousands.
pub fn ids(
    connection: &mut Db,
    window: i64,
    wanted: &Wanted,
    order: Option<(Sort, bool)>,
) -> Result<Vec<i64>> {
    use invitations as t;
    let mut query = wanted!(window, wanted);
    if let Some((sort, descends)) = order {
        let key = match sort {
            Sort::State => STATE.to_owned(),
            Sort::When => {
                "COALESCE(invitations.reminded_at, invitations.told_at, invitations.decided_at)".to_owned()
            }
            Sort::Exposure => {
                let places = Exposure::ALL.iter().zip(0..);
                let cases: String = places.map(|(e, n)| format!(" WHEN '{e}' THEN {n}")).collect();
                format!("(CASE invitations.exposure{cases} END)")
            }
        };
        let key = sql::<BigInt>(&key);
        query = if descends { query.order(key.desc()) } else { query.order(key.asc()) };
    }
    Ok(query.then_order_by(t::id.desc()).select(t::id).load(connection)?)
}

/// The rows of the invitations that are asked for, the newest first, each with the name it has, or else
/// with the contact: what only the reader's alphabet can sort.
pub fn names(connection: &mut Db, window: i64, wanted: &Wanted) -> Result<Vec<(i64, String)>> {
    use invitations as t;
    let query = wanted!(window, wanted).order(t::id.desc()).select((
        t::id,
        (invitation_contacts::name, invitation_contacts::contact).nullable(),
        (report_contents::phone, report_contents::email).nullable(),
        (me_too_contents::phone, me_too_contents::email).nullable(),
    ));
    type Named = (i64, Option<(String, String)>, Option<Reached>, Option<Reached>);
    let name = |(id, listed, filed, same): Named| {
        let (name, contact) = listed.unwrap_or_default();
        let said = [name, contact].into_iter().find(|said| !said.is_empty());
        (id, said.unwrap_or_else(|| reached(filed, same)))
    };
    Ok(query.load::<Named>(connection)?.into_iter().map(name).collect())
}

/// These invitations of this window, in this order.
pub fn with_ids(connection: &mut Db, window: i64, ids: &[i64]) -> Result<Vec<Listed>> {
    use invitations as t;
    let mut found = HashMap::new();
    for some in ids.chunks(500) {
        let query = narrowed!(window, Filter::All, "").filter(t::id.eq_any(some));
        let rows = query.select(columns!()).load::<Row>(connection)?;
        found.extend(rows.into_iter().map(seen).map(|listed| (listed.invitation.id, listed)));
    }
    Ok(ids.iter().filter_map(|id| found.remove(id)).collect())
}

/// One invitation of this window with what staff see of it.
pub fn linked(connection: &mut Db, window: i64, id: i64) -> Result<Listed> {
    let found = listed(connection, window, Filter::All, "", id + 1, 1)?;
    found.into_iter().find(|l| l.invitation.id == id).ok_or(crate::store::Error::NotFound)
}

/// Notes that these invitations of the window were sent out, for the first time or as a reminder;
/// from then on the reminder waits for its day. Repeated, nothing changes.
pub fn told(write: &mut Write<'_>, window: &Window, ids: &[i64], reminder: bool) -> Result<()> {
    use invitations as t;
    let now = write.now;
    let days = i64::from(window.survey_remind_days);
    let remind_at = (days > 0).then(|| now.plus_hours(24 * days));
    for some in ids.chunks(500) {
        if reminder {
            diesel::update(
                t::table
                    .filter(t::window_id.eq(window.id))
                    .filter(t::id.eq_any(some))
                    .filter(t::reminder_told_at.is_null()),
            )
            .set(t::reminder_told_at.eq(now))
            .execute(write.connection)?;
            continue;
        }
        diesel::update(
            t::table
                .filter(t::window_id.eq(window.id))
                .filter(t::id.eq_any(some))
                .filter(t::told_at.is_null()),
        )
        .set((t::told_at.eq(now), t::remind_at.eq(remind_at)))
        .execute(write.connection)?;
    }
    Ok(())
}

/// The invitations with a name and contact of their own that nobody has decided, sent out or reminded
/// since `before`, at most `limit`.
pub fn contacts_outlived(connection: &mut Db, before: Instant, limit: i64) -> Result<Vec<i64>> {
    use {invitation_contacts as c, invitations as t};
    Ok(c::table
        .inner_join(t::table)
        .filter(t::decided_at.lt(before))
        .filter(t::told_at.is_null().or(t::told_at.assume_not_null().lt(before)))
        .filter(t::reminded_at.is_null().or(t::reminded_at.assume_not_null().lt(before)))
        .filter(t::reminder_told_at.is_null().or(t::reminder_told_at.assume_not_null().lt(before)))
        .order(c::invitation_id)
        .limit(limit)
        .select(c::invitation_id)
        .load(connection)?)
}

/// Forgets names and contacts that have outlived their time, at most 500, and notes it. Gives how many.
/// The links work on, and what was answered stays.
pub fn forget_contacts(write: &mut Write<'_>, actor: &Actor, keeping: Keeping) -> Result<usize> {
    use invitation_contacts as c;
    let Some(before) = keeping.contacts_before(write.now) else { return Ok(0) };
    let ids = contacts_outlived(write.connection, before, jobs::STEP)?;
    let gone = diesel::delete(c::table.filter(c::invitation_id.eq_any(ids))).execute(write.connection)?;
    if gone > 0 {
        audit::note(write, actor, "privacy.purge", "contacts of invited lists", &gone.to_string())?;
    }
    Ok(gone)
}
