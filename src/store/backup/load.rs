//! Putting a stream into a database.

use std::path::Path;

use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{BigInt, Text};

use super::catalogue::{self, Kind, Table};
use super::stream::{Progress, Sink, Sum};
use super::target::Target;
use super::{Error, Header, Kind as FileKind, Result, at, check, dump, file, kind, live};
use crate::store::connection::{Begin, Database, Db};
use crate::store::migrations;

/// How many rows go into one transaction.
const STEP_ROWS: usize = 500;
/// How many bytes of rows go into one transaction, but for a single longer row.
const STEP_BYTES: usize = 4 << 20;

/// What was put into a database.
#[derive(Debug, Clone)]
pub struct Loaded {
    /// What the source said of itself.
    pub header: Header,
    /// Each table with its rows and their checksum, equal in the source and in the target. None for
    /// a database file that was taken over as it is: the checksum of the whole file says more.
    pub sums: Vec<Sum>,
    /// Under which name the database from before is kept, if there was one.
    pub aside: Option<String>,
}

/// Makes a database from a backup, after the whole file was read once and found good.
///
/// The file may come from either database. Without `force` a target that holds something is
/// refused; with it, what was there is kept under another name. Nothing in the target changes until
/// everything is in.
pub fn restore(path: &Path, to: &Database, force: bool, progress: &mut dyn Progress) -> Result<Loaded> {
    let header = check(path, progress)?;
    let target = Target::prepare(to, force)?;
    progress.begin("writing");
    match (kind(path)?, target.partial()) {
        (FileKind::Sqlite, Some(partial)) => {
            std::fs::copy(path, partial).map_err(at(partial))?;
            file::unseal(partial)?;
            let (target, ()) = target.with(|c| {
                if catalogue::tables(c)? != header.tables {
                    return Err(Error::Damaged("the copy does not hold what its header says".to_owned()));
                }
                Ok(migrations::bring_to(c, None)?)
            })?;
            Ok(Loaded { header, sums: Vec::new(), aside: target.finish()? })
        }
        (FileKind::Sqlite, None) => {
            let mut from = file::read_only(path)?;
            send(&mut from, header, target, progress)
        }
        (FileKind::Dump, _) => {
            let reader = dump::Reader::open(path)?;
            fill(header, target, progress, |sink, progress| reader.send(sink, progress), |_, _| Ok(()))
        }
    }
}

/// Moves everything from one database into another. The source is only read.
///
/// [`Error::Occupied`] if somebody wrote to the source meanwhile: what came late would be missing.
pub fn transfer(from: &Database, to: &Database, force: bool, progress: &mut dyn Progress) -> Result<Loaded> {
    if from == to {
        return Err(Error::Occupied("source and target are the same".to_owned()));
    }
    if let Database::Sqlite(path) = from {
        file::exists(path)?;
    }
    let mut source = from.open(10_000).map_err(crate::store::Error::opening)?;
    let mut meanwhile = Meanwhile::begin(from)?;
    live::in_snapshot(&mut source, |source| {
        let header = live::header(source)?;
        progress.begin("moving");
        let all = header.clone();
        fill(
            header,
            Target::prepare(to, force)?,
            progress,
            |sink, progress| live::send(source, &all, sink, progress),
            |sent, progress| meanwhile.nothing_was_written(&all, sent, progress),
        )
    })
}

/// Sees whether a database is written to while it is read.
struct Meanwhile {
    connection: Db,
    label: String,
    mark: String,
}

impl Meanwhile {
    fn begin(database: &Database) -> Result<Meanwhile> {
        let mut connection = database.open(10_000).map_err(crate::store::Error::opening)?;
        let mark = Meanwhile::mark(&mut connection)?;
        Ok(Meanwhile { connection, label: database.label(), mark })
    }

    /// As long as this stays the same, nothing was written. On PostgreSQL it also changes by what
    /// happens in other databases of the same server.
    fn mark(connection: &mut Db) -> Result<String> {
        #[derive(QueryableByName)]
        struct Mark {
            #[diesel(sql_type = Text)]
            mark: String,
        }
        let sql = match connection {
            Db::Sqlite(_) => "SELECT CAST(data_version AS TEXT) AS mark FROM pragma_data_version",
            Db::Postgres(_) => "SELECT pg_snapshot_xmax(pg_current_snapshot())::text AS mark",
        };
        Ok(sql_query(sql).get_result::<Mark>(connection)?.mark)
    }

    fn nothing_was_written(&mut self, all: &Header, sent: &[Sum], progress: &mut dyn Progress) -> Result<()> {
        if Meanwhile::mark(&mut self.connection)? == self.mark {
            return Ok(());
        }
        progress.begin("looking again");
        let now = live::in_snapshot(&mut self.connection, |c| live::sums(c, all, progress))?;
        match sent.iter().zip(&now).find(|(sent, now)| sent != now) {
            Some((changed, _)) => Err(Error::Occupied(format!(
                "{} was written to while it was read ({}): stop its server and begin again; nothing was changed",
                self.label, changed.end
            ))),
            None => Ok(()),
        }
    }
}

fn send(from: &mut Db, header: Header, target: Target, progress: &mut dyn Progress) -> Result<Loaded> {
    let all = header.clone();
    fill(header, target, progress, |sink, progress| live::send(from, &all, sink, progress), |_, _| Ok(()))
}

