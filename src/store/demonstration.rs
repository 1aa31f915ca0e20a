//! What belongs to the demonstration, as a whole: whether it is here, and taking it away.

use diesel::prelude::*;

use super::connection::Db;
use super::error::Result;
use super::people::Actor;
use super::reports::spread;
use super::schema::{
    alarms, canned_answers, components, known_issue_components, report_counters, report_minutes, reports,
    updates, window_components, windows,
};
use super::surveys::{self, invitations};
use super::texts::{self, Thing};
use super::{Store, Write, audit, changes, improvements};

/// How many rows a step of the removal takes away.
const STEP: i64 = 500;

/// Whether anything of the demonstration is here.
pub fn is_here(connection: &mut Db) -> Result<bool> {
    Ok(windows::table
        .filter(windows::demonstration.eq(true))
        .select(windows::id)
        .first::<i64>(connection)
        .optional()?
        .is_some())
}

/// How many windows and reports go with the demonstration.
pub fn size(connection: &mut Db) -> Result<(i64, i64)> {
    let mine = windows::table.filter(windows::demonstration.eq(true)).select(windows::id.nullable());
    let filed = reports::window_id.eq_any(mine).or(reports::filed_under.eq_any(mine));
    Ok((
        windows::table.filter(windows::demonstration.eq(true)).count().get_result(connection)?,
        reports::table.filter(reports::demonstration.eq(true).or(filed)).count().get_result(connection)?,
    ))
}

/// Takes the demonstration away in steps, with everything that was filed under its windows by
/// whoever tried it. A component that something real uses by now stays and is no longer part of it.
/// Gives whether there was any.
///
/// Broken off half way, it can be asked for again and goes on.
pub async fn remove(store: &Store, actor: &Actor) -> Result<bool> {
    if !store.read(is_here).await? {
        return Ok(false);
    }
    store.write(claim).await?;
    while !store.write(|w| super::known_issues::remove_demonstration(w, STEP)).await? {}
    while store.write(|w| super::reports::remove_demonstration(w, STEP)).await? == STEP as usize {}
    while store.write(|w| super::responses::remove_demonstration(w, STEP)).await? == STEP as usize {}
    while store.write(|w| invitations::remove_demonstration(w, STEP)).await? == STEP as usize {}
    let actor = actor.clone();
    store.write(move |w| remove_windows(w, &actor)).await?;
    Ok(true)
}

/// Whatever was reported about a window of the demonstration belongs to it too.
fn claim(write: &mut Write<'_>) -> Result<()> {
    let mine = windows::table.filter(windows::demonstration.eq(true)).select(windows::id.nullable());
    diesel::update(
        reports::table.filter(reports::window_id.eq_any(mine).or(reports::filed_under.eq_any(mine))),
    )
    .set(reports::demonstration.eq(true))
    .execute(write.connection)?;
    Ok(())
}

fn remove_windows(write: &mut Write<'_>, actor: &Actor) -> Result<()> {
    let doomed: Vec<i64> =
        windows::table.filter(windows::demonstration.eq(true)).select(windows::id).load(write.connection)?;
    improvements::remove_demonstration(write, &doomed)?;
    let posted: Vec<i64> = updates::table
        .filter(updates::window_id.eq_any(&doomed))
        .select(updates::id)
        .load(write.connection)?;
    texts::remove(write, Thing::Update, &posted)?;
    texts::remove(write, Thing::Window, &doomed)?;
    // Counts that came down to nothing would keep the number of a window that is gone.
    diesel::delete(report_counters::table.filter(report_counters::window_id.eq_any(&doomed)))
        .execute(write.connection)?;
    diesel::delete(report_minutes::table.filter(report_minutes::window_id.eq_any(&doomed)))
        .execute(write.connection)?;
    diesel::delete(windows::table.filter(windows::id.eq_any(&doomed))).execute(write.connection)?;
    // Who met what with whom is counted anew without them: a known issue's people belong to no window.
    let counted = spread::count(write.connection, write.now)?;
    spread::keep(write, &counted)?;
    diesel::delete(alarms::table.filter(alarms::window_id.assume_not_null().eq_any(&doomed)))
        .execute(write.connection)?;
    let answers: Vec<i64> = canned_answers::table
        .filter(canned_answers::demonstration.eq(true))
        .select(canned_answers::id)
        .load(write.connection)?;
    texts::remove(write, Thing::CannedAnswer, &answers)?;
    diesel::delete(canned_answers::table.filter(canned_answers::id.eq_any(&answers)))
        .execute(write.connection)?;
    remove_components(write)?;
    surveys::remove_demonstration(write)?;
    audit::note(write, actor, "demonstration.remove", "", "")?;
    changes::announce(write, changes::Kind::Window, None)
}

fn remove_components(write: &mut Write<'_>) -> Result<()> {
    let announced = window_components::table.select(window_components::component_id);
    let met = known_issue_components::table.select(known_issue_components::component_id);
    let reported = reports::table.select(reports::component_id).filter(reports::component_id.is_not_null());
    diesel::update(
        components::table.filter(components::demonstration.eq(true)).filter(
            components::id
                .eq_any(announced)
                .or(components::id.eq_any(met))
                .or(components::id.nullable().eq_any(reported)),
        ),
    )
    .set(components::demonstration.eq(false))
    .execute(write.connection)?;
    let unused: Vec<i64> = components::table
        .filter(components::demonstration.eq(true))
        .select(components::id)
        .load(write.connection)?;
    texts::remove(write, Thing::Component, &unused)?;
    diesel::delete(components::table.filter(components::id.eq_any(&unused))).execute(write.connection)?;
    Ok(())
}
