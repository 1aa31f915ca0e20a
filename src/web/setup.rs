//! The one-time link that makes the first administrator.

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use crate::domain::fields::FieldErrors;
use crate::domain::password::NewPassword;
use crate::domain::person::{PersonName, Role};
use crate::store::instance::{self, Settings};
use crate::store::people::{self, Actor, Login};
use crate::store::{Error, audit};
use crate::web::app::App;
use crate::web::failure::Failure;
use crate::web::form::Form;
use crate::web::limits::Limited;
use crate::web::page::{Page, form_again, private_page};
use crate::web::visitor::Visitor;
use crate::web::{login, password, settings};

#[derive(Template)]
#[template(path = "setup.html")]
struct SetupPage {
    page: Page,
    form: Form,
    errors: FieldErrors,
    zones: &'static [&'static str],
}

/// The zones offered first; any other IANA name may be typed.
pub const ZONES: &[&str] = &[
    "Asia/Shanghai",
    "Asia/Hong_Kong",
    "Asia/Taipei",
    "Asia/Singapore",
    "Asia/Tokyo",
    "Asia/Kolkata",
    "Europe/London",
    "Europe/Berlin",
    "America/New_York",
    "America/Chicago",
    "America/Los_Angeles",
    "Australia/Sydney",
    "UTC",
];

/// `GET /setup/{secret}`
pub async fn form(
    app: web::Data<App>,
    request: HttpRequest,
    visitor: Visitor,
    secret: web::Path<String>,
) -> Result<HttpResponse, Failure> {
    app.limits.check(Limited::Login, visitor.address).map_err(Failure::TooMany)?;
    if !app.store.read(move |c| instance::is_setup_secret(c, &secret)).await? {
        return Err(Failure::NOT_FOUND);
    }
    let zone = iana_time_zone::get_timezone()
        .ok()
        .filter(|z| z.contains('/'))
        .unwrap_or_else(|| "Asia/Shanghai".into());
    let form = Form::default().set("time_zone", zone).set("default_language", visitor.language.code());
    private_page(&SetupPage {
        page: Page::bare(&request, &visitor),
        form,
        errors: FieldErrors::new(),
        zones: ZONES,
    })
}

struct Setup {
    name: PersonName,
    password: NewPassword,
    settings: Settings,
}

fn parse(form: &Form) -> Result<Setup, FieldErrors> {
    let mut errors = FieldErrors::new();
    let name = errors.keep(PersonName::parse("name", form.get("name")));
    let password = errors.keep(NewPassword::parse(
        "password",
        form.get("password"),
        &[form.get("name"), form.get("service_name")],
    ));
    if form.get("password") != form.get("password_again") {
        errors.add("password_again", "passwords-differ");
    }
    let settings = errors.keep(settings::parse(form));
    match (name, password, settings) {
        (Some(name), Some(password), Some(settings)) if errors.is_empty() => {
            Ok(Setup { name, password, settings })
        }
        _ => Err(errors),
    }
}

/// `POST /setup/{secret}`
pub async fn submit(
    app: web::Data<App>,
    request: HttpRequest,
    visitor: Visitor,
    secret: web::Path<String>,
    form: Form,
) -> Result<HttpResponse, Failure> {
    app.limits.check(Limited::Login, visitor.address).map_err(Failure::TooMany)?;
    let secret = secret.into_inner();
    let presented = secret.clone();
    if !app.store.read(move |c| instance::is_setup_secret(c, &presented)).await? {
        return Err(Failure::NOT_FOUND);
    }
    let setup = match parse(&form) {
        Ok(setup) => setup,
        Err(errors) => {
            return form_again(&SetupPage {
                page: Page::bare(&request, &visitor),
                form,
                errors,
                zones: ZONES,
            });
        }
    };
    let hash = password::hash_elsewhere(setup.password.as_str().to_owned()).await?;
    let (name, settings) = (setup.name, setup.settings);
    let (person, settings) = app
        .store
        .write(move |w| {
            // Asked again inside the transaction: two people may have opened the link at once.
            if !instance::is_setup_secret(w.connection, &secret)? {
                return Err(Error::NotFound);
            }
            let person = people::add(w, &Actor::CommandLine, &name, Role::Administrator, &hash)?;
            audit::note(w, &Actor::CommandLine, "instance.setup", name.as_str(), "")?;
            Ok((person, instance::change_settings(w, &settings)?))
        })
        .await?;
    app.replace_settings(settings);
    if form.has("demonstration") {
        settings::load(&app, &Actor::CommandLine).await?;
    }
    login::begin(&app, &request, (person.id, &person.name), Login::Password, "/admin/").await
}
