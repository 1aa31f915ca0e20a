//! Whether this machine's clock is right: on its own, and against the clocks of others.

use super::Found;
use crate::domain::instant::Instant;

/// A clock that is off by more seconds than this is told of: times of several machines stand side by
/// side in one history.
const TELLS: i64 = 5;
/// Off by more seconds than this it does harm: an authenticator's code is good for half a minute.
const HARMS: i64 = 30;
const SET: &str = "set the machine's clock, best by NTP (timedatectl set-ntp true), here and there";

/// The program was made after the first of these moments; a clock far from it is wrong.
pub(super) fn alone(now: Instant) -> Found {
    let (made, late) = ("2026-01-01T00:00:00Z", "2100-01-01T00:00:00Z");
    let sane = Instant::parse_rfc3339(made).is_some_and(|t| now > t)
        && Instant::parse_rfc3339(late).is_some_and(|t| now < t);
    if sane { Found::Good(format!("{now}")) } else { Found::Bad(format!("it shows {now}"), SET) }
}

/// What another clock showed, `theirs`, when it was asked between two looks at ours. `grain` is how many
/// seconds it leaves out of what it says.
pub(super) fn against(whose: &str, theirs: Instant, ours: (Instant, Instant), grain: i64) -> Found {
    let until = theirs.plus_seconds(grain);
    let (off, which) = if theirs > ours.1 {
        (theirs.micros() - ours.1.micros(), "behind")
    } else if until < ours.0 {
        (ours.0.micros() - until.micros(), "ahead of")
    } else {
        (0, "with")
    };
    let seconds = off / 1_000_000;
    if seconds > HARMS {
        return Found::Bad(format!("{seconds} s {which} the clock of {whose}"), SET);
    }
    if seconds > TELLS {
        return Found::Warning(format!("{seconds} s {which} the clock of {whose}"), SET);
    }
    Found::Good(format!("as {whose} has it"))
}

/// The moment that the `Date` of an answer says.
pub(super) fn dated(header: &str) -> Option<Instant> {
    let read = chrono::DateTime::parse_from_rfc2822(header.trim()).ok()?;
    Instant::from_utc(read.with_timezone(&chrono::Utc))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Instant {
        Instant::parse_rfc3339(text).unwrap()
    }

    #[test]
    fn a_clock_of_another_age_is_wrong() {
        assert!(matches!(alone(at("1970-01-01T00:03:00Z")), Found::Bad(..)));
        assert!(matches!(alone(at("2026-11-27T12:00:00Z")), Found::Good(_)));
        assert!(matches!(alone(at("2101-01-01T00:00:00Z")), Found::Bad(..)));
    }

    #[test]
    fn a_clock_is_compared_with_anothers() {
        let ours = (at("2026-11-27T12:00:00.200Z"), at("2026-11-27T12:00:01.100Z"));
        let told = |theirs: &str, grain| match against("X", at(theirs), ours, grain) {
            Found::Good(_) => "good".to_owned(),
            Found::Warning(what, _) => format!("warning {what}"),
            Found::Bad(what, _) => format!("bad {what}"),
        };
        assert_eq!(told("2026-11-27T12:00:00.500Z", 0), "good");
        // It says no parts of seconds, so it may have been as late as ours.
        assert_eq!(told("2026-11-27T12:00:00Z", 1), "good");
        assert_eq!(told("2026-11-27T12:00:05Z", 0), "good");
        assert_eq!(told("2026-11-27T12:00:08Z", 0), "warning 6 s behind the clock of X");
        assert_eq!(told("2026-11-27T11:59:40Z", 1), "warning 19 s ahead of the clock of X");
        assert_eq!(told("2026-11-27T11:00:00Z", 1), "bad 3599 s ahead of the clock of X");
        assert_eq!(told("2026-11-27T12:10:01.1Z", 1), "bad 600 s behind the clock of X");
    }

    #[test]
    fn the_date_of_an_answer_is_read() {
        assert_eq!(dated("Fri, 27 Nov 2026 14:49:24 GMT"), Some(at("2026-11-27T14:49:24Z")));
        assert_eq!(dated("yesterday"), None);
    }
}
