//! The second factor of a log-in: set up, confirmed by a code, asked for, taken away; and the way
//! between the password and it.

use diesel::dsl::count_star;
use diesel::prelude::*;

use super::sessions::{Login, SessionLife, begin_session, end_other_sessions};
use super::{Actor, person};
use crate::domain::authenticator::{SharedSecret, tidy_recovery_code};
use crate::domain::instant::Instant;
use crate::domain::secret;
use crate::store::connection::Db;
use crate::store::error::{Error, Result};
use crate::store::instance::random_secret;
use crate::store::schema::{login_steps, people, recovery_codes, second_factors};
use crate::store::{Write, audit};

/// How long somebody may take between the password and the code, in seconds.
const STEP_SECONDS: i64 = 600;
/// How many wrong codes are taken before the password is asked for again.
const STEP_TRIES: i32 = 5;

/// How the second factor of a person stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SecondFactor {
    /// There is none.
    None,
    /// One is being set up: this is its secret, not confirmed yet.
    Proposed(SharedSecret),
    /// There is one.
    On {
        /// Since when.
        since: Instant,
        /// How many recovery codes are not used yet.
        codes_left: i64,
    },
}

/// How the second factor of this person stands.
pub fn of(connection: &mut Db, person_id: i64) -> Result<SecondFactor> {
    let row = second_factors::table
        .find(person_id)
        .select((second_factors::secret, second_factors::confirmed_at))
        .first::<(String, Option<Instant>)>(connection)
        .optional()?;
    Ok(match row {
        None => SecondFactor::None,
        Some((secret, None)) => SecondFactor::Proposed(SharedSecret::kept(&secret)),
        Some((_, Some(since))) => {
            let unused = recovery_codes::table
                .filter(recovery_codes::person_id.eq(person_id))
                .filter(recovery_codes::used_at.is_null());
            SecondFactor::On { since, codes_left: unused.select(count_star()).first(connection)? }
        }
    })
}

/// The people who have a second factor.
pub fn everybody_with_one(connection: &mut Db) -> Result<Vec<i64>> {
    Ok(second_factors::table
        .filter(second_factors::confirmed_at.is_not_null())
        .select(second_factors::person_id)
        .load(connection)?)
}

/// Begins to set one up with this secret, in the place of one that was not confirmed.
/// [`Error::Conflict`] if there is one already.
pub fn propose(write: &mut Write<'_>, person_id: i64, secret: &SharedSecret) -> Result<()> {
    if let SecondFactor::On { .. } = of(write.connection, person_id)? {
        return Err(Error::conflict("second-factor-on"));
    }
    diesel::delete(second_factors::table.find(person_id)).execute(write.connection)?;
    diesel::insert_into(second_factors::table)
        .values((
            second_factors::person_id.eq(person_id),
            second_factors::secret.eq(secret.as_str()),
            second_factors::created_at.eq(write.now),
            second_factors::last_step.eq(0i64),
        ))
        .execute(write.connection)?;
    Ok(())
}

/// Confirms the one that is being set up by a code it makes, keeps the hashes of the recovery codes
/// and ends the person's other sessions, which nobody proved a second factor for.
///
/// Errors: `code` → `wrong-code`; [`Error::Conflict`] if nothing is being set up.
pub fn confirm(
    write: &mut Write<'_>,
    actor: &Actor,
    person_id: i64,
    code: &str,
    recovery: &[String],
    this_session: Option<i64>,
) -> Result<()> {
    let SecondFactor::Proposed(secret) = of(write.connection, person_id)? else {
        return Err(Error::conflict("second-factor-none"));
    };
    let step = secret.step_of(code, write.now).ok_or_else(|| Error::field("code", "wrong-code"))?;
    diesel::update(second_factors::table.find(person_id))
        .set((second_factors::confirmed_at.eq(write.now), second_factors::last_step.eq(step)))
        .execute(write.connection)?;
    replace_recovery_codes(write, person_id, recovery)?;
    end_other_sessions(write, actor, person_id, this_session)?;
    let name = person(write.connection, person_id)?.name;
    audit::note(write, actor, "second-factor.set", &name, "")
}

/// Makes these the recovery codes of somebody; the ones from before no longer work.
pub fn new_recovery_codes(
    write: &mut Write<'_>,
    actor: &Actor,
    person_id: i64,
    recovery: &[String],
) -> Result<()> {
    let SecondFactor::On { .. } = of(write.connection, person_id)? else {
        return Err(Error::conflict("second-factor-none"));
    };
    replace_recovery_codes(write, person_id, recovery)?;
    let name = person(write.connection, person_id)?.name;
    audit::note(write, actor, "second-factor.codes", &name, "")
}

fn replace_recovery_codes(write: &mut Write<'_>, person_id: i64, recovery: &[String]) -> Result<()> {
    diesel::delete(recovery_codes::table.filter(recovery_codes::person_id.eq(person_id)))
        .execute(write.connection)?;
    for code in recovery {
        diesel::insert_into(recovery_codes::table)
            .values((
                recovery_codes::person_id.eq(person_id),
                recovery_codes::code_hash.eq(secret::hash(code)),
            ))
            .execute(write.connection)?;
    }
    Ok(())
}

/// Takes the second factor of somebody away, with its recovery codes. Nothing happens if there is
/// none.
pub fn remove(write: &mut Write<'_>, actor: &Actor, person_id: i64) -> Result<()> {
    let name = person(write.connection, person_id)?.name;
    let gone = diesel::delete(second_factors::table.find(person_id)).execute(write.connection)?;
    diesel::delete(recovery_codes::table.filter(recovery_codes::person_id.eq(person_id)))
        .execute(write.connection)?;
    if gone == 0 {
        return Ok(());
    }
    audit::note(write, actor, "second-factor.remove", &name, "")
}

