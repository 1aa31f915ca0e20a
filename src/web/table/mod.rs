//! The tables of staff: narrowed, sorted, turned over and taken along, all by their address, so that a
//! view can be kept, sent and opened again, also without script.
//!
//! A row says what it is called in each column ([`Tabular`]); what is asked for comes in with the query
//! ([`Asked`]); what is shown of it goes to `templates/table.html` ([`Frame`]). For lists that fit into
//! memory ([`answer`]); what grows with the number of people is narrowed and sorted by the database, and
//! comes here a page at a time ([`given`]).

mod file;
mod order;

use std::collections::BTreeMap;

use actix_web::HttpResponse;

use crate::domain::fields::{FieldError, FieldErrors};
use crate::export::{Cell, Format};
use crate::store::people::Actor;
use crate::web::app::App;
use crate::web::failure::Failure;
use crate::web::figures::count;
use crate::web::form::Query;
use crate::web::offer::Offer;
use crate::web::page::Page;
pub use order::Order;

/// How many rows a page shows.
const SHOWN: usize = 50;
/// Most characters of what is looked for.
const TEXT_MAX: usize = 200;

/// A column: its name in addresses and the key of its title, and what stands in it.
pub struct Column<R> {
    /// Its name in addresses.
    pub name: &'static str,
    /// The key of its title.
    pub title: &'static str,
    /// What stands in it, in the reader's words.
    pub cell: fn(&R, &Page) -> Cell,
}

/// Something that rows have in common with others: the code in addresses, and its word.
pub struct Pick<R> {
    /// Its name in addresses.
    pub name: &'static str,
    /// The key of its title.
    pub title: &'static str,
    /// The codes and words of a row; an empty code cannot be picked.
    pub of: fn(&R, &Page) -> Vec<(String, String)>,
}

/// What can be a row of a table.
pub trait Tabular: Sized + 'static {
    /// What the table is called in the names of its files and in the audit log.
    const NAME: &'static str;
    /// Where the page stands again after a press on a title: the id of something above the table.
    const PLACE: &'static str;
    /// Its columns as they stand.
    const COLUMNS: &'static [Column<Self>];
    /// What it can be narrowed by, beside what its texts say.
    const PICKS: &'static [Pick<Self>];
    /// What files say beside the columns: what the page writes below something else, such as a badge.
    const MORE: &'static [Column<Self>] = &[];
    /// Whether its rows say how somebody can be reached: the audit log then says so of every file, and
    /// nothing of what was looked for.
    const CONTACTS: bool = false;

    /// What a row is sorted by in the column with this name, where that is not what stands in it: the
    /// seconds of what reads as hours and minutes.
    fn key(&self, _column: &str) -> Option<Cell> {
        None
    }
}

fn key<R: Tabular>(row: &R, column: &Column<R>, page: &Page) -> Cell {
    row.key(column.name).unwrap_or_else(|| (column.cell)(row, page))
}

/// What an address asks for.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Asked {
    text: String,
    picked: BTreeMap<&'static str, String>,
    /// The column, and whether it descends; nothing: as the store orders them.
    sort: Option<(usize, bool)>,
    page: usize,
    format: Option<Format>,
    /// What else the address says and goes on saying.
    carried: Vec<(String, String)>,
}

impl Asked {
    /// Reads `q`, what the table can be narrowed by, `sort` (`name`, `-name`), `page` and `format`.
    /// Of the other fields that the page knows, `once` say something about this request alone; `carried` go
    /// on in every address that leads on from here.
    ///
    /// Errors: `unknown-field`; `too-long` and the like at `q`; `unknown-code` at `sort` and `format`;
    /// `out-of-range` at `page`.
    pub fn of<R: Tabular>(query: &Query, once: &[&str], carried: &[&str]) -> Result<Asked, FieldErrors> {
        let own = ["q", "sort", "page", "format"].into_iter();
        let picks = R::PICKS.iter().map(|pick| pick.name);
        let known: Vec<&str> = own.chain(picks).chain(once.iter().chain(carried).copied()).collect();
        let query = query.clone().only(&known)?;
        let mut errors = FieldErrors::new();
        let text = query.get("q").trim().to_owned();
        if let Some((code, params)) = crate::domain::line::text_problem(&text, TEXT_MAX, false) {
            errors.0.push(FieldError { field: "q".to_owned(), code, params });
        }
        let by = query.get("sort");
        let name = by.strip_prefix('-').unwrap_or(by);
        let column = R::COLUMNS.iter().position(|column| column.name == name);
        if column.is_none() && !by.is_empty() {
            errors.add("sort", "unknown-code");
        }
        let page = match query.get("page") {
            "" => Some(1),
            typed => typed.parse().ok().filter(|page| (1..=100_000).contains(page)),
        };
        if page.is_none() {
            errors.add_with("page", "out-of-range", [("min", "1".to_owned()), ("max", "100000".to_owned())]);
        }
        let format = Format::from_code(query.get("format"));
        if format.is_none() && !query.get("format").is_empty() {
            errors.add("format", "unknown-code");
        }
        let picked = R::PICKS.iter().map(|pick| (pick.name, query.get(pick.name).to_owned()));
        errors.or(Asked {
            text,
            picked: picked.filter(|(_, code)| !code.is_empty()).collect(),
            sort: column.map(|column| (column, by.starts_with('-'))),
            page: page.unwrap_or(1),
            format,
            carried: carried
                .iter()
                .map(|name| ((*name).to_owned(), query.get(name).to_owned()))
                .filter(|(_, value)| !value.is_empty())
                .collect(),
        })
    }

