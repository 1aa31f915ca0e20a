//! What the holder of a me-too's receipt may see and do. As with reports, every verb is given the link
//! and checks it in its own transaction; a wrong link and an unknown me-too are the same: not found.

use diesel::prelude::*;

use super::{Event, MeToo, NewEvent, answered, append, by_id, events, note_wrote};
use crate::domain::instant::Instant;
use crate::domain::line::Block;
use crate::domain::reference::MeTooReference;
use crate::domain::report::{Contact, Status, Verdict};
use crate::domain::secret::{self, IdempotencyKey, InstanceKey, Receipt};
use crate::store::connection::Db;
use crate::store::error::{Error, Result};
use crate::store::known_issues::{self, KnownIssue};
use crate::store::reports::events::EventKind;
use crate::store::schema::{me_too_contents, me_too_events, me_toos};
use crate::store::windows::{self, Window};
use crate::store::{Write, audit, changes, idempotency};

/// A me-too with everything that its holder may see.
#[derive(Debug, Clone)]
pub struct Held {
    /// The fact.
    pub me_too: MeToo,
    /// How the holder can be reached.
    pub contact: Contact,
    /// What happened to it, oldest first.
    pub events: Vec<Event>,
    /// The known issue.
    pub issue: KnownIssue,
    /// The window that the known issue belongs to.
    pub window: Option<Window>,
}

impl Held {
    /// Where it stands.
    pub fn status(&self) -> Status {
        self.me_too.status(&self.issue.fact)
    }
}

/// A hash that nothing has.
const NOTHING: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// The number of the me-too that this link opens.
fn opened_by(connection: &mut Db, link: &str) -> Result<i64> {
    let (MeTooReference(id), _) = Receipt::of_link_to(link).ok_or(Error::NotFound)?;
    let kept: Option<String> =
        me_toos::table.find(id).select(me_toos::link_hash).first(connection).optional()?;
    let fits = secret::matches(link, kept.as_deref().unwrap_or(NOTHING));
    if fits { Ok(id) } else { Err(Error::NotFound) }
}

/// The link that belongs to a code as somebody typed it. [`Error::NotFound`] for a wrong code, for
/// one of no me-too, and for what is no code at all.
pub fn link_of_code(connection: &mut Db, instance: &InstanceKey, typed: &str) -> Result<String> {
    let (MeTooReference(id), code) = Receipt::tidy_code_of(typed).ok_or(Error::NotFound)?;
    let kept: Option<String> =
        me_toos::table.find(id).select(me_toos::code_hash).first(connection).optional()?;
    let fits = secret::matches(&code, kept.as_deref().unwrap_or(NOTHING));
    if fits { Ok(Receipt::link_for(instance, &code)) } else { Err(Error::NotFound) }
}

/// The me-too that this link opens.
pub fn held(connection: &mut Db, link: &str) -> Result<Held> {
    let me_too = opened_by(connection, link).and_then(|id| by_id(connection, id))?;
    let contact = contact(connection, me_too.id)?.ok_or(Error::NotFound)?;
    let issue = known_issues::by_id(connection, me_too.known_issue_id)?;
    let window = issue.fact.window_id.map(|id| windows::by_id(connection, id)).transpose()?;
    Ok(Held { contact, events: events(connection, me_too.id)?, issue, window, me_too })
}

/// How the holder can be reached; nothing once it is erased.
pub(super) fn contact(connection: &mut Db, id: i64) -> Result<Option<Contact>> {
    let kept: Option<(Option<String>, Option<String>)> = me_too_contents::table
        .find(id)
        .select((me_too_contents::phone, me_too_contents::email))
        .first(connection)
        .optional()?;
    Ok(kept.map(|(phone, email)| Contact { phone, email }))
}

fn opened(write: &mut Write<'_>, link: &str) -> Result<MeToo> {
    opened_by(write.connection, link).and_then(|id| by_id(write.connection, id))
}

