//! Windows from files.

use std::collections::BTreeMap;

use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::Named;
use super::fields::Fields;
use crate::domain::fields::FieldErrors;
use crate::domain::instant::Instant;
use crate::domain::language::{Language, Texts, TextsInput};
use crate::domain::line::BODY_MAX;
use crate::domain::notice::{ComponentInput, SurveyInput, Usual, WindowDraft, WindowInput};
use crate::domain::window::{ComponentKey, Schedule, Slug, Stage, WindowState};
use crate::domain::zone::Zone;
use crate::export::windows::TEXTS;
use crate::store::imports::{NewComponent, WindowRow};
use crate::store::windows::{ImportedUpdate, ImportedWindow};

/// Our columns that are read beside those of the export.
pub const MORE_COLUMNS: [&str; 8] =
    ["title", "body", "audience", "advice", "backup_statement", "language", "component_impact", "affected"];

/// What usual windows of this server are like.
#[derive(Debug, Clone, Copy)]
pub struct Here {
    /// The language that texts are in unless the file says so.
    pub language: Language,
    /// The zone of windows that name none.
    pub zone: Zone,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Component {
    Name(String),
    Whole {
        key: Option<String>,
        #[serde(default)]
        name: Option<TextsInput>,
        #[serde(default)]
        impact: Option<String>,
        #[serde(default)]
        interruption_start: Option<Instant>,
        #[serde(default)]
        interruption_end: Option<Instant>,
        #[serde(default)]
        tested_at: Option<Instant>,
    },
}

#[derive(Deserialize)]
struct Update {
    stage: Stage,
    state: WindowState,
    posted_at: Instant,
    #[serde(default)]
    body: BTreeMap<Language, String>,
}

#[derive(Deserialize)]
struct Move {
    scheduled_start: Instant,
    #[serde(default)]
    scheduled_end: Option<Instant>,
    time_zone: Zone,
    moved_at: Instant,
}

/// Reads a row. `named` is what the file calls it, which becomes the slug if it can.
pub fn read(fields: &mut Fields<'_>, named: &Named, here: Here, now: Instant) -> Option<WindowRow> {
    let language = match fields.word("language") {
        None => Some(here.language),
        Some(tag) => Language::from_tag(&tag),
    };
    if language.is_none() {
        fields.errors.add("language", "unknown-code");
    }
    let language = language.unwrap_or(here.language);
    let start = fields.time("scheduled_start");
    if start.is_none() && fields.errors.of("scheduled_start").next().is_none() {
        fields.errors.add("scheduled_start", "required");
    }
    let end = fields.time("scheduled_end");
    let times = Times::read(fields);
    let state = times.state(fields, end, now);
    let (components, new) = components(fields, language);
    let survey = SurveyInput { template: fields.word("survey_template"), days: fields.number("survey_days") };
    let input = WindowInput {
        title: texts(fields, "title", language),
        body: texts(fields, "body", language),
        audience: texts(fields, "audience", language),
        advice: texts(fields, "advice", language),
        backup_statement: texts(fields, "backup_statement", language),
        scheduled_start: start,
        scheduled_end: end,
        time_zone: fields.word("time_zone"),
        finish_before: fields.time("finish_before").map(Some),
        backup_finished_at: fields.time("backup_finished_at").map(Some),
        data_checked_at: fields.time("data_checked_at").map(Some),
        follow_up_hours: fields.number("follow_up_hours"),
        support: fields.json("support"),
        survey: Some(survey),
        components: Some(components),
        start_by_clock: fields.flag("start_by_clock"),
        complete_by_clock: fields.flag("complete_by_clock"),
        ..WindowInput::default()
    };
    let usual = Usual { language: here.language, zone: here.zone, imported: true };
    let wished = fields.word("slug");
    let slug = wished.as_deref().and_then(|s| Slug::parse("slug", s).ok());
    let exact = slug.is_some();
    if let (Some(start), Some(ended)) = (times.started.or(start), times.completed)
        && ended <= start
    {
        fields.errors.add("completed_at", "end-before-start");
    }
    let sequence = fields.number("sequence");
    let updates = updates(fields);
    let moves = moves(fields);
    // Without a start nothing else about the schedule can be told.
    start?;
    let parsed = WindowDraft::parse(input, None, usual);
    let mut draft = fields.keep(parsed)?;
    if !fields.errors.is_empty() {
        return None;
    }
    let date = draft.schedule.zone.local_date(draft.schedule.start);
    draft.slug = slug.or_else(|| wished.map(|w| Slug::suggest(&w, date)));
    let window = ImportedWindow {
        imported_as: named.name(),
        draft,
        state: state?,
        sequence: sequence.unwrap_or(1),
        announced_at: times.announced,
        started_at: times.started,
        completed_at: times.completed,
        cancelled_at: times.cancelled,
        tested_at: None,
        updates: updates?,
        moves,
        demonstration: false,
    };
    Some(WindowRow { window, exact, components: new })
}

struct Times {
    announced: Option<Instant>,
    started: Option<Instant>,
    completed: Option<Instant>,
    cancelled: Option<Instant>,
}

impl Times {
    fn read(fields: &mut Fields<'_>) -> Times {
        Times {
            announced: fields.time("announced_at"),
            started: fields.time("started_at"),
            completed: fields.time("completed_at"),
            cancelled: fields.time("cancelled_at"),
        }
    }

