//! Coming in through the organisation's own log-in (OpenID Connect), if one is set.
//!
//! Somebody is sent there with a state that only their browser's cookie leads to, a nonce and a PKCE
//! challenge; what they bring back is worth something once, in that browser, within ten minutes. The
//! row that says so is in the database, so that any instance can take the answer.

#[cfg(feature = "oidc")]
mod client;
#[cfg(not(feature = "oidc"))]
#[path = "provider/without.rs"]
mod client;

use actix_web::{HttpRequest, HttpResponse, web};

use crate::domain::provider::RoleMap;
use crate::domain::secret;
use crate::store::people::identities::{self, Away, Identity, Outcome};
use crate::store::people::{self, Actor};
use crate::store::{Error, audit};
use crate::web::account::person;
use crate::web::app::App;
use crate::web::failure::Failure;
use crate::web::form::Query;
use crate::web::limits::Limited;
use crate::web::login::{device, forget, keep, own_path};
use crate::web::page::see_other;
use crate::web::visitor::{Viewer, Visitor, session_cookie, who};

/// The provider and what its claims mean here.
#[derive(Clone)]
pub struct Options {
    /// Its address, exactly as it calls itself.
    pub issuer: String,
    /// What this server is called there.
    pub client_id: String,
    /// The secret that this server has there, if it has one.
    pub client_secret: Option<String>,
    /// What the button says.
    pub name: String,
    /// What is asked for besides who it is.
    pub scopes: String,
    /// The claim that roles are read from.
    pub role_claim: String,
    /// Which values of it give which role.
    pub roles: RoleMap,
}

impl std::fmt::Debug for Options {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Options").field("issuer", &self.issuer).finish_non_exhaustive()
    }
}

/// Why the provider did not say who somebody is.
#[derive(Debug)]
enum Trouble {
    /// It does not answer, or nothing that can be understood.
    Unreachable(String),
    /// What it said, or what somebody brought back, is not good.
    Refused(String),
}

impl Trouble {
    /// Says it in the log, without anything secret, and gives the end of a message's key.
    fn told(self) -> &'static str {
        match self {
            Trouble::Unreachable(why) => {
                tracing::warn!(%why, "the OpenID Connect provider cannot be used");
                "unreachable"
            }
            Trouble::Refused(why) => {
                tracing::warn!(%why, "a log-in at the OpenID Connect provider was refused");
                "failed"
            }
        }
    }
}

/// The cookie of somebody who is away at the provider.
fn away_cookie(app: &App) -> &'static str {
    if app.is_https() { "__Host-interlude_away" } else { "interlude_away" }
}

/// What the provider is given to bring back. It follows from the cookie, and nobody but this server can
/// tell how.
fn state(app: &App, cookie: &str) -> String {
    secret::base32(&app.key.derive(&["provider state", cookie]))
}

fn redirect(app: &App) -> String {
    format!("{}/login/callback", app.public_url())
}

fn refused(why: &str) -> HttpResponse {
    see_other(&format!("/login?refused={why}"))
}

async fn go(app: &App, next: String, person_id: Option<i64>) -> Result<HttpResponse, Failure> {
    let options = app.provider.clone().ok_or(Failure::NOT_FOUND)?;
    let away = client::fresh(next, person_id);
    let kept = away.clone();
    let cookie = app.store.write(move |w| identities::go(w, &kept)).await?;
    let (state, redirect) = (state(app, &cookie), redirect(app));
    let going = tokio::task::spawn_blocking(move || client::go(&options, &redirect, state, &away))
        .await
        .map_err(|e| Error::Internal(e.to_string()))?;
    match going {
        Ok(address) => {
            let mut response = see_other(&address);
            keep(&mut response, app, away_cookie(app), cookie, 600)?;
            Ok(response)
        }
        Err(trouble) => Ok(refused(trouble.told())),
    }
}

/// `GET /login/provider`
pub async fn log_in(app: web::Data<App>, visitor: Visitor, query: Query) -> Result<HttpResponse, Failure> {
    app.limits.check(Limited::Login, visitor.address).map_err(Failure::TooMany)?;
    go(&app, own_path(query.get("next")), None).await
}

