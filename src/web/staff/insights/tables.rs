//! Counts with bars, and what was announced beside what happened.

use crate::domain::instant::Instant;
use crate::domain::language::Language;
use crate::domain::measure::{Compared, Figure};
use crate::domain::statistics::{Change, Distribution};
use crate::domain::survey::template::Answerable;
use crate::domain::survey::{Question, QuestionKind};
use crate::domain::window::ComponentImpact;
use crate::i18n::Words;
use crate::store::insights::impact::ComponentFigures;
use crate::store::insights::issues::IssueFigures;
use crate::store::insights::people::GroupFigure;
use crate::store::insights::{Insights, Part, ReportFigures};
use crate::web::figures::{self, Kind};
use crate::web::page::Page;
use crate::web::plots::{answers, sides};
use crate::web::times::Times;

/// A table of counts.
pub struct Table {
    pub id: String,
    pub title: String,
    pub caption: String,
    /// Whether there are enough to say shares.
    pub shares: bool,
    pub rows: Vec<Count>,
}

/// A row of it.
pub struct Count {
    pub label: String,
    /// Where exactly these are listed.
    pub link: Option<String>,
    pub count: String,
    pub share: String,
    /// The length of the bar, 0 to 100.
    pub width: String,
    /// The class of the bar.
    pub tone: &'static str,
}

fn count(label: String, n: u64, of: u64, tone: &'static str) -> Count {
    let share = if of == 0 { 0.0 } else { n as f64 / of as f64 };
    Count {
        label,
        link: None,
        count: figures::count(n),
        share: format!("{}%", figures::percent(share, of)),
        width: format!("{:.1}", 100.0 * share),
        tone,
    }
}

/// The tables of reports; with a slug its rows lead to the reports that they count.
pub fn of_reports(words: Words, reports: &ReportFigures, slug: Option<&str>) -> Vec<Table> {
    let total = reports.total;
    let tone = |noun: &str, code: &str| match (noun, code) {
        ("impact", "data_loss") => "bar-danger",
        ("impact", "blocked") => "bar-warn",
        ("impact", "cosmetic" | "unknown") => "bar-quiet",
        ("status", "resolved" | "closed") => "bar-ok",
        ("status", "duplicate") => "bar-quiet",
        _ => "",
    };
    let table = |noun: &'static str, parts: &[Part], empty_too: bool| Table {
        id: format!("by-{noun}"),
        title: words.said(&format!("insights-by-{noun}"), std::iter::empty()),
        caption: words.n("insights-count-reports", total),
        shares: total >= reports.minimum_n,
        rows: parts
            .iter()
            .filter(|p| empty_too || p.reports > 0)
            .map(|part| {
                let code = part.code.as_deref().unwrap_or_default();
                let label = match (&part.name, &part.code) {
                    (Some(name), _) => name.clone(),
                    (None, Some(code)) => words.word(noun, code),
                    (None, None) => words.said(&format!("insights-no-{noun}"), std::iter::empty()),
                };
                let link = slug.filter(|_| !code.is_empty() && part.reports > 0).map(|slug| {
                    let query = form_urlencoded::Serializer::new(String::new())
                        .append_pair("window", slug)
                        .append_pair(noun, code)
                        .finish();
                    format!("/admin/reports?{query}")
                });
                Count { link, ..count(label, part.reports, total, tone(noun, code)) }
            })
            .collect(),
    };
    vec![
        table("stage", &reports.by_stage, total > 0),
        table("component", &reports.by_component, false),
        table("category", &reports.by_category, false),
        table("impact", &reports.by_impact, total > 0),
        table("status", &reports.by_status, false),
    ]
}

/// A scale from its highest to its lowest answer.
fn scale(
    words: Words,
    (id, title): (&str, &str),
    caption: String,
    answers: &Distribution,
    ends: (String, String),
    tone: impl Fn(u8) -> &'static str,
    minimum_n: u64,
) -> Table {
    let n = answers.n();
    let mut rows: Vec<Count> = answers
        .iter()
        .map(|(point, times)| {
            let end = match point {
                p if p == answers.min() => ends.0.as_str(),
                p if p == answers.max() => ends.1.as_str(),
                _ => "",
            };
            count(format!("{point} {end}").trim_end().to_owned(), times, n, tone(point))
        })
        .collect();
    rows.reverse();
    let title = words.said(title, std::iter::empty());
    Table { id: id.to_owned(), title, caption, shares: n >= minimum_n, rows }
}

