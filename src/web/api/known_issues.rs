//! Known issues by program: listing and keeping them.

use actix_web::{HttpRequest, HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::not_kept;
use super::reports_submit::code;
use crate::domain::fields::FieldErrors;
use crate::domain::instant::Instant;
use crate::domain::json;
use crate::domain::known_issue::{self, IssueStatus, IssueTexts};
use crate::domain::language::{Language, Texts, TextsInput};
use crate::domain::reference::ReportReference;
use crate::store::known_issues::{self, Draft, Filter, KnownIssue, Moves};
use crate::store::people::Actor;
use crate::store::{Error, Write, idempotency};
use crate::web::app::App;
use crate::web::etag;
use crate::web::failure::Failure;
use crate::web::form::{Idempotency, Json, Query};
use crate::web::listing;
use crate::web::visitor::{Support, Viewer, Visitor};

/// A known issue as staff see it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct KnownIssueOut {
    /// Its number.
    id: i64,
    /// The slug of the window that it belongs to.
    window: Option<String>,
    /// Where it stands.
    status: IssueStatus,
    /// Whether the public sees it.
    public: bool,
    /// What it is called, in the asked language.
    title: String,
    /// What is known of it.
    body: String,
    /// What to do meanwhile.
    workaround: String,
    /// The texts in every language in which they were written.
    #[schema(value_type = Object)]
    texts: IssueTexts,
    /// The keys of what it affects.
    components: Vec<String>,
    /// How many reports are linked to it.
    reports: i64,
    /// How many people said "me too".
    me_toos: i64,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    created_at: Instant,
    /// When it was last changed.
    #[schema(value_type = String, format = DateTime)]
    changed_at: Instant,
    /// When it was resolved; null while it is not.
    #[schema(value_type = Option<String>, format = DateTime)]
    resolved_at: Option<Instant>,
    /// Who has been told of the resolution that stands; null while there is none.
    resolution: Option<ResolutionOut>,
    /// Rises with every change; the `ETag`.
    revision: i64,
}

/// How far telling everybody has come.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ResolutionOut {
    /// Reports whose reporters have been told.
    reports_told: i64,
    /// People who said "me too" and have been told.
    me_toos_told: i64,
    /// When everybody had been told; null until then.
    #[schema(value_type = Option<String>, format = DateTime)]
    done_at: Option<Instant>,
}

/// A piece of a list of known issues.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct KnownIssuesOut {
    /// The known issues, the latest first.
    items: Vec<KnownIssueOut>,
    /// What to give as `cursor` for the next piece; null at the end.
    next_cursor: Option<String>,
}

impl KnownIssueOut {
    fn of(issue: KnownIssue, language: Language, default: Language) -> KnownIssueOut {
        let said = |texts: &Texts| texts.text(language, default).to_owned();
        KnownIssueOut {
            id: issue.fact.id,
            window: issue.window.map(|w| w.slug),
            status: issue.fact.status,
            public: issue.fact.public,
            title: said(&issue.texts.title),
            body: said(&issue.texts.body),
            workaround: said(&issue.texts.workaround),
            texts: issue.texts,
            components: issue.components.into_iter().map(|c| c.key).collect(),
            reports: issue.fact.reports,
            me_toos: issue.fact.me_toos,
            created_at: issue.fact.created_at,
            changed_at: issue.fact.changed_at,
            resolved_at: issue.fact.resolved_at,
            resolution: None,
            revision: issue.fact.revision,
        }
    }
}

async fn one(app: &App, visitor: &Visitor, id: i64) -> Result<KnownIssueOut, Failure> {
    let (issue, resolutions) =
        app.store.read(move |c| Ok((known_issues::by_id(c, id)?, known_issues::resolutions(c, id)?))).await?;
    let standing = issue.fact.resolution_id;
    let mut out = KnownIssueOut::of(issue, visitor.language, app.settings().default_language);
    out.resolution = resolutions.into_iter().find(|(r, _)| Some(r.id) == standing).map(|(r, _)| {
        ResolutionOut { reports_told: r.reports_told, me_toos_told: r.me_toos_told, done_at: r.done_at }
    });
    Ok(out)
}

fn answer(
    request: &HttpRequest,
    response: actix_web::HttpResponseBuilder,
    out: &KnownIssueOut,
) -> HttpResponse {
    etag::json(request, not_kept(response), out.revision, out)
}

