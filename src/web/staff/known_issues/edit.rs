//! The form of a known issue: both languages beside each other.

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::super::{Offer, codes};
use super::{Moving, moves, number};
use crate::domain::fields::FieldErrors;
use crate::domain::known_issue::{IssueStatus, IssueTexts};
use crate::domain::language::{Language, Texts};
use crate::domain::reference::ReportReference;
use crate::domain::secret::IdempotencyKey;
use crate::store::components::{self, Component};
use crate::store::known_issues::{self, Draft, KnownIssue, LINKED_MAX, Moves};
use crate::store::reports::list::{self, Listed, WindowName};
use crate::store::reports::{by_reference, list::listed};
use crate::store::{Error, Write, idempotency};
use crate::web::app::App;
use crate::web::failure::Failure;
use crate::web::form::{Form, Query};
use crate::web::page::{Page, conflict_page, form_again, new_key, private_page, see_other};
use crate::web::visitor::{Support, Visitor};

/// How many windows a choice offers, the latest first.
const WINDOWS: i64 = 100;

#[derive(Template)]
#[template(path = "known/edit.html")]
struct EditPage {
    page: Page,
    form: Form,
    errors: FieldErrors,
    /// Somebody else changed it while this was typed.
    stale: bool,
    /// Reports that it takes from another known issue.
    moving: Vec<Moving>,
    /// The number of the one that is changed; nothing for a new one.
    id: Option<i64>,
    /// It is resolved, so its status is not for this form.
    resolved: bool,
    statuses: Vec<Offer>,
    windows: Vec<Offer>,
    components: Vec<Offer>,
    /// The references of the reports that it is made from.
    reports: Vec<String>,
    languages: &'static [Language],
}

/// What there is to choose from.
struct Choices {
    windows: Vec<WindowName>,
    components: Vec<Component>,
}

async fn choices(app: &App) -> Result<Choices, Failure> {
    let read = app.store.read(|c| {
        Ok(Choices { windows: list::recent_windows(c, WINDOWS)?, components: components::list(c)? })
    });
    Ok(read.await?)
}

fn view(
    app: &App,
    page: Page,
    form: Form,
    errors: FieldErrors,
    choices: Choices,
    changed: Option<&KnownIssue>,
) -> EditPage {
    let (language, default) = (page.language(), app.settings().default_language);
    let open = IssueStatus::OPEN.iter().map(|s| s.code());
    let window = form.get("window");
    let mut windows: Vec<Offer> = choices
        .windows
        .iter()
        .map(|w| Offer::new(&w.slug, w.label(language, default).to_owned(), window))
        .collect();
    windows.insert(0, Offer::new("", page.t("known-no-window"), window));
    if windows.iter().all(|o| !o.selected) {
        windows.push(Offer::new(window, window.to_owned(), window));
    }
    let affected = |c: &Component| form.has_value("component", &c.key);
    let components = choices
        .components
        .iter()
        .filter(|c| c.retired_at.is_none() || affected(c))
        .map(|c| Offer {
            value: c.key.clone(),
            label: c.label(language, default).to_owned(),
            selected: affected(c),
        })
        .collect();
    EditPage {
        statuses: codes(&page, "known-status", open, form.get("status")),
        reports: form.all("report").map(str::to_owned).collect(),
        stale: false,
        moving: Vec::new(),
        id: changed.map(|issue| issue.fact.id),
        resolved: changed.is_some_and(|issue| !issue.fact.status.is_open()),
        languages: Language::ALL,
        windows,
        components,
        form,
        errors,
        page,
    }
}

fn texts(form: &Form, name: &str) -> Texts {
    let typed = Language::ALL.iter().filter_map(|language| {
        let text = form.get(&format!("{name}.{language}"));
        (!text.trim().is_empty()).then(|| (*language, text.to_owned()))
    });
    Texts(typed.collect())
}

