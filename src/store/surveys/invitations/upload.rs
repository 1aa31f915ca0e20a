//! Inviting the people of a list that somebody uploaded.

use super::{Person, invite, person_hash};
use crate::domain::secret::InstanceKey;
use crate::domain::survey::Exposure;
use crate::domain::survey::invited::{self, Row};
use crate::store::error::Result;
use crate::store::people::Actor;
use crate::store::windows::Window;
use crate::store::{Write, audit};

/// What came of a list.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Outcome {
    /// Who was invited.
    pub added: usize,
    /// Who had been invited before, as a reporter or by this or another list.
    pub known: usize,
}

/// Invites at most a few hundred people of a list that was checked whole, each once. Whoever can be
/// reached at the same place as somebody invited before is the same person.
pub fn upload(
    write: &mut Write<'_>,
    actor: &Actor,
    key: &InstanceKey,
    window: &Window,
    rows: &[Row],
) -> Result<Outcome> {
    let people: Vec<Person<'_>> = rows
        .iter()
        .map(|row| Person {
            exposure: Exposure::Invited,
            report: None,
            me_too: None,
            hash: person_hash(key, "contact", &invited::tidy(&row.contact)),
            language: row.language,
            reached: Some((&row.name, &row.contact)),
        })
        .collect();
    let added = invite(write, key, window.id, window.demonstration, &people)?;
    let outcome = Outcome { added, known: people.len() - added };
    let detail = format!("{} added, {} known", outcome.added, outcome.known);
    audit::note(write, actor, "survey.invite", window.slug.as_str(), &detail)?;
    Ok(outcome)
}
