//! Personal links to the survey of a window: who gets one is decided once, each opens one response,
//! and only hashes of them are stored. The link itself is derived again when staff send it out.

mod decide;
mod list;
mod remind;
mod upload;

use std::collections::HashMap;

use diesel::dsl::{exists, not};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};

pub use decide::{ask, decide, demonstrate};
pub use list::{
    Filter, Listed, Sort, State, Tally, Wanted, contacts_outlived, forget_contacts, ids, invited_of, linked,
    listed, names, tally, told, with_ids,
};
pub use remind::{due, remind};
pub use upload::{Outcome, upload};

use crate::domain::instant::Instant;
use crate::domain::language::Language;
use crate::domain::report::Contact;
use crate::domain::secret::{self, InstanceKey};
use crate::domain::survey::{Exposure, invited};
use crate::each_database;
use crate::store::connection::Db;
use crate::store::error::{Error, Result};
use crate::store::instance::random_secret;
use crate::store::people::Actor;
use crate::store::schema::{invitation_contacts, invitations, responses};
use crate::store::windows::Window;
use crate::store::{Write, audit};

/// Somebody's invitation.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
pub struct Invitation {
    /// Its row.
    pub id: i64,
    /// The row of its window.
    pub window_id: i64,
    /// How they are known to have met the window.
    pub exposure: Exposure,
    /// The language that they read.
    pub language: Language,
    /// Part of what the link is derived from.
    pub salt: String,
    /// When it was withdrawn.
    pub revoked_at: Option<Instant>,
}

type Columns = (
    invitations::id,
    invitations::window_id,
    invitations::exposure,
    invitations::language,
    invitations::salt,
    invitations::revoked_at,
);

const COLUMNS: Columns = (
    invitations::id,
    invitations::window_id,
    invitations::exposure,
    invitations::language,
    invitations::salt,
    invitations::revoked_at,
);

/// The last part of a personal link: the row, by which it is found, and 130 bits derived from the
/// instance's key.
fn link_of(key: &InstanceKey, id: i64, salt: &str) -> String {
    let derived = key.derive(&["survey invitation", salt, &id.to_string()]);
    format!("i{id}-{}", &secret::base32(&derived)[..26])
}

impl Invitation {
    /// The last part of the personal link.
    pub fn link(&self, key: &InstanceKey) -> String {
        link_of(key, self.id, &self.salt)
    }
}

/// The row that a personal link names, if it has the form of one.
fn id_of(link: &str) -> Option<i64> {
    let (name, rest) = link.split_once('-')?;
    let digits = name.strip_prefix('i').filter(|d| d.bytes().all(|b| b.is_ascii_digit()))?;
    (rest.len() == 26).then(|| digits.parse().ok()).flatten()
}

/// What is kept of a person, so that nobody is invited twice to one survey.
fn person_hash(key: &InstanceKey, kind: &str, name: &str) -> String {
    secret::base32(&key.derive(&["invited person", kind, name]))
}

/// What is kept of somebody who can be reached; nothing of somebody who left no contact.
fn contact_hash(key: &InstanceKey, phone: Option<&str>, email: Option<&str>) -> Option<String> {
    let reached = email.or(phone).filter(|contact| !contact.trim().is_empty())?;
    Some(person_hash(key, "contact", &invited::tidy(reached)))
}

/// The invitation that a personal link opens.
///
/// Errors: `invitation-unknown` at `invitation`; conflict `invitation-revoked`.
pub fn open(connection: &mut Db, link: &str) -> Result<Invitation> {
    let unknown = || Error::field("invitation", "invitation-unknown");
    let id = id_of(link).ok_or_else(unknown)?;
    let found = invitations::table
        .find(id)
        .select((COLUMNS, invitations::secret_hash))
        .first::<(Invitation, String)>(connection)
        .optional()?;
    match found {
        Some((invitation, hash)) if secret::matches(link, &hash) => match invitation.revoked_at {
            Some(_) => Err(Error::conflict("invitation-revoked")),
            None => Ok(invitation),
        },
        _ => Err(unknown()),
    }
}

