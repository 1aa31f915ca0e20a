//! What the public reads of a window: every sentence of its notice, chosen by where it stands.

mod when;

pub use when::When;

use crate::domain::instant::Instant;
use crate::domain::language::Language;
use crate::domain::window::{ComponentImpact, Stage, WindowState};
use crate::i18n::Words;
use crate::store::counters::Others;
use crate::store::windows::{Window, WindowComponent};
use crate::web::known_issue::Shown;
use crate::web::markdown::{self, Html};

/// A badge: its class and its word.
#[derive(Debug, Clone)]
pub struct Badge {
    /// The class beside `badge`.
    pub class: String,
    /// The word.
    pub word: String,
}

/// A moment as it is shown.
#[derive(Debug, Clone)]
pub struct Moment {
    /// For `datetime`.
    pub machine: String,
    /// For people.
    pub text: String,
}

/// A way to reach support.
#[derive(Debug, Clone)]
pub struct ContactLine {
    /// What it is, e.g. 值班电话.
    pub label: String,
    /// The number or address.
    pub value: String,
    /// What it links to, if to anything.
    pub href: Option<String>,
}

/// A step of the progress.
#[derive(Debug, Clone)]
pub struct Step {
    /// Its name.
    pub word: String,
    /// Behind us.
    pub done: bool,
    /// Where we are.
    pub current: bool,
    /// When it began.
    pub at: Option<Moment>,
}

/// An update in the timeline.
#[derive(Debug, Clone)]
pub struct Entry {
    /// The stage.
    pub badge: Badge,
    /// When.
    pub at: Moment,
    /// What it says; a wordless one says what the stage means.
    pub body: Html,
    /// What is said where nobody wrote anything.
    pub otherwise: String,
}

/// An affected component.
#[derive(Debug, Clone)]
pub struct Affected {
    /// Its name.
    pub name: String,
    /// How it is affected, or that it was tested.
    pub badge: Badge,
    /// For how long.
    pub when: String,
}

/// A window as the public reads it.
#[derive(Debug, Clone)]
pub struct Notice {
    /// Its part of addresses.
    pub slug: String,
    /// The class beside `notice`: `notice-running` and so on.
    pub class: &'static str,
    /// Where it stands, and whether it was moved.
    pub badges: Vec<Badge>,
    /// Its title.
    pub title: String,
    /// The start.
    pub start: Moment,
    /// The end, if it is known.
    pub end: Option<Moment>,
    /// The zone in words.
    pub zone: String,
    /// The zone's IANA name.
    pub zone_name: &'static str,
    /// How a browser writes times in its reader's zone.
    pub forms: String,
    /// The moment, or the first and the last, that `when` tells of, for browsers.
    pub told: (String, Option<String>),
    /// How long it is expected to take.
    pub length: Option<String>,
    /// The times that were announced before, the latest first.
    pub before: Vec<String>,
    /// One or two sentences: what is now.
    pub now: Vec<String>,
    /// When, and how long?
    pub when: Vec<String>,
    /// Does it concern me?
    pub concern: Vec<String>,
    /// Is my data safe?
    pub data: Vec<String>,
    /// What should I do before?
    pub prepare: Vec<String>,
    /// How is support reached?
    pub contacts: Vec<ContactLine>,
    /// When is it there?
    pub hours: Vec<String>,
    /// The stages in order; empty before the start.
    pub steps: Vec<Step>,
    /// Latest first.
    pub entries: Vec<Entry>,
    /// What is affected.
    pub affected: Vec<Affected>,
    /// The body.
    pub body: Html,
    /// Problem reports are taken.
    pub takes_reports: bool,
    /// The survey is open.
    pub survey_open: bool,
    /// Not over yet.
    pub is_open: bool,
    /// It belongs to the demonstration.
    pub demonstration: bool,
    /// How many reported the same, as sentences.
    pub others: Option<String>,
    /// What is affected, in one line.
    pub affected_names: String,
    /// What is known to go wrong, where the caller has looked it up.
    pub known: Vec<Shown>,
}

/// Who reads a notice, and when.
#[derive(Debug, Clone, Copy)]
pub struct Reader {
    /// Their words.
    pub words: Words,
    /// The language that texts fall back to.
    pub default: Language,
    /// The moment.
    pub now: Instant,
}

