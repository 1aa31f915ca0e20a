//! The index on PostgreSQL: text vectors under GIN, made here rather than by a dictionary there.
//!
//! A vector knows at most 255 places of one word and 16,383 places in all, so a report that says more
//! gets several; they overlap, so that nothing falls between two.

use std::collections::HashMap;
use std::fmt::Write as _;

use diesel::pg::PgConnection;
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{Array, BigInt, Bool, Integer, Text};

use super::{Entry, Whether};
use crate::domain::report_filter::TEXT_MAX;
use crate::domain::search_tokens::{Indexed, Part, Token};
use crate::store::connection::Db;
use crate::store::error::Result;

/// The number under which instances agree who writes the index ("search" in letters of a phone).
const ADVISORY_LOCK: i64 = 732_724;

const PLACES_OF_ONE: usize = 250;
const PLACES: usize = 16_000;
const BYTES: usize = 400_000;

/// Whether it is ours to write the index in this transaction; on SQLite it always is.
pub(super) fn turn(connection: &mut Db) -> Result<bool> {
    let Db::Postgres(c) = connection else { return Ok(true) };
    let rows: Vec<Whether> =
        sql_query(format!("SELECT pg_try_advisory_xact_lock({ADVISORY_LOCK}) AS so")).load(c)?;
    Ok(rows.iter().any(|row| row.so))
}

/// The vectors of a few texts, as PostgreSQL reads them.
fn vectors(indexed: &Indexed) -> Vec<String> {
    let mut parts = vec![Vector::default()];
    // What was put into the current part since the last gap.
    let mut recent: Vec<&str> = Vec::new();
    for token in &indexed.tokens {
        let Token::Text(token) = token else {
            recent.clear();
            if let Some(part) = parts.last_mut() {
                part.place += 1;
            }
            continue;
        };
        if parts.last().is_some_and(|part| part.is_full(token)) {
            let mut fresh = Vector::default();
            for again in &recent[recent.len().saturating_sub(TEXT_MAX)..] {
                fresh.add(again);
            }
            parts.push(fresh);
        }
        if let Some(part) = parts.last_mut() {
            part.add(token);
        }
        recent.push(token);
    }
    for sign in &indexed.signs {
        // No place: nothing is next to a single sign.
        if let Some(first) = parts.first_mut() {
            let _ = write!(first.text, "'{sign}' ");
        }
    }
    parts.into_iter().map(|part| part.text).filter(|text| !text.is_empty()).collect()
}

#[derive(Default)]
struct Vector<'a> {
    text: String,
    place: usize,
    places: HashMap<&'a str, usize>,
}

impl<'a> Vector<'a> {
    fn is_full(&self, token: &str) -> bool {
        self.place >= PLACES
            || self.text.len() >= BYTES
            || self.places.get(token).is_some_and(|n| *n >= PLACES_OF_ONE)
    }

    fn add(&mut self, token: &'a str) {
        self.place += 1;
        *self.places.entry(token).or_default() += 1;
        let _ = write!(self.text, "'{token}':{} ", self.place);
    }
}

pub(super) fn put(c: &mut PgConnection, entries: &[&Entry]) -> Result<()> {
    let reports: Vec<i64> = entries.iter().map(|entry| entry.report).collect();
    remove(c, &reports)?;
    let (mut ids, mut privates, mut numbers, mut words) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for entry in entries {
        for (private, indexed) in [(false, &entry.said), (true, &entry.private)] {
            for (number, vector) in vectors(indexed).into_iter().enumerate() {
                ids.push(entry.report);
                privates.push(private);
                numbers.push(i32::try_from(number).unwrap_or(i32::MAX));
                words.push(vector);
            }
        }
    }
    sql_query(
        "INSERT INTO report_search (report_id, private, part, words) \
         SELECT id, private, part, words::tsvector \
         FROM unnest($1, $2, $3, $4) AS rows (id, private, part, words) \
         WHERE EXISTS (SELECT 1 FROM reports r WHERE r.id = rows.id)",
    )
    .bind::<Array<BigInt>, _>(ids)
    .bind::<Array<Bool>, _>(privates)
    .bind::<Array<Integer>, _>(numbers)
    .bind::<Array<Text>, _>(words)
    .execute(c)?;
    Ok(())
}

pub(super) fn remove(c: &mut PgConnection, reports: &[i64]) -> Result<()> {
    sql_query("DELETE FROM report_search WHERE report_id = ANY($1)")
        .bind::<Array<BigInt>, _>(reports)
        .execute(c)?;
    Ok(())
}

/// One thing that is looked for in the language of `tsquery`. Every word is made of letters alone.
pub(super) fn expression(part: &Part) -> String {
    match part {
        Part::Sign(sign) => format!("'{sign}'"),
        Part::Signs(signs) => {
            let pairs: Vec<String> =
                signs.windows(2).map(|pair| format!("'{}'", pair.iter().collect::<String>())).collect();
            pairs.join(" <-> ")
        }
        Part::Words(words) => {
            let words: Vec<String> = words.iter().map(|word| format!("'{word}'")).collect();
            format!("{}:*", words.join(" <-> "))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_one_vector_cannot_hold_goes_on_in_the_next_with_an_overlap() {
        let mut indexed = Indexed::default();
        indexed.add(&format!("{}失败", "登".repeat(600)));
        let parts = vectors(&indexed);
        assert!(parts.len() > 2);
        for part in &parts {
            assert!(part.matches("'登登':").count() <= PLACES_OF_ONE);
        }
        let last = parts.last().unwrap();
        assert!(last.matches("'登登':").count() >= TEXT_MAX.min(200) && last.contains("'登失':"));
        assert!(parts[0].contains("'失' ") && parts[0].starts_with("'登登':1 "));
    }

    #[test]
    fn an_empty_index_has_no_vectors() {
        assert!(vectors(&Indexed::default()).is_empty());
    }
}