/// `GET /admin/account/link`: somebody who is logged in wants to come in that way as well.
pub async fn link(app: web::Data<App>, guard: Viewer) -> Result<HttpResponse, Failure> {
    let (_, id, _) = person(guard)?;
    go(&app, "/admin/account?done=linked".to_owned(), Some(id)).await
}

/// `POST /admin/account/unlink`: not for somebody who could not log in any more.
pub async fn unlink(app: web::Data<App>, guard: Viewer) -> Result<HttpResponse, Failure> {
    let (actor, id, name) = person(guard)?;
    app.store
        .write(move |w| {
            if people::password_hash(w.connection, &name)?.is_none() {
                return Err(Error::NotFound);
            }
            identities::unlink(w, &actor, id)
        })
        .await?;
    Ok(see_other("/admin/account?done=unlinked"))
}

/// What somebody brought back, if it is theirs: taken out, so that it is worth something once.
async fn come_back(
    app: &App,
    request: &HttpRequest,
    query: &Query,
) -> Result<Option<(Away, String)>, Failure> {
    let Some(cookie) = request.cookie(away_cookie(app)).map(|c| c.value().to_owned()) else {
        return Ok(None);
    };
    let (expected, code) = (state(app, &cookie), query.get("code").to_owned());
    if !secret::matches(query.get("state"), &secret::hash(&expected)) {
        return Ok(None);
    }
    let away = app.store.write(move |w| identities::come_back(w, &cookie)).await?;
    Ok(away.map(|away| (away, code)).filter(|(_, code)| !code.is_empty()))
}

/// `GET /login/callback`: the way back from the provider.
pub async fn callback(
    app: web::Data<App>,
    request: HttpRequest,
    query: Query,
) -> Result<HttpResponse, Failure> {
    let options = app.provider.clone().ok_or(Failure::NOT_FOUND)?;
    let mut response = match come_back(&app, &request, &query).await? {
        None => refuse(&app, "failed").await?,
        Some((away, code)) => {
            let (redirect, asked) = (redirect(&app), away.clone());
            let identity =
                tokio::task::spawn_blocking(move || client::identify(&options, &redirect, code, &asked))
                    .await
                    .map_err(|e| Error::Internal(e.to_string()))?;
            match identity {
                Ok(identity) => arrive(&app, &request, away, identity).await?,
                Err(trouble) => refuse(&app, trouble.told()).await?,
            }
        }
    };
    forget(&mut response, &app, away_cookie(&app))?;
    Ok(response)
}

async fn refuse(app: &App, why: &'static str) -> Result<HttpResponse, Failure> {
    app.store.write(move |w| audit::note_unknown(w, "login.refused", "", "provider")).await?;
    Ok(refused(why))
}

/// Somebody whom the provider vouches for comes in, or is linked if they are in already.
async fn arrive(
    app: &App,
    request: &HttpRequest,
    away: Away,
    identity: Identity,
) -> Result<HttpResponse, Failure> {
    if let Some(person_id) = away.person_id {
        let actor = match who(request).await? {
            Some(actor @ Actor::Person { .. }) if actor.person_id() == Some(person_id) => actor,
            _ => return Ok(refused("failed")),
        };
        let linked = app.store.write(move |w| identities::link(w, &actor, person_id, &identity)).await;
        return match linked {
            Ok(()) => Ok(see_other(&away.next)),
            Err(Error::Conflict { .. }) => Ok(see_other("/admin/account?done=taken")),
            Err(error) => Err(error.into()),
        };
    }
    let (life, device) = (app.session_life, device(request));
    match app.store.write(move |w| identities::enter(w, &identity, life, &device)).await? {
        Outcome::In(cookie) => {
            let mut response = see_other(&away.next);
            keep(&mut response, app, session_cookie(app), cookie, life.absolute)?;
            Ok(response)
        }
        Outcome::Unknown => Ok(refused("unknown")),
        Outcome::Disabled => Ok(refused("disabled")),
    }
}
