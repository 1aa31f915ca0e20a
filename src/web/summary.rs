//! The summary of what is wrong with a form names the fields: by the labels and legends that stand at them on
//! the same page, so that it cannot say other words than they do.

use super::page::Page;
use crate::domain::fields::FieldError;

/// Stands for the name of the field until the page is whole. A private-use character: no label holds it.
const NAME: char = '\u{e000}';
/// Longer ones are questions of a survey; a summary only has to tell them apart.
const NAME_MAX: usize = 60;

impl Page {
    /// What is wrong, for the summary: with a place for the name of the field, which [`named`] fills.
    pub fn summed(&self, error: &FieldError) -> String {
        self.with(
            "form-error-at",
            [("field", NAME.to_string().as_str()), ("error", &self.words.error(error))],
        )
    }
}

/// The page with its fields named in the summary.
pub fn named(html: String) -> String {
    if !html.contains(NAME) {
        return html;
    }
    let mut out = String::with_capacity(html.len() + 256);
    let mut rest = html.as_str();
    while let Some(at) = rest.find(NAME) {
        let (before, after) = (&rest[..at], &rest[at + NAME.len_utf8()..]);
        out.push_str(before);
        rest = after;
        // Somebody typed it.
        let Some(id) = linked(before) else {
            out.push(NAME);
            continue;
        };
        match label(&html, id).unwrap_or_default() {
            name if name.is_empty() => rest = after.trim_start_matches([':', '：', ' ']),
            // A question needs no colon.
            name if name.ends_with(['?', '？']) => {
                out.push_str(&name);
                rest = after.trim_start_matches([':', '：']);
            }
            name => out.push_str(&name),
        }
    }
    out.push_str(rest);
    out
}

/// The id that the link being written leads to.
fn linked(before: &str) -> Option<&str> {
    let (_, href) = before.rsplit_once("<a href=\"#")?;
    href.strip_suffix("\">")
}

/// What stands at the field with this id: its label, or the legend of its group.
fn label(html: &str, id: &str) -> Option<String> {
    let element = |start: usize, tag: &str| {
        let inner = html[start..].split_once('>')?.1;
        Some(text(inner.split_once(&format!("</{tag}>"))?.0))
    };
    if let Some(at) = html.find(&format!("<label for=\"{id}\"")) {
        return element(at, "label");
    }
    let at = html.find(&format!(" id=\"{id}\""))?;
    // The field is the group itself, or stands in one.
    let own = html[..at].rfind('<').is_some_and(|tag| html[tag..].starts_with("<fieldset"));
    let legend = match own {
        true => at + html[at..].find("<legend")?,
        false => {
            let legend = html[..at].rfind("<legend")?;
            (!html[legend..at].contains("</fieldset>")).then_some(legend)?
        }
    };
    element(legend, "legend")
}

/// The words of a label, without its marks, such as "optional".
fn text(inner: &str) -> String {
    let mut out = String::new();
    let mut rest = inner;
    while let Some((before, tag)) = rest.split_once('<') {
        out.push_str(before);
        let aside = tag.starts_with("span class=\"optional\"") || tag.starts_with("span class=\"hint\"");
        let Some((_, after)) = (if aside { tag.split_once("</span>") } else { tag.split_once('>') }) else {
            break;
        };
        rest = after;
    }
    out.push_str(rest);
    let words = out.split_whitespace().collect::<Vec<_>>().join(" ");
    match words.char_indices().nth(NAME_MAX) {
        // Not within an entity.
        Some((end, _)) => format!(
            "{}…",
            words[..end].rsplit_once('&').map_or(&words[..end], |(before, last)| {
                if last.contains(';') { &words[..end] } else { before }
            })
        ),
        None => words,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(id: &str, field: &str) -> String {
        named(format!(
            "<div class=\"error-summary\"><a href=\"#{id}\">{NAME}: Please fill this in.</a></div>{field}"
        ))
    }

    #[test]
    fn a_field_is_named_by_its_label_or_legend() {
        let label = "<label for=\"title-zh\">Title <em>(中文)</em> <span class=\"optional\">optional</span></label><input id=\"title-zh\">";
        assert!(page("title-zh", label).contains(">Title (中文): Please fill this in.</a>"));
        let group = "<fieldset id=\"impact\"><legend>What does it stop you from doing?</legend></fieldset>";
        assert!(
            page("impact", group).contains(">What does it stop you from doing? Please fill this in.</a>")
        );
        let inside = "<fieldset><legend>When</legend><input id=\"occurred\"></fieldset><input id=\"other\">";
        assert!(page("occurred", inside).contains(">When: Please fill this in.</a>"));
    }

    #[test]
    fn what_has_no_name_is_said_without_one() {
        for field in
            ["", "<input id=\"other\">", "<fieldset><legend>When</legend></fieldset><input id=\"other\">"]
        {
            assert!(page("other", field).contains(">Please fill this in.</a>"), "{field}");
        }
        let typed = format!("<p>{NAME} typed</p>");
        assert_eq!(named(typed.clone()), typed);
    }

    #[test]
    fn a_long_label_is_cut_and_no_entity_with_it() {
        let long = format!("<label for=\"x\">{}&amp;{}</label>", "a".repeat(58), "b".repeat(40));
        assert!(page("x", &long).contains(&format!(">{}…: Please", "a".repeat(58))));
    }
}
