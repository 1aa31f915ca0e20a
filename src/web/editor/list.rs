//! All windows, drafts too.

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use crate::domain::instant::Instant;
use crate::domain::window::WindowState;
use crate::export::Cell;
use crate::store::windows::{self, Window};
use crate::web::app::App;
use crate::web::failure::Failure;
use crate::web::form::Query;
use crate::web::notice::{Badge, Reader, When};
use crate::web::page::{Page, private_page};
use crate::web::table::{self, Answer, Asked, Column, Pick, Table, Tabular};
use crate::web::visitor::{Viewer, Visitor};

/// A window as a row of the list.
struct Row {
    state: WindowState,
    components: Vec<(String, String)>,
    slug: String,
    title: String,
    badges: Vec<Badge>,
    start: Instant,
    year: String,
    when: String,
    affected: String,
}

#[derive(Template)]
#[template(path = "editor/list.html")]
struct ListPage {
    page: Page,
    windows: Table<Row>,
}

impl Tabular for Row {
    const NAME: &'static str = "windows";
    const PLACE: &'static str = "list";
    const COLUMNS: &'static [Column<Row>] = &[
        Column { name: "title", title: "editor-text-title", cell: |r, _| Cell::Text(r.title.clone()) },
        Column {
            name: "state",
            title: "editor-state",
            cell: |r, page| Cell::Word(page.word("state", r.state.code())),
        },
        Column { name: "start", title: "editor-times", cell: |r, _| Cell::Time(r.start) },
        Column {
            name: "affected",
            title: "windows-affected-title",
            cell: |r, _| Cell::text(Some(&r.affected)),
        },
    ];
    const PICKS: &'static [Pick<Row>] = &[
        Pick {
            name: "state",
            title: "editor-state",
            of: |r, page| vec![(r.state.code().to_owned(), page.word("state", r.state.code()))],
        },
        Pick { name: "component", title: "queue-component", of: |r, _| r.components.clone() },
        Pick { name: "year", title: "table-year", of: |r, _| vec![(r.year.clone(), r.year.clone())] },
    ];

    /// States stand in the order in which a window comes through them.
    fn rank(pick: &str, code: &str) -> usize {
        let states = WindowState::ALL.iter().map(|state| state.code());
        if pick == "state" { states.take_while(|state| *state != code).count() } else { 0 }
    }
}

/// All windows as rows, the latest first.
async fn rows(app: &App, page: &Page) -> Result<Vec<Row>, Failure> {
    let found = app.store.read(|c| windows::list(c, &[], None, None, i64::MAX)).await?;
    let (default, now) = (app.settings().default_language, app.now());
    let reader = Reader { words: page.words, default, now };
    let row = |w: &Window| {
        let names = w.components.iter().map(|c| {
            let component = &c.component;
            (component.key.clone(), component.label(page.language(), default).to_owned())
        });
        let components: Vec<(String, String)> = names.collect();
        let affected: Vec<&str> = components.iter().map(|(_, name)| name.as_str()).collect();
        Row {
            slug: w.slug.to_string(),
            title: w.title(page.language(), default),
            state: w.state,
            badges: reader.badges(w),
            start: w.schedule.start,
            year: w.zone().local(w.schedule.start).format("%Y").to_string(),
            when: When::new(reader.words, w.zone(), now).range(w.schedule.start, w.schedule.end),
            affected: affected.join(&page.t("windows-comma")),
            components,
        }
    };
    Ok(found.iter().map(row).collect())
}

/// `GET /admin/windows`
pub async fn list(
    app: web::Data<App>,
    request: HttpRequest,
    visitor: Visitor,
    query: Query,
    Viewer(actor): Viewer,
) -> Result<HttpResponse, Failure> {
    let asked = Asked::of::<Row>(&query, &[], &[])?;
    let page = Page::bare(&request, &visitor);
    let rows = rows(&app, &page).await?;
    match table::answer(&app, &page, &actor, &asked, rows).await? {
        Answer::File(file) => Ok(file),
        Answer::Page(windows) => private_page(&ListPage { page, windows }),
    }
}