/// The draft that was typed. `resolved`: the form had no status.
fn typed(form: &Form, default: Language, resolved: bool) -> Result<Draft, FieldErrors> {
    let mut errors = FieldErrors::new();
    let said = IssueTexts {
        title: texts(form, "title"),
        body: texts(form, "body"),
        workaround: texts(form, "workaround"),
    };
    let said = errors.keep(said.checked(default));
    let status = if resolved {
        Some(IssueStatus::Resolved)
    } else {
        let status = IssueStatus::from_code(form.get("status"));
        errors.keep(status.ok_or_else(|| FieldErrors::one("status", "unknown-code")))
    };
    match (said, status) {
        (Some(texts), Some(status)) => errors.or(Draft {
            window: Some(form.get("window").to_owned()).filter(|slug| !slug.is_empty()),
            status,
            public: form.has("public"),
            texts,
            components: form.all("component").map(str::to_owned).collect(),
        }),
        _ => Err(errors),
    }
}

fn references(form: &Form) -> Result<Vec<i64>, FieldErrors> {
    let all: Result<Vec<i64>, FieldErrors> =
        form.all("report").map(|text| ReportReference::parse_field("report", text).map(|r| r.0)).collect();
    let all = all?;
    if all.len() > LINKED_MAX { Err(FieldErrors::one("report", "too-many-reports")) } else { Ok(all) }
}

/// A form that begins with what the first of the reports says.
fn begun(form: Form, first: Option<&Listed>, language: Language) -> Form {
    let mut form = form
        .set("idempotency_key", new_key())
        .set("status", IssueStatus::Investigating.code())
        .set("public", "on");
    let Some(first) = first else { return form };
    if let Some(window) = &first.window {
        form = form.set("window", window.slug.as_str());
    }
    if let Some(component) = &first.component {
        form = form.add("component", component.key.as_str());
    }
    if let Some(content) = &first.content {
        let line = content.description.lines().next().unwrap_or_default();
        let title: String = line.chars().take(60).collect();
        let said_in = first.report.language;
        // Where it was said in another language, staff write the title themselves.
        let language = if said_in == language { language } else { said_in };
        form = form.set(&format!("title.{language}"), title);
    }
    form
}

/// `GET /admin/known-issues/new`: from nothing, or from the reports named in the address.
pub async fn new(
    app: web::Data<App>,
    request: HttpRequest,
    visitor: Visitor,
    query: Query,
    _guard: Support,
) -> Result<HttpResponse, Failure> {
    let query = query.only(&["report", "window", "component"])?;
    let mut form = Form::default();
    for (name, value) in query.pairs().iter().filter(|(name, _)| name != "lang") {
        form = form.add(name, value.as_str());
    }
    let ids = references(&form)?;
    let first = ids.first().copied();
    let first = app
        .store
        .read(move |c| {
            first.map(|id| by_reference(c, ReportReference(id)).and_then(|r| listed(c, r))).transpose()
        })
        .await?;
    let page = Page::bare(&request, &visitor);
    let form = begun(form, first.as_ref(), page.language());
    let choices = choices(&app).await?;
    let mut shown = view(&app, page, form, FieldErrors::new(), choices, None);
    shown.moving = moving(&app, &shown).await?;
    private_page(&shown)
}

/// Those of the reports that it is made of that belong to another known issue.
async fn moving(app: &App, shown: &EditPage) -> Result<Vec<Moving>, Failure> {
    let ids = references(&shown.form)?;
    let found = app.store.read(move |c| known_issues::elsewhere(c, &ids, None)).await?;
    Ok(Moving::of(found, shown.page.language(), app.settings().default_language))
}

