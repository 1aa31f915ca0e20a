//! What tables there are, asked of the database itself, so that no list can forget one.

use std::collections::BTreeSet;

use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{BigInt, Bool, Text};
use serde::{Deserialize, Serialize};

use super::{Error, Result};
use crate::store::connection::Db;

/// What a column holds, as far as moving it is concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// A whole number of up to 64 bits.
    Integer,
    /// Text.
    Text,
    /// True or false.
    Bool,
    /// Bytes; two hexadecimal digits each in the stream.
    Binary,
    /// A number with a fraction.
    Double,
}

/// A column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// What it holds.
    pub kind: Kind,
}

/// A table and how much is in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Table {
    /// Its name.
    pub name: String,
    /// Its columns, in the order of a row.
    pub columns: Vec<Column>,
    /// The columns of its key, by which the rows of the stream are ordered.
    pub key: Vec<String>,
    /// How many rows it has.
    pub rows: u64,
    /// The highest number ever given to a row, if the database numbers them.
    pub last_id: Option<i64>,
}

#[derive(QueryableByName)]
struct Described {
    #[diesel(sql_type = Text)]
    of: String,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = BigInt)]
    key: i64,
    #[diesel(sql_type = Bool)]
    numbered: bool,
}

#[derive(QueryableByName)]
struct Reference {
    #[diesel(sql_type = Text)]
    child: String,
    #[diesel(sql_type = Text)]
    parent: String,
}

#[derive(QueryableByName)]
struct Number {
    #[diesel(sql_type = BigInt)]
    number: i64,
}

#[derive(QueryableByName)]
struct Name {
    #[diesel(sql_type = Text)]
    name: String,
}

const SQLITE_COLUMNS: &str = "SELECT m.name AS of, c.name AS name, c.type AS kind, c.pk AS key, \
     c.name = 'id' AND m.sql LIKE '%AUTOINCREMENT%' AS numbered \
     FROM sqlite_master m JOIN pragma_table_list(m.name) l ON l.schema = 'main' AND l.type = 'table' \
     JOIN pragma_table_info(m.name) c \
     WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY m.name, c.cid";

const POSTGRES_COLUMNS: &str = "SELECT t.relname::text AS of, a.attname::text AS name, \
     format_type(a.atttypid, NULL) AS kind, \
     COALESCE(array_position(k.indkey::int2[], a.attnum) + 1, 0)::bigint AS key, \
     a.attidentity <> '' AS numbered \
     FROM pg_class t JOIN pg_namespace n ON n.oid = t.relnamespace AND n.nspname = current_schema() \
     JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped \
     LEFT JOIN pg_index k ON k.indrelid = t.oid AND k.indisprimary \
     WHERE t.relkind IN ('r', 'p') AND NOT t.relispartition ORDER BY t.relname, a.attnum";

/// Tables that are made from others and can be made again; on SQLite they are no ordinary tables.
const DERIVED: &[&str] = &["report_search"];

/// The tables that hold data, each after those that it refers to, without what keeps track of
/// migrations and of the backup itself.
pub fn tables(connection: &mut Db) -> Result<Vec<Table>> {
    let columns: Vec<Described> = match connection {
        Db::Sqlite(c) => sql_query(SQLITE_COLUMNS).load(c)?,
        Db::Postgres(c) => sql_query(POSTGRES_COLUMNS).load(c)?,
    };
    let mut tables: Vec<Table> = Vec::new();
    let mut keys: Vec<(String, i64, String)> = Vec::new();
    let mut numbered = BTreeSet::new();
    let aside = ["__diesel_schema_migrations", super::file::SEAL, super::file::HEADER];
    let ours =
        columns.into_iter().filter(|c| !aside.contains(&c.of.as_str()) && !DERIVED.contains(&c.of.as_str()));
    for column in ours {
        let kind = kind(&column)?;
        if column.numbered {
            numbered.insert(column.of.clone());
        }
        if column.key > 0 {
            keys.push((column.of.clone(), column.key, column.name.clone()));
        }
        let column_of = Column { name: column.name, kind };
        match tables.last_mut() {
            Some(table) if table.name == column.of => table.columns.push(column_of),
            _ => tables.push(Table {
                name: column.of,
                columns: vec![column_of],
                key: Vec::new(),
                rows: 0,
                last_id: None,
            }),
        }
    }
    keys.sort();
    for table in &mut tables {
        table.key = keys.iter().filter(|k| k.0 == table.name).map(|k| k.2.clone()).collect();
        if table.key.is_empty() {
            return Err(Error::Foreign(format!("the table {} has no key and is not ours", table.name)));
        }
        if numbered.contains(&table.name) {
            table.last_id = Some(last_id(connection, &table.name)?);
        }
        let rows: Vec<Number> =
            sql_query(format!("SELECT COUNT(*) AS number FROM \"{}\"", table.name)).load(connection)?;
        table.rows = rows.first().map_or(0, |r| r.number.unsigned_abs());
    }
    in_order(connection, tables)
}

