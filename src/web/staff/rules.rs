//! The rules of triage, for administrators: what urgency is made of, targets, and the hours of support.

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use crate::domain::fields::FieldErrors;
use crate::domain::report::Severity;
use crate::domain::support_hours::{SlotInput, SupportHours, SupportHoursInput};
use crate::domain::targets::Targets;
use crate::domain::urgency::{Weights, weight};
use crate::store::components::{self, Component};
use crate::store::connection::Db;
use crate::store::triage_rules::{self, Rules};
use crate::store::{Error, Result as StoreResult};
use crate::web::app::App;
use crate::web::failure::Failure;
use crate::web::form::{Form, Query};
use crate::web::page::{Page, conflict_page, form_again, private_page, see_other};
use crate::web::setup::ZONES;
use crate::web::visitor::{Administrator, Visitor};

/// How many rows of hours the form has.
const SLOTS: usize = 7;

/// A field of the form with its label.
struct Line {
    name: String,
    label: String,
}

#[derive(Template)]
#[template(path = "staff/rules.html")]
struct RulesPage {
    page: Page,
    form: Form,
    errors: FieldErrors,
    severities: &'static [Severity],
    weights: Vec<Line>,
    components: Vec<Line>,
    slots: Vec<String>,
    days: [u8; 7],
    zones: &'static [&'static str],
    done: String,
    /// A colleague changed the rules meanwhile.
    stale: bool,
}

/// The rules, the components, and what each of them weighs.
type Loaded = (Rules, Vec<Component>, Vec<(i64, i32)>);

fn load(c: &mut Db) -> StoreResult<Loaded> {
    let weights = triage_rules::component_weights(c)?;
    let all = components::list(c)?;
    let weighed = all.iter().map(|c| (c.id, weights.get(&c.id).copied().unwrap_or(0))).collect();
    Ok((triage_rules::load(c)?, all, weighed))
}

/// The form as the rules stand.
fn filled(rules: &Rules, components: &[Component], weighed: &[(i64, i32)]) -> Form {
    let mut form = Form::default().set("revision", rules.revision.to_string());
    for (name, points) in rules.weights.named() {
        form = form.set(&format!("weight.{name}"), points.to_string());
    }
    for severity in Severity::ALL {
        let target = rules.targets.of(*severity);
        form = form
            .set(&format!("answer.{severity}"), target.answer.to_string())
            .set(&format!("resolution.{severity}"), target.resolution.to_string());
    }
    form = form.set("soon", rules.targets.soon.to_string());
    for (component, (_, points)) in components.iter().zip(weighed) {
        form = form.set(&format!("component.{}", component.key), points.to_string());
    }
    if let Some(hours) = &rules.hours {
        form = form.set("hours.time_zone", hours.zone.name());
        for (i, slot) in hours.slots.iter().enumerate() {
            form = form
                .set(&format!("hours.slots.{i}.from"), slot.from.to_string())
                .set(&format!("hours.slots.{i}.to"), slot.to.to_string());
            for day in &slot.days {
                form = form.set(&format!("hours.slots.{i}.day.{day}"), "on");
            }
        }
    }
    form
}

/// The hours in the form; nothing if no row is filled in. Errors: those of [`SupportHours::parse`].
fn hours(form: &Form) -> Result<Option<SupportHours>, FieldErrors> {
    let (mut slots, mut rows) = (Vec::new(), Vec::new());
    for i in 0..crate::domain::support_hours::SLOTS_MAX {
        let get = |part: &str| form.get(&format!("hours.slots.{i}.{part}")).trim().to_owned();
        let (from, to) = (get("from"), get("to"));
        let days: Vec<u8> = (1..=7).filter(|day| form.has(&format!("hours.slots.{i}.day.{day}"))).collect();
        if from.is_empty() && to.is_empty() && days.is_empty() {
            continue;
        }
        slots.push(SlotInput { days, from, to });
        rows.push(i);
    }
    if slots.is_empty() {
        return Ok(None);
    }
    let input = SupportHoursInput { time_zone: form.get("hours.time_zone").to_owned(), slots };
    SupportHours::parse("hours", input).map(Some).map_err(|mut errors| {
        // Rows left blank do not count there; here they are rows of the form.
        for error in &mut errors.0 {
            let Some((row, part)) =
                error.field.strip_prefix("hours.slots.").and_then(|rest| rest.split_once('.'))
            else {
                continue;
            };
            if let Some(row) = row.parse::<usize>().ok().and_then(|at| rows.get(at)) {
                error.field = format!("hours.slots.{row}.{part}");
            }
        }
        errors
    })
}

