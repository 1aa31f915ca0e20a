//! IANA time zones, local times as people type them, and what happens to both when clocks change.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, NaiveTime, Offset, TimeDelta, TimeZone};
use chrono_tz::{GapInfo, Tz};

use crate::domain::fields::FieldErrors;
use crate::domain::instant::Instant;

/// First year in which a typed time is accepted.
pub const YEAR_MIN: i32 = 1970;
/// Last year in which a typed time is accepted.
pub const YEAR_MAX: i32 = 2200;

crate::codes! {
    /// Which of two moments is meant when clocks were set back and a local time occurs twice.
    pub enum Fold {
        /// The first of the two, before clocks were set back.
        Earlier = "earlier",
        /// The second of the two, after clocks were set back.
        Later = "later",
    }
}

/// A time zone of the IANA database, known by its name.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Zone(Tz);

impl Zone {
    /// What is to stand in its place, for readers.
    pub const EXPECTED: &str = "the IANA name of a time zone";

    /// Coordinated universal time.
    pub const UTC: Zone = Zone(Tz::UTC);

    /// The zone with this name, e.g. `Asia/Shanghai`. Errors: `required`, `unknown-zone` (`zone`).
    pub fn parse(field: &str, name: &str) -> Result<Zone, FieldErrors> {
        let name = name.trim();
        if name.is_empty() {
            return Err(FieldErrors::one(field, "required"));
        }
        name.parse().map_err(|UnknownZone| {
            let mut errors = FieldErrors::new();
            errors.add_with(field, "unknown-zone", [("zone", name.chars().take(60).collect())]);
            errors
        })
    }

