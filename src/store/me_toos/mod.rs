//! Me-toos: one more person with a known issue, without a report of their own. A fact that is
//! counted, a contact and messages that can be erased, and a receipt like a report's.

mod list;
mod receipt;

use diesel::prelude::*;
use serde::{Deserialize, Serialize};

pub use list::{
    Counts, Listed, answer, by_reference, contacts_outlived, counts, forget_contacts, list, verdicts, waiting,
};
pub use receipt::{Held, erase, held, judge, link_of_code, reply, set_contact};

use super::connection::Db;
use super::error::{Error, Result};
use super::known_issues::{self, Fact};
use super::reports::events::EventKind;
use super::schema::{me_too_contents, me_too_events, me_too_wrote, me_toos};
use super::{Write, idempotency};
use crate::domain::instant::Instant;
use crate::domain::known_issue::me_too_status;
use crate::domain::language::Language;
use crate::domain::reference::MeTooReference;
use crate::domain::report::{Contact, Source, Status, Verdict};
use crate::domain::secret::{self, IdempotencyKey, InstanceKey, Receipt};
use crate::each_database;

/// The fact of a me-too.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = me_toos)]
pub struct MeToo {
    /// Its row, the number behind its reference.
    pub id: i64,
    /// The known issue.
    pub known_issue_id: i64,
    /// The language that the person reads.
    pub language: Language,
    /// On which way it came.
    pub source: Source,
    /// When it was said.
    pub created_at: Instant,
    /// The resolution that the person was told of last.
    pub resolution_id: Option<i64>,
    /// When they were told.
    pub told_at: Option<Instant>,
    /// What they say of the outcome.
    pub verdict: Option<Verdict>,
    /// When they said so.
    pub verdict_at: Option<Instant>,
}

impl MeToo {
    /// Its name.
    pub fn reference(&self) -> MeTooReference {
        MeTooReference(self.id)
    }

    /// Where it stands, given where its known issue stands.
    pub fn status(&self, issue: &Fact) -> Status {
        let told = self.resolution_id.is_some() && self.resolution_id == issue.resolution_id;
        me_too_status(issue.status, told, self.verdict)
    }
}

/// What may be said together with "me too".
#[derive(Debug, Clone, Serialize)]
pub struct NewMeToo {
    /// The known issue.
    pub issue: i64,
    /// How the person can be reached.
    pub contact: Contact,
    /// The language that they read.
    pub language: Language,
    /// On which way it came.
    pub source: Source,
}

/// Who says "me too": as much as a random cookie can tell, and not across known issues.
#[derive(Debug, Clone)]
pub struct Person(IdempotencyKey);

impl Person {
    /// Whoever sent this cookie, if it is one of ours.
    pub fn of_cookie(cookie: &str) -> Option<Person> {
        let good = cookie.len() == 32 && cookie.bytes().all(|b| b.is_ascii_alphanumeric());
        IdempotencyKey::parse("cookie", cookie).ok().filter(|_| good).map(Person)
    }

    /// Whoever sends something under this key and has no cookie yet. The same key is the same
    /// person, so one whose first answer was lost gets the same cookie again.
    pub fn new(instance: &InstanceKey, key: &IdempotencyKey) -> Person {
        let raw = secret::base32(&instance.derive(&["me too cookie", key.as_str()])[..20]);
        // 160 random bits are 32 letters, which is what a key may consist of.
        Person(IdempotencyKey::parse("cookie", &raw).unwrap_or_else(|_| key.clone()))
    }

    /// What the cookie holds.
    pub fn cookie(&self) -> &str {
        self.0.as_str()
    }

    /// As whom this known issue, and no other one, knows the person.
    fn hash(&self, instance: &InstanceKey, issue: i64) -> String {
        secret::base32(&instance.derive(&["me too", &issue.to_string(), self.cookie()]))
    }

