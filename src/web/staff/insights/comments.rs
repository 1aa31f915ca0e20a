//! What people wrote: by score, searched, with the words they use most.

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::{CommentView, comments_after, score_of};
use crate::domain::terms::{self, Term};
use crate::store::responses::{self, Comments};
use crate::store::windows;
use crate::web::app::App;
use crate::web::failure::Failure;
use crate::web::form::Query;
use crate::web::page::{Page, private_page};
use crate::web::times::Times;
use crate::web::visitor::{Viewer, Visitor};

/// How many comments a page shows.
const SHOWN: i64 = 50;
/// From how many comments at most terms are counted: of more, the latest.
pub const COUNTED: i64 = 5_000;
/// How many terms are shown.
pub const TERMS: usize = 24;
/// Longest search, in characters; and how many words of it count.
pub const SEARCH_MAX: usize = 200;

#[derive(Template)]
#[template(path = "insights/comments.html")]
struct CommentsPage {
    page: Page,
    slug: String,
    title: String,
    score: Option<u8>,
    q: String,
    terms: Vec<Term>,
    comments: Vec<CommentView>,
    /// The query of the next page.
    next: Option<String>,
}

/// The words of a search, at most eight.
///
/// Errors at `q`: `too-long`, `control-character`.
pub fn words(q: &str) -> Result<Vec<String>, crate::domain::fields::FieldErrors> {
    let line = crate::domain::line::Line::optional("q", q, SEARCH_MAX)?;
    let words = line.map(|l| l.as_str().split_whitespace().take(8).map(str::to_owned).collect());
    Ok(words.unwrap_or_default())
}

/// `GET /admin/insights/{slug}/comments`
pub async fn show(
    app: web::Data<App>,
    _staff: Viewer,
    request: HttpRequest,
    visitor: Visitor,
    slug: web::Path<String>,
    query: Query,
) -> Result<HttpResponse, Failure> {
    let query = query.only(&["score", "after", "q"])?;
    let (score, after) = (score_of(query.get("score"))?, comments_after("after", query.get("after"))?);
    let asked = Comments { score, words: words(query.get("q"))?, after };
    let reader = app.reader(visitor.language);
    let (window, (found, more), texts) = app
        .store
        .read(move |c| {
            let window = windows::by_slug(c, &slug)?;
            let found = responses::comments(c, window.id, &asked, SHOWN)?;
            let texts = responses::comment_texts(c, window.id, COUNTED)?;
            Ok((window, found, texts))
        })
        .await?;
    // The dictionary takes a moment to load: not on a thread that answers others.
    let terms = web::block(move || terms::frequent(texts.iter().map(String::as_str), TERMS))
        .await
        .map_err(|e| crate::store::Error::Internal(format!("terms were not counted: {e}")))?;
    let page = Page::bare(&request, &visitor);
    let times = Times::new(page.words, window.zone());
    let q = query.get("q").trim().to_owned();
    let next = more.map(|(last, id)| {
        let mut next = form_urlencoded::Serializer::new(String::new());
        next.append_pair("after", &format!("{last}.{id}"));
        if let Some(score) = score {
            next.append_pair("score", &score.to_string());
        }
        if !q.is_empty() {
            next.append_pair("q", &q);
        }
        next.finish()
    });
    private_page(&CommentsPage {
        slug: window.slug.to_string(),
        title: window.title(reader.language, reader.default),
        score,
        q,
        terms,
        comments: found.into_iter().map(|c| CommentView::of(c, times)).collect(),
        next,
        page,
    })
}
