//! Imports: files of others, and our own exports, read through a mapping. The whole file is checked
//! before anything changes; then it is written in steps of a few hundred rows, each one transaction.
//! Running an import again doubles nothing.

mod bad_rows;
mod fields;
mod file;
mod lookup;
mod mapping;
mod quotes;
mod reports;
mod responses;
mod windows;

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use sha2::{Digest, Sha256};

pub use file::{Kind, Source, Unreadable};
pub use mapping::Mapping;

use crate::domain::fields::FieldErrors;
use crate::domain::instant::Instant;
use crate::domain::language::Language;
use crate::domain::survey::Question;
use crate::domain::zone::Zone;
use crate::i18n::Words;
use crate::store::error::{Error, Result};
use crate::store::imports::{self, Step, WindowRow};
use crate::store::people::Actor;
use crate::store::{Store, audit, instance, surveys};
use bad_rows::BadRows;
use fields::Fields;
use file::Raw;
use lookup::Lookup;

crate::codes! {
    /// What a file holds.
    pub enum Subject {
        /// Windows.
        Windows = "windows",
        /// Problem reports.
        Reports = "reports",
        /// Survey responses.
        Responses = "responses",
    }
}

/// Most rows of a step.
const STEP: usize = 500;
/// Most bad rows that are named one by one.
pub const NAMED_MAX: usize = 10_000;

/// What every column that a subject knows is called; `custom` are the questions of surveys that have
/// no column of their own.
pub fn columns(subject: Subject, custom: &[Question]) -> Vec<String> {
    let own = |names: &[&str]| names.iter().map(|n| (*n).to_owned()).collect::<Vec<_>>();
    match subject {
        Subject::Reports => own(&reports::COLUMNS),
        Subject::Responses => {
            own(&responses::COLUMNS).into_iter().chain(custom.iter().flat_map(responses::keys)).collect()
        }
        Subject::Windows => {
            own(&windows::MORE_COLUMNS).into_iter().chain(crate::export::windows::columns()).collect()
        }
    }
}

/// The column in which a subject's own name stands.
const fn name_column(subject: Subject) -> &'static str {
    match subject {
        Subject::Windows => "slug",
        Subject::Reports => "reference",
        Subject::Responses => "response",
    }
}

/// What is to be imported, found sound as far as that needs no row.
#[derive(Debug, Clone)]
pub struct Plan {
    /// What the file holds.
    pub subject: Subject,
    /// The file.
    pub source: Source,
    /// How its columns and codes become ours.
    pub mapping: Mapping,
    zone: Option<Zone>,
    here: windows::Here,
    custom: Vec<Question>,
    now: Instant,
}

