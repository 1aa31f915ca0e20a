//! How long what could be told from somebody is kept, and forgetting it in time.

use diesel::dsl::{count_star, exists, not};
use diesel::prelude::*;

use super::connection::Db;
use super::error::Result;
use super::people::{self, Actor};
use super::schema::{
    audit_rows, login_debts, login_steps, provider_logins, report_contents, report_events, reports, sessions,
    staff_invitations,
};
use super::surveys::invitations as survey_invitations;
use super::{Write, audit, instance, jobs, login_debts as debts, me_toos, search};
use crate::domain::instant::Instant;
use crate::domain::report::Status;

const CONTACT_DAYS: &str = "contact_days";
const AUDIT_DAYS: &str = "audit_days";
const SECOND_FACTOR: &str = "require_second_factor";
const NEVER: &str = "never";

/// For how many days contacts are kept unless somebody says otherwise.
pub const CONTACT_DAYS_DEFAULT: u32 = 90;
/// The longest that can be asked for, in days: about a hundred years.
pub const DAYS_MAX: u32 = 36_500;
/// The shortest life of the audit log, in days; the database itself refuses less than a year.
pub const AUDIT_DAYS_MIN: u32 = 366;

/// How long things are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Keeping {
    /// For how many days after a report is done its contact and account; nothing: as long as it.
    pub contact_days: Option<u32>,
    /// For how many days a row of the audit log; nothing: for ever.
    pub audit_days: Option<u32>,
}

impl Keeping {
    /// Contacts of reports that were done by this moment are not kept any longer.
    pub fn contacts_before(self, now: Instant) -> Option<Instant> {
        self.contact_days.map(|days| now.plus_hours(-24 * i64::from(days)))
    }

    fn audit_before(self, now: Instant) -> Option<Instant> {
        self.audit_days.map(|days| now.plus_hours(-24 * i64::from(days.max(AUDIT_DAYS_MIN))))
    }
}

fn days(connection: &mut Db, name: &str, otherwise: Option<u32>) -> Result<Option<u32>> {
    Ok(match instance::value(connection, name)?.as_deref() {
        None => otherwise,
        Some(NEVER) => None,
        Some(days) => days.parse().ok().or(otherwise),
    })
}

/// How long things are kept at present.
pub fn keeping(connection: &mut Db) -> Result<Keeping> {
    Ok(Keeping {
        contact_days: days(connection, CONTACT_DAYS, Some(CONTACT_DAYS_DEFAULT))?,
        audit_days: days(connection, AUDIT_DAYS, None)?,
    })
}

/// Changes how long things are kept.
pub fn change_keeping(write: &mut Write<'_>, actor: &Actor, keeping: &Keeping) -> Result<()> {
    let said = |days: Option<u32>| days.map_or_else(|| NEVER.to_owned(), |days| days.to_string());
    let (contacts, rows) = (said(keeping.contact_days), said(keeping.audit_days));
    instance::keep(write, CONTACT_DAYS, &contacts)?;
    instance::keep(write, AUDIT_DAYS, &rows)?;
    audit::note(write, actor, "settings.keeping", "", &format!("contacts {contacts}, audit log {rows}"))
}

/// Whether everybody who logs in with a password needs a second factor.
pub fn requires_second_factor(connection: &mut Db) -> Result<bool> {
    Ok(instance::value(connection, SECOND_FACTOR)?.as_deref() == Some("yes"))
}

/// Requires a second factor of everybody who logs in with a password, or no longer.
pub fn require_second_factor(write: &mut Write<'_>, actor: &Actor, required: bool) -> Result<()> {
    let said = if required { "yes" } else { "no" };
    instance::keep(write, SECOND_FACTOR, said)?;
    audit::note(write, actor, "settings.second-factor", "", said)
}

/// How much was forgotten, or would be now.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Forgotten {
    /// People whose contact and account are gone: of reports, me-toos and lists that were invited.
    pub contacts: usize,
    /// Rows of the audit log.
    pub audit_rows: usize,
    /// Sessions that open nothing any more.
    pub sessions: usize,
    /// Log-ins that were begun and not gone on with.
    pub logins: usize,
    /// Invitations that can no longer be accepted.
    pub invitations: usize,
    /// Debts for failed log-ins that have melted away.
    pub debts: usize,
}

/// The statuses in which nothing more is to be done for a report.
const DONE: [Status; 3] = [Status::Resolved, Status::Closed, Status::Duplicate];

/// The reports that are done, to which nothing has happened since `before`, and that still hold
/// something by which their reporter can be known.
macro_rules! outlived {
    ($before:expr) => {
        report_contents::table
            .inner_join(reports::table)
            .filter(
                report_contents::phone
                    .is_not_null()
                    .or(report_contents::email.is_not_null())
                    .or(report_contents::account.is_not_null()),
            )
            .filter(reports::status.eq_any(DONE))
            .filter(reports::received_at.lt($before))
            .filter(not(exists(
                report_events::table
                    .filter(report_events::report_id.eq(reports::id))
                    .filter(report_events::at.ge($before)),
            )))
    };
}