/// `GET /api/v1/known-issues`
#[utoipa::path(get, path = "/api/v1/known-issues", operation_id = "listKnownIssues", tag = "known issues",
    description = "Known issues, the latest first.",
    params(
        ("window" = Option<String>, Query, description = "A window's slug, or `none`"),
        ("component" = Option<String>, Query, description = "A component's key"),
        ("status" = Option<String>, Query, description = "A status, or `open`"),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the piece before"),
        ("limit" = Option<i64>, Query, description = "1–200, 50 unless given"),
    ),
    responses((status = 200, body = KnownIssuesOut), (status = 304, description = "As `If-None-Match` knows it")))]
pub async fn list(
    app: web::Data<App>,
    request: HttpRequest,
    visitor: Visitor,
    query: Query,
    _guard: Viewer,
) -> Result<HttpResponse, Failure> {
    let query = query.only(&["window", "component", "status", "cursor", "limit"])?;
    let mut errors = FieldErrors::new();
    let limit = errors.keep(listing::limit(query.get("limit")));
    let before = errors.keep(before(query.get("cursor")));
    let filter = errors.keep(filter(&query));
    let (Some(limit), Some(before), Some(filter)) = (limit, before, filter) else {
        return Err(errors.into());
    };
    let page = app.store.read(move |c| known_issues::list(c, &filter, before, limit)).await?;
    let default = app.settings().default_language;
    let list = KnownIssuesOut {
        items: page.items.into_iter().map(|i| KnownIssueOut::of(i, visitor.language, default)).collect(),
        next_cursor: page.next.map(|id| id.to_string()),
    };
    Ok(etag::json(&request, not_kept(HttpResponse::Ok()), list.items.len() as i64, &list))
}

fn before(text: &str) -> Result<Option<i64>, FieldErrors> {
    if text.is_empty() {
        return Ok(None);
    }
    text.parse().map(Some).map_err(|_| FieldErrors::one("cursor", "bad-cursor"))
}

/// What a query asks for: `window`, `component`, `status`. Errors: `unknown-code` at `status`.
pub fn filter(query: &Query) -> Result<Filter, FieldErrors> {
    let given = |name: &str| Some(query.get(name)).filter(|v| !v.is_empty());
    let status = match given("status") {
        None => Vec::new(),
        Some("open") => IssueStatus::OPEN.to_vec(),
        Some(code) => {
            vec![IssueStatus::from_code(code).ok_or_else(|| FieldErrors::one("status", "unknown-code"))?]
        }
    };
    Ok(Filter {
        window: given("window").map(|slug| (slug != "none").then(|| slug.to_owned())),
        component: given("component").map(str::to_owned),
        status,
        public: None,
    })
}

/// `GET /api/v1/known-issues/{id}`
#[utoipa::path(get, path = "/api/v1/known-issues/{id}", operation_id = "showKnownIssue", tag = "known issues",
    description = "One known issue, with how far telling everybody has come.",
    params(("id" = i64, Path, description = "Its number")),
    responses((status = 200, body = KnownIssueOut), (status = 304, description = "As `If-None-Match` knows it")))]
pub async fn show(
    app: web::Data<App>,
    request: HttpRequest,
    visitor: Visitor,
    id: web::Path<String>,
    _guard: Viewer,
) -> Result<HttpResponse, Failure> {
    let out = one(&app, &visitor, number(&id)?).await?;
    Ok(answer(&request, HttpResponse::Ok(), &out))
}

/// The number of a known issue in an address.
pub(super) fn number(path: &str) -> Result<i64, Failure> {
    path.parse().map_err(|_| Failure::NOT_FOUND)
}

/// A known issue as it is made.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct KnownIssueBody {
    /// The slug of the window that it belongs to; none if left out.
    window: Option<String>,
    /// `investigating` unless given.
    #[schema(value_type = Option<IssueStatus>)]
    status: Option<String>,
    /// Whether the public sees it; yes unless given.
    public: Option<bool>,
    /// What it is called, at most 200 characters: a string, or an object by language.
    #[schema(required = true)]
    title: Option<TextsInput>,
    /// What is known of it, Markdown, at most 4,000 characters.
    body: Option<TextsInput>,
    /// What to do meanwhile, Markdown, at most 2,000 characters.
    workaround: Option<TextsInput>,
    /// The keys of what it affects.
    components: Option<Vec<String>>,
    /// The references of reports that it is behind, at most 500.
    reports: Option<Vec<String>>,
    /// Reports that belong to another known issue are taken from it; else they are a conflict (409).
    #[serde(rename = "move")]
    moves: Option<bool>,
}

