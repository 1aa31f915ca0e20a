//! The moves of a window from state to state, to other times, and what is ticked as tested on the
//! way. Each asks the domain first and changes only what still stands as it was read.

use std::collections::BTreeSet;

use diesel::prelude::*;

use super::draft::{claim, done, edit, held};
use super::{Window, updates};
use crate::domain::instant::Instant;
use crate::domain::language::Texts;
use crate::domain::window::{ComponentKey, Move, Schedule, WindowMoveError, WindowState};
use crate::store::Write;
use crate::store::connection::Db;
use crate::store::error::{Error, Result};
use crate::store::jobs::{self, JobKind};
use crate::store::people::Actor;
use crate::store::schema::{window_components, windows};
use crate::store::surveys::invitations;

impl From<WindowMoveError> for Error {
    /// A move that the state does not allow is a conflict; everything else is a wrong field.
    fn from(error: WindowMoveError) -> Error {
        match error {
            WindowMoveError::NotAllowed { from, to } => {
                Error::conflict_with("move-not-allowed", [("from", from.to_string()), ("to", to.to_string())])
            }
            WindowMoveError::Unpublished => Error::conflict("window-unpublished"),
            other => Error::Invalid(other.field_errors()),
        }
    }
}

/// Makes the notice of a draft public.
///
/// Errors: `end-in-the-past` at `scheduled_end`, and, as for every move here, [`Error::Stale`] if the
/// window no longer has the sequence `seen`, and the conflict `move-not-allowed` (`from`, `to`).
pub fn publish(write: &mut Write<'_>, actor: &Actor, slug: &str, seen: Option<i64>) -> Result<Window> {
    let window = held(write, slug, seen)?;
    let step = Move::to(window.state, WindowState::Scheduled)?;
    if window.schedule.end.is_some_and(|end| end <= write.now) {
        return Err(Error::field("scheduled_end", "end-in-the-past"));
    }
    claim(write, &window)?;
    take(write, actor, &window, step)?;
    done(write, actor, window.id, "window.publish", "")
}

/// Begins the work.
pub fn start(write: &mut Write<'_>, actor: &Actor, slug: &str, seen: Option<i64>) -> Result<Window> {
    simple(write, actor, slug, seen, WindowState::InProgress, "window.start")
}

/// Begins to test what was done.
pub fn verify(write: &mut Write<'_>, actor: &Actor, slug: &str, seen: Option<i64>) -> Result<Window> {
    simple(write, actor, slug, seen, WindowState::Verifying, "window.verify")
}

/// Calls a window off; its notice stays public.
pub fn cancel(write: &mut Write<'_>, actor: &Actor, slug: &str, seen: Option<i64>) -> Result<Window> {
    simple(write, actor, slug, seen, WindowState::Cancelled, "window.cancel")
}

fn simple(
    write: &mut Write<'_>,
    actor: &Actor,
    slug: &str,
    seen: Option<i64>,
    to: WindowState,
    action: &str,
) -> Result<Window> {
    let window = held(write, slug, seen)?;
    let step = Move::to(window.state, to)?;
    claim(write, &window)?;
    take(write, actor, &window, step)?;
    done(write, actor, window.id, action, "")
}

/// Ends a window whose components have all been tested: those ticked now and those ticked before.
///
/// Errors beside those of every move: `untested`, `unknown-component` (both `keys`) at `tested`.
pub fn complete(
    write: &mut Write<'_>,
    actor: &Actor,
    slug: &str,
    seen: Option<i64>,
    tested: &[ComponentKey],
) -> Result<Window> {
    let window = held(write, slug, seen)?;
    let step = completion(&window, tested)?;
    claim(write, &window)?;
    write_ticks(write, actor, &window, tested)?;
    take(write, actor, &window, step)?;
    done(write, actor, window.id, "window.complete", &joined(tested))
}

