//! Who somebody is at the organisation's own log-in (OpenID Connect), and the way there and back.

use diesel::prelude::*;

use super::sessions::{Login, SessionLife, begin_session};
use super::{Actor, Person, change_role, insert, person};
use crate::domain::instant::Instant;
use crate::domain::person::{PersonName, Role};
use crate::domain::secret;
use crate::each_database;
use crate::store::connection::Db;
use crate::store::error::{Error, Result};
use crate::store::instance::random_secret;
use crate::store::schema::{identities, people, provider_logins};
use crate::store::{Write, audit};

/// How long somebody may take at the provider, in seconds.
const AWAY_SECONDS: i64 = 600;

/// Somebody as the provider names them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// The provider's address.
    pub issuer: String,
    /// Its own name for them, which never changes.
    pub subject: String,
    /// The name that they would like to have here.
    pub name: String,
    /// The role that the provider's claims give them, if they give one.
    pub role: Option<Role>,
}

/// A log-in at the provider that has begun.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
pub struct Away {
    /// Binds the provider's answer to this log-in.
    pub nonce: String,
    /// Proves that the one who comes back is the one who went (PKCE).
    pub verifier: String,
    /// Where they wanted to go.
    pub next: String,
    /// Whoever is logged in already and wants to be known there as well.
    pub person_id: Option<i64>,
}

/// Keeps that somebody has gone to the provider; the text is what their cookie holds.
pub fn go(write: &mut Write<'_>, away: &Away) -> Result<String> {
    let secret = random_secret();
    let id: i64 = diesel::insert_into(provider_logins::table)
        .values((
            provider_logins::secret_hash.eq(secret::hash(&secret)),
            provider_logins::nonce.eq(&away.nonce),
            provider_logins::verifier.eq(&away.verifier),
            provider_logins::next.eq(&away.next),
            provider_logins::person_id.eq(away.person_id),
            provider_logins::created_at.eq(write.now),
            provider_logins::expires_at.eq(write.now.plus_seconds(AWAY_SECONDS)),
        ))
        .returning(provider_logins::id)
        .get_result(write.connection)?;
    Ok(format!("{id}.{secret}"))
}

/// Takes out what was kept behind this cookie: a second answer of the provider finds nothing.
pub fn come_back(write: &mut Write<'_>, cookie: &str) -> Result<Option<Away>> {
    let Some((id, secret)) = cookie.split_once('.').and_then(|(id, s)| Some((id.parse::<i64>().ok()?, s)))
    else {
        return Ok(None);
    };
    let row = provider_logins::table
        .find(id)
        .filter(provider_logins::secret_hash.eq(secret::hash(secret)))
        .filter(provider_logins::expires_at.gt(write.now));
    let away = row
        .select((
            provider_logins::nonce,
            provider_logins::verifier,
            provider_logins::next,
            provider_logins::person_id,
        ))
        .first::<Away>(write.connection)
        .optional()?;
    let taken = diesel::delete(provider_logins::table.find(id)).execute(write.connection)?;
    Ok(away.filter(|_| taken == 1))
}

/// What came of an identity that the provider vouches for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Somebody is in; the session's cookie.
    In(String),
    /// Nobody here is that person, and their claims give them no role.
    Unknown,
    /// That person may not log in.
    Disabled,
}

