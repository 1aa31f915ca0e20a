use proptest::prelude::*;

use super::stem::stem;
use super::*;

fn written(text: &str) -> Vec<String> {
    terms(text).iter().map(Term::to_string).collect()
}

#[test]
fn chinese_is_compared_by_pairs_and_english_by_stems() {
    assert_eq!(written("登录失败"), ["登", "登录", "录", "录失", "失", "失败", "败"]);
    assert_eq!(written("ＡＰＰ 登陆了"), ["app", "登", "登录", "录", "录了"]);
    assert_eq!(written("I can't log in, uploads are failing"), ["cannot", "login", "upload", "fail"]);
    assert_eq!(written("Signing in? HTTP 502!"), ["login", "502"]);
    assert_eq!(written("的了 ... ！"), Vec::<String>::new());
}

#[test]
fn stems_bring_forms_together() {
    for (a, b) in [
        ("cancelled", "cancel"),
        ("delays", "delayed"),
        ("payments", "payment"),
        ("crashes", "crashing"),
        ("connection", "connections"),
        ("loading", "load"),
        ("notification", "notifications"),
    ] {
        assert_eq!(stem(a), stem(b), "{a} {b}");
    }
    assert_ne!(stem("report"), stem("repair"));
    assert_eq!(stem("502"), "502");
    assert_eq!(stem("y"), "y");
}

fn likeness(query: &str, others: &[&str]) -> Vec<f64> {
    Collection::new(others.iter().map(|t| Document::of(t)).collect()).likeness(&Document::of(query))
}

#[test]
fn the_same_problem_in_other_words_is_more_alike_than_another_one() {
    let found = likeness(
        "验证码一直收不到，登录不了",
        &["报销单提交后附件全部丢失", "登录的时候收不到短信验证码", "页面打开很慢", "登录以后余额不对"],
    );
    assert_eq!(best(&found, 0.0, 1), [1]);
    let found = likeness(
        "Upload fails with error 413 for large files",
        &["Cannot log in since midnight", "Large file uploads are failing (413)", "The page is slow"],
    );
    assert_eq!(best(&found, 0.0, 1), [1]);
    assert!(found[1] > SIMILAR && found[0] < SIMILAR && found[2] < SIMILAR, "{found:?}");
}

#[test]
fn components_and_time_decide_between_equal_words() {
    let beside = |same_component, seconds| weighed(0.5, Beside { same_component, seconds });
    assert!(beside(Some(true), Some(60)) > beside(Some(true), Some(86_400)));
    assert!(beside(Some(true), None) > beside(None, None));
    assert!(beside(None, None) > beside(Some(false), None));
    assert_eq!(weighed(0.0, Beside { same_component: Some(true), seconds: Some(0) }), 0.0);
}

#[test]
fn nothing_is_like_nothing() {
    assert_eq!(likeness("", &["登录", ""]), [0.0, 0.0]);
    assert_eq!(likeness("登录", &[]), Vec::<f64>::new());
    assert_eq!(best(&[0.1, 0.9, 0.9], 0.5, 5), [1, 2]);
}

#[test]
fn equally_alike_ones_keep_their_order_however_they_were_added_up() {
    let (one, other) = (0.3, 0.1 + 0.2);
    assert_ne!(one, other);
    assert_eq!(best(&[one, other], 0.0, 2), [0, 1]);
    assert_eq!(best(&[other, one], 0.0, 2), [0, 1]);
}

#[test]
fn browsers_get_the_terms_that_say_something() {
    assert_eq!(weighty("登录的时候收不到 SMS，登录", 10), ["登录", "时候", "候收", "收不", "sms"]);
    assert_eq!(weighty("登录失败", 2), ["登录", "录失"]);
    assert_eq!(weighty("Late deliveries", 9), ["late", "deliver"]);
}

#[test]
fn a_known_issue_covers_what_a_report_says_of_it() {
    let issues =
        ["登录失败，验证码收不到。短信通道中断，正在切换。", "Uploads over 10 MB fail with error 413"];
    let collection = Collection::new(issues.iter().map(|t| Document::of(t)).collect());
    let covering = |typed: &str| collection.covering(&Document::of(typed));
    let typed = covering("验证码收不到");
    assert!(typed[0] > FITTING && typed[1] < FITTING, "{typed:?}");
    let typed = covering("my upload fails");
    assert!(typed[1] > FITTING && typed[0] < FITTING, "{typed:?}");
    assert!(covering("报销单打不开").iter().all(|share| *share < FITTING));
    let reports = Collection::new(["验证码收不到", "报销单打不开"].map(Document::of).to_vec());
    let covered = reports.covered_by(&Document::of(issues[0]));
    assert!(covered[0] > 0.9 && covered[1] < FITTING, "{covered:?}");
}

proptest! {
    #[test]
    fn a_text_is_most_like_itself(texts in proptest::collection::vec("[登录支付失败慢页面 a-z]{4,30}", 1..8)) {
        let documents: Vec<Document> = texts.iter().map(|t| Document::of(t)).collect();
        let collection = Collection::new(documents.clone());
        for (place, document) in documents.iter().enumerate().filter(|(_, d)| !d.is_empty()) {
            let found = collection.likeness(document);
            prop_assert!((found[place] - 1.0).abs() < 1e-9);
            prop_assert!(found.iter().all(|l| (0.0..=1.0 + 1e-9).contains(l)));
        }
    }

    #[test]
    fn any_text_can_be_compared(a in ".{0,60}", b in ".{0,60}") {
        let found = likeness(&a, &[&b, &a]);
        prop_assert!(found.iter().all(|l| l.is_finite() && *l >= 0.0));
    }
}
