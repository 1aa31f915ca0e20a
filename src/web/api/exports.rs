//! Exports through the programming interface.

use actix_web::{HttpResponse, web};

use crate::web::app::App;
use crate::web::exports;
use crate::web::failure::Failure;
use crate::web::form::Query;
use crate::web::visitor::{Support, Visitor};

/// Download rows as a file.
///
/// `file` is `reports`, `survey-responses`, `windows`, `updates`, `insights` or `improvements`, a dot,
/// and `csv`, `jsonl` or `xlsx`; or `evidence.zip`, everything of one window in an archive with
/// checksums (`window` is needed then). One snapshot, streamed; every download is noted in the audit log. The columns
/// are described in docs/exports.md.
#[utoipa::path(
    get,
    path = "/api/v1/exports/{file}",
    params(
        ("file" = String, Path, description = "e.g. `reports.csv`"),
        ("style" = Option<String>, Query, description = "`machine` (the default) or `sheet`: titles, words and local times for people"),
        ("bom" = Option<bool>, Query, description = "whether a CSV file begins with a byte order mark; `true` if left out"),
        ("contacts" = Option<bool>, Query, description = "with contacts and accounts (reports); `false` if left out"),
        ("lang" = Option<String>, Query, description = "the language of a sheet"),
        ("window" = Option<String>, Query, description = "a window's slug; for reports `-` for those outside of all"),
        ("stage" = Option<String>, Query, description = "reports only, as are the next six"),
        ("component" = Option<String>, Query),
        ("category" = Option<String>, Query),
        ("impact" = Option<String>, Query),
        ("severity" = Option<String>, Query),
        ("status" = Option<String>, Query, description = "a status, or `open`"),
        ("q" = Option<String>, Query, description = "words that the report holds"),
        ("from" = Option<String>, Query, description = "received, submitted, posted or (windows) to start at this moment or later"),
        ("to" = Option<String>, Query, description = "and before this moment"),
        ("shift" = Option<String>, Query, description = "`last_night`, `today`, `yesterday` or `last_7_days` instead of `from` and `to`"),
    ),
    responses((status = 200, description = "The file", body = String, content_type = "text/csv")),
    tag = "exports"
)]
pub async fn download(
    app: web::Data<App>,
    visitor: Visitor,
    file: web::Path<String>,
    query: Query,
    guard: Support,
) -> Result<HttpResponse, Failure> {
    exports::download(app, visitor, file, query, guard).await
}
