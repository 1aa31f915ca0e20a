//! Entering what somebody tells by telephone, in one screen, and reading out the code.

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::{Offer, codes};
use crate::domain::fields::FieldErrors;
use crate::domain::language::Language;
use crate::domain::report::{Category, Impact, Precision, ReportInput, Sender, Source, When};
use crate::domain::secret::{IdempotencyKey, Receipt};
use crate::store::Error;
use crate::store::components::{self, Component};
use crate::store::people::Actor;
use crate::store::reports::list::{self, WindowName};
use crate::store::reports::{self, NewReport};
use crate::web::app::App;
use crate::web::failure::Failure;
use crate::web::form::Form;
use crate::web::page::{Page, form_again, new_key, private_page};
use crate::web::visitor::{Support, Visitor};

/// How many windows are offered, the latest first.
const WINDOWS: i64 = 20;

#[derive(Template)]
#[template(path = "staff/phone.html")]
struct PhonePage {
    page: Page,
    form: Form,
    errors: FieldErrors,
    impacts: Vec<Offer>,
    categories: Vec<Offer>,
    windows: Vec<Offer>,
    components: Vec<Offer>,
    precisions: Vec<Offer>,
}

#[derive(Template)]
#[template(path = "staff/entered.html")]
struct EnteredPage {
    page: Page,
    reference: String,
    receipt: Receipt,
    link: String,
}

impl EnteredPage {
    /// The code as it is read out: group by group.
    fn groups(&self) -> impl Iterator<Item = &str> {
        self.receipt.code.split('-')
    }
}

type Choices = (Vec<WindowName>, Vec<Component>);

async fn choices(app: &App) -> Result<Choices, Failure> {
    Ok(app.store.read(|c| Ok((list::recent_windows(c, WINDOWS)?, components::list(c)?))).await?)
}

fn view(app: &App, page: Page, form: Form, errors: FieldErrors, choices: Choices) -> PhonePage {
    let (language, default) = (page.language(), app.settings().default_language);
    let (windows, components) = choices;
    let mut offered_windows = vec![Offer::new("", page.t("phone-window-by-time"), form.get("window"))];
    offered_windows.extend(
        windows
            .iter()
            .map(|w| Offer::new(&w.slug, w.label(language, default).to_owned(), form.get("window"))),
    );
    let mut offered_components = vec![Offer::new("", page.t("phone-component-none"), form.get("component"))];
    offered_components.extend(
        components
            .iter()
            .filter(|c| c.retired_at.is_none())
            .map(|c| Offer::new(&c.key, c.label(language, default).to_owned(), form.get("component"))),
    );
    let mut categories =
        codes(&page, "category", Category::ALL.iter().map(|c| c.code()), form.get("category"));
    categories.insert(0, Offer::new("", page.t("phone-category-none"), form.get("category")));
    PhonePage {
        impacts: codes(&page, "impact", Impact::CHOICES.iter().map(|c| c.code()), form.get("impact")),
        categories,
        windows: offered_windows,
        components: offered_components,
        precisions: codes(&page, "precision", Precision::ALL.iter().map(|c| c.code()), form.get("precision")),
        page,
        form,
        errors,
    }
}

/// `GET /admin/reports/new`
pub async fn form(
    app: web::Data<App>,
    request: HttpRequest,
    visitor: Visitor,
    _guard: Support,
) -> Result<HttpResponse, Failure> {
    let form = Form::default()
        .set("idempotency_key", new_key())
        .set("precision", Precision::About.code())
        .set("language", app.settings().default_language.code());
    let choices = choices(&app).await?;
    private_page(&view(&app, Page::bare(&request, &visitor), form, FieldErrors::new(), choices))
}

/// The form, read.
fn read(app: &App, form: &Form, actor: &Actor) -> Result<(IdempotencyKey, NewReport), FieldErrors> {
    let mut errors = FieldErrors::new();
    let get = |name: &str| form.get(name).to_owned();
    let input = ReportInput {
        description: get("description"),
        impact: get("impact"),
        category: get("category"),
        error_message: get("error_message"),
        account: get("account"),
        phone: get("contact.phone"),
        email: get("contact.email"),
        device: String::new(),
    };
    let text = errors.keep(input.parse(false));
    let zone = app.settings().time_zone;
    let precision = errors.keep(match form.get("precision") {
        "" => Ok(Precision::About),
        code => Precision::from_code(code).ok_or_else(|| FieldErrors::one("precision", "unknown-code")),
    });
    let when = match (form.get("occurred_at"), precision) {
        (_, None) => None,
        ("", Some(precision)) => Some(When::Now(precision)),
        (text, Some(precision)) => {
            let at = errors.keep(zone.resolve("occurred_at", text, None));
            // Both are said together once the moment is known; when it is stored, or here at once.
            let when = at.map(|at| When::At(at, precision));
            when.and_then(|when| errors.keep(when.resolve(app.now()).map(|_| when)))
        }
    };
    let language = errors.keep(match form.get("language") {
        "" => Ok(app.settings().default_language),
        code => Language::from_code(code).ok_or_else(|| FieldErrors::one("language", "unknown-code")),
    });
    let key = errors.keep(IdempotencyKey::parse("idempotency_key", form.get("idempotency_key")));
    let given = |name: &str| Some(get(name)).filter(|text| !text.is_empty());
    match (text, when, language, key) {
        (Some(text), Some(when), Some(language), Some(key)) if errors.is_empty() => {
            let sender = Sender { language, source: Source::Phone };
            let new = NewReport {
                text,
                when,
                window: given("window"),
                component: given("component"),
                sender,
                time_zone: Some(zone),
                written_at: None,
                kept: false,
                entered_by: Some(actor.clone()),
            };
            Ok((key, new))
        }
        _ => Err(errors),
    }
}

/// `POST /admin/reports/new`
///
/// Answers with the receipt itself and leads nowhere else: the code is stored nowhere, and sent
/// again, the same form gives the same receipt.
pub async fn submit(
    app: web::Data<App>,
    request: HttpRequest,
    visitor: Visitor,
    guard: Support,
    form: Form,
) -> Result<HttpResponse, Failure> {
    let outcome = match read(&app, &form, &guard.0) {
        Ok((key, new)) => {
            let (instance, sent) = (app.key.clone(), key.clone());
            app.store
                .write(move |w| reports::submit(w, &instance, &sent, &new))
                .await
                .map(|submitted| (submitted.receipt(&app.key, &key), submitted))
        }
        Err(errors) => Err(Error::Invalid(errors)),
    };
    let page = Page::bare(&request, &visitor);
    match outcome {
        Ok((receipt, submitted)) => private_page(&EnteredPage {
            page,
            reference: submitted.reference().to_string(),
            link: format!("{}/receipts/{}", app.public_url(), receipt.link),
            receipt,
        }),
        Err(Error::Invalid(errors)) => {
            let choices = choices(&app).await?;
            form_again(&view(&app, page, form, errors, choices))
        }
        Err(error) => Err(error.into()),
    }
}
