//! Passwords that may be chosen: long enough, and none that anybody tries first.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use crate::domain::fields::FieldErrors;

/// The shortest password accepted, in characters.
pub const PASSWORD_MIN: usize = 10;
/// The longest password accepted, in bytes; longer ones would only cost time to hash.
pub const PASSWORD_MAX: usize = 1_000;

/// Words, names, walks over the keyboard and numbers from which guessed passwords are built, each at
/// least four letters long, in small letters. A local list: no password is ever shown to anybody else.
static COMMON: LazyLock<Vec<&str>> = LazyLock::new(|| include_str!("password/common.txt").lines().collect());

/// How many other characters beside one well-known word make it no less well known.
const BESIDE_ONE: usize = 5;
/// How many beside two.
const BESIDE_TWO: usize = 3;

/// A new password: long enough, not one of those that everybody tries first, not the name.
#[derive(Clone)]
pub struct NewPassword(String);

impl NewPassword {
    /// Checks the password typed into `field`. `names` are what an attacker knows of the one who
    /// chooses it: their name and that of the service.
    ///
    /// Errors: `password-too-short` (`min`), `too-long`, `password-too-common`.
    pub fn parse(field: &str, text: &str, names: &[&str]) -> Result<NewPassword, FieldErrors> {
        let mut errors = FieldErrors::new();
        if text.chars().count() < PASSWORD_MIN {
            errors.add_with(field, "password-too-short", [("min", PASSWORD_MIN.to_string())]);
        } else if text.len() > PASSWORD_MAX {
            errors.add_with(
                field,
                "too-long",
                [("max", PASSWORD_MAX.to_string()), ("count", text.len().to_string())],
            );
        } else if is_common(text, names) {
            errors.add(field, "password-too-common");
        }
        errors.or(NewPassword(text.to_owned()))
    }

    /// The password.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for NewPassword {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("NewPassword(hidden)")
    }
}

fn is_common(text: &str, names: &[&str]) -> bool {
    let lower = text.to_lowercase();
    let distinct: BTreeSet<char> = lower.chars().collect();
    // A telephone number, a birthday, a number of an account: all found by counting.
    let number = lower.chars().all(|c| c.is_numeric() || " -./+".contains(c));
    if distinct.len() < 4 || number || repeats(&lower) {
        return true;
    }
    let mut known: Vec<String> = Vec::new();
    for name in names {
        let name = name.to_lowercase();
        known.extend(name.split_whitespace().filter(|w| w.chars().count() >= 3).map(str::to_owned));
        known.push(name.split_whitespace().collect());
    }
    known.retain(|word| word.chars().count() >= 2);
    let plain = plain(&lower);
    [&lower, &plain].into_iter().any(|text| is_built_on(text, &known))
}

/// Whether the text is one or two well-known words with little beside them.
fn is_built_on(text: &str, known: &[String]) -> bool {
    let words = COMMON.iter().copied().chain(known.iter().map(String::as_str));
    let mut found: Vec<&str> = words.filter(|word| text.contains(word)).collect();
    found.sort_by_key(|word| std::cmp::Reverse(word.len()));
    found.iter().any(|first| {
        let rest = text.replace(first, "");
        let left = rest.chars().count();
        left <= BESIDE_ONE
            || (left <= BESIDE_TWO + 12
                && found.iter().any(|second| {
                    rest.contains(second) && rest.replace(second, "").chars().count() <= BESIDE_TWO
                }))
    })
}

/// Whether the text is something of at most half its length again and again.
fn repeats(text: &str) -> bool {
    let letters: Vec<char> = text.chars().collect();
    (1..=letters.len() / 2).any(|n| letters.iter().enumerate().all(|(i, c)| *c == letters[i % n]))
}

/// The text with the digits and marks that stand for letters (`p@55w0rd`) read as those.
fn plain(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '0' => 'o',
            '1' | '!' => 'i',
            '3' => 'e',
            '4' | '@' => 'a',
            '5' | '$' => 's',
            '7' => 't',
            other => other,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn allowed(text: &str) -> bool {
        NewPassword::parse("password", text, &["operator", "Yunfan Finance"]).is_ok()
    }

    #[test]
    fn the_list_is_a_few_thousand_words() {
        assert!(COMMON.len() > 2_000);
        assert!(COMMON.iter().all(|word| word.chars().count() >= 4 && *word == word.to_lowercase()));
    }

    #[test]
    fn well_known_passwords_are_refused() {
        for bad in [
            "short",
            "password123",
            "Password1!",
            "P@55w0rd2026",
            "1111111111",
            "1234567890",
            "13800138000",
            "1990-01-01-1990",
            "admin-2024",
            "operator99",
            "yunfan-2026",
            "YunfanFinance!",
            "qwertyuiop12",
            "1qaz2wsx3edc",
            "woaini1314520",
            "zhangwei1988",
            "monkeydragon",
            "Welcome2026!",
            "abcdeabcde",
            "xyzw7xyzw7",
            "drowssap123",
            "letmein!!!!!",
        ] {
            assert!(!allowed(bad), "{bad}");
        }
    }

    #[test]
    fn passwords_that_take_some_guessing_are_taken() {
        for good in [
            "a long walk home",
            "walking home in the rain",
            "维护窗口开始之前要先备份",
            "k3-Turbine-ox9",
            "seven grey herons wait",
            "vTq9-mL2x-Pw7c",
        ] {
            assert!(allowed(good), "{good}");
        }
    }

    proptest! {
        /// Whatever is typed is read in little time and without a panic.
        #[test]
        fn anything_may_be_typed(text in ".{0,400}", name in ".{0,60}") {
            let _ = NewPassword::parse("password", &text, &[&name, ""]);
        }
    }
}
