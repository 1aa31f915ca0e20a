//! A window as the programming interface shows it.

use serde::Serialize;

use crate::domain::instant::Instant;
use crate::domain::language::Language;
use crate::domain::support_hours::SupportInput;
use crate::domain::survey::TemplateKey;
use crate::domain::window::{ComponentImpact, Stage, WindowState};
use crate::store::windows::Window;

/// A window; texts are in the asked language, times are UTC with milliseconds.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct WindowObject {
    /// Its part of addresses.
    pub slug: String,
    /// Rises with every change.
    pub sequence: i64,
    /// Where it stands.
    pub state: WindowState,
    /// Past its scheduled end and still not over.
    pub overdue: bool,
    /// The title.
    pub title: String,
    /// Markdown.
    pub body: String,
    /// Whom it concerns.
    pub audience: String,
    /// What users should do.
    pub advice: String,
    /// Whether and how the data are safe.
    pub backup_statement: String,
    /// When the backup before the work was finished.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub backup_finished_at: Option<Instant>,
    /// When the data were checked after the work.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub data_checked_at: Option<Instant>,
    /// Until when users should have finished what they are doing.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub finish_before: Option<Instant>,
    /// The scheduled start.
    #[schema(value_type = String, format = DateTime)]
    pub scheduled_start: Instant,
    /// The scheduled end; null for some imported windows.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub scheduled_end: Option<Instant>,
    /// The IANA zone in which it is announced.
    pub time_zone: &'static str,
    /// When its notice was published.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub announced_at: Option<Instant>,
    /// When the work began.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub started_at: Option<Instant>,
    /// When it was completed.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub completed_at: Option<Instant>,
    /// When it was cancelled.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub cancelled_at: Option<Instant>,
    /// For how many hours after the end reports still belong to it.
    pub follow_up_hours: i32,
    /// The clock starts it.
    pub start_by_clock: bool,
    /// The clock completes it.
    pub complete_by_clock: bool,
    /// How support can be reached and when.
    #[schema(value_type = SupportInput)]
    pub support: serde_json::Value,
    /// The survey afterwards.
    pub survey: SurveyObject,
    /// What is affected.
    pub components: Vec<ComponentObject>,
    /// What was posted, oldest first; one without words only tells of a stage.
    pub updates: Vec<UpdateObject>,
    /// The times it was announced for before, oldest first.
    pub moves: Vec<MoveObject>,
}

/// The survey of a window.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct SurveyObject {
    /// The template.
    #[schema(value_type = String, example = "short")]
    pub template: TemplateKey,
    /// For how many days after completion it takes answers.
    pub days: i32,
}

/// A component as a window affects it.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct ComponentObject {
    /// Its key.
    pub key: String,
    /// Its name.
    pub name: String,
    /// How it is expected to be affected.
    pub impact: ComponentImpact,
    /// From when, if not from the window's start.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub interruption_start: Option<Instant>,
    /// Until when, if not until the window's end.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub interruption_end: Option<Instant>,
    /// When somebody ticked it as tested.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub tested_at: Option<Instant>,
}

/// An update.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct UpdateObject {
    /// The stage that it belongs to.
    pub stage: Stage,
    /// What it says, Markdown.
    pub body: String,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub posted_at: Instant,
}

/// Times that no longer hold.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct MoveObject {
    /// The start as it was.
    #[schema(value_type = String, format = DateTime)]
    pub scheduled_start: Instant,
    /// The end as it was.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub scheduled_end: Option<Instant>,
    /// The zone as it was.
    pub time_zone: &'static str,
    /// When they were given up.
    #[schema(value_type = String, format = DateTime)]
    pub moved_at: Instant,
}

impl WindowObject {
    /// The window for somebody who reads `language`, at this moment.
    pub fn of(window: &Window, language: Language, default: Language, now: Instant) -> WindowObject {
        let text = |field: &str| window.text(field, language, default);
        WindowObject {
            slug: window.slug.to_string(),
            sequence: window.sequence,
            state: window.state,
            overdue: window.overdue(now),
            title: text("title"),
            body: text("body"),
            audience: text("audience"),
            advice: text("advice"),
            backup_statement: text("backup_statement"),
            backup_finished_at: window.backup_finished_at,
            data_checked_at: window.data_checked_at,
            finish_before: window.finish_before,
            scheduled_start: window.schedule.start,
            scheduled_end: window.schedule.end,
            time_zone: window.zone().name(),
            announced_at: window.announced_at,
            started_at: window.started_at,
            completed_at: window.completed_at,
            cancelled_at: window.cancelled_at,
            follow_up_hours: window.follow_up_hours,
            start_by_clock: window.start_by_clock,
            complete_by_clock: window.complete_by_clock,
            support: serde_json::to_value(&window.support).unwrap_or_default(),
            survey: SurveyObject { template: window.survey_template.clone(), days: window.survey_days },
            components: (window.components.iter())
                .map(|c| ComponentObject {
                    key: c.component.key.clone(),
                    name: c.component.label(language, default).to_owned(),
                    impact: c.impact,
                    interruption_start: c.interruption.start,
                    interruption_end: c.interruption.end,
                    tested_at: c.tested_at,
                })
                .collect(),
            updates: (window.updates.iter())
                .map(|u| UpdateObject {
                    stage: u.stage,
                    body: u.body.text(language, default).to_owned(),
                    posted_at: u.posted_at,
                })
                .collect(),
            moves: (window.moves.iter())
                .map(|m| MoveObject {
                    scheduled_start: m.schedule.start,
                    scheduled_end: m.schedule.end,
                    time_zone: m.schedule.zone.name(),
                    moved_at: m.moved_at,
                })
                .collect(),
        }
    }
}
