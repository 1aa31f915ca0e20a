//! How support is reached, when it is there, and by when it therefore answers.

use std::collections::BTreeSet;
use std::fmt;

use chrono::{Datelike, Days, NaiveDate, NaiveTime, TimeDelta};
use serde::ser::SerializeStruct;

use crate::domain::fields::{FieldError, FieldErrors};
use crate::domain::instant::Instant;
use crate::domain::line::Line;
use crate::domain::zone::Zone;

/// Most contacts of a window.
pub const CONTACTS_MAX: usize = 10;
/// Longest value of a contact, in characters.
pub const CONTACT_VALUE_MAX: usize = 200;
/// Longest label of a contact, in characters.
pub const CONTACT_LABEL_MAX: usize = 60;
/// Most slots of support hours.
pub const SLOTS_MAX: usize = 28;
/// How many days ahead an opening is looked for and a promise made.
pub const HORIZON_DAYS: usize = 370;

const DAY_MINUTES: u16 = 1_440;

crate::codes! {
    /// By what means a contact is reached.
    pub enum ContactKind {
        /// A telephone number.
        Phone = "phone",
        /// An e-mail address.
        Email = "email",
        /// An address on the web.
        Link = "link",
        /// A group or an account in a chat app.
        Chat = "chat",
        /// Anything else, such as a counter.
        Other = "other",
    }
}

/// A time of the day in minutes after midnight, 0–1440, written `09:00`; 1440 is `24:00`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MinuteOfDay(u16);

impl MinuteOfDay {
    /// Reads `09:00`, up to `24:00`. Errors: `bad-clock-time`.
    pub fn parse(field: &str, text: &str) -> Result<MinuteOfDay, FieldErrors> {
        let two = |t: &str| {
            (t.len() == 2 && t.bytes().all(|b| b.is_ascii_digit())).then(|| t.parse::<u16>().ok())?
        };
        text.trim()
            .split_once(':')
            .and_then(|(hour, minute)| Some((two(hour)?, two(minute)?)))
            .filter(|(hour, minute)| *minute < 60 && hour * 60 + minute <= DAY_MINUTES)
            .map(|(hour, minute)| MinuteOfDay(hour * 60 + minute))
            .ok_or_else(|| FieldErrors::one(field, "bad-clock-time"))
    }

    /// Minutes after midnight.
    pub fn minutes(self) -> u16 {
        self.0
    }
}

impl fmt::Display for MinuteOfDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.0 / 60, self.0 % 60)
    }
}

impl serde::Serialize for MinuteOfDay {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Hours on some days of the week during which somebody is there.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Slot {
    /// The days on which it begins, Monday 1 to Sunday 7; at least one.
    pub days: BTreeSet<u8>,
    /// When it begins.
    pub from: MinuteOfDay,
    /// When it ends. At or before `from`, that is on the next day; equal to it is a whole day.
    pub to: MinuteOfDay,
}

/// The hours of support in the clocks of a zone.
///
/// As JSON: `{"time_zone":"Asia/Shanghai","slots":[{"days":[1,2,3,4,5],"from":"09:00","to":"18:00"}]}`.
/// Slots may overlap; time that two of them share counts once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SupportHours {
    /// In whose clocks the slots are meant.
    pub zone: Zone,
    /// The slots; at least one.
    pub slots: Vec<Slot>,
}

/// A slot as it is typed or stored.
#[derive(Debug, Clone, serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SlotInput {
    /// Days of the week on which it begins, Monday 1 to Sunday 7.
    pub days: Vec<u8>,
    /// `09:00`.
    pub from: String,
    /// `18:00`; at or before `from` it ends on the next day, up to `24:00`.
    pub to: String,
}

/// Support hours as they are typed or stored.
#[derive(Debug, Clone, serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SupportHoursInput {
    /// An IANA time zone.
    pub time_zone: String,
    /// When somebody is there.
    pub slots: Vec<SlotInput>,
}

