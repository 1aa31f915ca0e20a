//! Notices as files that need no server: style inside, no script, both languages, to be put on
//! another host before everything here is down.

use askama::Template;

use crate::domain::instant::Instant;
use crate::domain::language::Language;
use crate::domain::window::WindowState;
use crate::i18n::Words;
use crate::store::Error;
use crate::store::appearance;
use crate::store::connection::Db;
use crate::store::counters::{self, Others};
use crate::store::instance::{self, Settings};
use crate::store::known_issues::{self, KnownIssue};
use crate::store::windows::{self, Window};
use crate::web::assets;
use crate::web::known_issue::Shown;
use crate::web::notice::{Notice, Reader};
use crate::web::page::Look;
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
    look: Look,
    notices: Vec<Notice>,
}

/// A window with what the public reads beside it.
struct Chosen {
    window: Window,
    others: Others,
    known: Vec<KnownIssue>,
}

impl Chosen {
    fn load(connection: &mut Db, window: Window) -> Result<Chosen, Error> {
        let others = counters::others(connection, Some(window.id))?;
        let known = known_issues::public_of(connection, Some(window.id))?;
        Ok(Chosen { window, others, known })
    }

    fn notice(&self, reader: Reader) -> Notice {
        let known = self.known.iter().map(|i| Shown::of(i, reader.words, reader.default)).collect();
        Notice { known, ..Notice::of(&self.window, reader, &self.others) }
    }
}

/// What all files of a snapshot have inside.
struct Frame {
    settings: Settings,
    /// Our style sheet, and the operator's colour.
    css: String,
    /// The operator's logo as a `data:` address; empty: the product's own mark.
    logo: String,
}

impl Frame {
    fn load(connection: &mut Db) -> Result<Frame, Error> {
        let settings = instance::settings(connection)?;
        let mut css = assets::text("interlude.css")
            .ok_or_else(|| Error::Internal("the style sheet is not in the program".into()))?;
        if let Some(accent) = settings.appearance.accent {
            css.push_str(&accent.style_sheet());
        }
        let logo = match settings.appearance.logo {
            Some(_) => {
                let (kind, bytes) = appearance::logo(connection)?;
                format!("data:{};base64,{}", kind.media_type(), base64(&bytes))
            }
            None => String::new(),
        };
        Ok(Frame { settings, css, logo })
    }
}

/// Bytes in the letters of RFC 4648 section 4.
fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for part in bytes.chunks(3) {
        let at = |n: usize| u32::from(part.get(n).copied().unwrap_or(0));
        let bits = at(0) << 16 | at(1) << 8 | at(2);
        for n in 0..4 {
            let letter = LETTERS[(bits >> (18 - 6 * n) & 63) as usize];
            out.push(if n > part.len() { '=' } else { char::from(letter) });
        }
    }
    out
}

#[derive(Template)]
#[template(path = "windows/snapshot.html")]
struct SnapshotPage<'a> {
    service: String,
    parts: Vec<Part>,
    css: &'a str,
    logo: &'a str,
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
    let frame = Frame::load(connection)?;
    let windows = match slug {
        Some(slug) => vec![windows::public(connection, slug)?],
        None => {
            let mut found = windows::list(connection, &[InProgress, Verifying], None, None, MOST)?;
            found.extend(windows::coming(connection, MOST)?);
            found
        }
    };
    let chosen: Vec<Chosen> =
        windows.into_iter().map(|window| Chosen::load(connection, window)).collect::<Result<_, _>>()?;
    let mut files =
        vec![SnapshotFile { name: "index.html".into(), html: page(&frame, &chosen, server, now)? }];
    for one in &chosen {
        let html = page(&frame, std::slice::from_ref(one), server, now)?;
        files.push(SnapshotFile { name: format!("{}.html", one.window.slug), html });
    }
    Ok(files)
}

fn page(frame: &Frame, chosen: &[Chosen], server: &str, now: Instant) -> Result<String, Error> {
    let Frame { settings, css, logo } = frame;
    let default = settings.default_language;
    let zone = settings.time_zone;
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
                look: Look::of(settings, language),
                notices: chosen.iter().map(|one| one.notice(reader)).collect(),
            }
        })
        .collect();
    let service = match settings.service_name.as_str() {
        "" => Words(default).t("product-name"),
        name => name.to_owned(),
    };
    let page = SnapshotPage { service, parts, css, logo, server };
    page.render().map_err(|e| Error::Internal(format!("a template failed: {e}")))
}

#[cfg(test)]
mod tests {
    #[test]
    fn bytes_become_letters_as_the_standard_has_them() {
        let said =
            ["", "f", "fo", "foo", "foob", "fooba", "foobar"].map(|text| super::base64(text.as_bytes()));
        assert_eq!(said, ["", "Zg==", "Zm8=", "Zm9v", "Zm9vYg==", "Zm9vYmE=", "Zm9vYmFy"]);
        assert_eq!(super::base64(&[0xfb, 0xff, 0xfe]), "+//+");
    }
}
