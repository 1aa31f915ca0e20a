//! Reading responses: one, a page of them, all of them in order, and the comments.

use std::collections::BTreeMap;

use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::Integer;

use crate::domain::instant::Instant;
use crate::domain::language::Language;
use crate::domain::reference::ResponseReference;
use crate::domain::survey::{AnswerValue, Answers, Exposure, TemplateKey};
use crate::store::connection::{Db, containing, lower};
use crate::store::error::{Error, Result};
use crate::store::schema::{responses, windows};

/// A response as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    /// Its name.
    pub reference: ResponseReference,
    /// The row of its window.
    pub window_id: i64,
    /// The slug of its window.
    pub window: String,
    /// The template that was answered.
    pub template: TemplateKey,
    /// The version of it.
    pub template_version: i32,
    /// When it came.
    pub submitted_at: Instant,
    /// When it was last changed.
    pub changed_at: Instant,
    /// The language of whoever answered.
    pub language: Language,
    /// Came by an invitation.
    pub invited: bool,
    /// How they are known to have met the window.
    pub exposure: Exposure,
    /// What was answered.
    pub answers: Answers,
    /// Whether it counts in the figures.
    pub complete: bool,
    /// What it was called where it was imported from.
    pub imported_as: Option<String>,
    /// When it was finished, if it was.
    pub completed_at: Option<Instant>,
    /// Belongs to the demonstration.
    pub demonstration: bool,
}

impl Response {
    /// The version of the template that was answered.
    pub fn version(&self) -> u32 {
        u32::try_from(self.template_version).unwrap_or(0)
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = responses)]
struct Row {
    id: i64,
    window_id: i64,
    template: TemplateKey,
    template_version: i32,
    submitted_at: Instant,
    changed_at: Instant,
    language: Language,
    invited: bool,
    exposure: Exposure,
    saw_notice: Option<bool>,
    csat: Option<i32>,
    nps: Option<i32>,
    ces: Option<i32>,
    comment: Option<String>,
    answers: String,
    complete: bool,
    imported_as: Option<String>,
    completed_at: Option<Instant>,
    demonstration: bool,
}

fn whole((row, window): (Row, String)) -> Result<Response> {
    let damaged = || Error::Internal(format!("response {} has damaged answers", row.id));
    let custom: BTreeMap<String, AnswerValue> = serde_json::from_str(&row.answers).map_err(|_| damaged())?;
    let point = |n: Option<i32>| n.map(u8::try_from).transpose().map_err(|_| damaged());
    Ok(Response {
        reference: ResponseReference(row.id),
        window_id: row.window_id,
        window,
        template: row.template,
        template_version: row.template_version,
        submitted_at: row.submitted_at,
        changed_at: row.changed_at,
        language: row.language,
        invited: row.invited,
        exposure: row.exposure,
        answers: Answers {
            csat: point(row.csat)?,
            nps: point(row.nps)?,
            ces: point(row.ces)?,
            saw_notice: row.saw_notice,
            comment: row.comment,
            custom,
            complete: row.complete,
        },
        complete: row.complete,
        imported_as: row.imported_as,
        completed_at: row.completed_at,
        demonstration: row.demonstration,
    })
}

/// The response with this row. [`Error::NotFound`] if there is none.
pub fn one(connection: &mut Db, id: i64) -> Result<Response> {
    let row = responses::table
        .inner_join(windows::table)
        .filter(responses::id.eq(id))
        .select((Row::as_select(), windows::slug))
        .first(connection)?;
    whole(row)
}

/// Which responses are meant; a field left out leaves nothing out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Those of this window, by its row.
    pub window: Option<i64>,
    /// Those that came at or after this moment.
    pub from: Option<Instant>,
    /// Those that came before this moment.
    pub to: Option<Instant>,
    /// Only finished (or only unfinished) ones.
    pub complete: Option<bool>,
}

/// The responses after this one (moment and row) in the order in which they came, at most `limit`.
pub fn page(
    connection: &mut Db,
    filter: &Filter,
    after: Option<(Instant, i64)>,
    limit: i64,
) -> Result<Vec<Response>> {
    let mut query = responses::table
        .inner_join(windows::table)
        .select((Row::as_select(), windows::slug))
        .order((responses::submitted_at, responses::id))
        .limit(limit)
        .into_boxed();
    if let Some(window) = filter.window {
        query = query.filter(responses::window_id.eq(window));
    }
    if let Some(from) = filter.from {
        query = query.filter(responses::submitted_at.ge(from));
    }
    if let Some(to) = filter.to {
        query = query.filter(responses::submitted_at.lt(to));
    }
    if let Some(complete) = filter.complete {
        query = query.filter(responses::complete.eq(complete));
    }
    if let Some((at, id)) = after {
        query = query.filter(
            responses::submitted_at.gt(at).or(responses::submitted_at.eq(at).and(responses::id.gt(id))),
        );
    }
    query.load(connection)?.into_iter().map(whole).collect()
}

