//! The review of a window on one sheet of paper: what was announced beside what happened, its story,
//! the key figures, what was known to be wrong, and what will be done better.

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::announced::{self, ComponentRow, Happened, IssueRow};
use super::tiles::{self, Tile};
use super::{state, when};
use crate::store::{insights, windows};
use crate::web::app::App;
use crate::web::failure::Failure;
use crate::web::form::Query;
use crate::web::page::{Page, private_page};
use crate::web::plots::{Picture, answers, story};
use crate::web::staff::improvements::{self, ImprovementRow};
use crate::web::times::Times;
use crate::web::visitor::{Viewer, Visitor};

#[derive(Template)]
#[template(path = "insights/review.html")]
struct ReviewPage {
    page: Page,
    slug: String,
    title: String,
    state: &'static str,
    when: String,
    headline: String,
    tiles: Vec<Vec<Tile>>,
    plot: Picture,
    answers: Option<Picture>,
    happened: Vec<Happened>,
    components: Vec<ComponentRow>,
    issues: Vec<IssueRow>,
    improvements: Vec<ImprovementRow>,
    minimum: String,
    printed: String,
}

/// `GET /admin/insights/{slug}/review`
pub async fn show(
    app: web::Data<App>,
    _staff: Viewer,
    request: HttpRequest,
    visitor: Visitor,
    slug: web::Path<String>,
    query: Query,
) -> Result<HttpResponse, Failure> {
    query.only(&[])?;
    let reader = app.reader(visitor.language);
    let (insights, known) = app
        .store
        .read(move |c| {
            let window = windows::by_slug(c, &slug)?;
            let known = improvements::of_window(c, window.id, reader)?;
            Ok((insights::one(c, &window, reader)?, known))
        })
        .await?;
    let page = Page::bare(&request, &visitor);
    let times = Times::new(page.words, insights.window.time_zone);
    private_page(&ReviewPage {
        slug: insights.window.slug.clone(),
        title: insights.window.title.clone(),
        state: state(&insights.window, &insights.schedule),
        when: when(times, &insights.schedule),
        headline: tiles::headline(times, &insights),
        tiles: tiles::of_window(times, &insights),
        plot: story::picture(&insights, times),
        answers: answers::picture(&insights, times),
        happened: announced::happened(times, &insights),
        components: announced::components(&page, times, &insights),
        issues: announced::issues(&page, &insights),
        improvements: known.rows(&page, reader),
        minimum: super::minimum(&page, insights.minimum_n),
        printed: page.words.with("review-as-of", [("when", &times.moment(insights.as_of))]),
        page,
    })
}
