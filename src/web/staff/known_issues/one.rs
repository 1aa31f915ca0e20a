//! One known issue: what is said of it, who met it, linking, resolving and reopening.

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::super::{Offer, codes};
use super::{Moving, moves, number};
use crate::domain::fields::FieldErrors;
use crate::domain::instant::Instant;
use crate::domain::known_issue::{self, IssueStatus};
use crate::domain::language::{Language, Texts};
use crate::domain::reference::ReportReference;
use crate::domain::statistics::Share;
use crate::domain::survey::figures::ShareFigure;
use crate::i18n::Words;
use crate::store::connection::Db;
use crate::store::known_issues::{self, Event, EventKind, KnownIssue, Moves, Resolution};
use crate::store::me_toos::{self, Counts};
use crate::store::reports::list::{self, Listed};
use crate::store::{Error, Result as StoreResult, Write, instance};
use crate::web::app::App;
use crate::web::confirm::Final;
use crate::web::failure::Failure;
use crate::web::figures;
use crate::web::form::{Form, Query};
use crate::web::markdown::{self, Html};
use crate::web::once::Once;
use crate::web::page::{Page, conflict_page, form_again, private_page, see_other};
use crate::web::visitor::{Support, Viewer, Visitor};

/// How many linked reports are shown, the latest first.
const LINKED: i64 = 50;
/// How many similar reports are proposed.
const SIMILAR: usize = 12;
/// How many me-toos that wrote something or are not fixed are shown.
const SPEAKING: i64 = 50;

/// A report that can be ticked.
#[derive(Debug, Clone)]
pub struct Tick {
    /// Its name.
    pub reference: String,
    /// How it begins; nothing once it is erased.
    pub excerpt: String,
    /// The code of its status.
    pub status: &'static str,
    /// What it is about, or nothing.
    pub component: String,
    /// What the reporter says of the outcome, or nothing.
    pub verdict: &'static str,
    /// It is ticked already.
    pub checked: bool,
    /// When it came in.
    pub received_at: Instant,
    /// How alike, in percent; 0 where that was not asked.
    pub likeness: u32,
}

impl Tick {
    /// How alike, in percent.
    pub fn percent(&self) -> i64 {
        self.likeness.into()
    }

    /// A report, this much alike.
    pub fn of(listed: Listed, likeness: f64, language: Language, default: Language) -> Tick {
        let description = listed.content.map(|c| c.description).unwrap_or_default();
        let mut excerpt: String = description.chars().take(120).collect();
        if excerpt.len() < description.len() {
            excerpt.push('…');
        }
        Tick {
            reference: listed.report.reference().to_string(),
            excerpt,
            status: listed.report.status.code(),
            component: listed.component.map(|c| c.label(language, default).to_owned()).unwrap_or_default(),
            verdict: listed.report.verdict.map_or("", |v| v.code()),
            checked: false,
            received_at: listed.report.received_at,
            likeness: (likeness * 100.0).round().clamp(0.0, 100.0) as u32,
        }
    }
}

/// What is said in one language.
struct Said {
    language: &'static str,
    name: String,
    title: String,
    body: Html,
    workaround: Html,
}

/// A me-too that wrote something or is not fixed.
struct Speaking {
    reference: String,
    verdict: &'static str,
    message: String,
    at: String,
}

/// One thing in the history.
struct Done {
    who: String,
    what: String,
    at: Instant,
}

/// How far telling everybody has come.
struct Progress {
    told: i64,
    all: i64,
    said: String,
    done: bool,
    answer: String,
}

#[derive(Template)]
#[template(path = "known/one.html")]
struct OnePage {
    page: Page,
    form: Form,
    errors: FieldErrors,
    done: String,
    stale: bool,
    /// Reports that were to be linked and belong to another known issue by now.
    moving: Vec<Moving>,
    issue: KnownIssue,
    title: String,
    window: String,
    components: String,
    author: String,
    said: Vec<Said>,
    linked: Vec<Tick>,
    similar: Vec<Tick>,
    speaking: Vec<Speaking>,
    counts: Counts,
    verified: String,
    progress: Option<Progress>,
    statuses: Vec<Offer>,
    history: Vec<Done>,
    languages: &'static [Language],
}

impl OnePage {
    fn open(&self) -> bool {
        self.issue.fact.status.is_open()
    }

    fn reports(&self) -> i64 {
        self.issue.fact.reports
    }

    fn me_toos(&self) -> i64 {
        self.issue.fact.me_toos
    }
}

