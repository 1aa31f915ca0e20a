//! Writing a window: the form, empty or filled, and what comes of sending it.

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::typed::{self, Rows};
use super::{asks_fold, wrong};
use crate::domain::fields::FieldErrors;
use crate::domain::language::Language;
use crate::domain::notice::{Usual, WindowDraft};
use crate::domain::secret::IdempotencyKey;
use crate::domain::support_hours::ContactKind;
use crate::domain::survey::Template as Survey;
use crate::domain::window::{ComponentImpact, WindowState};
use crate::domain::zone::{Fold, Zone};
use crate::i18n::Words;
use crate::store::alarms::{self, Alarm};
use crate::store::components::{self, Component};
use crate::store::connection::Db;
use crate::store::windows::{self, Window};
use crate::store::{Error, idempotency, surveys};
use crate::web::app::App;
use crate::web::failure::Failure;
use crate::web::form::{Form, Query};
use crate::web::page::{Page, form_again, new_key, private_page, see_other};
use crate::web::staff::alarms::announcement;
use crate::web::visitor::{Operator, Visitor};

#[derive(Template)]
#[template(path = "editor/edit.html")]
struct EditPage {
    page: Page,
    form: Form,
    errors: FieldErrors,
    /// The window that is written over; nothing for a new one.
    slug: Option<String>,
    title: String,
    state: WindowState,
    /// Somebody else has changed it meanwhile.
    stale: bool,
    components: Vec<ComponentRow>,
    contacts: Vec<String>,
    slots: Vec<String>,
    texts: Vec<TextRow>,
    languages: &'static [Language],
    impacts: &'static [ComponentImpact],
    kinds: &'static [ContactKind],
    templates: Vec<(String, String)>,
    folds: &'static [Fold],
    zones: Vec<&'static str>,
}

struct ComponentRow {
    field: String,
    name: String,
}

struct TextRow {
    field: &'static str,
    label: String,
    hint: String,
    rows: u8,
}

const DAYS: [u8; 7] = [1, 2, 3, 4, 5, 6, 7];

impl EditPage {
    fn asks_fold(&self, name: &str) -> bool {
        asks_fold(&self.form, &self.errors, name)
    }

    fn days(&self) -> [u8; 7] {
        DAYS
    }
}

/// What a form offers to choose from.
struct Offered {
    components: Vec<Component>,
    templates: Vec<Survey>,
}

/// The rows of the table: what is offered, and what the window has although it no longer is.
fn rows(connection: &mut Db, window: Option<&Window>) -> Result<Offered, Error> {
    let mut all = components::list(connection)?;
    let used =
        |c: &Component| window.is_some_and(|w| w.components.iter().any(|other| other.component.id == c.id));
    all.retain(|c| c.retired_at.is_none() || used(c));
    Ok(Offered { components: all, templates: surveys::all(connection)? })
}

struct Around<'a> {
    app: &'a App,
    request: &'a HttpRequest,
    visitor: &'a Visitor,
}

impl Around<'_> {
    fn page(&self, form: Form, errors: FieldErrors, window: Option<&Window>, offered: &Offered) -> EditPage {
        let Offered { components: rows, templates } = offered;
        let page = Page::bare(self.request, self.visitor);
        let default = self.app.settings().default_language;
        let text = |field, label: &str, rows| TextRow {
            field,
            label: page.t(&format!("editor-{label}")),
            hint: page.t(&format!("editor-{label}-hint")),
            rows,
        };
        let count = Rows::of(&form);
        EditPage {
            slug: window.map(|w| w.slug.to_string()),
            title: window.map(|w| w.title(self.visitor.language, default)).unwrap_or_default(),
            state: window.map_or(WindowState::Draft, |w| w.state),
            stale: false,
            components: rows
                .iter()
                .enumerate()
                .map(|(i, c)| ComponentRow {
                    field: format!("components.{i}"),
                    name: c.label(self.visitor.language, default).to_owned(),
                })
                .collect(),
            contacts: (0..count.contacts).map(|i| format!("support.contacts.{i}")).collect(),
            slots: (0..count.slots).map(|i| format!("support.hours.slots.{i}")).collect(),
            texts: vec![
                text("title", "text-title", 0),
                text("audience", "text-audience", 2),
                text("advice", "text-advice", 2),
                text("backup_statement", "text-backup", 2),
                text("body", "text-body", 8),
            ],
            languages: Language::ALL,
            impacts: ComponentImpact::ALL,
            kinds: ContactKind::ALL,
            templates: templates
                .iter()
                .map(|t| (t.key.to_string(), page.words.wording(&t.name, default)))
                .collect(),
            folds: Fold::ALL,
            zones: Zone::names().filter(|name| name.contains('/') || *name == "UTC").collect(),
            page,
            form,
            errors,
        }
    }
}

/// A window about an alarm outside of every window, from now on, for a person to change and announce.
fn about(mut form: Form, alarm: &Alarm, rows: &Offered, app: &App) -> Form {
    let settings = app.settings();
    for language in Language::ALL {
        let (title, body) = announcement(alarm, Words(*language), settings.default_language);
        form = form.set(&format!("title.{language}"), title).set(&format!("body.{language}"), body);
    }
    if let Some(row) =
        alarm.component.as_ref().and_then(|a| rows.components.iter().position(|c| c.id == a.id))
    {
        form = form.set(&format!("components.{row}.impact"), ComponentImpact::Degraded.code());
    }
    form.set("scheduled_start", settings.time_zone.form_value(app.now()))
}

