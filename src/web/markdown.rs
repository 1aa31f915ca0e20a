//! Markdown as operators write it, made into HTML that cannot do anything: what is not plain text,
//! lists, tables and links is taken out after rendering.

use std::fmt;
use std::sync::LazyLock;

use ammonia::Builder;
use pulldown_cmark::{Event, HeadingLevel, Options, Parser, Tag, TagEnd, html};

/// HTML that templates may put out as it is, because it was cleaned.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Html(String);

impl Html {
    /// No text at all.
    pub const NOTHING: Html = Html(String::new());

    /// Nothing to show.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Display for Html {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl askama::filters::HtmlSafe for Html {}

/// No pictures: they would be fetched from elsewhere. Links only to where people go, and they tell
/// nobody where somebody came from.
static CLEANER: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let mut cleaner = Builder::default();
    cleaner
        .rm_tags(["img", "map", "area", "h1", "h2"])
        .url_schemes(["http", "https", "mailto", "tel"].into())
        .rm_tag_attributes("a", ["hreflang"])
        .rm_generic_attributes(["lang", "title"])
        .link_rel(Some("noopener noreferrer nofollow"));
    cleaner
});

/// The text as HTML. Headings begin at the third level, since the page has those above.
pub fn render(text: &str) -> Html {
    let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH;
    let events = Parser::new_ext(text, options).map(|event| match event {
        Event::Start(Tag::Heading { level, id, classes, attrs }) => {
            Event::Start(Tag::Heading { level: lowered(level), id, classes, attrs })
        }
        Event::End(TagEnd::Heading(level)) => Event::End(TagEnd::Heading(lowered(level))),
        // A line break that somebody typed is one that readers see.
        Event::SoftBreak => Event::HardBreak,
        other => other,
    });
    let mut made = String::new();
    html::push_html(&mut made, events);
    Html(CLEANER.clean(&made).to_string())
}

/// The text in plain words: without the marks of Markdown, with the address of a link behind its words.
pub fn plain(text: &str) -> String {
    let mut out = String::new();
    // The lists that are open, each with the number of its next item if it has numbers.
    let mut lists: Vec<Option<u64>> = Vec::new();
    let mut links: Vec<(String, usize)> = Vec::new();
    let mut cells = 0;
    let end_line = |out: &mut String| {
        if !out.is_empty() && !out.ends_with('\n') {
            out.push('\n');
        }
    };
    for event in Parser::new_ext(text, Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH) {
        match event {
            Event::Text(t) | Event::Code(t) => out.push_str(&t),
            Event::SoftBreak | Event::HardBreak => out.push('\n'),
            Event::Start(Tag::Item) => {
                end_line(&mut out);
                out.push_str(&"  ".repeat(lists.len().saturating_sub(1)));
                match lists.last_mut() {
                    Some(Some(n)) => {
                        out.push_str(&format!("{n}. "));
                        *n += 1;
                    }
                    _ => out.push_str("- "),
                }
            }
            Event::Start(Tag::List(first)) => lists.push(first),
            Event::End(TagEnd::List(_)) => {
                lists.pop();
                end_line(&mut out);
                if lists.is_empty() {
                    out.push('\n');
                }
            }
            Event::Start(Tag::Link { dest_url, .. }) => links.push((dest_url.to_string(), out.len())),
            Event::End(TagEnd::Link) => {
                if let Some((address, from)) = links.pop()
                    && !address.is_empty()
                    && !address.trim_start_matches("mailto:").eq(&out[from..])
                {
                    out.push_str(&format!(" ({address})"));
                }
            }
            Event::Start(Tag::TableRow | Tag::TableHead) => cells = 0,
            Event::Start(Tag::TableCell) => {
                if cells > 0 {
                    out.push_str(" | ");
                }
                cells += 1;
            }
            Event::End(TagEnd::TableRow | TagEnd::TableHead) => end_line(&mut out),
            Event::Rule => out.push_str("—\n\n"),
            // Items that stand close to each other do so here, too.
            Event::End(TagEnd::Paragraph) if !lists.is_empty() => end_line(&mut out),
            Event::End(TagEnd::Paragraph | TagEnd::Heading(_) | TagEnd::CodeBlock | TagEnd::Table) => {
                end_line(&mut out);
                out.push('\n');
            }
            _ => {}
        }
    }
    out.trim().to_owned()
}

fn lowered(level: HeadingLevel) -> HeadingLevel {
    match level {
        HeadingLevel::H1 => HeadingLevel::H3,
        HeadingLevel::H2 => HeadingLevel::H4,
        HeadingLevel::H3 => HeadingLevel::H5,
        _ => HeadingLevel::H6,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_people_write_is_shown() {
        let html =
            render("# 标题\n\n**粗** <b>x</b>\n二\n\n- a\n- b\n\n[我们](https://example.com/?a=1&b=2)")
                .to_string();
        assert!(html.contains("<h3>标题</h3>"), "{html}");
        assert!(html.contains("<strong>粗</strong>"));
        assert!(html.contains("<br"));
        assert!(html.contains("<li>a</li>"));
        assert!(
            html.contains(
                r#"<a href="https://example.com/?a=1&amp;b=2" rel="noopener noreferrer nofollow">"#
            ),
            "{html}"
        );
        assert!(render(" \n").is_empty());
    }

    #[test]
    fn plain_words_have_no_marks() {
        for (text, said) in [
            ("During it **no payments**, *none*, ~~at all~~.", "During it no payments, none, at all."),
            (
                "See [the banks](https://example.com/a) and <https://example.com>.",
                "See the banks (https://example.com/a) and https://example.com.",
            ),
            (
                "# One\n\ntwo\nthree\n\n- a\n- `b`\n  1. c\n  2. d\n\nend",
                "One\n\ntwo\nthree\n\n- a\n- b\n  1. c\n  2. d\n\nend",
            ),
            ("维护期间**无法登录**。", "维护期间无法登录。"),
            ("| a | b |\n|---|---|\n| c | d |", "a | b\nc | d"),
            ("1 * 2 * 3 and a_b_c", "1 * 2 * 3 and a_b_c"),
            ("<b>x</b> y", "x y"),
            ("", ""),
        ] {
            assert_eq!(plain(text), said, "{text}");
        }
    }

    #[test]
    fn nothing_dangerous_survives() {
        for text in [
            "<script>alert(1)</script>",
            "[x](javascript:alert(1))",
            "<a href='javascript:alert(1)' onclick='x'>x</a>",
            "<img src=x onerror=alert(1)>",
            "![x](https://elsewhere.example/track.png)",
            "<iframe src='https://elsewhere.example'></iframe>",
            "<p style='position:fixed'>x</p>",
            "<form action='/logout'><button>x</button></form>",
            "[x](data:text/html;base64,xx)",
        ] {
            let html = render(text).to_string();
            for bad in [
                "<script",
                "javascript:",
                "onclick",
                "onerror",
                "<img",
                "<iframe",
                "style=",
                "<form",
                "data:",
            ] {
                assert!(!html.contains(bad), "{text}: {html}");
            }
        }
    }

    proptest! {
        #[test]
        fn cleaning_again_changes_nothing(text in "[\\PC\n<>\\[\\]()!`*_#&;:/\"'=-]{0,80}") {
            let once = render(&text).to_string();
            prop_assert_eq!(CLEANER.clean(&once).to_string(), once);
        }
    }
}
