//! Canned answers: written once in every language, inserted in the one that the reporter reads.

use diesel::prelude::*;

use super::connection::Db;
use super::error::{Error, Result};
use super::people::Actor;
use super::schema::canned_answers;
use super::texts::{self, Thing};
use super::{Write, audit};
use crate::domain::instant::Instant;
use crate::domain::language::{Language, Texts};

/// A canned answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CannedAnswer {
    /// Its row.
    pub id: i64,
    /// Rises with every change.
    pub revision: i64,
    /// When it was last changed.
    pub changed_at: Instant,
    /// What support calls it.
    pub title: Texts,
    /// What reporters read.
    pub body: Texts,
}

impl CannedAnswer {
    /// What support calls it, in `language`.
    pub fn label(&self, language: Language, default: Language) -> &str {
        self.title.text(language, default)
    }
}

type Row = (i64, i64, Instant);
type Columns = (canned_answers::id, canned_answers::revision, canned_answers::changed_at);
const COLUMNS: Columns = (canned_answers::id, canned_answers::revision, canned_answers::changed_at);

fn whole(connection: &mut Db, rows: Vec<Row>) -> Result<Vec<CannedAnswer>> {
    let ids: Vec<i64> = rows.iter().map(|row| row.0).collect();
    let mut texts = texts::load(connection, Thing::CannedAnswer, &ids)?;
    Ok(rows
        .into_iter()
        .map(|(id, revision, changed_at)| {
            let fields = texts.remove(&id).unwrap_or_default();
            let (title, body) = (fields.field("title"), fields.field("body"));
            CannedAnswer { id, revision, changed_at, title, body }
        })
        .collect())
}

/// All of them, in the order in which they were written.
pub fn list(connection: &mut Db) -> Result<Vec<CannedAnswer>> {
    let rows = canned_answers::table.order(canned_answers::id).select(COLUMNS).load(connection)?;
    whole(connection, rows)
}

/// The one with this row.
pub fn find(connection: &mut Db, id: i64) -> Result<CannedAnswer> {
    let row = canned_answers::table.find(id).select(COLUMNS).first(connection)?;
    whole(connection, vec![row])?.pop().ok_or(Error::NotFound)
}

/// Adds one. Gives its row.
pub fn add(
    write: &mut Write<'_>,
    actor: &Actor,
    title: &Texts,
    body: &Texts,
    demonstration: bool,
) -> Result<i64> {
    let id: i64 = diesel::insert_into(canned_answers::table)
        .values((
            canned_answers::revision.eq(1i64),
            canned_answers::created_at.eq(write.now),
            canned_answers::changed_at.eq(write.now),
            canned_answers::demonstration.eq(demonstration),
        ))
        .returning(canned_answers::id)
        .get_result(write.connection)?;
    write_texts(write, id, title, body)?;
    audit::note(write, actor, "answer.add", &format!("answer {id}"), "")?;
    Ok(id)
}

fn write_texts(write: &mut Write<'_>, id: i64, title: &Texts, body: &Texts) -> Result<()> {
    texts::replace(write, Thing::CannedAnswer, id, "title", title)?;
    texts::replace(write, Thing::CannedAnswer, id, "body", body)
}

/// Changes the one that had this revision. [`Error::Stale`] if it has another by now.
pub fn change(
    write: &mut Write<'_>,
    actor: &Actor,
    id: i64,
    expected: i64,
    title: &Texts,
    body: &Texts,
) -> Result<()> {
    find(write.connection, id)?;
    let one = canned_answers::table.find(id).filter(canned_answers::revision.eq(expected));
    let rows = diesel::update(one)
        .set((canned_answers::revision.eq(expected + 1), canned_answers::changed_at.eq(write.now)))
        .execute(write.connection)?;
    if rows == 0 {
        return Err(Error::Stale);
    }
    write_texts(write, id, title, body)?;
    audit::note(write, actor, "answer.change", &format!("answer {id}"), "")
}

/// Removes the one that had this revision; what was answered with it stays. [`Error::Stale`] if it has
/// another by now.
pub fn remove(write: &mut Write<'_>, actor: &Actor, id: i64, expected: i64) -> Result<()> {
    find(write.connection, id)?;
    let one = canned_answers::table.find(id).filter(canned_answers::revision.eq(expected));
    if diesel::delete(one).execute(write.connection)? == 0 {
        return Err(Error::Stale);
    }
    texts::remove(write, Thing::CannedAnswer, &[id])?;
    audit::note(write, actor, "answer.remove", &format!("answer {id}"), "")
}
