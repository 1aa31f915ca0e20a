//! The evidence of a window: everything that was announced, posted, reported, answered and counted, in
//! one archive with checksums, from one snapshot. It is streamed: no file of it is held in memory.

use std::io::Write;

use serde::Serialize;
use serde_json::json;
use sha2::{Digest, Sha256};
use zip::write::{SimpleFileOptions, StreamWriter};
use zip::{CompressionMethod, ZipWriter};

use super::{Format, Request, Style, Subject, csv, jsonl, write_in};
use crate::domain::instant::Instant;
use crate::domain::language::Language;
use crate::domain::report_filter::{Choice, Filter};
use crate::domain::window::Slug;
use crate::domain::zone::Zone;
use crate::store::connection::Db;
use crate::store::error::{Error, Result};
use crate::store::insights::{self, Insights, Reader};
use crate::store::people::Actor;
use crate::store::reports::list::Sort;
use crate::store::{Store, Write as Change, audit, windows};

/// What is to be archived, and for whom.
#[derive(Debug, Clone)]
pub struct Evidence {
    /// Which window.
    pub window: Slug,
    /// Whether contacts and accounts are in it.
    pub contacts: bool,
    /// The reader's language, for the pictures and the names in figures.
    pub language: Language,
    /// The language that texts fall back to.
    pub default_language: Language,
    /// The zone of the service.
    pub zone: Zone,
    /// Who asks, as the archive names them.
    pub by: String,
}

/// Draws the pictures of a window: file name and content of each.
pub type Pictures<'a> = &'a dyn Fn(&Insights, Language) -> Result<Vec<(String, String)>>;

/// A file of the archive.
#[derive(Debug, Serialize)]
struct Entry {
    name: String,
    bytes: u64,
    sha256: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    rows: Option<u64>,
}

struct Archive<W: Write> {
    zip: ZipWriter<StreamWriter<W>>,
    entries: Vec<Entry>,
}

/// Counts and sums what passes through.
struct Summed<'a, W: Write> {
    out: &'a mut W,
    sum: Sha256,
    bytes: u64,
}

impl<W: Write> Write for Summed<'_, W> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let n = self.out.write(bytes)?;
        self.sum.update(&bytes[..n]);
        self.bytes += n as u64;
        Ok(n)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

fn broken(error: impl std::fmt::Display) -> Error {
    Error::Unavailable(format!("the reader is gone: {error}"))
}

impl<W: Write + Send> Archive<W> {
    /// Adds a file; `fill` writes it and says how many rows it has, if it has rows.
    fn add(
        &mut self,
        name: &str,
        fill: impl FnOnce(&mut (dyn Write + Send)) -> Result<Option<u64>>,
    ) -> Result<()> {
        let options =
            SimpleFileOptions::default().compression_method(CompressionMethod::Deflated).large_file(true);
        self.zip.start_file(name, options).map_err(broken)?;
        let mut summed = Summed { out: &mut self.zip, sum: Sha256::new(), bytes: 0 };
        let rows = fill(&mut summed)?;
        let sha256 = summed.sum.finalize().iter().map(|b| format!("{b:02x}")).collect();
        self.entries.push(Entry { name: name.to_owned(), bytes: summed.bytes, sha256, rows });
        Ok(())
    }

    fn text(&mut self, name: &str, text: &str) -> Result<()> {
        self.add(name, |out| out.write_all(text.as_bytes()).map(|()| None).map_err(broken))
    }
}

/// Every subject of the archive and how its files are called.
const SUBJECTS: [(Subject, &str); 6] = [
    (Subject::Windows, "window"),
    (Subject::Updates, "updates"),
    (Subject::Reports, "reports"),
    (Subject::SurveyResponses, "survey-responses"),
    (Subject::Insights, "figures"),
    (Subject::Improvements, "improvements"),
];

/// Writes the archive to `out`, and counts the rows of its tables in `rows`.
///
/// Errors: [`Error::NotFound`] if there is no such window; [`Error::Unavailable`] if `out` takes no more.
pub fn run(
    store: &Store,
    asked: &Evidence,
    pictures: Pictures<'_>,
    out: impl Write + Send,
    rows: &mut u64,
) -> Result<()> {
    store.snapshot(|connection| {
        let mut archive = Archive { zip: ZipWriter::new_stream(out), entries: Vec::new() };
        fill(connection, asked, pictures, &mut archive, rows)?;
        archive.zip.finish().map_err(broken)?.into_inner().flush().map_err(broken)
    })
}

