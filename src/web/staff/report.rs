//! One report: what was said, what happened to it, and triage; on a page of its own or in the pane
//! beside the queue.

mod page;

use actix_web::{HttpRequest, HttpResponse, web};

use super::report_known::Chosen;
use crate::domain::fields::{FieldError, FieldErrors};
use crate::domain::line::{Block, COMMENT_MAX};
use crate::domain::reference::ReportReference;
use crate::domain::report::{Severity, Status};
use crate::store::Error;
use crate::store::people::Actor;
use crate::store::reports::{by_reference, triage};
use crate::web::app::App;
use crate::web::failure::Failure;
use crate::web::form::{Form, Query};
use crate::web::once::Once;
use crate::web::page::{Page, conflict_page, form_again, private_page, see_other};
use crate::web::visitor::{Support, Viewer, Visitor};
pub(super) use page::Pane;
use page::{Shown, address, load, load_with, view};

fn reference(path: &str) -> Result<ReportReference, Failure> {
    ReportReference::parse(path).ok_or(Failure::NOT_FOUND)
}

/// `GET /admin/reports/{reference}`
pub async fn show(
    app: web::Data<App>,
    request: HttpRequest,
    visitor: Visitor,
    path: web::Path<String>,
    query: Query,
    _guard: Viewer,
) -> Result<HttpResponse, Failure> {
    let (reference, now) = (reference(&path)?, app.now());
    let loaded = app.store.read(move |c| load(c, reference, now)).await?;
    let shown = Shown { done: query.has("done"), list: query.get("list").to_owned(), ..Shown::default() };
    private_page(&view(&app, Page::bare(&request, &visitor), loaded, shown)?)
}

/// The field if it is not as the form first showed it.
fn changed<'a>(form: &'a Form, name: &str, was: &str) -> Option<&'a str> {
    (form.has(name) && form.get(name) != form.get(was)).then(|| form.get(name))
}

/// Who presses the button. No person can have this name, for it has a blank in it.
const ME: &str = "- me";

/// What the form asks for: only what is not as the form first showed it.
fn asked(form: &Form, actor: &Actor) -> Result<(Option<i64>, triage::Changes), FieldErrors> {
    let mut errors = FieldErrors::new();
    let unknown = |field: &str| FieldErrors::one(field, "unknown-code");
    let status = match changed(form, "status", "was_status") {
        None | Some("") => None,
        Some(code) => errors.keep(Status::from_code(code).ok_or_else(|| unknown("status"))),
    };
    let severity = match changed(form, "severity", "was_severity") {
        None => None,
        Some("") => Some(None),
        Some(code) => errors.keep(Severity::from_code(code).map(Some).ok_or_else(|| unknown("severity"))),
    };
    let assignee = match changed(form, "assignee", "was_assignee") {
        None => None,
        Some("") => Some(None),
        // What the button "assign to me" sends.
        Some(ME) => Some(Some(match actor {
            Actor::Person { name, .. } => name.clone(),
            _ => ME.to_owned(),
        })),
        Some(name) => Some(Some(name.to_owned())),
    };
    let note = errors.keep(Block::optional("note", form.get("note"), COMMENT_MAX)).flatten();
    let answer = match form.has("answer") {
        true => errors.keep(Block::required("answer", form.get("answer"), COMMENT_MAX)),
        false => None,
    };
    let duplicate_of = errors.keep(ReportReference::of_original(form.get("duplicate_of"))).flatten();
    let heard = form.has("heard");
    let changes = triage::Changes { status, severity, assignee, duplicate_of, note, answer, heard };
    errors.or((form.get("revision").parse().ok(), changes))
}

/// Where the reader goes after a change: back to the page of the report, or to the queue with the
/// report beside it.
fn back(reference: ReportReference, list: &str, pane: bool) -> String {
    if pane {
        let sign = if list.is_empty() { "" } else { "&" };
        return format!("/admin/reports?{list}{sign}open={reference}&done=1");
    }
    let back = address(reference, list);
    let sign = if back.contains('?') { '&' } else { '?' };
    format!("{back}{sign}done=1")
}

