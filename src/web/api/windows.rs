//! Windows in the programming interface.

use std::sync::Arc;

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::{Deserialize, Serialize};

use crate::domain::fields::FieldErrors;
use crate::domain::language::TextsInput;
use crate::domain::line::BODY_MAX;
use crate::domain::notice::{Usual, WindowDraft, WindowInput, checked_texts};
use crate::domain::person::Role;
use crate::domain::window::{ComponentKey, Stage, WindowState};
use crate::store::people::Actor;
use crate::store::windows::{self, NewUpdate, Window};
use crate::store::{Error, Write, components};
use crate::web::api::window_object::WindowObject;
use crate::web::app::App;
use crate::web::etag;
use crate::web::failure::Failure;
use crate::web::form::{Json, Query};
use crate::web::listing::{self, Cursor};
use crate::web::once::Once;
use crate::web::visitor::{MaybeStaff, Operator, Visitor};

/// A piece of the list of windows.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct WindowList {
    /// The latest start first.
    pub items: Vec<WindowObject>,
    /// What `cursor` must be to go on; null at the end.
    pub next_cursor: Option<String>,
}

/// An update as it is posted.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UpdateInput {
    /// The stage that it belongs to; `testing` makes a running window verifying.
    pub stage: Stage,
    /// Markdown, at most 20,000 characters.
    pub body: TextsInput,
    /// The state that the window takes with it.
    pub state: Option<WindowState>,
    /// The keys of the components found working, for `state: "completed"`.
    pub tested: Option<Vec<String>>,
}

/// A window as an answer, with its tag.
fn answer(request: &HttpRequest, app: &App, window: &Window, created: bool) -> HttpResponse {
    let default = app.settings().default_language;
    let object = WindowObject::of(window, Visitor::of(request).language, default, app.now());
    let mut response = if created { HttpResponse::Created() } else { HttpResponse::Ok() };
    if created {
        response.insert_header((header::LOCATION, format!("/api/v1/windows/{}", window.slug)));
    }
    etag::json(request, response, window.sequence, &object)
}

/// The states asked for: `state` may stand several times or hold several codes with commas.
fn states(query: &Query, viewer: bool) -> Result<Vec<WindowState>, Failure> {
    let mut asked = Vec::new();
    for code in query.pairs().iter().filter(|(n, _)| n == "state").flat_map(|(_, v)| v.split(',')) {
        let state = WindowState::from_code(code.trim());
        asked.push(state.ok_or_else(|| FieldErrors::one("state", "unknown-code"))?);
    }
    if !viewer && asked.contains(&WindowState::Draft) {
        return Err(Failure::Unauthenticated);
    }
    if asked.is_empty() && !viewer {
        asked.extend(WindowState::ALL.iter().copied().filter(|s| s.is_public()));
    }
    Ok(asked)
}

/// `GET /api/v1/windows`
#[utoipa::path(get, path = "/api/v1/windows", tag = "windows",
    description = "Windows, the latest start first. Drafts are shown to viewers.",
    params(
        ("state" = Option<String>, Query, description = "One state or several with commas"),
        ("component" = Option<String>, Query, description = "Only windows that affect the component with this key"),
        ("limit" = Option<i64>, Query, description = "1–200, 50 if left out"),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the piece before"),
        ("lang" = Option<String>, Query, description = "The language of the texts"),
    ),
    responses((status = 200, body = WindowList)))]
pub async fn list(
    app: web::Data<App>,
    request: HttpRequest,
    visitor: Visitor,
    staff: MaybeStaff,
    query: Query,
) -> Result<HttpResponse, Failure> {
    let query = query.only(&["state", "component", "limit", "cursor"])?;
    let viewer = staff.0.is_some_and(|actor| actor.role().may(Role::Viewer));
    let states = states(&query, viewer)?;
    let mut errors = FieldErrors::new();
    let limit = errors.keep(listing::limit(query.get("limit")));
    let after = errors.keep(Cursor::parse(query.get("cursor")));
    let (Some(limit), Some(after)) = (limit, after) else { return Err(errors.into()) };
    let component = query.has("component").then(|| query.get("component").to_owned());
    let read = app.store.read(move |c| {
        let component = match component {
            Some(key) => Some(components::id_of(c, &key)?.ok_or_else(|| {
                let mut errors = FieldErrors::new();
                errors.add_with("component", "unknown-component", [("keys", key)]);
                Error::Invalid(errors)
            })?),
            None => None,
        };
        windows::list(c, &states, component, after.map(Cursor::pair), limit + 1)
    });
    let found = match viewer {
        true => Arc::new(read.await?),
        false => app.last.windows.or_read(&format!("?{}", request.query_string()), read).await?,
    };
    let more = found.len() as i64 > limit;
    let found = &found[..found.len().min(limit as usize)];
    let next = found.last().filter(|_| more).map(|w| Cursor { at: w.schedule.start, id: w.id }.to_string());
    let (default, now) = (app.settings().default_language, app.now());
    let items = found.iter().map(|w| WindowObject::of(w, visitor.language, default, now)).collect();
    let list = WindowList { items, next_cursor: next };
    Ok(etag::json(&request, HttpResponse::Ok(), found.len() as i64, &list))
}

