//! Acts on many reports: asked for in the queue, looked at, confirmed, followed while they are done,
//! and taken back.

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::{Offer, Row, codes, grouped, year};
use crate::domain::fields::FieldErrors;
use crate::domain::language::{Language, Texts};
use crate::domain::line::{Block, COMMENT_MAX};
use crate::domain::reference::ReportReference;
use crate::domain::report::{Severity, Status};
use crate::domain::report_filter::{Filter, NONE};
use crate::export::Cell;
use crate::store::Error;
use crate::store::canned_answers::{self, CannedAnswer};
use crate::store::reports::bulk::{self, Act, Asked, Outcome};
use crate::store::reports::filter;
use crate::store::reports::weigh::Scales;
use crate::store::reports::{list, triage};
use crate::store::search::Sight;
use crate::web::app::App;
use crate::web::failure::Failure;
use crate::web::form::{Form, Query};
use crate::web::page::{Page, conflict_page, form_again, private_page, see_other};
use crate::web::table::{self, Answer, Column, Pick, Table, Tabular};
use crate::web::visitor::{Support, Viewer, Visitor};

/// How many of the chosen reports a preview shows.
const PREVIEW: usize = 10;
/// How many reports of each outcome are named.
const NAMED: i64 = 200;
/// How many acts the list goes back.
const SHOWN: i64 = 200;

/// What the fields of the form offer.
pub(super) struct Fields {
    pub(super) statuses: Vec<Offer>,
    pub(super) severities: Vec<Offer>,
    pub(super) assignees: Vec<Offer>,
    pub(super) canned: Vec<Offer>,
}

impl Fields {
    /// The fields as they are shown first.
    pub(super) fn offered(app: &App, page: &Page, supporters: &[String], canned: &[CannedAnswer]) -> Fields {
        Fields::chosen(app, page, supporters, canned, &Form::default())
    }

    fn chosen(app: &App, page: &Page, supporters: &[String], canned: &[CannedAnswer], form: &Form) -> Fields {
        let default = app.settings().default_language;
        let with_same = |mut offers: Vec<Offer>, name: &str, label: &str| {
            offers.insert(0, Offer::new("", page.t(label), form.get(name)));
            offers
        };
        let statuses = Status::ALL.iter().filter(|s| **s != Status::New).map(|s| s.code());
        let statuses = codes(page, "status", statuses, form.get("status"));
        let mut severities =
            codes(page, "severity", Severity::ALL.iter().map(|s| s.code()), form.get("severity"));
        severities.push(Offer::new(NONE, page.t("queue-no-severity"), form.get("severity")));
        let mut assignees: Vec<Offer> =
            supporters.iter().map(|n| Offer::new(n, n.clone(), form.get("assignee"))).collect();
        assignees.push(Offer::new(NONE, page.t("report-nobody"), form.get("assignee")));
        let canned = canned.iter().map(|answer| {
            let label = answer.label(page.language(), default).to_owned();
            Offer::new(&answer.id.to_string(), label, form.get("canned"))
        });
        Fields {
            statuses: with_same(statuses, "status", "bulk-unchanged"),
            severities: with_same(severities, "severity", "bulk-unchanged"),
            assignees: with_same(assignees, "assignee", "bulk-unchanged"),
            canned: with_same(canned.collect(), "canned", "bulk-no-canned"),
        }
    }
}

#[derive(Template)]
#[template(path = "staff/bulk_form.html")]
struct FormPage {
    page: Page,
    form: Form,
    errors: FieldErrors,
    bulk: Fields,
    /// The chosen reports as they were sent.
    chosen: Vec<String>,
    count: String,
}

#[derive(Template)]
#[template(path = "staff/bulk.html")]
struct ActPage {
    page: Page,
    errors: FieldErrors,
    act: Act,
    /// What it does, a sentence each.
    lines: Vec<String>,
    /// The answer in each language that it has.
    answers: Vec<(Language, String)>,
    note: String,
    rows: Vec<Row>,
    this_year: i32,
    caption: String,
    /// What became of how many: code, number, the reports that are named.
    outcomes: Vec<(Outcome, i64, Vec<ReportReference>)>,
    /// Whoever reads this asked for it.
    own: bool,
    total: String,
    /// What stands in the way of taking it back, or nothing.
    trouble: String,
    headings: Vec<super::choices::Heading>,
    sort: &'static str,
    brief: bool,
    here: String,
    open: String,
}

impl ActPage {
    /// Whom an answer in this language reaches.
    fn answered_in(&self, language: &Language) -> String {
        self.page.with("bulk-does-answer-in", [("language", &self.page.language_name(language))])
    }

    fn n(&self) -> i64 {
        self.act.total
    }