struct Loaded {
    issue: KnownIssue,
    linked: Vec<Listed>,
    similar: Vec<known_issues::Candidate>,
    speaking: Vec<me_toos::Listed>,
    counts: Counts,
    resolutions: Vec<(Resolution, Texts)>,
    events: Vec<Event>,
    names: std::collections::HashMap<i64, String>,
    /// With fewer verdicts than this there are counts alone.
    minimum_n: u64,
}

fn load(connection: &mut Db, id: i64) -> StoreResult<Loaded> {
    let issue = known_issues::by_id(connection, id)?;
    let events = Event::list(connection, id)?;
    let names = list::people_names(connection, events.iter().map(|e| e.author_id))?;
    let similar = if issue.fact.status.is_open() {
        known_issues::similar_to_issue(connection, &issue, SIMILAR)?
    } else {
        Vec::new()
    };
    Ok(Loaded {
        linked: known_issues::linked(connection, id, LINKED)?,
        speaking: me_toos::list(connection, id, true, None, SPEAKING)?,
        counts: me_toos::counts(connection, id)?,
        minimum_n: instance::minimum_n(connection)?,
        resolutions: known_issues::resolutions(connection, id)?,
        similar,
        events,
        names,
        issue,
    })
}

/// What everybody is told unless staff write something else.
fn usual_answer(issue: &KnownIssue, language: Language) -> String {
    let title = issue.texts.title.exactly(language);
    Words(language)
        .with(if title.is_empty() { "known-answer-untitled" } else { "known-answer" }, [("title", title)])
}

fn view(app: &App, page: Page, loaded: Loaded, form: Form, errors: FieldErrors) -> OnePage {
    let (language, default) = (page.language(), app.settings().default_language);
    let Loaded { issue, linked, similar, speaking, counts, resolutions, events, names, minimum_n } = loaded;
    let form = Language::ALL.iter().fold(form, |form, language| {
        let field = format!("answer.{language}");
        if form.has(&field) { form } else { form.set(&field, usual_answer(&issue, *language)) }
    });
    let names_of: Vec<&str> = issue.components.iter().map(|c| c.label(language, default)).collect();
    let said = Language::ALL.iter().filter(|l| !issue.texts.title.exactly(**l).is_empty());
    let standing = issue.fact.resolution_id;
    let progress = resolutions.iter().find(|(r, _)| Some(r.id) == standing).map(|(r, answer)| Progress {
        told: r.reports_told + r.me_toos_told,
        all: issue.met(),
        said: page.with(
            "known-told",
            [("told", &(r.reports_told + r.me_toos_told).to_string()), ("all", &issue.met().to_string())],
        ),
        done: r.done_at.is_some(),
        answer: answer.text(language, default).to_owned(),
    });
    let verdicts = Share::of(counts.fixed.unsigned_abs(), counts.not_fixed.unsigned_abs());
    let verified = ShareFigure::new(verdicts, minimum_n);
    OnePage {
        title: issue.title(language, default).to_owned(),
        window: issue.window.as_ref().map(|w| w.label(language, default).to_owned()).unwrap_or_default(),
        components: names_of.join(&page.t("windows-comma")),
        author: issue.author.clone().unwrap_or_default(),
        said: said
            .map(|l| Said {
                language: l.code(),
                name: page.language_name(l),
                title: issue.texts.title.exactly(*l).to_owned(),
                body: markdown::render(issue.texts.body.exactly(*l)),
                workaround: markdown::render(issue.texts.workaround.exactly(*l)),
            })
            .collect(),
        linked: linked.into_iter().map(|l| Tick::of(l, 0.0, language, default)).collect(),
        similar: similar.into_iter().map(|c| Tick::of(c.listed, c.likeness, language, default)).collect(),
        speaking: speaking
            .iter()
            .map(|listed| Speaking {
                reference: listed.me_too.reference().to_string(),
                verdict: listed.me_too.verdict.map_or("", |v| v.code()),
                message: (listed.events.iter().rev())
                    .find(|e| e.kind == crate::store::reports::events::EventKind::Message)
                    .and_then(|e| e.content.clone())
                    .unwrap_or_default(),
                at: page.stamp(&listed.events.last().map_or(listed.me_too.created_at, |e| e.at)),
            })
            .collect(),
        verified: match (verified.value, verified.interval) {
            (Some(value), Some(interval)) => page.with(
                "known-verified-share",
                [
                    ("share", &figures::percent(value, verified.n)),
                    ("low", &figures::percent(interval.low, verified.n)),
                    ("high", &figures::percent(interval.high, verified.n)),
                ],
            ),
            _ => String::new(),
        },
        statuses: codes(
            &page,
            "known-status",
            IssueStatus::OPEN.iter().map(|s| s.code()),
            IssueStatus::Identified.code(),
        ),
        history: events
            .iter()
            .map(|event| Done {
                who: event
                    .author_id
                    .and_then(|id| names.get(&id).cloned())
                    .unwrap_or_else(|| page.t("history-system")),
                what: what(&page, event),
                at: event.at,
            })
            .collect(),
        done: String::new(),
        stale: false,
        moving: Vec::new(),
        languages: Language::ALL,
        counts,
        progress,
        issue,
        form,
        errors,
        page,
    }
}

