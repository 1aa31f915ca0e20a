//! All windows, drafts too.

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use crate::domain::fields::FieldErrors;
use crate::domain::instant::Instant;
use crate::domain::window::WindowState;
use crate::i18n::Words;
use crate::store::windows;
use crate::web::app::App;
use crate::web::failure::Failure;
use crate::web::form::Query;
use crate::web::listing::{self, Cursor};
use crate::web::notice::{Badge, Reader, When};
use crate::web::page::{Page, private_page};
use crate::web::visitor::{Viewer, Visitor};

struct Row {
    slug: String,
    title: String,
    badges: Vec<Badge>,
    start: Instant,
    when: String,
    affected: String,
}

#[derive(Template)]
#[template(path = "editor/list.html")]
struct ListPage {
    page: Page,
    state: String,
    states: &'static [WindowState],
    rows: Vec<Row>,
    next: Option<String>,
}

/// `GET /admin/windows`
pub async fn list(
    app: web::Data<App>,
    request: HttpRequest,
    visitor: Visitor,
    query: Query,
    _guard: Viewer,
) -> Result<HttpResponse, Failure> {
    let query = query.only(&["state", "cursor"])?;
    let state = match query.get("state") {
        "" => None,
        code => Some(WindowState::from_code(code).ok_or_else(|| FieldErrors::one("state", "unknown-code"))?),
    };
    let after = Cursor::parse(query.get("cursor"))?.map(Cursor::pair);
    let states: Vec<WindowState> = state.into_iter().collect();
    let found = app.store.read(move |c| windows::list(c, &states, None, after, listing::LIMIT + 1)).await?;
    let more = found.len() as i64 > listing::LIMIT;
    let found = &found[..found.len().min(listing::LIMIT as usize)];
    let (default, now) = (app.settings().default_language, app.now());
    let reader = Reader { words: Words(visitor.language), default, now };
    let rows = found
        .iter()
        .map(|w| Row {
            slug: w.slug.to_string(),
            title: w.title(visitor.language, default),
            badges: reader.badges(w),
            start: w.schedule.start,
            when: When::new(reader.words, w.zone(), now).range(w.schedule.start, w.schedule.end),
            affected: (w.components.iter().map(|c| c.component.label(visitor.language, default)))
                .collect::<Vec<_>>()
                .join(&reader.words.t("windows-comma")),
        })
        .collect();
    private_page(&ListPage {
        page: Page::bare(&request, &visitor),
        state: query.get("state").to_owned(),
        states: WindowState::ALL,
        rows,
        next: found.last().filter(|_| more).map(|w| Cursor { at: w.schedule.start, id: w.id }.to_string()),
    })
}
