//! What a survey says, with how sure it is: the survey part of a window's insights.

use serde::Serialize;

use crate::domain::statistics::{Distribution, Interval, Nps, Share};

/// How often each answer was given. The answers counted are those of complete responses; partial
/// ones are counted apart and never mixed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SurveyCounts {
    /// Complete responses.
    pub complete: u64,
    /// Responses begun and not finished.
    pub partial: u64,
    /// Satisfaction, 1 to 5.
    pub csat: Distribution,
    /// Recommendation, 0 to 10.
    pub nps: Distribution,
    /// Ease, 1 to 7.
    pub ces: Distribution,
    /// Those who saw the notice beforehand, of those who said whether they did.
    pub saw_notice: Share,
}

impl Default for SurveyCounts {
    fn default() -> SurveyCounts {
        SurveyCounts {
            complete: 0,
            partial: 0,
            csat: Distribution::empty(1, 5),
            nps: Distribution::empty(0, 10),
            ces: Distribution::empty(1, 7),
            saw_notice: Share::default(),
        }
    }
}

/// A mean for information.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, utoipa::ToSchema)]
pub struct MeanFigure {
    /// The mean, in points of the scale.
    pub value: f64,
    /// Its 95 % t interval, held within the scale; null if all answers are the same.
    pub interval: Option<Interval>,
}

/// Customer satisfaction: the share of 4 and 5 on a scale of 1 to 5.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct CsatFigure {
    /// Answers.
    pub n: u64,
    /// Answers of 4 and 5.
    pub satisfied: u64,
    /// The share of 4 and 5, 0 to 1; null below `minimum_n`.
    #[schema(minimum = 0, maximum = 1)]
    pub value: Option<f64>,
    /// Its 95 % interval (Wilson), 0 to 1; null below `minimum_n`.
    pub interval: Option<Interval>,
    /// The mean of the answers, for information; null below `minimum_n`.
    pub mean: Option<MeanFigure>,
    /// How often each value from 1 to 5 was answered.
    #[schema(value_type = std::collections::BTreeMap<String, u64>)]
    pub distribution: Distribution,
}

/// The net promoter score: per cent of 9 and 10 less per cent of 0 to 6 on a scale of 0 to 10.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct NpsFigure {
    /// Answers.
    pub n: u64,
    /// Answers of 9 and 10.
    pub promoters: u64,
    /// Answers of 7 and 8.
    pub passives: u64,
    /// Answers of 0 to 6.
    pub detractors: u64,
    /// The score, −100 to 100; null below `minimum_n`.
    #[schema(minimum = -100, maximum = 100)]
    pub value: Option<f64>,
    /// Its 95 % interval (variance of promoters less detractors, adjusted Wald), −100 to 100; null
    /// below `minimum_n`.
    pub interval: Option<Interval>,
    /// How often each value from 0 to 10 was answered.
    #[schema(value_type = std::collections::BTreeMap<String, u64>)]
    pub distribution: Distribution,
}

/// The customer effort score: the mean of 1 very difficult to 7 very easy.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct CesFigure {
    /// Answers.
    pub n: u64,
    /// The mean, 1 to 7; null below `minimum_n`.
    #[schema(minimum = 1, maximum = 7)]
    pub value: Option<f64>,
    /// Its 95 % t interval, held within 1 to 7; null below `minimum_n` and if all answers are the same.
    pub interval: Option<Interval>,
    /// How often each value from 1 to 7 was answered.
    #[schema(value_type = std::collections::BTreeMap<String, u64>)]
    pub distribution: Distribution,
}

/// A share of answers.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, utoipa::ToSchema)]
pub struct ShareFigure {
    /// Answers.
    pub n: u64,
    /// Of these, how many said so.
    pub k: u64,
    /// k / n, 0 to 1; null below `minimum_n`.
    #[schema(minimum = 0, maximum = 1)]
    pub value: Option<f64>,
    /// Its 95 % interval (Wilson), 0 to 1; null below `minimum_n`.
    pub interval: Option<Interval>,
}

