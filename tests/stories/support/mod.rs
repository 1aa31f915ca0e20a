//! What stories are told with: a world of their own and the actors in it.

pub mod actors;
pub mod cluster;
pub mod cut;
pub mod disk;
pub mod operator;
pub mod place;
pub mod process;
pub mod raw;
pub mod world;

pub use actors::{Actor, Reply};
pub use place::Place;
pub use world::World;

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
                    println!("left out: no INTERLUDE_TEST_POSTGRES_URL");
                    return;
                };
                world.run(super::$name(&world));
            }
        }
    )+};
}
