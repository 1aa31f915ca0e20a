//! What everybody reads: what is going on, one notice, and what was. The same bytes for all who read
//! a language; see [`crate::web::cache`].

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use crate::domain::instant::Instant;
use crate::domain::language::Language;
use crate::domain::window::WindowState;
use crate::i18n::Words;
use crate::store::connection::Db;
use crate::store::counters::{self, Others};
use crate::store::instance::{self, Settings};
use crate::store::known_issues;
use crate::store::windows::{self, Window};
use crate::store::{Error, people};
use crate::web::app::App;
use crate::web::failure::Failure;
use crate::web::form::Query;
use crate::web::known_issue::Shown;
use crate::web::listing::{self, Cursor};
use crate::web::notice::{Badge, Moment, Notice, Reader, When};
use crate::web::page::{Look, Page};
use crate::web::qr::Qr;
use crate::web::visitor::Visitor;

/// How many past windows the start page names.
const RECENT: i64 = 5;
/// How many coming windows the start page names.
const COMING: i64 = 12;
/// How many running windows the start page shows.
const RUNNING: i64 = 20;

/// The frame of a page that has nothing of the one who asks but their language.
pub(super) fn public_page(path: &str, language: Language, settings: &Settings) -> Page {
    Page {
        words: Words(language),
        path: path.to_owned(),
        rest_of_query: String::new(),
        look: Look::of(settings, language),
        service_name: settings.service_name.clone(),
        zone: settings.time_zone,
        actor: None,
        undecided: 0,
    }
}

#[derive(Template)]
#[template(path = "windows/notice.html")]
struct NoticePage {
    page: Page,
    /// The reader, who has no script, has asked for the page again each minute.
    renews: bool,
    notice: Notice,
    /// The address of this page, as a picture.
    qr: Qr,
    qr_name: String,
    address: String,
}

/// `GET /windows/{slug}`
pub async fn notice(
    app: web::Data<App>,
    request: HttpRequest,
    visitor: Visitor,
    slug: web::Path<String>,
) -> Result<HttpResponse, Failure> {
    let (slug, language) = (slug.into_inner(), visitor.language);
    let path = format!("/windows/{slug}");
    if renews(&request) {
        let again = || notice_page(&app, slug.clone(), language, true);
        if let Ok(page) = app.pages.page(&request, &format!("{path}{RENEWS}"), language, again).await {
            return Ok(page);
        }
    }
    app.pages.page(&request, &path, language, || notice_page(&app, slug, language, false)).await
}

/// How an address says that its page is to be renewed, for readers without script.
const RENEWS: &str = "?refresh=60";

/// Whether it says so. Such a page is kept in memory alone; without the database the reader gets the page that
/// everybody gets.
fn renews(request: &HttpRequest) -> bool {
    let mut said = form_urlencoded::parse(request.query_string().as_bytes());
    said.any(|(name, value)| name == "refresh" && value == "60")
}

/// The frame of a page that may be renewed.
fn renewed(page: Page, renews: bool) -> Page {
    // The other language is renewed as well.
    let rest_of_query = if renews { RENEWS.replace('?', "&") } else { page.rest_of_query };
    Page { rest_of_query, ..page }
}

/// The notice of a window.
pub(super) async fn notice_page(
    app: &App,
    slug: String,
    language: Language,
    renews: bool,
) -> Result<String, Failure> {
    let path = format!("/windows/{slug}");
    let read = app.store.read(move |c| {
        let (settings, window, others) = read_notice(c, &slug)?;
        let known = known_issues::public_of(c, Some(window.id))?;
        Ok((settings, window, others, known))
    });
    let (settings, window, others, known) = read.await?;
    let reader = Reader { words: Words(language), default: settings.default_language, now: app.now() };
    let known = known.iter().map(|i| Shown::of(i, reader.words, reader.default)).collect();
    let notice = Notice { known, ..Notice::of(&window, reader, &others) };
    let address = format!("{}{path}", app.public_url());
    let page = renewed(public_page(&path, language, &settings), renews);
    let qr_name = page.with("take-qr", [("address", &address)]);
    Ok(NoticePage { page, renews, notice, qr: Qr::of(&address)?, qr_name, address }.render()?)
}

pub(super) fn read_notice(connection: &mut Db, slug: &str) -> Result<(Settings, Window, Others), Error> {
    let settings = instance::settings(connection)?;
    let window = windows::public(connection, slug)?;
    let others = counters::others(connection, Some(window.id))?;
    Ok((settings, window, others))
}

/// A coming window on the start page.
struct Coming {
    slug: String,
    title: String,
    badges: Vec<Badge>,
    start: Moment,
    starts: String,
    before: Vec<String>,
    affects: String,
}

/// A past window in a list.
struct Line {
    slug: String,
    title: String,
    machine: String,
    day: String,
    badge: Badge,
}

impl Coming {
    fn of(window: &Window, reader: Reader) -> Coming {
        let notice = Notice::of(window, reader, &Others::default());
        let words = reader.words;
        let when = When::new(words, window.zone(), reader.now);
        let start = when.day_and_clock(window.schedule.start);
        let starts = match window.schedule.seconds() {
            Some(seconds) => {
                words.with("windows-home-from", [("start", &start), ("span", &when.span(seconds))])
            }
            None => words.with("windows-home-from-open", [("start", &start)]),
        };
        let affects = if notice.affected_names.is_empty() {
            String::new()
        } else {
            words.with("windows-home-affects", [("names", &notice.affected_names)])
        };
        Coming {
            slug: notice.slug,
            title: notice.title,
            badges: notice.badges,
            start: notice.start,
            starts,
            before: notice.before,
            affects,
        }
    }
}

