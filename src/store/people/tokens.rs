//! Tokens of programs: a role and a name, shown once, kept as a hash.

use diesel::prelude::*;

use super::Actor;
use crate::domain::instant::Instant;
use crate::domain::person::Role;
use crate::domain::secret::{self, IdempotencyKey, InstanceKey};
use crate::store::connection::Db;
use crate::store::error::Result;
use crate::store::instance::random_secret;
use crate::store::schema::tokens;
use crate::store::{Write, audit, idempotency};

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
/// because its secret is derived from the key. [`KeyReused`](crate::store::Error::KeyReused) if the key came with another one.
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
