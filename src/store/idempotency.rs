//! Sending twice counts once: the first answer is kept under the sender's key and given again.

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::Write;
use super::connection::Db;
use super::error::{Error, Result};
use super::schema::idempotency_keys;
use super::statement::{self, Value};
use crate::domain::secret::{self, IdempotencyKey};
use crate::each_database;

/// How long a key is remembered, in hours: 30 days.
pub const KEPT_HOURS: i64 = 30 * 24;

const KEEP: &[&str] = &["UPDATE idempotency_keys SET answer = ", " WHERE key_hash = ", ""];

/// Does `act` once for this key and command, and gives its outcome; a repetition gives the outcome
/// of the first time without doing anything.
///
/// `scope` keeps the keys of different calls apart. `command` is the parsed command: two spellings
/// of the same command are the same. [`Error::KeyReused`] if the key came with another command
/// before. On PostgreSQL a second sender waits for the first; [`Error::KeyRunning`] if that takes
/// longer than a lock may.
///
/// What is kept must hold no secret; receipts are derived from the key again.
pub fn once<C, A>(
    write: &mut Write<'_>,
    scope: &str,
    key: &IdempotencyKey,
    command: &C,
    act: impl FnOnce(&mut Write<'_>) -> Result<A>,
) -> Result<A>
where
    C: Serialize,
    A: Serialize + DeserializeOwned,
{
    let json = |e: serde_json::Error| Error::Internal(format!("idempotency: {e}"));
    let key_hash = secret::hash(&format!("{scope}\n{}", key.as_str()));
    let command_hash = secret::hash(&serde_json::to_string(command).map_err(json)?);
    let claimed = each_database!(&mut *write.connection, c => diesel::insert_into(idempotency_keys::table)
        .values((
            idempotency_keys::key_hash.eq(&key_hash),
            idempotency_keys::command_hash.eq(&command_hash),
            idempotency_keys::answer.eq(""),
            idempotency_keys::created_at.eq(write.now),
        ))
        .on_conflict_do_nothing()
        .execute(c));
    let claimed = claimed.map_err(|e| match Error::from(e) {
        Error::Locked => Error::KeyRunning,
        other => other,
    })?;
    if claimed == 0 {
        let (kept_command, answer) = idempotency_keys::table
            .find(&key_hash)
            .select((idempotency_keys::command_hash, idempotency_keys::answer))
            .first::<(String, String)>(write.connection)?;
        if kept_command != command_hash {
            return Err(Error::KeyReused);
        }
        return serde_json::from_str(&answer).map_err(json);
    }
    let answer = act(write)?;
    let kept = serde_json::to_string(&answer).map_err(json)?;
    statement::run(write.connection, KEEP, &[Value::Text(&kept), Value::Text(&key_hash)])?;
    Ok(answer)
}

/// Whether keys can be claimed, outside of a transaction: on PostgreSQL a wait for the same key of
/// another call and one for a lock on all keys end with the same words.
pub(super) fn is_open(connection: &mut Db) -> Result<bool> {
    let Db::Postgres(c) = connection else { return Ok(true) };
    let asked = "BEGIN; LOCK TABLE idempotency_keys IN ROW EXCLUSIVE MODE NOWAIT";
    let outcome = c.batch_execute(asked).map_err(Error::from);
    c.batch_execute("ROLLBACK")?;
    match outcome {
        Ok(()) => Ok(true),
        Err(Error::Locked) => Ok(false),
        Err(error) => Err(error),
    }
}

/// Forgets keys older than [`KEPT_HOURS`]; at most 500 at a time. Gives how many.
pub fn forget_old(write: &mut Write<'_>) -> Result<usize> {
    let before = write.now.plus_hours(-KEPT_HOURS);
    let old: Vec<String> = idempotency_keys::table
        .filter(idempotency_keys::created_at.lt(before))
        .order(idempotency_keys::created_at)
        .limit(500)
        .select(idempotency_keys::key_hash)
        .load(write.connection)?;
    Ok(diesel::delete(idempotency_keys::table.filter(idempotency_keys::key_hash.eq_any(old)))
        .execute(write.connection)?)
}
