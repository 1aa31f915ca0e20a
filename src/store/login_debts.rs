//! What accounts and addresses owe for failed log-ins, shared by all instances. See
//! [`crate::domain::slowing`].

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};

use super::Write;
use super::error::Result;
use super::schema::login_debts;
use crate::domain::instant::Instant;
use crate::domain::slowing::Price;

/// Charges one attempt to a key; the inner error says in how many seconds it may be made.
///
/// One statement, so that of many attempts at once none is overlooked.
pub fn charge(write: &mut Write<'_>, key: &str, price: Price) -> Result<std::result::Result<(), u64>> {
    let now = write.now.micros();
    let each = price.each * 1_000_000;
    // The parameters appear in rising order, as SQLite needs them.
    let rows = diesel::sql_query(
        "INSERT INTO login_debts (key, clear_at) VALUES ($1, $2) \
         ON CONFLICT (key) DO UPDATE SET clear_at = \
         CASE WHEN login_debts.clear_at > $3 THEN login_debts.clear_at ELSE $4 END + $5 \
         WHERE login_debts.clear_at <= $6",
    )
    .bind::<Text, _>(key)
    .bind::<BigInt, _>(now + each)
    .bind::<BigInt, _>(now)
    .bind::<BigInt, _>(now)
    .bind::<BigInt, _>(each)
    .bind::<BigInt, _>(price.latest(write.now).micros())
    .execute(write.connection)?;
    if rows == 1 {
        return Ok(Ok(()));
    }
    let clear: Option<Instant> =
        login_debts::table.find(key).select(login_debts::clear_at).first(write.connection).optional()?;
    Ok(price.charge(clear, write.now).map(|_| ()))
}

/// Gives back what one attempt cost that did not fail.
pub fn refund(write: &mut Write<'_>, key: &str, price: Price) -> Result<()> {
    diesel::sql_query("UPDATE login_debts SET clear_at = clear_at - $1 WHERE key = $2")
        .bind::<BigInt, _>(price.each * 1_000_000)
        .bind::<Text, _>(key)
        .execute(write.connection)?;
    Ok(())
}

/// Forgets what a key owes.
pub fn clear(write: &mut Write<'_>, key: &str) -> Result<()> {
    diesel::delete(login_debts::table.find(key)).execute(write.connection)?;
    Ok(())
}

/// Forgets debts that have melted away. Gives how many.
pub fn forget_melted(write: &mut Write<'_>) -> Result<usize> {
    Ok(diesel::delete(login_debts::table.filter(login_debts::clear_at.lt(write.now)))
        .execute(write.connection)?)
}
