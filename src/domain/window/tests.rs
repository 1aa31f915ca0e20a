//! What windows promise.

use chrono::NaiveDate;
use proptest::prelude::*;

use super::WindowState::*;
use super::*;
use crate::domain::fields::FieldErrors;
use crate::domain::instant::Instant;
use crate::domain::zone::Zone;

fn at(text: &str) -> Instant {
    Instant::parse_rfc3339(text).unwrap()
}

fn keys(keys: &[&str]) -> Vec<ComponentKey> {
    keys.iter().map(|k| ComponentKey::parse("k", k).unwrap()).collect()
}

fn code(errors: FieldErrors) -> &'static str {
    errors.0[0].code
}

#[test]
fn the_table_of_moves() {
    let moves: Vec<_> =
        WindowState::ALL.iter().flat_map(|a| a.next().iter().map(move |b| (a.code(), b.code()))).collect();
    assert_eq!(
        moves,
        [
            ("draft", "scheduled"),
            ("scheduled", "in_progress"),
            ("scheduled", "cancelled"),
            ("in_progress", "verifying"),
            ("in_progress", "completed"),
            ("in_progress", "cancelled"),
            ("verifying", "in_progress"),
            ("verifying", "completed"),
            ("verifying", "cancelled"),
        ]
    );
    assert_eq!(
        Move::to(Completed, InProgress),
        Err(WindowMoveError::NotAllowed { from: Completed, to: InProgress })
    );
    assert_eq!(Move::to(InProgress, Verifying).unwrap().stage, Some(Stage::Testing));
    assert_eq!(Move::to(Verifying, Completed), Err(WindowMoveError::CompletionUnchecked));
}

#[test]
fn only_what_was_tested_is_completed() {
    let announced = keys(&["login", "orders"]);
    let refused = Move::complete(InProgress, &announced, &keys(&["orders"])).unwrap_err();
    assert_eq!(refused, WindowMoveError::Untested { untested: keys(&["login"]) });
    assert_eq!(refused.field_errors().0[0].params["keys"], "login");
    let unknown = Move::complete(InProgress, &announced, &keys(&["orders", "x"])).unwrap_err();
    assert_eq!(unknown, WindowMoveError::UnknownComponents { unknown: keys(&["x"]) });
    let done = Move::complete(Verifying, &announced, &keys(&["orders", "login", "login"])).unwrap();
    assert_eq!((done.to, done.stage), (Completed, Some(Stage::Restored)));
    assert!(matches!(Move::complete(Scheduled, &[], &[]), Err(WindowMoveError::NotAllowed { .. })));
}

#[test]
fn testing_and_verifying_are_one_act() {
    let to = |from, stage, asked| Move::update(from, stage, asked).map(|m| m.to);
    assert_eq!(to(InProgress, Stage::Testing, None), Ok(Verifying));
    assert_eq!(to(InProgress, Stage::Testing, Some(Verifying)), Ok(Verifying));
    assert_eq!(to(Verifying, Stage::Implementation, None), Ok(InProgress));
    assert_eq!(to(Verifying, Stage::Restored, None), Ok(Verifying));
    assert_eq!(to(InProgress, Stage::Restored, None), Ok(InProgress));
    assert_eq!(to(Scheduled, Stage::Planning, None), Ok(Scheduled));
    assert_eq!(to(Scheduled, Stage::Assessment, Some(InProgress)), Ok(InProgress));
    assert_eq!(to(Completed, Stage::Testing, None), Ok(Completed));
    assert_eq!(to(Verifying, Stage::Restored, Some(Completed)), Ok(Completed));
    let contradicts = |stage, state| Err(WindowMoveError::StageContradicts { stage, state });
    assert_eq!(to(InProgress, Stage::Planning, Some(Verifying)), contradicts(Stage::Planning, Verifying));
    assert_eq!(to(InProgress, Stage::Testing, Some(InProgress)), contradicts(Stage::Testing, InProgress));
    assert_eq!(to(Verifying, Stage::Planning, Some(Verifying)), contradicts(Stage::Planning, Verifying));
    assert_eq!(to(Draft, Stage::Planning, None), Err(WindowMoveError::Unpublished));
    assert_eq!(
        to(Scheduled, Stage::Testing, None),
        Err(WindowMoveError::NotAllowed { from: Scheduled, to: Verifying })
    );
}

#[test]
fn overdue_is_past_the_end_and_not_ended() {
    let end = at("2026-11-22T06:00:00Z");
    let late = end.plus_seconds(1);
    for (state, expected) in [
        (Draft, false),
        (Scheduled, true),
        (InProgress, true),
        (Verifying, true),
        (Completed, false),
        (Cancelled, false),
    ] {
        assert_eq!(overdue(state, Some(end), late), expected, "{state}");
        assert!(!overdue(state, Some(end), end) && !overdue(state, None, late));
    }
    assert_eq!(overrun_seconds(Some(end), late), Some(1));
    assert_eq!(overrun_seconds(Some(late), end), Some(0));
    assert_eq!(overrun_seconds(None, end), None);
    assert_eq!(lead_seconds(end, late), 1);
}

