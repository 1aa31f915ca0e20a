//! `/help`: what people ask about maintenance, answered from what is announced. The same bytes for all
//! who read a language; see [`crate::web::cache`].

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use crate::domain::help::Built;
use crate::domain::instant::Instant;
use crate::domain::language::{Language, Texts};
use crate::domain::window::WindowState;
use crate::i18n::Words;
use crate::store::connection::Db;
use crate::store::counters::Others;
use crate::store::help::{self, Help};
use crate::store::instance::{self, Settings};
use crate::store::windows::{self, Window};
use crate::web::app::App;
use crate::web::failure::Failure;
use crate::web::markdown::{self, Html};
use crate::web::notice::{Notice, Reader};
use crate::web::page::Page;
use crate::web::public::public_page;
use crate::web::visitor::Visitor;

/// How many past windows are looked at for how often there is maintenance.
const LOOKED_AT: i64 = 200;
/// How many windows are named.
const NAMED: usize = 3;

#[derive(Template)]
#[template(path = "help.html")]
struct HelpPage {
    page: Page,
    /// Windows that are running or coming, the earliest first.
    next: Vec<Notice>,
    /// How many windows were completed within a year.
    completed: i64,
    /// How long half of them took at most, as a sentence.
    half: Option<String>,
    /// What staff say to a built-in question; empty: the page speaks for itself.
    said: Vec<(Built, Html)>,
    /// Questions that staff added, with their answers.
    own: Vec<(String, Html)>,
    /// One of the windows shown belongs to the demonstration.
    demonstration: bool,
}

impl HelpPage {
    fn said(&self, code: &str) -> &Html {
        static NOTHING: Html = Html::NOTHING;
        self.said.iter().find(|(b, _)| b.code() == code).map_or(&NOTHING, |(_, html)| html)
    }
}

/// `GET /help`
pub async fn show(
    app: web::Data<App>,
    request: HttpRequest,
    visitor: Visitor,
) -> Result<HttpResponse, Failure> {
    let language = visitor.language;
    app.pages.page(&request, "/help", language, || page(&app, language)).await
}

/// The page in this language.
pub(super) async fn page(app: &App, language: Language) -> Result<String, Failure> {
    let (settings, next, past, help) = app.store.read(read).await?;
    let now = app.now();
    let page = public_page("/help", language, &settings);
    let reader = Reader { words: page.words, default: settings.default_language, now };
    let next: Vec<Notice> = next.iter().map(|w| Notice::of(w, reader, &Others::default())).collect();
    let lengths = lengths(&past, now);
    let enough = lengths.len() > 2;
    let text = |texts: &Texts| texts.text(language, reader.default).to_owned();
    let answer = |texts: &Texts| markdown::render(&text(texts));
    let view = HelpPage {
        demonstration: next.iter().any(|n| n.demonstration) || past.iter().any(|w| w.demonstration),
        next,
        said: help.said.iter().map(|(built, texts)| (*built, answer(texts))).collect(),
        own: help.own.iter().map(|q| (text(&q.question), answer(&q.answer))).collect(),
        completed: lengths.len() as i64,
        half: enough
            .then(|| median(lengths))
            .flatten()
            .map(|seconds| page.with("help-how-often-half", [("span", &span(page.words, seconds))])),
        page,
    };
    Ok(view.render()?)
}

fn read(connection: &mut Db) -> crate::store::Result<(Settings, Vec<Window>, Vec<Window>, Help)> {
    let open = [WindowState::Scheduled, WindowState::InProgress, WindowState::Verifying];
    let mut next = windows::list(connection, &open, None, None, LOOKED_AT)?;
    next.reverse();
    next.truncate(NAMED);
    let past = windows::list(connection, &[WindowState::Completed], None, None, LOOKED_AT)?;
    Ok((instance::settings(connection)?, next, past, help::load(connection)?))
}

/// How long each window of the last year really took, in seconds.
fn lengths(past: &[Window], now: Instant) -> Vec<i64> {
    let since = now.plus_hours(-365 * 24);
    past.iter()
        .filter(|w| w.schedule.start > since)
        .filter_map(|w| Some(w.completed_at?.seconds_since(w.started_at.unwrap_or(w.schedule.start))))
        .filter(|seconds| *seconds > 0)
        .collect()
}

fn median(mut lengths: Vec<i64>) -> Option<i64> {
    lengths.sort_unstable();
    lengths.get(lengths.len().checked_sub(1)? / 2).copied()
}

/// Whole minutes up to two hours, else whole hours, as people say it.
fn span(words: Words, seconds: i64) -> String {
    let minutes = (seconds + 59) / 60;
    if minutes <= 120 { words.n("help-minutes", minutes) } else { words.n("help-hours", (minutes + 59) / 60) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_of_them_took_at_most_that() {
        assert_eq!(median(vec![]), None);
        assert_eq!(median(vec![9, 1, 5]), Some(5));
        assert_eq!(median(vec![9, 1, 5, 7]), Some(5));
        assert_eq!(span(Words(Language::En), 60 * 60), "60 minutes");
        assert_eq!(span(Words(Language::En), 7 * 3_600 + 1), "8 hours");
    }
}
