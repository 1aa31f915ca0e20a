//! JSON Lines: one object a line, values with their types, text as it was typed.

use std::io::{BufWriter, Write};

use serde_json::Value;
use serde_json::ser::Formatter;

use super::Rows;
use super::cell::{Cell, Column};
use crate::store::error::{Error, Result};

/// Writes rows as JSON Lines. Every column stands in every line; what is empty is `null`.
pub struct JsonLines<W: Write> {
    out: BufWriter<W>,
    names: Vec<String>,
}

fn broken(error: impl std::fmt::Display) -> Error {
    Error::Unavailable(format!("the reader is gone: {error}"))
}

impl<W: Write> JsonLines<W> {
    /// Begins a file.
    pub fn new(out: W) -> JsonLines<W> {
        JsonLines { out: BufWriter::new(out), names: Vec::new() }
    }
}

fn value(cell: Cell) -> Value {
    match cell {
        Cell::Empty => Value::Null,
        Cell::Text(text) | Cell::Word(text) => Value::String(text),
        Cell::Number(number) => number.into(),
        // A whole number is written as one: 17, not 17.0.
        Cell::Decimal(number) if number.fract() == 0.0 && number.abs() < 9e15 => (number as i64).into(),
        Cell::Decimal(number) => number.into(),
        Cell::Flag(flag) => flag.into(),
        Cell::Time(at) => at.rfc3339().into(),
        Cell::Json(value) => value,
    }
}

/// Separators that some readers of lines take for ends of lines are escaped.
struct OneLine;

impl Formatter for OneLine {
    fn write_string_fragment<W: ?Sized + Write>(&mut self, out: &mut W, text: &str) -> std::io::Result<()> {
        let mut rest = text;
        while let Some(at) = rest.find(['\u{2028}', '\u{2029}', '\u{85}']) {
            out.write_all(&rest.as_bytes()[..at])?;
            let c = rest[at..].chars().next().unwrap_or_default();
            write!(out, "\\u{:04x}", c as u32)?;
            rest = &rest[at + c.len_utf8()..];
        }
        out.write_all(rest.as_bytes())
    }
}

impl<W: Write> Rows for JsonLines<W> {
    fn begin(&mut self, columns: &[Column]) -> Result<()> {
        self.names = columns.iter().map(|c| c.title.clone()).collect();
        Ok(())
    }

    fn row(&mut self, cells: Vec<Cell>) -> Result<()> {
        // Written by hand, so that the columns keep their order.
        let mut separator = "{";
        for (name, cell) in self.names.iter().zip(cells) {
            let name = Value::from(name.as_str()).to_string();
            write!(self.out, "{separator}{name}:").map_err(broken)?;
            let mut serializer = serde_json::Serializer::with_formatter(&mut self.out, OneLine);
            serde::Serialize::serialize(&value(cell), &mut serializer).map_err(broken)?;
            separator = ",";
        }
        self.out.write_all(b"}\n").map_err(broken)
    }

    fn finish(&mut self) -> Result<()> {
        self.out.flush().map_err(broken)
    }
}
