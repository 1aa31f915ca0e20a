//! Survey responses: sending one, saving it as one goes, changing it until the survey closes, and
//! what all of them say.

mod counts;
mod import;
mod read;
mod save;

use diesel::prelude::*;
use serde::{Deserialize, Serialize};

pub use counts::{
    Answered, AnsweredCount, CustomCounts, answered_of, counts, counts_of, counts_of_all, custom_of,
};
pub use import::{Imported, Outcome, imported, remove_demonstration};
pub use read::{
    Comment, Comments, CommentsAfter, Filter, Response, comment_texts, comments, each, newest, one, page,
};
pub use save::{Saving, Who, of_browser, save};

use super::connection::Db;
use super::error::{Error, Result};
use super::schema::responses;
use super::surveys::invitations::{self, Invitation};
use super::windows::{self, Window};
use super::{Write, changes, idempotency, surveys};
use crate::domain::instant::Instant;
use crate::domain::language::Language;
use crate::domain::reference::ResponseReference;
use crate::domain::secret::{self, IdempotencyKey, InstanceKey};
pub use crate::domain::survey::SurveyPhase;
use crate::domain::survey::{Answers, Exposure, Template, TemplateKey};
use crate::each_database;

impl SurveyPhase {
    /// That of this window now.
    pub fn of(window: &Window, now: Instant) -> SurveyPhase {
        window.survey_phase(now)
    }

    /// Refuses what comes while the survey takes no answers: conflicts `survey-not-open`,
    /// `survey-closed`.
    pub fn must_be_open(self) -> Result<()> {
        match self {
            SurveyPhase::Open(_) => Ok(()),
            SurveyPhase::NotYet | SurveyPhase::Never => Err(Error::conflict("survey-not-open")),
            SurveyPhase::Closed(_) => Err(Error::conflict("survey-closed")),
        }
    }
}

/// A response as it is sent: the answers, checked against the template of the window.
#[derive(Debug, Clone, Serialize)]
pub struct NewResponse {
    /// The window's slug.
    pub window: String,
    /// The template that the answers were checked against.
    pub template: TemplateKey,
    /// Which version of it.
    pub version: u32,
    /// What was answered.
    pub answers: Answers,
    /// The last part of the sender's personal link, if they were invited; kept only as a hash.
    pub invitation: Option<String>,
    /// The language of whoever answers. Not part of what makes two commands the same.
    #[serde(skip)]
    pub language: Language,
}

/// What the sender of a response gets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Submitted {
    /// The response's name; it opens nothing.
    pub reference: ResponseReference,
    /// The last part of the link with which the answers can be changed.
    pub edit_secret: String,
    /// Whether it counts in the figures.
    pub complete: bool,
}

#[derive(Serialize, Deserialize)]
struct Kept {
    id: i64,
    complete: bool,
}

/// The last part of the link with which a response is changed: the reference, by which it is found,
/// and 130 bits derived from the instance's key and what only the sender has: their idempotency key,
/// their browser's cookie or their personal link.
fn edit_secret(key: &InstanceKey, sender: &str, reference: ResponseReference) -> String {
    let name = reference.to_string();
    let derived = key.derive(&["response edit", sender, &name]);
    format!("{}-{}", name.to_lowercase(), &secret::base32(&derived)[..26])
}

/// The last part of the edit link of the response that was begun by this personal link.
pub fn edit_link(key: &InstanceKey, invitation: &str, reference: ResponseReference) -> String {
    edit_secret(key, invitation, reference)
}

/// The response that an edit link belongs to, if it has the form of one.
fn reference_of(edit_secret: &str) -> Option<ResponseReference> {
    let (name, rest) = edit_secret.rsplit_once('-')?;
    (rest.len() == 26 && edit_secret.is_ascii()).then(|| ResponseReference::parse(name)).flatten()
}