/// Adds what the holder writes, once for this key, and gives when it was written.
pub fn reply(write: &mut Write<'_>, link: &str, key: &IdempotencyKey, text: &Block) -> Result<Instant> {
    let me_too = opened(write, link)?;
    let scope = format!("message {}", me_too.reference());
    idempotency::once(write, &scope, key, text, |write| {
        let event = NewEvent::new(me_too.id, EventKind::Message);
        append(write, NewEvent { content: Some(text.as_str()), ..event })?;
        note_wrote(write, me_too.id)?;
        announce(write, &me_too)?;
        Ok(write.now)
    })
}

/// Keeps what the holder says of the outcome. Saying the same again changes nothing.
pub fn judge(write: &mut Write<'_>, link: &str, verdict: Verdict) -> Result<()> {
    let me_too = opened(write, link)?;
    if me_too.verdict == Some(verdict) {
        return Ok(());
    }
    diesel::update(me_toos::table.find(me_too.id))
        .set((me_toos::verdict.eq(verdict), me_toos::verdict_at.eq(write.now)))
        .execute(write.connection)?;
    let event = NewEvent::new(me_too.id, EventKind::Verdict);
    append(write, NewEvent { became: Some(verdict.code()), ..event })?;
    match verdict {
        Verdict::NotFixed => note_wrote(write, me_too.id)?,
        // What they wrote may still want an answer.
        Verdict::Fixed if wrote_since_answer(write.connection, me_too.id)? => {}
        Verdict::Fixed => answered(write, me_too.id)?,
    }
    announce(write, &me_too)
}

/// Keeps how the holder can be reached from now on; an empty contact takes it away.
pub fn set_contact(write: &mut Write<'_>, link: &str, contact: &Contact) -> Result<()> {
    let me_too = opened(write, link)?;
    let kept = self::contact(write.connection, me_too.id)?.ok_or(Error::NotFound)?;
    if kept == *contact {
        return Ok(());
    }
    diesel::update(me_too_contents::table.find(me_too.id))
        .set((me_too_contents::phone.eq(&contact.phone), me_too_contents::email.eq(&contact.email)))
        .execute(write.connection)?;
    append(write, NewEvent::new(me_too.id, EventKind::Contact))?;
    announce(write, &me_too)
}

/// Erases contact, messages, answers and the secrets of the receipt. That one more person met the
/// known issue stays counted, and the hash that keeps the same browser from being counted again.
pub fn erase(write: &mut Write<'_>, link: &str) -> Result<()> {
    let me_too = opened(write, link)?;
    diesel::delete(me_too_contents::table.find(me_too.id)).execute(write.connection)?;
    diesel::update(me_too_events::table.filter(me_too_events::me_too_id.eq(me_too.id)))
        .set(me_too_events::content.eq(None::<String>))
        .execute(write.connection)?;
    // No hash is empty, so no secret fits any more.
    diesel::update(me_toos::table.find(me_too.id))
        .set((me_toos::link_hash.eq(""), me_toos::code_hash.eq("")))
        .execute(write.connection)?;
    answered(write, me_too.id)?;
    append(write, NewEvent::new(me_too.id, EventKind::Erased))?;
    audit::note_reporter(write, "me-too.erase", &me_too.reference().to_string(), "")?;
    announce(write, &me_too)
}

/// Whether there is a message that came after the last answer.
fn wrote_since_answer(connection: &mut Db, id: i64) -> Result<bool> {
    let events = events(connection, id)?;
    let last = |kind: EventKind| events.iter().rposition(|event| event.kind == kind);
    Ok(last(EventKind::Message) > last(EventKind::Answer))
}

fn announce(write: &mut Write<'_>, me_too: &MeToo) -> Result<()> {
    let issue = known_issues::fact(write.connection, me_too.known_issue_id)?;
    changes::announce(write, changes::Kind::Report, issue.window_id)
}
