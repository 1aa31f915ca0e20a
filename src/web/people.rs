//! Who may work with this server: adding people, their roles and passwords, letting them go.

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use crate::domain::fields::FieldErrors;
use crate::domain::instant::Instant;
use crate::domain::password::NewPassword;
use crate::domain::person::{PersonName, Role};
use crate::domain::secret::IdempotencyKey;
use crate::export::Cell;
use crate::store::people::identities;
use crate::store::people::invitations::{self, Invitation};
use crate::store::people::second_factor::{self, SecondFactor};
use crate::store::people::{self, Person};
use crate::store::{Error, idempotency};
use crate::web::app::App;
use crate::web::confirm::Final;
use crate::web::failure::Failure;
use crate::web::form::{Form, Query};
use crate::web::page::{Page, form_again, new_key, private_page, see_other};
use crate::web::password;
use crate::web::table::{self, Answer, Asked, Column, Pick, Table, Tabular};
use crate::web::visitor::{Administrator, Visitor};

#[derive(Template)]
#[template(path = "people.html")]
pub(super) struct PeoplePage {
    pub page: Page,
    pub form: Form,
    pub errors: FieldErrors,
    pub people: Table<PersonRow>,
    /// The invitations that can still be accepted.
    pub invitations: Vec<Invitation>,
    /// The link just made: shown now and never again.
    pub link: Option<String>,
    pub roles: &'static [Role],
    pub done: String,
}

/// A person as a row of the list.
pub(super) struct PersonRow {
    pub person: Person,
    pub second_factor: bool,
}

impl PersonRow {
    fn state(&self) -> &'static str {
        if self.person.disabled_at.is_some() { "people-disabled" } else { "people-enabled" }
    }

    fn second_factor(&self) -> &'static str {
        if self.second_factor { "second-factor-on" } else { "second-factor-off" }
    }
}

impl Tabular for PersonRow {
    const NAME: &'static str = "people";
    const PLACE: &'static str = "everybody";
    const COLUMNS: &'static [Column<PersonRow>] = &[
        Column { name: "name", title: "login-name", cell: |r, _| Cell::Text(r.person.name.clone()) },
        Column {
            name: "role",
            title: "people-role",
            cell: |r, page| Cell::Word(page.word("role", r.person.role.code())),
        },
        Column { name: "state", title: "people-state", cell: |r, page| Cell::Word(page.t(r.state())) },
        Column {
            name: "second-factor",
            title: "second-factor-title",
            cell: |r, page| Cell::Word(page.t(r.second_factor())),
        },
        Column { name: "since", title: "people-since", cell: |r, _| Cell::Time(r.person.created_at) },
    ];
    const PICKS: &'static [Pick<PersonRow>] = &[
        Pick {
            name: "role",
            title: "people-role",
            of: |r, page| {
                let code = r.person.role.code();
                vec![(code.to_owned(), page.word("role", code))]
            },
        },
        Pick {
            name: "state",
            title: "people-state",
            of: |r, page| {
                let code = if r.person.disabled_at.is_some() { "disabled" } else { "enabled" };
                vec![(code.to_owned(), page.t(r.state()))]
            },
        },
        Pick {
            name: "second-factor",
            title: "second-factor-title",
            of: |r, page| {
                let code = if r.second_factor { "on" } else { "off" };
                vec![(code.to_owned(), page.t(r.second_factor()))]
            },
        },
    ];
}

async fn everybody(app: &App) -> Result<Vec<PersonRow>, Failure> {
    let read = app.store.read(|c| Ok((people::list(c)?, second_factor::everybody_with_one(c)?)));
    let (people, with_one) = read.await?;
    let row = |person: Person| PersonRow { second_factor: with_one.contains(&person.id), person };
    Ok(people.into_iter().map(row).collect())
}

impl PeoplePage {
    /// The page with empty forms and everybody.
    pub async fn with(app: &App, request: &HttpRequest, visitor: &Visitor) -> Result<PeoplePage, Failure> {
        let page = Page::bare(request, visitor);
        let people = table::whole(&page, everybody(app).await?);
        PeoplePage::of(app, page, people).await
    }

    async fn of(app: &App, page: Page, people: Table<PersonRow>) -> Result<PeoplePage, Failure> {
        let now = app.now();
        let invitations = app.store.read(move |c| invitations::open(c, now)).await?;
        Ok(PeoplePage {
            page,
            form: Form::default()
                .set("role", Role::Support.code())
                .set("idempotency_key", new_key())
                .set("invite_role", Role::Support.code())
                .set("invite_days", "7")
                .set("invite_key", new_key()),
            errors: FieldErrors::new(),
            people,
            invitations,
            link: None,
            roles: Role::ALL,
            done: String::new(),
        })
    }
}

#[derive(Template)]
#[template(path = "person.html")]
struct PersonPage {
    page: Page,
    errors: FieldErrors,
    person: Person,
    roles: &'static [Role],
    second_factor: SecondFactor,
    sessions: usize,
    /// The provider that they are linked with, and since when.
    linked: Option<(String, Instant)>,
    done: String,
}

