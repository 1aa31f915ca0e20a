//! People, their sessions and the tokens of programs: who is acting, and with which role.

use std::fmt;

use diesel::prelude::*;

use super::connection::Db;
use super::error::{Error, Result};
use super::instance::random_secret;
use super::schema::{people, sessions, tokens};
use super::{Write, audit, idempotency};
use crate::domain::instant::Instant;
use crate::domain::person::{PersonName, Role};
use crate::domain::secret::{self, IdempotencyKey, InstanceKey};

/// Who acts: a person, a program with a token, somebody at the command line, or the clock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Actor {
    /// Somebody who is logged in.
    Person {
        /// Their row.
        id: i64,
        /// Their name.
        name: String,
        /// What they may do.
        role: Role,
    },
    /// A program.
    Token {
        /// The token's row.
        id: i64,
        /// The name it was given.
        name: String,
        /// What it may do.
        role: Role,
    },
    /// Somebody with access to the machine itself.
    CommandLine,
    /// Nobody: it was due.
    Clock,
}

impl Actor {
    /// What they may do.
    pub fn role(&self) -> Role {
        match self {
            Actor::Person { role, .. } | Actor::Token { role, .. } => *role,
            Actor::CommandLine | Actor::Clock => Role::Administrator,
        }
    }

    /// The person's row, if it is a person.
    pub fn person_id(&self) -> Option<i64> {
        match self {
            Actor::Person { id, .. } => Some(*id),
            _ => None,
        }
    }
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Actor::Person { name, .. } => write!(f, "person:{name}"),
            Actor::Token { name, .. } => write!(f, "token:{name}"),
            Actor::CommandLine => f.write_str("command line"),
            Actor::Clock => f.write_str("clock"),
        }
    }
}

/// A person, without anything secret.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, serde::Serialize)]
pub struct Person {
    /// Their row.
    pub id: i64,
    /// The name they log in with.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// When they were added.
    pub created_at: Instant,
    /// Since when they may not log in.
    pub disabled_at: Option<Instant>,
}

type PersonColumns = (people::id, people::name, people::role, people::created_at, people::disabled_at);
const PERSON: PersonColumns =
    (people::id, people::name, people::role, people::created_at, people::disabled_at);

/// Whether anybody has been set up.
pub fn any(connection: &mut Db) -> Result<bool> {
    Ok(people::table.select(people::id).first::<i64>(connection).optional()?.is_some())
}

/// Everybody, by name.
pub fn list(connection: &mut Db) -> Result<Vec<Person>> {
    Ok(people::table.order(people::name).select(PERSON).load(connection)?)
}

/// Adds somebody. The hash is argon2id's, made outside the transaction.
pub fn add(
    write: &mut Write<'_>,
    actor: &Actor,
    name: &PersonName,
    role: Role,
    password_hash: &str,
) -> Result<Person> {
    let taken = people::table
        .filter(people::name.eq(name.as_str()))
        .select(people::id)
        .first::<i64>(write.connection);
    if taken.optional()?.is_some() {
        return Err(Error::field("name", "name-taken"));
    }
    let id: i64 = diesel::insert_into(people::table)
        .values((
            people::name.eq(name.as_str()),
            people::role.eq(role),
            people::password_hash.eq(password_hash),
            people::created_at.eq(write.now),
        ))
        .returning(people::id)
        .get_result(write.connection)?;
    audit::note(write, actor, "person.add", name.as_str(), role.code())?;
    person(write.connection, id)
}

/// The person with this row.
pub fn person(connection: &mut Db, id: i64) -> Result<Person> {
    Ok(people::table.find(id).select(PERSON).first(connection)?)
}

/// The person with this name.
pub fn by_name(connection: &mut Db, name: &str) -> Result<Person> {
    Ok(people::table.filter(people::name.eq(name.to_lowercase())).select(PERSON).first(connection)?)
}

/// The hash to check a login against, with the row it belongs to; disabled people have none.
pub fn password_hash(connection: &mut Db, name: &str) -> Result<Option<(i64, String)>> {
    Ok(people::table
        .filter(people::name.eq(name.to_lowercase()))
        .filter(people::disabled_at.is_null())
        .select((people::id, people::password_hash))
        .first(connection)
        .optional()?)
}

/// Gives somebody another role. The last administrator stays one.
pub fn change_role(write: &mut Write<'_>, actor: &Actor, id: i64, role: Role) -> Result<()> {
    let person = person(write.connection, id)?;
    if person.role == Role::Administrator && role != Role::Administrator {
        another_administrator(write.connection, id)?;
    }
    diesel::update(people::table.find(id)).set(people::role.eq(role)).execute(write.connection)?;
    audit::note(write, actor, "person.role", &person.name, role.code())
}

