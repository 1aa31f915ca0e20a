//! What was in one database is in the other, to the last character.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::BigInt;
use interlude::domain::person::Role;
use interlude::store::backup;
use interlude::store::people::{self, Actor};
use interlude::store::{Store, Write};

use super::filled::{content, fill, open, schema};
use super::{Said, on_both, places, program, restore, run};

#[derive(QueryableByName)]
struct Number {
    #[diesel(sql_type = BigInt)]
    number: i64,
}

/// Changes something as soon as a piece of work begins.
struct Meddler {
    store: Store,
    at: &'static str,
}

impl backup::Progress for Meddler {
    fn begin(&mut self, work: &'static str) {
        if work == self.at {
            let token = |_: u8| {
                let name = format!("late, while {work}");
                let token = move |w: &mut Write<'_>| {
                    people::create_token(w, &Actor::CommandLine, &name, Role::Viewer, None)
                };
                self.store.write_here(token).ok()
            };
            // PostgreSQL counts from one, whatever numbers the rows were filled in with.
            (0..9).find_map(token).unwrap();
        }
    }

    fn at(&mut self, _: &str, _: u64, _: u64) {}
}

fn count(place: &crate::support::Place, table: &str) -> i64 {
    let rows: Vec<Number> =
        sql_query(format!("SELECT COUNT(*) AS number FROM {table}")).load(&mut open(place)).unwrap();
    rows[0].number
}

