//! Invitations: made by an administrator, who copies the link, and accepted by whoever has it.

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use crate::domain::fields::FieldErrors;
use crate::domain::instant::Instant;
use crate::domain::password::NewPassword;
use crate::domain::person::{PersonName, Role};
use crate::domain::secret::IdempotencyKey;
use crate::store::Error;
use crate::store::people::Login;
use crate::store::people::invitations::{self, NewInvitation};
use crate::web::app::App;
use crate::web::confirm::Final;
use crate::web::failure::Failure;
use crate::web::form::Form;
use crate::web::limits::Limited;
use crate::web::page::{Page, form_again, private_page, see_other};
use crate::web::people::PeoplePage;
use crate::web::visitor::{Administrator, Visitor};
use crate::web::{login, password};

/// The longest that a link works, in days.
const DAYS_MAX: u32 = 30;

fn parse(form: &Form) -> Result<(NewInvitation, IdempotencyKey), FieldErrors> {
    let mut errors = FieldErrors::new();
    let name = errors.keep(PersonName::parse("invite_name", form.get("invite_name")));
    let role = Role::from_code(form.get("invite_role"));
    let role = errors.keep(role.ok_or_else(|| FieldErrors::one("invite_role", "unknown-code")));
    let days = form.get("invite_days").trim().parse().ok().filter(|d| (1..=DAYS_MAX).contains(d));
    if days.is_none() {
        let bounds = [("min", "1".to_owned()), ("max", DAYS_MAX.to_string())];
        errors.add_with("invite_days", "out-of-range", bounds);
    }
    let key = errors.keep(IdempotencyKey::parse("invite_key", form.get("invite_key")));
    match (name, role, days, key) {
        (Some(name), Some(role), Some(days), Some(key)) => {
            Ok((NewInvitation { name: name.as_str().to_owned(), role, days }, key))
        }
        _ => Err(errors),
    }
}

/// `POST /admin/invitations`: the answer shows the link; sent again, the same form shows the same one.
pub async fn create(
    app: web::Data<App>,
    request: HttpRequest,
    visitor: Visitor,
    form: Form,
    Administrator(actor): Administrator,
) -> Result<HttpResponse, Failure> {
    let made = match parse(&form) {
        Ok((new, key)) => {
            let instance = app.key.clone();
            app.store.write(move |w| invitations::create_once(w, &actor, &new, &instance, &key)).await
        }
        Err(errors) => Err(Error::Invalid(errors)),
    };
    match made {
        Ok(secret) => {
            let link = format!("{}/invitations/{secret}", app.public_url());
            let page = PeoplePage::with(&app, &request, &visitor).await?;
            private_page(&PeoplePage { link: Some(link), ..page })
        }
        Err(Error::Invalid(errors)) => {
            let at_name = |e: crate::domain::fields::FieldError| match e.field.as_str() {
                "name" => crate::domain::fields::FieldError { field: "invite_name".to_owned(), ..e },
                _ => e,
            };
            let errors = FieldErrors(errors.0.into_iter().map(at_name).collect());
            let page = PeoplePage::with(&app, &request, &visitor).await?;
            let form = page.form.clone().over(&form);
            form_again(&PeoplePage { form, errors, ..page })
        }
        Err(error) => Err(error.into()),
    }
}

/// `POST /admin/invitations/{id}/revoke`, confirmed by typing the name of whoever was invited.
pub async fn revoke(
    app: web::Data<App>,
    request: HttpRequest,
    visitor: Visitor,
    id: web::Path<i64>,
    form: Form,
    Administrator(actor): Administrator,
) -> Result<HttpResponse, Failure> {
    let (id, now) = (id.into_inner(), app.now());
    let open = app.store.read(move |c| invitations::open(c, now)).await?;
    // One that opens nothing any more can be taken back without harm.
    if let Some(invitation) = open.into_iter().find(|i| i.id == id) {
        let page = Page::bare(&request, &visitor);
        let act = Final {
            title: page.with("confirm-invitation", [("name", &invitation.name)]),
            says: vec![page.t("confirm-invitation-says")],
            quotes: Vec::new(),
            word: invitation.name,
            button: page.t("invitations-revoke"),
            back: "/admin/people".to_owned(),
        };
        if let Some(asked) = act.unless_typed(page, &form)? {
            return Ok(asked);
        }
    }
    app.store.write(move |w| invitations::revoke(w, &actor, id)).await?;
    Ok(see_other("/admin/people?done=revoked"))
}

#[derive(Template)]
#[template(path = "invitation.html")]
struct InvitationPage {
    page: Page,
    errors: FieldErrors,
    name: String,
    role: &'static str,
    until: Instant,
}

impl InvitationPage {
    fn about(&self) -> String {
        self.page.with("invitation-about", [("service", &self.page.service())])
    }
}

/// `GET /invitations/{secret}`
pub async fn show(
    app: web::Data<App>,
    request: HttpRequest,
    visitor: Visitor,
    secret: web::Path<String>,
) -> Result<HttpResponse, Failure> {
    app.limits.check(Limited::Login, visitor.address).map_err(Failure::TooMany)?;
    let now = app.now();
    let invitation = app.store.read(move |c| invitations::opened_by(c, &secret, now)).await?;
    private_page(&InvitationPage {
        page: Page::bare(&request, &visitor),
        errors: FieldErrors::new(),
        name: invitation.name,
        role: invitation.role.code(),
        until: invitation.expires_at,
    })
}

/// `POST /invitations/{secret}`: chooses a password and comes in.
pub async fn accept(
    app: web::Data<App>,
    request: HttpRequest,
    visitor: Visitor,
    secret: web::Path<String>,
    form: Form,
) -> Result<HttpResponse, Failure> {
    app.limits.check(Limited::Login, visitor.address).map_err(Failure::TooMany)?;
    let (link, now) = (secret.into_inner(), app.now());
    let shown = link.clone();
    let invitation = app.store.read(move |c| invitations::opened_by(c, &shown, now)).await?;
    let mut errors = FieldErrors::new();
    let known = [invitation.name.as_str(), &app.settings().service_name];
    let new = errors.keep(NewPassword::parse("password", form.get("password"), &known));
    if form.get("password") != form.get("password_again") {
        errors.add("password_again", "passwords-differ");
    }
    let accepted = match (new, errors.is_empty()) {
        (Some(new), true) => {
            let hash = password::hash_elsewhere(new.as_str().to_owned()).await?;
            app.store.write(move |w| invitations::accept(w, &link, &hash)).await
        }
        _ => Err(errors.into()),
    };
    match accepted {
        Ok(person) => {
            login::begin(&app, &request, (person.id, &person.name), Login::Password, "/admin/").await
        }
        Err(Error::Invalid(errors)) => form_again(&InvitationPage {
            page: Page::bare(&request, &visitor),
            errors,
            name: invitation.name,
            role: invitation.role.code(),
            until: invitation.expires_at,
        }),
        Err(error) => Err(error.into()),
    }
}
