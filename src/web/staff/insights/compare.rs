//! Any two windows side by side.

use actix_web::{HttpRequest, HttpResponse};
use askama::Template;

use super::between::Between;
use crate::domain::measure::Method;
use crate::domain::statistics::Change;
use crate::store::insights::{self, Fact, Insights};
use crate::web::app::App;
use crate::web::failure::Failure;
use crate::web::figures;
use crate::web::page::{Page, private_page};
use crate::web::plots::{Picture, sides};
use crate::web::times::Times;
use crate::web::visitor::Visitor;

#[derive(Template)]
#[template(path = "insights/compare.html")]
struct ComparePage {
    page: Page,
    base: Side,
    window: Side,
    query: String,
    /// What may be said of all of it, in one sentence.
    headline: String,
    picture: Option<Picture>,
    rows: Vec<Row>,
    facts: Vec<FactRow>,
    minimum: String,
    offered: Vec<(String, String)>,
}

struct Side {
    slug: String,
    title: String,
    when: String,
    reports: String,
}

struct Row {
    code: &'static str,
    measure: String,
    base: String,
    base_n: String,
    window: String,
    window_n: String,
    difference: String,
    interval: String,
    p: String,
    change: &'static str,
    tone: &'static str,
    method: String,
}

struct FactRow {
    code: &'static str,
    measure: String,
    base: String,
    window: String,
    change: &'static str,
    tone: &'static str,
}

/// The tone of a badge.
pub(super) fn tone(change: Option<Change>) -> &'static str {
    match change {
        Some(Change::Better) => "tone-ok",
        Some(Change::Worse) => "tone-danger",
        Some(Change::CannotTell) | None => "",
    }
}

fn side(page: &Page, insights: &Insights) -> Side {
    let times = Times::new(page.words, insights.window.time_zone);
    Side {
        slug: insights.window.slug.clone(),
        title: insights.window.title.clone(),
        when: super::when(times, &insights.schedule),
        reports: page.n("insights-count-reports", insights.reports.total),
    }
}

/// `GET /admin/insights?windows=a,b`
pub async fn show(
    app: &App,
    request: &HttpRequest,
    visitor: &Visitor,
    slugs: Vec<String>,
) -> Result<HttpResponse, Failure> {
    let reader = app.reader(visitor.language);
    let query = slugs.join(",");
    let (found, offered) = app
        .store
        .read(move |c| Ok((Between::load(c, Some(&slugs), reader)?, insights::begun_names(c, reader)?)))
        .await?;
    let page = Page::bare(request, visitor);
    let words = page.words;
    let (Some(comparison), [base, window]) = (&found.comparison, found.windows()) else {
        return Err(Failure::NOT_FOUND);
    };
    let times = Times::new(page.words, window.window.time_zone);
    let rows: Vec<Row> = comparison
        .measures
        .iter()
        .map(|c| {
            let said = |f: crate::domain::measure::Figure| {
                crate::web::plots::answers::said(sides::kind(c.measure), f.value, f.n)
            };
            Row {
                code: c.measure.code(),
                measure: sides::name(words, c.measure),
                base: said(c.base),
                base_n: figures::count(c.base.n),
                window: said(c.window),
                window_n: figures::count(c.window.n),
                difference: sides::difference(words, c),
                interval: sides::interval(words, c),
                p: c.adjusted_p.map(sides::written_p).unwrap_or_default(),
                change: c.change.code(),
                tone: tone(Some(c.change)),
                method: words.word("method", c.method.code()),
            }
        })
        .collect();
    let facts = comparison.facts.iter().map(|f| fact(times, f)).collect();
    let name = |change: Change| -> Vec<String> {
        let told = comparison.measures.iter().filter(|c| c.change == change && c.method != Method::Fact);
        told.map(|c| sides::name(words, c.measure)).collect()
    };
    let (better, worse) = (name(Change::Better), name(Change::Worse));
    let join = |names: &[String]| names.join(&words.t("export-list-separator"));
    let headline = match (better.is_empty(), worse.is_empty()) {
        (true, true) => words.t("insights-compare-nothing"),
        (false, true) => words.with("insights-compare-better", [("measures", &join(&better))]),
        (true, false) => words.with("insights-compare-worse", [("measures", &join(&worse))]),
        (false, false) => {
            words.with("insights-compare-both", [("better", &join(&better)), ("worse", &join(&worse))])
        }
    };
    private_page(&ComparePage {
        base: side(&page, base),
        window: side(&page, window),
        query,
        headline,
        picture: (!rows.is_empty()).then(|| sides::picture(comparison, words)),
        rows,
        facts,
        minimum: page.n("insights-compare-minimum", comparison.minimum_n),
        offered,
        page,
    })
}

fn fact(times: Times, fact: &Fact) -> FactRow {
    let words = times.words();
    let span = |seconds: Option<i64>| seconds.map_or_else(|| "–".to_owned(), |s| span(times, s));
    FactRow {
        code: fact.measure.code(),
        measure: words.word("measure", fact.measure.code()),
        base: span(fact.base_seconds),
        window: span(fact.window_seconds),
        change: fact.change.map_or("", |c| match c {
            // Nothing is noise here: the same is the same.
            Change::CannotTell => "same",
            other => other.code(),
        }),
        tone: tone(fact.change),
    }
}

/// A span with a minus if it is below zero.
fn span(times: Times, seconds: i64) -> String {
    if seconds < 0 { format!("−{}", times.span(seconds)) } else { times.span(seconds) }
}
