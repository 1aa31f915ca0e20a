//! Keeping text from being taken for a formula or a number by the program that opens a file.

/// Whether a spreadsheet may take a text that begins so for a formula.
const fn begins_formula(c: char) -> bool {
    matches!(c, '=' | '+' | '-' | '@' | '\t' | '\r' | '\n' | '＝' | '＋' | '－' | '＠')
}

/// Whether [`guard`] adds an apostrophe to this text. Any number of apostrophes may stand before the
/// beginning of a formula, so that no two texts become the same cell.
pub fn is_guarded(text: &str) -> bool {
    text.trim_start_matches('\'').starts_with(begins_formula)
}

/// The text as a cell of a CSV file: with one apostrophe before it if it begins as a formula does, or
/// with apostrophes before such a beginning. [`unguard`] gives every text back.
pub fn guard(text: &str) -> std::borrow::Cow<'_, str> {
    if is_guarded(text) { format!("'{text}").into() } else { text.into() }
}

/// The text that [`guard`] was given.
pub fn unguard(cell: &str) -> &str {
    match cell.strip_prefix('\'') {
        Some(text) if is_guarded(text) => text,
        _ => cell,
    }
}

const MONTHS: [&str; 12] =
    ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

/// Whether a spreadsheet takes this text for a number, a date or a truth value and shows something
/// else: `00012`, `1E5`, `MAR1`, `3-4`, `110101199003070018`, `3月5日`, `TRUE`.
pub fn looks_like_number(text: &str) -> bool {
    let text = text.trim();
    if text.is_empty() || text.len() > 60 {
        return false;
    }
    let lower = text.to_lowercase();
    if matches!(lower.as_str(), "true" | "false") {
        return true;
    }
    if !text.contains(|c: char| c.is_numeric()) {
        return false;
    }
    let mut letters = String::new();
    for c in lower.chars() {
        let filler = c.is_numeric()
            || c.is_whitespace()
            || ".,:/-+%()'$€£¥￥".contains(c)
            || "年月日号时時分秒".contains(c);
        if !filler {
            letters.push(c);
        }
    }
    let month = || MONTHS.iter().any(|m| letters.starts_with(m)) && letters.len() <= 9;
    matches!(letters.as_str(), "" | "e" | "am" | "pm" | "t" | "tz" | "z") || month()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_begins_a_formula_is_guarded() {
        for text in ["=1+1", "+86", "-", "@user", "\tx", "\rx", "\nx", "＝1", "＋1", "－1", "＠x"] {
            assert_eq!(guard(text), format!("'{text}"));
            assert_eq!(guard(&format!("'{text}")), format!("''{text}"));
        }
        for text in ["", "a=b", "'", "'quoted'", "''", "登录失败", "1-2"] {
            assert_eq!(guard(text), text);
        }
    }

    #[test]
    fn what_looks_like_a_number_is_seen() {
        for text in [
            "00012",
            "1E5",
            "MAR1",
            "110101199003070018",
            "3-4",
            "1/2",
            "12:30",
            "$5",
            "3月5日",
            "TRUE",
            "Sept 3",
        ] {
            assert!(looks_like_number(text), "{text}");
        }
        for text in ["", "R-7KQ4M2", "A12", "order 7", "没有反应", "404 error", "v1.2"] {
            assert!(!looks_like_number(text), "{text}");
        }
    }

    proptest! {
        #[test]
        fn every_text_comes_back(text in "['=+@\\-\t\r\n＝a ]{0,6}|.{0,20}") {
            let guarded = guard(&text);
            prop_assert_eq!(unguard(&guarded), text.as_str());
            prop_assert!(!guarded.chars().next().is_some_and(begins_formula));
        }
    }
}
