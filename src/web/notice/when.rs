//! Times as a notice says them: with the day of the week, nothing said twice, the zone by its name.

use std::collections::BTreeSet;

use chrono::Datelike;

use crate::domain::instant::Instant;
use crate::domain::zone::Zone;
use crate::i18n::Words;
use crate::web::times::Times;

/// How the times of one notice are said to one reader.
#[derive(Debug, Clone, Copy)]
pub struct When {
    words: Words,
    zone: Zone,
    times: Times,
    /// The year that need not be said.
    year: i32,
}

impl When {
    /// Times in this zone, read at this moment.
    pub fn new(words: Words, zone: Zone, now: Instant) -> When {
        When { words, zone, times: Times::new(words, zone), year: zone.local_date(now).year() }
    }

    /// `22:00`
    pub fn clock(self, at: Instant) -> String {
        self.times.clock(at)
    }

    /// `7 小时 40 分钟`
    pub fn span(self, seconds: i64) -> String {
        self.times.span(seconds)
    }

    /// `11 月 21 日（周六）`, with the year if it is not this one.
    pub fn day(self, at: Instant) -> String {
        let date = self.zone.local_date(at);
        let day = if date.year() == self.year { self.times.day(at) } else { self.times.date(at) };
        let weekday = self.words.t(&format!("windows-weekday-{}", date.weekday().number_from_monday()));
        self.words.with("windows-day", [("day", &day), ("weekday", &weekday)])
    }

    /// `11 月 21 日（周六）22:00`
    pub fn day_and_clock(self, at: Instant) -> String {
        self.words.with("windows-day-clock", [("day", &self.day(at)), ("clock", &self.clock(at))])
    }

    /// An end as it is said after its start: `06:00`, `次日 06:00`, or with its day.
    pub fn end(self, start: Instant, end: Instant) -> String {
        let (a, b) = (self.zone.local_date(start), self.zone.local_date(end));
        if a == b {
            self.clock(end)
        } else if a.succ_opt() == Some(b) {
            self.words.with("windows-next-day", [("clock", &self.clock(end))])
        } else {
            self.day_and_clock(end)
        }
    }

    /// `11 月 21 日（周六）22:00–次日 06:00`, or from when if the end is not known.
    pub fn range(self, start: Instant, end: Option<Instant>) -> String {
        match end {
            Some(end) => self
                .words
                .with("windows-range", [("from", &self.day_and_clock(start)), ("to", &self.end(start, end))]),
            None => self.day_and_clock(start),
        }
    }

    /// The forms in which the page writes the same in the reader's own zone, with names in braces for what a
    /// browser knows: a moment, an end on the next day, and from one to another, with `|` between them.
    pub fn forms(self) -> String {
        let words = self.words;
        let day = words.with("times-day", [("month", "{month}"), ("day", "{day}")]);
        let day = words.with("windows-day", [("day", &day), ("weekday", "{weekday}")]);
        [
            words.with("windows-day-clock", [("day", &day), ("clock", "{clock}")]),
            words.with("windows-next-day", [("clock", "{clock}")]),
            words.with("windows-range", [("from", "{from}"), ("to", "{to}")]),
        ]
        .join("|")
    }

    /// `北京时间`, or the IANA name with its offset at the moment.
    pub fn zone_label(self, at: Instant) -> String {
        match self.zone.name() {
            "Asia/Shanghai" | "Asia/Chongqing" | "PRC" => self.words.t("windows-zone-china"),
            name => {
                let name = name.replace('_', " ");
                self.words.with("windows-zone", [("zone", &name), ("offset", &self.zone.offset_label(at))])
            }
        }
    }

    /// `周一至周五`, `周一、周三`, `每天`.
    pub fn weekdays(self, days: &BTreeSet<u8>) -> String {
        let name = |day: u8| self.words.t(&format!("windows-weekday-{day}"));
        let (Some(first), Some(last)) = (days.first(), days.last()) else { return String::new() };
        if days.len() == 7 {
            self.words.t("windows-every-day")
        } else if days.len() > 2 && usize::from(last - first) + 1 == days.len() {
            self.words.with("windows-weekdays", [("from", &name(*first)), ("to", &name(*last))])
        } else {
            days.iter().map(|d| name(*d)).collect::<Vec<_>>().join(&self.words.t("windows-comma"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::language::Language;

    fn at(text: &str) -> Instant {
        Instant::parse_rfc3339(text).unwrap()
    }

    #[test]
    fn nothing_is_said_twice() {
        let zone = Zone::parse("z", "Asia/Shanghai").unwrap();
        let now = at("2026-11-20T00:00:00Z");
        let (zh, en) =
            (When::new(Words(Language::ZhCn), zone, now), When::new(Words(Language::En), zone, now));
        let (start, end) = (at("2026-11-21T14:00:00Z"), at("2026-11-21T22:00:00Z"));
        assert_eq!(zh.range(start, Some(end)), "11 月 21 日（周六）22:00–次日 06:00");
        assert_eq!(en.range(start, Some(end)), "Sat 21 Nov, 22:00 to 06:00 the next day");
        assert_eq!(zh.range(start, Some(start.plus_hours(1))), "11 月 21 日（周六）22:00–23:00");
        assert_eq!(en.day(at("2025-01-02T00:00:00Z")), "Thu 2 Jan 2025");
        assert_eq!(zh.zone_label(start), "北京时间");
        assert_eq!(zh.forms(), "{month} 月 {day} 日（{weekday}）{clock}|次日 {clock}|{from}–{to}");
        assert_eq!(en.forms(), "{weekday} {day} {month}, {clock}|{clock} the next day|{from} to {to}");
        let berlin = When::new(Words(Language::En), Zone::parse("z", "Europe/Berlin").unwrap(), now);
        assert_eq!(berlin.zone_label(start), "Europe/Berlin (UTC+1)");
        assert_eq!(zh.weekdays(&[1, 2, 3, 4, 5].into()), "周一至周五");
        assert_eq!(zh.weekdays(&[1, 3].into()), "周一、周三");
        assert_eq!(en.weekdays(&(1..=7).collect()), "Every day");
    }
}
