//! All surveys: those of windows and what they ask.

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::Phase;
use crate::domain::window::WindowState;
use crate::store::surveys::{self, Listed, invitations};
use crate::store::{responses, windows};
use crate::web::app::App;
use crate::web::failure::Failure;
use crate::web::figures;
use crate::web::form::Query;
use crate::web::listing::{self, Cursor};
use crate::web::page::{Page, private_page};
use crate::web::people::done;
use crate::web::visitor::{Viewer, Visitor};

#[derive(Template)]
#[template(path = "staff/surveys/list.html")]
struct ListPage {
    page: Page,
    rows: Vec<Row>,
    templates: Vec<TemplateRow>,
    next: Option<String>,
    done: String,
}

struct Row {
    slug: String,
    title: String,
    phase: Phase,
    asks: String,
    complete: String,
    partial: String,
    invited: String,
}

struct TemplateRow {
    key: String,
    name: String,
    questions: usize,
    version: u32,
    windows: String,
    responses: String,
    made_here: bool,
}

/// `GET /admin/surveys`
pub async fn list(
    app: web::Data<App>,
    request: HttpRequest,
    visitor: Visitor,
    query: Query,
    _staff: Viewer,
) -> Result<HttpResponse, Failure> {
    let query = query.only(&["cursor", "done"])?;
    let after = Cursor::parse(query.get("cursor"))?;
    let states: Vec<WindowState> =
        WindowState::ALL.iter().copied().filter(|s| s.is_public() && *s != WindowState::Cancelled).collect();
    let (found, counts, invited, templates) = app
        .store
        .read(move |c| {
            let found = windows::list(c, &states, None, after.map(Cursor::pair), listing::LIMIT + 1)?;
            let ids: Vec<i64> = found.iter().map(|w| w.id).collect();
            let counts = responses::counts_of(c, &ids)?;
            Ok((found, counts, invitations::invited_of(c, &ids)?, surveys::listed(c)?))
        })
        .await?;
    let page = Page::bare(&request, &visitor);
    let default = app.settings().default_language;
    let name_of = |key: &crate::domain::survey::TemplateKey| {
        let listed = templates.iter().find(|l| l.template.key == *key);
        listed.map_or(key.to_string(), |l| page.words.wording(&l.template.name, default))
    };
    let now = app.now();
    let more = found.len() as i64 > listing::LIMIT;
    let shown = &found[..found.len().min(listing::LIMIT as usize)];
    let rows = shown
        .iter()
        .map(|w| {
            let (complete, partial) = counts.get(&w.id).map_or((0, 0), |c| (c.complete, c.partial));
            Row {
                slug: w.slug.to_string(),
                title: w.title(visitor.language, default),
                phase: Phase::of(&page, w, now),
                asks: name_of(&w.survey_template),
                complete: figures::count(complete),
                partial: figures::count(partial),
                invited: figures::count(invited.get(&w.id).copied().unwrap_or(0).unsigned_abs()),
            }
        })
        .collect();
    let row = |l: &Listed| TemplateRow {
        key: l.template.key.to_string(),
        name: page.words.wording(&l.template.name, default),
        questions: l.template.questions.len(),
        version: l.template.version,
        windows: figures::count(l.windows.unsigned_abs()),
        responses: figures::count(l.responses.unsigned_abs()),
        made_here: l.made_here,
    };
    private_page(&ListPage {
        rows,
        templates: templates.iter().map(row).collect(),
        next: shown.last().filter(|_| more).map(|w| Cursor { at: w.schedule.start, id: w.id }.to_string()),
        done: done(&query, &["removed"]),
        page,
    })
}