fn texts(
    title: Option<TextsInput>,
    body: Option<TextsInput>,
    workaround: Option<TextsInput>,
    kept: IssueTexts,
    default: Language,
) -> Result<IssueTexts, FieldErrors> {
    let or = |given: Option<TextsInput>, kept| given.map_or(kept, |t| t.texts(default));
    let texts = IssueTexts {
        title: or(title, kept.title),
        body: or(body, kept.body),
        workaround: or(workaround, kept.workaround),
    };
    texts.checked(default).map_err(|mut errors| {
        // A string in the default language is called by the field alone.
        for error in &mut errors.0 {
            if let Some(short) = error.field.strip_suffix(&format!(".{default}")) {
                error.field = short.to_owned();
            }
        }
        errors
    })
}

fn references(field: &str, all: Vec<String>) -> Result<Vec<i64>, FieldErrors> {
    all.iter().map(|text| ReportReference::parse_field(field, text).map(|r| r.0)).collect()
}

/// `POST /api/v1/known-issues`
#[utoipa::path(post, path = "/api/v1/known-issues", operation_id = "createKnownIssue", tag = "known issues",
    description = "Makes a known issue and links reports to it. May be sent with an `Idempotency-Key`.",
    params(("Idempotency-Key" = Option<String>, Header, description = "22 to 128 letters, digits or - _ . ~")),
    request_body = KnownIssueBody,
    responses((status = 201, body = KnownIssueOut)))]
pub async fn create(
    app: web::Data<App>,
    request: HttpRequest,
    visitor: Visitor,
    guard: Support,
    body: Json<KnownIssueBody>,
) -> Result<HttpResponse, Failure> {
    let key = match request.headers().contains_key("idempotency-key") {
        true => Some(Idempotency::of(&request)?),
        false => None,
    };
    let default = app.settings().default_language;
    let body = body.0;
    let mut errors = FieldErrors::new();
    let texts = errors.keep(texts(body.title, body.body, body.workaround, IssueTexts::default(), default));
    let status = errors.keep(code("status", body.status.as_deref(), IssueStatus::from_code));
    let reports = errors.keep(references("reports", body.reports.unwrap_or_default()));
    let (Some(texts), Some(status), Some(reports)) = (texts, status, reports) else {
        return Err(errors.into());
    };
    let moves = body.moves.unwrap_or(false);
    let draft = Draft {
        window: body.window.filter(|w| !w.is_empty()),
        status: status.unwrap_or(IssueStatus::Investigating),
        public: body.public.unwrap_or(true),
        texts,
        components: body.components.unwrap_or_default(),
    };
    let command = (draft.clone(), reports.clone(), moves);
    let actor = guard.0.clone();
    let make = move |w: &mut Write<'_>| {
        let id = known_issues::create(w, &actor, &draft, false)?;
        link(w, &actor, id, &reports, "reports", moves)?;
        Ok(id)
    };
    let id = app
        .store
        .write(move |w| match &key {
            Some(key) => idempotency::once(w, "known issue", &key.0, &command, &make),
            None => make(w),
        })
        .await?;
    let out = one(&app, &visitor, id).await?;
    Ok(answer(&request, HttpResponse::Created(), &out))
}

/// Links reports, where one that does not exist is what is wrong with this field. `moves`: those that
/// belong to another known issue, too.
fn link(
    write: &mut Write<'_>,
    actor: &Actor,
    id: i64,
    reports: &[i64],
    field: &str,
    moves: bool,
) -> Result<usize, Error> {
    let moves = if moves { Moves::Any } else { Moves::Seen(&[]) };
    known_issues::link_moving(write, actor, id, reports, moves).map_err(|error| match error {
        Error::NotFound => Error::field(field, "no-such-report"),
        other => other,
    })
}