impl Line {
    fn of(window: &Window, reader: Reader) -> Line {
        let at = window.started_at.unwrap_or(window.schedule.start);
        // The year is always said in a list that goes back for years.
        let when = When::new(reader.words, window.zone(), Instant::MIN);
        let badge = reader.badges(window).swap_remove(0);
        Line {
            slug: window.slug.to_string(),
            title: window.title(reader.words.0, reader.default),
            machine: at.rfc3339(),
            day: when.day(at),
            badge,
        }
    }
}

#[derive(Template)]
#[template(path = "windows/home.html")]
struct HomePage {
    page: Page,
    /// As [`NoticePage::renews`].
    renews: bool,
    untouched: bool,
    demonstration: bool,
    running: Vec<Notice>,
    coming: Vec<Coming>,
    recent: Vec<Line>,
}

struct Home {
    settings: Settings,
    set_up: bool,
    running: Vec<(Window, Others)>,
    coming: Vec<Window>,
    recent: Vec<Window>,
}

fn read_home(connection: &mut Db) -> Result<Home, Error> {
    use WindowState::{Cancelled, Completed, InProgress, Verifying};
    let running = windows::list(connection, &[InProgress, Verifying], None, None, RUNNING)?;
    let running = (running.into_iter())
        .map(|window| counters::others(connection, Some(window.id)).map(|others| (window, others)))
        .collect::<Result<_, _>>()?;
    Ok(Home {
        settings: instance::settings(connection)?,
        set_up: people::any(connection)?,
        running,
        coming: windows::coming(connection, COMING)?,
        recent: windows::list(connection, &[Completed, Cancelled], None, None, RECENT)?,
    })
}

/// `GET /`
pub async fn home(
    app: web::Data<App>,
    request: HttpRequest,
    visitor: Visitor,
) -> Result<HttpResponse, Failure> {
    let language = visitor.language;
    if renews(&request) {
        let again = || home_page(&app, language, true);
        if let Ok(page) = app.pages.page(&request, &format!("/{RENEWS}"), language, again).await {
            return Ok(page);
        }
    }
    app.pages.page(&request, "/", language, || home_page(&app, language, false)).await
}

/// The start page.
pub(super) async fn home_page(app: &App, language: Language, renews: bool) -> Result<String, Failure> {
    let home = app.store.read(read_home).await?;
    let reader = Reader { words: Words(language), default: home.settings.default_language, now: app.now() };
    let nothing = home.running.is_empty() && home.coming.is_empty() && home.recent.is_empty();
    let all = home.running.iter().map(|(w, _)| w).chain(&home.coming).chain(&home.recent);
    let view = HomePage {
        page: renewed(public_page("/", language, &home.settings), renews),
        renews,
        untouched: nothing && !home.set_up,
        demonstration: all.into_iter().any(|w| w.demonstration),
        running: home.running.iter().map(|(w, others)| Notice::of(w, reader, others)).collect(),
        coming: home.coming.iter().map(|w| Coming::of(w, reader)).collect(),
        recent: home.recent.iter().map(|w| Line::of(w, reader)).collect(),
    };
    Ok(view.render()?)
}

#[derive(Template)]
#[template(path = "windows/history.html")]
struct HistoryPage {
    page: Page,
    demonstration: bool,
    lines: Vec<Line>,
    next: Option<String>,
}

/// `GET /history`
pub async fn history(
    app: web::Data<App>,
    request: HttpRequest,
    visitor: Visitor,
    query: Query,
) -> Result<HttpResponse, Failure> {
    let after = Cursor::parse(query.get("cursor"))?;
    let language = visitor.language;
    let path = after.map_or_else(|| "/history".to_owned(), |at| format!("/history?cursor={at}"));
    app.pages.page(&request, &path, language, || history_page(&app, language, after)).await
}

/// A piece of the history, after this one.
pub(super) async fn history_page(
    app: &App,
    language: Language,
    after: Option<Cursor>,
) -> Result<String, Failure> {
    let read = app.store.read(move |c| {
        let states = [WindowState::Completed, WindowState::Cancelled];
        let after = after.map(Cursor::pair);
        Ok((instance::settings(c)?, windows::list(c, &states, None, after, listing::LIMIT + 1)?))
    });
    let (settings, found) = read.await?;
    let more = found.len() as i64 > listing::LIMIT;
    let found = &found[..found.len().min(listing::LIMIT as usize)];
    let reader = Reader { words: Words(language), default: settings.default_language, now: app.now() };
    let view = HistoryPage {
        page: public_page("/history", language, &settings),
        demonstration: found.iter().any(|w| w.demonstration),
        lines: found.iter().map(|w| Line::of(w, reader)).collect(),
        next: found.last().filter(|_| more).map(|w| Cursor { at: w.schedule.start, id: w.id }.to_string()),
    };
    Ok(view.render()?)
}