fn read(form: &Form, all: &[Component]) -> Result<(Rules, Vec<(i64, i32)>), FieldErrors> {
    let mut errors = FieldErrors::new();
    let weights = errors.keep(Weights::parse(|name| form.get(&format!("weight.{name}"))));
    let targets = errors.keep(Targets::parse(|field| form.get(field)));
    let hours = errors.keep(hours(form));
    let mut weighed = Vec::new();
    for component in all {
        let field = format!("component.{}", component.key);
        // A component that came in between is not in the form; what it weighs stays.
        if form.has(&field) {
            weighed.push((component.id, weight(&mut errors, &field, form.get(&field))));
        }
    }
    match (weights, targets, hours) {
        (Some(weights), Some(targets), Some(hours)) if errors.is_empty() => {
            Ok((Rules { weights, targets, hours, revision: 0 }, weighed))
        }
        _ => Err(errors),
    }
}

fn view(app: &App, page: Page, form: Form, errors: FieldErrors, all: &[Component]) -> RulesPage {
    let default = app.settings().default_language;
    let used = form.pairs().iter().filter_map(|(name, value)| {
        let row = name.strip_prefix("hours.slots.")?.split('.').next()?.parse::<usize>().ok()?;
        (!value.is_empty() && row < 28).then_some(row + 1)
    });
    let rows = (used.max().unwrap_or(0) + 1).clamp(SLOTS, 28);
    RulesPage {
        severities: Severity::ALL,
        weights: Weights::default()
            .named()
            .iter()
            .map(|(name, _)| Line { name: format!("weight.{name}"), label: page.word("weight", name) })
            .collect(),
        components: all
            .iter()
            .filter(|c| c.retired_at.is_none())
            .map(|c| Line {
                name: format!("component.{}", c.key),
                label: c.label(page.language(), default).to_owned(),
            })
            .collect(),
        slots: (0..rows).map(|i| format!("hours.slots.{i}")).collect(),
        days: [1, 2, 3, 4, 5, 6, 7],
        zones: ZONES,
        done: String::new(),
        stale: false,
        form,
        errors,
        page,
    }
}

/// `GET /admin/triage`
pub async fn form(
    app: web::Data<App>,
    request: HttpRequest,
    visitor: Visitor,
    query: Query,
    _guard: Administrator,
) -> Result<HttpResponse, Failure> {
    let (rules, all, weighed) = app.store.read(load).await?;
    let page = Page::bare(&request, &visitor);
    let mut form = filled(&rules, &all, &weighed);
    if !form.has("hours.time_zone") {
        form = form.set("hours.time_zone", app.settings().time_zone.name());
    }
    let mut shown = view(&app, page, form, FieldErrors::new(), &all);
    shown.done = query.done(&["saved"]);
    private_page(&shown)
}

/// `POST /admin/triage`
pub async fn change(
    app: web::Data<App>,
    request: HttpRequest,
    visitor: Visitor,
    form: Form,
    Administrator(actor): Administrator,
) -> Result<HttpResponse, Failure> {
    let (rules, all, _) = app.store.read(load).await?;
    let seen: i64 = form.get("revision").parse().unwrap_or(-1);
    let outcome = match read(&form, &all) {
        Ok((new, weighed)) => {
            app.store.write(move |w| triage_rules::change(w, &actor, seen, &new, &weighed)).await
        }
        Err(errors) => Err(Error::Invalid(errors)),
    };
    let (errors, stale) = match outcome {
        Ok(()) => return Ok(see_other("/admin/triage?done=saved")),
        Err(Error::Invalid(errors)) => (errors, false),
        Err(Error::Stale) => (FieldErrors::new(), true),
        Err(error) => return Err(error.into()),
    };
    // What was typed stays; sent again, it is meant over what a colleague saved.
    let form = if stale { form.set("revision", rules.revision.to_string()) } else { form };
    let mut shown = view(&app, Page::bare(&request, &visitor), form, errors, &all);
    shown.stale = stale;
    if stale { conflict_page(&shown) } else { form_again(&shown) }
}
