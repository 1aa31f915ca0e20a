//! References to rows that are missing. Both databases refuse them while they are asked to; a restored
//! dump, or somebody who switched the check off, may have left some.

use diesel::prelude::*;
use diesel::sql_types::Text;

use super::{Finding, Said};
use crate::store::connection::Db;
use crate::store::error::Result;

#[derive(QueryableByName)]
struct Reference {
    #[diesel(sql_type = Text)]
    child: String,
    #[diesel(sql_type = Text)]
    parent: String,
    /// What the row of the child says, as expressions.
    #[diesel(sql_type = Text)]
    says: String,
    /// That it names a row at all.
    #[diesel(sql_type = Text)]
    named: String,
    /// That a row of the parent is the one that is named.
    #[diesel(sql_type = Text)]
    matched: String,
}

const SQLITE: &str = "SELECT 'row ' || COALESCE(rowid, 0) || ' of ' || \"table\" || ' names a missing row of ' || parent AS said \
     FROM pragma_foreign_key_check LIMIT 100";

/// The references that PostgreSQL knows, with the expressions that find those that lead nowhere.
const POSTGRES: &str = "SELECT c.relname::text AS child, p.relname::text AS parent, k.says, k.named, k.matched \
     FROM pg_constraint f \
     JOIN pg_class c ON c.oid = f.conrelid \
     JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = current_schema() \
     JOIN pg_class p ON p.oid = f.confrelid \
     CROSS JOIN LATERAL (SELECT \
         string_agg(format('c.%I', a.attname), ', ' ORDER BY u.n) AS says, \
         string_agg(format('c.%I IS NOT NULL', a.attname), ' AND ') AS named, \
         string_agg(format('p.%I = c.%I', b.attname, a.attname), ' AND ') AS matched \
         FROM unnest(f.conkey, f.confkey) WITH ORDINALITY AS u (child, parent, n) \
         JOIN pg_attribute a ON a.attrelid = f.conrelid AND a.attnum = u.child \
         JOIN pg_attribute b ON b.attrelid = f.confrelid AND b.attnum = u.parent) k \
     WHERE f.contype = 'f' ORDER BY f.conname";

/// Names those that lead nowhere.
pub(super) fn check(connection: &mut Db, findings: &mut Vec<Finding>) -> Result<()> {
    let found = |rows: Vec<Said>| rows.into_iter().map(|r| Finding(format!("a reference: {}", r.said)));
    match connection {
        Db::Sqlite(c) => findings.extend(found(diesel::sql_query(SQLITE).load(c)?)),
        Db::Postgres(c) => {
            let references: Vec<Reference> = diesel::sql_query(POSTGRES).load(c)?;
            for Reference { child, parent, says, named, matched } in references {
                let sql = format!(
                    "SELECT '{child} names ' || concat_ws(', ', {says}) || ', a missing row of {parent}' AS said \
                     FROM \"{child}\" c WHERE {named} \
                     AND NOT EXISTS (SELECT 1 FROM \"{parent}\" p WHERE {matched}) LIMIT 100"
                );
                findings.extend(found(diesel::sql_query(sql).load(c)?));
            }
        }
    }
    Ok(())
}
