//! Texts in several languages: one row for each thing, field and language.

use std::collections::{BTreeMap, HashMap};

use diesel::prelude::*;

use super::Write;
use super::connection::Db;
use super::error::Result;
use super::schema::texts;
use crate::domain::language::{Language, Texts};

crate::codes! {
    /// What a text belongs to.
    pub enum Thing {
        /// A window's notice.
        Window = "window",
        /// A component's name.
        Component = "component",
        /// An update.
        Update = "update",
        /// What stands on every page.
        Appearance = "appearance",
        /// A question of the help page.
        Help = "help",
        /// A known issue's title, body and workaround.
        KnownIssue = "known_issue",
        /// What everybody is told at a resolution of a known issue.
        Resolution = "resolution",
        /// A canned answer.
        CannedAnswer = "canned_answer",
    }
}

/// The texts of one thing, by field.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Fields(pub BTreeMap<String, Texts>);

impl Fields {
    /// The texts of this field; empty ones if there are none.
    pub fn field(&self, name: &str) -> Texts {
        self.0.get(name).cloned().unwrap_or_default()
    }
}

/// The texts of these things of one kind, by id.
pub fn load(connection: &mut Db, thing: Thing, ids: &[i64]) -> Result<HashMap<i64, Fields>> {
    let mut found: HashMap<i64, Fields> = HashMap::new();
    // SQLite takes a limited number of values in one statement.
    for some in ids.chunks(500) {
        let rows = texts::table
            .filter(texts::thing.eq(thing))
            .filter(texts::thing_id.eq_any(some))
            .select((texts::thing_id, texts::field, texts::language, texts::content))
            .load::<(i64, String, Language, String)>(connection)?;
        for (id, field, language, content) in rows {
            found.entry(id).or_default().0.entry(field).or_default().0.insert(language, content);
        }
    }
    Ok(found)
}

/// Makes these the texts of that field; languages not named lose theirs.
pub fn replace(write: &mut Write<'_>, thing: Thing, id: i64, field: &str, new: &Texts) -> Result<()> {
    diesel::delete(
        texts::table
            .filter(texts::thing.eq(thing))
            .filter(texts::thing_id.eq(id))
            .filter(texts::field.eq(field)),
    )
    .execute(write.connection)?;
    for (language, content) in &new.0 {
        diesel::insert_into(texts::table)
            .values((
                texts::thing.eq(thing),
                texts::thing_id.eq(id),
                texts::field.eq(field),
                texts::language.eq(*language),
                texts::content.eq(content),
            ))
            .execute(write.connection)?;
    }
    Ok(())
}

/// Removes every text of these things.
pub fn remove(write: &mut Write<'_>, thing: Thing, ids: &[i64]) -> Result<()> {
    for some in ids.chunks(500) {
        diesel::delete(texts::table.filter(texts::thing.eq(thing)).filter(texts::thing_id.eq_any(some)))
            .execute(write.connection)?;
    }
    Ok(())
}
