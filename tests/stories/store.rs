//! What the store promises to those who change something.

mod deadlock;
mod following;
mod idempotency;
mod reports;
mod schema;
mod syncing;
mod writer;
