//! The command line: one file a command. The only reader of arguments and environment.

#[macro_use]
mod output;

mod arguments;
mod backup;
mod config;
mod demo;
mod doctor;
mod export;
mod health;
mod import;
mod migrate;
mod progress;
mod purge;
mod restore;
mod serve;
mod token;
mod transfer;
mod user;
mod verify;
mod window;

use std::fmt::Display;
use std::str::FromStr;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Parser, Subcommand};

use crate::config::{DataOptions, ServeOptions};
use crate::domain::codes::UnknownCode;
use crate::store::{Error, Store};

/// Interlude · 幕间: one server that closes the loop around a maintenance window.
#[derive(Debug, Parser)]
#[command(name = "interlude", version, about, max_term_width = 100)]
pub struct Cli {
    #[command(flatten)]
    data: DataOptions,
    #[command(flatten)]
    serve: ServeOptions,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Answer requests (the default).
    Serve,
    /// Bring the database to this version and stop.
    Migrate,
    /// Load made-up windows, reports and answers to look at, or take them away.
    Demo(demo::DemoOptions),
    /// Look at configuration, disk, clock and database, and say how to mend what is wrong.
    Doctor,
    /// Print every setting as it is understood and where it comes from, without secrets.
    Config,
    Health(health::HealthCommand),
    /// Add, list and change people.
    #[command(subcommand)]
    User(user::UserCommand),
    Export(Box<export::ExportCommand>),
    Import(Box<import::ImportCommand>),
    /// Create, list and revoke tokens for programs.
    #[command(subcommand)]
    Token(token::TokenCommand),
    Purge(purge::PurgeCommand),
    /// Count everything again, compare, and look for damage.
    Verify(verify::VerifyCommand),
    /// Write everything into one checked file, while the server runs.
    Backup(backup::BackupCommand),
    /// Make the database from a backup.
    Restore(restore::RestoreCommand),
    /// Move everything from one database into another.
    Transfer(transfer::TransferCommand),
    /// List, publish, start, complete and cancel windows, and post updates.
    #[command(subcommand)]
    Window(window::WindowCommand),
}

/// Exit codes that mean something to scripts.
pub mod exit {
    /// Something given was wrong: an argument, a file, a name.
    pub const INVALID: u8 = 2;
    /// The database cannot be used.
    pub const UNAVAILABLE: u8 = 3;
    /// What was asked about does not exist.
    pub const NOT_FOUND: u8 = 4;
    /// A check found something wrong.
    pub const DAMAGED: u8 = 5;
    /// A file is none of ours, or a database is another program's.
    pub const FOREIGN: u8 = 6;
    /// A newer version of this program made it.
    pub const NEWER: u8 = 7;
    /// There is something in the way that would be lost, or somebody is using it.
    pub const OCCUPIED: u8 = 8;
    /// Whoever read standard output went away before all that was asked for was written: what a shell says
    /// of a program that SIGPIPE ended.
    pub const GONE: u8 = 141;
}

/// Runs what was asked for; the number is the exit code.
pub fn run() -> u8 {
    let mut understood = match arguments::read(std::env::args_os().collect()) {
        Ok(understood) => understood,
        Err(error) => {
            tell!("interlude: {error:#}");
            return code(&error);
        }
    };
    let command = understood.cli.command.take().unwrap_or(Command::Serve);
    let cli = &understood.cli;
    let outcome = match command {
        Command::Serve => serve::run(&cli.data, &cli.serve),
        Command::Migrate => migrate::run(&cli.data),
        Command::Demo(options) => demo::run(&cli.data, &options),
        Command::Doctor => doctor::run(&cli.data, &cli.serve),
        Command::Config => config::run(&understood),
        Command::Health(command) => health::run(&cli.serve, &command),
        Command::User(command) => user::run(&cli.data, command),
        Command::Export(command) => export::run(&cli.data, *command, cli.serve.public_url.as_deref()),
        Command::Import(command) => import::run(&cli.data, *command),
        Command::Token(command) => token::run(&cli.data, command),
        Command::Verify(command) => verify::run(&cli.data, &command),
        Command::Purge(command) => purge::run(&cli.data, &command),
        Command::Backup(command) => backup::run(&cli.data, &command),
        Command::Restore(command) => restore::run(&cli.data, &command),
        Command::Transfer(command) => transfer::run(&command),
        Command::Window(command) => window::run(&cli.data, command),
    };
    match outcome {
        Ok(()) => u8::from(output::failed()),
        Err(error) if error.is::<output::Gone>() => exit::GONE,
        Err(error) => {
            tell!("interlude: {}", explain(&error));
            code(&error)
        }
    }
}

/// The words of an error for somebody at a terminal.
fn explain(error: &anyhow::Error) -> String {
    let words = crate::i18n::Words(crate::domain::language::Language::En);
    match error.downcast_ref::<Error>() {
        Some(Error::Invalid(errors)) => errors
            .0
            .iter()
            .map(|e| format!("{}: {}", e.field, words.error(e)))
            .collect::<Vec<_>>()
            .join("\n  "),
        Some(Error::Conflict { code, params }) => {
            words.said(&format!("conflict-{code}"), params.iter().map(|(k, v)| (*k, v.as_str())))
        }
        _ => format!("{error:#}"),
    }
}

fn code(error: &anyhow::Error) -> u8 {
    if let Some(error) = error.downcast_ref::<crate::store::backup::Error>() {
        return backup::code(error);
    }
    match error.downcast_ref::<Error>() {
        Some(Error::Invalid(_) | Error::Conflict { .. }) => exit::INVALID,
        Some(Error::NotFound) => exit::NOT_FOUND,
        Some(Error::Refused(_) | Error::Busy) => exit::UNAVAILABLE,
        Some(error) if error.is_trouble() => exit::UNAVAILABLE,
        _ => error.downcast_ref::<Coded>().map_or(1, |coded| coded.code),
    }
}

/// An error that brings its own exit code.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct Coded {
    /// The exit code.
    pub code: u8,
    /// What happened.
    pub message: String,
}

/// One of these codes; they stand in the help, and in what is said of another one.
fn one_of<T>(all: &'static [T]) -> impl TypedValueParser<Value = T>
where
    T: Copy + Display + FromStr<Err = UnknownCode> + Send + Sync + 'static,
{
    among(all, &[]).try_map(|code| code.parse::<T>())
}

/// The text of one of these codes, or of one of `more`.
fn among<T: Display>(all: &[T], more: &[&'static str]) -> PossibleValuesParser {
    let more = more.iter().map(|code| (*code).to_owned());
    PossibleValuesParser::new(all.iter().map(T::to_string).chain(more))
}

/// Opens the store for a command; warnings and errors are logged to the terminal.
fn open(data: &DataOptions) -> anyhow::Result<Store> {
    Ok(Store::open(data.database()?)?)
}

/// Reads one line from standard input, as `--password-stdin` means it.
fn line_from_stdin() -> anyhow::Result<String> {
    let mut line = String::new();
    std::io::stdin().read_line(&mut line)?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}
