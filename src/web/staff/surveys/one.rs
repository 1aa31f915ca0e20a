//! The survey of one window: how it stands, its links, opening and closing it.

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use qrcode::QrCode;
use qrcode::render::svg;

use super::{Phase, wrong};
use crate::domain::fields::FieldErrors;
use crate::store::connection::Db;
use crate::store::surveys::invitations::{self, Tally};
use crate::store::windows::{self, Window};
use crate::store::{Error, instance, responses, surveys};
use crate::web::app::App;
use crate::web::failure::Failure;
use crate::web::figures;
use crate::web::form::{Form, Query};
use crate::web::page::{Page, form_again, private_page, see_other};
use crate::web::visitor::{Operator, Viewer, Visitor};

#[derive(Template)]
#[template(path = "staff/surveys/one.html")]
struct OnePage {
    page: Page,
    errors: FieldErrors,
    done: String,
    slug: String,
    title: String,
    heading: String,
    phase: Phase,
    asks: String,
    template: String,
    figures: Vec<Figure>,
    link: String,
    embed: String,
    origins: Vec<String>,
    remind_days: String,
}

struct Figure {
    label: String,
    number: String,
    note: String,
}

struct Found {
    window: Window,
    asks: crate::domain::survey::Template,
    counts: crate::domain::survey::SurveyCounts,
    tally: Tally,
    minimum_n: u64,
}

fn found(c: &mut Db, slug: &str) -> Result<Found, Error> {
    let window = windows::by_slug(c, slug)?;
    Ok(Found {
        asks: surveys::asked(c, &window.survey_template)?,
        counts: responses::counts(c, window.id)?,
        tally: invitations::tally(c, window.id)?,
        minimum_n: instance::minimum_n(c)?,
        window,
    })
}

fn tiles(page: &Page, found: &Found) -> Vec<Figure> {
    let tally = found.tally;
    let count = |n: i64| figures::count(n.unsigned_abs());
    let tile = |key: &str, number: String, note: String| Figure { label: page.t(key), number, note };
    let (invited, complete) = (tally.invited.unsigned_abs(), tally.complete.unsigned_abs());
    // Under the smallest number that says anything there are counts alone.
    let rate = if invited >= found.minimum_n {
        format!("{}%", figures::percent(complete as f64 / invited as f64, invited))
    } else {
        "–".to_owned()
    };
    let of = page
        .with("surveys-rate-of", [("complete", &count(tally.complete)), ("invited", &count(tally.invited))]);
    vec![
        tile("surveys-complete", figures::count(found.counts.complete), page.t("surveys-complete-note")),
        tile("surveys-partial", figures::count(found.counts.partial), page.t("surveys-partial-note")),
        tile("surveys-invited", count(tally.invited), String::new()),
        tile("surveys-told", count(tally.told), String::new()),
        tile("surveys-reminded", count(tally.reminded), String::new()),
        tile("surveys-started", count(tally.started), page.t("surveys-started-note")),
        tile("surveys-rate", rate, of),
    ]
}

fn page_of(app: &App, request: &HttpRequest, visitor: &Visitor, found: &Found) -> OnePage {
    let page = Page::bare(request, visitor);
    let default = app.settings().default_language;
    let slug = found.window.slug.to_string();
    let link = format!("{}/windows/{slug}/survey", app.public_url());
    let framed = format!("{}{}/windows/{slug}/survey", app.public_url(), crate::web::embed::EMBEDDED);
    OnePage {
        errors: FieldErrors::new(),
        done: String::new(),
        heading: page.with("surveys-one-of", [("title", &found.window.title(visitor.language, default))]),
        title: found.window.title(visitor.language, default),
        phase: Phase::of(&page, &found.window, app.now()),
        asks: page.words.wording(&found.asks.name, default),
        template: found.asks.key.to_string(),
        figures: tiles(&page, found),
        embed: format!(
            "<iframe src=\"{framed}\" title=\"{}\" width=\"100%\" height=\"900\" style=\"border:0\"></iframe>",
            page.t("survey-title")
        ),
        origins: app.settings().embed_origins.iter().map(|o| o.as_str().to_owned()).collect(),
        remind_days: found.window.survey_remind_days.to_string(),
        link,
        slug,
        page,
    }
}

/// `GET /admin/surveys/{slug}`
pub async fn show(
    app: web::Data<App>,
    request: HttpRequest,
    visitor: Visitor,
    slug: web::Path<String>,
    query: Query,
    _staff: Viewer,
) -> Result<HttpResponse, Failure> {
    let found = app.store.read(move |c| found(c, &slug)).await?;
    let mut page = page_of(&app, &request, &visitor, &found);
    page.done = query.done(&["opened", "closed", "remind", "invited"]);
    private_page(&page)
}

/// `POST /admin/surveys/{slug}`
pub async fn act(
    app: web::Data<App>,
    request: HttpRequest,
    visitor: Visitor,
    slug: web::Path<String>,
    form: Form,
    Operator(actor): Operator,
) -> Result<HttpResponse, Failure> {
    let named = slug.clone();
    let act = form.get("act").to_owned();
    let (said, field) = match act.as_str() {
        "open" => ("opened", "act"),
        "close" => ("closed", "act"),
        "remind" => ("remind", "remind_days"),
        "invite" => ("invited", "act"),
        _ => return Err(FieldErrors::one("act", "unknown-code").into()),
    };
    let days = form.get("remind_days").trim().parse::<i64>().unwrap_or(-1);
    let outcome = app
        .store
        .write(move |w| match act.as_str() {
            "open" => surveys::open(w, &actor, &named),
            "close" => surveys::close(w, &actor, &named),
            "remind" => surveys::remind_after(w, &actor, &named, days),
            _ => surveys::invite_again(w, &actor, &named),
        })
        .await;
    let errors = match outcome {
        Ok(()) => return Ok(see_other(&format!("/admin/surveys/{slug}?done={said}"))),
        Err(error) => wrong(error, field)?,
    };
    let found = app.store.read(move |c| found(c, &slug)).await?;
    let mut page = page_of(&app, &request, &visitor, &found);
    if form.has("remind_days") {
        page.remind_days = form.get("remind_days").to_owned();
    }
    page.errors = errors;
    form_again(&page)
}

/// `GET /admin/surveys/{slug}/qr.svg`: the public link as a QR code for a maintenance page; dark on
/// light whatever the reader's colours, for that is what cameras read.
pub async fn qr(
    app: web::Data<App>,
    slug: web::Path<String>,
    _staff: Viewer,
) -> Result<HttpResponse, Failure> {
    let window = app.store.read(move |c| windows::by_slug(c, &slug)).await?;
    let link = format!("{}/windows/{}/survey", app.public_url(), window.slug);
    let code = QrCode::new(link.as_bytes()).map_err(|e| Error::Internal(format!("no QR code: {e}")))?;
    let drawn = code
        .render::<svg::Color<'_>>()
        .min_dimensions(240, 240)
        .dark_color(svg::Color("#000"))
        .light_color(svg::Color("#fff"))
        .build();
    Ok(HttpResponse::Ok()
        .content_type("image/svg+xml")
        .insert_header(("Content-Disposition", format!("inline; filename=\"survey-{}.svg\"", window.slug)))
        .body(drawn))
}
