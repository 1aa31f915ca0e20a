//! The windows of the demonstration and where they lie in time.

use std::collections::BTreeMap;

use chrono::{Datelike, Days, NaiveDate, NaiveTime};
use serde::Deserialize;

use super::script::mistake;
use crate::domain::instant::Instant;
use crate::domain::language::{Language, Texts};
use crate::domain::notice::{Usual, WindowDraft, WindowInput};
use crate::domain::window::{Schedule, Stage, WindowState};
use crate::domain::zone::Zone;
use crate::store::people::Actor;
use crate::store::windows::{ImportedUpdate, ImportedWindow, imported};
use crate::store::{Result, Write};

#[derive(Deserialize)]
struct File {
    components: Vec<NamedComponent>,
    past: WindowInput,
    running: WindowInput,
    coming: WindowInput,
    updates: BTreeMap<String, Vec<ScriptedUpdate>>,
}

/// Minutes from the start, the stage, the state after it, and what it says in Chinese and English.
type ScriptedUpdate = (i64, Stage, WindowState, String, String);

#[derive(Deserialize)]
struct NamedComponent {
    key: String,
    name: BTreeMap<Language, String>,
}

fn file() -> Result<File> {
    serde_json::from_str(include_str!("windows.json")).map_err(|e| mistake(&e.to_string()))
}

/// The components by key with their names, in their order.
pub(super) fn components() -> Result<Vec<(String, Texts)>> {
    Ok(file()?.components.into_iter().map(|c| (c.key, Texts(c.name))).collect())
}

/// Where everything lies, seen from now.
pub(super) struct Plan {
    now: Instant,
    zone: Zone,
    /// When the past window really began.
    pub(super) past_start: Instant,
    /// When it was completed.
    pub(super) past_end: Instant,
    /// When the running window began.
    pub(super) running_start: Instant,
    coming_start: Instant,
    file: File,
}

const HOUR: i64 = 3_600;
const DAY: i64 = 24 * HOUR;

impl Plan {
    /// Seen from `now`, with nights as they are in `zone`.
    pub(super) fn new(now: Instant, zone: Zone) -> Result<Plan> {
        let today = zone.local_date(now);
        let evening = |date: NaiveDate, hour: u32| {
            zone.reached(date.and_time(NaiveTime::from_hms_opt(hour, 0, 0).unwrap_or_default()))
        };
        let past_start = evening(today - Days::new(9), 22);
        let five = 300;
        let running = (now.seconds() - 40 * 60).div_euclid(five) * five;
        Ok(Plan {
            now,
            zone,
            past_start,
            past_end: past_start.plus_seconds(437 * 60 + 22),
            running_start: Instant::from_seconds(running).unwrap_or(now),
            coming_start: evening(month_end_after(today), 22),
            file: file()?,
        })
    }

    fn draft(
        &self,
        input: &WindowInput,
        start: Instant,
        hours: i64,
        default: Language,
    ) -> Result<WindowDraft> {
        let input = WindowInput {
            scheduled_start: Some(start),
            scheduled_end: Some(start.plus_seconds(hours * HOUR)),
            time_zone: Some(self.zone.name().to_owned()),
            ..input.clone()
        };
        let usual = Usual { language: default, zone: self.zone, imported: false };
        Ok(WindowDraft::parse(input, None, usual)?)
    }

    /// The zone that all of it lies in.
    pub(super) fn zone(&self) -> Zone {
        self.zone
    }

    /// The notice of the past window for an evening so many days before it, and when that begins.
    pub(super) fn like_past(
        &self,
        days: i64,
        hours: i64,
        default: Language,
    ) -> Result<(WindowDraft, Instant)> {
        let start = self.past_start.plus_seconds(-days * DAY);
        let mut draft = self.draft(&self.file.past, start, hours, default)?;
        draft.components.truncate(3);
        Ok((draft, start))
    }

    fn updates(&self, name: &str, start: Instant) -> Vec<ImportedUpdate> {
        let posted = self.file.updates.get(name).into_iter().flatten();
        posted
            .map(|(minute, stage, state, zh, en)| ImportedUpdate {
                stage: *stage,
                state: *state,
                posted_at: start.plus_seconds(minute * 60 + 22),
                body: Texts([(Language::ZhCn, zh.clone()), (Language::En, en.clone())].into()),
            })
            .collect()
    }

