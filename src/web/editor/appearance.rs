//! How the pages look: the operator's colour as a style sheet of its own, and the page that sets it.

use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::typed;
use crate::domain::colour::{Accent, Shades};
use crate::domain::fields::FieldErrors;
use crate::domain::language::Language;
use crate::domain::notice::checked_texts;
use crate::store::appearance::{self, Appearance, FOOTER_MAX};
use crate::store::instance;
use crate::web::app::App;
use crate::web::failure::Failure;
use crate::web::form::{Form, Query};
use crate::web::page::{Page, form_again, private_page, see_other};
use crate::web::people::done;
use crate::web::visitor::{Administrator, Visitor};

/// The colour of the product itself, where nobody has chosen another.
const OWN: &str = "#6b2a5b";

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
    own: &'static str,
    /// What the saved colour becomes in light and in dark.
    shades: Vec<(&'static str, [String; 4])>,
}

impl AppearancePage {
    fn about_accent(&self) -> String {
        self.page.with("appearance-accent-hint", [("own", self.own)])
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
    let mut form =
        Form::default().set("accent", now.accent.map(|a| a.colour().to_string()).unwrap_or_default());
    for (language, text) in &now.footer.0 {
        form = form.set(&format!("footer.{language}"), text.as_str());
    }
    let mut page = AppearancePage::of(&request, &visitor, &now, form);
    page.done = done(&query, &["saved"]);
    private_page(&page)
}

fn parse(form: &Form, default: Language) -> Result<Appearance, FieldErrors> {
    let mut errors = FieldErrors::new();
    let accent = match form.get("accent").trim() {
        "" => None,
        typed => errors.keep(Accent::parse("accent", typed)),
    };
    let footer =
        checked_texts(&mut errors, "footer", typed::texts(form, "footer"), FOOTER_MAX, true, default, false);
    errors.or(Appearance { accent, footer })
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
