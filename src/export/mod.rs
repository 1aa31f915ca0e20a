//! Exports: one stream of rows for each subject, written in several formats, in two styles. *Machine*
//! keeps codes and UTC and comes back in through [`crate::import`]; *sheet* is for people in Excel and
//! WPS. Both come from one snapshot and hold only a few hundred rows in memory.

mod cell;
mod csv;
pub mod evidence;
pub mod guard;
pub mod improvements;
mod insights;
pub(crate) mod invitations;
mod jsonl;
mod name;
pub mod reports;
pub mod responses;
pub mod windows;
mod xlsx;

use std::io::Write;

pub(crate) use cell::{Cell, Column};
pub use name::{content_disposition, file_name};

use crate::domain::fields::FieldErrors;
use crate::domain::instant::Instant;
use crate::domain::language::Language;
use crate::domain::report_filter::{self, Choice, Filter};
use crate::domain::zone::Zone;
use crate::i18n::Words;
use crate::store::connection::Db;
use crate::store::error::{Error, Result};
use crate::store::people::Actor;
use crate::store::reports::filter::{self, Found};
use crate::store::reports::list::Sort;
use crate::store::search::Sight;
use crate::store::{Store, Write as Change, audit};

crate::codes! {
    /// What is exported.
    pub enum Subject {
        /// Problem reports.
        Reports = "reports",
        /// Answers to surveys.
        SurveyResponses = "survey-responses",
        /// Windows with their notices and everything that belongs to them.
        Windows = "windows",
        /// What was posted about windows.
        Updates = "updates",
        /// The figures of windows.
        Insights = "insights",
        /// What windows taught, and whether it shows.
        Improvements = "improvements",
    }
}

crate::codes! {
    /// How a file is written.
    pub enum Format {
        /// Rows of text, RFC 4180.
        Csv = "csv",
        /// One JSON object a line.
        JsonLines = "jsonl",
        /// A workbook of Excel.
        Xlsx = "xlsx",
    }
}

crate::codes! {
    /// For whom a file is.
    pub enum Style {
        /// For programs: codes, UTC, columns that never change.
        Machine = "machine",
        /// For people: their language, local times as dates.
        Sheet = "sheet",
    }
}

impl Format {
    /// The media type.
    pub const fn media_type(self) -> &'static str {
        match self {
            Format::Csv => "text/csv; charset=utf-8",
            Format::JsonLines => "application/jsonl; charset=utf-8",
            Format::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        }
    }
}

/// What is to be exported, and how.
#[derive(Debug, Clone)]
pub struct Request {
    /// What.
    pub subject: Subject,
    /// How it is written.
    pub format: Format,
    /// For whom.
    pub style: Style,
    /// Whether a CSV file begins with a byte order mark.
    pub bom: bool,
    /// Whether contacts and accounts are in it.
    pub contacts: bool,
    /// Which rows.
    pub filter: Filter,
    /// In which order reports come; other subjects have one of their own.
    pub sort: Sort,
    /// The reader's language.
    pub language: Language,
    /// The language that texts fall back to.
    pub default_language: Language,
    /// The zone of local times.
    pub zone: Zone,
}

/// The fields of a query that filter this subject; beside them every export knows `style`, `bom` and
/// `contacts`.
pub fn filter_fields(subject: Subject) -> &'static [&'static str] {
    match subject {
        Subject::Reports => report_filter::FIELDS,
        Subject::Insights | Subject::Improvements => &["window"],
        _ => &["window", "from", "to", "shift"],
    }
}

/// Something that rows are written into.
pub(crate) trait Rows {
    /// The columns; called once, first.
    fn begin(&mut self, columns: &[Column]) -> Result<()>;
    /// A row, with a cell for each column.
    fn row(&mut self, cells: Vec<Cell>) -> Result<()>;
    /// The end.
    fn finish(&mut self) -> Result<()>;
}

/// What rows are made from: the request and what its filter names.
pub(crate) struct Making<'a> {
    request: &'a Request,
    words: Words,
    found: Found,
    /// The row of the window that is asked for; for subjects other than reports.
    window: Option<i64>,
}

