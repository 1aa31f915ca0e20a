//! Windows and reminders whose time has come.

use crate::domain::instant::Instant;
use crate::store::surveys::invitations;
use crate::store::windows::{self, Due};
use crate::store::{Error, Result, Store};

/// Starts and completes what is due. Exactly once over restarts and instances: the change asks in
/// its transaction whether it is still due.
pub(super) async fn windows(store: &Store) -> Result<()> {
    let due = store.read(|c| windows::due(c, Instant::now())).await?;
    for (slug, due) in due {
        let named = slug.clone();
        let outcome = store
            .write(move |w| match due {
                Due::Start => windows::start_by_clock(w, &named),
                Due::Complete => windows::complete_by_clock(w, &named),
            })
            .await;
        match outcome {
            Ok(true) => tracing::info!(window = slug, ?due, "the clock moved a window"),
            // Not due any more, or another instance or a person was first.
            Ok(false) | Err(Error::Stale | Error::NotFound) => {}
            Err(error) if error.is_trouble() || matches!(error, Error::Busy) => return Err(error),
            Err(error) => tracing::error!(%error, window = slug, ?due, "the clock could not move a window"),
        }
    }
    Ok(())
}

/// Decides the reminders of surveys that are due, each once over restarts and instances.
pub(super) async fn reminders(store: &Store) -> Result<()> {
    while store.read(|c| invitations::due(c, Instant::now())).await? {
        if store.write(invitations::remind).await? == 0 {
            break;
        }
    }
    Ok(())
}
