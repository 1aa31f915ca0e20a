//! One's own second factor: set up with an authenticator, confirmed by a code, with recovery codes for
//! when it is lost.

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use qrcode::{Color, EcLevel, QrCode};

use crate::domain::authenticator::{RECOVERY_CODES, SharedSecret, recovery_code};
use crate::domain::fields::FieldErrors;
use crate::domain::instant::Instant;
use crate::store::people::second_factor::{self, SecondFactor};
use crate::store::{Error, keeping};
use crate::web::account::{is_password, person, this_session};
use crate::web::app::App;
use crate::web::failure::Failure;
use crate::web::form::Form;
use crate::web::page::{Page, form_again, private_page, see_other};
use crate::web::visitor::{SECOND_FACTOR, Viewer, Visitor};

/// A QR code as the path of an SVG, and its width with the quiet zone around it.
struct Picture {
    width: usize,
    path: String,
}

impl Picture {
    /// The quiet zone that the standard asks for, in modules.
    const QUIET: usize = 4;

    fn of(text: &str) -> Option<Picture> {
        let code = QrCode::with_error_correction_level(text, EcLevel::M).ok()?;
        let width = code.width();
        let mut path = String::new();
        for (at, color) in code.to_colors().into_iter().enumerate() {
            if color == Color::Dark {
                let (x, y) = (at % width + Self::QUIET, at / width + Self::QUIET);
                path.push_str(&format!("M{x} {y}h1v1h-1z"));
            }
        }
        Some(Picture { width: width + 2 * Self::QUIET, path })
    }
}

/// What is shown of the second factor that is being set up.
struct Proposed {
    picture: Option<Picture>,
    address: String,
    typed: String,
}

#[derive(Template)]
#[template(path = "second_factor.html")]
struct SecondFactorPage {
    page: Page,
    errors: FieldErrors,
    proposed: Option<Proposed>,
    on: Option<(Instant, i64)>,
    /// Everybody needs one.
    required: bool,
}

#[derive(Template)]
#[template(path = "recovery_codes.html")]
struct CodesPage {
    page: Page,
    codes: Vec<String>,
}

impl SecondFactorPage {
    fn codes_left(&self, left: &i64) -> String {
        self.page.n("second-factor-codes-left", *left)
    }

    async fn of(
        app: &App,
        request: &HttpRequest,
        visitor: &Visitor,
        id: i64,
        name: &str,
    ) -> Result<SecondFactorPage, Failure> {
        let read =
            app.store.read(move |c| Ok((second_factor::of(c, id)?, keeping::requires_second_factor(c)?)));
        let (state, required) = read.await?;
        let page = Page::bare(request, visitor);
        let proposed = match &state {
            SecondFactor::Proposed(secret) => {
                let address = secret
                    .address(&page.service(), name)
                    .ok_or_else(|| Error::Internal("a shared secret is damaged".into()))?;
                Some(Proposed { picture: Picture::of(&address), typed: secret.grouped(), address })
            }
            _ => None,
        };
        let on = match state {
            SecondFactor::On { since, codes_left } => Some((since, codes_left)),
            _ => None,
        };
        Ok(SecondFactorPage { page, errors: FieldErrors::new(), proposed, on, required })
    }
}

/// `GET /admin/account/second-factor`
pub async fn show(
    app: web::Data<App>,
    request: HttpRequest,
    visitor: Visitor,
    guard: Viewer,
) -> Result<HttpResponse, Failure> {
    let (_, id, name) = person(guard)?;
    private_page(&SecondFactorPage::of(&app, &request, &visitor, id, &name).await?)
}

/// `POST /admin/account/second-factor`: makes a secret to put into an authenticator.
pub async fn begin(app: web::Data<App>, guard: Viewer) -> Result<HttpResponse, Failure> {
    let (_, id, _) = person(guard)?;
    let secret = SharedSecret::new(rand::random());
    app.store.write(move |w| second_factor::propose(w, id, &secret)).await?;
    Ok(see_other(SECOND_FACTOR))
}

fn fresh_codes() -> Vec<String> {
    (0..RECOVERY_CODES).map(|_| recovery_code(rand::random())).collect()
}

/// `POST /admin/account/second-factor/confirm`: a good code turns it on and shows the recovery codes,
/// this once.
pub async fn confirm(
    app: web::Data<App>,
    request: HttpRequest,
    visitor: Visitor,
    form: Form,
    guard: Viewer,
) -> Result<HttpResponse, Failure> {
    let (actor, id, name) = person(guard)?;
    let (codes, this) = (fresh_codes(), this_session(&app, &request));
    let (kept, typed) = (codes.clone(), form.get("code").to_owned());
    let confirmed =
        app.store.write(move |w| second_factor::confirm(w, &actor, id, &typed, &kept, this)).await;
    match confirmed {
        Ok(()) => private_page(&CodesPage { page: Page::bare(&request, &visitor), codes }),
        Err(Error::Invalid(errors)) => {
            let page = SecondFactorPage::of(&app, &request, &visitor, id, &name).await?;
            form_again(&SecondFactorPage { errors, ..page })
        }
        // The same form again, or one from before: the page says how it stands.
        Err(Error::Conflict { .. }) => Ok(see_other(SECOND_FACTOR)),
        Err(error) => Err(error.into()),
    }
}

/// The page again, because the password at `field` is not the right one.
async fn wrong_password(
    app: &App,
    request: &HttpRequest,
    visitor: &Visitor,
    (id, name): (i64, &str),
    field: &'static str,
) -> Result<HttpResponse, Failure> {
    let page = SecondFactorPage::of(app, request, visitor, id, name).await?;
    form_again(&SecondFactorPage { errors: FieldErrors::one(field, "old-password"), ..page })
}

/// `POST /admin/account/second-factor/codes`: new recovery codes, in the place of the old ones.
pub async fn new_codes(
    app: web::Data<App>,
    request: HttpRequest,
    visitor: Visitor,
    form: Form,
    guard: Viewer,
) -> Result<HttpResponse, Failure> {
    let (actor, id, name) = person(guard)?;
    if !is_password(&app, &request, &visitor, &name, form.get("codes_password")).await? {
        return wrong_password(&app, &request, &visitor, (id, &name), "codes_password").await;
    }
    let codes = fresh_codes();
    let kept = codes.clone();
    app.store.write(move |w| second_factor::new_recovery_codes(w, &actor, id, &kept)).await?;
    private_page(&CodesPage { page: Page::bare(&request, &visitor), codes })
}

/// `POST /admin/account/second-factor/remove`
pub async fn remove(
    app: web::Data<App>,
    request: HttpRequest,
    visitor: Visitor,
    form: Form,
    guard: Viewer,
) -> Result<HttpResponse, Failure> {
    let (actor, id, name) = person(guard)?;
    if !is_password(&app, &request, &visitor, &name, form.get("remove_password")).await? {
        return wrong_password(&app, &request, &visitor, (id, &name), "remove_password").await;
    }
    app.store.write(move |w| second_factor::remove(w, &actor, id)).await?;
    Ok(see_other("/admin/account?done=second-factor-off"))
}