/// Takes a response, once for each key. Repeated, it gives the same answer again, also after the
/// survey has closed. One that comes by an invitation goes on with what was begun by it.
///
/// [`Error::NotFound`] if no published window has this slug; conflicts `survey-not-open`,
/// `survey-closed`, and `survey-changed` if the window asks another template or version by now; those
/// of [`invitations::open`] at `invitation`, and the conflict `invitation-used` once its response is
/// complete.
pub fn submit(
    write: &mut Write<'_>,
    key: &InstanceKey,
    idempotency: &IdempotencyKey,
    new: &NewResponse,
) -> Result<Submitted> {
    let sender = new.invitation.as_deref().unwrap_or(idempotency.as_str());
    let kept = idempotency::once(write, "survey-response", idempotency, new, |write| {
        let window = windows::public(write.connection, &new.window)?;
        SurveyPhase::of(&window, write.now).must_be_open()?;
        let coming = Coming {
            window: &window,
            template: &new.template,
            version: new.version,
            answers: &new.answers,
            language: new.language,
        };
        let id = match &new.invitation {
            Some(secret) => {
                let invitation = invitations::claim(write, &window, secret)?;
                match of_invitation(write.connection, invitation.id)? {
                    Some(old) if old.complete => return Err(Error::conflict("invitation-used")),
                    Some(old) => replace(write, &old, &new.answers)?,
                    None => insert(write, key, &coming, Origin::Invitation(&invitation), sender)?,
                }
            }
            None => insert(write, key, &coming, Origin::Anyone, sender)?,
        };
        Ok(Kept { id, complete: new.answers.complete })
    })?;
    let reference = ResponseReference(kept.id);
    Ok(Submitted { reference, edit_secret: edit_secret(key, sender, reference), complete: kept.complete })
}

/// A response that is about to be written.
struct Coming<'a> {
    window: &'a Window,
    template: &'a TemplateKey,
    version: u32,
    answers: &'a Answers,
    language: Language,
}

