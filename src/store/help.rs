//! What staff say on the help page, beside and instead of what it says by itself.

use diesel::prelude::*;

use super::connection::Db;
use super::error::{Error, Result};
use super::people::Actor;
use super::schema::texts as texts_table;
use super::texts::{self, Thing};
use super::{Write, audit, changes};
use crate::domain::help::{Built, HELP_OWN_MAX};
use crate::domain::language::Texts;

const QUESTION: &str = "question";
const ANSWER: &str = "answer";
/// The built-in questions have the numbers below; those of staff begin here.
const FIRST_OWN: i64 = 100;

/// A question that staff added.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnQuestion {
    /// Its number, by which they stand in the order in which they were added.
    pub id: i64,
    /// What is asked.
    pub question: Texts,
    /// The answer, in Markdown.
    pub answer: Texts,
}

/// Everything that staff have said.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Help {
    /// What is said to a built-in question, for those where anything is.
    pub said: Vec<(Built, Texts)>,
    /// Questions of their own.
    pub own: Vec<OwnQuestion>,
}

impl Help {
    /// What staff say to this question; empty if nothing.
    pub fn of(&self, built: Built) -> Texts {
        self.said.iter().find(|(b, _)| *b == built).map(|(_, texts)| texts.clone()).unwrap_or_default()
    }
}

/// Everything that staff have said on the help page.
pub fn load(connection: &mut Db) -> Result<Help> {
    let mut ids: Vec<i64> = texts_table::table
        .filter(texts_table::thing.eq(Thing::Help))
        .select(texts_table::thing_id)
        .distinct()
        .load(connection)?;
    ids.sort_unstable();
    let mut found = texts::load(connection, Thing::Help, &ids)?;
    let mut help = Help::default();
    for id in ids {
        let fields = found.remove(&id).unwrap_or_default();
        match Built::ALL.iter().find(|b| number(**b) == id) {
            Some(built) => help.said.push((*built, fields.field(ANSWER))),
            None => help.own.push(OwnQuestion {
                id,
                question: fields.field(QUESTION),
                answer: fields.field(ANSWER),
            }),
        }
    }
    Ok(help)
}

fn number(built: Built) -> i64 {
    built as i64 + 1
}

/// Says this to a built-in question from now on; empty texts give the page's own words back.
pub fn say(write: &mut Write<'_>, actor: &Actor, built: Built, answer: &Texts) -> Result<()> {
    texts::replace(write, Thing::Help, number(built), ANSWER, answer)?;
    done(write, actor, "help.change", built.code())
}

/// Adds a question, or changes the one with this number.
///
/// Errors: [`Error::NotFound`] if no question has the number; conflict `help-full`.
pub fn put(
    write: &mut Write<'_>,
    actor: &Actor,
    id: Option<i64>,
    question: &Texts,
    answer: &Texts,
) -> Result<i64> {
    let own = load(write.connection)?.own;
    let id = match id {
        Some(id) if own.iter().any(|q| q.id == id) => id,
        Some(_) => return Err(Error::NotFound),
        None if own.len() >= HELP_OWN_MAX => return Err(Error::conflict("help-full")),
        None => own.last().map_or(FIRST_OWN, |q| q.id + 1),
    };
    texts::replace(write, Thing::Help, id, QUESTION, question)?;
    texts::replace(write, Thing::Help, id, ANSWER, answer)?;
    done(write, actor, "help.change", &id.to_string())?;
    Ok(id)
}

/// Removes a question that staff added. [`Error::NotFound`] if there is none with this number.
pub fn remove(write: &mut Write<'_>, actor: &Actor, id: i64) -> Result<()> {
    if !load(write.connection)?.own.iter().any(|q| q.id == id) {
        return Err(Error::NotFound);
    }
    texts::remove(write, Thing::Help, &[id])?;
    done(write, actor, "help.remove", &id.to_string())
}

fn done(write: &mut Write<'_>, actor: &Actor, action: &str, what: &str) -> Result<()> {
    audit::note(write, actor, action, what, "")?;
    changes::announce(write, changes::Kind::Settings, None)
}
