//! The queue: which reports there are, filtered and sorted, everything in the address.

use std::collections::HashMap;

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::alarms::{self, AlarmView};
use super::bulk::Fields;
use super::choices::{self, Chip, Heading, Select, USUAL, with_sort};
use super::report::Pane;
use super::{Row, counted, grouped, marks, year};
use crate::domain::fields::FieldErrors;
use crate::domain::instant::Instant;
use crate::domain::report_filter::{self, Filter};
use crate::domain::search_tokens::Needle;
use crate::store::alarms::{self as alarm_rows, Alarm};
use crate::store::canned_answers::{self, CannedAnswer};
use crate::store::components::{self, Component};
use crate::store::connection::Db;
use crate::store::people::Actor;
use crate::store::reports::filter::{self, Count};
use crate::store::reports::list::{self, Cursor, Sort, WindowName};
use crate::store::reports::triage;
use crate::store::reports::weigh::Scales;
use crate::store::saved_filters::{self, SavedFilter};
use crate::store::search::{self, Sight, Snippet};
use crate::web::app::App;
use crate::web::failure::Failure;
use crate::web::form::{Form, Query};
use crate::web::page::{Page, form_again, private_page};
use crate::web::visitor::{Viewer, Visitor};

/// How many reports a page shows.
pub(super) const PAGE: i64 = 50;
/// How many windows the filter offers, the latest first.
const WINDOWS: i64 = 100;

