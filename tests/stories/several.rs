//! Several instances on one PostgreSQL database, each a process of its own: what one does the others
//! know within a moment, what the clock asks for happens once, and no instance is needed by another.

mod killed;
mod network;
mod once;
mod together;
mod told;

use std::time::{Duration, Instant};

use interlude::domain::person::{PersonName, Role};
use interlude::store::connection::Database;
use interlude::store::people::{self, Actor};
use interlude::store::{Store, Write};
use serde_json::json;

use crate::support::Place;
use crate::support::operator::Operator;
use crate::support::process::{Process, Start};
use crate::support::raw::Answer;
use crate::windows::planned;

/// How soon a change is seen elsewhere: promised and asserted, of the fastest of several, for a busy machine
/// slows some of them.
const PROMISED: Duration = Duration::from_secs(1);
/// How often is tried.
const TRIES: usize = 10;
/// When a test gives up. Without being told, a page in memory would be 15 seconds old.
const SEEN: Duration = Duration::from_secs(10);

/// Tries until a change is seen in the time that is promised; `change` makes one and gives how long after its
/// acknowledgement it was seen.
#[track_caller]
fn within_a_second(mut change: impl FnMut(usize) -> Duration) {
    let mut fastest = Duration::MAX;
    for n in 0..TRIES {
        fastest = fastest.min(change(n));
        if fastest < PROMISED {
            return;
        }
    }
    panic!("the fastest of {TRIES} was seen after {fastest:?}");
}

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
    fn on(database: &Database, count: usize) -> Instances {
        Instances::with(database, count, &[])
    }

    /// The same with these settings.
    fn with(database: &Database, count: usize, settings: &[(&str, &str)]) -> Instances {
        let operator = Operator::on(database);
        let folders: Vec<_> = (0..count).map(|_| tempfile::tempdir().unwrap()).collect();
        let mut starts: Vec<_> = (folders.iter())
            .map(|f| {
                let start = Start::on(database, f.path()).apart();
                settings.iter().fold(start, |start, (name, value)| start.with(name, value))
            })
            .collect();
        let running = starts.iter_mut().map(Start::go).collect();
        Instances { _folders: folders, starts, running, operator }
    }

    /// Two on a database of the server for tests, if there is one.
    fn two() -> Option<(Place, Instances)> {
        let place = Place::on_postgres()?;
        let instances = Instances::on(&place.database, 2);
        Some((place, instances))
    }

    /// A window is made by the first, called otherwise by both, and each time seen by the other in time.
    fn tell_each_other(&self) {
        let title = |title: &str| json!({"title": {"en": title, "zh-CN": "核心升级"}});
        let mut window = planned(1, 9);
        window["state"] = json!("scheduled");
        window["title"] = title("Core upgrade")["title"].clone();
        let made = self.send(0, "POST", "/api/v1/windows", &window);
        assert_eq!(made.status, 201, "{}", made.text());
        self.running[1].wait_for("/", SEEN, |page| page.text().contains("Core upgrade"));
        for (here, there) in [(0, 1), (1, 0)] {
            within_a_second(|n| {
                let called = format!("Core renewal {here}.{n}");
                let told = self.send(here, "PATCH", "/api/v1/windows/core-upgrade", &title(&called));
                assert_eq!(told.status, 200, "{}", told.text());
                let begun = Instant::now();
                self.running[there].wait_for("/", SEEN, |page| page.text().contains(&called));
                begun.elapsed()
            });
        }
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
