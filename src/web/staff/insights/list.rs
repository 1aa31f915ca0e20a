//! Figures of all windows: together, from window to window, and each in a row of a table.

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::between::{self, Between};
use super::tables::{self, Table as Counts};
use super::tiles::{self, Tile};
use super::{compare, minimum, state, when};
use crate::domain::instant::Instant;
use crate::export::Cell;
use crate::store::insights::{self, Listed, Reader};
use crate::web::app::App;
use crate::web::failure::Failure;
use crate::web::figures;
use crate::web::form::Query;
use crate::web::page::{Page, private_page};
use crate::web::plots::Picture;
use crate::web::table::{self, Answer, Asked, Column, Pick, Table, Tabular};
use crate::web::times::Times;
use crate::web::visitor::{Viewer, Visitor};

#[derive(Template)]
#[template(path = "insights/list.html")]
struct ListPage {
    page: Page,
    /// What is said of all windows together; not beside a part of them.
    all: Option<All>,
    rows: Table<Row>,
    windows: String,
    minimum: String,
}

/// What is said of all windows.
struct All {
    tiles: Vec<Vec<Tile>>,
    tables: Vec<Counts>,
    trends: Vec<Picture>,
    along: Vec<Picture>,
    /// Slug and title of the windows that can be compared, which have begun, the latest first.
    offered: Vec<(String, String)>,
    outside: String,
}

/// A window in the list.
struct Row {
    slug: String,
    title: String,
    /// The code of its state, or `overdue`.
    state: &'static str,
    components: Vec<(String, String)>,
    start: Instant,
    year: String,
    when: String,
    reports: i64,
    csat: Figure,
    nps: Figure,
    ces: Figure,
    saw: Figure,
    /// Whether it overran, as a code; nothing if that cannot be said.
    ended: &'static str,
    overrun: Span,
    first_answer: Span,
}

/// A figure of the survey: as it reads, its value as it reads, and of how many answers.
struct Figure {
    said: String,
    value: Option<f64>,
    n: u64,
}

impl Figure {
    /// `said` is the rounded number, `after` what stands behind it.
    fn new(said: Option<String>, after: &str, n: u64) -> Figure {
        // The number that is read is the one that sorts and that files have; its minus is a typographer's.
        let value = said.as_ref().and_then(|said| said.replace('−', "-").parse().ok());
        Figure { said: said.map(|said| format!("{said}{after}")).unwrap_or_default(), value, n }
    }

    fn cell(&self) -> Cell {
        self.value.map_or(Cell::Empty, Cell::Decimal)
    }

    fn answers(&self) -> Cell {
        Cell::Number(i64::try_from(self.n).unwrap_or(i64::MAX))
    }
}

/// How long something took: as it reads, and in seconds.
#[derive(Default)]
struct Span {
    said: String,
    seconds: Option<i64>,
}

impl Tabular for Row {
    const NAME: &'static str = "insights";
    const PLACE: &'static str = "each";
    const COLUMNS: &'static [Column<Row>] = &[
        Column { name: "window", title: "insights-window", cell: |r, _| Cell::Text(r.title.clone()) },
        Column { name: "when", title: "insights-when", cell: |r, _| Cell::Time(r.start) },
        Column { name: "reports", title: "insights-reports", cell: |r, _| Cell::Number(r.reports) },
        Column { name: "csat", title: "insights-csat-short", cell: |r, _| r.csat.cell() },
        Column { name: "nps", title: "insights-nps", cell: |r, _| r.nps.cell() },
        Column { name: "ces", title: "insights-ces-short", cell: |r, _| r.ces.cell() },
        Column { name: "saw-notice", title: "insights-saw-short", cell: |r, _| r.saw.cell() },
        Column {
            name: "overrun",
            title: "insights-overrun-short",
            cell: |r, _| Cell::word(Some(&r.overrun.said)),
        },
        Column {
            name: "first-answer",
            title: "insights-first-answer-short",
            cell: |r, _| Cell::word(Some(&r.first_answer.said)),
        },
    ];
    const PICKS: &'static [Pick<Row>] = &[
        Pick {
            name: "state",
            title: "editor-state",
            of: |r, page| vec![(r.state.to_owned(), page.word("state", r.state))],
        },
        Pick { name: "year", title: "table-year", of: |r, _| vec![(r.year.clone(), r.year.clone())] },
        Pick { name: "component", title: "queue-component", of: |r, _| r.components.clone() },
        Pick {
            name: "ended",
            title: "insights-ended",
            of: |r, page| match r.ended {
                "" => Vec::new(),
                code => vec![(code.to_owned(), page.word("insights-ended", code))],
            },
        },
    ];
    const MORE: &'static [Column<Row>] = &[
        Column {
            name: "state",
            title: "editor-state",
            cell: |r, page| Cell::Word(page.word("state", r.state)),
        },
        Column { name: "csat-n", title: "insights-csat-n", cell: |r, _| r.csat.answers() },
        Column { name: "nps-n", title: "insights-nps-n", cell: |r, _| r.nps.answers() },
        Column { name: "ces-n", title: "insights-ces-n", cell: |r, _| r.ces.answers() },
        Column { name: "saw-notice-n", title: "insights-saw-n", cell: |r, _| r.saw.answers() },
    ];

    fn key(&self, column: &str) -> Option<Cell> {
        match column {
            "overrun" => Some(Cell::number(self.overrun.seconds)),
            "first-answer" => Some(Cell::number(self.first_answer.seconds)),
            _ => None,
        }
    }
}

