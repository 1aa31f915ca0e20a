//! What an operator writes of a window: its notice, when it lies and what it affects, as it is
//! typed and as it is trusted.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use crate::domain::fields::{FieldError, FieldErrors};
use crate::domain::instant::Instant;
use crate::domain::json;
use crate::domain::language::{Language, Texts, TextsInput};
use crate::domain::line::{BODY_MAX, COMMENT_MAX, TITLE_MAX, text_problem};
use crate::domain::support_hours::{Support, SupportInput};
use crate::domain::survey::TemplateKey;
use crate::domain::window::{
    ComponentImpact, ComponentKey, FollowUpHours, Interruption, Schedule, Slug, WindowState,
};
use crate::domain::zone::{Zone, in_range};

/// The texts of a notice: the field, its most characters, whether it may have several lines.
pub const TEXT_FIELDS: &[(&str, usize, bool)] = &[
    ("title", TITLE_MAX, false),
    ("body", BODY_MAX, true),
    ("audience", COMMENT_MAX, true),
    ("advice", COMMENT_MAX, true),
    ("backup_statement", COMMENT_MAX, true),
];
/// Most components of a window.
pub const COMPONENTS_MAX: usize = 100;
/// Longest time that a survey takes answers, in days.
pub const SURVEY_DAYS_MAX: i64 = 365;
/// For how many days a survey takes answers unless said otherwise.
pub const SURVEY_DAYS: u16 = 14;

/// A window as the API takes it. What is left out stays as it is, or is as usual in a new one; a
/// text that is given replaces all its languages.
#[derive(Debug, Clone, Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WindowInput {
    /// Its part of addresses; made from the title if left out. Fixed once the window is published.
    pub slug: Option<String>,
    /// One line, at most 200 characters.
    pub title: Option<TextsInput>,
    /// Markdown, at most 20,000 characters.
    pub body: Option<TextsInput>,
    /// Whom it concerns.
    pub audience: Option<TextsInput>,
    /// What users should do.
    pub advice: Option<TextsInput>,
    /// Whether and how the data are safe.
    pub backup_statement: Option<TextsInput>,
    /// RFC 3339 with an offset.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub scheduled_start: Option<Instant>,
    /// RFC 3339 with an offset.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub scheduled_end: Option<Instant>,
    /// An IANA time zone; that of the service if left out.
    pub time_zone: Option<String>,
    /// Until when users should have finished what they are doing.
    #[serde(default, deserialize_with = "json::given")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub finish_before: Option<Option<Instant>>,
    /// When the backup before the work was finished.
    #[serde(default, deserialize_with = "json::given")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub backup_finished_at: Option<Option<Instant>>,
    /// When the data were checked after the work.
    #[serde(default, deserialize_with = "json::given")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub data_checked_at: Option<Option<Instant>>,
    /// For how many hours after the end reports still belong to it, 0–720; 72 if left out.
    pub follow_up_hours: Option<i64>,
    /// How support can be reached and when.
    pub support: Option<SupportInput>,
    /// The survey afterwards.
    pub survey: Option<SurveyInput>,
    /// What is affected; replaces what was said before.
    pub components: Option<Vec<ComponentInput>>,
    /// The clock starts it when its time comes; `true` if left out.
    pub start_by_clock: Option<bool>,
    /// The clock completes it at its scheduled end; `false` if left out.
    pub complete_by_clock: Option<bool>,
    /// The state that it is to take.
    pub state: Option<WindowState>,
    /// The keys of the components found working, for `state: "completed"`.
    pub tested: Option<Vec<String>>,
}

/// The survey of a window as it is typed.
#[derive(Debug, Clone, Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SurveyInput {
    /// `short`, `full`, or the key of a template that was made here.
    pub template: Option<String>,
    /// For how many days after completion it takes answers, 1–365.
    pub days: Option<i64>,
}

/// An affected component as it is typed.
#[derive(Debug, Clone, Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ComponentInput {
    /// Its key.
    pub key: String,
    /// How it is expected to be affected.
    pub impact: String,
    /// From when, if not from the window's start.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub interruption_start: Option<Instant>,
    /// Until when, if not until the window's end.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub interruption_end: Option<Instant>,
}

