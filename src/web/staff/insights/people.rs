//! The people who were asked: what groups of them said, who answered, and how far they came.

use crate::domain::language::Language;
use crate::domain::measure::{Compared, Figure};
use crate::domain::statistics::Change;
use crate::i18n::Words;
use crate::store::insights::Insights;
use crate::store::insights::people::GroupFigure;
use crate::web::figures::{self, Kind};
use crate::web::plots::{answers, sides};

/// A measure of two groups of people.
pub struct GroupRow {
    pub split: &'static str,
    pub measure: String,
    pub yes: String,
    pub yes_n: String,
    pub no: String,
    pub no_n: String,
    pub difference: String,
    pub interval: String,
    /// Why there is no difference, if there is none: the key of its message.
    pub missing: &'static str,
}

/// Informed beside uninformed people, exposed beside unexposed.
pub fn groups(words: Words, insights: &Insights) -> Vec<GroupRow> {
    let row = |g: &GroupFigure| {
        let said = |f: Figure| answers::said(sides::kind(g.measure), f.value, f.n);
        // A difference of groups is written like one of windows.
        let compared = Compared {
            measure: g.measure,
            method: g.method,
            base: g.no,
            window: g.yes,
            difference: g.difference,
            adjusted_p: None,
            change: Change::CannotTell,
        };
        GroupRow {
            split: g.split.code(),
            measure: sides::name(words, g.measure),
            yes: said(g.yes),
            yes_n: figures::count(g.yes.n),
            no: said(g.no),
            no_n: figures::count(g.no.n),
            difference: sides::difference(words, &compared),
            interval: sides::interval(words, &compared),
            missing: if g.yes.n.min(g.no.n) >= insights.minimum_n {
                "insights-all-alike"
            } else {
                "insights-too-few"
            },
        }
    };
    insights.groups.iter().map(row).collect()
}

/// How many answered a question, and how many left after it.
pub struct StepRow {
    pub question: String,
    pub answered: String,
    /// The length of the bar, 0 to 100.
    pub width: String,
    pub left: String,
}

/// How far people came in the survey.
pub fn drop_off(words: Words, insights: &Insights, default: Language) -> Vec<StepRow> {
    let begun = insights.drop_off.begun;
    let template = insights.drop_off.questions.iter();
    template
        .map(|q| StepRow {
            question: (insights.asked.iter().find(|a| a.key == q.question))
                .map_or(q.question.clone(), |a| words.wording(&a.text, default)),
            answered: figures::count(q.answered),
            width: format!("{:.1}", if begun == 0 { 0.0 } else { 100.0 * q.answered as f64 / begun as f64 }),
            left: figures::count(q.left_after),
        })
        .collect()
}

/// The response rate in words; nothing if nobody was invited.
pub fn invited(words: Words, insights: &Insights) -> String {
    let rate = &insights.response_rate;
    if rate.n == 0 {
        return String::new();
    }
    let (k, n) = (figures::count(rate.k), figures::count(rate.n));
    let value = answers::said(Kind::Share, rate.value, rate.n);
    let sure = figures::interval(words, Kind::Share, rate.interval, rate.n);
    let answered = match rate.value {
        Some(_) => words.said(
            "insights-response-rate",
            [("k", k.as_str()), ("n", &n), ("rate", &value), ("interval", &sure)].into_iter(),
        ),
        None => words.said("insights-response-rate-few", [("k", k.as_str()), ("n", &n)].into_iter()),
    };
    let told = figures::count(insights.invited.told);
    let told = words.said("insights-invited-told", [("n", told.as_str())].into_iter());
    [answered, told].join(&words.t("insights-sentence-space"))
}
