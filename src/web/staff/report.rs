//! One report: what was said, what happened to it, and triage; on a page of its own or in the pane
//! beside the queue.

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::history::{Act, acts};
use super::marks::{self, Piece};
use super::report_known::{self, Chosen, KnownPanel};
use super::{Offer, codes, reasons};
use crate::domain::fields::{FieldError, FieldErrors};
use crate::domain::instant::Instant;
use crate::domain::line::{Block, COMMENT_MAX};
use crate::domain::reference::ReportReference;
use crate::domain::report::{Severity, Status};
use crate::domain::search_tokens::Needle;
use crate::domain::targets::DueState;
use crate::domain::zone::Zone;
use crate::store::canned_answers::{self, CannedAnswer};
use crate::store::connection::Db;
use crate::store::people::Actor;
use crate::store::reports::events::{self, Event};
use crate::store::reports::images::{self, ImageInfo};
use crate::store::reports::list::{self, Listed};
use crate::store::reports::weigh::Scales;
use crate::store::reports::{by_reference, triage};
use crate::store::{Error, Result as StoreResult};
use crate::web::app::App;
use crate::web::failure::Failure;
use crate::web::form::{Form, Query};
use crate::web::once::Once;
use crate::web::page::{Page, conflict_page, form_again, private_page, see_other};
use crate::web::visitor::{Support, Viewer, Visitor};

/// A field that somebody else changed while this was typed: what it is now.
struct Now {
    field: &'static str,
    label: String,
}

#[derive(Template)]
#[template(path = "staff/report.html")]
struct ReportPage {
    page: Page,
    errors: FieldErrors,
    reference: String,
    /// The query of the list that one came from.
    list: String,
    /// The report itself.
    body: String,
}

/// A canned answer in the language that the reporter reads.
struct Canned {
    id: i64,
    label: String,
    text: String,
}

#[derive(Template)]
#[template(path = "staff/report_body.html")]
struct ReportBody {
    page: Page,
    /// It stands beside the queue.
    pane: bool,
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
    canned: Vec<Canned>,
    /// Why it is as urgent as it is.
    reasons: String,
    /// `overdue`, `soon`, or nothing.
    due: &'static str,
    duplicate_of: String,
    duplicates: Vec<ReportReference>,
    /// The reporter wrote after the last answer.
    wrote: bool,
    /// The query of the list that one came from.
    list: String,
    /// What was looked for in that list.
    looked_for: Needle,
    last_event: i64,
}

/// How many reports that repeat this one are named.
const DUPLICATES: i64 = 20;

impl ReportBody {
    /// A text with what was looked for in the list marked.
    fn pieces(&self, text: &str) -> Vec<Piece> {
        marks::pieces(&self.looked_for, text)
    }

    fn is_done(&self) -> bool {
        self.report.report.status.is_done()
    }

    /// Whether whoever reads this looks after it already, or is a program that cannot.
    fn is_mine(&self) -> bool {
        let person = self.page.actor.as_ref().and_then(|actor| actor.person_id());
        person.is_none() || self.report.report.assignee_id == person
    }

    fn may_become(&self, code: &str) -> bool {
        Status::from_code(code).is_some_and(|to| self.report.report.status.may_become(to))
    }