/// Opens an invitation to this window's survey to answer it; until the end of the transaction nobody
/// else can. Errors: those of [`open`].
pub(in crate::store) fn claim(write: &mut Write<'_>, window: &Window, link: &str) -> Result<Invitation> {
    let invitation = open(write.connection, link)?;
    if invitation.window_id != window.id {
        return Err(Error::field("invitation", "invitation-unknown"));
    }
    let first =
        diesel::dsl::sql::<diesel::sql_types::Nullable<diesel::sql_types::BigInt>>("COALESCE(opened_at, ")
            .bind::<diesel::sql_types::BigInt, _>(write.now)
            .sql(")");
    let claimed =
        diesel::update(invitations::table.find(invitation.id).filter(invitations::revoked_at.is_null()))
            .set(invitations::opened_at.eq(first))
            .execute(write.connection)?;
    if claimed == 1 { Ok(invitation) } else { Err(Error::conflict("invitation-revoked")) }
}

/// Somebody who is to be invited.
struct Person<'a> {
    exposure: Exposure,
    report: Option<i64>,
    me_too: Option<i64>,
    hash: String,
    language: Language,
    /// Name and contact, for somebody on a list.
    reached: Option<(&'a str, &'a str)>,
}

/// Invites these people, at most a step of a job, to the survey of this window, each once; gives how many
/// were not invited before. A list may hold many thousands, so it takes a few statements for all of them.
fn invite(
    write: &mut Write<'_>,
    key: &InstanceKey,
    window: i64,
    demonstration: bool,
    people: &[Person<'_>],
) -> Result<usize> {
    if people.is_empty() {
        return Ok(0);
    }
    let now = write.now;
    let salts: Vec<String> = people.iter().map(|_| random_secret()).collect();
    let rows: Vec<_> = people
        .iter()
        .zip(&salts)
        .map(|(person, salt)| {
            (
                invitations::window_id.eq(window),
                invitations::exposure.eq(person.exposure.code()),
                invitations::report_id.eq(person.report),
                invitations::me_too_id.eq(person.me_too),
                invitations::person_hash.eq(&person.hash),
                invitations::salt.eq(salt),
                invitations::secret_hash.eq(""),
                invitations::language.eq(person.language),
                invitations::decided_at.eq(now),
                invitations::demonstration.eq(demonstration),
            )
        })
        .collect();
    each_database!(&mut *write.connection, c => diesel::insert_into(invitations::table)
        .values(&rows)
        .on_conflict_do_nothing()
        .execute(c))?;
    // Whose row has the salt that was made here was not invited before.
    let new: Vec<(i64, String)> = invitations::table
        .filter(invitations::window_id.eq(window))
        .filter(invitations::salt.eq_any(&salts))
        .filter(invitations::person_hash.eq_any(people.iter().map(|person| &person.hash)))
        .order(invitations::id)
        .select((invitations::id, invitations::salt))
        .load(write.connection)?;
    if new.is_empty() {
        return Ok(0);
    }
    keep_hashes(write, key, &new)?;
    let by_salt: HashMap<&str, &Person<'_>> = salts.iter().map(String::as_str).zip(people).collect();
    let contacts: Vec<_> = new
        .iter()
        .filter_map(|(id, salt)| {
            let (name, contact) = by_salt.get(salt.as_str())?.reached?;
            Some((
                invitation_contacts::invitation_id.eq(*id),
                invitation_contacts::name.eq(name),
                invitation_contacts::contact.eq(contact),
            ))
        })
        .collect();
    if !contacts.is_empty() {
        each_database!(&mut *write.connection, c => diesel::insert_into(invitation_contacts::table)
            .values(&contacts)
            .execute(c))?;
    }
    Ok(new.len())
}

/// Keeps the hashes of the links of these new rows, which are derived from their numbers and salts.
fn keep_hashes(write: &mut Write<'_>, key: &InstanceKey, rows: &[(i64, String)]) -> Result<()> {
    let places: Vec<String> = (0..rows.len())
        .map(|n| format!("(CAST(${} AS BIGINT), CAST(${} AS TEXT))", 2 * n + 1, 2 * n + 2))
        .collect();
    let statement = format!(
        "WITH new(id, hash) AS (VALUES {}) \
         UPDATE invitations SET secret_hash = new.hash FROM new WHERE invitations.id = new.id",
        places.join(", ")
    );
    each_database!(&mut *write.connection, c => {
        let mut query = diesel::sql_query(statement).into_boxed();
        for (id, salt) in rows {
            query = query.bind::<BigInt, _>(*id).bind::<Text, _>(secret::hash(&link_of(key, *id, salt)));
        }
        query.execute(c)
    })?;
    Ok(())
}

/// What kind of receipt somebody holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Receipted {
    /// Of a report, by its row.
    Report(i64),
    /// Of a me-too, by its row.
    MeToo(i64),
}

