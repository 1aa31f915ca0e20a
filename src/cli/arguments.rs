//! What the program was told: flags, then environment, then a configuration file, each setting under
//! the same name everywhere (`--public-url`, `INTERLUDE_PUBLIC_URL`, `public-url`). Secrets may stand
//! in files of their own.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use clap::parser::ValueSource;
use clap::{Arg, ArgMatches, Args, Command, CommandFactory, FromArgMatches};

use super::{Cli, Coded, exit};
use crate::config::ServeOptions;
use crate::store::connection::Database;

/// The flag that names the file.
const CONFIG: &str = "config";
/// Those who read the options of the server; other commands do not list them in their help.
const SERVERS: &[&str] = &["serve", "doctor", "config", "health"];

/// What was read, and where each setting comes from.
pub(super) struct Understood {
    /// The settings themselves.
    pub(super) cli: Cli,
    matches: ArgMatches,
    command: Command,
    /// Setting → the file that it stands in.
    files: BTreeMap<String, PathBuf>,
}

fn wrong(message: String) -> anyhow::Error {
    Coded { code: exit::INVALID, message }.into()
}

/// Reads all of it. Ends the program, as clap does, if a flag is wrong or help is asked for.
pub(super) fn read(arguments: Vec<OsString>) -> anyhow::Result<Understood> {
    let mut files = BTreeMap::new();
    // Changing an argument puts it at the end, so each is told its place in the help.
    let mut place = 900;
    let mut command = Cli::command().mut_args(|arg| {
        place += 1;
        arg.global(true).display_order(place)
    });
    let file = named_file(&arguments);
    if let Some(file) = &file {
        for (name, values) in read_file(file, &command)? {
            let secret = is_secret(&command, &name);
            command = command.mut_arg(&name, |arg| arg.default_values(values).hide_default_value(secret));
            files.insert(name, file.clone());
        }
    }
    command = read_secrets(command, &mut files)?;
    command.build();
    command = tidy(command);
    let matches = command.clone().get_matches_from(arguments);
    let cli = Cli::from_arg_matches(&matches).map_err(|e| wrong(e.to_string()))?;
    Ok(Understood { cli, matches, command, files })
}

/// The file must be known before anything else is read.
fn named_file(arguments: &[OsString]) -> Option<PathBuf> {
    let flag = arguments.iter().enumerate().find_map(|(n, argument)| {
        let text = argument.to_str()?;
        match text.strip_prefix("--config")? {
            "" => arguments.get(n + 1).map(PathBuf::from),
            rest => rest.strip_prefix('=').map(PathBuf::from),
        }
    });
    flag.or_else(|| std::env::var_os("INTERLUDE_CONFIG").map(PathBuf::from))
        .filter(|path| !path.as_os_str().is_empty())
}

fn flag(arg: &Arg) -> Option<&str> {
    arg.get_long().filter(|long| *long != CONFIG)
}

fn is_secret(command: &Command, id: &str) -> bool {
    command.get_arguments().any(|arg| arg.get_id() == id && arg.is_hide_env_values_set())
}

/// The settings in the file, by the names of their arguments.
fn read_file(file: &Path, command: &Command) -> anyhow::Result<Vec<(String, Vec<String>)>> {
    let shown = file.display();
    let text = std::fs::read_to_string(file).map_err(|e| wrong(format!("{shown}: {e}")))?;
    let table: toml::Table = text.parse().map_err(|e| wrong(format!("{shown}: {e}")))?;
    let known: Vec<&str> = command.get_arguments().filter_map(flag).collect();
    let secrets: Vec<(&str, String)> = command
        .get_arguments()
        .filter(|arg| arg.is_hide_env_values_set())
        .filter_map(|arg| flag(arg).map(|name| (name, format!("{name}-file"))))
        .collect();
    let mut found: Vec<(String, Vec<String>)> = Vec::new();
    for (key, value) in table {
        // Names with underscores are as good, for that is how the environment spells them.
        let name = key.replace('_', "-");
        let secret = secrets.iter().find(|(_, file)| *file == name).map(|(name, _)| *name);
        let arg = command.get_arguments().find(|arg| flag(arg) == Some(secret.unwrap_or(&name)));
        let Some(arg) = arg else {
            let all = known.iter().copied().chain(secrets.iter().map(|(_, file)| file.as_str()));
            return Err(wrong(format!("{shown}: there is no setting {key:?}{}", nearest(&name, all))));
        };
        let mut values = texts(&value).ok_or_else(|| {
            wrong(format!("{shown}: {key} must be a text, a number, true or false, or a list of texts"))
        })?;
        if secret.is_some() {
            values = vec![secret_of(Path::new(&values.concat()))?];
        }
        let id = arg.get_id().to_string();
        if found.iter().any(|(known, _)| *known == id) {
            return Err(wrong(format!("{shown}: {key} is said twice")));
        }
        found.push((id, values));
    }
    Ok(found)
}

