//! The form of a window: filled in from one, and read back as the programming interface takes it.

use std::collections::BTreeMap;

use crate::domain::fields::FieldErrors;
use crate::domain::instant::Instant;
use crate::domain::language::{Language, TextsInput};
use crate::domain::notice::{ComponentInput, SurveyInput, TEXT_FIELDS, Usual, WindowDraft, WindowInput};
use crate::domain::support_hours::{ContactInput, SlotInput, SupportHoursInput, SupportInput};
use crate::domain::zone::{Fold, Zone};
use crate::store::components::Component;
use crate::web::form::Form;

/// Rows for contacts that a form has at least.
const CONTACT_ROWS: usize = 6;
/// Rows for support hours that a form has at least.
const SLOT_ROWS: usize = 7;

/// How many rows the form has.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rows {
    /// For contacts.
    pub(super) contacts: usize,
    /// For slots of support hours.
    pub(super) slots: usize,
}

impl Rows {
    /// As many as are in the form, two spare ones, and a few at least.
    pub(super) fn of(form: &Form) -> Rows {
        let used = |prefix: &str| {
            let rows = form.pairs().iter().filter_map(|(name, value)| {
                let row = name.strip_prefix(prefix)?.split('.').next()?.parse::<usize>().ok()?;
                (!value.is_empty() && row < 100).then_some(row + 1)
            });
            rows.max().unwrap_or(0)
        };
        Rows {
            contacts: (used("support.contacts.") + 1).clamp(CONTACT_ROWS, 10),
            slots: (used("support.hours.slots.") + 2).clamp(SLOT_ROWS, 28),
        }
    }
}

/// Puts a moment into a field as the zone's clocks show it, with what tells it from its double.
fn put(form: Form, name: &str, zone: Zone, at: Option<Instant>) -> Form {
    let Some(at) = at else { return form };
    let form = form.set(name, zone.form_value(at));
    match zone.fold(at) {
        Some(fold) => form.set(&format!("{name}_fold"), fold.code()),
        None => form,
    }
}

/// A form with everything that a draft says; `components` are the rows of its table.
pub(super) fn filled(draft: &WindowDraft, components: &[Component]) -> Form {
    let zone = draft.schedule.zone;
    let mut form = Form::default()
        .set("slug", draft.slug.as_ref().map_or("", |s| s.as_str()))
        .set("time_zone", zone.name())
        .set("follow_up_hours", draft.follow_up.hours().to_string())
        .set("survey.template", draft.survey_template.code())
        .set("survey.days", draft.survey_days.to_string());
    for (field, texts) in &draft.texts {
        for (language, text) in &texts.0 {
            form = form.set(&format!("{field}.{language}"), text.as_str());
        }
    }
    form = put(form, "scheduled_start", zone, Some(draft.schedule.start));
    form = put(form, "scheduled_end", zone, draft.schedule.end);
    form = put(form, "finish_before", zone, draft.finish_before);
    form = put(form, "backup_finished_at", zone, draft.backup_finished_at);
    form = put(form, "data_checked_at", zone, draft.data_checked_at);
    for (name, on) in
        [("start_by_clock", draft.start_by_clock), ("complete_by_clock", draft.complete_by_clock)]
    {
        form = if on { form.set(name, "on") } else { form };
    }
    for (row, component) in components.iter().enumerate() {
        let Some(said) = draft.components.iter().find(|c| c.key.as_str() == component.key) else { continue };
        form = form.set(&format!("components.{row}.impact"), said.impact.code());
        form = put(form, &format!("components.{row}.interruption_start"), zone, said.interruption.start);
        form = put(form, &format!("components.{row}.interruption_end"), zone, said.interruption.end);
    }
    for (row, contact) in draft.support.contacts.iter().enumerate() {
        let field = format!("support.contacts.{row}");
        form = form
            .set(&format!("{field}.kind"), contact.kind.code())
            .set(&format!("{field}.label"), contact.label.as_ref().map_or("", |l| l.as_str()))
            .set(&format!("{field}.value"), contact.value.as_str());
    }
    if let Some(hours) = &draft.support.hours {
        form = form.set("support.hours.time_zone", hours.zone.name());
        for (row, slot) in hours.slots.iter().enumerate() {
            let field = format!("support.hours.slots.{row}");
            form = form
                .set(&format!("{field}.from"), slot.from.to_string())
                .set(&format!("{field}.to"), slot.to.to_string());
            for day in &slot.days {
                form = form.set(&format!("{field}.day.{day}"), "on");
            }
        }
    }
    form
}

