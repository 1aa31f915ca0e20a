use super::*;
use crate::domain::zone::Zone;
use chrono::NaiveDate;
use proptest::prelude::*;

fn at(text: &str) -> Instant {
    Instant::parse_rfc3339(text).unwrap()
}

/// A window of 22 November 2026, 02:00–06:00 UTC.
fn window(id: i64, state: WindowState) -> Extent {
    Extent {
        window: id,
        slug: Slug::parse("slug", &format!("w-{id}")).unwrap(),
        state,
        scheduled_start: at("2026-11-22T02:00:00Z"),
        scheduled_end: Some(at("2026-11-22T06:00:00Z")),
        started_at: None,
        ended_at: None,
        follow_up_hours: 72,
        components: vec![],
        updates: vec![],
    }
}

fn completed(id: i64) -> Extent {
    Extent {
        started_at: Some(at("2026-11-22T02:10:00Z")),
        ended_at: Some(at("2026-11-22T05:00:00Z")),
        ..window(id, WindowState::Completed)
    }
}

fn stage_of(extent: &Extent, time: &str) -> Option<ReportStage> {
    attribute(std::slice::from_ref(extent), Occurrence { at: Some(at(time)), ..Default::default() }).stage
}

#[test]
fn every_edge_belongs_to_what_follows() {
    let w = completed(1);
    for (time, stage) in [
        ("2026-11-21T02:09:59.999999Z", None),
        ("2026-11-21T02:10:00Z", Some(ReportStage::Before)),
        ("2026-11-22T02:09:59.999999Z", Some(ReportStage::Before)),
        ("2026-11-22T02:10:00Z", Some(ReportStage::Implementation)),
        ("2026-11-22T04:59:59.999999Z", Some(ReportStage::Implementation)),
        ("2026-11-22T05:00:00Z", Some(ReportStage::After)),
        ("2026-11-25T04:59:59.999999Z", Some(ReportStage::After)),
        ("2026-11-25T05:00:00Z", None),
    ] {
        assert_eq!(stage_of(&w, time), stage, "{time}");
    }
}

#[test]
fn the_stage_is_that_of_the_last_update() {
    let mut w = window(1, WindowState::Verifying);
    w.updates =
        vec![(at("2026-11-22T04:00:00Z"), Stage::Testing), (at("2026-11-22T03:00:00Z"), Stage::Diagnosis)];
    assert_eq!(stage_of(&w, "2026-11-22T02:59:00Z"), Some(ReportStage::Implementation));
    assert_eq!(stage_of(&w, "2026-11-22T03:00:00Z"), Some(ReportStage::Diagnosis));
    assert_eq!(stage_of(&w, "2026-11-22T04:00:00Z"), Some(ReportStage::Testing));
    assert_eq!(stage_of(&w, "2027-11-22T04:00:00Z"), Some(ReportStage::Testing), "open while not ended");
    assert_eq!(stage_of(&w, "2026-11-22T01:59:59Z"), Some(ReportStage::Before));
}

#[test]
fn a_window_cancelled_before_its_start_has_no_extent() {
    let w = Extent { ended_at: Some(at("2026-11-21T20:00:00Z")), ..window(1, WindowState::Cancelled) };
    assert_eq!(stage_of(&w, "2026-11-21T19:59:59Z"), Some(ReportStage::Before));
    assert_eq!(stage_of(&w, "2026-11-21T20:00:00Z"), None);
    assert_eq!(stage_of(&w, "2026-11-22T03:00:00Z"), None);
    let long_before = Extent { ended_at: Some(at("2026-11-01T00:00:00Z")), ..w };
    assert_eq!(stage_of(&long_before, "2026-10-31T23:59:59Z"), None);
    // Cancelled while it ran: what happened until then and follows from it is the window's.
    let running = Extent {
        started_at: Some(at("2026-11-22T02:00:00Z")),
        ended_at: Some(at("2026-11-22T03:00:00Z")),
        ..window(1, WindowState::Cancelled)
    };
    assert_eq!(stage_of(&running, "2026-11-22T02:30:00Z"), Some(ReportStage::Implementation));
    assert_eq!(stage_of(&running, "2026-11-22T03:30:00Z"), Some(ReportStage::After));
}

#[test]
fn an_end_that_nobody_noted_is_the_scheduled_one() {
    let w = window(1, WindowState::Completed);
    assert_eq!(stage_of(&w, "2026-11-22T05:59:00Z"), Some(ReportStage::Implementation));
    assert_eq!(stage_of(&w, "2026-11-22T06:00:00Z"), Some(ReportStage::After));
    let endless = Extent { scheduled_end: None, ..w };
    assert_eq!(stage_of(&endless, "2026-11-22T02:00:00Z"), Some(ReportStage::After));
    assert_eq!(stage_of(&endless, "2027-11-22T02:00:00Z"), None);
}

