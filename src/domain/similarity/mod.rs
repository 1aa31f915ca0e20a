//! How alike two texts are: whether they tell of the same problem, as far as words can say.
//!
//! Terms are pairs of neighbouring characters and single characters for Chinese, and stemmed words for
//! languages that separate their words. Two texts are as alike as the terms that both have weigh,
//! beside all that they have together (Dice 1945, weighted); a term weighs a little more, the fewer
//! other texts have it. That short texts with nothing else in them come first is what makes this
//! better than a search that asks only how much of the question is found. Measured in
//! docs/similarity.md.

mod stem;
mod terms;

use std::collections::{HashMap, HashSet};

pub use terms::{Term, terms, weighty};

/// How much a term's rarity counts: its inverse document frequency is taken to this power.
const RARITY: f64 = 0.25;
/// By how much the same component raises a likeness.
const SAME_COMPONENT: f64 = 0.20;
/// By how much another component lowers it.
const OTHER_COMPONENT: f64 = 0.15;
/// By how much being close in time raises it, at most.
const SAME_TIME: f64 = 0.10;
/// After how many seconds half of that is gone.
const TIME_HALF: f64 = 3_600.0;

/// What is nearer to each other than this is equally alike: weights added up in another order differ in
/// their last digits.
const EQUAL: f64 = 1e-12;

/// From this likeness on a report is proposed as similar.
pub const SIMILAR: f64 = 0.18;
/// From this share on that a known issue says of a text, the known issue is proposed for it.
pub const FITTING: f64 = 0.30;

/// A text among those compared with: the terms that it has.
#[derive(Debug, Clone, Default)]
pub struct Document(HashSet<Term>);

impl Document {
    /// What counts of a text.
    pub fn of(text: &str) -> Document {
        Document(terms(text).into_iter().collect())
    }

    /// Whether nothing of it counts.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// The texts that others are compared with, and how common each term is among them.
#[derive(Debug, Clone, Default)]
pub struct Collection {
    documents: Vec<Document>,
    containing: HashMap<Term, u32>,
}

impl Collection {
    /// A collection of these texts, which keep their places.
    pub fn new(documents: Vec<Document>) -> Collection {
        let mut containing: HashMap<Term, u32> = HashMap::new();
        for term in documents.iter().flat_map(|d| &d.0) {
            *containing.entry(term.clone()).or_default() += 1;
        }
        Collection { documents, containing }
    }

    /// How much a term says: rarer ones a little more.
    fn weight(&self, term: &Term) -> f64 {
        let all = self.documents.len() as f64;
        let containing = f64::from(self.containing.get(term).copied().unwrap_or(0));
        let rarity = (1.0 + (all - containing + 0.5) / (containing + 0.5)).ln();
        rarity.powf(RARITY) * term.weight()
    }

    fn all(&self, document: &Document) -> f64 {
        document.0.iter().map(|term| self.weight(term)).sum()
    }

    fn shared(&self, one: &Document, other: &Document) -> f64 {
        let (few, many) = if one.0.len() < other.0.len() { (one, other) } else { (other, one) };
        few.0.iter().filter(|term| many.0.contains(term)).map(|term| self.weight(term)).sum()
    }

    /// How alike `text` is to each text of the collection, 0 to 1, in their order. 0 for a text that
    /// says nothing.
    pub fn likeness(&self, text: &Document) -> Vec<f64> {
        let own = self.all(text);
        let alike = |document| share(2.0 * self.shared(text, document), own + self.all(document));
        self.documents.iter().map(alike).collect()
    }

    /// The share of what `text` says that each text of the collection says too, 0 to 1, in their order.
    pub fn covering(&self, text: &Document) -> Vec<f64> {
        let own = self.all(text);
        self.documents.iter().map(|document| share(self.shared(text, document), own)).collect()
    }

    /// The share of what each text of the collection says that `text` says too, 0 to 1, in their order.
    pub fn covered_by(&self, text: &Document) -> Vec<f64> {
        let covered = |document| share(self.shared(text, document), self.all(document));
        self.documents.iter().map(covered).collect()
    }
}

fn share(part: f64, whole: f64) -> f64 {
    if whole > 0.0 { part / whole } else { 0.0 }
}

/// What is known of two reports beside their words.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Beside {
    /// They are about the same component, about another one, or at least one names none.
    pub same_component: Option<bool>,
    /// How many seconds lie between them, if both times are known.
    pub seconds: Option<i64>,
}

/// A likeness of words, raised or lowered by what is known beside them. Words that have nothing in
/// common stay unlike.
pub fn weighed(likeness: f64, beside: Beside) -> f64 {
    let component = match beside.same_component {
        Some(true) => SAME_COMPONENT,
        Some(false) => -OTHER_COMPONENT,
        None => 0.0,
    };
    let time = beside.seconds.map_or(0.0, |s| SAME_TIME * 0.5f64.powf(s.unsigned_abs() as f64 / TIME_HALF));
    likeness * (1.0 + component + time)
}

/// The places of the most alike, best first, at most `limit` of those from `least` on. Equally alike
/// ones keep their order.
pub fn best(likeness: &[f64], least: f64, limit: usize) -> Vec<usize> {
    let mut places: Vec<usize> = (0..likeness.len()).filter(|i| likeness[*i] >= least).collect();
    let steps = |place: usize| (likeness[place] / EQUAL).round();
    places.sort_by(|a, b| steps(*b).total_cmp(&steps(*a)));
    places.truncate(limit);
    places
}

#[cfg(test)]
mod tests;
