//! Reading what was typed into the report form.

use chrono::{NaiveTime, Timelike};

use crate::domain::fields::FieldErrors;
use crate::domain::instant::Instant;
use crate::domain::report::{Precision, ReportInput, Sender, When};
use crate::domain::secret::IdempotencyKey;
use crate::domain::zone::{Fold, Zone};
use crate::store::reports::NewReport;
use crate::web::form::Form;

/// The hour that "this morning" stands for.
const MORNING: u32 = 8;

/// Whether "this morning" is something to look back at in this zone.
pub(super) fn morning_is_over(now: Instant, zone: Zone) -> bool {
    zone.local(now).hour() >= MORNING + 2
}

/// The report that was typed. `service` is the zone of the service, meant where none is said.
pub(super) fn parse(
    form: &Form,
    window: Option<String>,
    sender: Sender,
    service: Zone,
    now: Instant,
) -> Result<(IdempotencyKey, NewReport), FieldErrors> {
    let mut errors = FieldErrors::new();
    let text = |name: &str| form.get(name).to_owned();
    let input = ReportInput {
        description: text("description"),
        impact: text("impact"),
        category: text("category"),
        error_message: text("error_message"),
        account: text("account"),
        phone: text("phone"),
        email: text("email"),
        device: text("device"),
    };
    let said = errors.keep(input.parse(false));
    for error in &mut errors.0 {
        // The form's fields have short names.
        if let Some(short) = error.field.strip_prefix("contact.") {
            error.field = short.to_owned();
        }
    }
    // Filled in by the browser, not by a person: what makes no sense is left out.
    let own: Option<Zone> = form.get("time_zone").parse().ok();
    // The same goes for when it was written; what may be kept on a device says so.
    let written = Instant::parse_rfc3339(form.get("written_at"));
    let ago = |minutes: u32| match written {
        Some(at) => When::Written(at, 60 * minutes),
        None if minutes == 0 => When::Now(Precision::About),
        None => When::MinutesAgo(minutes),
    };
    let (when, zone) = match form.get("occurred") {
        "" | "now" => (Some(ago(0)), own),
        "10m" => (Some(ago(10)), own),
        "1h" => (Some(ago(60)), own),
        "morning" => {
            let zone = own.unwrap_or(service);
            let morning = NaiveTime::from_hms_opt(MORNING, 0, 0).unwrap_or(NaiveTime::MIN);
            let at = zone.reached(zone.local_date(written.unwrap_or(now)).and_time(morning));
            (Some(When::At(at, Precision::About)), own)
        }
        "exact" => {
            let typed = form.get("zone");
            let zone =
                if typed.trim().is_empty() { Some(service) } else { errors.keep(Zone::parse("zone", typed)) };
            let fold = Fold::from_code(form.get("fold"));
            let at = zone.and_then(|z| errors.keep(z.resolve("occurred_at", form.get("occurred_at"), fold)));
            (at.map(|at| When::At(at, Precision::Exact)), zone)
        }
        _ => {
            errors.add("occurred", "unknown-code");
            (None, None)
        }
    };
    for error in errors.0.iter_mut().filter(|e| e.code == "required") {
        // Said once more above the form, where the field is not beside it.
        error.code = match error.field.as_str() {
            "description" => "description-required",
            "impact" => "impact-required",
            "occurred_at" => "occurred-at-required",
            _ => error.code,
        };
    }
    // Asked here too, so that a time in the future is said together with everything else.
    let when = when.filter(|when| errors.keep(when.resolve(now)).is_some());
    let key = errors.keep(IdempotencyKey::parse("idempotency_key", form.get("idempotency_key")));
    match (said, when, key) {
        (Some(said), Some(when), Some(key)) => {
            let component = form.get("component").trim();
            let new = NewReport {
                text: said,
                when,
                window,
                component: (!component.is_empty()).then(|| component.to_owned()),
                sender,
                time_zone: zone,
                written_at: written,
                kept: form.has("kept"),
                entered_by: None,
            };
            errors.or((key, new))
        }
        _ => Err(errors),
    }
}
