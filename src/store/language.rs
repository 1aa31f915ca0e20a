//! In which language a PostgreSQL server speaks. Of most troubles only its words tell which they are, so
//! it is asked for English on each connection; it may refuse whoever is no superuser.

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::Text;

/// What mends it. It counts for more than what is set for the database or the role alone.
pub const MEND: &str = "as a superuser: ALTER ROLE (this program's) IN DATABASE (its database) SET lc_messages = 'C'; \
     from PostgreSQL 15 on also: GRANT SET ON PARAMETER lc_messages TO (its role)";

/// Asks for English. A refusal is caught where it happens, so that the log of the server has no line of it
/// for each connection. (`SET` may be granted since PostgreSQL 15.)
const ENGLISH: &str = "DO $$ BEGIN PERFORM set_config('lc_messages', 'C', false); \
     EXCEPTION WHEN insufficient_privilege THEN NULL; END $$";

/// Lets the server speak English from now on, if it may be asked. Gives the locale of its messages.
pub(super) fn settle(connection: &mut PgConnection) -> QueryResult<String> {
    let locale = ask(connection)?;
    if is_english(&locale) {
        return Ok(locale);
    }
    // Where even trying is not allowed, as without PL/pgSQL, the server goes on in its language.
    if let Err(error) = connection.batch_execute(ENGLISH) {
        tracing::debug!(%error, "the server cannot be asked for English");
    }
    ask(connection)
}

/// The locale of the messages on this connection.
pub(super) fn ask(connection: &mut PgConnection) -> QueryResult<String> {
    #[derive(QueryableByName)]
    struct Set {
        #[diesel(sql_type = Text)]
        locale: String,
    }
    let set: Set =
        diesel::sql_query("SELECT current_setting('lc_messages') AS locale").get_result(connection)?;
    Ok(set.locale)
}

/// Whether messages of this locale are English. One without a name is whatever the environment of the
/// server says, so it is not.
pub fn is_english(locale: &str) -> bool {
    let language = locale.split(['_', '.', '-', '@']).next().unwrap_or_default();
    matches!(language, "C" | "POSIX" | "en" | "English")
}

#[cfg(test)]
mod tests {
    use super::is_english;

    #[test]
    fn english_has_several_names() {
        for locale in
            ["C", "POSIX", "C.UTF-8", "C.utf8", "en", "en_US.UTF-8", "en-GB", "English_United States.1252"]
        {
            assert!(is_english(locale), "{locale}");
        }
        for locale in ["", "zh_CN.UTF-8", "de_DE@euro", "ca_ES", "Chinese (Simplified)_China.936", "enm"] {
            assert!(!is_english(locale), "{locale}");
        }
    }
}
