//! Who did what: the audit rows, newest first, by who, what, which thing and when; and as a file.

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use crate::domain::fields::FieldErrors;
use crate::domain::person::Role;
use crate::domain::report_filter::Filter;
use crate::export::{Cell, Column, Format, Style, rows_into};
use crate::store::audit::{self, AuditFilter, AuditRow, Wanted};
use crate::web::app::App;
use crate::web::failure::Failure;
use crate::web::form::{Form, Query};
use crate::web::page::{Page, form_again, private_page};
use crate::web::stream;
use crate::web::visitor::{Administrator, Visitor};

/// How many rows a page shows.
const SHOWN: i64 = 50;
/// How many rows of a file are read at once.
const READ: i64 = 1_000;
/// The fields of the filter.
const FIELDS: &[&str] = &["who", "what", "thing", "from", "to"];

/// A choice of the filter: its value and its words.
struct Choice {
    value: String,
    words: String,
}

#[derive(Template)]
#[template(path = "audit.html")]
struct AuditPage {
    page: Page,
    form: Form,
    errors: FieldErrors,
    actors: Vec<Choice>,
    actions: Vec<Choice>,
    rows: Vec<AuditRow>,
    /// The filter as a query, without what only turns pages; empty if everything is shown.
    query: String,
    /// The query of the next page, if there is one.
    next: Option<String>,
    first: bool,
}

/// Who did it, in the reader's words.
fn actor_words(page: &Page, actor: &str) -> String {
    match actor.split_once(':') {
        Some(("person", name)) => name.to_owned(),
        Some(("token", name)) => page.with("audit-token", [("name", name)]),
        _ => match actor {
            "clock" => page.t("audit-clock"),
            "provider" => page.t("audit-provider"),
            "reporter" => page.t("audit-reporter"),
            "unknown" => page.t("audit-unknown"),
            _ => page.t("audit-command-line"),
        },
    }
}

/// What was done, in the reader's words.
fn action_words(page: &Page, action: &str) -> String {
    page.word("action", &action.replace('.', "-"))
}

impl AuditPage {
    fn action(&self, row: &AuditRow) -> String {
        action_words(&self.page, &row.action)
    }

    fn actor(&self, row: &AuditRow) -> String {
        actor_words(&self.page, &row.actor)
    }

    /// What a row says beside the thing, in the reader's words where it is made of codes; files say it as it
    /// is kept.
    fn detail(&self, row: &AuditRow) -> String {
        let page = &self.page;
        match row.action.as_str() {
            "login" if ["password", "code", "recovery", "provider"].contains(&row.detail.as_str()) => {
                page.word("login-by", &row.detail)
            }
            "person.add" | "person.role" | "invitation.create" | "invitation.accept"
                if Role::from_code(&row.detail).is_some() =>
            {
                page.word("role", &row.detail)
            }
            _ => row.detail.clone(),
        }
    }

    fn is(&self, field: &str, value: &str) -> bool {
        self.form.get(field) == value
    }
}

fn wanted(text: &str) -> Option<Wanted> {
    match (text, text.strip_suffix('*')) {
        ("" | "*", _) => None,
        (_, Some(start)) => Some(Wanted::Begins(start.to_owned())),
        (text, None) => Some(Wanted::Is(text.to_owned())),
    }
}

/// The filter in a query. Times are read as everywhere else. Errors: `too-long`, and those of times.
fn filter(query: &Query, page: &Page, app: &App) -> Result<AuditFilter, FieldErrors> {
    let mut errors = FieldErrors::new();
    let get = |field: &str| query.get(field).trim().to_owned();
    for field in ["who", "what", "thing"] {
        if let Some((code, params)) = crate::domain::line::text_problem(&get(field), 200, false) {
            errors.0.push(crate::domain::fields::FieldError { field: field.to_owned(), code, params });
        }
    }
    let times: Vec<(String, String)> =
        ["from", "to"].iter().map(|field| ((*field).to_owned(), get(field))).collect();
    let times = errors.keep(Filter::parse(&times, page.zone, app.now())).unwrap_or_default();
    errors.or(AuditFilter {
        actor: Some(get("who")).filter(|who| !who.is_empty()),
        action: wanted(&get("what")),
        thing: wanted(&get("thing")),
        from: times.from,
        to: times.to,
    })
}