/// Whether a person may complete the window if these are tested beside those ticked before.
pub(super) fn completion(window: &Window, tested: &[ComponentKey]) -> Result<Move> {
    let key = |key: &str| ComponentKey::parse("tested", key);
    let mut announced = Vec::new();
    let mut all: BTreeSet<ComponentKey> = tested.iter().cloned().collect();
    for component in &window.components {
        let key = key(&component.component.key)?;
        if component.tested_at.is_some() {
            all.insert(key.clone());
        }
        announced.push(key);
    }
    let all: Vec<ComponentKey> = all.into_iter().collect();
    Ok(Move::complete(window.state, &announced, &all)?)
}

/// What the clock does with a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Due {
    /// Its scheduled start has come.
    Start,
    /// Its scheduled end has come, and it is set to be completed by the clock.
    Complete,
}

/// What is due of a window. One whose end has passed before it was started is not started any more:
/// nobody knows whether there was any work, and the notice says that it has not begun.
fn due_of(window: &Window, now: Instant) -> Option<Due> {
    let over = window.schedule.end.is_some_and(|end| end <= now);
    match window.state {
        WindowState::Scheduled if window.start_by_clock && window.schedule.start <= now && !over => {
            Some(Due::Start)
        }
        state if state.is_running() && window.complete_by_clock && over => Some(Due::Complete),
        _ => None,
    }
}

/// The windows that the clock must start or complete now, at most 100.
pub fn due(connection: &mut Db, now: Instant) -> Result<Vec<(String, Due)>> {
    let starts = windows::state
        .eq(WindowState::Scheduled)
        .and(windows::start_by_clock)
        .and(windows::scheduled_start.le(now))
        .and(windows::scheduled_end.is_null().or(windows::scheduled_end.assume_not_null().gt(now)));
    let completes = windows::state
        .eq_any([WindowState::InProgress, WindowState::Verifying])
        .and(windows::complete_by_clock)
        .and(windows::scheduled_end.assume_not_null().le(now));
    let slugs: Vec<String> = windows::table
        .filter(starts.or(completes))
        .order(windows::scheduled_start.desc())
        .limit(100)
        .select(windows::slug)
        .load(connection)?;
    let mut found = Vec::new();
    for slug in slugs {
        let window = super::by_slug(connection, &slug)?;
        found.extend(due_of(&window, now).map(|due| (slug, due)));
    }
    Ok(found)
}

/// How many windows are under way although their scheduled end has passed.
pub fn count_overdue(connection: &mut Db, now: Instant) -> Result<i64> {
    Ok(windows::table
        .filter(windows::state.eq_any([WindowState::InProgress, WindowState::Verifying]))
        .filter(windows::scheduled_end.assume_not_null().le(now))
        .count()
        .get_result(connection)?)
}

/// Starts a window whose time has come; `false` if that is no longer so.
pub fn start_by_clock(write: &mut Write<'_>, slug: &str) -> Result<bool> {
    by_clock(write, slug, Due::Start, "window.start", |window| {
        Move::to(window.state, WindowState::InProgress)
    })
}

/// Completes a window that is set to be completed by the clock; nothing is ticked. `false` if that is
/// no longer so.
pub fn complete_by_clock(write: &mut Write<'_>, slug: &str) -> Result<bool> {
    by_clock(write, slug, Due::Complete, "window.complete", |window| Move::complete_by_clock(window.state))
}

fn by_clock(
    write: &mut Write<'_>,
    slug: &str,
    due: Due,
    action: &str,
    step: impl Fn(&Window) -> std::result::Result<Move, WindowMoveError>,
) -> Result<bool> {
    let window = held(write, slug, None)?;
    if due_of(&window, write.now) != Some(due) {
        return Ok(false);
    }
    let step = step(&window)?;
    claim(write, &window)?;
    take(write, &Actor::Clock, &window, step)?;
    done(write, &Actor::Clock, window.id, action, "")?;
    Ok(true)
}

