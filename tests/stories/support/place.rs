//! A database for a test alone, gone when the test ends.

use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection};
use interlude::store::connection::Database;

/// An empty database, or the place where one will be.
pub struct Place {
    /// How it is opened.
    pub database: Database,
    kind: Kind,
}

enum Kind {
    Folder { _folder: tempfile::TempDir },
    Server { url: String, name: String },
}

impl Place {
    /// A file in a folder of its own; nothing is there yet.
    pub fn on_sqlite() -> Place {
        let folder = tempfile::tempdir().unwrap();
        Place {
            database: Database::Sqlite(folder.path().join("interlude.db")),
            kind: Kind::Folder { _folder: folder },
        }
    }

    /// A database on the PostgreSQL server for tests, if there is one.
    pub fn on_postgres() -> Option<Place> {
        let Some(url) = std::env::var("INTERLUDE_TEST_POSTGRES_URL").ok().filter(|url| !url.is_empty())
        else {
            super::left_out("no INTERLUDE_TEST_POSTGRES_URL");
            return None;
        };
        let name = format!("story_{:016x}", rand::random::<u64>());
        PgConnection::establish(&url).unwrap().batch_execute(&format!("CREATE DATABASE {name}")).unwrap();
        let (server, _) = url.rsplit_once('/').unwrap();
        Some(Place {
            database: Database::Postgres(format!("{server}/{name}")),
            kind: Kind::Server { url, name },
        })
    }

    /// The URL that the program understands.
    pub fn url(&self) -> String {
        match &self.database {
            Database::Sqlite(path) => format!("sqlite:{}", path.display()),
            Database::Postgres(url) => url.clone(),
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Kind::Server { url, name } = &self.kind
            && let Ok(mut connection) = PgConnection::establish(url)
            && let Err(error) = connection.batch_execute(&format!("DROP DATABASE {name} WITH (FORCE)"))
        {
            println!("{name} is left behind: {error}");
        }
    }
}
