//! Several instances on one PostgreSQL database, each a process of its own: what one does the others
//! know within a moment, what the clock asks for happens once, and no instance is needed by another.

mod killed;
mod network;
mod once;
mod together;

use std::time::Duration;

use interlude::domain::person::{PersonName, Role};
use interlude::store::people::{self, Actor};
use interlude::store::{Store, Write};

use crate::support::Place;
use crate::support::operator::Operator;
use crate::support::process::{Process, Start};
use crate::support::raw::Answer;

/// How soon a change must be seen elsewhere: a second, and room for a machine with other things to do.
/// Without being told, a page in memory would be 15 seconds old.
const SEEN: Duration = Duration::from_secs(10);

/// Instances on one database, with the folders of their own.
struct Instances {
    _folders: Vec<tempfile::TempDir>,
    starts: Vec<Start>,
    /// Those that run.
    running: Vec<Process>,
    operator: Operator,
}

impl Instances {
    /// That many, started one after the other.
    fn on(database: &interlude::store::connection::Database, count: usize) -> Instances {
        let operator = Operator::on(database);
        let folders: Vec<_> = (0..count).map(|_| tempfile::tempdir().unwrap()).collect();
        let mut starts: Vec<_> = folders.iter().map(|f| Start::on(database, f.path())).collect();
        let running = starts.iter_mut().map(Start::go).collect();
        Instances { _folders: folders, starts, running, operator }
    }

    /// Two on a database of the server for tests, if there is one.
    fn two() -> Option<(Place, Instances)> {
        let place = Place::on_postgres();
        if place.is_none() {
            println!("left out: no INTERLUDE_TEST_POSTGRES_URL");
        }
        let place = place?;
        let instances = Instances::on(&place.database, 2);
        Some((place, instances))
    }

    /// Sends JSON to one of them as an operator's program.
    fn send(&self, to: usize, method: &str, path: &str, body: &serde_json::Value) -> Answer {
        self.operator.send(&self.running[to].address, method, path, &[], body).unwrap()
    }
}

/// Gives a database its first person, as the set-up would.
fn somebody(store: &Store) {
    let name = PersonName::parse("name", "somebody").unwrap();
    let add = move |w: &mut Write<'_>| {
        people::add(w, &Actor::CommandLine, &name, Role::Administrator, "no password fits").map(drop)
    };
    store.write_here(add).unwrap();
}
