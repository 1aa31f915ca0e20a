//! A PostgreSQL server that speaks Chinese to a role that may not ask it for English: what stands in the way is
//! told from a mistake all the same.

use std::process::Command;

use diesel::connection::SimpleConnection;
use interlude::store::connection::Database;

use super::{is_refused, is_taken, keeps_what_was_typed, recovers, says_why, still_shows_the_notice};
use crate::support::Place;
use crate::support::foreigner::{Foreigner, NO_CHINESE};
use crate::support::process::{PROGRAM, Start, exactly};

fn key(name: &str) -> String {
    format!("a-key-of-22-characters-{name}")
}

/// What the doctor says of the server's language.
fn doctor(foreigner: &Foreigner) -> String {
    let Database::Postgres(url) = &foreigner.database else { unreachable!("it is on a server") };
    let doctor = Command::new(PROGRAM)
        .arg("doctor")
        .env("DATABASE_URL", url)
        .env("INTERLUDE_LISTEN", "127.0.0.1:0")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&doctor.stdout).into_owned();
    let line = said.lines().skip_while(|line| !line.contains("messages: "));
    line.take(2).collect::<Vec<_>>().join("\n")
}

#[test]
fn a_server_that_speaks_chinese() {
    let Some(place) = Place::on_postgres() else {
        crate::support::left_out("no INTERLUDE_TEST_POSTGRES_URL");
        return;
    };
    let Some(foreigner) = Foreigner::of(&place.url()) else {
        crate::support::left_out(NO_CHINESE);
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let process = Start::on(&foreigner.database, folder.path()).go();
    is_taken(&process, &key("before"));
    still_shows_the_notice(&process);
    assert!(process.logged().contains("speaks another language"), "{}", process.logged());
    let mut taken = vec![key("before")];

    // The lock is called one, whichever table a report meets it on.
    for table in ["reports", "idempotency_keys"] {
        let mut other = foreigner.admin();
        other.batch_execute(&format!("BEGIN; LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE")).unwrap();
        let during = key(&format!("{table}-locked"));
        is_refused(&process.report(&during, "never").unwrap(), 503, "busy");
        says_why(&process, "locked");
        keeps_what_was_typed(&process, 503);
        other.batch_execute("ROLLBACK").unwrap();
        recovers(&process, &during);
        taken.push(during);
    }

    // Words that nobody here knows may mean anything: what was typed is kept, and may be sent again.
    foreigner.grants(
        "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION '今天不行'; END $$; \
         CREATE TRIGGER refuse BEFORE INSERT ON reports EXECUTE FUNCTION refuse()",
    );
    let unknown = key("words-that-nobody-knows");
    is_refused(&process.report(&unknown, "never").unwrap(), 503, "unavailable");
    keeps_what_was_typed(&process, 503);
    foreigner.grants("DROP TRIGGER refuse ON reports; DROP FUNCTION refuse");
    recovers(&process, &unknown);
    taken.push(unknown);
    process.kill();
    exactly(&foreigner.database, &taken);

    // It is said, and how it is mended; then it is.
    let said = doctor(&foreigner);
    assert!(said.starts_with("warning") && said.contains("zh_CN.UTF-8"), "{said}");
    assert!(said.contains("GRANT SET ON PARAMETER"), "{said}");
    foreigner.is_spoken_to_in_english();
    let said = doctor(&foreigner);
    assert!(said.starts_with("ok"), "{said}");
}

/// A role that may choose the language is spoken to in English on each connection of the program.
#[test]
fn a_role_that_may_is_spoken_to_in_english() {
    let Some(place) = Place::on_postgres() else {
        crate::support::left_out("no INTERLUDE_TEST_POSTGRES_URL");
        return;
    };
    let Some(foreigner) = Foreigner::of(&place.url()) else {
        crate::support::left_out(NO_CHINESE);
        return;
    };
    foreigner.may_choose();
    let refused = |database: &Database| {
        let mut opened = database.open(500).unwrap();
        let interlude::store::connection::Db::Postgres(c) = &mut opened else { unreachable!("a server") };
        c.batch_execute("SELECT 1/0").unwrap_err().to_string()
    };
    assert_eq!(refused(&foreigner.database), "division by zero");
}