/// `POST /admin/reports/{reference}`
pub async fn change(
    app: web::Data<App>,
    request: HttpRequest,
    visitor: Visitor,
    path: web::Path<String>,
    query: Query,
    guard: Support,
    form: Form,
) -> Result<HttpResponse, Failure> {
    let (reference, now) = (reference(&path)?, app.now());
    let (list, pane) = (list_of(query.get("list")), form.has("pane"));
    if form.has("insert") {
        return insert(&app, &request, &visitor, reference, form, list).await;
    }
    let outcome = match Once::of_form(&form).and_then(|once| Ok((once, asked(&form, &guard.0)?))) {
        Ok((once, (revision, changes))) => {
            let actor = guard.0.clone();
            app.store
                .write(move |w| {
                    // Pressed twice, it is no conflict with oneself.
                    once.act(w, &format!("triage {reference}"), |w| {
                        triage::change(w, &actor, reference.0, revision, &changes).map(drop)
                    })
                })
                .await
        }
        Err(errors) => {
            // Whether there is such a report comes before what is wrong with the form.
            app.store.read(move |c| by_reference(c, reference)).await.and(Err(Error::Invalid(errors)))
        }
    };
    let (errors, stale) = match outcome {
        Ok(_) => return Ok(see_other(&back(reference, &list, pane))),
        // Gone back, changed and sent again: the report is another by now.
        Err(Error::Stale | Error::KeyReused) => (FieldErrors::new(), true),
        Err(Error::Invalid(errors)) => (errors, false),
        Err(Error::Conflict { code, params }) if code == "status-move" || code == "report-erased" => {
            let field = if code == "status-move" { "status" } else { "answer" };
            (FieldErrors(vec![FieldError { field: field.to_owned(), code, params }]), false)
        }
        Err(error) => return Err(error.into()),
    };
    let loaded = app.store.read(move |c| load(c, reference, now)).await?;
    let page = Page::bare(&request, &visitor);
    // The script takes the report alone out of the answer and puts it beside the queue again.
    let pane = pane && request.headers().contains_key("x-pane");
    if !stale {
        let shown = Shown { form, errors, list, pane, ..Shown::default() };
        return form_again(&view(&app, page, loaded, shown)?);
    }
    let seen = Some(form.get("seen").parse().unwrap_or(i64::MAX));
    let form = untouched_gone(form);
    let shown = Shown { form, list, seen, pane, ..Shown::default() };
    conflict_page(&view(&app, page, loaded, shown)?)
}

/// The page of a report whose known issue somebody else was faster to change, with what was chosen.
pub(super) async fn overtaken(
    app: &App,
    request: &HttpRequest,
    visitor: &Visitor,
    reference: ReportReference,
    form: Form,
) -> Result<HttpResponse, Failure> {
    let (now, chosen) = (app.now(), Chosen::of(reference, &form));
    let loaded = app.store.read(move |c| load_with(c, reference, now, &chosen)).await?;
    let seen = Some(form.get("seen").parse().unwrap_or(i64::MAX));
    let shown = Shown { form, seen, ..Shown::default() };
    conflict_page(&view(app, Page::bare(request, visitor), loaded, shown)?)
}

/// The query of a list as it was, or nothing if it is none of ours.
fn list_of(text: &str) -> String {
    let pairs = form_urlencoded::parse(text.as_bytes());
    form_urlencoded::Serializer::new(String::new())
        .extend_pairs(pairs.filter(|(name, _)| name != "open" && name != "done"))
        .finish()
}

/// The report again, with a canned answer put behind what was typed so far: what the button does
/// where there is no script.
async fn insert(
    app: &App,
    request: &HttpRequest,
    visitor: &Visitor,
    reference: ReportReference,
    form: Form,
    list: String,
) -> Result<HttpResponse, Failure> {
    let now = app.now();
    let loaded = app.store.read(move |c| load(c, reference, now)).await?;
    let default = app.settings().default_language;
    let chosen = form.get("canned").parse().ok();
    let text = chosen.and_then(|row| loaded.canned(row, default));
    let typed = form.get("answer").trim_end();
    let answer = match text {
        Some(text) if typed.is_empty() => text,
        Some(text) => format!("{typed}\n\n{text}"),
        None => typed.to_owned(),
    };
    let form = form.set("answer", answer);
    private_page(&view(app, Page::bare(request, visitor), loaded, Shown { form, list, ..Shown::default() })?)
}

/// The form without the choices that were not touched: those follow what others did.
fn untouched_gone(form: Form) -> Form {
    let touched = |name: &str| match name {
        "status" => changed(&form, "status", "was_status").is_some(),
        "severity" => changed(&form, "severity", "was_severity").is_some(),
        "assignee" => changed(&form, "assignee", "was_assignee").is_some(),
        _ => true,
    };
    form.pairs()
        .iter()
        .filter(|(name, _)| touched(name))
        .fold(Form::default(), |kept, (name, value)| kept.set(name, value.clone()))
}