/// Sets another password and ends every session of that person.
pub fn change_password(write: &mut Write<'_>, actor: &Actor, id: i64, password_hash: &str) -> Result<()> {
    let person = person(write.connection, id)?;
    diesel::update(people::table.find(id))
        .set(people::password_hash.eq(password_hash))
        .execute(write.connection)?;
    end_all_sessions(write, id)?;
    audit::note(write, actor, "person.password", &person.name, "")
}

/// Lets somebody log in no longer, or again. Disabling ends their sessions at once.
pub fn set_disabled(write: &mut Write<'_>, actor: &Actor, id: i64, disabled: bool) -> Result<()> {
    let person = person(write.connection, id)?;
    if disabled {
        if person.role == Role::Administrator {
            another_administrator(write.connection, id)?;
        }
        end_all_sessions(write, id)?;
    }
    let at = disabled.then_some(write.now);
    diesel::update(people::table.find(id)).set(people::disabled_at.eq(at)).execute(write.connection)?;
    audit::note(write, actor, if disabled { "person.disable" } else { "person.enable" }, &person.name, "")
}

fn another_administrator(connection: &mut Db, not: i64) -> Result<()> {
    people::table
        .filter(people::role.eq(Role::Administrator))
        .filter(people::disabled_at.is_null())
        .filter(people::id.ne(not))
        .select(people::id)
        .first::<i64>(connection)
        .optional()?
        .map(|_| ())
        .ok_or_else(|| Error::conflict("last-administrator"))
}

/// How long a session lives, in seconds.
#[derive(Debug, Clone, Copy)]
pub struct SessionLife {
    /// Without being used.
    pub idle: i64,
    /// At most.
    pub absolute: i64,
}

/// Begins a session; the text is what the cookie holds, shown this once.
pub fn begin_session(write: &mut Write<'_>, person_id: i64, life: SessionLife) -> Result<String> {
    let person = person(write.connection, person_id)?;
    let secret = random_secret();
    diesel::delete(sessions::table.filter(sessions::expires_at.lt(write.now))).execute(write.connection)?;
    let id: i64 = diesel::insert_into(sessions::table)
        .values((
            sessions::person_id.eq(person_id),
            sessions::secret_hash.eq(secret::hash(&secret)),
            sessions::created_at.eq(write.now),
            sessions::seen_at.eq(write.now),
            sessions::expires_at.eq(write.now.plus_seconds(life.absolute)),
        ))
        .returning(sessions::id)
        .get_result(write.connection)?;
    let actor = Actor::Person { id: person.id, name: person.name.clone(), role: person.role };
    audit::note(write, &actor, "login", &person.name, "")?;
    Ok(format!("{id}.{secret}"))
}

/// Who holds this session's cookie at this moment, and whether its last use should be noted.
pub fn session(
    connection: &mut Db,
    cookie: &str,
    now: Instant,
    life: SessionLife,
) -> Result<Option<(Actor, bool)>> {
    let Some((id, secret)) = cookie.split_once('.').and_then(|(id, s)| Some((id.parse::<i64>().ok()?, s)))
    else {
        return Ok(None);
    };
    let row = sessions::table
        .inner_join(people::table)
        .filter(sessions::id.eq(id))
        .filter(people::disabled_at.is_null())
        .select((
            sessions::secret_hash,
            sessions::seen_at,
            sessions::expires_at,
            people::id,
            people::name,
            people::role,
        ))
        .first::<(String, Instant, Instant, i64, String, Role)>(connection)
        .optional()?;
    Ok(row.and_then(|(hash, seen, expires, id, name, role)| {
        let alive = secret::matches(secret, &hash) && now < expires && now < seen.plus_seconds(life.idle);
        alive.then(|| (Actor::Person { id, name, role }, now > seen.plus_seconds(60)))
    }))
}

/// Notes that the session with this cookie is in use.
pub fn touch_session(write: &mut Write<'_>, cookie: &str) -> Result<()> {
    if let Some(id) = cookie.split_once('.').and_then(|(id, _)| id.parse::<i64>().ok()) {
        diesel::update(sessions::table.find(id))
            .set(sessions::seen_at.eq(write.now))
            .execute(write.connection)?;
    }
    Ok(())
}

/// Ends the session with this cookie.
pub fn end_session(write: &mut Write<'_>, cookie: &str) -> Result<()> {
    if let Some((id, secret)) = cookie.split_once('.').and_then(|(id, s)| Some((id.parse::<i64>().ok()?, s)))
    {
        diesel::delete(
            sessions::table
                .filter(sessions::id.eq(id))
                .filter(sessions::secret_hash.eq(secret::hash(secret))),
        )
        .execute(write.connection)?;
    }
    Ok(())
}

/// Ends every session of that person.
pub fn end_all_sessions(write: &mut Write<'_>, person_id: i64) -> Result<()> {
    diesel::delete(sessions::table.filter(sessions::person_id.eq(person_id))).execute(write.connection)?;
    Ok(())
}

