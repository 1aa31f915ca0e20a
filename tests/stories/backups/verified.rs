//! `interlude verify` finds nothing where nothing is wrong, and names what is.

use diesel::RunQueryDsl;
use diesel::connection::SimpleConnection;
use interlude::store::Store;
use interlude::store::connection::Db;

use super::{on_both, run};
use crate::support::Place;

/// Does what neither database would let happen: nothing that refers to other rows is looked at.
fn behind_its_back(place: &Place, sql: &str) {
    match place.database.open(5_000).unwrap() {
        Db::Sqlite(mut c) => c.batch_execute(&format!("PRAGMA foreign_keys = OFF; {sql}")).unwrap(),
        Db::Postgres(mut c) => {
            c.batch_execute(&format!("SET session_replication_role = replica; {sql}")).unwrap();
        }
    }
}

on_both! {
    #[track_caller]
    fn a_wrong_counter_is_found_and_named(place) {
        run(&place, &["demo"]).is(0, "");
        run(&place, &["verify"]).is(0, "nothing is wrong");
        let store = Store::open(place.database.clone()).unwrap();
        store
            .write_here(|w| {
                diesel::sql_query("UPDATE report_counters SET reports = reports + 1").execute(w.connection)?;
                Ok(())
            })
            .unwrap();
        drop(store);
        run(&place, &["verify"]).is(5, "counter");
    }

    /// One kind of damage after the other; each is named, however much else is wrong.
    #[track_caller]
    fn damage_of_each_kind_is_found_and_named(place) {
        run(&place, &["demo"]).is(0, "");
        run(&place, &["token", "create", "--name", "a program", "--role", "viewer"]).is(0, "");
        run(&place, &["verify"]).is(0, "nothing is wrong");
        let hex = "0123456789abcdef".repeat(4);
        let key = |key: &str, command: &str, answer: &str| {
            format!("INSERT INTO idempotency_keys (key_hash, command_hash, answer, created_at) VALUES ('{key}', '{command}', '{answer}', 0)")
        };
        for (sql, word) in [
            // Changed by a byte, as a failing disk does.
            ("UPDATE report_images SET content = substr(content, 2)".to_owned(), "a picture that is not what was sent"),
            ("UPDATE reports SET link_hash = 'not hexadecimal' WHERE id = (SELECT MIN(id) FROM reports)".to_owned(), "a report whose link_hash is no hash"),
            // Empty, though nobody erased it.
            ("UPDATE reports SET code_hash = '' WHERE id = (SELECT MAX(id) FROM reports)".to_owned(), "a report whose code_hash is no hash"),
            ("UPDATE me_toos SET code_hash = ''".to_owned(), "a me-too whose code_hash is no hash"),
            (format!("UPDATE tokens SET secret_hash = '{}'", hex.to_uppercase()), "a token whose secret_hash is no hash"),
            ("UPDATE responses SET edit_hash = 'short'".to_owned(), "a response whose edit_hash is no hash"),
            (key("short", &hex, "{}"), "an idempotency key whose key_hash is no hash: short"),
            (key(&hex, "", "{}"), "an idempotency key whose command_hash is no hash"),
            (key(&hex.replace('0', "1"), &hex, "{\"cut off"), "an idempotency key whose answer cannot be read"),
            (format!("INSERT INTO sessions (person_id, secret_hash, created_at, seen_at, expires_at, device, login) VALUES (987654, '{hex}', 0, 0, 0, '', 'password')"), "a missing row of people"),
            (format!("UPDATE sessions SET secret_hash = '{hex}0'"), "a session whose secret_hash is no hash"),
            ("DELETE FROM report_wrote; INSERT INTO report_wrote (report_id, at) SELECT MIN(id), 1 FROM reports".to_owned(), "a report that waits for an answer to words that are not there"),
            ("DELETE FROM me_too_wrote; INSERT INTO me_too_wrote (me_too_id, at) SELECT MIN(id), 1 FROM me_toos".to_owned(), "a me-too that waits for an answer to words that are not there"),
            ("INSERT INTO duplicate_told (event_id, report_id, at) SELECT MIN(id), MAX(report_id), 1 FROM report_events".to_owned(), "a duplicate that is said to be told"),
            ("DELETE FROM components".to_owned(), "a missing row of components"),
        ] {
            behind_its_back(&place, &sql);
            run(&place, &["verify"]).is(5, word);
        }
    }
}
