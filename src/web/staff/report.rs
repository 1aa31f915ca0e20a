//! One report: what was said, what happened to it, and triage.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::marks::{self, Piece};
use super::report_known::{self, KnownPanel};
use super::{Offer, codes};
use crate::domain::fields::{FieldError, FieldErrors};
use crate::domain::instant::Instant;
use crate::domain::line::{Block, COMMENT_MAX};
use crate::domain::reference::ReportReference;
use crate::domain::report::{Severity, Status};
use crate::domain::search_tokens::Needle;
use crate::domain::zone::Zone;
use crate::store::connection::Db;
use crate::store::reports::events::{self, Event, EventKind};
use crate::store::reports::images::{self, ImageInfo};
use crate::store::reports::list::{self, Listed};
use crate::store::reports::{by_reference, triage};
use crate::store::{Error, Result as StoreResult};
use crate::web::app::App;
use crate::web::failure::Failure;
use crate::web::form::{Form, Query};
use crate::web::page::{Page, form_again, private_page, see_other};
use crate::web::visitor::{Support, Viewer, Visitor};

/// One act in the history of a report: everything that one person did at once.
struct Act {
    who: String,
    at: Instant,
    lines: Vec<Line>,
}

/// One thing that was done.
struct Line {
    /// The class of a badge, or nothing.
    class: String,
    label: String,
    /// What was written, if anything.
    text: String,
}

/// A field that somebody else changed while this was typed: what it is now.
struct Now {
    field: &'static str,
    label: String,
}

#[derive(Template)]
#[template(path = "staff/report.html")]
struct ReportPage {
    page: Page,
    form: Form,
    errors: FieldErrors,
    done: bool,
    /// Somebody else changed the report while this was typed.
    stale: bool,
    /// What others did in the meantime.
    meanwhile: Vec<Act>,
    now: Vec<Now>,
    report: Listed,
    window_title: String,
    filed_under_title: String,
    component: String,
    entered_by: String,
    /// The sender's clock at the time of the report, if it differs from the service's.
    senders_time: String,
    history: Vec<Act>,
    /// The pictures that the reporter added.
    images: Vec<ImageInfo>,
    statuses: Vec<Offer>,
    severities: Vec<Offer>,
    assignees: Vec<Offer>,
    /// The known issue behind it, and reports like it.
    known: KnownPanel,
    /// The query of the list that one came from.
    list: String,
    /// What was looked for in that list.
    looked_for: Needle,
    last_event: i64,
}

impl ReportPage {
    /// A text with what was looked for in the list marked.
    fn pieces(&self, text: &str) -> Vec<Piece> {
        marks::pieces(&self.looked_for, text)
    }

    /// That a field was changed by somebody else and what it is now, or nothing.
    fn is_now(&self, field: &str) -> &str {
        self.now.iter().find(|n| n.field == field).map_or("", |n| n.label.as_str())
    }

    fn status(&self) -> &'static str {
        self.report.report.status.code()
    }

    fn severity(&self) -> &'static str {
        self.report.report.severity.map_or("", |s| s.code())
    }

    fn assignee(&self) -> &str {
        self.report.assignee.as_deref().unwrap_or_default()
    }

    /// The caller's number as a telephone takes it.
    fn tel(&self, phone: &str) -> String {
        let number = phone.split(['转', 'e', 'x', '#']).next().unwrap_or_default();
        number.chars().filter(|c| c.is_ascii_digit() || *c == '+').collect()
    }

    /// The address of this page, leading back to the list that one came from.
    fn address(&self) -> String {
        address(self.report.report.reference(), &self.list)
    }
}

fn address(reference: ReportReference, list: &str) -> String {
    let pairs: &[(&str, &str)] = if list.is_empty() { &[] } else { &[("list", list)] };
    let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
    if query.is_empty() {
        format!("/admin/reports/{reference}")
    } else {
        format!("/admin/reports/{reference}?{query}")
    }
}

/// A report as it is in the database, with everything that its page names.
struct Loaded {
    report: Listed,
    events: Vec<Event>,
    names: std::collections::HashMap<i64, String>,
    supporters: Vec<String>,
    images: Vec<ImageInfo>,
    known: report_known::Loaded,
}

fn load(connection: &mut Db, reference: ReportReference) -> StoreResult<Loaded> {
    let report = by_reference(connection, reference)?;
    let events = events::list(connection, report.id)?;
    let authors = events.iter().map(|e| e.author_id).chain([report.entered_by]);
    let names = list::people_names(connection, authors)?;
    let supporters = triage::supporters(connection)?;
    let images = images::list(connection, report.id)?;
    let known = report_known::load(connection, &report)?;
    Ok(Loaded { report: list::listed(connection, report)?, events, names, supporters, images, known })
}

/// What is shown beside the report itself.
#[derive(Default)]
struct Shown {
    form: Form,
    errors: FieldErrors,
    done: bool,
    /// The last event that was seen, if somebody else changed the report since.
    seen: Option<i64>,
    list: String,
}

