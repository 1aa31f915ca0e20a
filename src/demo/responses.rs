//! Survey responses of the demonstration: most are content, some say why not.

use std::collections::BTreeMap;

use serde_json::json;

use super::Dice;
use super::script::{mistake, rows};
use crate::domain::instant::Instant;
use crate::domain::language::Language;
use crate::domain::survey::{Answers, Exposure, RawAnswers, TemplateKey};
use crate::store::responses::{Imported, imported};
use crate::store::{Result, Write};

/// How many give each satisfaction, 1 to 5, without a word.
const SILENT: [usize; 5] = [2, 3, 6, 16, 13];

/// Writes responses to the survey of this window, given in the days after it ended.
pub(super) fn write(write: &mut Write<'_>, window: i64, ended: Instant, dice: &mut Dice) -> Result<()> {
    let mut given: Vec<(u8, Language, Option<String>)> = Vec::new();
    for row in rows(include_str!("comments.txt")) {
        let mut parts = row.splitn(3, ' ');
        let csat = parts.next().and_then(|n| n.parse().ok());
        let language = parts.next().and_then(Language::from_tag);
        match (csat, language, parts.next()) {
            (Some(csat), Some(language), Some(said)) => given.push((csat, language, Some(said.to_owned()))),
            _ => return Err(mistake(row)),
        }
    }
    for (csat, count) in (1u8..).zip(SILENT) {
        for _ in 0..count {
            let language = if dice.below(5) == 0 { Language::En } else { Language::ZhCn };
            given.push((csat, language, None));
        }
    }
    import(write, window, ended, given, dice)
}

/// Writes responses without a word, so many of each satisfaction.
pub(super) fn write_silent(
    write: &mut Write<'_>,
    window: i64,
    ended: Instant,
    counts: [usize; 5],
    dice: &mut Dice,
) -> Result<()> {
    let mut given = Vec::new();
    for (csat, count) in (1u8..).zip(counts) {
        for _ in 0..count {
            let language = if dice.below(5) == 0 { Language::En } else { Language::ZhCn };
            given.push((csat, language, None));
        }
    }
    import(write, window, ended, given, dice)
}

fn import(
    write: &mut Write<'_>,
    window: i64,
    ended: Instant,
    given: Vec<(u8, Language, Option<String>)>,
    dice: &mut Dice,
) -> Result<()> {
    let mut imports = Vec::with_capacity(given.len());
    for (csat, language, comment) in given {
        let exposure = match dice.below(10) {
            0..=3 => Exposure::Reporter,
            4..=5 => Exposure::Invited,
            _ => Exposure::Public,
        };
        // Most come in the first day, some much later.
        let hours = if dice.below(3) == 0 { dice.below(160) } else { dice.below(26) };
        let at = ended.plus_seconds(2_400 + hours * 3_600 + dice.below(3_600));
        imports.push(Imported {
            reference: None,
            imported_as: None,
            window,
            template: TemplateKey::Full,
            submitted_at: at.min(write.now),
            language,
            invited: exposure == Exposure::Invited,
            exposure,
            answers: answers(csat, comment, dice)?,
            demonstration: true,
        });
    }
    imports.sort_by_key(|one| one.submitted_at);
    imported(write, &imports)?;
    Ok(())
}

fn answers(csat: u8, comment: Option<String>, dice: &mut Dice) -> Result<Answers> {
    let content = i64::from(csat);
    // Not everybody answers everything, and some stop after the first questions.
    let complete = dice.below(12) != 0;
    let mut custom = BTreeMap::new();
    if complete && dice.below(4) != 0 {
        let by = ["mail", "chat", "banner", "website", "colleague"];
        let first = dice.below(5) as usize;
        let mut channels = vec![by[first]];
        if dice.below(3) == 0 {
            channels.push(by[(first + 1) % by.len()]);
        }
        custom.insert("announcements".to_owned(), json!(channels));
        custom.insert("trust".to_owned(), json!((content + dice.below(2)).clamp(1, 5)));
        let change = match content {
            1 => "yes",
            2 | 3 if dice.below(2) == 0 => "maybe",
            _ => "no",
        };
        custom.insert("switch".to_owned(), json!(change));
    }
    let raw = RawAnswers {
        csat: Some(content),
        nps: (complete && dice.below(10) != 0).then(|| (content * 2 - 1 + dice.below(3)).clamp(0, 10)),
        ces: (complete && dice.below(8) != 0).then(|| (content + dice.below(3)).clamp(1, 7)),
        saw_notice: (dice.below(9) != 0).then(|| dice.below(5) != 0),
        comment,
        answers: custom,
        complete,
    };
    let full = TemplateKey::Full.built_in().ok_or_else(|| mistake("full"))?;
    Ok(Answers::parse(full, raw)?)
}
