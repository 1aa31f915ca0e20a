//! Reading files of others: CSV with or without a byte order mark, or JSON Lines.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::domain::fields::FieldErrors;
use crate::domain::json;
use crate::import::quotes::Quotes;

/// Longest line of a JSON Lines file, in bytes.
const LINE_MAX: u64 = 16 * 1024 * 1024;

/// How a file is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// CSV, RFC 4180.
    Csv,
    /// One JSON object a line.
    JsonLines,
}

/// A file that rows are read from, as often as need be.
#[derive(Debug, Clone)]
pub struct Source {
    /// Where it is.
    pub path: PathBuf,
    /// How it is written.
    pub kind: Kind,
    /// The columns of a CSV file; JSON Lines name theirs in each line.
    pub columns: Vec<String>,
    /// How many bytes it has.
    pub bytes: u64,
    /// Its lines end with CR LF. The reader of CSV counts such a line only when it has read the LF,
    /// which is after the next row has begun.
    late_lines: bool,
}

/// A row as it stands in the file.
#[derive(Debug, Clone, Default)]
pub struct Raw {
    /// The line on which it begins; the first is 1.
    pub line: u64,
    /// Its values by column; what is empty or null is left out.
    pub values: BTreeMap<String, String>,
    /// The row as it was, for the file of bad rows.
    pub original: Original,
    /// How many bytes of the file have been read with it.
    pub until: u64,
}

/// A row as it was.
#[derive(Debug, Clone, Default)]
pub enum Original {
    /// Nothing yet.
    #[default]
    None,
    /// The cells of a CSV row.
    Cells(csv::ByteRecord),
    /// A line.
    Line(Vec<u8>),
}

/// A file cannot be read as rows at all.
#[derive(Debug, thiserror::Error)]
pub enum Unreadable {
    /// The system says why.
    #[error("{0}")]
    Io(#[from] std::io::Error),
    /// The file is not in UTF-8: it begins as UTF-16 does.
    #[error("it is in UTF-16; save it as UTF-8")]
    Utf16,
    /// A workbook.
    #[error("it is a workbook; save it as CSV (UTF-8)")]
    Workbook,
    /// No rows, not even titles.
    #[error("it is empty")]
    Empty,
    /// A JSON document and not lines of JSON.
    #[error("it is one JSON list; one object a line is needed (jq -c '.[]' makes it so)")]
    JsonList,
    /// Two columns have the same title.
    #[error("the column {0:?} stands twice in its first line")]
    Twice(String),
    /// It ends within quotes: it was cut, or a quotation mark is missing.
    #[error("it ends within the quotation marks that are opened on line {0}; is it cut off?")]
    Quoted(u64),
    /// The titles are not UTF-8.
    #[error("its first line is not UTF-8")]
    Titles,
}

fn open(path: &Path) -> Result<BufReader<File>, Unreadable> {
    let mut reader = BufReader::with_capacity(256 * 1024, File::open(path)?);
    let begins = reader.fill_buf()?;
    if begins.starts_with(b"\xFF\xFE") || begins.starts_with(b"\xFE\xFF") {
        return Err(Unreadable::Utf16);
    }
    if begins.starts_with(b"PK\x03\x04") {
        return Err(Unreadable::Workbook);
    }
    if begins.starts_with(b"\xEF\xBB\xBF") {
        reader.consume(3);
    }
    Ok(reader)
}

fn csv_reader(path: &Path) -> Result<csv::Reader<Quotes<BufReader<File>>>, Unreadable> {
    Ok(csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(Quotes::new(open(path)?)))
}

fn from_csv(error: csv::Error) -> Unreadable {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => error.into(),
        other => std::io::Error::other(format!("{other:?}")).into(),
    }
}