impl Reader {
    fn lines(self, window: &Window, field: &str) -> Vec<String> {
        let text = window.text(field, self.words.0, self.default);
        text.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect()
    }

    fn badge(self, noun: &str, class: &str, code: &str) -> Badge {
        Badge { class: format!("{class}-{code}"), word: self.words.word(noun, code) }
    }

    /// Where the window stands, and whether it was moved.
    pub fn badges(self, window: &Window) -> Vec<Badge> {
        let code = if window.overdue(self.now) { "overdue" } else { window.state.code() };
        let mut badges = vec![self.badge("state", "state", code)];
        if !window.moves.is_empty() && !window.state.has_ended() {
            badges.push(self.badge("state", "state", "moved"));
        }
        badges
    }
}

impl Notice {
    /// The notice of a window for this reader; `others` are the reports of the window so far.
    pub fn of(window: &Window, reader: Reader, others: &Others) -> Notice {
        let Reader { words, now, default } = reader;
        let when = When::new(words, window.zone(), now);
        let moment = |at: Instant, text: String| Moment { machine: at.rfc3339(), text };
        let (start, end) = (window.schedule.start, window.schedule.end);
        let class = match window.state {
            _ if window.overdue(now) => "overdue",
            WindowState::Draft | WindowState::Scheduled => "coming",
            WindowState::InProgress | WindowState::Verifying => "running",
            WindowState::Completed => "completed",
            WindowState::Cancelled => "cancelled",
        };
        let (steps, entries) = progress(window, reader, when);
        Notice {
            slug: window.slug.to_string(),
            class,
            badges: reader.badges(window),
            title: window.title(words.0, default),
            start: moment(start, when.day_and_clock(start)),
            end: end.map(|end| moment(end, when.end(start, end))),
            zone: when.zone_label(start),
            zone_name: window.zone().name(),
            forms: when.forms(),
            told: match window.completed_at.filter(|_| window.started_at.is_some()) {
                Some(done) => (done.rfc3339(), None),
                None => (start.rfc3339(), end.map(Instant::rfc3339)),
            },
            // What was expected is no news once it is over: how long it took is said below.
            length: (window.schedule.seconds().filter(|_| !window.state.has_ended()))
                .map(|s| words.with("windows-length", [("span", &when.span(s))])),
            before: (window.moves.iter().rev())
                .map(|m| {
                    let old = When::new(words, m.schedule.zone, now);
                    words.with("windows-before", [("times", &old.range(m.schedule.start, m.schedule.end))])
                })
                .collect(),
            now: now_lines(window, reader, when),
            when: when_lines(window, reader, when),
            concern: reader.lines(window, "audience"),
            data: data_lines(window, reader, when),
            prepare: prepare_lines(window, reader, when),
            contacts: (window.support.contacts.iter())
                .map(|c| ContactLine {
                    label: c
                        .label
                        .as_ref()
                        .map_or_else(|| words.word("contact", c.kind.code()), |l| l.as_str().to_owned()),
                    value: c.value.as_str().to_owned(),
                    href: c.href(),
                })
                .collect(),
            hours: hours_lines(window, reader),
            steps,
            entries,
            affected: window.components.iter().map(|c| affected(c, window, reader, when)).collect(),
            body: markdown::render(&window.text("body", words.0, default)),
            takes_reports: window.takes_reports(now),
            survey_open: window.survey_open(now),
            is_open: !window.state.has_ended(),
            demonstration: window.demonstration,
            others: others_line(window, reader, others),
            known: Vec::new(),
            affected_names: joined(
                words,
                window
                    .components
                    .iter()
                    .filter(|c| c.impact != ComponentImpact::None)
                    .map(|c| c.component.label(words.0, default)),
            ),
        }
    }
}

fn joined<'a>(words: Words, names: impl Iterator<Item = &'a str>) -> String {
    names.collect::<Vec<_>>().join(&words.t("windows-comma"))
}