impl PersonPage {
    fn codes_left(&self, left: &i64) -> String {
        self.page.n("second-factor-codes-left", *left)
    }

    fn logged_in(&self) -> String {
        self.page.n("people-sessions", i64::try_from(self.sessions).unwrap_or(i64::MAX))
    }

    async fn of(app: &App, request: &HttpRequest, visitor: &Visitor, id: i64) -> Result<PersonPage, Failure> {
        let (now, life) = (app.now(), app.session_life);
        let read = app.store.read(move |c| {
            Ok((
                people::person(c, id)?,
                second_factor::of(c, id)?,
                people::open_sessions(c, id, now, life)?.len(),
                identities::of(c, id)?.pop(),
            ))
        });
        let (person, second_factor, sessions, linked) = read.await?;
        Ok(PersonPage {
            page: Page::bare(request, visitor),
            errors: FieldErrors::new(),
            person,
            roles: Role::ALL,
            second_factor,
            sessions,
            linked,
            done: String::new(),
        })
    }
}

/// `GET /admin/people`
pub async fn list(
    app: web::Data<App>,
    request: HttpRequest,
    visitor: Visitor,
    query: Query,
    Administrator(actor): Administrator,
) -> Result<HttpResponse, Failure> {
    let asked = Asked::of::<PersonRow>(&query, &["done"], &[])?;
    let page = Page::bare(&request, &visitor);
    match table::answer(&app, &page, &actor, &asked, everybody(&app).await?).await? {
        Answer::File(file) => Ok(file),
        Answer::Page(people) => {
            let mut page = PeoplePage::of(&app, page, people).await?;
            page.done = query.done(&["added", "revoked"]);
            private_page(&page)
        }
    }
}

struct New {
    name: PersonName,
    password: NewPassword,
    role: Role,
    key: IdempotencyKey,
}

fn role(form: &Form) -> Result<Role, FieldErrors> {
    Role::from_code(form.get("role")).ok_or_else(|| FieldErrors::one("role", "unknown-code"))
}

fn new_password(form: &Form, name: &str, service: &str, errors: &mut FieldErrors) -> Option<NewPassword> {
    let password = errors.keep(NewPassword::parse("password", form.get("password"), &[name, service]));
    if form.get("password") != form.get("password_again") {
        errors.add("password_again", "passwords-differ");
    }
    password
}

fn parse(form: &Form, service: &str) -> Result<New, FieldErrors> {
    let mut errors = FieldErrors::new();
    let name = errors.keep(PersonName::parse("name", form.get("name")));
    let role = errors.keep(role(form));
    let password = new_password(form, form.get("name"), service, &mut errors);
    let key = errors.keep(IdempotencyKey::parse("idempotency_key", form.get("idempotency_key")));
    match (name, role, password, key) {
        (Some(name), Some(role), Some(password), Some(key)) if errors.is_empty() => {
            Ok(New { name, password, role, key })
        }
        _ => Err(errors),
    }
}

/// `POST /admin/people`
pub async fn add(
    app: web::Data<App>,
    request: HttpRequest,
    visitor: Visitor,
    form: Form,
    Administrator(actor): Administrator,
) -> Result<HttpResponse, Failure> {
    let outcome = match parse(&form, &app.settings().service_name) {
        Ok(new) => {
            let hash = password::hash_elsewhere(new.password.as_str().to_owned()).await?;
            let added = app.store.write(move |w| {
                let command = (new.name.as_str(), new.role);
                idempotency::once(w, "person", &new.key, &command, |w| {
                    Ok(people::add(w, &actor, &new.name, new.role, &hash)?.id)
                })
            });
            added.await.map(|_| ())
        }
        Err(errors) => Err(Error::Invalid(errors)),
    };
    match outcome {
        Ok(()) => Ok(see_other("/admin/people?done=added")),
        Err(Error::Invalid(errors)) => {
            let page = PeoplePage::with(&app, &request, &visitor).await?;
            let form = page.form.clone().over(&form);
            form_again(&PeoplePage { form, errors, ..page })
        }
        Err(error) => Err(error.into()),
    }
}

/// `GET /admin/people/{id}`
pub async fn show(
    app: web::Data<App>,
    request: HttpRequest,
    visitor: Visitor,
    id: web::Path<i64>,
    query: Query,
    _guard: Administrator,
) -> Result<HttpResponse, Failure> {
    let mut page = PersonPage::of(&app, &request, &visitor, *id).await?;
    let known = ["role", "password", "disabled", "enabled", "second-factor", "sessions", "unlinked"];
    page.done = query.done(&known);
    private_page(&page)
}

/// The person's page after a change, or again with what was wrong.
async fn after(
    app: &App,
    request: &HttpRequest,
    visitor: &Visitor,
    id: i64,
    field: &'static str,
    done: &'static str,
    outcome: Result<(), Error>,
) -> Result<HttpResponse, Failure> {
    let errors = match outcome {
        Ok(()) => return Ok(see_other(&format!("/admin/people/{id}?done={done}"))),
        Err(Error::Invalid(errors)) => errors,
        Err(Error::Conflict { code: "last-administrator", .. }) => {
            FieldErrors::one(field, "last-administrator")
        }
        Err(error) => return Err(error.into()),
    };
    let page = PersonPage::of(app, request, visitor, id).await?;
    form_again(&PersonPage { errors, ..page })
}