/// A plan cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum NoPlan {
    /// The file cannot be read.
    #[error("{0}")]
    Unreadable(#[from] Unreadable),
    /// What is wrong, in words for a terminal.
    #[error("{0}")]
    Wrong(String),
    /// The store.
    #[error(transparent)]
    Store(#[from] Error),
}

impl Plan {
    /// Looks at the file and at the mapping.
    pub fn new(
        store: &Store,
        subject: Subject,
        path: &Path,
        mapping: Mapping,
        words: Words,
    ) -> std::result::Result<Plan, NoPlan> {
        let source = Source::open(path)?;
        let custom = store.read_here(surveys::custom_questions)?;
        let known = columns(subject, &custom);
        if let Some(unknown) = mapping.ours().find(|ours| !known.iter().any(|k| k == ours)) {
            return Err(NoPlan::Wrong(
                words.with("import-unknown-column", [("column", unknown), ("known", &known.join(", "))]),
            ));
        }
        if source.kind == Kind::Csv {
            for theirs in mapping.map.values() {
                for piece in mapping::pieces(theirs).map_err(NoPlan::Wrong)? {
                    let mapping::Piece::Column(name, _) = piece else { continue };
                    if !source.columns.iter().any(|c| c == name) {
                        return Err(NoPlan::Wrong(words.with(
                            "import-no-such-column",
                            [("column", name), ("known", &source.columns.join(", "))],
                        )));
                    }
                }
            }
            let says = |ours: &str| {
                let native = source.columns.iter().any(|c| c == ours);
                native || mapping.map.contains_key(ours) || mapping.set.contains_key(ours)
            };
            let needed = match subject {
                Subject::Reports => reports::must_say(says),
                Subject::Responses => responses::must_say(&custom, says),
                Subject::Windows => windows::must_say(says),
            };
            needed.map_err(|errors| NoPlan::Wrong(explain(words, &Mapping::default(), &errors)))?;
        }
        let zone = match &mapping.zone {
            Some(name) => Some(Zone::parse("zone", name).map_err(Error::from)?),
            None => None,
        };
        let settings = store.read_here(instance::settings)?;
        let here =
            windows::Here { language: settings.default_language, zone: zone.unwrap_or(settings.time_zone) };
        Ok(Plan { subject, source, mapping, zone, here, custom, now: Instant::now() })
    }

    /// The columns of the file that nothing is read from.
    pub fn unused_columns(&self) -> Vec<&str> {
        let known = columns(self.subject, &self.custom);
        let mapped: Vec<&str> = (self.mapping.map.values())
            .flat_map(|theirs| mapping::pieces(theirs).unwrap_or_default())
            .filter_map(|piece| match piece {
                mapping::Piece::Column(name, _) => Some(name),
                mapping::Piece::Literal(_) => None,
            })
            .collect();
        let used = |c: &str| {
            mapped.contains(&c) || (known.iter().any(|k| k == c) && !self.mapping.map.contains_key(c))
        };
        self.source.columns.iter().map(String::as_str).filter(|c| !used(c)).collect()
    }
}

/// What is wrong with the fields of a row, in words: `text: …; posted_at: …`.
pub fn explain(words: Words, mapping: &Mapping, errors: &FieldErrors) -> String {
    let said: Vec<String> = errors
        .0
        .iter()
        .map(|e| {
            words.with("import-problem", [("column", mapping.label(&e.field)), ("reason", &words.error(e))])
        })
        .collect();
    said.join(&words.t("import-problem-separator"))
}

/// A row that cannot be taken in.
#[derive(Debug, Clone)]
pub struct Problem {
    /// Its line in the file.
    pub line: u64,
    /// What is wrong with it.
    pub errors: FieldErrors,
}

/// What checking a file found.
#[derive(Debug, Default)]
pub struct Checked {
    /// Rows in the file.
    pub rows: u64,
    /// Rows that can be taken in.
    pub good: u64,
    /// Rows that cannot; the first [`NAMED_MAX`] of them.
    pub problems: Vec<Problem>,
    /// How many rows had which first problem: column and code.
    pub reasons: BTreeMap<(String, &'static str), u64>,
    /// How many rows name somebody to look after them who is not known here.
    pub strangers: u64,
}

impl Checked {
    /// How many rows cannot be taken in.
    pub fn bad(&self) -> u64 {
        self.rows - self.good
    }
}

/// What writing a file came to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Written {
    /// New rows, known rows, new components.
    pub step: Step,
    /// Rows left out.
    pub refused: u64,
}

/// What a file calls a row.
pub struct Named {
    source: Option<String>,
    given: Option<String>,
    hash: String,
}

/// A name of ours, as our exports write it.
pub(crate) trait OwnName: Sized {
    /// The name, if the text is exactly one.
    fn read(text: &str) -> Option<Self>;
}

impl Named {
    /// The name of ours that the row has; ids of somebody else are never taken for one.
    fn own<T: OwnName>(&self) -> Option<T> {
        match (&self.source, &self.given) {
            (None, Some(given)) => T::read(given),
            _ => None,
        }
    }

    /// Under what the row is known after it was imported.
    fn name(&self) -> String {
        let name = self.given.as_deref().unwrap_or(&self.hash);
        match &self.source {
            Some(source) => format!("{source}:{name}"),
            None => name.to_owned(),
        }
    }
}

enum Item {
    Window(Box<WindowRow>),
    Report(Box<crate::store::reports::Imported>),
    Response(Box<crate::store::responses::Imported>),
}

/// Reads the rows of one pass through the file.
struct Rows<'a> {
    plan: &'a Plan,
    store: &'a Store,
    lookup: Lookup<'a>,
    /// How often rows with this hash have come.
    seen: HashMap<[u8; 16], u32>,
    slugs: HashMap<String, Instant>,
    strangers: u64,
}