/// The tables of the survey: those questions that somebody answered.
pub fn of_survey(words: Words, insights: &Insights, default: Language) -> Vec<Table> {
    let survey = &insights.survey;
    let answered = |n: u64| words.n("insights-count-answers", n);
    let mut tables = Vec::new();
    if survey.csat.n > 0 {
        let tone = |p: u8| match p {
            4.. => "bar-ok",
            3 => "bar-quiet",
            2 => "bar-warn",
            _ => "bar-danger",
        };
        let ends = ends(words, insights, "csat", default);
        let caption = answered(survey.csat.n);
        tables.push(scale(
            words,
            ("csat", "insights-csat"),
            caption,
            &survey.csat.distribution,
            ends,
            tone,
            insights.minimum_n,
        ));
    }
    if survey.nps.n > 0 {
        let tone = |p: u8| match p {
            9.. => "bar-ok",
            7 | 8 => "bar-quiet",
            _ => "bar-danger",
        };
        let nps = &survey.nps;
        let caption = words.with(
            "insights-nps-groups",
            [
                ("promoters", &figures::count(nps.promoters)),
                ("passives", &figures::count(nps.passives)),
                ("detractors", &figures::count(nps.detractors)),
                ("n", &figures::count(nps.n)),
            ],
        );
        let ends = ends(words, insights, "nps", default);
        tables.push(scale(
            words,
            ("nps", "insights-nps"),
            caption,
            &nps.distribution,
            ends,
            tone,
            insights.minimum_n,
        ));
    }
    if survey.ces.n > 0 {
        let tone = |p: u8| match p {
            5.. => "bar-ok",
            4 => "bar-quiet",
            _ => "bar-warn",
        };
        let ends = ends(words, insights, "ces", default);
        let caption = answered(survey.ces.n);
        tables.push(scale(
            words,
            ("ces", "insights-ces"),
            caption,
            &survey.ces.distribution,
            ends,
            tone,
            insights.minimum_n,
        ));
    }
    if survey.saw_notice.n > 0 {
        let (k, n) = (survey.saw_notice.k, survey.saw_notice.n);
        tables.push(Table {
            id: "saw-notice".to_owned(),
            title: words.t("insights-saw-notice"),
            caption: answered(n),
            shares: n >= insights.minimum_n,
            rows: vec![
                count(words.t("survey-yes"), k, n, "bar-ok"),
                count(words.t("survey-no"), n - k, n, "bar-warn"),
            ],
        });
    }
    tables.extend(further(words, insights, default));
    tables
}

/// What the ends of this scale meant to those who answered, the low one first.
fn ends(words: Words, insights: &Insights, key: &str, default: Language) -> (String, String) {
    match insights.asked.iter().find(|q| q.key == key).map(|q| &q.answer) {
        Some(Answerable::Scale { low, high, .. }) => {
            (words.wording(low, default), words.wording(high, default))
        }
        _ => Default::default(),
    }
}

/// The questions without figures of their own, as those were asked who answered; an answer that no
/// question has is listed by its code.
fn further(words: Words, insights: &Insights, default: Language) -> Vec<Table> {
    let key = |q: &Question| q.key.clone();
    let unknown = insights.survey_answers.keys().filter(|k| insights.asked.iter().all(|q| q.key != **k));
    let keys: Vec<String> = insights.asked.iter().map(key).chain(unknown.cloned()).collect();
    let table = |key: &String| {
        let answers = insights.survey_answers.get(key)?;
        let question = insights.asked.iter().find(|q| q.key == *key);
        let known: Vec<(String, String)> = question.map(|q| codes(words, q, default)).unwrap_or_default();
        let others = answers.keys().filter(|code| known.iter().all(|(known, _)| known != *code));
        let others: Vec<(String, String)> = others.map(|code| (code.clone(), code.clone())).collect();
        let n: u64 = answers.values().sum();
        // Of a question with several answers a share of the answers would be taken for one of people.
        let several = question.is_some_and(|q| q.kind() == QuestionKind::Multiple);
        let rows = known.into_iter().chain(others);
        Some(Table {
            id: format!("answers-{key}"),
            title: question.map_or(key.clone(), |q| words.wording(&q.text, default)),
            caption: words.n("insights-count-answers", n),
            shares: n >= insights.minimum_n && !several,
            rows: rows
                .map(|(code, label)| count(label, answers.get(&code).copied().unwrap_or(0), n, ""))
                .collect(),
        })
    };
    keys.iter().filter_map(table).collect()
}

