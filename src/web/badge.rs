//! `/badge.svg`: in one line whether there is maintenance now or soon, for other sites and READMEs.

use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use crate::domain::colour::{Accent, OWN};
use crate::domain::window::WindowState;
use crate::i18n::Words;
use crate::store::Error;
use crate::store::connection::Db;
use crate::store::instance;
use crate::store::windows::{self, Window};
use crate::web::app::App;
use crate::web::failure::Failure;
use crate::web::notice::When;
use crate::web::visitor::Visitor;

/// For how many hours before its start a window is said.
const AHEAD_HOURS: i64 = 7 * 24;
/// Blank before and after a text.
const MARGIN: usize = 8;

#[derive(Template)]
#[template(path = "badge.svg")]
struct Badge<'a> {
    label: String,
    state: String,
    colour: &'a str,
    /// Widths in pixels.
    left: usize,
    right: usize,
}

/// About how wide a text of 12 pixels is: characters of East Asia take a square.
fn width(text: &str) -> usize {
    let tenths: usize = text.chars().map(|c| if c >= '\u{2E80}' { 120 } else { 71 }).sum();
    tenths.div_ceil(10) + 2 * MARGIN
}

/// `GET /badge.svg`
pub async fn show(
    app: web::Data<App>,
    request: HttpRequest,
    visitor: Visitor,
) -> Result<HttpResponse, Failure> {
    let language = visitor.language;
    let render = || {
        let app = app.clone();
        async move {
            let now = app.now();
            let words = Words(language);
            let (settings, running, coming) = app.store.read(read).await?;
            let coming = coming.filter(|w| w.schedule.start < now.plus_hours(AHEAD_HOURS));
            let accent = settings.appearance.accent.map_or(OWN, Accent::colour).to_string();
            let (state, colour) = match (running, coming) {
                (Some(window), _) if window.overdue(now) => (words.t("badge-overdue"), "#7a4b00"),
                (Some(window), _) if window.state == WindowState::Verifying => {
                    (words.t("badge-verifying"), "#1d5193")
                }
                (Some(_), _) => (words.t("badge-running"), accent.as_str()),
                (None, Some(window)) => {
                    let at = When::new(words, window.zone(), now).day_and_clock(window.schedule.start);
                    (words.with("badge-coming", [("at", &at)]), "#1d5193")
                }
                (None, None) => (words.t("badge-none"), "#17653c"),
            };
            let name: String = settings.service_name.chars().take(30).collect();
            let label = if name.is_empty() { words.t("badge-label") } else { name };
            let (left, right) = (width(&label), width(&state));
            Ok(Badge { label, state, colour, left, right }.render()?)
        }
    };
    let mut response = app.pages.file(&request, "/badge.svg", language, "image/svg+xml", render).await?;
    let name = HeaderName::from_static("cross-origin-resource-policy");
    response.headers_mut().insert(name, HeaderValue::from_static("cross-origin"));
    Ok(response)
}

fn read(connection: &mut Db) -> Result<(instance::Settings, Option<Window>, Option<Window>), Error> {
    use WindowState::{InProgress, Verifying};
    let running = windows::list(connection, &[InProgress, Verifying], None, None, 1)?.pop();
    let coming = windows::coming(connection, 1)?.pop();
    Ok((instance::settings(connection)?, running, coming))
}
