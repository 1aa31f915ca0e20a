//! What time and others' reports do to open reports: spread is counted, urgency weighed again, alarms
//! raised. Everything is looked at in snapshots; only what has changed is written, in short steps.

use crate::domain::instant::Instant;
use crate::store::jobs::STEP;
use crate::store::reports::{spread, weigh};
use crate::store::{Result, Store, alarms};

/// Looks at everything once, as at `now`. Several servers may do so at once: each writes only what
/// is not so already.
///
/// Errors: those of the store, when the database cannot be used.
pub async fn turn(store: &Store, now: Instant) -> Result<()> {
    let counted = store
        .read(move |c| {
            let counted = spread::count(c, now)?;
            Ok(if spread::is_kept(c, &counted)? { None } else { Some(counted) })
        })
        .await?;
    if let Some(counted) = counted {
        store.write(move |w| spread::keep(w, &counted)).await?;
    }
    let mut after = 0;
    loop {
        let (weighed, next) = store.read(move |c| weigh::look(c, now, after)).await?;
        for some in weighed.chunks(STEP as usize) {
            let some = some.to_vec();
            store.write(move |w| weigh::keep(w, &some)).await?;
        }
        match next {
            Some(next) => after = next,
            None => break,
        }
    }
    let found = store
        .read(move |c| {
            let found = alarms::look(c, now)?;
            Ok(if alarms::needs_settling(c, now, &found)? { Some(found) } else { None })
        })
        .await?;
    if let Some(found) = found {
        let raised = store.write(move |w| alarms::settle(w, now, &found)).await?;
        if raised > 0 {
            tracing::warn!(raised, "more is reported than usual where nothing was announced");
        }
    }
    Ok(())
}
