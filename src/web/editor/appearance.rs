//! How the pages look: the operator's colour as a style sheet of its own, and the page that sets it.

use std::collections::BTreeMap;
use std::sync::Mutex;

use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::typed;
use crate::domain::colour::{Accent, Colour, OWN, Shades};
use crate::domain::fields::FieldErrors;
use crate::domain::language::Language;
use crate::domain::notice::checked_texts;
use crate::domain::screenshot;
use crate::store::appearance::{self, Appearance, FOOTER_MAX};
use crate::store::people::Actor;
use crate::store::{Error, instance};
use crate::web::app::App;
use crate::web::confirm::Final;
use crate::web::failure::Failure;
use crate::web::form::{Form, Query};
use crate::web::page::{Page, form_again, private_page, see_other};
use crate::web::pictures;
use crate::web::visitor::{Administrator, Visitor};

/// `GET /brand.css`: the operator's colour. Pages name it with the colour in the query, so it may be
/// kept for as long as anybody likes.
pub async fn style_sheet(app: web::Data<App>, query: Query) -> Result<HttpResponse, Failure> {
    let accent = app.settings().appearance.accent.ok_or(Failure::NOT_FOUND)?;
    let named = query.get("v") == accent.colour().to_string().trim_start_matches('#');
    let keep = if named { "public, max-age=31536000, immutable" } else { "no-cache" };
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "text/css; charset=utf-8"))
        .insert_header((CACHE_CONTROL, keep))
        .body(accent.style_sheet()))
}

#[derive(Template)]
#[template(path = "appearance.html")]
struct AppearancePage {
    page: Page,
    form: Form,
    errors: FieldErrors,
    languages: &'static [Language],
    done: String,
    own: Colour,
    /// What the saved colour becomes in light and in dark.
    shades: Vec<(&'static str, [String; 4])>,
}

impl AppearancePage {
    fn about_accent(&self) -> String {
        self.page.with("appearance-accent-hint", [("own", &self.own.to_string())])
    }

