//! Survey responses: sending one, changing it until the survey closes, and what all of them say.

mod counts;
mod import;
mod read;

use diesel::prelude::*;
use serde::{Deserialize, Serialize};

pub use counts::{CustomCounts, counts, counts_of, counts_of_all, custom_of};
pub use import::{Imported, Outcome, imported, remove_demonstration};
pub use read::{Comment, CommentsAfter, Filter, Response, comments, each, page};

use super::connection::Db;
use super::error::{Error, Result};
use super::schema::responses;
use super::windows::{self, Window};
use super::{Write, changes, idempotency};
use crate::domain::instant::Instant;
use crate::domain::language::Language;
use crate::domain::reference::ResponseReference;
use crate::domain::secret::{self, IdempotencyKey, InstanceKey};
use crate::domain::survey::{Answers, Exposure, TemplateKey};

/// Whether a window's survey takes answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SurveyPhase {
    /// The window has not been completed yet.
    NotYet,
    /// It takes answers until then.
    Open(Instant),
    /// It took answers until then.
    Closed(Instant),
    /// The window was cancelled; nobody is asked.
    Never,
}

impl SurveyPhase {
    /// That of this window now.
    pub fn of(window: &Window, now: Instant) -> SurveyPhase {
        match window.completed_at {
            Some(done) => {
                let until = done.plus_hours(24 * i64::from(window.survey_days));
                if window.survey_open(now) { SurveyPhase::Open(until) } else { SurveyPhase::Closed(until) }
            }
            None if window.state.has_ended() => SurveyPhase::Never,
            None => SurveyPhase::NotYet,
        }
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
    /// What was answered.
    pub answers: Answers,
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

/// The last part of the link with which the sender with this key changes this response: the
/// reference, by which it is found, and 130 bits derived from the instance's key.
fn edit_secret(key: &InstanceKey, idempotency: &IdempotencyKey, reference: ResponseReference) -> String {
    let name = reference.to_string();
    let derived = key.derive(&["response edit", idempotency.as_str(), &name]);
    format!("{}-{}", name.to_lowercase(), &secret::base32(&derived)[..26])
}

/// The response that an edit link belongs to, if it has the form of one.
fn reference_of(edit_secret: &str) -> Option<ResponseReference> {
    let (name, rest) = edit_secret.rsplit_once('-')?;
    (rest.len() == 26 && edit_secret.is_ascii()).then(|| ResponseReference::parse(name)).flatten()
}

/// Takes a response, once for each key. Repeated, it gives the same answer again, also after the
/// survey has closed.
///
/// [`Error::NotFound`] if no published window has this slug; conflicts `survey-not-open`,
/// `survey-closed`, and `survey-changed` if the window asks another template by now.
pub fn submit(
    write: &mut Write<'_>,
    key: &InstanceKey,
    idempotency: &IdempotencyKey,
    new: &NewResponse,
) -> Result<Submitted> {
    let kept = idempotency::once(write, "survey-response", idempotency, new, |write| {
        let window = windows::public(write.connection, &new.window)?;
        SurveyPhase::of(&window, write.now).must_be_open()?;
        if window.survey_template != new.template {
            return Err(Error::conflict("survey-changed"));
        }
        let answers = &new.answers;
        let id: i64 = diesel::insert_into(responses::table)
            .values((
                responses::window_id.eq(window.id),
                responses::template.eq(new.template.code()),
                responses::template_version.eq(new.template.template().version as i32),
                responses::submitted_at.eq(write.now),
                responses::changed_at.eq(write.now),
                responses::language.eq(new.language),
                responses::invited.eq(false),
                responses::exposure.eq(Exposure::Public.code()),
                columns(answers)?,
                responses::edit_hash.eq(""),
                responses::demonstration.eq(window.demonstration),
            ))
            .returning(responses::id)
            .get_result(write.connection)?;
        let secret = edit_secret(key, idempotency, ResponseReference(id));
        diesel::update(responses::table.find(id))
            .set(responses::edit_hash.eq(secret::hash(&secret)))
            .execute(write.connection)?;
        changes::announce(write, changes::Kind::Response, Some(window.id))?;
        Ok(Kept { id, complete: answers.complete })
    })?;
    let reference = ResponseReference(kept.id);
    Ok(Submitted {
        reference,
        edit_secret: edit_secret(key, idempotency, reference),
        complete: kept.complete,
    })
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
    let changed =
        diesel::update(responses::table.find(old.reference.0).filter(responses::complete.eq(old.complete)))
            .set((columns(answers)?, responses::changed_at.eq(write.now)))
            .execute(write.connection)?;
    if changed == 0 {
        return Err(Error::Busy);
    }
    changes::announce(write, changes::Kind::Response, Some(window.id))?;
    Ok(Submitted {
        reference: old.reference,
        edit_secret: edit_secret.to_owned(),
        complete: answers.complete,
    })
}
