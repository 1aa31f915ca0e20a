//! Improvements through the programming interface.

use actix_web::{HttpRequest, HttpResponse, web};
use serde::{Deserialize, Serialize};

use crate::domain::fields::FieldErrors;
use crate::domain::improvement::{ImprovementDraft, ImprovementInput, ImprovementStatus};
use crate::domain::instant::Instant;
use crate::domain::measure::Measure;
use crate::domain::reference::ImprovementReference;
use crate::store::connection::Db;
use crate::store::improvements::{self, Filter, Improvement};
use crate::store::insights::{self, Reader, Shown};
use crate::store::{Error, Result as StoreResult, windows};
use crate::web::app::App;
use crate::web::etag;
use crate::web::failure::Failure;
use crate::web::form::{Json, Query};
use crate::web::listing;
use crate::web::once::Once;
use crate::web::visitor::{Support, Viewer, Visitor};

/// An improvement.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct ImprovementObject {
    /// Its name.
    #[schema(value_type = String, example = "I-2222X7")]
    pub reference: ImprovementReference,
    /// What will be done better.
    pub title: String,
    /// More about it.
    pub detail: Option<String>,
    /// Who sees to it.
    pub owner: Option<String>,
    /// How far it is.
    pub status: ImprovementStatus,
    /// What it came from: `window`, `figure:csat`, `comment:S-…`, `report:R-…`, `known_issue:…`.
    pub source: String,
    /// The slug of the window it came from.
    pub window: Option<String>,
    /// The slug of the later window that should show it.
    pub shown_by: Option<String>,
    /// The measure that should show it.
    pub measure: Option<Measure>,
    /// Whether it does.
    pub shown: Shown,
    /// When it was written down.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Instant,
    /// When it was last changed.
    #[schema(value_type = String, format = DateTime)]
    pub changed_at: Instant,
}

/// A piece of the list of improvements, the latest first.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct ImprovementList {
    /// The improvements.
    pub items: Vec<ImprovementObject>,
    /// What `cursor` must be to go on; null at the end.
    pub next_cursor: Option<String>,
}

/// What a new improvement says, or what changes of one; a field left out stays as it is. An empty
/// text takes a value away.
#[derive(Debug, Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ImprovementBody {
    /// What will be done better, at most 200 characters; needed for a new one.
    pub title: Option<String>,
    /// More about it, at most 2,000 characters.
    pub detail: Option<String>,
    /// Who sees to it, by name.
    pub owner: Option<String>,
    /// `planned` (of a new one), `in_progress`, `done` or `dropped`.
    pub status: Option<String>,
    /// The measure that should show it.
    pub measure: Option<String>,
    /// What it came from; only of a new one.
    pub source: Option<String>,
    /// The slug of the window it came from.
    pub window: Option<String>,
    /// The slug of the later window that should show it.
    pub shown_by: Option<String>,
}

fn objects(
    connection: &mut Db,
    list: Vec<Improvement>,
    reader: Reader,
) -> StoreResult<Vec<ImprovementObject>> {
    let names = improvements::names(connection, &list)?;
    let shown = insights::shown(connection, &list, reader)?;
    let slug = |id: Option<i64>| Some(names.windows.get(&id?)?.slug.to_string());
    Ok(list
        .into_iter()
        .map(|i| ImprovementObject {
            reference: i.reference(),
            owner: i.owner_id.and_then(|id| names.people.get(&id).cloned()),
            status: i.status,
            source: i.came_from().code(),
            window: slug(i.window_id),
            shown_by: slug(i.shown_by),
            measure: i.measure,
            shown: shown.get(&i.id).copied().unwrap_or(Shown::NotNamed),
            created_at: i.created_at,
            changed_at: i.changed_at,
            title: i.title,
            detail: i.detail,
        })
        .collect())
}

/// One of them, and its revision.
fn object(connection: &mut Db, id: i64, reader: Reader) -> StoreResult<(ImprovementObject, i64)> {
    let one = improvements::by_id(connection, id)?;
    let revision = one.revision;
    let object = objects(connection, vec![one], reader)?.pop().ok_or(Error::NotFound)?;
    Ok((object, revision))
}

fn reference(path: &str) -> Result<i64, Failure> {
    Ok(ImprovementReference::parse(path).ok_or(Failure::NOT_FOUND)?.0)
}

