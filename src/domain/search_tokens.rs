//! How texts are cut into what an index can find, and how what somebody typed is looked for.
//!
//! A text is normalised (NFKC, small letters) and cut into runs. Signs of scripts that put no blanks
//! between words (Chinese, Japanese, Korean, Thai …) are kept as every pair of neighbours and as
//! single signs; of everything else the words are kept. So a searched run of signs is found exactly
//! where a scan of the normalised text would find it, whatever its length, and a searched word
//! wherever a word begins with it. No dictionary is asked: none knows every service's names.

use std::collections::BTreeSet;
use std::ops::Range;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use crate::domain::report_filter::WORDS_MAX;

/// How many characters of a word are kept; of a longer one the beginning is found.
pub const WORD_MAX: usize = 64;

/// A piece of an index, in the order of the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Token {
    /// Two neighbouring signs, or a word.
    Text(String),
    /// Nothing reaches across here: another run of signs, or another text, begins.
    Gap,
}

/// What an index keeps of a few texts that are found together.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Indexed {
    /// Words and pairs of signs in their order.
    pub tokens: Vec<Token>,
    /// Every sign that occurs.
    pub signs: BTreeSet<char>,
}

impl Indexed {
    /// Adds a text; nothing is found across its borders.
    pub fn add(&mut self, text: &str) {
        self.gap();
        let mut after_signs = false;
        for run in runs(text) {
            if run.signs {
                // A sign alone makes no pair, and what it parts must stay parted.
                if after_signs || run.letters.len() == 1 {
                    self.gap();
                }
                self.signs.extend(run.letters.iter().copied());
                self.tokens.extend(run.letters.windows(2).map(|pair| Token::Text(pair.iter().collect())));
            } else {
                self.tokens.push(Token::Text(word(&run.letters)));
            }
            after_signs = run.signs;
        }
    }

    fn gap(&mut self) {
        if self.tokens.last().is_some_and(|last| *last != Token::Gap) {
            self.tokens.push(Token::Gap);
        }
    }
}

/// One thing that must be found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// A single sign.
    Sign(char),
    /// Signs side by side: at least two.
    Signs(Vec<char>),
    /// Words one after the other; the last one may be the beginning of a word.
    Words(Vec<String>),
}

/// What somebody looks for: all of its parts, anywhere. Nothing in it means anything but itself, so
/// whatever is typed can be looked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Needle {
    /// What must be found; none if nothing that was typed could be.
    pub parts: Vec<Part>,
}

impl Needle {
    /// Reads a text as it was typed, at most [`WORDS_MAX`] words of it.
    pub fn of_text(text: &str) -> Needle {
        Needle::parse(text.split_whitespace().take(WORDS_MAX))
    }

    /// Reads words as they were typed, each without blanks. Words parted only by punctuation, as in
    /// `E-1001` or an e-mail address, must follow one another.
    pub fn parse<'a>(words: impl Iterator<Item = &'a str>) -> Needle {
        let mut parts: Vec<Part> = Vec::new();
        let mut keep = |part: Part| {
            if !parts.contains(&part) {
                parts.push(part);
            }
        };
        for typed in words {
            let mut following: Vec<String> = Vec::new();
            for run in runs(typed) {
                if !run.signs {
                    following.push(word(&run.letters));
                    continue;
                }
                if !following.is_empty() {
                    keep(Part::Words(std::mem::take(&mut following)));
                }
                match run.letters.as_slice() {
                    [one] => keep(Part::Sign(*one)),
                    _ => keep(Part::Signs(run.letters)),
                }
            }
            if !following.is_empty() {
                keep(Part::Words(following));
            }
        }
        Needle { parts }
    }

    /// Where the parts stand in a text: ranges of bytes in their order, none touching another.
    pub fn marks(&self, text: &str) -> Vec<Range<usize>> {
        let runs = runs(text);
        let mut found: Vec<Range<usize>> = Vec::new();
        for part in &self.parts {
            match part {
                Part::Sign(sign) => mark_signs(&runs, &[*sign], &mut found),
                Part::Signs(signs) => mark_signs(&runs, signs, &mut found),
                Part::Words(words) => mark_words(&runs, words, &mut found),
            }
        }
        found.sort_by_key(|range| (range.start, range.end));
        let mut joined: Vec<Range<usize>> = Vec::new();
        for range in found {
            match joined.last_mut() {
                Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
                _ => joined.push(range),
            }
        }
        joined
    }
}

