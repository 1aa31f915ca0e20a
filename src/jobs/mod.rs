//! What the clock and long work ask for, beside the requests: windows that are due, jobs in steps,
//! keys that are forgotten.

pub mod backups;
mod clock;
pub mod forgetting;
pub mod triage;

use std::time::Duration;

use tokio::sync::watch;

use crate::domain::instant::Instant;
use crate::store::jobs::{self, Job, JobKind};
use crate::store::surveys::invitations;
use crate::store::{Error, Result, Store, Write, changes, known_issues, reports, search};

/// How often the clock is looked at.
pub const TICK: Duration = Duration::from_millis(500);
/// How often old keys are looked for, in ticks: about every ten minutes.
const FORGET_EVERY: u64 = 1_200;
/// How often open reports are weighed again and alarms are looked for, in ticks: every ten seconds.
const TRIAGE_EVERY: u64 = 20;

/// Does what is due until `stop` becomes true; a step that is under way is finished first.
///
/// A failure is logged and tried again at the next tick: nothing here may end the loop.
pub async fn run(store: Store, mut stop: watch::Receiver<bool>) {
    let mut ticks: u64 = 0;
    let mut silent = false;
    loop {
        let mut outcome = tick(&store, ticks.is_multiple_of(FORGET_EVERY)).await;
        if outcome.is_ok() && ticks.is_multiple_of(TRIAGE_EVERY) {
            outcome = triage::turn(&store, Instant::now()).await;
        }
        match outcome {
            Ok(()) => silent = false,
            // Said once, not twice a second while the database is away.
            Err(error) if !silent => {
                tracing::warn!(%error, "what is due could not be done; it is tried again");
                silent = true;
            }
            Err(_) => {}
        }
        ticks += 1;
        tokio::select! {
            () = tokio::time::sleep(TICK) => {}
            changed = stop.changed() => if changed.is_err() || *stop.borrow() { return },
        }
        if *stop.borrow() {
            return;
        }
    }
}

/// Does what is due now, once; `forget` also lets go of what has outlived its time.
///
/// Errors: those of the store, when the database cannot be used.
pub async fn tick(store: &Store, forget: bool) -> Result<()> {
    clock::windows(store).await?;
    clock::reminders(store).await?;
    if store.read(|c| changes::missed(c, Instant::now())).await?.is_some() {
        store.write(changes::catch_up).await?;
    }
    if store.read(search::is_missing).await? {
        tracing::info!("the search index is made again from the reports");
        search::rebuild(store).await?;
    }
    search::follow(store).await?;
    for job in store.read(|c| jobs::due(c, Instant::now())).await? {
        work(store, job).await?;
    }
    if forget {
        forgetting::by_the_clock(store).await?;
    }
    while forget && store.write(reports::bulk::forget_old).await? == 20 {}
    Ok(())
}

/// Takes the steps of one job until it is done. One that fails is put off; the others go on. However
/// long it takes, windows start and end in time.
async fn work(store: &Store, mut job: Job) -> Result<()> {
    loop {
        clock::windows(store).await?;
        let step = job.clone();
        match store.write(move |w| take_step(w, &step)).await {
            Ok(true) => return Ok(()),
            // Somebody else took the step, or nothing can be written now: the next tick sees.
            Err(Error::Stale) => return Ok(()),
            Err(error) if error.is_trouble() || matches!(error, Error::Busy) => return Err(error),
            Err(error) => {
                tracing::error!(%error, job = job.id, kind = %job.kind, "a job failed and is put off");
                let (id, problem) = (job.id, error.to_string());
                return store.write(move |w| jobs::postpone(w, id, &problem)).await;
            }
            Ok(false) => {
                let id = job.id;
                match store.read(move |c| jobs::find(c, id)).await? {
                    Some(again) => job = again,
                    None => return Ok(()),
                }
            }
        }
    }
}

/// The next step of a job; `true` if it was the last.
fn take_step(write: &mut Write<'_>, job: &Job) -> Result<bool> {
    match job.kind {
        JobKind::Reattribute => reports::reattribute(write, job),
        JobKind::SurveyInvite => invitations::decide(write, job),
        JobKind::Resolve => known_issues::tell_more(write, job),
        JobKind::Bulk => reports::bulk::work(write, job),
        JobKind::Duplicates => reports::tell_more(write, job),
    }
}
