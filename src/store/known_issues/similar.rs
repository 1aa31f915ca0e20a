//! Which reports tell of the same problem, and which known issue is behind a report.
//!
//! Compared are at most [`CANDIDATES`] reports of the same window, those nearest in time on either
//! side, which an index finds however many there are.

use std::collections::HashMap;

use diesel::prelude::*;

use super::{KnownIssue, open_of};
use crate::domain::instant::Instant;
use crate::domain::similarity::{Beside, Collection, Document, FITTING, SIMILAR, best, weighed};
use crate::store::connection::Db;
use crate::store::error::Result;
use crate::store::reports::list::{Listed, whole};
use crate::store::reports::{Report, ReportContent, contents};
use crate::store::schema::reports;

/// With how many reports one is compared at most.
pub const CANDIDATES: i64 = 2_000;

/// A report that is like the one looked at.
#[derive(Debug, Clone)]
pub struct Candidate {
    /// The report.
    pub listed: Listed,
    /// How alike, 0 to about 1.
    pub likeness: f64,
}

/// A known issue that may be behind a report.
#[derive(Debug, Clone)]
pub struct Proposed {
    /// The known issue.
    pub issue: KnownIssue,
    /// How well it fits, 0 to about 1; 0 if it is only one of those that there are.
    pub likeness: f64,
}

type Row = (i64, Option<i64>, Instant, Option<i64>);

fn near(connection: &mut Db, window: Option<i64>, at: Instant, after: bool, limit: i64) -> Result<Vec<Row>> {
    let columns = (reports::id, reports::component_id, reports::received_at, reports::known_issue_id);
    let mut query = reports::table.select(columns).limit(limit).into_boxed();
    query = match window {
        Some(id) => query.filter(reports::window_id.eq(id)),
        None => query.filter(reports::window_id.is_null()),
    };
    Ok(if after {
        query
            .filter(reports::received_at.gt(at))
            .order((reports::received_at, reports::id))
            .load(connection)?
    } else {
        query
            .filter(reports::received_at.le(at))
            .order((reports::received_at.desc(), reports::id.desc()))
            .load(connection)?
    })
}

/// The reports of a window (nothing: outside of all) around a moment.
fn candidates(connection: &mut Db, window: Option<i64>, at: Instant) -> Result<Vec<Row>> {
    let mut found = near(connection, window, at, true, CANDIDATES / 2)?;
    let rest = CANDIDATES - found.len() as i64;
    found.extend(near(connection, window, at, false, rest)?);
    Ok(found)
}

fn said(content: &ReportContent) -> String {
    match &content.error_message {
        Some(message) => format!("{}\n{message}", content.description),
        None => content.description.clone(),
    }
}

/// What reports are compared with.
struct Asked {
    document: Document,
    /// It is what is said of a known issue, which is more than one report says.
    is_issue: bool,
    component: Option<i64>,
    at: Option<Instant>,
}

fn alike(connection: &mut Db, asked: &Asked, rows: Vec<Row>, limit: usize) -> Result<Vec<(i64, f64)>> {
    let ids: Vec<i64> = rows.iter().map(|r| r.0).collect();
    let texts = contents(connection, &ids)?;
    let rows: Vec<Row> = rows.into_iter().filter(|r| texts.contains_key(&r.0)).collect();
    let documents = rows.iter().map(|r| texts.get(&r.0).map(|c| Document::of(&said(c))).unwrap_or_default());
    let collection = Collection::new(documents.collect());
    let mut likeness = if asked.is_issue {
        collection.covered_by(&asked.document)
    } else {
        collection.likeness(&asked.document)
    };
    for (row, likeness) in rows.iter().zip(&mut likeness) {
        let beside = Beside {
            same_component: asked.component.zip(row.1).map(|(a, b)| a == b),
            seconds: asked.at.map(|at| row.2.seconds_since(at)),
        };
        *likeness = weighed(*likeness, beside);
    }
    let least = if asked.is_issue { FITTING } else { SIMILAR };
    Ok(best(&likeness, least, limit).into_iter().map(|i| (rows[i].0, likeness[i])).collect())
}