    fn is_running(&self) -> bool {
        self.act.begun_at.is_some() && self.act.finished_at.is_none()
    }

    fn asks_number(&self) -> bool {
        self.act.asks_number()
    }

    fn can_undo(&self) -> bool {
        self.act.finished_at.is_some()
            && self.act.undo_of.is_none()
            && self.act.undone_by.is_none()
            && self.act.count(Outcome::Changed) > 0
    }
}

#[derive(Template)]
#[template(path = "staff/bulk_list.html")]
struct ListPage {
    page: Page,
    acts: Table<ActRow>,
}

/// An act as a row of the list: itself, and what it does in words.
struct ActRow {
    act: Act,
    said: String,
}

impl ActRow {
    /// How far it is: `running`, `undone` or `done`.
    fn state(&self) -> &'static str {
        match (self.act.finished_at, self.act.undone_by) {
            (None, _) => "running",
            (_, Some(_)) => "undone",
            _ => "done",
        }
    }
}

impl Tabular for ActRow {
    const NAME: &'static str = "bulk-changes";
    const PLACE: &'static str = "bulk-caption";
    const COLUMNS: &'static [Column<ActRow>] = &[
        Column { name: "what", title: "bulk-what", cell: |r, _| Cell::Text(r.said.clone()) },
        Column { name: "reports", title: "bulk-reports", cell: |r, _| Cell::Number(r.act.total) },
        Column {
            name: "changed",
            title: "bulk-outcome-changed",
            cell: |r, _| Cell::Number(r.act.count(Outcome::Changed)),
        },
        Column {
            name: "conflict",
            title: "bulk-outcome-conflict",
            cell: |r, _| Cell::Number(r.act.count(Outcome::Conflict)),
        },
        Column { name: "who", title: "bulk-who", cell: |r, _| Cell::Text(r.act.author.clone()) },
        Column { name: "when", title: "bulk-when", cell: |r, _| Cell::Time(r.act.created_at) },
    ];
    const PICKS: &'static [Pick<ActRow>] = &[
        Pick {
            name: "who",
            title: "bulk-who",
            of: |r, _| vec![(r.act.author.clone(), r.act.author.clone())],
        },
        Pick {
            name: "state",
            title: "bulk-state",
            of: |r, page| vec![(r.state().to_owned(), page.word("bulk-state", r.state()))],
        },
    ];
}

/// What the form asks for.
struct Sent {
    asked: Asked,
    canned: Option<i64>,
    /// The chosen reports with their revisions; nothing: all of the filter.
    chosen: Option<Vec<(i64, i64)>>,
    filter: Filter,
    sort: list::Sort,
    query: String,
}

fn read(app: &App, form: &Form, reader: Option<i64>) -> Result<Sent, FieldErrors> {
    let mut errors = FieldErrors::new();
    let unknown = |field: &str| FieldErrors::one(field, "unknown-code");
    let status = match form.get("status") {
        "" => None,
        code => errors.keep(Status::from_code(code).ok_or_else(|| unknown("status"))),
    };
    let severity = match form.get("severity") {
        "" => None,
        NONE => Some(None),
        code => errors.keep(Severity::from_code(code).map(Some).ok_or_else(|| unknown("severity"))),
    };
    let assignee = match form.get("assignee") {
        "" => None,
        NONE => Some(None),
        name => Some(Some(name.to_owned())),
    };
    let duplicate_of =
        errors.keep(ReportReference::of_original(form.get("duplicate_of"))).flatten().map(|r| r.0);
    let note = errors.keep(Block::optional("note", form.get("note"), COMMENT_MAX)).flatten();
    let answer = errors.keep(Block::optional("answer", form.get("answer"), COMMENT_MAX)).flatten();
    let canned = match form.get("canned") {
        "" => None,
        id => errors.keep(id.parse::<i64>().map_err(|_| unknown("canned"))),
    };
    if answer.is_some() && canned.is_some() {
        errors.add("answer", "answer-and-canned");
    }
    let chosen = match form.get("scope") {
        "all" => None,
        _ => Some(form.all("report").filter_map(chosen_of).collect::<Vec<_>>()),
    };
    if chosen.as_ref().is_some_and(Vec::is_empty) {
        errors.add("reports", "nothing-chosen");
    }
    let query = errors.keep(Query::parse(form.get("query")));
    let pairs = query.as_ref().map_or(&[][..], Query::pairs);
    let filter = errors.keep(Filter::parse(pairs, app.settings().time_zone, app.now()));
    let sort = errors.keep(super::reports::sort(query.as_ref().map_or("", |q| q.get("sort"))));
    let answer = answer.map_or_else(Texts::default, |text| {
        // One text for all, whatever they read.
        Texts(Language::ALL.iter().map(|language| (*language, text.as_str().to_owned())).collect())
    });
    let note = note.map(|text| text.as_str().to_owned());
    let asked = Asked { status, severity, assignee, duplicate_of, note, answer };
    if asked.is_empty() && canned.is_none() && errors.is_empty() {
        errors.add("act", "nothing-asked");
    }
    match (filter, sort) {
        (Some(filter), Some(sort)) if errors.is_empty() => {
            let query = super::choices::with_sort(&filter, sort);
            Ok(Sent { asked, canned, chosen, filter: filter.asked_by(reader), sort, query })
        }
        _ => Err(errors),
    }
}

