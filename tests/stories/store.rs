//! What the store promises to those who change something.

mod idempotency;
mod schema;
mod writer;