/// The fields of the filter that say something, as a query.
fn written(query: &Query) -> String {
    let mut out = form_urlencoded::Serializer::new(String::new());
    for field in FIELDS {
        let value = query.get(field).trim();
        if !value.is_empty() {
            out.append_pair(field, value);
        }
    }
    out.finish()
}

/// `GET /admin/audit[?who=&what=&thing=&from=&to=&before=id]`
pub async fn list(
    app: web::Data<App>,
    request: HttpRequest,
    visitor: Visitor,
    query: Query,
    _guard: Administrator,
) -> Result<HttpResponse, Failure> {
    let query = query.only(&["who", "what", "thing", "from", "to", "before"])?;
    let before = match query.get("before") {
        "" => None,
        typed => Some(typed.parse::<i64>().map_err(|_| FieldErrors::one("before", "bad-cursor"))?),
    };
    let page = Page::bare(&request, &visitor);
    let asked = filter(&query, &page, &app);
    let (looked_for, errors) = match asked {
        Ok(filter) => (Some(filter), FieldErrors::new()),
        Err(errors) => (None, errors),
    };
    let read = app.store.read(move |c| {
        let rows = match &looked_for {
            Some(filter) => audit::find(c, filter, before, SHOWN + 1)?,
            None => Vec::new(),
        };
        Ok((rows, audit::occurring(c)?))
    });
    let (mut rows, (actors, actions)) = read.await?;
    let more = rows.len() > SHOWN as usize;
    rows.truncate(SHOWN as usize);
    let written = written(&query);
    let next = rows.last().filter(|_| more).map(|row| match written.as_str() {
        "" => format!("before={}", row.id),
        written => format!("{written}&before={}", row.id),
    });
    let form = FIELDS.iter().fold(Form::default(), |form, field| form.set(field, query.get(field)));
    let choices = |values: Vec<String>, words: fn(&Page, &str) -> String| -> Vec<Choice> {
        let mut choices: Vec<Choice> =
            values.into_iter().map(|value| Choice { words: words(&page, &value), value }).collect();
        choices.sort_by(|a, b| a.words.cmp(&b.words));
        choices
    };
    let (actors, actions) = (choices(actors, actor_words), choices(actions, action_words));
    let wrong = !errors.is_empty();
    let first = before.is_none();
    let page = AuditPage { page, form, errors, actors, actions, rows, query: written, next, first };
    if wrong { form_again(&page) } else { private_page(&page) }
}

/// `GET /admin/audit/audit.csv` and `.jsonl`, with the same filter: oldest facts last, as the page shows
/// them, codes and UTC. That it was exported is noted as well.
pub async fn export(
    app: web::Data<App>,
    request: HttpRequest,
    visitor: Visitor,
    file: web::Path<String>,
    query: Query,
    Administrator(actor): Administrator,
) -> Result<HttpResponse, Failure> {
    let format = match file.as_str() {
        "audit.csv" => Format::Csv,
        "audit.jsonl" => Format::JsonLines,
        _ => return Err(Failure::NOT_FOUND),
    };
    let query = query.only(FIELDS)?;
    let page = Page::bare(&request, &visitor);
    let (filter, detail) = (filter(&query, &page, &app)?, written(&query));
    let store = app.store.clone();
    let body = stream::from_thread("audit", move |out| {
        let mut rows = rows_into(out, format, Style::Machine, page.zone)?;
        rows.begin(&["id", "at", "actor", "action", "thing", "detail"].map(|name| Column::new(name, 20)))?;
        let mut count = 0;
        store.snapshot(|c| {
            let mut before = None;
            loop {
                let found = audit::find(c, &filter, before, READ)?;
                before = found.last().map(|row| row.id);
                count += found.len();
                for row in found {
                    rows.row(vec![
                        Cell::Number(row.id),
                        Cell::Time(row.at),
                        Cell::Text(row.actor),
                        Cell::Word(row.action),
                        Cell::Text(row.thing),
                        Cell::Text(row.detail),
                    ])?;
                }
                if before.is_none() {
                    return Ok(());
                }
            }
        })?;
        rows.finish()?;
        // The reader sees the end only after it is noted who read.
        let detail = format!("{format}; filter: {detail}; {count} rows");
        store.write_here(move |w| audit::note(w, &actor, "audit.export", "", &detail))
    })?;
    Ok(HttpResponse::Ok()
        .content_type(format.media_type())
        .insert_header((header::CONTENT_DISPOSITION, format!("attachment; filename=\"{file}\"")))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .streaming(body))
}
