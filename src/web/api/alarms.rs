//! Alarms for programs: what is reported more than is usual where nobody announced it.

use actix_web::http::header;
use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::alarm::{AlarmKind, AlarmState};
use crate::domain::fields::FieldErrors;
use crate::domain::instant::Instant;
use crate::store::alarms::{self, Alarm};
use crate::web::app::App;
use crate::web::failure::Failure;
use crate::web::form::{Json, Query};
use crate::web::visitor::{Support, Viewer};

/// An alarm.
#[derive(Debug, Serialize, ToSchema)]
pub struct AlarmOut {
    /// Its number.
    id: i64,
    /// The key of the component; null for reports that name none.
    component: Option<String>,
    /// The slug of the window that the latest of the reports belongs to.
    window: Option<String>,
    /// Why nobody was to expect it.
    kind: AlarmKind,
    /// What somebody has decided about it.
    state: AlarmState,
    /// How many people reported it within 15 minutes, at most.
    people: i64,
    /// How many usually would have.
    expected: f64,
    /// How likely so many or more are by chance.
    chance: f64,
    /// When the first of those reports came in.
    #[schema(value_type = String, format = DateTime)]
    since: Instant,
    /// When it was raised.
    #[schema(value_type = String, format = DateTime)]
    raised_at: Instant,
    /// When it last held.
    #[schema(value_type = String, format = DateTime)]
    seen_at: Instant,
    /// Who decided.
    decided_by: Option<String>,
    /// When.
    #[schema(value_type = Option<String>, format = DateTime)]
    decided_at: Option<Instant>,
}

impl AlarmOut {
    fn of(alarm: Alarm) -> AlarmOut {
        AlarmOut {
            id: alarm.id,
            component: alarm.component.map(|c| c.key),
            window: alarm.window.map(|w| w.slug),
            kind: alarm.kind,
            state: alarm.state,
            people: alarm.people,
            expected: alarm.expected,
            chance: alarm.chance,
            since: alarm.since,
            raised_at: alarm.raised_at,
            seen_at: alarm.seen_at,
            decided_by: alarm.decided_by,
            decided_at: alarm.decided_at,
        }
    }
}

/// The alarms that are not over.
#[derive(Debug, Serialize, ToSchema)]
pub struct AlarmsOut {
    /// Those that nobody has decided about first, the latest first.
    items: Vec<AlarmOut>,
}

/// Alarms that are not over.
#[utoipa::path(
    get, path = "/api/v1/alarms", operation_id = "listAlarms", tag = "reports",
    responses((status = 200, body = AlarmsOut)),
)]
pub async fn list(app: web::Data<App>, query: Query, _guard: Viewer) -> Result<HttpResponse, Failure> {
    query.only(&[])?;
    let items = app.store.read(alarms::open).await?.into_iter().map(AlarmOut::of).collect();
    Ok(HttpResponse::Ok().insert_header((header::CACHE_CONTROL, "no-store")).json(AlarmsOut { items }))
}

/// What is decided about an alarm.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AlarmChange {
    /// `acknowledged` or `dismissed`.
    state: AlarmState,
}

/// Decide about an alarm; 409 if somebody else was faster.
#[utoipa::path(
    patch, path = "/api/v1/alarms/{id}", operation_id = "changeAlarm", tag = "reports",
    params(("id" = i64, Path, description = "The alarm's number")),
    request_body = AlarmChange,
    responses((status = 200, body = AlarmOut)),
)]
pub async fn change(
    app: web::Data<App>,
    id: web::Path<i64>,
    guard: Support,
    body: Json<AlarmChange>,
) -> Result<HttpResponse, Failure> {
    let (id, state) = (id.into_inner(), body.0.state);
    if state == AlarmState::Raised {
        return Err(FieldErrors::one("state", "unknown-code").into());
    }
    let alarm = app
        .store
        .write(move |w| {
            alarms::decide(w, &guard.0, id, state)?;
            alarms::find(w.connection, id)
        })
        .await?;
    Ok(HttpResponse::Ok().insert_header((header::CACHE_CONTROL, "no-store")).json(AlarmOut::of(alarm)))
}
