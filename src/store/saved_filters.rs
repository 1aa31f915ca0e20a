//! Filters of the queue kept under a name: one's own, and those that colleagues share.

use diesel::prelude::*;

use super::connection::Db;
use super::error::{Error, Result};
use super::people::Actor;
use super::schema::{people, saved_filters};
use super::{Write, audit};

/// The most that one person keeps.
pub const OWN_MAX: i64 = 50;
/// The longest name, in characters.
pub const NAME_MAX: usize = 60;

/// A filter under its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SavedFilter {
    /// Its row.
    pub id: i64,
    /// What it is called.
    pub name: String,
    /// What stands behind the question mark of its list.
    pub query: String,
    /// Everybody sees it.
    pub shared: bool,
    /// Whose it is.
    pub owner: String,
    /// Whether it belongs to whoever asks.
    pub own: bool,
}

/// The filters that this person sees: their own first, then what others share, each by name.
pub fn list(connection: &mut Db, actor: &Actor) -> Result<Vec<SavedFilter>> {
    let person = actor.person_id().unwrap_or(0);
    let rows = saved_filters::table
        .inner_join(people::table)
        .filter(saved_filters::person_id.eq(person).or(saved_filters::shared.eq(true)))
        .order((saved_filters::name, saved_filters::id))
        .select((
            saved_filters::id,
            saved_filters::name,
            saved_filters::query,
            saved_filters::shared,
            people::name,
            saved_filters::person_id,
        ))
        .load::<(i64, String, String, bool, String, i64)>(connection)?;
    let mut all: Vec<SavedFilter> = rows
        .into_iter()
        .map(|(id, name, query, shared, owner, of)| SavedFilter {
            id,
            name,
            query,
            shared,
            owner,
            own: of == person,
        })
        .collect();
    all.sort_by_key(|filter| !filter.own);
    Ok(all)
}

/// Keeps a filter under a name; one of the same person with that name is replaced.
///
/// Errors: `name` → `too-many-filters` (`max`); conflict `filter-needs-person` for a program.
pub fn keep(write: &mut Write<'_>, actor: &Actor, name: &str, query: &str, shared: bool) -> Result<()> {
    let person = actor.person_id().ok_or_else(|| Error::conflict("filter-needs-person"))?;
    let replaced = diesel::update(
        saved_filters::table.filter(saved_filters::person_id.eq(person)).filter(saved_filters::name.eq(name)),
    )
    .set((saved_filters::query.eq(query), saved_filters::shared.eq(shared)))
    .execute(write.connection)?;
    if replaced > 0 {
        return Ok(());
    }
    let own: i64 = saved_filters::table
        .filter(saved_filters::person_id.eq(person))
        .count()
        .get_result(write.connection)?;
    if own >= OWN_MAX {
        return Err(Error::field("name", "too-many-filters"));
    }
    diesel::insert_into(saved_filters::table)
        .values((
            saved_filters::person_id.eq(person),
            saved_filters::name.eq(name),
            saved_filters::query.eq(query),
            saved_filters::shared.eq(shared),
            saved_filters::created_at.eq(write.now),
        ))
        .execute(write.connection)?;
    Ok(())
}

/// Forgets one of one's own. [`Error::NotFound`] for anybody else's.
pub fn remove(write: &mut Write<'_>, actor: &Actor, id: i64) -> Result<()> {
    let own =
        saved_filters::table.find(id).filter(saved_filters::person_id.eq(actor.person_id().unwrap_or(0)));
    let shared: Vec<bool> =
        diesel::delete(own).returning(saved_filters::shared).get_results(write.connection)?;
    let Some(shared) = shared.first() else { return Err(Error::NotFound) };
    // Not by its name: people name filters after whom they look for.
    let whose = if *shared { "shared" } else { "own" };
    audit::note(write, actor, "filter.remove", &format!("filter {id}"), whose)
}