/// Fills a target with a stream, reads it again and compares; `good` has the last word.
fn fill(
    header: Header,
    target: Target,
    progress: &mut dyn Progress,
    send: impl FnOnce(&mut dyn Sink, &mut dyn Progress) -> Result<Vec<Sum>>,
    good: impl FnOnce(&[Sum], &mut dyn Progress) -> Result<()>,
) -> Result<Loaded> {
    let (target, sums) = target.with(|c| {
        migrations::bring_to(c, Some(&header.migrations))?;
        empty(c)?;
        let here = catalogue::tables(c)?;
        let mut loader = Loader { connection: c, here, insert: None, rows: Vec::new(), bytes: 0 };
        let sent = send(&mut loader, progress)?;
        for table in &header.tables {
            number(c, table)?;
        }
        progress.begin("comparing");
        let arrived = live::sums(c, &header, progress)?;
        if let Some((a, _)) = sent.iter().zip(&arrived).find(|(a, b)| a != b) {
            return Err(Error::Damaged(format!("{} arrived with another checksum", a.end)));
        }
        good(&sent, progress)?;
        migrations::bring_to(c, None)?;
        Ok(sent)
    })?;
    Ok(Loaded { header, sums, aside: target.finish()? })
}

/// Migrations may put rows into new tables; the stream brings them again.
fn empty(connection: &mut Db) -> Result<()> {
    for table in catalogue::tables(connection)?.iter().rev().filter(|t| t.rows > 0) {
        sql_query(format!("DELETE FROM \"{}\"", table.name)).execute(connection)?;
    }
    Ok(())
}

struct Loader<'a> {
    connection: &'a mut Db,
    here: Vec<Table>,
    /// The statement of the table at hand.
    insert: Option<String>,
    rows: Vec<String>,
    bytes: usize,
}

impl Sink for Loader<'_> {
    fn begin(&mut self, table: &Table) -> Result<()> {
        let fits = self.here.iter().any(|here| {
            here.name == table.name
                && here.columns.len() == table.columns.len()
                && here.columns.iter().all(|c| table.columns.contains(c))
        });
        if !fits {
            return Err(Error::Damaged(format!(
                "its table {} is not that of the version that it names",
                table.name
            )));
        }
        self.insert = Some(insert(table, self.connection.is_sqlite()));
        Ok(())
    }

    fn row(&mut self, line: &str) -> Result<()> {
        if self.rows.len() >= STEP_ROWS || (self.bytes + line.len() > STEP_BYTES && !self.rows.is_empty()) {
            self.step()?;
        }
        self.bytes += line.len();
        self.rows.push(line.to_owned());
        Ok(())
    }

    fn end(&mut self, _: &Sum) -> Result<()> {
        self.step()
    }
}

impl Loader<'_> {
    fn step(&mut self) -> Result<()> {
        let Some(sql) = &self.insert else { return Ok(()) };
        if self.rows.is_empty() {
            return Ok(());
        }
        let rows = format!("[{}]", self.rows.join(","));
        self.connection.begin(Begin::Write)?;
        sql_query(sql).bind::<Text, _>(rows).execute(self.connection)?;
        self.connection.commit()?;
        self.rows.clear();
        self.bytes = 0;
        Ok(())
    }
}

/// Puts an array of rows, each an array of values, into a table.
fn insert(table: &Table, sqlite: bool) -> String {
    let names: Vec<String> = table.columns.iter().map(|c| format!("\"{}\"", c.name)).collect();
    let values: Vec<String> = table
        .columns
        .iter()
        .enumerate()
        .map(|(n, column)| match (column.kind, sqlite) {
            (Kind::Binary, true) => format!("unhex(json_extract(value, '$[{n}]'))"),
            (_, true) => format!("json_extract(value, '$[{n}]')"),
            (Kind::Integer, false) => format!("(value->>{n})::bigint"),
            (Kind::Text, false) => format!("value->>{n}"),
            (Kind::Bool, false) => format!("(value->>{n})::boolean"),
            (Kind::Binary, false) => format!("decode(value->>{n}, 'hex')"),
            (Kind::Double, false) => format!("(value->>{n})::double precision"),
        })
        .collect();
    let rows = if sqlite { "json_each($1)" } else { "json_array_elements($1::json) AS rows (value)" };
    format!("INSERT INTO \"{}\" ({}) SELECT {} FROM {rows}", table.name, names.join(", "), values.join(", "))
}

/// Goes on numbering where the source stopped, so that no number is ever given twice.
fn number(connection: &mut Db, table: &Table) -> Result<()> {
    let Some(last) = table.last_id.filter(|last| *last > 0) else { return Ok(()) };
    match connection {
        Db::Sqlite(c) => {
            sql_query("DELETE FROM sqlite_sequence WHERE name = $1")
                .bind::<Text, _>(&table.name)
                .execute(c)?;
            sql_query("INSERT INTO sqlite_sequence (name, seq) VALUES ($1, $2)")
                .bind::<Text, _>(&table.name)
                .bind::<BigInt, _>(last)
                .execute(c)?;
        }
        Db::Postgres(c) => {
            sql_query("SELECT setval(pg_get_serial_sequence(quote_ident($1), 'id'), $2)")
                .bind::<Text, _>(&table.name)
                .bind::<BigInt, _>(last)
                .execute(c)?;
        }
    }
    Ok(())
}
