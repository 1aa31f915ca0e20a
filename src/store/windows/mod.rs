//! Maintenance windows with everything that belongs to one: texts, components, updates, moves.

mod draft;
mod imported;
mod load;
mod moves;
mod updates;
mod versions;

pub use draft::{create, edit, remove};
pub use imported::{ImportedUpdate, ImportedWindow, imported};
pub use load::{
    begun, begun_slugs, by_id, by_ids, by_slug, coming, extent_of, extents, extents_between, id_of, list,
    public, standings,
};
pub use moves::{
    Due, cancel, complete, complete_by_clock, count_overdue, due, publish, reschedule, start, start_by_clock,
    tick, verify,
};
pub use updates::{NewUpdate, post};
pub use versions::{NoticeVersion, notice, versions};

use crate::domain::attribution::Extent;
use crate::domain::fields::FieldErrors;
use crate::domain::instant::Instant;
use crate::domain::language::{Language, Texts};
use crate::domain::notice::{DraftComponent, TEXT_FIELDS, WindowDraft};
use crate::domain::support_hours::Support;
use crate::domain::survey::{Opening, SurveyPhase, TemplateKey};
use crate::domain::window::{
    self, ComponentImpact, ComponentKey, FollowUpHours, Interruption, Schedule, Slug, Stage, WindowState,
};
use crate::domain::zone::Zone;
use crate::store::components::Component;
use crate::store::error::{Error, Result};
use crate::store::texts::Fields;

/// A window as it stands, with everything that its notice shows.
#[derive(Debug, Clone)]
pub struct Window {
    /// Its row.
    pub id: i64,
    /// Its part of addresses.
    pub slug: Slug,
    /// Rises with every public change.
    pub sequence: i64,
    /// Where it stands.
    pub state: WindowState,
    /// When it is planned, in which zone.
    pub schedule: Schedule,
    /// When its notice was published.
    pub announced_at: Option<Instant>,
    /// When the work began.
    pub started_at: Option<Instant>,
    /// When it was completed.
    pub completed_at: Option<Instant>,
    /// When it was cancelled.
    pub cancelled_at: Option<Instant>,
    /// When the backup before the work was finished.
    pub backup_finished_at: Option<Instant>,
    /// When the data were checked after the work.
    pub data_checked_at: Option<Instant>,
    /// Until when users should have finished what they are doing.
    pub finish_before: Option<Instant>,
    /// For how many hours after the end reports still belong to it.
    pub follow_up_hours: i32,
    /// The clock starts it when its time comes.
    pub start_by_clock: bool,
    /// The clock completes it at its scheduled end.
    pub complete_by_clock: bool,
    /// The survey's template.
    pub survey_template: TemplateKey,
    /// For how many days after completion the survey takes answers.
    pub survey_days: i32,
    /// When somebody last opened its survey by hand.
    pub survey_opened_at: Option<Instant>,
    /// When somebody last closed its survey by hand.
    pub survey_closed_at: Option<Instant>,
    /// How many days after an invitation was sent out its reminder is due; 0: never.
    pub survey_remind_days: i32,
    /// How support can be reached and when.
    pub support: Support,
    /// Belongs to the demonstration.
    pub demonstration: bool,
    /// `title`, `body`, `audience`, `advice`, `backup_statement`.
    pub texts: Fields,
    /// What is affected, in the order of the notice.
    pub components: Vec<WindowComponent>,
    /// Oldest first.
    pub updates: Vec<Update>,
    /// The times it was announced for before it was moved, oldest first.
    pub moves: Vec<WindowMove>,
}

/// A component as one window affects it.
#[derive(Debug, Clone)]
pub struct WindowComponent {
    /// Which.
    pub component: Component,
    /// How it is expected to be affected.
    pub impact: ComponentImpact,
    /// Its own interruption, if that is shorter than the window.
    pub interruption: Interruption,
    /// When somebody ticked it as tested.
    pub tested_at: Option<Instant>,
}

/// A dated public message.
#[derive(Debug, Clone)]
pub struct Update {
    /// Its row.
    pub id: i64,
    /// The stage it belongs to.
    pub stage: Stage,
    /// The window's state after it.
    pub state: WindowState,
    /// When.
    pub posted_at: Instant,
    /// What it says; empty for a change of stage that nobody wrote a word about.
    pub body: Texts,
}

