//! The page of one report: everything that it names, loaded at once and put into words.

use askama::Template;

use super::super::history::{Act, acts};
use super::super::marks::{self, Piece};
use super::super::report_known::{self, Chosen, KnownPanel};
use super::super::{Offer, codes, reasons};
use crate::domain::fields::FieldErrors;
use crate::domain::instant::Instant;
use crate::domain::language::Language;
use crate::domain::reference::ReportReference;
use crate::domain::report::{Severity, Status};
use crate::domain::search_tokens::Needle;
use crate::domain::targets::DueState;
use crate::domain::zone::Zone;
use crate::store::canned_answers::{self, CannedAnswer};
use crate::store::connection::Db;
use crate::store::reports::events::{self, Event};
use crate::store::reports::images::{self, ImageInfo};
use crate::store::reports::list::{self, Listed};
use crate::store::reports::weigh::Scales;
use crate::store::reports::{by_reference, triage};
use crate::store::{Error, Result as StoreResult};
use crate::web::app::App;
use crate::web::failure::Failure;
use crate::web::form::{Form, Query};
use crate::web::page::Page;

/// A field that somebody else changed while this was typed: what it is now.
struct Now {
    field: &'static str,
    label: String,
}

#[derive(Template)]
#[template(path = "staff/report.html")]
pub(super) struct ReportPage {
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

pub(super) fn address(reference: ReportReference, list: &str) -> String {
    let pairs: &[(&str, &str)] = if list.is_empty() { &[] } else { &[("list", list)] };
    let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
    if query.is_empty() {
        format!("/admin/reports/{reference}")
    } else {
        format!("/admin/reports/{reference}?{query}")
    }
}

/// A report as it is in the database, with everything that its page names.
pub(super) struct Loaded {
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

pub(super) fn load(connection: &mut Db, reference: ReportReference, now: Instant) -> StoreResult<Loaded> {
    load_with(connection, reference, now, &Chosen::default())
}

pub(super) fn load_with(
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

impl Loaded {
    /// The canned answer with this row, filled in, in the language that the reporter reads.
    pub(super) fn canned(&self, id: i64, default: Language) -> Option<String> {
        let answer = self.canned.iter().find(|answer| answer.id == id)?;
        let fact = &self.report.report;
        Some(filled(answer.body.text(fact.language, default), &fact.reference().to_string()))
    }
}

/// What is shown beside the report itself.
#[derive(Default)]
pub(super) struct Shown {
    pub(super) form: Form,
    pub(super) errors: FieldErrors,
    pub(super) done: bool,
    /// The last event that was seen, if somebody else changed the report since.
    pub(super) seen: Option<i64>,
    pub(super) list: String,
    pub(super) pane: bool,
}

/// A report as it is shown beside the queue; nothing if there is none of this name.
pub(in crate::web::staff) struct Pane(Loaded);

impl Pane {
    /// Loads it.
    pub(in crate::web::staff) fn load(
        connection: &mut Db,
        name: &str,
        now: Instant,
    ) -> StoreResult<Option<Pane>> {
        let Some(reference) = ReportReference::parse(name) else { return Ok(None) };
        match load(connection, reference, now) {
            Ok(loaded) => Ok(Some(Pane(loaded))),
            Err(Error::NotFound) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Its name.
    pub(in crate::web::staff) fn reference(&self) -> String {
        self.0.report.report.reference().to_string()
    }

    /// It as HTML, leading back to the list with this query; `done`: something was just saved.
    pub(in crate::web::staff) fn render(
        self,
        app: &App,
        page: &Page,
        list: &str,
        done: bool,
    ) -> Result<String, Failure> {
        let shown = Shown { done, list: list.to_owned(), pane: true, ..Shown::default() };
        Ok(body(app, page.clone(), self.0, shown).render()?)
    }
}

pub(super) fn view(app: &App, page: Page, loaded: Loaded, shown: Shown) -> Result<ReportPage, Failure> {
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
    let now = match shown.seen {
        Some(_) => differing(&page, &report, [&status, &severity, &assignee]),
        None => Vec::new(),
    };
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

/// The fields that are something else by now than was typed.
fn differing(page: &Page, report: &Listed, [status, severity, assignee]: [&str; 3]) -> Vec<Now> {
    let or = |is: &str, word: String, none: &str| if is.is_empty() { page.t(none) } else { word };
    let is_status = report.report.status.code();
    let is_severity = report.report.severity.map_or("", |s| s.code());
    let is_assignee = report.assignee.as_deref().unwrap_or_default();
    let fields = [
        ("status", status, is_status, page.word("status", is_status)),
        (
            "severity",
            severity,
            is_severity,
            or(is_severity, page.word("severity", is_severity), "queue-no-severity"),
        ),
        ("assignee", assignee, is_assignee, or(is_assignee, is_assignee.to_owned(), "report-nobody")),
    ];
    let differs = fields.into_iter().filter(|(_, typed, is, _)| typed != is);
    differs
        .map(|(field, _, _, label)| Now { field, label: page.with("report-is-now", [("value", &label)]) })
        .collect()
}

/// A canned answer with what it names filled in: `{reference}`.
fn filled(text: &str, reference: &str) -> String {
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