/// What is now, in one or two sentences.
fn now_lines(window: &Window, reader: Reader, when: When) -> Vec<String> {
    let Reader { words, now, .. } = reader;
    let mut lines = Vec::new();
    let end = window.schedule.end;
    match window.state {
        WindowState::Draft | WindowState::Scheduled => {
            if window.overdue(now) {
                lines.push(words.t("windows-now-never-started"));
            } else if window.schedule.start <= now {
                lines.push(words.t("windows-now-not-yet-started"));
            }
        }
        WindowState::InProgress | WindowState::Verifying => {
            if window.overdue(now)
                && let Some(end) = end
            {
                let late = when.span(now.seconds_since(end));
                lines.push(
                    words.with("windows-now-overdue", [("end", &when.day_and_clock(end)), ("late", &late)]),
                );
            } else {
                lines.push(match end {
                    _ if window.state == WindowState::Verifying => words.t("windows-now-verifying"),
                    Some(end) => words.with("windows-now-running-until", [("end", &when.end(now, end))]),
                    None => words.t("windows-now-running"),
                });
            }
            if let Some(stage) = window.stage().filter(|_| window.overdue(now)) {
                lines.push(words.with("windows-now-stage", [("stage", &words.word("stage", stage.code()))]));
            }
        }
        WindowState::Completed => {
            if let Some(done) = window.completed_at {
                lines.push(words.with("windows-now-completed", [("at", &when.day_and_clock(done))]));
                let until = done.plus_hours(window.follow_up_hours.into());
                if until > now && window.follow_up_hours > 0 {
                    lines.push(words.with("windows-now-follow-up", [("until", &when.day_and_clock(until))]));
                }
            }
        }
        WindowState::Cancelled => {
            let begun = window.started_at.is_some();
            lines.push(words.t(if begun { "windows-now-stopped" } else { "windows-now-cancelled" }));
        }
    }
    lines
}

fn when_lines(window: &Window, reader: Reader, when: When) -> Vec<String> {
    let Reader { words, now, .. } = reader;
    let (start, end) = (window.schedule.start, window.schedule.end);
    let mut lines = Vec::new();
    if let (Some(began), Some(done)) = (window.started_at, window.completed_at) {
        let took = when.span(done.seconds_since(began));
        lines.push(words.with("windows-when-took", [("at", &when.day_and_clock(done)), ("span", &took)]));
        if let Some(end) = end {
            let difference = done.seconds_since(end);
            let span = when.span(difference);
            lines.push(match difference {
                d if d >= 60 => words.with("windows-when-late", [("span", &span)]),
                d if d <= -60 => words.with("windows-when-early", [("span", &span)]),
                _ => words.t("windows-when-on-time"),
            });
        }
        return lines;
    }
    let range = when.range(start, end);
    lines.push(match window.schedule.seconds() {
        Some(seconds) => {
            words.with("windows-when-planned", [("times", &range), ("span", &when.span(seconds))])
        }
        None => words.with("windows-when-open", [("times", &range)]),
    });
    lines.push(when.zone_label(start));
    if window.overdue(now) && window.state.is_running() {
        lines.push(words.t("windows-when-overdue"));
    }
    if let Some(began) = window.started_at.filter(|began| began.seconds_since(start).abs() >= 60) {
        lines.push(words.with("windows-when-began", [("at", &when.day_and_clock(began))]));
    }
    lines
}

fn data_lines(window: &Window, reader: Reader, when: When) -> Vec<String> {
    let mut lines = reader.lines(window, "backup_statement");
    let words = reader.words;
    if let Some(at) = window.backup_finished_at {
        let key = if at <= reader.now { "windows-backup-finished" } else { "windows-backup-planned" };
        lines.push(words.with(key, [("at", &when.day_and_clock(at))]));
    }
    if let Some(at) = window.data_checked_at {
        lines.push(words.with("windows-data-checked", [("at", &when.day_and_clock(at))]));
    }
    lines
}

fn prepare_lines(window: &Window, reader: Reader, when: When) -> Vec<String> {
    let mut lines = Vec::new();
    if window.state.has_ended() {
        return lines;
    }
    if let Some(at) = window.finish_before.filter(|at| *at > reader.now) {
        lines.push(reader.words.with("windows-finish-before", [("at", &when.day_and_clock(at))]));
    }
    lines.extend(reader.lines(window, "advice"));
    lines
}

