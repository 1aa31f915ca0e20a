//! Moments and spans of time as people read them: in a zone, in a language, without seconds.

use chrono::{Datelike, NaiveDateTime, Timelike};

use crate::domain::instant::Instant;
use crate::domain::zone::Zone;
use crate::i18n::Words;

/// How moments are written for one reader.
#[derive(Debug, Clone, Copy)]
pub struct Times {
    words: Words,
    zone: Zone,
}

impl Times {
    /// Moments in this zone, in these words.
    pub fn new(words: Words, zone: Zone) -> Times {
        Times { words, zone }
    }

    /// The words.
    pub fn words(self) -> Words {
        self.words
    }

    /// The zone.
    pub fn zone(self) -> Zone {
        self.zone
    }

    fn local(self, at: Instant) -> NaiveDateTime {
        self.zone.local(at)
    }

    fn month(self, local: NaiveDateTime) -> String {
        self.words.t(&format!("times-month-{}", local.month()))
    }

    /// `02:31`
    pub fn clock(self, at: Instant) -> String {
        let local = self.local(at);
        format!("{:02}:{:02}", local.hour(), local.minute())
    }

    /// `11 月 22 日`, `22 Nov`
    pub fn day(self, at: Instant) -> String {
        let local = self.local(at);
        self.words.with("times-day", [("month", &self.month(local)), ("day", &local.day().to_string())])
    }

    /// `2026 年 11 月 22 日`, `22 Nov 2026`
    pub fn date(self, at: Instant) -> String {
        self.words.with("times-date", [("day", &self.day(at)), ("year", &self.local(at).year().to_string())])
    }

    /// `2026`
    pub fn year(self, at: Instant) -> String {
        self.local(at).year().to_string()
    }

    /// `11 月 22 日 02:31`, `22 Nov 02:31`
    pub fn day_and_clock(self, at: Instant) -> String {
        format!("{} {}", self.day(at), self.clock(at))
    }

    /// `2026 年 11 月 22 日 02:31`, `22 Nov 2026 02:31`
    pub fn moment(self, at: Instant) -> String {
        format!("{} {}", self.date(at), self.clock(at))
    }

    /// From one moment to another, nothing said twice: `2026 年 11 月 21 日 22:00 至 11 月 22 日 05:40`.
    pub fn range(self, from: Instant, to: Instant) -> String {
        let (a, b) = (self.local(from), self.local(to));
        let end = if a.date() == b.date() {
            self.clock(to)
        } else if a.year() == b.year() {
            self.day_and_clock(to)
        } else {
            self.moment(to)
        };
        self.words.with("times-range", [("from", &self.moment(from)), ("to", &end)])
    }

    /// From one moment to another without the year, where it is clear: `11 月 22 日 22:00–23:40`, or with the
    /// day of the end if it is another one: `11 月 21 日 22:00 至 11 月 23 日 05:40`.
    pub fn brief_range(self, from: Instant, to: Instant) -> String {
        let (from_text, end) = (self.day_and_clock(from), self.day_and_clock(to));
        if self.local(from).date() == self.local(to).date() {
            return format!("{from_text}–{}", self.clock(to));
        }
        self.words.with("times-range", [("from", &from_text), ("to", &end)])
    }

    /// A span in its two largest units: `2 天 3 小时`, `8 h 5 min`, `40 s`. Spans below zero are
    /// written as if they were above.
    pub fn span(self, seconds: i64) -> String {
        span(self.words, seconds)
    }
}

/// A span in its two largest units: `2 天 3 小时`, `8 h 5 min`, `40 s`.
pub fn span(words: Words, seconds: i64) -> String {
    const UNITS: [(&str, u64); 4] =
        [("times-days", 86_400), ("times-hours", 3_600), ("times-minutes", 60), ("times-seconds", 1)];
    let seconds = seconds.unsigned_abs();
    let largest = UNITS.iter().position(|(_, size)| seconds >= *size).unwrap_or(UNITS.len() - 1);
    let smallest = UNITS[(largest + 1).min(UNITS.len() - 1)].1;
    // Minutes are enough as soon as there is one; rounding may carry into the larger unit.
    let smallest = if seconds >= 60 { smallest.max(60) } else { smallest };
    let mut rest = (seconds + smallest / 2) / smallest * smallest;
    let mut parts = Vec::new();
    for (key, size) in UNITS.iter().filter(|(_, size)| *size >= smallest) {
        let n = rest / size;
        rest %= size;
        if n > 0 {
            parts.push(words.with(key, [("n", &n.to_string())]));
        }
    }
    if parts.is_empty() {
        parts.push(words.with("times-seconds", [("n", "0")]));
    }
    parts.join(" ")
}

/// A span in one unit, for large type: `28 分钟`, `6.5 h`.
pub fn rough(words: Words, seconds: i64) -> String {
    let (key, size) = match seconds.unsigned_abs() {
        0..60 => ("times-seconds", 1.0),
        60..3_570 => ("times-minutes", 60.0),
        3_570..86_400 => ("times-hours", 3_600.0),
        _ => ("times-days", 86_400.0),
    };
    let n = seconds.unsigned_abs() as f64 / size;
    let n = if size <= 60.0 { format!("{n:.0}") } else { format!("{n:.1}") };
    words.said(key, [("n", n.strip_suffix(".0").unwrap_or(&n))].into_iter())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::language::Language;

    #[test]
    fn moments_read_naturally() {
        let at = |t: &str| Instant::parse_rfc3339(t).unwrap();
        let zone = Zone::parse("z", "Asia/Shanghai").unwrap();
        let (zh, en) = (Times::new(Words(Language::ZhCn), zone), Times::new(Words(Language::En), zone));
        let (a, b) = (at("2026-11-21T14:00:00Z"), at("2026-11-21T21:40:00Z"));
        assert_eq!(zh.range(a, b), "2026 年 11 月 21 日 22:00 至 11 月 22 日 05:40");
        assert_eq!(en.range(a, b), "21 Nov 2026 22:00 to 22 Nov 05:40");
        assert_eq!(en.range(b, b.plus_hours(1)), "22 Nov 2026 05:40 to 06:40");
        assert_eq!(zh.brief_range(b, b.plus_hours(1)), "11 月 22 日 05:40–06:40");
        assert_eq!(zh.brief_range(a, b.plus_hours(24)), "11 月 21 日 22:00 至 11 月 23 日 05:40");
        assert_eq!(en.brief_range(a, b), "21 Nov 22:00 to 22 Nov 05:40");
    }

    #[test]
    fn spans_have_at_most_two_units() {
        let en = |s| span(Words(Language::En), s);
        assert_eq!(en(0), "0\u{a0}s");
        assert_eq!(en(59), "59\u{a0}s");
        assert_eq!(en(60), "1\u{a0}min");
        assert_eq!(en(3_599), "1\u{a0}h");
        assert_eq!(en(29_100), "8\u{a0}h 5\u{a0}min");
        assert_eq!(en(-90_000), "1\u{a0}d 1\u{a0}h");
        assert_eq!(en(86_399), "1\u{a0}d");
        let rough = |s| rough(Words(Language::En), s);
        assert_eq!(
            (rough(59), rough(3_569), rough(3_600)),
            ("59\u{a0}s".into(), "59\u{a0}min".into(), "1\u{a0}h".into())
        );
        assert_eq!((rough(23_400), rough(200_000)), ("6.5\u{a0}h".into(), "2.3\u{a0}d".into()));
        assert_eq!(span(Words(Language::ZhCn), 8_100), "2\u{a0}小时 15\u{a0}分钟");
    }
}
