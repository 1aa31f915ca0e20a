//! Reading a database as a stream, inside one snapshot.

use diesel::connection::DefaultLoadingMode;
use diesel::pg::PgRowByRowLoadingMode;
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::Text;

use super::catalogue::{self, Kind, Table};
use super::stream::{Adding, Progress, Sink, Sum, canonical, go_on};
use super::{Error, Header, Result};
use crate::store::connection::{Begin, Db};

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

/// What a stream of this database would begin with. Refuses what is not ours, and what a newer
/// program has changed.
pub fn header(connection: &mut Db) -> Result<Header> {
    let migrations = catalogue::migrations(connection)?;
    if migrations.is_empty() {
        return Err(Error::Foreign("this is not a database of Interlude".to_owned()));
    }
    // Before the tables are looked at: those of a newer program may be of an unknown kind.
    let header = Header::new(migrations, Vec::new());
    header.is_known()?;
    Ok(Header { tables: catalogue::tables(connection)?, ..header })
}

/// Does something in one snapshot.
pub fn in_snapshot<T>(connection: &mut Db, work: impl FnOnce(&mut Db) -> Result<T>) -> Result<T> {
    connection.begin(Begin::Read)?;
    let outcome = work(connection);
    match &outcome {
        Ok(_) => connection.commit()?,
        // The reason for the failure says more than the failure to roll back would.
        Err(_) => drop(connection.rollback()),
    }
    outcome
}

/// Sends all tables of the header into the sink; call it inside the snapshot of the header.
pub fn send(
    connection: &mut Db,
    header: &Header,
    sink: &mut dyn Sink,
    progress: &mut dyn Progress,
) -> Result<Vec<Sum>> {
    let (mut done, all) = (0, header.rows());
    let mut sums = Vec::with_capacity(header.tables.len());
    for table in &header.tables {
        go_on(progress)?;
        sink.begin(table)?;
        let mut adding = Adding::new();
        each_row(connection, table, &mut |line| {
            adding.row(line);
            if adding.rows().is_multiple_of(500) {
                progress.at(&table.name, done + adding.rows(), all);
                go_on(progress)?;
            }
            sink.row(line)
        })?;
        done += adding.rows();
        progress.at(&table.name, done, all);
        let sum = adding.finish(&table.name);
        sink.end(&sum)?;
        sums.push(sum);
    }
    Ok(sums)
}

/// The checksums of all tables.
pub fn sums(connection: &mut Db, header: &Header, progress: &mut dyn Progress) -> Result<Vec<Sum>> {
    send(connection, header, &mut Nowhere, progress)
}

/// A sink that keeps nothing.
pub struct Nowhere;

impl Sink for Nowhere {
    fn begin(&mut self, _: &Table) -> Result<()> {
        Ok(())
    }
    fn row(&mut self, _: &str) -> Result<()> {
        Ok(())
    }
    fn end(&mut self, _: &Sum) -> Result<()> {
        Ok(())
    }
}

fn each_row(connection: &mut Db, table: &Table, each: &mut dyn FnMut(&str) -> Result<()>) -> Result<()> {
    let sql = select(table, connection.is_sqlite());
    match connection {
        Db::Sqlite(c) => {
            for row in sql_query(sql).load_iter::<Line, DefaultLoadingMode>(c)? {
                each(&canonical(table, &row?.line)?)?;
            }
        }
        Db::Postgres(c) => {
            for row in sql_query(sql).load_iter::<Line, PgRowByRowLoadingMode>(c)? {
                each(&canonical(table, &row?.line)?)?;
            }
        }
    }
    Ok(())
}

fn select(table: &Table, sqlite: bool) -> String {
    let value = |name: &str, kind: Kind| match (kind, sqlite) {
        (Kind::Binary, true) => format!("CASE WHEN \"{name}\" IS NOT NULL THEN hex(\"{name}\") END"),
        (Kind::Binary, false) => format!("encode(\"{name}\", 'hex')"),
        // SQLite's JSON would give fifteen digits, which is not always the number.
        (Kind::Double, true) => {
            format!("json(CASE WHEN \"{name}\" IS NULL THEN 'null' ELSE printf('%!.17g', \"{name}\") END)")
        }
        _ => format!("\"{name}\""),
    };
    let values: Vec<String> = table.columns.iter().map(|c| value(&c.name, c.kind)).collect();
    // Both databases then give the rows in the order of the bytes of their keys.
    let order: Vec<String> = table
        .key
        .iter()
        .map(|key| match table.columns.iter().find(|c| c.name == *key).map(|c| c.kind) {
            Some(Kind::Text) if !sqlite => format!("\"{key}\" COLLATE \"C\""),
            _ => format!("\"{key}\""),
        })
        .collect();
    let (array, cast) = if sqlite { ("json_array", "") } else { ("json_build_array", "::text") };
    format!(
        "SELECT {array}({}){cast} AS line FROM \"{}\" ORDER BY {}",
        values.join(", "),
        table.name,
        order.join(", ")
    )
}