fn kind(column: &Described) -> Result<Kind> {
    Ok(match column.kind.to_uppercase().as_str() {
        "INTEGER" | "BIGINT" | "SMALLINT" => Kind::Integer,
        "TEXT" => Kind::Text,
        "BOOLEAN" => Kind::Bool,
        "BLOB" | "BYTEA" => Kind::Binary,
        "DOUBLE PRECISION" | "DOUBLE" | "REAL" => Kind::Double,
        other => {
            return Err(Error::Foreign(format!(
                "{}.{} has the type {other}, which no table of ours has",
                column.of, column.name
            )));
        }
    })
}

/// The highest number given so far; 0 if none was.
fn last_id(connection: &mut Db, table: &str) -> Result<i64> {
    let rows: Vec<Number> = match connection {
        Db::Sqlite(c) => sql_query("SELECT seq AS number FROM sqlite_sequence WHERE name = $1")
            .bind::<Text, _>(table)
            .load(c)?,
        Db::Postgres(c) => sql_query(
            "SELECT COALESCE(s.last_value, 0)::bigint AS number FROM pg_sequences s \
             WHERE s.schemaname = current_schema() AND quote_ident(s.schemaname) || '.' || \
             quote_ident(s.sequencename) = pg_get_serial_sequence(quote_ident($1), 'id')",
        )
        .bind::<Text, _>(table)
        .load(c)?,
    };
    Ok(rows.first().map_or(0, |r| r.number))
}

/// Parents before children.
fn in_order(connection: &mut Db, mut left: Vec<Table>) -> Result<Vec<Table>> {
    let references: Vec<Reference> = match connection {
        Db::Sqlite(c) => sql_query(
            "SELECT m.name AS child, f.\"table\" AS parent \
             FROM sqlite_master m JOIN pragma_foreign_key_list(m.name) f WHERE m.type = 'table'",
        )
        .load(c)?,
        Db::Postgres(c) => sql_query(
            "SELECT t.relname::text AS child, p.relname::text AS parent FROM pg_constraint c \
             JOIN pg_class t ON t.oid = c.conrelid JOIN pg_class p ON p.oid = c.confrelid \
             JOIN pg_namespace n ON n.oid = t.relnamespace AND n.nspname = current_schema() \
             WHERE c.contype = 'f'",
        )
        .load(c)?,
    };
    let mut ordered: Vec<Table> = Vec::with_capacity(left.len());
    while !left.is_empty() {
        let waits = |table: &Table| {
            references.iter().any(|r| {
                r.child == table.name && r.parent != table.name && left.iter().any(|l| l.name == r.parent)
            })
        };
        let Some(next) = left.iter().position(|t| !waits(t)) else {
            let names: Vec<&str> = left.iter().map(|t| t.name.as_str()).collect();
            return Err(super::Error::Foreign(format!("tables refer to one another: {}", names.join(", "))));
        };
        ordered.push(left.remove(next));
    }
    Ok(ordered)
}

/// The migrations that a database has seen, the oldest first; none if it is not ours.
pub fn migrations(connection: &mut Db) -> Result<Vec<String>> {
    let found: Vec<Name> = match connection {
        Db::Sqlite(c) => {
            sql_query("SELECT name FROM sqlite_master WHERE name = '__diesel_schema_migrations'").load(c)?
        }
        Db::Postgres(c) => sql_query(
            "SELECT tablename::text AS name FROM pg_tables \
             WHERE schemaname = current_schema() AND tablename = '__diesel_schema_migrations'",
        )
        .load(c)?,
    };
    if found.is_empty() {
        return Ok(Vec::new());
    }
    let versions: Vec<Name> =
        sql_query("SELECT CAST(version AS TEXT) AS name FROM __diesel_schema_migrations ORDER BY version")
            .load(connection)?;
    Ok(versions.into_iter().map(|v| v.name).collect())
}