/// Times that were announced and no longer hold.
#[derive(Debug, Clone)]
pub struct WindowMove {
    /// The sequence that the old times had.
    pub sequence: i64,
    /// The old times.
    pub schedule: Schedule,
    /// When they were given up.
    pub moved_at: Instant,
}

impl Window {
    /// One of its texts for somebody who reads `language`.
    pub fn text(&self, field: &str, language: Language, default: Language) -> String {
        self.texts.0.get(field).map_or("", |t| t.text(language, default)).to_owned()
    }

    /// Its title for somebody who reads `language`; its slug if it has none.
    pub fn title(&self, language: Language, default: Language) -> String {
        let title = self.text("title", language, default);
        if title.is_empty() { self.slug.to_string() } else { title }
    }

    /// The zone that it is announced in.
    pub fn zone(&self) -> Zone {
        self.schedule.zone
    }

    /// Whether it is past its scheduled end and still not over.
    pub fn overdue(&self, now: Instant) -> bool {
        window::overdue(self.state, self.schedule.end, now)
    }

    /// When it really ended.
    pub fn ended_at(&self) -> Option<Instant> {
        self.completed_at.or(self.cancelled_at)
    }

    /// Whether problem reports are taken for it now: from a day before its start to the end of its
    /// follow-up period.
    pub fn takes_reports(&self, now: Instant) -> bool {
        self.extent().phase(now).is_some()
    }

    /// Whether its survey takes answers now.
    pub fn survey_open(&self, now: Instant) -> bool {
        matches!(self.survey_phase(now), SurveyPhase::Open(_))
    }

    /// When its survey takes answers.
    pub fn survey_phase(&self, now: Instant) -> SurveyPhase {
        self.survey_opening().phase(now)
    }

    /// What decides when its survey takes answers.
    pub fn survey_opening(&self) -> Opening {
        Opening {
            completed_at: self.completed_at,
            never: self.completed_at.is_none() && self.state.has_ended(),
            opened_at: self.survey_opened_at,
            closed_at: self.survey_closed_at,
            days: i64::from(self.survey_days),
        }
    }

    /// The stage it is in, if it is running.
    pub fn stage(&self) -> Option<Stage> {
        self.updates.iter().max_by_key(|u| (u.posted_at, u.id)).map(|u| u.stage)
    }

    /// What decides which reports belong to it.
    pub fn extent(&self) -> Extent {
        Extent {
            window: self.id,
            slug: self.slug.clone(),
            state: self.state,
            scheduled_start: self.schedule.start,
            scheduled_end: self.schedule.end,
            started_at: self.started_at,
            ended_at: self.ended_at(),
            follow_up_hours: i64::from(self.follow_up_hours),
            components: self.components.iter().map(|c| c.component.id).collect(),
            updates: self.updates.iter().map(|u| (u.posted_at, u.stage)).collect(),
        }
    }

    /// What an operator wrote of it, to be written over.
    ///
    /// [`Error::Internal`] if a row was damaged outside of this program.
    pub fn draft(&self) -> Result<WindowDraft> {
        let damaged = |e: FieldErrors| Error::Internal(format!("window {}: {e:?}", self.id));
        let components = (self.components.iter())
            .map(|c| {
                let key = ComponentKey::parse("key", &c.component.key)?;
                Ok(DraftComponent { key, impact: c.impact, interruption: c.interruption })
            })
            .collect::<std::result::Result<_, FieldErrors>>();
        Ok(WindowDraft {
            slug: Some(self.slug.clone()),
            texts: (TEXT_FIELDS.iter())
                .filter_map(|(field, ..)| self.texts.0.get(*field).map(|t| (*field, t.clone())))
                .collect(),
            schedule: self.schedule,
            components: components.map_err(damaged)?,
            finish_before: self.finish_before,
            backup_finished_at: self.backup_finished_at,
            data_checked_at: self.data_checked_at,
            follow_up: FollowUpHours::parse("follow_up_hours", self.follow_up_hours.into())
                .map_err(damaged)?,
            support: self.support.clone(),
            survey_template: self.survey_template.clone(),
            survey_days: self.survey_days.clamp(1, 365) as u16,
            start_by_clock: self.start_by_clock,
            complete_by_clock: self.complete_by_clock,
        })
    }
}
