//! The queue: which reports there are, filtered and sorted, everything in the address.

use std::collections::HashMap;

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::{Offer, Row, codes, counted, grouped, marks, year, zone};
use crate::domain::fields::FieldErrors;
use crate::domain::instant::Instant;
use crate::domain::report::{Category, Impact, Severity, Status};
use crate::domain::report_filter::{self, Filter, NONE};
use crate::domain::search_tokens::Needle;
use crate::domain::shift::Shift;
use crate::domain::window::ReportStage;
use crate::store::components::{self, Component};
use crate::store::reports::filter::{self, Count};
use crate::store::reports::list::{self, Cursor, Sort, WindowName};
use crate::store::search::{self, Sight, Snippet};
use crate::web::api::reports::sort as parse_sort;
use crate::web::app::App;
use crate::web::failure::Failure;
use crate::web::form::Query;
use crate::web::page::{Page, form_again, private_page};
use crate::web::visitor::{Viewer, Visitor};

/// How many reports a page shows.
const PAGE: i64 = 50;
/// How many windows the filter offers, the latest first.
const WINDOWS: i64 = 100;

/// A link that sets or takes away one part of the filter.
struct Chip {
    label: String,
    query: String,
    on: bool,
}

/// A select of the filter.
struct Select {
    name: &'static str,
    label: String,
    offers: Vec<Offer>,
}

#[derive(Template)]
#[template(path = "staff/queue.html")]
struct QueuePage {
    page: Page,
    errors: FieldErrors,
    chips: Vec<Chip>,
    sorts: Vec<Chip>,
    sort: &'static str,
    brief: bool,
    selects: Vec<Select>,
    text: String,
    from: String,
    to: String,
    /// Without a sort, for the exports.
    query: String,
    /// With everything, so that a report leads back here.
    here: String,
    filtered: bool,
    rows: Vec<Row>,
    this_year: i32,
    caption: String,
    position: String,
    previous: String,
    next: String,
}

/// What was asked for and what there is to choose from.
struct Asked {
    filter: Filter,
    sort: Sort,
    windows: Vec<WindowName>,
    components: Vec<Component>,
    answer: Option<Answer>,
}

/// What came back.
struct Answer {
    page: list::Page,
    count: Count,
    looked_for: Needle,
    /// Where reports say it whose descriptions do not.
    snippets: HashMap<i64, Snippet>,
}

/// `GET /admin/reports`
pub async fn list(
    app: web::Data<App>,
    request: HttpRequest,
    visitor: Visitor,
    query: Query,
    guard: Viewer,
) -> Result<HttpResponse, Failure> {
    let known = [report_filter::FIELDS, &["sort", "cursor"]].concat();
    let query = query.only(&known)?;
    let mut errors = FieldErrors::new();
    let filter = errors.keep(Filter::parse(query.pairs(), zone(&app), app.now()));
    let sort = errors.keep(parse_sort(query.get("sort"))).unwrap_or(Sort::Newest);
    // A place in the other order, or one that was typed, is the beginning.
    let cursor = Cursor::parse("cursor", query.get("cursor"), sort).ok();
    let asked = filter.clone();
    let sight = Sight::of(guard.0.role());
    let (windows, components, answer) = app
        .store
        .read(move |c| {
            let windows = list::recent_windows(c, WINDOWS)?;
            let components = components::list(c)?;
            let Some(filter) = asked else { return Ok((windows, components, Ok(None))) };
            let found = match filter::find_as(c, &filter, sight) {
                Ok(found) => found,
                Err(crate::store::Error::Invalid(errors)) => return Ok((windows, components, Err(errors))),
                Err(error) => return Err(error),
            };
            let page = list::page(c, &found, sort, cursor, PAGE)?;
            let count = found.count(c)?;
            let looked_for = Needle::of_text(filter.text.as_deref().unwrap_or_default());
            let ids: Vec<i64> = page.items.iter().map(|listed| listed.report.id).collect();
            let snippets = if looked_for.parts.is_empty() {
                HashMap::new()
            } else {
                search::snippets(c, &ids, &looked_for, sight)?
            };
            Ok((windows, components, Ok(Some(Answer { count, page, looked_for, snippets }))))
        })
        .await?;
    let answer = errors.keep(answer).flatten();
    let wrong = !errors.is_empty();
    let page = Page::bare(&request, &visitor);
    let asked = Asked { filter: filter.unwrap_or_default(), sort, windows, components, answer };
    let view = view(&app, page, &query, asked, errors);
    if wrong { form_again(&view) } else { private_page(&view) }
}