fn what(page: &Page, event: &Event) -> String {
    let (was, became) = (event.was.as_deref().unwrap_or(""), event.became.as_deref().unwrap_or(""));
    let status = |code: &str| page.word("known-status", code);
    let some = |key: String, said: &str| page.with(&key, [("what", said)]);
    // One report is named, several are counted.
    let counted = |key: &str, said: &str| {
        let many = said.chars().all(|c| c.is_ascii_digit());
        if many { format!("{key}-many") } else { key.to_owned() }
    };
    match event.kind {
        EventKind::Created => page.t("known-history-created"),
        EventKind::Edited => page.t("known-history-edited"),
        EventKind::Workaround => page.t("known-history-workaround"),
        EventKind::Status => {
            page.with("known-history-status", [("was", &status(was)), ("became", &status(became))])
        }
        EventKind::Linked => some(counted("known-history-linked", became), became),
        EventKind::Unlinked => some(counted("known-history-unlinked", was), was),
    }
}

/// `GET /admin/known-issues/{id}`
pub async fn show(
    app: web::Data<App>,
    request: HttpRequest,
    visitor: Visitor,
    id: web::Path<String>,
    query: Query,
    _guard: Viewer,
) -> Result<HttpResponse, Failure> {
    let id = number(&id)?;
    let loaded = app.store.read(move |c| load(c, id)).await?;
    let page = Page::bare(&request, &visitor);
    let mut shown = view(&app, page, loaded, Form::default(), FieldErrors::new());
    shown.done = match query.get("done") {
        done @ ("created" | "edited" | "linked" | "unlinked" | "resolved" | "reopened") => {
            shown.page.word("known-done", done)
        }
        _ => String::new(),
    };
    private_page(&shown)
}

/// The references that were ticked or typed.
fn references(form: &Form) -> Result<Vec<i64>, FieldErrors> {
    let typed = form.get("references").split([',', '，', '、', ' ', '\n', '\t']).filter(|t| !t.is_empty());
    let mut all = Vec::new();
    for text in form.all("report") {
        all.push(ReportReference::parse_field("report", text)?.0);
    }
    for text in typed {
        all.push(ReportReference::parse_field("references", text)?.0);
    }
    if all.is_empty() { Err(FieldErrors::one("references", "no-reports-chosen")) } else { Ok(all) }
}

fn answers(form: &Form, default: Language) -> Result<Texts, FieldErrors> {
    let typed = Language::ALL.iter().filter_map(|language| {
        let text = form.get(&format!("answer.{language}"));
        (!text.trim().is_empty()).then(|| (*language, text.to_owned()))
    });
    known_issue::answer(Texts(typed.collect()), default)
}

/// The page that asks before everybody is answered; nothing once the issue's number was typed, or if
/// nobody would be answered. Their own number would be no word to type: it may grow meanwhile.
async fn ask_first(
    app: &App,
    page: Page,
    id: i64,
    said: &Texts,
    form: &Form,
) -> Result<Option<HttpResponse>, Failure> {
    let issue = app.store.read(move |c| known_issues::by_id(c, id)).await?;
    // Whoever is late is told so, and is not asked to type first.
    let late = form.get("seen").parse::<i64>().is_ok_and(|seen| seen != issue.fact.revision);
    if issue.met() == 0 || late || !issue.fact.status.is_open() {
        return Ok(None);
    }
    let (number, title) = (id.to_string(), issue.title(page.language(), app.settings().default_language));
    let reports = issue.fact.reports.to_string();
    let linked = [("n", reports.as_str()), ("title", title)];
    let act = Final {
        title: page.with("confirm-resolve", [("id", &number)]),
        says: vec![
            page.words.said("confirm-resolve-reports", linked.into_iter()),
            page.n("confirm-resolve-me-toos", issue.fact.me_toos),
            page.t("confirm-resolve-final"),
        ],
        quotes: said.0.values().cloned().collect(),
        word: number,
        button: page.t("known-resolve"),
        back: format!("/admin/known-issues/{id}"),
    };
    act.unless_typed(page, form)
}

