//! Components: the parts of the service that can be affected.

use diesel::prelude::*;

use super::connection::Db;
use super::error::{Error, Result};
use super::people::Actor;
use super::schema::components;
use super::texts::{self, Fields, Thing};
use super::{Write, audit, changes};
use crate::domain::instant::Instant;
use crate::domain::language::{Language, Texts};
use crate::domain::window::ComponentKey;

/// A part of the service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Component {
    /// Its row.
    pub id: i64,
    /// Its key in the API and in addresses.
    pub key: String,
    /// Its name in each language.
    pub name: Texts,
    /// Where it stands in lists.
    pub position: i32,
    /// Since when it is no longer offered.
    pub retired_at: Option<Instant>,
}

impl Component {
    /// Its name for somebody who reads `language`; its key if nobody has named it.
    pub fn label(&self, language: Language, default: Language) -> &str {
        self.name.get(language, default).map_or(self.key.as_str(), |(text, _)| text)
    }
}

type Row = (i64, String, i32, Option<Instant>);

fn with_names(connection: &mut Db, rows: Vec<Row>) -> Result<Vec<Component>> {
    let ids: Vec<i64> = rows.iter().map(|r| r.0).collect();
    let mut names = texts::load(connection, Thing::Component, &ids)?;
    Ok(rows
        .into_iter()
        .map(|(id, key, position, retired_at)| {
            let name = names.remove(&id).unwrap_or_else(Fields::default).field("name");
            Component { id, key, name, position, retired_at }
        })
        .collect())
}

/// All components, those that are still offered first, each group in its order.
pub fn list(connection: &mut Db) -> Result<Vec<Component>> {
    let rows = components::table
        .order((components::retired_at.is_not_null(), components::position, components::id))
        .select((components::id, components::key, components::position, components::retired_at))
        .load::<Row>(connection)?;
    with_names(connection, rows)
}

/// The components with these rows, in no particular order.
pub fn with_ids(connection: &mut Db, ids: &[i64]) -> Result<Vec<Component>> {
    let rows = components::table
        .filter(components::id.eq_any(ids))
        .select((components::id, components::key, components::position, components::retired_at))
        .load::<Row>(connection)?;
    with_names(connection, rows)
}

/// Since when this component can be named in a report; with 0, since when anything can that names none. Nothing
/// if there are no components.
pub fn known_since(connection: &mut Db, id: i64) -> Result<Option<Instant>> {
    let mut since = components::table.select(diesel::dsl::min(components::created_at)).into_boxed();
    if id != 0 {
        since = since.filter(components::id.eq(id));
    }
    Ok(since.first(connection)?)
}

/// The row of the component with this key.
pub fn id_of(connection: &mut Db, key: &str) -> Result<Option<i64>> {
    // What is no key cannot be found, and PostgreSQL would fail at some of it.
    if ComponentKey::parse("key", key).is_err() {
        return Ok(None);
    }
    Ok(components::table
        .filter(components::key.eq(key))
        .select(components::id)
        .get_result(connection)
        .optional()?)
}

/// Adds a component at the end of the list.
pub fn add(
    write: &mut Write<'_>,
    actor: &Actor,
    key: &ComponentKey,
    name: &Texts,
    demonstration: bool,
) -> Result<i64> {
    if id_of(write.connection, key.as_str())?.is_some() {
        return Err(Error::field("key", "key-taken"));
    }
    let last: Option<i32> =
        components::table.select(diesel::dsl::max(components::position)).first(write.connection)?;
    let id: i64 = diesel::insert_into(components::table)
        .values((
            components::key.eq(key.as_str()),
            components::position.eq(last.unwrap_or(0) + 1),
            components::created_at.eq(write.now),
            components::demonstration.eq(demonstration),
        ))
        .returning(components::id)
        .get_result(write.connection)?;
    texts::replace(write, Thing::Component, id, "name", name)?;
    audit::note(write, actor, "component.add", key.as_str(), "")?;
    changes::announce(write, changes::Kind::Window, None)?;
    Ok(id)
}

/// Renames a component.
pub fn rename(write: &mut Write<'_>, actor: &Actor, id: i64, name: &Texts) -> Result<()> {
    let key: String = components::table.find(id).select(components::key).first(write.connection)?;
    texts::replace(write, Thing::Component, id, "name", name)?;
    audit::note(write, actor, "component.rename", &key, "")?;
    changes::announce(write, changes::Kind::Window, None)
}

/// Offers a component no longer, or again. What was reported about it stays.
pub fn set_retired(write: &mut Write<'_>, actor: &Actor, id: i64, retired: bool) -> Result<()> {
    let key: String = components::table.find(id).select(components::key).first(write.connection)?;
    diesel::update(components::table.find(id))
        .set(components::retired_at.eq(retired.then_some(write.now)))
        .execute(write.connection)?;
    audit::note(write, actor, if retired { "component.retire" } else { "component.offer" }, &key, "")?;
    changes::announce(write, changes::Kind::Window, None)
}
