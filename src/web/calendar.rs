//! Windows as calendar entries (RFC 5545): one file for each, and one to subscribe to.
//!
//! An entry keeps its UID for ever, whatever happens to the window or to the address of the server,
//! and its SEQUENCE is the window's, which rises with every public change; so a calendar that gets
//! the file again moves or cancels what it has instead of adding a second. Times are in UTC, which
//! every calendar shows in its owner's zone; the zone of the notice is named in the text.

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use icalendar::{Calendar, Component, Event, EventLike, EventStatus};

use crate::domain::instant::Instant;
use crate::domain::language::Language;
use crate::domain::secret::{InstanceKey, base32};
use crate::domain::window::WindowState;
use crate::i18n::Words;
use crate::store::Error;
use crate::store::connection::Db;
use crate::store::counters::Others;
use crate::store::instance::{self, Settings};
use crate::store::windows::{self, Window};
use crate::web::app::App;
use crate::web::failure::Failure;
use crate::web::notice::{Notice, Reader};
use crate::web::plain;
use crate::web::visitor::Visitor;

const KIND: &str = "text/calendar; charset=utf-8";
/// How many past windows the calendar of all keeps.
const PAST: i64 = 50;
/// How many running and coming windows it names at most.
const COMING: i64 = 200;
/// How many characters of a notice an entry holds; the page has the rest.
const TEXT_MAX: usize = 2_000;

/// `GET /windows/{slug}.ics`
pub async fn of_window(
    app: web::Data<App>,
    request: HttpRequest,
    visitor: Visitor,
    slug: web::Path<String>,
) -> Result<HttpResponse, Failure> {
    let (slug, language) = (slug.into_inner(), visitor.language);
    let path = format!("/windows/{slug}.ics");
    let name = format!("inline; filename=\"{}.ics\"", slug.replace(['"', '\\'], ""));
    let render = || {
        let app = app.clone();
        async move {
            let read = move |c: &mut Db| Ok((instance::settings(c)?, windows::public(c, &slug)?));
            let (settings, window) = app.store.read(read).await?;
            Ok(written(&app, &settings, &[window], language, false))
        }
    };
    let mut response = app.pages.file(&request, &path, language, KIND, render).await?;
    if let Ok(name) = header::HeaderValue::from_str(&name) {
        response.headers_mut().insert(header::CONTENT_DISPOSITION, name);
    }
    Ok(response)
}

/// `GET /calendar.ics`: every window to come, those that run, and the last that were.
pub async fn of_all(
    app: web::Data<App>,
    request: HttpRequest,
    visitor: Visitor,
) -> Result<HttpResponse, Failure> {
    let language = visitor.language;
    let render = || {
        let app = app.clone();
        async move {
            let (settings, windows) = app.store.read(read_all).await?;
            Ok(written(&app, &settings, &windows, language, true))
        }
    };
    app.pages.file(&request, "/calendar.ics", language, KIND, render).await
}

fn read_all(connection: &mut Db) -> Result<(Settings, Vec<Window>), Error> {
    use WindowState::{Cancelled, Completed, InProgress, Verifying};
    let mut found = windows::coming(connection, COMING)?;
    found.extend(windows::list(connection, &[InProgress, Verifying], None, None, COMING)?);
    found.extend(windows::list(connection, &[Completed, Cancelled], None, None, PAST)?);
    found.sort_by_key(|w| (w.schedule.start, w.id));
    Ok((instance::settings(connection)?, found))
}

fn written(app: &App, settings: &Settings, windows: &[Window], language: Language, all: bool) -> String {
    let reader = Reader { words: Words(language), default: settings.default_language, now: app.now() };
    let mut calendar = Calendar::new();
    calendar.append_property(("METHOD", "PUBLISH"));
    if all {
        let service = match settings.service_name.as_str() {
            "" => reader.words.t("product-name"),
            name => name.to_owned(),
        };
        calendar.name(&reader.words.with("calendar-name", [("service", &service)]));
        calendar.append_property(("X-WR-TIMEZONE", settings.time_zone.name()));
        calendar.ttl(&chrono::Duration::hours(1));
    }
    for window in windows {
        calendar.push(event(window, reader, &app.key, app.public_url()));
    }
    folded(&calendar.to_string())
}

fn event(window: &Window, reader: Reader, key: &InstanceKey, public_url: &str) -> Event {
    let address = format!("{public_url}/windows/{}", window.slug);
    let notice = Notice::of(window, reader, &Others::default());
    let text = plain::text(window, &notice, &[], reader, &address);
    let mut event = Event::with_uid(&uid(key, window.id));
    event
        .sequence(window.sequence.clamp(0, i64::from(u32::MAX)) as u32)
        .timestamp(changed_at(window).utc())
        .last_modified(changed_at(window).utc())
        .summary(&plain::headline(window, reader, reader.words.0))
        .description(&shortened(&text, &address))
        .url(&address)
        .status(match window.state {
            WindowState::Cancelled => EventStatus::Cancelled,
            _ => EventStatus::Confirmed,
        })
        // Nobody is busy because a service is.
        .add_property("TRANSP", "TRANSPARENT")
        .starts(window.schedule.start.utc());
    if let Some(end) = window.completed_at.or(window.schedule.end).filter(|end| *end > window.schedule.start)
    {
        event.ends(end.utc());
    }
    event.done()
}

/// The name of a window's entry: its row, and a part that is this instance's own.
fn uid(key: &InstanceKey, window: i64) -> String {
    format!("window-{window}-{}@interlude", base32(&key.derive(&["calendar"])[..10]))
}

/// When the window last changed, as far as its own times tell. Not the present moment, or the same
/// entry would never be the same bytes.
fn changed_at(window: &Window) -> Instant {
    let updates = window.updates.iter().map(|u| u.posted_at);
    let moves = window.moves.iter().map(|m| m.moved_at);
    let own = [window.announced_at, window.started_at, window.completed_at, window.cancelled_at];
    updates.chain(moves).chain(own.into_iter().flatten()).max().unwrap_or(window.schedule.start)
}

fn shortened(text: &str, address: &str) -> String {
    if text.chars().count() <= TEXT_MAX {
        return text.trim_end().to_owned();
    }
    let short: String = text.chars().take(TEXT_MAX).collect();
    format!("{}…\n\n{address}", short.trim_end())
}

/// Lines of at most 75 bytes, folded between characters (RFC 5545 section 3.1): the crate counts
/// the blank before a continued line to none of them.
fn folded(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 60);
    for line in text.replace("\r\n ", "").split_terminator("\r\n") {
        let mut length = 0;
        for c in line.chars() {
            if length + c.len_utf8() > 75 {
                out.push_str("\r\n ");
                length = 1;
            }
            out.push(c);
            length += c.len_utf8();
        }
        out.push_str("\r\n");
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn folding_loses_nothing(text in "[a-z维护 ,]{0,400}") {
            // What is folded does not itself begin a line with a blank.
            let line = format!("SUMMARY:{text}\r\n");
            let folded = folded(&line);
            prop_assert!(folded.split("\r\n").all(|l| l.len() <= 75));
            prop_assert_eq!(folded.replace("\r\n ", ""), line);
        }
    }

    #[test]
    fn an_entry_is_named_by_window_and_instance() {
        let (a, b) = (InstanceKey::new([1; 32]), InstanceKey::new([2; 32]));
        assert_eq!(uid(&a, 7), uid(&a, 7));
        assert_ne!(uid(&a, 7), uid(&a, 8));
        assert_ne!(uid(&a, 7), uid(&b, 7));
    }
}