    /// As a query: narrowed like this, and sorted like that.
    fn query<R: Tabular>(&self, sort: Option<(usize, bool)>, more: &[(&str, &str)]) -> String {
        let mut out = form_urlencoded::Serializer::new(String::new());
        out.extend_pairs(&self.carried);
        if !self.text.is_empty() {
            out.append_pair("q", &self.text);
        }
        out.extend_pairs(self.picked.iter());
        if let Some((column, descends)) = sort {
            out.append_pair("sort", &sort_name::<R>(column, descends));
        }
        out.extend_pairs(more);
        out.finish()
    }

    /// Whether the table is narrowed.
    pub fn is_narrow(&self) -> bool {
        !self.text.is_empty() || !self.picked.is_empty()
    }

    /// Whether the first page is asked for.
    pub fn is_first(&self) -> bool {
        self.page == 1
    }

    /// What is looked for.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The code that is picked of what has this name; nothing is the empty text.
    pub fn picked(&self, name: &str) -> &str {
        self.picked.get(name).map_or("", String::as_str)
    }

    /// The name of the column that sorts, and whether it descends.
    pub fn order<R: Tabular>(&self) -> Option<(&'static str, bool)> {
        self.sort.map(|(column, descends)| (R::COLUMNS[column].name, descends))
    }

    /// Which of so many rows that match are asked for: a page of them, or for a file all.
    pub fn piece(&self, found: usize) -> std::ops::Range<usize> {
        if self.format.is_some() {
            return 0..found;
        }
        let first = (self.number(found) - 1) * SHOWN;
        first..(first + SHOWN).min(found)
    }

    /// The page of so many rows. Beyond the last page is the last page: the list may have become shorter
    /// since the address was made.
    fn number(&self, found: usize) -> usize {
        self.page.clamp(1, found.div_ceil(SHOWN).max(1))
    }
}

fn sort_name<R: Tabular>(column: usize, descends: bool) -> String {
    format!("{}{}", if descends { "-" } else { "" }, R::COLUMNS[column].name)
}

/// A select of the filter.
pub struct Select {
    /// Its name.
    pub name: &'static str,
    /// Its title.
    pub label: String,
    /// What it offers.
    pub offers: Vec<Offer>,
}

/// A title: where it leads, and how the table is sorted by it.
pub struct Heading {
    /// In words.
    pub label: String,
    /// Whether numbers stand under it.
    pub numbers: bool,
    /// The address that sorts by it.
    pub to: String,
    /// `ascending`, `descending`, or nothing.
    pub sorted: &'static str,
}

/// What stands around the rows.
pub struct Frame {
    /// The path of the page.
    pub path: String,
    /// What is looked for.
    pub text: String,
    /// What it can be narrowed by.
    pub selects: Vec<Select>,
    /// What a new filter keeps of the address: the order, and what the page carries on.
    pub hidden: Vec<(String, String)>,
    /// The address of the whole table.
    pub all: String,
    /// The titles.
    pub headings: Vec<Heading>,
    /// Whether anything is left out.
    pub narrow: bool,
    total: i64,
    found: usize,
    /// Which of how many are shown, in words.
    pub position: String,
    /// Where it is to be had as a file: what the file is, and where.
    pub files: Vec<(&'static str, String)>,
    /// The address of the page before, or nothing.
    pub previous: String,
    /// The address of the page after, or nothing.
    pub next: String,
}

impl Frame {
    /// How many rows there are.
    pub fn total(&self) -> i64 {
        self.total
    }

    /// How many of them match.
    pub fn found(&self) -> usize {
        self.found
    }