impl Making<'_> {
    fn sheet(&self) -> bool {
        self.request.style == Style::Sheet
    }

    /// A code in the machine style, its word in the reader's language in the other.
    fn code(&self, noun: &str, code: Option<&str>) -> Cell {
        match code {
            None | Some("") => Cell::Empty,
            Some(code) if self.sheet() => Cell::Word(self.words.word(noun, code)),
            Some(code) => Cell::Word(code.to_owned()),
        }
    }

    fn flag(&self, flag: Option<bool>) -> Cell {
        match flag {
            None => Cell::Empty,
            Some(flag) if self.sheet() => {
                Cell::Word(self.words.t(if flag { "export-yes" } else { "export-no" }))
            }
            Some(flag) => Cell::Flag(flag),
        }
    }
}

/// Looks up what the filter names, so that a wrong one is known before anything is written.
///
/// Errors: `no-such-window` at `window`, `no-such-component` at `component`.
pub fn check(connection: &mut Db, request: &Request) -> Result<()> {
    find(connection, request).map(drop)
}

fn find(connection: &mut Db, request: &Request) -> Result<(Found, Option<i64>)> {
    // Whoever exports is of support at least, and finds what support sees.
    let found = filter::find_as(connection, &request.filter, Sight::Everything)?;
    let window = match &request.filter.window {
        Some(Choice::Is(slug)) => crate::store::windows::id_of(connection, slug.as_str())?,
        Some(Choice::None) if request.subject != Subject::Reports => {
            return Err(Error::Invalid(FieldErrors::one("window", "no-such-window")));
        }
        _ => None,
    };
    Ok((found, window))
}

/// Writes the export to `out` and counts its rows in `rows`, also of one that fails halfway.
///
/// Errors: those of [`check`]; [`Error::Unavailable`] if `out` takes no more.
pub fn run(store: &Store, request: &Request, out: impl Write + Send, rows: &mut u64) -> Result<()> {
    match request.format {
        Format::Csv => {
            let bom = request.bom || request.style == Style::Sheet;
            write(store, request, &mut csv::Csv::new(out, request.style, request.zone, bom)?, rows)
        }
        Format::JsonLines => write(store, request, &mut jsonl::JsonLines::new(out), rows),
        Format::Xlsx => {
            let title = Words(request.language).t(match request.subject {
                Subject::Reports => "export-subject-reports",
                Subject::SurveyResponses => "export-subject-survey-responses",
                Subject::Windows => "export-subject-windows",
                Subject::Updates => "export-subject-updates",
                Subject::Insights => "export-subject-insights",
                Subject::Improvements => "export-subject-improvements",
            });
            let mut book = xlsx::Xlsx::new(request.style, request.zone, &title);
            write(store, request, &mut book, rows)?;
            // The snapshot is over; the finished workbook may take its reader as long as it takes.
            book.save(out)
        }
    }
}

/// Begins a file of rows that are not one of the subjects, in a format that is written row by row.
pub(crate) fn rows_into<'a>(
    out: impl Write + Send + 'a,
    format: Format,
    style: Style,
    zone: Zone,
) -> Result<Box<dyn Rows + 'a>> {
    match format {
        Format::Csv => Ok(Box::new(csv::Csv::new(out, style, zone, true)?)),
        Format::JsonLines => Ok(Box::new(jsonl::JsonLines::new(out))),
        Format::Xlsx => Err(Error::Internal("a workbook is not written row by row".into())),
    }
}

/// A table as it is seen, as a file in the style of people; it is in memory anyway.
pub(crate) fn table(
    format: Format,
    zone: Zone,
    name: &str,
    columns: &[Column],
    rows: impl Iterator<Item = Vec<Cell>>,
) -> Result<Vec<u8>> {
    let mut file = Vec::new();
    let out = std::io::Cursor::new(&mut file);
    whole(out, format, Style::Sheet, zone, name, |into| fill(into, columns, rows))?;
    Ok(file)
}

