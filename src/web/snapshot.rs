//! Notices as files that need no server: style inside, no script, both languages, to be put on
//! another host before everything here is down.

use askama::Template;

use crate::domain::instant::Instant;
use crate::domain::language::Language;
use crate::domain::window::WindowState;
use crate::domain::zone::Zone;
use crate::i18n::Words;
use crate::store::Error;
use crate::store::connection::Db;
use crate::store::counters::Others;
use crate::store::instance::{self, Settings};
use crate::store::windows::{self, Window};
use crate::web::assets;
use crate::web::notice::{Notice, Reader};
use crate::web::times::Times;

/// How many windows one snapshot holds of each kind.
const MOST: i64 = 20;

/// A file of a snapshot.
pub struct SnapshotFile {
    /// Its name inside the folder.
    pub name: String,
    /// Its bytes.
    pub html: String,
}

/// The same in one language.
struct Part {
    language: Language,
    words: Words,
    made: String,
    notices: Vec<Notice>,
}

#[derive(Template)]
#[template(path = "windows/snapshot.html")]
struct SnapshotPage<'a> {
    service: String,
    parts: Vec<Part>,
    css: &'a str,
    /// The server's address, without a slash at its end; empty if it is not known.
    server: &'a str,
}

/// The files of a snapshot as of `now`: `index.html` with everything chosen, and one file a window.
/// Chosen is the window named, or all that run or are to come. `server` is where people find the
/// server when it is there.
///
/// [`Error::NotFound`] if there is no such public window.
pub fn files(
    connection: &mut Db,
    slug: Option<&str>,
    server: &str,
    now: Instant,
) -> Result<Vec<SnapshotFile>, Error> {
    use WindowState::{InProgress, Verifying};
    let settings = instance::settings(connection)?;
    let chosen = match slug {
        Some(slug) => vec![windows::public(connection, slug)?],
        None => {
            let mut found = windows::list(connection, &[InProgress, Verifying], None, None, MOST)?;
            found.extend(windows::coming(connection, MOST)?);
            found
        }
    };
    let css = assets::text("interlude.css")
        .ok_or_else(|| Error::Internal("the style sheet is not in the program".into()))?;
    let mut files =
        vec![SnapshotFile { name: "index.html".into(), html: page(&settings, &chosen, &css, server, now)? }];
    for window in &chosen {
        let html = page(&settings, std::slice::from_ref(window), &css, server, now)?;
        files.push(SnapshotFile { name: format!("{}.html", window.slug), html });
    }
    Ok(files)
}

fn page(
    settings: &Settings,
    windows: &[Window],
    css: &str,
    server: &str,
    now: Instant,
) -> Result<String, Error> {
    let default = settings.default_language;
    let zone: Zone = settings.time_zone.parse().unwrap_or(Zone::UTC);
    // The default language comes first.
    let others = Language::ALL.iter().copied().filter(|l| *l != default);
    let parts = std::iter::once(default)
        .chain(others)
        .map(|language| {
            let words = Words(language);
            let reader = Reader { words, default, now };
            let at = Times::new(words, zone).moment(now);
            Part {
                language,
                words,
                made: words.with("snapshot-made", [("at", &at)]),
                notices: windows.iter().map(|w| Notice::of(w, reader, &Others::default())).collect(),
            }
        })
        .collect();
    let service = match settings.service_name.as_str() {
        "" => Words(default).t("product-name"),
        name => name.to_owned(),
    };
    let page = SnapshotPage { service, parts, css, server };
    page.render().map_err(|e| Error::Internal(format!("a template failed: {e}")))
}
