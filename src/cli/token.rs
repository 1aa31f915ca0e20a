//! `interlude token`

use clap::Subcommand;

use super::{exit, one_of};
use crate::config::DataOptions;
use crate::domain::instant::Instant;
use crate::domain::line::{Line, TITLE_MAX};
use crate::domain::person::Role;
use crate::store::Error;
use crate::store::people::{self, Actor};

#[derive(Debug, Subcommand)]
pub(super) enum TokenCommand {
    /// Create a token and print it, this once.
    Create {
        /// What its bearer may do.
        #[arg(long, value_parser = one_of(Role::ALL))]
        role: Role,
        /// What it is for.
        #[arg(long)]
        name: String,
        /// After how many days it no longer works; it works for ever if not said.
        #[arg(long)]
        days: Option<u32>,
    },
    /// List all tokens.
    List,
    /// Make a token worthless.
    Revoke {
        /// Its number in the list.
        id: i64,
    },
}

pub(super) fn run(data: &DataOptions, command: TokenCommand) -> anyhow::Result<()> {
    let store = super::open(data)?;
    match command {
        TokenCommand::Create { role, name, days } => {
            let name = Line::required("name", &name, TITLE_MAX).map_err(crate::store::Error::from)?;
            let expires = days.map(|d| Instant::now().plus_hours(24 * i64::from(d)));
            let token = store.write_here(move |w| {
                people::create_token(w, &Actor::CommandLine, name.as_str(), role, expires)
            })?;
            say!("{token}");
        }
        TokenCommand::List => {
            for token in store.read_here(people::tokens)? {
                let until = token.expires_at.map_or_else(String::new, |t| format!("until {t}"));
                let revoked = if token.revoked_at.is_some() { "revoked" } else { "" };
                let used = token.used_at.map_or_else(|| "never used".to_owned(), |t| format!("used {t}"));
                say!("{}\t{}\t{}\t{used}\t{until}\t{revoked}", token.id, token.role, token.name);
            }
        }
        TokenCommand::Revoke { id } => {
            let revoked = store.write_here(move |w| people::revoke_token(w, &Actor::CommandLine, id));
            revoked.map_err(|error| match error {
                Error::NotFound => {
                    super::Coded { code: exit::NOT_FOUND, message: format!("there is no token {id}") }.into()
                }
                other => anyhow::Error::from(other),
            })?;
            say!("Token {id} no longer works.");
        }
    }
    Ok(())
}