/// `POST /admin/known-issues/{id}`
pub async fn act(
    app: web::Data<App>,
    request: HttpRequest,
    visitor: Visitor,
    id: web::Path<String>,
    guard: Support,
    form: Form,
) -> Result<HttpResponse, Failure> {
    let id = number(&id)?;
    let (actor, seen) = (guard.0.clone(), form.get("seen").parse::<i64>().ok());
    let default = app.settings().default_language;
    // What is pressed twice is done once.
    let once = Once::of_form(&form);
    let mut chosen = Vec::new();
    let (outcome, done) = match form.get("act") {
        "link" => {
            let outcome = match once.and_then(|once| Ok((once, references(&form)?))) {
                Ok((once, all)) => {
                    chosen.clone_from(&all);
                    let (scope, seen) = (format!("link to known issue {id}"), moves(&form));
                    let change = move |w: &mut Write<'_>| {
                        once.act(w, &scope, |w| {
                            known_issues::link_moving(w, &actor, id, &all, Moves::Seen(&seen)).map(drop)
                        })
                    };
                    app.store.write(change).await
                }
                Err(errors) => Err(Error::Invalid(errors)),
            };
            (outcome, "linked")
        }
        "unlink" => {
            let outcome = match once.and_then(|once| Ok((once, references(&form)?))) {
                Ok((once, all)) => {
                    let scope = format!("unlink from known issue {id}");
                    let change = move |w: &mut Write<'_>| {
                        once.act(w, &scope, |w| known_issues::unlink(w, &actor, id, &all).map(drop))
                    };
                    app.store.write(change).await
                }
                Err(errors) => Err(Error::Invalid(errors)),
            };
            (outcome, "unlinked")
        }
        "resolve" => {
            let outcome = match once.and_then(|once| Ok((once, answers(&form, default)?))) {
                Ok((once, said)) => {
                    let page = Page::bare(&request, &visitor);
                    if let Some(asked) = ask_first(&app, page, id, &said, &form).await? {
                        return Ok(asked);
                    }
                    let change = move |w: &mut Write<'_>| {
                        once.act(w, &format!("resolve known issue {id}"), |w| {
                            known_issues::resolve(w, &actor, id, seen, &said).map(drop)
                        })
                    };
                    app.store.write(change).await
                }
                Err(errors) => Err(Error::Invalid(errors)),
            };
            (outcome, "resolved")
        }
        "reopen" => {
            let to = IssueStatus::from_code(form.get("status")).unwrap_or(IssueStatus::Identified);
            let outcome = match once {
                Ok(once) => {
                    let change = move |w: &mut Write<'_>| {
                        once.act(w, &format!("reopen known issue {id}"), |w| {
                            known_issues::reopen(w, &actor, id, seen, to).map(drop)
                        })
                    };
                    app.store.write(change).await
                }
                Err(errors) => Err(Error::Invalid(errors)),
            };
            (outcome, "reopened")
        }
        _ => return Err(FieldErrors::one("act", "unknown-code").into()),
    };
    let (errors, stale) = match outcome {
        Ok(()) => return Ok(see_other(&format!("/admin/known-issues/{id}?done={done}"))),
        Err(Error::Invalid(errors)) => (errors, false),
        Err(Error::NotFound) if matches!(done, "linked" | "unlinked") => {
            (FieldErrors::one("references", "no-such-report"), false)
        }
        // Somebody else has done it in between, which the page then shows.
        Err(Error::Stale | Error::Conflict { .. }) => (FieldErrors::new(), true),
        Err(error) => return Err(error.into()),
    };
    // What was chosen stays chosen; those that are linked elsewhere by now stand in no list to tick.
    let names: Vec<String> = chosen.iter().map(|id| ReportReference(*id).to_string()).collect();
    let form = if stale && !names.is_empty() { form.set("references", names.join(" ")) } else { form };
    let (loaded, elsewhere) =
        app.store.read(move |c| Ok((load(c, id)?, known_issues::elsewhere(c, &chosen, Some(id))?))).await?;
    let mut shown = view(&app, Page::bare(&request, &visitor), loaded, form, errors);
    shown.stale = stale;
    if stale {
        shown.moving = Moving::of(elsewhere, shown.page.language(), default);
    }
    if stale { conflict_page(&shown) } else { form_again(&shown) }
}