impl SupportHours {
    /// Checks hours; `field` is what theirs begin with, e.g. `support.hours`.
    ///
    /// Errors: `required`, `unknown-zone` at `{field}.time_zone`; `required`, `too-many` (`max`) at
    /// `{field}.slots`; `required`, `bad-weekday` at `{field}.slots.0.days`; `bad-clock-time` at
    /// `{field}.slots.0.from` and `.to`; a beginning at 24:00 is one too.
    pub fn parse(field: &str, input: SupportHoursInput) -> Result<SupportHours, FieldErrors> {
        let mut errors = FieldErrors::new();
        let zone = errors.keep(Zone::parse(&format!("{field}.time_zone"), &input.time_zone));
        count(&mut errors, &format!("{field}.slots"), input.slots.len(), SLOTS_MAX);
        if input.slots.is_empty() {
            errors.add(format!("{field}.slots"), "required");
        }
        let mut slots = Vec::new();
        for (i, slot) in input.slots.into_iter().take(SLOTS_MAX).enumerate() {
            let days_field = format!("{field}.slots.{i}.days");
            if slot.days.is_empty() {
                errors.add(&*days_field, "required");
            } else if slot.days.iter().any(|d| !(1..=7).contains(d)) {
                errors.add(&*days_field, "bad-weekday");
            }
            let from_field = format!("{field}.slots.{i}.from");
            let from = errors.keep(MinuteOfDay::parse(&from_field, &slot.from));
            if from == Some(MinuteOfDay(DAY_MINUTES)) {
                errors.add(from_field, "bad-clock-time");
            }
            let to = errors.keep(MinuteOfDay::parse(&format!("{field}.slots.{i}.to"), &slot.to));
            if let (Some(from), Some(to)) = (from, to) {
                slots.push(Slot { days: slot.days.into_iter().collect(), from, to });
            }
        }
        match zone {
            Some(zone) => errors.or(SupportHours { zone, slots }),
            None => Err(errors),
        }
    }

    /// Whether somebody is there at the moment. The moment a slot ends is no longer in it.
    pub fn is_open(&self, at: Instant) -> bool {
        self.next_open(at) == Some(at)
    }

    /// The first moment from `at` on at which somebody is there: `at` itself if so. Nothing if that
    /// is further away than [`HORIZON_DAYS`] or than time is counted here.
    pub fn next_open(&self, at: Instant) -> Option<Instant> {
        self.open_from(at).next().map(|(start, _)| start)
    }

    /// By when an answer is promised that takes `minutes` of open time from `at` on; at most 0 gives
    /// [`SupportHours::next_open`]. One that is due when a slot ends is due then, not at the next
    /// opening. Nothing if there is not that much open time within [`HORIZON_DAYS`].
    pub fn promise(&self, at: Instant, minutes: i64) -> Option<Instant> {
        self.promise_of(at, TimeDelta::try_minutes(minutes.max(0)).unwrap_or(TimeDelta::MAX))
    }

    /// [`SupportHours::promise`] for open time that need not be whole minutes.
    pub fn promise_of(&self, at: Instant, open: TimeDelta) -> Option<Instant> {
        let mut left = open.max(TimeDelta::zero());
        self.open_from(at).find_map(|(start, end)| {
            let lasts = end - start;
            if left <= lasts {
                return Some(start + left);
            }
            left -= lasts;
            None
        })
    }

    /// How much open time lies from `from` on before `to`, as far as [`HORIZON_DAYS`].
    pub fn open_between(&self, from: Instant, to: Instant) -> TimeDelta {
        let within = self.open_from(from).take_while(|(start, _)| *start < to);
        within.fold(TimeDelta::zero(), |sum, (start, end)| sum + (end.min(to) - start))
    }