#[test]
fn named_windows_win_or_leave_the_report_outside() {
    let other = Extent { scheduled_start: at("2026-11-22T02:30:00Z"), ..window(2, WindowState::InProgress) };
    let extents = [completed(1), other, window(3, WindowState::Draft)];
    let named = |named, time: Option<&str>| {
        attribute(&extents, Occurrence { at: time.map(at), named: Some(named), component: None })
    };
    let after = named(1, Some("2026-11-22T05:30:00Z"));
    assert_eq!((after.window, after.stage), (Some(1), Some(ReportStage::After)));
    let outside = named(1, Some("2026-12-22T05:30:00Z"));
    assert_eq!(outside, Attribution { window: None, stage: None, filed_under: Some(1) });
    assert_eq!(named(3, Some("2026-11-22T03:00:00Z")).window, None, "drafts never");
    assert_eq!(named(1, None), Attribution { window: Some(1), stage: None, filed_under: Some(1) });
    assert_eq!(named(3, None).window, None);
    assert_eq!(named(9, None), Attribution { filed_under: Some(9), ..Default::default() });
    assert_eq!(attribute(&extents, Occurrence::default()), Attribution::default());
}

#[test]
fn overlaps_are_decided_in_order() {
    let early = Extent { components: vec![7], ..completed(1) };
    let late = Extent { started_at: Some(at("2026-11-22T03:00:00Z")), ..completed(2) };
    let twin = Extent { window: 3, slug: Slug::parse("s", "a").unwrap(), ..late.clone() };
    let extents = [early, late, twin];
    let who = |time, component| {
        attribute(&extents, Occurrence { at: Some(at(time)), named: None, component }).window
    };
    assert_eq!(who("2026-11-22T04:00:00Z", Some(7)), Some(1), "announces the component");
    assert_eq!(who("2026-11-22T04:00:00Z", None), Some(3), "latest start, then slug");
    assert_eq!(who("2026-11-22T02:30:00Z", None), Some(1), "during comes before before");
}

const ZONES: [&str; 3] = ["Asia/Shanghai", "Europe/Berlin", "America/New_York"];
/// Days with a gap, a fold, a month end and a year end.
const DAYS: [(i32, u32, u32); 8] = [
    (2026, 3, 29),
    (2026, 10, 25),
    (2026, 3, 8),
    (2026, 11, 1),
    (2026, 11, 30),
    (2026, 12, 31),
    (2028, 2, 29),
    (2026, 11, 22),
];

/// Moments around midnight and the changes of clocks on the awkward days.
fn moment() -> impl Strategy<Value = Instant> {
    (prop::sample::select(ZONES.to_vec()), prop::sample::select(DAYS.to_vec()), -36i64 * 4..36 * 4, 0i64..2)
        .prop_map(|(zone, (y, m, d), quarters, seconds)| {
            let zone: Zone = zone.parse().unwrap();
            let midnight = zone.day_bounds(NaiveDate::from_ymd_opt(y, m, d).unwrap()).0;
            midnight.plus_seconds(quarters * 900 - seconds)
        })
}

fn any_moment() -> impl Strategy<Value = Instant> {
    prop_oneof![
        8 => moment(),
        1 => (Instant::MIN.micros()..=Instant::MAX.micros()).prop_map(|m| Instant::from_micros(m).unwrap()),
        1 => prop::sample::select(vec![Instant::MIN, Instant::MAX]),
    ]
}

fn extent() -> impl Strategy<Value = Extent> {
    (
        prop::sample::select(WindowState::ALL.to_vec()),
        any_moment(),
        prop::option::of(any_moment()),
        prop::option::of(any_moment()),
        prop::option::of(any_moment()),
        prop_oneof![0i64..=720, Just(i64::MAX), Just(i64::MIN)],
        prop::collection::vec(0i64..4, 0..3),
        prop::collection::vec((any_moment(), prop::sample::select(Stage::ALL.to_vec())), 0..5),
    )
        .prop_map(
            |(
                state,
                scheduled_start,
                scheduled_end,
                started_at,
                ended_at,
                follow_up_hours,
                components,
                updates,
            )| {
                let slug = Slug::parse("s", "w").unwrap();
                Extent {
                    window: 0,
                    slug,
                    state,
                    scheduled_start,
                    scheduled_end,
                    started_at,
                    ended_at,
                    follow_up_hours,
                    components,
                    updates,
                }
            },
        )
}

fn extents() -> impl Strategy<Value = Vec<Extent>> {
    prop::collection::vec(extent(), 0..6).prop_map(|mut list| {
        for (i, e) in list.iter_mut().enumerate() {
            e.window = i as i64 + 1;
            e.slug = e.slug.numbered(9 - i as u32);
        }
        list
    })
}

