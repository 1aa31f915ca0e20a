//! Reading what was typed into the report form.

use chrono::NaiveTime;

use crate::domain::fields::FieldErrors;
use crate::domain::instant::Instant;
use crate::domain::report::{Precision, ReportInput, Sender, When};
use crate::domain::secret::IdempotencyKey;
use crate::domain::zone::{Fold, Zone};
use crate::store::reports::NewReport;
use crate::web::form::Form;

/// The hour that "this morning" stands for.
const MORNING: u32 = 8;

/// "This morning" to somebody who looks back at it: the last time up to `at` when clocks in this zone
/// showed that hour. Before it, that is yesterday's; it never lies ahead.
fn last_morning(at: Instant, zone: Zone) -> Instant {
    let hour = NaiveTime::from_hms_opt(MORNING, 0, 0).unwrap_or(NaiveTime::MIN);
    let today = zone.local_date(at);
    let days = [Some(today), today.pred_opt()].into_iter().flatten();
    days.map(|day| zone.reached(day.and_time(hour))).find(|morning| *morning <= at).unwrap_or(at)
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
            // A device whose clock is fast does not look back at what is still to come.
            let from = written.map_or(now, |at| at.min(now));
            let at = last_morning(from, own.unwrap_or(service));
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

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Instant {
        Instant::parse_rfc3339(text).unwrap()
    }

    fn zone(name: &str) -> Zone {
        name.parse().unwrap()
    }

    #[test]
    fn the_last_morning_is_the_readers_own_and_never_ahead() {
        for (name, seen, morning) in [
            ("Asia/Shanghai", "2026-11-22T07:00:00Z", "2026-11-22T00:00:00Z"),
            // Four in the morning: yesterday's.
            ("America/Los_Angeles", "2026-11-22T12:00:00Z", "2026-11-21T16:00:00Z"),
            ("America/Los_Angeles", "2026-11-22T17:00:00Z", "2026-11-22T16:00:00Z"),
            // East of the date line it is the 23rd already.
            ("Pacific/Auckland", "2026-11-22T20:00:00Z", "2026-11-22T19:00:00Z"),
            ("Pacific/Auckland", "2026-11-22T18:59:59Z", "2026-11-21T19:00:00Z"),
            // At eight itself, and on the day when clocks were set forward.
            ("UTC", "2026-11-22T08:00:00Z", "2026-11-22T08:00:00Z"),
            ("Europe/Berlin", "2026-03-29T06:00:00Z", "2026-03-29T06:00:00Z"),
            // Samoa had no 30 December 2011.
            ("Pacific/Apia", "2011-12-30T15:00:00Z", "2011-12-30T10:00:00Z"),
        ] {
            let found = last_morning(at(seen), zone(name));
            assert_eq!(found, at(morning), "{name} at {seen}");
            assert!(found <= at(seen));
        }
    }

    /// When the report that says "this morning" occurred; the service is in Shanghai.
    fn occurred(own: &str, written: &str, now: &str) -> Instant {
        let form = Form::default()
            .set("description", "Nothing loads")
            .set("impact", "blocked")
            .set("occurred", "morning")
            .set("idempotency_key", crate::store::instance::random_secret())
            .set("time_zone", own)
            .set("written_at", written);
        let sender = Sender {
            language: crate::domain::language::Language::En,
            source: crate::domain::report::Source::Web,
        };
        let (_, new) = parse(&form, None, sender, zone("Asia/Shanghai"), at(now)).unwrap();
        new.when.resolve(at(now)).unwrap().at.unwrap()
    }

    #[test]
    fn this_morning_is_taken_wherever_and_whenever_it_is_said() {
        // West of the service, east of it, and where the browser says nothing.
        let now = "2026-11-22T12:00:00Z";
        assert_eq!(occurred("America/Los_Angeles", "", now), at("2026-11-21T16:00:00Z"));
        assert_eq!(occurred("Pacific/Auckland", "", now), at("2026-11-21T19:00:00Z"));
        assert_eq!(occurred("", "", now), at("2026-11-22T00:00:00Z"));
        // Written without a network at two at night, sent at noon: the morning before the night.
        let night = "2026-11-21T18:00:00Z";
        assert_eq!(occurred("Asia/Shanghai", night, "2026-11-22T04:00:00Z"), at("2026-11-21T00:00:00Z"));
        // A clock that is a day fast does not reach tomorrow's.
        assert_eq!(
            occurred("Asia/Shanghai", "2026-11-23T07:00:00Z", "2026-11-22T07:00:00Z"),
            at("2026-11-22T00:00:00Z")
        );
    }
}