impl<'a> Rows<'a> {
    fn new(plan: &'a Plan, store: &'a Store) -> Rows<'a> {
        let lookup = Lookup::new(store);
        Rows { plan, store, lookup, seen: HashMap::new(), slugs: HashMap::new(), strangers: 0 }
    }

    /// The name of a row that has none: what stands in it, and which of equal rows it is.
    fn hash(&mut self, raw: &Raw) -> String {
        let mut hash = Sha256::new();
        for (column, value) in &raw.values {
            for text in [column, value] {
                hash.update((text.len() as u64).to_le_bytes());
                hash.update(text.as_bytes());
            }
        }
        let hash = hash.finalize();
        let mut key = [0; 16];
        key.copy_from_slice(&hash[..16]);
        let ordinal = self.seen.entry(key).or_default();
        *ordinal += 1;
        let hex: String = key.iter().map(|b| format!("{b:02x}")).collect();
        format!("row-{hex}-{ordinal}")
    }

    fn read(&mut self, raw: &Raw, errors: FieldErrors) -> Result<std::result::Result<Item, FieldErrors>> {
        let plan = self.plan;
        let csv = plan.source.kind == Kind::Csv;
        let mut fields = Fields::new(raw, &plan.mapping, plan.zone, csv, errors);
        if !fields.errors.is_empty() {
            return Ok(Err(fields.errors));
        }
        let given = fields.word(name_column(plan.subject));
        let hash = if given.is_none() { self.hash(raw) } else { String::new() };
        let named = Named { source: plan.mapping.source.clone(), given, hash };
        let default = plan.here.language;
        let item = match plan.subject {
            Subject::Windows => {
                let row = windows::read(&mut fields, &named, plan.here, plan.now);
                if let Some(row) = &row {
                    let template = &row.window.draft.survey_template;
                    if self.lookup.template(template)?.is_none() {
                        lookup::no_template(&mut fields.errors, "survey_template", template);
                    }
                    self.check_slug(&mut fields, row)?;
                }
                row.map(|row| Item::Window(Box::new(row)))
            }
            Subject::Reports => {
                let report = reports::read(&mut fields, &mut self.lookup, &named, default, plan.now)?;
                let nobody = report.as_ref().is_some_and(|r| r.assignee.is_none());
                self.strangers += u64::from(nobody && fields.word("assignee").is_some());
                report.map(|report| Item::Report(Box::new(report)))
            }
            Subject::Responses => responses::read(&mut fields, &mut self.lookup, &named, plan)?
                .map(|response| Item::Response(Box::new(response))),
        };
        Ok(match item {
            Some(item) if fields.errors.is_empty() => Ok(item),
            _ => Err(fields.errors),
        })
    }

    /// Two windows cannot have one slug.
    fn check_slug(&mut self, fields: &mut Fields<'_>, row: &WindowRow) -> Result<()> {
        let (Some(slug), true) = (&row.window.draft.slug, row.exact) else { return Ok(()) };
        let (slug, start) = (slug.as_str(), row.window.draft.schedule.start);
        let name = &row.window.imported_as;
        let taken = match self.slugs.get(slug) {
            Some(other) => *other != start,
            None => self.store.read_here(|c| imports::slug_is_taken(c, slug, start, name))?,
        };
        self.slugs.entry(slug.to_owned()).or_insert(start);
        if taken {
            fields.errors.add("slug", "slug-taken");
        }
        Ok(())
    }
}

