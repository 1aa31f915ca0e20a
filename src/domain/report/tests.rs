use super::*;

fn input() -> ReportInput {
    ReportInput { description: "登录不了".into(), impact: "blocked".into(), ..Default::default() }
}

#[test]
fn two_answers_are_enough() {
    let text = input().parse(false).unwrap();
    assert_eq!((text.impact, text.category), (Impact::Blocked, Category::Other));
    assert!(text.contact.is_empty());
}

#[test]
fn everything_wrong_is_said_at_once() {
    let bad = ReportInput {
        description: "  ".into(),
        impact: "huge".into(),
        category: "x".into(),
        phone: "call me".into(),
        email: "me".into(),
        account: "a\nb".into(),
        ..Default::default()
    };
    let errors = bad.parse(false).unwrap_err();
    let said: Vec<_> = errors.0.iter().map(|e| (e.field.as_str(), e.code)).collect();
    assert_eq!(
        said,
        [
            ("description", "required"),
            ("impact", "unknown-code"),
            ("category", "unknown-code"),
            ("account", "control-character"),
            ("contact.phone", "bad-phone"),
            ("contact.email", "bad-email"),
        ]
    );
}

#[test]
fn only_imports_may_leave_the_impact_unknown() {
    let unknown = ReportInput { impact: "unknown".into(), ..input() };
    assert_eq!(unknown.parse(true).unwrap().impact, Impact::Unknown);
    assert!(unknown.parse(false).is_err());
}

#[test]
fn nothing_becomes_new_again_and_everything_done_can_be_reopened() {
    for from in Status::ALL {
        assert!(!from.may_become(Status::New));
        assert!(!from.may_become(*from));
        assert!(from.next().count() > 0);
        if from.is_done() {
            assert!(from.may_become(Status::InProgress));
        }
    }
}

#[test]
fn a_time_ahead_of_our_clock_is_refused_beyond_the_usual_skew() {
    let now = Instant::parse_rfc3339("2026-11-22T00:00:00Z").unwrap();
    let given = |s| Occurrence::given(now.plus_seconds(s), Precision::Exact, now);
    assert_eq!(given(60).unwrap().at, Some(now));
    assert_eq!(given(301).unwrap_err().0[0].code, "in-the-future");
    assert_eq!(given(-86_400 * 400).unwrap_err().0[0].code, "too-long-ago");
    assert!(Occurrence::given(now, Precision::Unknown, now).is_err());
}

#[test]
fn a_report_written_before_is_counted_from_then() {
    let now = Instant::parse_rfc3339("2026-11-22T02:31:00Z").unwrap();
    let written = now.plus_hours(-3);
    let at = |when: When| when.resolve(now).map(|o| o.at.unwrap());
    assert_eq!(at(When::Written(written, 600)), Ok(written.plus_seconds(-600)));
    // A fast clock is set back to now, however fast it is.
    assert_eq!(at(When::Written(now.plus_hours(24 * 400), 0)), Ok(now));
    assert_eq!(at(When::Written(now.plus_hours(-24 * 367), 0)).unwrap_err().0[0].code, "too-long-ago");
}

#[test]
fn what_was_kept_came_from_a_device() {
    let now = Instant::parse_rfc3339("2026-11-22T02:31:00Z").unwrap();
    let ago = |seconds: i64| Some(now.plus_seconds(-seconds));
    let tell = |source, written, kept| arrival(source, written, kept, now);
    assert_eq!(tell(Source::Web, None, false), (Source::Web, None));
    assert_eq!(tell(Source::Web, ago(SENT_LATER), false), (Source::Web, None));
    assert_eq!(tell(Source::Web, ago(SENT_LATER + 1), false), (Source::Offline, ago(SENT_LATER + 1)));
    assert_eq!(tell(Source::Web, ago(1), true), (Source::Offline, ago(1)));
    assert_eq!(tell(Source::Embed, ago(3_600), false), (Source::Embed, ago(3_600)));
    assert_eq!(tell(Source::Offline, ago(1), false), (Source::Offline, ago(1)));
}
