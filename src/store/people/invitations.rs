//! Invitations: links by which somebody comes in with the name and the role that an administrator
//! chose. Each works once and for some days; only a hash of it is kept.

use diesel::prelude::*;

use super::{Actor, Person, insert};
use crate::domain::instant::Instant;
use crate::domain::person::{PersonName, Role};
use crate::domain::secret::{self, IdempotencyKey, InstanceKey};
use crate::store::connection::Db;
use crate::store::error::{Error, Result};
use crate::store::schema::{people, staff_invitations};
use crate::store::{Write, audit, idempotency};

/// An invitation to be made.
#[derive(Debug, Clone, serde::Serialize)]
pub struct NewInvitation {
    /// The name that they will log in with.
    pub name: String,
    /// What they will be allowed to do.
    pub role: Role,
    /// After how many days the link no longer works.
    pub days: u32,
}

/// An invitation, without its secret.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
pub struct Invitation {
    /// Its row.
    pub id: i64,
    /// The name that they will log in with.
    pub name: String,
    /// What they will be allowed to do.
    pub role: Role,
    /// When it was made.
    pub created_at: Instant,
    /// From when on the link no longer works.
    pub expires_at: Instant,
}

const INVITATION: (
    staff_invitations::id,
    staff_invitations::name,
    staff_invitations::role,
    staff_invitations::created_at,
    staff_invitations::expires_at,
) = (
    staff_invitations::id,
    staff_invitations::name,
    staff_invitations::role,
    staff_invitations::created_at,
    staff_invitations::expires_at,
);

/// The invitations that can still be accepted at this moment, newest first.
pub fn open(connection: &mut Db, now: Instant) -> Result<Vec<Invitation>> {
    Ok(staff_invitations::table
        .filter(staff_invitations::used_at.is_null())
        .filter(staff_invitations::revoked_at.is_null())
        .filter(staff_invitations::expires_at.gt(now))
        .order(staff_invitations::id.desc())
        .select(INVITATION)
        .load(connection)?)
}

/// Makes an invitation and gives the last part of its link. The same key gives the same link again.
///
/// Errors: `name` → `name-taken`; [`Error::KeyReused`] if the key came with another one.
pub fn create_once(
    write: &mut Write<'_>,
    actor: &Actor,
    new: &NewInvitation,
    instance: &InstanceKey,
    key: &IdempotencyKey,
) -> Result<String> {
    let secret = secret::base32(&instance.derive(&["staff invitation", key.as_str()])[..20]);
    let id: i64 = idempotency::once(write, "invitation", key, new, |w| {
        let taken = people::table.filter(people::name.eq(&new.name)).select(people::id);
        if taken.first::<i64>(w.connection).optional()?.is_some() {
            return Err(Error::field("name", "name-taken"));
        }
        let id = diesel::insert_into(staff_invitations::table)
            .values((
                staff_invitations::name.eq(&new.name),
                staff_invitations::role.eq(new.role),
                staff_invitations::secret_hash.eq(secret::hash(&secret)),
                staff_invitations::author_id.eq(actor.person_id()),
                staff_invitations::created_at.eq(w.now),
                staff_invitations::expires_at.eq(w.now.plus_hours(24 * i64::from(new.days))),
            ))
            .returning(staff_invitations::id)
            .get_result(w.connection)?;
        audit::note(w, actor, "invitation.create", &new.name, new.role.code())?;
        Ok(id)
    })?;
    Ok(format!("{id}-{secret}"))
}

/// The invitation that this link opens at this moment. [`Error::NotFound`] for one that never was,
/// was used, was taken back, or is too old: all the same to whoever asks.
pub fn opened_by(connection: &mut Db, link: &str, now: Instant) -> Result<Invitation> {
    let (id, secret) = link.split_once('-').ok_or(Error::NotFound)?;
    let id: i64 = id.parse().map_err(|_| Error::NotFound)?;
    let (invitation, hash) = staff_invitations::table
        .find(id)
        .filter(staff_invitations::used_at.is_null())
        .filter(staff_invitations::revoked_at.is_null())
        .filter(staff_invitations::expires_at.gt(now))
        .select((INVITATION, staff_invitations::secret_hash))
        .first::<(Invitation, String)>(connection)?;
    if secret::matches(secret, &hash) { Ok(invitation) } else { Err(Error::NotFound) }
}

/// Makes a person of an invitation, once, with this password's hash.
pub fn accept(write: &mut Write<'_>, link: &str, password_hash: &str) -> Result<Person> {
    let invitation = opened_by(write.connection, link, write.now)?;
    let used = diesel::update(staff_invitations::table.find(invitation.id))
        .filter(staff_invitations::used_at.is_null())
        .set(staff_invitations::used_at.eq(write.now))
        .execute(write.connection)?;
    if used == 0 {
        return Err(Error::NotFound);
    }
    let name = PersonName::parse("name", &invitation.name)?;
    let person = insert(write, &name, invitation.role, password_hash)?;
    let actor = Actor::Person { id: person.id, name: person.name.clone(), role: person.role };
    audit::note(write, &actor, "invitation.accept", &person.name, person.role.code())?;
    Ok(person)
}

/// Takes an invitation back.
pub fn revoke(write: &mut Write<'_>, actor: &Actor, id: i64) -> Result<()> {
    let name: String =
        staff_invitations::table.find(id).select(staff_invitations::name).first(write.connection)?;
    diesel::update(staff_invitations::table.find(id).filter(staff_invitations::revoked_at.is_null()))
        .set(staff_invitations::revoked_at.eq(write.now))
        .execute(write.connection)?;
    audit::note(write, actor, "invitation.revoke", &name, "")
}

/// Forgets invitations that can no longer be accepted. Gives how many. What came of them stands in the
/// audit log.
pub fn forget_over(write: &mut Write<'_>) -> Result<usize> {
    Ok(diesel::delete(
        staff_invitations::table.filter(
            staff_invitations::expires_at
                .lt(write.now)
                .or(staff_invitations::used_at.is_not_null())
                .or(staff_invitations::revoked_at.is_not_null()),
        ),
    )
    .execute(write.connection)?)
}
