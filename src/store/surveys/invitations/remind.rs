//! One reminder, only to those who were told and have not answered.

use diesel::dsl::{exists, not};
use diesel::prelude::*;

use crate::domain::instant::Instant;
use crate::domain::survey::SurveyPhase;
use crate::store::connection::Db;
use crate::store::error::Result;
use crate::store::jobs::STEP;
use crate::store::schema::{invitations, responses};
use crate::store::{Write, windows};

/// Whether the reminder of some invitation is due.
pub fn due(connection: &mut Db, now: Instant) -> Result<bool> {
    let found = invitations::table
        .filter(invitations::remind_at.le(now))
        .select(invitations::id)
        .first::<i64>(connection)
        .optional()?;
    Ok(found.is_some())
}

/// Decides the next reminders that are due, and gives how many invitations were looked at. Each is
/// looked at once: whoever has answered meanwhile, whose invitation was withdrawn or whose survey is
/// closed gets none, then or later.
pub fn remind(write: &mut Write<'_>) -> Result<usize> {
    let now = write.now;
    let looked: Vec<(i64, i64)> = invitations::table
        .filter(invitations::remind_at.le(now))
        .order(invitations::id)
        .limit(STEP)
        .select((invitations::id, invitations::window_id))
        .load(write.connection)?;
    let mut windows_seen: Vec<i64> = looked.iter().map(|(_, window)| *window).collect();
    windows_seen.sort_unstable();
    windows_seen.dedup();
    for window in windows_seen {
        let open =
            matches!(windows::by_id(write.connection, window)?.survey_phase(now), SurveyPhase::Open(_));
        let ids: Vec<i64> = looked.iter().filter(|(_, w)| *w == window).map(|(id, _)| *id).collect();
        if open {
            let answered = responses::table
                .filter(responses::invitation_id.eq(invitations::id.nullable()))
                .filter(responses::complete.eq(true));
            diesel::update(
                invitations::table
                    .filter(invitations::id.eq_any(&ids))
                    .filter(invitations::remind_at.is_not_null())
                    .filter(invitations::reminded_at.is_null())
                    .filter(invitations::revoked_at.is_null())
                    .filter(not(exists(answered))),
            )
            .set(invitations::reminded_at.eq(now))
            .execute(write.connection)?;
        }
        diesel::update(invitations::table.filter(invitations::id.eq_any(&ids)))
            .set(invitations::remind_at.eq(None::<Instant>))
            .execute(write.connection)?;
    }
    Ok(looked.len())
}
