use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use serde_json::{Value, json};

use super::written::{ChoiceInput, ConditionInput, QuestionInput, TemplateInput};
use super::*;
use crate::domain::fields::FieldErrors;
use crate::domain::instant::Instant;
use crate::domain::language::Language;
use crate::domain::line::COMMENT_MAX;
use crate::domain::statistics::{Distribution, Share};

fn full(answers: Value, complete: bool) -> Result<Answers, FieldErrors> {
    let Value::Object(map) = answers else { panic!("an object") };
    let raw = RawAnswers { answers: map.into_iter().collect(), complete, ..RawAnswers::default() };
    Answers::parse(TemplateKey::Full.built_in().unwrap(), raw)
}

fn codes(result: Result<Answers, FieldErrors>) -> Vec<(String, &'static str)> {
    result.unwrap_err().0.into_iter().map(|e| (e.field, e.code)).collect()
}

fn form(key: TemplateKey, pairs: &[(&str, &str)]) -> Result<Answers, FieldErrors> {
    let pairs: Vec<_> = pairs.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
    let template = key.built_in().unwrap();
    Answers::parse(template, RawAnswers::from_form(template, &pairs))
}

#[test]
fn what_is_answered_in_two_places_is_refused() {
    let full = TemplateKey::Full.built_in().unwrap();
    let twice = |key: &str, value: serde_json::Value| {
        let raw = RawAnswers {
            csat: Some(4),
            nps: Some(9),
            ces: Some(6),
            saw_notice: Some(true),
            comment: Some("x".to_owned()),
            answers: [(key.to_owned(), value)].into(),
            complete: false,
        };
        Answers::parse(full, raw)
    };
    for key in ["csat", "nps", "ces", "saw_notice", "comment"] {
        let errors = twice(key, serde_json::json!(1)).unwrap_err();
        let error = &errors.0[0];
        assert_eq!((error.field.as_str(), error.code), (format!("answers.{key}").as_str(), "answered-twice"));
        assert!(twice(key, serde_json::Value::Null).is_ok(), "{key}: null is no answer");
    }
}

