//! Windows that happened elsewhere or never: imported ones and those of the demonstration.

use diesel::prelude::*;

use super::draft::{Origin, insert};
use super::updates::insert_at;
use super::{load, versions};
use crate::domain::instant::Instant;
use crate::domain::language::{Language, Texts};
use crate::domain::notice::WindowDraft;
use crate::domain::window::{Schedule, Stage, WindowState};
use crate::store::error::Result;
use crate::store::people::Actor;
use crate::store::schema::{window_components, window_moves, windows};
use crate::store::{Write, audit, changes};

/// A window with the times and the state that it is said to have had.
#[derive(Debug, Clone)]
pub struct ImportedWindow {
    /// What tells it from every other imported window; the same one is never imported twice.
    pub imported_as: String,
    /// What an operator would have written, parsed as imported.
    pub draft: WindowDraft,
    /// Where it stands.
    pub state: WindowState,
    /// Its sequence; at least 1 is kept for a public one.
    pub sequence: i64,
    /// When its notice was published.
    pub announced_at: Option<Instant>,
    /// When the work began.
    pub started_at: Option<Instant>,
    /// When it was completed.
    pub completed_at: Option<Instant>,
    /// When it was cancelled.
    pub cancelled_at: Option<Instant>,
    /// When everything affected was ticked as tested.
    pub tested_at: Option<Instant>,
    /// Its updates.
    pub updates: Vec<ImportedUpdate>,
    /// The times it was announced for before, with the moments at which they were given up.
    pub moves: Vec<(Schedule, Instant)>,
    /// It belongs to the demonstration.
    pub demonstration: bool,
}

/// An update with the time at which it is said to have been posted.
#[derive(Debug, Clone)]
pub struct ImportedUpdate {
    /// Its stage.
    pub stage: Stage,
    /// The window's state after it.
    pub state: WindowState,
    /// When.
    pub posted_at: Instant,
    /// What it says.
    pub body: Texts,
}

/// Adds a window as it is said to have been; gives its row, and whether it is new: one that was
/// imported under the same name before stays as it is.
///
/// Errors: those of [`super::create`].
pub fn imported(
    write: &mut Write<'_>,
    actor: &Actor,
    window: &ImportedWindow,
    default: Language,
) -> Result<(i64, bool)> {
    let known = windows::table
        .filter(windows::imported_as.eq(&window.imported_as))
        .select(windows::id)
        .first::<i64>(write.connection)
        .optional()?;
    if let Some(id) = known {
        return Ok((id, false));
    }
    let origin = Origin { imported_as: Some(&window.imported_as), demonstration: window.demonstration };
    let id = insert(write, &window.draft, default, &origin)?;
    diesel::update(windows::table.find(id))
        .set((
            windows::state.eq(window.state),
            windows::sequence.eq(window.sequence.max(i64::from(window.state.is_public()))),
            windows::announced_at.eq(window.announced_at),
            windows::started_at.eq(window.started_at),
            windows::completed_at.eq(window.completed_at),
            windows::cancelled_at.eq(window.cancelled_at),
        ))
        .execute(write.connection)?;
    if window.tested_at.is_some() {
        diesel::update(window_components::table.filter(window_components::window_id.eq(id)))
            .set(window_components::tested_at.eq(window.tested_at))
            .execute(write.connection)?;
    }
    for (i, (old, moved_at)) in window.moves.iter().enumerate() {
        diesel::insert_into(window_moves::table)
            .values((
                window_moves::window_id.eq(id),
                window_moves::sequence.eq(i as i64 + 1),
                window_moves::scheduled_start.eq(old.start),
                window_moves::scheduled_end.eq(old.end),
                window_moves::time_zone.eq(old.zone.name()),
                window_moves::moved_at.eq(*moved_at),
            ))
            .execute(write.connection)?;
    }
    for update in &window.updates {
        insert_at(write, None, id, update.stage, update.state, update.posted_at, &update.body)?;
    }
    let kept = load::by_id(write.connection, id)?;
    versions::keep(write, &kept)?;
    audit::note(write, actor, "window.import", &window.imported_as, "")?;
    changes::announce(write, changes::Kind::Window, Some(id))?;
    Ok((id, true))
}
