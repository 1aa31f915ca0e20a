//! A store that follows learns of what others commit, also after its connections were ended.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection};
use interlude::domain::language::Language;
use interlude::store::Store;
use interlude::store::appearance::Appearance;
use interlude::store::follow::Following;
use interlude::store::instance::{self, Settings};

use crate::support::Place;

/// When a test gives up.
const PATIENCE: Duration = Duration::from_secs(30);

/// Changes something that is announced. The ways to the database may have to be made anew first.
fn change(store: &Store, name: &str) {
    let settings = Settings {
        service_name: name.into(),
        default_language: Language::En,
        time_zone: "Europe/Berlin".parse().unwrap(),
        appearance: Appearance::default(),
        embed_origins: BTreeSet::new(),
    };
    let made = |settings: Settings| store.write_here(move |w| instance::change_settings(w, &settings));
    let until = Instant::now() + PATIENCE;
    while let Err(error) = made(settings.clone()) {
        assert!(Instant::now() < until, "{error}");
        std::thread::sleep(Duration::from_millis(100));
    }
}

fn wait_until(what: &str, is_so: impl Fn() -> bool) {
    let until = Instant::now() + PATIENCE;
    while !is_so() {
        assert!(Instant::now() < until, "{what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// An administrator, a firewall that dislikes what is idle, or a server that is started anew ends connections while
/// nobody uses them. None of them cuts a store off from the others, whichever way it learns of them.
#[test]
fn it_goes_on_when_connections_are_ended() {
    for way in [Following::Told, Following::Looking, Following::Both] {
        let Some(place) = Place::on_postgres() else { return };
        let (here, there) =
            (Store::open(place.database.clone()).unwrap(), Store::open(place.database.clone()).unwrap());
        let mut changed = here.changed();
        here.follow_by(way).unwrap();
        wait_until("it does not begin", || changed.has_changed().unwrap());
        let listens = way != Following::Looking;
        wait_until("it does not listen", || here.load().listening == listens);
        changed.borrow_and_update();
        change(&there, "before");
        wait_until("it does not hear", || changed.has_changed().unwrap());

        let mut other = PgConnection::establish(&place.url()).unwrap();
        other
            .batch_execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
                 WHERE datname = current_database() AND pid <> pg_backend_pid()",
            )
            .unwrap();
        // Long enough for the ear to meet the end of its connection.
        std::thread::sleep(Duration::from_millis(500));
        changed.borrow_and_update();
        change(&there, "after");
        wait_until("it hears no more", || changed.has_changed().unwrap());
        wait_until("it listens no more", || here.load().listening == listens);
    }
}