#[test]
fn a_schedule_is_checked() {
    let start = at("2026-11-22T02:00:00Z");
    let parse = |end: Instant| Schedule::parse(start, Some(end), Zone::UTC);
    assert_eq!(code(parse(start).unwrap_err()), "end-before-start");
    assert_eq!(code(parse(start.plus_seconds(-1)).unwrap_err()), "end-before-start");
    assert!(parse(start.plus_hours(31 * 24)).is_ok());
    let long = start.plus_seconds(31 * 86_400 + 1);
    assert_eq!(parse(long).unwrap_err().0[0].params["days"], "31");
    assert_eq!(code(Schedule::parse(start, None, Zone::UTC).unwrap_err()), "required");
    assert!(Schedule::imported(start, Some(long), Zone::UTC).is_ok());
    assert!(Schedule::imported(start, None, Zone::UTC).is_ok());
    assert_eq!(code(Schedule::imported(start, Some(start), Zone::UTC).unwrap_err()), "end-before-start");
    assert_eq!(code(Schedule::imported(Instant::MAX, None, Zone::UTC).unwrap_err()), "time-out-of-range");
}

#[test]
fn an_interruption_lies_in_its_window() {
    let start = at("2026-11-22T02:00:00Z");
    let window = Schedule::parse(start, Some(start.plus_hours(4)), Zone::UTC).unwrap();
    let check = |a: Option<i64>, b: Option<i64>| {
        window.interruption("components.0", a.map(|h| start.plus_hours(h)), b.map(|h| start.plus_hours(h)))
    };
    assert_eq!(check(None, None).unwrap().seconds(window), Some(4 * 3_600));
    assert_eq!(check(Some(1), Some(2)).unwrap().seconds(window), Some(3_600));
    assert_eq!(check(Some(0), Some(4)).unwrap().seconds(window), Some(4 * 3_600));
    let errors = check(Some(-1), Some(5)).unwrap_err();
    assert_eq!(errors.0.len(), 2);
    assert_eq!(errors.0[1].field, "components.0.interruption_end");
    assert_eq!(errors.0[1].code, "interruption-outside-window");
    assert_eq!(code(check(Some(2), Some(1)).unwrap_err()), "end-before-start");
    assert_eq!(code(check(Some(4), None).unwrap_err()), "end-before-start");
}

#[test]
fn follow_up_hours_have_bounds() {
    assert_eq!(FollowUpHours::default().hours(), 72);
    for (hours, fits) in
        [(0, true), (720, true), (721, false), (-1, false), (i64::MAX, false), (65_536, false)]
    {
        assert_eq!(FollowUpHours::parse("follow_up_hours", hours).is_ok(), fits, "{hours}");
    }
}

#[test]
fn slugs_are_suggested_and_checked() {
    let date = NaiveDate::from_ymd_opt(2026, 11, 22).unwrap();
    assert_eq!(Slug::suggest("11 月月末结账维护", date).as_str(), "window-20261122");
    assert_eq!(Slug::suggest("PostgreSQL 18 升级", date).as_str(), "postgresql-18");
    assert_eq!(Slug::suggest(" What's new — November! ", date).as_str(), "whats-new-november");
    assert_eq!(Slug::suggest("", date).numbered(2).as_str(), "window-20261122-2");
    for (text, expected) in [
        ("", "required"),
        ("-a", "bad-slug"),
        ("a-", "bad-slug"),
        ("A", "bad-slug"),
        ("登录", "bad-slug"),
        ("a/b", "bad-slug"),
    ] {
        assert_eq!(code(Slug::parse("slug", text).unwrap_err()), expected, "{text}");
    }
    assert_eq!(code(Slug::parse("slug", &"a".repeat(81)).unwrap_err()), "too-long");
    assert!(Slug::parse("slug", &"a".repeat(80)).is_ok());
    assert_eq!(code(ComponentKey::parse("key", &"a".repeat(61)).unwrap_err()), "too-long");
    assert_eq!(ComponentKey::suggest("Log-in & SSO").unwrap().as_str(), "log-in-sso");
    assert_eq!(ComponentKey::suggest("登录"), None);
}

proptest! {
    #[test]
    fn what_is_suggested_is_accepted(title in "\\PC{0,120}|[a-z -]{0,120}", days in any::<i32>(), number in any::<u32>()) {
        let date = NaiveDate::from_num_days_from_ce_opt(days).unwrap_or(NaiveDate::MAX);
        let slug = Slug::suggest(&title, date);
        prop_assert_eq!(Slug::parse("slug", slug.as_str()), Ok(slug.clone()));
        let numbered = slug.numbered(number);
        prop_assert_eq!(Slug::parse("slug", numbered.as_str()), Ok(numbered.clone()));
    }

    #[test]
    fn updates_keep_to_the_table(
        from in prop::sample::select(WindowState::ALL.to_vec()),
        stage in prop::sample::select(Stage::ALL.to_vec()),
        asked in prop::option::of(prop::sample::select(WindowState::ALL.to_vec())),
    ) {
        if let Ok(moved) = Move::update(from, stage, asked) {
            prop_assert!(!moved.changes() || from.may_become(moved.to));
            prop_assert!(asked.is_none_or(|asked| asked == moved.to));
            if moved.changes() && moved.to == Verifying {
                prop_assert_eq!(stage, Stage::Testing);
            }
        }
    }
}
