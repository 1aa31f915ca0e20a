//! The templates of surveys, built in and made here.

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use crate::domain::language::Language;
use crate::export::Cell;
use crate::store::surveys::{self, Listed};
use crate::web::app::App;
use crate::web::failure::Failure;
use crate::web::form::Query;
use crate::web::page::{Page, private_page};
use crate::web::table::{self, Answer, Asked, Column, Pick, Table, Tabular};
use crate::web::visitor::{Viewer, Visitor};

#[derive(Template)]
#[template(path = "staff/surveys/templates.html")]
struct TemplatesPage {
    page: Page,
    templates: Table<TemplateRow>,
}

/// A template as a row.
pub(super) struct TemplateRow {
    pub(super) key: String,
    pub(super) name: String,
    pub(super) questions: i64,
    pub(super) version: i64,
    pub(super) windows: i64,
    pub(super) responses: i64,
    pub(super) made_here: bool,
}

impl TemplateRow {
    fn origin(&self) -> (&'static str, &'static str) {
        if self.made_here { ("own", "surveys-made-here") } else { ("built-in", "surveys-built-in") }
    }
}

impl Tabular for TemplateRow {
    const NAME: &'static str = "templates";
    const PLACE: &'static str = "templates";
    const COLUMNS: &'static [Column<TemplateRow>] = &[
        Column { name: "name", title: "surveys-template", cell: |r, _| Cell::Text(r.name.clone()) },
        Column { name: "questions", title: "surveys-questions", cell: |r, _| Cell::Number(r.questions) },
        Column { name: "version", title: "surveys-version", cell: |r, _| Cell::Number(r.version) },
        Column { name: "windows", title: "surveys-windows", cell: |r, _| Cell::Number(r.windows) },
        Column { name: "responses", title: "surveys-responses", cell: |r, _| Cell::Number(r.responses) },
    ];
    const PICKS: &'static [Pick<TemplateRow>] = &[Pick {
        name: "origin",
        title: "surveys-origin",
        of: |r, page| vec![(r.origin().0.to_owned(), page.t(r.origin().1))],
    }];
    const MORE: &'static [Column<TemplateRow>] = &[Column {
        name: "origin",
        title: "surveys-origin",
        cell: |r, page| Cell::Word(page.t(r.origin().1)),
    }];
}

/// All templates as rows.
pub(super) fn rows(page: &Page, default: Language, listed: &[Listed]) -> Vec<TemplateRow> {
    let row = |l: &Listed| TemplateRow {
        key: l.template.key.to_string(),
        name: page.words.wording(&l.template.name, default),
        questions: i64::try_from(l.template.questions.len()).unwrap_or(i64::MAX),
        version: l.template.version.into(),
        windows: l.windows,
        responses: l.responses,
        made_here: l.made_here,
    };
    listed.iter().map(row).collect()
}

/// `GET /admin/surveys/templates`
pub async fn list(
    app: web::Data<App>,
    request: HttpRequest,
    visitor: Visitor,
    query: Query,
    Viewer(actor): Viewer,
) -> Result<HttpResponse, Failure> {
    let asked = Asked::of::<TemplateRow>(&query, &[], &[])?;
    let listed = app.store.read(surveys::listed).await?;
    let page = Page::bare(&request, &visitor);
    let rows = rows(&page, app.settings().default_language, &listed);
    match table::answer(&app, &page, &actor, &asked, rows).await? {
        Answer::File(file) => Ok(file),
        Answer::Page(templates) => private_page(&TemplatesPage { page, templates }),
    }
}
