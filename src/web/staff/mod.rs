//! The pages behind the log-in about reports and figures.

pub mod alarms;
pub mod answers;
pub mod bulk;
mod choices;
pub mod filters;
mod history;
pub mod images;
pub mod improvements;
pub mod insights;
pub mod known_issues;
pub mod marks;
pub mod news;
pub mod overview;
pub mod phone;
pub mod report;
pub mod report_known;
pub mod reports;
pub mod rules;
pub mod style;
pub mod surveys;

use crate::domain::instant::Instant;
use crate::domain::search_tokens::Needle;
use crate::domain::targets::DueState;
use crate::domain::urgency::Reason;
use crate::store::reports::filter::Count;
use crate::store::reports::list::Listed;
use crate::store::reports::weigh::Scales;
use crate::web::app::App;
pub use crate::web::offer::Offer;
use crate::web::page::Page;
use crate::web::times::span;

/// Every code of a noun as something to choose.
fn codes<'a>(page: &Page, noun: &str, codes: impl Iterator<Item = &'a str>, chosen: &str) -> Vec<Offer> {
    codes.map(|code| Offer::new(code, page.word(noun, code), chosen)).collect()
}

/// A report as a row of a table.
#[derive(Debug, Clone)]
pub struct Row {
    /// Its name.
    pub reference: String,
    /// Which one it is in the order of coming in.
    pub number: i64,
    /// How it begins, or where it says what was looked for; nothing once it is erased.
    pub excerpt: Vec<marks::Piece>,
    /// Where else it says what was looked for, if its description does not: of what kind the text is,
    /// and the text.
    pub elsewhere: Option<(String, Vec<marks::Piece>)>,
    /// The code of its severity, or nothing.
    pub severity: &'static str,
    /// The code of its status.
    pub status: &'static str,
    /// The code of its impact.
    pub impact: &'static str,
    /// The component that it is about, or nothing.
    pub component: String,
    /// The window that it belongs to, or nothing.
    pub window: String,
    /// The code of its stage, or nothing.
    pub stage: &'static str,
    /// Who looks after it, or nothing.
    pub assignee: String,
    /// When it came in.
    pub received_at: Instant,
    /// When it occurred, if that is known.
    pub occurred_at: Option<Instant>,
    /// By when it is owed the next thing.
    pub due_at: Option<Instant>,
    /// `overdue`, `soon`, or nothing.
    pub due: &'static str,
    /// Why it is as urgent as it is, in words.
    pub reasons: String,
    /// Rises with every change; a choice of reports holds as long as it stays.
    pub revision: i64,
}

/// Why a report is as urgent as it is, in words: `data loss · 14 people in 10 minutes · log-in`.
fn reasons(page: &Page, all: &[Reason], component: &str) -> String {
    let said: Vec<String> = all
        .iter()
        .map(|reason| match reason {
            Reason::Severity { severity } => page.word("reason-severity", severity.code()),
            Reason::Impact { impact } => page.word("impact", impact.code()),
            Reason::People { people, minutes } => {
                let said = page.n(&format!("reason-people-{minutes}"), *people);
                // What so many have in common, also where the component adds nothing of its own.
                match component.is_empty() || all.contains(&Reason::Component) {
                    true => said,
                    false => format!("{said} · {component}"),
                }
            }
            Reason::Component => component.to_owned(),
            Reason::Overdue => page.t("reason-overdue"),
            Reason::Wrote => page.t("reason-wrote"),
            Reason::Waiting { minutes } => {
                page.with("reason-waiting", [("span", &span(page.words, minutes * 60))])
            }
        })
        .filter(|said| !said.is_empty())
        .collect();
    said.join(" · ")
}

impl Row {
    fn of(app: &App, page: &Page, scales: &Scales, listed: Listed) -> Row {
        let (language, default) = (page.language(), app.settings().default_language);
        let description = listed.content.map(|c| c.description).unwrap_or_default();
        let excerpt = marks::excerpt(&Needle::default(), &description);
        let component =
            listed.component.as_ref().map(|c| c.label(language, default).to_owned()).unwrap_or_default();
        Row {
            reasons: reasons(page, &scales.reasons(&listed.report), &component),
            due_at: listed.report.next_due(),
            due: scales.due_state(&listed.report).map_or("", DueState::code),
            revision: listed.report.revision,
            reference: listed.report.reference().to_string(),
            number: listed.report.id,
            excerpt,
            elsewhere: None,
            severity: listed.report.severity.map_or("", |s| s.code()),
            status: listed.report.status.code(),
            impact: listed.report.impact.code(),
            component,
            window: listed.window.map(|w| w.label(language, default).to_owned()).unwrap_or_default(),
            stage: listed.report.stage.map_or("", |s| s.code()),
            assignee: listed.assignee.unwrap_or_default(),
            received_at: listed.report.received_at,
            occurred_at: listed.report.occurred_at,
        }
    }

    /// When it came in, as short as a table wants it: the year only if it is not `page`'s.
    pub fn received(&self, page: &Page, this_year: &i32) -> String {
        short(page, self.received_at, *this_year)
    }

    /// When it occurred, as short as a table wants it.
    pub fn occurred(&self, page: &Page, this_year: &i32) -> String {
        self.occurred_at.map_or_else(String::new, |at| short(page, at, *this_year))
    }
}

impl Row {
    /// By when it is owed something, as short as a table wants it.
    pub fn owed(&self, page: &Page, this_year: &i32) -> String {
        self.due_at.map_or_else(String::new, |at| short(page, at, *this_year))
    }
}

fn short(page: &Page, at: Instant, this_year: i32) -> String {
    let local = page.zone.local(at);
    let format = if year(page, at) == this_year { "%m-%d %H:%M" } else { "%Y-%m-%d %H:%M" };
    local.format(format).to_string()
}

/// The year that it is by the service's clocks.
fn year(page: &Page, now: Instant) -> i32 {
    chrono::Datelike::year(&page.zone.local(now))
}

/// A count as people read it: with groups of three digits, `10,000+` for what is over.
fn counted(count: Count) -> String {
    match count {
        Count::Exactly(n) => grouped(n),
        Count::Over => format!("{}+", grouped(crate::store::reports::filter::COUNT_MAX)),
    }
}

/// A whole number with groups of three digits.
fn grouped(n: i64) -> String {
    let said = crate::web::figures::count(n.unsigned_abs());
    if n < 0 { format!("-{said}") } else { said }
}