/// Reads a chosen report, `R-7KQ4M2.3`: its name and the revision that was seen.
fn chosen_of(text: &str) -> Option<(i64, i64)> {
    let (name, revision) = text.split_once('.')?;
    Some((ReportReference::parse(name)?.0, revision.parse().ok()?))
}

/// `POST /admin/bulk`: asks for an act; nothing is done until it is confirmed on the page that follows.
pub async fn ask(
    app: web::Data<App>,
    request: HttpRequest,
    visitor: Visitor,
    guard: Support,
    form: Form,
) -> Result<HttpResponse, Failure> {
    let errors = match read(&app, &form, guard.0.person_id()) {
        Ok(sent) => {
            let actor = guard.0.clone();
            let outcome = app
                .store
                .write(move |w| {
                    let mut asked = sent.asked.clone();
                    if let Some(id) = sent.canned {
                        let canned = canned_answers::find(w.connection, id);
                        asked.answer = canned.map_err(|_| Error::field("canned", "unknown-code"))?.body;
                    }
                    let chosen = match &sent.chosen {
                        Some(chosen) => chosen.clone(),
                        None => {
                            let found = filter::find_as(w.connection, &sent.filter, Sight::of(actor.role()))?;
                            bulk::choose(w.connection, &found, sent.sort)?
                        }
                    };
                    bulk::ask(w, &actor, &asked, &sent.query, &chosen)
                })
                .await;
            match outcome {
                Ok(id) => return Ok(see_other(&format!("/admin/bulk/{id}"))),
                Err(Error::Invalid(errors)) => errors,
                Err(error) => return Err(error.into()),
            }
        }
        Err(errors) => errors,
    };
    let (supporters, canned) =
        app.store.read(|c| Ok((triage::supporters(c)?, canned_answers::list(c)?))).await?;
    let page = Page::bare(&request, &visitor);
    let chosen: Vec<String> = form.all("report").map(str::to_owned).collect();
    form_again(&FormPage {
        bulk: Fields::chosen(&app, &page, &supporters, &canned, &form),
        count: form.get("count").to_owned(),
        chosen,
        form,
        errors,
        page,
    })
}

/// What an act does, in words.
fn lines(page: &Page, act: &Act) -> Vec<String> {
    let Asked { status, severity, assignee, duplicate_of, .. } = &act.asked;
    let mut lines = Vec::new();
    if let Some(undone) = act.undo_of {
        lines.push(page.with("bulk-does-undo", [("id", &undone.to_string())]));
    }
    if let Some(status) = status {
        lines.push(page.with("bulk-does-status", [("value", &page.word("status", status.code()))]));
    }
    if let Some(original) = duplicate_of {
        let name = ReportReference(*original).to_string();
        lines.push(page.with("bulk-does-duplicate", [("value", &name)]));
    }
    if let Some(severity) = severity {
        let value = severity.map_or_else(|| page.t("queue-no-severity"), |s| page.word("severity", s.code()));
        lines.push(page.with("bulk-does-severity", [("value", &value)]));
    }
    if let Some(assignee) = assignee {
        let value = assignee.clone().unwrap_or_else(|| page.t("report-nobody"));
        lines.push(page.with("bulk-does-assignee", [("value", &value)]));
    }
    lines
}

/// The query of a list without the words that were looked for.
fn without_text(query: &str) -> String {
    let kept = form_urlencoded::parse(query.as_bytes()).filter(|(name, _)| name != "q");
    form_urlencoded::Serializer::new(String::new()).extend_pairs(kept).finish()
}

/// What a page of an act shows beside the act.
#[derive(Default)]
struct Beside {
    errors: FieldErrors,
    trouble: String,
}