/// Improvements, the latest first.
#[utoipa::path(
    get, path = "/api/v1/improvements", tag = "improvements",
    params(
        ("window" = Option<String>, Query, description = "only those that came from this window or should be shown by it"),
        ("open" = Option<bool>, Query, description = "`true`: only those that are still to be done; `false`: only the others"),
        ("limit" = Option<i64>, Query, description = "1–200, 50 if left out"),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the piece before"),
    ),
    responses((status = 200, body = ImprovementList), (status = 304, description = "As `If-None-Match` knows it")),
)]
pub async fn list(
    app: web::Data<App>,
    request: HttpRequest,
    _staff: Viewer,
    visitor: Visitor,
    query: Query,
) -> Result<HttpResponse, Failure> {
    let query = query.only(&["window", "open", "limit", "cursor"])?;
    let mut errors = FieldErrors::new();
    let limit = errors.keep(listing::limit(query.get("limit")));
    let before = errors.keep(match query.get("cursor") {
        "" => Ok(None),
        text => ImprovementReference::parse(text)
            .map(|r| Some(r.0))
            .ok_or_else(|| FieldErrors::one("cursor", "bad-cursor")),
    });
    let open = errors.keep(match query.get("open") {
        "" => Ok(None),
        "true" => Ok(Some(true)),
        "false" => Ok(Some(false)),
        _ => Err(FieldErrors::one("open", "unknown-code")),
    });
    let (Some(limit), Some(before), Some(open)) = (limit, before, open) else { return Err(errors.into()) };
    let (slug, reader) = (query.get("window").to_owned(), app.reader(visitor.language));
    let found = app
        .store
        .read(move |c| {
            let window = match slug.as_str() {
                "" => None,
                slug => {
                    Some(windows::id_of(c, slug)?.ok_or_else(|| Error::field("window", "no-such-window"))?)
                }
            };
            let filter = Filter { open, window, source: None };
            let mut list = improvements::list(c, &filter, before, limit + 1)?;
            let more = list.len() as i64 > limit;
            list.truncate(usize::try_from(limit).unwrap_or(0));
            let next_cursor = list.last().filter(|_| more).map(|i| i.reference().to_string());
            Ok(ImprovementList { items: objects(c, list, reader)?, next_cursor })
        })
        .await?;
    Ok(etag::json(&request, HttpResponse::Ok(), found.items.len() as i64, &found))
}

/// One improvement.
#[utoipa::path(
    get, path = "/api/v1/improvements/{reference}", tag = "improvements",
    params(("reference" = String, Path)),
    responses((status = 200, body = ImprovementObject), (status = 304, description = "As `If-None-Match` knows it")),
)]
pub async fn show(
    app: web::Data<App>,
    request: HttpRequest,
    _staff: Viewer,
    visitor: Visitor,
    path: web::Path<String>,
) -> Result<HttpResponse, Failure> {
    let (id, reader) = (reference(&path)?, app.reader(visitor.language));
    let (found, revision) = app.store.read(move |c| object(c, id, reader)).await?;
    Ok(etag::json(&request, HttpResponse::Ok(), revision, &found))
}

/// Writes an improvement down.
#[utoipa::path(
    post, path = "/api/v1/improvements", tag = "improvements",
    params(("Idempotency-Key" = Option<String>, Header, description = "Sent twice under one key it is done once: 22 to 128 letters, digits or - _ . ~")),
    request_body = ImprovementBody,
    responses((status = 201, body = ImprovementObject)),
)]
pub async fn add(
    app: web::Data<App>,
    request: HttpRequest,
    visitor: Visitor,
    guard: Support,
    body: Json<ImprovementBody>,
) -> Result<HttpResponse, Failure> {
    let (body, once) = (body.0, Once::of_call(&request)?);
    let input = ImprovementInput {
        title: body.title.unwrap_or_default(),
        detail: body.detail.unwrap_or_default(),
        owner: body.owner.unwrap_or_default(),
        status: body.status.unwrap_or_default(),
        measure: body.measure.unwrap_or_default(),
        source: body.source.unwrap_or_default(),
        window: body.window.unwrap_or_default(),
        shown_by: body.shown_by.unwrap_or_default(),
    };
    let draft = ImprovementDraft::parse(&input)?;
    let reader = app.reader(visitor.language);
    let (made, revision) = app
        .store
        .write(move |w| {
            let id = once.act(w, "call improvements", |w| improvements::add(w, &guard.0, &draft, false))?;
            object(w.connection, id, reader)
        })
        .await?;
    Ok(etag::json(&request, HttpResponse::Created(), revision, &made))
}

/// Changes the fields that are given. With `If-Match` only if the improvement is still as it was looked at
/// (else 412).
#[utoipa::path(
    patch, path = "/api/v1/improvements/{reference}", tag = "improvements",
    params(
        ("reference" = String, Path),
        ("If-Match" = Option<String>, Header, description = "The `ETag` of the improvement as it was looked at"),
    ),
    request_body = ImprovementBody,
    responses((status = 200, body = ImprovementObject)),
)]
pub async fn change(
    app: web::Data<App>,
    request: HttpRequest,
    visitor: Visitor,
    guard: Support,
    path: web::Path<String>,
    body: Json<ImprovementBody>,
) -> Result<HttpResponse, Failure> {
    let (id, seen, body) = (reference(&path)?, etag::stated_sequence(&request)?, body.0);
    if body.source.is_some() {
        return Err(FieldErrors::one("source", "unknown-field").into());
    }
    let reader = app.reader(visitor.language);
    let (made, revision) = app
        .store
        .write(move |w| {
            let (now, _) = object(w.connection, id, reader)?;
            let or = |new: &Option<String>, old: Option<String>| new.clone().or(old).unwrap_or_default();
            let input = ImprovementInput {
                title: or(&body.title, Some(now.title)),
                detail: or(&body.detail, now.detail),
                owner: or(&body.owner, now.owner),
                status: or(&body.status, Some(now.status.code().to_owned())),
                measure: or(&body.measure, now.measure.map(|m| m.code().to_owned())),
                source: String::new(),
                window: or(&body.window, now.window),
                shown_by: or(&body.shown_by, now.shown_by),
            };
            let draft = ImprovementDraft::parse(&input)?;
            improvements::change(w, &guard.0, id, seen, &draft)?;
            object(w.connection, id, reader)
        })
        .await?;
    Ok(etag::json(&request, HttpResponse::Ok(), revision, &made))
}
