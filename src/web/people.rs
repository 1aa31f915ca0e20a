//! Who may work with this server: adding people, their roles and passwords, letting them go.

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use crate::domain::fields::FieldErrors;
use crate::domain::person::{NewPassword, PersonName, Role};
use crate::domain::secret::IdempotencyKey;
use crate::store::people::{self, Person};
use crate::store::{Error, idempotency};
use crate::web::app::App;
use crate::web::failure::Failure;
use crate::web::form::{Form, Query};
use crate::web::page::{Page, form_again, new_key, private_page, see_other};
use crate::web::password;
use crate::web::visitor::{Administrator, Visitor};

#[derive(Template)]
#[template(path = "people.html")]
struct PeoplePage {
    page: Page,
    form: Form,
    errors: FieldErrors,
    people: Vec<Person>,
    roles: &'static [Role],
    done: String,
}

#[derive(Template)]
#[template(path = "person.html")]
struct PersonPage {
    page: Page,
    errors: FieldErrors,
    person: Person,
    roles: &'static [Role],
    done: String,
}

/// What a page may say was just done; anything else in the address is ignored.
pub(super) fn done(query: &Query, known: &[&str]) -> String {
    known.iter().find(|d| **d == query.get("done")).map_or_else(String::new, |d| (*d).to_owned())
}

async fn everybody(app: &App) -> Result<Vec<Person>, Failure> {
    Ok(app.store.read(people::list).await?)
}

/// `GET /admin/people`
pub async fn list(
    app: web::Data<App>,
    request: HttpRequest,
    visitor: Visitor,
    query: Query,
    _guard: Administrator,
) -> Result<HttpResponse, Failure> {
    private_page(&PeoplePage {
        page: Page::bare(&request, &visitor),
        form: Form::default().set("role", Role::Support.code()).set("idempotency_key", new_key()),
        errors: FieldErrors::new(),
        people: everybody(&app).await?,
        roles: Role::ALL,
        done: done(&query, &["added"]),
    })
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

fn new_password(form: &Form, name: &str, errors: &mut FieldErrors) -> Option<NewPassword> {
    let password = errors.keep(NewPassword::parse("password", form.get("password"), name));
    if form.get("password") != form.get("password_again") {
        errors.add("password_again", "passwords-differ");
    }
    password
}

fn parse(form: &Form) -> Result<New, FieldErrors> {
    let mut errors = FieldErrors::new();
    let name = errors.keep(PersonName::parse("name", form.get("name")));
    let role = errors.keep(role(form));
    let password = new_password(form, form.get("name"), &mut errors);
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
    let outcome = match parse(&form) {
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
        Err(Error::Invalid(errors)) => form_again(&PeoplePage {
            page: Page::bare(&request, &visitor),
            people: everybody(&app).await?,
            form,
            errors,
            roles: Role::ALL,
            done: String::new(),
        }),
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
    private_page(&PersonPage {
        page: Page::bare(&request, &visitor),
        errors: FieldErrors::new(),
        person: app.store.read(move |c| people::person(c, *id)).await?,
        roles: Role::ALL,
        done: done(&query, &["role", "password", "disabled", "enabled"]),
    })
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
    form_again(&PersonPage {
        page: Page::bare(request, visitor),
        errors,
        person: app.store.read(move |c| people::person(c, id)).await?,
        roles: Role::ALL,
        done: String::new(),
    })
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
    let outcome = match new_password(&form, &person.name, &mut errors) {
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
