//! Counts with bars: of reports, and of the answers of a survey.

use crate::domain::language::Language;
use crate::domain::statistics::Distribution;
use crate::domain::survey::template::Answerable;
use crate::domain::survey::{Question, QuestionKind};
use crate::i18n::Words;
use crate::store::insights::{Insights, Part, ReportFigures};
use crate::web::figures;

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

/// A scale from its highest to its lowest answer: the key of its question and of its title.
fn scale(
    words: Words,
    insights: &Insights,
    default: Language,
    (key, title): (&str, &str),
    caption: String,
    answers: &Distribution,
    tone: fn(u8) -> &'static str,
) -> Table {
    let n = answers.n();
    let (low, high) = ends(words, insights, key, default);
    let mut rows: Vec<Count> = answers
        .iter()
        .map(|(point, times)| {
            let end = match point {
                p if p == answers.min() => low.as_str(),
                p if p == answers.max() => high.as_str(),
                _ => "",
            };
            count(format!("{point} {end}").trim_end().to_owned(), times, n, tone(point))
        })
        .collect();
    rows.reverse();
    let title = words.said(title, std::iter::empty());
    Table { id: key.to_owned(), title, caption, shares: n >= insights.minimum_n, rows }
}

fn csat_tone(point: u8) -> &'static str {
    match point {
        4.. => "bar-ok",
        3 => "bar-quiet",
        2 => "bar-warn",
        _ => "bar-danger",
    }
}

fn nps_tone(point: u8) -> &'static str {
    match point {
        9.. => "bar-ok",
        7 | 8 => "bar-quiet",
        _ => "bar-danger",
    }
}

fn ces_tone(point: u8) -> &'static str {
    match point {
        5.. => "bar-ok",
        4 => "bar-quiet",
        _ => "bar-warn",
    }
}

/// The tables of the survey: those questions that somebody answered.
pub fn of_survey(words: Words, insights: &Insights, default: Language) -> Vec<Table> {
    let survey = &insights.survey;
    let answered = |n: u64| words.n("insights-count-answers", n);
    let scale = |key_and_title, caption, answers, tone| {
        scale(words, insights, default, key_and_title, caption, answers, tone)
    };
    let mut tables = Vec::new();
    let csat = &survey.csat;
    if csat.n > 0 {
        tables.push(scale(("csat", "insights-csat"), answered(csat.n), &csat.distribution, csat_tone));
    }
    let nps = &survey.nps;
    if nps.n > 0 {
        let caption = words.with(
            "insights-nps-groups",
            [
                ("promoters", &figures::count(nps.promoters)),
                ("passives", &figures::count(nps.passives)),
                ("detractors", &figures::count(nps.detractors)),
                ("n", &figures::count(nps.n)),
            ],
        );
        tables.push(scale(("nps", "insights-nps"), caption, &nps.distribution, nps_tone));
    }
    let ces = &survey.ces;
    if ces.n > 0 {
        tables.push(scale(("ces", "insights-ces"), answered(ces.n), &ces.distribution, ces_tone));
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