/// The invitation to this window's survey of whoever holds this receipt and left this contact with it,
/// if it was neither withdrawn nor answered: shown with the receipt, which nobody else can open.
///
/// Somebody with several receipts is invited once and finds it on each. A contact is only what somebody
/// typed, though: the invitation of another receipt is shown until it was first opened to answer, so that
/// nobody finds what another has begun to say, and those of lists, which staff send out, never are.
pub fn unanswered(
    connection: &mut Db,
    key: &InstanceKey,
    window: i64,
    receipt: Receipted,
    contact: &Contact,
) -> Result<Option<Invitation>> {
    let (report, me_too) = match receipt {
        Receipted::Report(id) => (Some(id), None),
        Receipted::MeToo(id) => (None, Some(id)),
    };
    let answered = || responses::table.filter(responses::invitation_id.eq(invitations::id.nullable()));
    let valid = || {
        invitations::table
            .filter(invitations::window_id.eq(window))
            .filter(invitations::revoked_at.is_null())
            .order(invitations::id.desc())
            .select(COLUMNS)
    };
    let own = valid()
        .filter(invitations::report_id.eq(report).or(invitations::me_too_id.eq(me_too)))
        .filter(not(exists(answered().filter(responses::complete.eq(true)))))
        .first(connection)
        .optional()?;
    let Some(hash) = contact_hash(key, contact.phone.as_deref(), contact.email.as_deref()) else {
        return Ok(own);
    };
    if own.is_some() {
        return Ok(own);
    }
    Ok(valid()
        .filter(invitations::person_hash.eq(hash))
        .filter(invitations::report_id.is_not_null().or(invitations::me_too_id.is_not_null()))
        .filter(not(exists(answered())))
        .first(connection)
        .optional()?)
}

/// Withdraws an invitation of this window; what was answered by it stays. `false` if it was withdrawn
/// before. [`Error::NotFound`] if the window has no such invitation.
pub fn revoke(write: &mut Write<'_>, actor: &Actor, window: &Window, id: i64) -> Result<bool> {
    let of_window = invitations::window_id.eq(window.id);
    let known = invitations::table.find(id).filter(of_window).select(invitations::id);
    known.first::<i64>(write.connection)?;
    let changed = diesel::update(
        invitations::table.find(id).filter(of_window).filter(invitations::revoked_at.is_null()),
    )
    .set(invitations::revoked_at.eq(write.now))
    .execute(write.connection)?;
    if changed == 1 {
        audit::note(write, actor, "survey.withdraw", window.slug.as_str(), &format!("i{id}"))?;
    }
    Ok(changed == 1)
}

/// Gives back an invitation of this window that was withdrawn: the same link opens the survey again, and
/// what was answered by it is where it was. `false` if it was not withdrawn. [`Error::NotFound`] if the
/// window has no such invitation.
pub fn give_back(write: &mut Write<'_>, actor: &Actor, window: &Window, id: i64) -> Result<bool> {
    let of_window = invitations::window_id.eq(window.id);
    let known = invitations::table.find(id).filter(of_window).select(invitations::id);
    known.first::<i64>(write.connection)?;
    let changed = diesel::update(
        invitations::table.find(id).filter(of_window).filter(invitations::revoked_at.is_not_null()),
    )
    .set(invitations::revoked_at.eq(None::<Instant>))
    .execute(write.connection)?;
    if changed == 1 {
        audit::note(write, actor, "survey.give-back", window.slug.as_str(), &format!("i{id}"))?;
    }
    Ok(changed == 1)
}

/// Removes the invitations of the demonstration, at most `limit` of them, whose responses were
/// removed before. Gives how many there were.
pub fn remove_demonstration(write: &mut Write<'_>, limit: i64) -> Result<usize> {
    let some: Vec<i64> = invitations::table
        .filter(invitations::demonstration.eq(true))
        .order(invitations::id)
        .limit(limit)
        .select(invitations::id)
        .load(write.connection)?;
    let answered = responses::table.filter(responses::invitation_id.eq_any(&some));
    diesel::delete(answered).execute(write.connection)?;
    Ok(diesel::delete(invitations::table.filter(invitations::id.eq_any(some))).execute(write.connection)?)
}
