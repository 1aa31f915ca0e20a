//! Logging in, in one step or two, and out.

use actix_web::cookie::{Cookie, SameSite, time::Duration};
use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use crate::domain::agent;
use crate::domain::fields::FieldErrors;
use crate::domain::person::PersonName;
use crate::store::people::second_factor::{self, Answered, Entered, Waiting};
use crate::store::people::{self, Login};
use crate::store::{Error, audit};
use crate::web::app::App;
use crate::web::failure::Failure;
use crate::web::form::{Form, Query};
use crate::web::page::{Page, form_again, private_page, see_other};
use crate::web::password;
use crate::web::slowing::{Debts, device_cookie};
use crate::web::visitor::{MaybeStaff, Visitor, session_cookie};

#[derive(Template)]
#[template(path = "login.html")]
struct LoginPage {
    page: Page,
    form: Form,
    errors: FieldErrors,
    next: String,
    /// A log-in that had begun is over and begins again.
    over: bool,
    /// What the organisation's own log-in is called, if there is one.
    provider: Option<String>,
    /// Why it did not let somebody in: the end of a message's key, or nothing.
    refused: &'static str,
}

impl LoginPage {
    fn by_provider(&self, name: &str) -> String {
        self.page.with("provider-log-in", [("name", name)])
    }
}

/// Only addresses of our own are gone on to.
pub(super) fn own_path(next: &str) -> String {
    let own = next.starts_with('/')
        && !next.starts_with("//")
        && !next.contains('\\')
        && !next.contains(char::is_control)
        && next.len() <= 2_000;
    if own { next.to_owned() } else { "/admin/".to_owned() }
}

/// What the browser says of itself, for the list of sessions.
pub(super) fn device(request: &HttpRequest) -> String {
    let agent = request.headers().get(header::USER_AGENT).and_then(|v| v.to_str().ok());
    agent::describe(agent.unwrap_or_default())
}

/// The cookie of the way between the password and the second factor.
fn step_cookie(app: &App) -> &'static str {
    if app.is_https() { "__Host-interlude_step" } else { "interlude_step" }
}

/// `GET /login`
pub async fn form(
    app: web::Data<App>,
    request: HttpRequest,
    visitor: Visitor,
    query: Query,
    staff: MaybeStaff,
) -> Result<HttpResponse, Failure> {
    let next = own_path(query.get("next"));
    if staff.0.is_some() {
        return Ok(see_other(&next));
    }
    let refused = ["unknown", "disabled", "failed", "unreachable"].into_iter();
    private_page(&LoginPage {
        page: Page::bare(&request, &visitor),
        form: Form::default(),
        errors: FieldErrors::new(),
        next,
        over: query.has("over"),
        provider: app.provider_name(),
        refused: refused.into_iter().find(|r| *r == query.get("refused")).unwrap_or_default(),
    })
}

/// `POST /login`
///
/// For a name that nobody has, all the same is done as for one that somebody has, so that neither the
/// answer nor its time tells which names there are.
pub async fn log_in(
    app: web::Data<App>,
    request: HttpRequest,
    visitor: Visitor,
    form: Form,
) -> Result<HttpResponse, Failure> {
    let next = own_path(form.get("next"));
    let debts = Debts::of_account(&app, &request, &visitor, form.get("name"));
    debts.charge(&app).await?;
    // What cannot be a name is asked for as one that nobody has.
    let name =
        PersonName::parse("name", form.get("name")).map_or_else(|_| String::new(), |n| n.as_str().to_owned());
    let (asked, typed) = (name.clone(), form.get("password").to_owned());
    let found = app.store.read(move |c| people::password_hash(c, &asked)).await?;
    let (id, stored) = found.unzip();
    let fits = password::matches_elsewhere(typed, stored).await?;
    let (true, Some(id)) = (fits, id) else {
        // An unknown name is not written down: a password may have been typed there.
        let known = if id.is_some() { name } else { String::new() };
        app.store.write(move |w| audit::note_unknown(w, "login.refused", &known, "password")).await?;
        let errors = FieldErrors::one("name", "login-refused");
        return form_again(&LoginPage {
            page: Page::bare(&request, &visitor),
            form,
            errors,
            next,
            over: false,
            provider: app.provider_name(),
            refused: "",
        });
    };
    let (life, device, onwards) = (app.session_life, device(&request), next.clone());
    let entered = app
        .store
        .write(move |w| {
            debts.forgive_in(w)?;
            second_factor::enter(w, id, life, &device, &onwards)
        })
        .await?;
    match entered {
        Entered::In(cookie) => let_in(&app, &request, &name, cookie, &next),
        Entered::CodeAsked(cookie) => {
            let mut response = see_other("/login/code");
            keep(&mut response, &app, step_cookie(&app), cookie, 600)?;
            Ok(response)
        }
    }
}

#[derive(Template)]
#[template(path = "login_code.html")]
struct CodePage {
    page: Page,
    errors: FieldErrors,
    name: String,
}

