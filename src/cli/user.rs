//! `interlude user`

use clap::Subcommand;

use super::{exit, one_of};
use crate::config::DataOptions;
use crate::domain::password::NewPassword;
use crate::domain::person::{PersonName, Role};
use crate::store::Error;
use crate::store::instance;
use crate::store::people::{self, Actor};

#[derive(Debug, Subcommand)]
pub(super) enum UserCommand {
    /// Add somebody.
    Add {
        /// The name to log in with.
        name: String,
        /// What they may do.
        #[arg(long, value_parser = one_of(Role::ALL))]
        role: Role,
        /// Read the password from standard input.
        #[arg(long, required = true)]
        password_stdin: bool,
    },
    /// List everybody.
    List,
    /// Set another password and end every session.
    Password {
        /// The name.
        name: String,
        /// Read the password from standard input.
        #[arg(long, required = true)]
        password_stdin: bool,
    },
    /// Give another role.
    Role {
        /// The name.
        name: String,
        /// What they may do from now on.
        #[arg(value_parser = one_of(Role::ALL))]
        role: Role,
    },
    /// Let somebody log in no longer; their sessions end at once.
    Disable {
        /// The name.
        name: String,
    },
    /// Let somebody log in again.
    Enable {
        /// The name.
        name: String,
    },
}

pub(super) fn run(data: &DataOptions, command: UserCommand) -> anyhow::Result<()> {
    let store = super::open(data)?;
    let find = |name: String| {
        store.read_here(|c| people::by_name(c, &name)).map_err(|error| match error {
            Error::NotFound => {
                super::Coded { code: exit::NOT_FOUND, message: format!("nobody is called {name:?}") }.into()
            }
            other => anyhow::Error::from(other),
        })
    };
    match command {
        UserCommand::Add { name, role, .. } => {
            let name = PersonName::parse("name", &name).map_err(crate::store::Error::from)?;
            let typed = super::line_from_stdin()?;
            let new = password(&store, &typed, name.as_str())?;
            let hash = crate::web::password::hash(new.as_str())?;
            let person =
                store.write_here(move |w| people::add(w, &Actor::CommandLine, &name, role, &hash))?;
            say!("{} may now log in as {}.", person.name, person.role);
        }
        UserCommand::List => {
            for person in store.read_here(people::list)? {
                let state = if person.disabled_at.is_some() { "disabled" } else { "" };
                say!("{}\t{}\t{state}", person.name, person.role);
            }
        }
        UserCommand::Password { name, .. } => {
            let person = find(name)?;
            let typed = super::line_from_stdin()?;
            let new = password(&store, &typed, &person.name)?;
            let hash = crate::web::password::hash(new.as_str())?;
            store.write_here(move |w| people::change_password(w, &Actor::CommandLine, person.id, &hash))?;
            say!("The password is changed and every session ended.");
        }
        UserCommand::Role { name, role } => {
            let person = find(name)?;
            store.write_here(move |w| people::change_role(w, &Actor::CommandLine, person.id, role))?;
            say!("{} is now {role}.", person.name);
        }
        UserCommand::Disable { name } => disable(&store, find(name)?, true)?,
        UserCommand::Enable { name } => disable(&store, find(name)?, false)?,
    }
    Ok(())
}

/// The password that somebody with this name chose, if it may be chosen.
fn password(store: &crate::store::Store, typed: &str, name: &str) -> anyhow::Result<NewPassword> {
    let service = store.read_here(instance::settings)?.service_name;
    Ok(NewPassword::parse("password", typed, &[name, &service]).map_err(Error::from)?)
}

fn disable(store: &crate::store::Store, person: people::Person, disabled: bool) -> anyhow::Result<()> {
    store.write_here(move |w| people::set_disabled(w, &Actor::CommandLine, person.id, disabled))?;
    say!("{} may {} log in.", person.name, if disabled { "no longer" } else { "again" });
    Ok(())
}
