//! What happened to a report, as its page tells it.

use std::collections::HashMap;

use crate::domain::instant::Instant;
use crate::domain::report::{Severity, Status};
use crate::store::reports::events::{Event, EventKind};
use crate::web::page::Page;

/// One act in the history of a report: everything that one person did at once.
pub(super) struct Act {
    pub(super) who: String,
    pub(super) at: Instant,
    pub(super) lines: Vec<Line>,
}

/// One thing that was done.
pub(super) struct Line {
    /// The class of a badge, or nothing.
    pub(super) class: String,
    pub(super) label: String,
    /// What was written, if anything.
    pub(super) text: String,
}

/// Events as acts: what one person did at one moment is one act.
pub(super) fn acts<'a>(
    page: &Page,
    names: &HashMap<i64, String>,
    events: impl Iterator<Item = &'a Event>,
) -> Vec<Act> {
    let mut acts: Vec<Act> = Vec::new();
    for event in events {
        let by_reporter = matches!(
            event.kind,
            EventKind::Received
                | EventKind::Message
                | EventKind::Verdict
                | EventKind::Contact
                | EventKind::Image
                | EventKind::Erased
        );
        let who = match event.author_id.and_then(|id| names.get(&id)) {
            Some(name) => name.clone(),
            None if by_reporter => page.t("history-reporter"),
            None => page.t("history-system"),
        };
        let line = line(page, event);
        match acts.last_mut() {
            Some(act) if act.who == who && act.at == event.at => act.lines.push(line),
            _ => acts.push(Act { who, at: event.at, lines: vec![line] }),
        }
    }
    acts
}

fn line(page: &Page, event: &Event) -> Line {
    let (was, became) = (event.was.as_deref(), event.became.as_deref());
    let text = event.content.clone().unwrap_or_default();
    let plain = |key: &str| Line { class: String::new(), label: page.t(key), text: text.clone() };
    let changed = |key: &str, was: String, became: String| Line {
        class: String::new(),
        label: page.with(key, [("was", &was), ("became", &became)]),
        text: text.clone(),
    };
    match event.kind {
        EventKind::Received => plain("history-received"),
        EventKind::Status => match became.and_then(Status::from_code) {
            Some(status) => Line {
                class: format!("status-{}", status.code()),
                label: page.word("status", status.code()),
                text: text.clone(),
            },
            None => plain("history-status"),
        },
        EventKind::Severity => {
            let word = |code: Option<&str>| match code.and_then(Severity::from_code) {
                Some(severity) => page.word("severity", severity.code()),
                None => page.t("queue-no-severity"),
            };
            changed("history-severity", word(was), word(became))
        }
        EventKind::Assignee => {
            let name = |name: Option<&str>| name.map_or_else(|| page.t("report-nobody"), str::to_owned);
            changed("history-assignee", name(was), name(became))
        }
        EventKind::KnownIssue => match became {
            Some(_) => plain("history-known-issue"),
            None => plain("history-no-known-issue"),
        },
        EventKind::Duplicate => match became {
            Some(original) => Line {
                class: String::new(),
                label: page.with("history-duplicate-of", [("reference", original)]),
                text: text.clone(),
            },
            None => plain("history-duplicate-no-more"),
        },
        EventKind::Original => match became {
            Some("resolved") => plain("history-original-resolved"),
            _ => plain("history-original-closed"),
        },
        EventKind::Heard => plain("history-heard"),
        EventKind::Attribution => changed("history-attribution", place(page, was), place(page, became)),
        EventKind::Note => plain("history-note"),
        EventKind::Answer => plain("history-answer"),
        EventKind::Message => plain("history-message"),
        EventKind::Verdict => match became {
            Some("fixed") => plain("verdict-fixed"),
            _ => plain("verdict-not-fixed"),
        },
        EventKind::Contact => plain("history-contact"),
        EventKind::Image if became == Some("removed") => plain("history-image-removed"),
        EventKind::Image => plain("history-image"),
        EventKind::Erased => plain("history-erased"),
    }
}

/// `slug/stage` in words.
fn place(page: &Page, place: Option<&str>) -> String {
    let Some(place) = place else { return page.t("queue-outside") };
    match place.split_once('/') {
        Some((slug, stage)) if !stage.is_empty() => format!("{slug} · {}", page.word("stage", stage)),
        Some((slug, _)) => slug.to_owned(),
        None => place.to_owned(),
    }
}
