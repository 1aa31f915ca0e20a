//! The write door: one bad change fails alone, and nothing is acknowledged before it is there.

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::mpsc;
use std::task::Poll;
use std::time::Duration;

use diesel::prelude::*;
use futures_util::future::join_all;
use interlude::jobs;
use interlude::store::schema::changes as log;
use interlude::store::schema::texts;
use interlude::store::{Error, Result, Write, changes};
use tokio::task::JoinHandle;

use crate::support::World;

/// What a call says when it is looked at once; nothing while it waits.
async fn poll<T>(call: &mut (impl Future<Output = T> + Unpin)) -> Option<T> {
    poll_fn(|context| match Pin::new(&mut *call).poll(context) {
        Poll::Ready(outcome) => Poll::Ready(Some(outcome)),
        Poll::Pending => Poll::Ready(None),
    })
    .await
}

/// Writes a row that can be counted later.
fn put(write: &mut Write<'_>, id: i64) -> Result<()> {
    diesel::insert_into(texts::table)
        .values((
            texts::thing.eq("window"),
            texts::thing_id.eq(id),
            texts::field.eq("story"),
            texts::language.eq("en"),
            texts::content.eq("x"),
        ))
        .execute(write.connection)?;
    Ok(())
}

fn put_ids(world: &World) -> Vec<i64> {
    world.read(|c| {
        Ok(texts::table
            .filter(texts::field.eq("story"))
            .order(texts::thing_id)
            .select(texts::thing_id)
            .load(c)?)
    })
}

/// Keeps the writer from beginning its next batch until the sender is dropped, so that what is
/// written meanwhile shares one commit. On PostgreSQL, which has no single writer, it holds nothing up. The task
/// ends when the writer is free again.
async fn hold_up(world: &World) -> (mpsc::Sender<()>, JoinHandle<()>) {
    let (go, wait) = mpsc::channel::<()>();
    let wait = std::sync::Mutex::new(Some(wait));
    let (began, begun) = tokio::sync::oneshot::channel();
    let mut began = Some(began);
    let store = world.store.clone();
    let held = actix_web::rt::spawn(async move {
        store
            .write(move |_| {
                if let Some(began) = began.take() {
                    began.send(()).unwrap();
                }
                // Ends with an error when the sender goes.
                if let Some(wait) = wait.lock().unwrap().take() {
                    wait.recv_timeout(Duration::from_secs(20)).unwrap_err();
                }
                Ok(())
            })
            .await
            .unwrap();
    });
    begun.await.unwrap();
    (go, held)
}

/// Writes it, again if no turn was found: without a single writer a burst on a slow machine may wait for a
/// turn in vain, and nothing was changed then.
async fn insist<T: Send + 'static>(
    world: &World,
    change: impl FnMut(&mut Write<'_>) -> Result<T> + Clone + Send + 'static,
) -> Result<T> {
    loop {
        match world.store.write(change.clone()).await {
            Err(error) if !world.on_one_writer() && no_turn(&error) => {
                actix_web::rt::time::sleep(Duration::from_millis(20)).await;
            }
            outcome => return outcome,
        }
    }
}

/// Whether it was only not its turn, which whoever asks again gets.
pub(super) fn no_turn(error: &Error) -> bool {
    match error {
        Error::Busy => true,
        Error::Unavailable(why) => why.contains("timed out waiting"),
        _ => false,
    }
}