    /// Every zone's name, in the database's order, for a list to choose from.
    pub fn names() -> impl Iterator<Item = &'static str> {
        chrono_tz::TZ_VARIANTS.iter().map(|tz| tz.name())
    }

    /// The name, e.g. `Asia/Shanghai`.
    pub fn name(self) -> &'static str {
        self.0.name()
    }

    /// The same zone for chrono.
    pub fn tz(self) -> Tz {
        self.0
    }

    /// The moment that a typed local time stands for.
    ///
    /// Errors: those of [`LocalTime::parse`] and of [`Zone::moment`].
    pub fn resolve(self, field: &str, local: &str, fold: Option<Fold>) -> Result<Instant, FieldErrors> {
        self.moment(field, LocalTime::parse(field, local)?, fold)
    }

    /// The moment that a local time stands for; `fold` is heeded only where the time occurs twice.
    ///
    /// Errors: `time-in-gap` (`zone`, `time`, `gap_start`, `gap_end`: local times, clocks jump from
    /// the one to the other), `time-ambiguous` (`zone`, `time`, `earlier`, `later`: the two offsets).
    pub fn moment(self, field: &str, local: LocalTime, fold: Option<Fold>) -> Result<Instant, FieldErrors> {
        let mut errors = FieldErrors::new();
        match self.0.from_local_datetime(&local.0) {
            chrono::LocalResult::Single(time) => return Ok(held(&time)),
            chrono::LocalResult::Ambiguous(a, b) => {
                let (earlier, later) = if a <= b { (a, b) } else { (b, a) };
                match fold {
                    Some(Fold::Earlier) => return Ok(held(&earlier)),
                    Some(Fold::Later) => return Ok(held(&later)),
                    None => errors.add_with(
                        field,
                        "time-ambiguous",
                        [
                            ("zone", self.name().to_owned()),
                            ("time", local.to_string()),
                            ("earlier", self.offset_label(held(&earlier))),
                            ("later", self.offset_label(held(&later))),
                        ],
                    ),
                }
            }
            chrono::LocalResult::None => {
                let gap = GapInfo::new(&local.0, &self.0);
                let start = gap.as_ref().and_then(|g| g.begin.as_ref()).map_or(local.0, |(t, _)| *t);
                let end = gap.as_ref().and_then(|g| g.end.as_ref()).map_or(local.0, DateTime::naive_local);
                errors.add_with(
                    field,
                    "time-in-gap",
                    [
                        ("zone", self.name().to_owned()),
                        ("time", local.to_string()),
                        ("gap_start", LocalTime(start).to_string()),
                        ("gap_end", LocalTime(end).to_string()),
                    ],
                );
            }
        }
        Err(errors)
    }

    /// What clocks in this zone show at the moment.
    pub fn local(self, at: Instant) -> NaiveDateTime {
        self.0.from_utc_datetime(&at.utc().naive_utc()).naive_local()
    }

    /// The date in this zone at the moment.
    pub fn local_date(self, at: Instant) -> NaiveDate {
        self.local(at).date()
    }

    /// How a `datetime-local` field of a form shows the moment, in whole seconds and without them
    /// where there are none, e.g. `2026-11-22T02:31`.
    pub fn form_value(self, at: Instant) -> String {
        let local = self.local(at);
        local
            .format(if local.and_utc().timestamp() % 60 == 0 {
                "%Y-%m-%dT%H:%M"
            } else {
                "%Y-%m-%dT%H:%M:%S"
            })
            .to_string()
    }

    /// Which of two equal local times the moment is, or nothing if its local time occurs once. A
    /// form that shows the moment again sends this with it, so that nothing has to be asked twice.
    pub fn fold(self, at: Instant) -> Option<Fold> {
        match self.0.from_local_datetime(&self.local(at)) {
            chrono::LocalResult::Ambiguous(a, b) => {
                Some(if held(&a).min(held(&b)) == at { Fold::Earlier } else { Fold::Later })
            }
            _ => None,
        }
    }

    /// Seconds that clocks in this zone are ahead of UTC at the moment.
    pub fn offset_seconds(self, at: Instant) -> i32 {
        self.0.offset_from_utc_datetime(&at.utc().naive_utc()).fix().local_minus_utc()
    }

    /// How far clocks are ahead of UTC at the moment: `UTC+8`, `UTC-04:30`, and `UTC` for nothing.
    pub fn offset_label(self, at: Instant) -> String {
        let seconds = self.offset_seconds(at);
        let sign = if seconds < 0 { '-' } else { '+' };
        let (hours, minutes, rest) = (seconds.abs() / 3_600, seconds.abs() / 60 % 60, seconds.abs() % 60);
        match (hours, minutes, rest) {
            (0, 0, 0) => "UTC".to_owned(),
            (h, 0, 0) => format!("UTC{sign}{h}"),
            (h, m, 0) => format!("UTC{sign}{h:02}:{m:02}"),
            (h, m, s) => format!("UTC{sign}{h:02}:{m:02}:{s:02}"),
        }
    }

    /// The first moment at which clocks show this local time or, if they skip it, the moment they
    /// jump past it. Later local times never give earlier moments, so days and shifts cut with this
    /// neither overlap nor leave anything out. Outside the years 1–9999 it is held within them.
    pub fn reached(self, local: NaiveDateTime) -> Instant {
        // A zone is at most a day away from UTC: two days from either end nothing can overflow.
        let first = Instant::MIN.utc().naive_utc() + TimeDelta::days(2);
        let last = Instant::MAX.utc().naive_utc() - TimeDelta::days(2);
        if local < first {
            return Instant::MIN;
        }
        if local > last {
            return Instant::MAX;
        }
        match self.0.from_local_datetime(&local) {
            chrono::LocalResult::Single(time) => held(&time),
            chrono::LocalResult::Ambiguous(a, b) => held(&a).min(held(&b)),
            chrono::LocalResult::None => {
                match GapInfo::new(&local, &self.0).and_then(|gap| gap.end) {
                    Some(end) => held(&end),
                    // Not seen: a gap always has an end. Reading the time as UTC is at most a day off.
                    None => Instant::from_utc(local.and_utc()).unwrap_or(Instant::MAX),
                }
            }
        }
    }

    /// From the first moment of the date (included) to the first of the next one (excluded).
    ///
    /// Days tile time: midnight in a gap gives the moment clocks jump, midnight shown twice gives
    /// the first, and a date that the zone skipped altogether is empty.
    pub fn day_bounds(self, date: NaiveDate) -> (Instant, Instant) {
        let start = self.reached(date.and_time(NaiveTime::MIN));
        let end = date.succ_opt().map_or(Instant::MAX, |next| self.reached(next.and_time(NaiveTime::MIN)));
        (start, end)
    }
}

/// The accepted moment nearest to chrono's.
fn held(time: &DateTime<Tz>) -> Instant {
    Instant::from_utc(time.to_utc()).unwrap_or(if time.year() < YEAR_MIN {
        Instant::MIN
    } else {
        Instant::MAX
    })
}

/// A name that the IANA database does not know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("unknown time zone")]
pub struct UnknownZone;

impl FromStr for Zone {
    type Err = UnknownZone;
    fn from_str(name: &str) -> Result<Zone, UnknownZone> {
        name.parse::<Tz>().map(Zone).map_err(|_| UnknownZone)
    }
}

impl fmt::Display for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Debug for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Zone({})", self.name())
    }
}

