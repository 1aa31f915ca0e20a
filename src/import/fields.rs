//! One row, read by the names of our columns.

use std::str::FromStr;

use serde::de::DeserializeOwned;

use super::file::Raw;
use super::mapping::{Mapping, Piece, pieces};
use crate::domain::fields::FieldErrors;
use crate::domain::instant::Instant;
use crate::domain::json;
use crate::domain::zone::{self, Zone};
use crate::export::guard::unguard;

/// A row through its mapping. Everything wrong with it is gathered.
pub struct Fields<'a> {
    raw: &'a Raw,
    mapping: &'a Mapping,
    zone: Option<Zone>,
    /// The file is CSV, so that our guards are to be taken off.
    guarded: bool,
    /// What was found wrong so far.
    pub errors: FieldErrors,
}

impl<'a> Fields<'a> {
    /// A row; `errors` is what is wrong with its form.
    pub fn new(
        raw: &'a Raw,
        mapping: &'a Mapping,
        zone: Option<Zone>,
        guarded: bool,
        errors: FieldErrors,
    ) -> Self {
        Fields { raw, mapping, zone, guarded, errors }
    }

    /// The text of one of our columns, to the character; nothing if it is empty.
    pub fn text(&self, ours: &str) -> Option<String> {
        let found = match self.mapping.map.get(ours) {
            Some(theirs) => self.pattern(theirs),
            None => {
                self.raw.values.get(ours).map_or("", |v| if self.guarded { unguard(v) } else { v }).to_owned()
            }
        };
        let meant = match self.mapping.values.get(ours) {
            None => found,
            Some(values) => match values.get(&found).or_else(|| values.get(found.trim())) {
                Some(meant) => meant.clone(),
                None if found.is_empty() => found,
                None => values.get("*").cloned().unwrap_or(found),
            },
        };
        if meant.is_empty() {
            self.mapping.set.get(ours).cloned().filter(|v| !v.is_empty())
        } else {
            Some(meant)
        }
    }

    /// Columns of theirs put together; nothing if every column is empty.
    fn pattern(&self, theirs: &str) -> String {
        let mut made = String::new();
        let mut any = false;
        for piece in pieces(theirs).unwrap_or_default() {
            match piece {
                Piece::Literal(text) => made.push_str(text),
                Piece::Column(name, width) => {
                    let value = self.raw.values.get(name).map_or("", String::as_str);
                    any |= !value.is_empty();
                    made.extend(std::iter::repeat_n('0', width.saturating_sub(value.chars().count())));
                    made.push_str(value);
                }
            }
        }
        if any { made } else { String::new() }
    }

    /// A word without blanks around it.
    pub fn word(&self, ours: &str) -> Option<String> {
        self.text(ours).map(|t| t.trim().to_owned()).filter(|t| !t.is_empty())
    }

    /// A code.
    pub fn code<T: FromStr>(&mut self, ours: &str) -> Option<T> {
        let word = self.word(ours)?;
        let parsed = word.parse().ok();
        if parsed.is_none() {
            self.errors.add(ours, "unknown-code");
        }
        parsed
    }

    /// A whole number.
    pub fn number(&mut self, ours: &str) -> Option<i64> {
        let word = self.word(ours)?;
        let parsed = word.parse().ok();
        if parsed.is_none() {
            self.errors.add(ours, "not-a-number");
        }
        parsed
    }

    /// Yes or no: `true`, `false`, `1`, `0`, `yes`, `no`, `是`, `否`.
    pub fn flag(&mut self, ours: &str) -> Option<bool> {
        match self.word(ours)?.to_lowercase().as_str() {
            "true" | "1" | "yes" | "是" => Some(true),
            "false" | "0" | "no" | "否" => Some(false),
            _ => {
                self.errors.add(ours, "not-yes-or-no");
                None
            }
        }
    }

    /// A moment: RFC 3339, or a local time or date of the mapping's zone; a date is its first moment.
    pub fn time(&mut self, ours: &str) -> Option<Instant> {
        let word = self.word(ours)?;
        let read = self.moment(ours, &word);
        self.errors.keep(read)
    }

    fn moment(&self, ours: &str, word: &str) -> Result<Instant, FieldErrors> {
        let with_offset = Instant::parse_rfc3339(word).or_else(|| {
            let (date, rest) = word.split_once(' ')?;
            Instant::parse_rfc3339(&format!("{date}T{}", rest.replace(' ', "")))
        });
        if let Some(at) = with_offset {
            return zone::in_range(ours, at);
        }
        let is_date = word.len() == 10 && word.bytes().all(|b| b.is_ascii_digit() || b == b'-');
        // What is no time at all is told before that a zone is missing.
        let date = if is_date { Some(zone::parse_date(ours, word)?) } else { None };
        let local = if is_date { None } else { Some(zone::LocalTime::parse(ours, word)?) };
        let zone = self.zone.ok_or_else(|| FieldErrors::one(ours, "zone-needed"))?;
        match (date, local) {
            (Some(date), _) => Ok(zone.day_bounds(date).0),
            (None, Some(local)) => zone.moment(ours, local, None),
            (None, None) => Err(FieldErrors::one(ours, "bad-time")),
        }
    }

    /// JSON of this form.
    pub fn json<T: DeserializeOwned>(&mut self, ours: &str) -> Option<T> {
        let read = json::read_in(ours, self.text(ours)?.as_bytes());
        self.errors.keep(read)
    }

    /// Takes over what was found wrong, with the names of our columns.
    pub fn keep<T>(&mut self, result: Result<T, FieldErrors>) -> Option<T> {
        self.errors.keep(result)
    }
}
