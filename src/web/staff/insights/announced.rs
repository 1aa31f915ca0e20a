//! What was announced and known of a window beside what happened: its times, its components, its known
//! issues.

use crate::domain::instant::Instant;
use crate::domain::window::ComponentImpact;
use crate::store::insights::Insights;
use crate::store::insights::impact::ComponentFigures;
use crate::store::insights::issues::IssueFigures;
use crate::web::figures;
use crate::web::page::Page;
use crate::web::times::Times;

/// One thing that was announced beside what happened.
pub struct Happened {
    pub label: String,
    pub announced: String,
    pub announced_at: Option<Instant>,
    pub actual: String,
    pub actual_at: Option<Instant>,
    /// What lies between.
    pub difference: String,
    pub late: bool,
}

/// What was announced beside what happened.
pub fn happened(times: Times, insights: &Insights) -> Vec<Happened> {
    let words = times.words();
    let schedule = &insights.schedule;
    let none = || words.t("insights-none");
    let said = |at: Option<Instant>| at.map_or_else(none, |at| times.moment(at));
    let between = |announced: Option<Instant>, actual: Option<Instant>| {
        let seconds = announced.zip(actual).map(|(a, b)| b.seconds_since(a));
        let text = match seconds {
            None => String::new(),
            Some(60..) => words.with("insights-later", [("span", &times.span(seconds.unwrap_or(0)))]),
            Some(..=-60) => words.with("insights-earlier", [("span", &times.span(seconds.unwrap_or(0)))]),
            Some(_) => words.t("insights-on-time"),
        };
        (text, seconds.is_some_and(|s| s >= 60))
    };
    let row = |label: &str, announced: Option<Instant>, actual: Option<Instant>| {
        let (difference, late) = between(announced, actual);
        Happened {
            label: words.said(label, std::iter::empty()),
            announced: said(announced),
            announced_at: announced,
            actual: said(actual),
            actual_at: actual,
            difference,
            late,
        }
    };
    let span = |seconds: Option<i64>| seconds.map_or_else(none, |s| times.span(s));
    let plain = |label: &str, announced: String, actual: String, difference: String, late: bool| Happened {
        label: words.said(label, std::iter::empty()),
        announced,
        announced_at: None,
        actual,
        actual_at: None,
        difference,
        late,
    };
    let overrun = schedule.overrun_seconds.filter(|s| *s > 0);
    let lead = match schedule.lead_seconds {
        Some(seconds @ 0..) => words.with("insights-lead", [("span", &times.span(seconds))]),
        Some(seconds) => words.with("insights-lead-negative", [("span", &times.span(seconds))]),
        None => String::new(),
    };
    vec![
        Happened {
            announced_at: schedule.announced_at,
            ..plain(
                "insights-notice",
                said(schedule.announced_at),
                String::new(),
                lead,
                schedule.lead_seconds.is_some_and(|s| s < 0),
            )
        },
        row("insights-start", Some(schedule.scheduled_start), schedule.started_at),
        row("insights-end", schedule.scheduled_end, schedule.ended_at),
        plain(
            "insights-length",
            span(schedule.planned_seconds),
            span(schedule.actual_seconds),
            overrun.map(|s| words.with("insights-overrun", [("span", &times.span(s))])).unwrap_or_default(),
            overrun.is_some(),
        ),
    ]
}

/// A component, announced beside reported.
pub struct ComponentRow {
    pub key: String,
    pub name: String,
    /// What was announced, in words, and the class of its badge; nothing if it was not announced.
    pub announced: Option<(String, &'static str)>,
    pub interruption: String,
    pub reports: String,
    /// Whether there are any, so that they can be listed.
    pub some: bool,
    pub severe: String,
    /// The worst that was reported, in words, and its code.
    pub worst: Option<(String, &'static str)>,
    pub surprise: &'static str,
    /// Whether people met what the notice had not told them.
    pub surprised: bool,
}

/// What was announced of each component beside what was reported of it.
pub fn components(page: &Page, times: Times, insights: &Insights) -> Vec<ComponentRow> {
    let schedule = &insights.schedule;
    let row = |c: &ComponentFigures| {
        let from = c.interruption_start.unwrap_or(schedule.scheduled_start);
        let interruption = match (
            c.interruption_start.or(c.interruption_end),
            c.interruption_end.or(schedule.scheduled_end),
        ) {
            (Some(_), Some(until)) if until > from => times.brief_range(from, until),
            _ => String::new(),
        };
        ComponentRow {
            key: c.key.clone(),
            name: c.name.clone(),
            announced: c
                .announced
                .map(|impact| (page.word("component-impact", impact.code()), component_class(impact))),
            interruption,
            reports: figures::count(c.reports),
            some: c.reports > 0,
            severe: figures::count(c.severe),
            worst: c.worst.map(|impact| (page.word("impact", impact.code()), impact.code())),
            surprise: c.surprise.code(),
            surprised: c.surprise.is_one(),
        }
    };
    insights.components.iter().map(row).collect()
}

fn component_class(impact: ComponentImpact) -> &'static str {
    match impact {
        ComponentImpact::None => "component-none",
        ComponentImpact::Degraded => "component-degraded",
        ComponentImpact::PartialOutage => "component-partial_outage",
        ComponentImpact::MajorOutage => "component-major_outage",
        ComponentImpact::Maintenance => "component-maintenance",
    }
}

/// A known issue of the window.
pub struct IssueRow {
    pub id: i64,
    pub title: String,
    pub status: String,
    pub people: String,
    pub workaround: String,
}

/// What was known to be wrong, and how many met it.
pub fn issues(page: &Page, insights: &Insights) -> Vec<IssueRow> {
    let row = |issue: &IssueFigures| IssueRow {
        id: issue.id,
        title: issue.title.clone(),
        status: page.t(if issue.resolved_at.is_some() {
            "insights-issue-resolved"
        } else {
            "insights-issue-open"
        }),
        people: page.n("insights-issue-met", issue.met()),
        workaround: issue.workaround.clone().unwrap_or_default(),
    };
    insights.known_issues.iter().map(row).collect()
}
