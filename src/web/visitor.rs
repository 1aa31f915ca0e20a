//! Who asks, in which language, and what they may do: extractors that handlers name as arguments.
//!
//! A staff handler takes one of [`Viewer`], [`Support`], [`Operator`], [`Administrator`]; without one
//! it has nobody to act as, and a test that walks the route table finds it.

use std::future::{Ready, ready};
use std::net::IpAddr;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::{FromRequest, HttpMessage, HttpRequest, web};

use crate::domain::language::Language;
use crate::domain::person::Role;
use crate::store::Error;
use crate::store::people::{self, Actor};
use crate::web::app::App;
use crate::web::failure::Failure;
use crate::web::proxies;

/// The cookie that holds a session; on https its name has the prefix that browsers guard.
pub fn session_cookie(app: &App) -> &'static str {
    if app.is_https() { "__Host-interlude" } else { "interlude" }
}

/// The cookie that holds the chosen language; on https its name has the prefix that browsers guard.
pub fn language_cookie(https: bool) -> &'static str {
    if https { "__Host-interlude_language" } else { "interlude_language" }
}

/// The language that was chosen before, under the guarded name or under the other, which it had on https
/// as well before 0.2.0.
pub(super) fn chosen_language(request: &HttpRequest) -> Option<Language> {
    let under = |https| Language::from_tag(request.cookie(language_cookie(https))?.value());
    under(true).or_else(|| under(false))
}

/// Where a second factor is set up: all that is open to somebody who needs one and has none.
pub(super) const SECOND_FACTOR: &str = "/admin/account/second-factor";

/// The one who asks, as far as it can be told without the database.
#[derive(Debug, Clone)]
pub struct Visitor {
    /// The language they read: `?lang=`, else their cookie, else `Accept-Language`, else the default.
    pub language: Language,
    /// The same, only if they said so in the address.
    pub asked_language: Option<Language>,
    /// Where they come from.
    pub address: Option<IpAddr>,
}

impl Visitor {
    /// Reads it off the request.
    pub fn of(request: &HttpRequest) -> Visitor {
        let asked = form_urlencoded::parse(request.query_string().as_bytes())
            .find(|(name, _)| name == "lang")
            .and_then(|(_, tag)| Language::from_tag(&tag));
        let by_cookie = || chosen_language(request);
        let by_header = || {
            let value = request.headers().get(header::ACCEPT_LANGUAGE)?.to_str().ok()?;
            Language::from_accept_language(value)
        };
        let default = || request.app_data::<web::Data<App>>().map(|app| app.settings().default_language);
        Visitor {
            language: asked.or_else(by_cookie).or_else(by_header).or_else(default).unwrap_or(Language::ZhCn),
            asked_language: asked,
            address: proxies::origin(request).address,
        }
    }
}

impl FromRequest for Visitor {
    type Error = Failure;
    type Future = Ready<Result<Visitor, Failure>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(Visitor::of(request)))
    }
}

/// Who acts, if they said who they are and it is true.
#[derive(Debug, Clone)]
pub struct MaybeStaff(pub Option<Actor>);

impl FromRequest for MaybeStaff {
    type Error = Failure;
    type Future = Pin<Box<dyn Future<Output = Result<MaybeStaff, Failure>>>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            match who(&request).await {
                Ok(actor) => Ok(MaybeStaff(actor)),
                // Until they have a second factor they are nobody.
                Err(Failure::SecondFactorNeeded) => Ok(MaybeStaff(None)),
                Err(failure) => Err(failure),
            }
        })
    }
}

/// Who sent this request, if they said so and it is true; asked of the store once a request.
pub(super) async fn who(request: &HttpRequest) -> Result<Option<Actor>, Failure> {
    if let Some(known) = request.extensions().get::<Option<Actor>>() {
        return Ok(known.clone());
    }
    let app = request.app_data::<web::Data<App>>().ok_or(Failure::NOT_FOUND)?.clone();
    let bearer = request
        .headers()
        .get(header::AUTHORIZATION)
        .and_then(|v| v.to_str().ok())
        .and_then(|v| v.strip_prefix("Bearer ").or_else(|| v.strip_prefix("bearer ")))
        .map(|t| t.trim().to_owned());
    let actor = if let Some(token) = bearer {
        let now = app.now();
        let found = app.store.read(move |c| people::token(c, &token, now)).await?;
        let Some((actor, due)) = found else { return Err(Failure::Unauthenticated) };
        if let Some(id) = due {
            noted(app.store.write(move |w| people::touch_token(w, id)).await);
        }
        Some(actor)
    } else if let Some(cookie) = request.cookie(session_cookie(&app)) {
        let (value, now, life) = (cookie.value().to_owned(), app.now(), app.session_life);
        let again = value.clone();
        let found = app.store.read(move |c| people::session(c, &value, now, life)).await?;
        if let Some(session) = &found
            && session.needs_second_factor
            && !request.path().starts_with(SECOND_FACTOR)
        {
            return Err(Failure::SecondFactorNeeded);
        }
        if found.as_ref().is_some_and(|session| session.stale) {
            noted(app.store.write(move |w| people::touch_session(w, &again)).await);
        }
        found.map(|session| session.actor)
    } else {
        None
    };
    request.extensions_mut().insert(actor.clone());
    Ok(actor)
}

/// That somebody was here is noted as far as it can be: who only reads must not be kept from it because
/// nothing can be written.
fn noted(outcome: Result<(), Error>) {
    if let Err(error) = outcome {
        tracing::warn!(%error, "the last use of a session or a token could not be noted");
    }
}

macro_rules! guard {
    ($(#[$meta:meta])* $name:ident, $role:expr) => {
        $(#[$meta])*
        #[derive(Debug, Clone)]
        pub struct $name(pub Actor);

        impl FromRequest for $name {
            type Error = Failure;
            type Future = Pin<Box<dyn Future<Output = Result<$name, Failure>>>>;

            fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
                let request = request.clone();
                Box::pin(async move {
                    match who(&request).await? {
                        Some(actor) if actor.role().may($role) => Ok($name(actor)),
                        Some(_) => Err(Failure::Forbidden),
                        None => Err(Failure::Unauthenticated),
                    }
                })
            }
        }
    };
}

guard! {
    /// Somebody who may see reports and figures.
    Viewer, Role::Viewer
}
guard! {
    /// Somebody who may triage, answer, enter and export.
    Support, Role::Support
}
guard! {
    /// Somebody who may write, publish, start and complete windows.
    Operator, Role::Operator
}
guard! {
    /// Somebody who may decide who may do what.
    Administrator, Role::Administrator
}
