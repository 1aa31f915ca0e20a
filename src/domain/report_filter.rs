//! Which reports somebody asks for: read once from a query, the same for the queue, its count and
//! the exports, and written back so that links keep it.

use std::str::FromStr;

use chrono::{NaiveTime, SecondsFormat};

use crate::domain::fields::FieldErrors;
use crate::domain::instant::Instant;
use crate::domain::line::Line;
use crate::domain::person::PersonName;
use crate::domain::report::{Category, Impact, Severity, Status, Verdict};
use crate::domain::shift::Shift;
use crate::domain::targets::DueState;
use crate::domain::window::{ComponentKey, ReportStage, Slug};
use crate::domain::zone::{self, Fold, LocalTime, Zone};

/// The longest text to search for, in characters.
pub const TEXT_MAX: usize = 200;
/// How many words of a searched text count; more would only make the search slower.
pub const WORDS_MAX: usize = 8;
/// How a query names the reports that have none of something.
pub const NONE: &str = "-";

/// Reports that have a certain value, or those that have none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Choice<T> {
    /// Those that have none.
    None,
    /// Those that have this one.
    Is(T),
}

/// Reports in a certain status, or all on which there is still work to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StatusChoice {
    /// Neither resolved nor closed nor a duplicate: `open` in a query.
    Open,
    /// In this status.
    Is(Status),
}

/// Reports that somebody looks after.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Assignee {
    /// Those that nobody looks after.
    Nobody,
    /// Those of whoever asks: `me` in a query, so that a shared link means everybody's own.
    Me,
    /// Those of this person.
    Is(PersonName),
}

crate::codes! {
    /// Whether the reporter waits for an answer to what they wrote last.
    pub enum Wrote {
        /// They wrote after the last answer.
        Again = "again",
    }
}

/// Which reports are asked for. The empty filter asks for all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Those of this window, or those outside of all.
    pub window: Option<Choice<Slug>>,
    /// Those of this stage.
    pub stage: Option<Choice<ReportStage>>,
    /// Those about this component.
    pub component: Option<Choice<ComponentKey>>,
    /// Those of this category.
    pub category: Option<Category>,
    /// Those with this impact.
    pub impact: Option<Impact>,
    /// Those with this severity, or those that nobody has given one.
    pub severity: Option<Choice<Severity>>,
    /// Those in this status.
    pub status: Option<StatusChoice>,
    /// Those that this person looks after, or nobody.
    pub assignee: Option<Assignee>,
    /// Whoever asks; not part of what is asked for, but what `me` means.
    pub reader: Option<i64>,
    /// Those whose promise stands so, as seen at this moment.
    pub due: Option<(DueState, Instant)>,
    /// Those of whose outcome the reporter says this.
    pub verdict: Option<Verdict>,
    /// Those whose reporters wrote after the last answer.
    pub wrote: Option<Wrote>,
    /// Those received at this moment or later.
    pub from: Option<Instant>,
    /// Those received before this moment.
    pub to: Option<Instant>,
    /// The shift that `from` and `to` come from, if one was asked for.
    pub shift: Option<Shift>,
    /// Those that say this somewhere.
    pub text: Option<String>,
}

/// The names of the fields of a query that make a filter.
pub const FIELDS: &[&str] = &[
    "window",
    "stage",
    "component",
    "category",
    "impact",
    "severity",
    "status",
    "assignee",
    "due",
    "verdict",
    "wrote",
    "from",
    "to",
    "shift",
    "q",
];

