//! What people were asked who answered different versions of a survey.

use super::template::{Answerable, Choice, Question, Template};

/// The questions of these versions of a survey, the latest first, each once and in the words of the
/// latest version that has it. A question that later versions leave out stands behind the one that it
/// once followed, and so does a choice.
pub fn together<'a>(versions: impl IntoIterator<Item = &'a Template>) -> Vec<Question> {
    let mut all: Vec<Question> = Vec::new();
    for version in versions {
        let mut next = 0;
        for question in &version.questions {
            next = match all.iter().position(|known| known.key == question.key) {
                Some(at) => {
                    add_choices(&mut all[at], question);
                    at
                }
                None => {
                    all.insert(next, question.clone());
                    next
                }
            } + 1;
        }
    }
    all
}

/// Adds the choices that only the older form of the question has.
fn add_choices(known: &mut Question, older: &Question) {
    let (Answerable::Single { choices } | Answerable::Multiple { choices }) = &mut known.answer else {
        return;
    };
    let mut next = 0;
    for choice in older.choices() {
        next = match choices.iter().position(|c: &Choice| c.code == choice.code) {
            Some(at) => at,
            None => {
                choices.insert(next, choice.clone());
                next
            }
        } + 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::language::{Language, Texts};
    use crate::domain::survey::{TemplateKey, Wording};

    fn words(text: &str) -> Wording {
        Wording::Written(Texts::single(Language::En, text))
    }

    /// A version with these questions, each with these choices; all words have the version behind them.
    fn version(version: u32, questions: &[(&str, &[&str])]) -> Template {
        let said = |text: &str| words(&format!("{text} {version}"));
        let choice = |code: &&str| Choice {
            code: (*code).to_owned(),
            text: said(code),
            exclusive: false,
            other: false,
        };
        let question = |(key, choices): &(&str, &[&str])| Question {
            key: (*key).to_owned(),
            text: said(key),
            answer: Answerable::Single { choices: choices.iter().map(choice).collect() },
            required: false,
            shown_if: None,
        };
        Template {
            key: TemplateKey::Made("night".to_owned()),
            version,
            name: said("name"),
            questions: questions.iter().map(question).collect(),
        }
    }

    #[test]
    fn nothing_that_was_asked_is_lost_and_the_latest_words_count() {
        let old = version(1, &[("a", &["x", "y", "z"]), ("b", &[]), ("c", &["x"])]);
        let new = version(2, &[("a", &["z", "w"]), ("d", &[]), ("c", &["x"])]);
        let all = together([&new, &old]);
        let keys: Vec<&str> = all.iter().map(|q| q.key.as_str()).collect();
        assert_eq!(keys, ["a", "b", "d", "c"]);
        let codes: Vec<&str> = all[0].choices().iter().map(|c| c.code.as_str()).collect();
        assert_eq!(codes, ["x", "y", "z", "w"]);
        assert_eq!((&all[0].text, &all[0].choices()[2].text), (&words("a 2"), &words("z 2")));
        assert_eq!((&all[1].text, &all[0].choices()[0].text), (&words("b 1"), &words("x 1")));
        assert!(together([]).is_empty());
    }
}
