//! What stands around the rows of a table: the filter, the titles, the way to the other pages and to files.

use std::collections::BTreeMap;

use super::asked::{SHOWN, sort_name};
use super::{Asked, Column, Order, Pick, Tabular, key};
use crate::export::{Cell, Format};
use crate::web::figures::count;
use crate::web::offer::Offer;
use crate::web::page::Page;

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
    pub(super) total: i64,
    pub(super) found: usize,
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

/// What stands around rows of which these are some.
pub(super) fn frame<R: Tabular>(
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

fn is_number(cell: &Cell) -> bool {
    matches!(cell, Cell::Number(_) | Cell::Decimal(_))
}

/// Says which of the rows are shown, and where the others are.
pub(super) fn turned<R: Tabular>(page: &Page, asked: &Asked, frame: &mut Frame) {
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

/// What the rows can be picked by, with everything that occurs among them.
pub(super) fn selects<R: Tabular>(page: &Page, asked: &Asked, rows: &[R]) -> Vec<Select> {
    let order = Order::of(page.language());
    let of = |pick: &Pick<R>| {
        let mut occurring: BTreeMap<String, String> =
            rows.iter().flat_map(|row| (pick.of)(row, page)).collect();
        occurring.remove("");
        let mut words: Vec<(String, String)> = occurring.into_iter().collect();
        let rank = |code: &str| R::rank(pick.name, code);
        words.sort_by(|(a, x), (b, y)| rank(a).cmp(&rank(b)).then_with(|| order.texts(x, y)));
        select(page, asked, pick, words)
    };
    R::PICKS.iter().map(of).collect()
}

/// These codes and words to pick from, and what is picked.
pub(super) fn select<R: Tabular>(
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
