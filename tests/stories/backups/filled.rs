//! A database with something in every table and every column, made from the schema file, so that a
//! table that is added later is filled as well; and its content as text, read without the code that
//! is tested.

use std::collections::BTreeMap;

use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::Text;
use interlude::store::connection::{Database, Db};

use crate::support::Place;

/// A table of the schema file, its columns with their kinds.
pub struct Table {
    pub name: String,
    pub key: Vec<String>,
    pub columns: Vec<(String, String)>,
}

/// The tables of `src/store/schema.rs`, in its order: parents first.
pub fn schema() -> Vec<Table> {
    let text = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/src/store/schema.rs")).unwrap();
    let tables: Vec<Table> = text
        .split("diesel::table! {")
        .skip(1)
        .map(|table| {
            let (head, body) = table.split_once(") {").unwrap();
            let (name, key) = head.trim().split_once('(').unwrap();
            let columns = body.split('}').next().unwrap().lines();
            Table {
                name: name.trim().to_owned(),
                key: key.split(',').map(|k| k.trim().to_owned()).collect(),
                columns: columns
                    .filter_map(|line| line.trim().trim_end_matches(',').split_once(" -> "))
                    .map(|(name, kind)| (name.trim().to_owned(), kind.trim().to_owned()))
                    .collect(),
            }
        })
        .collect();
    assert!(tables.len() > 15);
    tables
}

/// Texts that a careless way of moving them would change.
const TEXTS: [&str; 3] = [
    "维护“夜间” 𠮷 👩‍👩‍👧 \\u0041 \\ ' \" \n\r\n\t, ; {\"a\":[1]} \u{7f}\u{85}\u{2028}\u{feff} é e\u{301}",
    "",
    " =1+1 \u{1}\u{1f} ",
];

fn value(table: &Table, name: &str, kind: &str, row: usize) -> String {
    let optional = kind.starts_with("Nullable<");
    let kind = kind.trim_start_matches("Nullable<").trim_end_matches('>');
    if optional && row == 2 {
        return "NULL".to_owned();
    }
    let names_a_row = name.ends_with("_id") || ["id", "filed_under", "shown_by"].contains(&name);
    match kind {
        // Rows 1 to 3 of every table are there to be named.
        "BigInt" if names_a_row || table.key.iter().any(|k| k == name) => row.to_string(),
        "BigInt" => ["-62135596800000000", "9223372036854775807", "0"][row - 1].to_owned(),
        "Integer" => ["-2147483648", "2147483647", "0"][row - 1].to_owned(),
        "Bool" => ["TRUE", "FALSE", "TRUE"][row - 1].to_owned(),
        "Text" => format!("'{}{row}'", TEXTS[row - 1].replace('\'', "''")),
        "Double" => ["0.1", "-1.5e300", "2.5e-300"][row - 1].to_owned(),
        "Binary" => ["'\\x00ff0a27'", "'\\x'", "'\\x89504e47'"][row - 1].to_owned(),
        other => panic!("{}.{name} has the new kind {other}; say how to fill it", table.name),
    }
}

pub fn open(place: &Place) -> Db {
    place.database.open(5_000).unwrap()
}

/// Fills an empty database of the present version.
pub fn fill(place: &Place) {
    super::run(place, &["migrate"]).is(0, "");
    let mut connection = open(place);
    let sqlite = connection.is_sqlite();
    in_some_order(|table| {
        let all = format!("DELETE FROM \"{}\"", table.name);
        sql_query(all).execute(&mut connection).map(drop).map_err(|e| format!("{e}: {}", table.name))
    });
    in_some_order(|table| {
        for row in 1..=3 {
            let names: Vec<String> = table.columns.iter().map(|(name, _)| format!("\"{name}\"")).collect();
            let values: Vec<String> = table
                .columns
                .iter()
                .map(|(name, kind)| {
                    let value = value(table, name, kind, row);
                    if sqlite { value.replace("'\\x", "x'") } else { value }
                })
                .collect();
            let sql =
                format!("INSERT INTO \"{}\" ({}) VALUES ({})", table.name, names.join(","), values.join(","));
            sql_query(&sql).execute(&mut connection).map_err(|e| format!("{e}: {sql}"))?;
        }
        Ok(())
    });
    // What is done with it is noted in it, and PostgreSQL counts from one otherwise.
    if !sqlite {
        let next = "SELECT setval(pg_get_serial_sequence('audit_rows', 'id'), 3)";
        sql_query(next).execute(&mut connection).unwrap();
    }
}

/// Does something with every table, with those that refer to others when it can be done: tables that
/// were added later may be referred to by earlier ones.
fn in_some_order(mut each: impl FnMut(&Table) -> Result<(), String>) {
    let mut left = schema();
    while !left.is_empty() {
        let (before, mut why) = (left.len(), String::new());
        left.retain(|table| each(table).inspect_err(|e| why.clone_from(e)).is_err());
        assert!(left.len() < before, "{why}");
    }
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Text)]
    row: String,
}

/// Everything in it as text, the same whichever database it is.
pub fn content(database: &Database) -> BTreeMap<String, Vec<String>> {
    let mut connection = database.open(5_000).unwrap();
    let sqlite = connection.is_sqlite();
    let mut content = BTreeMap::new();
    for table in schema() {
        let values: Vec<String> = table
            .columns
            .iter()
            .map(|(name, kind)| {
                let text = if kind.contains("Bool") {
                    format!("CASE WHEN \"{name}\" THEN 'yes' ELSE 'no' END")
                } else if kind.contains("Binary") && sqlite {
                    format!("lower(hex(\"{name}\"))")
                } else if kind.contains("Binary") {
                    format!("encode(\"{name}\", 'hex')")
                } else {
                    format!("CAST(\"{name}\" AS TEXT)")
                };
                format!("CASE WHEN \"{name}\" IS NULL THEN 'nothing' ELSE '=' || {text} END")
            })
            .collect();
        // That it was copied is noted by the copying itself.
        let of = if table.name == "audit_rows" { " WHERE action NOT LIKE 'backup.%'" } else { "" };
        let sql = format!("SELECT {} AS row FROM \"{}\"{of}", values.join(" || '|' || "), table.name);
        let mut rows: Vec<String> =
            sql_query(sql).load::<Row>(&mut connection).unwrap().into_iter().map(|r| r.row).collect();
        rows.sort();
        content.insert(table.name, rows);
    }
    content
}
