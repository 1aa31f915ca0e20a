//! One window behind the log-in: where it stands, and what can be done with it.

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::{asks_fold, typed, wrong};
use crate::domain::fields::FieldErrors;
use crate::domain::language::Language;
use crate::domain::line::BODY_MAX;
use crate::domain::notice::checked_texts;
use crate::domain::secret::IdempotencyKey;
use crate::domain::window::{ComponentKey, Schedule, Stage, WindowState};
use crate::domain::zone::{Fold, Zone};
use crate::i18n::Words;
use crate::store::alarms;
use crate::store::counters::{self, Others};
use crate::store::people::Actor;
use crate::store::windows::{self, NewUpdate, Window};
use crate::store::{Error, idempotency};
use crate::web::app::App;
use crate::web::failure::Failure;
use crate::web::form::{Form, Query};
use crate::web::notice::{Notice, Reader};
use crate::web::page::{Page, form_again, new_key, private_page, see_other};
use crate::web::staff::alarms::update_text;
use crate::web::visitor::{Operator, Viewer, Visitor};

/// What the page may say was just done.
const DONE: &[&str] = &[
    "created",
    "edited",
    "published",
    "started",
    "verifying",
    "ticked",
    "completed",
    "cancelled",
    "moved",
    "updated",
];

struct Tick {
    key: String,
    name: String,
    tested: bool,
}

#[derive(Template)]
#[template(path = "editor/one.html")]
struct OnePage {
    page: Page,
    notice: Notice,
    state: WindowState,
    by_clock: bool,
    reports: i64,
    ticks: Vec<Tick>,
    stages: &'static [Stage],
    languages: &'static [Language],
    folds: &'static [Fold],
    zone: Zone,
    form: Form,
    errors: FieldErrors,
    done: String,
}

impl OnePage {
    fn asks_fold(&self, name: &str) -> bool {
        asks_fold(&self.form, &self.errors, name)
    }

    fn confirm(&self) -> String {
        self.page.with("editor-confirm", [("slug", &self.notice.slug)])
    }

    fn runs(&self) -> bool {
        self.state.is_running()
    }
}

#[derive(Template)]
#[template(path = "editor/preview.html")]
struct PreviewPage {
    page: Page,
    notice: Notice,
    public: bool,
}

async fn read(app: &App, slug: &str) -> Result<(Window, Others), Failure> {
    let slug = slug.to_owned();
    Ok(app
        .store
        .read(move |c| {
            let window = windows::by_slug(c, &slug)?;
            let others = counters::others(c, Some(window.id))?;
            Ok((window, others))
        })
        .await?)
}

fn reader(app: &App, visitor: &Visitor) -> Reader {
    Reader { words: Words(visitor.language), default: app.settings().default_language, now: app.now() }
}

/// The form that the page shows first: the present times, a fresh key.
fn presets(window: &Window) -> Form {
    let zone = window.zone();
    let mut form = Form::default()
        .set("idempotency_key", new_key())
        .set("seen", window.sequence.to_string())
        .set("stage", window.stage().unwrap_or(Stage::Assessment).code())
        .set("time_zone", zone.name())
        .set("scheduled_start", zone.form_value(window.schedule.start));
    for (name, at) in
        [("scheduled_start", Some(window.schedule.start)), ("scheduled_end", window.schedule.end)]
    {
        let Some(at) = at else { continue };
        form = form.set(name, zone.form_value(at));
        if let Some(fold) = zone.fold(at) {
            form = form.set(&format!("{name}_fold"), fold.code());
        }
    }
    form
}

