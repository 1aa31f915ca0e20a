//! A known issue as the public reads it: on the notice, in the report form, on receipts.

use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;

use crate::domain::attribution::{Occurrence, attribute};
use crate::domain::instant::Instant;
use crate::domain::language::Language;
use crate::domain::similarity;
use crate::i18n::Words;
use crate::store::Error;
use crate::store::connection::Db;
use crate::store::known_issues::{self, KnownIssue};
use crate::store::windows;
use crate::web::app::App;
use crate::web::etag;
use crate::web::failure::Failure;
use crate::web::form::Query;
use crate::web::markdown::{self, Html};
use crate::web::visitor::Visitor;

/// How many terms a browser gets to tell whether what is typed is about a known issue.
const TERMS: usize = 40;

/// The class of a badge that says where a known issue stands.
pub fn tone(status: &str) -> &'static str {
    match status {
        "investigating" => "tone-warn",
        "identified" => "tone-accent",
        "monitoring" => "tone-info",
        _ => "tone-ok",
    }
}

/// A known issue as it is shown.
#[derive(Debug, Clone)]
pub struct Shown {
    /// Its number.
    pub id: i64,
    /// The code of where it stands.
    pub status: &'static str,
    /// The word for that.
    pub status_word: String,
    /// It is not over yet.
    pub open: bool,
    /// What it is called.
    pub title: String,
    /// The language that it is really in, where that is not the page's; else nothing.
    pub title_language: String,
    /// What is known of it.
    pub body: Html,
    /// What to do meanwhile.
    pub workaround: Html,
    /// What it affects, in one line.
    pub components: String,
    /// The keys of what it affects, with blanks between them.
    pub keys: String,
    /// How many met it, as a sentence; nothing if nobody has said so.
    pub met: String,
    /// By which a browser tells whether what is typed is about it, with blanks between them.
    pub terms: String,
    /// It fits what has been typed.
    pub fits: bool,
}

impl Shown {
    /// A known issue for whoever reads these words.
    pub fn of(issue: &KnownIssue, words: Words, default: Language) -> Shown {
        let language = words.0;
        let names: Vec<&str> = issue.components.iter().map(|c| c.label(language, default)).collect();
        let keys: Vec<&str> = issue.components.iter().map(|c| c.key.as_str()).collect();
        let (title, said_in) = issue.texts.title.get(language, default).unwrap_or(("", language));
        Shown {
            id: issue.fact.id,
            status: issue.fact.status.code(),
            status_word: words.word("known-status", issue.fact.status.code()),
            open: issue.fact.status.is_open(),
            title: title.to_owned(),
            title_language: if said_in == language { String::new() } else { said_in.to_string() },
            body: markdown::render(issue.texts.body.text(language, default)),
            workaround: markdown::render(issue.texts.workaround.text(language, default)),
            components: names.join(&words.t("windows-comma")),
            keys: keys.join(" "),
            met: if issue.met() > 0 { words.n("known-met", issue.met()) } else { String::new() },
            terms: similarity::weighty(&known_issues::words_of(issue), TERMS).join(" "),
            fits: false,
        }
    }
}

/// Those of these known issues that are not over, for the report form: those that fit the chosen
/// component or what was typed come first and are marked.
pub fn offered(
    issues: &[KnownIssue],
    component: Option<i64>,
    typed: &str,
    words: Words,
    default: Language,
) -> Vec<Shown> {
    let open: Vec<KnownIssue> = issues.iter().filter(|i| i.fact.status.is_open()).cloned().collect();
    let likeness = known_issues::fitting(&open, typed, component);
    let mut shown: Vec<(f64, Shown)> = open
        .iter()
        .zip(likeness)
        .map(|(issue, likeness)| {
            let by_component = component.is_some_and(|id| issue.components.iter().any(|c| c.id == id));
            let by_text = likeness >= similarity::FITTING;
            let rank = f64::from(u8::from(by_component)) + if by_text { 1.0 + likeness } else { 0.0 };
            (rank, Shown { fits: by_component || by_text, ..Shown::of(issue, words, default) })
        })
        .collect();
    shown.sort_by(|a, b| b.0.total_cmp(&a.0));
    shown.into_iter().map(|(_, shown)| shown).collect()
}

/// What the browser asks for while somebody types.
#[derive(Debug, Serialize)]
struct Listed {
    id: i64,
    title: String,
    /// The keys of what it affects.
    components: Vec<String>,
    /// How many met it.
    met: i64,
    /// By which the browser tells whether what is typed is about it.
    terms: Vec<String>,
}

fn read(connection: &mut Db, slug: Option<&str>, now: Instant) -> Result<Vec<KnownIssue>, Error> {
    let window = match slug {
        Some(slug) => Some(windows::public(connection, slug)?.id),
        None => {
            let place = Occurrence { at: Some(now), ..Occurrence::default() };
            attribute(&windows::extents(connection, now)?, place).window
        }
    };
    known_issues::public_of(connection, window)
}

/// `GET /known-issues.json`: what is known and not over, of the window named or of the one that is on
/// now. The same for everybody who reads the language; what is typed stays in the browser.
pub async fn list(
    app: web::Data<App>,
    request: HttpRequest,
    visitor: Visitor,
    query: Query,
) -> Result<HttpResponse, Failure> {
    let query = query.only(&["window"])?;
    let slug = Some(query.get("window").to_owned()).filter(|slug| !slug.is_empty());
    let now = app.now();
    let asked = query.get("window");
    let read = app.store.read(move |c| read(c, slug.as_deref(), now));
    let issues = app.last.known.or_read(asked, read).await?;
    let default = app.settings().default_language;
    let items: Vec<Listed> = issues
        .iter()
        .filter(|i| i.fact.status.is_open())
        .map(|issue| Listed {
            id: issue.fact.id,
            title: issue.title(visitor.language, default).to_owned(),
            components: issue.components.iter().map(|c| c.key.clone()).collect(),
            met: issue.met(),
            terms: similarity::weighty(&known_issues::words_of(issue), TERMS),
        })
        .collect();
    let body = serde_json::to_vec(&items).map_err(|e| Error::Internal(e.to_string()))?;
    let tag = etag::tag(items.len() as i64, &body);
    let known = etag::is_known(&request, &tag);
    let mut response = if known { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    response.insert_header(actix_web::http::header::ETag(tag)).insert_header(("Cache-Control", "no-cache"));
    if known {
        return Ok(response.finish());
    }
    Ok(response.content_type("application/json").body(body))
}
