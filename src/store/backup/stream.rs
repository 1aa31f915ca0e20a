//! The stream of tables and rows, and what may stand at its end.

use std::path::Path;

use serde_json::Value;
use sha2::{Digest, Sha256};

use super::catalogue::{Kind, Table};
use super::{Error, Result};

/// Where a stream goes.
pub trait Sink {
    /// The rows of this table follow.
    fn begin(&mut self, table: &Table) -> Result<()>;
    /// One row, a line of JSON without its line break.
    fn row(&mut self, line: &str) -> Result<()>;
    /// That was all of the table, and this is its checksum.
    fn end(&mut self, sum: &Sum) -> Result<()>;
}

/// Told how far something is, and asked whether it may go on.
pub trait Progress {
    /// Another piece of work begins: `reading`, `checking`, `writing`, `comparing`.
    fn begin(&mut self, work: &'static str);
    /// So many rows of all are done, at present those of this table.
    fn at(&mut self, table: &str, done: u64, all: u64);
    /// Whether it is to end before it is done. Asked between two steps.
    fn is_over(&self) -> bool {
        false
    }
    /// This file is in the making. Whoever ends the process before it is done has to remove it.
    fn makes(&mut self, _file: &Path) {}
}

/// [`Error::Ended`] if it is to end here.
pub fn go_on(progress: &dyn Progress) -> Result<()> {
    if progress.is_over() { Err(Error::Ended) } else { Ok(()) }
}

/// Tells nobody.
impl Progress for () {
    fn begin(&mut self, _: &'static str) {}
    fn at(&mut self, _: &str, _: u64, _: u64) {}
}

/// What a table was found to hold.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Sum {
    /// The table.
    pub end: String,
    /// How many rows.
    pub rows: u64,
    /// SHA-256 over its rows, each followed by a line break, in hexadecimal digits.
    pub sha256: String,
}

/// Adds up the rows of one table.
pub struct Adding {
    hash: Sha256,
    rows: u64,
}

impl Adding {
    pub fn new() -> Adding {
        Adding { hash: Sha256::new(), rows: 0 }
    }

    pub fn row(&mut self, line: &str) {
        self.hash.update(line.as_bytes());
        self.hash.update(b"\n");
        self.rows += 1;
    }

    pub fn rows(&self) -> u64 {
        self.rows
    }

    pub fn finish(self, table: &str) -> Sum {
        Sum { end: table.to_owned(), rows: self.rows, sha256: hex(&self.hash.finalize()) }
    }
}

/// Bytes as hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |n: u8| char::from(DIGITS[usize::from(n)]);
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

/// A row as a database wrote it, written as every row is: what differs between the two databases
/// (escapes, truth values, digits) is gone afterwards.
pub fn canonical(table: &Table, line: &str) -> Result<String> {
    let wrong = |why: String| Error::Damaged(format!("a row of {}: {why}", table.name));
    let values: Vec<Value> = serde_json::from_str(line).map_err(|e| wrong(e.to_string()))?;
    if values.len() != table.columns.len() {
        return Err(wrong(format!("{} values for {} columns", values.len(), table.columns.len())));
    }
    let values: Vec<Value> = values
        .into_iter()
        .zip(&table.columns)
        .map(|(value, column)| {
            let value = match (column.kind, value) {
                (_, Value::Null) => Some(Value::Null),
                (Kind::Integer, Value::Number(n)) => n.as_i64().map(Value::from),
                (Kind::Double, Value::Number(n)) => n.as_f64().map(Value::from),
                (Kind::Text, Value::String(s)) => Some(Value::String(s)),
                (Kind::Bool, Value::Bool(b)) => Some(Value::Bool(b)),
                (Kind::Bool, Value::Number(n)) => n.as_i64().map(|n| Value::Bool(n != 0)),
                (Kind::Binary, Value::String(s)) => Some(Value::String(s.to_ascii_lowercase())),
                _ => None,
            };
            value.ok_or_else(|| wrong(format!("{} holds something of another kind", column.name)))
        })
        .collect::<Result<_>>()?;
    serde_json::to_string(&values).map_err(|e| wrong(e.to_string()))
}