fn listed(connection: &mut Db, found: Vec<(i64, f64)>) -> Result<Vec<Candidate>> {
    let ids: Vec<i64> = found.iter().map(|(id, _)| *id).collect();
    let rows: Vec<Report> =
        reports::table.filter(reports::id.eq_any(&ids)).select(Report::as_select()).load(connection)?;
    let mut whole: HashMap<i64, Listed> =
        whole(connection, rows)?.into_iter().map(|l| (l.report.id, l)).collect();
    Ok(found
        .into_iter()
        .filter_map(|(id, likeness)| Some(Candidate { listed: whole.remove(&id)?, likeness }))
        .collect())
}

/// The reports that tell of the same problem as this one, the most alike first, at most `limit`;
/// none for one whose content was erased.
pub fn similar(connection: &mut Db, report: &Report, limit: usize) -> Result<Vec<Candidate>> {
    let Some(content) = contents(connection, &[report.id])?.remove(&report.id) else { return Ok(Vec::new()) };
    let asked = Asked {
        document: Document::of(&said(&content)),
        is_issue: false,
        component: report.component_id,
        at: Some(report.received_at),
    };
    let mut rows = candidates(connection, report.window_id, report.received_at)?;
    // What has its known issue already would be taken away from it unseen.
    rows.retain(|r| r.0 != report.id && r.3.is_none());
    let found = alike(connection, &asked, rows, limit)?;
    listed(connection, found)
}

/// The reports that a known issue may be behind and that are linked to none, the most alike first, at
/// most `limit`.
pub fn similar_to_issue(connection: &mut Db, issue: &KnownIssue, limit: usize) -> Result<Vec<Candidate>> {
    let linked: Vec<i64> = reports::table
        .filter(reports::known_issue_id.eq(issue.fact.id))
        .order(reports::id)
        .limit(10)
        .select(reports::id)
        .load(connection)?;
    let mut text = words_of(issue);
    for content in contents(connection, &linked)?.values() {
        text.push('\n');
        text.push_str(&content.description);
    }
    let component = match issue.components.as_slice() {
        [one] => Some(one.id),
        _ => None,
    };
    let asked = Asked { document: Document::of(&text), is_issue: true, component, at: None };
    let latest = Instant::MAX;
    let mut rows = candidates(connection, issue.fact.window_id, latest)?;
    rows.retain(|r| r.3.is_none());
    let found = alike(connection, &asked, rows, limit)?;
    listed(connection, found)
}

/// Everything that is said of a known issue, in every language.
pub fn words_of(issue: &KnownIssue) -> String {
    let texts = [&issue.texts.title, &issue.texts.body];
    texts.iter().flat_map(|t| t.0.values()).cloned().collect::<Vec<_>>().join("\n")
}

/// The open known issues that a report may be linked to, those that fit it first.
pub fn proposed(connection: &mut Db, report: &Report) -> Result<Vec<Proposed>> {
    let issues = open_of(connection, report.window_id)?;
    if issues.is_empty() {
        return Ok(Vec::new());
    }
    let text = contents(connection, &[report.id])?.remove(&report.id).map(|c| said(&c)).unwrap_or_default();
    let likeness = fitting(&issues, &text, report.component_id);
    let mut proposed: Vec<Proposed> = issues
        .into_iter()
        .zip(likeness)
        .map(|(issue, likeness)| Proposed {
            issue,
            likeness: if likeness >= FITTING { likeness } else { 0.0 },
        })
        .collect();
    proposed.sort_by(|a, b| b.likeness.total_cmp(&a.likeness));
    Ok(proposed)
}

/// How well each known issue fits what was written, in their order.
pub fn fitting(issues: &[KnownIssue], text: &str, component: Option<i64>) -> Vec<f64> {
    // A known issue says more than a report does: what of the report it says is what counts.
    let documents = issues.iter().map(|i| Document::of(&words_of(i))).collect();
    let mut likeness = Collection::new(documents).covering(&Document::of(text));
    for (issue, likeness) in issues.iter().zip(&mut likeness) {
        let same = component.filter(|_| !issue.components.is_empty());
        let same = same.map(|id| issue.components.iter().any(|c| c.id == id));
        *likeness = weighed(*likeness, Beside { same_component: same, seconds: None });
    }
    likeness
}
