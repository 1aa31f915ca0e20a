//! The form with which somebody reports a problem: two answers asked, everything else offered.

mod typed;

use std::net::IpAddr;
use std::sync::Arc;

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use crate::domain::attribution::{Occurrence, attribute};
use crate::domain::fields::FieldErrors;
use crate::domain::instant::Instant;
use crate::domain::language::Language;
use crate::domain::reference::ReportReference;
use crate::domain::report::{Category, Impact, Sender, Source};
use crate::domain::window::ComponentImpact;
use crate::domain::zone::Zone;
use crate::store::components::{self, Component};
use crate::store::connection::Db;
use crate::store::counters::{self, Others};
use crate::store::instance::random_secret;
use crate::store::known_issues::{self, KnownIssue};
use crate::store::windows::{self, Window};
use crate::store::{Error, reports};
use crate::web::app::App;
use crate::web::embed::{EMBEDDED, is_embedded, language_query};
use crate::web::failure::{Failure, asks_json, shown_around};
use crate::web::form::{Form, Query};
use crate::web::known_issue::{self, Shown};
use crate::web::limits::Limited;
use crate::web::page::{Page, private_page, see_other};
use crate::web::public::public_page;
use crate::web::setup::ZONES;
use crate::web::untaken::Untaken;
use crate::web::visitor::Visitor;

#[derive(Template)]
#[template(path = "reports/form.html")]
struct FormPage {
    page: Page,
    form: Form,
    errors: FieldErrors,
    /// The window named in the address: its slug and title.
    window: Option<(String, String)>,
    action: String,
    draft: String,
    /// The server's own time, by which a device knows how wrong its clock is.
    now: String,
    components: Vec<Choice>,
    impacts: Vec<Choice>,
    times: Vec<Choice>,
    categories: Vec<Choice>,
    /// What others have reported, as sentences.
    others: Vec<String>,
    /// What is known to go wrong, what fits first.
    known: Vec<Shown>,
    /// That the window takes no reports now; empty if it does.
    note: String,
    /// Why nothing was saved; empty if it was not tried.
    trouble: String,
    /// The optional part stands open.
    open: bool,
    /// The typed time occurs twice.
    ambiguous: bool,
    /// Nobody has typed anything yet, so the reader's own zone may be filled in.
    fresh: bool,
    zones: &'static [&'static str],
}

/// What a script is told of a report that was taken.
#[derive(serde::Serialize)]
struct Taken {
    reference: ReportReference,
    /// The path of its receipt.
    receipt: String,
}

/// Something to choose.
struct Choice {
    value: String,
    label: String,
    hint: String,
    chosen: bool,
}

/// What the form is shown around.
pub struct Context {
    /// The window named in the address.
    named: bool,
    /// That window, or the one that something happening now belongs to.
    window: Option<Window>,
    /// Those of the window first.
    components: Vec<Component>,
    others: Others,
    known: Vec<KnownIssue>,
}

impl Context {
    /// What is shown when the database does not answer.
    fn unknown(named: bool) -> Context {
        Context { named, window: None, components: Vec::new(), others: Others::default(), known: Vec::new() }
    }

    fn load(connection: &mut Db, slug: Option<&str>, now: Instant) -> Result<Context, Error> {
        let window = match slug {
            Some(slug) => Some(windows::public(connection, slug)?),
            None => {
                let place = Occurrence { at: Some(now), ..Occurrence::default() };
                let found = attribute(&windows::extents(connection, now)?, place).window;
                found.map(|id| windows::by_id(connection, id)).transpose()?
            }
        };
        let mut offered: Vec<Component> =
            window.iter().flat_map(|w| w.components.iter().map(|c| c.component.clone())).collect();
        for component in components::list(connection)? {
            if component.retired_at.is_none() && offered.iter().all(|c| c.id != component.id) {
                offered.push(component);
            }
        }
        let others = counters::others(connection, window.as_ref().map(|w| w.id))?;
        let known = known_issues::public_of(connection, window.as_ref().map(|w| w.id))?;
        Ok(Context { named: slug.is_some(), window, components: offered, others, known })
    }