on_both! {
    /// A backup holds every table of the schema, and is restored into either database.
    fn a_backup_is_restored_into_either(from) {
        fill(&from);
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a backup, 备份 100%?#.bak");
        super::backup(&from, &file).is(0, "reports                            3");
        let header = backup::check(&file, &mut ()).unwrap();
        let mut held: Vec<&str> = header.tables.iter().map(|t| t.name.as_str()).collect();
        held.sort_unstable();
        let mut wanted: Vec<String> = schema().into_iter().map(|t| t.name).collect();
        wanted.sort();
        assert_eq!(held, wanted);
        for to in places() {
            restore(&to, &file).is(0, "reports                            3");
            assert_eq!(content(&to.database), content(&from.database));
            assert_eq!(count(&to, "audit_rows WHERE action = 'backup.restore'"), 1);
            // The present program starts on it.
            run(&to, &["user", "list"]);
            drop(Store::open(to.database.clone()).unwrap());
        }
    }

    /// Moved there and back again, by the command, it is the same; and so are the checksums shown.
    fn a_transfer_goes_there_and_back(from) {
        fill(&from);
        let before = content(&from.database);
        for there in places() {
            let back = match from.database {
                interlude::store::connection::Database::Sqlite(_) => crate::support::Place::on_sqlite(),
                _ => crate::support::Place::on_postgres().unwrap(),
            };
            let away = run(&there, &["transfer", "--from", &from.url(), "--to", &there.url()]);
            let away = away.is(0, "counts and checksums are the same in both");
            let home = run(&back, &["transfer", "--from", &there.url(), "--to", &back.url()]).is(0, "reports");
            assert_eq!(content(&there.database), before);
            assert_eq!(content(&back.database), before);
            // The target's audit log has a line more: that it was moved to.
            let own = |l: &&str| l.starts_with("  ") && !l.contains("audit_rows") && !l.contains("tables");
            let lines = |said: &Said| said.out.lines().filter(own).map(str::to_owned).collect::<Vec<_>>();
            assert_eq!(count(&there, "audit_rows WHERE action = 'backup.transfer'"), 1);
            assert_eq!(count(&back, "audit_rows WHERE action = 'backup.transfer'"), 2);
            assert!(lines(&away).len() > 10);
            assert_eq!(lines(&away), lines(&home));
        }
    }

    /// Somebody writes to the source while it is moved: nothing is moved, and it is said why.
    fn what_is_written_meanwhile_is_noticed(from) {
        fill(&from);
        for (to, writes) in places().into_iter().zip(["moving", "comparing"]) {
            let mut meddler = Meddler { store: Store::open(from.database.clone()).unwrap(), at: writes };
            let moved = backup::transfer(&from.database, &to.database, false, &mut meddler);
            let Err(backup::Error::Occupied(why)) = moved else { panic!("moved all the same: {writes}") };
            // A token and its line in the audit log came together; whichever is met first is named.
            let named = ["tokens", "audit_rows"].map(|t| format!("written to while it was read ({t})"));
            assert!(named.iter().any(|said| why.contains(said)), "{why}");
            // Alone, it succeeds, and finds the target as empty as it was.
            drop(meddler);
            run(&to, &["transfer", "--from", &from.url(), "--to", &to.url()]).is(0, "tokens");
            assert_eq!(content(&to.database), content(&from.database));
        }
    }

    /// A number that was given to a row is not given again after a restore, even if the row is gone.
    fn numbers_are_never_given_twice(from) {
        fill(&from);
        let row = "INSERT INTO jobs (kind, payload, due_at, progress, attempts) VALUES ('a', 'b', 1, 2, 3)";
        let mut connection = open(&from);
        // The sequence of PostgreSQL knows nothing of the rows that were put in with a number.
        if !connection.is_sqlite() {
            sql_query("SELECT setval(pg_get_serial_sequence('jobs', 'id'), 40)").execute(&mut connection).unwrap();
        }
        sql_query(row).execute(&mut connection).unwrap();
        let last: Vec<Number> = sql_query("SELECT MAX(id) AS number FROM jobs").load(&mut connection).unwrap();
        sql_query("DELETE FROM jobs WHERE id > 3").execute(&mut connection).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("backup");
        super::backup(&from, &file).is(0, "");
        for to in places() {
            restore(&to, &file).is(0, "");
            let mut connection = open(&to);
            sql_query(row).execute(&mut connection).unwrap();
            let next: Vec<Number> = sql_query("SELECT MAX(id) AS number FROM jobs").load(&mut connection).unwrap();
            assert_eq!(next[0].number, last[0].number + 1);
        }
    }

    /// Taken while others write: what was acknowledged before it began is in it, and no change is
    /// in it by half.
    fn a_backup_under_load_is_one_moment(from) {
        let store = Store::open(from.database.clone()).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let (stop, acknowledged) = (AtomicBool::new(false), AtomicUsize::new(0));
        let mut taken = Vec::new();
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    while !stop.load(Ordering::SeqCst) {
                        let written = store.write_here(|w| {
                            people::create_token(w, &Actor::CommandLine, "load", Role::Viewer, None)
                        });
                        if written.is_ok() {
                            acknowledged.fetch_add(1, Ordering::SeqCst);
                        }
                    }
                });
            }
            while acknowledged.load(Ordering::SeqCst) < 50 {
                std::thread::yield_now();
            }
            for n in 0..3 {
                let file = folder.path().join(format!("{n}"));
                let before = acknowledged.load(Ordering::SeqCst);
                let said = super::backup(&from, &file);
                taken.push((file, before, said, acknowledged.load(Ordering::SeqCst)));
            }
            stop.store(true, Ordering::SeqCst);
        });
        for (file, before, said, after) in taken {
            said.is(0, "tokens");
            assert!(after > before, "nothing was written during the backup");
            for to in places() {
                restore(&to, &file).is(0, "tokens");
                let (tokens, audit) = (count(&to, "tokens"), count(&to, "audit_rows WHERE action = 'token.create'"));
                assert!(tokens >= before as i64, "{tokens} of {before}");
                assert_eq!(tokens, audit);
            }
        }
    }

    /// `-` writes the same to standard output.
    fn a_backup_goes_down_a_pipe(from) {
        fill(&from);
        let output = program(&from, &["backup", "-"]).output().unwrap();
        assert!(output.status.success());
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("piped");
        std::fs::write(&file, output.stdout).unwrap();
        for to in places() {
            restore(&to, &file).is(0, "");
            assert_eq!(content(&to.database), content(&from.database));
        }
    }

    /// More rows than one step takes, none lost at the seams.
    fn many_rows_go_in_steps(from) {
        run(&from, &["migrate"]).is(0, "");
        let mut connection = open(&from);
        for step in 0..3 {
            let values: Vec<String> =
                (0..600).map(|n| format!("('k{step}-{n}', 'c', 'a', {n})")).collect();
            sql_query(format!("INSERT INTO idempotency_keys VALUES {}", values.join(","))).execute(&mut connection).unwrap();
        }
        for to in places() {
            run(&to, &["transfer", "--from", &from.url(), "--to", &to.url()]).is(0, "1800");
            assert_eq!(content(&to.database), content(&from.database));
        }
    }
}
