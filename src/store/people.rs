//! People, their sessions and the tokens of programs: who is acting, and with which role.

pub mod identities;
pub mod invitations;
pub mod second_factor;
mod sessions;
mod tokens;

use std::fmt;

use diesel::prelude::*;

use super::connection::Db;
use super::error::{Error, Result};
use super::schema::people;
use super::{Write, audit};
use crate::domain::instant::Instant;
use crate::domain::person::{PersonName, Role};
pub use sessions::{
    IDLE_MAX_HOURS, Login, OpenSession, Session, SessionLife, begin_session, end_all_sessions,
    end_other_sessions, end_session, end_session_of, forget_idle, open_sessions, session, session_id,
    touch_session,
};
pub use tokens::{
    NewToken, Token, create_token, create_token_once, revoke_token, token, tokens, touch_token,
};

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
    /// The organisation's own log-in, whose claims give roles.
    Provider,
}

impl Actor {
    /// What they may do.
    pub fn role(&self) -> Role {
        match self {
            Actor::Person { role, .. } | Actor::Token { role, .. } => *role,
            Actor::CommandLine | Actor::Clock => Role::Administrator,
            // It says who somebody is; it asks for nothing itself.
            Actor::Provider => Role::Viewer,
        }
    }

    /// What they are called where people read it: their name, or what else it is that acts.
    pub fn called(&self) -> String {
        match self {
            Actor::Person { name, .. } | Actor::Token { name, .. } => name.clone(),
            other => other.to_string(),
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
            Actor::Provider => f.write_str("provider"),
        }
    }
}

/// Whoever asked for work that goes on without them, to whom what it does is put down: the person with
/// this row; the clock if it was no person, or they are gone.
pub fn acting(connection: &mut Db, person: Option<i64>) -> Result<Actor> {
    let Some(id) = person else { return Ok(Actor::Clock) };
    let found = people::table.find(id).select((people::name, people::role)).first(connection).optional()?;
    Ok(match found {
        Some((name, role)) => Actor::Person { id, name, role },
        None => Actor::Clock,
    })
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
    let person = insert(write, name, role, password_hash)?;
    audit::note(write, actor, "person.add", name.as_str(), role.code())?;
    Ok(person)
}

/// Adds somebody without a word in the audit log: the caller says how they came.
fn insert(write: &mut Write<'_>, name: &PersonName, role: Role, password_hash: &str) -> Result<Person> {
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

/// The hash to check a login against, with the row it belongs to. Disabled people have none, and
/// neither have those who only ever come from the organisation's own log-in.
pub fn password_hash(connection: &mut Db, name: &str) -> Result<Option<(i64, String)>> {
    Ok(people::table
        .filter(people::name.eq(name.to_lowercase()))
        .filter(people::disabled_at.is_null())
        .filter(people::password_hash.ne(""))
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
