//! The parts of the service: adding, renaming, retiring.

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::{typed, wrong};
use crate::domain::fields::FieldErrors;
use crate::domain::language::{Language, Texts};
use crate::domain::line::TITLE_MAX;
use crate::domain::notice::checked_texts;
use crate::domain::secret::IdempotencyKey;
use crate::domain::window::ComponentKey;
use crate::export::Cell;
use crate::store::components::{self, Component};
use crate::store::idempotency;
use crate::web::app::App;
use crate::web::failure::Failure;
use crate::web::form::{Form, Query};
use crate::web::page::{Page, form_again, new_key, private_page, see_other};
use crate::web::table::{self, Answer, Asked, Column, Pick, Table, Tabular};
use crate::web::visitor::{Operator, Visitor};

#[derive(Template)]
#[template(path = "editor/components.html")]
struct ComponentsPage {
    page: Page,
    form: Form,
    errors: FieldErrors,
    components: Table<Component>,
    languages: &'static [Language],
    done: String,
}

impl Tabular for Component {
    const NAME: &'static str = "components";
    const PLACE: &'static str = "all";
    const COLUMNS: &'static [Column<Component>] = &[
        Column {
            name: "name",
            title: "components-name",
            cell: |c, page| Cell::Text(c.label(page.language(), page.language()).to_owned()),
        },
        Column {
            name: "elsewhere",
            title: "components-elsewhere",
            cell: |c, page| {
                let others = Language::ALL.iter().filter(|l| **l != page.language());
                let names: Vec<&str> = others.map(|l| c.name.exactly(*l)).filter(|n| !n.is_empty()).collect();
                Cell::text(Some(names.join(&page.t("windows-comma"))))
            },
        },
        Column { name: "key", title: "components-key", cell: |c, _| Cell::Word(c.key.clone()) },
        Column { name: "state", title: "editor-state", cell: |c, page| Cell::Word(page.t(state(c).1)) },
    ];
    const PICKS: &'static [Pick<Component>] = &[Pick {
        name: "state",
        title: "editor-state",
        of: |c, page| vec![(state(c).0.to_owned(), page.t(state(c).1))],
    }];
}

/// How a component stands: a code, and the key of its words.
fn state(component: &Component) -> (&'static str, &'static str) {
    match component.retired_at {
        Some(_) => ("retired", "components-retired"),
        None => ("offered", "components-offered"),
    }
}

impl ComponentsPage {
    fn name<'a>(&self, component: &'a Component, language: &Language) -> &'a str {
        component.name.exactly(*language)
    }
}

#[derive(Template)]
#[template(path = "editor/component.html")]
struct ComponentPage {
    page: Page,
    form: Form,
    errors: FieldErrors,
    component: Component,
    languages: &'static [Language],
}

fn name(form: &Form, errors: &mut FieldErrors, default: Language) -> Texts {
    checked_texts(errors, "name", typed::texts(form, "name"), TITLE_MAX, false, default, true)
}

/// `GET /admin/components`
pub async fn list(
    app: web::Data<App>,
    request: HttpRequest,
    visitor: Visitor,
    query: Query,
    Operator(actor): Operator,
) -> Result<HttpResponse, Failure> {
    let asked = Asked::of::<Component>(&query, &["done"], &[])?;
    let page = Page::bare(&request, &visitor);
    let all = app.store.read(components::list).await?;
    match table::answer(&app, &page, &actor, &asked, all).await? {
        Answer::File(file) => Ok(file),
        Answer::Page(components) => private_page(&ComponentsPage {
            page,
            form: Form::default().set("idempotency_key", new_key()),
            errors: FieldErrors::new(),
            components,
            languages: Language::ALL,
            done: query.done(&["added", "renamed", "retired", "offered"]),
        }),
    }
}

/// `POST /admin/components`
pub async fn add(
    app: web::Data<App>,
    request: HttpRequest,
    visitor: Visitor,
    form: Form,
    Operator(actor): Operator,
) -> Result<HttpResponse, Failure> {
    let mut errors = FieldErrors::new();
    let texts = name(&form, &mut errors, app.settings().default_language);
    let typed_key = form.get("key").trim();
    let key = if typed_key.is_empty() {
        // A key can be made of an English name; a Chinese one has no letters for it.
        let suggested = texts.0.get(&Language::En).and_then(|n| ComponentKey::suggest(n));
        errors.keep(suggested.ok_or_else(|| FieldErrors::one("key", "required")))
    } else {
        errors.keep(ComponentKey::parse("key", typed_key))
    };
    let once = errors.keep(IdempotencyKey::parse("idempotency_key", form.get("idempotency_key")));
    let errors = match (key, once) {
        (Some(key), Some(once)) if errors.is_empty() => {
            let command = form.pairs().to_vec();
            let added = app.store.write(move |w| {
                idempotency::once(w, "component", &once, &command, |w| {
                    components::add(w, &actor, &key, &texts, false)
                })
            });
            match added.await {
                Ok(_) => return Ok(see_other("/admin/components?done=added")),
                Err(error) => wrong(error)?,
            }
        }
        _ => errors,
    };
    let page = Page::bare(&request, &visitor);
    let components = table::whole(&page, app.store.read(components::list).await?);
    form_again(&ComponentsPage {
        page,
        form,
        errors,
        components,
        languages: Language::ALL,
        done: String::new(),
    })
}

async fn one(app: &App, key: &str) -> Result<Component, Failure> {
    let key = key.to_owned();
    let all = app.store.read(components::list).await?;
    all.into_iter().find(|c| c.key == key).ok_or(Failure::NOT_FOUND)
}

/// `GET /admin/components/{key}`
pub async fn show(
    app: web::Data<App>,
    request: HttpRequest,
    visitor: Visitor,
    key: web::Path<String>,
    _guard: Operator,
) -> Result<HttpResponse, Failure> {
    let component = one(&app, &key).await?;
    let mut form = Form::default();
    for (language, text) in &component.name.0 {
        form = form.set(&format!("name.{language}"), text.as_str());
    }
    private_page(&ComponentPage {
        page: Page::bare(&request, &visitor),
        form,
        errors: FieldErrors::new(),
        component,
        languages: Language::ALL,
    })
}

/// `POST /admin/components/{key}`
pub async fn change(
    app: web::Data<App>,
    request: HttpRequest,
    visitor: Visitor,
    key: web::Path<String>,
    form: Form,
    Operator(actor): Operator,
) -> Result<HttpResponse, Failure> {
    let component = one(&app, &key).await?;
    let id = component.id;
    let said = match form.get("act") {
        act @ ("retire" | "offer") => {
            let retired = act == "retire";
            app.store.write(move |w| components::set_retired(w, &actor, id, retired)).await?;
            if retired { "retired" } else { "offered" }
        }
        _ => {
            let mut errors = FieldErrors::new();
            let texts = name(&form, &mut errors, app.settings().default_language);
            if !errors.is_empty() {
                return form_again(&ComponentPage {
                    page: Page::bare(&request, &visitor),
                    form,
                    errors,
                    component,
                    languages: Language::ALL,
                });
            }
            app.store.write(move |w| components::rename(w, &actor, id, &texts)).await?;
            "renamed"
        }
    };
    Ok(see_other(&format!("/admin/components?done={said}")))
}