/// Lets somebody in whom the provider vouches for: a person who is linked with that identity, or, if
/// the provider's claims give a role, a new one.
pub fn enter(write: &mut Write<'_>, identity: &Identity, life: SessionLife, device: &str) -> Result<Outcome> {
    let linked = identities::table
        .filter(identities::issuer.eq(&identity.issuer))
        .filter(identities::subject.eq(&identity.subject))
        .select((identities::id, identities::person_id))
        .first::<(i64, i64)>(write.connection)
        .optional()?;
    let person_id = match (linked, identity.role) {
        (Some((id, person_id)), role) => {
            let known = person(write.connection, person_id)?;
            if known.disabled_at.is_some() {
                audit::note_unknown(write, "login.refused", &known.name, "provider")?;
                return Ok(Outcome::Disabled);
            }
            diesel::update(identities::table.find(id))
                .set(identities::seen_at.eq(write.now))
                .execute(write.connection)?;
            if let Some(role) = role.filter(|role| *role != known.role) {
                match change_role(write, &Actor::Provider, person_id, role) {
                    // Somebody has to be left who decides who may do what.
                    Ok(()) | Err(Error::Conflict { .. }) => {}
                    Err(error) => return Err(error),
                }
            }
            person_id
        }
        (None, Some(role)) => {
            let name = free_name(write.connection, &identity.name)?;
            // No password fits what is no hash.
            let person = insert(write, &name, role, "")?;
            let actor = Actor::Person { id: person.id, name: person.name.clone(), role };
            audit::note(write, &actor, "person.add", &person.name, role.code())?;
            keep(write, &actor, &person, identity)?;
            person.id
        }
        (None, None) => {
            audit::note_unknown(write, "login.refused", "", "provider")?;
            return Ok(Outcome::Unknown);
        }
    };
    begin_session(write, person_id, life, device, Login::Provider).map(Outcome::In)
}

/// Links somebody who is logged in with an identity. [`Error::Conflict`] if another person has it.
pub fn link(write: &mut Write<'_>, actor: &Actor, person_id: i64, identity: &Identity) -> Result<()> {
    let person = person(write.connection, person_id)?;
    let holder = identities::table
        .filter(identities::issuer.eq(&identity.issuer))
        .filter(identities::subject.eq(&identity.subject))
        .select(identities::person_id)
        .first::<i64>(write.connection)
        .optional()?;
    match holder {
        Some(holder) if holder == person_id => Ok(()),
        Some(_) => Err(Error::conflict("identity-taken")),
        None => keep(write, actor, &person, identity),
    }
}

fn keep(write: &mut Write<'_>, actor: &Actor, person: &Person, identity: &Identity) -> Result<()> {
    let kept = each_database!(&mut *write.connection, c => diesel::insert_into(identities::table)
        .values((
            identities::person_id.eq(person.id),
            identities::issuer.eq(&identity.issuer),
            identities::subject.eq(&identity.subject),
            identities::created_at.eq(write.now),
            identities::seen_at.eq(write.now),
        ))
        .on_conflict_do_nothing()
        .execute(c))?;
    if kept == 0 {
        // The same person came in at the same moment, elsewhere: the next try finds them.
        return Err(Error::Busy);
    }
    audit::note(write, actor, "identity.link", &person.name, &identity.issuer)
}

/// Takes the links of somebody with the provider away.
pub fn unlink(write: &mut Write<'_>, actor: &Actor, person_id: i64) -> Result<()> {
    let name = person(write.connection, person_id)?.name;
    let gone = diesel::delete(identities::table.filter(identities::person_id.eq(person_id)))
        .execute(write.connection)?;
    if gone == 0 {
        return Ok(());
    }
    audit::note(write, actor, "identity.unlink", &name, "")
}

/// The providers that somebody is linked with, and since when.
pub fn of(connection: &mut Db, person_id: i64) -> Result<Vec<(String, Instant)>> {
    Ok(identities::table
        .filter(identities::person_id.eq(person_id))
        .order(identities::id)
        .select((identities::issuer, identities::created_at))
        .load(connection)?)
}

/// The name that somebody would like, made one that may be and that nobody has.
fn free_name(connection: &mut Db, wish: &str) -> Result<PersonName> {
    let tidy: String = wish.chars().filter(|c| c.is_alphanumeric() || "._-@".contains(*c)).take(50).collect();
    let tidy = if tidy.chars().count() < 2 { "somebody".to_owned() } else { tidy };
    for n in 1.. {
        let name = if n == 1 { tidy.clone() } else { format!("{tidy}-{n}") };
        let name = PersonName::parse("name", &name)?;
        let taken = people::table.filter(people::name.eq(name.as_str())).select(people::id);
        if taken.first::<i64>(connection).optional()?.is_none() {
            return Ok(name);
        }
    }
    Err(Error::Internal("there are no numbers left".into()))
}

/// Forgets log-ins at the provider that nobody came back from. Gives how many.
pub fn forget_away(write: &mut Write<'_>) -> Result<usize> {
    Ok(diesel::delete(provider_logins::table.filter(provider_logins::expires_at.lt(write.now)))
        .execute(write.connection)?)
}
