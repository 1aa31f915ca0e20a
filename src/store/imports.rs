//! Taking in what was kept elsewhere: what the nouns' own verbs leave to be decided among several
//! rows. Every step is one transaction and may be done again without doubling anything.

use diesel::prelude::*;

use super::error::Result;
use super::people::Actor;
use super::schema::{reports as reports_table, window_components, windows as windows_table};
use super::windows::{self, ImportedWindow};
use super::{Write, components, reports, responses};
use crate::domain::instant::Instant;
use crate::domain::language::{Language, Texts};
use crate::domain::reference::ReportReference;
use crate::domain::window::ComponentKey;

/// What became of a step.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Step {
    /// Rows that are here now.
    pub new: u64,
    /// Rows that were here already.
    pub known: u64,
    /// Components that were added for them.
    pub components: u64,
}

/// A window from a file.
#[derive(Debug, Clone)]
pub struct WindowRow {
    /// The window.
    pub window: ImportedWindow,
    /// Its slug was given, and was not made from something else.
    pub exact: bool,
    /// What it affects; added where it does not exist yet.
    pub components: Vec<NewComponent>,
}

/// A component that a window from a file affects.
#[derive(Debug, Clone)]
pub struct NewComponent {
    /// Its key.
    pub key: ComponentKey,
    /// How it is called.
    pub name: Texts,
    /// When it was ticked as tested in that window.
    pub tested_at: Option<Instant>,
}

/// Takes windows in, each once, with the components that they affect. A slug that was made from
/// something else gets a number if it is taken.
///
/// Errors: `slug-taken` at `slug` if a slug that was given belongs to a window with another start.
pub fn windows(write: &mut Write<'_>, rows: &[WindowRow], default: Language) -> Result<Step> {
    let actor = Actor::CommandLine;
    let mut step = Step::default();
    for row in rows {
        if is_known(write, row)? {
            step.known += 1;
            continue;
        }
        for component in &row.components {
            if components::id_of(write.connection, component.key.as_str())?.is_none() {
                components::add(write, &actor, &component.key, &component.name, false)?;
                step.components += 1;
            }
        }
        let mut window = row.window.clone();
        if let (Some(wished), false) = (&row.window.draft.slug, row.exact) {
            let mut slug = wished.clone();
            let mut number = 2;
            while windows::id_of(write.connection, slug.as_str())?.is_some() {
                slug = wished.numbered(number);
                number += 1;
            }
            window.draft.slug = Some(slug);
        }
        let (id, new) = windows::imported(write, &actor, &window, default)?;
        if new {
            step.new += 1
        } else {
            step.known += 1
        }
        for component in row.components.iter().filter(|c| new && c.tested_at.is_some()) {
            let Some(component_id) = components::id_of(write.connection, component.key.as_str())? else {
                continue;
            };
            diesel::update(
                window_components::table
                    .filter(window_components::window_id.eq(id))
                    .filter(window_components::component_id.eq(component_id)),
            )
            .set(window_components::tested_at.eq(component.tested_at))
            .execute(write.connection)?;
        }
    }
    Ok(step)
}

/// Whether this window is here: imported before, or our own with the same slug and start.
fn is_known(write: &mut Write<'_>, row: &WindowRow) -> Result<bool> {
    let before: Option<i64> = windows_table::table
        .filter(windows_table::imported_as.eq(&row.window.imported_as))
        .select(windows_table::id)
        .first(write.connection)
        .optional()?;
    let (Some(slug), true, None) = (&row.window.draft.slug, row.exact, before) else {
        return Ok(before.is_some());
    };
    let start: Option<Instant> = windows_table::table
        .filter(windows_table::slug.eq(slug.as_str()))
        .select(windows_table::scheduled_start)
        .first(write.connection)
        .optional()?;
    // Exports write milliseconds.
    Ok(start.is_some_and(|s| s.rfc3339() == row.window.draft.schedule.start.rfc3339()))
}

/// The slugs among these that belong to a window with another start, which no row may take.
pub fn slug_is_taken(
    connection: &mut super::connection::Db,
    slug: &str,
    start: Instant,
    imported_as: &str,
) -> Result<bool> {
    let found: Option<(Instant, Option<String>)> = windows_table::table
        .filter(windows_table::slug.eq(slug))
        .select((windows_table::scheduled_start, windows_table::imported_as))
        .first(connection)
        .optional()?;
    Ok(found
        .is_some_and(|(at, name)| at.rfc3339() != start.rfc3339() && name.as_deref() != Some(imported_as)))
}

/// Takes reports in, each once. One whose number another report has here gets the next number, and
/// is known by its old reference afterwards.
pub fn reports(write: &mut Write<'_>, rows: &[reports::Imported]) -> Result<Step> {
    let mut rows = rows.to_vec();
    for row in &mut rows {
        let Some(id) = row.id else { continue };
        let there: Option<Instant> = reports_table::table
            .find(id)
            .select(reports_table::received_at)
            .first(write.connection)
            .optional()?;
        if there.is_some_and(|at| at.rfc3339() != row.received_at.rfc3339()) {
            row.imported_as.get_or_insert_with(|| ReportReference(id).to_string());
            row.id = None;
        }
    }
    let mut step = Step::default();
    for outcome in reports::import(write, &rows)? {
        match outcome {
            reports::Outcome::New(_) => step.new += 1,
            reports::Outcome::Known(_) => step.known += 1,
        }
    }
    Ok(step)
}

/// Takes responses in, each once. One whose name another response has here gets another name.
pub fn responses(write: &mut Write<'_>, rows: &[responses::Imported]) -> Result<Step> {
    let mut step = Step::default();
    let mut again = Vec::new();
    for (row, outcome) in rows.iter().zip(responses::imported(write, rows)?) {
        match outcome {
            responses::Outcome::Added(_) => step.new += 1,
            responses::Outcome::Known(_) => step.known += 1,
            responses::Outcome::NameTaken(name) => {
                let imported_as = row.imported_as.clone().or(Some(name.to_string()));
                again.push(responses::Imported { reference: None, imported_as, ..row.clone() });
            }
        }
    }
    for outcome in responses::imported(write, &again)? {
        match outcome {
            responses::Outcome::Added(_) => step.new += 1,
            _ => step.known += 1,
        }
    }
    Ok(step)
}
