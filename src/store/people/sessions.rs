//! Sessions: who is logged in where. A row holds a hash of the cookie's secret, never the secret.

use diesel::dsl::exists;
use diesel::prelude::*;

use super::{Actor, person};
use crate::domain::instant::Instant;
use crate::domain::person::Role;
use crate::domain::secret;
use crate::store::connection::Db;
use crate::store::error::{Error, Result};
use crate::store::instance::random_secret;
use crate::store::schema::{login_steps, people, second_factors, sessions};
use crate::store::{Write, audit, keeping};

crate::codes! {
    /// How somebody said who they are.
    pub enum Login {
        /// By their password alone.
        Password = "password",
        /// By their password and a code of their authenticator.
        Code = "code",
        /// By their password and a recovery code.
        Recovery = "recovery",
        /// At the organisation's own log-in.
        Provider = "provider",
    }
}

/// How long a session lives, in seconds.
#[derive(Debug, Clone, Copy)]
pub struct SessionLife {
    /// Without being used.
    pub idle: i64,
    /// At most.
    pub absolute: i64,
}

/// The longest that a server can be told to let a session lie idle, in hours: 30 days.
pub const IDLE_MAX_HOURS: i64 = 30 * 24;

/// Begins a session; the text is what the cookie holds, given this once.
///
/// `device` is what the browser says of itself. [`Error::NotFound`] for somebody who is disabled by
/// now.
pub fn begin_session(
    write: &mut Write<'_>,
    person_id: i64,
    life: SessionLife,
    device: &str,
    login: Login,
) -> Result<String> {
    let person = person(write.connection, person_id)?;
    if person.disabled_at.is_some() {
        return Err(Error::NotFound);
    }
    let secret = random_secret();
    let idle_since = write.now.plus_seconds(-life.idle);
    diesel::delete(
        sessions::table.filter(sessions::expires_at.lt(write.now).or(sessions::seen_at.lt(idle_since))),
    )
    .execute(write.connection)?;
    let id: i64 = diesel::insert_into(sessions::table)
        .values((
            sessions::person_id.eq(person_id),
            sessions::secret_hash.eq(secret::hash(&secret)),
            sessions::created_at.eq(write.now),
            sessions::seen_at.eq(write.now),
            sessions::expires_at.eq(write.now.plus_seconds(life.absolute)),
            sessions::device.eq(device),
            sessions::login.eq(login),
        ))
        .returning(sessions::id)
        .get_result(write.connection)?;
    let actor = Actor::Person { id: person.id, name: person.name.clone(), role: person.role };
    audit::note(write, &actor, "login", &person.name, login.code())?;
    Ok(format!("{id}.{secret}"))
}

/// A session that somebody shows the cookie of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Who it is.
    pub actor: Actor,
    /// Its last use was noted more than a minute ago.
    pub stale: bool,
    /// A second factor is required of everybody, and this person has none yet.
    pub needs_second_factor: bool,
}

/// The row and the secret in a cookie.
fn parts(cookie: &str) -> Option<(i64, &str)> {
    let (id, secret) = cookie.split_once('.')?;
    Some((id.parse().ok()?, secret))
}

/// The number of the session that a cookie names, whether it is good or not.
pub fn session_id(cookie: &str) -> Option<i64> {
    parts(cookie).map(|(id, _)| id)
}

/// Whose session this cookie opens at this moment.
pub fn session(
    connection: &mut Db,
    cookie: &str,
    now: Instant,
    life: SessionLife,
) -> Result<Option<Session>> {
    let Some((id, secret)) = parts(cookie) else { return Ok(None) };
    let row = sessions::table
        .inner_join(people::table)
        .filter(sessions::id.eq(id))
        .filter(people::disabled_at.is_null())
        .select((
            (sessions::secret_hash, sessions::seen_at, sessions::expires_at, sessions::login),
            (people::id, people::name, people::role),
        ))
        .first::<((String, Instant, Instant, Login), (i64, String, Role))>(connection)
        .optional()?;
    let Some(((hash, seen, expires, login), (id, name, role))) = row else { return Ok(None) };
    if !secret::matches(secret, &hash) || now >= expires || now >= seen.plus_seconds(life.idle) {
        return Ok(None);
    }
    let needs_second_factor = login != Login::Provider
        && keeping::requires_second_factor(connection)?
        && !diesel::select(exists(
            second_factors::table
                .filter(second_factors::person_id.eq(id))
                .filter(second_factors::confirmed_at.is_not_null()),
        ))
        .get_result::<bool>(connection)?;
    let stale = now > seen.plus_seconds(60);
    Ok(Some(Session { actor: Actor::Person { id, name, role }, stale, needs_second_factor }))
}