fn view(app: &App, page: Page, loaded: Loaded, shown: Shown) -> ReportPage {
    let Loaded { report, events, names, supporters, images, known } = loaded;
    let (language, default) = (page.language(), app.settings().default_language);
    let fact = &report.report;
    let form = shown.form;
    let typed =
        |name: &str, now: &str| if form.has(name) { form.get(name).to_owned() } else { now.to_owned() };
    let status = typed("status", fact.status.code());
    let severity = typed("severity", fact.severity.map_or("", |s| s.code()));
    let assignee = typed("assignee", report.assignee.as_deref().unwrap_or_default());
    let possible = Status::ALL.iter().filter(|s| **s == fact.status || fact.status.may_become(**s));
    let mut severities = codes(&page, "severity", Severity::ALL.iter().map(|s| s.code()), &severity);
    severities.insert(0, Offer::new("", page.t("queue-no-severity"), &severity));
    let mut assignees: Vec<Offer> =
        supporters.iter().map(|name| Offer::new(name, name.clone(), &assignee)).collect();
    assignees.insert(0, Offer::new("", page.t("report-nobody"), &assignee));
    if assignees.iter().all(|o| !o.selected) {
        assignees.push(Offer::new(&assignee, assignee.clone(), &assignee));
    }
    let mut now = Vec::new();
    if shown.seen.is_some() {
        let mut differs = |field: &'static str, typed: &str, is: &str, label: String| {
            if typed != is {
                now.push(Now { field, label: page.with("report-is-now", [("value", &label)]) });
            }
        };
        differs("status", &status, fact.status.code(), page.word("status", fact.status.code()));
        let is = fact.severity.map_or("", |s| s.code());
        let label = if is.is_empty() { page.t("queue-no-severity") } else { page.word("severity", is) };
        differs("severity", &severity, is, label);
        let is = report.assignee.as_deref().unwrap_or_default();
        differs(
            "assignee",
            &assignee,
            is,
            if is.is_empty() { page.t("report-nobody") } else { is.to_owned() },
        );
    }
    let meanwhile: Vec<&Event> =
        shown.seen.map_or_else(Vec::new, |seen| events.iter().filter(|e| e.id > seen).collect());
    let title = |name: &Option<list::WindowName>| {
        name.as_ref().map(|w| w.label(language, default).to_owned()).unwrap_or_default()
    };
    ReportPage {
        stale: shown.seen.is_some(),
        meanwhile: acts(&page, &names, meanwhile.into_iter()),
        now,
        window_title: title(&report.window),
        filed_under_title: title(&report.filed_under),
        component: report
            .component
            .as_ref()
            .map(|c| c.label(language, default).to_owned())
            .unwrap_or_default(),
        entered_by: match fact.entered_by.and_then(|id| names.get(&id)) {
            Some(name) => page.with("report-entered-by", [("name", name)]),
            None => String::new(),
        },
        senders_time: senders_time(&page, fact.occurred_at, fact.time_zone.as_deref()),
        history: {
            let mut history = acts(&page, &names, events.iter());
            history.reverse();
            history
        },
        known: KnownPanel::of(&page, known, default),
        statuses: codes(&page, "status", possible.map(|s| s.code()), &status),
        severities,
        assignees,
        images,
        last_event: events.last().map_or(0, |e| e.id),
        looked_for: Needle::of_text(Query::parse(&shown.list).unwrap_or_default().get("q")),
        list: shown.list,
        done: shown.done,
        errors: shown.errors,
        form,
        report,
        page,
    }
}

/// What the sender's clock showed, if it differs from the service's at that moment.
fn senders_time(page: &Page, at: Option<Instant>, zone: Option<&str>) -> String {
    let (Some(at), Some(Ok(zone))) = (at, zone.map(str::parse::<Zone>)) else { return String::new() };
    if zone.offset_seconds(at) == page.zone.offset_seconds(at) {
        return String::new();
    }
    format!("{} ({}, {})", zone.local(at).format("%Y-%m-%d %H:%M"), zone.name(), zone.offset_label(at))
}

/// Events as acts: what one person did at one moment is one act.
fn acts<'a>(
    page: &Page,
    names: &std::collections::HashMap<i64, String>,
    events: impl Iterator<Item = &'a Event>,
) -> Vec<Act> {
    let mut acts: Vec<Act> = Vec::new();
    for event in events {
        let by_reporter = matches!(
            event.kind,
            EventKind::Received
                | EventKind::Message
                | EventKind::Verdict
                | EventKind::Contact
                | EventKind::Image
                | EventKind::Erased
        );
        let who = match event.author_id.and_then(|id| names.get(&id)) {
            Some(name) => name.clone(),
            None if by_reporter => page.t("history-reporter"),
            None => page.t("history-system"),
        };
        let line = line(page, event);
        match acts.last_mut() {
            Some(act) if act.who == who && act.at == event.at => act.lines.push(line),
            _ => acts.push(Act { who, at: event.at, lines: vec![line] }),
        }
    }
    acts
}

