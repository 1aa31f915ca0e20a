//! The programming interface `/api/v1`, and the document that describes it.

pub mod alarms;
pub mod exports;
pub mod images;
pub mod improvements;
pub mod insights;
pub mod known_issues;
pub mod me_toos;
pub mod receipts;
pub mod reference;
pub mod reports;
pub mod reports_submit;
pub mod survey;
pub mod window_object;
pub mod windows;

use std::sync::LazyLock;

use actix_web::http::header;
use actix_web::{HttpResponse, HttpResponseBuilder};
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{
    ContentBuilder, Info, InfoBuilder, License, OpenApi, Ref, ResponseBuilder, path::HttpMethod,
};
use utoipa::{Modify, OpenApi as _};

use crate::domain::person::Role;
use crate::web::failure::{Failure, Problem, ProblemField};
use crate::web::routes::TABLE;

/// An answer that nobody between us and the one who asks may keep.
fn not_kept(mut response: HttpResponseBuilder) -> HttpResponseBuilder {
    response.insert_header((header::CACHE_CONTROL, "no-store"));
    response
}

/// Every call is listed here; a story compares the list with the route table.
#[derive(utoipa::OpenApi)]
#[openapi(
    paths(
        reports::list,
        reports::show,
        reports::change,
        known_issues::list,
        known_issues::create,
        known_issues::show,
        known_issues::change,
        me_toos::say,
        alarms::list,
        alarms::change,
        insights::show,
        insights::list,
        insights::comments,
        improvements::list,
        improvements::show,
        improvements::add,
        improvements::change,
        survey::submit,
        survey::change,
        windows::list,
        windows::show,
        windows::create,
        windows::change,
        windows::post_update,
        exports::download,
        reports_submit::submit,
        receipts::show,
        receipts::message,
        receipts::verdict,
        receipts::contact,
        receipts::erase,
        images::add,
        images::show,
        images::remove,
        images::of_report,
    ),
    components(schemas(Problem, ProblemField)),
    modifiers(&Frame),
)]
struct Calls;

/// What the document says about every call, so that no handler has to: who may, and what comes
/// instead of an answer.
struct Frame;

impl Modify for Frame {
    fn modify(&self, document: &mut OpenApi) {
        document.info = info();
        let scheme = SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer));
        let components = document.components.get_or_insert_default();
        components.security_schemes.insert("token".to_owned(), scheme.into());
        for (path, item) in &mut document.paths.paths {
            let operations = [
                (HttpMethod::Get, &mut item.get),
                (HttpMethod::Post, &mut item.post),
                (HttpMethod::Put, &mut item.put),
                (HttpMethod::Patch, &mut item.patch),
                (HttpMethod::Delete, &mut item.delete),
            ];
            for (method, operation) in operations {
                let Some(operation) = operation else { continue };
                operation.security = role(&method, path)
                    .map(|_| vec![SecurityRequirement::new("token", Vec::<String>::new())]);
                let problem = ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).build();
                let otherwise = ResponseBuilder::new()
                    .description("What was wrong, as a problem document (RFC 9457)")
                    .content("application/problem+json", problem)
                    .build();
                operation.responses.responses.insert("default".to_owned(), otherwise.into());
            }
        }
    }
}

fn info() -> Info {
    InfoBuilder::new()
        .title("Interlude")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(
            "Maintenance windows, problem reports, surveys and figures. Times are RFC 3339; those given \
             are UTC with milliseconds. Lists answer `items` and `next_cursor`. Unknown fields are \
             refused. Reading windows, reporting and answering need no token.",
        ))
        .license(Some(License::new(env!("CARGO_PKG_LICENSE"))))
        .build()
}

/// The role that the route table asks for this call.
fn role(method: &HttpMethod, path: &str) -> Option<Role> {
    let method = match method {
        HttpMethod::Get => "get",
        HttpMethod::Post => "post",
        HttpMethod::Put => "put",
        HttpMethod::Patch => "patch",
        _ => "delete",
    };
    TABLE.iter().find(|entry| entry.method == method && entry.path == path).and_then(|entry| entry.role)
}

/// The document, made once.
static DOCUMENT: LazyLock<OpenApi> = LazyLock::new(Calls::openapi);

/// `GET /api/openapi.json`
pub async fn document() -> Result<HttpResponse, Failure> {
    Ok(HttpResponse::Ok().insert_header(("Access-Control-Allow-Origin", "*")).json(&*DOCUMENT))
}
