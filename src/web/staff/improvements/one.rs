//! One improvement: writing it down, changing it, and where it came from.

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::super::Offer;
use super::Known;
use crate::domain::fields::FieldErrors;
use crate::domain::improvement::{ImprovementDraft, ImprovementInput, ImprovementStatus, Origin, Source};
use crate::domain::measure::Measure;
use crate::domain::reference::ImprovementReference;
use crate::domain::secret::IdempotencyKey;
use crate::store::connection::Db;
use crate::store::improvements as store;
use crate::store::insights::Reader;
use crate::store::people::Actor;
use crate::store::windows::{self, Window};
use crate::store::{Error, Result as StoreResult, idempotency};
use crate::web::app::App;
use crate::web::confirm::Final;
use crate::web::failure::Failure;
use crate::web::form::{Form, Query};
use crate::web::page::{Page, form_again, new_key, private_page, see_other};
use crate::web::visitor::{Operator, Support, Viewer, Visitor};

/// How many windows can be chosen from.
const OFFERED: i64 = 100;

#[derive(Template)]
#[template(path = "improvements/one.html")]
struct OnePage {
    page: Page,
    form: Form,
    errors: FieldErrors,
    /// The name of the improvement; nothing while it is being written down.
    reference: String,
    done: String,
    stale: bool,
    /// What it came from: words, and where that is.
    source: (String, String),
    shown: &'static str,
    tone: &'static str,
    /// Where the two windows stand side by side.
    side_by_side: String,
    windows: Vec<Offer>,
    later: Vec<Offer>,
    measures: Vec<Offer>,
    statuses: Vec<Offer>,
    owners: Vec<Offer>,
}

/// What the form's choices are made of.
struct Choices {
    windows: Vec<(String, String)>,
    owners: Vec<String>,
}

fn choices(connection: &mut Db, reader: Reader) -> StoreResult<Choices> {
    let latest: Vec<Window> = windows::list(connection, &[], None, None, OFFERED)?;
    let named = |w: &Window| {
        let day = w.zone().local_date(w.schedule.start);
        (w.slug.to_string(), format!("{day} {}", w.title(reader.language, reader.default)))
    };
    Ok(Choices { windows: latest.iter().map(named).collect(), owners: store::owners(connection)? })
}

/// What an improvement came from, in words, and where that is to be seen.
fn source_of(page: &Page, text: &str, window: &str) -> (String, String) {
    let Ok(source) = Source::parse(text) else { return (String::new(), String::new()) };
    let name = source.name.unwrap_or_default();
    let link = match source.origin {
        Origin::Report => format!("/admin/reports/{name}"),
        Origin::KnownIssue => format!("/admin/known-issues/{name}"),
        _ if window.is_empty() => String::new(),
        Origin::Comment => format!("/admin/surveys/{window}/responses/{name}"),
        Origin::Window | Origin::Figure => format!("/admin/insights/{window}"),
    };
    let what = match source.origin {
        Origin::Figure => page.word("measure", &name),
        _ => name,
    };
    (
        page.with(
            &format!("improvement-source-{}", source.origin.code().replace('_', "-")),
            [("name", &what)],
        ),
        link,
    )
}

impl OnePage {
    fn new(page: Page, form: Form, choices: Choices) -> OnePage {
        let empty = |label: &str| Offer::new("", page.t(label), "");
        let chosen = |name: &str| form.get(name).to_owned();
        let offered = |none: &str, name: &str| {
            let now = chosen(name);
            let mut all = vec![Offer { selected: now.is_empty(), ..empty(none) }];
            all.extend(choices.windows.iter().map(|(slug, title)| Offer::new(slug, title.clone(), &now)));
            // One that is too old to be offered stays chosen.
            if !now.is_empty() && all.iter().all(|o| !o.selected) {
                all.push(Offer::new(&now, now.clone(), &now));
            }
            all
        };
        let (owner, measure, status) = (chosen("owner"), chosen("measure"), chosen("status"));
        let mut owners = vec![Offer { selected: owner.is_empty(), ..empty("report-nobody") }];
        owners.extend(choices.owners.iter().map(|name| Offer::new(name, name.clone(), &owner)));
        if !owner.is_empty() && owners.iter().all(|o| !o.selected) {
            owners.push(Offer::new(&owner, owner.clone(), &owner));
        }
        let mut measures = vec![Offer { selected: measure.is_empty(), ..empty("improvement-no-measure") }];
        measures.extend(
            Measure::ALL.iter().map(|m| Offer::new(m.code(), page.word("measure", m.code()), &measure)),
        );
        let statuses = ImprovementStatus::ALL
            .iter()
            .map(|s| Offer::new(s.code(), page.word("improvement-status", s.code()), &status))
            .collect();
        OnePage {
            source: source_of(&page, form.get("source"), form.get("window")),
            windows: offered("improvement-no-window", "window"),
            later: offered("improvement-no-later", "shown_by"),
            measures,
            statuses,
            owners,
            errors: FieldErrors::new(),
            reference: String::new(),
            done: String::new(),
            stale: false,
            shown: "",
            tone: "",
            side_by_side: String::new(),
            form,
            page,
        }
    }
}

