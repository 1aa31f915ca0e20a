//! Writing a window, writing over it, and throwing away what was never public.

use std::collections::HashMap;

use diesel::prelude::*;

use super::{Window, load, versions};
use crate::domain::fields::FieldErrors;
use crate::domain::instant::Instant;
use crate::domain::language::Language;
use crate::domain::notice::{TEXT_FIELDS, WindowDraft};
use crate::domain::window::{Slug, WindowState};
use crate::store::error::{Error, Result};
use crate::store::jobs::{self, JobKind};
use crate::store::people::Actor;
use crate::store::schema::{components, responses, window_components, window_moves, windows};
use crate::store::texts::{self, Thing};
use crate::store::{Write, audit, changes, surveys};

/// Adds a window as a draft. `default` is the language in which its title stands at least.
///
/// Errors: `slug-taken` at `slug`; `unknown-component` (`keys`) at `components.N.key`; `unknown-code`
/// at `survey.template`.
pub fn create(
    write: &mut Write<'_>,
    actor: &Actor,
    draft: &WindowDraft,
    default: Language,
) -> Result<Window> {
    let id = insert(write, draft, default, &Origin::default())?;
    let window = load::by_id(write.connection, id)?;
    audit::note(write, actor, "window.create", window.slug.as_str(), "")?;
    Ok(window)
}

/// What is known of a new window beside its draft.
#[derive(Default)]
pub(super) struct Origin<'a> {
    pub(super) imported_as: Option<&'a str>,
    pub(super) demonstration: bool,
}

/// The row, the texts and the components of a new window, which is a draft.
pub(super) fn insert(
    write: &mut Write<'_>,
    draft: &WindowDraft,
    default: Language,
    origin: &Origin<'_>,
) -> Result<i64> {
    let slug = free_slug(write, draft, default)?;
    known_template(write, draft)?;
    let id: i64 = diesel::insert_into(windows::table)
        .values((
            windows::slug.eq(slug.as_str()),
            windows::sequence.eq(0i64),
            windows::state.eq(WindowState::Draft),
            windows::time_zone.eq(draft.schedule.zone.name()),
            windows::scheduled_start.eq(draft.schedule.start),
            windows::scheduled_end.eq(draft.schedule.end),
            windows::follow_up_hours.eq(draft.follow_up.hours() as i32),
            windows::start_by_clock.eq(draft.start_by_clock),
            windows::complete_by_clock.eq(draft.complete_by_clock),
            windows::survey_template.eq(draft.survey_template.code()),
            windows::survey_days.eq(i32::from(draft.survey_days)),
            windows::support.eq(draft.support.to_json()),
            windows::imported_as.eq(origin.imported_as),
            windows::demonstration.eq(origin.demonstration),
            windows::created_at.eq(write.now),
            windows::changed_at.eq(write.now),
        ))
        .returning(windows::id)
        .get_result(write.connection)?;
    diesel::update(windows::table.find(id))
        .set((
            windows::finish_before.eq(draft.finish_before),
            windows::backup_finished_at.eq(draft.backup_finished_at),
            windows::data_checked_at.eq(draft.data_checked_at),
        ))
        .execute(write.connection)?;
    write_texts(write, id, draft)?;
    write_components(write, id, draft, &[])?;
    Ok(id)
}

/// A template that is asked for must be there.
fn known_template(write: &mut Write<'_>, draft: &WindowDraft) -> Result<()> {
    if surveys::exists(write.connection, &draft.survey_template)? {
        Ok(())
    } else {
        Err(Error::field("survey.template", "unknown-code"))
    }
}

/// Another template than before must be there, and nobody may have answered the one before.
fn change_template(write: &mut Write<'_>, window: &Window, draft: &WindowDraft) -> Result<()> {
    if window.survey_template == draft.survey_template {
        return Ok(());
    }
    known_template(write, draft)?;
    let answered = responses::table
        .filter(responses::window_id.eq(window.id))
        .filter(responses::imported_as.is_null())
        .select(responses::id)
        .first::<i64>(write.connection)
        .optional()?;
    match answered {
        Some(_) => Err(Error::field("survey.template", "survey-has-answers")),
        None => Ok(()),
    }
}

fn free_slug(write: &mut Write<'_>, draft: &WindowDraft, default: Language) -> Result<Slug> {
    if let Some(slug) = &draft.slug {
        let free = is_free(write, slug)?;
        return if free { Ok(slug.clone()) } else { Err(Error::field("slug", "slug-taken")) };
    }
    let date = draft.schedule.zone.local_date(draft.schedule.start);
    let wished = Slug::suggest(&draft.title_for_slug(default), date);
    let mut slug = wished.clone();
    for number in 2..1_000 {
        if is_free(write, &slug)? {
            return Ok(slug);
        }
        slug = wished.numbered(number);
    }
    Err(Error::field("slug", "slug-taken"))
}

