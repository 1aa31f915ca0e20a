//! Improvements: the list, and what other pages show of them.

mod one;

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use crate::domain::fields::FieldErrors;
use crate::export::Cell;
use crate::store::Result as StoreResult;
use crate::store::connection::Db;
use crate::store::improvements::{self as store, Filter, Improvement, Names};
use crate::store::insights::{self, Reader, Shown};
use crate::web::app::App;
use crate::web::failure::Failure;
use crate::web::form::Query;
use crate::web::page::{Page, private_page};
use crate::web::table::{self, Answer, Asked, Column, Pick, Table, Tabular};
use crate::web::visitor::{Viewer, Visitor};
pub use one::{add, change, new, remove, show};

/// How many improvements of one window are shown.
const SHOWN: i64 = 50;

/// An improvement as a row.
pub struct ImprovementRow {
    pub reference: String,
    pub title: String,
    pub status: &'static str,
    pub owner: String,
    /// The measure that should show it, in words; or nothing.
    pub measure: String,
    /// Slug and title of the window it came from.
    pub window: Option<(String, String)>,
    /// Slug and title of the window that should show it.
    pub shown_by: Option<(String, String)>,
    pub shown: &'static str,
    pub tone: &'static str,
}

/// Improvements with everything that they name.
pub struct Known {
    pub list: Vec<Improvement>,
    pub names: Names,
    pub shown: std::collections::HashMap<i64, Shown>,
}

impl Known {
    /// Looks up what these name and whether they show.
    pub fn of(connection: &mut Db, list: Vec<Improvement>, reader: Reader) -> StoreResult<Known> {
        let names = store::names(connection, &list)?;
        let shown = insights::shown(connection, &list, reader)?;
        Ok(Known { list, names, shown })
    }

    /// As rows of a table.
    pub fn rows(&self, page: &Page, reader: Reader) -> Vec<ImprovementRow> {
        let window = |id: Option<i64>| {
            let found = self.names.windows.get(&id?)?;
            Some((found.slug.to_string(), found.title(reader.language, reader.default)))
        };
        let row = |one: &Improvement| {
            let shown = self.shown.get(&one.id).copied().unwrap_or(Shown::NotNamed);
            ImprovementRow {
                reference: one.reference().to_string(),
                title: one.title.clone(),
                status: one.status.code(),
                owner: one.owner_id.and_then(|id| self.names.people.get(&id).cloned()).unwrap_or_default(),
                measure: one.measure.map(|m| page.word("measure", m.code())).unwrap_or_default(),
                window: window(one.window_id),
                shown_by: window(one.shown_by),
                shown: shown.code(),
                tone: tone(shown),
            }
        };
        self.list.iter().map(row).collect()
    }
}

/// How a badge says whether an improvement shows.
fn tone(shown: Shown) -> &'static str {
    match shown {
        Shown::Better => "tone-ok",
        Shown::Worse => "tone-danger",
        Shown::CannotTell => "tone-warn",
        Shown::NotYet => "tone-info",
        Shown::NotNamed => "",
    }
}

/// The improvements that came from a window or should be shown by it.
pub fn of_window(connection: &mut Db, window: i64, reader: Reader) -> StoreResult<Known> {
    let filter = Filter { window: Some(window), ..Filter::default() };
    let list = store::list(connection, &filter, None, SHOWN)?;
    Known::of(connection, list, reader)
}

#[derive(Template)]
#[template(path = "improvements/list.html")]
struct ListPage {
    page: Page,
    improvements: Table<ImprovementRow>,
    /// `open`, `over` or `all`.
    show: &'static str,
    done: String,
}

impl Tabular for ImprovementRow {
    const NAME: &'static str = "improvements";
    const PLACE: &'static str = "improvements";
    const COLUMNS: &'static [Column<ImprovementRow>] = &[
        Column { name: "title", title: "improvement-title", cell: |r, _| Cell::Text(r.title.clone()) },
        Column {
            name: "status",
            title: "improvement-status",
            cell: |r, page| Cell::Word(page.word("improvement-status", r.status)),
        },
        Column { name: "owner", title: "improvement-owner", cell: |r, _| Cell::text(Some(&r.owner)) },
        Column {
            name: "from",
            title: "improvement-from",
            cell: |r, _| Cell::text(r.window.as_ref().map(|(_, title)| title)),
        },
        Column {
            name: "shown-by",
            title: "improvement-shown-by",
            cell: |r, _| Cell::text(r.shown_by.as_ref().map(|(_, title)| title)),
        },
        Column {
            name: "shown",
            title: "improvement-shown",
            cell: |r, page| Cell::Word(page.word("shown", r.shown)),
        },
    ];
    const PICKS: &'static [Pick<ImprovementRow>] = &[
        Pick {
            name: "owner",
            title: "improvement-owner",
            of: |r, _| vec![(r.owner.clone(), r.owner.clone())],
        },
        Pick {
            name: "status",
            title: "improvement-status",
            of: |r, page| vec![(r.status.to_owned(), page.word("improvement-status", r.status))],
        },
        Pick { name: "window", title: "improvement-from", of: |r, _| r.window.iter().cloned().collect() },
        Pick {
            name: "shown",
            title: "improvement-shown",
            of: |r, page| vec![(r.shown.to_owned(), page.word("shown", r.shown))],
        },
    ];
}

/// `GET /admin/improvements[?show=over|all]`
pub async fn list(
    app: web::Data<App>,
    Viewer(actor): Viewer,
    request: HttpRequest,
    visitor: Visitor,
    query: Query,
) -> Result<HttpResponse, Failure> {
    let asked = Asked::of::<ImprovementRow>(&query, &["done"], &["show"])?;
    let (show, open) = match query.get("show") {
        "" | "open" => ("open", Some(true)),
        "over" => ("over", Some(false)),
        "all" => ("all", None),
        _ => return Err(FieldErrors::one("show", "unknown-code").into()),
    };
    let reader = app.reader(visitor.language);
    let known = app
        .store
        .read(move |c| {
            let filter = Filter { open, ..Filter::default() };
            let list = store::list(c, &filter, None, i64::MAX)?;
            Known::of(c, list, reader)
        })
        .await?;
    let page = Page::bare(&request, &visitor);
    let rows = known.rows(&page, reader);
    match table::answer(&app, &page, &actor, &asked, rows).await? {
        Answer::File(file) => Ok(file),
        Answer::Page(improvements) => {
            private_page(&ListPage { improvements, show, done: query.done(&["removed"]), page })
        }
    }
}
