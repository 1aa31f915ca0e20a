//! CSV as RFC 4180 has it: CR LF between rows, quotes where they are needed.

use std::io::Write;

use super::cell::{Cell, Column};
use super::guard::{guard, looks_like_number};
use super::{Rows, Style, sheet_time};
use crate::domain::zone::Zone;
use crate::store::error::{Error, Result};

/// Writes rows as CSV.
pub struct Csv<W: Write> {
    writer: csv::Writer<W>,
    style: Style,
    zone: Zone,
}

fn broken(error: csv::Error) -> Error {
    Error::Unavailable(format!("the reader is gone: {error}"))
}

impl<W: Write> Csv<W> {
    /// Begins a file; `bom` tells programs that guess encodings that it is UTF-8.
    pub fn new(mut out: W, style: Style, zone: Zone, bom: bool) -> Result<Csv<W>> {
        if bom {
            out.write_all("\u{FEFF}".as_bytes()).map_err(|e| broken(e.into()))?;
        }
        let writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(out);
        Ok(Csv { writer, style, zone })
    }

    fn cell(&self, cell: &Cell) -> String {
        let sheet = self.style == Style::Sheet;
        match cell {
            Cell::Empty => String::new(),
            // A tab keeps a number that is none from being shown as one, and is not seen itself.
            Cell::Text(text) if sheet && looks_like_number(text) && *guard(text) == **text => {
                format!("\t{text}")
            }
            Cell::Text(text) => guard(text).into_owned(),
            Cell::Word(word) => word.clone(),
            Cell::Number(number) => number.to_string(),
            Cell::Decimal(number) => number.to_string(),
            Cell::Flag(flag) => flag.to_string(),
            Cell::Time(at) if sheet => sheet_time(*at, self.zone),
            Cell::Time(at) => at.rfc3339(),
            Cell::Json(value) => guard(&value.to_string()).into_owned(),
        }
    }
}

impl<W: Write> Rows for Csv<W> {
    fn begin(&mut self, columns: &[Column]) -> Result<()> {
        self.writer.write_record(columns.iter().map(|c| c.title.as_str())).map_err(broken)
    }

    fn row(&mut self, cells: Vec<Cell>) -> Result<()> {
        for cell in &cells {
            let cell = self.cell(cell);
            self.writer.write_field(&cell).map_err(broken)?;
        }
        self.writer.write_record(None::<&[u8]>).map_err(broken)
    }

    fn finish(&mut self) -> Result<()> {
        self.writer.flush().map_err(|e| broken(e.into()))
    }
}
