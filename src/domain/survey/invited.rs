//! A list of people who are to be invited, as somebody uploads it.

use crate::domain::fields::FieldErrors;
use crate::domain::language::Language;
use crate::domain::line::text_problem;

/// Most people of a list.
pub const LIST_MAX: usize = 20_000;
/// Longest name or contact of a list, in characters.
pub const CELL_MAX: usize = 254;
/// How many mistakes of a list are named at once.
const NAMED: usize = 20;

/// Somebody on a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Their name; may be empty.
    pub name: String,
    /// How they can be reached: an address, a number, a name in a chat.
    pub contact: String,
    /// The language that they read.
    pub language: Language,
}

/// The parts of a row of a list, by their column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Name,
    Contact,
    Language,
}

/// What a title of a column means, if anything.
fn part(title: &str) -> Option<Part> {
    match title.trim().trim_start_matches('\u{FEFF}').to_lowercase().as_str() {
        "name" | "姓名" | "名称" | "称呼" => Some(Part::Name),
        "contact" | "email" | "e-mail" | "mail" | "phone" | "mobile" | "联系方式" | "邮箱" | "电子邮箱"
        | "电子邮件" | "手机" | "手机号" | "电话" => Some(Part::Contact),
        "language" | "lang" | "语言" => Some(Part::Language),
        _ => None,
    }
}

/// Reads the records of a list, the titles first. It is checked whole: with one mistake nothing of
/// it is taken.
///
/// Errors at `list`: `list-empty`, `list-too-many` (`max`), `list-no-contact` (no such column), and
/// of rows (`row`, counted with the titles) `list-row-contact` (nothing there), `list-row-language`
/// (`value`), `list-row-long` (`max`), `list-row-character`. At most twenty are named.
pub fn read(records: &[Vec<String>], default: Language) -> Result<Vec<Row>, FieldErrors> {
    let Some((titles, rows)) = records.split_first() else {
        return Err(FieldErrors::one("list", "list-empty"));
    };
    let parts: Vec<Option<Part>> = titles.iter().map(|t| part(t)).collect();
    if !parts.contains(&Some(Part::Contact)) {
        return Err(FieldErrors::one("list", "list-no-contact"));
    }
    let blank = |row: &&Vec<String>| row.iter().all(|cell| cell.trim().is_empty());
    if rows.iter().all(|row| blank(&row)) {
        return Err(FieldErrors::one("list", "list-empty"));
    }
    let mut errors = FieldErrors::new();
    if rows.len() > LIST_MAX {
        errors.add_with("list", "list-too-many", [("max", LIST_MAX.to_string())]);
        return Err(errors);
    }
    let mut kept = Vec::with_capacity(rows.len());
    for (i, row) in rows.iter().enumerate().filter(|(_, row)| !blank(row)) {
        let number = (i + 2).to_string();
        let cell = |wanted: Part| {
            let at = parts.iter().position(|p| *p == Some(wanted));
            at.and_then(|at| row.get(at)).map(|c| c.trim()).unwrap_or_default()
        };
        for text in [cell(Part::Name), cell(Part::Contact)] {
            match text_problem(text, CELL_MAX, false) {
                Some(("too-long", _)) => {
                    let params = [("row", number.clone()), ("max", CELL_MAX.to_string())];
                    errors.add_with("list", "list-row-long", params);
                }
                Some(_) => errors.add_with("list", "list-row-character", [("row", number.clone())]),
                None => {}
            }
        }
        if cell(Part::Contact).is_empty() {
            errors.add_with("list", "list-row-contact", [("row", number.clone())]);
        }
        let said = cell(Part::Language);
        let language = match said {
            "" => Some(default),
            "中文" | "汉语" | "简体中文" => Some(Language::ZhCn),
            "英文" | "英语" | "English" | "english" => Some(Language::En),
            tag => Language::from_tag(tag),
        };
        if language.is_none() {
            let value: String = said.chars().take(20).collect();
            let codes = Language::ALL.iter().map(|l| l.code()).collect::<Vec<_>>().join(" / ");
            errors.add_with(
                "list",
                "list-row-language",
                [("row", number), ("value", value), ("codes", codes)],
            );
        }
        if errors.0.len() >= NAMED {
            return Err(errors);
        }
        kept.push(Row {
            name: cell(Part::Name).to_owned(),
            contact: cell(Part::Contact).to_owned(),
            language: language.unwrap_or(default),
        });
    }
    errors.or(kept)
}

/// A contact in the form in which two spellings of it are the same: an address in small letters, a
/// number without blanks, hyphens and the country code of mainland China.
pub fn tidy(contact: &str) -> String {
    let contact = contact.trim().to_lowercase();
    let filler = |c: char| c.is_whitespace() || matches!(c, '-' | '(' | ')' | '（' | '）' | '.' | '+');
    let digits: String = contact.chars().filter(|c| !filler(*c)).collect();
    if digits.len() < 6 || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return contact;
    }
    let short = digits.strip_prefix("0086").or_else(|| digits.strip_prefix("86"));
    short.filter(|rest| rest.len() == 11).map_or(digits.clone(), str::to_owned)
}
