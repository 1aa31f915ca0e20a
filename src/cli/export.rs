//! `interlude export`

use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::str::FromStr;

use clap::Args;
use clap::builder::TypedValueParser;

use super::output::{at, into, into_stdout};
use super::{Coded, among, exit, one_of};
use crate::config::DataOptions;
use crate::domain::codes::UnknownCode;
use crate::domain::instant::Instant;
use crate::domain::language::Language;
use crate::domain::report::{Category, Impact, Severity, Status};
use crate::domain::report_filter::{self, Filter};
use crate::domain::window::{ReportStage, Slug};
use crate::export::evidence::{self, Evidence};
use crate::export::{self, Format, Request, Style, Subject};
use crate::store::instance;
use crate::store::people::Actor;
use crate::store::reports::list::Sort;
use crate::web::{plots, snapshot};

/// Write reports, responses, windows, updates or figures as a file, or notices as pages that need no server.
#[derive(Debug, Args)]
pub(super) struct ExportCommand {
    /// What; evidence is all of one window as a ZIP archive, notice the notices that matter now as pages
    /// with everything inside.
    #[arg(value_parser = among(Subject::ALL, &["notice", "evidence"]).try_map(|what| what.parse::<What>()))]
    subject: What,
    /// How it is written.
    #[arg(long, default_value = "csv", value_parser = one_of(Format::ALL))]
    format: Format,
    /// For whom: machine (codes and UTC) or sheet (words and local times).
    #[arg(long, default_value = "machine", value_parser = one_of(Style::ALL))]
    style: Style,
    /// Only this window, by its slug.
    #[arg(long)]
    window: Option<String>,
    /// Only this stage (reports).
    #[arg(long, value_parser = among(ReportStage::ALL, NONE))]
    stage: Option<String>,
    /// Only this component, by its key (reports).
    #[arg(long)]
    component: Option<String>,
    /// Only this category (reports).
    #[arg(long, value_parser = among(Category::ALL, &[]))]
    category: Option<String>,
    /// Only this impact (reports).
    #[arg(long, value_parser = among(Impact::ALL, &[]))]
    impact: Option<String>,
    /// Only this severity (reports).
    #[arg(long, value_parser = among(Severity::ALL, NONE))]
    severity: Option<String>,
    /// Only this status, or all on which there is work to do: open (reports).
    #[arg(long, value_parser = among(Status::ALL, &["open"]))]
    status: Option<String>,
    /// Only what holds these words (reports).
    #[arg(long)]
    q: Option<String>,
    /// From this moment or day on.
    #[arg(long)]
    from: Option<String>,
    /// Before this moment, or until this day.
    #[arg(long)]
    to: Option<String>,
    /// The language of a sheet, by its tag; the server's if not said.
    #[arg(long, value_parser = one_of(Language::ALL))]
    lang: Option<Language>,
    /// With contacts and accounts.
    #[arg(long)]
    contacts: bool,
    /// CSV without a byte order mark.
    #[arg(long)]
    no_bom: bool,
    /// The file to write; standard output if not said. For notices: the folder to write into.
    #[arg(long, short)]
    output: Option<PathBuf>,
}

/// How those that have none are asked for.
const NONE: &[&str] = &["none", report_filter::NONE];

/// What can be written.
#[derive(Debug, Clone, Copy)]
enum What {
    Rows(Subject),
    Notice,
    Evidence,
}

impl FromStr for What {
    type Err = UnknownCode;

    fn from_str(text: &str) -> Result<What, UnknownCode> {
        match text {
            "notice" => Ok(What::Notice),
            "evidence" => Ok(What::Evidence),
            other => other.parse().map(What::Rows),
        }
    }
}

fn invalid(message: &str) -> Coded {
    Coded { code: exit::INVALID, message: message.to_owned() }
}

pub(super) fn run(
    data: &DataOptions,
    command: ExportCommand,
    public_url: Option<&str>,
) -> anyhow::Result<()> {
    match command.subject {
        What::Rows(subject) => rows(data, command, subject),
        What::Evidence => evidence(data, &command),
        What::Notice => notices(data, &command, public_url.unwrap_or_default().trim_end_matches('/')),
    }
}

/// Writes the notices into a folder, each file whole or not at all.
fn notices(data: &DataOptions, command: &ExportCommand, server: &str) -> anyhow::Result<()> {
    let Some(folder) = &command.output else {
        return Err(invalid("say which folder the pages go into with --output").into());
    };
    let store = super::open(data)?;
    let slug = command.window.clone();
    let files = store.read_here(|c| snapshot::files(c, slug.as_deref(), server, Instant::now()))?;
    std::fs::create_dir_all(folder).map_err(at(folder))?;
    for file in &files {
        into_file(&folder.join(&file.name), EVERYBODY, |out| {
            out.write_all(file.html.as_bytes())
                .map_err(|e| crate::store::Error::Internal(format!("{}: {e}", file.name)))
        })?;
    }
    tell!("{} pages written to {}; index.html has them all.", files.len(), folder.display());
    Ok(())
}

