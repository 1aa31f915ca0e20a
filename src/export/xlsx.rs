//! XLSX with real dates and numbers, and text that stays text; written in constant memory.

use std::io::Write;

use rust_xlsxwriter::{Format, FormatAlign, Workbook, Worksheet, XlsxError};

use super::cell::{Cell, Column};
use super::{Rows, Style, sheet_time};
use crate::domain::instant::Instant;
use crate::domain::zone::Zone;
use crate::store::error::{Error, Result};

/// Most rows of a sheet, the titles included; what follows goes on in another sheet.
const ROWS_MAX: u32 = 1_048_576;
/// Most characters of a cell, as spreadsheets count them (UTF-16); what is longer is cut.
const CELL_MAX: usize = 32_767;

/// Writes rows as a workbook.
pub struct Xlsx {
    book: Workbook,
    name: String,
    columns: Vec<Column>,
    style: Style,
    zone: Zone,
    sheets: usize,
    next: u32,
    formats: Formats,
}

struct Formats {
    title: Format,
    plain: Format,
    time: Format,
}

fn broken(error: XlsxError) -> Error {
    match error {
        XlsxError::IoError(error) => Error::Unavailable(format!("a sheet cannot be written: {error}")),
        other => Error::Internal(format!("a sheet cannot be written: {other}")),
    }
}

impl Xlsx {
    /// Begins a workbook; its sheets are called `name`, then `name 2` and so on.
    pub fn new(style: Style, zone: Zone, name: &str) -> Xlsx {
        let top = Format::new().set_align(FormatAlign::Top);
        let plain = if style == Style::Sheet { top.clone().set_text_wrap() } else { top.clone() };
        let formats = Formats {
            title: Format::new().set_bold().set_align(FormatAlign::Top),
            plain,
            time: top.set_num_format("yyyy-mm-dd hh:mm:ss"),
        };
        let name = name.to_owned();
        let book = Workbook::new();
        Xlsx { book, name, columns: Vec::new(), style, zone, sheets: 0, next: 0, formats }
    }

    /// Packs the workbook into `out`.
    pub fn save(mut self, out: impl Write + Send) -> Result<()> {
        self.book.save_to_writer(out).map_err(broken)
    }

    fn new_sheet(&mut self) -> std::result::Result<(), XlsxError> {
        self.sheets += 1;
        let name =
            if self.sheets == 1 { self.name.clone() } else { format!("{} {}", self.name, self.sheets) };
        let sheet = self.book.add_worksheet_with_constant_memory()?;
        sheet.set_name(name)?;
        sheet.set_freeze_panes(1, 0)?;
        // Printed, all columns stand on one page, with the titles on each.
        sheet.set_landscape().set_print_fit_to_pages(1, 0).set_repeat_rows(0, 0)?;
        for (at, column) in (0u16..).zip(&self.columns) {
            sheet.set_column_width(at, column.width)?;
        }
        for (at, column) in (0u16..).zip(&self.columns) {
            sheet.write_string_with_format(0, at, &column.title, &self.formats.title)?;
        }
        self.next = 1;
        Ok(())
    }

    /// The filter over the titles; only now is it known how many rows there are.
    fn end_sheet(&mut self) -> std::result::Result<(), XlsxError> {
        let last = u16::try_from(self.columns.len()).unwrap_or(u16::MAX).saturating_sub(1);
        let rows = self.next.saturating_sub(1);
        let index = self.sheets - 1;
        self.book.worksheet_from_index(index)?.autofilter(0, 0, rows, last)?;
        Ok(())
    }
}

/// Text as a cell takes it: lines end with LF alone, and it is not too long.
fn cut(text: &str) -> String {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    if text.encode_utf16().count() <= CELL_MAX {
        return text;
    }
    let mut length = 1;
    let kept = text.chars().take_while(|c| {
        length += c.len_utf16();
        length <= CELL_MAX
    });
    kept.chain(['…']).collect()
}

/// Days since 30 December 1899, as spreadsheets count; nothing before March 1900, where they differ.
fn serial(at: Instant, zone: Zone) -> Option<f64> {
    let local = zone.local(at).and_utc().timestamp();
    let days = local as f64 / 86_400.0 + 25_569.0;
    (days >= 61.0).then_some(days)
}

fn put(
    sheet: &mut Worksheet,
    (row, column): (u32, u16),
    cell: &Cell,
    style: Style,
    zone: Zone,
    formats: &Formats,
) -> std::result::Result<(), XlsxError> {
    let plain = &formats.plain;
    match cell {
        Cell::Empty => return Ok(()),
        Cell::Text(text) | Cell::Word(text) => {
            sheet.write_string_with_format(row, column, cut(text), plain)?
        }
        Cell::Number(number) => sheet.write_number_with_format(row, column, *number as f64, plain)?,
        Cell::Decimal(number) => sheet.write_number_with_format(row, column, *number, plain)?,
        Cell::Flag(flag) => sheet.write_boolean_with_format(row, column, *flag, plain)?,
        Cell::Time(at) => match (style, serial(*at, zone)) {
            (Style::Machine, _) => sheet.write_string_with_format(row, column, at.rfc3339(), plain)?,
            (Style::Sheet, Some(days)) => sheet.write_number_with_format(row, column, days, &formats.time)?,
            (Style::Sheet, None) => {
                sheet.write_string_with_format(row, column, sheet_time(*at, zone), plain)?
            }
        },
        Cell::Json(value) => sheet.write_string_with_format(row, column, cut(&value.to_string()), plain)?,
    };
    Ok(())
}

impl Rows for Xlsx {
    fn begin(&mut self, columns: &[Column]) -> Result<()> {
        self.columns = columns.to_vec();
        self.new_sheet().map_err(broken)
    }

    fn row(&mut self, cells: Vec<Cell>) -> Result<()> {
        if self.next == ROWS_MAX {
            self.end_sheet().and_then(|()| self.new_sheet()).map_err(broken)?;
        }
        let (row, style, zone) = (self.next, self.style, self.zone);
        let sheet = self.book.worksheet_from_index(self.sheets - 1).map_err(broken)?;
        for (column, cell) in (0u16..).zip(&cells) {
            put(sheet, (row, column), cell, style, zone, &self.formats).map_err(broken)?;
        }
        self.next += 1;
        Ok(())
    }

    fn finish(&mut self) -> Result<()> {
        self.end_sheet().map_err(broken)
    }
}