fn input(form: &Form) -> ImprovementInput {
    let get = |name: &str| form.get(name).to_owned();
    ImprovementInput {
        title: get("title"),
        detail: get("detail"),
        owner: get("owner"),
        status: get("status"),
        measure: get("measure"),
        source: get("source"),
        window: get("window"),
        shown_by: get("shown_by"),
    }
}

/// `GET /admin/improvements/new`: with what the link it was followed from knows.
pub async fn new(
    app: web::Data<App>,
    request: HttpRequest,
    visitor: Visitor,
    query: Query,
    guard: Support,
) -> Result<HttpResponse, Failure> {
    let query = query.only(&["source", "window", "measure"])?;
    let source = Source::parse(query.get("source"))?;
    let mut form = Form::default()
        .set("source", source.code())
        .set("window", query.get("window"))
        .set("status", ImprovementStatus::Planned.code())
        .set("idempotency_key", new_key());
    let measure = match (source.origin, &source.name) {
        (Origin::Figure, Some(name)) => name.clone(),
        _ => query.get("measure").to_owned(),
    };
    form = form.set("measure", measure);
    if let Actor::Person { name, .. } = &guard.0 {
        form = form.set("owner", name.clone());
    }
    let reader = app.reader(visitor.language);
    let choices = app.store.read(move |c| choices(c, reader)).await?;
    private_page(&OnePage::new(Page::bare(&request, &visitor), form, choices))
}

/// `POST /admin/improvements/new`
pub async fn add(
    app: web::Data<App>,
    request: HttpRequest,
    visitor: Visitor,
    form: Form,
    guard: Support,
) -> Result<HttpResponse, Failure> {
    let mut errors = FieldErrors::new();
    let key = errors.keep(IdempotencyKey::parse("idempotency_key", form.get("idempotency_key")));
    let draft = errors.keep(ImprovementDraft::parse(&input(&form)));
    let outcome = match (key, draft) {
        (Some(key), Some(draft)) => {
            let (actor, command) = (guard.0.clone(), input(&form));
            let command = (command.title, command.detail, command.source, command.window, command.shown_by);
            app.store
                .write(move |w| {
                    idempotency::once(w, "improvement", &key, &command, |w| {
                        store::add(w, &actor, &draft, false)
                    })
                })
                .await
        }
        _ => Err(Error::Invalid(errors)),
    };
    match outcome {
        Ok(id) => Ok(see_other(&format!("/admin/improvements/{}?done=added", ImprovementReference(id)))),
        Err(Error::Invalid(errors)) => {
            let reader = app.reader(visitor.language);
            let choices = app.store.read(move |c| choices(c, reader)).await?;
            let page = OnePage::new(Page::bare(&request, &visitor), form, choices);
            form_again(&OnePage { errors, ..page })
        }
        Err(error) => Err(error.into()),
    }
}

fn reference(path: &str) -> Result<ImprovementReference, Failure> {
    ImprovementReference::parse(path).ok_or(Failure::NOT_FOUND)
}

