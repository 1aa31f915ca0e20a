//! The rules of triage that an administrator sets: what urgency is made of, targets, and when support
//! is there where a window says nothing of its own.

use serde::{Deserialize, Serialize};

use super::connection::Db;
use super::error::{Error, Result};
use super::instance;
use super::people::Actor;
use super::schema::components;
use super::{Write, audit, changes};
use crate::domain::report::Severity;
use crate::domain::support_hours::{SlotInput, SupportHours, SupportHoursInput};
use crate::domain::targets::Targets;
use crate::domain::urgency::Weights;
use crate::domain::zone::Zone;
use diesel::prelude::*;

/// The row of the instance that keeps them.
const ROW: &str = "triage";

/// The rules as they stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rules {
    /// What urgency is made of.
    pub weights: Weights,
    /// Within how much open time support answers and resolves.
    pub targets: Targets,
    /// When support is there unless a window says otherwise; nothing: nobody says.
    pub hours: Option<SupportHours>,
    /// Rises with every change; 0 if nobody has set anything.
    pub revision: i64,
}

impl Rules {
    /// What is another in `new`, each as the field that it has in the form, with what it is from now on.
    fn differing(&self, new: &Rules) -> Vec<String> {
        let mut changed = Vec::new();
        for ((name, was), (_, is)) in self.weights.named().into_iter().zip(new.weights.named()) {
            if was != is {
                changed.push(format!("weight.{name} {is}"));
            }
        }
        for severity in Severity::ALL {
            let (was, is) = (self.targets.of(*severity), new.targets.of(*severity));
            if was.answer != is.answer {
                changed.push(format!("answer.{severity} {}", is.answer));
            }
            if was.resolution != is.resolution {
                changed.push(format!("resolution.{severity} {}", is.resolution));
            }
        }
        if self.targets.soon != new.targets.soon {
            changed.push(format!("soon {}", new.targets.soon));
        }
        if self.hours != new.hours {
            changed.push("hours".to_owned());
        }
        changed
    }
}

#[derive(Serialize)]
struct Kept<'a> {
    weights: &'a Weights,
    targets: &'a Targets,
    hours: &'a Option<SupportHours>,
    revision: i64,
}

#[derive(Deserialize)]
struct Read {
    #[serde(default)]
    weights: Weights,
    #[serde(default)]
    targets: Targets,
    hours: Option<SupportHoursInput>,
    revision: i64,
}

/// Weekdays from nine to six by the service's clocks: what holds until somebody says otherwise.
fn weekdays(zone: Zone) -> Option<SupportHours> {
    let slot = SlotInput { days: vec![1, 2, 3, 4, 5], from: "09:00".into(), to: "18:00".into() };
    SupportHours::parse("hours", SupportHoursInput { time_zone: zone.name().to_owned(), slots: vec![slot] })
        .ok()
}

/// The rules; what was never set has a sensible value.
pub fn load(connection: &mut Db) -> Result<Rules> {
    let damaged = || Error::Internal("the rules of triage are damaged".into());
    let Some(json) = instance::value(connection, ROW)? else {
        let zone = instance::time_zone(connection)?;
        return Ok(Rules {
            weights: Weights::default(),
            targets: Targets::default(),
            hours: weekdays(zone),
            revision: 0,
        });
    };
    let Read { weights, targets, hours, revision } = serde_json::from_str(&json).map_err(|_| damaged())?;
    let hours = hours.map(|hours| SupportHours::parse("hours", hours)).transpose().map_err(|_| damaged())?;
    Ok(Rules { weights, targets, hours, revision })
}

/// Changes the rules, as those with the revision `expected` were looked at, and what components
/// weigh, by their rows. Promises that were made are kept; what is open is weighed again by the clock.
///
/// Errors: [`Error::Stale`] if somebody changed them meanwhile.
pub fn change(
    write: &mut Write<'_>,
    actor: &Actor,
    expected: i64,
    rules: &Rules,
    weights: &[(i64, i32)],
) -> Result<()> {
    let before = load(write.connection)?;
    if before.revision != expected {
        return Err(Error::Stale);
    }
    let mut changed = before.differing(rules);
    let kept = Kept {
        weights: &rules.weights,
        targets: &rules.targets,
        hours: &rules.hours,
        revision: expected + 1,
    };
    let json = serde_json::to_string(&kept).map_err(|e| Error::Internal(format!("triage rules: {e}")))?;
    instance::keep(write, ROW, &json)?;
    let weighed = component_weights(write.connection)?;
    for (component, weight) in weights {
        if weighed.get(component).copied().unwrap_or(0) == *weight {
            continue;
        }
        let key: String =
            components::table.find(component).select(components::key).first(write.connection)?;
        changed.push(format!("component.{key} {weight}"));
        diesel::update(components::table.find(component))
            .set(components::weight.eq(weight))
            .execute(write.connection)?;
    }
    audit::note(write, actor, "triage.rules", "", &changed.join(", "))?;
    changes::announce(write, changes::Kind::Settings, None)
}

/// What each component weighs, by its row; those that weigh nothing are missing.
pub fn component_weights(connection: &mut Db) -> Result<std::collections::HashMap<i64, i32>> {
    Ok(components::table
        .filter(components::weight.ne(0))
        .select((components::id, components::weight))
        .load::<(i64, i32)>(connection)?
        .into_iter()
        .collect())
}

/// When support is there for the reports of this window, as the window's own row or the rules say.
pub fn hours(connection: &mut Db, rules: &Rules, window: Option<i64>) -> Result<Option<SupportHours>> {
    use super::schema::windows;
    let Some(id) = window else { return Ok(rules.hours.clone()) };
    let support: Option<String> =
        windows::table.find(id).select(windows::support).first(connection).optional()?;
    Ok(of_support(support.as_deref()).or_else(|| rules.hours.clone()))
}

/// The hours in what a window keeps of its support.
pub(super) fn of_support(json: Option<&str>) -> Option<SupportHours> {
    let json = json.filter(|json| json.contains("hours"))?;
    crate::domain::support_hours::Support::from_json("support", json).ok()?.hours
}