impl Source {
    /// Looks at the beginning of a file: JSON Lines if it begins with a brace, else CSV.
    pub fn open(path: &Path) -> Result<Source, Unreadable> {
        let bytes = std::fs::metadata(path)?.len();
        let mut reader = open(path)?;
        let first = reader.fill_buf()?.iter().copied().find(|b| !b.is_ascii_whitespace());
        let kind = match first {
            None => return Err(Unreadable::Empty),
            Some(b'{') => Kind::JsonLines,
            Some(b'[') => return Err(Unreadable::JsonList),
            Some(_) => Kind::Csv,
        };
        let begins = reader.fill_buf()?;
        let late_lines =
            begins.iter().position(|b| *b == b'\n').is_some_and(|at| at > 0 && begins[at - 1] == b'\r');
        let mut columns = Vec::new();
        if kind == Kind::Csv {
            let mut titles = csv::ByteRecord::new();
            csv_reader(path)?.read_byte_record(&mut titles).map_err(from_csv)?;
            for title in titles.iter() {
                let title = std::str::from_utf8(title).map_err(|_| Unreadable::Titles)?.trim().to_owned();
                if columns.contains(&title) && !title.is_empty() {
                    return Err(Unreadable::Twice(title));
                }
                columns.push(title);
            }
        }
        Ok(Source { path: path.to_owned(), kind, columns, bytes, late_lines })
    }

    /// Gives every row to `take`; what is wrong with its form comes with it.
    pub fn each<E: From<Unreadable>>(
        &self,
        take: impl FnMut(Raw, FieldErrors) -> Result<(), E>,
    ) -> Result<(), E> {
        match self.kind {
            Kind::Csv => self.each_of_csv(take),
            Kind::JsonLines => self.each_line(take),
        }
    }

    fn each_of_csv<E: From<Unreadable>>(
        &self,
        mut take: impl FnMut(Raw, FieldErrors) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut reader = csv_reader(&self.path)?;
        let mut record = csv::ByteRecord::new();
        let mut titles = true;
        while reader.read_byte_record(&mut record).map_err(from_csv)? {
            if std::mem::take(&mut titles) {
                continue;
            }
            let mut errors = FieldErrors::new();
            let (expected, count) = (self.columns.len(), record.len());
            if count != expected {
                let params = [("expected", expected.to_string()), ("count", count.to_string())];
                errors.add_with("row", "wrong-width", params);
            }
            let mut raw = Raw {
                line: record.position().map_or(0, csv::Position::line) + u64::from(self.late_lines),
                until: reader.position().byte(),
                ..Raw::default()
            };
            for (column, value) in self.columns.iter().zip(record.iter()) {
                match std::str::from_utf8(value) {
                    Ok("") => {}
                    Ok(value) => drop(raw.values.insert(column.clone(), value.to_owned())),
                    Err(_) => errors.add(column.clone(), "bad-text"),
                }
            }
            raw.original = Original::Cells(record.clone());
            take(raw, errors)?;
        }
        match reader.get_ref().open() {
            Some(line) => Err(Unreadable::Quoted(line).into()),
            None => Ok(()),
        }
    }

    fn each_line<E: From<Unreadable>>(
        &self,
        mut take: impl FnMut(Raw, FieldErrors) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut reader = open(&self.path)?;
        let mut until = 0;
        let mut number = 0;
        loop {
            let mut line = Vec::new();
            let read = Read::by_ref(&mut reader)
                .take(LINE_MAX)
                .read_until(b'\n', &mut line)
                .map_err(Unreadable::from)?;
            if read == 0 {
                return Ok(());
            }
            until += read as u64;
            number += 1;
            if line.iter().all(u8::is_ascii_whitespace) {
                continue;
            }
            let mut errors = FieldErrors::new();
            let mut raw = Raw { line: number, until, ..Raw::default() };
            match serde_json::from_slice::<serde_json::Map<String, Value>>(&line) {
                Ok(object) => {
                    raw.values = object.into_iter().filter_map(|(k, v)| Some((k, plain(v)?))).collect();
                }
                Err(error) if error.is_data() => {
                    errors.add_with("row", "wrong-type", [("expected", "object".to_owned())]);
                }
                Err(error) => errors = json::malformed("row", &error),
            }
            raw.original = Original::Line(line);
            take(raw, errors)?;
        }
    }
}

/// A JSON value as text; lists and objects stay JSON.
fn plain(value: Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => (!text.is_empty()).then_some(text),
        other => Some(other.to_string()),
    }
}
