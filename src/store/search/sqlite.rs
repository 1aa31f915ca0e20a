//! The index on SQLite: one row of FTS5 a report, whose tokenizer only cuts at blanks.

use diesel::prelude::*;
use diesel::sqlite::SqliteConnection;

use super::Entry;
use crate::domain::search_tokens::{Indexed, Part, Token};
use crate::store::error::Result;

diesel::table! {
    report_search (rowid) {
        rowid -> BigInt,
        said -> Text,
        private -> Text,
    }
}

/// Makes the index as the migration makes it, empty.
pub(super) const MADE_AGAIN: &str = "DROP TABLE IF EXISTS report_search; \
     CREATE VIRTUAL TABLE report_search USING fts5(said, private, content = '', \
     contentless_delete = 1, tokenize = 'ascii')";

/// Stands where nothing reaches across: no letter, so nobody can look for it, and for the tokenizer a
/// word like any other.
const GAP: &str = "¦";

/// The words as the tokenizer gets them: first in their order, then the single signs.
fn blank_parted(indexed: &Indexed) -> String {
    let mut text = String::with_capacity(indexed.tokens.len() * 7 + indexed.signs.len() * 4);
    for token in &indexed.tokens {
        text.push_str(match token {
            Token::Text(token) => token,
            Token::Gap => GAP,
        });
        text.push(' ');
    }
    text.push_str(GAP);
    for sign in &indexed.signs {
        text.push(' ');
        text.push(*sign);
    }
    text
}

pub(super) fn put(c: &mut SqliteConnection, entries: &[&Entry]) -> Result<()> {
    for entry in entries {
        diesel::replace_into(report_search::table)
            .values((
                report_search::rowid.eq(entry.report),
                report_search::said.eq(blank_parted(&entry.said)),
                report_search::private.eq(blank_parted(&entry.private)),
            ))
            .execute(c)?;
    }
    Ok(())
}

pub(super) fn remove(c: &mut SqliteConnection, reports: &[i64]) -> Result<()> {
    for report in reports {
        diesel::delete(report_search::table.filter(report_search::rowid.eq(report))).execute(c)?;
    }
    Ok(())
}

/// What is looked for in the language of FTS5. Every word is quoted and made of letters alone.
pub(super) fn expression(parts: &[Part], private_too: bool) -> String {
    let parts: Vec<String> = parts
        .iter()
        .map(|part| match part {
            Part::Sign(sign) => format!("\"{sign}\""),
            Part::Signs(signs) => {
                let pairs: Vec<String> = signs.windows(2).map(|pair| pair.iter().collect()).collect();
                format!("\"{}\"", pairs.join(" "))
            }
            Part::Words(words) => format!("\"{}\" *", words.join(" ")),
        })
        .collect();
    let all = parts.join(" AND ");
    if private_too { all } else { format!("{{said}} : ({all})") }
}