/// What is the usual for a window here.
#[derive(Debug, Clone, Copy)]
pub struct Usual {
    /// The language that a bare text is in and that a title must have.
    pub language: Language,
    /// The zone of a window that names none.
    pub zone: Zone,
    /// The window is imported: it may lack its end and its title, and be of any length.
    pub imported: bool,
}

/// A component that a window affects.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DraftComponent {
    /// Which.
    pub key: ComponentKey,
    /// How it is expected to be affected.
    pub impact: ComponentImpact,
    /// Its own interruption.
    pub interruption: Interruption,
}

/// Everything that an operator writes of a window, found to be sound.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WindowDraft {
    /// Its part of addresses, if one was asked for.
    pub slug: Option<Slug>,
    /// The texts, by field of [`TEXT_FIELDS`].
    pub texts: BTreeMap<&'static str, Texts>,
    /// When it lies.
    pub schedule: Schedule,
    /// What is affected, in the order of the notice.
    pub components: Vec<DraftComponent>,
    /// Until when users should have finished what they are doing; not after the window's end.
    pub finish_before: Option<Instant>,
    /// When the backup before the work was finished.
    pub backup_finished_at: Option<Instant>,
    /// When the data were checked after the work.
    pub data_checked_at: Option<Instant>,
    /// How long after its end it takes reports.
    pub follow_up: FollowUpHours,
    /// How support can be reached.
    pub support: Support,
    /// The survey's template.
    pub survey_template: TemplateKey,
    /// For how many days after completion the survey takes answers, 1–365.
    pub survey_days: u16,
    /// The clock starts it.
    pub start_by_clock: bool,
    /// The clock completes it.
    pub complete_by_clock: bool,
}

impl WindowDraft {
    /// Reads what was typed over `base`, the window as it stands, or over the usual for a new one.
    ///
    /// Errors: at `slug` those of [`Slug::parse`]; at a text's field (`title`, or `title.en` where it
    /// was typed by language) `required`, `too-long`, `control-character`; those of
    /// [`Schedule::parse`], [`Zone::parse`], [`Support::parse`], [`FollowUpHours::parse`]; at
    /// `finish_before` `after-window-end`; at the three other times `time-out-of-range`; at
    /// `survey.template` `unknown-code`, at `survey.days` `out-of-range`; at `components` `too-many`, at
    /// `components.0.key` those of [`ComponentKey::parse`] and `duplicate-component`, at
    /// `components.0.impact` `required`, `unknown-code`, and those of [`Schedule::interruption`].
    pub fn parse(
        input: WindowInput,
        base: Option<&WindowDraft>,
        usual: Usual,
    ) -> Result<WindowDraft, FieldErrors> {
        let mut errors = FieldErrors::new();
        let slug = match &input.slug {
            Some(slug) if !slug.trim().is_empty() => errors.keep(Slug::parse("slug", slug)),
            _ => base.and_then(|b| b.slug.clone()),
        };
        let texts = texts(&mut errors, &input, base, usual);
        let schedule = errors.keep(schedule(&input, base, usual));
        // Whatever goes with times that moved moves with them unless it is said anew.
        let base = match (base, schedule) {
            (Some(base), Some(schedule)) => Some(base.clone().moved_to(schedule)),
            (base, _) => base.cloned(),
        };
        let base = base.as_ref();
        let components = match (input.components, schedule) {
            (Some(typed), schedule) => affected(&mut errors, typed, schedule),
            (None, _) => base.map(|b| b.components.clone()).unwrap_or_default(),
        };
        let mut moment = |field: &str, typed: Option<Option<Instant>>, before: Option<Instant>| match typed {
            Some(Some(at)) => errors.keep(in_range(field, at)),
            Some(None) => None,
            None => before,
        };
        let finish_before = moment("finish_before", input.finish_before, base.and_then(|b| b.finish_before));
        let backup_finished_at =
            moment("backup_finished_at", input.backup_finished_at, base.and_then(|b| b.backup_finished_at));
        let data_checked_at =
            moment("data_checked_at", input.data_checked_at, base.and_then(|b| b.data_checked_at));
        if let (Some(until), Some(Some(end))) = (finish_before, schedule.map(|s| s.end))
            && until > end
        {
            errors.add("finish_before", "after-window-end");
        }
        let follow_up = match input.follow_up_hours {
            Some(hours) => errors.keep(FollowUpHours::parse("follow_up_hours", hours)),
            None => None,
        };
        let support = match input.support {
            Some(support) => errors.keep(Support::parse("support", support)),
            None => base.map(|b| b.support.clone()),
        };
        let (template, days) = survey(&mut errors, input.survey.unwrap_or_default());
        let Some(schedule) = schedule else { return Err(errors) };
        errors.or(WindowDraft {
            slug,
            texts,
            schedule,
            components,
            finish_before,
            backup_finished_at,
            data_checked_at,
            follow_up: follow_up.or(base.map(|b| b.follow_up)).unwrap_or_default(),
            support: support.unwrap_or_default(),
            survey_template: template
                .or(base.map(|b| b.survey_template.clone()))
                .unwrap_or(TemplateKey::Short),
            survey_days: days.or(base.map(|b| b.survey_days)).unwrap_or(SURVEY_DAYS),
            start_by_clock: input.start_by_clock.or(base.map(|b| b.start_by_clock)).unwrap_or(true),
            complete_by_clock: input.complete_by_clock.or(base.map(|b| b.complete_by_clock)).unwrap_or(false),
        })
    }

