//! A moment, in UTC, as precise as both databases keep it.

use std::fmt;
use std::ops::{Add, Sub};

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use diesel::backend::Backend;
use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::expression::AsExpression;
use diesel::serialize::{self, Output, ToSql};
use diesel::sql_types::BigInt;

/// A moment in UTC with microseconds, between the years 1 and 9999.
///
/// Stored as whole microseconds since 1970 in a `BIGINT` on both databases: the same order, the
/// same arithmetic and the same value back on either, with nothing for a driver to convert.
/// Shown and serialised as RFC 3339 in UTC with milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, AsExpression, FromSqlRow)]
#[diesel(sql_type = BigInt)]
pub struct Instant(i64);

impl Instant {
    /// The earliest moment that is accepted: 0001-01-01T00:00:00Z.
    pub const MIN: Instant = Instant(-62_135_596_800_000_000);
    /// The latest moment that is accepted: 9999-12-31T23:59:59.999999Z.
    pub const MAX: Instant = Instant(253_402_300_799_999_999);

    /// What is to stand in its place, for readers.
    pub const EXPECTED: &str = "a time with an offset (RFC 3339)";

    /// The present moment of this machine's clock. Only the doors of the store and the edges of
    /// the program ask for it; everything else is told what time it is.
    pub fn now() -> Instant {
        Instant(Utc::now().timestamp_micros())
    }

    /// Whole microseconds since 1970-01-01T00:00:00Z, if the moment can be accepted.
    pub fn from_micros(micros: i64) -> Option<Instant> {
        let instant = Instant(micros);
        (Self::MIN..=Self::MAX).contains(&instant).then_some(instant)
    }

    /// Whole seconds since 1970-01-01T00:00:00Z, if the moment can be accepted.
    pub fn from_seconds(seconds: i64) -> Option<Instant> {
        seconds.checked_mul(1_000_000).and_then(Self::from_micros)
    }

    /// A moment truncated to microseconds, if it can be accepted.
    pub fn from_utc(utc: DateTime<Utc>) -> Option<Instant> {
        Self::from_micros(utc.timestamp_micros())
    }

    /// Reads RFC 3339 with an offset (`2026-11-22T02:31:00+08:00`).
    pub fn parse_rfc3339(text: &str) -> Option<Instant> {
        DateTime::parse_from_rfc3339(text).ok().and_then(|t| Self::from_utc(t.with_timezone(&Utc)))
    }

    /// Microseconds since 1970-01-01T00:00:00Z.
    pub const fn micros(self) -> i64 {
        self.0
    }

    /// Whole seconds since 1970-01-01T00:00:00Z, rounded down.
    pub const fn seconds(self) -> i64 {
        self.0.div_euclid(1_000_000)
    }

    /// Whole minutes since 1970-01-01T00:00:00Z, rounded down.
    pub const fn minute(self) -> i64 {
        self.0.div_euclid(60_000_000)
    }

    /// The same moment for chrono.
    pub fn utc(self) -> DateTime<Utc> {
        DateTime::from_timestamp_micros(self.0).expect("an Instant lies within chrono's range")
    }

    /// RFC 3339 in UTC with milliseconds, as the API and the machine exports write it.
    pub fn rfc3339(self) -> String {
        self.utc().to_rfc3339_opts(SecondsFormat::Millis, true)
    }

    /// RFC 3339 in UTC with microseconds: nothing of the moment is lost.
    pub fn rfc3339_micros(self) -> String {
        self.utc().to_rfc3339_opts(SecondsFormat::Micros, true)
    }

    /// Seconds from `earlier` to this moment; negative if it is the other way round.
    pub const fn seconds_since(self, earlier: Instant) -> i64 {
        (self.0 - earlier.0).div_euclid(1_000_000)
    }

    /// The moment this many seconds later, held within what is accepted.
    pub fn plus_seconds(self, seconds: i64) -> Instant {
        Instant(self.0.saturating_add(seconds.saturating_mul(1_000_000))).held()
    }

    /// The moment this many hours later, held within what is accepted.
    pub fn plus_hours(self, hours: i64) -> Instant {
        self.plus_seconds(hours.saturating_mul(3_600))
    }

    fn held(self) -> Instant {
        self.clamp(Self::MIN, Self::MAX)
    }
}

impl Add<TimeDelta> for Instant {
    type Output = Instant;
    fn add(self, delta: TimeDelta) -> Instant {
        let micros =
            delta.num_microseconds().unwrap_or(if delta < TimeDelta::zero() { i64::MIN } else { i64::MAX });
        Instant(self.0.saturating_add(micros)).held()
    }
}

impl Sub for Instant {
    type Output = TimeDelta;
    fn sub(self, other: Instant) -> TimeDelta {
        TimeDelta::microseconds(self.0 - other.0)
    }
}

impl fmt::Display for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.rfc3339())
    }
}

impl serde::Serialize for Instant {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.rfc3339())
    }
}

impl<'de> serde::Deserialize<'de> for Instant {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Instant, D::Error> {
        struct Moment;

        impl serde::de::Visitor<'_> for Moment {
            type Value = Instant;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(Instant::EXPECTED)
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Instant, E> {
                let wrong = || E::invalid_value(serde::de::Unexpected::Str(text), &self);
                Instant::parse_rfc3339(text).ok_or_else(wrong)
            }
        }

        deserializer.deserialize_str(Moment)
    }
}

impl<DB> ToSql<BigInt, DB> for Instant
where
    DB: Backend,
    i64: ToSql<BigInt, DB>,
{
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> serialize::Result {
        self.0.to_sql(out)
    }
}

impl<DB> FromSql<BigInt, DB> for Instant
where
    DB: Backend,
    i64: FromSql<BigInt, DB>,
{
    fn from_sql(bytes: DB::RawValue<'_>) -> deserialize::Result<Self> {
        let micros = i64::from_sql(bytes)?;
        Instant::from_micros(micros).ok_or_else(|| format!("{micros} is no accepted moment").into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_and_writes_the_same_moment() {
        let t = Instant::parse_rfc3339("2026-11-22T02:31:00.123456+08:00").unwrap();
        assert_eq!(t.rfc3339(), "2026-11-21T18:31:00.123Z");
        assert_eq!(t.rfc3339_micros(), "2026-11-21T18:31:00.123456Z");
        assert_eq!(Instant::from_micros(t.micros()), Some(t));
    }

    #[test]
    fn refuses_what_no_calendar_page_of_ours_shows() {
        assert_eq!(Instant::from_micros(i64::MAX), None);
        assert_eq!(Instant::parse_rfc3339("2026-02-30T00:00:00Z"), None);
        assert_eq!(Instant::parse_rfc3339("2026-02-03T00:00:00"), None);
        assert_eq!(Instant::MAX.plus_hours(1), Instant::MAX);
    }

    #[test]
    fn minutes_and_seconds_round_down_before_1970_too() {
        let t = Instant::from_micros(-1).unwrap();
        assert_eq!((t.seconds(), t.minute()), (-1, -1));
    }
}
