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
    for text in ["2026-11-22T02:31", "2026-11-22 02:31", " 2026-11-22T02:31:00 ", "2026-11-22T02:31:00.000"] {
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
    for text in
        ["2026-02-30T00:00", "2027-02-29T00:00", "2026-13-01T00:00", "2026-00-10T00:00", "2026-04-31 10:00"]
    {
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
