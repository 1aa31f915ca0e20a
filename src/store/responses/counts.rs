//! How often each answer was given, counted by the database. Only finished responses are counted
//! in the distributions.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use diesel::dsl::{count, count_star};
use diesel::prelude::*;

use crate::domain::statistics::Share;
use crate::domain::survey::template::{OTHER, OWN_COLUMN};
use crate::domain::survey::{AnswerValue, QuestionKind, SurveyCounts, TemplateKey};
use crate::store::connection::Db;
use crate::store::error::{Error, Result};
use crate::store::schema::responses;
use crate::store::surveys;

/// How many, as the statistics count.
fn number(n: i64) -> u64 {
    u64::try_from(n).unwrap_or(0)
}

/// The counts of each of these windows; those without any response are left out.
pub fn counts_of(connection: &mut Db, windows: &[i64]) -> Result<HashMap<i64, SurveyCounts>> {
    let mut found: HashMap<i64, SurveyCounts> = HashMap::new();
    for some in windows.chunks(500) {
        tally(connection, Some(some), &mut found)?;
    }
    Ok(found)
}

/// The counts of all windows taken together.
pub fn counts_of_all(connection: &mut Db) -> Result<SurveyCounts> {
    let mut found = HashMap::new();
    tally(connection, None, &mut found)?;
    Ok(found.into_values().fold(SurveyCounts::default(), SurveyCounts::plus))
}

fn tally(connection: &mut Db, windows: Option<&[i64]>, found: &mut HashMap<i64, SurveyCounts>) -> Result<()> {
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
/// responses of each of these windows; windows without any are left out. What people wrote in their
/// own words is in none of the counts.
pub fn custom_of(connection: &mut Db, windows: &[i64]) -> Result<HashMap<i64, CustomCounts>> {
    let mut found: HashMap<i64, CustomCounts> = HashMap::new();
    let mut written = Written::default();
    each_custom(connection, windows, |connection, group| {
        if !group.complete {
            return Ok(());
        }
        for (question, answer) in group.answers {
            if written.is_text(connection, &group.template, group.version, &question)? {
                continue;
            }
            let given = match answer {
                AnswerValue::Number(point) => vec![point.to_string()],
                AnswerValue::Flag(flag) => vec![flag.to_string()],
                AnswerValue::Text(code) => vec![code],
                AnswerValue::Choices(codes) => codes,
            };
            let counts = found.entry(group.window).or_default().entry(question).or_default();
            for code in given {
                *counts.entry(code).or_default() += number(group.n);
            }
        }
        Ok(())
    })?;
    Ok(found)
}

/// How many responses answer a question.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub struct AnsweredCount {
    /// Of the finished ones.
    pub complete: u64,
    /// Of those begun and not finished.
    pub partial: u64,
}

/// How many responses answer each question, by its key; a question that nobody answered is left out.
pub type Answered = BTreeMap<String, AnsweredCount>;

/// How many responses of each of these windows answer each question, finished ones beside those that
/// were not finished: where people stop. Windows without any response are left out.
pub fn answered_of(connection: &mut Db, windows: &[i64]) -> Result<HashMap<i64, Answered>> {
    use responses as t;
    type Own = (i64, bool, i64, i64, i64, i64, i64);
    let mut found: HashMap<i64, Answered> = HashMap::new();
    let mut add = |window: i64, question: &str, complete: bool, n: u64| {
        if n > 0 {
            let count = found.entry(window).or_default().entry(question.to_owned()).or_default();
            if complete { count.complete += n } else { count.partial += n }
        }
    };
    for some in windows.chunks(500) {
        let rows = t::table
            .filter(t::window_id.eq_any(some))
            .group_by((t::window_id, t::complete))
            .select((
                t::window_id,
                t::complete,
                count(t::csat),
                count(t::nps),
                count(t::ces),
                count(t::saw_notice),
                count(t::comment),
            ))
            .load::<Own>(connection)?;
        for (window, complete, csat, nps, ces, saw_notice, comment) in rows {
            let own = [csat, nps, ces, saw_notice, comment];
            for (question, n) in OWN_COLUMN.into_iter().zip(own) {
                add(window, question, complete, number(n));
            }
        }
    }
    each_custom(connection, windows, |_, group| {
        for question in group.answers.keys().filter(|key| !key.ends_with(OTHER)) {
            add(group.window, question, group.complete, number(group.n));
        }
        Ok(())
    })?;
    Ok(found)
}

/// Equal sets of answers to the questions without a column of their own.
struct Group {
    window: i64,
    template: TemplateKey,
    version: i32,
    complete: bool,
    answers: BTreeMap<String, AnswerValue>,
    n: i64,
}

/// Equal sets of answers are counted by the database; as long as nobody writes in their own words
/// there are far fewer of them than responses.
fn each_custom(
    connection: &mut Db,
    windows: &[i64],
    mut take: impl FnMut(&mut Db, Group) -> Result<()>,
) -> Result<()> {
    use responses as t;
    type Row = (i64, TemplateKey, i32, bool, String, i64);
    for window in windows {
        let rows = t::table
            .filter(t::window_id.eq(window))
            .filter(t::answers.ne("{}"))
            .group_by((t::window_id, t::template, t::template_version, t::complete, t::answers))
            .select((t::window_id, t::template, t::template_version, t::complete, t::answers, count_star()))
            .load::<Row>(connection)?;
        for (window, template, version, complete, answers, n) in rows {
            let answers: BTreeMap<String, AnswerValue> = serde_json::from_str(&answers)
                .map_err(|_| Error::Internal(format!("window {window} has damaged answers")))?;
            take(connection, Group { window, template, version, complete, answers, n })?;
        }
    }
    Ok(())
}

/// Which questions of which versions take free text, looked up once.
#[derive(Default)]
struct Written(HashMap<(TemplateKey, i32), BTreeSet<String>>);

impl Written {
    fn is_text(
        &mut self,
        connection: &mut Db,
        template: &TemplateKey,
        version: i32,
        question: &str,
    ) -> Result<bool> {
        if question.ends_with(OTHER) {
            return Ok(true);
        }
        let asked = (template.clone(), version);
        if !self.0.contains_key(&asked) {
            let found = surveys::find(connection, template, version)?;
            let texts = found.questions.into_iter().filter(|q| q.kind() == QuestionKind::Text);
            self.0.insert(asked.clone(), texts.map(|q| q.key).collect());
        }
        Ok(self.0.get(&asked).is_some_and(|texts| texts.contains(question)))
    }
}
