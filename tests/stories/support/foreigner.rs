//! A role without power to which PostgreSQL speaks Chinese.

use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection};
use interlude::store::connection::Database;

/// Owns a database that an administrator made; gone when dropped, and what it owned is the administrator's
/// again.
pub struct Foreigner {
    /// How the role opens it.
    pub database: Database,
    /// How the administrator opens it.
    admin: String,
    name: String,
}

/// What a story says that was left out for want of one.
pub const NO_CHINESE: &str = "the PostgreSQL server has no zh_CN.UTF-8, or no Chinese messages";

impl Foreigner {
    /// One that owns the database behind this address of an administrator; nothing where the server does not
    /// speak Chinese.
    pub fn of(admin: &str) -> Option<Foreigner> {
        let name = format!("foreigner_{:016x}", rand::random::<u64>());
        let (front, end) = admin.rsplit_once('@').unwrap();
        let (scheme, _) = front.split_once("://").unwrap();
        let (_, database) = end.rsplit_once('/').unwrap();
        let foreigner = Foreigner {
            database: Database::Postgres(format!("{scheme}://{name}:{name}@{end}")),
            admin: admin.to_owned(),
            name: name.clone(),
        };
        foreigner.grants(&format!(
            "CREATE ROLE {name} LOGIN PASSWORD '{name}'; ALTER DATABASE {database} OWNER TO {name}"
        ));
        let chinese = format!("ALTER ROLE {name} SET lc_messages = 'zh_CN.UTF-8'");
        foreigner.admin().batch_execute(&chinese).ok()?;
        let Database::Postgres(url) = &foreigner.database else { unreachable!("it is on a server") };
        let mistake = PgConnection::establish(url).unwrap().batch_execute("SELECT 1/0").unwrap_err();
        mistake.to_string().contains("除以零").then_some(foreigner)
    }

    /// A connection of the administrator.
    pub fn admin(&self) -> PgConnection {
        PgConnection::establish(&self.admin).unwrap()
    }

    /// The administrator does this.
    pub fn grants(&self, sql: &str) {
        self.admin().batch_execute(sql).unwrap();
    }

    /// The role may choose the language from now on: as a superuser, for less is enough only since
    /// PostgreSQL 15.
    pub fn may_choose(&self) {
        self.grants(&format!("ALTER ROLE {} SUPERUSER", self.name));
    }

    /// What is set for the role in this database counts for more than what is set for the role.
    pub fn is_spoken_to_in_english(&self) {
        let (_, database) = self.admin.rsplit_once('/').unwrap();
        self.grants(&format!("ALTER ROLE {} IN DATABASE {database} SET lc_messages = 'C'", self.name));
    }
}

impl Drop for Foreigner {
    fn drop(&mut self) {
        let name = &self.name;
        let sql = format!("REASSIGN OWNED BY {name} TO CURRENT_USER; DROP OWNED BY {name}; DROP ROLE {name}");
        let gone = PgConnection::establish(&self.admin).map(|mut admin| admin.batch_execute(&sql));
        if !matches!(gone, Ok(Ok(()))) {
            println!("{name} is left behind: {gone:?}", gone = gone.map(|outcome| outcome.err()).ok());
        }
    }
}
