//! Problem reports from files.

use serde::Deserialize;

use super::Named;
use super::fields::Fields;
use super::lookup::Lookup;
use crate::domain::fields::FieldErrors;
use crate::domain::instant::Instant;
use crate::domain::language::Language;
use crate::domain::line::{COMMENT_MAX, text_problem};
use crate::domain::reference::ReportReference;
use crate::domain::report::{Occurrence, Precision, ReportInput, Severity, Source, Status, Verdict};
use crate::domain::window::ReportStage;
use crate::domain::zone::Zone;
use crate::store::error::Result;
use crate::store::reports::{Belongs, Imported, ReportContent};

/// Our columns that are read; those of the export that say nothing about a report here
/// (`known_issue`, `me_too_count`) are known and left alone.
pub const COLUMNS: [&str; 28] = [
    "reference",
    "window",
    "stage",
    "occurred_at",
    "time_precision",
    "received_at",
    "component",
    "category",
    "impact",
    "severity",
    "status",
    "known_issue",
    "assignee",
    "me_too_count",
    "language",
    "source",
    "contact",
    "description",
    "public_answers",
    "first_answer_at",
    "resolved_at",
    "verified",
    "time_zone",
    "written_at",
    "error_message",
    "account",
    "phone",
    "email",
];

#[derive(Deserialize)]
struct Answer {
    at: Instant,
    text: String,
}

/// Reads a row. `named` is what the file calls it; `now` is when what has no time arrived.
pub fn read(
    fields: &mut Fields<'_>,
    lookup: &mut Lookup<'_>,
    named: &Named,
    default: Language,
    now: Instant,
) -> Result<Option<Imported>> {
    let id = named.own::<ReportReference>().map(|r| r.0);
    let occurrence = occurrence(fields, now);
    let received_at = fields.time("received_at").or(occurrence.at).unwrap_or(now);
    let stage = fields.code::<ReportStage>("stage");
    let window = match fields.word("window") {
        Some(slug) => {
            let found = lookup.window(&slug)?;
            fields.keep(found)
        }
        None => None,
    };
    if stage.is_some() && window.is_none() && fields.word("window").is_none() {
        fields.errors.add("window", "required");
    }
    let component = match fields.word("component") {
        Some(key) => {
            let found = lookup.component(&key)?;
            fields.keep(found)
        }
        None => None,
    };
    let assignee = match fields.word("assignee") {
        Some(name) => lookup.person(&name)?,
        None => None,
    };
    let language = fields.word("language").map_or(Some(default), |tag| {
        let language = Language::from_tag(&tag);
        if language.is_none() {
            fields.errors.add("language", "unknown-code");
        }
        language
    });
    let time_zone = fields.word("time_zone").and_then(|name| fields.keep(Zone::parse("time_zone", &name)));
    let severity = fields.code::<Severity>("severity");
    let status = fields.code::<Status>("status");
    let source = fields.code::<Source>("source");
    let verdict = fields.code::<Verdict>("verified");
    let written_at = fields.time("written_at");
    let first_answer_at = fields.time("first_answer_at");
    let resolved_at = fields.time("resolved_at");
    let answers = answers(fields, first_answer_at.unwrap_or(received_at));
    // Only a report of ours can have been erased; what somebody else sends empty says nothing.
    let erased = id.is_some() && fields.text("description").is_none();
    let input = input(fields, erased);
    let parsed = input.parse(true);
    let Some(text) = fields.keep(parsed) else { return Ok(None) };
    let Some(language) = language.filter(|_| fields.errors.is_empty()) else { return Ok(None) };
    // In our own exports the place of a report is a fact; elsewhere it follows from its time.
    let belongs = if id.is_some() || stage.is_some() {
        Belongs::Said { window, stage }
    } else {
        Belongs::Found { named: window }
    };
    Ok(Some(Imported {
        id,
        imported_as: Some(named.name()),
        belongs,
        component,
        category: text.category,
        impact: text.impact,
        severity,
        status: status.unwrap_or(Status::New),
        occurrence,
        received_at,
        written_at,
        time_zone,
        language,
        source: source.unwrap_or(Source::Import),
        assignee,
        first_answer_at,
        resolved_at,
        verdict,
        answers,
        content: (!erased).then(|| ReportContent::from(&text)),
        demonstration: false,
    }))
}

fn occurrence(fields: &mut Fields<'_>, now: Instant) -> Occurrence {
    let at = fields.time("occurred_at");
    let precision = fields.code::<Precision>("time_precision");
    match (at, precision) {
        (Some(at), _) if at > now.plus_seconds(Occurrence::CLOCK_SKEW) => {
            fields.errors.add("occurred_at", "in-the-future");
            Occurrence::UNKNOWN
        }
        (Some(_), Some(Precision::Unknown)) => {
            fields.errors.add("time_precision", "time-and-unknown");
            Occurrence::UNKNOWN
        }
        (Some(at), precision) => {
            Occurrence { at: Some(at), precision: precision.unwrap_or(Precision::Exact) }
        }
        // Without a time there is nothing that could be exact.
        (None, _) => Occurrence::UNKNOWN,
    }
}

fn answers(fields: &mut Fields<'_>, otherwise: Instant) -> Vec<(Instant, String)> {
    let Some(text) = fields.text("public_answers") else { return Vec::new() };
    let answers: Vec<(Instant, String)> = if text.starts_with('[') {
        let list = fields.json::<Vec<Answer>>("public_answers").unwrap_or_default();
        list.into_iter().map(|a| (a.at, a.text)).collect()
    } else {
        vec![(otherwise, text)]
    };
    for (_, text) in &answers {
        if let Some((code, params)) = text_problem(text, COMMENT_MAX, true) {
            let field = "public_answers".to_owned();
            fields.errors.0.push(crate::domain::fields::FieldError { field, code, params });
        }
    }
    answers
}

fn input(fields: &Fields<'_>, erased: bool) -> ReportInput {
    let text = |name: &str| fields.text(name).unwrap_or_default();
    let (mut phone, mut email) = (text("phone"), text("email"));
    // Our exports hold both in one cell.
    for part in text("contact").split(';').map(str::trim).filter(|p| !p.is_empty()) {
        if part.contains('@') { email = part.to_owned() } else { phone = part.to_owned() }
    }
    ReportInput {
        // The check wants a text; an erased report keeps none.
        description: if erased { "-".to_owned() } else { text("description") },
        impact: fields.word("impact").unwrap_or_default(),
        category: fields.word("category").unwrap_or_default(),
        error_message: text("error_message"),
        account: text("account"),
        phone,
        email,
        device: String::new(),
    }
}

impl super::OwnName for ReportReference {
    fn read(text: &str) -> Option<Self> {
        ReportReference::parse(text).filter(|r| r.to_string() == text)
    }
}

/// What every file of reports must say. Error: `required` at `description`.
pub fn must_say(says: impl Fn(&str) -> bool) -> std::result::Result<(), FieldErrors> {
    if says("description") { Ok(()) } else { Err(FieldErrors::one("description", "column-needed")) }
}
