//! What was looked for, marked where it stands.

use std::collections::HashMap;
use std::ops::Range;

use super::Row;
use crate::domain::search_tokens::Needle;
use crate::store::reports::events::EventKind;
use crate::store::reports::list::Listed;
use crate::store::reports::weigh::Scales;
use crate::store::search::{Origin, Snippet};
use crate::web::app::App;
use crate::web::page::Page;

/// A piece of a text; `hit`: it is what was looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    /// The piece.
    pub text: String,
    /// Whether it is to be marked.
    pub hit: bool,
}

/// How much of a report a table shows, in characters; the style cuts it to two lines.
const EXCERPT: usize = 120;
/// How much is shown before what was found, where that stands far behind the beginning.
const BEFORE: usize = 30;

/// A whole text with what was looked for marked.
pub fn pieces(needle: &Needle, text: &str) -> Vec<Piece> {
    cut(text, needle.marks(text))
}

/// A piece of a text that fits into a table: its beginning, or what surrounds the first mark.
pub fn excerpt(needle: &Needle, text: &str) -> Vec<Piece> {
    let marks = needle.marks(text);
    let place = |n: usize| text.char_indices().nth(n).map_or(text.len(), |(at, _)| at);
    let first = marks.first().map_or(0, |mark| text[..mark.end].chars().count());
    let from = if first > EXCERPT {
        place(text[..marks[0].start].chars().count().saturating_sub(BEFORE))
    } else {
        0
    };
    let to = text[from..].char_indices().nth(EXCERPT).map_or(text.len(), |(at, _)| from + at);
    let shown = &text[from..to];
    let within = |at: usize| at.clamp(from, to) - from;
    let marks = marks.into_iter().map(|m| within(m.start)..within(m.end)).filter(|m| !m.is_empty()).collect();
    let mut pieces = cut(shown, marks);
    let dots = || Piece { text: "…".to_owned(), hit: false };
    if from > 0 {
        pieces.insert(0, dots());
    }
    if to < text.len() {
        pieces.push(dots());
    }
    pieces
}

fn cut(text: &str, marks: Vec<Range<usize>>) -> Vec<Piece> {
    let mut pieces = Vec::with_capacity(marks.len() * 2 + 1);
    let mut put = |range: Range<usize>, hit: bool| {
        if !range.is_empty() {
            pieces.push(Piece { text: text[range].to_owned(), hit });
        }
    };
    let mut at = 0;
    for mark in marks {
        put(at..mark.start, false);
        at = mark.end;
        put(mark, true);
    }
    put(at..text.len(), false);
    pieces
}

/// A row of a table that shows what was looked for.
pub fn row(
    app: &App,
    page: &Page,
    scales: &Scales,
    listed: Listed,
    needle: &Needle,
    snippets: &HashMap<i64, Snippet>,
) -> Row {
    let id = listed.report.id;
    let shown = listed.content.as_ref().map(|content| excerpt(needle, &content.description));
    let mut row = Row::of(app, page, scales, listed);
    row.excerpt = shown.unwrap_or_default();
    row.elsewhere = snippets.get(&id).map(|snippet| {
        let label = match snippet.origin {
            Origin::ErrorMessage => page.t("report-error-message"),
            Origin::Private => page.t("search-in-private"),
            Origin::Event(EventKind::Answer) => page.t("search-in-answer"),
            Origin::Event(EventKind::Message) => page.t("search-in-message"),
            Origin::Event(EventKind::Note) => page.t("search-in-note"),
            Origin::Event(_) => page.t("search-in-history"),
        };
        (label, excerpt(needle, &snippet.text))
    });
    row
}

#[cfg(test)]
mod tests {
    use super::*;

    fn needle(text: &str) -> Needle {
        Needle::parse(text.split_whitespace())
    }

    fn shown(pieces: &[Piece]) -> String {
        pieces.iter().map(|p| if p.hit { format!("[{}]", p.text) } else { p.text.clone() }).collect()
    }

    #[test]
    fn hits_are_marked_and_nothing_is_lost() {
        assert_eq!(shown(&pieces(&needle("登录"), "不能登录，登录页白屏")), "不能[登录]，[登录]页白屏");
        assert_eq!(shown(&pieces(&Needle::default(), "<b>")), "<b>");
        assert_eq!(shown(&excerpt(&needle("登录"), "登录")), "[登录]");
    }

    #[test]
    fn a_late_hit_is_shown_with_what_surrounds_it() {
        let text = format!("{}登录{}", "前".repeat(300), "后".repeat(300));
        let shown = shown(&excerpt(&needle("登录"), &text));
        assert!(
            shown.starts_with("…前") && shown.contains("前[登录]后") && shown.ends_with("后…"),
            "{shown}"
        );
        assert_eq!(shown.matches('前').count(), BEFORE);
        assert_eq!(excerpt(&Needle::default(), &text).len(), 2);
    }
}