/// `POST /admin/people/{id}/role`
pub async fn change_role(
    app: web::Data<App>,
    request: HttpRequest,
    visitor: Visitor,
    id: web::Path<i64>,
    form: Form,
    Administrator(actor): Administrator,
) -> Result<HttpResponse, Failure> {
    let id = id.into_inner();
    let outcome = match role(&form) {
        Ok(role) => app.store.write(move |w| people::change_role(w, &actor, id, role)).await,
        Err(errors) => Err(errors.into()),
    };
    after(&app, &request, &visitor, id, "role", "role", outcome).await
}

/// `POST /admin/people/{id}/password`
pub async fn set_password(
    app: web::Data<App>,
    request: HttpRequest,
    visitor: Visitor,
    id: web::Path<i64>,
    form: Form,
    Administrator(actor): Administrator,
) -> Result<HttpResponse, Failure> {
    let id = id.into_inner();
    let person = app.store.read(move |c| people::person(c, id)).await?;
    let mut errors = FieldErrors::new();
    let outcome = match new_password(&form, &person.name, &app.settings().service_name, &mut errors) {
        Some(new) if errors.is_empty() => {
            let hash = password::hash_elsewhere(new.as_str().to_owned()).await?;
            app.store.write(move |w| people::change_password(w, &actor, id, &hash)).await
        }
        _ => Err(errors.into()),
    };
    after(&app, &request, &visitor, id, "password", "password", outcome).await
}

async fn set_disabled(
    app: &App,
    request: &HttpRequest,
    visitor: &Visitor,
    id: i64,
    Administrator(actor): Administrator,
    disabled: bool,
) -> Result<HttpResponse, Failure> {
    let outcome = app.store.write(move |w| people::set_disabled(w, &actor, id, disabled)).await;
    let done = if disabled { "disabled" } else { "enabled" };
    after(app, request, visitor, id, "disabled", done, outcome).await
}

/// `POST /admin/people/{id}/disable`
pub async fn disable(
    app: web::Data<App>,
    request: HttpRequest,
    visitor: Visitor,
    id: web::Path<i64>,
    guard: Administrator,
) -> Result<HttpResponse, Failure> {
    set_disabled(&app, &request, &visitor, *id, guard, true).await
}

/// `POST /admin/people/{id}/enable`
pub async fn enable(
    app: web::Data<App>,
    request: HttpRequest,
    visitor: Visitor,
    id: web::Path<i64>,
    guard: Administrator,
) -> Result<HttpResponse, Failure> {
    set_disabled(&app, &request, &visitor, *id, guard, false).await
}

/// `POST /admin/people/{id}/second-factor/remove`: for somebody who has lost theirs; confirmed by
/// typing their name.
pub async fn remove_second_factor(
    app: web::Data<App>,
    request: HttpRequest,
    visitor: Visitor,
    id: web::Path<i64>,
    form: Form,
    Administrator(actor): Administrator,
) -> Result<HttpResponse, Failure> {
    let id = id.into_inner();
    let (person, factor) =
        app.store.read(move |c| Ok((people::person(c, id)?, second_factor::of(c, id)?))).await?;
    // Where there is none, nothing can be taken away.
    if matches!(factor, SecondFactor::On { .. }) {
        let page = Page::bare(&request, &visitor);
        let act = Final {
            title: page.with("confirm-second-factor", [("name", &person.name)]),
            says: vec![page.t("confirm-second-factor-says")],
            quotes: Vec::new(),
            word: person.name,
            button: page.t("second-factor-remove"),
            back: format!("/admin/people/{id}"),
        };
        if let Some(asked) = act.unless_typed(page, &form)? {
            return Ok(asked);
        }
    }
    app.store
        .write(move |w| {
            second_factor::remove(w, &actor, id)?;
            people::end_all_sessions(w, id)
        })
        .await?;
    Ok(see_other(&format!("/admin/people/{id}?done=second-factor")))
}

/// `POST /admin/people/{id}/sessions/end`
pub async fn end_sessions(
    app: web::Data<App>,
    id: web::Path<i64>,
    Administrator(actor): Administrator,
) -> Result<HttpResponse, Failure> {
    let id = id.into_inner();
    app.store.write(move |w| people::end_other_sessions(w, &actor, id, None)).await?;
    Ok(see_other(&format!("/admin/people/{id}?done=sessions")))
}

/// `POST /admin/people/{id}/unlink`: they come in through the organisation's log-in no longer.
pub async fn unlink(
    app: web::Data<App>,
    id: web::Path<i64>,
    Administrator(actor): Administrator,
) -> Result<HttpResponse, Failure> {
    let id = id.into_inner();
    app.store
        .write(move |w| {
            identities::unlink(w, &actor, id)?;
            people::end_all_sessions(w, id)
        })
        .await?;
    Ok(see_other(&format!("/admin/people/{id}?done=unlinked")))
}
