//! Forgetting in time: keys of senders, contacts and accounts, and what log-ins leave behind.

use crate::store::jobs::STEP;
use crate::store::keeping::{self, Forgotten, Keeping};
use crate::store::people::Actor;
use crate::store::surveys::invitations;
use crate::store::{Result, Store, changes, idempotency, me_toos};

/// Forgets what has outlived its time by the settings, in steps. A step that finds less than it could
/// have done was the last.
///
/// Errors: those of the store; what was forgotten until then stays so.
pub async fn by_the_clock(store: &Store) -> Result<()> {
    while store.write(idempotency::forget_old).await? == 500 {}
    while store.write(changes::forget_old).await? == 500 {}
    let keeping = store.read(keeping::keeping).await?;
    while full(store.write(move |w| keeping::forget_contacts(w, &Actor::Clock, keeping)).await?) {}
    while full(store.write(move |w| me_toos::forget_contacts(w, &Actor::Clock, keeping)).await?) {}
    while full(store.write(move |w| invitations::forget_contacts(w, &Actor::Clock, keeping)).await?) {}
    while full(store.write(move |w| keeping::forget_audit_rows(w, &Actor::Clock, keeping)).await?) {}
    store.write(keeping::forget_logins).await?;
    Ok(())
}

/// The same for somebody at the command line, who wants to know how much it was.
pub fn at_once(store: &Store, keeping: Keeping) -> Result<Forgotten> {
    while store.write_here(idempotency::forget_old)? == 500 {}
    while store.write_here(changes::forget_old)? == 500 {}
    let mut forgotten = store.write_here(keeping::forget_logins)?;
    loop {
        let step = store.write_here(move |w| keeping::forget_contacts(w, &Actor::CommandLine, keeping))?;
        forgotten.contacts += step;
        if !full(step) {
            break;
        }
    }
    loop {
        let step = store.write_here(move |w| me_toos::forget_contacts(w, &Actor::CommandLine, keeping))?;
        forgotten.contacts += step;
        if !full(step) {
            break;
        }
    }
    loop {
        let step =
            store.write_here(move |w| invitations::forget_contacts(w, &Actor::CommandLine, keeping))?;
        forgotten.contacts += step;
        if !full(step) {
            break;
        }
    }
    loop {
        let step = store.write_here(move |w| keeping::forget_audit_rows(w, &Actor::CommandLine, keeping))?;
        forgotten.audit_rows += step;
        if !full(step) {
            return Ok(forgotten);
        }
    }
}

fn full(step: usize) -> bool {
    i64::try_from(step).is_ok_and(|rows| rows >= STEP)
}
