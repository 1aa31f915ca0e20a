//! The windows before the past one: a year that went better from one to the next, so that figures have
//! something to be compared with, and what was learnt from each.

use std::collections::HashMap;

use super::script::Script;
use super::windows::Plan;
use super::{Dice, Filed, responses, write_reports};
use crate::domain::improvement::{ImprovementDraft, ImprovementInput};
use crate::domain::language::{Language, Texts};
use crate::domain::window::{Stage, WindowState};
use crate::store::people::Actor;
use crate::store::windows::{ImportedUpdate, ImportedWindow, by_id, imported};
use crate::store::{Result, Write, improvements};

/// One of them.
struct Earlier {
    name: &'static str,
    title: (&'static str, &'static str),
    /// Days before the past one.
    days: i64,
    /// Hours it was announced to last, and minutes that it went on after them.
    hours: i64,
    overrun: i64,
    /// Days it was announced ahead.
    lead: i64,
    /// Every how many-th report of the past window was made here too.
    every: usize,
    /// How many gave each satisfaction, 1 to 5.
    answers: [usize; 5],
}

const ALL: [Earlier; 3] = [
    Earlier {
        name: "ledger",
        title: ("总账数据库扩容", "More room for the ledger"),
        days: 98,
        hours: 5,
        overrun: 96,
        lead: 2,
        every: 6,
        answers: [9, 11, 9, 12, 5],
    },
    Earlier {
        name: "reports",
        title: ("报表引擎更换", "A new report engine"),
        days: 63,
        hours: 6,
        overrun: 41,
        lead: 4,
        every: 8,
        answers: [5, 8, 9, 18, 9],
    },
    Earlier {
        name: "gateway",
        title: ("移动端网关升级", "A new gateway for the mobile app"),
        days: 28,
        hours: 4,
        overrun: 12,
        lead: 9,
        every: 11,
        answers: [2, 4, 6, 22, 13],
    },
];

/// Writes the windows with their reports and responses, the earliest first, and gives their rows.
pub(super) fn write(
    write: &mut Write<'_>,
    actor: &Actor,
    plan: &Plan,
    known: &HashMap<String, i64>,
    default: Language,
    dice: &mut Dice,
) -> Result<Vec<i64>> {
    let mut rows = Vec::new();
    for earlier in &ALL {
        let (draft, start) = plan.like_past(earlier.days, earlier.hours, default)?;
        let mut draft = draft;
        let (zh, en) = earlier.title;
        let title = Texts([(Language::ZhCn, zh.to_owned()), (Language::En, en.to_owned())].into());
        draft.texts.insert("title", title);
        let end = start.plus_seconds(earlier.hours * 3_600 + earlier.overrun * 60 + 17);
        let length = end.seconds_since(start);
        let update = |share: f64, stage, state| ImportedUpdate {
            stage,
            state,
            posted_at: start.plus_seconds((length as f64 * share) as i64),
            body: Texts::default(),
        };
        let window = ImportedWindow {
            imported_as: format!("demonstration/{}", earlier.name),
            draft,
            state: WindowState::Completed,
            sequence: 6,
            announced_at: Some(start.plus_seconds(-earlier.lead * 86_400)),
            started_at: Some(start),
            completed_at: Some(end),
            cancelled_at: None,
            tested_at: Some(end.plus_seconds(-300)),
            updates: vec![
                update(0.0, Stage::Implementation, WindowState::InProgress),
                update(0.8, Stage::Testing, WindowState::Verifying),
                update(1.0, Stage::Restored, WindowState::Completed),
            ],
            moves: Vec::new(),
            demonstration: true,
        };
        let id = imported(write, actor, &window, default)?.0;
        let extent = by_id(write.connection, id)?.extent();
        let zone = plan.zone();
        let mut lines: Vec<_> = Script::past()?.into_iter().step_by(earlier.every).collect();
        lines.retain(|line| line.minute * 60 < length + 7_200);
        write_reports(write, &Filed { window: id, start, extent, components: known, zone }, &lines, dice)?;
        responses::write_silent(write, id, end, earlier.answers, dice)?;
        rows.push(id);
    }
    Ok(rows)
}

/// What was learnt, in the language of the server: from which of the windows, status, measure, and in
/// which it should show.
pub(super) fn write_improvements(
    write: &mut Write<'_>,
    actor: &Actor,
    windows: &[i64],
    default: Language,
) -> Result<()> {
    const LEARNT: [(&str, &str, usize, &str, &str, usize); 4] = [
        (
            "提前至少四天发布维护通知",
            "Publish the notice at least four days ahead",
            0,
            "done",
            "saw_notice",
            2,
        ),
        (
            "迁移脚本先在全量副本上演练一次",
            "Rehearse the migration on a full copy first",
            0,
            "done",
            "overrun",
            1,
        ),
        ("登录失败时直接显示维护公告", "Show the notice where the log-in fails", 2, "done", "csat", 3),
        (
            "恢复后自动清理移动端旧会话",
            "Clear old sessions of the mobile app after the work",
            3,
            "in_progress",
            "ces",
            4,
        ),
    ];
    for (zh, en, from, status, measure, later) in LEARNT {
        let (Some(from), Some(later)) = (windows.get(from), windows.get(later)) else { continue };
        let slug =
            |write: &mut Write<'_>, id: i64| Ok::<_, crate::store::Error>(by_id(write.connection, id)?.slug);
        let input = ImprovementInput {
            title: if default == Language::En { en } else { zh }.to_owned(),
            status: status.to_owned(),
            measure: measure.to_owned(),
            source: format!("figure:{measure}"),
            window: slug(write, *from)?.to_string(),
            shown_by: slug(write, *later)?.to_string(),
            ..ImprovementInput::default()
        };
        improvements::add(write, actor, &ImprovementDraft::parse(&input)?, true)?;
    }
    Ok(())
}
