//! What is set for the whole server: the service's name, its language and its zone, how people log in,
//! and how long things are kept.

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use crate::demo;
use crate::domain::fields::FieldErrors;
use crate::domain::language::Language;
use crate::domain::line::{Line, TITLE_MAX};
use crate::domain::origin::Origin;
use crate::domain::zone::Zone;
use crate::store::Error;
use crate::store::appearance::Appearance;
use crate::store::connection::Db;
use crate::store::demonstration;
use crate::store::instance::{self, Settings};
use crate::store::keeping::{self, AUDIT_DAYS_MIN, DAYS_MAX, Keeping};
use crate::store::people::Actor;
use crate::web::app::App;
use crate::web::confirm::Final;
use crate::web::failure::Failure;
use crate::web::form::{Form, Query};
use crate::web::page::{Page, form_again, private_page, see_other};
use crate::web::setup::ZONES;
use crate::web::visitor::{Administrator, Visitor};

#[derive(Template)]
#[template(path = "settings.html")]
struct SettingsPage {
    page: Page,
    form: Form,
    errors: FieldErrors,
    zones: &'static [&'static str],
    done: String,
    /// Where the data is, without a password.
    database: String,
    version: &'static str,
    /// The demonstration is loaded.
    demonstration: bool,
}

impl SettingsPage {
    /// The page with what was typed, or with the settings as they are.
    async fn with(
        app: &App,
        request: &HttpRequest,
        visitor: &Visitor,
        typed: Option<Form>,
    ) -> Result<SettingsPage, Failure> {
        let read = |c: &mut Db| {
            let kept = (keeping::keeping(c)?, keeping::requires_second_factor(c)?);
            Ok((instance::settings(c)?, kept, demo::is_here(c)?, instance::minimum_n(c)?))
        };
        let (now, (kept, required), demonstration, minimum_n) = app.store.read(read).await?;
        let embed_origins: Vec<&str> = now.embed_origins.iter().map(Origin::as_str).collect();
        let embed_origins = embed_origins.join("\n");
        let days = |days: Option<u32>| days.map(|days| days.to_string()).unwrap_or_default();
        let mut form = Form::default()
            .set("service_name", now.service_name)
            .set("default_language", now.default_language.code())
            .set("time_zone", now.time_zone.name())
            .set("embed_origins", embed_origins)
            .set("contact_days", days(kept.contact_days))
            .set("audit_days", days(kept.audit_days))
            .set("minimum_n", minimum_n.to_string());
        if required {
            form = form.set("second_factor", "yes");
        }
        if let Some(typed) = typed {
            form = form.over(&typed);
        }
        Ok(SettingsPage {
            page: Page::bare(request, visitor),
            form,
            errors: FieldErrors::new(),
            zones: ZONES,
            done: String::new(),
            database: app.store.database().label(),
            version: env!("CARGO_PKG_VERSION"),
            demonstration,
        })
    }
}

/// `GET /admin/settings`
pub async fn form(
    app: web::Data<App>,
    request: HttpRequest,
    visitor: Visitor,
    query: Query,
    _guard: Administrator,
) -> Result<HttpResponse, Failure> {
    let mut page = SettingsPage::with(&app, &request, &visitor, None).await?;
    page.done = query.done(&["saved", "loaded", "removed", "log-in", "keeping"]);
    private_page(&page)
}

/// `POST /admin/settings/demonstration`
pub async fn load_demonstration(
    app: web::Data<App>,
    Administrator(actor): Administrator,
) -> Result<HttpResponse, Failure> {
    load(&app, &actor).await?;
    Ok(see_other("/admin/settings?done=loaded"))
}

