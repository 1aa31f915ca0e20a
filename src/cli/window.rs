//! `interlude window`

use clap::Subcommand;

use super::one_of;
use crate::config::DataOptions;
use crate::domain::instant::Instant;
use crate::domain::language::{Language, Texts};
use crate::domain::line::{BODY_MAX, Block};
use crate::domain::window::{ComponentKey, Stage, WindowState};
use crate::store::people::Actor;
use crate::store::windows::{self, NewUpdate, Window};
use crate::store::{Error, Store, Write, instance};

#[derive(Debug, Subcommand)]
pub(super) enum WindowCommand {
    /// List windows, the latest start first.
    List {
        /// Only those in this state.
        #[arg(long, value_parser = one_of(WindowState::ALL))]
        state: Option<WindowState>,
        /// How many at most.
        #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(i64).range(1..=1_000))]
        limit: i64,
    },
    /// Show one window.
    Show {
        /// Its part of addresses.
        slug: String,
    },
    /// Make the notice of a draft public.
    Publish {
        /// Its part of addresses.
        slug: String,
    },
    /// Begin the work.
    Start {
        /// Its part of addresses.
        slug: String,
    },
    /// Begin to test what was done.
    Verify {
        /// Its part of addresses.
        slug: String,
    },
    /// End a window whose functions have been tested.
    Complete {
        /// Its part of addresses.
        slug: String,
        /// A function found working, by its key; once for each. Those ticked before count too.
        #[arg(long)]
        tested: Vec<String>,
    },
    /// Call a window off; its notice stays public.
    Cancel {
        /// Its part of addresses.
        slug: String,
    },
    /// Post an update.
    Update {
        /// Its part of addresses.
        slug: String,
        /// What it tells of.
        #[arg(long, value_parser = one_of(Stage::ALL))]
        stage: Stage,
        /// What it says, in the server's default language.
        #[arg(long)]
        body: Option<String>,
        /// What it says in Chinese.
        #[arg(long)]
        zh: Option<String>,
        /// What it says in English.
        #[arg(long)]
        en: Option<String>,
        /// What it says in any language of the server, by its tag; once for each.
        #[arg(long, value_name = "TAG=TEXT", value_parser = in_language)]
        text: Vec<(Language, String)>,
    },
}

pub(super) fn run(data: &DataOptions, command: WindowCommand) -> anyhow::Result<()> {
    let store = super::open(data)?;
    let by = Actor::CommandLine;
    let window = match command {
        WindowCommand::List { state, limit } => return list(&store, state, limit),
        WindowCommand::Show { slug } => store.read_here(|c| windows::by_slug(c, &slug))?,
        WindowCommand::Publish { slug } => {
            store.write_here(move |w| windows::publish(w, &by, &slug, None))?
        }
        WindowCommand::Start { slug } => store.write_here(move |w| windows::start(w, &by, &slug, None))?,
        WindowCommand::Verify { slug } => store.write_here(move |w| windows::verify(w, &by, &slug, None))?,
        WindowCommand::Complete { slug, tested } => {
            let tested = (tested.iter())
                .map(|key| ComponentKey::parse("tested", key))
                .collect::<Result<Vec<_>, _>>()
                .map_err(Error::from)?;
            store.write_here(move |w| windows::complete(w, &by, &slug, None, &tested))?
        }
        WindowCommand::Cancel { slug } => store.write_here(move |w| windows::cancel(w, &by, &slug, None))?,
        WindowCommand::Update { slug, stage, body, zh, en, text } => {
            let default = store.read_here(instance::settings)?.default_language;
            let mut texts = Texts::default();
            let short = [(default, body), (Language::ZhCn, zh), (Language::En, en)];
            let short = short.into_iter().filter_map(|(language, text)| Some((language, text?)));
            for (language, text) in short.chain(text) {
                if let Some(block) = Block::optional("body", &text, BODY_MAX).map_err(Error::from)? {
                    texts.0.insert(language, block.into_string());
                }
            }
            let new = NewUpdate { stage, body: texts, state: None, tested: Vec::new() };
            store.write_here(move |w: &mut Write<'_>| windows::post(w, &by, &slug, None, &new))?
        }
    };
    show(&store, &window)
}

/// Reads `en=The work is done`.
fn in_language(typed: &str) -> Result<(Language, String), String> {
    let (tag, text) = typed.split_once('=').ok_or("write TAG=TEXT")?;
    let tags = || Language::ALL.iter().map(|l| l.code()).collect::<Vec<_>>().join(", ");
    let language = Language::from_code(tag).ok_or_else(|| format!("the languages are {}", tags()))?;
    Ok((language, text.to_owned()))
}

fn list(store: &Store, state: Option<WindowState>, limit: i64) -> anyhow::Result<()> {
    let states: Vec<WindowState> = state.into_iter().collect();
    let language = store.read_here(instance::settings)?.default_language;
    for window in store.read_here(|c| windows::list(c, &states, None, None, limit))? {
        let title = window.title(language, language);
        say!("{}\t{}\t{}\t{title}", window.slug, window.state, window.schedule.start);
    }
    Ok(())
}

fn show(store: &Store, window: &Window) -> anyhow::Result<()> {
    let language = store.read_here(instance::settings)?.default_language;
    let local = |at: Instant| window.zone().local(at).format("%Y-%m-%d %H:%M").to_string();
    let overdue = if window.overdue(Instant::now()) { ", overdue" } else { "" };
    say!("{}", window.title(language, language));
    say!("  slug:      {}", window.slug);
    say!("  state:     {}{overdue}", window.state);
    let end = window.schedule.end.map_or_else(|| "?".to_owned(), local);
    say!("  scheduled: {} to {end} {}", local(window.schedule.start), window.zone());
    for part in &window.components {
        let tested = part.tested_at.map_or_else(String::new, |at| format!("\ttested {}", local(at)));
        say!("  {}\t{}{tested}", part.component.key, part.impact);
    }
    for update in &window.updates {
        let body = update.body.text(language, language);
        say!("  {}  {}  {}", local(update.posted_at), update.stage, body.lines().next().unwrap_or_default());
    }
    Ok(())
}