    /// The open time from `at` on, piece by piece: none empty, none overlapping, in order of time.
    fn open_from(&self, at: Instant) -> impl Iterator<Item = (Instant, Instant)> + '_ {
        let today = self.zone.local_date(at);
        // A slot that began two days ago may still last where a zone skipped the day between.
        let first = today.checked_sub_days(Days::new(2)).unwrap_or(NaiveDate::MIN);
        let mut done = at;
        first.iter_days().take(HORIZON_DAYS + 2).flat_map(|date| self.opened_on(date)).filter_map(
            move |(start, end)| {
                let start = start.max(done);
                done = done.max(end);
                (start < end).then_some((start, end))
            },
        )
    }

    /// The slots that begin on the date, in order of their beginning. Clock times that are skipped
    /// are taken as the moment clocks jump, those shown twice as the first, so that slots which
    /// touch on the clock touch in time.
    fn opened_on(&self, date: NaiveDate) -> Vec<(Instant, Instant)> {
        let weekday = date.weekday().number_from_monday() as u8;
        let reached = |minutes: u16| {
            let midnight = date.and_time(NaiveTime::MIN);
            let local = midnight.checked_add_signed(TimeDelta::minutes(minutes.into()));
            local.map_or(Instant::MAX, |local| self.zone.reached(local))
        };
        let mut opened: Vec<(Instant, Instant)> = self
            .slots
            .iter()
            .filter(|slot| slot.days.contains(&weekday))
            .map(|slot| {
                let next_day = if slot.to <= slot.from { DAY_MINUTES } else { 0 };
                (reached(slot.from.0), reached(slot.to.0 + next_day))
            })
            .collect();
        opened.sort();
        opened
    }
}

impl serde::Serialize for SupportHours {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut hours = serializer.serialize_struct("SupportHours", 2)?;
        hours.serialize_field("time_zone", &self.zone)?;
        hours.serialize_field("slots", &self.slots)?;
        hours.end()
    }
}

fn count(errors: &mut FieldErrors, field: &str, count: usize, max: usize) {
    if count > max {
        errors.add_with(field, "too-many", [("max", max.to_string()), ("count", count.to_string())]);
    }
}

/// One way to reach support.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Contact {
    /// By what means.
    pub kind: ContactKind,
    /// Whose or what it is, if that needs saying.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<Line>,
    /// The number, address or name.
    pub value: Line,
}

/// A contact as it is typed or stored.
#[derive(Debug, Clone, serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ContactInput {
    /// `phone`, `email`, `link`, `chat` or `other`.
    pub kind: String,
    /// Whose or what it is, at most 60 characters.
    #[serde(default)]
    pub label: Option<String>,
    /// The number, address or name, at most 200 characters.
    pub value: String,
}

impl Contact {
    /// Checks a contact; `field` is what its fields begin with, e.g. `support.contacts.0`.
    ///
    /// Errors: `unknown-code` (`codes`) at `{field}.kind`; `too-long`, `control-character` at
    /// `{field}.label`; those, `required`, `bad-phone`, `bad-email` and `bad-link` at
    /// `{field}.value`.
    pub fn parse(field: &str, input: ContactInput) -> Result<Contact, FieldErrors> {
        let mut errors = FieldErrors::new();
        let kind = ContactKind::from_code(&input.kind);
        if kind.is_none() {
            let codes = ContactKind::ALL.iter().map(|k| k.code()).collect::<Vec<_>>().join(", ");
            errors.add_with(format!("{field}.kind"), "unknown-code", [("codes", codes)]);
        }
        let label = input.label.unwrap_or_default();
        let label =
            errors.keep(Line::optional(&format!("{field}.label"), &label, CONTACT_LABEL_MAX)).flatten();
        let value_field = format!("{field}.value");
        let value = errors.keep(Line::required(&value_field, &input.value, CONTACT_VALUE_MAX));
        if let (Some(kind), Some(value)) = (kind, &value) {
            let text = value.as_str();
            match kind {
                // Numbers are written in many ways, with extensions in words: only digits are asked for.
                ContactKind::Phone if text.chars().filter(char::is_ascii_digit).count() < 3 => {
                    errors.add(value_field, "bad-phone");
                }
                ContactKind::Email if !is_email(text) => errors.add(value_field, "bad-email"),
                ContactKind::Link if !is_web_link(text) => errors.add(value_field, "bad-link"),
                _ => {}
            }
        }
        match (kind, value) {
            (Some(kind), Some(value)) => errors.or(Contact { kind, label, value }),
            _ => Err(errors),
        }
    }

