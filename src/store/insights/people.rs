//! Who answered the survey: groups of people beside each other, and where some of them left.

use std::collections::HashMap;

use diesel::dsl::{count, count_star};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Integer, Text};
use serde::Serialize;

use crate::domain::measure::{Figure, Measure, Method, Sample};
use crate::domain::statistics::{Difference, Distribution, Nps, Share};
use crate::domain::survey::{Exposure, TemplateKey};
use crate::store::connection::Db;
use crate::store::error::Result;
use crate::store::schema::{invitations, responses};
use crate::store::surveys::AsAnswered;

crate::codes! {
    /// What tells two groups of people apart.
    pub enum Split {
        /// Who saw the notice beforehand, beside who did not.
        Informed = "informed",
        /// Who is known to have met the maintenance (reported, me too, invited for it), beside others.
        Exposed = "exposed",
    }
}

/// A measure of two groups beside each other.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, utoipa::ToSchema)]
pub struct GroupFigure {
    /// What tells the groups apart.
    pub split: Split,
    /// Which measure.
    pub measure: Measure,
    /// How the difference is judged.
    pub method: Method,
    /// The informed, or the exposed.
    pub yes: Figure,
    /// The others.
    pub no: Figure,
    /// The first less the others; null if one of the groups has too few answers, or all its answers are
    /// the same point of a scale.
    pub difference: Option<Difference>,
}

/// The answers of one group.
struct Group {
    csat: Distribution,
    nps: Distribution,
    ces: Distribution,
}

impl Group {
    fn new() -> Group {
        Group {
            csat: Distribution::empty(1, 5),
            nps: Distribution::empty(0, 10),
            ces: Distribution::empty(1, 7),
        }
    }

    fn sample(&self, measure: Measure) -> Sample {
        match measure {
            Measure::Nps => Sample::Nps(Nps::from_distribution(&self.nps)),
            Measure::Ces => Sample::Scale(self.ces.clone()),
            _ => Sample::Share(self.csat.top_two()),
        }
    }
}

/// saw the notice, exposure, csat, nps, ces, how many finished responses say exactly so.
type Row = (i64, Option<bool>, Exposure, Option<i32>, Option<i32>, Option<i32>, i64);

/// The groups of each of these windows; windows in which nobody was told apart are left out.
pub(super) fn groups(
    connection: &mut Db,
    windows: &[i64],
    minimum_n: u64,
) -> Result<HashMap<i64, Vec<GroupFigure>>> {
    let mut found: HashMap<i64, [[Group; 2]; 2]> = HashMap::new();
    for some in windows.chunks(500) {
        use responses as t;
        let columns = (t::window_id, t::saw_notice, t::exposure, t::csat, t::nps, t::ces);
        let rows = t::table
            .filter(t::window_id.eq_any(some))
            .filter(t::complete.eq(true))
            .group_by(columns)
            .select((t::window_id, t::saw_notice, t::exposure, t::csat, t::nps, t::ces, count_star()))
            .load::<Row>(connection)?;
        for (window, saw, exposure, csat, nps, ces, n) in rows {
            let splits = found
                .entry(window)
                .or_insert_with(|| std::array::from_fn(|_| std::array::from_fn(|_| Group::new())));
            let exposed = matches!(exposure, Exposure::Reporter | Exposure::MeToo | Exposure::Invited);
            for (split, is) in [(0, saw), (1, Some(exposed))] {
                let Some(is) = is else { continue };
                let group = &mut splits[split][usize::from(is)];
                for (answers, point) in
                    [(&mut group.csat, csat), (&mut group.nps, nps), (&mut group.ces, ces)]
                {
                    // What lies off a scale is nobody's answer to it.
                    let _ =
                        point.and_then(|p| u8::try_from(p).ok()).map(|p| answers.add(p, n.unsigned_abs()));
                }
            }
        }
    }
    Ok(found.into_iter().map(|(window, splits)| (window, figures(&splits, minimum_n))).collect())
}

fn figures(splits: &[[Group; 2]; 2], minimum_n: u64) -> Vec<GroupFigure> {
    let mut all = Vec::new();
    for (split, [no, yes]) in Split::ALL.iter().zip(splits) {
        for measure in [Measure::Csat, Measure::Nps, Measure::Ces] {
            let (yes, no) = (yes.sample(measure), no.sample(measure));
            if yes.n() == 0 && no.n() == 0 {
                continue;
            }
            let enough = yes.n() >= minimum_n && no.n() >= minimum_n;
            all.push(GroupFigure {
                split: *split,
                measure,
                method: measure.method(),
                yes: yes.figure(measure, minimum_n),
                no: no.figure(measure, minimum_n),
                difference: yes.difference(&no).filter(|_| enough),
            });
        }
    }
    all
}

/// How many answered a question, and how many left after it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct QuestionFigure {
    /// The question's key.
    pub question: String,
    /// Responses, finished or not, that answer it.
    pub answered: u64,
    /// Unfinished responses whose last answer it is.
    pub left_after: u64,
}

