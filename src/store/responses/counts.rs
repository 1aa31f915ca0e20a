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
        count(connection, Some(some), &mut found)?;
    }
    Ok(found)
}

/// The counts of all windows taken together.
pub fn counts_of_all(connection: &mut Db) -> Result<SurveyCounts> {
    let mut found = HashMap::new();
    count(connection, None, &mut found)?;
    Ok(found.into_values().fold(SurveyCounts::default(), SurveyCounts::plus))
}

fn count(connection: &mut Db, windows: Option<&[i64]>, found: &mut HashMap<i64, SurveyCounts>) -> Result<()> {
    // Every statement differs from the others in one column, its type, and nothing else.
    macro_rules! grouped {
        ($column:ident, $kind:ty) => {{
            let query = responses::table
                .filter(responses::complete.eq(true))
                .filter(responses::$column.is_not_null())
                .group_by((responses::window_id, responses::$column))
                .select((responses::window_id, responses::$column.assume_not_null(), count_star()));
            match windows {
                Some(some) => {
                    query.filter(responses::window_id.eq_any(some)).load::<(i64, $kind, i64)>(connection)?
                }
                None => query.load::<(i64, $kind, i64)>(connection)?,
            }
        }};
    }
    let finished = responses::table.group_by((responses::window_id, responses::complete)).select((
        responses::window_id,
        responses::complete,
        count_star(),
    ));
    let finished = match windows {
        Some(some) => {
            finished.filter(responses::window_id.eq_any(some)).load::<(i64, bool, i64)>(connection)?
        }
        None => finished.load::<(i64, bool, i64)>(connection)?,
    };
    for (window, complete, n) in finished {
        let counts = found.entry(window).or_default();
        if complete { counts.complete += number(n) } else { counts.partial += number(n) }
    }
    for (window, saw, n) in grouped!(saw_notice, bool) {
        let counts = found.entry(window).or_default();
        let more = if saw { Share::of(number(n), 0) } else { Share::of(0, number(n)) };
        counts.saw_notice = counts.saw_notice.plus(more);
    }
    macro_rules! scale {
        ($column:ident) => {
            for (window, point, n) in grouped!($column, i32) {
                let counts = found.entry(window).or_default();
                if !u8::try_from(point).is_ok_and(|p| counts.$column.add(p, number(n))) {
                    return Err(Error::Internal(format!("{} of {point} is kept", stringify!($column))));
                }
            }
        };
    }
    scale!(csat);
    scale!(nps);
    scale!(ces);
    Ok(())
}

/// The counts of one window.
pub fn counts(connection: &mut Db, window: i64) -> Result<SurveyCounts> {
    Ok(counts_of(connection, &[window])?.remove(&window).unwrap_or_default())
}

/// How often each answer was given: question → answer → how often.
pub type CustomCounts = BTreeMap<String, BTreeMap<String, u64>>;

/// How often each answer to the questions without a column of their own was given in the finished
/// responses of each of these windows; windows without any are left out.
pub fn custom_of(connection: &mut Db, windows: &[i64]) -> Result<HashMap<i64, CustomCounts>> {
    let mut found: HashMap<i64, CustomCounts> = HashMap::new();
    for some in windows.chunks(500) {
        // Equal sets of answers are counted by the database; there are far fewer of them than responses.
        let rows = responses::table
            .filter(responses::window_id.eq_any(some))
            .filter(responses::complete.eq(true))
            .filter(responses::answers.ne("{}"))
            .group_by((responses::window_id, responses::answers))
            .select((responses::window_id, responses::answers, count_star()))
            .load::<(i64, String, i64)>(connection)?;
        for (window, answers, n) in rows {
            let answers: BTreeMap<String, AnswerValue> = serde_json::from_str(&answers)
                .map_err(|_| Error::Internal(format!("window {window} has damaged answers")))?;
            for (question, answer) in answers {
                let given = match answer {
                    AnswerValue::Number(point) => vec![point.to_string()],
                    AnswerValue::Flag(flag) => vec![flag.to_string()],
                    AnswerValue::Text(code) => vec![code],
                    AnswerValue::Choices(codes) => codes,
                };
                let counts = found.entry(window).or_default().entry(question).or_default();
                for code in given {
                    *counts.entry(code).or_default() += number(n);
                }
            }
        }
    }
    Ok(found)
}