impl Filter {
    /// Reads the fields of a query; fields of other names are left alone, empty ones say nothing.
    ///
    /// `from` and `to` are moments with an offset (RFC 3339), local times or dates in `zone`; a date
    /// in `to` includes that day. `shift` is cut in `zone` as seen at `now`.
    ///
    /// Errors, each at its field: `unknown-code`, `bad-slug`, `bad-component-key`, `too-long`,
    /// `control-character`, those of [`LocalTime::parse`] and [`Zone::moment`], `ends-before-start`
    /// at `to`, `shift-and-times` at `shift`.
    pub fn parse(query: &[(String, String)], zone: Zone, now: Instant) -> Result<Filter, FieldErrors> {
        let mut errors = FieldErrors::new();
        let get = |name: &str| query.iter().find(|(n, _)| n == name).map_or("", |(_, v)| v.trim());
        let mut filter = Filter {
            window: errors.keep(choice("window", get("window"), Slug::parse)).flatten(),
            stage: errors.keep(choice("stage", get("stage"), code)).flatten(),
            component: errors.keep(choice("component", get("component"), ComponentKey::parse)).flatten(),
            category: errors.keep(optional_code("category", get("category"))).flatten(),
            impact: errors.keep(optional_code("impact", get("impact"))).flatten(),
            severity: errors.keep(choice("severity", get("severity"), code)).flatten(),
            status: errors
                .keep(match get("status") {
                    "open" => Ok(Some(StatusChoice::Open)),
                    other => optional_code("status", other).map(|s| s.map(StatusChoice::Is)),
                })
                .flatten(),
            assignee: errors
                .keep(match get("assignee") {
                    "" => Ok(None),
                    NONE | "none" => Ok(Some(Assignee::Nobody)),
                    "me" => Ok(Some(Assignee::Me)),
                    name => PersonName::parse("assignee", name).map(|name| Some(Assignee::Is(name))),
                })
                .flatten(),
            reader: None,
            due: errors.keep(optional_code("due", get("due"))).flatten().map(|state| (state, now)),
            verdict: errors.keep(optional_code("verdict", get("verdict"))).flatten(),
            wrote: errors.keep(optional_code("wrote", get("wrote"))).flatten(),
            from: errors.keep(moment("from", get("from"), zone, false)).flatten(),
            to: errors.keep(moment("to", get("to"), zone, true)).flatten(),
            shift: errors.keep(optional_code("shift", get("shift"))).flatten(),
            text: errors.keep(Line::optional("q", get("q"), TEXT_MAX)).flatten().map(Line::into_string),
        };
        if let (Some(from), Some(to)) = (filter.from, filter.to)
            && to < from
        {
            errors.add("to", "ends-before-start");
        }
        if let Some(shift) = filter.shift {
            if !get("from").is_empty() || !get("to").is_empty() {
                errors.add("shift", "shift-and-times");
            }
            let (from, to) = shift.range(now, zone);
            (filter.from, filter.to) = (Some(from), Some(to));
        }
        errors.or(filter)
    }

    /// The fields of a query that asks for the same reports. A shift stays a shift: tomorrow the
    /// same link asks for another night.
    pub fn pairs(&self) -> Vec<(&'static str, String)> {
        let mut pairs = Vec::new();
        let mut put = |name, value: Option<String>| pairs.extend(value.map(|v| (name, v)));
        put("window", chosen(&self.window, Slug::to_string));
        put("stage", chosen(&self.stage, |s| s.code().to_owned()));
        put("component", chosen(&self.component, |k| k.as_str().to_owned()));
        put("category", self.category.map(|c| c.code().to_owned()));
        put("impact", self.impact.map(|c| c.code().to_owned()));
        put("severity", chosen(&self.severity, |s| s.code().to_owned()));
        put("status", self.status.map(|s| s.code().to_owned()));
        put(
            "assignee",
            self.assignee.as_ref().map(|a| match a {
                Assignee::Nobody => NONE.to_owned(),
                Assignee::Me => "me".to_owned(),
                Assignee::Is(name) => name.as_str().to_owned(),
            }),
        );
        put("due", self.due.map(|(state, _)| state.code().to_owned()));
        put("verdict", self.verdict.map(|v| v.code().to_owned()));
        put("wrote", self.wrote.map(|w| w.code().to_owned()));
        match self.shift {
            Some(shift) => put("shift", Some(shift.code().to_owned())),
            None => {
                put("from", self.from.map(exact));
                put("to", self.to.map(exact));
            }
        }
        put("q", self.text.clone());
        pairs
    }

    /// [`Filter::pairs`] as a query string, without a question mark; empty if all are asked for.
    pub fn query(&self) -> String {
        form_urlencoded::Serializer::new(String::new()).extend_pairs(self.pairs()).finish()
    }

