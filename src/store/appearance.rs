//! How the pages look and what the operator says on all of them: colour and footer.

use super::connection::Db;
use super::error::Result;
use super::people::Actor;
use super::texts::{self, Thing};
use super::{Write, audit, changes, instance};
use crate::domain::colour::Accent;
use crate::domain::language::Texts;

/// The longest footer, in characters of one language.
pub const FOOTER_MAX: usize = 1_000;

const ACCENT: &str = "accent";
/// There is one appearance; its texts belong to this number.
const THE_ONE: i64 = 0;
const FOOTER: &str = "footer";

/// What the operator has set; everything may be left as it comes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Appearance {
    /// The colour of links, buttons and the curtain.
    pub accent: Option<Accent>,
    /// Markdown at the foot of every public page.
    pub footer: Texts,
}

/// The appearance as it stands.
pub fn load(connection: &mut Db) -> Result<Appearance> {
    let accent = instance::value(connection, ACCENT)?;
    let mut texts = texts::load(connection, Thing::Appearance, &[THE_ONE])?;
    Ok(Appearance {
        // What an older version allowed and this one does not is as if it had not been chosen.
        accent: accent.and_then(|typed| Accent::parse(ACCENT, &typed).ok()),
        footer: texts.remove(&THE_ONE).unwrap_or_default().field(FOOTER),
    })
}

/// Makes this the appearance.
pub fn change(write: &mut Write<'_>, actor: &Actor, new: &Appearance) -> Result<()> {
    let accent = new.accent.map(|a| a.colour().to_string()).unwrap_or_default();
    instance::keep(write, ACCENT, &accent)?;
    texts::replace(write, Thing::Appearance, THE_ONE, FOOTER, &new.footer)?;
    audit::note(write, actor, "appearance.change", &accent, "")?;
    changes::announce(write, changes::Kind::Settings, None)
}
