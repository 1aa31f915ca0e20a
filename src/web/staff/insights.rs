//! Figures: of all windows, and the story of one of them.

mod announced;
pub mod between;
pub mod comments;
pub mod compare;
mod list;
mod people;
pub mod plots;
pub mod review;
mod tables;
mod tiles;

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use crate::domain::fields::FieldErrors;
use crate::domain::instant::Instant;
use crate::domain::measure::Measure;
use crate::store::insights::{self, ScheduleFigures, WindowName};
use crate::store::responses::{self, Comment, Comments, CommentsAfter};
use crate::store::windows;
use crate::web::app::App;
use crate::web::failure::Failure;
use crate::web::figures;
use crate::web::form::Query;
use crate::web::page::{Page, private_page};
use crate::web::plots::{Picture, answers, story};
use crate::web::staff::improvements::{self, ImprovementRow};
use crate::web::times::Times;
use crate::web::visitor::{Viewer, Visitor};
use announced::{ComponentRow, Happened, IssueRow};
pub use list::list;
use people::{GroupRow, StepRow};
use tables::Table;
use tiles::Tile;

#[derive(Template)]
#[template(path = "insights/window.html")]
struct WindowPage {
    page: Page,
    slug: String,
    title: String,
    /// The code of its state, or `overdue`.
    state: &'static str,
    when: String,
    headline: String,
    tiles: Vec<Vec<Tile>>,
    plot: Picture,
    answers: Option<Picture>,
    /// Where the pictures can be taken away from.
    plots_at: String,
    happened: Vec<Happened>,
    components: Vec<ComponentRow>,
    issues: Vec<IssueRow>,
    groups: Vec<GroupRow>,
    drop_off: Vec<StepRow>,
    begun: String,
    invited: String,
    improvements: Vec<ImprovementRow>,
    /// The codes of figures that an improvement can be about.
    measures: &'static [Measure],
    reports: Vec<Table>,
    survey: Vec<Table>,
    responses: String,
    minimum: String,
    score: Option<u8>,
    comments: Vec<CommentView>,
    more_comments: Option<String>,
}

/// A comment.
struct CommentView {
    reference: String,
    score: String,
    tone: &'static str,
    submitted_at: Instant,
    when: String,
    complete: bool,
    text: String,
}

impl CommentView {
    fn of(comment: Comment, times: Times) -> CommentView {
        CommentView {
            reference: comment.response.to_string(),
            score: comment.csat.map(|s| s.to_string()).unwrap_or_default(),
            tone: match comment.csat {
                Some(1 | 2) => "tone-danger",
                Some(3) => "tone-warn",
                Some(_) => "tone-ok",
                None => "",
            },
            when: times.moment(comment.submitted_at),
            submitted_at: comment.submitted_at,
            complete: comment.complete,
            text: comment.comment,
        }
    }
}

fn minimum(page: &Page, minimum_n: u64) -> String {
    page.n("insights-minimum", minimum_n)
}

/// The code of a window's state; `overdue` for one that runs past its announced end.
fn state(window: &WindowName, schedule: &ScheduleFigures) -> &'static str {
    let late = schedule.overrun_seconds.is_some_and(|s| s > 0);
    if late && !window.state.has_ended() { "overdue" } else { window.state.code() }
}

/// When a window was, or was to be.
fn when(times: Times, schedule: &ScheduleFigures) -> String {
    let start = schedule.started_at.unwrap_or(schedule.scheduled_start);
    match schedule.ended_at.or(schedule.scheduled_end).filter(|end| *end > start) {
        Some(end) => times.range(start, end),
        None => times.moment(start),
    }
}

/// How many comments are shown at once.
const COMMENTS: i64 = 10;

/// Reads where the comments go on: `3.17`.
pub(in crate::web) fn comments_after(field: &str, text: &str) -> Result<Option<CommentsAfter>, FieldErrors> {
    if text.is_empty() {
        return Ok(None);
    }
    let read = || {
        let (score, id) = text.split_once('.')?;
        Some((score.parse().ok()?, id.parse().ok()?))
    };
    read().map(Some).ok_or_else(|| FieldErrors::one(field, "bad-cursor"))
}

/// Reads a score to filter comments by.
pub(in crate::web) fn score_of(text: &str) -> Result<Option<u8>, FieldErrors> {
    if text.is_empty() {
        return Ok(None);
    }
    let score = text.parse::<u8>().ok().filter(|s| (1..=5).contains(s));
    score.map(Some).ok_or_else(|| FieldErrors::one("score", "unknown-code"))
}

/// `GET /admin/insights/{slug}`
pub async fn show(
    app: web::Data<App>,
    _staff: Viewer,
    request: HttpRequest,
    visitor: Visitor,
    slug: web::Path<String>,
    query: Query,
) -> Result<HttpResponse, Failure> {
    let query = query.only(&["score", "after"])?;
    let after = comments_after("after", query.get("after"))?;
    let score = score_of(query.get("score"))?;
    let reader = app.reader(visitor.language);
    let (insights, (comments, more), known) = app
        .store
        .read(move |c| {
            let window = windows::by_slug(c, &slug)?;
            let wanted = Comments { score, after, ..Comments::default() };
            let comments = responses::comments(c, window.id, &wanted, COMMENTS)?;
            let known = improvements::of_window(c, window.id, reader)?;
            Ok((insights::one(c, &window, reader)?, comments, known))
        })
        .await?;
    let page = Page::bare(&request, &visitor);
    let improvements = known.rows(&page, reader);
    let times = Times::new(page.words, insights.window.time_zone);
    let survey = &insights.survey;
    let responses = page.words.with(
        "insights-responses",
        [("complete", &figures::count(survey.complete)), ("partial", &figures::count(survey.partial))],
    );
    private_page(&WindowPage {
        slug: insights.window.slug.clone(),
        title: insights.window.title.clone(),
        state: state(&insights.window, &insights.schedule),
        when: when(times, &insights.schedule),
        headline: tiles::headline(times, &insights),
        tiles: tiles::of_window(times, &insights),
        plot: story::picture(&insights, times),
        plots_at: format!("/admin/insights/{}/plots", insights.window.slug),
        answers: answers::picture(&insights, times),
        components: announced::components(&page, times, &insights),
        issues: announced::issues(&page, &insights),
        groups: people::groups(page.words, &insights),
        drop_off: people::drop_off(page.words, &insights, reader.default),
        begun: page.words.with(
            "insights-begun",
            [
                ("begun", &figures::count(insights.drop_off.begun)),
                ("finished", &figures::count(insights.drop_off.finished)),
            ],
        ),
        invited: people::invited(page.words, &insights),
        improvements,
        measures: Measure::ALL,
        happened: announced::happened(times, &insights),
        reports: tables::of_reports(page.words, &insights.reports, Some(&insights.window.slug)),
        survey: tables::of_survey(page.words, &insights, reader.default),
        responses,
        minimum: minimum(&page, insights.minimum_n),
        score,
        comments: comments.into_iter().map(|c| CommentView::of(c, times)).collect(),
        more_comments: more.map(|(score, id)| format!("{score}.{id}")),
        page,
    })
}
