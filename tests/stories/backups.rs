//! Backups, restoring them and moving to the other database, done by the program itself as a
//! process, from either database into either.

mod ended;
mod filled;
mod moving;
mod refusals;
mod schedule;
mod upgrades;
mod verified;

use std::path::Path;
use std::process::{Command, Output};

use crate::support::Place;

/// Tells the same on both databases, as `a_name::sqlite` and `a_name::postgres`, without a server.
macro_rules! on_both {
    ($($(#[$meta:meta])* fn $name:ident($place:ident) $body:block)+) => {$(
        $(#[$meta])*
        fn $name($place: $crate::support::Place) $body

        mod $name {
            #[test]
            fn sqlite() {
                super::$name($crate::support::Place::on_sqlite());
            }

            #[test]
            fn postgres() {
                match $crate::support::Place::on_postgres() {
                    Some(place) => super::$name(place),
                    None => $crate::support::left_out("no INTERLUDE_TEST_POSTGRES_URL"),
                }
            }
        }
    )+};
}
pub(crate) use on_both;

/// Places on each database that there is.
fn places() -> Vec<Place> {
    [Some(Place::on_sqlite()), Place::on_postgres()].into_iter().flatten().collect()
}

/// What a run of the program said, and its exit code.
struct Said {
    code: i32,
    out: String,
    err: String,
}

impl Said {
    fn of(output: Output) -> Said {
        Said {
            code: output.status.code().unwrap_or(-1),
            out: String::from_utf8_lossy(&output.stdout).into_owned(),
            err: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    #[track_caller]
    fn is(self, code: i32, word: &str) -> Said {
        assert!(
            self.code == code && (self.out.contains(word) || self.err.contains(word)),
            "wanted {code} and “{word}”, got {}\n{}\n{}",
            self.code,
            self.out,
            self.err
        );
        self
    }
}

/// The program, about to use this database.
fn program(place: &Place, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_interlude"));
    command.args(arguments).env("DATABASE_URL", place.url()).env_remove("INTERLUDE_DATA_DIR");
    command
}

fn run(place: &Place, arguments: &[&str]) -> Said {
    Said::of(program(place, arguments).output().unwrap())
}

fn backup(place: &Place, file: &Path) -> Said {
    run(place, &["backup", file.to_str().unwrap()])
}

fn restore(place: &Place, file: &Path) -> Said {
    run(place, &["restore", file.to_str().unwrap()])
}
