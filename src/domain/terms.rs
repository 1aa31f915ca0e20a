//! The words that comments use most: Chinese text cut into words by jieba, English by its blanks,
//! without the words that every text has.

use std::collections::{BTreeMap, HashSet};
use std::sync::{LazyLock, OnceLock};

use jieba_rs::Jieba;
use serde::Serialize;

/// Jieba's dictionary takes tens of megabytes and a moment to load: only who counts terms pays for it,
/// once. Call on a thread that may block.
fn jieba() -> &'static Jieba {
    static JIEBA: OnceLock<Jieba> = OnceLock::new();
    JIEBA.get_or_init(Jieba::new)
}

/// A term and in how many comments it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Term {
    /// The term, English in small letters.
    pub term: String,
    /// How many comments use it, however often each does.
    pub comments: u64,
}

/// Words of Chinese texts that say nothing by themselves.
static CHINESE: LazyLock<HashSet<&'static str>> =
    LazyLock::new(|| include_str!("terms/stop.zh.txt").lines().filter(|l| !l.starts_with('#')).collect());
/// The same of English.
static ENGLISH: LazyLock<HashSet<&'static str>> =
    LazyLock::new(|| include_str!("terms/stop.en.txt").lines().filter(|l| !l.starts_with('#')).collect());

fn is_chinese(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}' | '\u{20000}'..='\u{323AF}')
}

/// The terms of a text, each once.
fn terms_of(text: &str) -> HashSet<String> {
    let mut found = HashSet::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let chinese = is_chinese(first);
        let letter = |c: char| c.is_alphabetic() && !is_chinese(c) || c == '\'' || c == '’' || c == '-';
        let end =
            rest.find(|c: char| if chinese { !is_chinese(c) } else { !letter(c) }).unwrap_or(rest.len());
        let (run, next) = rest.split_at(if end == 0 { first.len_utf8() } else { end });
        rest = next;
        if chinese {
            let words = jieba().cut(run, true).into_iter().map(|token| token.word);
            found.extend(words.filter(|w| w.chars().count() >= 2 && !CHINESE.contains(w)).map(str::to_owned));
        } else {
            let word = run.trim_matches(['\'', '’', '-']).to_lowercase().replace('’', "'");
            if word.chars().count() >= 3 && !ENGLISH.contains(word.as_str()) {
                found.insert(word);
            }
        }
    }
    found
}

/// The terms that stand in at least two of these comments, the most frequent first, equally frequent
/// ones in the order of their letters; at most `most`. Call on a thread that may block: the first
/// Chinese comment loads the dictionary.
pub fn frequent<'a>(comments: impl Iterator<Item = &'a str>, most: usize) -> Vec<Term> {
    let mut counts: BTreeMap<String, u64> = BTreeMap::new();
    for comment in comments {
        for term in terms_of(comment) {
            *counts.entry(term).or_default() += 1;
        }
    }
    let mut terms: Vec<Term> =
        counts.into_iter().filter(|(_, n)| *n >= 2).map(|(term, comments)| Term { term, comments }).collect();
    terms.sort_by_key(|t| std::cmp::Reverse(t.comments));
    terms.truncate(most);
    terms
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_languages_are_counted_once_a_comment() {
        let comments = [
            "登录失败，登录页面一直转圈",
            "通知太晚，登录不了",
            "The notice came too late, the notice!",
            "A late notice",
            "通知很及时",
        ];
        let terms = frequent(comments.into_iter(), 10);
        let of = |term: &str| terms.iter().find(|t| t.term == term).map(|t| t.comments);
        assert_eq!(
            (of("登录"), of("通知"), of("notice"), of("late")),
            (Some(2), Some(2), Some(2), Some(2)),
            "{terms:?}"
        );
        // Once is no frequency, and words that every text has are none.
        assert_eq!((of("及时"), of("the"), of("太"), of("came")), (None, None, None, None));
    }

    #[test]
    fn nonsense_has_no_terms() {
        assert!(frequent(["", "！！！", "123 456", "--- ''", "\u{0}\u{0}"].into_iter(), 10).is_empty());
    }
}