/// `POST /admin/known-issues/new`
pub async fn create(
    app: web::Data<App>,
    request: HttpRequest,
    visitor: Visitor,
    guard: Support,
    form: Form,
) -> Result<HttpResponse, Failure> {
    let mut errors = FieldErrors::new();
    let draft = errors.keep(typed(&form, app.settings().default_language, false));
    let reports = errors.keep(references(&form));
    let key = errors.keep(IdempotencyKey::parse("idempotency_key", form.get("idempotency_key")));
    let outcome = match (draft, reports, key) {
        (Some(draft), Some(reports), Some(key)) => {
            let (actor, command, seen) = (guard.0.clone(), form.pairs().to_vec(), moves(&form));
            let make = move |w: &mut Write<'_>| {
                idempotency::once(w, "known issue", &key, &command, |w| {
                    let id = known_issues::create(w, &actor, &draft, false)?;
                    let moves = Moves::Seen(&seen);
                    known_issues::link_moving(w, &actor, id, &reports, moves).map_err(
                        |error| match error {
                            Error::NotFound => Error::field("report", "no-such-report"),
                            other => other,
                        },
                    )?;
                    Ok(id)
                })
            };
            app.store.write(make).await
        }
        _ => Err(Error::Invalid(errors)),
    };
    match outcome {
        Ok(id) => Ok(see_other(&format!("/admin/known-issues/{id}?done=created"))),
        Err(Error::Conflict { code: "known-issue-other", .. }) => {
            // Under the old key it would be another command.
            let form = form.set("idempotency_key", new_key());
            let page = Page::bare(&request, &visitor);
            let mut shown = view(&app, page, form, FieldErrors::new(), choices(&app).await?, None);
            shown.moving = moving(&app, &shown).await?;
            conflict_page(&shown)
        }
        Err(Error::Invalid(errors)) => {
            let page = Page::bare(&request, &visitor);
            form_again(&view(&app, page, form, errors, choices(&app).await?, None))
        }
        Err(error) => Err(error.into()),
    }
}

fn filled(issue: &KnownIssue) -> Form {
    let mut form = Form::default()
        .set("seen", issue.fact.revision.to_string())
        .set("status", issue.fact.status.code())
        .set("window", issue.window.as_ref().map_or("", |w| w.slug.as_str()));
    if issue.fact.public {
        form = form.set("public", "on");
    }
    for component in &issue.components {
        form = form.add("component", component.key.as_str());
    }
    let texts = &issue.texts;
    for (name, texts) in [("title", &texts.title), ("body", &texts.body), ("workaround", &texts.workaround)] {
        for (language, text) in &texts.0 {
            form = form.set(&format!("{name}.{language}"), text.as_str());
        }
    }
    form
}

/// `GET /admin/known-issues/{id}/edit`
pub async fn form(
    app: web::Data<App>,
    request: HttpRequest,
    visitor: Visitor,
    id: web::Path<String>,
    _guard: Support,
) -> Result<HttpResponse, Failure> {
    let id = number(&id)?;
    let issue = app.store.read(move |c| known_issues::by_id(c, id)).await?;
    let page = Page::bare(&request, &visitor);
    private_page(&view(&app, page, filled(&issue), FieldErrors::new(), choices(&app).await?, Some(&issue)))
}

/// `POST /admin/known-issues/{id}/edit`
pub async fn change(
    app: web::Data<App>,
    request: HttpRequest,
    visitor: Visitor,
    id: web::Path<String>,
    guard: Support,
    form: Form,
) -> Result<HttpResponse, Failure> {
    let id = number(&id)?;
    let issue = app.store.read(move |c| known_issues::by_id(c, id)).await?;
    let resolved = !issue.fact.status.is_open();
    let outcome = match typed(&form, app.settings().default_language, resolved) {
        Ok(draft) => {
            let (actor, seen) = (guard.0.clone(), form.get("seen").parse().ok());
            app.store.write(move |w| known_issues::revise(w, &actor, id, seen, &draft)).await.map(|_| ())
        }
        Err(errors) => Err(Error::Invalid(errors)),
    };
    let (errors, stale) = match outcome {
        Ok(()) => return Ok(see_other(&format!("/admin/known-issues/{id}?done=edited"))),
        Err(Error::Invalid(errors)) => (errors, false),
        Err(Error::Stale) => (FieldErrors::new(), true),
        Err(error) => return Err(error.into()),
    };
    let page = Page::bare(&request, &visitor);
    // Saved again, it is saved over what was seen now.
    let form = if stale { form.set("seen", issue.fact.revision.to_string()) } else { form };
    let mut shown = view(&app, page, form, errors, choices(&app).await?, Some(&issue));
    shown.stale = stale;
    if stale { conflict_page(&shown) } else { form_again(&shown) }
}