/// Whether this is a good code of somebody at this moment, and of which kind. A code of a time step
/// and a recovery code work once.
fn take(write: &mut Write<'_>, person_id: i64, typed: &str) -> Result<Option<Login>> {
    let kept = second_factors::table
        .find(person_id)
        .filter(second_factors::confirmed_at.is_not_null())
        .select(second_factors::secret)
        .first::<String>(write.connection)
        .optional()?;
    let Some(kept) = kept else { return Ok(None) };
    if let Some(step) = SharedSecret::kept(&kept).step_of(typed, write.now) {
        // Asked in the condition, so that of two at once only one is taken.
        let rows = diesel::update(second_factors::table.find(person_id))
            .filter(second_factors::last_step.lt(step))
            .set(second_factors::last_step.eq(step))
            .execute(write.connection)?;
        return Ok((rows == 1).then_some(Login::Code));
    }
    let Some(code) = tidy_recovery_code(typed) else { return Ok(None) };
    let rows = diesel::update(recovery_codes::table)
        .filter(recovery_codes::person_id.eq(person_id))
        .filter(recovery_codes::code_hash.eq(secret::hash(&code)))
        .filter(recovery_codes::used_at.is_null())
        .set(recovery_codes::used_at.eq(write.now))
        .execute(write.connection)?;
    Ok((rows == 1).then_some(Login::Recovery))
}

/// What a password that fits leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Entered {
    /// Somebody is in; the session's cookie.
    In(String),
    /// A code is asked for first; the cookie of the way to it.
    CodeAsked(String),
}

/// Lets somebody in whose password fits, or asks for the second factor if they have one.
pub fn enter(
    write: &mut Write<'_>,
    person_id: i64,
    life: SessionLife,
    device: &str,
    next: &str,
) -> Result<Entered> {
    if !matches!(of(write.connection, person_id)?, SecondFactor::On { .. }) {
        return begin_session(write, person_id, life, device, Login::Password).map(Entered::In);
    }
    let secret = random_secret();
    let id: i64 = diesel::insert_into(login_steps::table)
        .values((
            login_steps::person_id.eq(person_id),
            login_steps::secret_hash.eq(secret::hash(&secret)),
            login_steps::next.eq(next),
            login_steps::tries.eq(0),
            login_steps::created_at.eq(write.now),
            login_steps::expires_at.eq(write.now.plus_seconds(STEP_SECONDS)),
        ))
        .returning(login_steps::id)
        .get_result(write.connection)?;
    Ok(Entered::CodeAsked(format!("{id}.{secret}")))
}

/// A log-in that waits for its second factor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    /// Its row.
    pub id: i64,
    /// Whose.
    pub person_id: i64,
    /// Their name.
    pub name: String,
    /// Where they wanted to go.
    pub next: String,
}

/// The log-in that waits behind this cookie, if it still does.
pub fn waiting(connection: &mut Db, cookie: &str, now: Instant) -> Result<Option<Waiting>> {
    let Some((id, secret)) = cookie.split_once('.').and_then(|(id, s)| Some((id.parse::<i64>().ok()?, s)))
    else {
        return Ok(None);
    };
    let row = login_steps::table
        .inner_join(people::table)
        .filter(login_steps::id.eq(id))
        .filter(login_steps::expires_at.gt(now))
        .filter(login_steps::tries.lt(STEP_TRIES))
        .filter(people::disabled_at.is_null())
        .select((login_steps::secret_hash, login_steps::person_id, people::name, login_steps::next))
        .first::<(String, i64, String, String)>(connection)
        .optional()?;
    Ok(row.and_then(|(hash, person_id, name, next)| {
        secret::matches(secret, &hash).then_some(Waiting { id, person_id, name, next })
    }))
}

/// What came of a code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answered {
    /// Somebody is in: the session's cookie, and where they wanted to go.
    In(String, String),
    /// It was wrong, and may be tried again.
    Wrong,
    /// The password is asked for again: it took too long, or too many were wrong.
    Over,
}

/// Takes the code for the log-in that waits behind this cookie.
pub fn answer(
    write: &mut Write<'_>,
    cookie: &str,
    typed: &str,
    life: SessionLife,
    device: &str,
) -> Result<Answered> {
    let Some(waiting) = waiting(write.connection, cookie, write.now)? else { return Ok(Answered::Over) };
    // Counted first: on PostgreSQL the row is held from here on, so no two guess at once.
    diesel::update(login_steps::table.find(waiting.id))
        .set(login_steps::tries.eq(login_steps::tries + 1))
        .execute(write.connection)?;
    let Some(login) = take(write, waiting.person_id, typed)? else {
        audit::note_unknown(write, "login.refused", &waiting.name, "code")?;
        let tries: i32 =
            login_steps::table.find(waiting.id).select(login_steps::tries).first(write.connection)?;
        return Ok(if tries < STEP_TRIES { Answered::Wrong } else { Answered::Over });
    };
    diesel::delete(login_steps::table.find(waiting.id)).execute(write.connection)?;
    let cookie = begin_session(write, waiting.person_id, life, device, login)?;
    Ok(Answered::In(cookie, waiting.next))
}

/// Forgets log-ins that were not gone on with. Gives how many.
pub fn forget_waiting(write: &mut Write<'_>) -> Result<usize> {
    Ok(diesel::delete(login_steps::table.filter(login_steps::expires_at.lt(write.now)))
        .execute(write.connection)?)
}