    /// Whether somebody chose the order.
    pub fn is_sorted(&self) -> bool {
        self.headings.iter().any(|heading| !heading.sorted.is_empty())
    }
}

/// Rows as they are shown: a page of them, and what stands around.
pub struct Table<R> {
    /// The rows of this page.
    pub rows: Vec<R>,
    /// What stands around them.
    pub frame: Frame,
}

/// What an address asks for of these rows.
pub enum Answer<R> {
    /// A page shows them.
    Page(Table<R>),
    /// A file takes them along.
    File(HttpResponse),
}

/// Narrows and sorts rows as they are asked for, and cuts the page out of them or writes the file, which
/// is noted in the audit log.
pub async fn answer<R: Tabular>(
    app: &App,
    page: &Page,
    actor: &Actor,
    asked: &Asked,
    rows: Vec<R>,
) -> Result<Answer<R>, Failure> {
    let (rows, frame) = narrowed(page, asked, rows);
    match asked.format {
        None => Ok(Answer::Page(cut(page, asked, rows, frame))),
        Some(format) => {
            let query = asked.query::<R>(asked.sort, &[]);
            file::take_along(app, page, actor, format, &query, rows).await.map(Answer::File)
        }
    }
}

/// The first page of all rows: for pages that say something else first, such as what is wrong with a form.
pub fn whole<R: Tabular>(page: &Page, rows: Vec<R>) -> Table<R> {
    let asked = Asked { page: 1, ..Asked::default() };
    let (rows, frame) = narrowed(page, &asked, rows);
    cut(page, &asked, rows, frame)
}

/// What the database found of what is asked for.
pub struct Given<R> {
    /// The rows of [`Asked::piece`], in order.
    pub rows: Vec<R>,
    /// How many match.
    pub found: usize,
    /// How many there are.
    pub total: i64,
    /// The codes and words that each pick offers, in their order.
    pub offers: Vec<Vec<(String, String)>>,
}

/// The same for rows that were narrowed, sorted and cut before.
pub async fn given<R: Tabular>(
    app: &App,
    page: &Page,
    actor: &Actor,
    asked: &Asked,
    given: Given<R>,
) -> Result<Answer<R>, Failure> {
    let Given { rows, found, total, offers } = given;
    if let Some(format) = asked.format {
        let query = asked.query::<R>(asked.sort, &[]);
        return file::take_along(app, page, actor, format, &query, rows).await.map(Answer::File);
    }
    let select = |(pick, offers): (&Pick<R>, Vec<(String, String)>)| select(page, asked, pick, offers);
    let selects = R::PICKS.iter().zip(offers).map(select).collect();
    let mut frame = frame(page, asked, &rows, selects, total, found);
    turned::<R>(page, asked, &mut frame);
    Ok(Answer::Page(Table { rows, frame }))
}

fn narrowed<R: Tabular>(page: &Page, asked: &Asked, mut rows: Vec<R>) -> (Vec<R>, Frame) {
    let total = i64::try_from(rows.len()).unwrap_or(i64::MAX);
    let selects = selects(page, asked, &rows);
    let terms: Vec<String> = asked.text.to_lowercase().split_whitespace().map(str::to_owned).collect();
    rows.retain(|row| {
        let picked = R::PICKS.iter().all(|pick| {
            asked
                .picked
                .get(pick.name)
                .is_none_or(|code| (pick.of)(row, page).iter().any(|(of, _)| of == code))
        });
        picked && (terms.is_empty() || says(row, page, &terms))
    });
    if let Some((column, descends)) = asked.sort {
        let column = &R::COLUMNS[column];
        let order = Order::of(page.language());
        let mut keyed: Vec<(Cell, R)> = rows.into_iter().map(|row| (key(&row, column, page), row)).collect();
        keyed.sort_by(|(a, _), (b, _)| order.compare(a, b, descends));
        rows = keyed.into_iter().map(|(_, row)| row).collect();
    }
    let found = rows.len();
    let frame = frame(page, asked, &rows, selects, total, found);
    (rows, frame)
}

fn is_number(cell: &Cell) -> bool {
    matches!(cell, Cell::Number(_) | Cell::Decimal(_))
}

/// What stands around rows of which these are some.
fn frame<R: Tabular>(
    page: &Page,
    asked: &Asked,
    rows: &[R],
    selects: Vec<Select>,
    total: i64,
    found: usize,
) -> Frame {
    let path = page.path.clone();
    let at = |query: String| match query.is_empty() {
        true => path.clone(),
        false => format!("{path}?{query}"),
    };
    let heading = |(i, column): (usize, &Column<R>)| {
        let sorted = match asked.sort {
            Some((by, descends)) if by == i => Some(descends),
            _ => None,
        };
        // The first rows may say nothing in a column of numbers.
        let said = |cell: &dyn Fn(&R) -> Cell| {
            rows.iter().map(cell).find(|cell| *cell != Cell::Empty).is_some_and(|cell| is_number(&cell))
        };
        let numbers = said(&|row| (column.cell)(row, page));
        // What is counted is looked for at its top; what has a name, at its beginning.
        let to = sorted.map_or_else(|| said(&|row| key(row, column, page)), |descends| !descends);
        Heading {
            label: page.t(column.title),
            numbers,
            to: format!("{}#{}", at(asked.query::<R>(Some((i, to)), &[])), R::PLACE),
            sorted: aria_sort(sorted),
        }
    };
    let by = asked.sort.map(|(column, descends)| ("sort".to_owned(), sort_name::<R>(column, descends)));
    let all = Asked { text: String::new(), picked: BTreeMap::new(), ..asked.clone() };
    let formats = [("CSV", Format::Csv), ("Excel", Format::Xlsx)].into_iter();
    Frame {
        text: asked.text.clone(),
        selects,
        hidden: asked.carried.iter().cloned().chain(by).collect(),
        all: at(all.query::<R>(asked.sort, &[])),
        headings: R::COLUMNS.iter().enumerate().map(heading).collect(),
        narrow: asked.is_narrow(),
        total,
        found,
        position: String::new(),
        files: formats
            .map(|(name, format)| (name, at(asked.query::<R>(asked.sort, &[("format", format.code())]))))
            .collect(),
        previous: String::new(),
        next: String::new(),
        path: path.clone(),
    }
}

/// How a screen reader is told of an order that descends or not, if there is one.
pub fn aria_sort(descends: Option<bool>) -> &'static str {
    match descends {
        None => "",
        Some(true) => "descending",
        Some(false) => "ascending",
    }
}

