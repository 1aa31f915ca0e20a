//! All surveys: those of windows and what they ask.

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::Phase;
use super::templates_list::{self as templates, TemplateRow};
use crate::domain::instant::Instant;
use crate::domain::window::WindowState;
use crate::export::Cell;
use crate::store::surveys::{self, invitations};
use crate::store::{responses, windows};
use crate::web::app::App;
use crate::web::failure::Failure;
use crate::web::form::Query;
use crate::web::page::{Page, private_page};
use crate::web::table::{self, Answer, Asked, Column, Pick, Table, Tabular};
use crate::web::visitor::{Viewer, Visitor};

#[derive(Template)]
#[template(path = "staff/surveys/list.html")]
struct ListPage {
    page: Page,
    surveys: Table<Row>,
    templates: Table<TemplateRow>,
    done: String,
}

/// The survey of a window as a row.
struct Row {
    slug: String,
    title: String,
    start: Instant,
    phase: Phase,
    template: String,
    asks: String,
    complete: i64,
    partial: i64,
    invited: i64,
}

impl Tabular for Row {
    const NAME: &'static str = "surveys";
    const PLACE: &'static str = "of-windows";
    const COLUMNS: &'static [Column<Row>] = &[
        Column { name: "window", title: "surveys-window", cell: |r, _| Cell::Text(r.title.clone()) },
        Column { name: "start", title: "surveys-start", cell: |r, _| Cell::Time(r.start) },
        Column {
            name: "state",
            title: "surveys-state-title",
            cell: |r, _| Cell::Word(format!("{} {}", r.phase.word, r.phase.detail).trim().to_owned()),
        },
        Column { name: "asks", title: "surveys-asks", cell: |r, _| Cell::Text(r.asks.clone()) },
        Column { name: "complete", title: "surveys-complete", cell: |r, _| Cell::Number(r.complete) },
        Column { name: "partial", title: "surveys-partial", cell: |r, _| Cell::Number(r.partial) },
        Column { name: "invited", title: "surveys-invited", cell: |r, _| Cell::Number(r.invited) },
    ];
    const PICKS: &'static [Pick<Row>] = &[
        Pick {
            name: "state",
            title: "surveys-state-title",
            of: |r, _| vec![(r.phase.code.to_owned(), r.phase.word.clone())],
        },
        Pick {
            name: "template",
            title: "surveys-asks",
            of: |r, _| vec![(r.template.clone(), r.asks.clone())],
        },
    ];
}

/// `GET /admin/surveys`
pub async fn list(
    app: web::Data<App>,
    request: HttpRequest,
    visitor: Visitor,
    query: Query,
    Viewer(actor): Viewer,
) -> Result<HttpResponse, Failure> {
    let asked = Asked::of::<Row>(&query, &["done"], &[])?;
    let states: Vec<WindowState> =
        WindowState::ALL.iter().copied().filter(|s| s.is_public() && *s != WindowState::Cancelled).collect();
    let (found, counts, invited, templates) = app
        .store
        .read(move |c| {
            let found = windows::list(c, &states, None, None, i64::MAX)?;
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
    let rows = found
        .iter()
        .map(|w| {
            let (complete, partial) = counts.get(&w.id).map_or((0, 0), |c| (c.complete, c.partial));
            Row {
                slug: w.slug.to_string(),
                title: w.title(visitor.language, default),
                start: w.schedule.start,
                phase: Phase::of(&page, w, now),
                template: w.survey_template.to_string(),
                asks: name_of(&w.survey_template),
                complete: i64::try_from(complete).unwrap_or(i64::MAX),
                partial: i64::try_from(partial).unwrap_or(i64::MAX),
                invited: invited.get(&w.id).copied().unwrap_or(0),
            }
        })
        .collect();
    match table::answer(&app, &page, &actor, &asked, rows).await? {
        Answer::File(file) => Ok(file),
        Answer::Page(surveys) => {
            // The list of templates has an address of its own, for two on one page would share its words.
            let mut there = Page::bare(&request, &visitor);
            there.path = "/admin/surveys/templates".to_owned();
            let templates = table::whole(&there, templates::rows(&page, default, &templates));
            private_page(&ListPage { surveys, templates, done: query.done(&["removed"]), page })
        }
    }
}
