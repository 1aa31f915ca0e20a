//! The whole site on one page: method, address, who may, and what answers. A staff address cannot
//! be written down without a role, and a test asks each of them as everybody.

use actix_web::{Route, web};

use crate::domain::person::Role;
use crate::web::failure::Failure;
use crate::web::{account, assets, health, setup};

/// One line of the table.
pub struct Entry {
    /// `get`, `post`, `put`, `patch` or `delete`.
    pub method: &'static str,
    /// The address, with its variable parts in braces.
    pub path: &'static str,
    /// The least role that may; nothing: anyone.
    pub role: Option<Role>,
    route: fn() -> Route,
}

macro_rules! role {
    (anyone) => {
        None
    };
    (viewer) => {
        Some(Role::Viewer)
    };
    (support) => {
        Some(Role::Support)
    };
    (operator) => {
        Some(Role::Operator)
    };
    (administrator) => {
        Some(Role::Administrator)
    };
}

macro_rules! table {
    ($($method:ident $path:literal $who:ident $handler:path;)*) => {
        /// Every address of the site.
        pub const TABLE: &[Entry] = &[$(
            Entry { method: stringify!($method), path: $path, role: role!($who), route: || web::$method().to($handler) },
        )*];
    };
}

table! {
    // Operation
    get    "/healthz"                   anyone         health::healthz;
    get    "/readyz"                    anyone         health::readyz;
    get    "/assets/{name}"             anyone         assets::show;
    get    "/favicon.ico"               anyone         assets::favicon;

    // Accounts
    get    "/setup/{secret}"            anyone         setup::form;
    post   "/setup/{secret}"            anyone         setup::submit;
    get    "/login"                     anyone         account::form;
    post   "/login"                     anyone         account::log_in;
    post   "/logout"                    anyone         account::log_out;
}

/// Puts the table into the application; the lines of one address become one resource.
pub fn configure(config: &mut web::ServiceConfig) {
    let mut done: Vec<&str> = Vec::new();
    for entry in TABLE {
        if done.contains(&entry.path) {
            continue;
        }
        done.push(entry.path);
        let mut resource = web::resource(entry.path);
        for line in TABLE.iter().filter(|line| line.path == entry.path) {
            resource = resource.route((line.route)());
            if line.method == "get" {
                // Whoever may get may also ask for the head of it.
                resource = resource.route((line.route)().method(actix_web::http::Method::HEAD));
            }
        }
        config.service(resource);
    }
    config.default_service(web::route().to(nothing_here));
}

async fn nothing_here() -> Result<actix_web::HttpResponse, Failure> {
    Err(Failure::NOT_FOUND)
}