/// `GET /admin/windows/new`
pub async fn new(
    app: web::Data<App>,
    request: HttpRequest,
    visitor: Visitor,
    query: Query,
    _guard: Operator,
) -> Result<HttpResponse, Failure> {
    let rows = app.store.read(|c| rows(c, None)).await?;
    let mut form = Form::default()
        .set("time_zone", app.settings().time_zone.name())
        .set("follow_up_hours", "72")
        .set("survey.template", "short")
        .set("survey.days", "14")
        .set("start_by_clock", "on")
        .set("idempotency_key", new_key());
    if let Ok(id) = query.get("alarm").parse::<i64>()
        && let Some(alarm) = app.store.read(move |c| alarms::look_up(c, id)).await?
    {
        form = about(form, &alarm, &rows, &app);
    }
    let around = Around { app: &app, request: &request, visitor: &visitor };
    private_page(&around.page(form, FieldErrors::new(), None, &rows))
}

/// `POST /admin/windows/new`
pub async fn create(
    app: web::Data<App>,
    request: HttpRequest,
    visitor: Visitor,
    form: Form,
    Operator(actor): Operator,
) -> Result<HttpResponse, Failure> {
    let rows = app.store.read(|c| rows(c, None)).await?;
    let keys: Vec<String> = rows.components.iter().map(|c| c.key.clone()).collect();
    let usual = app.settings().usual();
    let mut errors = FieldErrors::new();
    let key = errors.keep(IdempotencyKey::parse("idempotency_key", form.get("idempotency_key")));
    let draft = errors.keep(typed::parse(&form, &keys, None, usual));
    let outcome = match (draft, key) {
        (Some(draft), Some(key)) => {
            let command: Vec<(String, String)> = form.pairs().to_vec();
            let created = app.store.write(move |w| {
                idempotency::once(w, "window", &key, &command, |w| {
                    Ok(windows::create(w, &actor, &draft, usual.language)?.slug.to_string())
                })
            });
            match created.await {
                Ok(slug) => return Ok(see_other(&format!("/admin/windows/{slug}?done=created"))),
                Err(error) => wrong(error)?,
            }
        }
        _ => errors,
    };
    let around = Around { app: &app, request: &request, visitor: &visitor };
    form_again(&around.page(form, outcome, None, &rows))
}

fn found(connection: &mut Db, slug: &str) -> Result<(Window, WindowDraft, Offered), Error> {
    let window = windows::by_slug(connection, slug)?;
    let (draft, rows) = (window.draft()?, rows(connection, Some(&window))?);
    Ok((window, draft, rows))
}

/// `GET /admin/windows/{slug}/edit`
pub async fn form(
    app: web::Data<App>,
    request: HttpRequest,
    visitor: Visitor,
    slug: web::Path<String>,
    _guard: Operator,
) -> Result<HttpResponse, Failure> {
    let (window, draft, rows) = app.store.read(move |c| found(c, &slug)).await?;
    let form = typed::filled(&draft, &rows.components).set("seen", window.sequence.to_string());
    let around = Around { app: &app, request: &request, visitor: &visitor };
    private_page(&around.page(form, FieldErrors::new(), Some(&window), &rows))
}

/// `POST /admin/windows/{slug}/edit`
pub async fn change(
    app: web::Data<App>,
    request: HttpRequest,
    visitor: Visitor,
    slug: web::Path<String>,
    form: Form,
    Operator(actor): Operator,
) -> Result<HttpResponse, Failure> {
    let slug = slug.into_inner();
    let named = slug.clone();
    let (window, base, rows) = app.store.read(move |c| found(c, &named)).await?;
    let keys: Vec<String> = rows.components.iter().map(|c| c.key.clone()).collect();
    let usual = Usual { imported: window.schedule.end.is_none(), ..app.settings().usual() };
    let seen = form.get("seen").parse::<i64>().ok();
    let outcome = match typed::parse(&form, &keys, Some(&base), usual) {
        Ok(draft) if seen.is_some() => {
            match app.store.write(move |w| windows::edit(w, &actor, &slug, seen, &draft)).await {
                Ok(changed) => {
                    return Ok(see_other(&format!("/admin/windows/{}?done=edited", changed.slug)));
                }
                Err(error) => wrong_or_stale(error)?,
            }
        }
        Ok(_) => None,
        Err(errors) => Some(errors),
    };
    let around = Around { app: &app, request: &request, visitor: &visitor };
    match outcome {
        Some(errors) => form_again(&around.page(form, errors, Some(&window), &rows)),
        // What was typed is kept; sending it again writes over what somebody else changed.
        None => {
            let form = form.set("seen", window.sequence.to_string());
            let mut page = around.page(form, FieldErrors::new(), Some(&window), &rows);
            page.stale = true;
            form_again(&page)
        }
    }
}

/// The wrong fields, or nothing if somebody else was faster.
fn wrong_or_stale(error: Error) -> Result<Option<FieldErrors>, Error> {
    match error {
        Error::Stale => Ok(None),
        other => wrong(other).map(Some),
    }
}
