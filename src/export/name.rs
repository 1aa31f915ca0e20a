//! What an exported file is called.

use super::{Request, Style, Subject};
use crate::domain::instant::Instant;
use crate::i18n::Words;

/// Longest part of a file name that comes from a title, in characters.
const PART_MAX: usize = 60;

/// Takes out what file systems refuse or programs stumble over.
fn tidy(text: &str) -> String {
    let kept: String = text
        .chars()
        .map(|c| if c.is_control() || r#"\/:*?"<>|%"#.contains(c) { ' ' } else { c })
        .take(PART_MAX)
        .collect();
    kept.split_whitespace().collect::<Vec<_>>().join(" ").trim_matches(['.', ' ']).to_owned()
}

/// The name of the file: `reports-20261122-slug.csv` for programs, `问题反馈_20261122_维护名称.xlsx` for
/// people. `title` is the window's title; the date is that of `now` in the zone of the request.
pub fn file_name(request: &Request, title: Option<&str>, now: Instant) -> String {
    let date = request.zone.local_date(now).format("%Y%m%d");
    if request.style == Style::Machine {
        let window = request.filter.window.as_ref().map_or(String::new(), |w| match w {
            crate::domain::report_filter::Choice::Is(slug) => format!("-{slug}"),
            crate::domain::report_filter::Choice::None => "-outside".to_owned(),
        });
        return format!("{}-{date}{window}.{}", request.subject, request.format);
    }
    let words = Words(request.language);
    let subject = tidy(&match request.subject {
        Subject::Reports => words.t("export-subject-reports"),
        Subject::SurveyResponses => words.t("export-subject-survey-responses"),
        Subject::Windows => words.t("export-subject-windows"),
        Subject::Updates => words.t("export-subject-updates"),
        Subject::Insights => words.t("export-subject-insights"),
        Subject::Improvements => words.t("export-subject-improvements"),
    });
    match title.map(tidy).filter(|t| !t.is_empty()) {
        Some(title) => format!("{subject}_{date}_{title}.{}", request.format),
        None => format!("{subject}_{date}.{}", request.format),
    }
}

/// The header that names a download (RFC 6266): an ASCII name for old programs, the real one for all
/// others.
pub fn content_disposition(name: &str, fallback: &str) -> String {
    let mut encoded = String::new();
    for byte in name.bytes() {
        // attr-char of RFC 5987.
        if byte.is_ascii_alphanumeric() || b"!#$&+-.^_`|~".contains(&byte) {
            encoded.push(byte as char);
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    let plain: String = fallback
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() || "-_.".contains(c) { c } else { '_' })
        .collect();
    format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{encoded}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_hold_nothing_that_a_file_system_refuses() {
        assert_eq!(tidy(" 数据库/升级: \"第*二?阶段\"\n. "), "数据库 升级 第 二 阶段");
        assert_eq!(tidy("...."), "");
    }

    #[test]
    fn chinese_names_are_encoded_with_a_fallback() {
        let header = content_disposition("问题 1.csv", "reports-20261122.csv");
        assert_eq!(
            header,
            "attachment; filename=\"reports-20261122.csv\"; filename*=UTF-8''%E9%97%AE%E9%A2%98%201.csv"
        );
    }
}
