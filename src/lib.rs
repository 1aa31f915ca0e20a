//! Interlude · 幕间: one server that closes the loop around a maintenance window. See
//! ARCHITECTURE.md for the map.

pub mod cli;
pub mod config;
pub mod demo;
pub mod domain;
pub mod export;
pub mod i18n;
pub mod import;
pub mod jobs;
pub mod store;
pub mod web;
