//! Statements that every report needs and diesel would have parsed each time: it keeps no prepared
//! `UPDATE` and no `ON CONFLICT … DO UPDATE`, for what these set may differ from call to call. Written
//! out, they are prepared once for each connection.

use diesel::backend::Backend;
use diesel::prelude::*;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::serialize::ToSql;
use diesel::sql_types::{BigInt, HasSqlType, Text};

use super::connection::Db;
use super::error::Result;
use crate::each_database;

/// A value of a statement.
#[derive(Debug, Clone, Copy)]
pub(super) enum Value<'a> {
    Text(&'a str),
    Number(i64),
}

/// A statement: its pieces, and the values that stand between them. The same in both databases.
#[derive(Debug)]
struct Statement<'a> {
    pieces: &'static [&'static str],
    values: &'a [Value<'a>],
}

impl<DB> QueryFragment<DB> for Statement<'_>
where
    DB: Backend + HasSqlType<Text> + HasSqlType<BigInt>,
    str: ToSql<Text, DB>,
    i64: ToSql<BigInt, DB>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        for (n, piece) in self.pieces.iter().enumerate() {
            out.push_sql(piece);
            match self.values.get(n) {
                Some(Value::Text(text)) => out.push_bind_param::<Text, str>(text)?,
                Some(Value::Number(number)) => out.push_bind_param::<BigInt, i64>(number)?,
                None => {}
            }
        }
        Ok(())
    }
}

impl QueryId for Statement<'_> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<C> RunQueryDsl<C> for Statement<'_> {}

/// Runs the statement that these pieces make with the values between them; gives how many rows it
/// changed.
pub(super) fn run(
    connection: &mut Db,
    pieces: &'static [&'static str],
    values: &[Value<'_>],
) -> Result<usize> {
    Ok(each_database!(connection, c => Statement { pieces, values }.execute(c))?)
}