/// The page of one improvement: as it stands, or as it was typed.
async fn page_of(
    app: &App,
    request: &HttpRequest,
    visitor: &Visitor,
    id: i64,
    typed: Option<Form>,
) -> Result<OnePage, Failure> {
    let reader = app.reader(visitor.language);
    let (one, known, choices) = app
        .store
        .read(move |c| {
            let one = store::by_id(c, id)?;
            Ok((one.clone(), Known::of(c, vec![one], reader)?, choices(c, reader)?))
        })
        .await?;
    let page = Page::bare(request, visitor);
    let row = known.rows(&page, reader).pop();
    let slug = |window: Option<i64>| {
        window.and_then(|id| known.names.windows.get(&id)).map(|w| w.slug.to_string()).unwrap_or_default()
    };
    let (window, later) = (slug(one.window_id), slug(one.shown_by));
    let source = one.came_from().code();
    let form = typed.map(|form| form.set("source", source.clone())).unwrap_or_else(|| {
        Form::default()
            .set("title", one.title.clone())
            .set("detail", one.detail.clone().unwrap_or_default())
            .set("owner", row.as_ref().map(|r| r.owner.clone()).unwrap_or_default())
            .set("status", one.status.code())
            .set("measure", one.measure.map_or("", |m| m.code()))
            .set("source", source.clone())
            .set("window", window.clone())
            .set("shown_by", later.clone())
            .set("revision", one.revision.to_string())
    });
    let both = !window.is_empty() && !later.is_empty();
    let mut found = OnePage::new(page, form, choices);
    found.source = source_of(&found.page, &source, &window);
    found.reference = one.reference().to_string();
    found.shown = row.as_ref().map_or("", |r| r.shown);
    found.tone = row.as_ref().map_or("", |r| r.tone);
    if both {
        found.side_by_side = format!("/admin/insights?windows={window},{later}");
    }
    Ok(found)
}

/// `GET /admin/improvements/{reference}`
pub async fn show(
    app: web::Data<App>,
    _staff: Viewer,
    request: HttpRequest,
    visitor: Visitor,
    path: web::Path<String>,
    query: Query,
) -> Result<HttpResponse, Failure> {
    let id = reference(&path)?.0;
    let mut page = page_of(&app, &request, &visitor, id, None).await?;
    page.done = query.done(&["added", "saved"]);
    private_page(&page)
}

/// `POST /admin/improvements/{reference}`
pub async fn change(
    app: web::Data<App>,
    request: HttpRequest,
    visitor: Visitor,
    path: web::Path<String>,
    guard: Support,
    form: Form,
) -> Result<HttpResponse, Failure> {
    let id = reference(&path)?.0;
    // What it came from does not change.
    let typed = ImprovementInput { source: String::new(), ..input(&form) };
    let seen = form.get("revision").parse().ok();
    let outcome = match ImprovementDraft::parse(&typed) {
        Ok(draft) => {
            let actor = guard.0.clone();
            app.store.write(move |w| store::change(w, &actor, id, seen, &draft)).await.map(|_| ())
        }
        Err(errors) => app.store.read(move |c| store::by_id(c, id)).await.and(Err(Error::Invalid(errors))),
    };
    match outcome {
        Ok(()) => Ok(see_other(&format!("/admin/improvements/{}?done=saved", ImprovementReference(id)))),
        Err(Error::Invalid(errors)) => {
            let page = page_of(&app, &request, &visitor, id, Some(form)).await?;
            form_again(&OnePage { errors, ..page })
        }
        Err(Error::Stale) => {
            let now = app.store.read(move |c| store::by_id(c, id)).await?;
            let form = form.set("revision", now.revision.to_string());
            let page = page_of(&app, &request, &visitor, id, Some(form)).await?;
            form_again(&OnePage { stale: true, ..page })
        }
        Err(error) => Err(error.into()),
    }
}

/// `POST /admin/improvements/{reference}/remove`, confirmed by typing the reference.
pub async fn remove(
    app: web::Data<App>,
    request: HttpRequest,
    visitor: Visitor,
    path: web::Path<String>,
    form: Form,
    guard: Operator,
) -> Result<HttpResponse, Failure> {
    let id = reference(&path)?.0;
    let one = app.store.read(move |c| store::by_id(c, id)).await?;
    let (page, name) = (Page::bare(&request, &visitor), one.reference().to_string());
    let act = Final {
        title: page.with("confirm-improvement", [("reference", &name)]),
        says: vec![page.with("confirm-improvement-says", [("title", &one.title)])],
        quotes: one.detail.into_iter().collect(),
        back: format!("/admin/improvements/{name}"),
        word: name,
        button: page.t("improvement-remove"),
    };
    if let Some(asked) = act.unless_typed(page, &form)? {
        return Ok(asked);
    }
    app.store.write(move |w| store::remove(w, &guard.0, id)).await?;
    Ok(see_other("/admin/improvements?done=removed"))
}