    /// The same on another schedule: what was said relative to the start keeps its distance from
    /// it, and is cut where it would lie outside.
    pub fn moved_to(mut self, schedule: Schedule) -> WindowDraft {
        if schedule == self.schedule {
            return self;
        }
        let by = schedule.start - self.schedule.start;
        for component in &mut self.components {
            let Interruption { start, end } = component.interruption;
            let start = start.map(|t| t + by).filter(|t| *t > schedule.start);
            let end = end.map(|t| t + by).filter(|t| schedule.end.is_none_or(|until| *t < until));
            let moved = Interruption { start, end };
            let (from, to) = moved.within(schedule);
            component.interruption =
                if to.is_some_and(|to| to <= from) { Interruption::default() } else { moved };
        }
        self.finish_before = self.finish_before.map(|t| {
            let moved = t + by;
            schedule.end.map_or(moved, |end| moved.min(end))
        });
        self.schedule = schedule;
        self
    }

    /// A text's title in the language in which a slug can be made of it best.
    pub fn title_for_slug(&self, default: Language) -> String {
        self.texts.get("title").map_or("", |t| t.text(Language::En, default)).to_owned()
    }
}

fn texts(
    errors: &mut FieldErrors,
    input: &WindowInput,
    base: Option<&WindowDraft>,
    usual: Usual,
) -> BTreeMap<&'static str, Texts> {
    let mut kept = BTreeMap::new();
    for (field, max, multiline) in TEXT_FIELDS {
        let typed = match *field {
            "title" => &input.title,
            "body" => &input.body,
            "audience" => &input.audience,
            "advice" => &input.advice,
            _ => &input.backup_statement,
        };
        let required = *field == "title" && !usual.imported;
        let Some(typed) = typed else {
            if let Some(before) = base.and_then(|b| b.texts.get(field)) {
                kept.insert(*field, before.clone());
            } else if required && base.is_none() {
                errors.add(*field, "required");
            }
            continue;
        };
        let checked = checked_texts(errors, field, typed.clone(), *max, *multiline, usual.language, required);
        if !checked.is_empty() {
            kept.insert(*field, checked);
        }
    }
    kept
}

