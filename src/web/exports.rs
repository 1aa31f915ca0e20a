//! Exports: the page where one is chosen, and the download, which the programming interface shares.

use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use crate::domain::fields::FieldErrors;
use crate::domain::language::Language;
use crate::domain::report_filter::{Choice, Filter};
use crate::domain::window::Slug;
use crate::export::evidence::{self, Evidence};
use crate::export::{self, Format, Request, Style, Subject};
use crate::store::error::Error;
use crate::store::people::Actor;
use crate::store::reports::list::Sort;
use crate::store::{export_rows, windows};
use crate::web::app::App;
use crate::web::failure::Failure;
use crate::web::form::{Form, Query};
use crate::web::page::{Page, form_again, private_page, see_other};
use crate::web::plots;
use crate::web::stream;
use crate::web::visitor::{Support, Visitor};

/// How many windows the page offers; others are named by their slug.
const OFFERED: i64 = 300;

#[derive(Template)]
#[template(path = "exports.html")]
struct ExportsPage {
    page: Page,
    form: Form,
    errors: FieldErrors,
    /// Slug and title of the latest windows.
    windows: Vec<(String, String)>,
    subjects: &'static [Subject],
}

async fn page_with(
    app: &App,
    request: &HttpRequest,
    visitor: &Visitor,
    form: Form,
    errors: FieldErrors,
) -> Result<ExportsPage, Failure> {
    let (language, default) = (visitor.language, app.settings().default_language);
    let windows = app
        .store
        .read(move |c| {
            let latest = windows::list(c, &[], None, None, OFFERED)?;
            Ok(latest.iter().map(|w| (w.slug.to_string(), w.title(language, default))).collect())
        })
        .await?;
    Ok(ExportsPage { page: Page::bare(request, visitor), form, errors, windows, subjects: Subject::ALL })
}

/// `GET /admin/exports`
pub async fn choose(
    app: web::Data<App>,
    request: HttpRequest,
    visitor: Visitor,
    query: Query,
    _guard: Support,
) -> Result<HttpResponse, Failure> {
    let form = Form::default()
        .set("subject", "reports")
        .set("kind", "xlsx-sheet")
        .set("window", query.get("window"));
    private_page(&page_with(&app, &request, &visitor, form, FieldErrors::new()).await?)
}

/// Reads what the page's form sends into the address of the file.
fn address(form: &Form) -> Result<String, FieldErrors> {
    let mut errors = FieldErrors::new();
    let subject = Subject::from_code(form.get("subject"));
    if subject.is_none() {
        errors.add("subject", "unknown-code");
    }
    let (format, style) = match form.get("kind") {
        "xlsx-sheet" => (Format::Xlsx, Style::Sheet),
        "csv-sheet" => (Format::Csv, Style::Sheet),
        "csv-machine" => (Format::Csv, Style::Machine),
        "jsonl-machine" => (Format::JsonLines, Style::Machine),
        "xlsx-machine" => (Format::Xlsx, Style::Machine),
        _ => {
            errors.add("kind", "unknown-code");
            (Format::Csv, Style::Machine)
        }
    };
    let Some(subject) = subject.filter(|_| errors.is_empty()) else { return Err(errors) };
    let mut query = form_urlencoded::Serializer::new(String::new());
    if style == Style::Sheet {
        query.append_pair("style", style.code());
    }
    for name in ["window", "from", "to"] {
        let value = form.get(name).trim();
        if !value.is_empty() {
            query.append_pair(name, value);
        }
    }
    if form.has("contacts") && subject == Subject::Reports {
        query.append_pair("contacts", "true");
    }
    let query = query.finish();
    let mark = if query.is_empty() { "" } else { "?" };
    Ok(format!("/admin/exports/{subject}.{format}{mark}{query}"))
}

/// `POST /admin/exports`: leads to the file, or shows the form again.
pub async fn chosen(
    app: web::Data<App>,
    request: HttpRequest,
    visitor: Visitor,
    form: Form,
    _guard: Support,
) -> Result<HttpResponse, Failure> {
    let outcome = match address(&form) {
        Ok(address) => checked(&app, &visitor, &address).await.map(|()| address),
        Err(errors) => Err(Failure::from(errors)),
    };
    match outcome {
        Ok(address) => Ok(see_other(&address)),
        Err(Failure::Store(Error::Invalid(errors))) => {
            form_again(&page_with(&app, &request, &visitor, form, errors).await?)
        }
        Err(other) => Err(other),
    }
}

async fn checked(app: &App, visitor: &Visitor, address: &str) -> Result<(), Failure> {
    let (path, query) = address.split_once('?').unwrap_or((address, ""));
    let file = path.rsplit('/').next().unwrap_or_default();
    let asked = read(app, visitor.language, file, Query::parse(query)?)?;
    Ok(app.store.read(move |c| export::check(c, &asked)).await?)
}

