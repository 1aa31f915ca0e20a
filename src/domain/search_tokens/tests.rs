use proptest::prelude::*;

use super::*;

fn needle(text: &str) -> Needle {
    Needle::parse(text.split_whitespace())
}

fn indexed(text: &str) -> Indexed {
    let mut indexed = Indexed::default();
    indexed.add(text);
    indexed
}

/// What both databases do with an index: all parts, words and pairs one after the other.
fn finds(needle: &Needle, indexed: &Indexed) -> bool {
    let follows = |wanted: &[String], prefix: bool| {
        indexed.tokens.windows(wanted.len()).any(|window| {
            window.iter().zip(wanted).enumerate().all(|(n, (token, wanted))| match token {
                Token::Gap => false,
                Token::Text(text) if prefix && n + 1 == window.len() => text.starts_with(wanted.as_str()),
                Token::Text(text) => text == wanted,
            })
        })
    };
    !needle.parts.is_empty()
        && needle.parts.iter().all(|part| match part {
            Part::Sign(sign) => indexed.signs.contains(sign),
            Part::Signs(signs) => {
                follows(&signs.windows(2).map(|p| p.iter().collect()).collect::<Vec<String>>(), false)
            }
            Part::Words(words) => follows(words, true),
        })
}

fn found(typed: &str, text: &str) -> bool {
    finds(&needle(typed), &indexed(text))
}

/// The whole text as a scan would look at it.
fn scanned(text: &str) -> String {
    normalised(text).into_iter().map(|(c, _)| c).collect()
}

#[test]
fn chinese_is_found_at_any_length_and_english_by_its_beginning() {
    let text = "登录后支付失败，提示 Login timed out（错误码：E-1001）。要求退款";
    for typed in [
        "登录",
        "支付",
        "退",
        "款",
        "登录后支付失败",
        "log",
        "LOGIN",
        "timed ou",
        "E-1001",
        "e1001 登录",
        "错误码",
    ] {
        assert_eq!(found(typed, text), !typed.starts_with("e1001"), "{typed}");
    }
    for typed in ["录登", "付失败，提", "ogin", "失败提示", "imed", "", "？！", "😀", "-"] {
        let expected = typed == "付失败，提";
        assert_eq!(found(typed, text), expected, "{typed}");
    }
    assert!(found("ＬＯＧＩＮ 支付", text), "full width is the same");
    assert!(found("ﾛｸﾞｲﾝ", "ログインできない"), "half width is the same");
    assert!(!found("登录像", "登录 录像"), "nothing is found across a blank");
}

#[test]
fn whatever_is_typed_means_only_itself() {
    for typed in
        ["\"", "登录\" OR *", "NEAR(a b)", "a:b^2", "log*", "%_\\", "' & ! | <->", "said : x", "\u{0}"]
    {
        let parts = needle(typed).parts;
        for part in &parts {
            if let Part::Words(words) = part {
                assert!(words.iter().all(|w| w.chars().all(char::is_alphanumeric)), "{typed}: {parts:?}");
            }
        }
    }
    assert!(found("log*", "Log in") && found("\"登录\"", "登录"));
}

#[test]
fn marks_cover_what_was_typed_in_the_text_as_it_stands() {
    let marked = |typed: &str, text: &str| {
        needle(typed).marks(text).into_iter().map(|r| text[r].to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(marked("登录 log", "无法登录：Login，登录"), ["登录", "Log", "登录"]);
    assert_eq!(marked("录失 登录", "登录失败"), ["登录失"]);
    assert_eq!(marked("Ｅ-10", "错误 e 1001"), ["e 10"]);
    assert_eq!(marked("株式", "㍿"), ["㍿"]);
    assert_eq!(marked("cafe", "cafe\u{301}"), Vec::<String>::new());
    assert_eq!(marked("café", "CAFE\u{301}s"), ["CAFE\u{301}"]);
    assert_eq!(marked("退", "申请退款"), ["退"]);
}

#[test]
fn a_long_word_is_found_by_its_beginning() {
    let long = "a".repeat(3_000);
    assert!(found(&long, &long) && found("aaaa", &long));
    assert_eq!(needle(&long).marks(&long), vec![0..WORD_MAX]);
}

fn chinese() -> impl Strategy<Value = String> {
    // Few signs, so that much is found and much nearly is.
    proptest::string::string_regex("[登录支付失败，。 a1]{0,24}").unwrap()
}

proptest! {
    #[test]
    fn signs_are_found_exactly_where_a_scan_finds_them(text in chinese(), typed in "[登录支付失败]{1,5}") {
        prop_assert_eq!(found(&typed, &text), scanned(&text).contains(&typed));
    }

    #[test]
    fn words_are_found_exactly_by_their_beginning(text in "[aAbBöÖＡ1 .登-]{0,24}", typed in "[abAöＡ1]{1,3}") {
        let (wanted, scan) = (scanned(&typed), scanned(&text));
        let begins = scan
            .split(|c: char| !c.is_alphanumeric() || is_sign(c))
            .any(|word| word.starts_with(&wanted));
        prop_assert_eq!(found(&typed, &text), begins);
    }

    #[test]
    fn what_is_found_is_marked_and_what_is_marked_is_found(text in ".{0,40}", typed in ".{0,6}") {
        let needle = needle(&typed);
        let marks = needle.marks(&text);
        for mark in &marks {
            prop_assert!(text.is_char_boundary(mark.start) && text.is_char_boundary(mark.end));
            prop_assert!(mark.start < mark.end);
        }
        if needle.parts.len() == 1 {
            prop_assert_eq!(finds(&needle, &indexed(&text)), !marks.is_empty());
        }
    }

    #[test]
    fn every_piece_of_a_text_finds_it(text in "[登录支付a-zA-Z0-9 ，\u{3041}-\u{3050}\u{ac00}-\u{ac10}]{1,40}", from in 0usize..40, to in 0usize..40) {
        let runs = runs(&text);
        prop_assume!(!runs.is_empty());
        let run = &runs[from % runs.len()];
        let piece: String = if run.signs {
            let from = to % run.letters.len();
            run.letters[from..].iter().collect()
        } else {
            run.letters[..=to % run.letters.len()].iter().collect()
        };
        prop_assert!(found(&piece, &text), "{piece} in {text}");
    }
}