/// Writes the evidence of a window.
fn evidence(data: &DataOptions, command: &ExportCommand) -> anyhow::Result<()> {
    let slug = command
        .window
        .as_deref()
        .ok_or_else(|| invalid("evidence is of one window; say which with --window"))?;
    let window = Slug::parse("window", slug).map_err(|_| invalid("there is no such window"))?;
    if command.output.is_none() && std::io::stdout().is_terminal() {
        return Err(invalid("an archive is nothing for a terminal; say where to with --output").into());
    }
    let store = super::open(data)?;
    let settings = store.read_here(instance::settings)?;
    let asked = Evidence {
        window,
        contacts: command.contacts,
        language: command.lang.unwrap_or(settings.default_language),
        default_language: settings.default_language,
        zone: settings.time_zone,
        by: Actor::CommandLine.to_string(),
    };
    let known = store.read_here(|c| crate::store::windows::id_of(c, asked.window.as_str()))?;
    if known.is_none() {
        return Err(invalid("there is no such window").into());
    }
    if asked.contacts {
        let asked = asked.clone();
        store.write_here(move |w| evidence::note_begun(w, &Actor::CommandLine, &asked))?;
    }
    let mut rows = 0;
    let outcome = match &command.output {
        Some(path) => {
            into_file(path, OWNER, |out| evidence::run(&store, &asked, &plots::files, out, &mut rows))
        }
        None => into_stdout(|out| evidence::run(&store, &asked, &plots::files, out, &mut rows)),
    };
    let (whole, noted) = (outcome.is_ok(), asked.clone());
    store.write_here(move |w| evidence::note(w, &Actor::CommandLine, &noted, rows, whole))?;
    outcome?;
    if let Some(path) = &command.output {
        tell!("{rows} rows written to {}.", path.display());
    }
    Ok(())
}

fn rows(data: &DataOptions, command: ExportCommand, subject: Subject) -> anyhow::Result<()> {
    let to_terminal = command.output.is_none() && std::io::stdout().is_terminal();
    if command.format == Format::Xlsx && to_terminal {
        return Err(invalid("a workbook is nothing for a terminal; say where to with --output").into());
    }
    let store = super::open(data)?;
    let settings = store.read_here(instance::settings)?;
    let zone = settings.time_zone;
    let fields = [
        ("window", &command.window),
        ("stage", &command.stage),
        ("component", &command.component),
        ("category", &command.category),
        ("impact", &command.impact),
        ("severity", &command.severity),
        ("status", &command.status),
        ("q", &command.q),
        ("from", &command.from),
        ("to", &command.to),
    ];
    let known = export::filter_fields(subject);
    let mut pairs = Vec::new();
    for (name, value) in fields {
        let Some(value) = value else { continue };
        if !known.contains(&name) {
            return Err(invalid(&format!("--{name} does not filter {subject}")).into());
        }
        pairs.push((name.to_owned(), value.clone()));
    }
    let filter = Filter::parse(&pairs, zone, Instant::now()).map_err(crate::store::Error::from)?;
    let request = Request {
        subject,
        format: command.format,
        style: command.style,
        bom: !command.no_bom,
        contacts: command.contacts,
        filter,
        sort: Sort::Oldest,
        language: command.lang.unwrap_or(settings.default_language),
        default_language: settings.default_language,
        zone,
    };
    store.read_here(|c| export::check(c, &request))?;
    if request.contacts {
        let request = request.clone();
        store.write_here(move |w| export::note_begun(w, &Actor::CommandLine, &request))?;
    }
    let mut rows = 0;
    let outcome = match &command.output {
        Some(path) => into_file(path, OWNER, |out| export::run(&store, &request, out, &mut rows)),
        None => into_stdout(|out| export::run(&store, &request, out, &mut rows)),
    };
    let whole = outcome.is_ok();
    store.write_here(move |w| export::note(w, &Actor::CommandLine, &request, rows, whole))?;
    outcome?;
    if let Some(path) = &command.output {
        tell!("{rows} rows written to {}.", path.display());
    }
    Ok(())
}

/// Who may read a file that is written, before the mask of whoever runs this: what people reported is its
/// owner's alone; a notice is for everybody, and a web server that hands it out is often somebody else.
const OWNER: u32 = 0o600;
const EVERYBODY: u32 = 0o644;

/// Writes beside the file and then puts it in its place, so that nobody finds half of one.
fn into_file(
    path: &Path,
    rights: u32,
    write: impl FnOnce(&mut (dyn Write + Send)) -> crate::store::Result<()>,
) -> anyhow::Result<()> {
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut beside = tempfile::Builder::new();
    #[cfg(unix)]
    beside.permissions(std::os::unix::fs::PermissionsExt::from_mode(rights));
    #[cfg(not(unix))]
    let _ = rights;
    std::fs::metadata(folder).map_err(at(path))?;
    let file = beside.tempfile_in(folder).map_err(at(path))?;
    let (file, ()) = into(Some(path), file, write)?;
    file.as_file().sync_all().map_err(at(path))?;
    file.persist(path).map_err(|e| at(path)(e.error))?;
    Ok(())
}