    /// What a page may link the contact to; never any scheme but `http`, `https`, `mailto`, `tel`.
    /// A number with anything but digits and the usual marks between them is not linked, since
    /// what it would dial is a guess.
    pub fn href(&self) -> Option<String> {
        let value = self.value.as_str();
        match self.kind {
            ContactKind::Phone => {
                let plain = value.chars().all(|c| c.is_ascii_digit() || "+-() .".contains(c));
                let dialled = value.chars().filter(|c| c.is_ascii_digit() || *c == '+').collect::<String>();
                plain.then(|| format!("tel:{dialled}"))
            }
            ContactKind::Email => Some(format!("mailto:{value}")),
            ContactKind::Link | ContactKind::Chat | ContactKind::Other => {
                is_web_link(value).then(|| value.to_owned())
            }
        }
    }
}

/// Whether a text is an address with `http` or `https`, a host, and neither blanks nor a user name.
fn is_web_link(text: &str) -> bool {
    let after = |scheme: &str| {
        text.get(..scheme.len()).filter(|s| s.eq_ignore_ascii_case(scheme)).map(|_| &text[scheme.len()..])
    };
    let Some(rest) = after("https://").or_else(|| after("http://")) else { return false };
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    host.starts_with(|c: char| c.is_alphanumeric() || c == '[')
        && !host.contains('@')
        && !text.contains(|c: char| c.is_whitespace() || matches!(c, '"' | '<' | '>' | '\\' | '`'))
}

/// Whether a text has the shape of an address; only sending to it tells whether it is one.
fn is_email(text: &str) -> bool {
    let bad = |c: char| c.is_whitespace() || matches!(c, '"' | '<' | '>' | ',' | ';' | '?' | '&' | ':');
    text.split_once('@').is_some_and(|(user, host)| {
        !user.is_empty()
            && host.split('.').count() > 1
            && host.split('.').all(|label| !label.is_empty())
            && !host.contains('@')
    }) && !text.contains(bad)
}

/// How and when support is reached around a window; as JSON
/// `{"contacts":[{"kind":"phone","label":"…","value":"…"}],"hours":{…}}`.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
pub struct Support {
    /// The ways to reach it, the preferred one first.
    pub contacts: Vec<Contact>,
    /// When somebody is there; nothing if that is not said.
    pub hours: Option<SupportHours>,
}

/// Support as it is typed or stored.
#[derive(Debug, Clone, Default, serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SupportInput {
    /// The ways to reach it, the preferred one first; at most 10.
    #[serde(default)]
    pub contacts: Vec<ContactInput>,
    /// When somebody is there.
    #[serde(default)]
    pub hours: Option<SupportHoursInput>,
}

impl Support {
    /// Checks support; `field` is what its fields begin with, e.g. `support`. Errors: `too-many`
    /// (`max`, `count`) at `{field}.contacts`, and those of [`Contact::parse`] and
    /// [`SupportHours::parse`].
    pub fn parse(field: &str, input: SupportInput) -> Result<Support, FieldErrors> {
        let mut errors = FieldErrors::new();
        count(&mut errors, &format!("{field}.contacts"), input.contacts.len(), CONTACTS_MAX);
        let contacts = (input.contacts.into_iter().take(CONTACTS_MAX).enumerate())
            .filter_map(|(i, contact)| errors.keep(Contact::parse(&format!("{field}.contacts.{i}"), contact)))
            .collect();
        let hours = match input.hours {
            Some(hours) => errors.keep(SupportHours::parse(&format!("{field}.hours"), hours)),
            None => None,
        };
        errors.or(Support { contacts, hours })
    }

    /// Reads the JSON that is stored. Errors: `bad-json` (`reason`, for logs), and those of
    /// [`Support::parse`].
    pub fn from_json(field: &str, json: &str) -> Result<Support, FieldErrors> {
        let input = serde_json::from_str(json).map_err(|reason| {
            let params = [("reason", reason.to_string())].into();
            FieldErrors(vec![FieldError { field: field.to_owned(), code: "bad-json", params }])
        })?;
        Self::parse(field, input)
    }

    /// The JSON to store.
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).expect("support has only text keys")
    }

    /// By when an answer is promised to a report received at `at`, if hours are given.
    pub fn promise(&self, at: Instant, minutes: i64) -> Option<Instant> {
        self.hours.as_ref().and_then(|hours| hours.promise(at, minutes))
    }
}

#[cfg(test)]
mod tests;
