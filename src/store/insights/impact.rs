//! What was announced of each component beside what was reported of it.

use std::collections::BTreeMap;

use serde::Serialize;

use super::Reader;
use super::count::Counter;
use crate::domain::instant::Instant;
use crate::domain::report::Impact;
use crate::domain::window::ComponentImpact;
use crate::store::components::Component;
use crate::store::windows::Window;

crate::codes! {
    /// How what was reported of a component compares with what was announced of it.
    pub enum Surprise {
        /// Announced, and nothing worse was reported.
        AsAnnounced = "as_announced",
        /// Announced, and nobody reported anything.
        Quiet = "quiet",
        /// Announced, and worse was reported.
        Worse = "worse",
        /// Reported, and not announced, or announced as not affected.
        Unannounced = "unannounced",
    }
}

impl Surprise {
    /// Whether people met something that the notice had not told them.
    pub const fn is_one(self) -> bool {
        matches!(self, Surprise::Worse | Surprise::Unannounced)
    }
}

/// A component, announced beside reported.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct ComponentFigures {
    /// Its key.
    pub key: String,
    /// Its name.
    pub name: String,
    /// The impact that was announced; null if it was not announced at all.
    pub announced: Option<ComponentImpact>,
    /// From when it was to be interrupted, if that is not when the window starts.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub interruption_start: Option<Instant>,
    /// Until when it was to be interrupted, if that is not when the window ends.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub interruption_end: Option<Instant>,
    /// When somebody ticked it as tested.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub tested_at: Option<Instant>,
    /// How many reports name it.
    pub reports: u64,
    /// Of these, how many were blocked or lost data.
    pub severe: u64,
    /// The worst impact reported; null if none was.
    pub worst: Option<Impact>,
    /// How the two compare.
    pub surprise: Surprise,
}

/// How much an impact that was announced prepares people for.
const fn announced_rank(impact: ComponentImpact) -> u8 {
    match impact {
        ComponentImpact::None => 0,
        ComponentImpact::Degraded => 2,
        ComponentImpact::PartialOutage | ComponentImpact::MajorOutage | ComponentImpact::Maintenance => 3,
    }
}

/// How bad an impact that was reported is; lost data is worse than anything that is ever announced.
const fn reported_rank(impact: Impact) -> u8 {
    match impact {
        Impact::Unknown => 0,
        Impact::Cosmetic => 1,
        Impact::Slowed => 2,
        Impact::Blocked => 3,
        Impact::DataLoss => 4,
    }
}

fn surprise(announced: Option<ComponentImpact>, reports: u64, worst: Option<Impact>) -> Surprise {
    match announced {
        None | Some(ComponentImpact::None) if reports > 0 => Surprise::Unannounced,
        _ if reports == 0 => Surprise::Quiet,
        Some(impact) if worst.is_some_and(|w| reported_rank(w) > announced_rank(impact)) => Surprise::Worse,
        _ => Surprise::AsAnnounced,
    }
}

/// Every component that was announced, in the order of the notice, then those that were only
/// reported, the most reports first.
pub(super) fn components(
    window: &Window,
    counters: &[Counter],
    known: &[Component],
    reader: Reader,
) -> Vec<ComponentFigures> {
    let mut reported: BTreeMap<i64, (u64, u64, Option<Impact>)> = BTreeMap::new();
    for (_, component, _, impact, _, reports) in counters.iter().filter(|c| c.1 != 0 && c.5 > 0) {
        let (all, severe, worst) = reported.entry(*component).or_default();
        *all += reports.unsigned_abs();
        if matches!(impact, Impact::Blocked | Impact::DataLoss) {
            *severe += reports.unsigned_abs();
        }
        let worse = worst.is_none_or(|w| reported_rank(*impact) > reported_rank(w));
        if worse && *impact != Impact::Unknown {
            *worst = Some(*impact);
        }
    }
    let mut found: Vec<ComponentFigures> = window
        .components
        .iter()
        .map(|c| {
            let (reports, severe, worst) = reported.remove(&c.component.id).unwrap_or_default();
            ComponentFigures {
                key: c.component.key.clone(),
                name: c.component.label(reader.language, reader.default).to_owned(),
                announced: Some(c.impact),
                interruption_start: c.interruption.start,
                interruption_end: c.interruption.end,
                tested_at: c.tested_at,
                reports,
                severe,
                worst,
                surprise: surprise(Some(c.impact), reports, worst),
            }
        })
        .collect();
    let mut others: Vec<ComponentFigures> = known
        .iter()
        .filter_map(|c| {
            let (reports, severe, worst) = reported.remove(&c.id)?;
            Some(ComponentFigures {
                key: c.key.clone(),
                name: c.label(reader.language, reader.default).to_owned(),
                announced: None,
                interruption_start: None,
                interruption_end: None,
                tested_at: None,
                reports,
                severe,
                worst,
                surprise: surprise(None, reports, worst),
            })
        })
        .collect();
    others.sort_by_key(|c| std::cmp::Reverse(c.reports));
    found.extend(others);
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_notice_did_not_tell_is_a_surprise() {
        let told = Some(ComponentImpact::Degraded);
        assert_eq!(surprise(told, 3, Some(Impact::Slowed)), Surprise::AsAnnounced);
        assert_eq!(surprise(told, 3, Some(Impact::Blocked)), Surprise::Worse);
        assert_eq!(surprise(Some(ComponentImpact::MajorOutage), 1, Some(Impact::DataLoss)), Surprise::Worse);
        assert_eq!(
            surprise(Some(ComponentImpact::MajorOutage), 1, Some(Impact::Blocked)),
            Surprise::AsAnnounced
        );
        assert_eq!(surprise(Some(ComponentImpact::None), 1, Some(Impact::Cosmetic)), Surprise::Unannounced);
        assert_eq!(surprise(None, 1, None), Surprise::Unannounced);
        assert_eq!(surprise(told, 0, None), Surprise::Quiet);
        assert_eq!(surprise(told, 2, None), Surprise::AsAnnounced);
    }
}