    /// The same, asked by this person.
    pub fn asked_by(self, reader: Option<i64>) -> Filter {
        Filter { reader, ..self }
    }

    /// Whether it asks for all there are.
    pub fn is_all(&self) -> bool {
        self.pairs().is_empty()
    }

    /// The words that must all be found, at most [`WORDS_MAX`].
    pub fn words(&self) -> impl Iterator<Item = &str> {
        self.text.as_deref().unwrap_or_default().split_whitespace().take(WORDS_MAX)
    }
}

impl StatusChoice {
    /// As it stands in a query.
    pub const fn code(self) -> &'static str {
        match self {
            StatusChoice::Open => "open",
            StatusChoice::Is(status) => status.code(),
        }
    }
}

/// A moment that loses nothing on its way through a query.
fn exact(at: Instant) -> String {
    at.utc().to_rfc3339_opts(SecondsFormat::AutoSi, true)
}

fn chosen<T>(choice: &Option<Choice<T>>, code: impl Fn(&T) -> String) -> Option<String> {
    choice.as_ref().map(|choice| match choice {
        Choice::None => NONE.to_owned(),
        Choice::Is(value) => code(value),
    })
}

fn choice<T>(
    field: &str,
    text: &str,
    parse: impl Fn(&str, &str) -> Result<T, FieldErrors>,
) -> Result<Option<Choice<T>>, FieldErrors> {
    match text {
        "" => Ok(None),
        NONE | "none" => Ok(Some(Choice::None)),
        text => parse(field, text).map(|value| Some(Choice::Is(value))),
    }
}

fn code<T: FromStr>(field: &str, text: &str) -> Result<T, FieldErrors> {
    text.parse().map_err(|_| FieldErrors::one(field, "unknown-code"))
}

fn optional_code<T: FromStr>(field: &str, text: &str) -> Result<Option<T>, FieldErrors> {
    if text.is_empty() { Ok(None) } else { code(field, text).map(Some) }
}

