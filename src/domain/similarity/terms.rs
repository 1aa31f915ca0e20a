//! What of a text is compared.

use unicode_normalization::UnicodeNormalization;

use super::stem::stem;

/// What a text is compared by: a pair of characters, or the stem of a word.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Term {
    /// Two neighbouring characters of a language that does not separate its words.
    Pair(char, char),
    /// One character of such a language: 漏 in 漏送 and 漏了.
    One(char),
    /// The stem of a word, or a number or code.
    Word(String),
}

impl Term {
    /// How much it says as such: a single character less than a pair, a pair with a character of
    /// grammar less than one without, and one of two of them nothing.
    pub fn weight(&self) -> f64 {
        match self {
            Term::Word(_) => 1.0,
            Term::One(c) => {
                if is_grammar(*c) {
                    0.0
                } else {
                    0.3
                }
            }
            Term::Pair(a, b) => match (is_grammar(*a), is_grammar(*b)) {
                (true, true) => 0.0,
                (false, false) => 1.0,
                _ => 0.3,
            },
        }
    }
}

impl std::fmt::Display for Term {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Term::Pair(a, b) => write!(f, "{a}{b}"),
            Term::One(c) => write!(f, "{c}"),
            Term::Word(word) => f.write_str(word),
        }
    }
}

/// Characters that hold Chinese sentences together and say nothing of a problem by themselves. 不 and
/// 没 are not among them: 登不上 is not 登上.
const GRAMMAR: &str = "的了吗呢吧啊呀哦嗯是在有就也都很和与及或被把给让又再还这那哪个些我你您他她它们请谢但而且之为以于从到着过得地会要能说";

fn is_grammar(c: char) -> bool {
    GRAMMAR.contains(c)
}

/// Words that hold English sentences together. That something does not work nearly every report says, so
/// "not" tells none of them apart; "cannot" says that somebody is kept from doing a thing.
const STOP: &[&str] = &[
    "a", "about", "after", "again", "all", "also", "am", "an", "and", "any", "are", "as", "at", "be",
    "because", "been", "before", "being", "both", "but", "by", "can", "could", "did", "didnt", "do", "does",
    "doesnt", "doing", "dont", "for", "from", "get", "got", "had", "has", "have", "having", "he", "her",
    "here", "hi", "his", "how", "i", "if", "im", "in", "into", "is", "isnt", "it", "its", "ive", "just",
    "me", "more", "most", "my", "not", "now", "of", "on", "or", "our", "out", "please", "really", "she",
    "should", "so", "some", "still", "such", "than", "thank", "thanks", "that", "the", "their", "them",
    "then", "there", "these", "they", "this", "those", "to", "too", "u", "us", "user", "very", "was", "we",
    "were", "what", "when", "where", "which", "while", "who", "why", "will", "with", "wont", "would", "you",
    "your", "amp", "http", "https",
];

/// The same thing said in several ways, as people who report problems do.
const SAME: &[(&str, &str)] = &[
    ("signin", "login"),
    ("logon", "login"),
    ("logged", "login"),
    ("logging", "login"),
    ("cant", "cannot"),
    ("couldnt", "cannot"),
    ("unable", "cannot"),
    ("pwd", "password"),
    ("hrs", "hour"),
    ("hr", "hour"),
    ("mins", "minute"),
    ("min", "minute"),
];

/// Whether a character belongs to a language that does not separate its words.
fn is_ideograph(c: char) -> bool {
    matches!(u32::from(c),
        0x3040..=0x30ff | 0x3400..=0x4dbf | 0x4e00..=0x9fff | 0xf900..=0xfaff | 0x20000..=0x323af)
}

/// The terms of a text in their order, repeated ones repeated.
pub fn terms(text: &str) -> Vec<Term> {
    let folded: String = text.nfkc().flat_map(char::to_lowercase).collect();
    let folded = folded.replace("登陆", "登录").replace("帐号", "账号").replace("帐户", "账户");
    let mut found = Vec::new();
    let mut word = String::new();
    let mut before: Option<char> = None;
    for c in folded.chars().chain([' ']) {
        if c.is_alphanumeric() && !is_ideograph(c) {
            word.push(c);
            before = None;
            continue;
        }
        // Within a word an apostrophe separates nothing: can't, cant.
        if matches!(c, '\'' | '’') && !word.is_empty() {
            continue;
        }
        if !word.is_empty() {
            add_word(&mut found, &word);
            word.clear();
        }
        if is_ideograph(c) {
            let pair = before.map(|a| Term::Pair(a, c));
            found.extend(pair.into_iter().chain([Term::One(c)]).filter(|term| term.weight() > 0.0));
            before = Some(c);
        } else {
            before = None;
        }
    }
    found
}

fn add_word(found: &mut Vec<Term>, word: &str) {
    // Two words in one: log in, sign in.
    if matches!(word, "in" | "on")
        && let Some(Term::Word(last)) = found.last_mut()
        && matches!(last.as_str(), "log" | "sign")
    {
        *last = "login".to_owned();
        return;
    }
    if STOP.contains(&word) || (word.chars().count() < 2 && !word.chars().all(|c| c.is_ascii_digit())) {
        return;
    }
    let same = SAME.iter().find(|(variant, _)| *variant == word).map_or(word, |(_, one)| *one);
    found.push(Term::Word(stem(same)));
}

/// The terms by which a browser, too, can tell whether a text is about this: distinct, without those
/// that say little, at most `limit`, in the order in which they stand.
pub fn weighty(text: &str, limit: usize) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for term in terms(text) {
        let short = matches!(&term, Term::Word(word) if word.chars().count() < 3);
        let mut written = term.to_string();
        // A browser looks for it in what is typed, where the stem of "delivery" stands without its i.
        if matches!(&term, Term::Word(word) if word.len() > 4 && word.ends_with('i')) {
            written.pop();
        }
        if term.weight() == 1.0 && !short && !found.contains(&written) {
            found.push(written);
        }
        if found.len() == limit {
            break;
        }
    }
    found
}
