//! The overview: what to do first.

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::alarms::{self, AlarmView};
use super::choices::Heading;
use super::{Row, counted, grouped, year};
use crate::domain::instant::Instant;
use crate::domain::report_filter::Filter;
use crate::domain::shift::Shift;
use crate::domain::statistics::Ordered;
use crate::domain::window::WindowState;
use crate::store::reports::filter::{self, Count};
use crate::store::reports::overview::{Overview, overview};
use crate::store::reports::weigh::Scales;
use crate::store::windows::Window;
use crate::store::{alarms as alarm_rows, counters, windows};
use crate::web::app::App;
use crate::web::failure::Failure;
use crate::web::page::{Page, private_page};
use crate::web::times::{Times, span};
use crate::web::visitor::{Viewer, Visitor};

/// How many urgent reports are shown.
const URGENT: i64 = 8;
/// How many hours ahead a window is shown as coming.
const COMING_HOURS: i64 = 7 * 24;

/// A window that is running or coming.
struct Shown {
    slug: String,
    title: String,
    state: &'static str,
    stage: &'static str,
    when: String,
    reports: String,
    /// That it is past its scheduled end and for how long, or nothing.
    overdue: String,
    /// That it should have started and when, or nothing.
    late: String,
}

/// One thing to do, the first of them first.
struct Todo {
    tone: &'static str,
    what: String,
    why: String,
    /// The address of the list.
    to: &'static str,
}

#[derive(Template)]
#[template(path = "staff/overview.html")]
struct OverviewPage {
    page: Page,
    alarms: Vec<AlarmView>,
    todo: Vec<Todo>,
    running: Vec<Shown>,
    coming: Vec<Shown>,
    new: String,
    oldest: String,
    critical: String,
    last_night: String,
    answer: String,
    answers: String,
    rows: Vec<Row>,
    this_year: i32,
    caption: String,
    headings: Vec<Heading>,
    sort: &'static str,
    brief: bool,
    here: String,
    open: String,
}

/// What is to be done, in the order in which it should be: what is owed and late, what is worst and
/// of nobody, what is not fixed, whom nobody has answered what they wrote since, what is owed soon, what nobody has read, what is one's own.
fn todo(page: &Page, figures: &Overview) -> Vec<Todo> {
    let n = |count: Count| match count {
        Count::Exactly(n) => n,
        Count::Over => filter::COUNT_MAX,
    };
    let one = |n: i64, key: &str, tone: &'static str, to: &'static str| {
        (n > 0).then(|| Todo {
            tone,
            what: page.n(&format!("todo-{key}"), n),
            why: page.t(&format!("todo-{key}-why")),
            to,
        })
    };
    [
        one(n(figures.overdue), "overdue", "tone-danger", "/admin/reports?due=overdue&sort=due"),
        one(figures.critical_of_nobody, "critical", "tone-danger", "/admin/reports?status=open&assignee=-"),
        one(n(figures.not_fixed), "not-fixed", "tone-warn", "/admin/reports?status=open&verdict=not_fixed"),
        one(n(figures.wrote), "wrote", "tone-warn", "/admin/reports?wrote=again"),
        one(figures.me_toos_waiting, "me-toos", "tone-warn", "/admin/known-issues?waiting=yes"),
        one(n(figures.soon), "soon", "tone-warn", "/admin/reports?due=soon&sort=due"),
        one(figures.new, "new", "tone-info", "/admin/reports?status=new"),
        one(n(figures.own), "own", "tone-info", "/admin/reports?status=open&assignee=me"),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn shown(app: &App, page: &Page, window: &Window, reports: i64, now: Instant) -> Shown {
    let times = Times::new(page.words, window.zone());
    let title = window.title(page.language(), app.settings().default_language);
    let said = |key: &str, since: Instant| {
        page.with(key, [("title", &title), ("span", &span(page.words, now.seconds_since(since)))])
    };
    let late = window.state == WindowState::Scheduled && window.schedule.start < now;
    Shown {
        slug: window.slug.to_string(),
        state: window.state.code(),
        stage: window.stage().map_or("", |s| s.code()),
        when: match window.schedule.end {
            Some(end) => times.range(window.schedule.start, end),
            None => times.moment(window.schedule.start),
        },
        reports: grouped(reports),
        overdue: match window.schedule.end {
            Some(end) if window.overdue(now) => said("overview-overdue", end),
            _ => String::new(),
        },
        late: if late { said("overview-late", window.schedule.start) } else { String::new() },
        title,
    }
}

/// `GET /admin/`
pub async fn show(
    app: web::Data<App>,
    request: HttpRequest,
    visitor: Visitor,
    guard: Viewer,
) -> Result<HttpResponse, Failure> {
    let (now, zone, person) = (app.now(), app.settings().time_zone, guard.0.person_id());
    let (from, to) = Shift::LastNight.range(now, zone);
    let night = Filter { from: Some(from), to: Some(to), ..Filter::default() };
    let (figures, last_night, windows, alarms, scales) = app
        .store
        .read(move |c| {
            let figures = overview(c, now, person, URGENT)?;
            let last_night = filter::find(c, &night)?.count(c)?;
            let states = [WindowState::InProgress, WindowState::Verifying, WindowState::Scheduled];
            let mut all = Vec::new();
            for window in windows::list(c, &states, None, None, 200)? {
                let reports = counters::others(c, Some(window.id))?.all;
                all.push((window, reports));
            }
            Ok((figures, last_night, all, alarm_rows::open(c)?, Scales::load(c, now)?))
        })
        .await?;
    let page = Page::bare(&request, &visitor);
    let mut running = Vec::new();
    let mut coming = Vec::new();
    // The list begins with the latest start; what is next comes first here.
    for (window, reports) in windows.iter().rev() {
        let one = shown(&app, &page, window, *reports, now);
        if window.state != WindowState::Scheduled {
            running.push(one);
        } else if window.schedule.start < now.plus_hours(COMING_HOURS) {
            coming.push(one);
        }
    }
    let answers = Ordered::new(figures.first_answers.clone());
    let median = answers.median().map(|seconds| seconds.round() as i64);
    private_page(&OverviewPage {
        alarms: alarms::views(&app, &page, &alarms),
        todo: todo(&page, &figures),
        new: grouped(figures.new),
        oldest: match figures.oldest_new {
            Some(at) => page.with("overview-oldest", [("span", &span(page.words, now.seconds_since(at)))]),
            None => page.t("overview-none-waiting"),
        },
        critical: grouped(figures.critical),
        last_night: counted(last_night),
        answer: median.map(|seconds| span(page.words, seconds)).unwrap_or_default(),
        answers: page
            .with("overview-answer-note", [("n", &grouped(i64::try_from(answers.n()).unwrap_or(i64::MAX)))]),
        this_year: year(&page, now),
        caption: page.t("overview-urgent-caption"),
        rows: figures.urgent.into_iter().map(|listed| Row::of(&app, &page, &scales, listed)).collect(),
        headings: Vec::new(),
        sort: "urgent",
        brief: true,
        here: "status=open".to_owned(),
        open: String::new(),
        running,
        coming,
        page,
    })
}