async fn view(
    app: &App,
    request: &HttpRequest,
    visitor: &Visitor,
    id: i64,
    beside: Beside,
) -> Result<ActPage, Failure> {
    let now = app.now();
    let (act, rows, named, scales) = app
        .store
        .read(move |c| {
            let act = bulk::find(c, id)?;
            let rows = match act.begun_at {
                None => bulk::first_chosen(c, id, PREVIEW)?,
                Some(_) => Vec::new(),
            };
            let mut named = Vec::new();
            for outcome in Outcome::ALL {
                let some = if *outcome == Outcome::Same {
                    Vec::new()
                } else {
                    bulk::became(c, id, *outcome, NAMED)?
                };
                named.push(some);
            }
            Ok((act, list::whole(c, rows)?, named, Scales::load(c, now)?))
        })
        .await?;
    let page = Page::bare(request, visitor);
    let own = page.actor.as_ref().is_some_and(|actor| act.is_of(actor));
    // What support looks for may be a telephone number, which viewers do not see.
    let here = if page.may("support") { act.query.clone() } else { without_text(&act.query) };
    Ok(ActPage {
        lines: lines(&page, &act),
        answers: act.asked.answer.0.iter().map(|(language, text)| (*language, text.clone())).collect(),
        note: act.asked.note.clone().unwrap_or_default(),
        rows: rows.into_iter().map(|listed| Row::of(app, &page, &scales, listed)).collect(),
        this_year: year(&page, now),
        caption: page.with("bulk-first", [("n", &grouped(PREVIEW as i64)), ("total", &grouped(act.total))]),
        outcomes: (Outcome::ALL.iter().zip(named))
            .map(|(outcome, named)| (*outcome, act.count(*outcome), named))
            .collect(),
        own,
        total: grouped(act.total),
        trouble: beside.trouble,
        errors: beside.errors,
        headings: Vec::new(),
        sort: "",
        brief: true,
        here,
        open: String::new(),
        act,
        page,
    })
}

/// `GET /admin/bulk/{id}`
pub async fn show(
    app: web::Data<App>,
    request: HttpRequest,
    visitor: Visitor,
    id: web::Path<i64>,
    _guard: Viewer,
) -> Result<HttpResponse, Failure> {
    private_page(&view(&app, &request, &visitor, id.into_inner(), Beside::default()).await?)
}

/// `POST /admin/bulk/{id}`: confirms an act, or takes it back.
pub async fn decide(
    app: web::Data<App>,
    request: HttpRequest,
    visitor: Visitor,
    id: web::Path<i64>,
    guard: Support,
    form: Form,
) -> Result<HttpResponse, Failure> {
    let id = id.into_inner();
    let actor = guard.0.clone();
    let act = app.store.read(move |c| bulk::find(c, id)).await?;
    let outcome = match form.get("act") {
        "undo" => app.store.write(move |w| bulk::undo(w, &actor, id)).await,
        _ => {
            let number = act.total.to_string();
            let typed = form.get("confirm").trim().replace([',', ' '], "");
            if act.asks_number() && typed != number {
                let mut errors = FieldErrors::new();
                errors.add_with("confirm", "confirm-number", [("number", number)]);
                let beside = Beside { errors, ..Beside::default() };
                return form_again(&view(&app, &request, &visitor, id, beside).await?);
            }
            app.store.write(move |w| bulk::confirm(w, &actor, id).map(|()| id)).await
        }
    };
    match outcome {
        Ok(id) => Ok(see_other(&format!("/admin/bulk/{id}"))),
        Err(Error::Conflict { code, params }) => {
            let words = crate::i18n::Words(visitor.language);
            let said = params.iter().map(|(k, v)| (*k, v.as_str()));
            let trouble = words.said(&format!("conflict-{code}"), said);
            let shown = view(&app, &request, &visitor, id, Beside { trouble, ..Beside::default() }).await?;
            conflict_page(&shown)
        }
        Err(error) => Err(error.into()),
    }
}

/// `GET /admin/bulk`: what was done to many at once lately.
pub async fn list(
    app: web::Data<App>,
    request: HttpRequest,
    visitor: Visitor,
    query: Query,
    Viewer(actor): Viewer,
) -> Result<HttpResponse, Failure> {
    let asked = table::Asked::of::<ActRow>(&query, &[], &[])?;
    let acts = app.store.read(|c| bulk::latest(c, SHOWN)).await?;
    let page = Page::bare(&request, &visitor);
    let acts = acts.into_iter().map(|act| {
        let mut said = lines(&page, &act);
        if !act.asked.answer.is_empty() {
            said.push(page.t("bulk-does-answer"));
        }
        if act.asked.note.is_some() {
            said.push(page.t("bulk-does-note"));
        }
        ActRow { said: said.join(" "), act }
    });
    match table::answer(&app, &page, &actor, &asked, acts.collect()).await? {
        Answer::File(file) => Ok(file),
        Answer::Page(acts) => private_page(&ListPage { acts, page }),
    }
}
