//! Opening and closing a survey by hand, and when to remind.

use diesel::prelude::*;

use super::invitations;
use crate::domain::fields::FieldErrors;
use crate::domain::instant::Instant;
use crate::domain::survey::SurveyPhase;
use crate::domain::window::WindowState;
use crate::store::error::{Error, Result};
use crate::store::people::Actor;
use crate::store::schema::windows;
use crate::store::windows::{Window, by_slug};
use crate::store::{Write, audit, changes};

/// Most days after which somebody is reminded.
pub const REMIND_DAYS_MAX: i64 = 60;

/// The window with this slug, held until the end of the transaction.
fn held(write: &mut Write<'_>, slug: &str) -> Result<Window> {
    // Setting what is set already takes the lock of the row on PostgreSQL; SQLite has one writer.
    diesel::update(windows::table.filter(windows::slug.eq(slug)))
        .set(windows::slug.eq(slug))
        .execute(write.connection)?;
    by_slug(write.connection, slug)
}

/// Opens the survey of a window by hand, before its completion or after it has closed; from now on
/// it takes answers for its days. Who is to be told is decided beside it.
///
/// Conflicts: `survey-already-open`; `survey-needs-notice` for a draft or a cancelled window.
pub fn open(write: &mut Write<'_>, actor: &Actor, slug: &str) -> Result<()> {
    let window = held(write, slug)?;
    if !window.state.is_public() || window.state == WindowState::Cancelled {
        return Err(Error::conflict("survey-needs-notice"));
    }
    match window.survey_phase(write.now) {
        SurveyPhase::Open(_) => return Err(Error::conflict("survey-already-open")),
        SurveyPhase::Never => return Err(Error::conflict("survey-needs-notice")),
        SurveyPhase::NotYet | SurveyPhase::Closed(_) => {}
    }
    diesel::update(windows::table.find(window.id))
        .set((windows::survey_opened_at.eq(write.now), windows::survey_closed_at.eq(None::<Instant>)))
        .execute(write.connection)?;
    invitations::ask(write, window.id)?;
    audit::note(write, actor, "survey.open", slug, "")?;
    changes::announce(write, changes::Kind::Window, Some(window.id))
}

/// Closes the survey of a window by hand. Conflict `survey-is-not-open` if it is not open.
pub fn close(write: &mut Write<'_>, actor: &Actor, slug: &str) -> Result<()> {
    let window = held(write, slug)?;
    if !matches!(window.survey_phase(write.now), SurveyPhase::Open(_)) {
        return Err(Error::conflict("survey-is-not-open"));
    }
    diesel::update(windows::table.find(window.id))
        .set(windows::survey_closed_at.eq(write.now))
        .execute(write.connection)?;
    audit::note(write, actor, "survey.close", slug, "")?;
    changes::announce(write, changes::Kind::Window, Some(window.id))
}

/// Looks again for people who reported something since it was decided who is to be told. Conflict
/// `survey-is-not-open`.
pub fn invite_again(write: &mut Write<'_>, actor: &Actor, slug: &str) -> Result<()> {
    let window = held(write, slug)?;
    if !matches!(window.survey_phase(write.now), SurveyPhase::Open(_)) {
        return Err(Error::conflict("survey-is-not-open"));
    }
    invitations::ask(write, window.id)?;
    audit::note(write, actor, "survey.invite", slug, "")
}

/// Sets after how many days people are reminded who were told from now on; 0: never. Error:
/// `out-of-range` at `remind_days`.
pub fn remind_after(write: &mut Write<'_>, actor: &Actor, slug: &str, days: i64) -> Result<()> {
    let Some(days) = i32::try_from(days).ok().filter(|d| (0..=REMIND_DAYS_MAX).contains(&i64::from(*d)))
    else {
        let mut errors = FieldErrors::new();
        let params = [("min", "0".to_owned()), ("max", REMIND_DAYS_MAX.to_string())];
        errors.add_with("remind_days", "out-of-range", params);
        return Err(errors.into());
    };
    let window = held(write, slug)?;
    diesel::update(windows::table.find(window.id))
        .set(windows::survey_remind_days.eq(days))
        .execute(write.connection)?;
    audit::note(write, actor, "survey.remind", slug, &format!("{days} days"))
}
