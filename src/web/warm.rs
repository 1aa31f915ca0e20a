//! The pages that people need while the database cannot be read, made before anybody asks for them: at
//! the start and after each public change, in every language. They are then in memory, and on disk for
//! a server that starts without its database.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use actix_web::web::Bytes;

use crate::domain::language::Language;
use crate::domain::window::WindowState;
use crate::store::windows;
use crate::web::app::App;
use crate::web::failure::Failure;
use crate::web::{editor, etag, help, offline, public, report_form};

/// How long changes are gathered before pages are made anew.
const GATHER: Duration = Duration::from_secs(1);
/// How long the next try waits after one that failed.
const AGAIN: Duration = Duration::from_secs(5);
/// How many running and coming windows have their pages made; more are made when they are read.
const WINDOWS: i64 = 30;

/// What lies on disk of that which is no page of the cache: the address and the language of each, and
/// the digest of its bytes.
type Kept = HashMap<(String, Language), String>;

/// Makes pages at once and after each public change; never ends.
pub async fn follow(app: App) {
    let mut changed = app.store.changed();
    let (mut made, mut kept) = (None, Kept::new());
    loop {
        let latest = app.pages.latest().await;
        if latest.is_none() || latest != made {
            match make(&app, &mut kept).await {
                Ok(()) if latest.is_some() => made = latest,
                Ok(()) => {}
                Err(failure) => tracing::debug!(%failure, "pages cannot be made beforehand at present"),
            }
        }
        if made.is_none() || latest != made {
            tokio::time::sleep(AGAIN).await;
            continue;
        }
        if changed.changed().await.is_err() {
            return;
        }
        tokio::time::sleep(GATHER).await;
    }
}

async fn make(app: &App, kept: &mut Kept) -> Result<(), Failure> {
    let open = [WindowState::Scheduled, WindowState::InProgress, WindowState::Verifying];
    let found = app.store.read(move |c| windows::list(c, &open, None, None, WINDOWS)).await?;
    let slugs: Vec<String> = found.iter().map(|w| w.slug.to_string()).collect();
    let fixed = ["/", "/help", "/history", "/report", "/brand.css", "/logo", "/sw.js"].map(str::to_owned);
    let of_windows = slugs.iter().flat_map(|s| [format!("/windows/{s}"), format!("/windows/{s}/report")]);
    app.pages.hold_dear(fixed.into_iter().chain(of_windows).collect::<HashSet<_>>());
    for language in Language::ALL.iter().copied() {
        app.pages.warm("/", language, || public::home_page(app, language, false)).await?;
        app.pages.warm("/help", language, || help::page(app, language)).await?;
        app.pages.warm("/history", language, || public::history_page(app, language, None)).await?;
        let form = report_form::kept(app, None, language).await?;
        keep(app, kept, "/report", language, "text/html; charset=utf-8", form);
        for slug in &slugs {
            let path = format!("/windows/{slug}");
            app.pages
                .warm(&path, language, || public::notice_page(app, slug.clone(), language, false))
                .await?;
            let form = report_form::kept(app, Some(slug.clone()), language).await?;
            keep(app, kept, &format!("{path}/report"), language, "text/html; charset=utf-8", form);
        }
    }
    let default = app.settings().default_language;
    match app.settings().appearance.accent {
        Some(accent) => {
            keep(app, kept, "/brand.css", default, "text/css; charset=utf-8", accent.style_sheet())
        }
        None => forget(app, kept, "/brand.css"),
    }
    match editor::appearance::last_logo(app).await? {
        Some((kind, bytes)) => keep(app, kept, "/logo", default, kind, bytes),
        None => forget(app, kept, "/logo"),
    }
    keep(app, kept, "/sw.js", default, offline::SCRIPT, offline::worker(app)?);
    Ok(())
}

fn keep(
    app: &App,
    kept: &mut Kept,
    path: &str,
    language: Language,
    kind: &'static str,
    bytes: impl Into<Bytes>,
) {
    let bytes = bytes.into();
    let digest = etag::digest(&bytes);
    let before = kept.insert((path.to_owned(), language), digest.clone());
    if before.as_ref() != Some(&digest) {
        app.pages.keep(path, language, kind, bytes);
    }
}

/// Forgets it in whichever language it is kept.
fn forget(app: &App, kept: &mut Kept, path: &str) {
    for language in Language::ALL.iter().copied() {
        kept.remove(&(path.to_owned(), language));
        app.pages.drop_kept(path, language);
    }
}