    /// The component that the notice names most affected, of those interrupted now if there are any.
    fn most_affected(&self, now: Instant) -> Option<&str> {
        let window = self.window.as_ref()?;
        let rank = |impact: ComponentImpact| match impact {
            ComponentImpact::None => 0,
            ComponentImpact::Degraded => 1,
            ComponentImpact::PartialOutage => 2,
            ComponentImpact::Maintenance | ComponentImpact::MajorOutage => 3,
        };
        let mut best = None;
        for affected in window.components.iter().filter(|c| rank(c.impact) > 0) {
            let (from, to) = affected.interruption.within(window.schedule);
            let now = from <= now && to.is_none_or(|to| now < to);
            let weight = (now, rank(affected.impact));
            if best.is_none_or(|(most, _)| weight > most) {
                best = Some((weight, affected.component.key.as_str()));
            }
        }
        best.map(|(_, key)| key)
    }
}

/// The form as one request sees it.
struct Asked<'a> {
    app: &'a App,
    frame: Page,
    /// Where it comes from.
    address: Option<IpAddr>,
    /// What the browser calls itself.
    agent: String,
    /// A script asks.
    json: bool,
    slug: Option<String>,
    now: Instant,
}

impl<'a> Asked<'a> {
    fn of(app: &'a App, request: &HttpRequest, visitor: &Visitor, slug: Option<String>) -> Asked<'a> {
        let agent = request.headers().get(header::USER_AGENT).and_then(|v| v.to_str().ok());
        Asked {
            app,
            frame: Page::bare(request, visitor),
            address: visitor.address,
            agent: agent.unwrap_or_default().chars().take(300).collect(),
            json: asks_json(request),
            slug,
            now: app.now(),
        }
    }

    /// What the form is shown around: as it is, or as it was last read.
    async fn last_context(&self) -> Result<Arc<Context>, Error> {
        let (slug, now) = (self.slug.clone(), self.now);
        let read = self.app.store.read(move |c| Context::load(c, slug.as_deref(), now));
        self.app.last.reports.or_read(self.slug.as_deref().unwrap_or_default(), read).await
    }

    /// The same; if it was never read, the form alone: whoever has something to say can type it.
    async fn context(&self) -> Result<Arc<Context>, Error> {
        match self.last_context().await {
            Err(error) if error.may_pass() => Ok(Arc::new(Context::unknown(self.slug.is_some()))),
            read => read,
        }
    }

    /// The zone that times are meant in unless something else is said.
    fn zone(&self, context: &Context) -> Zone {
        context.window.as_ref().map_or_else(|| self.app.settings().time_zone, Window::zone)
    }

    /// The form with its presets.
    fn preset(&self, context: &Context, query: &Query) -> Form {
        let known = |key: &&str| context.components.iter().any(|c| c.key == *key);
        let asked = Some(query.get("component")).filter(known);
        let component = asked.or_else(|| context.most_affected(self.now)).unwrap_or_default();
        Form::default()
            .set("idempotency_key", random_secret())
            .set("component", component)
            .set("occurred", "now")
            .set("zone", self.zone(context).name())
            .set("device", self.agent.clone())
    }

    fn page(&self, context: &Context, form: Form, errors: FieldErrors) -> FormPage {
        let page = self.frame.clone();
        let default = self.app.settings().default_language;
        let language = page.language();
        let choice = |value: &str, label: String, hint: String, field: &str| Choice {
            chosen: form.get(field) == value,
            value: value.to_owned(),
            label,
            hint,
        };
        let impacts = [Impact::Blocked, Impact::Slowed, Impact::DataLoss, Impact::Cosmetic]
            .map(|i| {
                choice(
                    i.code(),
                    page.word("reporting-impact", i.code()),
                    page.word("reporting-impact-hint", i.code()),
                    "impact",
                )
            })
            .into();
        let mut components: Vec<Choice> = context
            .components
            .iter()
            .map(|c| choice(&c.key, c.label(language, default).to_owned(), String::new(), "component"))
            .collect();
        if components.is_empty() && !form.get("component").is_empty() {
            // The database did not answer: what was chosen is kept under its key.
            let key = form.get("component");
            components.push(choice(key, key.to_owned(), String::new(), "component"));
        }
        components.push(choice("", page.t("reporting-component-other"), String::new(), "component"));
        let times = vec![
            choice("now", page.t("reporting-when-now"), String::new(), "occurred"),
            choice("10m", page.t("reporting-when-10m"), String::new(), "occurred"),
            choice("1h", page.t("reporting-when-1h"), String::new(), "occurred"),
            // Whether it is past that hour only the reader's device knows; see assets/report.js.
            choice("morning", page.t("reporting-when-morning"), String::new(), "occurred"),
            choice("exact", page.t("reporting-when-exact"), String::new(), "occurred"),
        ];
        let mut categories = vec![choice("", page.t("reporting-category-none"), String::new(), "category")];
        categories.extend(
            Category::ALL
                .iter()
                .map(|c| choice(c.code(), page.word("category", c.code()), String::new(), "category")),
        );
        let window = context.window.as_ref().filter(|_| context.named);
        let note = match window {
            Some(window) if !window.takes_reports(self.now) => page.t(if window.state.has_ended() {
                "reporting-window-over"
            } else {
                "reporting-window-not-yet"
            }),
            _ => String::new(),
        };
        let rest = ["category", "account", "error_message"];
        let named_wrong =
            |e: &crate::domain::fields::FieldError| rest.contains(&e.field.as_str()) || e.field == "device";
        FormPage {
            window: window
                .map(|w| (w.slug.to_string(), w.title(language, default)))
                .or_else(|| self.slug.clone().map(|slug| (slug.clone(), slug))),
            action: match &self.slug {
                Some(slug) => format!("{}/windows/{slug}/report{}", self.base(), self.language('?')),
                None => format!("{}/report{}", self.base(), self.language('?')),
            },
            now: self.now.rfc3339(),
            draft: draft_name(self.slug.as_deref()),
            others: self.others(&page, context, &form),
            known: {
                let chosen = context.components.iter().find(|c| c.key == form.get("component"));
                let typed = format!("{}\n{}", form.get("description"), form.get("error_message"));
                known_issue::offered(&context.known, chosen.map(|c| c.id), &typed, page.words, default)
            },
            open: rest.iter().any(|field| !form.get(field).is_empty()) || errors.0.iter().any(named_wrong),
            ambiguous: !form.get("fold").is_empty() || errors.0.iter().any(|e| e.code == "time-ambiguous"),
            fresh: false,
            trouble: String::new(),
            zones: ZONES,
            note,
            impacts,
            components,
            times,
            categories,
            form,
            errors,
            page,
        }
    }

    /// "37 others reported log-in problems": of the component that is chosen and of the most frequent
    /// category, or of everything if neither has any.
    fn others(&self, page: &Page, context: &Context, form: &Form) -> Vec<String> {
        let default = self.app.settings().default_language;
        let chosen = context.components.iter().find(|c| c.key == form.get("component"));
        let of_component = chosen.and_then(|c| {
            let n = *context.others.by_component.get(&c.id)?;
            let name = c.label(page.language(), default);
            Some(others_of(page, "reporting-others-component", n, name))
        });
        let most = context.others.by_category.iter().filter(|(c, _)| **c != Category::Other);
        let of_category = most.max_by_key(|(_, n)| **n).map(|(category, n)| {
            others_of(page, "reporting-others-category", *n, &page.word("category", category.code()))
        });
        let said: Vec<String> = of_component.into_iter().chain(of_category).collect();
        if said.is_empty() && context.others.all > 0 {
            return vec![page.n("reporting-others-all", context.others.all)];
        }
        said
    }

    /// Where the forms of this frame live: those inside another site's page have addresses of their own.
    fn base(&self) -> &'static str {
        if is_embedded(&self.frame.path) { EMBEDDED } else { "" }
    }

