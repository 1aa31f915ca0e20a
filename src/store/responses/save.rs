//! Saving a response as one goes: from the first answered question on, again and again, until it is
//! sent. One for each browser and each invitation.

use diesel::prelude::*;

use super::{Coming, Origin, Response, Submitted, edit_secret, insert, of_invitation, read, replace};
use crate::domain::language::Language;
use crate::domain::reference::ResponseReference;
use crate::domain::secret::{self, InstanceKey};
use crate::domain::survey::{Answers, SurveyPhase, TemplateKey};
use crate::store::connection::Db;
use crate::store::error::{Error, Result};
use crate::store::schema::responses;
use crate::store::surveys::invitations;
use crate::store::{Write, windows};

/// Whose response it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Who {
    /// Somebody with the public link, by what their browser keeps.
    Browser(String),
    /// Somebody invited, by the last part of their personal link.
    Invitation(String),
}

impl Who {
    fn secret(&self) -> &str {
        match self {
            Who::Browser(secret) | Who::Invitation(secret) => secret,
        }
    }
}

/// What is saved.
#[derive(Debug, Clone)]
pub struct Saving {
    /// The window's slug.
    pub window: String,
    /// The template that the answers were checked against.
    pub template: TemplateKey,
    /// Which version of it.
    pub version: u32,
    /// Whose.
    pub who: Who,
    /// All that is answered so far.
    pub answers: Answers,
    /// The language of whoever answers.
    pub language: Language,
}

/// What is kept of a browser's cookie: another value for each window, so that nobody reads out of the
/// database which answers to several windows came from one browser.
fn browser_hash(key: &InstanceKey, window: i64, cookie: &str) -> String {
    secret::base32(&key.derive(&["survey browser", &window.to_string(), cookie]))
}

/// The response that this browser gave to this window, with its edit link's last part.
pub fn of_browser(
    connection: &mut Db,
    key: &InstanceKey,
    window: i64,
    cookie: &str,
) -> Result<Option<(Response, String)>> {
    let id = responses::table
        .filter(responses::window_id.eq(window))
        .filter(responses::browser_hash.eq(browser_hash(key, window, cookie)))
        .select(responses::id)
        .first::<i64>(connection)
        .optional()?;
    let Some(id) = id else { return Ok(None) };
    let response = read::one(connection, id)?;
    Ok(Some((response, edit_secret(key, cookie, ResponseReference(id)))))
}

/// Saves what is answered so far, or all of it. What was saved before is replaced; the same once more
/// changes nothing.
///
/// [`Error::NotFound`] if no published window has this slug; conflicts `survey-not-open`,
/// `survey-closed`, `survey-changed`; those of [`invitations::open`]; once the response is complete
/// `invitation-used`, and for a browser `already-answered`: it is changed by its edit link.
pub fn save(write: &mut Write<'_>, key: &InstanceKey, saving: &Saving) -> Result<Submitted> {
    let window = windows::public(write.connection, &saving.window)?;
    SurveyPhase::of(&window, write.now).must_be_open()?;
    let sender = saving.who.secret();
    let coming = Coming {
        window: &window,
        template: &saving.template,
        version: saving.version,
        answers: &saving.answers,
        language: saving.language,
    };
    let (old, invitation, hash) = match &saving.who {
        Who::Browser(cookie) => {
            let old = of_browser(write.connection, key, window.id, cookie)?;
            (old.map(|(response, _)| response), None, browser_hash(key, window.id, cookie))
        }
        Who::Invitation(secret) => {
            let invitation = invitations::claim(write, &window, secret)?;
            (of_invitation(write.connection, invitation.id)?, Some(invitation), String::new())
        }
    };
    let id = match (old, &invitation) {
        (Some(old), _) if old.complete => {
            if old.answers == saving.answers {
                old.reference.0
            } else if invitation.is_some() {
                return Err(Error::conflict("invitation-used"));
            } else {
                return Err(Error::conflict("already-answered"));
            }
        }
        (Some(old), _) if (&old.template, old.version()) != (&saving.template, saving.version) => {
            return Err(Error::conflict("survey-changed"));
        }
        (Some(old), _) if old.answers == saving.answers => old.reference.0,
        (Some(old), _) => replace(write, &old, &saving.answers)?,
        (None, Some(invitation)) => insert(write, key, &coming, Origin::Invitation(invitation), sender)?,
        (None, None) => insert(write, key, &coming, Origin::Browser(&hash), sender)?,
    };
    let reference = ResponseReference(id);
    Ok(Submitted {
        reference,
        edit_secret: edit_secret(key, sender, reference),
        complete: saving.answers.complete,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browser_is_another_one_for_each_window() {
        let key = InstanceKey::new([7; 32]);
        assert_eq!(browser_hash(&key, 1, "cookie"), browser_hash(&key, 1, "cookie"));
        assert_ne!(browser_hash(&key, 1, "cookie"), browser_hash(&key, 2, "cookie"));
        assert_ne!(browser_hash(&key, 1, "cookie"), browser_hash(&key, 1, "another"));
    }
}