    /// The person's receipt of this me-too, the same whenever it is asked for.
    pub fn receipt(&self, instance: &InstanceKey, me_too: MeTooReference) -> Receipt {
        Receipt::derive(instance, &self.0, me_too)
    }
}

/// What came of saying "me too"; the same when it is sent again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counted {
    /// The number behind the reference.
    pub id: i64,
    /// The person was counted just now, and not before.
    pub first: bool,
    /// The slug of the window that the known issue belongs to.
    pub window: Option<String>,
    /// Where it stands.
    pub status: Status,
}

impl Counted {
    /// The me-too's name.
    pub fn reference(&self) -> MeTooReference {
        MeTooReference(self.id)
    }
}

/// The scope of the idempotency keys of me-toos.
const SCOPE: &str = "me too";

/// Counts a person once for a known issue that the public sees, once for this key.
///
/// Errors: [`Error::NotFound`]; conflict `known-issue-resolved` if it is over, unless the person was
/// counted before; [`Error::KeyReused`], [`Error::KeyRunning`].
pub fn say(
    write: &mut Write<'_>,
    instance: &InstanceKey,
    key: &IdempotencyKey,
    person: &Person,
    new: &NewMeToo,
) -> Result<Counted> {
    idempotency::once(write, SCOPE, key, new, |write| count(write, instance, person, new))
}

/// What [`say`] does, without a key of the sender.
pub fn count(
    write: &mut Write<'_>,
    instance: &InstanceKey,
    person: &Person,
    new: &NewMeToo,
) -> Result<Counted> {
    // Held first, so that nobody joins unseen while everybody is being told that it is over.
    let issue = known_issues::hold(write, new.issue)?;
    if !issue.public {
        return Err(Error::NotFound);
    }
    let names = super::reports::list::window_names(write.connection, [issue.window_id].into_iter())?;
    let window = issue.window_id.and_then(|id| names.get(&id)).map(|w| w.slug.clone());
    let hash = person.hash(instance, issue.id);
    if let Some(known) = known(write.connection, issue.id, &hash)? {
        return Ok(Counted { id: known.id, first: false, window, status: known.status(&issue) });
    }
    if !issue.status.is_open() {
        return Err(Error::conflict("known-issue-resolved"));
    }
    let id: i64 = diesel::insert_into(me_toos::table)
        .values((
            me_toos::known_issue_id.eq(issue.id),
            me_toos::person_hash.eq(&hash),
            me_toos::language.eq(new.language),
            me_toos::source.eq(new.source),
            me_toos::created_at.eq(write.now),
            me_toos::link_hash.eq(""),
            me_toos::code_hash.eq(""),
        ))
        .returning(me_toos::id)
        .get_result(write.connection)?;
    let receipt = person.receipt(instance, MeTooReference(id));
    diesel::update(me_toos::table.find(id))
        .set((
            me_toos::link_hash.eq(secret::hash(&receipt.link)),
            me_toos::code_hash.eq(secret::hash(&receipt.code)),
        ))
        .execute(write.connection)?;
    diesel::insert_into(me_too_contents::table)
        .values((
            me_too_contents::me_too_id.eq(id),
            me_too_contents::phone.eq(&new.contact.phone),
            me_too_contents::email.eq(&new.contact.email),
        ))
        .execute(write.connection)?;
    append(write, NewEvent::new(id, EventKind::Received))?;
    known_issues::count(write, issue.id, 0, 1)?;
    super::changes::announce(write, super::changes::Kind::Report, issue.window_id)?;
    let status = me_too_status(issue.status, false, None);
    Ok(Counted { id, first: true, window, status })
}

fn known(connection: &mut Db, issue: i64, hash: &str) -> Result<Option<MeToo>> {
    Ok(me_toos::table
        .filter(me_toos::known_issue_id.eq(issue))
        .filter(me_toos::person_hash.eq(hash))
        .select(MeToo::as_select())
        .first(connection)
        .optional()?)
}