    fn language(&self, first: char) -> String {
        language_query(&self.frame.path, self.frame.language(), first)
    }

    /// Who sends the form: a draft that was kept says in which language it was written.
    fn sender(&self, form: &Form) -> Sender {
        let language = Language::from_code(form.get("language")).unwrap_or(self.frame.language());
        let source = if self.base().is_empty() { Source::Web } else { Source::Embed };
        Sender { language, source }
    }

    /// Takes the report in and gives its name and private link.
    async fn take(&self, form: &Form) -> Result<(ReportReference, String), Failure> {
        self.app.limits.check(Limited::Submission, self.address).map_err(Failure::TooMany)?;
        let service = self.app.settings().time_zone;
        let (key, new) = typed::parse(form, self.slug.clone(), self.sender(form), service, self.now)?;
        let (instance, by) = (self.app.key.clone(), key.clone());
        let done = self.app.store.write(move |w| reports::submit(w, &instance, &key, &new)).await?;
        Ok((done.reference(), done.receipt(&self.app.key, &by).link))
    }

    /// The form again after `failure`, with everything that was typed.
    async fn again(&self, form: Form, failure: Failure) -> Result<HttpResponse, Failure> {
        let untaken = Untaken::of(failure, "a report")?;
        let context = match shown_around(untaken.has_waited, self.context()).await {
            // The database says nothing at all: whoever typed something gets it back around what was read last.
            Err(error) if error.may_pass() => {
                let last = self.app.last.reports.last(self.slug.as_deref().unwrap_or_default());
                last.unwrap_or_else(|| Arc::new(Context::unknown(self.slug.is_some())))
            }
            read => read?,
        };
        let mut shown = self.page(&context, untaken.form(form), untaken.errors.clone());
        shown.trouble = untaken.trouble(&shown.page);
        untaken.answer(&shown)
    }

