//! The ranges of time that support chooses with one press.

use chrono::{Days, NaiveDate, NaiveTime};

use crate::domain::instant::Instant;
use crate::domain::zone::Zone;

crate::codes! {
    /// A range of time relative to now, in the clocks of a zone.
    pub enum Shift {
        /// From 18:00 of the day before to 09:00 of this day.
        LastNight = "last_night",
        /// This day.
        Today = "today",
        /// The day before.
        Yesterday = "yesterday",
        /// This day and the six before.
        LastSevenDays = "last_7_days",
    }
}

/// Hour of the evening at which a night begins.
pub const NIGHT_FROM: u32 = 18;
/// Hour of the morning at which a night ends.
pub const NIGHT_TO: u32 = 9;

impl Shift {
    /// From when (included) until when (excluded), as seen at `now`. Never ends before it begins.
    ///
    /// While the night still lasts it ends now: before 09:00 it is the night one is in, afterwards,
    /// until midnight, the one just gone. Days are whole days, so that today stays the same range
    /// all day long. Hours that clocks skip begin where clocks jump to, those shown twice begin
    /// with the first.
    pub fn range(self, now: Instant, zone: Zone) -> (Instant, Instant) {
        let today = zone.local_date(now);
        let (from, to) = match self {
            Shift::LastNight => {
                (at_hour(zone, back(today, 1), NIGHT_FROM), at_hour(zone, today, NIGHT_TO).min(now))
            }
            Shift::Today => zone.day_bounds(today),
            Shift::Yesterday => zone.day_bounds(back(today, 1)),
            Shift::LastSevenDays => (zone.day_bounds(back(today, 6)).0, zone.day_bounds(today).1),
        };
        (from, to.max(from))
    }
}

fn back(date: NaiveDate, days: u64) -> NaiveDate {
    date.checked_sub_days(Days::new(days)).unwrap_or(NaiveDate::MIN)
}

fn at_hour(zone: Zone, date: NaiveDate, hour: u32) -> Instant {
    zone.reached(date.and_time(NaiveTime::from_hms_opt(hour, 0, 0).unwrap_or(NaiveTime::MIN)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn range(shift: Shift, now: &str, zone: &str) -> (String, String) {
        let zone: Zone = zone.parse().unwrap();
        let (from, to) = shift.range(Instant::parse_rfc3339(now).unwrap(), zone);
        (zone.form_value(from), zone.form_value(to))
    }

    fn expect(from: &str, to: &str) -> (String, String) {
        (from.to_owned(), to.to_owned())
    }

    #[test]
    fn last_night_is_the_night_one_is_in_or_the_one_just_gone() {
        let at = |now| range(Shift::LastNight, now, "Asia/Shanghai");
        assert_eq!(at("2026-11-22T02:31:00+08:00"), expect("2026-11-21T18:00", "2026-11-22T02:31"));
        assert_eq!(at("2026-11-22T09:00:00+08:00"), expect("2026-11-21T18:00", "2026-11-22T09:00"));
        assert_eq!(at("2026-11-22T23:59:00+08:00"), expect("2026-11-21T18:00", "2026-11-22T09:00"));
        assert_eq!(at("2026-12-01T00:00:00+08:00"), expect("2026-11-30T18:00", "2026-12-01T00:00"));
    }

    #[test]
    fn days_are_local_and_whole() {
        let at = |shift, now| range(shift, now, "Europe/Berlin");
        assert_eq!(at(Shift::Today, "2026-10-25T12:00:00Z"), expect("2026-10-25T00:00", "2026-10-26T00:00"));
        assert_eq!(
            at(Shift::Yesterday, "2026-10-31T23:30:00Z"),
            expect("2026-10-31T00:00", "2026-11-01T00:00")
        );
        assert_eq!(
            at(Shift::LastSevenDays, "2026-03-01T12:00:00Z"),
            expect("2026-02-23T00:00", "2026-03-02T00:00")
        );
    }

    #[test]
    fn a_night_in_which_clocks_change_keeps_its_hours() {
        let zone: Zone = "Europe/Berlin".parse().unwrap();
        let hours = |now: &str| {
            let (from, to) = Shift::LastNight.range(Instant::parse_rfc3339(now).unwrap(), zone);
            to.seconds_since(from) / 3_600
        };
        assert_eq!(hours("2026-10-25T12:00:00Z"), 16);
        assert_eq!(hours("2026-03-29T12:00:00Z"), 14);
        assert_eq!(hours("2026-06-01T12:00:00Z"), 15);
    }

    proptest! {
        #[test]
        fn ranges_are_sound(
            micros in Instant::MIN.micros()..=Instant::MAX.micros(),
            zone in prop::sample::select(vec!["Asia/Shanghai", "Europe/Berlin", "America/New_York", "Pacific/Apia", "America/Sao_Paulo"]),
            shift in prop::sample::select(Shift::ALL.to_vec()),
        ) {
            let zone: Zone = zone.parse().unwrap();
            let now = Instant::from_micros(micros).unwrap();
            let (from, to) = shift.range(now, zone);
            prop_assert!(from <= to);
            match shift {
                Shift::Today | Shift::LastSevenDays => prop_assert!(from <= now && (now < to || to == Instant::MAX)),
                Shift::Yesterday => prop_assert!(to <= now || to == Instant::MIN),
                Shift::LastNight => prop_assert!(to <= now.max(from)),
            }
        }
    }
}