impl serde::Serialize for Zone {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl<'de> serde::Deserialize<'de> for Zone {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Zone, D::Error> {
        let name = String::deserialize(deserializer)?;
        let unknown = |_| serde::de::Error::invalid_value(serde::de::Unexpected::Str(&name), &Zone::EXPECTED);
        name.parse().map_err(unknown)
    }
}

/// A date and time without zone, of the years 1970–2200, as a browser's `datetime-local` sends it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LocalTime(NaiveDateTime);

impl LocalTime {
    /// Reads `2026-11-22T02:31` with optional seconds and fractions, and a blank in place of the T.
    /// Years may have up to six digits, because browsers send such ones; fractions are truncated to
    /// microseconds.
    ///
    /// Errors: `required`, `bad-time`, `impossible-date` (`date`), `time-out-of-range` (`min`, `max`:
    /// years).
    pub fn parse(field: &str, text: &str) -> Result<LocalTime, FieldErrors> {
        let text = text.trim();
        if text.is_empty() {
            return Err(FieldErrors::one(field, "required"));
        }
        let bad = || FieldErrors::one(field, "bad-time");
        let (date, time) = text.split_once(['T', 't', ' ']).ok_or_else(bad)?;
        let (year, month, day) = date_digits(date).ok_or_else(bad)?;
        let time = clock(time).ok_or_else(bad)?;
        if !(1..=12).contains(&month) || !(1..=31).contains(&day) {
            return Err(impossible(field, date));
        }
        if !(YEAR_MIN..=YEAR_MAX).contains(&year) {
            return Err(out_of_range(field));
        }
        let date = NaiveDate::from_ymd_opt(year, month, day).ok_or_else(|| impossible(field, date))?;
        Ok(LocalTime(date.and_time(time)))
    }

    /// The same for chrono.
    pub fn naive(self) -> NaiveDateTime {
        self.0
    }
}

impl fmt::Display for LocalTime {
    /// `2026-11-22 02:31`, with seconds only if there are any.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let format =
            if self.0.and_utc().timestamp() % 60 == 0 { "%Y-%m-%d %H:%M" } else { "%Y-%m-%d %H:%M:%S" };
        write!(f, "{}", self.0.format(format))
    }
}

/// Reads `2026-11-22`, a date without time, as a browser's `date` field sends it.
///
/// Errors: `required`, `bad-date`, `impossible-date` (`date`), `time-out-of-range` (`min`, `max`:
/// years).
pub fn parse_date(field: &str, text: &str) -> Result<NaiveDate, FieldErrors> {
    let text = text.trim();
    if text.is_empty() {
        return Err(FieldErrors::one(field, "required"));
    }
    let (year, month, day) = date_digits(text).ok_or_else(|| FieldErrors::one(field, "bad-date"))?;
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return Err(impossible(field, text));
    }
    if !(YEAR_MIN..=YEAR_MAX).contains(&year) {
        return Err(out_of_range(field));
    }
    NaiveDate::from_ymd_opt(year, month, day).ok_or_else(|| impossible(field, text))
}

/// A moment that was typed with its offset, if it lies in the years that are accepted.
/// Errors: `time-out-of-range` (`min`, `max`: years).
pub fn in_range(field: &str, at: Instant) -> Result<Instant, FieldErrors> {
    // Counted in UTC, because an offset names no zone: within a day of what a typed local time may be.
    if (YEAR_MIN..=YEAR_MAX).contains(&at.utc().year()) { Ok(at) } else { Err(out_of_range(field)) }
}

fn impossible(field: &str, date: &str) -> FieldErrors {
    let mut errors = FieldErrors::new();
    errors.add_with(field, "impossible-date", [("date", date.to_owned())]);
    errors
}

fn out_of_range(field: &str) -> FieldErrors {
    let mut errors = FieldErrors::new();
    errors.add_with(
        field,
        "time-out-of-range",
        [("min", YEAR_MIN.to_string()), ("max", YEAR_MAX.to_string())],
    );
    errors
}

fn digits(text: &str, min: usize, max: usize) -> Option<u32> {
    let fits = (min..=max).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    if fits { text.parse().ok() } else { None }
}

fn date_digits(text: &str) -> Option<(i32, u32, u32)> {
    let mut parts = text.split('-');
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() {
        return None;
    }
    Some((i32::try_from(digits(year, 4, 6)?).ok()?, digits(month, 2, 2)?, digits(day, 2, 2)?))
}

fn clock(text: &str) -> Option<NaiveTime> {
    let mut parts = text.split(':');
    let (hour, minute) = (digits(parts.next()?, 2, 2)?, digits(parts.next()?, 2, 2)?);
    let (second, micros) = match parts.next() {
        None => (0, 0),
        Some(seconds) => match seconds.split_once('.') {
            None => (digits(seconds, 2, 2)?, 0),
            Some((whole, fraction)) => {
                digits(fraction, 1, 9)?;
                let micros: String = fraction.chars().chain("000000".chars()).take(6).collect();
                (digits(whole, 2, 2)?, micros.parse().ok()?)
            }
        },
    };
    if parts.next().is_some() {
        return None;
    }
    NaiveTime::from_hms_micro_opt(hour, minute, second, micros)
}

#[cfg(test)]
mod tests;
