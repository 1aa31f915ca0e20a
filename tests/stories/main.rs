//! The stories: what people and programs do with the real server, told over HTTP, each one on SQLite
//! and on PostgreSQL. One file for each feature.

#[macro_use]
mod support;

mod access;
mod accounts;
mod answers;
mod api;
mod appearance;
mod audit;
mod backups;
mod calendar;
mod configuration;
mod confirm;
mod demonstration;
mod embed;
mod exports;
mod figures;
mod imports;
mod insights;
mod kill;
mod known;
mod live;
mod overload;
mod pipes;
mod privacy;
mod proxies;
mod repeated;
mod reporting;
mod routes;
mod search;
mod several;
mod store;
mod surveys;
mod sync;
mod tables;
mod tls;
mod triage;
mod trouble;
mod unchanged;
mod watching;
mod windows;