    fn of(request: &HttpRequest, visitor: &Visitor, now: &Appearance, form: Form) -> AppearancePage {
        let shown = |s: Shades| [s.accent, s.strong, s.soft, s.curtain[0]].map(|c| c.to_string());
        let both = |a: Accent| vec![("light", shown(a.light())), ("dark", shown(a.dark()))];
        let shades = now.accent.map(both).unwrap_or_default();
        AppearancePage {
            page: Page::bare(request, visitor),
            form,
            errors: FieldErrors::new(),
            languages: Language::ALL,
            done: String::new(),
            own: OWN,
            shades,
        }
    }
}

/// `GET /admin/appearance`
pub async fn form(
    app: web::Data<App>,
    request: HttpRequest,
    visitor: Visitor,
    query: Query,
    _guard: Administrator,
) -> Result<HttpResponse, Failure> {
    let now = app.store.read(appearance::load).await?;
    let mut page = AppearancePage::of(&request, &visitor, &now, filled(&now));
    page.done = query.done(&["saved"]);
    private_page(&page)
}

fn filled(now: &Appearance) -> Form {
    let accent = now.accent.map(|a| a.colour().to_string()).unwrap_or_default();
    now.footer.0.iter().fold(Form::default().set("accent", accent), |form, (language, text)| {
        form.set(&format!("footer.{language}"), text.as_str())
    })
}

fn parse(form: &Form, default: Language) -> Result<Appearance, FieldErrors> {
    let mut errors = FieldErrors::new();
    let accent = match form.get("accent").trim() {
        "" => None,
        typed => errors.keep(Accent::parse("accent", typed)),
    };
    let footer =
        checked_texts(&mut errors, "footer", typed::texts(form, "footer"), FOOTER_MAX, true, default, false);
    errors.or(Appearance { accent, logo: None, footer })
}

/// `POST /admin/appearance`
pub async fn change(
    app: web::Data<App>,
    request: HttpRequest,
    visitor: Visitor,
    form: Form,
    Administrator(actor): Administrator,
) -> Result<HttpResponse, Failure> {
    let new = match parse(&form, app.settings().default_language) {
        Ok(new) => new,
        Err(errors) => {
            let page = AppearancePage::of(&request, &visitor, &app.settings().appearance, form);
            return form_again(&AppearancePage { errors, ..page });
        }
    };
    let settings = app
        .store
        .write(move |w| {
            appearance::change(w, &actor, &new)?;
            instance::settings(w.connection)
        })
        .await?;
    app.replace_settings(settings);
    Ok(see_other("/admin/appearance?done=saved"))
}

/// `GET /logo`: the operator's logo. Pages name it with its digest in the query.
pub async fn logo(app: web::Data<App>, query: Query) -> Result<HttpResponse, Failure> {
    let (kind, bytes) = &*app.last.logo.or_read("", app.store.read(appearance::logo)).await?;
    let named = app.settings().appearance.logo.as_deref() == Some(query.get("v"));
    let keep = if named { "public, max-age=31536000, immutable" } else { "no-cache" };
    Ok(HttpResponse::Ok()
        .content_type(kind.media_type())
        .insert_header((CACHE_CONTROL, keep))
        .body(bytes.clone()))
}

/// The operator's logo with its media type, as it was last read; nothing if there is none.
pub(in crate::web) async fn last_logo(app: &App) -> Result<Option<(&'static str, Vec<u8>)>, Failure> {
    match app.last.logo.or_read("", app.store.read(appearance::logo)).await {
        Ok(logo) => Ok(Some((logo.0.media_type(), logo.1.clone()))),
        Err(Error::NotFound) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// `GET /icons/{name}`: the operator's logo as an icon of a device, on white and whole: `180.png`,
/// `192.png`, `512.png`, and `maskable-512.png`, of which a device may cut off the edge.
pub async fn icon(
    app: web::Data<App>,
    name: web::Path<String>,
    query: Query,
) -> Result<HttpResponse, Failure> {
    // Of a mask the inner four fifths of the width are sure to be seen (Web App Manifest, "safe zone").
    let (pixels, share) = match name.as_str() {
        "180.png" => (180, 0.86),
        "192.png" => (192, 0.86),
        "512.png" => (512, 0.86),
        "maskable-512.png" => (512, 0.56),
        _ => return Err(Failure::NOT_FOUND),
    };
    let digest = app.settings().appearance.logo.clone().ok_or(Failure::NOT_FOUND)?;
    let named = digest == query.get("v");
    let drawn = DRAWN.lock().unwrap_or_else(|e| e.into_inner()).of(&digest, &name);
    let bytes = match drawn {
        Some(bytes) => bytes,
        None => {
            let (_, logo) = last_logo(&app).await?.ok_or(Failure::NOT_FOUND)?;
            let drawing = web::block(move || screenshot::icon(&logo, pixels, share));
            let damaged = || Failure::from(Error::Internal("the logo is damaged".into()));
            let bytes: Bytes = drawing.await.ok().flatten().ok_or_else(damaged)?.into();
            DRAWN.lock().unwrap_or_else(|e| e.into_inner()).keep(&digest, &name, bytes.clone());
            bytes
        }
    };
    let keep = if named { "public, max-age=31536000, immutable" } else { "no-cache" };
    Ok(HttpResponse::Ok().content_type("image/png").insert_header((CACHE_CONTROL, keep)).body(bytes))
}

/// The icons of the logo, each drawn once.
static DRAWN: Mutex<Drawn> = Mutex::new(Drawn { logo: String::new(), icons: BTreeMap::new() });

struct Drawn {
    /// What names the logo they are of.
    logo: String,
    icons: BTreeMap<String, Bytes>,
}

impl Drawn {
    fn of(&self, logo: &str, name: &str) -> Option<Bytes> {
        if self.logo == logo { self.icons.get(name).cloned() } else { None }
    }

    fn keep(&mut self, logo: &str, name: &str, icon: Bytes) {
        if self.logo != logo {
            *self = Drawn { logo: logo.to_owned(), icons: BTreeMap::new() };
        }
        self.icons.insert(name.to_owned(), icon);
    }
}

/// `POST /admin/appearance/logo`: a file.
pub async fn change_logo(
    app: web::Data<App>,
    request: HttpRequest,
    visitor: Visitor,
    Administrator(actor): Administrator,
    payload: web::Payload,
) -> Result<HttpResponse, Failure> {
    let taken = take_logo(&app, &request, actor, payload).await;
    let errors = match taken {
        Ok(()) => return Ok(see_other("/admin/appearance?done=saved")),
        Err(Failure::Store(error)) => super::wrong(error)?,
        Err(other) => return Err(other),
    };
    let now = app.store.read(appearance::load).await?;
    let page = AppearancePage::of(&request, &visitor, &now, filled(&now));
    form_again(&AppearancePage { errors, ..page })
}

async fn take_logo(
    app: &App,
    request: &HttpRequest,
    actor: Actor,
    payload: web::Payload,
) -> Result<(), Failure> {
    let file = pictures::Files::of(request, payload.into_inner())?.next().await?;
    let file = file.ok_or_else(|| FieldErrors::one("image", "required"))?;
    let picture = pictures::tidied(file).await?;
    let settings = app
        .store
        .write(move |w| {
            appearance::set_logo(w, &actor, &picture)?;
            instance::settings(w.connection)
        })
        .await?;
    app.replace_settings(settings);
    Ok(())
}

/// `POST /admin/appearance/logo/remove`: the product's own mark again, once that was confirmed.
pub async fn remove_logo(
    app: web::Data<App>,
    request: HttpRequest,
    visitor: Visitor,
    form: Form,
    Administrator(actor): Administrator,
) -> Result<HttpResponse, Failure> {
    let page = Page::bare(&request, &visitor);
    // Where there is none, nothing can be taken away.
    if app.settings().appearance.logo.is_none() {
        return Ok(see_other("/admin/appearance"));
    }
    let act = Final {
        title: page.t("confirm-logo"),
        says: vec![page.t("confirm-logo-says")],
        quotes: Vec::new(),
        word: Final::plain_word(&page),
        button: page.t("confirm-logo"),
        back: "/admin/appearance".to_owned(),
    };
    if let Some(asked) = act.unless_typed(page, &form)? {
        return Ok(asked);
    }
    let settings = app
        .store
        .write(move |w| {
            appearance::remove_logo(w, &actor)?;
            instance::settings(w.connection)
        })
        .await?;
    app.replace_settings(settings);
    Ok(see_other("/admin/appearance?done=saved"))
}
