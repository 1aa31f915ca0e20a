//! `src/store/schema.rs`, written by hand, is what the migrations of both databases make.

use std::collections::BTreeMap;

use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{Bool, Text};
use interlude::store::connection::Db;

#[derive(QueryableByName, Debug, PartialEq)]
struct Column {
    #[diesel(sql_type = Text)]
    of: String,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = Bool)]
    nullable: bool,
}

/// Table → its columns in order, each as `name: Kind` or `name: Nullable<Kind>`.
type Tables = BTreeMap<String, Vec<String>>;

fn migrated(connection: &mut Db) -> Tables {
    let columns: Vec<Column> = match connection {
        Db::Sqlite(c) => sql_query(
            "SELECT m.name AS of, c.name AS name, c.type AS kind, c.\"notnull\" = 0 AS nullable \
             FROM sqlite_master m, pragma_table_info(m.name) c \
             WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' ORDER BY m.name, c.cid",
        )
        .load(c)
        .unwrap(),
        Db::Postgres(c) => sql_query(
            "SELECT table_name::text AS of, column_name::text AS name, data_type::text AS kind, \
             is_nullable = 'YES' AS nullable \
             FROM information_schema.columns WHERE table_schema = 'public' \
             ORDER BY table_name, ordinal_position",
        )
        .load(c)
        .unwrap(),
    };
    let mut tables = Tables::new();
    // The search index is each database's own; nothing but src/store/search knows its tables.
    let known = |c: &Column| c.of != "__diesel_schema_migrations" && !c.of.starts_with("report_search");
    for column in columns.into_iter().filter(known) {
        let kind = match column.kind.to_uppercase().as_str() {
            "TEXT" => "Text",
            // SQLite numbers rows by a column of exactly this type.
            "INTEGER" if connection.is_sqlite() && column.name == "id" => "BigInt",
            "INTEGER" => "Integer",
            "BIGINT" => "BigInt",
            "BOOLEAN" => "Bool",
            "BLOB" | "BYTEA" => "Binary",
            "DOUBLE PRECISION" => "Double",
            other => panic!("{}.{} has the type {other}", column.of, column.name),
        };
        let kind = if column.nullable { format!("Nullable<{kind}>") } else { kind.to_owned() };
        tables.entry(column.of).or_default().push(format!("{}: {kind}", column.name));
    }
    tables
}

fn written() -> Tables {
    let mut tables = Tables::new();
    let text = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/src/store/schema.rs")).unwrap();
    for table in text.split("diesel::table! {").skip(1) {
        let (head, body) = table.split_once(") {").unwrap();
        let name = head.split('(').next().unwrap().trim().to_owned();
        let columns = body.split('}').next().unwrap();
        let columns = columns
            .lines()
            .filter_map(|line| line.trim().trim_end_matches(',').split_once(" -> "))
            .map(|(name, kind)| format!("{}: {kind}", name.trim()))
            .collect();
        tables.insert(name, columns);
    }
    tables
}

story! {
    async fn the_schema_file_is_what_the_migrations_make(world) {
        let migrated = world.read(|c| Ok(migrated(c)));
        assert!(migrated.len() > 10);
        assert_eq!(migrated, written());
    }
}
