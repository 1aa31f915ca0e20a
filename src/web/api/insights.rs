//! Figures through the programming interface: the numbers of the page, unrounded.

use actix_web::{HttpResponse, web};
use serde::Serialize;

use crate::domain::fields::FieldErrors;
use crate::domain::terms::{self, Term};
use crate::store::insights::{self, Comparison, Insights, Totals};
use crate::store::responses::{Comment, Comments};
use crate::store::{Error, responses, windows};
use crate::web::app::App;
use crate::web::failure::Failure;
use crate::web::form::Query;
use crate::web::listing::{self, Cursor};
use crate::web::staff::insights as page;
use crate::web::visitor::{Viewer, Visitor};

/// Most windows that may be named in one call.
pub const NAMED_MAX: usize = 200;

/// A piece of the list of figures, and all of them taken together.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct InsightsList {
    /// Of each window; the named ones in the order in which they were named, else the latest start
    /// first.
    pub items: Vec<Insights>,
    /// What `cursor` must be to go on; null at the end.
    pub next_cursor: Option<String>,
    /// All windows that were named taken together, or all published ones, whatever the piece.
    pub totals: Totals,
    /// If exactly two windows were named: the second against the first; else null.
    pub comparison: Option<Comparison>,
}

/// Comments on a window, the least satisfied first.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct CommentList {
    /// The comments.
    pub items: Vec<Comment>,
    /// What `cursor` must be to go on; null at the end.
    pub next_cursor: Option<String>,
    /// The words that most of the latest 5,000 comments use, whatever the search; Chinese is cut into
    /// words, words that say nothing are left out.
    pub terms: Vec<Term>,
}

/// What people wrote in the survey of a window.
#[utoipa::path(
    get, path = "/api/v1/windows/{slug}/comments",
    params(
        ("slug" = String, Path, description = "The window"),
        ("score" = Option<u8>, Query, description = "only of those who gave this satisfaction, 1–5"),
        ("q" = Option<String>, Query, description = "only those that hold all of these words"),
        ("limit" = Option<i64>, Query, description = "1–200, 50 if left out"),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the piece before"),
    ),
    responses((status = 200, body = CommentList)),
)]
pub async fn comments(
    app: web::Data<App>,
    _staff: Viewer,
    slug: web::Path<String>,
    query: Query,
) -> Result<HttpResponse, Failure> {
    let query = query.only(&["score", "q", "limit", "cursor"])?;
    let mut errors = FieldErrors::new();
    let limit = errors.keep(listing::limit(query.get("limit")));
    let score = errors.keep(page::score_of(query.get("score")));
    let after = errors.keep(page::comments_after("cursor", query.get("cursor")));
    let words = errors.keep(page::comments::words(query.get("q")));
    let (Some(limit), Some(score), Some(after), Some(words)) = (limit, score, after, words) else {
        return Err(errors.into());
    };
    let asked = Comments { score, words, after };
    let ((items, more), texts) = app
        .store
        .read(move |c| {
            let window = windows::by_slug(c, &slug)?;
            let found = responses::comments(c, window.id, &asked, limit)?;
            Ok((found, responses::comment_texts(c, window.id, page::comments::COUNTED)?))
        })
        .await?;
    let terms = web::block(move || terms::frequent(texts.iter().map(String::as_str), page::comments::TERMS))
        .await
        .map_err(|e| Error::Internal(format!("terms were not counted: {e}")))?;
    let next_cursor = more.map(|(score, id)| format!("{score}.{id}"));
    Ok(HttpResponse::Ok().json(CommentList { items, next_cursor, terms }))
}

/// The figures of a window.
///
/// Every figure comes with its n and, where there is one, its 95 % interval.
#[utoipa::path(
    get, path = "/api/v1/windows/{slug}/insights",
    params(
        ("slug" = String, Path, description = "The window"),
        ("lang" = Option<String>, Query, description = "The language of the names"),
    ),
    responses((status = 200, body = Insights)),
)]
pub async fn show(
    app: web::Data<App>,
    _staff: Viewer,
    visitor: Visitor,
    slug: web::Path<String>,
    query: Query,
) -> Result<HttpResponse, Failure> {
    query.only(&[])?;
    let reader = app.reader(visitor.language);
    let found = app
        .store
        .read(move |c| {
            let window = windows::by_slug(c, &slug)?;
            insights::one(c, &window, reader)
        })
        .await?;
    Ok(HttpResponse::Ok().json(found))
}

/// The figures of several windows, and of all of them taken together.
#[utoipa::path(
    get, path = "/api/v1/insights",
    params(
        ("windows" = Option<String>, Query, description = "Slugs with commas between them, at most 200; all published windows if left out"),
        ("limit" = Option<i64>, Query, description = "1–200, 50 if left out; not together with `windows`"),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the piece before; not together with `windows`"),
        ("lang" = Option<String>, Query, description = "The language of the names"),
    ),
    responses((status = 200, body = InsightsList)),
)]
pub async fn list(
    app: web::Data<App>,
    _staff: Viewer,
    visitor: Visitor,
    query: Query,
) -> Result<HttpResponse, Failure> {
    let reader = app.reader(visitor.language);
    if query.has("windows") {
        let query = query.only(&["windows"])?;
        let mut slugs: Vec<String> = Vec::new();
        for slug in query.get("windows").split(',').map(str::trim).filter(|s| !s.is_empty()) {
            if !slugs.iter().any(|known| known == slug) {
                slugs.push(slug.to_owned());
            }
        }
        if slugs.len() > NAMED_MAX {
            let mut errors = FieldErrors::new();
            let count = slugs.len().to_string();
            errors.add_with("windows", "too-many", [("max", NAMED_MAX.to_string()), ("count", count)]);
            return Err(errors.into());
        }
        let found = app
            .store
            .read(move |c| {
                let mut named = Vec::new();
                for slug in &slugs {
                    let window = windows::by_slug(c, slug).map_err(|e| match e {
                        Error::NotFound => Error::field("windows", "no-such-window"),
                        other => other,
                    })?;
                    named.push(window);
                }
                let items = insights::of(c, &named, reader)?;
                let comparison = match items.as_slice() {
                    [base, window] => Some(Comparison::new(base, window)),
                    _ => None,
                };
                Ok(InsightsList {
                    items,
                    comparison,
                    next_cursor: None,
                    totals: insights::totals(c, Some(&named), reader)?,
                })
            })
            .await?;
        return Ok(HttpResponse::Ok().json(found));
    }
    let query = query.only(&["limit", "cursor"])?;
    let mut errors = FieldErrors::new();
    let limit = errors.keep(listing::limit(query.get("limit")));
    let after = errors.keep(Cursor::parse(query.get("cursor")));
    let (Some(limit), Some(after)) = (limit, after) else { return Err(errors.into()) };
    let found = app
        .store
        .read(move |c| {
            let (items, next) = insights::page(c, after.map(Cursor::pair), limit, reader)?;
            let next_cursor = next.map(|(at, id)| Cursor { at, id }.to_string());
            let totals = insights::totals(c, None, reader)?;
            Ok(InsightsList { items, next_cursor, totals, comparison: None })
        })
        .await?;
    Ok(HttpResponse::Ok().json(found))
}