#[derive(Template)]
#[template(path = "staff/queue.html")]
struct QueuePage {
    page: Page,
    /// The fields of an act on many, as nobody has filled them in yet.
    form: Form,
    errors: FieldErrors,
    chips: Vec<Chip>,
    sorts: Vec<Chip>,
    headings: Vec<Heading>,
    sort: &'static str,
    brief: bool,
    alarms: Vec<AlarmView>,
    saved: Vec<SavedFilter>,
    /// The report that stands beside the list, as HTML, and its name; or nothing.
    pane: String,
    open: String,
    bulk: Fields,
    /// The number of the report that came in last: what is newer is announced.
    since: i64,
    count: String,
    selects: Vec<Select>,
    text: String,
    from: String,
    to: String,
    /// With its order, for the exports.
    query: String,
    /// With everything, so that a report leads back here.
    here: String,
    /// Without the place in the list, for what begins anew.
    filter_query: String,
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
    supporters: Vec<String>,
    saved: Vec<SavedFilter>,
    alarms: Vec<Alarm>,
    canned: Vec<CannedAnswer>,
    scales: Scales,
    since: i64,
    pane: Option<Pane>,
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

/// Reads the order of the queue: `urgent` unless said otherwise.
pub(super) fn sort(text: &str) -> Result<Sort, FieldErrors> {
    match text {
        "" => Ok(USUAL),
        code => Sort::from_code(code).ok_or_else(|| FieldErrors::one("sort", "unknown-code")),
    }
}

/// What is to be found.
struct Wanted {
    filter: Option<Filter>,
    sort: Sort,
    cursor: Option<Cursor>,
    /// The name of the report that stands beside the list.
    open: String,
    actor: Actor,
    now: Instant,
}

/// Everything that the page shows, in one snapshot; and what is wrong with the filter.
fn find(c: &mut Db, wanted: Wanted) -> crate::store::Result<(Asked, FieldErrors)> {
    let Wanted { filter, sort, cursor, open, actor, now } = wanted;
    let (mut errors, sight) = (FieldErrors::new(), Sight::of(actor.role()));
    let answer = match &filter {
        None => None,
        Some(filter) => match filter::find_as(c, filter, sight) {
            Ok(found) => {
                let page = list::page(c, &found, sort, cursor, PAGE)?;
                let looked_for = Needle::of_text(filter.text.as_deref().unwrap_or_default());
                let ids: Vec<i64> = page.items.iter().map(|listed| listed.report.id).collect();
                let snippets = if looked_for.parts.is_empty() {
                    HashMap::new()
                } else {
                    search::snippets(c, &ids, &looked_for, sight)?
                };
                Some(Answer { count: found.count(c)?, page, looked_for, snippets })
            }
            Err(crate::store::Error::Invalid(wrong)) => {
                errors = wrong;
                None
            }
            Err(error) => return Err(error),
        },
    };
    let pane = if answer.is_some() { Pane::load(c, &open, now)? } else { None };
    let asked = Asked {
        filter: filter.unwrap_or_default(),
        sort,
        windows: list::recent_windows(c, WINDOWS)?,
        components: components::list(c)?,
        supporters: triage::supporters(c)?,
        saved: saved_filters::list(c, &actor)?,
        alarms: alarm_rows::open(c)?,
        canned: canned_answers::list(c)?,
        scales: Scales::load(c, now)?,
        since: list::last(c)?,
        pane,
        answer,
    };
    Ok((asked, errors))
}

/// `GET /admin/reports`
pub async fn list(
    app: web::Data<App>,
    request: HttpRequest,
    visitor: Visitor,
    query: Query,
    guard: Viewer,
) -> Result<HttpResponse, Failure> {
    let known = [report_filter::FIELDS, &["sort", "cursor", "open", "done"]].concat();
    let query = query.only(&known)?;
    let mut errors = FieldErrors::new();
    let filter = errors.keep(Filter::parse(query.pairs(), app.settings().time_zone, app.now()));
    let sort = errors.keep(sort(query.get("sort"))).unwrap_or(USUAL);
    let wanted = Wanted {
        filter: filter.map(|filter| filter.asked_by(guard.0.person_id())),
        sort,
        // A place in the other order, or one that was typed, is the beginning.
        cursor: Cursor::parse("cursor", query.get("cursor"), sort).ok(),
        open: query.get("open").to_owned(),
        actor: guard.0.clone(),
        now: app.now(),
    };
    let (asked, wrong) = app.store.read(move |c| find(c, wanted)).await?;
    errors.0.extend(wrong.0);
    let page = Page::bare(&request, &visitor);
    let wrong = !errors.is_empty();
    let view = view(&app, page, &query, asked, errors)?;
    if wrong { form_again(&view) } else { private_page(&view) }
}

fn view(
    app: &App,
    page: Page,
    query: &Query,
    asked: Asked,
    errors: FieldErrors,
) -> Result<QueuePage, Failure> {
    let Asked { filter, sort, windows, components, supporters, saved, alarms, canned, scales, since, .. } =
        asked;
    let (answer, pane) = (asked.answer, asked.pane);
    let now = app.now();
    // A field for a time takes whole minutes; the end is put later rather than earlier.
    let whole = |at: Instant| Instant::from_seconds(at.minute() * 60).unwrap_or(at);
    let from = filter.from.map_or_else(|| query.get("from").to_owned(), |at| page.zone.form_value(whole(at)));
    let end = |at: Instant| if whole(at) == at { at } else { whole(at).plus_seconds(60) };
    let to = filter.to.map_or_else(|| query.get("to").to_owned(), |at| page.zone.form_value(end(at)));
    let filter_query = with_sort(&filter, sort);
    let link = |cursor: Option<Cursor>| {
        cursor.map_or_else(String::new, |cursor| {
            let mut pairs = form_urlencoded::parse(filter_query.as_bytes()).into_owned().collect::<Vec<_>>();
            pairs.push(("cursor".to_owned(), cursor.to_string()));
            form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
        })
    };
    let here = match Cursor::parse("cursor", query.get("cursor"), sort) {
        Ok(cursor) => link(Some(cursor)),
        Err(_) => filter_query.clone(),
    };
    let open = pane.as_ref().map(Pane::reference).unwrap_or_default();
    let pane = match pane {
        Some(pane) => pane.render(app, &page, &here, query.has("done"))?,
        None => String::new(),
    };
    let (previous, next) = answer
        .as_ref()
        .map_or((String::new(), String::new()), |a| (link(a.page.previous), link(a.page.next)));
    let count = answer.as_ref().map_or(Count::Exactly(0), |a| a.count);
    let caption = page.with(
        match sort {
            Sort::Newest => "queue-caption-newest",
            Sort::Urgent => "queue-caption-urgent",
            _ => "queue-caption-sorted",
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
    let offered = Fields::offered(app, &page, &supporters, &canned);
    Ok(QueuePage {
        chips: choices::chips(&page, &filter, sort),
        sorts: choices::sorts(&page, &filter, sort),
        headings: choices::headings(&page, &filter, sort),
        alarms: alarms::views(app, &page, &alarms),
        saved,
        pane,
        open,
        form: Form::default(),
        bulk: offered,
        since,
        count: counted(count),
        sort: sort.code(),
        brief: false,
        selects: choices::selects(app, &page, query, windows, components, supporters),
        text: query.get("q").to_owned(),
        from,
        to,
        query: {
            let sort = ("sort", sort.code().to_owned());
            let pairs = filter.pairs().into_iter().chain([sort]);
            form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
        },
        here,
        filter_query,
        filtered: !filter.is_all(),
        this_year: year(&page, now),
        rows: answer.map_or_else(Vec::new, |a| {
            let row = |listed| marks::row(app, &page, &scales, listed, &a.looked_for, &a.snippets);
            a.page.items.into_iter().map(row).collect()
        }),
        caption,
        position,
        previous,
        next,
        errors,
        page,
    })
}
