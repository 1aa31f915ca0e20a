//! The order of cells: texts as readers of a language look them up (Chinese by pinyin, numbers within
//! texts by their value; Unicode Collation Algorithm, UTS #10), what says nothing last.

use std::cmp::Ordering;

use icu_collator::options::CollatorOptions;
use icu_collator::preferences::CollationNumericOrdering;
use icu_collator::{Collator, CollatorBorrowed, CollatorPreferences};
use icu_locale_core::Locale;

use crate::domain::language::Language;
use crate::export::Cell;

/// The order of a language.
pub struct Order(Option<CollatorBorrowed<'static>>);

impl Order {
    /// The order of this language; of one that the tables do not know, that of its characters.
    pub fn of(language: Language) -> Order {
        let locale = Locale::try_from_str(language.code()).unwrap_or(Locale::UNKNOWN);
        let mut preferences = CollatorPreferences::from(&locale);
        preferences.numeric_ordering = Some(CollationNumericOrdering::True);
        Order(Collator::try_new(preferences, CollatorOptions::default()).ok())
    }

    /// The order of two texts.
    pub fn texts(&self, a: &str, b: &str) -> Ordering {
        self.0.as_ref().map_or(Ordering::Equal, |collator| collator.compare(a, b)).then_with(|| a.cmp(b))
    }

    /// The order of two cells; what says nothing comes last, whichever way.
    pub fn compare(&self, a: &Cell, b: &Cell, descends: bool) -> Ordering {
        let by = match (a, b) {
            (Cell::Empty, Cell::Empty) => return Ordering::Equal,
            (Cell::Empty, _) => return Ordering::Greater,
            (_, Cell::Empty) => return Ordering::Less,
            (Cell::Text(a) | Cell::Word(a), Cell::Text(b) | Cell::Word(b)) => self.texts(a, b),
            (Cell::Time(a), Cell::Time(b)) => a.cmp(b),
            (Cell::Flag(a), Cell::Flag(b)) => a.cmp(b),
            (a, b) => number(a).total_cmp(&number(b)),
        };
        if descends { by.reverse() } else { by }
    }
}

#[allow(clippy::cast_precision_loss)] // Counts of a page are far below 2^52.
fn number(cell: &Cell) -> f64 {
    match cell {
        Cell::Number(n) => *n as f64,
        Cell::Decimal(n) => *n,
        _ => f64::NEG_INFINITY,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sorted(language: Language, texts: &[&str], descends: bool) -> Vec<String> {
        let order = Order::of(language);
        let mut cells: Vec<Cell> = texts.iter().map(|t| Cell::text(Some(*t))).collect();
        cells.sort_by(|a, b| order.compare(a, b, descends));
        let text = |cell| match cell {
            Cell::Text(text) => text,
            _ => String::new(),
        };
        cells.into_iter().map(text).collect()
    }

    #[test]
    fn chinese_goes_by_pinyin() {
        // dēng, duǎn, sōu, zhī: by their characters the last would come third.
        let names = ["支付", "短信", "登录", "搜索"];
        assert_eq!(sorted(Language::ZhCn, &names, false), ["登录", "短信", "搜索", "支付"]);
    }

    #[test]
    fn numbers_in_texts_go_by_their_value_and_case_decides_last() {
        let names = ["I-10", "i-9", "I-2", "émile", "Eve", "adam"];
        assert_eq!(sorted(Language::En, &names, false), ["adam", "émile", "Eve", "I-2", "i-9", "I-10"]);
    }

    #[test]
    fn what_says_nothing_is_last_both_ways() {
        assert_eq!(sorted(Language::En, &["", "b", "a"], false), ["a", "b", ""]);
        assert_eq!(sorted(Language::En, &["", "b", "a"], true), ["b", "a", ""]);
    }
}
