//! The whole site on one page: method, address, who may, and what answers. A staff address cannot
//! be written down without a role, and a test asks each of them as everybody.

use std::future::{Ready, ready};

use actix_web::body::BoxBody;
use actix_web::dev::ServiceRequest;
use actix_web::http::{Method, header};
use actix_web::middleware::{Next, from_fn};
use actix_web::{HttpResponse, Route, guard, web};

use crate::domain::person::Role;
use crate::web::failure::Failure;
use crate::web::form::Form;
use crate::web::unsent::is_given_back;
use crate::web::*;

/// One line of the table.
pub struct Entry {
    /// `get`, `post`, `put`, `patch` or `delete`.
    pub method: &'static str,
    /// The address, with its variable parts in braces.
    pub path: &'static str,
    /// The least role that may; nothing: anyone.
    pub role: Option<Role>,
    handle: fn(Route) -> Route,
}

impl Entry {
    fn as_route(&self) -> Route {
        let method = match self.method {
            // Whoever may get may also ask for the head of it.
            "get" => return self.guarded(web::route().guard(guard::Any(guard::Get()).or(guard::Head()))),
            "post" => Method::POST,
            "put" => Method::PUT,
            "patch" => Method::PATCH,
            _ => Method::DELETE,
        };
        self.guarded(web::method(method))
    }

    /// The methods that it takes, as `Allow` says them.
    fn methods(&self) -> &'static [&'static str] {
        match self.method {
            "get" => &["GET", "HEAD"],
            "post" => &["POST"],
            "put" => &["PUT"],
            "patch" => &["PATCH"],
            _ => &["DELETE"],
        }
    }

    /// Asks who it is before anything of the request is read, so that what is wrong with a body is
    /// told only to those who may send it.
    fn guarded(&self, route: Route) -> Route {
        let route = (self.handle)(route);
        let Some(role) = self.role else { return route };
        route.wrap(from_fn(move |mut request: ServiceRequest, next: Next<BoxBody>| async move {
            // Refusals are answers, so that they get their face where all failures do.
            match visitor::who(request.request()).await {
                Ok(Some(actor)) if actor.role().may(role) => next.call(request).await,
                Ok(Some(_)) => Ok(request.error_response(Failure::Forbidden)),
                Ok(None) => Ok(request.error_response(Failure::Unauthenticated)),
                Err(failure) => {
                    if is_given_back(request.request(), &failure) {
                        // Read only to be given back; what is wrong with it is told to nobody.
                        drop(request.extract::<Form>().await);
                    }
                    Ok(request.error_response(failure))
                }
            }
        }))
    }
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
            Entry { method: stringify!($method), path: $path, role: role!($who), handle: |route| route.to($handler) },
        )*];
    };
}

