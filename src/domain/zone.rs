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
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
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
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn zone(name: &str) -> Zone {
        name.parse().unwrap()
    }

    fn code(result: Result<Instant, FieldErrors>) -> &'static str {
        result.unwrap_err().0[0].code
    }

    #[test]
    fn a_typed_time_becomes_a_moment() {
        let shanghai = zone("Asia/Shanghai");
        for text in
            ["2026-11-22T02:31", "2026-11-22 02:31", " 2026-11-22T02:31:00 ", "2026-11-22T02:31:00.000"]
        {
            assert_eq!(shanghai.resolve("t", text, None).unwrap().rfc3339(), "2026-11-21T18:31:00.000Z");
        }
        let precise = shanghai.resolve("t", "2026-11-22T02:31:07.1234567", None).unwrap();
        assert_eq!(precise.rfc3339_micros(), "2026-11-21T18:31:07.123456Z");
    }

    #[test]
    fn what_is_no_time_is_named() {
        let utc = Zone::UTC;
        for text in [
            "x",
            "2026-11-22",
            "2026-11-22T",
            "2026-11-22T2:31",
            "2026-11-22T24:00",
            "2026-11-22T02:60",
            "2026-11-22T02:31:60",
            "2026-11-22T02:31Z",
            "2026-11-22T02:31+08:00",
            "26-11-22T02:31",
            "2026/11/22 02:31",
            "２０２６-11-22T02:31",
            "-2026-11-22T02:31",
            "2026-11-22T02:31:00.",
            "2026-11-22T02:31:00:00",
            "2026-11-22-01T02:31",
            "\u{0}",
        ] {
            assert_eq!(code(utc.resolve("t", text, None)), "bad-time", "{text}");
        }
        assert_eq!(code(utc.resolve("t", " ", None)), "required");
        for text in [
            "2026-02-30T00:00",
            "2027-02-29T00:00",
            "2026-13-01T00:00",
            "2026-00-10T00:00",
            "2026-04-31 10:00",
        ] {
            assert_eq!(code(utc.resolve("t", text, None)), "impossible-date", "{text}");
        }
        for text in ["1969-12-31T23:59", "2201-01-01T00:00", "0000-01-01T00:00", "275760-09-13T00:00"] {
            assert_eq!(code(utc.resolve("t", text, None)), "time-out-of-range", "{text}");
        }
        assert_eq!(Zone::parse("time_zone", "Mars/Olympus").unwrap_err().0[0].code, "unknown-zone");
        assert_eq!(Zone::parse("time_zone", " ").unwrap_err().0[0].code, "required");
    }

    #[test]
    fn a_time_in_a_gap_names_the_gap() {
        let errors = zone("Europe/Berlin").resolve("start", "2026-03-29T02:30", None).unwrap_err();
        let error = &errors.0[0];
        assert_eq!((error.field.as_str(), error.code), ("start", "time-in-gap"));
        assert_eq!(error.params["zone"], "Europe/Berlin");
        assert_eq!(error.params["time"], "2026-03-29 02:30");
        assert_eq!(error.params["gap_start"], "2026-03-29 02:00");
        assert_eq!(error.params["gap_end"], "2026-03-29 03:00");
        // A fold does not open a gap, and the edges of the gap are where clocks really are.
        assert_eq!(
            code(zone("Europe/Berlin").resolve("s", "2026-03-29T02:00", Some(Fold::Later))),
            "time-in-gap"
        );
        assert!(zone("Europe/Berlin").resolve("s", "2026-03-29T03:00", None).is_ok());
        assert_eq!(code(zone("America/New_York").resolve("s", "2026-03-08T02:59:59", None)), "time-in-gap");
    }

    #[test]
    fn an_ambiguous_time_is_asked_back() {
        let new_york = zone("America/New_York");
        let errors = new_york.resolve("start", "2026-11-01T01:30", None).unwrap_err();
        assert_eq!(errors.0[0].code, "time-ambiguous");
        assert_eq!(errors.0[0].params["earlier"], "UTC-4");
        assert_eq!(errors.0[0].params["later"], "UTC-5");
        let earlier = new_york.resolve("s", "2026-11-01T01:30", Some(Fold::Earlier)).unwrap();
        let later = new_york.resolve("s", "2026-11-01T01:30", Some(Fold::Later)).unwrap();
        assert_eq!(later.seconds_since(earlier), 3_600);
        assert_eq!((new_york.fold(earlier), new_york.fold(later)), (Some(Fold::Earlier), Some(Fold::Later)));
        // Where nothing is ambiguous, a fold that a form still carries does no harm.
        assert!(new_york.resolve("s", "2026-11-02T01:30", Some(Fold::Later)).is_ok());
    }

    #[test]
    fn offsets_are_said_as_people_do() {
        let at = Instant::parse_rfc3339("2026-11-22T00:00:00Z").unwrap();
        let old = Instant::parse_rfc3339("2010-06-01T00:00:00Z").unwrap();
        assert_eq!(zone("Asia/Shanghai").offset_label(at), "UTC+8");
        assert_eq!(zone("America/Caracas").offset_label(old), "UTC-04:30");
        assert_eq!(zone("Asia/Kathmandu").offset_label(at), "UTC+05:45");
        assert_eq!(Zone::UTC.offset_label(at), "UTC");
        assert_eq!(zone("Africa/Monrovia").offset_label(Instant::from_seconds(0).unwrap()), "UTC-00:44:30");
    }

    #[test]
    fn days_hold_where_midnight_does_not() {
        let date = |y, m, d| NaiveDate::from_ymd_opt(y, m, d).unwrap();
        let hours = |(a, b): (Instant, Instant)| b.seconds_since(a) as f64 / 3_600.0;
        // São Paulo set clocks forward at midnight and back at midnight.
        let sao_paulo = zone("America/Sao_Paulo");
        assert_eq!(hours(sao_paulo.day_bounds(date(2018, 11, 4))), 23.0);
        assert_eq!(hours(sao_paulo.day_bounds(date(2018, 2, 17))), 25.0);
        assert_eq!(hours(zone("Europe/Berlin").day_bounds(date(2026, 10, 25))), 25.0);
        assert_eq!(hours(zone("Asia/Shanghai").day_bounds(date(2026, 11, 30))), 24.0);
        // Samoa had no 30 December 2011.
        assert_eq!(hours(zone("Pacific/Apia").day_bounds(date(2011, 12, 30))), 0.0);
        for extreme in [NaiveDate::MIN, NaiveDate::MAX] {
            let (from, to) = sao_paulo.day_bounds(extreme);
            assert!(from <= to);
        }
    }

    #[test]
    fn a_zone_is_a_string_in_json() {
        assert_eq!(serde_json::to_string(&zone("Asia/Shanghai")).unwrap(), "\"Asia/Shanghai\"");
        assert_eq!(serde_json::from_str::<Zone>("\"Europe/Berlin\"").unwrap(), zone("Europe/Berlin"));
        assert!(serde_json::from_str::<Zone>("\"Nowhere\"").is_err());
    }

    fn any_zone() -> impl Strategy<Value = Zone> {
        let few = ["Asia/Shanghai", "Europe/Berlin", "America/New_York"].map(zone).to_vec();
        let all: Vec<Zone> = Zone::names().map(zone).collect();
        prop_oneof![prop::sample::select(few), prop::sample::select(all)]
    }

    proptest! {
        #[test]
        fn every_moment_can_be_typed(zone in any_zone(), seconds in 86_400i64..7_289_000_000) {
            let at = Instant::from_seconds(seconds).unwrap();
            prop_assert_eq!(zone.resolve("t", &zone.form_value(at), zone.fold(at)), Ok(at));
        }

        #[test]
        fn every_moment_lies_in_a_day_and_days_tile(zone in any_zone(), micros in Instant::MIN.micros()..=Instant::MAX.micros()) {
            let at = Instant::from_micros(micros).unwrap();
            let date = zone.local_date(at);
            let (start, end) = zone.day_bounds(date);
            prop_assert!(start <= end);
            prop_assert!(start <= at);
            if let Some(next) = date.succ_opt() {
                prop_assert_eq!(zone.day_bounds(next).0, end);
            }
        }

        #[test]
        fn later_clocks_are_never_reached_earlier(zone in any_zone(), seconds in 0i64..4_102_444_800, ahead in 0i64..200_000) {
            let local = DateTime::from_timestamp(seconds, 0).unwrap().naive_utc();
            let reached = zone.reached(local);
            prop_assert!(reached <= zone.reached(local + TimeDelta::seconds(ahead)));
            prop_assert!(zone.local(reached) >= local);
        }

        #[test]
        fn nothing_typed_panics(zone in any_zone(), text in "\\PC{0,30}|[0-9]{4,6}-[0-9]{2}-[0-9]{2}[T ][0-9:.]{0,12}") {
            let _ = zone.resolve("t", &text, None);
            let _ = parse_date("t", &text);
        }
    }
}
