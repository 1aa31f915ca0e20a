//! Posting what is going on.

use diesel::prelude::*;

use super::draft::{claim, done, held};
use super::{Window, moves};
use crate::domain::instant::Instant;
use crate::domain::language::Texts;
use crate::domain::window::{ComponentKey, Move, Stage, WindowState};
use crate::store::Write;
use crate::store::error::{Error, Result};
use crate::store::people::Actor;
use crate::store::schema::updates;
use crate::store::texts::{self, Thing};

/// A public message about a window.
#[derive(Debug, Clone)]
pub struct NewUpdate {
    /// The stage that it belongs to.
    pub stage: Stage,
    /// What it says; in one language at least.
    pub body: Texts,
    /// The state that the window takes with it, if it is asked to take one.
    pub state: Option<WindowState>,
    /// What was tested, for an update that completes the window.
    pub tested: Vec<ComponentKey>,
}

/// Posts an update; the stage may bring another state, as [`Move::update`] says.
///
/// Errors: `required` at `body`; those of [`Move::update`] and, for an update that completes the
/// window, those of [`super::complete`]; [`Error::Stale`] if the window no longer has the sequence
/// `seen`.
pub fn post(
    write: &mut Write<'_>,
    actor: &Actor,
    slug: &str,
    seen: Option<i64>,
    new: &NewUpdate,
) -> Result<Window> {
    let window = held(write, slug, seen)?;
    if new.body.is_empty() {
        return Err(Error::field("body", "required"));
    }
    let step = Move::update(window.state, new.stage, new.state)?;
    if step.changes() && step.to == WindowState::Completed {
        moves::completion(&window, &new.tested)?;
    }
    claim(write, &window)?;
    if step.changes() && step.to == WindowState::Completed {
        moves::write_ticks(write, actor, &window, &new.tested)?;
    }
    moves::set_state(write, &window, step)?;
    insert(write, actor.person_id(), window.id, new.stage, step.to, &new.body)?;
    let detail = format!("{} {}", new.stage, step.to);
    done(write, actor, window.id, "window.update", &detail)
}

/// Adds the row and the texts of an update that is posted now.
pub(super) fn insert(
    write: &mut Write<'_>,
    author: Option<i64>,
    window: i64,
    stage: Stage,
    state: WindowState,
    body: &Texts,
) -> Result<()> {
    let now = write.now;
    insert_at(write, author, window, stage, state, now, body)
}

/// Adds the row and the texts of an update that was posted at a moment.
pub(super) fn insert_at(
    write: &mut Write<'_>,
    author: Option<i64>,
    window: i64,
    stage: Stage,
    state: WindowState,
    posted_at: Instant,
    body: &Texts,
) -> Result<()> {
    let id: i64 = diesel::insert_into(updates::table)
        .values((
            updates::window_id.eq(window),
            updates::stage.eq(stage),
            updates::state.eq(state),
            updates::posted_at.eq(posted_at),
            updates::author_id.eq(author),
        ))
        .returning(updates::id)
        .get_result(write.connection)?;
    texts::replace(write, Thing::Update, id, "body", body)
}
