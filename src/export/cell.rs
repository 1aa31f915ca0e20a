//! What stands in one place of a row, before any format has written it.

use serde_json::Value;

use crate::domain::instant::Instant;

/// A value of a row. Formats decide how it is written; rows decide what it is.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// Nothing.
    Empty,
    /// Something that somebody typed: it can be anything, so formats guard it.
    Text(String),
    /// A code, a reference or a label of ours: it is never taken for a formula or a number.
    Word(String),
    /// A whole number.
    Number(i64),
    /// A number with a fraction.
    Decimal(f64),
    /// Yes or no.
    Flag(bool),
    /// A moment.
    Time(Instant),
    /// A list or an object.
    Json(Value),
}

impl Cell {
    /// Typed text, or nothing.
    pub fn text(text: Option<impl Into<String>>) -> Cell {
        text.map(Into::into).filter(|t| !t.is_empty()).map_or(Cell::Empty, Cell::Text)
    }

    /// A word of ours, or nothing.
    pub fn word(word: Option<impl ToString>) -> Cell {
        word.map(|w| w.to_string()).filter(|w| !w.is_empty()).map_or(Cell::Empty, Cell::Word)
    }

    /// A whole number, or nothing.
    pub fn number(number: Option<impl Into<i64>>) -> Cell {
        number.map_or(Cell::Empty, |n| Cell::Number(n.into()))
    }

    /// A moment, or nothing.
    pub fn time(at: Option<Instant>) -> Cell {
        at.map_or(Cell::Empty, Cell::Time)
    }

    /// A list or an object, or nothing if it is empty.
    pub fn json(value: Value) -> Cell {
        match &value {
            Value::Null => Cell::Empty,
            Value::Array(list) if list.is_empty() => Cell::Empty,
            Value::Object(map) if map.is_empty() => Cell::Empty,
            _ => Cell::Json(value),
        }
    }
}

/// A column: its title, and how wide a sheet shows it, in characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// A name for programs, or a title for people.
    pub title: String,
    /// Characters.
    pub width: u16,
}

impl Column {
    /// A column of this width.
    pub fn new(title: impl Into<String>, width: u16) -> Column {
        Column { title: title.into(), width }
    }
}
