//! Deciding who is to be told of a survey: those who reported something of its window, and those who
//! had the same. A job in steps; nobody is invited twice, however often it runs.

use diesel::prelude::*;

use super::{Person, contact_hash, invite, person_hash};
use crate::domain::language::Language;
use crate::domain::secret::InstanceKey;
use crate::domain::survey::{Exposure, SurveyPhase};
use crate::store::error::{Error, Result};
use crate::store::jobs::{self, Job, JobKind, STEP};
use crate::store::schema::{
    invitations, known_issues, me_too_contents, me_toos, report_contents, reports, responses,
};
use crate::store::{Write, instance, windows};

/// Where the numbers of me-toos begin in a job's progress, after those of reports.
const ME_TOOS: i64 = 1 << 60;

/// Asks for the job that decides who is to be told of this window's survey.
pub fn ask(write: &mut Write<'_>, window: i64) -> Result<()> {
    jobs::ask(write, JobKind::SurveyInvite, &window.to_string())
}

/// Decides at once who is to be told of the survey of the demonstration's window, and says of the
/// responses that came from reporters and invited people by which invitation they came.
pub fn demonstrate(write: &mut Write<'_>, window: i64) -> Result<()> {
    let key = instance::key_in(write)?;
    let mut after = 0;
    while let Some(last) = reporters(write, &key, window, true, after)? {
        after = last;
    }
    for exposure in [Exposure::Reporter, Exposure::Invited] {
        let free: Vec<i64> = invitations::table
            .filter(invitations::window_id.eq(window))
            .filter(invitations::exposure.eq(exposure.code()))
            .order(invitations::id)
            .select(invitations::id)
            .load(write.connection)?;
        let came: Vec<i64> = responses::table
            .filter(responses::window_id.eq(window))
            .filter(responses::exposure.eq(exposure.code()))
            .filter(responses::demonstration.eq(true))
            .filter(responses::invitation_id.is_null())
            .order(responses::id)
            .select(responses::id)
            .load(write.connection)?;
        for (invitation, response) in free.iter().zip(&came) {
            diesel::update(responses::table.find(response))
                .set((responses::invitation_id.eq(*invitation), responses::invited.eq(true)))
                .execute(write.connection)?;
            diesel::update(invitations::table.find(invitation))
                .set(invitations::opened_at.eq(write.now))
                .execute(write.connection)?;
        }
    }
    Ok(())
}

/// The next step of the job; `true` if it was the last.
///
/// [`Error::Stale`] if somebody else has done this step.
pub fn decide(write: &mut Write<'_>, job: &Job) -> Result<bool> {
    let id: i64 =
        job.payload.parse().map_err(|_| Error::Internal(format!("job {} names no window", job.id)))?;
    let window = match windows::by_id(write.connection, id) {
        Ok(window) => window,
        // It is gone, and with it everybody who could be told.
        Err(Error::NotFound) => return finish(write, job, job.progress, true),
        Err(other) => return Err(other),
    };
    if !matches!(window.survey_phase(write.now), SurveyPhase::Open(_)) {
        return finish(write, job, job.progress, true);
    }
    let key = instance::key_in(write)?;
    if job.progress < ME_TOOS {
        let last = reporters(write, &key, window.id, window.demonstration, job.progress)?;
        return finish(write, job, last.unwrap_or(ME_TOOS), false);
    }
    let last = same(write, &key, window.id, window.demonstration, job.progress - ME_TOOS)?;
    finish(write, job, last.map_or(job.progress, |id| ME_TOOS + id), last.is_none())
}

fn finish(write: &mut Write<'_>, job: &Job, progress: i64, done: bool) -> Result<bool> {
    if jobs::advance(write, job, progress, done)? { Ok(done) } else { Err(Error::Stale) }
}

/// Invites the next of those who reported; gives the last report that was looked at, nothing if there
/// was none. Whoever erased a report is not reached any more.
fn reporters(
    write: &mut Write<'_>,
    key: &InstanceKey,
    window: i64,
    demonstration: bool,
    after: i64,
) -> Result<Option<i64>> {
    type Row = (i64, Language, String, Option<String>, Option<String>);
    let rows = reports::table
        .inner_join(report_contents::table)
        .filter(reports::window_id.eq(window))
        .filter(reports::id.gt(after))
        .order(reports::id)
        .limit(STEP)
        .select((
            reports::id,
            reports::language,
            reports::link_hash,
            report_contents::phone,
            report_contents::email,
        ))
        .load::<Row>(write.connection)?;
    let mut people = Vec::new();
    for (id, language, link_hash, phone, email) in &rows {
        let reached = contact_hash(key, phone.as_deref(), email.as_deref());
        // Nobody can be told who left no contact and holds no receipt.
        if reached.is_none() && link_hash.is_empty() {
            continue;
        }
        let hash = reached.unwrap_or_else(|| person_hash(key, "report", &id.to_string()));
        people.push(Person {
            exposure: Exposure::Reporter,
            report: Some(*id),
            me_too: None,
            hash,
            language: *language,
            reached: None,
        });
    }
    invite(write, key, window, demonstration, &people)?;
    Ok(rows.last().map(|row| row.0))
}

/// Invites the next of those who said that they had a known issue of this window too.
fn same(
    write: &mut Write<'_>,
    key: &InstanceKey,
    window: i64,
    demonstration: bool,
    after: i64,
) -> Result<Option<i64>> {
    type Row = (i64, Language, String, Option<(Option<String>, Option<String>)>);
    let rows = me_toos::table
        .inner_join(known_issues::table)
        .left_join(me_too_contents::table)
        .filter(known_issues::window_id.eq(window))
        .filter(me_toos::id.gt(after))
        .order(me_toos::id)
        .limit(STEP)
        .select((
            me_toos::id,
            me_toos::language,
            me_toos::link_hash,
            (me_too_contents::phone, me_too_contents::email).nullable(),
        ))
        .load::<Row>(write.connection)?;
    let mut people = Vec::new();
    for (id, language, link_hash, contents) in &rows {
        let (phone, email) = contents.clone().unwrap_or_default();
        let reached = contact_hash(key, phone.as_deref(), email.as_deref());
        if reached.is_none() && link_hash.is_empty() {
            continue;
        }
        let hash = reached.unwrap_or_else(|| person_hash(key, "me too", &id.to_string()));
        people.push(Person {
            exposure: Exposure::MeToo,
            report: None,
            me_too: Some(*id),
            hash,
            language: *language,
            reached: None,
        });
    }
    invite(write, key, window, demonstration, &people)?;
    Ok(rows.last().map(|row| row.0))
}