table! {
    // Operation
    get    "/healthz"                   anyone         health::healthz;
    get    "/readyz"                    anyone         health::readyz;
    get    "/metrics"                   anyone         metrics::show;
    get    "/assets/{name}"             anyone         assets::show;
    get    "/favicon.ico"               anyone         assets::favicon;

    // Public pages
    get    "/"                          anyone         public::home;
    // Longer names first: `{slug}` would take them.
    get    "/windows/{slug}.ics"        anyone         calendar::of_window;
    get    "/windows/{slug}.txt"        anyone         plain::of_window;
    get    "/windows/{slug}"            anyone         public::notice;
    get    "/history"                   anyone         public::history;
    get    "/help"                      anyone         help::show;
    get    "/brand.css"                 anyone         editor::appearance::style_sheet;
    get    "/calendar.ics"              anyone         calendar::of_all;
    get    "/offline"                   anyone         offline::show;
    post   "/offline"                   anyone         offline::forget;
    get    "/sw.js"                     anyone         offline::service_worker;
    get    "/manifest.webmanifest"      anyone         offline::manifest;
    get    "/embed.js"                  anyone         embed::script;
    get    "/embed.json"                anyone         embed::state;
    get    "/badge.svg"                 anyone         badge::show;
    get    "/events"                    anyone         events::public;
    get    "/admin/events"              viewer         events::staff;
    get    "/logo"                      anyone         editor::appearance::logo;
    get    "/icons/{name}"              anyone         editor::appearance::icon;

    // Windows behind the log-in
    get    "/admin/windows"             viewer         editor::list;
    get    "/admin/windows/new"         operator       editor::edit::new;
    post   "/admin/windows/new"         operator       editor::edit::create;
    get    "/admin/windows/{slug}"      viewer         editor::one::show;
    post   "/admin/windows/{slug}"      operator       editor::one::act;
    get    "/admin/windows/{slug}/edit" operator       editor::edit::form;
    post   "/admin/windows/{slug}/edit" operator       editor::edit::change;
    get    "/admin/windows/{slug}/preview" viewer      editor::one::preview;
    get    "/admin/components"          operator       editor::components::list;
    post   "/admin/components"          operator       editor::components::add;
    get    "/admin/components/{key}"    operator       editor::components::show;
    post   "/admin/components/{key}"    operator       editor::components::change;

    get    "/admin/help"                operator       editor::help::list;
    get    "/admin/help/{entry}"        operator       editor::help::show;
    post   "/admin/help/{entry}"        operator       editor::help::change;
    get    "/admin/appearance"          administrator  editor::appearance::form;
    post   "/admin/appearance"          administrator  editor::appearance::change;
    post   "/admin/appearance/logo"     administrator  editor::appearance::change_logo;
    post   "/admin/appearance/logo/remove" administrator editor::appearance::remove_logo;
    get    "/admin/style"               viewer         staff::style::show;

    // The programming interface
    get    "/api/openapi.json"          anyone         api::document;
    get    "/api/docs"                  anyone         api::reference::show;
    get    "/api/v1/windows"            anyone         api::windows::list;
    post   "/api/v1/windows"            operator       api::windows::create;
    get    "/api/v1/windows/{slug}"     anyone         api::windows::show;
    patch  "/api/v1/windows/{slug}"     operator       api::windows::change;
    post   "/api/v1/windows/{slug}/updates" operator   api::windows::post_update;

    // Reporting, and what comes of it
    get    "/report"                    anyone         report_form::of_any;
    post   "/report"                    anyone         report_form::submit_of_any;
    get    "/windows/{slug}/report"     anyone         report_form::of_window;
    post   "/windows/{slug}/report"     anyone         report_form::submit_of_window;
    // The same in a frame of another site
    get    "/embed/report"              anyone         report_form::of_any;
    post   "/embed/report"              anyone         report_form::submit_of_any;
    get    "/embed/windows/{slug}/report" anyone       report_form::of_window;
    post   "/embed/windows/{slug}/report" anyone       report_form::submit_of_window;
    get    "/embed/receipts/{secret}"   anyone         embed::received;
    get    "/receipts"                  anyone         receipt::find;
    post   "/receipts"                  anyone         receipt::open;
    get    "/receipts/{secret}"         anyone         receipt::show;
    post   "/receipts/{secret}/messages" anyone        receipt::message;
    post   "/receipts/{secret}/contact" anyone         receipt::contact;
    post   "/receipts/{secret}/verdict" anyone         receipt::verdict;
    post   "/receipts/{secret}/images"  anyone         receipt::upload;
    get    "/receipts/{secret}/images/{id}" anyone     receipt::image;
    post   "/receipts/{secret}/images/{id}/remove" anyone receipt::remove_image;
    post   "/receipts/{secret}/erase"   anyone         receipt::erase;
    get    "/receipts/{secret}/data.json" anyone       receipt::data;
    post   "/api/v1/reports"            anyone         api::reports_submit::submit;
    get    "/api/v1/receipts/{secret}"  anyone         api::receipts::show;
    post   "/api/v1/receipts/{secret}/messages" anyone api::receipts::message;
    post   "/api/v1/receipts/{secret}/verdict" anyone  api::receipts::verdict;
    post   "/api/v1/receipts/{secret}/contact" anyone  api::receipts::contact;
    post   "/api/v1/receipts/{secret}/images" anyone   api::images::add;
    get    "/api/v1/receipts/{secret}/images/{id}" anyone api::images::show;
    delete "/api/v1/receipts/{secret}/images/{id}" anyone api::images::remove;
    delete "/api/v1/receipts/{secret}"  anyone         api::receipts::erase;

    // Survey
    get    "/windows/{slug}/survey"     anyone         survey::form;
    post   "/windows/{slug}/survey"     anyone         survey::submit;
    get    "/embed/windows/{slug}/survey" anyone       survey::form;
    post   "/embed/windows/{slug}/survey" anyone       survey::submit;
    get    "/embed/surveys/responses/{secret}" anyone  survey::edit;
    post   "/embed/surveys/responses/{secret}" anyone  survey::change;
    get    "/embed/surveys/responses/{secret}/thanks" anyone survey::thanks;
    get    "/surveys/responses/{secret}" anyone        survey::edit;
    post   "/surveys/responses/{secret}" anyone        survey::change;
    get    "/surveys/responses/{secret}/thanks" anyone survey::thanks;
    get    "/surveys/{invitation}"      anyone         survey::invited;
    post   "/surveys/{invitation}"      anyone         survey::submit_invited;
    post   "/api/v1/windows/{slug}/survey-responses" anyone api::survey::submit;
    put    "/api/v1/survey-responses/{edit_secret}" anyone api::survey::change;

    // Surveys, for staff
    get    "/admin/surveys"             viewer         staff::surveys::list;
    get    "/admin/surveys/templates"   viewer         staff::surveys::list_templates;
    get    "/admin/surveys/templates/new" operator     staff::surveys::templates::new;
    post   "/admin/surveys/templates/new" operator     staff::surveys::templates::create;
    get    "/admin/surveys/templates/{key}" viewer     staff::surveys::templates::show;
    post   "/admin/surveys/templates/{key}" operator   staff::surveys::templates::change;
    get    "/admin/surveys/{slug}"      viewer         staff::surveys::show;
    post   "/admin/surveys/{slug}"      operator       staff::surveys::act;
    get    "/admin/surveys/{slug}/qr.svg" viewer       staff::surveys::qr;
    get    "/admin/surveys/{slug}/responses" viewer    staff::surveys::list_responses;
    get    "/admin/surveys/{slug}/responses/{reference}" viewer staff::surveys::show_response;
    get    "/admin/surveys/{slug}/invitations" support staff::surveys::list_invitations;
    post   "/admin/surveys/{slug}/invitations" support staff::surveys::act_on_invitations;
    post   "/admin/surveys/{slug}/invitations/sheet" support staff::surveys::sheet;

    // Exports
    get    "/admin/exports"             support        exports::choose;
    post   "/admin/exports"             support        exports::chosen;
    get    "/admin/exports/{file}"      support        exports::download;
    get    "/api/v1/exports/{file}"     support        api::exports::download;
    // Reports, for staff
    get    "/admin/"                    viewer         staff::overview::show;
    get    "/admin/reports"             viewer         staff::reports::list;
    get    "/admin/reports/new"         support        staff::phone::form;
    post   "/admin/reports/new"         support        staff::phone::submit;
    get    "/admin/reports/news"        viewer         staff::news::show;
    get    "/admin/reports/{reference}" viewer         staff::report::show;
    post   "/admin/reports/{reference}" support        staff::report::change;
    get    "/admin/reports/{reference}/images/{id}" support staff::images::show;
    post   "/admin/reports/{reference}/images/{id}/remove" support staff::images::remove;
    get    "/api/v1/reports/{reference}/images/{id}" support api::images::of_report;
    post   "/admin/reports/{reference}/known-issue" support staff::report_known::link;
    get    "/api/v1/reports"            viewer         api::reports::list;
    get    "/api/v1/reports/{reference}" viewer        api::reports::show;
    patch  "/api/v1/reports/{reference}" support       api::reports::change;

    // Known issues
    get    "/known-issues.json"         anyone         known_issue::list;
    get    "/known-issues/{id}/me-too"  anyone         me_too::show;
    post   "/known-issues/{id}/me-too"  anyone         me_too::say;
    get    "/admin/known-issues"        viewer         staff::known_issues::list;
    get    "/admin/known-issues/new"    support        staff::known_issues::edit::new;
    post   "/admin/known-issues/new"    support        staff::known_issues::edit::create;
    get    "/admin/known-issues/{id}"   viewer         staff::known_issues::one::show;
    post   "/admin/known-issues/{id}"   support        staff::known_issues::one::act;
    get    "/admin/known-issues/{id}/edit" support     staff::known_issues::edit::form;
    post   "/admin/known-issues/{id}/edit" support     staff::known_issues::edit::change;
    get    "/admin/me-toos/{reference}" viewer         staff::known_issues::me_too::show;
    post   "/admin/me-toos/{reference}" support        staff::known_issues::me_too::answer;
    get    "/api/v1/known-issues"       viewer         api::known_issues::list;
    post   "/api/v1/known-issues"       support        api::known_issues::create;
    get    "/api/v1/known-issues/{id}"  viewer         api::known_issues::show;
    patch  "/api/v1/known-issues/{id}"  support        api::known_issues::change;
    post   "/api/v1/known-issues/{id}/me-too" anyone   api::me_toos::say;

    get    "/admin/bulk"                viewer         staff::bulk::list;
    post   "/admin/bulk"                support        staff::bulk::ask;
    get    "/admin/bulk/{id}"           viewer         staff::bulk::show;
    post   "/admin/bulk/{id}"           support        staff::bulk::decide;
    get    "/admin/filters"             viewer         staff::filters::list;
    post   "/admin/filters"             viewer         staff::filters::keep;
    post   "/admin/filters/{id}"        viewer         staff::filters::remove;
    get    "/admin/answers"             support        staff::answers::list;
    post   "/admin/answers"             support        staff::answers::add;
    get    "/admin/answers/{id}"        support        staff::answers::show;
    post   "/admin/answers/{id}"        support        staff::answers::change;
    get    "/admin/alarms"              viewer         staff::alarms::list;
    post   "/admin/alarms/{id}"         support        staff::alarms::decide;
    get    "/admin/triage"              administrator  staff::rules::form;
    post   "/admin/triage"              administrator  staff::rules::change;
    get    "/api/v1/alarms"             viewer         api::alarms::list;
    patch  "/api/v1/alarms/{id}"        support        api::alarms::change;
    // Figures
    get    "/api/v1/windows/{slug}/insights" viewer    api::insights::show;
    get    "/api/v1/insights"           viewer         api::insights::list;
    get    "/admin/insights"            viewer         staff::insights::list;
    get    "/admin/insights/{slug}"     viewer         staff::insights::show;
    get    "/admin/insights/{slug}/comments" viewer    staff::insights::comments::show;
    get    "/admin/insights/{slug}/review" viewer      staff::insights::review::show;
    get    "/admin/insights/{slug}/plots/{file}" viewer staff::insights::plots::of_window;
    get    "/admin/plots/{file}"        viewer         staff::insights::plots::between_windows;
    get    "/admin/improvements"        viewer         staff::improvements::list;
    get    "/admin/improvements/new"    support        staff::improvements::new;
    post   "/admin/improvements/new"    support        staff::improvements::add;
    get    "/admin/improvements/{reference}" viewer    staff::improvements::show;
    post   "/admin/improvements/{reference}" support   staff::improvements::change;
    post   "/admin/improvements/{reference}/remove" operator staff::improvements::remove;
    get    "/api/v1/windows/{slug}/comments" viewer    api::insights::comments;
    get    "/api/v1/improvements"       viewer         api::improvements::list;
    post   "/api/v1/improvements"       support        api::improvements::add;
    get    "/api/v1/improvements/{reference}" viewer   api::improvements::show;
    patch  "/api/v1/improvements/{reference}" support  api::improvements::change;

    // Accounts
    get    "/setup/{secret}"            anyone         setup::form;
    post   "/setup/{secret}"            anyone         setup::submit;
    get    "/invitations/{secret}"      anyone         invitation::show;
    post   "/invitations/{secret}"      anyone         invitation::accept;
    get    "/login"                     anyone         login::form;
    post   "/login"                     anyone         login::log_in;
    get    "/login/code"                anyone         login::code_form;
    post   "/login/code"                anyone         login::code;
    get    "/login/provider"            anyone         provider::log_in;
    get    "/login/callback"            anyone         provider::callback;
    post   "/logout"                    anyone         login::log_out;
    get    "/admin/account"             viewer         account::own;
    post   "/admin/account/password"    viewer         account::change_password;
    get    "/admin/account/link"        viewer         provider::link;
    post   "/admin/account/unlink"      viewer         provider::unlink;
    post   "/admin/account/sessions/end-others" viewer account::end_other_sessions;
    post   "/admin/account/sessions/{id}/end" viewer   account::end_session;
    get    "/admin/account/second-factor" viewer       second_factor::show;
    post   "/admin/account/second-factor" viewer       second_factor::begin;
    post   "/admin/account/second-factor/confirm" viewer second_factor::confirm;
    post   "/admin/account/second-factor/codes" viewer second_factor::new_codes;
    post   "/admin/account/second-factor/remove" viewer second_factor::remove;
    post   "/admin/invitations"         administrator  invitation::create;
    post   "/admin/invitations/{id}/revoke" administrator invitation::revoke;
    get    "/admin/people"              administrator  people::list;
    post   "/admin/people"              administrator  people::add;
    get    "/admin/people/{id}"         administrator  people::show;
    post   "/admin/people/{id}/role"    administrator  people::change_role;
    post   "/admin/people/{id}/password" administrator people::set_password;
    post   "/admin/people/{id}/disable" administrator  people::disable;
    post   "/admin/people/{id}/enable"  administrator  people::enable;
    post   "/admin/people/{id}/second-factor/remove" administrator people::remove_second_factor;
    post   "/admin/people/{id}/sessions/end" administrator people::end_sessions;
    post   "/admin/people/{id}/unlink"  administrator  people::unlink;
    get    "/admin/tokens"              administrator  tokens::list;
    post   "/admin/tokens"              administrator  tokens::create;
    post   "/admin/tokens/{id}/revoke"  administrator  tokens::revoke;
    get    "/admin/audit"               administrator  audit::list;
    get    "/admin/audit/{file}"        administrator  audit::export;
    get    "/admin/settings"            administrator  settings::form;
    post   "/admin/settings"            administrator  settings::change;
    post   "/admin/settings/log-in"     administrator  settings::change_log_in;
    post   "/admin/settings/keeping"    administrator  settings::change_keeping;
    post   "/admin/settings/figures"    administrator  settings::change_minimum;
    post   "/admin/settings/demonstration" administrator settings::load_demonstration;
    post   "/admin/settings/demonstration/remove" administrator settings::remove_demonstration;
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
        let mut taken: Vec<&str> = Vec::new();
        for line in TABLE.iter().filter(|line| line.path == entry.path) {
            taken.extend(line.methods());
            resource = resource.route(line.as_route());
        }
        config.service(resource.default_service(web::route().to(takes_only(taken.join(", ")))));
    }
    config.default_service(web::route().to(nothing_here));
}

async fn nothing_here() -> Result<HttpResponse, Failure> {
    Err(Failure::NOT_FOUND)
}

/// Answers whoever asks with another method than these; it gets its face where all failures do.
fn takes_only(methods: String) -> impl Fn() -> Ready<HttpResponse> + Clone {
    move || ready(HttpResponse::MethodNotAllowed().insert_header((header::ALLOW, methods.as_str())).finish())
}