story! {
    /// A change that fails after having written takes nothing else of its batch with it.
    async fn one_bad_change_fails_alone(world) {
        let held = hold_up(world).await;
        let changes = (0..40).map(|id| insist(world, move |w| {
            put(w, id)?;
            // Some fail by refusal, some by an error of the database.
            match id % 10 {
                3 => Err(Error::conflict("taken")),
                7 => put(w, id),
                _ => Ok(()),
            }
        }));
        let all = join_all(changes);
        actix_web::rt::spawn(async move {
            actix_web::rt::time::sleep(Duration::from_millis(100)).await;
            drop(held);
        });
        for (id, outcome) in all.await.into_iter().enumerate() {
            match id % 10 {
                3 | 7 => assert!(matches!(outcome, Err(Error::Conflict { .. })), "{id}: {outcome:?}"),
                _ => outcome.unwrap(),
            }
        }
        let expected: Vec<i64> = (0..40).filter(|id| !matches!(id % 10, 3 | 7)).collect();
        assert_eq!(put_ids(world), expected);
    }

    /// A change that panics is undone and reported; those beside it and after it are not touched.
    async fn a_panicking_change_fails_alone(world) {
        let held = hold_up(world).await;
        let changes = (0..9).map(|id| insist(world, move |w| {
            put(w, id)?;
            assert_ne!(id, 4, "a mistake that the story wants");
            Ok(())
        }));
        let all = join_all(changes);
        actix_web::rt::spawn(async move {
            actix_web::rt::time::sleep(Duration::from_millis(100)).await;
            drop(held);
        });
        let outcomes = all.await;
        assert!(matches!(&outcomes[4], Err(Error::Internal(why)) if why.contains("a mistake that the story wants")));
        assert_eq!(outcomes.iter().filter(|o| o.is_ok()).count(), 8);
        world.store.write(|w| put(w, 100)).await.unwrap();
        assert_eq!(put_ids(world), [0, 1, 2, 3, 5, 6, 7, 8, 100]);
    }

    /// Whoever is told that a change is made finds it, over a connection of their own.
    async fn acknowledged_is_committed(world) {
        for id in 0..20 {
            world.store.write(move |w| put(w, id)).await.unwrap();
            let there = world.store.snapshot(|c| {
                Ok(texts::table.filter(texts::thing_id.eq(id)).count().get_result::<i64>(c)?)
            });
            assert_eq!(there.unwrap(), 1, "{id}");
        }
    }

    /// A change of which nobody has been told yet is seen by nobody.
    async fn what_is_not_committed_is_not_seen(world) {
        let (wrote, written) = tokio::sync::oneshot::channel();
        let (go, wait) = mpsc::channel::<()>();
        let mut wrote = Some((wrote, wait));
        let store = world.store.clone();
        let writing = actix_web::rt::spawn(async move {
            store.write(move |w| {
                put(w, 1)?;
                if let Some((wrote, wait)) = wrote.take() {
                    wrote.send(()).unwrap();
                    wait.recv_timeout(Duration::from_secs(20)).unwrap_err();
                }
                Ok(())
            }).await
        });
        written.await.unwrap();
        assert_eq!(put_ids(world), Vec::<i64>::new());
        drop(go);
        writing.await.unwrap().unwrap();
        assert_eq!(put_ids(world), [1]);
    }

    /// Exactly as many as there is room for may wait; one more is turned away at once, and counted. Who
    /// goes away makes room, and what was taken is still done.
    async fn a_full_queue_says_busy(world) {
        // One writer on SQLite, eight on PostgreSQL.
        let mut held = Vec::new();
        for _ in 0..if world.on_one_writer() { 1 } else { 8 } {
            held.push(hold_up(world).await);
        }
        let mut waiting = Vec::new();
        let mut refused = 0;
        for id in 0..2_048 + 100 {
            let mut change = Box::pin(world.store.write(move |w| put(w, id)));
            match poll(&mut change).await {
                None => waiting.push(change),
                Some(Err(Error::Busy)) => refused += 1,
                Some(other) => panic!("{id}: {other:?}"),
            }
        }
        assert_eq!((waiting.len(), refused), (2_048, 100));
        assert_eq!((world.store.load().waiting, world.store.load().room), (2_048, 2_048));
        // Those who came first have their turn before anybody looks whether it came in time.
        for (go, held) in held {
            drop(go);
            held.await.unwrap();
        }
        let outcomes = join_all(waiting).await;
        let done = outcomes.iter().filter(|o| o.is_ok()).count();
        // On PostgreSQL a turn that does not come in time is given up; how many, the machine decides.
        let turned_away = |error: &Error| matches!(error, Error::Busy) || !world.on_one_writer() && no_turn(error);
        let told = |o: &interlude::store::Result<()>| o.as_ref().err().is_none_or(turned_away);
        assert!(outcomes.iter().all(told), "only done or busy");
        assert!(done == 2_048 || !world.on_one_writer());
        assert!(done > 0);
        assert_eq!(put_ids(world).len(), done);
        assert_eq!(world.store.load().waiting, 0);
        world.store.write(|w| put(w, 10_000)).await.unwrap();
    }

    /// Followers of the change log miss nothing: an id that becomes visible is above all that were.
    async fn change_ids_rise_as_they_become_visible(world) {
        let writes = (0..60).map(|n| insist(world, move |w| {
            changes::announce(w, changes::Kind::Window, Some(n))
        }));
        let (store, one_writer) = (world.store.clone(), world.on_one_writer());
        let follower = actix_web::rt::spawn(async move {
            let (mut seen, mut last) = (Vec::new(), 0);
            while seen.len() < 60 {
                let found = match store.read(move |c| changes::after(c, last)).await {
                    // Among the burst of those who write it may find no turn either.
                    Err(error) if !one_writer && no_turn(&error) => Vec::new(),
                    found => found.unwrap(),
                };
                for (id, _, window) in found {
                    assert!(id > last);
                    last = id;
                    seen.push(window.unwrap());
                }
                actix_web::rt::time::sleep(Duration::from_millis(1)).await;
            }
            seen
        });
        for outcome in join_all(writes).await {
            outcome.unwrap();
        }
        let mut seen = actix_web::rt::time::timeout(Duration::from_secs(20), follower).await.unwrap().unwrap();
        seen.sort_unstable();
        assert_eq!(seen, (0..60).collect::<Vec<_>>());
        let ids: Vec<i64> = world.read(|c| Ok(log::table.order(log::id).select(log::id).load(c)?));
        assert!(ids.is_sorted());
    }

    /// Those who wait for changes are woken by a commit that announces something, and only then.
    async fn announcements_wake_followers(world) {
        // What this world was made with is heard with the first look at the log, however late that comes.
        let mut changed = world.store.changed();
        let first = changed.wait_for(|n| *n > 0);
        actix_web::rt::time::timeout(Duration::from_secs(60), first).await.unwrap().unwrap();
        changed.mark_unchanged();
        world.store.write(|w| put(w, 1)).await.unwrap();
        assert!(!changed.has_changed().unwrap());
        let refused = world.store.write(|w| {
            changes::announce(w, changes::Kind::Settings, None)?;
            Err::<(), _>(Error::conflict("taken"))
        });
        refused.await.unwrap_err();
        assert!(!changed.has_changed().unwrap());
        world.store.write(|w| changes::announce(w, changes::Kind::Settings, None)).await.unwrap();
        let woken = actix_web::rt::time::timeout(Duration::from_secs(60), changed.changed());
        woken.await.unwrap().unwrap();
    }

    /// A report is told of once it is committed, one that is undone is not; and what a process that
    /// ended in between did not tell, the clock does, once.
    async fn reports_are_told_of_after_their_commit(world) {
        let told = || world.read(|c| Ok(changes::after(c, 0)?.into_iter().filter(|(_, k, _)| *k == changes::Kind::Report).count()));
        let mut changed = world.store.changed();
        changed.mark_unchanged();
        let refused = world.store.write(|w| {
            changes::announce(w, changes::Kind::Report, Some(7))?;
            Err::<(), _>(Error::conflict("taken"))
        });
        refused.await.unwrap_err();
        let many = (0..40).map(|n| insist(world, move |w| changes::announce(w, changes::Kind::Report, Some(n % 2))));
        for outcome in join_all(many).await {
            outcome.unwrap();
        }
        for window in [0, 1] {
            let there = async {
                while !world.read(|c| changes::after(c, 0)).iter().any(|(_, _, w)| *w == Some(window)) {
                    changed.changed().await.unwrap();
                }
            };
            actix_web::rt::time::timeout(Duration::from_secs(60), there).await.unwrap();
        }
        assert!(world.read(|c| changes::after(c, 0)).iter().all(|(_, _, w)| *w != Some(7)));

        let body = serde_json::json!({"impact": "blocked", "description": "The page stays empty."});
        world.anyone().post_json_once("/api/v1/reports", "a-key-of-22-characters", body).await.is(201);
        // It is in no window, unlike those above, and what was told before it is told by then.
        let there = async {
            while !world.read(|c| changes::after(c, 0)).iter().any(|(_, k, w)| *k == changes::Kind::Report && w.is_none()) {
                actix_web::rt::time::sleep(Duration::from_millis(20)).await;
            }
        };
        actix_web::rt::time::timeout(Duration::from_secs(60), there).await.unwrap();
        world.write(|w| {
            use interlude::store::schema::reports;
            diesel::delete(log::table).execute(w.connection)?;
            diesel::update(reports::table).set(reports::received_at.eq(w.now.plus_seconds(-10))).execute(w.connection)?;
            Ok(())
        });
        jobs::tick(&world.store, false).await.unwrap();
        // On SQLite there is no moment in between.
        assert_eq!(told(), usize::from(!world.on_one_writer()));
        jobs::tick(&world.store, false).await.unwrap();
        assert_eq!(told(), usize::from(!world.on_one_writer()));
    }
}