fn fill<W: Write + Send>(
    connection: &mut Db,
    asked: &Evidence,
    pictures: Pictures<'_>,
    archive: &mut Archive<W>,
    rows: &mut u64,
) -> Result<()> {
    let window = windows::by_slug(connection, asked.window.as_str())?;
    let now = Instant::now();
    archive.text("README.txt", README)?;
    let versions = windows::versions(connection, window.id)?;
    for version in &versions {
        let text = serde_json::to_string_pretty(&json!({
            "sequence": version.sequence,
            "kept_at": version.kept_at.rfc3339(),
            "notice": version.content,
        }));
        let text = text.map_err(|e| Error::Internal(e.to_string()))?;
        archive.text(&format!("notice/version-{:04}.json", version.sequence), &text)?;
    }
    for (subject, name) in SUBJECTS {
        for format in [Format::Csv, Format::JsonLines] {
            let request = Request {
                subject,
                format,
                style: Style::Machine,
                bom: true,
                contacts: asked.contacts,
                filter: Filter { window: Some(Choice::Is(asked.window.clone())), ..Filter::default() },
                sort: Sort::Oldest,
                language: asked.language,
                default_language: asked.default_language,
                zone: asked.zone,
            };
            archive.add(&format!("{name}.{format}"), |out| {
                let mut count = 0;
                match format {
                    Format::JsonLines => {
                        write_in(connection, &request, &mut jsonl::JsonLines::new(out), &mut count)?;
                    }
                    _ => {
                        let mut csv = csv::Csv::new(out, Style::Machine, asked.zone, true)?;
                        write_in(connection, &request, &mut csv, &mut count)?;
                    }
                }
                *rows += count;
                Ok(Some(count))
            })?;
        }
    }
    let reader = Reader { language: asked.language, default: asked.default_language, now };
    let figures = insights::one(connection, &window, reader)?;
    archive.text("figures.json", &pretty(&figures)?)?;
    for (name, content) in pictures(&figures, asked.language)? {
        archive.text(&format!("plots/{name}"), &content)?;
    }
    let manifest = json!({
        "window": window.slug,
        "sequence": window.sequence,
        "made_at": now.rfc3339(),
        "made_by": asked.by,
        "program": format!("interlude {}", env!("CARGO_PKG_VERSION")),
        "contacts": asked.contacts,
        "notice_versions": versions.len(),
        // Windows that were published before notices were kept begin with a later one.
        "first_notice_kept": versions.first().map(|v| v.sequence),
        "files": archive.entries,
    });
    archive.text("manifest.json", &pretty(&manifest)?)?;
    let sums: String = archive.entries.iter().map(|e| format!("{}  {}\n", e.sha256, e.name)).collect();
    archive.text("SHA256SUMS", &sums)
}

fn pretty(value: &impl Serialize) -> Result<String> {
    serde_json::to_string_pretty(value).map_err(|e| Error::Internal(e.to_string()))
}

const README: &str = "\
Evidence of one maintenance window, taken from one snapshot of the database.

notice/             the notice as the public could read it, one file for each version that was kept
window.*            the window as it stands            updates.*           what was posted
reports.*           problem reports                    survey-responses.*  answers to the survey
figures.*           every figure with n and interval   improvements.*      what was learnt
plots/              pictures of the figures, and their data
manifest.json       what is in this archive, when and by whom it was made
SHA256SUMS          check it with: sha256sum -c SHA256SUMS

Times are UTC unless a name says otherwise. The columns are described in docs/exports.md of the program.
The checksums show that files were not damaged. They do not prove who made the archive: keep a copy of
SHA256SUMS elsewhere, or have it time-stamped, if that will matter.
";

/// Notes who took the evidence of which window, with or without contacts, and whether it came to its end.
pub fn note(change: &mut Change<'_>, actor: &Actor, asked: &Evidence, rows: u64, whole: bool) -> Result<()> {
    let end = if whole { "" } else { ", broken off" };
    audit::note(change, actor, "export", "evidence", &format!("{}; {rows} rows{end}", said(asked)))
}

/// Notes that evidence with contacts is about to be taken, as [`super::note_begun`] does.
pub fn note_begun(change: &mut Change<'_>, actor: &Actor, asked: &Evidence) -> Result<()> {
    audit::note(change, actor, "export.begin", "evidence", &said(asked))
}

fn said(asked: &Evidence) -> String {
    let contacts = if asked.contacts { "with contacts" } else { "without contacts" };
    format!("window {}; {contacts}", asked.window)
}
