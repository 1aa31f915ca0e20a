//! One's own account: the password, and where one is logged in.

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use crate::domain::fields::FieldErrors;
use crate::domain::instant::Instant;
use crate::domain::password::NewPassword;
use crate::store::people::second_factor::{self, SecondFactor};
use crate::store::people::{self, Actor, Login, OpenSession, identities};
use crate::web::app::App;
use crate::web::failure::Failure;
use crate::web::form::{Form, Query};
use crate::web::login::begin;
use crate::web::page::{Page, form_again, private_page, see_other};
use crate::web::password;
use crate::web::slowing::Debts;
use crate::web::visitor::{Viewer, Visitor, session_cookie};

#[derive(Template)]
#[template(path = "account.html")]
struct OwnPage {
    page: Page,
    errors: FieldErrors,
    role: &'static str,
    done: String,
    sessions: Vec<OpenSession>,
    /// The session in which this page is read.
    this: i64,
    second_factor: SecondFactor,
    /// They have a password to change; who only comes from the organisation's log-in has none.
    has_password: bool,
    /// What the organisation's own log-in is called, if there is one.
    provider: Option<String>,
    /// Since when this account is linked with it, if it is.
    linked: Option<Instant>,
}

/// The person who acts; programs have no account of their own.
pub(super) fn person(Viewer(actor): Viewer) -> Result<(Actor, i64, String), Failure> {
    match &actor {
        Actor::Person { id, name, .. } => Ok((actor.clone(), *id, name.clone())),
        _ => Err(Failure::NOT_FOUND),
    }
}

/// The number of the session that this request came in.
pub(super) fn this_session(app: &App, request: &HttpRequest) -> Option<i64> {
    request.cookie(session_cookie(app)).and_then(|c| people::session_id(c.value()))
}

impl OwnPage {
    fn codes_left(&self, left: &i64) -> String {
        self.page.n("second-factor-codes-left", *left)
    }

    async fn of(
        app: &App,
        request: &HttpRequest,
        visitor: &Visitor,
        (actor, id, name): &(Actor, i64, String),
    ) -> Result<OwnPage, Failure> {
        let (id, name, now, life) = (*id, name.clone(), app.now(), app.session_life);
        let (sessions, second_factor, linked, has_password) = app
            .store
            .read(move |c| {
                Ok((
                    people::open_sessions(c, id, now, life)?,
                    second_factor::of(c, id)?,
                    identities::of(c, id)?.first().map(|(_, since)| *since),
                    people::password_hash(c, &name)?.is_some(),
                ))
            })
            .await?;
        Ok(OwnPage {
            page: Page::bare(request, visitor),
            errors: FieldErrors::new(),
            role: actor.role().code(),
            done: String::new(),
            sessions,
            this: this_session(app, request).unwrap_or(0),
            second_factor,
            has_password,
            provider: app.provider_name(),
            linked,
        })
    }
}

/// `GET /admin/account`
pub async fn own(
    app: web::Data<App>,
    request: HttpRequest,
    visitor: Visitor,
    query: Query,
    guard: Viewer,
) -> Result<HttpResponse, Failure> {
    let mut page = OwnPage::of(&app, &request, &visitor, &person(guard)?).await?;
    page.done =
        query.done(&["password", "ended", "others", "second-factor-off", "linked", "unlinked", "taken"]);
    private_page(&page)
}

/// `POST /admin/account/password`: ends every session and begins a new one here.
pub async fn change_password(
    app: web::Data<App>,
    request: HttpRequest,
    visitor: Visitor,
    form: Form,
    guard: Viewer,
) -> Result<HttpResponse, Failure> {
    let who = person(guard)?;
    let (actor, id, name) = who.clone();
    let mut errors = FieldErrors::new();
    if !is_password(&app, &request, &visitor, &name, form.get("old_password")).await? {
        errors.add("old_password", "old-password");
    }
    let known = [name.as_str(), &app.settings().service_name];
    let new = errors.keep(NewPassword::parse("password", form.get("password"), &known));
    if form.get("password") != form.get("password_again") {
        errors.add("password_again", "passwords-differ");
    }
    let (Some(new), true) = (new, errors.is_empty()) else {
        let page = OwnPage::of(&app, &request, &visitor, &who).await?;
        return form_again(&OwnPage { errors, ..page });
    };
    let hash = password::hash_elsewhere(new.as_str().to_owned()).await?;
    app.store.write(move |w| people::change_password(w, &actor, id, &hash)).await?;
    begin(&app, &request, (id, &name), Login::Password, "/admin/account?done=password").await
}

/// Whether this is the present password of somebody who is logged in; slowed as a log-in is.
pub(super) async fn is_password(
    app: &App,
    request: &HttpRequest,
    visitor: &Visitor,
    name: &str,
    typed: &str,
) -> Result<bool, Failure> {
    let debts = Debts::of_account(app, request, visitor, name);
    debts.charge(app).await?;
    let (typed, asked) = (typed.to_owned(), name.to_owned());
    let stored = app.store.read(move |c| people::password_hash(c, &asked)).await?.map(|(_, hash)| hash);
    let fits = password::matches_elsewhere(typed, stored).await?;
    if fits {
        debts.forgive(app).await?;
    }
    Ok(fits)
}

/// `POST /admin/account/sessions/{id}/end`
pub async fn end_session(
    app: web::Data<App>,
    request: HttpRequest,
    id: web::Path<i64>,
    guard: Viewer,
) -> Result<HttpResponse, Failure> {
    let (actor, person, _) = person(guard)?;
    let session = id.into_inner();
    app.store.write(move |w| people::end_session_of(w, &actor, person, session)).await?;
    let here = this_session(&app, &request) == Some(session);
    Ok(see_other(if here { "/login" } else { "/admin/account?done=ended" }))
}

/// `POST /admin/account/sessions/end-others`
pub async fn end_other_sessions(
    app: web::Data<App>,
    request: HttpRequest,
    guard: Viewer,
) -> Result<HttpResponse, Failure> {
    let (actor, person, _) = person(guard)?;
    let this = this_session(&app, &request);
    app.store.write(move |w| people::end_other_sessions(w, &actor, person, this)).await?;
    Ok(see_other("/admin/account?done=others"))
}
