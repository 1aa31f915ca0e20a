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
        let mut left = TimeDelta::try_minutes(minutes.max(0)).unwrap_or(TimeDelta::MAX);
        self.open_from(at).find_map(|(start, end)| {
            let lasts = end - start;
            if left <= lasts {
                return Some(start + left);
            }
            left -= lasts;
            None
        })
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
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(text: &str) -> Instant {
        Instant::parse_rfc3339(text).unwrap()
    }

    fn hours(json: &str) -> SupportHours {
        SupportHours::parse("hours", serde_json::from_str(json).unwrap()).unwrap()
    }

    fn office() -> SupportHours {
        hours(r#"{"time_zone":"Asia/Shanghai","slots":[{"days":[1,2,3,4,5],"from":"09:00","to":"18:00"}]}"#)
    }

    #[test]
    fn an_answer_is_promised_in_open_time() {
        let office = office();
        // 2026-11-20 is a Friday.
        let friday = at("2026-11-20T17:30:00+08:00");
        assert!(office.is_open(friday));
        assert!(!office.is_open(at("2026-11-20T18:00:00+08:00")));
        assert_eq!(office.promise(friday, 30), Some(at("2026-11-20T18:00:00+08:00")));
        assert_eq!(office.promise(friday, 60), Some(at("2026-11-23T09:30:00+08:00")));
        assert_eq!(office.next_open(at("2026-11-22T02:31:00+08:00")), Some(at("2026-11-23T09:00:00+08:00")));
        assert_eq!(
            office.promise(at("2026-11-22T02:31:00+08:00"), 0),
            office.next_open(at("2026-11-22T02:31:00+08:00"))
        );
        assert_eq!(office.promise(friday, i64::MAX), None);
        assert_eq!(office.next_open(Instant::MAX), None);
    }

    #[test]
    fn slots_pass_midnight() {
        let night =
            hours(r#"{"time_zone":"Europe/Berlin","slots":[{"days":[6],"from":"22:00","to":"06:00"}]}"#);
        assert!(night.is_open(at("2026-11-22T05:59:59+01:00")));
        assert!(!night.is_open(at("2026-11-22T06:00:00+01:00")));
        assert!(!night.is_open(at("2026-11-21T05:00:00+01:00")));
        // The night in which clocks go back is an hour longer, the one in which they go forward shorter.
        let open = |from| night.open_from(at(from)).next().map(|(a, b)| b.seconds_since(a) / 3_600);
        assert_eq!(open("2026-10-24T12:00:00Z"), Some(9));
        assert_eq!(open("2026-03-28T12:00:00Z"), Some(7));
    }

    #[test]
    fn always_means_always() {
        let always = hours(
            r#"{"time_zone":"America/New_York","slots":[{"days":[1,2,3,4,5,6,7],"from":"00:00","to":"24:00"}]}"#,
        );
        let from = at("2026-10-30T12:34:56Z");
        assert_eq!(always.promise(from, 5 * 1_440), Some(from.plus_hours(120)));
        let twice = hours(
            r#"{"time_zone":"UTC","slots":[{"days":[1,2,3,4,5,6,7],"from":"08:00","to":"08:00"},{"days":[3],"from":"01:00","to":"05:00"}]}"#,
        );
        assert_eq!(twice.promise(from, 8 * 1_440), Some(from.plus_hours(8 * 24)), "shared time counts once");
    }

    #[test]
    fn a_slot_that_clocks_skip_is_no_opening() {
        let gap =
            hours(r#"{"time_zone":"Europe/Berlin","slots":[{"days":[7],"from":"02:00","to":"03:00"}]}"#);
        assert_eq!(gap.next_open(at("2026-03-29T00:00:00+01:00")), Some(at("2026-04-05T02:00:00+02:00")));
    }

    #[test]
    fn what_is_wrong_is_named_at_its_field() {
        let input = r#"{"contacts":[{"kind":"fax","value":"1"},{"kind":"link","value":"javascript:alert(1)"},
            {"kind":"email","value":"a@b"},{"kind":"phone","value":"call us"},{"kind":"chat","value":" "}],
            "hours":{"time_zone":"Mars","slots":[{"days":[0,8],"from":"24:00","to":"9:00"},{"days":[],"from":"09:60","to":"24:01"}]}}"#;
        let errors = Support::from_json("support", input).unwrap_err();
        let found: Vec<_> = errors.0.iter().map(|e| (e.field.as_str(), e.code)).collect();
        assert_eq!(
            found,
            [
                ("support.contacts.0.kind", "unknown-code"),
                ("support.contacts.1.value", "bad-link"),
                ("support.contacts.2.value", "bad-email"),
                ("support.contacts.3.value", "bad-phone"),
                ("support.contacts.4.value", "required"),
                ("support.hours.time_zone", "unknown-zone"),
                ("support.hours.slots.0.days", "bad-weekday"),
                ("support.hours.slots.0.from", "bad-clock-time"),
                ("support.hours.slots.0.to", "bad-clock-time"),
                ("support.hours.slots.1.days", "required"),
                ("support.hours.slots.1.from", "bad-clock-time"),
                ("support.hours.slots.1.to", "bad-clock-time"),
            ]
        );
        let code = |json: &str| Support::from_json("support", json).unwrap_err().0[0].code;
        assert_eq!(code("{"), "bad-json");
        assert_eq!(code(r#"{"phone":1}"#), "bad-json");
        assert_eq!(code(r#"{"hours":{"time_zone":"UTC","slots":[]}}"#), "required");
        let many = [r#"{"kind":"other","value":"x"}"#; 11].join(",");
        assert_eq!(code(&format!(r#"{{"contacts":[{many}]}}"#)), "too-many");
        assert_eq!(
            code(&format!(r#"{{"contacts":[{{"kind":"other","value":"{}"}}]}}"#, "登".repeat(201))),
            "too-long"
        );
    }

    #[test]
    fn support_is_stored_and_read_again() {
        let json = r#"{"contacts":[{"kind":"phone","label":"值班电话","value":"+86 10-1234 5678"},{"kind":"link","value":"https://例子.测试/支持"}],"hours":{"time_zone":"Asia/Shanghai","slots":[{"days":[1,7],"from":"22:00","to":"06:00"}]}}"#;
        let support = Support::from_json("support", json).unwrap();
        assert_eq!(support.to_json(), json);
        assert_eq!(Support::from_json("support", "{}").unwrap(), Support::default());
        let hrefs: Vec<_> = support.contacts.iter().map(|c| c.href().unwrap()).collect();
        assert_eq!(hrefs, ["tel:+861012345678", "https://例子.测试/支持"]);
        let chat = |value: &str| {
            let input = ContactInput { kind: "chat".into(), label: None, value: value.into() };
            Contact::parse("c", input).unwrap().href()
        };
        assert_eq!(chat("javascript://x"), None);
        assert_eq!(chat("HTTPS://chat.example/g"), Some("HTTPS://chat.example/g".into()));
        for link in ["http://", "https:// x", "https://a@b/", "//x", "ftp://x", "登录", "https:///x"] {
            assert!(!is_web_link(link), "{link}");
        }
    }

    fn any_hours() -> impl Strategy<Value = SupportHours> {
        let slot = (prop::collection::btree_set(1u8..=7, 1..7), 0u16..1_440, 0u16..=1_440)
            .prop_map(|(days, from, to)| Slot { days, from: MinuteOfDay(from), to: MinuteOfDay(to) });
        let zones =
            vec!["Asia/Shanghai", "Europe/Berlin", "America/New_York", "America/Sao_Paulo", "Pacific/Apia"];
        (prop::sample::select(zones), prop::collection::vec(slot, 1..4))
            .prop_map(|(zone, slots)| SupportHours { zone: zone.parse().unwrap(), slots })
    }

    proptest! {
        #[test]
        fn open_time_is_in_order_and_true(hours in any_hours(), seconds in 1_200_000_000i64..2_100_000_000) {
            let from = Instant::from_seconds(seconds).unwrap();
            let mut last = from;
            for (start, end) in hours.open_from(from).take(20) {
                prop_assert!(last <= start && start < end);
                prop_assert!(hours.is_open(start));
                last = end;
            }
        }

        #[test]
        fn a_promise_is_kept_in_open_time(hours in any_hours(), seconds in 1_200_000_000i64..2_100_000_000, minutes in 0i64..3_000) {
            let from = Instant::from_seconds(seconds).unwrap();
            if let Some(due) = hours.promise(from, minutes) {
                let open: i64 = hours.open_from(from).take_while(|(start, _)| *start < due)
                    .map(|(start, end)| end.min(due).seconds_since(start)).sum();
                prop_assert_eq!(open, minutes * 60);
                prop_assert!(hours.promise(from, minutes + 1).is_none_or(|later| later > due));
            }
        }

        #[test]
        fn no_moment_panics(hours in any_hours(), micros in Instant::MIN.micros()..=Instant::MAX.micros(), minutes in any::<i64>()) {
            let moment = Instant::from_micros(micros).unwrap();
            for at in [moment, Instant::MIN, Instant::MAX] {
                let _ = (hours.is_open(at), hours.next_open(at), hours.promise(at, minutes));
            }
        }

        #[test]
        fn hours_survive_storage(hours in any_hours()) {
            let support = Support { contacts: vec![], hours: Some(hours) };
            prop_assert_eq!(Support::from_json("s", &support.to_json()), Ok(support));
        }
    }
}