/// The figures of a survey. Only complete responses are counted in them.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct SurveyFigures {
    /// Complete responses.
    pub complete: u64,
    /// Responses begun and not finished; in none of the figures.
    pub partial: u64,
    /// With fewer answers than this a figure shows its counts alone.
    pub minimum_n: u64,
    /// Satisfaction.
    pub csat: CsatFigure,
    /// Net promoter score.
    pub nps: NpsFigure,
    /// Ease.
    pub ces: CesFigure,
    /// Who saw the notice beforehand.
    pub saw_notice: ShareFigure,
}

impl ShareFigure {
    /// The figure of a share; with fewer than `minimum_n` answers its counts alone.
    pub fn new(share: Share, minimum_n: u64) -> ShareFigure {
        let told = (share.n() >= minimum_n).then_some(share);
        ShareFigure {
            n: share.n(),
            k: share.k(),
            value: told.and_then(Share::value),
            interval: told.and_then(Share::interval),
        }
    }
}

impl CsatFigure {
    /// The figure of answers from 1 to 5; with fewer than `minimum_n` its counts alone.
    pub fn new(answers: &Distribution, minimum_n: u64) -> CsatFigure {
        let ShareFigure { n, k, value, interval } = ShareFigure::new(answers.top_two(), minimum_n);
        let mean = if n >= minimum_n { mean(answers) } else { None };
        CsatFigure { n, satisfied: k, value, interval, mean, distribution: answers.clone() }
    }
}

impl NpsFigure {
    /// The figure of answers from 0 to 10; with fewer than `minimum_n` its counts alone.
    pub fn new(answers: &Distribution, minimum_n: u64) -> NpsFigure {
        let nps = Nps::from_distribution(answers);
        let told = (nps.n() >= minimum_n).then_some(nps);
        NpsFigure {
            n: nps.n(),
            promoters: nps.promoters,
            passives: nps.passives,
            detractors: nps.detractors,
            value: told.and_then(Nps::score),
            interval: told.and_then(Nps::interval),
            distribution: answers.clone(),
        }
    }
}

impl CesFigure {
    /// The figure of answers from 1 to 7; with fewer than `minimum_n` its counts alone.
    pub fn new(answers: &Distribution, minimum_n: u64) -> CesFigure {
        let n = answers.n();
        let told = if n >= minimum_n { mean(answers) } else { None };
        CesFigure {
            n,
            value: told.map(|m| m.value),
            interval: told.and_then(|m| m.interval),
            distribution: answers.clone(),
        }
    }
}

/// The mean of a scale, its interval held within the scale; nothing without answers.
fn mean(answers: &Distribution) -> Option<MeanFigure> {
    let mean = answers.mean();
    let (min, max) = (f64::from(answers.min()), f64::from(answers.max()));
    Some(MeanFigure { value: mean.value()?, interval: mean.interval().map(|i| i.within(min, max)) })
}

impl SurveyCounts {
    /// The answers of both taken together.
    #[must_use]
    pub fn plus(self, other: SurveyCounts) -> SurveyCounts {
        SurveyCounts {
            complete: self.complete.saturating_add(other.complete),
            partial: self.partial.saturating_add(other.partial),
            csat: self.csat.plus(&other.csat),
            nps: self.nps.plus(&other.nps),
            ces: self.ces.plus(&other.ces),
            saw_notice: self.saw_notice.plus(other.saw_notice),
        }
    }

    /// The figures; those with fewer than `minimum_n` answers show their counts alone.
    pub fn figures(&self, minimum_n: u64) -> SurveyFigures {
        SurveyFigures {
            complete: self.complete,
            partial: self.partial,
            minimum_n,
            csat: CsatFigure::new(&self.csat, minimum_n),
            nps: NpsFigure::new(&self.nps, minimum_n),
            ces: CesFigure::new(&self.ces, minimum_n),
            saw_notice: ShareFigure::new(self.saw_notice, minimum_n),
        }
    }
}
