use super::*;
use proptest::prelude::*;

fn at(text: &str) -> Instant {
    Instant::parse_rfc3339(text).unwrap()
}

fn hours(json: &str) -> SupportHours {
    SupportHours::parse("hours", serde_json::from_str(json).unwrap()).unwrap()
}

fn office() -> SupportHours {
    hours(r#"{"time_zone":"Asia/Shanghai","slots":[{"days":[1,2,3,4,5],"from":"09:00","to":"18:00"}]}"#)
}

#[test]
fn an_answer_is_promised_in_open_time() {
    let office = office();
    // 2026-11-20 is a Friday.
    let friday = at("2026-11-20T17:30:00+08:00");
    assert!(office.is_open(friday));
    assert!(!office.is_open(at("2026-11-20T18:00:00+08:00")));
    assert_eq!(office.promise(friday, 30), Some(at("2026-11-20T18:00:00+08:00")));
    assert_eq!(office.promise(friday, 60), Some(at("2026-11-23T09:30:00+08:00")));
    assert_eq!(office.next_open(at("2026-11-22T02:31:00+08:00")), Some(at("2026-11-23T09:00:00+08:00")));
    assert_eq!(
        office.promise(at("2026-11-22T02:31:00+08:00"), 0),
        office.next_open(at("2026-11-22T02:31:00+08:00"))
    );
    assert_eq!(office.promise(friday, i64::MAX), None);
    assert_eq!(office.next_open(Instant::MAX), None);
}

#[test]
fn slots_pass_midnight() {
    let night = hours(r#"{"time_zone":"Europe/Berlin","slots":[{"days":[6],"from":"22:00","to":"06:00"}]}"#);
    assert!(night.is_open(at("2026-11-22T05:59:59+01:00")));
    assert!(!night.is_open(at("2026-11-22T06:00:00+01:00")));
    assert!(!night.is_open(at("2026-11-21T05:00:00+01:00")));
    // The night in which clocks go back is an hour longer, the one in which they go forward shorter.
    let open = |from| night.open_from(at(from)).next().map(|(a, b)| b.seconds_since(a) / 3_600);
    assert_eq!(open("2026-10-24T12:00:00Z"), Some(9));
    assert_eq!(open("2026-03-28T12:00:00Z"), Some(7));
}

#[test]
fn always_means_always() {
    let always = hours(
        r#"{"time_zone":"America/New_York","slots":[{"days":[1,2,3,4,5,6,7],"from":"00:00","to":"24:00"}]}"#,
    );
    let from = at("2026-10-30T12:34:56Z");
    assert_eq!(always.promise(from, 5 * 1_440), Some(from.plus_hours(120)));
    let twice = hours(
        r#"{"time_zone":"UTC","slots":[{"days":[1,2,3,4,5,6,7],"from":"08:00","to":"08:00"},{"days":[3],"from":"01:00","to":"05:00"}]}"#,
    );
    assert_eq!(twice.promise(from, 8 * 1_440), Some(from.plus_hours(8 * 24)), "shared time counts once");
}

#[test]
fn a_slot_that_clocks_skip_is_no_opening() {
    let gap = hours(r#"{"time_zone":"Europe/Berlin","slots":[{"days":[7],"from":"02:00","to":"03:00"}]}"#);
    assert_eq!(gap.next_open(at("2026-03-29T00:00:00+01:00")), Some(at("2026-04-05T02:00:00+02:00")));
}

#[test]
fn what_is_wrong_is_named_at_its_field() {
    let input = r#"{"contacts":[{"kind":"fax","value":"1"},{"kind":"link","value":"javascript:alert(1)"},
        {"kind":"email","value":"a@b"},{"kind":"phone","value":"call us"},{"kind":"chat","value":" "}],
        "hours":{"time_zone":"Mars","slots":[{"days":[0,8],"from":"24:00","to":"9:00"},{"days":[],"from":"09:60","to":"24:01"}]}}"#;
    let errors = Support::from_json("support", input).unwrap_err();
    let found: Vec<_> = errors.0.iter().map(|e| (e.field.as_str(), e.code)).collect();
    assert_eq!(
        found,
        [
            ("support.contacts.0.kind", "unknown-code"),
            ("support.contacts.1.value", "bad-link"),
            ("support.contacts.2.value", "bad-email"),
            ("support.contacts.3.value", "bad-phone"),
            ("support.contacts.4.value", "required"),
            ("support.hours.time_zone", "unknown-zone"),
            ("support.hours.slots.0.days", "bad-weekday"),
            ("support.hours.slots.0.from", "bad-clock-time"),
            ("support.hours.slots.0.to", "bad-clock-time"),
            ("support.hours.slots.1.days", "required"),
            ("support.hours.slots.1.from", "bad-clock-time"),
            ("support.hours.slots.1.to", "bad-clock-time"),
        ]
    );
    let code = |json: &str| Support::from_json("support", json).unwrap_err().0[0].code;
    assert_eq!(code("{"), "bad-json");
    assert_eq!(code(r#"{"phone":1}"#), "bad-json");
    assert_eq!(code(r#"{"hours":{"time_zone":"UTC","slots":[]}}"#), "required");
    let many = [r#"{"kind":"other","value":"x"}"#; 11].join(",");
    assert_eq!(code(&format!(r#"{{"contacts":[{many}]}}"#)), "too-many");
    assert_eq!(
        code(&format!(r#"{{"contacts":[{{"kind":"other","value":"{}"}}]}}"#, "登".repeat(201))),
        "too-long"
    );
}

#[test]
fn support_is_stored_and_read_again() {
    let json = r#"{"contacts":[{"kind":"phone","label":"值班电话","value":"+86 10-1234 5678"},{"kind":"link","value":"https://例子.测试/支持"}],"hours":{"time_zone":"Asia/Shanghai","slots":[{"days":[1,7],"from":"22:00","to":"06:00"}]}}"#;
    let support = Support::from_json("support", json).unwrap();
    assert_eq!(support.to_json(), json);
    assert_eq!(Support::from_json("support", "{}").unwrap(), Support::default());
    let hrefs: Vec<_> = support.contacts.iter().map(|c| c.href().unwrap()).collect();
    assert_eq!(hrefs, ["tel:+861012345678", "https://例子.测试/支持"]);
    let chat = |value: &str| {
        let input = ContactInput { kind: "chat".into(), label: None, value: value.into() };
        Contact::parse("c", input).unwrap().href()
    };
    assert_eq!(chat("javascript://x"), None);
    assert_eq!(chat("HTTPS://chat.example/g"), Some("HTTPS://chat.example/g".into()));
    for link in ["http://", "https:// x", "https://a@b/", "//x", "ftp://x", "登录", "https:///x"] {
        assert!(!is_web_link(link), "{link}");
    }
}

fn any_hours() -> impl Strategy<Value = SupportHours> {
    let slot = (prop::collection::btree_set(1u8..=7, 1..7), 0u16..1_440, 0u16..=1_440)
        .prop_map(|(days, from, to)| Slot { days, from: MinuteOfDay(from), to: MinuteOfDay(to) });
    let zones =
        vec!["Asia/Shanghai", "Europe/Berlin", "America/New_York", "America/Sao_Paulo", "Pacific/Apia"];
    (prop::sample::select(zones), prop::collection::vec(slot, 1..4))
        .prop_map(|(zone, slots)| SupportHours { zone: zone.parse().unwrap(), slots })
}

proptest! {
    #[test]
    fn open_time_is_in_order_and_true(hours in any_hours(), seconds in 1_200_000_000i64..2_100_000_000) {
        let from = Instant::from_seconds(seconds).unwrap();
        let mut last = from;
        for (start, end) in hours.open_from(from).take(20) {
            prop_assert!(last <= start && start < end);
            prop_assert!(hours.is_open(start));
            last = end;
        }
    }

    #[test]
    fn a_promise_is_kept_in_open_time(hours in any_hours(), seconds in 1_200_000_000i64..2_100_000_000, minutes in 0i64..3_000) {
        let from = Instant::from_seconds(seconds).unwrap();
        if let Some(due) = hours.promise(from, minutes) {
            let open: i64 = hours.open_from(from).take_while(|(start, _)| *start < due)
                .map(|(start, end)| end.min(due).seconds_since(start)).sum();
            prop_assert_eq!(open, minutes * 60);
            prop_assert!(hours.promise(from, minutes + 1).is_none_or(|later| later > due));
        }
    }

    #[test]
    fn no_moment_panics(hours in any_hours(), micros in Instant::MIN.micros()..=Instant::MAX.micros(), minutes in any::<i64>()) {
        let moment = Instant::from_micros(micros).unwrap();
        for at in [moment, Instant::MIN, Instant::MAX] {
            let _ = (hours.is_open(at), hours.next_open(at), hours.promise(at, minutes));
        }
    }

    #[test]
    fn hours_survive_storage(hours in any_hours()) {
        let support = Support { contacts: vec![], hours: Some(hours) };
        prop_assert_eq!(Support::from_json("s", &support.to_json()), Ok(support));
    }
}