fn hours_lines(window: &Window, reader: Reader) -> Vec<String> {
    let Some(hours) = &window.support.hours else { return Vec::new() };
    let words = reader.words;
    let when = When::new(words, hours.zone, reader.now);
    let mut lines: Vec<String> = (hours.slots.iter())
        .map(|slot| {
            let (from, to) = (slot.from.to_string(), slot.to.to_string());
            if slot.days.len() == 7 && from == "00:00" && to == "24:00" {
                return words.t("windows-hours-always");
            }
            let to = if slot.to <= slot.from { words.with("windows-next-day", [("clock", &to)]) } else { to };
            words.with(
                "windows-hours-slot",
                [("days", &when.weekdays(&slot.days)), ("from", &from), ("to", &to)],
            )
        })
        .collect();
    if hours.zone != window.zone() {
        lines.push(when.zone_label(reader.now));
    }
    if hours.is_open(reader.now) {
        lines.push(words.t("windows-hours-open"));
    } else if let Some(next) = hours.next_open(reader.now) {
        lines.push(words.with("windows-hours-next", [("at", &when.day_and_clock(next))]));
    }
    lines
}

fn progress(window: &Window, reader: Reader, when: When) -> (Vec<Step>, Vec<Entry>) {
    let words = reader.words;
    if window.updates.is_empty() {
        return (Vec::new(), Vec::new());
    }
    let moment = |at: Instant| Moment { machine: at.rfc3339(), text: when.day_and_clock(at) };
    let entries = (window.updates.iter().rev())
        .map(|update| Entry {
            badge: reader.badge("stage", "stage", update.stage.code()),
            at: moment(update.posted_at),
            body: markdown::render(update.body.text(words.0, reader.default)),
            otherwise: words.word("windows-stage", update.stage.code()),
        })
        .collect();
    if window.state == WindowState::Cancelled || window.started_at.is_none() {
        return (Vec::new(), entries);
    }
    let current = if window.state == WindowState::Completed { None } else { window.stage() };
    let steps = (Stage::ALL.iter())
        .map(|stage| {
            let first = window.updates.iter().filter(|u| u.stage == *stage).map(|u| u.posted_at).min();
            let done = match current {
                Some(current) => *stage < current && first.is_some(),
                None => first.is_some(),
            };
            Step {
                word: words.word("stage", stage.code()),
                done,
                current: current == Some(*stage),
                at: first
                    .filter(|_| done || current == Some(*stage))
                    .map(|at| Moment { machine: at.rfc3339(), text: when.clock(at) }),
            }
        })
        .collect();
    (steps, entries)
}

fn affected(component: &WindowComponent, window: &Window, reader: Reader, when: When) -> Affected {
    let words = reader.words;
    let badge = if component.tested_at.is_some() {
        Badge { class: "tone-ok".to_owned(), word: words.t("windows-tested") }
    } else {
        Badge {
            class: format!("component-{}", component.impact),
            word: words.word("component-impact", component.impact.code()),
        }
    };
    let (from, to) = component.interruption.within(window.schedule);
    let text = match (component.impact, to) {
        (ComponentImpact::None, _) => words.t("windows-as-usual"),
        (impact, Some(to)) => {
            let key =
                if impact == ComponentImpact::Degraded { "windows-affected" } else { "windows-interrupted" };
            let span = when.span(to.seconds_since(from));
            words.with(key, [("times", &when.range(from, Some(to))), ("span", &span)])
        }
        (_, None) => words.with("windows-affected-from", [("from", &when.day_and_clock(from))]),
    };
    Affected { name: component.component.label(words.0, reader.default).to_owned(), badge, when: text }
}

/// How many reported the same; of the component most reported, if it stands out.
fn others_line(window: &Window, reader: Reader, others: &Others) -> Option<String> {
    if others.all == 0 || !window.takes_reports(reader.now) || window.state == WindowState::Scheduled {
        return None;
    }
    let words = reader.words;
    let most = (window.components.iter())
        .filter_map(|c| others.by_component.get(&c.component.id).map(|n| (*n, c)))
        .max_by_key(|(n, _)| *n)
        .filter(|(n, _)| *n > 1);
    let (n, key, name) = match most {
        Some((n, c)) => (n, "windows-others-component", c.component.label(words.0, reader.default)),
        None => (others.all, "windows-others", ""),
    };
    let count = n.to_string();
    Some(words.said(key, [("n", count.as_str()), ("name", name)].into_iter()))
}
