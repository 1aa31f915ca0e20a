//! Logging in and out.

use actix_web::cookie::{Cookie, SameSite, time::Duration};
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use crate::domain::fields::FieldErrors;
use crate::domain::person::NewPassword;
use crate::store::people::{self, Actor};
use crate::web::app::App;
use crate::web::failure::Failure;
use crate::web::form::{Form, Query};
use crate::web::limits::Limited;
use crate::web::page::{Page, form_again, private_page, see_other};
use crate::web::password;
use crate::web::people::done;
use crate::web::visitor::{MaybeStaff, Viewer, Visitor, session_cookie};

#[derive(Template)]
#[template(path = "login.html")]
struct LoginPage {
    page: Page,
    form: Form,
    errors: FieldErrors,
    next: String,
}

/// Only addresses of our own are gone on to.
fn own_path(next: &str) -> String {
    let own = next.starts_with('/')
        && !next.starts_with("//")
        && !next.contains('\\')
        && !next.contains(char::is_control);
    if own { next.to_owned() } else { "/admin/".to_owned() }
}

/// `GET /login`
pub async fn form(
    request: HttpRequest,
    visitor: Visitor,
    query: Query,
    staff: MaybeStaff,
) -> Result<HttpResponse, Failure> {
    let next = own_path(query.get("next"));
    if staff.0.is_some() {
        return Ok(see_other(&next));
    }
    private_page(&LoginPage {
        page: Page::bare(&request, &visitor),
        form: Form::default(),
        errors: FieldErrors::new(),
        next,
    })
}

/// `POST /login`
pub async fn log_in(
    app: web::Data<App>,
    request: HttpRequest,
    visitor: Visitor,
    form: Form,
) -> Result<HttpResponse, Failure> {
    app.limits.check(Limited::Login, visitor.address).map_err(Failure::TooMany)?;
    let next = own_path(form.get("next"));
    let (name, typed) = (form.get("name").trim().to_owned(), form.get("password").to_owned());
    let found = app.store.read(move |c| people::password_hash(c, &name)).await?;
    let (id, stored) = found.unzip();
    let fits = tokio::task::spawn_blocking(move || password::matches(&typed, stored.as_deref()))
        .await
        .map_err(|e| crate::store::Error::Internal(e.to_string()))?;
    let (true, Some(id)) = (fits, id) else {
        let errors = FieldErrors::one("name", "login-refused");
        return form_again(&LoginPage { page: Page::bare(&request, &visitor), form, errors, next });
    };
    begin(&app, id, &next).await
}

#[derive(Template)]
#[template(path = "account.html")]
struct OwnPage {
    page: Page,
    errors: FieldErrors,
    role: &'static str,
    done: String,
}

/// The person who acts; programs have no account of their own.
fn person(Viewer(actor): Viewer) -> Result<(Actor, i64, String), Failure> {
    match &actor {
        Actor::Person { id, name, .. } => Ok((actor.clone(), *id, name.clone())),
        _ => Err(Failure::NOT_FOUND),
    }
}

/// `GET /admin/account`
pub async fn own(
    request: HttpRequest,
    visitor: Visitor,
    query: Query,
    guard: Viewer,
) -> Result<HttpResponse, Failure> {
    let (actor, ..) = person(guard)?;
    private_page(&OwnPage {
        page: Page::bare(&request, &visitor),
        errors: FieldErrors::new(),
        role: actor.role().code(),
        done: done(&query, &["password"]),
    })
}

/// `POST /admin/account/password`: ends every session and begins a new one here.
pub async fn change_password(
    app: web::Data<App>,
    request: HttpRequest,
    visitor: Visitor,
    form: Form,
    guard: Viewer,
) -> Result<HttpResponse, Failure> {
    app.limits.check(Limited::Login, visitor.address).map_err(Failure::TooMany)?;
    let (actor, id, name) = person(guard)?;
    let mut errors = FieldErrors::new();
    let (typed, asked) = (form.get("old_password").to_owned(), name.clone());
    let stored = app.store.read(move |c| people::password_hash(c, &asked)).await?.map(|(_, hash)| hash);
    let fits = tokio::task::spawn_blocking(move || password::matches(&typed, stored.as_deref()))
        .await
        .map_err(|e| crate::store::Error::Internal(e.to_string()))?;
    if !fits {
        errors.add("old_password", "old-password");
    }
    let new = errors.keep(NewPassword::parse("password", form.get("password"), &name));
    if form.get("password") != form.get("password_again") {
        errors.add("password_again", "passwords-differ");
    }
    let (Some(new), true) = (new, errors.is_empty()) else {
        return form_again(&OwnPage {
            page: Page::bare(&request, &visitor),
            errors,
            role: actor.role().code(),
            done: String::new(),
        });
    };
    let hash = password::hash_elsewhere(new.as_str().to_owned()).await?;
    app.store.write(move |w| people::change_password(w, &actor, id, &hash)).await?;
    begin(&app, id, "/admin/account?done=password").await
}

/// Begins a session for this person and goes on to this address.
pub async fn begin(app: &App, person: i64, next: &str) -> Result<HttpResponse, Failure> {
    let life = app.session_life;
    let value = app.store.write(move |w| people::begin_session(w, person, life)).await?;
    let mut response = see_other(next);
    let cookie = Cookie::build(session_cookie(app), value)
        .path("/")
        .http_only(true)
        .secure(app.is_https())
        .same_site(SameSite::Lax)
        .max_age(Duration::seconds(life.absolute))
        .finish();
    response.add_cookie(&cookie).map_err(|e| crate::store::Error::Internal(e.to_string()))?;
    Ok(response)
}

/// `POST /logout`
pub async fn log_out(app: web::Data<App>, request: HttpRequest) -> Result<HttpResponse, Failure> {
    if let Some(cookie) = request.cookie(session_cookie(&app)) {
        let value = cookie.value().to_owned();
        app.store.write(move |w| people::end_session(w, &value)).await?;
    }
    let mut response = see_other("/");
    let mut gone =
        Cookie::build(session_cookie(&app), "").path("/").secure(app.is_https()).http_only(true).finish();
    gone.make_removal();
    response.add_cookie(&gone).map_err(|e| crate::store::Error::Internal(e.to_string()))?;
    Ok(response)
}
