//! What other sites show of us: a banner with the window that matters now, and our forms inside a
//! page of theirs.
//!
//! Forms in frames have addresses of their own below `/embed/`, and only those may be framed, only by
//! the origins that the operator lists (`frame-ancestors`); nobody by default. Inside such a frame a
//! form is sent by our own page to our own server, which browsers call same-origin whatever surrounds
//! the frame, so that nothing else has to be let in: a form that another site sends itself is refused
//! wherever it comes from. No cookie is needed, and none of staff reaches a frame of another site.

use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde::Serialize;

use crate::domain::instant::Instant;
use crate::domain::language::Language;
use crate::domain::origin::Origin;
use crate::domain::secret::Receipt;
use crate::domain::window::{ComponentImpact, WindowState};
use crate::i18n::Words;
use crate::store::connection::Db;
use crate::store::counters::Others;
use crate::store::instance::{self, Settings};
use crate::store::windows::{self, Window};
use crate::store::{Error, reports};
use crate::web::app::App;
use crate::web::assets;
use crate::web::failure::Failure;
use crate::web::notice::{Notice, Reader, When};
use crate::web::page::{self, Page, private_page};
use crate::web::receipt_view::link_behind;
use crate::web::visitor::Visitor;

/// Where addresses of framed pages begin.
pub const EMBEDDED: &str = "/embed";
/// For how many hours before its start a window is worth a banner.
const AHEAD_HOURS: i64 = 7 * 24;
/// How many windows of each kind a banner can choose from.
const MOST: i64 = 5;

/// Whether a page of this path is made for a frame.
pub fn is_embedded(path: &str) -> bool {
    path.strip_prefix(EMBEDDED).is_some_and(|rest| rest.starts_with('/'))
}

/// The sources that may frame a page of this path, for `frame-ancestors`.
pub(super) fn ancestors(path: &str, settings: &Settings) -> String {
    if !is_embedded(path) || settings.embed_origins.is_empty() {
        return "'none'".to_owned();
    }
    settings.embed_origins.iter().map(Origin::as_str).collect::<Vec<_>>().join(" ")
}

/// Lets pages of other sites have these bytes as a part of them.
fn for_others(response: &mut HttpResponse) {
    let name = header::HeaderName::from_static("cross-origin-resource-policy");
    response.headers_mut().insert(name, HeaderValue::from_static("cross-origin"));
}

/// `GET /embed.js`
pub async fn script(request: HttpRequest) -> Result<HttpResponse, Failure> {
    let mut response = assets::show(request, web::Path::from("embed.js".to_owned())).await?;
    for_others(&mut response);
    Ok(response)
}

/// What a banner can say.
#[derive(Serialize)]
struct State {
    windows: Vec<Said>,
    words: Vocabulary,
    /// What a banner about something running stands on, as `#rrggbb`; white can be read on it.
    colour: String,
}

/// The words around it.
#[derive(Serialize)]
struct Vocabulary {
    region: String,
    report: String,
    survey: String,
    notice: String,
    close: String,
}

/// One window, the most important first. Addresses are paths of this server.
#[derive(Serialize)]
struct Said {
    slug: String,
    title: String,
    /// `running`, `coming` or `done`.
    state: &'static str,
    says: String,
    /// The keys of the affected components.
    components: Vec<String>,
    notice: String,
    report: Option<String>,
    survey: Option<String>,
}

impl Said {
    fn of(window: &Window, reader: Reader) -> Said {
        let Reader { words, now, .. } = reader;
        let notice = Notice::of(window, reader, &Others::default());
        let language = words.0;
        let address = |what: &str| format!("{EMBEDDED}/windows/{}/{what}?lang={language}", window.slug);
        let when = When::new(words, window.zone(), now);
        let (state, says) = match window.state {
            WindowState::InProgress | WindowState::Verifying => ("running", words.t("embed-running")),
            WindowState::Completed => ("done", words.t("embed-done")),
            _ => {
                let times = when.range(window.schedule.start, window.schedule.end);
                let zone = when.zone_label(window.schedule.start);
                ("coming", words.with("embed-coming", [("times", &times), ("zone", &zone)]))
            }
        };
        let affected = window.components.iter().filter(|c| c.impact != ComponentImpact::None);
        Said {
            slug: window.slug.to_string(),
            title: notice.title,
            state,
            says,
            components: affected.map(|c| c.component.key.clone()).collect(),
            notice: format!("/windows/{}?lang={language}", window.slug),
            report: notice.takes_reports.then(|| address("report")),
            survey: notice.survey_open.then(|| address("survey")),
        }
    }
}