/// What is asked for by `reports.xlsx` and a query.
fn read(app: &App, language: Language, file: &str, query: Query) -> Result<Request, Failure> {
    let (subject, format) = file.rsplit_once('.').ok_or(Failure::NOT_FOUND)?;
    let subject = Subject::from_code(subject).ok_or(Failure::NOT_FOUND)?;
    let format = Format::from_code(format).ok_or(Failure::NOT_FOUND)?;
    let sorted: &[&str] = if subject == Subject::Reports { &["sort"] } else { &[] };
    let own = ["style", "bom", "contacts"];
    let known: Vec<&str> = export::filter_fields(subject).iter().chain(&own).chain(sorted).copied().collect();
    let query = query.only(&known)?;
    let settings = app.settings();
    let zone = settings.time_zone;
    let mut errors = FieldErrors::new();
    let style = match query.get("style") {
        "" => Some(Style::Machine),
        code => Style::from_code(code),
    };
    if style.is_none() {
        errors.add("style", "unknown-code");
    }
    let mut flag = |name: &str, otherwise: bool| match query.get(name) {
        "" => otherwise,
        "true" | "1" => true,
        "false" | "0" => false,
        _ => {
            errors.add(name, "unknown-code");
            otherwise
        }
    };
    let (bom, contacts) = (flag("bom", true), flag("contacts", false));
    let filter = errors.keep(Filter::parse(query.pairs(), zone, app.now()));
    // Unless an order is asked for, the file begins with what came in first.
    let sort = errors.keep(match query.get("sort") {
        "" => Ok(Sort::Oldest),
        code => Sort::from_code(code).ok_or_else(|| FieldErrors::one("sort", "unknown-code")),
    });
    let (Some(style), Some(filter), Some(sort), true) = (style, filter, sort, errors.is_empty()) else {
        return Err(errors.into());
    };
    let default_language = settings.default_language;
    Ok(Request { subject, format, style, bom, contacts, filter, sort, language, default_language, zone })
}

/// `GET /admin/exports/{file}`: the file itself, as `GET /api/v1/exports/{file}` gives it.
pub async fn download(
    app: web::Data<App>,
    visitor: Visitor,
    file: web::Path<String>,
    query: Query,
    guard: Support,
) -> Result<HttpResponse, Failure> {
    if file.as_str() == "evidence.zip" {
        return evidence_of(&app, guard.0, visitor.language, query).await;
    }
    let mut asked = read(&app, visitor.language, &file, query)?;
    asked.filter.reader = guard.0.person_id();
    file_of(&app, guard.0, asked).await
}

/// The evidence of a window as an archive.
async fn evidence_of(
    app: &web::Data<App>,
    actor: Actor,
    language: Language,
    query: Query,
) -> Result<HttpResponse, Failure> {
    let query = query.only(&["window", "contacts"])?;
    let mut errors = FieldErrors::new();
    let window = errors.keep(match query.get("window") {
        "" => Err(FieldErrors::one("window", "required")),
        slug => Slug::parse("window", slug).map_err(|_| FieldErrors::one("window", "no-such-window")),
    });
    let contacts = errors.keep(match query.get("contacts") {
        "" | "false" | "0" => Ok(false),
        "true" | "1" => Ok(true),
        _ => Err(FieldErrors::one("contacts", "unknown-code")),
    });
    let (Some(window), Some(contacts)) = (window, contacts) else { return Err(errors.into()) };
    let slug = window.to_string();
    let known = app.store.read(move |c| windows::id_of(c, &slug)).await?;
    if known.is_none() {
        return Err(FieldErrors::one("window", "no-such-window").into());
    }
    let settings = app.settings();
    let zone = settings.time_zone;
    let name = format!("evidence-{}-{window}.zip", zone.local_date(app.now()).format("%Y%m%d"));
    let default_language = settings.default_language;
    let asked = Evidence { window, contacts, language, default_language, zone, by: actor.to_string() };
    if asked.contacts {
        let (actor, asked) = (actor.clone(), asked.clone());
        app.store.write(move |w| evidence::note_begun(w, &actor, &asked)).await?;
    }
    let store = app.store.clone();
    let body = stream::from_thread("evidence", move |out| {
        let mut rows = 0;
        let outcome = evidence::run(&store, &asked, &plots::files, out, &mut rows);
        let whole = outcome.is_ok();
        store.write_here(move |w| evidence::note(w, &actor, &asked, rows, whole))?;
        outcome
    })?;
    let disposition = HeaderValue::from_str(&export::content_disposition(&name, &name))
        .map_err(|e| Error::Internal(format!("a file name fits no header: {e}")))?;
    Ok(HttpResponse::Ok()
        .content_type("application/zip")
        .insert_header((header::CONTENT_DISPOSITION, disposition))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .streaming(body))
}

async fn file_of(app: &web::Data<App>, actor: Actor, asked: Request) -> Result<HttpResponse, Failure> {
    let looked = asked.clone();
    // What is wrong with the filter is said before the first byte; afterwards nothing can be.
    let title = app
        .store
        .read(move |c| {
            export::check(c, &looked)?;
            let Some(Choice::Is(slug)) = &looked.filter.window else { return Ok(None) };
            let Some(id) = windows::id_of(c, slug.as_str())? else { return Ok(None) };
            let titles = export_rows::titles(c)?;
            Ok(titles.get(&id).map(|t| t.text(looked.language, looked.default_language).to_owned()))
        })
        .await?;
    let now = app.now();
    let name = export::file_name(&asked, title.as_deref(), now);
    let plain = export::file_name(&Request { style: Style::Machine, ..asked.clone() }, None, now);
    let media_type = asked.format.media_type();
    if asked.contacts {
        let (actor, asked) = (actor.clone(), asked.clone());
        app.store.write(move |w| export::note_begun(w, &actor, &asked)).await?;
    }
    let store = app.store.clone();
    let body = stream::from_thread("export", move |out| {
        let mut rows = 0;
        let outcome = export::run(&store, &asked, out, &mut rows);
        let whole = outcome.is_ok();
        // The reader sees the end only after it is noted who read.
        store.write_here(move |w| export::note(w, &actor, &asked, rows, whole))?;
        outcome
    })?;
    let disposition = HeaderValue::from_str(&export::content_disposition(&name, &plain))
        .map_err(|e| Error::Internal(format!("a file name fits no header: {e}")))?;
    Ok(HttpResponse::Ok()
        .content_type(media_type)
        .insert_header((header::CONTENT_DISPOSITION, disposition))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .streaming(body))
}