/// `GET /api/v1/windows/{slug}`
#[utoipa::path(get, path = "/api/v1/windows/{slug}", tag = "windows",
    description = "One window. Drafts are shown to viewers.",
    params(("slug" = String, Path), ("lang" = Option<String>, Query, description = "The language of the texts")),
    responses((status = 200, body = WindowObject), (status = 304, description = "As `If-None-Match` knows it")))]
pub async fn show(
    app: web::Data<App>,
    request: HttpRequest,
    slug: web::Path<String>,
    staff: MaybeStaff,
    query: Query,
) -> Result<HttpResponse, Failure> {
    query.only(&[])?;
    let viewer = staff.0.is_some_and(|actor| actor.role().may(Role::Viewer));
    let find = if viewer { windows::by_slug } else { windows::public };
    let slug = slug.into_inner();
    let named = slug.clone();
    let read = app.store.read(move |c| Ok(vec![find(c, &slug)?]));
    let found = match viewer {
        true => Arc::new(read.await?),
        false => app.last.windows.or_read(&named, read).await?,
    };
    let window = found.first().ok_or(Failure::NOT_FOUND)?;
    Ok(answer(&request, &app, window, false))
}

/// `POST /api/v1/windows`
#[utoipa::path(post, path = "/api/v1/windows", tag = "windows",
    description = "Adds a window as a draft, or published with `state: \"scheduled\"`.",
    params(("Idempotency-Key" = Option<String>, Header, description = "Sent twice under one key it is done once: 22 to 128 letters, digits or - _ . ~")),
    request_body = WindowInput,
    responses((status = 201, body = WindowObject)))]
pub async fn create(
    app: web::Data<App>,
    request: HttpRequest,
    operator: Operator,
    input: Json<WindowInput>,
) -> Result<HttpResponse, Failure> {
    let (input, usual, once) = (input.0, app.settings().usual(), Once::of_call(&request)?);
    let mut errors = FieldErrors::new();
    let publish = match input.state {
        None | Some(WindowState::Draft) => false,
        Some(WindowState::Scheduled) => true,
        Some(_) => {
            errors.add("state", "new-window-state");
            false
        }
    };
    if input.tested.is_some() {
        errors.add("tested", "unknown-field");
    }
    let draft = errors.keep(WindowDraft::parse(input, None, usual));
    let Some(draft) = draft.filter(|_| errors.is_empty()) else { return Err(errors.into()) };
    let window = app
        .store
        .write(move |w| {
            let slug = once.act(w, "call windows", |w| {
                let window = windows::create(w, &operator.0, &draft, usual.language)?;
                if publish {
                    windows::publish(w, &operator.0, window.slug.as_str(), None)?;
                }
                Ok(window.slug.to_string())
            })?;
            windows::by_slug(w.connection, &slug)
        })
        .await?;
    Ok(answer(&request, &app, &window, true))
}

/// `PATCH /api/v1/windows/{slug}`
#[utoipa::path(patch, path = "/api/v1/windows/{slug}", tag = "windows",
    description = "Changes the fields that are given, then takes the state, if one is given. Completing needs \
        every component ticked: `{\"state\": \"completed\", \"tested\": [keys]}`; `tested` without a state \
        ticks only. Other times than before are a move; the old ones stay public.",
    params(("slug" = String, Path), ("If-Match" = Option<String>, Header, description = "The `ETag` that was changed; 412 if it is another now")),
    request_body = WindowInput,
    responses((status = 200, body = WindowObject), (status = 412, description = "Somebody else was faster")))]