/// The moment typed into a field, or nothing if it is blank or wrong.
pub(super) fn moment(
    form: &Form,
    errors: &mut FieldErrors,
    zone: Option<Zone>,
    name: &str,
) -> Option<Instant> {
    let text = form.get(name).trim();
    let zone = zone.filter(|_| !text.is_empty())?;
    let fold = Fold::from_code(form.get(&format!("{name}_fold")));
    errors.keep(zone.resolve(name, text, fold))
}

/// A text typed by language.
pub(super) fn texts(form: &Form, field: &str) -> TextsInput {
    let typed = |language: &Language| (*language, form.get(&format!("{field}.{language}")).to_owned());
    TextsInput::Many(Language::ALL.iter().map(typed).collect::<BTreeMap<_, _>>())
}

fn whole(form: &Form, errors: &mut FieldErrors, name: &str) -> Option<i64> {
    let text = form.get(name).trim();
    if text.is_empty() {
        errors.add(name, "required");
        return None;
    }
    errors.keep(text.parse().map_err(|_| FieldErrors::one(name, "not-a-number")))
}

/// Reads the form over the window as it stands, or as a new one. `components` are the keys of the
/// rows of its table. Errors are told at the fields of the form.
pub(super) fn parse(
    form: &Form,
    components: &[String],
    base: Option<&WindowDraft>,
    usual: Usual,
) -> Result<WindowDraft, FieldErrors> {
    let mut errors = FieldErrors::new();
    let zone = Zone::parse("time_zone", form.get("time_zone")).ok();
    let mut input = WindowInput {
        slug: Some(form.get("slug").to_owned()),
        time_zone: Some(form.get("time_zone").to_owned()),
        start_by_clock: Some(form.has("start_by_clock")),
        complete_by_clock: Some(form.has("complete_by_clock")),
        follow_up_hours: whole(form, &mut errors, "follow_up_hours"),
        survey: Some(SurveyInput {
            template: Some(form.get("survey.template").to_owned()),
            days: whole(form, &mut errors, "survey.days"),
        }),
        ..WindowInput::default()
    };
    for (field, ..) in TEXT_FIELDS {
        let typed = Some(texts(form, field));
        match *field {
            "title" => input.title = typed,
            "body" => input.body = typed,
            "audience" => input.audience = typed,
            "advice" => input.advice = typed,
            _ => input.backup_statement = typed,
        }
    }
    let endless = base.is_some_and(|b| b.schedule.end.is_none());
    for name in ["scheduled_start", "scheduled_end"] {
        if form.get(name).trim().is_empty() && !(endless && name == "scheduled_end") {
            errors.add(name, "required");
        }
    }
    input.scheduled_start = moment(form, &mut errors, zone, "scheduled_start");
    input.scheduled_end = moment(form, &mut errors, zone, "scheduled_end");
    input.finish_before = Some(moment(form, &mut errors, zone, "finish_before"));
    input.backup_finished_at = Some(moment(form, &mut errors, zone, "backup_finished_at"));
    input.data_checked_at = Some(moment(form, &mut errors, zone, "data_checked_at"));
    let (affected, component_rows) = affected(form, &mut errors, zone, components);
    input.components = Some(affected);
    let (support, contact_rows, slot_rows) = support(form);
    input.support = Some(support);
    // With a wrong schedule nothing can be said about what lies within it.
    let timely =
        |e: &crate::domain::fields::FieldError| e.field.starts_with("scheduled") || e.field == "time_zone";
    let untimely = errors.0.iter().any(timely);
    let parsed = WindowDraft::parse(input, base, usual);
    if let Err(found) = &parsed {
        for mut error in found.0.iter().cloned() {
            error.field = in_form(error.field, "components.", &component_rows);
            error.field = in_form(error.field, "support.contacts.", &contact_rows);
            error.field = in_form(error.field, "support.hours.slots.", &slot_rows);
            let said = errors.0.iter().any(|e| e.field == error.field);
            let depends =
                matches!(error.code, "interruption-outside-window" | "after-window-end" | "end-before-start");
            let follows = untimely && depends;
            if !said && !follows {
                errors.0.push(error);
            }
        }
    }
    match parsed {
        Ok(draft) => errors.or(draft),
        Err(found) => Err(if errors.is_empty() { found } else { errors }),
    }
}

