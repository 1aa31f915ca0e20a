//! What the store promises to those who change something.

mod idempotency;
mod reports;
mod schema;
mod syncing;
mod writer;