/// The person's me-too of this known issue, if they were counted.
pub fn of_person(
    connection: &mut Db,
    instance: &InstanceKey,
    person: &Person,
    issue: i64,
) -> Result<Option<MeToo>> {
    known(connection, issue, &person.hash(instance, issue))
}

/// The me-too with this number. [`Error::NotFound`] if there is none.
pub fn by_id(connection: &mut Db, id: i64) -> Result<MeToo> {
    Ok(me_toos::table.find(id).select(MeToo::as_select()).first(connection)?)
}

/// One thing that happened to a me-too, in the words of reports.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = me_too_events)]
pub struct Event {
    /// Rises with time.
    pub id: i64,
    /// The me-too's number.
    pub me_too_id: i64,
    /// What happened.
    pub kind: EventKind,
    /// What it became: a verdict.
    pub became: Option<String>,
    /// What was written, if anything; gone once it is erased.
    pub content: Option<String>,
    /// The person who did it; nothing for the holder and for programs.
    pub author_id: Option<i64>,
    /// When.
    pub at: Instant,
}

/// Something that just happened to a me-too.
#[derive(Debug, Clone, Copy)]
pub(super) struct NewEvent<'a> {
    me_too: i64,
    kind: EventKind,
    became: Option<&'a str>,
    content: Option<&'a str>,
    author: Option<i64>,
}

impl<'a> NewEvent<'a> {
    fn new(me_too: i64, kind: EventKind) -> NewEvent<'a> {
        NewEvent { me_too, kind, became: None, content: None, author: None }
    }
}

pub(super) fn append(write: &mut Write<'_>, event: NewEvent<'_>) -> Result<()> {
    diesel::insert_into(me_too_events::table)
        .values((
            me_too_events::me_too_id.eq(event.me_too),
            me_too_events::kind.eq(event.kind),
            me_too_events::became.eq(event.became),
            me_too_events::content.eq(event.content),
            me_too_events::author_id.eq(event.author),
            me_too_events::at.eq(write.now),
        ))
        .execute(write.connection)?;
    Ok(())
}

/// Notes that somebody wrote, or says that it is not fixed, and waits for an answer since.
fn note_wrote(write: &mut Write<'_>, id: i64) -> Result<()> {
    each_database!(&mut *write.connection, c => diesel::insert_into(me_too_wrote::table)
        .values((me_too_wrote::me_too_id.eq(id), me_too_wrote::at.eq(write.now)))
        .on_conflict_do_nothing()
        .execute(c))?;
    Ok(())
}

/// Notes that they were answered, or do not wait any more.
fn answered(write: &mut Write<'_>, id: i64) -> Result<()> {
    diesel::delete(me_too_wrote::table.find(id)).execute(write.connection)?;
    Ok(())
}

/// Everything that happened to a me-too, oldest first.
pub fn events(connection: &mut Db, id: i64) -> Result<Vec<Event>> {
    Ok(me_too_events::table
        .filter(me_too_events::me_too_id.eq(id))
        .order(me_too_events::id)
        .select(Event::as_select())
        .load(connection)?)
}

/// Tells a person that their known issue is resolved. One that was erased is only noted as told.
/// The caller sees to it that this happens once for each resolution.
pub(super) fn tell(
    write: &mut Write<'_>,
    id: i64,
    resolution: i64,
    author: Option<i64>,
    words: &str,
) -> Result<()> {
    diesel::update(me_toos::table.find(id))
        .set((
            me_toos::resolution_id.eq(resolution),
            me_toos::told_at.eq(write.now),
            me_toos::verdict.eq(None::<Verdict>),
            me_toos::verdict_at.eq(None::<Instant>),
        ))
        .execute(write.connection)?;
    answered(write, id)?;
    let there: Option<i64> = me_too_contents::table
        .find(id)
        .select(me_too_contents::me_too_id)
        .first(write.connection)
        .optional()?;
    if there.is_some() {
        let event = NewEvent::new(id, EventKind::Answer);
        append(write, NewEvent { content: Some(words), author, ..event })?;
    }
    Ok(())
}