/// A bound. One that occurs twice is read so that nothing between the two readings is left out.
fn moment(field: &str, text: &str, zone: Zone, end: bool) -> Result<Option<Instant>, FieldErrors> {
    if text.is_empty() {
        return Ok(None);
    }
    // A plus sign that was not escaped arrives as a blank.
    let with_offset = Instant::parse_rfc3339(text).or_else(|| {
        let (time, offset) = text.rsplit_once(' ')?;
        Instant::parse_rfc3339(&format!("{time}+{offset}"))
    });
    if let Some(at) = with_offset {
        return zone::in_range(field, at).map(Some);
    }
    if !text.contains(['T', 't', ' ', ':']) {
        let (from, to) = zone.day_bounds(zone::parse_date(field, text)?);
        return Ok(Some(if end { to } else { from }));
    }
    let local = LocalTime::parse(field, text)?;
    let at = zone.moment(field, local, Some(if end { Fold::Later } else { Fold::Earlier }))?;
    // A form shows minutes and means all of the last one only when it says 23:59.
    let last_minute = end && local.naive().time() == NaiveTime::from_hms_opt(23, 59, 0).unwrap_or_default();
    Ok(Some(if last_minute { at.plus_seconds(60) } else { at }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn shanghai() -> Zone {
        "Asia/Shanghai".parse().unwrap()
    }

    fn at(text: &str) -> Instant {
        Instant::parse_rfc3339(text).unwrap()
    }

    fn now() -> Instant {
        at("2026-11-22T09:30:00+08:00")
    }

    fn pairs(query: &str) -> Vec<(String, String)> {
        form_urlencoded::parse(query.as_bytes()).into_owned().collect()
    }

    fn parse(query: &str) -> Result<Filter, FieldErrors> {
        Filter::parse(&pairs(query), shanghai(), now())
    }

    #[test]
    fn nothing_asked_is_everything() {
        assert_eq!(parse("window=&q=+&page=2").unwrap(), Filter::default());
        assert_eq!(Filter::default().query(), "");
    }

    #[test]
    fn every_field_is_read_and_written_again() {
        let query = "window=q4&stage=before&component=log-in&category=login&impact=data_loss&severity=-\
                     &status=open&wrote=again&from=2026-11-21T10%3A00%3A00Z&to=2026-11-22T01%3A00%3A00.5Z&q=%E7%99%BB%E5%BD%95+50%25";
        let filter = parse(query).unwrap();
        assert_eq!(filter.severity, Some(Choice::None));
        assert_eq!(filter.status, Some(StatusChoice::Open));
        assert_eq!(filter.words().collect::<Vec<_>>(), ["登录", "50%"]);
        assert_eq!(parse(&filter.query()).unwrap(), filter);
        assert_eq!(parse("window=none").unwrap().query(), "window=-");
    }

    #[test]
    fn last_night_is_a_range_and_stays_last_night_in_links() {
        let filter = parse("shift=last_night").unwrap();
        assert_eq!(filter.from, Some(at("2026-11-21T18:00:00+08:00")));
        assert_eq!(filter.to, Some(at("2026-11-22T09:00:00+08:00")));
        assert_eq!(filter.query(), "shift=last_night");
    }

    #[test]
    fn times_may_be_local_or_have_an_offset() {
        let from = |text: &str| parse(&format!("from={text}")).unwrap().from.unwrap();
        assert_eq!(from("2026-11-21T18:00"), at("2026-11-21T18:00:00+08:00"));
        assert_eq!(from("2026-11-21T18:00:00%2B01:00"), at("2026-11-21T18:00:00+01:00"));
        assert_eq!(from("2026-11-21T18:00:00+01:00"), at("2026-11-21T18:00:00+01:00"));
        assert_eq!(from("2026-11-21"), at("2026-11-21T00:00:00+08:00"));
        let to = |text: &str| parse(&format!("to={text}")).unwrap().to.unwrap();
        assert_eq!(to("2026-11-21"), at("2026-11-22T00:00:00+08:00"));
        assert_eq!(to("2026-11-21T23:59"), at("2026-11-22T00:00:00+08:00"));
        assert_eq!(to("2026-11-21T09:00"), at("2026-11-21T09:00:00+08:00"));
    }

    #[test]
    fn a_local_time_that_occurs_twice_leaves_nothing_out() {
        let berlin: Zone = "Europe/Berlin".parse().unwrap();
        let filter =
            Filter::parse(&pairs("from=2026-10-25T02:30&to=2026-10-25T02:30"), berlin, now()).unwrap();
        assert_eq!(filter.to.unwrap().seconds_since(filter.from.unwrap()), 3_600);
        let gap = Filter::parse(&pairs("from=2026-03-29T02:30"), berlin, now()).unwrap_err();
        assert_eq!((gap.0[0].field.as_str(), gap.0[0].code), ("from", "time-in-gap"));
    }

    #[test]
    fn everything_wrong_is_named() {
        let query = "window=A+b&stage=x&component=%F0%9F%98%80&category=x&impact=x&severity=x&status=x\
                     &assignee=!&due=never&verdict=x&wrote=x&from=2026-02-30&to=soon&shift=x&q=a%00b";
        let errors = parse(query).unwrap_err();
        let fields: Vec<_> = errors.0.iter().map(|e| e.field.as_str()).collect();
        assert_eq!(
            fields,
            [
                "window",
                "stage",
                "component",
                "category",
                "impact",
                "severity",
                "status",
                "assignee",
                "due",
                "verdict",
                "wrote",
                "from",
                "to",
                "shift",
                "q"
            ]
        );
        let code = |query: &str| parse(query).unwrap_err().0[0].code;
        assert_eq!(code("from=2026-11-22&to=2026-11-20"), "ends-before-start");
        assert_eq!(code("shift=today&from=2026-11-22"), "shift-and-times");
    }

    proptest! {
        #[test]
        fn any_query_is_answered_and_written_again(query in "[ -~]{0,60}", field in 0usize..14, value in ".{0,40}") {
            let mut asked = pairs(&query);
            asked.push((FIELDS[field].to_owned(), value));
            if let Ok(filter) = Filter::parse(&asked, shanghai(), now()) {
                prop_assert_eq!(parse(&filter.query()).unwrap(), filter);
            }
        }
    }
}