/// Checks a text in each of its languages: as long as allowed, without control characters, and in
/// the default language at least if it is required. Errors are told for `field` if one bare string
/// was typed, else for `{field}.{language}`.
pub fn checked_texts(
    errors: &mut FieldErrors,
    field: &str,
    typed: TextsInput,
    max: usize,
    multiline: bool,
    default: Language,
    required: bool,
) -> Texts {
    let bare = matches!(typed, TextsInput::One(_));
    let name = |language: Language| if bare { field.to_owned() } else { format!("{field}.{language}") };
    let mut kept = BTreeMap::new();
    let mut refused = false;
    for (language, text) in typed.texts(default).0 {
        let text = if multiline { text } else { text.trim().to_owned() };
        if let Some((code, params)) = text_problem(&text, max, multiline) {
            refused |= language == default;
            errors.0.push(FieldError { field: name(language), code, params });
        } else if !text.trim().is_empty() {
            kept.insert(language, text);
        }
    }
    if required && !refused && !kept.contains_key(&default) {
        errors.add(name(default), "required");
    }
    Texts(kept)
}

fn schedule(input: &WindowInput, base: Option<&WindowDraft>, usual: Usual) -> Result<Schedule, FieldErrors> {
    let mut errors = FieldErrors::new();
    let zone = match &input.time_zone {
        Some(name) => errors.keep(Zone::parse("time_zone", name)),
        None => Some(base.map_or(usual.zone, |b| b.schedule.zone)),
    };
    let start = input.scheduled_start.or(base.map(|b| b.schedule.start));
    if start.is_none() {
        errors.add("scheduled_start", "required");
    }
    let end = input.scheduled_end.or(base.and_then(|b| b.schedule.end));
    let (Some(start), Some(zone)) = (start, zone) else {
        if end.is_none() && !usual.imported {
            errors.add("scheduled_end", "required");
        }
        return Err(errors);
    };
    let asked = Schedule { start, end, zone };
    if base.is_some_and(|b| b.schedule == asked) {
        // An imported window may have a schedule that is not planned here; editing its texts is fine.
        return Ok(asked);
    }
    if usual.imported { Schedule::imported(start, end, zone) } else { Schedule::parse(start, end, zone) }
}

fn affected(
    errors: &mut FieldErrors,
    typed: Vec<ComponentInput>,
    schedule: Option<Schedule>,
) -> Vec<DraftComponent> {
    if typed.len() > COMPONENTS_MAX {
        errors.add_with(
            "components",
            "too-many",
            [("max", COMPONENTS_MAX.to_string()), ("count", typed.len().to_string())],
        );
        return Vec::new();
    }
    let mut seen = BTreeSet::new();
    let mut kept = Vec::new();
    for (i, component) in typed.into_iter().enumerate() {
        let field = format!("components.{i}");
        let key = errors.keep(ComponentKey::parse(&format!("{field}.key"), &component.key));
        if let Some(key) = &key
            && !seen.insert(key.clone())
        {
            errors.add_with(format!("{field}.key"), "duplicate-component", [("key", key.to_string())]);
        }
        let impact_field = format!("{field}.impact");
        let impact = ComponentImpact::from_code(&component.impact);
        if component.impact.is_empty() {
            errors.add(impact_field, "required");
        } else if impact.is_none() {
            errors.add(impact_field, "unknown-code");
        }
        let (from, to) = (component.interruption_start, component.interruption_end);
        let interruption = match schedule {
            Some(schedule) => errors.keep(schedule.interruption(&field, from, to)),
            None => None,
        };
        if let (Some(key), Some(impact), Some(interruption)) = (key, impact, interruption) {
            kept.push(DraftComponent { key, impact, interruption });
        }
    }
    kept
}

fn survey(errors: &mut FieldErrors, typed: SurveyInput) -> (Option<TemplateKey>, Option<u16>) {
    let template = typed.template.and_then(|code| {
        let known = TemplateKey::from_code(&code);
        if known.is_none() {
            errors.add("survey.template", "unknown-code");
        }
        known
    });
    let days = typed.days.and_then(|days| {
        let fits = u16::try_from(days).ok().filter(|_| (1..=SURVEY_DAYS_MAX).contains(&days));
        if fits.is_none() {
            errors.add_with(
                "survey.days",
                "out-of-range",
                [("min", "1".to_owned()), ("max", SURVEY_DAYS_MAX.to_string())],
            );
        }
        fits
    });
    (template, days)
}

#[cfg(test)]
mod tests;