/// A file of rows that are not one of the subjects, in any format: `write` begins it, writes its rows and
/// finishes it. `name` is what the sheet of a workbook is called.
pub(crate) fn whole(
    out: impl Write + Send,
    format: Format,
    style: Style,
    zone: Zone,
    name: &str,
    write: impl FnOnce(&mut dyn Rows) -> Result<()>,
) -> Result<()> {
    if format == Format::Xlsx {
        let mut book = xlsx::Xlsx::new(style, zone, name);
        write(&mut book)?;
        return book.save(out);
    }
    write(rows_into(out, format, style, zone)?.as_mut())
}

fn fill(into: &mut dyn Rows, columns: &[Column], mut rows: impl Iterator<Item = Vec<Cell>>) -> Result<()> {
    into.begin(columns)?;
    rows.try_for_each(|cells| into.row(cells))?;
    into.finish()
}

fn write(store: &Store, request: &Request, into: &mut dyn Rows, count: &mut u64) -> Result<()> {
    store.snapshot(|connection| write_in(connection, request, into, count))
}

/// Writes the rows of a request from a snapshot that is open already.
fn write_in(connection: &mut Db, request: &Request, into: &mut dyn Rows, count: &mut u64) -> Result<()> {
    let (found, window) = find(connection, request)?;
    let making = Making { request, words: Words(request.language), found, window };
    let mut counted = Counted { into, count };
    match request.subject {
        Subject::Reports => reports::write(connection, &making, &mut counted)?,
        Subject::SurveyResponses => responses::write(connection, &making, &mut counted)?,
        Subject::Windows => windows::write(connection, &making, &mut counted)?,
        Subject::Updates => windows::write_updates(connection, &making, &mut counted)?,
        Subject::Insights => insights::write(connection, &making, &mut counted)?,
        Subject::Improvements => improvements::write(connection, &making, &mut counted)?,
    }
    counted.finish()
}

struct Counted<'a> {
    into: &'a mut dyn Rows,
    count: &'a mut u64,
}

impl Rows for Counted<'_> {
    fn begin(&mut self, columns: &[Column]) -> Result<()> {
        self.into.begin(columns)
    }

    fn row(&mut self, cells: Vec<Cell>) -> Result<()> {
        self.into.row(cells)?;
        *self.count += 1;
        Ok(())
    }

    fn finish(&mut self) -> Result<()> {
        self.into.finish()
    }
}

/// Notes who exported what: subject, format, style, filter, with or without contacts, how many rows,
/// and whether it came to its end.
pub fn note(change: &mut Change<'_>, actor: &Actor, request: &Request, rows: u64, whole: bool) -> Result<()> {
    let end = if whole { "" } else { ", broken off" };
    audit::note(
        change,
        actor,
        "export",
        request.subject.code(),
        &format!("{}; {rows} rows{end}", said(request)),
    )
}

/// Notes that an export of contacts is about to begin, so that none is read without a trace, whatever
/// happens before its end. Whoever cannot note it gives no contacts out.
pub fn note_begun(change: &mut Change<'_>, actor: &Actor, request: &Request) -> Result<()> {
    audit::note(change, actor, "export.begin", request.subject.code(), &said(request))
}

/// What of a request is noted. Words that were looked for may be somebody's telephone number, and the
/// audit log is kept longer than any contact.
fn said(request: &Request) -> String {
    let contacts = if request.contacts { "with contacts" } else { "without contacts" };
    let text = request.filter.text.as_ref().map(|_| "***".to_owned());
    let filter = Filter { text, ..request.filter.clone() }.query();
    let filter = if filter.is_empty() { "none" } else { &filter };
    format!("{} {}; filter: {filter}; {contacts}", request.style, request.format)
}

/// A local time as sheets show it: `2026-11-22 02:31:00`.
fn sheet_time(at: Instant, zone: Zone) -> String {
    zone.local(at).format("%Y-%m-%d %H:%M:%S").to_string()
}