fn occurrence() -> impl Strategy<Value = Occurrence> {
    (prop::option::weighted(0.9, any_moment()), prop::option::of(1i64..8), prop::option::of(0i64..4))
        .prop_map(|(at, named, component)| Occurrence { at, named, component })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn the_order_of_windows_does_not_matter(list in extents().prop_shuffle(), turn in 0usize..6, o in occurrence()) {
        let mut turned = list.clone();
        turned.rotate_left(turn.min(list.len()));
        turned.iter_mut().for_each(|e| { e.updates.reverse(); e.components.reverse(); });
        let found = attribute(&list, o);
        prop_assert_eq!(found, attribute(&list, o));
        prop_assert_eq!(found, attribute(&turned, o));
    }

    #[test]
    fn a_report_belongs_to_a_window_that_covers_it(list in extents(), o in occurrence()) {
        let found = attribute(&list, o);
        prop_assert_eq!(found.filed_under, o.named);
        let covers = |e: &&Extent| o.at.is_some_and(|at| e.phase(at).is_some());
        match found.window.map(|id| list.iter().find(|e| e.window == id).unwrap()) {
            Some(window) => {
                prop_assert!(window.state != WindowState::Draft);
                prop_assert!(o.named.is_none_or(|named| named == window.window));
                prop_assert_eq!(found.stage, o.at.and_then(|at| window.stage(at)));
                prop_assert_eq!(found.stage.is_some(), o.at.is_some());
                if let (Some(at), None) = (o.at, o.named) {
                    let during = |e: &Extent| e.phase(at) == Some(Phase::During);
                    prop_assert!(during(window) || !list.iter().any(during));
                    let rivals = list.iter().filter(|e| e.phase(at).is_some() && during(e) == during(window));
                    let announces = |e: &Extent| o.component.is_some_and(|c| e.components.contains(&c));
                    for rival in rivals {
                        prop_assert!(announces(window) || !announces(rival));
                        if announces(window) == announces(rival) {
                            prop_assert!(window.bounds().unwrap().start >= rival.bounds().unwrap().start);
                        }
                    }
                }
            }
            None => {
                prop_assert_eq!(found.stage, None);
                let covering = list.iter().filter(covers).find(|e| o.named.is_none_or(|n| n == e.window));
                prop_assert!(covering.is_none(), "{:?}", covering);
            }
        }
    }

    #[test]
    fn phases_follow_one_another(e in extent(), mut times in prop::collection::vec(any_moment(), 2..12)) {
        times.sort();
        let phases: Vec<Phase> = times.iter().filter_map(|t| e.phase(*t)).collect();
        prop_assert!(phases.is_sorted());
        // What the window covers has no holes.
        let covered: Vec<bool> = times.iter().map(|t| e.phase(*t).is_some()).collect();
        prop_assert!(covered.windows(2).filter(|w| w[0] != w[1]).count() <= 2);
        if let Some(b) = e.bounds() {
            prop_assert!(b.before_from <= b.start);
            prop_assert!(b.end.is_none_or(|end| b.start <= end && b.after_until.is_some_and(|until| end <= until)));
        }
    }

    #[test]
    fn stages_go_forward_when_updates_do(mut e in extent(), mut times in prop::collection::vec(any_moment(), 2..12)) {
        let mut stages: Vec<Stage> = e.updates.iter().map(|u| u.1.max(Stage::Implementation)).collect();
        stages.sort();
        e.updates.sort();
        e.updates = e.updates.iter().zip(stages).map(|(u, stage)| (u.0, stage)).collect();
        times.sort();
        let seen: Vec<ReportStage> = times.iter().filter_map(|t| e.stage(*t)).collect();
        prop_assert!(seen.is_sorted(), "{:?}", seen);
    }

    #[test]
    fn moving_a_window_there_and_back_changes_nothing(list in extents(), i in 0usize..6, to in any_moment(), o in occurrence()) {
        let first = attribute(&list, o);
        let mut moved = list.clone();
        if let Some(e) = moved.get_mut(i) {
            e.scheduled_start = to;
        }
        // What is stored is what is attributed again: only filed_under, never the window found.
        let again = |list: &[Extent], a: Attribution| attribute(list, Occurrence { named: a.filed_under, ..o });
        let there = again(&moved, first);
        prop_assert_eq!(there, attribute(&moved, o));
        prop_assert_eq!(again(&list, there), first);
    }

    #[test]
    fn a_report_moves_with_its_window(e in extent(), at in moment(), hours in -5_000i64..5_000) {
        let shift = |t: Instant| t.plus_hours(hours);
        let tame = |t: Instant| t > Instant::MIN.plus_hours(20_000) && t < Instant::MAX.plus_hours(-20_000);
        let times = [Some(e.scheduled_start), e.scheduled_end, e.started_at, e.ended_at];
        prop_assume!(times.into_iter().flatten().all(tame));
        let moved = Extent {
            scheduled_start: shift(e.scheduled_start),
            scheduled_end: e.scheduled_end.map(shift),
            started_at: e.started_at.map(shift),
            ended_at: e.ended_at.map(shift),
            updates: e.updates.iter().filter(|u| tame(u.0)).map(|u| (shift(u.0), u.1)).collect(),
            ..e.clone()
        };
        let e = Extent { updates: e.updates.iter().copied().filter(|u| tame(u.0)).collect(), ..e };
        prop_assert_eq!(e.stage(at), moved.stage(shift(at)));
    }
}
