use super::*;

const USUAL: Usual = Usual { language: Language::ZhCn, zone: Zone::UTC, imported: false };

fn parse(json: serde_json::Value) -> Result<WindowDraft, FieldErrors> {
    WindowDraft::parse(serde_json::from_value(json).unwrap(), None, USUAL)
}

fn at(text: &str) -> Instant {
    Instant::parse_rfc3339(text).unwrap()
}

fn sound() -> serde_json::Value {
    serde_json::json!({
        "title": {"zh-CN": "升级", "en": "Upgrade"},
        "scheduled_start": "2026-11-21T22:00:00+08:00", "scheduled_end": "2026-11-22T06:00:00+08:00",
        "time_zone": "Asia/Shanghai", "finish_before": "2026-11-21T21:30:00+08:00",
        "components": [{"key": "login", "impact": "major_outage",
            "interruption_start": "2026-11-21T23:00:00+08:00", "interruption_end": "2026-11-22T03:00:00+08:00"}],
    })
}

#[test]
fn what_is_left_out_is_as_usual() {
    let draft = parse(sound()).unwrap();
    assert_eq!(
        (draft.follow_up.hours(), draft.survey_days, draft.survey_template),
        (72, 14, TemplateKey::Short)
    );
    assert!(draft.start_by_clock && !draft.complete_by_clock);
    assert_eq!(draft.slug, None);
}

#[test]
fn everything_wrong_is_named_at_its_field() {
    let errors = parse(serde_json::json!({
        "title": {"en": "a\u{0}"}, "body": "登".repeat(20_001),
        "scheduled_start": "2026-11-22T06:00:00Z", "scheduled_end": "2026-11-22T06:00:00Z",
        "time_zone": "Mars/Olympus", "follow_up_hours": 721, "slug": "Not A Slug",
        "survey": {"template": "No Key", "days": 0},
        "components": [{"key": "a", "impact": ""}, {"key": "a", "impact": "x"}],
    }))
    .unwrap_err();
    let found: Vec<_> = errors.0.iter().map(|e| (e.field.as_str(), e.code)).collect();
    assert_eq!(
        found,
        [
            ("slug", "bad-slug"),
            ("title.en", "control-character"),
            ("title.zh-CN", "required"),
            ("body", "too-long"),
            ("time_zone", "unknown-zone"),
            ("components.0.impact", "required"),
            ("components.1.key", "duplicate-component"),
            ("components.1.impact", "unknown-code"),
            ("follow_up_hours", "out-of-range"),
            ("survey.template", "unknown-code"),
            ("survey.days", "out-of-range"),
        ]
    );
    let errors = parse(serde_json::json!({"scheduled_end": "2026-11-22T06:00:00Z"})).unwrap_err();
    let found: Vec<_> = errors.0.iter().map(|e| (e.field.as_str(), e.code)).collect();
    assert_eq!(found, [("title", "required"), ("scheduled_start", "required")]);
}

#[test]
fn what_goes_with_the_times_moves_with_them() {
    let base = parse(sound()).unwrap();
    let patch = serde_json::from_value(serde_json::json!({
        "scheduled_start": "2026-11-28T22:00:00+08:00", "scheduled_end": "2026-11-29T02:00:00+08:00"}));
    let moved = WindowDraft::parse(patch.unwrap(), Some(&base), USUAL).unwrap();
    assert_eq!(moved.texts, base.texts);
    assert_eq!(moved.schedule.zone, base.schedule.zone);
    assert_eq!(moved.finish_before, Some(at("2026-11-28T21:30:00+08:00")));
    let interruption = moved.components[0].interruption;
    assert_eq!(interruption.start, Some(at("2026-11-28T23:00:00+08:00")));
    assert_eq!(interruption.end, None, "cut at the window's end");
}

#[test]
fn a_field_can_be_emptied() {
    let base = parse(sound()).unwrap();
    let patch = serde_json::from_value(serde_json::json!({"finish_before": null, "components": []}));
    let patched = WindowDraft::parse(patch.unwrap(), Some(&base), USUAL).unwrap();
    assert_eq!(patched.finish_before, None);
    assert!(patched.components.is_empty());
    let late = serde_json::json!({"finish_before": "2026-11-22T06:00:01+08:00"});
    let errors = WindowDraft::parse(serde_json::from_value(late).unwrap(), Some(&base), USUAL).unwrap_err();
    assert_eq!(errors.0[0].code, "after-window-end");
}