/// How a response came, which also says how often it may come.
enum Origin<'a> {
    /// By the public link, from a program.
    Anyone,
    /// By the public link, from the browser with this hash.
    Browser(&'a str),
    /// By a personal link.
    Invitation(&'a Invitation),
}

/// Adds the row of a response to the survey as it is asked now. [`Error::Busy`], which is tried
/// again, if another one of the same origin was faster.
fn insert(
    write: &mut Write<'_>,
    key: &InstanceKey,
    coming: &Coming<'_>,
    origin: Origin<'_>,
    sender: &str,
) -> Result<i64> {
    let window = coming.window;
    let asked: Template = surveys::asked(write.connection, &window.survey_template)?;
    if (&asked.key, asked.version) != (coming.template, coming.version) {
        return Err(Error::conflict("survey-changed"));
    }
    let (invitation, exposure, browser) = match origin {
        Origin::Anyone => (None, Exposure::Public, None),
        Origin::Browser(hash) => (None, Exposure::Public, Some(hash)),
        Origin::Invitation(invitation) => (Some(invitation.id), invitation.exposure, None),
    };
    let columns = columns(coming.answers)?;
    let now = write.now;
    let added: Option<i64> = each_database!(&mut *write.connection, c => diesel::insert_into(responses::table)
        .values((
            responses::window_id.eq(window.id),
            responses::template.eq(coming.template.code()),
            responses::template_version.eq(coming.version as i32),
            responses::submitted_at.eq(now),
            responses::changed_at.eq(now),
            responses::completed_at.eq(coming.answers.complete.then_some(now)),
            responses::language.eq(coming.language),
            responses::invited.eq(invitation.is_some()),
            responses::exposure.eq(exposure.code()),
            columns,
            responses::edit_hash.eq(""),
            responses::invitation_id.eq(invitation),
            responses::browser_hash.eq(browser),
            responses::demonstration.eq(window.demonstration),
        ))
        .on_conflict_do_nothing()
        .returning(responses::id)
        .get_result(c)
        .optional())?;
    let id = added.ok_or(Error::Busy)?;
    let reference = ResponseReference(id);
    let secret = edit_secret(key, sender, reference);
    diesel::update(responses::table.find(id))
        .set(responses::edit_hash.eq(secret::hash(&secret)))
        .execute(write.connection)?;
    changes::announce(write, changes::Kind::Response, Some(window.id))?;
    Ok(id)
}

/// Puts other answers in the place of those of a response. [`Error::Busy`] if it was finished
/// meanwhile.
fn replace(write: &mut Write<'_>, old: &Response, answers: &Answers) -> Result<i64> {
    let completed_at = answers.complete.then(|| old.completed_at.unwrap_or(write.now));
    let changed =
        diesel::update(responses::table.find(old.reference.0).filter(responses::complete.eq(old.complete)))
            .set((
                columns(answers)?,
                responses::changed_at.eq(write.now),
                responses::completed_at.eq(completed_at),
            ))
            .execute(write.connection)?;
    if changed == 0 {
        return Err(Error::Busy);
    }
    changes::announce(write, changes::Kind::Response, Some(old.window_id))?;
    Ok(old.reference.0)
}

/// The response that came by this invitation, if one did.
pub fn of_invitation(connection: &mut Db, invitation: i64) -> Result<Option<Response>> {
    let id = responses::table
        .filter(responses::invitation_id.eq(invitation))
        .select(responses::id)
        .first::<i64>(connection)
        .optional()?;
    id.map(|id| read::one(connection, id)).transpose()
}

/// The columns that hold answers, as both inserting and changing set them.
type AnswerColumns = (
    diesel::dsl::Eq<responses::saw_notice, Option<bool>>,
    diesel::dsl::Eq<responses::csat, Option<i32>>,
    diesel::dsl::Eq<responses::nps, Option<i32>>,
    diesel::dsl::Eq<responses::ces, Option<i32>>,
    diesel::dsl::Eq<responses::comment, Option<String>>,
    diesel::dsl::Eq<responses::answers, String>,
    diesel::dsl::Eq<responses::complete, bool>,
);

fn columns(answers: &Answers) -> Result<AnswerColumns> {
    let custom = serde_json::to_string(&answers.custom)
        .map_err(|e| Error::Internal(format!("answers cannot be kept: {e}")))?;
    Ok((
        responses::saw_notice.eq(answers.saw_notice),
        responses::csat.eq(answers.csat.map(i32::from)),
        responses::nps.eq(answers.nps.map(i32::from)),
        responses::ces.eq(answers.ces.map(i32::from)),
        responses::comment.eq(answers.comment.clone()),
        responses::answers.eq(custom),
        responses::complete.eq(answers.complete),
    ))
}

/// The response that this edit link opens, with its window.
///
/// [`Error::NotFound`] if it opens none.
pub fn by_edit_secret(connection: &mut Db, edit_secret: &str) -> Result<(Response, Window)> {
    let reference = reference_of(edit_secret).ok_or(Error::NotFound)?;
    let hash: String = responses::table.find(reference.0).select(responses::edit_hash).first(connection)?;
    if !secret::matches(edit_secret, &hash) {
        return Err(Error::NotFound);
    }
    let response = read::one(connection, reference.0)?;
    let window = windows::by_id(connection, response.window_id)?;
    Ok((response, window))
}

/// Replaces the answers of the response that this edit link opens. They were checked against its
/// own template.
///
/// [`Error::NotFound`] if the link opens none; conflict `survey-closed` afterwards; the field
/// `complete` is refused (`already-complete`) if it would make a finished response unfinished.
pub fn update(write: &mut Write<'_>, edit_secret: &str, answers: &Answers) -> Result<Submitted> {
    let (old, window) = by_edit_secret(write.connection, edit_secret)?;
    SurveyPhase::of(&window, write.now).must_be_open()?;
    if old.complete && !answers.complete {
        return Err(Error::field("complete", "already-complete"));
    }
    replace(write, &old, answers)?;
    Ok(Submitted {
        reference: old.reference,
        edit_secret: edit_secret.to_owned(),
        complete: answers.complete,
    })
}
