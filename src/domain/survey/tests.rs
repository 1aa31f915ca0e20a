use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::domain::fields::FieldErrors;
use crate::domain::line::COMMENT_MAX;
use crate::domain::statistics::{Distribution, Share};

fn full(answers: Value, complete: bool) -> Result<Answers, FieldErrors> {
    let Value::Object(map) = answers else { panic!("an object") };
    let raw = RawAnswers { answers: map.into_iter().collect(), complete, ..RawAnswers::default() };
    Answers::parse(TemplateKey::Full.template(), raw)
}

fn codes(result: Result<Answers, FieldErrors>) -> Vec<(String, &'static str)> {
    result.unwrap_err().0.into_iter().map(|e| (e.field, e.code)).collect()
}

fn form(key: TemplateKey, pairs: &[(&str, &str)]) -> Result<Answers, FieldErrors> {
    let pairs: Vec<_> = pairs.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
    Answers::parse(key.template(), RawAnswers::from_form(key.template(), &pairs))
}

#[test]
fn templates_are_well_formed() {
    for key in TemplateKey::ALL {
        let template = key.template();
        assert_eq!(template.key, *key);
        let keys: BTreeSet<_> = template.questions.iter().map(|q| q.key).collect();
        assert_eq!(keys.len(), template.questions.len());
        let messages = template.message_keys();
        assert_eq!(messages.iter().collect::<BTreeSet<_>>().len(), messages.len());
        assert!(messages.iter().all(|m| m.starts_with("survey-")));
        assert!(template.question("csat").unwrap().required);
    }
    let short: Vec<_> = TemplateKey::Short.template().questions.iter().map(|q| q.key).collect();
    assert_eq!(short, ["csat", "saw_notice", "comment"]);
    let ces = serde_json::to_value(TemplateKey::Full.template().question("ces").unwrap()).unwrap();
    assert_eq!((&ces["kind"], &ces["max"]), (&json!("scale"), &json!(7)));
}

#[test]
fn a_full_response_is_kept_by_question() {
    let answers = full(
        json!({"nps": 10, "ces": 7, "announcements": ["chat", "mail", "chat"], "trust": 4, "switch": "no",
               "csat": 5, "saw_notice": false, "comment": "很好\n谢谢"}),
        true,
    )
    .unwrap();
    assert_eq!((answers.csat, answers.nps, answers.ces), (Some(5), Some(10), Some(7)));
    assert_eq!((answers.saw_notice, answers.comment.as_deref()), (Some(false), Some("很好\n谢谢")));
    assert_eq!(
        serde_json::to_value(&answers.custom).unwrap(),
        json!({"announcements": ["mail", "chat"], "switch": "no", "trust": 4})
    );
    let back: BTreeMap<String, AnswerValue> =
        serde_json::from_value(serde_json::to_value(&answers.custom).unwrap()).unwrap();
    assert_eq!(back, answers.custom);
    assert_eq!(answers.get("trust"), Some(AnswerValue::Number(4)));
}

#[test]
fn what_does_not_fit_is_named() {
    let result = full(
        json!({"csat": 6, "nps": -1, "ces": 4.5, "trust": "4", "switch": "perhaps", "announcements": ["none", "mail"],
               "saw_notice": "yes", "comment": 3, "mood": 1}),
        true,
    );
    assert_eq!(result.clone().unwrap_err().of("ces").next().unwrap().params["max"], "7");
    assert_eq!(
        codes(result),
        [
            ("csat", "out-of-scale"),
            ("saw_notice", "unknown-choice"),
            ("nps", "out-of-scale"),
            ("ces", "out-of-scale"),
            ("answers.announcements", "exclusive-choice"),
            ("answers.trust", "out-of-scale"),
            ("answers.switch", "unknown-choice"),
            ("comment", "not-text"),
            ("answers.mood", "unknown-question"),
        ]
        .map(|(f, c)| (f.to_owned(), c))
    );
    assert_eq!(codes(full(json!({"comment": "登".repeat(COMMENT_MAX + 1)}), false))[0].1, "too-long");
}

#[test]
fn complete_needs_satisfaction_and_partial_needs_something() {
    assert_eq!(codes(full(json!({"nps": 9}), true)), [("csat".to_owned(), "required")]);
    assert!(full(json!({"nps": 9}), false).is_ok());
    assert_eq!(
        codes(full(json!({"comment": " \n", "announcements": [], "nps": null}), false)),
        [("csat".to_owned(), "nothing-answered")]
    );
}

