//! A table as a file: the rows that match, in the order and the words in which they are seen.

use actix_web::HttpResponse;
use actix_web::http::header;

use super::Tabular;
use crate::export::{self, Column, Format};
use crate::store::audit;
use crate::store::people::Actor;
use crate::web::app::App;
use crate::web::failure::Failure;
use crate::web::page::Page;

/// How wide a column of a sheet is, in characters.
const WIDTH: u16 = 24;

/// The file with these rows; that it was taken along is noted first.
pub async fn take_along<R: Tabular>(
    app: &App,
    page: &Page,
    actor: &Actor,
    format: Format,
    query: &str,
    rows: Vec<R>,
) -> Result<HttpResponse, Failure> {
    let all = || R::COLUMNS.iter().chain(R::MORE);
    let columns: Vec<Column> = all().map(|column| Column::new(page.t(column.title), WIDTH)).collect();
    let cells = rows.iter().map(|row| all().map(|column| (column.cell)(row, page)).collect());
    let file = export::table(format, page.zone, R::NAME, &columns, cells)?;
    let query = if R::CONTACTS { masked(query) } else { query.to_owned() };
    let contacts = if R::CONTACTS { "; with contacts" } else { "" };
    let detail = format!("{format}; filter: {query}{contacts}; {} rows of {}", rows.len(), page.path);
    let actor = actor.clone();
    app.store.write(move |w| audit::note(w, &actor, "table.export", R::NAME, &detail)).await?;
    Ok(HttpResponse::Ok()
        .content_type(format.media_type())
        .insert_header((
            header::CONTENT_DISPOSITION,
            format!("attachment; filename=\"{}.{format}\"", R::NAME),
        ))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .body(file))
}

/// A query without what was looked for: that may be somebody's telephone number, and the audit log is kept
/// longer than any contact.
fn masked(query: &str) -> String {
    let pairs = form_urlencoded::parse(query.as_bytes());
    let pairs = pairs.map(|(name, value)| if name == "q" { (name, "***".into()) } else { (name, value) });
    form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}
