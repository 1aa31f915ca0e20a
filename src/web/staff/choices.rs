//! What the queue offers to choose from: quick choices, orders, and everything that it can be filtered
//! by. Each is an address.

use super::{Offer, codes};
use crate::domain::report::{Category, Impact, Severity, Status, Verdict};
use crate::domain::report_filter::{self, Assignee, Filter, NONE, Wrote};
use crate::domain::shift::Shift;
use crate::domain::targets::DueState;
use crate::domain::window::ReportStage;
use crate::store::components::Component;
use crate::store::reports::list::{Sort, WindowName};
use crate::web::app::App;
use crate::web::form::Query;
use crate::web::page::Page;

/// The order of the queue unless another is asked for.
pub(super) const USUAL: Sort = Sort::Urgent;

/// A link that sets or takes away one part of the filter.
pub(super) struct Chip {
    pub(super) label: String,
    pub(super) query: String,
    pub(super) on: bool,
}

/// A select of the filter.
pub(super) struct Select {
    pub(super) name: &'static str,
    pub(super) label: String,
    pub(super) offers: Vec<Offer>,
}

/// A column of the table: where its title leads, and how it is sorted now.
pub(super) struct Heading {
    /// Its name in the style sheet.
    pub(super) name: &'static str,
    pub(super) label: String,
    pub(super) query: String,
    /// `ascending`, `descending`, or nothing if the table is not sorted by it.
    pub(super) sorted: &'static str,
}

/// The query of the queue with this filter in this order.
pub(super) fn with_sort(filter: &Filter, sort: Sort) -> String {
    let mut pairs = filter.pairs();
    if sort != USUAL {
        pairs.push(("sort", sort.code().to_owned()));
    }
    form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}

/// The columns that the table can be sorted by, in their order.
pub(super) fn headings(page: &Page, filter: &Filter, sort: Sort) -> Vec<Heading> {
    let heading = |name: &'static str, key: &str, by: Sort, ascends: bool| {
        let on = sort.upright() == by;
        let to = if on { sort.turned() } else { by };
        let sorted = match (on, sort.is_turned() == ascends) {
            (false, _) => "",
            (true, true) => "descending",
            (true, false) => "ascending",
        };
        Heading { name, label: page.t(key), query: with_sort(filter, to), sorted }
    };
    vec![
        heading("urgency", "queue-urgency", Sort::Urgent, false),
        heading("status", "queue-status", Sort::Status, true),
        heading("due", "queue-due", Sort::Due, true),
        heading("impact", "queue-impact", Sort::Impact, false),
        heading("component", "queue-component", Sort::Component, true),
        heading("stage", "queue-stage", Sort::Stage, true),
        heading("occurred", "queue-occurred", Sort::Occurred, false),
        heading("received", "queue-received", Sort::Newest, false),
        heading("assignee", "queue-assignee", Sort::Assignee, true),
    ]
}

/// Quick choices; one that is on is taken away by choosing it again.
pub(super) fn chips(page: &Page, filter: &Filter, sort: Sort) -> Vec<Chip> {
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
    let due = {
        let on = filter.due.is_some_and(|(state, _)| state == DueState::Overdue);
        // Nothing of the moment stands in a link.
        let due = (!on).then_some((DueState::Overdue, crate::domain::instant::Instant::MIN));
        Chip { label: page.t("queue-overdue"), query: with_sort(&Filter { due, ..filter.clone() }, sort), on }
    };
    let mine = {
        let on = filter.assignee == Some(Assignee::Me);
        let other = Filter { assignee: (!on).then_some(Assignee::Me), ..filter.clone() };
        Chip { label: page.t("queue-mine"), query: with_sort(&other, sort), on }
    };
    let wrote = {
        let on = filter.wrote.is_some();
        let wrote = (!on).then_some(Wrote::Again);
        // What somebody wrote to a report that is done wants to be read as well.
        let status = filter.status.filter(|status| on || *status != StatusChoice::Open);
        let other = Filter { wrote, status, ..filter.clone() };
        Chip { label: page.t("wrote-again"), query: with_sort(&other, sort), on }
    };
    vec![
        shift("queue-last-night", Shift::LastNight),
        shift("queue-today", Shift::Today),
        shift("queue-yesterday", Shift::Yesterday),
        shift("queue-last-7-days", Shift::LastSevenDays),
        status("queue-new", StatusChoice::Is(Status::New)),
        status("queue-open", StatusChoice::Open),
        critical,
        due,
        wrote,
        mine,
    ]
}

pub(super) fn sorts(page: &Page, filter: &Filter, sort: Sort) -> Vec<Chip> {
    let chip =
        |key: &str, to: Sort| Chip { label: page.t(key), query: with_sort(filter, to), on: sort == to };
    vec![
        chip("queue-sort-urgent", Sort::Urgent),
        chip("queue-sort-newest", Sort::Newest),
        chip("queue-sort-oldest", Sort::Oldest),
        chip("queue-sort-due", Sort::Due),
    ]
}

pub(super) fn selects(
    app: &App,
    page: &Page,
    query: &Query,
    windows: Vec<WindowName>,
    components: Vec<Component>,
    supporters: Vec<String>,
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
        select(
            "assignee",
            "queue-assignee",
            Some("report-nobody"),
            std::iter::once(Offer::new("me", page.t("queue-me"), query.get("assignee")))
                .chain(supporters.into_iter().map(|n| Offer::new(&n, n.clone(), query.get("assignee"))))
                .collect(),
        ),
        coded("due", "queue-due", None, &mut DueState::ALL.iter().map(|d| d.code())),
        coded("verdict", "queue-verdict", None, &mut Verdict::ALL.iter().map(|v| v.code())),
        coded("wrote", "queue-wrote", None, &mut Wrote::ALL.iter().map(|w| w.code())),
    ]
}