pub async fn change(
    app: web::Data<App>,
    request: HttpRequest,
    slug: web::Path<String>,
    operator: Operator,
    input: Json<WindowInput>,
) -> Result<HttpResponse, Failure> {
    let seen = etag::stated_sequence(&request)?;
    let (input, usual, slug) = (input.0, app.settings().usual(), slug.into_inner());
    let tested = tested(input.tested.clone())?;
    let window = app
        .store
        .write(move |w| apply(w, &operator.0, &slug, seen, &input, tested.as_deref(), usual))
        .await?;
    Ok(answer(&request, &app, &window, false))
}

fn tested(keys: Option<Vec<String>>) -> Result<Option<Vec<ComponentKey>>, FieldErrors> {
    let Some(keys) = keys else { return Ok(None) };
    let mut errors = FieldErrors::new();
    let parsed = (keys.iter().enumerate())
        .filter_map(|(i, key)| errors.keep(ComponentKey::parse(&format!("tested.{i}"), key)))
        .collect();
    errors.or(Some(parsed))
}

fn apply(
    write: &mut Write<'_>,
    actor: &Actor,
    slug: &str,
    seen: Option<i64>,
    input: &WindowInput,
    tested: Option<&[ComponentKey]>,
    usual: Usual,
) -> Result<Window, Error> {
    let window = windows::by_slug(write.connection, slug)?;
    if seen.is_some_and(|seen| seen != window.sequence) {
        return Err(Error::Stale);
    }
    let (state, before) = (input.state, window.draft()?);
    let usual = Usual { imported: window.schedule.end.is_none(), ..usual };
    let draft = WindowDraft::parse(input.clone(), Some(&before), usual)?;
    let mut window = if draft == before { window } else { windows::edit(write, actor, slug, seen, &draft)? };
    let slug = window.slug.to_string();
    window = match (state, tested) {
        (None, None) => window,
        (None, Some(tested)) => windows::tick(write, actor, &slug, None, tested)?,
        (Some(WindowState::Completed), tested) => {
            windows::complete(write, actor, &slug, None, tested.unwrap_or_default())?
        }
        (Some(_), Some(_)) => return Err(Error::field("tested", "tested-without-completing")),
        (Some(WindowState::Scheduled), None) => windows::publish(write, actor, &slug, None)?,
        (Some(WindowState::InProgress), None) => windows::start(write, actor, &slug, None)?,
        (Some(WindowState::Verifying), None) => windows::verify(write, actor, &slug, None)?,
        (Some(WindowState::Cancelled), None) => windows::cancel(write, actor, &slug, None)?,
        (Some(to @ WindowState::Draft), None) => {
            let params = [("from", window.state.to_string()), ("to", to.to_string())];
            return Err(Error::conflict_with("move-not-allowed", params));
        }
    };
    Ok(window)
}

/// `POST /api/v1/windows/{slug}/updates`
#[utoipa::path(post, path = "/api/v1/windows/{slug}/updates", tag = "windows",
    description = "Posts an update. The stage `testing` makes a running window verifying, an earlier one makes \
        it go back to work.",
    params(
        ("slug" = String, Path),
        ("Idempotency-Key" = Option<String>, Header, description = "Sent twice under one key it is done once: 22 to 128 letters, digits or - _ . ~"),
    ),
    request_body = UpdateInput,
    responses((status = 201, body = WindowObject)))]
pub async fn post_update(
    app: web::Data<App>,
    request: HttpRequest,
    slug: web::Path<String>,
    operator: Operator,
    input: Json<UpdateInput>,
) -> Result<HttpResponse, Failure> {
    let (seen, once) = (etag::stated_sequence(&request)?, Once::of_call(&request)?);
    let input = input.0;
    let mut errors = FieldErrors::new();
    let default = app.settings().default_language;
    let body = checked_texts(&mut errors, "body", input.body, BODY_MAX, true, default, false);
    let tested = errors.keep(tested(input.tested)).flatten().unwrap_or_default();
    if body.is_empty() && errors.is_empty() {
        errors.add("body", "required");
    }
    let new = errors.or(NewUpdate { stage: input.stage, body, state: input.state, tested })?;
    let scope = format!("call updates of {slug}");
    let window = app
        .store
        .write(move |w| {
            once.act(w, &scope, |w| windows::post(w, &operator.0, &slug, seen, &new).map(drop))?;
            windows::by_slug(w.connection, &slug)
        })
        .await?;
    Ok(answer(&request, &app, &window, true))
}