fn view(
    app: &App,
    request: &HttpRequest,
    visitor: &Visitor,
    (window, others): (Window, Others),
    form: Form,
    errors: FieldErrors,
    done: String,
) -> OnePage {
    let reader = reader(app, visitor);
    OnePage {
        page: Page::bare(request, visitor),
        notice: Notice::of(&window, reader, &others),
        state: window.state,
        by_clock: window.start_by_clock,
        reports: others.all,
        ticks: (window.components.iter())
            .map(|c| Tick {
                key: c.component.key.clone(),
                name: c.component.label(visitor.language, reader.default).to_owned(),
                tested: c.tested_at.is_some(),
            })
            .collect(),
        stages: Stage::ALL,
        languages: Language::ALL,
        folds: Fold::ALL,
        zone: window.zone(),
        form,
        errors,
        done,
    }
}

/// `GET /admin/windows/{slug}`
pub async fn show(
    app: web::Data<App>,
    request: HttpRequest,
    visitor: Visitor,
    slug: web::Path<String>,
    query: Query,
    _guard: Viewer,
) -> Result<HttpResponse, Failure> {
    let found = read(&app, &slug).await?;
    let mut form = presets(&found.0);
    if let Ok(id) = query.get("alarm").parse::<i64>() {
        // An alarm leads here: what can be said of it is written already, for a person to change.
        let alarm = app.store.read(move |c| alarms::look_up(c, id)).await?;
        let default = app.settings().default_language;
        for language in Language::ALL.iter().filter(|_| alarm.is_some()) {
            let text = alarm.as_ref().map(|a| update_text(a, Words(*language), default));
            form = form.set(&format!("body.{language}"), text.unwrap_or_default());
        }
    }
    let done = query.done(DONE);
    private_page(&view(&app, &request, &visitor, found, form, FieldErrors::new(), done))
}

/// `GET /admin/windows/{slug}/preview`
pub async fn preview(
    app: web::Data<App>,
    request: HttpRequest,
    visitor: Visitor,
    slug: web::Path<String>,
    _guard: Viewer,
) -> Result<HttpResponse, Failure> {
    let (window, others) = read(&app, &slug).await?;
    private_page(&PreviewPage {
        page: Page::bare(&request, &visitor),
        notice: Notice::of(&window, reader(&app, &visitor), &others),
        public: window.state.is_public(),
    })
}

/// What a button of the page asks for.
enum Act {
    Publish,
    Start,
    Verify,
    Cancel,
    Remove,
    Tick(Vec<ComponentKey>),
    Complete(Vec<ComponentKey>),
    Move(Schedule),
    Update(Box<NewUpdate>, IdempotencyKey, Vec<(String, String)>),
}

impl Act {
    fn parse(form: &Form, window: &Window, default: Language) -> Result<Act, FieldErrors> {
        let confirmed = |act: Act| {
            if form.get("confirm").trim() == window.slug.as_str() {
                return Ok(act);
            }
            let mut errors = FieldErrors::new();
            errors.add_with("confirm", "confirm-slug", [("slug", window.slug.to_string())]);
            Err(errors)
        };
        match form.get("act") {
            "publish" => Ok(Act::Publish),
            "start" => Ok(Act::Start),
            "verify" => Ok(Act::Verify),
            "cancel" => confirmed(Act::Cancel),
            "remove" => confirmed(Act::Remove),
            "tick" => Ok(Act::Tick(tested(form)?)),
            "complete" => Ok(Act::Complete(tested(form)?)),
            "move" => schedule(form, window).map(Act::Move),
            "update" => update(form, default),
            _ => Err(FieldErrors::one("act", "unknown-code")),
        }
    }

