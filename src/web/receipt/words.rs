//! What a receipt says in sentences: where the report stands, what is promised, what has happened.

use super::page::{Line, Moment};
use crate::domain::instant::Instant;
use crate::domain::report::{Category, Status, Verdict};
use crate::store::counters;
use crate::store::reports::Held;
use crate::store::reports::events::EventKind;
use crate::web::page::Page;
use crate::web::receipt_view::{HeldEvent, Promise};
use crate::web::report_form::others_of;
use crate::web::times::Times;

/// What was just done, as the address says it after a form.
pub(super) fn done(done: &str) -> Option<&'static str> {
    match done {
        "message" => Some("receipt-done-message"),
        "contact" => Some("receipt-done-contact"),
        "fixed" => Some("receipt-done-fixed"),
        "not_fixed" => Some("receipt-done-not-fixed"),
        "image" => Some("receipt-done-image"),
        "image_removed" => Some("receipt-done-image-removed"),
        _ => None,
    }
}

/// The status as the reporter is told it: the reporter is no third person here.
pub(super) fn status(page: &Page, status: Status) -> String {
    match status {
        Status::Waiting => page.t("receipt-status-waiting"),
        other => page.word("status", other.code()),
    }
}

/// Where it stands, in a sentence. Whoever said that it works again is not asked once more.
pub(super) fn stands(page: &Page, status: Status, verdict: Option<Verdict>) -> String {
    match (status, verdict) {
        (Status::Resolved, Some(Verdict::Fixed)) => page.t("receipt-stands-confirmed"),
        _ => page.word("receipt-stands", status.code()),
    }
}

/// What happened, the latest first.
pub(super) fn history(page: &Page, times: Times, events: &[HeldEvent]) -> Vec<Line> {
    let mut lines: Vec<Line> = events.iter().map(|event| line(page, times, event)).collect();
    lines.reverse();
    lines
}

fn line(page: &Page, times: Times, event: &HeldEvent) -> Line {
    let became = event.became.clone().unwrap_or_default();
    let (title, badge, says) = match event.kind {
        EventKind::Status => {
            let (title, says) = match Status::from_code(&became) {
                Some(became) => (status(page, became), stands(page, became, None)),
                None => (page.word("status", &became), String::new()),
            };
            (title, format!("status-{became}"), says)
        }
        EventKind::Verdict => {
            (page.word("verdict", &became), verdict_tone(&became).to_owned(), String::new())
        }
        EventKind::Image if became == "removed" => {
            (page.t("receipt-event-image-removed"), String::new(), String::new())
        }
        EventKind::Original => (page.word("receipt-event-original", &became), String::new(), String::new()),
        kind => (page.word("receipt-event", kind.code()), String::new(), String::new()),
    };
    Line { at: Moment::of(times, event.at), title, badge, says, text: event.text.clone().unwrap_or_default() }
}

pub(super) fn verdict_tone(verdict: &str) -> &'static str {
    if verdict == Verdict::Fixed.code() { "tone-ok" } else { "tone-danger" }
}

/// How many others reported the same component, or the same category if none is known.
pub(super) fn others_beside(
    page: &Page,
    held: &Held,
    others: &counters::Others,
    component: &str,
) -> Vec<String> {
    let report = &held.report;
    let beside = |n: Option<&i64>| n.map_or(0, |n| n - 1);
    let mut said = Vec::new();
    if let Some(id) = report.component_id {
        let n = beside(others.by_component.get(&id));
        if n > 0 {
            said.push(others_of(page, "reporting-others-component", n, component));
        }
    }
    if report.category != Category::Other {
        let n = beside(others.by_category.get(&report.category));
        if n > 0 {
            let what = page.word("category", report.category.code());
            said.push(others_of(page, "reporting-others-category", n, &what));
        }
    }
    said
}

/// What happens next.
pub(super) fn next(page: &Page, times: Times, held: &Held, promise: Promise) -> Vec<String> {
    let time = |at: Instant| {
        page.with(
            "receipt-promised-at",
            [("at", &times.day_and_clock(at)), ("offset", &times.zone().offset_label(at))],
        )
    };
    let mut next = Vec::new();
    match promise {
        Promise::Kept => {}
        Promise::Now(by) => next.push(page.with("receipt-next-now", [("by", &time(by))])),
        Promise::Later(open, by) => {
            next.push(page.with("receipt-next-later", [("open", &time(open)), ("by", &time(by))]));
        }
        Promise::Missed(by) => next.push(page.with("receipt-next-missed", [("by", &time(by))])),
        Promise::Unknown => next.push(page.t("receipt-next-unknown")),
    }
    if let Some(original) = held.original {
        next.push(page.word("receipt-original", original.code()));
    }
    if !held.report.status.is_done() {
        let contact = held.content.has_contact();
        next.push(page.t(if contact { "receipt-next-contact" } else { "receipt-next-no-contact" }));
        next.push(page.t("receipt-next-confirm"));
    }
    next
}
