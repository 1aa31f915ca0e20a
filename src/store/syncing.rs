//! Whether a commit on PostgreSQL is synced before it is acknowledged. Two of its settings decide, and
//! either may be off by default for a server, a database or a role.

use diesel::prelude::*;
use diesel::sql_types::Text;

use super::connection::Db;
use super::error::Result;

/// Lets a connection wait for the sync although a default says otherwise. What is stronger than `on`,
/// or says how far a commit must have come elsewhere, is somebody's decision and stays.
pub(super) const SYNC_COMMITS: &str = "SELECT set_config('synchronous_commit', 'on', false) \
     WHERE current_setting('synchronous_commit') = 'off'";

/// What takes away that an acknowledgement means synced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Doubt {
    /// `fsync=off`: the server syncs nothing.
    Fsync,
    /// `synchronous_commit=off`, which the address of the database asks for.
    SynchronousCommit,
}

impl Doubt {
    /// What is so, for whoever runs the server.
    pub fn what(self) -> &'static str {
        match self {
            Doubt::Fsync => "fsync is off: after a power cut the whole database may be damaged",
            Doubt::SynchronousCommit => {
                "synchronous_commit is off: what was acknowledged last is lost in a crash of PostgreSQL"
            }
        }
    }

    /// What mends it.
    pub fn mend(self) -> &'static str {
        match self {
            Doubt::Fsync => "set fsync = on in postgresql.conf and start PostgreSQL again",
            Doubt::SynchronousCommit => "take synchronous_commit out of the options in DATABASE_URL",
        }
    }
}

/// What PostgreSQL says on this connection; nothing on SQLite, where every connection of ours syncs.
pub fn doubts(connection: &mut Db) -> Result<Vec<Doubt>> {
    #[derive(QueryableByName)]
    struct Settings {
        #[diesel(sql_type = Text)]
        fsync: String,
        #[diesel(sql_type = Text)]
        commits: String,
    }
    let Db::Postgres(c) = connection else { return Ok(Vec::new()) };
    let asked = "SELECT current_setting('fsync') AS fsync, current_setting('synchronous_commit') AS commits";
    let found: Settings = diesel::sql_query(asked).get_result(c)?;
    let doubts = [(Doubt::Fsync, found.fsync), (Doubt::SynchronousCommit, found.commits)];
    Ok(doubts.into_iter().filter(|(_, set)| set == "off").map(|(doubt, _)| doubt).collect())
}