#[test]
fn built_in_templates_are_well_formed() {
    for template in TemplateKey::BUILT_IN.iter().flat_map(|key| key.built_in_versions()) {
        let keys: BTreeSet<_> = template.questions.iter().map(|q| &q.key).collect();
        assert_eq!(keys.len(), template.questions.len());
        let messages = template.message_keys();
        assert_eq!(messages.iter().collect::<BTreeSet<_>>().len(), messages.len());
        assert!(messages.iter().all(|m| m.starts_with("survey-")));
        assert!(template.question("csat").unwrap().required);
        // Whoever copies one begins with something that can be kept.
        let written = template.written(|key, language| format!("{key} {language}"));
        let copy = Template::parse(TemplateKey::Made("copy".into()), 1, written).unwrap();
        assert!(
            copy.questions.iter().zip(&template.questions).all(|(a, b)| a.counts_like(b) && a.key == b.key)
        );
    }
    for key in TemplateKey::BUILT_IN {
        let versions: Vec<u32> = key.built_in_versions().iter().map(|t| t.version).collect();
        assert_eq!(versions, (1..=versions.len() as u32).collect::<Vec<_>>());
    }
    let short = TemplateKey::Short.built_in().unwrap();
    let short: Vec<_> = short.questions.iter().map(|q| q.key.as_str()).collect();
    assert_eq!(short, ["csat", "saw_notice", "comment"]);
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
    let result = Answers::parse(TemplateKey::Short.built_in().unwrap(), raw);
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
    let own = form(TemplateKey::Full, &[("csat", "5"), ("answers.announcements.other", "内网")]).unwrap();
    assert_eq!(own.get("announcements"), Some(AnswerValue::Choices(vec!["other".into()])));
    assert_eq!(own.get("announcements.other"), Some(AnswerValue::Text("内网".into())));
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

fn both(text: &str) -> BTreeMap<Language, String> {
    Language::ALL.iter().map(|l| (*l, format!("{text} {l}"))).collect()
}

fn asking(key: &str, kind: &str) -> QuestionInput {
    let scale = kind == "scale";
    let choice =
        |code: &str, other| ChoiceInput { code: code.into(), text: both(code), other, exclusive: false };
    QuestionInput {
        key: key.into(),
        text: both(key),
        kind: kind.into(),
        min: scale.then_some(1),
        max: scale.then_some(5),
        low: if scale { both("low") } else { BTreeMap::new() },
        high: if scale { both("high") } else { BTreeMap::new() },
        choices: match kind {
            "single" | "multiple" => vec![choice("a", false), choice("b", false), choice("o", true)],
            _ => Vec::new(),
        },
        ..QuestionInput::default()
    }
}

fn only_if(question: QuestionInput, on: &str, answers: &[&str]) -> QuestionInput {
    let answers = answers.iter().map(|a| (*a).to_owned()).collect();
    QuestionInput { shown_if: Some(ConditionInput { question: on.into(), answers }), ..question }
}

fn made(questions: Vec<QuestionInput>) -> Result<Template, FieldErrors> {
    Template::parse(TemplateKey::Made("made".into()), 1, TemplateInput { name: both("Made"), questions })
}

fn mistakes(questions: Vec<QuestionInput>) -> Vec<(String, &'static str)> {
    made(questions).unwrap_err().0.into_iter().map(|e| (e.field, e.code)).collect()
}

fn answer(template: &Template, answers: Value, complete: bool) -> Result<Answers, FieldErrors> {
    let Value::Object(map) = answers else { panic!("an object") };
    Answers::parse(
        template,
        RawAnswers { answers: map.into_iter().collect(), complete, ..RawAnswers::default() },
    )
}

#[test]
fn a_question_is_asked_only_if_an_earlier_answer_says_so() {
    let why = QuestionInput { required: true, ..only_if(asking("why", "text"), "mood", &["1", "2"]) };
    let template =
        made(vec![asking("mood", "scale"), why, only_if(asking("which", "single"), "why_not", &["yes"])]);
    assert_eq!(template.unwrap_err().0[0].code, "condition-on-unknown");
    let why = QuestionInput { required: true, ..only_if(asking("why", "multiple"), "mood", &["2", "1"]) };
    let more = only_if(asking("more", "text"), "why", &["b"]);
    let template = made(vec![asking("mood", "scale"), why, more]).unwrap();
    assert!(answer(&template, json!({"mood": 5}), true).is_ok());
    let missing = codes(answer(&template, json!({"mood": 2}), true));
    assert_eq!(missing, [("answers.why".to_owned(), "required")]);
    assert!(answer(&template, json!({"mood": 2}), false).is_ok());
    assert!(answer(&template, json!({"mood": 2, "why": ["a", "b"], "more": "x"}), true).is_ok());
    let hidden = codes(answer(&template, json!({"mood": 4, "why": ["b"], "more": "x"}), true));
    assert_eq!(
        hidden,
        [("answers.why".to_owned(), "hidden-question"), ("answers.more".to_owned(), "hidden-question")]
    );
    // A question that hangs on a hidden one is hidden; nothing typed into it is nothing.
    assert!(answer(&template, json!({"mood": 4, "more": " "}), true).is_ok());
    // What hangs on a wrong answer is not judged before that is mended.
    assert_eq!(
        codes(answer(&template, json!({"mood": 9, "why": ["b"]}), true)),
        [("answers.mood".to_owned(), "out-of-scale")]
    );
}

#[test]
fn other_goes_with_its_words() {
    let template = made(vec![asking("one", "single"), asking("some", "multiple")]).unwrap();
    let kept = answer(&template, json!({"one.other": "x", "some": ["a"], "some.other": "y"}), true).unwrap();
    assert_eq!(kept.get("one"), Some(AnswerValue::Text("o".into())));
    assert_eq!(kept.get("some"), Some(AnswerValue::Choices(vec!["a".into(), "o".into()])));
    assert_eq!(kept.get("some.other"), Some(AnswerValue::Text("y".into())));
    let wrong = codes(answer(&template, json!({"one": "a", "one.other": "x", "some.other": 3}), false));
    assert_eq!(
        wrong,
        [("answers.one.other".to_owned(), "other-not-chosen"), ("answers.some.other".to_owned(), "not-text")]
    );
    let long = codes(answer(&template, json!({"one.other": "x".repeat(201)}), false));
    assert_eq!(long, [("answers.one.other".to_owned(), "too-long")]);
}

#[test]
fn mistakes_of_a_template_are_named() {
    let field = |f: &str| f.to_owned();
    assert_eq!(mistakes(vec![]), [(field("questions"), "no-questions")]);
    assert_eq!(mistakes(vec![asking("Mood", "scale")]), [(field("questions.0.key"), "bad-question-key")]);
    let twice = vec![asking("a", "yes_no"), asking("a", "yes_no")];
    assert_eq!(mistakes(twice), [(field("questions.1.key"), "duplicate-question")]);
    let blank =
        QuestionInput { text: [(Language::En, "Only English".to_owned())].into(), ..asking("a", "text") };
    assert_eq!(mistakes(vec![blank]), [(field("questions.0.text.zh-CN"), "required")]);
    let ten = QuestionInput { max: Some(10), ..asking("csat", "scale") };
    assert_eq!(mistakes(vec![ten]), [(field("questions.0.kind"), "standard-question")]);
    assert_eq!(mistakes(vec![asking("csat", "text")]), [(field("questions.0.kind"), "standard-question")]);
    let down = QuestionInput { min: Some(5), max: Some(5), ..asking("a", "scale") };
    assert_eq!(mistakes(vec![down]), [(field("questions.0.max"), "scale-upside-down")]);
    let far = QuestionInput { max: Some(11), ..asking("a", "scale") };
    assert_eq!(mistakes(vec![far]), [(field("questions.0.max"), "out-of-range")]);
    let mut one = asking("a", "single");
    one.choices.truncate(1);
    assert_eq!(mistakes(vec![one]), [(field("questions.0.choices"), "too-few-choices")]);
    let mut same = asking("a", "single");
    same.choices[1].code = "a".into();
    same.choices[1].other = true;
    assert_eq!(
        mistakes(vec![same]),
        [
            (field("questions.0.choices.1.code"), "duplicate-choice"),
            (field("questions.0.choices.2.other"), "one-other")
        ]
    );
    assert_eq!(mistakes(vec![asking("a", "slider")]), [(field("questions.0.kind"), "unknown-code")]);
    let on = |answers: &[&str], on: &str| {
        mistakes(vec![
            asking("t", "text"),
            asking("m", "scale"),
            only_if(asking("a", "text"), on, answers),
            asking("z", "scale"),
        ])
    };
    let at = field("questions.2.shown_if");
    assert_eq!(on(&["1"], "z"), [(at.clone(), "condition-on-later")]);
    assert_eq!(on(&["1"], "a"), [(at.clone(), "condition-on-later")]);
    assert_eq!(on(&["1"], "nothing"), [(at.clone(), "condition-on-unknown")]);
    assert_eq!(on(&["x"], "t"), [(at.clone(), "condition-on-text")]);
    assert_eq!(on(&["9"], "m"), [(at.clone(), "condition-unknown-answer")]);
    assert_eq!(on(&[], "m"), [(at, "condition-empty")]);
}

#[test]
fn a_survey_is_open_for_its_days_and_as_long_as_nobody_closes_it() {
    let day = |n: i64| Instant::from_seconds(1_700_000_000 + n * 86_400).unwrap();
    let opening = Opening { completed_at: None, never: false, opened_at: None, closed_at: None, days: 14 };
    assert_eq!(opening.phase(day(0)), SurveyPhase::NotYet);
    assert_eq!(Opening { never: true, ..opening }.phase(day(0)), SurveyPhase::Never);
    let done = Opening { completed_at: Some(day(0)), ..opening };
    assert_eq!(done.phase(day(0)), SurveyPhase::Open(day(14)));
    assert_eq!(done.phase(day(14)), SurveyPhase::Closed(day(14)));
    let closed = Opening { closed_at: Some(day(2)), ..done };
    assert_eq!(closed.phase(day(3)), SurveyPhase::Closed(day(2)));
    assert_eq!(Opening { opened_at: Some(day(3)), ..closed }.phase(day(4)), SurveyPhase::Open(day(17)));
    // Opened and closed before the work was done, it opens when that is done.
    let early = Opening { opened_at: Some(day(-3)), closed_at: Some(day(-2)), ..opening };
    assert_eq!(early.phase(day(-1)), SurveyPhase::Closed(day(-2)));
    assert_eq!(Opening { completed_at: Some(day(0)), ..early }.phase(day(1)), SurveyPhase::Open(day(14)));
}

#[test]
fn a_list_is_read_by_its_titles_or_refused_whole() {
    let list = |rows: &[&[&str]]| {
        let rows: Vec<Vec<String>> =
            rows.iter().map(|r| r.iter().map(|c| (*c).to_owned()).collect()).collect();
        invited::read(&rows, Language::ZhCn)
    };
    let rows = list(&[
        &["\u{FEFF}姓名", "邮箱", "语言"],
        &["李伟", "li@example.com", ""],
        &["", "", ""],
        &["Ann", "a@example.com", "en"],
    ])
    .unwrap();
    assert_eq!(rows.len(), 2);
    assert_eq!(
        (rows[0].name.as_str(), rows[0].language, rows[1].language),
        ("李伟", Language::ZhCn, Language::En)
    );
    let wrong =
        list(&[&["name", "contact", "language"], &["a", "", "fr"], &["b", "x\u{0}", ""]]).unwrap_err();
    let codes: Vec<_> = wrong.0.iter().map(|e| (e.code, e.params["row"].as_str())).collect();
    assert_eq!(codes, [("list-row-contact", "2"), ("list-row-language", "2"), ("list-row-character", "3")]);
    assert_eq!(list(&[&["name"], &["a"]]).unwrap_err().0[0].code, "list-no-contact");
    assert_eq!(list(&[&["contact"]]).unwrap_err().0[0].code, "list-empty");
    assert_eq!(list(&[]).unwrap_err().0[0].code, "list-empty");
    assert_eq!(invited::tidy(" A@Example.com "), "a@example.com");
    assert_eq!(invited::tidy("+86 138-0000-1111"), "13800001111");
    assert_eq!(invited::tidy("微信 li_wei"), "微信 li_wei");
}

proptest! {
    #[test]
    fn whatever_comes_is_taken_whole_or_refused(
        answers in prop::collection::btree_map(
            prop::sample::select(vec!["csat", "nps", "ces", "saw_notice", "comment", "announcements", "trust", "switch", "x", "announcements.other", "switch.other"])
                .prop_map(str::to_owned),
            any_json(),
            0..6,
        ),
        complete: bool,
    ) {
        let template = TemplateKey::Full.built_in().unwrap();
        match Answers::parse(template, RawAnswers { answers, complete, ..RawAnswers::default() }) {
            Err(errors) => prop_assert!(!errors.is_empty()),
            Ok(kept) => {
                prop_assert!(kept.csat.is_none_or(|v| (1..=5).contains(&v)));
                prop_assert!(kept.nps.is_none_or(|v| v <= 10));
                prop_assert!(kept.ces.is_none_or(|v| (1..=7).contains(&v)));
                prop_assert!(!kept.complete || kept.csat.is_some());
                // Taken once, it is taken again unchanged.
                let again = template.questions.iter()
                    .flat_map(|q| [q.key.clone(), q.other_key()])
                    .filter_map(|key| Some((key.clone(), serde_json::to_value(kept.get(&key)?).unwrap())))
                    .collect();
                let raw = RawAnswers { answers: again, complete, ..RawAnswers::default() };
                prop_assert_eq!(Answers::parse(template, raw), Ok(kept));
            }
        }
    }

    #[test]
    fn templates_are_taken_whole_or_refused_and_kept_as_they_are(
        kinds in prop::collection::vec(prop::sample::select(vec!["scale", "single", "multiple", "yes_no", "text"]), 1..6),
        conditions in prop::collection::vec((0usize..6, prop::sample::select(vec!["1", "yes", "a", "o", "9"])), 0..6),
        given in prop::collection::vec(any_json(), 6),
        complete: bool,
    ) {
        let mut questions: Vec<_> = kinds.iter().enumerate().map(|(i, k)| asking(&format!("q{i}"), k)).collect();
        for (i, (on, said)) in conditions.iter().enumerate().take(questions.len()) {
            questions[i] = only_if(questions[i].clone(), &format!("q{on}"), &[said]);
        }
        let Ok(template) = made(questions) else { return Ok(()) };
        // Every condition names what stands before, so there are no circles.
        for (i, question) in template.questions.iter().enumerate() {
            if let Some(condition) = &question.shown_if {
                prop_assert!(template.questions[..i].iter().any(|q| q.key == condition.question));
            }
        }
        // Kept as JSON and read again it is the same.
        let json = serde_json::to_string(&template.written(|key, _| key.to_owned())).unwrap();
        let again = Template::parse(template.key.clone(), 1, serde_json::from_str(&json).unwrap());
        prop_assert_eq!(again.as_ref(), Ok(&template));
        // No answer to a hidden question is ever kept, and none is lost without a word.
        let answers: BTreeMap<String, Value> = template.questions.iter().zip(&given).map(|(q, v)| (q.key.clone(), v.clone())).collect();
        let raw = RawAnswers { answers: answers.clone(), complete, ..RawAnswers::default() };
        let fitting = Answers::fitting(&template, raw.clone());
        for question in &template.questions {
            prop_assert!(fitting.get(&question.key).is_none() || fitting.is_asked(question));
        }
        if let Ok(kept) = Answers::parse(&template, raw) {
            let blank = |v: &Value| v.is_null() || v.as_str().is_some_and(|t| t.trim().is_empty()) || v.as_array().is_some_and(Vec::is_empty);
            for (key, value) in &answers {
                prop_assert_eq!(kept.get(key).is_some(), !blank(value), "{}", key);
            }
        }
    }

    #[test]
    fn nonsense_lists_and_contacts_do_not_panic(cells in prop::collection::vec(prop::collection::vec(".{0,6}", 0..4), 0..6), contact in ".{0,30}") {
        let _ = invited::read(&cells, Language::En);
        let tidy = invited::tidy(&contact);
        prop_assert_eq!(invited::tidy(&tidy), tidy);
    }
}