fn read(connection: &mut Db, now: Instant) -> Result<(Settings, Vec<Window>), Error> {
    use WindowState::{Completed, InProgress, Verifying};
    let mut found = windows::list(connection, &[InProgress, Verifying], None, None, MOST)?;
    let coming = windows::coming(connection, MOST)?;
    found.extend(coming.into_iter().filter(|w| w.schedule.start < now.plus_hours(AHEAD_HOURS)));
    let done = windows::list(connection, &[Completed], None, None, MOST)?;
    found.extend(done.into_iter().filter(|w| w.survey_open(now)));
    Ok((instance::settings(connection)?, found))
}

/// `GET /embed.json`: what `embed.js` reads, without cookies, from the listed origins.
pub async fn state(
    app: web::Data<App>,
    request: HttpRequest,
    visitor: Visitor,
) -> Result<HttpResponse, Failure> {
    let language = visitor.language;
    let render = || {
        let app = app.clone();
        async move {
            let now = app.now();
            let (settings, windows) = app.store.read(move |c| read(c, now)).await?;
            let words = Words(language);
            let reader = Reader { words, default: settings.default_language, now };
            let state = State {
                windows: windows.iter().map(|w| Said::of(w, reader)).collect(),
                colour: page::frame(&settings),
                words: Vocabulary {
                    region: words.t("embed-region"),
                    report: words.t("windows-report"),
                    survey: words.t("windows-survey"),
                    notice: words.t("embed-notice"),
                    close: words.t("embed-close"),
                },
            };
            Ok(serde_json::to_string(&state).map_err(|e| Error::Internal(format!("embed.json: {e}")))?)
        }
    };
    let mut response = app.pages.file(&request, "/embed.json", language, "application/json", render).await?;
    let origin = request.headers().get(header::ORIGIN).cloned();
    let listed = |o: &HeaderValue| {
        let origin = o.to_str().ok().and_then(Origin::parse);
        origin.is_some_and(|o| app.settings().embed_origins.contains(&o))
    };
    if let Some(origin) = origin.filter(listed) {
        response.headers_mut().insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        for_others(&mut response);
    }
    response.headers_mut().append(header::VARY, HeaderValue::from_static("Origin"));
    Ok(response)
}

#[derive(Template)]
#[template(path = "embed/received.html")]
struct ReceivedPage {
    page: Page,
    code: String,
    /// The whole receipt, to be opened outside of the frame.
    url: String,
    received: String,
}

/// `GET /embed/receipts/{secret}`: that the report arrived, and what opens it again.
pub async fn received(
    app: web::Data<App>,
    request: HttpRequest,
    visitor: Visitor,
    secret: web::Path<String>,
    query: crate::web::form::Query,
) -> Result<HttpResponse, Failure> {
    let link = link_behind(&app, &visitor, secret.into_inner()).await?;
    let opened = link.clone();
    app.store.read(move |c| reports::held(c, &opened)).await?;
    let code = Receipt::of_link(&link).map(|(_, code)| code).unwrap_or_default();
    let received = query.get("received").to_owned();
    let url = format!("{}/receipts/{link}", app.public_url());
    private_page(&ReceivedPage { page: Page::bare(&request, &visitor), code, url, received })
}

/// The query that a framed form's next page needs: a frame keeps no cookie that says the language.
pub(super) fn language_query(path: &str, language: Language, first: char) -> String {
    if is_embedded(path) { format!("{first}lang={language}") } else { String::new() }
}