fn view(app: &App, page: Page, query: &Query, asked: Asked, errors: FieldErrors) -> QueuePage {
    let Asked { filter, sort, windows, components, answer } = asked;
    let now = app.now();
    // A field for a time takes whole minutes; the end is put later rather than earlier.
    let whole = |at: Instant| Instant::from_seconds(at.minute() * 60).unwrap_or(at);
    let from = filter.from.map_or_else(|| query.get("from").to_owned(), |at| page.zone.form_value(whole(at)));
    let end = |at: Instant| if whole(at) == at { at } else { whole(at).plus_seconds(60) };
    let to = filter.to.map_or_else(|| query.get("to").to_owned(), |at| page.zone.form_value(end(at)));
    let here = with_sort(&filter, sort);
    let link = |cursor: Option<Cursor>| {
        cursor.map_or_else(String::new, |cursor| {
            let mut pairs = form_urlencoded::parse(here.as_bytes()).into_owned().collect::<Vec<_>>();
            pairs.push(("cursor".to_owned(), cursor.to_string()));
            form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
        })
    };
    let (previous, next) = answer
        .as_ref()
        .map_or((String::new(), String::new()), |a| (link(a.page.previous), link(a.page.next)));
    let count = answer.as_ref().map_or(Count::Exactly(0), |a| a.count);
    let caption = page.with(
        match sort {
            Sort::Newest => "queue-caption-newest",
            Sort::Urgent => "queue-caption-urgent",
        },
        [("n", &counted(count))],
    );
    let shown = answer.as_ref().map_or(0, |a| i64::try_from(a.page.items.len()).unwrap_or(0));
    let position = match answer.as_ref().map(|a| a.page.before) {
        Some(Count::Exactly(before)) if shown > 0 => page.with(
            "queue-position",
            [("first", &grouped(before + 1)), ("last", &grouped(before + shown)), ("n", &counted(count))],
        ),
        _ => page.with("queue-total", [("n", &counted(count))]),
    };
    QueuePage {
        chips: chips(&page, &filter, sort),
        sorts: sorts(&page, &filter, sort),
        sort: sort.code(),
        brief: false,
        selects: selects(app, &page, query, windows, components),
        text: query.get("q").to_owned(),
        from,
        to,
        query: filter.query(),
        here,
        filtered: filter != Filter::default(),
        this_year: year(&page, now),
        rows: answer.map_or_else(Vec::new, |a| {
            let row = |listed| marks::row(app, &page, listed, &a.looked_for, &a.snippets);
            a.page.items.into_iter().map(row).collect()
        }),
        caption,
        position,
        previous,
        next,
        errors,
        page,
    }
}

fn with_sort(filter: &Filter, sort: Sort) -> String {
    let mut pairs = filter.pairs();
    if sort != Sort::Newest {
        pairs.push(("sort", sort.code().to_owned()));
    }
    form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}

/// Quick choices; one that is on is taken away by choosing it again.
fn chips(page: &Page, filter: &Filter, sort: Sort) -> Vec<Chip> {
    use report_filter::{Choice, StatusChoice};
    let shift = |key: &str, shift: Shift| {
        let on = filter.shift == Some(shift);
        let other = Filter { shift: (!on).then_some(shift), from: None, to: None, ..filter.clone() };
        Chip { label: page.t(key), query: with_sort(&other, sort), on }
    };
    let status = |key: &str, status: StatusChoice| {
        let on = filter.status == Some(status);
        let other = Filter { status: (!on).then_some(status), ..filter.clone() };
        Chip { label: page.t(key), query: with_sort(&other, sort), on }
    };
    let critical = {
        let severity = Some(Choice::Is(Severity::Critical));
        let on = filter.severity == severity;
        let other = Filter { severity: severity.filter(|_| !on), ..filter.clone() };
        Chip { label: page.t("severity-critical"), query: with_sort(&other, sort), on }
    };
    vec![
        shift("queue-last-night", Shift::LastNight),
        shift("queue-today", Shift::Today),
        shift("queue-yesterday", Shift::Yesterday),
        shift("queue-last-7-days", Shift::LastSevenDays),
        status("queue-new", StatusChoice::Is(Status::New)),
        status("queue-open", StatusChoice::Open),
        critical,
    ]
}

fn sorts(page: &Page, filter: &Filter, sort: Sort) -> Vec<Chip> {
    let chip =
        |key: &str, to: Sort| Chip { label: page.t(key), query: with_sort(filter, to), on: sort == to };
    vec![chip("queue-sort-newest", Sort::Newest), chip("queue-sort-urgent", Sort::Urgent)]
}

fn selects(
    app: &App,
    page: &Page,
    query: &Query,
    windows: Vec<WindowName>,
    components: Vec<Component>,
) -> Vec<Select> {
    let (language, default) = (page.language(), app.settings().default_language);
    let select = |name: &'static str, key: &str, none: Option<&str>, mut offers: Vec<Offer>| {
        let chosen = if query.get(name) == "none" { NONE } else { query.get(name) };
        offers.insert(0, Offer::new("", page.t("queue-all"), chosen));
        if let Some(none) = none {
            offers.push(Offer::new(NONE, page.t(none), chosen));
        }
        if offers.iter().all(|o| !o.selected) {
            // What the address names but the list does not offer, such as an old window.
            offers.push(Offer::new(chosen, chosen.to_owned(), chosen));
        }
        Select { name, label: page.t(key), offers }
    };
    let coded = |name: &'static str, key, none, all: &mut dyn Iterator<Item = &'static str>| {
        select(name, key, none, codes(page, name, all, query.get(name)))
    };
    let windows = windows
        .into_iter()
        .map(|w| Offer::new(&w.slug, w.label(language, default).to_owned(), query.get("window")));
    let components = components
        .into_iter()
        .map(|c| Offer::new(&c.key, c.label(language, default).to_owned(), query.get("component")));
    let mut status = coded("status", "queue-status", None, &mut Status::ALL.iter().map(|s| s.code()));
    let open = Offer::new("open", page.t("queue-open"), query.get("status"));
    if open.selected {
        // It is no code of its own, so it was taken for something unknown.
        status.offers.pop();
    }
    status.offers.insert(1, open);
    vec![
        select("window", "queue-window", Some("queue-outside"), windows.collect()),
        coded("stage", "queue-stage", None, &mut ReportStage::ALL.iter().map(|s| s.code())),
        select("component", "queue-component", Some("queue-no-component"), components.collect()),
        coded("category", "queue-category", None, &mut Category::ALL.iter().map(|s| s.code())),
        coded("impact", "queue-impact", None, &mut Impact::ALL.iter().map(|s| s.code())),
        coded(
            "severity",
            "queue-severity",
            Some("queue-no-severity"),
            &mut Severity::ALL.iter().map(|s| s.code()),
        ),
        status,
    ]
}