/// Whether no window has the slug, and no page of our own does: `/admin/windows/new` and
/// `/admin/surveys/templates/new` are.
fn is_free(write: &mut Write<'_>, slug: &Slug) -> Result<bool> {
    Ok(!matches!(slug.as_str(), "new" | "templates")
        && load::id_of(write.connection, slug.as_str())?.is_none())
}

fn write_texts(write: &mut Write<'_>, id: i64, draft: &WindowDraft) -> Result<()> {
    for (field, ..) in TEXT_FIELDS {
        let new = draft.texts.get(field).cloned().unwrap_or_default();
        texts::replace(write, Thing::Window, id, field, &new)?;
    }
    Ok(())
}

/// Makes the draft's components those of the window; ticks of those that stay are kept. One that is
/// no longer offered may stay but not come anew.
fn write_components(
    write: &mut Write<'_>,
    id: i64,
    draft: &WindowDraft,
    before: &[super::WindowComponent],
) -> Result<()> {
    let keys: Vec<&str> = draft.components.iter().map(|c| c.key.as_str()).collect();
    let known: HashMap<String, (i64, bool)> = components::table
        .filter(components::key.eq_any(keys))
        .select((components::key, components::id, components::retired_at.is_not_null()))
        .load::<(String, i64, bool)>(write.connection)?
        .into_iter()
        .map(|(key, id, retired)| (key, (id, retired)))
        .collect();
    type Tick = (i64, Option<Instant>, Option<i64>);
    let ticked: HashMap<i64, (Option<Instant>, Option<i64>)> = window_components::table
        .filter(window_components::window_id.eq(id))
        .select((window_components::component_id, window_components::tested_at, window_components::tested_by))
        .load::<Tick>(write.connection)?
        .into_iter()
        .map(|(component, at, by)| (component, (at, by)))
        .collect();
    diesel::delete(window_components::table.filter(window_components::window_id.eq(id)))
        .execute(write.connection)?;
    let mut errors = FieldErrors::new();
    for (i, component) in draft.components.iter().enumerate() {
        let stays = |key: &str| before.iter().any(|b| b.component.key == key);
        let found = known
            .get(component.key.as_str())
            .filter(|(_, retired)| !retired || stays(component.key.as_str()));
        let Some((component_id, _)) = found else {
            let params = [("keys", component.key.to_string())];
            errors.add_with(format!("components.{i}.key"), "unknown-component", params);
            continue;
        };
        let (tested_at, tested_by) = ticked.get(component_id).copied().unwrap_or_default();
        diesel::insert_into(window_components::table)
            .values((
                window_components::window_id.eq(id),
                window_components::component_id.eq(component_id),
                window_components::position.eq(i as i32),
                window_components::impact.eq(component.impact.code()),
                window_components::interruption_start.eq(component.interruption.start),
                window_components::interruption_end.eq(component.interruption.end),
                window_components::tested_at.eq(tested_at),
                window_components::tested_by.eq(tested_by),
            ))
            .execute(write.connection)?;
    }
    Ok(errors.or(())?)
}

/// The window as it stands, which must still have the sequence that the caller saw, if they say so.
pub(super) fn held(write: &mut Write<'_>, slug: &str, seen: Option<i64>) -> Result<Window> {
    let window = load::by_slug(write.connection, slug)?;
    if seen.is_some_and(|seen| seen != window.sequence) {
        return Err(Error::Stale);
    }
    Ok(window)
}

/// Raises the sequence of a window that still stands as it was read, and holds its row until the
/// end of the transaction. [`Error::Busy`], which is tried again, if somebody was faster.
pub(super) fn claim(write: &mut Write<'_>, window: &Window) -> Result<()> {
    // A window that was published before notices were kept is kept before its first change.
    versions::keep(write, window)?;
    let claimed = diesel::update(
        windows::table
            .find(window.id)
            .filter(windows::sequence.eq(window.sequence))
            .filter(windows::state.eq(window.state)),
    )
    .set((windows::sequence.eq(window.sequence + 1), windows::changed_at.eq(write.now)))
    .execute(write.connection)?;
    if claimed == 1 { Ok(()) } else { Err(Error::Busy) }
}

/// Notes what was done, tells those who follow, and gives the window as it now is.
pub(super) fn done(
    write: &mut Write<'_>,
    actor: &Actor,
    id: i64,
    action: &str,
    detail: &str,
) -> Result<Window> {
    let window = load::by_id(write.connection, id)?;
    audit::note(write, actor, action, window.slug.as_str(), detail)?;
    if window.state.is_public() {
        versions::keep(write, &window)?;
        changes::announce(write, changes::Kind::Window, Some(id))?;
    }
    Ok(window)
}

