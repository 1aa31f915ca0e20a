//! What the people of the demonstration say, read from its files.

use std::collections::HashMap;

use crate::domain::language::{Language, Texts};
use crate::domain::report::{Category, Impact, Severity, Source, Status, Verdict};
use crate::store::people::Actor;
use crate::store::{Error, Result, Write, canned_answers};

/// What support answers to several people.
#[derive(Debug, Clone)]
pub(super) struct Answer {
    /// Minutes after the report.
    pub(super) after: i64,
    zh: String,
    en: String,
}

impl Answer {
    /// The answer for somebody who reads this language.
    pub(super) fn said(&self, language: Language) -> &str {
        if language == Language::En { &self.en } else { &self.zh }
    }
}

/// One report.
#[derive(Debug, Clone)]
pub(super) struct Line {
    /// Minutes after the start of the window; negative: before it.
    pub(super) minute: i64,
    pub(super) component: Option<String>,
    pub(super) category: Category,
    pub(super) impact: Impact,
    pub(super) status: Status,
    pub(super) language: Language,
    pub(super) source: Source,
    pub(super) answer: Option<Answer>,
    pub(super) description: String,
    pub(super) error: Option<String>,
}

pub(super) struct Script;

impl Script {
    /// The reports about the past window.
    pub(super) fn past() -> Result<Vec<Line>> {
        lines(include_str!("past.txt"))
    }

    /// The reports about the running window.
    pub(super) fn running() -> Result<Vec<Line>> {
        lines(include_str!("running.txt"))
    }
}

/// A file of ours that cannot be read is a mistake of ours.
pub(super) fn mistake(text: &str) -> Error {
    Error::Internal(format!("the demonstration cannot read: {text}"))
}

pub(super) fn rows(file: &str) -> impl Iterator<Item = &str> {
    file.lines().filter(|line| !line.is_empty() && !line.starts_with('#'))
}

fn answers() -> Result<HashMap<String, Answer>> {
    rows(include_str!("answers.txt"))
        .map(|row| {
            let parts: Vec<&str> = row.split('|').map(str::trim).collect();
            let [key, after, zh, en] = parts[..] else { return Err(mistake(row)) };
            let after = after.parse().map_err(|_| mistake(row))?;
            Ok((key.to_owned(), Answer { after, zh: zh.to_owned(), en: en.to_owned() }))
        })
        .collect()
}

/// What support keeps at hand: what each is called, and which of the answers it is.
const CANNED: [(&str, &str, &str); 4] = [
    ("请清除缓存", "Clear the cache", "cache"),
    ("扫码登录暂不可用", "Single sign-on is down", "sso"),
    ("付款已与银行核对", "Payment checked with the bank", "bank"),
    ("请补充单号", "Ask for the number", "ask"),
];

/// Writes the canned answers.
pub(super) fn write_canned_answers(write: &mut Write<'_>, actor: &Actor) -> Result<()> {
    let answers = answers()?;
    for (zh, en, key) in CANNED {
        let answer = answers.get(key).ok_or_else(|| mistake(key))?;
        let texts = |zh: &str, en: &str| {
            Texts([(Language::ZhCn, zh.to_owned()), (Language::En, en.to_owned())].into())
        };
        canned_answers::add(write, actor, &texts(zh, en), &texts(&answer.zh, &answer.en), true)?;
    }
    Ok(())
}

fn lines(file: &str) -> Result<Vec<Line>> {
    let answers = answers()?;
    rows(file).map(|row| line(row, &answers).ok_or_else(|| mistake(row))).collect()
}

fn line(row: &str, answers: &HashMap<String, Answer>) -> Option<Line> {
    let mut parts = row.split('|').map(str::trim);
    let codes: Vec<&str> = parts.next()?.split(' ').collect();
    let [minute, component, category, impact, status, language, source] = codes[..] else { return None };
    let answer = match parts.next()? {
        "-" => None,
        key => Some(answers.get(key)?.clone()),
    };
    let description = parts.next()?.to_owned();
    let error = parts.next().filter(|e| !e.is_empty()).map(str::to_owned);
    Some(Line {
        minute: minute.parse().ok()?,
        component: match component {
            "-" => None,
            letter => Some(component_key(letter)?.to_owned()),
        },
        category: match category {
            "o" => Category::Outage,
            "l" => Category::Login,
            "f" => Category::Function,
            "d" => Category::Data,
            "s" => Category::Speed,
            "x" => Category::Other,
            _ => return None,
        },
        impact: match impact {
            "c" => Impact::Cosmetic,
            "s" => Impact::Slowed,
            "b" => Impact::Blocked,
            "d" => Impact::DataLoss,
            _ => return None,
        },
        status: match status {
            "N" => Status::New,
            "A" => Status::Acknowledged,
            "P" => Status::InProgress,
            "W" => Status::Waiting,
            "R" => Status::Resolved,
            "C" => Status::Closed,
            "D" => Status::Duplicate,
            _ => return None,
        },
        language: Language::from_tag(language)?,
        source: Source::from_code(source)?,
        answer,
        description,
        error,
    })
}

fn component_key(letter: &str) -> Option<&'static str> {
    Some(match letter {
        "l" => "login",
        "v" => "vouchers",
        "r" => "reports",
        "p" => "payments",
        "m" => "mobile",
        _ => return None,
    })
}

/// How urgently support took it: what nobody has read yet has no severity.
pub(super) fn severity(line: &Line) -> Option<Severity> {
    match (line.status, line.impact, line.category) {
        (Status::New | Status::Duplicate, ..) => None,
        (_, Impact::DataLoss, Category::Data) => Some(Severity::Critical),
        (_, Impact::DataLoss | Impact::Blocked, _) => Some(Severity::High),
        (_, Impact::Slowed, _) => Some(Severity::Medium),
        _ => Some(Severity::Low),
    }
}

/// What the reporter says of the outcome; many say nothing.
pub(super) fn verdict(line: &Line, index: usize) -> Option<Verdict> {
    match line.status {
        Status::Resolved if index % 9 == 4 => Some(Verdict::NotFixed),
        Status::Resolved if !index.is_multiple_of(3) => Some(Verdict::Fixed),
        _ => None,
    }
}

/// What they held in their hands.
pub(super) fn device(line: &Line, throw: i64) -> &'static str {
    let mobile = ["iPhone · Safari 19", "Android 16 · Chrome 141", "Android 15 · MicroMessenger 8.0"];
    let desk = ["Windows 11 · Edge 141", "Windows 10 · Chrome 139", "macOS 26 · Safari 19"];
    let devices = if line.component.as_deref() == Some("mobile") { mobile } else { desk };
    devices[throw.unsigned_abs() as usize % devices.len()]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::line::{DESCRIPTION_MAX, text_problem};

    #[test]
    fn every_line_is_read() {
        let (past, running) = (Script::past().unwrap(), Script::running().unwrap());
        assert!(past.len() >= 110 && running.len() >= 30);
        for line in past.iter().chain(&running) {
            assert_eq!(text_problem(&line.description, DESCRIPTION_MAX, true), None);
            assert!(line.answer.is_some() || line.status == Status::New, "{}", line.description);
        }
        assert!(running.iter().all(|line| line.minute < 40));
    }
}
