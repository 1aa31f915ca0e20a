//! What was known to be wrong during a window, and how many met it.

use std::collections::HashMap;

use diesel::prelude::*;
use serde::Serialize;

use super::Reader;
use crate::domain::instant::Instant;
use crate::domain::language::{Language, Texts};
use crate::domain::timeline::WorkaroundMark;
use crate::store::connection::Db;
use crate::store::error::Result;
use crate::store::known_issues::EventKind;
use crate::store::schema::{known_issue_events as events, known_issues, texts};

/// A known issue of a window.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct IssueFigures {
    /// Its number.
    pub id: i64,
    /// Its title.
    pub title: String,
    /// Where it stands.
    pub status: String,
    /// What people could do meanwhile; null if there was nothing.
    pub workaround: Option<String>,
    /// Reports that are linked to it.
    pub reports: u64,
    /// People who said "me too".
    pub me_toos: u64,
    /// Since when there was something to do meanwhile; null if there is nothing.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub workaround_at: Option<Instant>,
    /// Since when it is known.
    #[schema(value_type = String, format = DateTime)]
    pub known_at: Instant,
    /// When it was resolved; null while it is not.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub resolved_at: Option<Instant>,
}

impl IssueFigures {
    /// How many met it.
    pub fn met(&self) -> u64 {
        self.reports + self.me_toos
    }

    /// Its mark on the timeline: from when on there was something to do meanwhile.
    pub(super) fn mark(&self) -> Option<WorkaroundMark> {
        self.workaround_at.map(|at| WorkaroundMark { at, title: self.title.clone() })
    }
}

type Row = (i64, Option<i64>, String, i64, i64, Instant, Option<Instant>);

/// The known issues of each of these windows, those that most people met first.
pub(super) fn issues(
    connection: &mut Db,
    windows: &[i64],
    reader: Reader,
) -> Result<HashMap<i64, Vec<IssueFigures>>> {
    use known_issues as t;
    let mut found: HashMap<i64, Vec<IssueFigures>> = HashMap::new();
    for some in windows.chunks(500) {
        let rows = t::table
            .filter(t::window_id.eq_any(some))
            .order(t::id)
            .select((t::id, t::window_id, t::status, t::reports, t::me_toos, t::created_at, t::resolved_at))
            .load::<Row>(connection)?;
        let ids: Vec<i64> = rows.iter().map(|r| r.0).collect();
        let mut words: HashMap<(i64, String), Texts> = HashMap::new();
        for some in ids.chunks(500) {
            let all = texts::table
                .filter(texts::thing.eq("known_issue"))
                .filter(texts::thing_id.eq_any(some))
                .select((texts::thing_id, texts::field, texts::language, texts::content))
                .load::<(i64, String, Language, String)>(connection)?;
            for (id, field, language, content) in all {
                words.entry((id, field)).or_default().0.insert(language, content);
            }
        }
        let mut given: HashMap<i64, Instant> = HashMap::new();
        for some in ids.chunks(500) {
            let all = events::table
                .filter(events::known_issue_id.eq_any(some))
                .filter(events::kind.eq(EventKind::Workaround))
                .order(events::id.desc())
                .select((events::known_issue_id, events::at))
                .load::<(i64, Instant)>(connection)?;
            // The first of each stays.
            given.extend(all);
        }
        for (id, window, status, reports, me_toos, known_at, resolved_at) in rows {
            let text = |field: &str| {
                let texts = words.get(&(id, field.to_owned()));
                texts.map(|t| t.text(reader.language, reader.default).to_owned()).unwrap_or_default()
            };
            let workaround = Some(text("workaround")).filter(|w| !w.is_empty());
            found.entry(window.unwrap_or(0)).or_default().push(IssueFigures {
                id,
                title: text("title"),
                status,
                // One of before this was noted has had its workaround from the beginning, as far as anybody knows.
                workaround_at: workaround.as_ref().map(|_| given.get(&id).copied().unwrap_or(known_at)),
                workaround,
                reports: reports.unsigned_abs(),
                me_toos: me_toos.unsigned_abs(),
                known_at,
                resolved_at,
            });
        }
    }
    for list in found.values_mut() {
        list.sort_by_key(|i| std::cmp::Reverse(i.met()));
    }
    Ok(found)
}