/// Loads the demonstration as the settings want it; it is no mistake if it is here already.
pub(super) async fn load(app: &App, actor: &Actor) -> Result<(), Failure> {
    let settings = app.settings();
    match demo::load(&app.store, actor, settings.time_zone, settings.default_language).await {
        Ok(()) | Err(Error::Conflict { code: "demonstration-here", .. }) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// `POST /admin/settings/demonstration/remove`, confirmed by typing a word.
pub async fn remove_demonstration(
    app: web::Data<App>,
    request: HttpRequest,
    visitor: Visitor,
    form: Form,
    Administrator(actor): Administrator,
) -> Result<HttpResponse, Failure> {
    let (windows, reports) = app.store.read(demonstration::size).await?;
    // Where there is none, nothing can be removed.
    if windows > 0 {
        let page = Page::bare(&request, &visitor);
        let (windows, reports) = (windows.to_string(), reports.to_string());
        let numbers = [("windows", windows.as_str()), ("reports", reports.as_str())];
        let act = Final {
            title: page.t("confirm-demonstration"),
            says: vec![
                page.words.said("confirm-demonstration-says", numbers.into_iter()),
                page.t("demo-remove-about"),
            ],
            quotes: Vec::new(),
            word: Final::plain_word(&page),
            button: page.t("demo-remove"),
            back: "/admin/settings".to_owned(),
        };
        if let Some(asked) = act.unless_typed(page, &form)? {
            return Ok(asked);
        }
    }
    demo::remove(&app.store, &actor).await?;
    Ok(see_other("/admin/settings?done=removed"))
}

/// Reads the fields that the set-up page and the settings page share.
pub(super) fn parse(form: &Form) -> Result<Settings, FieldErrors> {
    let mut errors = FieldErrors::new();
    let service = errors.keep(Line::optional("service_name", form.get("service_name"), TITLE_MAX));
    let language = errors.keep(
        Language::from_code(form.get("default_language"))
            .ok_or_else(|| FieldErrors::one("default_language", "unknown-code")),
    );
    let zone = errors.keep(Zone::parse("time_zone", form.get("time_zone")));
    let origins = errors.keep(Origin::list("embed_origins", form.get("embed_origins")));
    match (service, language, zone, origins) {
        (Some(service), Some(default_language), Some(time_zone), Some(embed_origins)) => Ok(Settings {
            service_name: service.map(Line::into_string).unwrap_or_default(),
            default_language,
            time_zone,
            appearance: Appearance::default(),
            embed_origins,
        }),
        _ => Err(errors),
    }
}

/// `POST /admin/settings/figures`: below how many answers figures are counts alone.
pub async fn change_minimum(
    app: web::Data<App>,
    request: HttpRequest,
    visitor: Visitor,
    form: Form,
    Administrator(actor): Administrator,
) -> Result<HttpResponse, Failure> {
    let typed = form.get("minimum_n").trim().to_owned();
    // What is no number is out of range like any other.
    let n = typed.parse::<u64>().unwrap_or(0);
    let outcome = app
        .store
        .write(move |w| {
            instance::set_minimum_n(w, n)?;
            crate::store::audit::note(w, &actor, "settings.minimum-n", "", &n.to_string())
        })
        .await;
    match outcome {
        Ok(()) => Ok(see_other("/admin/settings?done=saved")),
        Err(Error::Invalid(errors)) => {
            let page = SettingsPage::with(&app, &request, &visitor, None).await?;
            let form = page.form.clone().set("minimum_n", typed);
            form_again(&SettingsPage { errors, form, ..page })
        }
        Err(error) => Err(error.into()),
    }
}

/// `POST /admin/settings`
pub async fn change(
    app: web::Data<App>,
    request: HttpRequest,
    visitor: Visitor,
    form: Form,
    Administrator(actor): Administrator,
) -> Result<HttpResponse, Failure> {
    let settings = match parse(&form) {
        Ok(settings) => settings,
        Err(errors) => {
            let page = SettingsPage::with(&app, &request, &visitor, Some(form)).await?;
            return form_again(&SettingsPage { errors, ..page });
        }
    };
    let new = app
        .store
        .write(move |w| {
            let changed = instance::settings(w.connection)?.differing(&settings).join(", ");
            crate::store::audit::note(w, &actor, "settings.change", &settings.service_name, &changed)?;
            instance::change_settings(w, &settings)
        })
        .await?;
    app.replace_settings(new);
    Ok(see_other("/admin/settings?done=saved"))
}

/// `POST /admin/settings/log-in`
pub async fn change_log_in(
    app: web::Data<App>,
    form: Form,
    Administrator(actor): Administrator,
) -> Result<HttpResponse, Failure> {
    let required = form.has("second_factor");
    app.store.write(move |w| keeping::require_second_factor(w, &actor, required)).await?;
    Ok(see_other("/admin/settings?done=log-in"))
}

/// Days as typed; nothing typed: for ever.
fn days(form: &Form, field: &'static str, min: u32) -> Result<Option<u32>, FieldErrors> {
    let typed = form.get(field).trim();
    if typed.is_empty() {
        return Ok(None);
    }
    let days = typed.parse().ok().filter(|days| (min..=DAYS_MAX).contains(days));
    days.map(Some).ok_or_else(|| {
        let mut errors = FieldErrors::new();
        errors.add_with(field, "bad-keeping", [("min", min.to_string()), ("max", DAYS_MAX.to_string())]);
        errors
    })
}

/// `POST /admin/settings/keeping`
pub async fn change_keeping(
    app: web::Data<App>,
    request: HttpRequest,
    visitor: Visitor,
    form: Form,
    Administrator(actor): Administrator,
) -> Result<HttpResponse, Failure> {
    let mut errors = FieldErrors::new();
    let contact_days = errors.keep(days(&form, "contact_days", 1));
    let audit_days = errors.keep(days(&form, "audit_days", AUDIT_DAYS_MIN));
    let (Some(contact_days), Some(audit_days)) = (contact_days, audit_days) else {
        let page = SettingsPage::with(&app, &request, &visitor, Some(form)).await?;
        return form_again(&SettingsPage { errors, ..page });
    };
    let keeping = Keeping { contact_days, audit_days };
    app.store.write(move |w| keeping::change_keeping(w, &actor, &keeping)).await?;
    Ok(see_other("/admin/settings?done=keeping"))
}