impl Row {
    /// What the survey says, in the order of the columns.
    fn figures(&self) -> [&Figure; 4] {
        [&self.csat, &self.nps, &self.ces, &self.saw]
    }
}

fn row(page: &Page, listed: Listed) -> Row {
    let Listed { window, schedule, components, reports, first_answer, survey } = listed;
    let times = Times::new(page.words, window.time_zone);
    let (csat, nps, ces, saw) = (&survey.csat, &survey.nps, &survey.ces, &survey.saw_notice);
    let start = schedule.started_at.unwrap_or(schedule.scheduled_start);
    let overrun = match schedule.overrun_seconds {
        Some(0) if schedule.ended_at.is_some() => Span { said: page.t("insights-on-time"), seconds: Some(0) },
        // Nobody can say yet whether it will end in time.
        None | Some(0) => Span::default(),
        Some(seconds) => Span { said: times.span(seconds), seconds: Some(seconds) },
    };
    let median = first_answer.map(|seconds| seconds.round() as i64);
    Row {
        state: state(&window, &schedule),
        when: when(times, &schedule),
        year: times.year(start),
        start,
        components,
        reports: i64::try_from(reports).unwrap_or(i64::MAX),
        csat: Figure::new(csat.value.map(|v| figures::percent(v, csat.n)), "%", csat.n),
        nps: Figure::new(nps.value.map(|v| figures::score(v, nps.n)), "", nps.n),
        ces: Figure::new(ces.value.map(|v| figures::mean(v, ces.n)), "", ces.n),
        saw: Figure::new(saw.value.map(|v| figures::percent(v, saw.n)), "%", saw.n),
        ended: match overrun.seconds {
            None => "",
            Some(0) => "on-time",
            Some(_) => "late",
        },
        overrun,
        first_answer: Span {
            said: median.map(|seconds| times.span(seconds)).unwrap_or_default(),
            seconds: median,
        },
        slug: window.slug,
        title: window.title,
    }
}

/// `GET /admin/insights`
pub async fn list(
    app: web::Data<App>,
    Viewer(actor): Viewer,
    request: HttpRequest,
    visitor: Visitor,
    query: Query,
) -> Result<HttpResponse, Failure> {
    if let Some(slugs) = between::slugs(&query)? {
        query.only(&["windows"])?;
        return compare::show(&app, &request, &visitor, slugs).await;
    }
    let asked = Asked::of::<Row>(&query, &["windows"], &[])?;
    let page = Page::bare(&request, &visitor);
    let reader = app.reader(visitor.language);
    let (found, minimum_n) = app.store.read(move |c| insights::listed(c, reader)).await?;
    let windows = page.n("insights-windows", found.len() as u64);
    let rows = found.into_iter().map(|listed| row(&page, listed)).collect();
    let rows = match table::answer(&app, &page, &actor, &asked, rows).await? {
        Answer::File(file) => return Ok(file),
        Answer::Page(rows) => rows,
    };
    // Whoever narrows the list or turns it over looks for a window, and what is said of all would be taken
    // to be about those that are left.
    let whole = !asked.is_narrow() && asked.is_first();
    let all = if whole { Some(all(&app, &page, reader).await?) } else { None };
    private_page(&ListPage { minimum: minimum(&page, minimum_n), windows, all, rows, page })
}

/// What is said of all windows.
async fn all(app: &App, page: &Page, reader: Reader) -> Result<All, Failure> {
    let read = app.store.read(move |c| {
        let totals = insights::totals(c, None, reader)?;
        Ok((totals, Between::load(c, None, reader)?, insights::begun_names(c, reader)?))
    });
    let (totals, lately, offered) = read.await?;
    Ok(All {
        tiles: tiles::of_all(page.words, &totals),
        tables: tables::of_reports(page.words, &totals.reports, None),
        trends: lately.trends(page.words),
        along: lately.along(page.words),
        offered,
        outside: match totals.outside {
            0 => String::new(),
            outside => page.n("insights-outside", outside),
        },
    })
}
