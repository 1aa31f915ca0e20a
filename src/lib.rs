//! Interlude.
pub mod domain;