/// Notes that the session with this cookie is in use.
pub fn touch_session(write: &mut Write<'_>, cookie: &str) -> Result<()> {
    if let Some((id, _)) = parts(cookie) {
        diesel::update(sessions::table.find(id))
            .set(sessions::seen_at.eq(write.now))
            .execute(write.connection)?;
    }
    Ok(())
}

/// A session as its owner is shown it.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
pub struct OpenSession {
    /// Its row.
    pub id: i64,
    /// What the browser said of itself; empty if that is not known.
    pub device: String,
    /// How it began.
    pub login: Login,
    /// When it began.
    pub created_at: Instant,
    /// When it was last used, to the minute.
    pub seen_at: Instant,
}

/// The sessions of a person that are alive at this moment, the last used first.
pub fn open_sessions(
    connection: &mut Db,
    person_id: i64,
    now: Instant,
    life: SessionLife,
) -> Result<Vec<OpenSession>> {
    Ok(sessions::table
        .filter(sessions::person_id.eq(person_id))
        .filter(sessions::expires_at.gt(now))
        .filter(sessions::seen_at.gt(now.plus_seconds(-life.idle)))
        .order((sessions::seen_at.desc(), sessions::id.desc()))
        .select((sessions::id, sessions::device, sessions::login, sessions::created_at, sessions::seen_at))
        .load(connection)?)
}

/// Ends the session with this cookie, as whoever has it asks; a cookie of no session ends nothing.
pub fn end_session(write: &mut Write<'_>, cookie: &str) -> Result<()> {
    let Some((id, secret)) = parts(cookie) else { return Ok(()) };
    let row = sessions::table.filter(sessions::id.eq(id));
    let ended: Vec<i64> = diesel::delete(row.filter(sessions::secret_hash.eq(secret::hash(secret))))
        .returning(sessions::person_id)
        .get_results(write.connection)?;
    for id in ended {
        let person = person(write.connection, id)?;
        let actor = Actor::Person { id, name: person.name.clone(), role: person.role };
        audit::note(write, &actor, "logout", &person.name, "")?;
    }
    Ok(())
}

/// Ends one session of this person. [`Error::NotFound`] if it is over or somebody else's.
pub fn end_session_of(write: &mut Write<'_>, actor: &Actor, person_id: i64, session: i64) -> Result<()> {
    let name = person(write.connection, person_id)?.name;
    let row = sessions::table.filter(sessions::id.eq(session)).filter(sessions::person_id.eq(person_id));
    if diesel::delete(row).execute(write.connection)? == 0 {
        return Err(Error::NotFound);
    }
    audit::note(write, actor, "session.end", &name, "")
}

/// Ends every session of this person but one (nothing: all); gives how many.
pub fn end_other_sessions(
    write: &mut Write<'_>,
    actor: &Actor,
    person_id: i64,
    keep: Option<i64>,
) -> Result<usize> {
    let name = person(write.connection, person_id)?.name;
    let rows =
        sessions::table.filter(sessions::person_id.eq(person_id)).filter(sessions::id.ne(keep.unwrap_or(0)));
    let ended = diesel::delete(rows).execute(write.connection)?;
    audit::note(write, actor, "session.end", &name, &format!("{ended}"))?;
    Ok(ended)
}

/// Ends every session of that person, and what they had begun of a log-in.
pub fn end_all_sessions(write: &mut Write<'_>, person_id: i64) -> Result<()> {
    diesel::delete(sessions::table.filter(sessions::person_id.eq(person_id))).execute(write.connection)?;
    diesel::delete(login_steps::table.filter(login_steps::person_id.eq(person_id)))
        .execute(write.connection)?;
    Ok(())
}

/// Forgets sessions that open nothing any more, however long a server lets them lie idle. Gives how
/// many.
pub fn forget_idle(write: &mut Write<'_>) -> Result<usize> {
    let seen = write.now.plus_hours(-IDLE_MAX_HOURS);
    Ok(diesel::delete(
        sessions::table.filter(sessions::expires_at.lt(write.now).or(sessions::seen_at.lt(seen))),
    )
    .execute(write.connection)?)
}