fn texts(value: &toml::Value) -> Option<Vec<String>> {
    let one = |value: &toml::Value| match value {
        toml::Value::String(text) => Some(text.clone()),
        toml::Value::Integer(number) => Some(number.to_string()),
        toml::Value::Boolean(yes) => Some(yes.to_string()),
        _ => None,
    };
    match value {
        toml::Value::Array(values) => values.iter().map(one).collect(),
        value => one(value).map(|text| vec![text]),
    }
}

fn nearest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> String {
    let known = known.map(|other| (distance(name, other), other)).min();
    match known {
        Some((far, other)) if far <= name.len().max(4) / 2 => format!("; did you mean {other:?}?"),
        _ => "; `interlude config` shows all there are".to_owned(),
    }
}

/// How many letters must be put in, taken out or changed to make one word of the other.
fn distance(a: &str, b: &str) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.bytes().enumerate() {
        let mut corner = row[0];
        row[0] = i + 1;
        for (j, y) in b.bytes().enumerate() {
            let changed = corner + usize::from(x != y);
            corner = row[j + 1];
            row[j + 1] = changed.min(corner + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

/// A secret is the content of its file, without the line break at its end.
fn secret_of(file: &Path) -> anyhow::Result<String> {
    let text = std::fs::read_to_string(file).map_err(|e| wrong(format!("{}: {e}", file.display())))?;
    let text = text.trim_end_matches(['\r', '\n']);
    if text.is_empty() || text.contains('\n') {
        return Err(wrong(format!("{}: one line with the secret is wanted", file.display())));
    }
    Ok(text.to_owned())
}

/// Takes secrets out of the files that `NAME_FILE` names in the environment.
fn read_secrets(mut command: Command, files: &mut BTreeMap<String, PathBuf>) -> anyhow::Result<Command> {
    let secrets: Vec<(String, String)> = command
        .get_arguments()
        .filter(|arg| arg.is_hide_env_values_set())
        .filter_map(|arg| Some((arg.get_id().to_string(), arg.get_env()?.to_str()?.to_owned())))
        .collect();
    for (id, name) in secrets {
        let pointer = format!("{name}_FILE");
        let Some(path) = std::env::var_os(&pointer).filter(|path| !path.is_empty()).map(PathBuf::from) else {
            continue;
        };
        if std::env::var_os(&name).is_some_and(|value| !value.is_empty()) {
            return Err(wrong(format!("both {name} and {pointer} are set; say it once")));
        }
        let secret = secret_of(&path)?;
        command =
            command.mut_arg(&id, |arg| arg.required(false).default_values([secret]).hide_default_value(true));
        files.insert(id, path);
    }
    let below: Vec<String> = command.get_subcommands().map(|c| c.get_name().to_owned()).collect();
    for name in below {
        let mut failure = None;
        command = command.mut_subcommand(&name, |below| match read_secrets(below.clone(), files) {
            Ok(done) => done,
            Err(error) => {
                failure = Some(error);
                below
            }
        });
        if let Some(failure) = failure {
            return Err(failure);
        }
    }
    Ok(command)
}

/// Keeps the options of the server out of the help of commands that do not read them.
fn tidy(mut command: Command) -> Command {
    fn hidden(command: Command, options: &[String]) -> Command {
        let below: Vec<String> = command.get_subcommands().map(|c| c.get_name().to_owned()).collect();
        let mut command =
            command.mut_args(|arg| match options.iter().any(|id| arg.get_id() == id.as_str()) {
                true => arg.hide(true),
                false => arg,
            });
        for name in below {
            command = command.mut_subcommand(&name, |below| hidden(below, options));
        }
        command
    }
    let options: Vec<String> = ServeOptions::augment_args(Command::new("options"))
        .get_arguments()
        .map(|arg| arg.get_id().to_string())
        .collect();
    let below: Vec<String> = command.get_subcommands().map(|c| c.get_name().to_owned()).collect();
    for name in below.iter().filter(|name| !SERVERS.contains(&name.as_str())) {
        command = command.mut_subcommand(name, |below| hidden(below, &options));
    }
    command
}

impl Understood {
    /// Every setting as it is understood, as a configuration file; secrets are not in it.
    pub(super) fn print(&self) -> String {
        let mut text = String::from("# Interlude, as it understands its flags, environment and file.\n");
        let first = Cli::command();
        // What only tests set is nobody's setting.
        let order = first.get_arguments().filter(|arg| !arg.is_hide_set()).map(Arg::get_id);
        let arguments = order.filter_map(|id| self.command.get_arguments().find(|arg| arg.get_id() == id));
        for arg in arguments {
            let Some(name) = flag(arg).filter(|_| arg.get_env().is_some()) else { continue };
            let id = arg.get_id().as_str();
            let raw = self.matches.try_get_raw(id).ok().flatten();
            let values: Vec<String> =
                raw.into_iter().flatten().map(|v| v.to_string_lossy().into_owned()).collect();
            let from = match self.matches.value_source(id) {
                Some(ValueSource::CommandLine) => format!("--{name}"),
                Some(ValueSource::EnvVariable) => {
                    arg.get_env().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default()
                }
                _ => match self.files.get(id) {
                    Some(file) => file.display().to_string(),
                    None => "default".to_owned(),
                },
            };
            let line = if values.is_empty() {
                format!("# {name} is not set")
            } else if arg.is_hide_env_values_set() {
                let label = Database::parse(&values.concat()).map(|d| d.label());
                format!(
                    "# {name} is set and not shown{}",
                    label.map(|l| format!(": {l}")).unwrap_or_default()
                )
            } else {
                format!("{name} = {}", written(&values, arg))
            };
            text.push_str(&format!("{line:<60} # {from}\n"));
        }
        text
    }
}

fn written(values: &[String], arg: &Arg) -> String {
    let one = |text: &String| match (text.parse::<i64>(), text.as_str()) {
        (Ok(_), _) | (_, "true" | "false") => text.clone(),
        _ => toml::Value::String(text.clone()).to_string(),
    };
    if arg.get_value_delimiter().is_some() {
        format!("[{}]", values.iter().map(one).collect::<Vec<_>>().join(", "))
    } else {
        values.iter().map(one).collect::<Vec<_>>().join(", ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_is_offered() {
        let known = ["public-url", "listen", "log-json"];
        assert_eq!(nearest("public-uri", known.into_iter()), "; did you mean \"public-url\"?");
        assert_eq!(nearest("lisen", known.into_iter()), "; did you mean \"listen\"?");
        assert!(!nearest("smtp-password", known.into_iter()).contains("did you mean"));
        assert_eq!((distance("", "abc"), distance("kitten", "sitting")), (3, 3));
    }

    #[test]
    fn every_setting_of_the_server_has_the_same_name_everywhere() {
        for arg in ServeOptions::augment_args(Command::new("options")).get_arguments() {
            let name = arg.get_long().unwrap().to_owned();
            let env = arg.get_env().unwrap_or_else(|| panic!("--{name} is no environment variable"));
            assert_eq!(env.to_str().unwrap(), format!("INTERLUDE_{}", name.replace('-', "_").to_uppercase()));
        }
    }
}
