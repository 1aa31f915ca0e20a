//! How often each answer was given, counted by the database. Only finished responses are counted
//! in the distributions.

use std::collections::{BTreeMap, HashMap};

use diesel::dsl::count_star;
use diesel::prelude::*;

use crate::domain::statistics::Share;
use crate::domain::survey::{AnswerValue, SurveyCounts};
use crate::store::connection::Db;
use crate::store::error::{Error, Result};
use crate::store::schema::responses;

/// How many, as the statistics count.
fn number(n: i64) -> u64 {
    u64::try_from(n).unwrap_or(0)
}

/// The counts of each of these windows; those without any response are left out.
pub fn counts_of(connection: &mut Db, windows: &[i64]) -> Result<HashMap<i64, SurveyCounts>> {
    let mut found: HashMap<i64, SurveyCounts> = HashMap::new();
    for some in windows.chunks(500) {
        let mine = || responses::table.filter(responses::window_id.eq_any(some));
        let by_window = mine()
            .group_by((responses::window_id, responses::complete))
            .select((responses::window_id, responses::complete, count_star()))
            .load::<(i64, bool, i64)>(connection)?;
        for (window, complete, n) in by_window {
            let counts = found.entry(window).or_default();
            if complete { counts.complete += number(n) } else { counts.partial += number(n) }
        }
        let saw = mine()
            .filter(responses::complete.eq(true))
            .filter(responses::saw_notice.is_not_null())
            .group_by((responses::window_id, responses::saw_notice))
            .select((responses::window_id, responses::saw_notice.assume_not_null(), count_star()))
            .load::<(i64, bool, i64)>(connection)?;
        for (window, did, n) in saw {
            let counts = found.entry(window).or_default();
            let before = counts.saw_notice;
            let (k, not) = (before.k(), before.n() - before.k());
            counts.saw_notice =
                if did { Share::of(k + number(n), not) } else { Share::of(k, not + number(n)) };
        }
        // The three scales are three columns, so three statements that differ in nothing else.
        macro_rules! scale {
            ($column:ident) => {
                let rows = mine()
                    .filter(responses::complete.eq(true))
                    .filter(responses::$column.is_not_null())
                    .group_by((responses::window_id, responses::$column))
                    .select((responses::window_id, responses::$column.assume_not_null(), count_star()))
                    .load::<(i64, i32, i64)>(connection)?;
                for (window, point, n) in rows {
                    let counts = found.entry(window).or_default();
                    let fits = u8::try_from(point).is_ok_and(|p| counts.$column.add(p, number(n)));
                    if !fits {
                        return Err(Error::Internal(format!("{} of {point} is kept", stringify!($column))));
                    }
                }
            };
        }
        scale!(csat);
        scale!(nps);
        scale!(ces);
    }
    Ok(found)
}

/// The counts of one window.
pub fn counts(connection: &mut Db, window: i64) -> Result<SurveyCounts> {
    Ok(counts_of(connection, &[window])?.remove(&window).unwrap_or_default())
}

/// How often each answer to the questions without a column of their own was given in the finished
/// responses of this window: question → answer → how often. Free text is not counted.
pub fn custom_of(connection: &mut Db, window: i64) -> Result<BTreeMap<String, BTreeMap<String, u64>>> {
    // Equal sets of answers are counted by the database; there are far fewer of them than responses.
    let rows = responses::table
        .filter(responses::window_id.eq(window))
        .filter(responses::complete.eq(true))
        .filter(responses::answers.ne("{}"))
        .group_by(responses::answers)
        .select((responses::answers, count_star()))
        .load::<(String, i64)>(connection)?;
    let mut found: BTreeMap<String, BTreeMap<String, u64>> = BTreeMap::new();
    for (answers, n) in rows {
        let answers: BTreeMap<String, AnswerValue> = serde_json::from_str(&answers)
            .map_err(|_| Error::Internal(format!("window {window} has damaged answers")))?;
        for (question, answer) in answers {
            let given = match answer {
                AnswerValue::Number(point) => vec![point.to_string()],
                AnswerValue::Flag(flag) => vec![flag.to_string()],
                AnswerValue::Text(code) => vec![code],
                AnswerValue::Choices(codes) => codes,
            };
            for code in given {
                *found.entry(question.clone()).or_default().entry(code).or_default() += number(n);
            }
        }
    }
    Ok(found)
}
