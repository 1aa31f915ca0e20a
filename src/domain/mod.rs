//! What the product is, without I/O, clock, HTTP or connection. Values are parsed once and trusted
//! afterwards.

pub mod agent;
pub mod alarm;
pub mod attribution;
pub mod authenticator;
pub mod codes;
pub mod colour;
pub mod fields;
pub mod help;
pub mod instant;
pub mod known_issue;
pub mod language;
pub mod line;
pub mod notice;
pub mod origin;
pub mod password;
pub mod person;
pub mod provider;
pub mod reference;
pub mod report;
pub mod report_filter;
pub mod screenshot;
pub mod search_tokens;
pub mod secret;
pub mod shift;
pub mod similarity;
pub mod slowing;
pub mod statistics;
pub mod support_hours;
pub mod survey;
pub mod targets;
pub mod timeline;
pub mod urgency;
pub mod window;
pub mod zone;