fn mark_signs(runs: &[Run], signs: &[char], found: &mut Vec<Range<usize>>) {
    for run in runs.iter().filter(|run| run.signs) {
        for (at, window) in run.letters.windows(signs.len()).enumerate() {
            if window == signs {
                found.push(run.places[at].start..run.places[at + signs.len() - 1].end);
            }
        }
    }
}

fn mark_words(runs: &[Run], words: &[String], found: &mut Vec<Range<usize>>) {
    let Some((last, firsts)) = words.split_last() else { return };
    for window in runs.windows(words.len()) {
        let (end, begin) = (&window[words.len() - 1], &window[..words.len() - 1]);
        let fits = !end.signs
            && word(&end.letters).starts_with(last.as_str())
            && begin.iter().zip(firsts).all(|(run, wanted)| !run.signs && word(&run.letters) == *wanted);
        if fits {
            let length = last.chars().count();
            found.push(window[0].places[0].start..end.places[length - 1].end);
        }
    }
}

/// Letters side by side that are all signs, or all of a word, with their places in the text.
struct Run {
    signs: bool,
    letters: Vec<char>,
    places: Vec<Range<usize>>,
}

fn word(letters: &[char]) -> String {
    letters.iter().take(WORD_MAX).collect()
}

fn runs(text: &str) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    let mut goes_on = false;
    for (letter, place) in normalised(text) {
        if !letter.is_alphanumeric() {
            goes_on = false;
            continue;
        }
        let signs = is_sign(letter);
        match runs.last_mut() {
            Some(run) if goes_on && run.signs == signs => {
                run.letters.push(letter);
                run.places.push(place);
            }
            _ => runs.push(Run { signs, letters: vec![letter], places: vec![place] }),
        }
        goes_on = true;
    }
    runs
}

/// The letters of a text as an index knows them, each with the bytes it comes from. What belongs to
/// one letter (its marks) is normalised together, and nothing beyond it.
fn normalised(text: &str) -> Vec<(char, Range<usize>)> {
    let mut letters = Vec::with_capacity(text.len() / 2);
    let mut starts = text.char_indices().filter(|(_, c)| !joins(*c)).map(|(at, _)| at).peekable();
    if starts.peek().is_some_and(|first| *first > 0) {
        cluster(text, 0..starts.peek().copied().unwrap_or(text.len()), &mut letters);
    } else if starts.peek().is_none() && !text.is_empty() {
        cluster(text, 0..text.len(), &mut letters);
    }
    while let Some(at) = starts.next() {
        let end = starts.peek().copied().unwrap_or(text.len());
        cluster(text, at..end, &mut letters);
    }
    letters
}

fn cluster(text: &str, place: Range<usize>, letters: &mut Vec<(char, Range<usize>)>) {
    let piece = &text[place.clone()];
    if let [one] = piece.as_bytes() {
        return letters.push((one.to_ascii_lowercase() as char, place));
    }
    for letter in piece.nfkc() {
        for small in letter.to_lowercase() {
            // At the end of a word this letter has another shape, and a word may go on.
            letters.push((if small == 'ς' { 'σ' } else { small }, place.clone()));
        }
    }
}

/// Whether a character belongs to the letter before it.
fn joins(c: char) -> bool {
    is_combining_mark(c) || matches!(c, '\u{FF9E}' | '\u{FF9F}' | '\u{1160}'..='\u{11FF}')
}

/// Whether words of this letter's script stand side by side without blanks.
fn is_sign(letter: char) -> bool {
    matches!(letter as u32,
        0x0E00..=0x0EFF      // Thai, Lao
        | 0x1000..=0x109F    // Burmese
        | 0x1100..=0x11FF    // Korean letters
        | 0x1780..=0x17FF    // Khmer
        | 0x2E80..=0x2FDF    // radicals
        | 0x3005..=0x3007
        | 0x3021..=0x3029
        | 0x3031..=0x303C
        | 0x3041..=0x318F    // kana, bopomofo, Korean letters
        | 0x31A0..=0x31FF
        | 0x3400..=0x4DBF    // Chinese
        | 0x4E00..=0x9FFF
        | 0xA000..=0xA4CF    // Yi
        | 0xAC00..=0xD7FF    // Korean syllables
        | 0xF900..=0xFAFF
        | 0x1AFF0..=0x1B16F
        | 0x20000..=0x3FFFF)
}

#[cfg(test)]
mod tests;
