//! What stories are told with: a world of their own and the actors in it.

pub mod actors;
pub mod cluster;
pub mod cut;
pub mod disk;
pub mod foreigner;
mod left_out;
pub mod operator;
pub mod place;
pub mod process;
pub mod raw;
pub mod tampered;
pub mod world;

pub use actors::{Actor, Reply};
pub use left_out::left_out;
pub use place::Place;
pub use world::World;

/// Taken first by every test that loads the machine or measures what it can: two of these at once slow
/// each other and say nothing about the product. The others may run meanwhile.
pub fn alone() -> std::sync::MutexGuard<'static, ()> {
    static ONE: std::sync::Mutex<()> = std::sync::Mutex::new(());
    // One that failed has told so itself.
    ONE.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

/// Asks until the answer is none of these: where there is no single writer, a slow machine may find no turn
/// in time and say so, and whoever asks again with the same key must be served in the end.
pub async fn insist(not_now: &[u16], ask: impl AsyncFn() -> Reply) -> Reply {
    let until = std::time::Instant::now() + std::time::Duration::from_secs(60);
    loop {
        let reply = ask().await;
        if !not_now.contains(&reply.status) || std::time::Instant::now() > until {
            return reply;
        }
        actix_web::rt::time::sleep(std::time::Duration::from_millis(100)).await;
    }
}

/// Tells stories, each on both databases: `a_name::sqlite` and `a_name::postgres`.
///
/// ```ignore
/// story! {
///     async fn reporter_gets_a_receipt(world) {
///         world.anyone().get("/").await.is(200);
///     }
/// }
/// ```
macro_rules! story {
    ($($(#[$meta:meta])* async fn $name:ident($world:ident) $body:block)+) => {$(
        $(#[$meta])*
        async fn $name($world: &$crate::support::World) $body

        mod $name {
            #[test]
            fn sqlite() {
                let world = $crate::support::World::on_sqlite();
                world.run(super::$name(&world));
            }

            #[test]
            fn postgres() {
                let Some(world) = $crate::support::World::on_postgres() else {
                    $crate::support::left_out("no INTERLUDE_TEST_POSTGRES_URL");
                    return;
                };
                world.run(super::$name(&world));
            }
        }
    )+};
}

/// A secret that is nobody's: this one with another letter at its end, whatever that is.
pub fn forged(secret: &str) -> String {
    let (rest, last) = secret.split_at(secret.len() - 1);
    format!("{rest}{}", if last == "x" { "y" } else { "x" })
}