/// Gives every response that is meant to `take`, in the order in which they came, holding at most a
/// thousand in memory. Call it inside one snapshot.
pub fn each(
    connection: &mut Db,
    filter: &Filter,
    mut take: impl FnMut(Response) -> Result<()>,
) -> Result<()> {
    const CHUNK: i64 = 1_000;
    let mut after = None;
    loop {
        let found = page(connection, filter, after, CHUNK)?;
        let last = found.last().map(|r| (r.submitted_at, r.reference.0));
        let full = found.len() as i64 == CHUNK;
        found.into_iter().try_for_each(&mut take)?;
        if !full {
            return Ok(());
        }
        after = last;
    }
}

/// The responses to this window, the latest first, at most `limit`.
pub fn newest(connection: &mut Db, window: i64, limit: i64) -> Result<Vec<Response>> {
    responses::table
        .inner_join(windows::table)
        .filter(responses::window_id.eq(window))
        .select((Row::as_select(), windows::slug))
        .order((responses::submitted_at.desc(), responses::id.desc()))
        .limit(limit)
        .load(connection)?
        .into_iter()
        .map(whole)
        .collect()
}

/// What somebody wrote, beside how satisfied they were.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub struct Comment {
    /// The response's name.
    #[schema(value_type = String)]
    pub response: ResponseReference,
    /// Satisfaction, 1 to 5, if they said it.
    pub csat: Option<i32>,
    /// When the response came.
    #[schema(value_type = String, format = DateTime)]
    pub submitted_at: Instant,
    /// Whether the response counts in the figures.
    pub complete: bool,
    /// What they wrote.
    pub comment: String,
}

/// The texts of at most `limit` comments of finished responses to this window, the latest first.
pub fn comment_texts(connection: &mut Db, window: i64, limit: i64) -> Result<Vec<String>> {
    Ok(responses::table
        .filter(responses::window_id.eq(window))
        .filter(responses::complete.eq(true))
        .filter(responses::comment.is_not_null())
        .order((responses::submitted_at.desc(), responses::id.desc()))
        .limit(limit)
        .select(responses::comment.assume_not_null())
        .load(connection)?)
}

/// Where a list of comments goes on: the score of the last one (6 for none) and its row.
pub type CommentsAfter = (i32, i64);

/// Which comments are meant; a field left out leaves nothing out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Comments {
    /// Those with this score.
    pub score: Option<u8>,
    /// Those that hold all of these words, whatever the size of letters.
    pub words: Vec<String>,
    /// Those after this one.
    pub after: Option<CommentsAfter>,
}

/// Comments on this window, the least satisfied first, then by when they came; those without a
/// score last. At most `limit` of those that are meant.
pub fn comments(
    connection: &mut Db,
    window: i64,
    asked: &Comments,
    limit: i64,
) -> Result<(Vec<Comment>, Option<CommentsAfter>)> {
    let by_score = || sql::<Integer>("COALESCE(responses.csat, 6)");
    let mut query = responses::table
        .filter(responses::window_id.eq(window))
        .filter(responses::comment.is_not_null())
        .select((
            responses::id,
            responses::csat,
            responses::submitted_at,
            responses::complete,
            responses::comment.assume_not_null(),
        ))
        .order((by_score(), responses::id))
        .limit(limit + 1)
        .into_boxed();
    if let Some(score) = asked.score {
        query = query.filter(responses::csat.eq(i32::from(score)));
    }
    for word in &asked.words {
        query = query.filter(lower(responses::comment).like(containing(word)).escape('\\'));
    }
    if let Some((last, id)) = asked.after {
        query = query.filter(by_score().gt(last).or(by_score().eq(last).and(responses::id.gt(id))));
    }
    let rows = query.load::<(i64, Option<i32>, Instant, bool, String)>(connection)?;
    let more = rows.len() as i64 > limit;
    let list: Vec<Comment> = rows
        .into_iter()
        .take(usize::try_from(limit).unwrap_or(0))
        .map(|(id, csat, submitted_at, complete, comment)| Comment {
            response: ResponseReference(id),
            csat,
            submitted_at,
            complete,
            comment,
        })
        .collect();
    let next = list.last().filter(|_| more).map(|c| (c.csat.unwrap_or(6), c.response.0));
    Ok((list, next))
}