    /// What the page says afterwards.
    fn done(&self) -> &'static str {
        match self {
            Act::Publish => "published",
            Act::Start => "started",
            Act::Verify => "verifying",
            Act::Cancel => "cancelled",
            Act::Remove => "removed",
            Act::Tick(_) => "ticked",
            Act::Complete(_) => "completed",
            Act::Move(_) => "moved",
            Act::Update(..) => "updated",
        }
    }

    fn take(
        &self,
        w: &mut crate::store::Write<'_>,
        by: &Actor,
        slug: &str,
        seen: Option<i64>,
    ) -> Result<(), Error> {
        match self {
            Act::Publish => windows::publish(w, by, slug, None).map(drop),
            Act::Start => windows::start(w, by, slug, None).map(drop),
            Act::Verify => windows::verify(w, by, slug, None).map(drop),
            Act::Cancel => windows::cancel(w, by, slug, None).map(drop),
            Act::Remove => windows::remove(w, by, slug, None),
            Act::Tick(tested) => windows::tick(w, by, slug, None, tested).map(drop),
            Act::Complete(tested) => windows::complete(w, by, slug, None, tested).map(drop),
            Act::Move(schedule) => windows::reschedule(w, by, slug, seen, *schedule).map(drop),
            Act::Update(new, key, command) => idempotency::once(w, "window.update", key, command, |w| {
                windows::post(w, by, slug, None, new).map(|window| window.sequence)
            })
            .map(drop),
        }
    }
}

fn tested(form: &Form) -> Result<Vec<ComponentKey>, FieldErrors> {
    form.all("tested").map(|key| ComponentKey::parse("tested", key)).collect()
}

fn schedule(form: &Form, window: &Window) -> Result<Schedule, FieldErrors> {
    let mut errors = FieldErrors::new();
    let zone = errors.keep(Zone::parse("time_zone", form.get("time_zone")));
    for name in ["scheduled_start", "scheduled_end"] {
        if form.get(name).trim().is_empty() {
            errors.add(name, "required");
        }
    }
    let start = typed::moment(form, &mut errors, zone, "scheduled_start");
    let end = typed::moment(form, &mut errors, zone, "scheduled_end");
    match (start, zone) {
        (Some(start), Some(zone)) if errors.is_empty() => {
            let asked = Schedule { start, end, zone };
            if asked == window.schedule { Ok(asked) } else { Schedule::parse(start, end, zone) }
        }
        _ => Err(errors),
    }
}

fn update(form: &Form, default: Language) -> Result<Act, FieldErrors> {
    let mut errors = FieldErrors::new();
    let stage = Stage::from_code(form.get("stage"));
    if stage.is_none() {
        errors.add("stage", "unknown-code");
    }
    let body = checked_texts(&mut errors, "body", typed::texts(form, "body"), BODY_MAX, true, default, false);
    if body.is_empty() && errors.is_empty() {
        errors.add(format!("body.{default}"), "required");
    }
    let key = errors.keep(IdempotencyKey::parse("idempotency_key", form.get("idempotency_key")));
    match (stage, key) {
        (Some(stage), Some(key)) if errors.is_empty() => {
            let new = NewUpdate { stage, body, state: None, tested: Vec::new() };
            Ok(Act::Update(Box::new(new), key, form.pairs().to_vec()))
        }
        _ => Err(errors),
    }
}

/// `POST /admin/windows/{slug}`
pub async fn act(
    app: web::Data<App>,
    request: HttpRequest,
    visitor: Visitor,
    slug: web::Path<String>,
    form: Form,
    Operator(actor): Operator,
) -> Result<HttpResponse, Failure> {
    let slug = slug.into_inner();
    let found = read(&app, &slug).await?;
    let default = app.settings().default_language;
    let seen = form.get("seen").parse::<i64>().ok();
    let errors = match Act::parse(&form, &found.0, default) {
        Ok(act) => {
            let said = act.done();
            let named = slug.clone();
            match app.store.write(move |w| act.take(w, &actor, &named, seen)).await {
                Ok(()) if said == "removed" => return Ok(see_other("/admin/windows")),
                Ok(()) => return Ok(see_other(&format!("/admin/windows/{slug}?done={said}"))),
                Err(error) => wrong(error)?,
            }
        }
        Err(errors) => errors,
    };
    // What was typed in one form of the page is kept; the others show what they show at first.
    let mut again = presets(&found.0);
    for (name, value) in form.pairs().iter().filter(|(name, _)| name != "tested") {
        again = again.set(name, value.as_str());
    }
    for key in form.all("tested") {
        again = again.add("tested", key);
    }
    form_again(&view(&app, &request, &visitor, found, again, errors, String::new()))
}
