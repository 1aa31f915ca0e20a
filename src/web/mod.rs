//! All HTTP: the route table, the guards, the pages and the programming interface.

pub mod account;
pub mod api;
pub mod app;
pub mod assets;
pub mod audit;
pub mod connections;
pub mod etag;
pub mod exports;
pub mod failure;
pub mod form;
pub mod health;
pub mod limits;
pub mod listing;
pub mod metrics;
mod middleware;
pub mod page;
pub mod password;
pub mod people;
pub mod routes;
pub mod server;
pub mod settings;
pub mod setup;
pub mod stream;
pub mod survey;
pub mod times;
pub mod tokens;
pub mod visitor;
