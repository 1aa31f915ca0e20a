//! Alarms for programs: what is reported more than is usual where nobody announced it.

use actix_web::{HttpRequest, HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::not_kept;
use crate::domain::alarm::{AlarmKind, AlarmState};
use crate::domain::fields::FieldErrors;
use crate::domain::instant::Instant;
use crate::store::alarms::{self, Alarm};
use crate::web::app::App;
use crate::web::etag;
use crate::web::failure::Failure;
use crate::web::form::{Json, Query};
use crate::web::listing;
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

/// A piece of the list of alarms that are not over.
#[derive(Debug, Serialize, ToSchema)]
pub struct AlarmsOut {
    /// Those that nobody has decided about first, the latest first.
    items: Vec<AlarmOut>,
    /// What to ask for as `cursor` to go on; nothing at the end.
    next_cursor: Option<String>,
}

/// Alarms that are not over.
#[utoipa::path(
    get, path = "/api/v1/alarms", operation_id = "listAlarms", tag = "reports",
    params(
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the piece before"),
        ("limit" = Option<i64>, Query, description = "1–200, 50 unless given"),
    ),
    responses((status = 200, body = AlarmsOut), (status = 304, description = "As `If-None-Match` knows it")),
)]
pub async fn list(
    app: web::Data<App>,
    request: HttpRequest,
    query: Query,
    _guard: Viewer,
) -> Result<HttpResponse, Failure> {
    let query = query.only(&["cursor", "limit"])?;
    let limit = listing::limit(query.get("limit"))?;
    // At most one of each kind for each component: few enough to be read whole.
    let open = app.store.read(alarms::open).await?;
    let from = match query.get("cursor") {
        "" => 0,
        text => {
            let last = open.iter().position(|alarm| alarm.id.to_string() == text);
            last.ok_or_else(|| FieldErrors::one("cursor", "bad-cursor"))? + 1
        }
    };
    let mut rest = open.into_iter().skip(from).map(AlarmOut::of);
    let items: Vec<_> = rest.by_ref().take(usize::try_from(limit).unwrap_or(1)).collect();
    let next_cursor = rest.next().and(items.last()).map(|alarm| alarm.id.to_string());
    let list = AlarmsOut { items, next_cursor };
    Ok(etag::json(&request, not_kept(HttpResponse::Ok()), list.items.len() as i64, &list))
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
    Ok(not_kept(HttpResponse::Ok()).json(AlarmOut::of(alarm)))
}