/// A program's token, without its secret.
#[derive(Debug, Clone, Queryable, serde::Serialize)]
pub struct Token {
    /// Its row.
    pub id: i64,
    /// What it is for.
    pub name: String,
    /// What it may do.
    pub role: Role,
    /// When it was made.
    pub created_at: Instant,
    /// From when on it no longer works.
    pub expires_at: Option<Instant>,
    /// When it was last used, to the minute.
    pub used_at: Option<Instant>,
    /// Since when it is revoked.
    pub revoked_at: Option<Instant>,
}

/// All tokens, newest first.
pub fn tokens(connection: &mut Db) -> Result<Vec<Token>> {
    Ok(tokens::table
        .order(tokens::id.desc())
        .select((
            tokens::id,
            tokens::name,
            tokens::role,
            tokens::created_at,
            tokens::expires_at,
            tokens::used_at,
            tokens::revoked_at,
        ))
        .load(connection)?)
}

/// Makes a token; the text is shown this once.
pub fn create_token(
    write: &mut Write<'_>,
    actor: &Actor,
    name: &str,
    role: Role,
    expires_at: Option<Instant>,
) -> Result<String> {
    let secret = random_secret();
    let id = keep_token(write, actor, name, role, expires_at, &secret)?;
    Ok(written(id, &secret))
}

/// A token to be made.
#[derive(Debug, Clone, serde::Serialize)]
pub struct NewToken {
    /// What it is for.
    pub name: String,
    /// What its bearer may do.
    pub role: Role,
    /// After how many days it no longer works; nothing: it works for ever.
    pub days: Option<u32>,
}

/// Makes a token for a sender who may repeat themselves: the same key gives the same text again,
/// because its secret is derived from the key. [`Error::KeyReused`] if the key came with another one.
pub fn create_token_once(
    write: &mut Write<'_>,
    actor: &Actor,
    new: &NewToken,
    instance: &InstanceKey,
    key: &IdempotencyKey,
) -> Result<String> {
    let secret = secret::base32(&instance.derive(&["token", key.as_str()])[..20]);
    let id = idempotency::once(write, "token", key, new, |w| {
        let expires = new.days.map(|days| w.now.plus_hours(24 * i64::from(days)));
        keep_token(w, actor, &new.name, new.role, expires, &secret)
    })?;
    Ok(written(id, &secret))
}

fn written(id: i64, secret: &str) -> String {
    format!("interlude_{id}_{secret}")
}

fn keep_token(
    write: &mut Write<'_>,
    actor: &Actor,
    name: &str,
    role: Role,
    expires_at: Option<Instant>,
    secret: &str,
) -> Result<i64> {
    let id: i64 = diesel::insert_into(tokens::table)
        .values((
            tokens::name.eq(name),
            tokens::role.eq(role),
            tokens::secret_hash.eq(secret::hash(secret)),
            tokens::created_at.eq(write.now),
            tokens::expires_at.eq(expires_at),
        ))
        .returning(tokens::id)
        .get_result(write.connection)?;
    audit::note(write, actor, "token.create", name, role.code())?;
    Ok(id)
}

/// Makes a token worthless.
pub fn revoke_token(write: &mut Write<'_>, actor: &Actor, id: i64) -> Result<()> {
    let name: String = tokens::table.find(id).select(tokens::name).first(write.connection)?;
    diesel::update(tokens::table.find(id).filter(tokens::revoked_at.is_null()))
        .set(tokens::revoked_at.eq(write.now))
        .execute(write.connection)?;
    audit::note(write, actor, "token.revoke", &name, "")
}

/// Which program sent this token at this moment, and the row to note its use in, if it is due.
pub fn token(connection: &mut Db, sent: &str, now: Instant) -> Result<Option<(Actor, Option<i64>)>> {
    let mut parts = sent.splitn(3, '_');
    let (Some("interlude"), Some(id), Some(secret)) =
        (parts.next(), parts.next().and_then(|i| i.parse::<i64>().ok()), parts.next())
    else {
        return Ok(None);
    };
    let row = tokens::table
        .find(id)
        .filter(tokens::revoked_at.is_null())
        .select((tokens::name, tokens::role, tokens::secret_hash, tokens::expires_at, tokens::used_at))
        .first::<(String, Role, String, Option<Instant>, Option<Instant>)>(connection)
        .optional()?;
    Ok(row.and_then(|(name, role, hash, expires, used)| {
        let good = secret::matches(secret, &hash) && expires.is_none_or(|e| now < e);
        let due = used.is_none_or(|u| now > u.plus_seconds(60)).then_some(id);
        good.then_some((Actor::Token { id, name, role }, due))
    }))
}

/// Notes that the token was used.
pub fn touch_token(write: &mut Write<'_>, id: i64) -> Result<()> {
    diesel::update(tokens::table.find(id)).set(tokens::used_at.eq(write.now)).execute(write.connection)?;
    Ok(())
}
