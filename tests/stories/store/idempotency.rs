//! Sending twice counts once.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use futures_util::future::join_all;
use interlude::domain::secret::IdempotencyKey;
use interlude::store::people::Actor;
use interlude::store::{Error, Result, audit, idempotency};

use super::writer::no_turn;
use crate::support::World;

async fn send(world: &World, key: &str, command: &'static str) -> Result<String> {
    let key = IdempotencyKey::parse("key", key).unwrap();
    world
        .store
        .write(move |w| {
            idempotency::once(w, "story", &key, &command, |w| {
                audit::note(w, &Actor::Clock, "story.act", command, "")?;
                let acts = audit::list(w.connection, None, 100)?;
                Ok(format!("act {}", acts.iter().filter(|a| a.action == "story.act").count()))
            })
        })
        .await
}

fn acts(world: &World) -> usize {
    world.read(|c| audit::list(c, None, 200)).iter().filter(|a| a.action == "story.act").count()
}

const KEY: &str = "a-key-of-22-characters-x";
const OTHER: &str = "another-key-of-22-characters";

story! {
    /// The same key and command get the first answer again, and nothing is done twice.
    async fn a_repetition_gets_the_first_answer(world) {
        assert_eq!(send(world, KEY, "a").await.unwrap(), "act 1");
        assert_eq!(send(world, OTHER, "a").await.unwrap(), "act 2");
        assert_eq!(send(world, KEY, "a").await.unwrap(), "act 1");
        assert_eq!(acts(world), 2);
    }

    /// A key stands for one command.
    async fn a_key_with_another_command_is_refused(world) {
        send(world, KEY, "a").await.unwrap();
        assert!(matches!(send(world, KEY, "b").await, Err(Error::KeyReused)));
        assert_eq!(acts(world), 1);
    }

    /// Of many senders at once with one key, one acts and all hear the same.
    async fn senders_at_once_are_one(world) {
        let answers = join_all((0..20).map(|_| send(world, KEY, "a"))).await;
        for answer in answers {
            // On PostgreSQL those who wait too long for the first are told so.
            match answer {
                Ok(answer) => assert_eq!(answer, "act 1"),
                Err(Error::KeyRunning) if !world.on_one_writer() => {}
                Err(error) if !world.on_one_writer() && no_turn(&error) => {}
                Err(error) => panic!("{error}"),
            }
        }
        assert_eq!(acts(world), 1);
        assert_eq!(send(world, KEY, "a").await.unwrap(), "act 1");
    }

    /// A key whose command failed is free again.
    async fn a_failed_command_leaves_its_key(world) {
        let tries = Arc::new(AtomicUsize::new(0));
        let count = tries.clone();
        let key = IdempotencyKey::parse("key", KEY).unwrap();
        let failed = world.store.write(move |w| {
            let count = count.clone();
            idempotency::once(w, "story", &key, &"a", move |_| {
                count.fetch_add(1, Ordering::SeqCst);
                Err::<String, _>(Error::conflict("taken"))
            })
        });
        assert!(matches!(failed.await, Err(Error::Conflict { .. })));
        assert!(tries.load(Ordering::SeqCst) > 0);
        assert_eq!(send(world, KEY, "a").await.unwrap(), "act 1");
    }
}
