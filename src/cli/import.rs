//! `interlude import`

use std::io::IsTerminal;
use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};

use super::{Coded, exit, one_of};
use crate::config::DataOptions;
use crate::domain::language::Language;
use crate::i18n::Words;
use crate::import::{self, Checked, Mapping, NoPlan, Plan, Subject};

/// Take in windows, reports or responses from a file: our own exports, or foreign CSV and JSON Lines.
#[derive(Debug, Args)]
pub(super) struct ImportCommand {
    /// What the file holds.
    #[arg(value_parser = one_of(Subject::ALL))]
    subject: Subject,
    /// The file, CSV or JSON Lines in UTF-8.
    file: PathBuf,
    /// Our column from theirs; with braces a pattern: 'description={title}: {text}'.
    #[arg(long, value_name = "OURS=THEIRS")]
    map: Vec<String>,
    /// What rows have in a column that says nothing.
    #[arg(long, value_name = "OURS=VALUE")]
    set: Vec<String>,
    /// A value of theirs as ours, by column; nothing after = is none, * is every other value.
    #[arg(long, value_name = "OURS:THEIRS=VALUE")]
    value: Vec<String>,
    /// The zone of times without an offset.
    #[arg(long)]
    zone: Option<String>,
    /// What the file's ids belong to; needed if two files use the same ids for different rows.
    #[arg(long, value_name = "NAME")]
    source: Option<String>,
    /// Read a mapping from a file (TOML or JSON); what is said on the command line goes before it.
    #[arg(long, value_name = "FILE")]
    mapping: Option<PathBuf>,
    /// Write the mapping to a file for the next time.
    #[arg(long, value_name = "FILE")]
    save_mapping: Option<PathBuf>,
    /// Check the file and change nothing.
    #[arg(long)]
    dry_run: bool,
    /// Leave bad rows out instead of changing nothing.
    #[arg(long)]
    skip_bad: bool,
    /// Where the rows that were left out go, with the reasons.
    #[arg(long, value_name = "FILE", requires = "skip_bad")]
    bad_rows: Option<PathBuf>,
    /// The language of messages, by its tag.
    #[arg(long, default_value = "en", value_parser = one_of(Language::ALL))]
    lang: Language,
}

fn invalid(message: impl Into<String>) -> anyhow::Error {
    Coded { code: exit::INVALID, message: message.into() }.into()
}

impl ImportCommand {
    fn mapping(&self) -> anyhow::Result<Mapping> {
        let mut mapping = match &self.mapping {
            None => Mapping::default(),
            Some(path) => {
                let text = std::fs::read_to_string(path)
                    .map_err(|e| invalid(format!("cannot read {}: {e}", path.display())))?;
                Mapping::read(&text).map_err(|e| invalid(format!("{}: {e}", path.display())))?
            }
        };
        self.map.iter().try_for_each(|m| mapping.add_map(m)).map_err(invalid)?;
        self.set.iter().try_for_each(|m| mapping.add_set(m)).map_err(invalid)?;
        self.value.iter().try_for_each(|m| mapping.add_value(m)).map_err(invalid)?;
        mapping.zone = self.zone.clone().or(mapping.zone);
        mapping.source = self.source.clone().or(mapping.source);
        Ok(mapping)
    }
}

/// After how many rows a line says how far it is, where there is no terminal.
const LINES_EVERY: u64 = 5_000;

/// Progress on a terminal; elsewhere plain lines say now and then how far it is.
fn bar(length: u64, template: &str) -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::new(length).with_style(style)
}

