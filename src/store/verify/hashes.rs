//! Whether the hashes are what they stand for, as far as can be told: of a picture its digest is made
//! again; behind the others lies a secret that the database does not hold, so only their form can be
//! wrong, which no secret would fit any longer.

use diesel::prelude::*;
use serde::de::IgnoredAny;

use super::{Finding, NAMED, Said};
use crate::domain::screenshot;
use crate::store::connection::Db;
use crate::store::error::Result;
use crate::store::schema::{idempotency_keys, report_images};

/// How many keys are looked at at a time.
const KEYS: i64 = 1_000;

/// What a column of hashes belongs to, its table, the column that names the row, the column itself, and
/// when it may be empty.
const COLUMNS: &[(&str, &str, &str, &str, &str)] = &[
    (
        "a report",
        "reports",
        "id",
        "link_hash",
        "EXISTS (SELECT 1 FROM report_events e WHERE e.report_id = t.id AND e.kind = 'erased')",
    ),
    (
        "a report",
        "reports",
        "id",
        "code_hash",
        "EXISTS (SELECT 1 FROM report_events e WHERE e.report_id = t.id AND e.kind = 'erased')",
    ),
    (
        "a me-too",
        "me_toos",
        "id",
        "link_hash",
        "EXISTS (SELECT 1 FROM me_too_events e WHERE e.me_too_id = t.id AND e.kind = 'erased')",
    ),
    (
        "a me-too",
        "me_toos",
        "id",
        "code_hash",
        "EXISTS (SELECT 1 FROM me_too_events e WHERE e.me_too_id = t.id AND e.kind = 'erased')",
    ),
    // An imported response was never anybody's to change.
    ("a response", "responses", "id", "edit_hash", "0 = 0"),
    ("a session", "sessions", "id", "secret_hash", "0 = 1"),
    ("a token", "tokens", "id", "secret_hash", "0 = 1"),
    ("an invitation", "invitations", "id", "secret_hash", "0 = 1"),
    ("an invitation of staff", "staff_invitations", "id", "secret_hash", "0 = 1"),
    ("a recovery code", "recovery_codes", "id", "code_hash", "0 = 1"),
    ("a step of a log-in", "login_steps", "id", "secret_hash", "0 = 1"),
    ("a log-in at the provider", "provider_logins", "id", "secret_hash", "0 = 1"),
    ("an idempotency key", "idempotency_keys", "key_hash", "key_hash", "0 = 1"),
    ("an idempotency key", "idempotency_keys", "key_hash", "command_hash", "0 = 1"),
];

/// Names what is wrong with any of them.
pub(super) fn check(connection: &mut Db, findings: &mut Vec<Finding>) -> Result<()> {
    for (what, table, row, column, empty) in COLUMNS {
        let sql = format!(
            "SELECT CAST({row} AS TEXT) AS said FROM {table} t WHERE NOT \
             ((LENGTH({column}) = 64 AND RTRIM({column}, '0123456789abcdef') = '') OR ({column} = '' AND {empty})) \
             ORDER BY 1 LIMIT {NAMED}"
        );
        let rows: Vec<Said> = diesel::sql_query(sql).load(connection)?;
        findings.extend(
            rows.into_iter().map(|r| Finding(format!("{what} whose {column} is no hash: {}", r.said))),
        );
    }
    answers(connection, findings)?;
    pictures(connection, findings)
}

/// Answers that are kept for whoever sends the same again.
fn answers(connection: &mut Db, findings: &mut Vec<Finding>) -> Result<()> {
    let (mut after, mut named) = (String::new(), 0);
    loop {
        let rows: Vec<(String, String)> = idempotency_keys::table
            .filter(idempotency_keys::key_hash.gt(&after))
            .order(idempotency_keys::key_hash)
            .limit(KEYS)
            .select((idempotency_keys::key_hash, idempotency_keys::answer))
            .load(connection)?;
        let Some((last, _)) = rows.last() else { return Ok(()) };
        after.clone_from(last);
        for (key, answer) in rows {
            if named < NAMED && serde_json::from_str::<IgnoredAny>(&answer).is_err() {
                named += 1;
                findings.push(Finding(format!("an idempotency key whose answer cannot be read: {key}")));
            }
        }
    }
}

/// One picture at a time: all of them may be more than there is memory.
fn pictures(connection: &mut Db, findings: &mut Vec<Finding>) -> Result<()> {
    let ids: Vec<i64> =
        report_images::table.order(report_images::id).select(report_images::id).load(connection)?;
    let mut named = 0;
    for id in ids {
        let (digest, content): (String, Vec<u8>) = report_images::table
            .find(id)
            .select((report_images::digest, report_images::content))
            .first(connection)?;
        if named < NAMED && digest != screenshot::digest(&content) {
            named += 1;
            findings.push(Finding(format!("a picture that is not what was sent: {id}")));
        }
    }
    Ok(())
}
