//! A world for one story: the real server on a database of its own, gone when the story ends.

use std::net::TcpListener;
use std::thread::JoinHandle;

use actix_web::dev::ServerHandle;
use interlude::domain::person::{PersonName, Role};
use interlude::store::connection::Database;
use interlude::store::people::{self, Actor as StoreActor, Login, SessionLife};
use interlude::store::{Store, Write};
use interlude::web::app::App;
use interlude::web::connections::Connections;
use interlude::web::limits::Limits;
use interlude::web::proxies::Proxies;
use interlude::web::server::{self, Serving};

use super::{Actor, Place};

/// The server of one story and the way into its store.
pub struct World {
    /// What the server sees.
    pub app: App,
    /// The server's store, for builders and for looking behind the scene.
    pub store: Store,
    /// The address of the server, without a slash at its end.
    pub url: String,
    server: Option<(ServerHandle, JoinHandle<()>)>,
    // Dropped last: the database goes when nobody uses it any longer.
    _place: Place,
}

impl World {
    /// A world whose database is a file.
    pub fn on_sqlite() -> World {
        World::begin(Place::on_sqlite(), Limits::off())
    }

    /// A world whose server keeps its limits. They live in memory, whatever the database is.
    pub fn with_limits() -> World {
        World::begin(Place::on_sqlite(), Limits::on())
    }

    /// A world whose database is on the PostgreSQL server for tests, if there is one.
    pub fn on_postgres() -> Option<World> {
        Some(World::begin(Place::on_postgres()?, Limits::off()))
    }

    /// The same on the PostgreSQL server for tests, if there is one.
    pub fn with_limits_on_postgres() -> Option<World> {
        Some(World::begin(Place::on_postgres()?, Limits::on()))
    }

    /// A world that people reach by https through a proxy; the story speaks for the proxy.
    pub fn behind_https() -> World {
        World::begin_at(Place::on_sqlite(), Limits::off(), Some("https://status.example"))
    }

    fn begin(place: Place, limits: Limits) -> World {
        World::begin_at(place, limits, None)
    }

    fn begin_at(place: Place, limits: Limits, public_url: Option<&str>) -> World {
        let store = Store::open(place.database.clone()).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let life = SessionLife { idle: 3_600, absolute: 86_400 };
        let app =
            App::new(store.clone(), public_url.map_or_else(|| url.clone(), str::to_owned), life, limits)
                .unwrap();
        let (tell, told) = std::sync::mpsc::channel();
        let served = app.clone();
        let thread = std::thread::spawn(move || {
            actix_web::rt::System::new().block_on(async move {
                let connections = Connections::at_most(0, false, Proxies::default());
                let serving = Serving { listener, workers: Some(2), connections, tls: None, most: None };
                let (server, _) = server::serve(served, serving).unwrap();
                tell.send(server.handle()).unwrap();
                server.await.unwrap();
            });
        });
        let handle = told.recv().unwrap();
        World { app, store, url, server: Some((handle, thread)), _place: place }
    }

    /// Tells a story in this world.
    pub fn run(&self, story: impl Future<Output = ()>) {
        actix_web::rt::System::new().block_on(story);
    }

    /// Whether all changes go through one writer, as they do on SQLite.
    pub fn on_one_writer(&self) -> bool {
        matches!(self.store.database(), Database::Sqlite(_))
    }

    /// Somebody who has said nothing about who they are; reads English.
    pub fn anyone(&self) -> Actor {
        Actor::new(&self.url)
    }

    /// Somebody logged in with this role; called after it, e.g. `support-1`.
    pub fn staff(&self, role: Role) -> Actor {
        self.anyone().with_cookie("interlude", &self.staff_cookie(role))
    }

    /// The cookie of a session of somebody new with this role.
    pub fn staff_cookie(&self, role: Role) -> String {
        self.write(move |w| {
            let count = people::list(w.connection)?.len() + 1;
            let name = PersonName::parse("name", &format!("{role}-{count}"))?;
            let person = people::add(w, &StoreActor::CommandLine, &name, role, "no password fits")?;
            let life = SessionLife { idle: 3_600, absolute: 86_400 };
            people::begin_session(w, person.id, life, "", Login::Password)
        })
    }

    /// A program with a token of this role.
    pub fn program(&self, role: Role) -> Actor {
        let token =
            self.write(move |w| people::create_token(w, &StoreActor::CommandLine, "a program", role, None));
        self.anyone().with_token(&token)
    }

    /// A change behind the scene, which must succeed.
    pub fn write<T: Send + 'static>(
        &self,
        change: impl FnMut(&mut Write<'_>) -> interlude::store::Result<T> + Send + 'static,
    ) -> T {
        // A thread of its own: a story runs inside a runtime, which must not be blocked by name.
        let store = self.store.clone();
        std::thread::spawn(move || store.write_here(change)).join().unwrap().unwrap()
    }

    /// A look behind the scene, which must succeed.
    pub fn read<T>(
        &self,
        query: impl FnOnce(&mut interlude::store::connection::Db) -> interlude::store::Result<T>,
    ) -> T {
        self.store.read_here(query).unwrap()
    }
}

impl Drop for World {
    fn drop(&mut self) {
        if let Some((handle, thread)) = self.server.take() {
            // The command is sent by the call; waiting for its answer would need a runtime.
            drop(handle.stop(false));
            if thread.join().is_err() && !std::thread::panicking() {
                panic!("the server of this world panicked");
            }
        }
    }
}