/// Reads the whole file and says what is wrong with it; changes nothing. `on` is told how many bytes
/// have been read.
pub fn check(store: &Store, plan: &Plan, mut on: impl FnMut(u64)) -> std::result::Result<Checked, NoPlan> {
    let mut checked = Checked::default();
    let mut rows = Rows::new(plan, store);
    plan.source.each::<NoPlan>(|raw, errors| {
        checked.rows += 1;
        on(raw.until);
        match rows.read(&raw, errors)? {
            Ok(_) => checked.good += 1,
            Err(errors) => {
                if let Some(first) = errors.0.first() {
                    let reason = (plan.mapping.label(&first.field).to_owned(), first.code);
                    *checked.reasons.entry(reason).or_default() += 1;
                }
                if checked.problems.len() < NAMED_MAX {
                    checked.problems.push(Problem { line: raw.line, errors });
                }
            }
        }
        Ok(())
    })?;
    checked.strangers = rows.strangers;
    Ok(checked)
}

/// Writes every good row of a file that was checked, in steps; the bad ones go to `bad_rows` with the
/// reason, if that is given. `on` is told how many rows are done.
///
/// Rows that were written before an error stay; the same import again goes on from there.
pub fn write(
    store: &Store,
    plan: &Plan,
    bad_rows: Option<&Path>,
    words: Words,
    mut on: impl FnMut(u64),
) -> std::result::Result<Written, NoPlan> {
    let mut written = Written::default();
    let mut bad = bad_rows.map(|path| BadRows::create(path, &plan.source)).transpose()?;
    let mut rows = Rows::new(plan, store);
    let mut waiting: Vec<Item> = Vec::with_capacity(STEP);
    // Slugs that are given come before those that are made up, which can give way.
    let mut later: Vec<Item> = Vec::new();
    let mut done = 0;
    plan.source.each::<NoPlan>(|raw, errors| {
        match rows.read(&raw, errors)? {
            Ok(Item::Window(row)) if !row.exact => later.push(Item::Window(row)),
            Ok(item) => waiting.push(item),
            Err(errors) => {
                written.refused += 1;
                if let Some(bad) = &mut bad {
                    bad.add(&raw, &explain(words, &plan.mapping, &errors))?;
                }
            }
        }
        done += 1;
        if waiting.len() == STEP {
            step(store, plan, std::mem::take(&mut waiting), &mut written.step)?;
            on(done);
        }
        Ok(())
    })?;
    step(store, plan, waiting, &mut written.step)?;
    while !later.is_empty() {
        let rest = later.split_off(later.len().min(STEP));
        step(store, plan, std::mem::replace(&mut later, rest), &mut written.step)?;
    }
    on(done);
    if let Some(bad) = bad {
        bad.finish()?;
    }
    let detail =
        format!("{} new, {} known, {} refused", written.step.new, written.step.known, written.refused);
    let subject = plan.subject;
    store.write_here(move |w| audit::note(w, &Actor::CommandLine, "import", subject.code(), &detail))?;
    Ok(written)
}

fn step(store: &Store, plan: &Plan, items: Vec<Item>, all: &mut Step) -> Result<()> {
    if items.is_empty() {
        return Ok(());
    }
    let (mut windows, mut reports, mut responses) = (Vec::new(), Vec::new(), Vec::new());
    for item in items {
        match item {
            Item::Window(row) => windows.push(*row),
            Item::Report(row) => reports.push(*row),
            Item::Response(row) => responses.push(*row),
        }
    }
    let default: Language = plan.here.language;
    let one = match plan.subject {
        Subject::Windows => store.write_here(move |w| imports::windows(w, &windows, default))?,
        Subject::Reports => store.write_here(move |w| imports::reports(w, &reports))?,
        Subject::Responses => store.write_here(move |w| imports::responses(w, &responses))?,
    };
    all.new += one.new;
    all.known += one.known;
    all.components += one.components;
    Ok(())
}
