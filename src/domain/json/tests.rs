use super::*;
use crate::domain::notice::WindowInput;
use crate::domain::window::WindowState;

#[derive(Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Body {
    fixed: bool,
    count: Option<u8>,
    state: Option<WindowState>,
    #[serde(default)]
    answers: BTreeMap<String, serde_json::Value>,
}

fn wrong<T: DeserializeOwned>(json: &str) -> (String, &'static str, String) {
    let error = read::<T>("body", json.as_bytes()).err().map(|e| e.0[0].clone());
    let error = error.unwrap_or_else(|| panic!("{json} is taken"));
    let params: Vec<String> = error.params.iter().map(|(name, value)| format!("{name}={value}")).collect();
    (error.field, error.code, params.join(" "))
}

fn is(found: (String, &'static str, String), field: &str, code: &str, params: &str) {
    assert_eq!((found.0.as_str(), found.1, found.2.as_str()), (field, code, params));
}

#[test]
fn what_is_right_is_read() {
    let body: Body =
        read("body", br#"{"count":null,"fixed":true,"answers":{"a":[1,-2,0.5,{"b":null}]}}"#).unwrap();
    assert!(body.fixed && body.count.is_none() && body.state.is_none());
    assert_eq!(serde_json::to_string(&body.answers).unwrap(), r#"{"a":[1,-2,0.5,{"b":null}]}"#);
    let window: WindowInput =
        read("body", br#"{"title":"x","body":{"en":"y"},"finish_before":null}"#).unwrap();
    assert!(matches!(window.title, Some(TextsInput::One(text)) if text == "x"));
    assert!(matches!(window.body, Some(TextsInput::Many(texts)) if texts[&Language::En] == "y"));
    assert_eq!(window.finish_before, Some(None));
}

#[test]
fn a_list_is_no_object_at_any_depth() {
    is(wrong::<Body>("[true]"), "body", "wrong-type", "expected=object");
    is(wrong::<WindowInput>(r#"{"survey":["short",3]}"#), "survey", "wrong-type", "expected=object");
    is(
        wrong::<WindowInput>(r#"{"components":[["login","none"]]}"#),
        "components.0",
        "wrong-type",
        "expected=object",
    );
    is(
        wrong::<WindowInput>(r#"{"support":{"hours":{"time_zone":"UTC","slots":[[[1],"09:00","18:00"]]}}}"#),
        "support.hours.slots.0",
        "wrong-type",
        "expected=object",
    );
}

#[test]
fn what_has_the_wrong_type_is_named_with_what_was_expected() {
    is(wrong::<Body>("7"), "body", "wrong-type", "expected=object");
    is(wrong::<Body>(r#"{"fixed":"yes"}"#), "fixed", "wrong-type", "expected=flag");
    is(wrong::<Body>(r#"{"fixed":null}"#), "fixed", "wrong-type", "expected=flag");
    for number in ["1.5", "300", "-1", "\"1\"", "1e40"] {
        is(wrong::<Body>(&format!(r#"{{"count":{number}}}"#)), "count", "wrong-type", "expected=whole");
    }
    let states: Vec<&str> = WindowState::ALL.iter().map(|s| s.code()).collect();
    let states = states.join(", ");
    is(wrong::<Body>(r#"{"state":5}"#), "state", "wrong-type", &format!("codes={states} expected=code"));
    is(wrong::<Body>(r#"{"state":"on"}"#), "state", "unknown-code", &format!("codes={states}"));
    is(wrong::<WindowInput>(r#"{"title":5}"#), "title", "wrong-type", "expected=texts");
    is(wrong::<WindowInput>(r#"{"title":{"en":5}}"#), "title.en", "wrong-type", "expected=text");
    is(wrong::<WindowInput>(r#"{"slug":5}"#), "slug", "wrong-type", "expected=text");
    is(wrong::<WindowInput>(r#"{"tested":"login"}"#), "tested", "wrong-type", "expected=list");
    is(wrong::<WindowInput>(r#"{"scheduled_start":"2026-12-05"}"#), "scheduled_start", "bad-moment", "");
    is(wrong::<WindowInput>(r#"{"finish_before":5}"#), "finish_before", "bad-moment", "");
}

#[test]
fn a_language_that_is_none_of_ours_is_named_with_ours() {
    let ours = Language::ALL.iter().map(|l| l.code()).collect::<Vec<_>>().join(", ");
    is(
        wrong::<WindowInput>(r#"{"title":{"fr":"x"}}"#),
        "title.fr",
        "unknown-language",
        &format!("languages={ours}"),
    );
}

#[test]
fn fields_that_are_missing_unknown_or_there_twice_are_named() {
    is(wrong::<Body>("{}"), "fixed", "required", "");
    is(wrong::<Body>(r#"{"fixed":true,"colour":1}"#), "colour", "unknown-field", "");
    is(wrong::<Body>(r#"{"fixed":true,"fixed":true}"#), "fixed", "duplicate-field", "");
    is(wrong::<Body>(r#"{"fixed":true,"answers":{"a":1,"a":2}}"#), "answers.a", "duplicate-field", "");
    is(wrong::<WindowInput>(r#"{"components":[{"key":"a"}]}"#), "components.0.impact", "required", "");
    is(wrong::<WindowInput>(r#"{"title":{"en":"a","en":"b"}}"#), "title.en", "duplicate-field", "");
}

#[test]
fn what_is_no_json_is_told_by_its_place() {
    is(wrong::<Body>("{\n\"fixed\":tru}"), "body", "bad-json", "column=12 line=2");
    is(wrong::<Body>("{} {}"), "body", "bad-json", "column=4 line=1");
    is(wrong::<Body>(""), "body", "bad-json", "column=0 line=1");
}

#[test]
fn a_document_in_a_field_is_named_by_the_field() {
    let of = |json: &str| read_in::<Vec<Body>>("updates", json.as_bytes()).unwrap_err().0[0].field.clone();
    assert_eq!(of("[{}]"), "updates.0.fixed");
    assert_eq!(of("{}"), "updates");
    assert_eq!(of("["), "updates");
}