    async fn submit(&self, form: Form) -> Result<HttpResponse, Failure> {
        let taken = self.take(&form).await;
        if self.json {
            // A script that keeps the report until it is taken; see assets/outbox.js.
            let (reference, link) = taken?;
            let taken = Taken { reference, receipt: format!("/receipts/{link}") };
            return Ok(HttpResponse::Created()
                .insert_header((header::CACHE_CONTROL, "no-store"))
                .json(taken));
        }
        match taken {
            Ok((_, link)) => {
                let received = draft_name(self.slug.as_deref());
                let (base, language) = (self.base(), self.language('&'));
                Ok(see_other(&format!("{base}/receipts/{link}?received={received}{language}")))
            }
            Err(failure) => self.again(form, failure).await,
        }
    }
}

/// A sentence about how many reported what.
pub fn others_of(page: &Page, key: &str, n: i64, what: &str) -> String {
    let n = n.to_string();
    page.words.said(key, [("n", n.as_str()), ("what", what)].into_iter())
}

/// Under which name the browser keeps what is being typed.
fn draft_name(slug: Option<&str>) -> String {
    slug.map_or("report".into(), |slug| format!("report-{slug}"))
}

async fn show(asked: Asked<'_>, query: Query) -> Result<HttpResponse, Failure> {
    let context = asked.context().await?;
    let form = asked.preset(&context, &query);
    let mut shown = asked.page(&context, form, FieldErrors::new());
    shown.fresh = true;
    private_page(&shown)
}

/// The form to be kept for when the database is away: without a key, of which each reader needs one of
/// their own, and without the time.
pub(super) async fn kept(app: &App, slug: Option<String>, language: Language) -> Result<String, Failure> {
    let path = slug.as_ref().map_or_else(|| "/report".to_owned(), |slug| format!("/windows/{slug}/report"));
    let frame = public_page(&path, language, &app.settings());
    let asked = Asked { app, frame, address: None, agent: String::new(), json: false, slug, now: app.now() };
    let context = asked.last_context().await?;
    let form = asked.preset(&context, &Query::default()).set("idempotency_key", "");
    let mut shown = asked.page(&context, form, FieldErrors::new());
    (shown.fresh, shown.now) = (true, String::new());
    Ok(shown.render()?)
}

/// A form as [`kept`] made it, with a key for one reader.
pub(super) fn with_key(kept: &str) -> String {
    let key = format!("name=\"idempotency_key\" value=\"{}\"", random_secret());
    kept.replacen("name=\"idempotency_key\" value=\"\"", &key, 1)
}

/// `GET /windows/{slug}/report`
pub async fn of_window(
    app: web::Data<App>,
    request: HttpRequest,
    visitor: Visitor,
    slug: web::Path<String>,
    query: Query,
) -> Result<HttpResponse, Failure> {
    show(Asked::of(&app, &request, &visitor, Some(slug.into_inner())), query).await
}

/// `POST /windows/{slug}/report`
pub async fn submit_of_window(
    app: web::Data<App>,
    request: HttpRequest,
    visitor: Visitor,
    slug: web::Path<String>,
    form: Form,
) -> Result<HttpResponse, Failure> {
    Asked::of(&app, &request, &visitor, Some(slug.into_inner())).submit(form).await
}

/// `GET /report`
pub async fn of_any(
    app: web::Data<App>,
    request: HttpRequest,
    visitor: Visitor,
    query: Query,
) -> Result<HttpResponse, Failure> {
    show(Asked::of(&app, &request, &visitor, None), query).await
}

/// `POST /report`
pub async fn submit_of_any(
    app: web::Data<App>,
    request: HttpRequest,
    visitor: Visitor,
    form: Form,
) -> Result<HttpResponse, Failure> {
    Asked::of(&app, &request, &visitor, None).submit(form).await
}