/// How far people came in the survey, finished or not.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, utoipa::ToSchema)]
pub struct DropOff {
    /// Responses that were begun, the finished ones included.
    pub begun: u64,
    /// Of these, finished.
    pub finished: u64,
    /// Each question that somebody was asked who answered, in the order in which they are asked.
    pub questions: Vec<QuestionFigure>,
}

#[derive(QueryableByName)]
struct Presence {
    #[diesel(sql_type = BigInt)]
    window_id: i64,
    #[diesel(sql_type = Text)]
    template: TemplateKey,
    #[diesel(sql_type = Integer)]
    template_version: i32,
    /// `csat saw_notice nps ces comment complete`, each 0 or 1.
    #[diesel(sql_type = Text)]
    present: String,
    #[diesel(sql_type = Text)]
    answers: String,
    #[diesel(sql_type = BigInt)]
    n: i64,
}

/// How far those came who were invited and not uninvited.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, utoipa::ToSchema)]
pub struct InvitedFigures {
    /// How many are invited.
    pub invited: u64,
    /// Of these, how many were told of it.
    pub told: u64,
    /// Of the invited, how many answered to the end.
    pub answered: u64,
}

impl InvitedFigures {
    /// Those who answered, of all who are invited, whether they were told or not.
    pub(super) fn rate(self) -> Share {
        Share::new(self.answered, self.invited).unwrap_or_default()
    }
}

/// Of each of these windows in which anybody is invited.
pub(super) fn invited(connection: &mut Db, windows: &[i64]) -> Result<HashMap<i64, InvitedFigures>> {
    let mut found = HashMap::new();
    for some in windows.chunks(500) {
        let invited = invitations::table
            .filter(invitations::window_id.eq_any(some))
            .filter(invitations::revoked_at.is_null())
            .group_by(invitations::window_id)
            .select((invitations::window_id, count_star(), count(invitations::told_at)))
            .load::<(i64, i64, i64)>(connection)?;
        let answered: HashMap<i64, i64> = responses::table
            .inner_join(invitations::table)
            .filter(invitations::window_id.eq_any(some))
            .filter(invitations::revoked_at.is_null())
            .filter(responses::complete.eq(true))
            .group_by(invitations::window_id)
            .select((invitations::window_id, count_star()))
            .load::<(i64, i64)>(connection)?
            .into_iter()
            .collect();
        for (window, invited, told) in invited {
            let answered = answered.get(&window).copied().unwrap_or(0).min(invited);
            let [invited, told, answered] = [invited, told, answered].map(i64::unsigned_abs);
            found.insert(window, InvitedFigures { invited, told, answered });
        }
    }
    Ok(found)
}

/// How far people came in these windows' surveys, as far as anybody answered.
pub(super) fn drop_off(
    connection: &mut Db,
    asked: &HashMap<i64, AsAnswered>,
) -> Result<HashMap<i64, DropOff>> {
    const OWN: [&str; 5] = ["csat", "saw_notice", "nps", "ces", "comment"];
    let columns: Vec<String> =
        OWN.iter().map(|c| format!("CASE WHEN {c} IS NULL THEN '0' ELSE '1' END")).collect();
    let present = format!("{} || CASE WHEN complete THEN '1' ELSE '0' END", columns.join(" || "));
    let mut found: HashMap<i64, DropOff> = HashMap::new();
    // Numbers of rows, which nobody typed.
    let ids: Vec<String> = asked.keys().map(i64::to_string).collect();
    for some in ids.chunks(500) {
        let rows: Vec<Presence> = diesel::sql_query(format!(
            "SELECT window_id, template, template_version, {present} AS present, answers, COUNT(*) AS n \
             FROM responses WHERE window_id IN ({}) GROUP BY 1, 2, 3, 4, 5",
            some.join(", ")
        ))
        .load(connection)?;
        for row in rows {
            let Some(asked) = asked.get(&row.window_id) else { continue };
            let n = row.n.unsigned_abs();
            let flags = row.present.as_bytes();
            let given: serde_json::Map<String, serde_json::Value> =
                serde_json::from_str(&row.answers).unwrap_or_default();
            let answered = |key: &str| match OWN.iter().position(|own| *own == key) {
                Some(at) => flags.get(at) == Some(&b'1'),
                None => given.contains_key(key),
            };
            let complete = flags.last() == Some(&b'1');
            let drop_off = found.entry(row.window_id).or_insert_with(|| DropOff {
                questions: (asked.questions().into_iter())
                    .map(|q| QuestionFigure { question: q.key, answered: 0, left_after: 0 })
                    .collect(),
                ..DropOff::default()
            });
            drop_off.begun += n;
            drop_off.finished += if complete { n } else { 0 };
            // Which answer was the last one, in the order in which they were asked then.
            let then = asked.version(&row.template, row.template_version);
            let last = then.and_then(|t| t.questions.iter().rev().find(|q| answered(&q.key)));
            for question in &mut drop_off.questions {
                if answered(&question.question) {
                    question.answered += n;
                }
                if !complete && last.is_some_and(|last| last.key == question.question) {
                    question.left_after += n;
                }
            }
        }
    }
    Ok(found)
}