/// Ticks components of a running window as tested; earlier ticks stay as they are.
///
/// Errors: `unknown-component` (`keys`) at `tested`; the conflict `window-not-running`.
pub fn tick(
    write: &mut Write<'_>,
    actor: &Actor,
    slug: &str,
    seen: Option<i64>,
    tested: &[ComponentKey],
) -> Result<Window> {
    let window = held(write, slug, seen)?;
    if !window.state.is_running() {
        return Err(Error::conflict("window-not-running"));
    }
    let known = |key: &ComponentKey| window.components.iter().any(|c| c.component.key == key.as_str());
    let unknown: Vec<ComponentKey> = tested.iter().filter(|key| !known(key)).cloned().collect();
    if !unknown.is_empty() {
        return Err(WindowMoveError::UnknownComponents { unknown }.into());
    }
    claim(write, &window)?;
    write_ticks(write, actor, &window, tested)?;
    done(write, actor, window.id, "window.test", &joined(tested))
}

pub(super) fn write_ticks(
    write: &mut Write<'_>,
    actor: &Actor,
    window: &Window,
    tested: &[ComponentKey],
) -> Result<()> {
    for component in &window.components {
        if tested.iter().any(|key| key.as_str() == component.component.key) {
            diesel::update(
                window_components::table
                    .find((window.id, component.component.id))
                    .filter(window_components::tested_at.is_null()),
            )
            .set((
                window_components::tested_at.eq(write.now),
                window_components::tested_by.eq(actor.person_id()),
            ))
            .execute(write.connection)?;
        }
    }
    Ok(())
}

fn joined(keys: &[ComponentKey]) -> String {
    keys.iter().map(ComponentKey::as_str).collect::<Vec<_>>().join(", ")
}

/// Takes a step of a claimed window, with a wordless update for the stage that it brings.
fn take(write: &mut Write<'_>, actor: &Actor, window: &Window, step: Move) -> Result<()> {
    set_state(write, window, step)?;
    match step.stage {
        Some(stage) => {
            updates::insert(write, actor.person_id(), window.id, stage, step.to, &Texts::default())
        }
        None => Ok(()),
    }
}

/// Sets the state of a claimed window and the time that goes with it.
pub(super) fn set_state(write: &mut Write<'_>, window: &Window, step: Move) -> Result<()> {
    if !step.changes() {
        return Ok(());
    }
    let now = Some(write.now);
    let first = |held: Option<_>, reached: bool| held.or(if reached { now } else { None });
    diesel::update(windows::table.find(window.id))
        .set((
            windows::state.eq(step.to),
            windows::announced_at.eq(first(window.announced_at, step.to == WindowState::Scheduled)),
            windows::started_at.eq(first(window.started_at, step.to.is_running())),
            windows::completed_at.eq(first(window.completed_at, step.to == WindowState::Completed)),
            windows::cancelled_at.eq(first(window.cancelled_at, step.to == WindowState::Cancelled)),
        ))
        .execute(write.connection)?;
    if step.to == WindowState::Completed {
        // Its survey opens, and it is decided who is to be told of it.
        invitations::ask(write, window.id)?;
    }
    // A start that is not the scheduled one, and an end before it, change what was before and during;
    // a notice that is published late is what some have already reported about.
    let begins = step.to.is_running() && window.started_at.is_none();
    if begins || matches!(step.to, WindowState::Scheduled | WindowState::Cancelled) {
        jobs::ask(write, JobKind::Reattribute, &window.id.to_string())?;
    }
    Ok(())
}

/// Moves a window to other times: its interruptions and what is to be finished before keep their
/// distance from the start, and the old times stay public. Errors: those of [`edit`].
pub fn reschedule(
    write: &mut Write<'_>,
    actor: &Actor,
    slug: &str,
    seen: Option<i64>,
    schedule: Schedule,
) -> Result<Window> {
    let window = held(write, slug, seen)?;
    let moved = window.draft()?.moved_to(schedule);
    edit(write, actor, slug, seen, &moved)
}
