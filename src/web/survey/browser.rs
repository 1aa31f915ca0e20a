//! What a browser keeps, so that it answers a survey once: a random value that the first answer
//! brings. The store keeps a keyed hash of it, another one for each window.

use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpRequest, HttpResponse};

use crate::domain::secret::IdempotencyKey;
use crate::web::app::App;
use crate::web::failure::Failure;
use crate::web::login;

/// Browsers keep nothing longer than 400 days.
const SECONDS: u32 = 400 * 24 * 3_600;

fn name(app: &App) -> &'static str {
    if app.is_https() { "__Host-interlude_survey" } else { "interlude_survey" }
}

/// What this browser keeps, if it has answered anything before.
pub(super) fn kept(app: &App, request: &HttpRequest) -> Option<String> {
    let cookie = request.cookie(name(app))?;
    IdempotencyKey::parse("cookie", cookie.value()).ok().map(|key| key.as_str().to_owned())
}

/// Lets the browser forget it: whoever comes next on a shared device answers for themselves. What a
/// frame of another site keeps is that site's to forget.
pub(in crate::web) fn forget(app: &App, response: &mut HttpResponse) -> Result<(), Failure> {
    login::forget(response, app, name(app))
}

/// Lets the browser keep it. In the frame of another site a cookie only comes back if it is meant
/// for that, and then only below that site.
pub(super) fn keep(app: &App, response: &mut HttpResponse, value: &str, embed: bool) {
    let site = match (app.is_https(), embed) {
        (true, true) => "; Secure; SameSite=None; Partitioned",
        (true, false) => "; Secure; SameSite=Lax",
        (false, _) => "; SameSite=Lax",
    };
    let cookie = format!("{}={value}; Path=/; Max-Age={SECONDS}; HttpOnly{site}", name(app));
    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
}