/// Writes over a window. On a published one the slug stays; other times than before are a move,
/// whose old times stay public.
///
/// `seen` is the sequence that the writer had before them: [`Error::Stale`] if it is another now.
/// Errors: `slug-fixed`, `slug-taken` at `slug`; `start-fixed` at `scheduled_start` for a window that
/// has started; `window-ended` at `scheduled_end` for one that has ended; `unknown-component` (`keys`)
/// at `components.N.key`; at `survey.template` `unknown-code`, and `survey-has-answers` for another
/// one than somebody has answered.
pub fn edit(
    write: &mut Write<'_>,
    actor: &Actor,
    slug: &str,
    seen: Option<i64>,
    draft: &WindowDraft,
) -> Result<Window> {
    let window = held(write, slug, seen)?;
    if let Some(wished) = draft.slug.as_ref().filter(|wished| **wished != window.slug) {
        if window.state.is_public() {
            return Err(Error::field("slug", "slug-fixed"));
        }
        if !is_free(write, wished)? {
            return Err(Error::field("slug", "slug-taken"));
        }
    }
    change_template(write, &window, draft)?;
    claim(write, &window)?;
    change_times(write, actor, &window, draft)?;
    diesel::update(windows::table.find(window.id))
        .set((
            windows::slug.eq(draft.slug.as_ref().unwrap_or(&window.slug).as_str()),
            windows::finish_before.eq(draft.finish_before),
            windows::backup_finished_at.eq(draft.backup_finished_at),
            windows::data_checked_at.eq(draft.data_checked_at),
            windows::follow_up_hours.eq(draft.follow_up.hours() as i32),
            windows::start_by_clock.eq(draft.start_by_clock),
            windows::complete_by_clock.eq(draft.complete_by_clock),
            windows::survey_template.eq(draft.survey_template.code()),
            windows::survey_days.eq(i32::from(draft.survey_days)),
            windows::support.eq(draft.support.to_json()),
        ))
        .execute(write.connection)?;
    write_texts(write, window.id, draft)?;
    write_components(write, window.id, draft, &window.components)?;
    done(write, actor, window.id, "window.edit", "")
}

/// Sets other times, if they are other ones; those that were public are kept.
fn change_times(write: &mut Write<'_>, actor: &Actor, window: &Window, draft: &WindowDraft) -> Result<()> {
    let (old, new) = (window.schedule, draft.schedule);
    if old == new {
        return Ok(());
    }
    if window.state.has_ended() {
        return Err(Error::field("scheduled_end", "window-ended"));
    }
    if window.state.is_running() && old.start != new.start {
        return Err(Error::field("scheduled_start", "start-fixed"));
    }
    diesel::update(windows::table.find(window.id))
        .set((
            windows::scheduled_start.eq(new.start),
            windows::scheduled_end.eq(new.end),
            windows::time_zone.eq(new.zone.name()),
        ))
        .execute(write.connection)?;
    if !window.state.is_public() {
        return Ok(());
    }
    diesel::insert_into(window_moves::table)
        .values((
            window_moves::window_id.eq(window.id),
            window_moves::sequence.eq(window.sequence),
            window_moves::scheduled_start.eq(old.start),
            window_moves::scheduled_end.eq(old.end),
            window_moves::time_zone.eq(old.zone.name()),
            window_moves::moved_at.eq(write.now),
            window_moves::author_id.eq(actor.person_id()),
        ))
        .execute(write.connection)?;
    let end = |s: Option<Instant>| s.map_or_else(|| "?".to_owned(), |t| t.to_string());
    let detail = format!("{}/{} -> {}/{}", old.start, end(old.end), new.start, end(new.end));
    audit::note(write, actor, "window.move", window.slug.as_str(), &detail)?;
    jobs::ask(write, JobKind::Reattribute, &window.id.to_string())
}

/// Throws a draft away. A window that was public stays: `window-was-public`.
pub fn remove(write: &mut Write<'_>, actor: &Actor, slug: &str, seen: Option<i64>) -> Result<()> {
    let window = held(write, slug, seen)?;
    if !window.state.may_be_deleted() {
        return Err(Error::conflict("window-was-public"));
    }
    claim(write, &window)?;
    texts::remove(write, Thing::Window, &[window.id])?;
    diesel::delete(windows::table.find(window.id)).execute(write.connection)?;
    audit::note(write, actor, "window.remove", window.slug.as_str(), "")
}