fn cut<R: Tabular>(page: &Page, asked: &Asked, mut rows: Vec<R>, mut frame: Frame) -> Table<R> {
    turned::<R>(page, asked, &mut frame);
    let piece = asked.piece(rows.len());
    rows.truncate(piece.end);
    rows.drain(..piece.start);
    Table { rows, frame }
}

/// Says which of the rows are shown, and where the others are.
fn turned<R: Tabular>(page: &Page, asked: &Asked, frame: &mut Frame) {
    let found = frame.found;
    let (number, pages) = (asked.number(found), found.div_ceil(SHOWN).max(1));
    let turn = |to: usize| {
        let query = asked.query::<R>(asked.sort, &[("page", &to.to_string())]);
        format!("{}?{query}#{}", frame.path, R::PLACE)
    };
    let (previous, next) = (
        if number > 1 { turn(number - 1) } else { String::new() },
        if number < pages { turn(number + 1) } else { String::new() },
    );
    let said = |n: usize| count(n as u64);
    if pages > 1 {
        let piece = asked.piece(found);
        let (from, to, n) = (said(piece.start + 1), said(piece.end), said(found));
        frame.position = page.with("queue-position", [("first", &from), ("last", &to), ("n", &n)]);
    } else if frame.narrow {
        frame.position =
            page.with("table-found", [("found", &said(found)), ("n", &count(frame.total.unsigned_abs()))]);
    }
    (frame.previous, frame.next) = (previous, next);
}

fn says<R: Tabular>(row: &R, page: &Page, terms: &[String]) -> bool {
    let mut said = String::new();
    for column in R::COLUMNS {
        if let Cell::Text(text) | Cell::Word(text) = (column.cell)(row, page) {
            said.push_str(&text.to_lowercase());
            said.push('\n');
        }
    }
    terms.iter().all(|term| said.contains(term))
}

/// What the rows can be picked by, with everything that occurs among them.
fn selects<R: Tabular>(page: &Page, asked: &Asked, rows: &[R]) -> Vec<Select> {
    let order = Order::of(page.language());
    let of = |pick: &Pick<R>| {
        let mut occurring: BTreeMap<String, String> =
            rows.iter().flat_map(|row| (pick.of)(row, page)).collect();
        occurring.remove("");
        let mut words: Vec<(String, String)> = occurring.into_iter().collect();
        words.sort_by(|(_, a), (_, b)| order.texts(a, b));
        select(page, asked, pick, words)
    };
    R::PICKS.iter().map(of).collect()
}

/// These codes and words to pick from, and what is picked.
fn select<R: Tabular>(
    page: &Page,
    asked: &Asked,
    pick: &Pick<R>,
    mut words: Vec<(String, String)>,
) -> Select {
    let chosen = asked.picked(pick.name);
    if !chosen.is_empty() && words.iter().all(|(code, _)| code != chosen) {
        // What the address names, although nothing is like that any more.
        words.push((chosen.to_owned(), chosen.to_owned()));
    }
    let all = Offer::new("", page.t("queue-all"), chosen);
    let offers = words.into_iter().map(|(code, word)| Offer::new(&code, word, chosen));
    Select {
        name: pick.name,
        label: page.t(pick.title),
        offers: std::iter::once(all).chain(offers).collect(),
    }
}