/// How much could be forgotten at this moment; forgets nothing.
pub fn forgettable(connection: &mut Db, keeping: Keeping, now: Instant) -> Result<Forgotten> {
    let number = |n: i64| usize::try_from(n).unwrap_or(0);
    let contacts = match keeping.contacts_before(now) {
        Some(before) => {
            outlived!(before).select(count_star()).first::<i64>(connection)?
                + me_toos::contacts_outlived(connection, before, i64::MAX)?.len() as i64
                + survey_invitations::contacts_outlived(connection, before, i64::MAX)?.len() as i64
        }
        None => 0,
    };
    let rows = match keeping.audit_before(now) {
        Some(before) => {
            audit_rows::table.filter(audit_rows::at.lt(before)).select(count_star()).first(connection)?
        }
        None => 0,
    };
    let idle = sessions::expires_at.lt(now).or(sessions::seen_at.lt(now.plus_hours(-people::IDLE_MAX_HOURS)));
    let steps: i64 =
        login_steps::table.filter(login_steps::expires_at.lt(now)).select(count_star()).first(connection)?;
    let away: i64 = provider_logins::table
        .filter(provider_logins::expires_at.lt(now))
        .select(count_star())
        .first(connection)?;
    let over = staff_invitations::expires_at
        .lt(now)
        .or(staff_invitations::used_at.is_not_null())
        .or(staff_invitations::revoked_at.is_not_null());
    let melted = login_debts::table.filter(login_debts::clear_at.lt(now));
    Ok(Forgotten {
        contacts: number(contacts),
        audit_rows: number(rows),
        sessions: number(sessions::table.filter(idle).select(count_star()).first(connection)?),
        logins: number(steps + away),
        invitations: number(staff_invitations::table.filter(over).select(count_star()).first(connection)?),
        debts: number(melted.select(count_star()).first(connection)?),
    })
}

/// Forgets contacts and accounts that have outlived their time, of at most 500 reports. Gives of how
/// many. What somebody wrote into their description or a message stays, as docs/privacy.md says.
///
/// Two instances may do it at once: each report is counted by one of them.
pub fn forget_contacts(write: &mut Write<'_>, actor: &Actor, keeping: Keeping) -> Result<usize> {
    let Some(before) = keeping.contacts_before(write.now) else { return Ok(0) };
    let ids: Vec<i64> = outlived!(before)
        .order(report_contents::report_id)
        .limit(jobs::STEP)
        .select(report_contents::report_id)
        .load(write.connection)?;
    let gone: Vec<i64> = diesel::update(report_contents::table)
        .filter(report_contents::report_id.eq_any(ids))
        .filter(
            report_contents::phone
                .is_not_null()
                .or(report_contents::email.is_not_null())
                .or(report_contents::account.is_not_null()),
        )
        .set((
            report_contents::phone.eq(None::<String>),
            report_contents::email.eq(None::<String>),
            report_contents::account.eq(None::<String>),
        ))
        .returning(report_contents::report_id)
        .get_results(write.connection)?;
    if gone.is_empty() {
        return Ok(0);
    }
    // Whoever keeps a copy of a report by its revision must not keep the contact with it.
    diesel::update(reports::table.filter(reports::id.eq_any(&gone)))
        .set(reports::revision.eq(reports::revision + 1))
        .execute(write.connection)?;
    // Support could find the report by what is gone now.
    search::touch_all(write, &gone)?;
    audit::note(write, actor, "privacy.purge", "contacts", &gone.len().to_string())?;
    Ok(gone.len())
}

/// Forgets rows of the audit log that have outlived their time, at most 500. Gives how many.
pub fn forget_audit_rows(write: &mut Write<'_>, actor: &Actor, keeping: Keeping) -> Result<usize> {
    let Some(before) = keeping.audit_before(write.now) else { return Ok(0) };
    let ids: Vec<i64> = audit_rows::table
        .filter(audit_rows::at.lt(before))
        .order(audit_rows::at)
        .limit(jobs::STEP)
        .select(audit_rows::id)
        .load(write.connection)?;
    if ids.is_empty() {
        return Ok(0);
    }
    let gone =
        diesel::delete(audit_rows::table.filter(audit_rows::id.eq_any(ids))).execute(write.connection)?;
    if gone > 0 {
        audit::note(write, actor, "privacy.purge", "audit log", &gone.to_string())?;
    }
    Ok(gone)
}

/// Forgets what log-ins leave behind, whatever is set. Only the counts of that are filled in.
pub fn forget_logins(write: &mut Write<'_>) -> Result<Forgotten> {
    Ok(Forgotten {
        sessions: people::forget_idle(write)?,
        logins: people::second_factor::forget_waiting(write)? + people::identities::forget_away(write)?,
        invitations: people::invitations::forget_over(write)?,
        debts: debts::forget_melted(write)?,
        ..Forgotten::default()
    })
}
