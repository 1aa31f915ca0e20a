//! Figures between windows: how each measure went, what satisfaction went along with, and any two
//! windows side by side.

use crate::domain::fields::FieldErrors;
use crate::domain::measure::Measure;
use crate::i18n::Words;
use crate::store::connection::Db;
use crate::store::error::Result;
use crate::store::insights::{self, Comparison, Insights, Reader};
use crate::store::windows;
use crate::web::form::Query;
use crate::web::plots::{Picture, against, sides, trend};

/// How many of the windows that began last a trend shows.
const SHOWN: i64 = 24;

/// The windows of a trend, or the two that are compared.
pub struct Between {
    windows: Vec<Insights>,
    /// If two were named: the second against the first.
    pub comparison: Option<Comparison>,
}

/// The windows that a query names: with commas between them, or one by one; nothing if none is named.
///
/// Errors at `windows`: `two-windows` unless two different ones are named.
pub fn slugs(query: &Query) -> std::result::Result<Option<Vec<String>>, FieldErrors> {
    let named = query.pairs().iter().filter(|(name, _)| name == "windows");
    let all: Vec<String> = named
        .flat_map(|(_, value)| value.split(','))
        .map(|slug| slug.trim().to_owned())
        .filter(|slug| !slug.is_empty())
        .collect();
    match all.as_slice() {
        [] => Ok(None),
        [a, b] if a != b => Ok(Some(all)),
        _ => Err(FieldErrors::one("windows", "two-windows")),
    }
}

impl Between {
    /// The two windows that are named, or the latest ones that have begun.
    ///
    /// Errors: `no-such-window` at `windows`.
    pub fn load(connection: &mut Db, slugs: Option<&[String]>, reader: Reader) -> Result<Between> {
        let Some(slugs) = slugs else {
            let mut found = insights::begun(connection, SHOWN, reader)?;
            found.reverse();
            return Ok(Between { windows: found, comparison: None });
        };
        let mut named = Vec::new();
        for slug in slugs {
            let found = windows::by_slug(connection, slug).map_err(|e| match e {
                crate::store::Error::NotFound => crate::store::Error::field("windows", "no-such-window"),
                other => other,
            })?;
            named.push(found);
        }
        let found = insights::of(connection, &named, reader)?;
        let comparison = match found.as_slice() {
            [base, window] => Some(Comparison::new(base, window)),
            _ => None,
        };
        Ok(Between { windows: found, comparison })
    }

    /// How each measure went from window to window.
    pub fn trends(&self, words: Words) -> Vec<Picture> {
        let windows: Vec<&Insights> = self.windows.iter().collect();
        if windows.len() < 2 {
            return Vec::new();
        }
        Measure::ALL.iter().filter_map(|m| trend::picture(*m, &windows, words)).collect()
    }

    /// What satisfaction went along with.
    pub fn along(&self, words: Words) -> Vec<Picture> {
        let windows: Vec<&Insights> = self.windows.iter().collect();
        [Measure::Lead, Measure::Overrun]
            .into_iter()
            .filter_map(|m| against::picture(m, &windows, words))
            .collect()
    }

    /// Every picture of it.
    pub fn pictures(&self, words: Words) -> Vec<Picture> {
        match &self.comparison {
            Some(comparison) => vec![sides::picture(comparison, words)],
            None => self.trends(words).into_iter().chain(self.along(words)).collect(),
        }
    }

    /// The windows, the earliest first.
    pub fn windows(&self) -> &[Insights] {
        &self.windows
    }
}