    fn language(&self) -> String {
        self.page.language_name(&self.report.report.language)
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
    canned: Vec<CannedAnswer>,
    duplicates: Vec<ReportReference>,
    scales: Scales,
}

fn load(connection: &mut Db, reference: ReportReference, now: Instant) -> StoreResult<Loaded> {
    load_with(connection, reference, now, &Chosen::default())
}

fn load_with(
    connection: &mut Db,
    reference: ReportReference,
    now: Instant,
    chosen: &Chosen,
) -> StoreResult<Loaded> {
    let report = by_reference(connection, reference)?;
    let events = events::list(connection, report.id)?;
    let authors = events.iter().map(|e| e.author_id).chain([report.entered_by]);
    let names = list::people_names(connection, authors)?;
    let supporters = triage::supporters(connection)?;
    let images = images::list(connection, report.id)?;
    let known = report_known::load(connection, &report, chosen)?;
    let duplicates = triage::duplicates(connection, report.id, DUPLICATES)?;
    let canned = canned_answers::list(connection)?;
    let scales = Scales::load(connection, now)?;
    let report = list::listed(connection, report)?;
    Ok(Loaded { report, events, names, supporters, images, known, canned, duplicates, scales })
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
    pane: bool,
}

/// A report as it is shown beside the queue; nothing if there is none of this name.
pub(super) struct Pane(Loaded);

impl Pane {
    /// Loads it.
    pub(super) fn load(connection: &mut Db, name: &str, now: Instant) -> StoreResult<Option<Pane>> {
        let Some(reference) = ReportReference::parse(name) else { return Ok(None) };
        match load(connection, reference, now) {
            Ok(loaded) => Ok(Some(Pane(loaded))),
            Err(Error::NotFound) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Its name.
    pub(super) fn reference(&self) -> String {
        self.0.report.report.reference().to_string()
    }

    /// It as HTML, leading back to the list with this query; `done`: something was just saved.
    pub(super) fn render(self, app: &App, page: &Page, list: &str, done: bool) -> Result<String, Failure> {
        let shown = Shown { done, list: list.to_owned(), pane: true, ..Shown::default() };
        Ok(body(app, page.clone(), self.0, shown).render()?)
    }
}

fn view(app: &App, page: Page, loaded: Loaded, shown: Shown) -> Result<ReportPage, Failure> {
    let (errors, list) = (shown.errors.clone(), shown.list.clone());
    let body = body(app, page.clone(), loaded, shown);
    let reference = body.report.report.reference().to_string();
    Ok(ReportPage { body: body.render()?, page, errors, reference, list })
}

fn body(app: &App, page: Page, loaded: Loaded, shown: Shown) -> ReportBody {
    let Loaded { report, events, names, supporters, images, known, canned, duplicates, scales } = loaded;
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
    let component =
        report.component.as_ref().map(|c| c.label(language, default).to_owned()).unwrap_or_default();
    let reference = fact.reference().to_string();
    ReportBody {
        pane: shown.pane,
        reasons: reasons(&page, &scales.reasons(fact), &component),
        wrote: scales.wrote(fact),
        due: scales.due_state(fact).map_or("", DueState::code),
        duplicate_of: fact.duplicate_of_id.map(|id| ReportReference(id).to_string()).unwrap_or_default(),
        duplicates,
        canned: canned
            .iter()
            .map(|answer| Canned {
                id: answer.id,
                label: answer.label(language, default).to_owned(),
                text: filled(answer.body.text(fact.language, default), &reference),
            })
            .collect(),
        stale: shown.seen.is_some(),
        meanwhile: acts(&page, &names, meanwhile.into_iter()),
        now,
        window_title: title(&report.window),
        filed_under_title: title(&report.filed_under),
        component,
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
        known: KnownPanel::of(&page, known, &form, default),
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

/// A canned answer with what it names filled in: `{reference}`.
pub(super) fn filled(text: &str, reference: &str) -> String {
    text.replace("{reference}", reference)
}

/// What the sender's clock showed, if it differs from the service's at that moment.
fn senders_time(page: &Page, at: Option<Instant>, zone: Option<&str>) -> String {
    let (Some(at), Some(Ok(zone))) = (at, zone.map(str::parse::<Zone>)) else { return String::new() };
    if zone.offset_seconds(at) == page.zone.offset_seconds(at) {
        return String::new();
    }
    format!("{} ({}, {})", zone.local(at).format("%Y-%m-%d %H:%M"), zone.name(), zone.offset_label(at))
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
    let chosen = form.get("canned").parse::<i64>().ok();
    let text = loaded.canned.iter().find(|answer| Some(answer.id) == chosen).map(|answer| {
        filled(answer.body.text(loaded.report.report.language, default), &reference.to_string())
    });
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