/// Each answer to a question as it is counted, and what it says.
fn codes(words: Words, question: &Question, default: Language) -> Vec<(String, String)> {
    match &question.answer {
        Answerable::Scale { min, max, low, high } => (*min..=*max)
            .rev()
            .map(|p| {
                let end = if p == *min {
                    words.wording(low, default)
                } else if p == *max {
                    words.wording(high, default)
                } else {
                    String::new()
                };
                (p.to_string(), format!("{p} {end}").trim_end().to_owned())
            })
            .collect(),
        Answerable::Single { choices } | Answerable::Multiple { choices } => {
            choices.iter().map(|c| (c.code.clone(), words.wording(&c.text, default))).collect()
        }
        Answerable::YesNo => vec![
            ("true".to_owned(), words.t("survey-answer-yes")),
            ("false".to_owned(), words.t("survey-answer-no")),
        ],
        Answerable::Text { .. } => Vec::new(),
    }
}

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

/// A measure of two groups of people.
pub struct GroupRow {
    pub split: &'static str,
    pub measure: String,
    pub yes: String,
    pub yes_n: String,
    pub no: String,
    pub no_n: String,
    pub difference: String,
    pub interval: String,
    /// Why there is no difference, if there is none: the key of its message.
    pub missing: &'static str,
}

/// Informed beside uninformed people, exposed beside unexposed.
pub fn groups(words: Words, insights: &Insights) -> Vec<GroupRow> {
    let row = |g: &GroupFigure| {
        let said = |f: Figure| answers::said(sides::kind(g.measure), f.value, f.n);
        // A difference of groups is written like one of windows.
        let compared = Compared {
            measure: g.measure,
            method: g.method,
            base: g.no,
            window: g.yes,
            difference: g.difference,
            adjusted_p: None,
            change: Change::CannotTell,
        };
        GroupRow {
            split: g.split.code(),
            measure: sides::name(words, g.measure),
            yes: said(g.yes),
            yes_n: figures::count(g.yes.n),
            no: said(g.no),
            no_n: figures::count(g.no.n),
            difference: sides::difference(words, &compared),
            interval: sides::interval(words, &compared),
            missing: if g.yes.n.min(g.no.n) >= insights.minimum_n {
                "insights-all-alike"
            } else {
                "insights-too-few"
            },
        }
    };
    insights.groups.iter().map(row).collect()
}

/// How many answered a question, and how many left after it.
pub struct StepRow {
    pub question: String,
    pub answered: String,
    /// The length of the bar, 0 to 100.
    pub width: String,
    pub left: String,
}

/// How far people came in the survey.
pub fn drop_off(words: Words, insights: &Insights, default: Language) -> Vec<StepRow> {
    let begun = insights.drop_off.begun;
    let template = insights.drop_off.questions.iter();
    template
        .map(|q| StepRow {
            question: (insights.asked.iter().find(|a| a.key == q.question))
                .map_or(q.question.clone(), |a| words.wording(&a.text, default)),
            answered: figures::count(q.answered),
            width: format!("{:.1}", if begun == 0 { 0.0 } else { 100.0 * q.answered as f64 / begun as f64 }),
            left: figures::count(q.left_after),
        })
        .collect()
}

/// The response rate in words; nothing if nobody was invited.
pub fn invited(words: Words, insights: &Insights) -> String {
    let rate = &insights.response_rate;
    if rate.n == 0 {
        return String::new();
    }
    let (k, n) = (figures::count(rate.k), figures::count(rate.n));
    let value = answers::said(Kind::Share, rate.value, rate.n);
    let sure = figures::interval(words, Kind::Share, rate.interval, rate.n);
    let answered = match rate.value {
        Some(_) => words.said(
            "insights-response-rate",
            [("k", k.as_str()), ("n", &n), ("rate", &value), ("interval", &sure)].into_iter(),
        ),
        None => words.said("insights-response-rate-few", [("k", k.as_str()), ("n", &n)].into_iter()),
    };
    let told = figures::count(insights.invited.told);
    let told = words.said("insights-invited-told", [("n", told.as_str())].into_iter());
    [answered, told].join(&words.t("insights-sentence-space"))
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

/// A span with a minus if it is below zero.
pub fn span(times: Times, seconds: i64) -> String {
    if seconds < 0 { format!("−{}", times.span(seconds)) } else { times.span(seconds) }
}
