//! Every notice as the public could read it: kept whenever a published window changes, so that later
//! nobody has to believe anybody about what was announced when.

use diesel::prelude::*;
use serde_json::{Value, json};

use super::Window;
use crate::domain::instant::Instant;
use crate::domain::language::Texts;
use crate::each_database;
use crate::store::Write;
use crate::store::connection::Db;
use crate::store::error::{Error, Result};
use crate::store::schema::notice_versions;

/// A notice from one sequence of its window on.
#[derive(Debug, Clone, PartialEq)]
pub struct NoticeVersion {
    /// The first sequence that read so.
    pub sequence: i64,
    /// When that was kept.
    pub kept_at: Instant,
    /// The notice: its texts by language, its times, what it announced of each component.
    pub content: Value,
}

fn texts(texts: &Texts) -> Value {
    let pairs = texts.0.iter().map(|(l, t)| (l.code().to_owned(), Value::from(t.as_str())));
    pairs.collect::<serde_json::Map<_, _>>().into()
}

fn moment(at: Option<Instant>) -> Value {
    at.map_or(Value::Null, |at| at.rfc3339().into())
}

/// What the public reads of a window's notice, without its state and its updates.
pub fn notice(window: &Window) -> Value {
    let fields = window.texts.0.iter().map(|(field, t)| (field.clone(), texts(t)));
    let components: Vec<Value> = window
        .components
        .iter()
        .map(|c| {
            json!({
                "key": c.component.key,
                "name": texts(&c.component.name),
                "impact": c.impact,
                "interruption_start": moment(c.interruption.start),
                "interruption_end": moment(c.interruption.end),
            })
        })
        .collect();
    json!({
        "texts": fields.collect::<serde_json::Map<_, _>>(),
        "scheduled_start": window.schedule.start.rfc3339(),
        "scheduled_end": moment(window.schedule.end),
        "time_zone": window.schedule.zone.name(),
        "finish_before": moment(window.finish_before),
        "backup_finished_at": moment(window.backup_finished_at),
        "data_checked_at": moment(window.data_checked_at),
        "follow_up_hours": window.follow_up_hours,
        "support": serde_json::from_str::<Value>(&window.support.to_json()).unwrap_or(Value::Null),
        "components": components,
    })
}

/// Keeps the notice of a published window as it stands, if it does not read as the one kept last.
pub(super) fn keep(write: &mut Write<'_>, window: &Window) -> Result<()> {
    if !window.state.is_public() {
        return Ok(());
    }
    let content = notice(window).to_string();
    let last = notice_versions::table
        .filter(notice_versions::window_id.eq(window.id))
        .order(notice_versions::sequence.desc())
        .select(notice_versions::content)
        .first::<String>(write.connection)
        .optional()?;
    if last.is_some_and(|last| last == content) {
        return Ok(());
    }
    let values = (
        notice_versions::window_id.eq(window.id),
        notice_versions::sequence.eq(window.sequence),
        notice_versions::kept_at.eq(write.now),
        notice_versions::content.eq(&content),
    );
    each_database!(&mut *write.connection, c => diesel::insert_into(notice_versions::table)
        .values(values)
        .on_conflict_do_nothing()
        .execute(c))?;
    Ok(())
}

/// Every version of a window's notice that was kept, the first one first.
pub fn versions(connection: &mut Db, window: i64) -> Result<Vec<NoticeVersion>> {
    let rows = notice_versions::table
        .filter(notice_versions::window_id.eq(window))
        .order(notice_versions::sequence)
        .select((notice_versions::sequence, notice_versions::kept_at, notice_versions::content))
        .load::<(i64, Instant, String)>(connection)?;
    rows.into_iter()
        .map(|(sequence, kept_at, content)| {
            let content = serde_json::from_str(&content)
                .map_err(|_| Error::Internal(format!("a notice of window {window} is damaged")))?;
            Ok(NoticeVersion { sequence, kept_at, content })
        })
        .collect()
}