#[test]
fn a_question_of_another_template_is_refused() {
    let raw = RawAnswers { csat: Some(4), nps: Some(9), complete: true, ..RawAnswers::default() };
    let result = Answers::parse(TemplateKey::Short.template(), raw);
    assert_eq!(codes(result), [("nps".to_owned(), "unknown-question")]);
}

#[test]
fn a_form_says_the_same_as_json() {
    let typed = form(
        TemplateKey::Full,
        &[
            ("csrf", "x"),
            ("csat", "5"),
            ("nps", ""),
            ("answers.announcements", "mail"),
            ("announcements", "other"),
            ("saw_notice", "yes"),
            ("switch", "maybe"),
            ("comment", "5"),
        ],
    );
    let sent = full(
        json!({"csat": 5, "announcements": ["mail", "other"], "saw_notice": true, "switch": "maybe", "comment": "5"}),
        true,
    );
    assert_eq!(typed, sent);
    assert!(typed.unwrap().complete);
    assert_eq!(codes(form(TemplateKey::Short, &[("csat", "x")])), [("csat".to_owned(), "out-of-scale")]);
    assert_eq!(codes(form(TemplateKey::Short, &[])), [("csat".to_owned(), "required")]);
    assert_eq!(
        codes(form(TemplateKey::Short, &[("complete", "false"), ("answers.trust", "4")])),
        [("answers.trust".to_owned(), "unknown-question")]
    );
}

#[test]
fn figures_read_as_the_api_describes_them() {
    let counts = SurveyCounts {
        complete: 20,
        partial: 2,
        csat: Distribution::from_counts(1, &[0, 0, 0, 0, 20]).unwrap(),
        nps: Distribution::from_counts(0, &[0, 0, 0, 0, 0, 0, 1, 1, 0, 1, 1]).unwrap(),
        saw_notice: Share::of(12, 8),
        ..SurveyCounts::default()
    };
    let figures = serde_json::to_value(counts.figures(4)).unwrap();
    assert_eq!(figures["csat"]["value"], json!(1.0));
    assert_eq!(figures["csat"]["interval"]["level"], json!(0.95));
    assert!((figures["csat"]["interval"]["low"].as_f64().unwrap() - 0.8389).abs() < 1e-4);
    assert_eq!(figures["csat"]["mean"], json!({"value": 5.0, "interval": null}));
    assert_eq!(figures["csat"]["distribution"], json!({"1": 0, "2": 0, "3": 0, "4": 0, "5": 20}));
    assert_eq!(figures["nps"]["value"], json!(25.0));
    assert_eq!(figures["saw_notice"]["k"], json!(12));
    assert_eq!((&figures["ces"]["n"], &figures["ces"]["value"]), (&json!(0), &Value::Null));
    let too_few = serde_json::to_value(counts.figures(5)).unwrap();
    assert_eq!((&too_few["nps"]["value"], &too_few["nps"]["promoters"]), (&Value::Null, &json!(2)));
    assert_eq!(too_few["nps"]["interval"], Value::Null);
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        (-2i64..12).prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,8}".prop_map(Value::from),
        prop::sample::select(vec!["mail", "none", "no", "yes"]).prop_map(Value::from),
    ];
    prop_oneof![leaf.clone(), prop::collection::vec(leaf, 0..4).prop_map(Value::from)]
}

proptest! {
    #[test]
    fn whatever_comes_is_taken_whole_or_refused(
        answers in prop::collection::btree_map(
            prop::sample::select(vec!["csat", "nps", "ces", "saw_notice", "comment", "announcements", "trust", "switch", "x"])
                .prop_map(str::to_owned),
            any_json(),
            0..6,
        ),
        complete: bool,
    ) {
        let template = TemplateKey::Full.template();
        match Answers::parse(template, RawAnswers { answers, complete, ..RawAnswers::default() }) {
            Err(errors) => prop_assert!(!errors.is_empty()),
            Ok(kept) => {
                prop_assert!(kept.csat.is_none_or(|v| (1..=5).contains(&v)));
                prop_assert!(kept.nps.is_none_or(|v| v <= 10));
                prop_assert!(kept.ces.is_none_or(|v| (1..=7).contains(&v)));
                prop_assert!(!kept.complete || kept.csat.is_some());
                // Taken once, it is taken again unchanged.
                let again = template.questions.iter()
                    .filter_map(|q| Some((q.key.to_owned(), serde_json::to_value(kept.get(q.key)?).unwrap())))
                    .collect();
                let raw = RawAnswers { answers: again, complete, ..RawAnswers::default() };
                prop_assert_eq!(Answers::parse(template, raw), Ok(kept));
            }
        }
    }
}
