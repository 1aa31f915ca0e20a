//! How the pages look and what the operator says on all of them: colour, logo and footer.

use super::connection::Db;
use super::error::{Error, Result};
use super::people::Actor;
use super::texts::{self, Thing};
use super::{Write, audit, changes, instance};
use crate::domain::colour::Accent;
use crate::domain::fields::FieldErrors;
use crate::domain::language::Texts;
use crate::domain::screenshot::{PictureKind, Screenshot};

/// The longest footer, in characters of one language.
pub const FOOTER_MAX: usize = 1_000;

/// The largest logo, in bytes as it is kept: it comes with every page.
pub const LOGO_MAX: usize = 200 * 1024;

const ACCENT: &str = "accent";
/// The logo: its kind, a colon, its bytes in hexadecimal.
const LOGO: &str = "logo";
/// What tells this logo from others, so that pages need not read it to name it.
const LOGO_DIGEST: &str = "logo_digest";
/// There is one appearance; its texts belong to this number.
const THE_ONE: i64 = 0;
const FOOTER: &str = "footer";

/// What the operator has set; everything may be left as it comes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Appearance {
    /// The colour of links, buttons and the curtain.
    pub accent: Option<Accent>,
    /// What tells the logo from earlier ones; nothing: the product's own mark. Changed by [`set_logo`]
    /// and [`remove_logo`] alone.
    pub logo: Option<String>,
    /// Markdown at the foot of every public page.
    pub footer: Texts,
}

/// The appearance as it stands.
pub fn load(connection: &mut Db) -> Result<Appearance> {
    let accent = instance::value(connection, ACCENT)?;
    let logo = instance::value(connection, LOGO_DIGEST)?.filter(|digest| !digest.is_empty());
    let mut texts = texts::load(connection, Thing::Appearance, &[THE_ONE])?;
    Ok(Appearance {
        // What an older version allowed and this one does not is as if it had not been chosen.
        accent: accent.and_then(|typed| Accent::parse(ACCENT, &typed).ok()),
        logo,
        footer: texts.remove(&THE_ONE).unwrap_or_default().field(FOOTER),
    })
}

/// Makes this the appearance, but for the logo.
pub fn change(write: &mut Write<'_>, actor: &Actor, new: &Appearance) -> Result<()> {
    let accent = new.accent.map(|a| a.colour().to_string()).unwrap_or_default();
    instance::keep(write, ACCENT, &accent)?;
    texts::replace(write, Thing::Appearance, THE_ONE, FOOTER, &new.footer)?;
    audit::note(write, actor, "appearance.change", &accent, "")?;
    changes::announce(write, changes::Kind::Settings, None)
}

/// The logo as it is kept. [`Error::NotFound`] if there is none.
pub fn logo(connection: &mut Db) -> Result<(PictureKind, Vec<u8>)> {
    let kept = instance::value(connection, LOGO)?.filter(|kept| !kept.is_empty()).ok_or(Error::NotFound)?;
    let damaged = || Error::Internal("the logo is damaged".into());
    let (kind, hex) = kept.split_once(':').ok_or_else(damaged)?;
    let kind = PictureKind::from_code(kind).ok_or_else(damaged)?;
    let bytes: Option<Vec<u8>> = (0..hex.len() / 2)
        .map(|at| hex.get(2 * at..2 * at + 2).and_then(|pair| u8::from_str_radix(pair, 16).ok()))
        .collect();
    Ok((kind, bytes.ok_or_else(damaged)?))
}

/// Puts this picture beside the name on every page.
///
/// Errors: `image` → `logo-too-large` (`max`, KiB).
pub fn set_logo(write: &mut Write<'_>, actor: &Actor, picture: &Screenshot) -> Result<()> {
    if picture.bytes.len() > LOGO_MAX {
        let mut errors = FieldErrors::new();
        errors.add_with("image", "logo-too-large", [("max", (LOGO_MAX / 1024).to_string())]);
        return Err(errors.into());
    }
    let hex: String = picture.bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    keep_logo(write, actor, &format!("{}:{hex}", picture.kind), &picture.digest()[..16])
}

/// Puts the product's own mark back.
pub fn remove_logo(write: &mut Write<'_>, actor: &Actor) -> Result<()> {
    keep_logo(write, actor, "", "")
}

fn keep_logo(write: &mut Write<'_>, actor: &Actor, kept: &str, digest: &str) -> Result<()> {
    instance::keep(write, LOGO, kept)?;
    instance::keep(write, LOGO_DIGEST, digest)?;
    audit::note(write, actor, "appearance.logo", digest, "")?;
    changes::announce(write, changes::Kind::Settings, None)
}