/// What changes of a known issue. What is left out stays as it is.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct KnownIssueChange {
    /// The window that it belongs to; `null`: none.
    #[serde(default, deserialize_with = "json::given")]
    #[schema(value_type = Option<String>)]
    window: Option<Option<String>>,
    /// Where it stands. `resolved` answers everybody with `answer`; another one reopens.
    #[schema(value_type = Option<IssueStatus>)]
    status: Option<String>,
    /// Whether the public sees it.
    public: Option<bool>,
    /// What it is called.
    title: Option<TextsInput>,
    /// What is known of it.
    body: Option<TextsInput>,
    /// What to do meanwhile.
    workaround: Option<TextsInput>,
    /// The keys of what it affects.
    components: Option<Vec<String>>,
    /// What everybody is told, at most 2,000 characters; only with `status: "resolved"`, and needed then.
    answer: Option<TextsInput>,
    /// The references of reports to link, at most 500.
    link: Option<Vec<String>>,
    /// The references of reports to unlink, at most 500. One that belongs to another known issue is a
    /// conflict (409).
    unlink: Option<Vec<String>>,
    /// Reports of `link` that belong to another known issue are taken from it; else they are a conflict
    /// (409).
    #[serde(rename = "move")]
    moves: Option<bool>,
}

/// `PATCH /api/v1/known-issues/{id}`
#[utoipa::path(patch, path = "/api/v1/known-issues/{id}", operation_id = "changeKnownIssue", tag = "known issues",
    description = "Changes a known issue, links and unlinks reports. `status: \"resolved\"` starts the job that \
        answers and resolves every linked report, and tells everybody who said \"me too\", once; reports linked \
        later are told at once. With `If-Match` only if it is still as it was looked at (else 412).",
    params(
        ("id" = i64, Path, description = "Its number"),
        ("If-Match" = Option<String>, Header, description = "The `ETag` of the known issue as it was looked at"),
    ),
    request_body = KnownIssueChange,
    responses((status = 200, body = KnownIssueOut)))]
pub async fn change(
    app: web::Data<App>,
    request: HttpRequest,
    visitor: Visitor,
    id: web::Path<String>,
    guard: Support,
    body: Json<KnownIssueChange>,
) -> Result<HttpResponse, Failure> {
    let id = number(&id)?;
    let expected = etag::stated_sequence(&request)?;
    let (body, actor, default) = (body.0, guard.0.clone(), app.settings().default_language);
    app.store.write(move |w| apply(w, &actor, id, expected, body.clone(), default)).await?;
    let out = one(&app, &visitor, id).await?;
    Ok(answer(&request, HttpResponse::Ok(), &out))
}

fn apply(
    write: &mut Write<'_>,
    actor: &Actor,
    id: i64,
    expected: Option<i64>,
    body: KnownIssueChange,
    default: Language,
) -> Result<(), Error> {
    let before = known_issues::by_id(write.connection, id)?;
    if expected.is_some_and(|revision| revision != before.fact.revision) {
        return Err(Error::Stale);
    }
    let mut errors = FieldErrors::new();
    let texts = errors.keep(texts(body.title, body.body, body.workaround, before.texts, default));
    let status = errors.keep(code("status", body.status.as_deref(), IssueStatus::from_code));
    let linked = errors.keep(references("link", body.link.unwrap_or_default()));
    let unlinked = errors.keep(references("unlink", body.unlink.unwrap_or_default()));
    let said = match body.answer {
        Some(answer) => errors.keep(known_issue::answer(answer.texts(default), default)),
        None => None,
    };
    let (Some(texts), Some(status), Some(linked), Some(unlinked), true) =
        (texts, status, linked, unlinked, errors.is_empty())
    else {
        return Err(Error::Invalid(errors));
    };
    let was = before.fact.status;
    let to = status.unwrap_or(was);
    let draft = Draft {
        window: body.window.unwrap_or(before.window.map(|w| w.slug)),
        // Resolving and reopening come after everything else.
        status: if was.is_open() && to.is_open() { to } else { was },
        public: body.public.unwrap_or(before.fact.public),
        texts,
        components: body.components.unwrap_or(before.components.into_iter().map(|c| c.key).collect()),
    };
    known_issues::revise(write, actor, id, None, &draft)?;
    let moves = body.moves.unwrap_or(false);
    if !unlinked.is_empty() {
        known_issues::unlink(write, actor, id, &unlinked).map_err(|error| match error {
            Error::NotFound => Error::field("unlink", "no-such-report"),
            other => other,
        })?;
    }
    if !linked.is_empty() {
        link(write, actor, id, &linked, "link", moves)?;
    }
    match (was.is_open(), to.is_open(), said) {
        (true, false, Some(said)) => known_issues::resolve(write, actor, id, None, &said).map(|_| ()),
        (true, false, None) => Err(Error::field("answer", "required")),
        (false, true, None) => known_issues::reopen(write, actor, id, None, to).map(|_| ()),
        (_, _, Some(_)) => Err(Error::field("answer", "answer-without-resolution")),
        _ => Ok(()),
    }
}