    /// The state that is said, or the one that follows from the times.
    fn state(&self, fields: &mut Fields<'_>, end: Option<Instant>, now: Instant) -> Option<WindowState> {
        if fields.word("state").is_some() {
            return fields.code("state");
        }
        Some(if self.cancelled.is_some() {
            WindowState::Cancelled
        } else if self.completed.is_some() || end.is_some_and(|end| end <= now) {
            WindowState::Completed
        } else {
            WindowState::Scheduled
        })
    }
}

/// A text in each language: from `title.zh-CN` and `title.en`, and from `title` in the row's language.
fn texts(fields: &Fields<'_>, field: &str, language: Language) -> Option<TextsInput> {
    debug_assert!(TEXTS.contains(&field));
    let mut found = BTreeMap::new();
    if let Some(text) = fields.text(field) {
        found.insert(language, text);
    }
    for language in Language::ALL {
        if let Some(text) = fields.text(&format!("{field}.{language}")) {
            found.insert(*language, text);
        }
    }
    (!found.is_empty()).then_some(TextsInput::Many(found))
}

/// A key for a name; one that has no letter or digit of ASCII gets a few of its hash.
fn key_for(name: &str) -> Option<ComponentKey> {
    let hashed = || {
        let hash = Sha256::digest(name.as_bytes());
        ComponentKey::suggest(&format!("component-{:02x}{:02x}{:02x}", hash[0], hash[1], hash[2]))
    };
    let mostly_ascii = name.chars().filter(|c| c.is_alphanumeric()).all(|c| c.is_ascii());
    if mostly_ascii { ComponentKey::suggest(name).or_else(hashed) } else { hashed() }
}

fn components(fields: &mut Fields<'_>, language: Language) -> (Vec<ComponentInput>, Vec<NewComponent>) {
    let column = if fields.text("components").is_some() { "components" } else { "affected" };
    let Some(text) = fields.text(column) else { return Default::default() };
    let list: Vec<Component> = if text.trim_start().starts_with('[') {
        fields.json(column).unwrap_or_default()
    } else {
        text.split([';', '；', '\n']).map(|name| Component::Name(name.to_owned())).collect()
    };
    let usual = fields.word("component_impact").unwrap_or_else(|| "maintenance".to_owned());
    let (mut inputs, mut new): (Vec<ComponentInput>, Vec<NewComponent>) = Default::default();
    for component in list {
        let (key, name, tested_at, mut input) = match component {
            Component::Name(name) => {
                let name = name.trim().to_owned();
                let input = ComponentInput { impact: usual.clone(), ..ComponentInput::default() };
                (None, Texts::single(language, name), None, input)
            }
            Component::Whole { key, name, impact, interruption_start, interruption_end, tested_at } => {
                let impact = impact.unwrap_or_else(|| usual.clone());
                let name = name.map(|n| n.texts(language)).unwrap_or_default();
                let input =
                    ComponentInput { impact, interruption_start, interruption_end, ..Default::default() };
                (key, name, tested_at, input)
            }
        };
        let label = name.text(language, language).to_owned();
        let key = match key {
            Some(key) => fields.keep(ComponentKey::parse(column, &key)),
            None if label.is_empty() => continue,
            None => key_for(&label),
        };
        let Some(key) = key else { continue };
        // Lists of others name the same thing twice now and then.
        if inputs.iter().any(|c| c.key == key.as_str()) {
            continue;
        }
        input.key = key.as_str().to_owned();
        inputs.push(input);
        new.push(NewComponent { key, name, tested_at });
    }
    (inputs, new)
}

fn updates(fields: &mut Fields<'_>) -> Option<Vec<ImportedUpdate>> {
    let list: Vec<Update> = match fields.text("updates") {
        Some(_) => fields.json("updates")?,
        None => Vec::new(),
    };
    let mut kept = Vec::with_capacity(list.len());
    for update in list {
        let body = Texts(update.body).checked("updates", BODY_MAX);
        let body = fields.keep(body)?;
        kept.push(ImportedUpdate {
            stage: update.stage,
            state: update.state,
            posted_at: update.posted_at,
            body,
        });
    }
    Some(kept)
}

fn moves(fields: &mut Fields<'_>) -> Vec<(Schedule, Instant)> {
    let list: Vec<Move> =
        if fields.text("moves").is_some() { fields.json("moves").unwrap_or_default() } else { Vec::new() };
    list.into_iter()
        .map(|m| (Schedule { start: m.scheduled_start, end: m.scheduled_end, zone: m.time_zone }, m.moved_at))
        .collect()
}

/// What every file of windows must say. Error: `column-needed` at `scheduled_start`.
pub fn must_say(says: impl Fn(&str) -> bool) -> Result<(), FieldErrors> {
    if says("scheduled_start") { Ok(()) } else { Err(FieldErrors::one("scheduled_start", "column-needed")) }
}