fn line(page: &Page, event: &Event) -> Line {
    let (was, became) = (event.was.as_deref(), event.became.as_deref());
    let text = event.content.clone().unwrap_or_default();
    let plain = |key: &str| Line { class: String::new(), label: page.t(key), text: text.clone() };
    let changed = |key: &str, was: String, became: String| Line {
        class: String::new(),
        label: page.with(key, [("was", &was), ("became", &became)]),
        text: text.clone(),
    };
    match event.kind {
        EventKind::Received => plain("history-received"),
        EventKind::Status => match became.and_then(Status::from_code) {
            Some(status) => Line {
                class: format!("status-{}", status.code()),
                label: page.word("status", status.code()),
                text: text.clone(),
            },
            None => plain("history-status"),
        },
        EventKind::Severity => {
            let word = |code: Option<&str>| match code.and_then(Severity::from_code) {
                Some(severity) => page.word("severity", severity.code()),
                None => page.t("queue-no-severity"),
            };
            changed("history-severity", word(was), word(became))
        }
        EventKind::Assignee => {
            let name = |name: Option<&str>| name.map_or_else(|| page.t("report-nobody"), str::to_owned);
            changed("history-assignee", name(was), name(became))
        }
        EventKind::Attribution => changed("history-attribution", place(page, was), place(page, became)),
        EventKind::Note => plain("history-note"),
        EventKind::Answer => plain("history-answer"),
        EventKind::Message => plain("history-message"),
        EventKind::Verdict => match became {
            Some("fixed") => plain("verdict-fixed"),
            _ => plain("verdict-not-fixed"),
        },
        EventKind::Contact => plain("history-contact"),
        EventKind::Image if became == Some("removed") => plain("history-image-removed"),
        EventKind::Image => plain("history-image"),
        EventKind::Erased => plain("history-erased"),
        EventKind::KnownIssue => match became {
            Some(_) => plain("history-known-issue"),
            None => plain("history-no-known-issue"),
        },
    }
}

/// `slug/stage` in words.
fn place(page: &Page, place: Option<&str>) -> String {
    let Some(place) = place else { return page.t("queue-outside") };
    match place.split_once('/') {
        Some((slug, stage)) if !stage.is_empty() => format!("{slug} · {}", page.word("stage", stage)),
        Some((slug, _)) => slug.to_owned(),
        None => place.to_owned(),
    }
}

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
    let reference = reference(&path)?;
    let loaded = app.store.read(move |c| load(c, reference)).await?;
    let shown = Shown { done: query.has("done"), list: query.get("list").to_owned(), ..Shown::default() };
    private_page(&view(&app, Page::bare(&request, &visitor), loaded, shown))
}

/// The field if it is not as the form first showed it.
fn changed<'a>(form: &'a Form, name: &str, was: &str) -> Option<&'a str> {
    (form.has(name) && form.get(name) != form.get(was)).then(|| form.get(name))
}

/// What the form asks for: only what is not as the form first showed it.
fn asked(form: &Form) -> Result<(Option<i64>, triage::Changes), FieldErrors> {
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
    let assignee = changed(form, "assignee", "was_assignee")
        .map(|name| if name.is_empty() { None } else { Some(name.to_owned()) });
    let note = errors.keep(Block::optional("note", form.get("note"), COMMENT_MAX)).flatten();
    let answer = match form.has("answer") {
        true => errors.keep(Block::required("answer", form.get("answer"), COMMENT_MAX)),
        false => None,
    };
    let changes = triage::Changes { status, severity, assignee, note, answer };
    errors.or((form.get("revision").parse().ok(), changes))
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
    let reference = reference(&path)?;
    let list = query.get("list").to_owned();
    let outcome = match asked(&form) {
        Ok((revision, changes)) => {
            let actor = guard.0.clone();
            app.store.write(move |w| triage::change(w, &actor, reference.0, revision, &changes)).await
        }
        Err(errors) => {
            // Whether there is such a report comes before what is wrong with the form.
            app.store.read(move |c| by_reference(c, reference)).await.and(Err(Error::Invalid(errors)))
        }
    };
    let (errors, stale) = match outcome {
        Ok(_) => {
            let back = address(reference, &list);
            let sign = if back.contains('?') { '&' } else { '?' };
            return Ok(see_other(&format!("{back}{sign}done=1")));
        }
        Err(Error::Stale) => (FieldErrors::new(), true),
        Err(Error::Invalid(errors)) => (errors, false),
        Err(Error::Conflict { code, params }) if code == "status-move" || code == "report-erased" => {
            let field = if code == "status-move" { "status" } else { "answer" };
            (FieldErrors(vec![FieldError { field: field.to_owned(), code, params }]), false)
        }
        Err(error) => return Err(error.into()),
    };
    let loaded = app.store.read(move |c| load(c, reference)).await?;
    let page = Page::bare(&request, &visitor);
    if !stale {
        return form_again(&view(&app, page, loaded, Shown { form, errors, list, ..Shown::default() }));
    }
    let seen = Some(form.get("seen").parse().unwrap_or(i64::MAX));
    let form = untouched_gone(form);
    let mut answer = form_again(&view(&app, page, loaded, Shown { form, list, seen, ..Shown::default() }))?;
    *answer.status_mut() = StatusCode::CONFLICT;
    Ok(answer)
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
