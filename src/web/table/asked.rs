//! What the address of a table asks for.

use std::collections::BTreeMap;

use super::Tabular;
use crate::domain::fields::{FieldError, FieldErrors};
use crate::export::Format;
use crate::web::form::Query;

/// How many rows a page shows.
pub(super) const SHOWN: usize = 50;
/// Most characters of what is looked for.
const TEXT_MAX: usize = 200;

/// What an address asks for.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Asked {
    pub(super) text: String,
    pub(super) picked: BTreeMap<&'static str, String>,
    /// The column, and whether it descends; nothing: as the store orders them.
    pub(super) sort: Option<(usize, bool)>,
    pub(super) page: usize,
    pub(super) format: Option<Format>,
    /// What else the address says and goes on saying.
    pub(super) carried: Vec<(String, String)>,
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
    pub(super) fn query<R: Tabular>(&self, sort: Option<(usize, bool)>, more: &[(&str, &str)]) -> String {
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
    pub(super) fn number(&self, found: usize) -> usize {
        self.page.clamp(1, found.div_ceil(SHOWN).max(1))
    }
}

/// How an address says that a column sorts.
pub(super) fn sort_name<R: Tabular>(column: usize, descends: bool) -> String {
    format!("{}{}", if descends { "-" } else { "" }, R::COLUMNS[column].name)
}