/// The name of a row's field in the form, whose blank rows were left out.
fn in_form(field: String, prefix: &str, rows: &[usize]) -> String {
    let moved = field.strip_prefix(prefix).and_then(|rest| {
        let (index, rest) = rest.split_once('.')?;
        let row = rows.get(index.parse::<usize>().ok()?)?;
        Some(format!("{prefix}{row}.{rest}"))
    });
    moved.unwrap_or(field)
}

fn affected(
    form: &Form,
    errors: &mut FieldErrors,
    zone: Option<Zone>,
    components: &[String],
) -> (Vec<ComponentInput>, Vec<usize>) {
    let (mut found, mut rows) = (Vec::new(), Vec::new());
    for (row, key) in components.iter().enumerate() {
        let impact = form.get(&format!("components.{row}.impact"));
        if impact.is_empty() {
            continue;
        }
        found.push(ComponentInput {
            key: key.clone(),
            impact: impact.to_owned(),
            interruption_start: moment(form, errors, zone, &format!("components.{row}.interruption_start")),
            interruption_end: moment(form, errors, zone, &format!("components.{row}.interruption_end")),
        });
        rows.push(row);
    }
    (found, rows)
}

fn support(form: &Form) -> (SupportInput, Vec<usize>, Vec<usize>) {
    let rows = Rows::of(form);
    let (mut contacts, mut contact_rows) = (Vec::new(), Vec::new());
    for row in 0..rows.contacts {
        let get = |part: &str| form.get(&format!("support.contacts.{row}.{part}"));
        if get("label").trim().is_empty() && get("value").trim().is_empty() {
            continue;
        }
        contacts.push(ContactInput {
            kind: get("kind").to_owned(),
            label: Some(get("label").to_owned()),
            value: get("value").to_owned(),
        });
        contact_rows.push(row);
    }
    let (mut slots, mut slot_rows) = (Vec::new(), Vec::new());
    for row in 0..rows.slots {
        let field = format!("support.hours.slots.{row}");
        let days: Vec<u8> = (1..=7).filter(|day| form.has(&format!("{field}.day.{day}"))).collect();
        let (from, to) = (form.get(&format!("{field}.from")), form.get(&format!("{field}.to")));
        if days.is_empty() && from.is_empty() && to.is_empty() {
            continue;
        }
        slots.push(SlotInput { days, from: from.to_owned(), to: to.to_owned() });
        slot_rows.push(row);
    }
    let typed = form.get("support.hours.time_zone").trim();
    let zone = if typed.is_empty() { form.get("time_zone") } else { typed };
    let hours = (!slots.is_empty()).then(|| SupportHoursInput { time_zone: zone.to_owned(), slots });
    (SupportInput { contacts, hours }, contact_rows, slot_rows)
}