impl CodePage {
    fn about(&self) -> String {
        self.page.with("code-about", [("name", &self.name)])
    }
}

/// The log-in that waits for its second factor, with the cookie that says so.
async fn waiting(app: &App, request: &HttpRequest) -> Result<Option<(String, Waiting)>, Failure> {
    let Some(cookie) = request.cookie(step_cookie(app)).map(|c| c.value().to_owned()) else {
        return Ok(None);
    };
    let (shown, now) = (cookie.clone(), app.now());
    let waiting = app.store.read(move |c| second_factor::waiting(c, &shown, now)).await?;
    Ok(waiting.map(|waiting| (cookie, waiting)))
}

/// `GET /login/code`
pub async fn code_form(
    app: web::Data<App>,
    request: HttpRequest,
    visitor: Visitor,
) -> Result<HttpResponse, Failure> {
    let Some((_, waiting)) = waiting(&app, &request).await? else { return Ok(see_other("/login?over=1")) };
    private_page(&CodePage {
        page: Page::bare(&request, &visitor),
        errors: FieldErrors::new(),
        name: waiting.name,
    })
}

/// `POST /login/code`
pub async fn code(
    app: web::Data<App>,
    request: HttpRequest,
    visitor: Visitor,
    form: Form,
) -> Result<HttpResponse, Failure> {
    let Some((cookie, waiting)) = waiting(&app, &request).await? else {
        return Ok(see_other("/login?over=1"));
    };
    let debts = Debts::of_code(&app, &request, &visitor, &waiting);
    debts.charge(&app).await?;
    let (life, device) = (app.session_life, device(&request));
    let typed = form.get("code").to_owned();
    let answered = app
        .store
        .write(move |w| {
            let answered = second_factor::answer(w, &cookie, &typed, life, &device)?;
            if matches!(answered, Answered::In(..)) {
                debts.forgive_in(w)?;
            }
            Ok(answered)
        })
        .await?;
    match answered {
        Answered::In(cookie, next) => {
            let mut response = let_in(&app, &request, &waiting.name, cookie, &next)?;
            forget(&mut response, &app, step_cookie(&app))?;
            Ok(response)
        }
        Answered::Wrong => form_again(&CodePage {
            page: Page::bare(&request, &visitor),
            errors: FieldErrors::one("code", "wrong-code"),
            name: waiting.name,
        }),
        Answered::Over => Ok(see_other("/login?over=1")),
    }
}

/// Begins a session for this person and goes on to this address.
pub(super) async fn begin(
    app: &App,
    request: &HttpRequest,
    person: (i64, &str),
    login: Login,
    next: &str,
) -> Result<HttpResponse, Failure> {
    let (life, device, (id, name)) = (app.session_life, device(request), person);
    let cookie = app.store.write(move |w| people::begin_session(w, id, life, &device, login)).await?;
    let_in(app, request, name, cookie, next)
}

/// Gives the browser its session's cookie, and one by which it is known again when the password of
/// this account was typed wrongly too often elsewhere.
pub(super) fn let_in(
    app: &App,
    request: &HttpRequest,
    name: &str,
    cookie: String,
    next: &str,
) -> Result<HttpResponse, Failure> {
    let mut response = see_other(next);
    keep(&mut response, app, session_cookie(app), cookie, app.session_life.absolute)?;
    let (device, value) = device_cookie(app, request, name);
    keep(&mut response, app, device, value, 180 * 86_400)?;
    Ok(response)
}

/// Sets a cookie that scripts cannot read and other sites do not send along.
pub(super) fn keep(
    response: &mut HttpResponse,
    app: &App,
    name: &'static str,
    value: String,
    seconds: i64,
) -> Result<(), Failure> {
    let cookie = Cookie::build(name, value)
        .path("/")
        .http_only(true)
        .secure(app.is_https())
        .same_site(SameSite::Lax)
        .max_age(Duration::seconds(seconds))
        .finish();
    Ok(response.add_cookie(&cookie).map_err(|e| Error::Internal(e.to_string()))?)
}

/// Takes a cookie back.
pub(super) fn forget(response: &mut HttpResponse, app: &App, name: &'static str) -> Result<(), Failure> {
    let mut gone = Cookie::build(name, "").path("/").secure(app.is_https()).http_only(true).finish();
    gone.make_removal();
    Ok(response.add_cookie(&gone).map_err(|e| Error::Internal(e.to_string()))?)
}

/// `POST /logout`
pub async fn log_out(app: web::Data<App>, request: HttpRequest) -> Result<HttpResponse, Failure> {
    if let Some(cookie) = request.cookie(session_cookie(&app)) {
        let value = cookie.value().to_owned();
        app.store.write(move |w| people::end_session(w, &value)).await?;
    }
    let mut response = see_other("/");
    forget(&mut response, &app, session_cookie(&app))?;
    Ok(response)
}