pub(super) fn run(data: &DataOptions, command: ImportCommand) -> anyhow::Result<()> {
    let words = Words(command.lang);
    let mapping = command.mapping()?;
    let store = super::open(data)?;
    let file = command.file.display().to_string();
    let plan =
        Plan::new(&store, command.subject, &command.file, mapping, words).map_err(|e| failed(&file, e))?;
    if let Some(path) = &command.save_mapping {
        std::fs::write(path, plan.mapping.write())
            .with_context(|| format!("cannot write {}", path.display()))?;
    }
    let unused = plan.unused_columns();
    if !unused.is_empty() {
        tell!("{}", words.with("import-unused", [("columns", &unused.join(", "))]));
    }
    let before = std::fs::metadata(&command.file)?;
    let progress = bar(before.len(), "{msg} [{wide_bar}] {bytes}/{total_bytes}");
    progress.set_message(words.t("import-checking"));
    let checked =
        import::check(&store, &plan, |bytes| progress.set_position(bytes)).map_err(|e| failed(&file, e))?;
    progress.finish_and_clear();
    tell(words, &plan, &checked);
    if checked.bad() > 0 && !command.skip_bad {
        let bad = checked.bad().to_string();
        return Err(invalid(words.with("import-nothing-changed", [("bad", bad.as_str())])));
    }
    if command.dry_run {
        say!("{}", words.t("import-dry-run"));
        return Ok(());
    }
    let after = std::fs::metadata(&command.file)?;
    if (before.len(), before.modified().ok()) != (after.len(), after.modified().ok()) {
        return Err(invalid(words.t("import-file-changed")));
    }
    write(&store, &plan, &command, words, checked.rows).map_err(|e| failed(&file, e))
}

fn write(
    store: &crate::store::Store,
    plan: &Plan,
    command: &ImportCommand,
    words: Words,
    rows: u64,
) -> Result<(), NoPlan> {
    let progress = bar(rows, "{msg} [{wide_bar}] {pos}/{len}");
    progress.set_message(words.t("import-writing"));
    let bad_rows: Option<&Path> = command.bad_rows.as_deref();
    let mut told = 0;
    let written = import::write(store, plan, bad_rows, words, |done| {
        progress.set_position(done);
        if progress.is_hidden() && done >= told + LINES_EVERY {
            told = done;
            tell!("{} {done}/{rows}", words.t("import-writing"));
        }
    })?;
    progress.finish_and_clear();
    let said = [
        ("new", written.step.new.to_string()),
        ("known", written.step.known.to_string()),
        ("refused", written.refused.to_string()),
    ];
    say!("{}", words.said("import-done", said.iter().map(|(k, v)| (*k, v.as_str()))));
    if written.step.components > 0 {
        say!("{}", words.n("import-components", i64::try_from(written.step.components).unwrap_or(i64::MAX)));
    }
    Ok(())
}

/// What the check found: each bad row, then how many for which reason.
fn tell(words: Words, plan: &Plan, checked: &Checked) {
    for problem in &checked.problems {
        let line = problem.line.to_string();
        let what = import::explain(words, &plan.mapping, &problem.errors);
        tell!("{}", words.with("import-bad-row", [("line", &line), ("what", &what)]));
    }
    if checked.bad() > checked.problems.len() as u64 {
        let more = checked.bad() - checked.problems.len() as u64;
        tell!("{}", words.n("import-more-bad-rows", i64::try_from(more).unwrap_or(i64::MAX)));
    }
    say!(
        "{}",
        words.with(
            "import-checked",
            [
                ("rows", checked.rows.to_string().as_str()),
                ("good", checked.good.to_string().as_str()),
                ("bad", checked.bad().to_string().as_str()),
            ],
        )
    );
    for ((column, code), count) in &checked.reasons {
        say!("  {count} × {column}: {code}");
    }
    if checked.strangers > 0 {
        say!("{}", words.n("import-strangers", i64::try_from(checked.strangers).unwrap_or(i64::MAX)));
    }
}

fn failed(file: &str, error: NoPlan) -> anyhow::Error {
    match error {
        NoPlan::Store(error) => error.into(),
        NoPlan::Unreadable(error) => invalid(format!("cannot read {file}: {error}")),
        NoPlan::Wrong(what) => invalid(what),
    }
}