    /// A window of eight hours, completed a little early, that had been announced for a week before.
    pub(super) fn past(&self, write: &mut Write<'_>, actor: &Actor, default: Language) -> Result<i64> {
        let start = self.past_start;
        let mut draft = self.draft(&self.file.past, start, 8, default)?;
        draft.finish_before = Some(start.plus_seconds(-HOUR / 2));
        draft.backup_finished_at = Some(start.plus_seconds(-2 * HOUR));
        draft.data_checked_at = Some(self.past_end.plus_seconds(-900));
        for component in &mut draft.components {
            let until = match component.key.as_str() {
                "login" => 160 * 60,
                "payments" => 240 * 60,
                _ => continue,
            };
            component.interruption.start = Some(start);
            component.interruption.end = Some(start.plus_seconds(until));
        }
        let first = Schedule {
            start: start.plus_seconds(-7 * DAY),
            end: Some(start.plus_seconds(-7 * DAY + 8 * HOUR)),
            zone: self.zone,
        };
        let window = ImportedWindow {
            imported_as: "demonstration/past".to_owned(),
            draft,
            state: WindowState::Completed,
            sequence: 12,
            announced_at: Some(start.plus_seconds(-16 * DAY)),
            started_at: Some(start),
            completed_at: Some(self.past_end),
            cancelled_at: None,
            tested_at: Some(self.past_end.plus_seconds(-600)),
            updates: self.updates("past", start),
            moves: vec![(first, start.plus_seconds(-10 * DAY))],
            demonstration: true,
        };
        Ok(imported(write, actor, &window, default)?.0)
    }

    /// A window of four hours that began forty minutes ago.
    pub(super) fn running(&self, write: &mut Write<'_>, actor: &Actor, default: Language) -> Result<i64> {
        let start = self.running_start;
        let mut draft = self.draft(&self.file.running, start, 4, default)?;
        draft.finish_before = Some(start.plus_seconds(-900));
        draft.backup_finished_at = Some(start.plus_seconds(-HOUR));
        let window = ImportedWindow {
            imported_as: "demonstration/running".to_owned(),
            draft,
            state: WindowState::InProgress,
            sequence: 5,
            announced_at: Some(start.plus_seconds(-5 * DAY)),
            started_at: Some(start),
            completed_at: None,
            cancelled_at: None,
            tested_at: None,
            updates: self.updates("running", start),
            moves: Vec::new(),
            demonstration: true,
        };
        Ok(imported(write, actor, &window, default)?.0)
    }

    /// A window of five hours in the last night of a month.
    pub(super) fn coming(&self, write: &mut Write<'_>, actor: &Actor, default: Language) -> Result<i64> {
        let start = self.coming_start;
        let mut draft = self.draft(&self.file.coming, start, 5, default)?;
        draft.finish_before = Some(start.plus_seconds(-HOUR));
        for component in draft.components.iter_mut().filter(|c| c.key.as_str() == "reports") {
            component.interruption.start = Some(start.plus_seconds(2 * HOUR));
            component.interruption.end = Some(start.plus_seconds(2 * HOUR + HOUR * 3 / 2));
        }
        let window = ImportedWindow {
            imported_as: "demonstration/coming".to_owned(),
            draft,
            state: WindowState::Scheduled,
            sequence: 1,
            announced_at: Some(self.now.plus_seconds(-2 * DAY)),
            started_at: None,
            completed_at: None,
            cancelled_at: None,
            tested_at: None,
            updates: Vec::new(),
            moves: Vec::new(),
            demonstration: true,
        };
        Ok(imported(write, actor, &window, default)?.0)
    }
}

/// The first last day of a month that is at least four days ahead.
fn month_end_after(today: NaiveDate) -> NaiveDate {
    let mut date = today + Days::new(4);
    while (date + Days::new(1)).month() == date.month() {
        date = date + Days::new(1);
    }
    date
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_coming_window_is_at_a_month_end() {
        let day = |y, m, d| NaiveDate::from_ymd_opt(y, m, d).unwrap();
        assert_eq!(month_end_after(day(2026, 11, 23)), day(2026, 11, 30));
        assert_eq!(month_end_after(day(2026, 11, 28)), day(2026, 12, 31));
        assert_eq!(month_end_after(day(2028, 2, 25)), day(2028, 2, 29));
    }

    #[test]
    fn the_file_is_read() {
        let file = file().unwrap();
        assert_eq!(file.components.len(), 5);
        assert_eq!(file.updates["past"].len(), 8);
    }
}
