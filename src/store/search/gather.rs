//! What a report says, gathered from where it is kept.

use std::collections::HashMap;

use diesel::prelude::*;

use super::{Entry, Sight};
use crate::domain::reference::ReportReference;
use crate::domain::search_tokens::{Indexed, Needle};
use crate::store::connection::Db;
use crate::store::error::Result;
use crate::store::reports::events::EventKind;
use crate::store::reports::{ReportContent, contents};
use crate::store::schema::{report_events, reports};

/// What the index is to keep of these reports; those that do not exist are left out.
pub(super) fn entries(connection: &mut Db, ids: &[i64]) -> Result<Vec<Entry>> {
    let there: Vec<i64> = reports::table
        .filter(reports::id.eq_any(ids))
        .order(reports::id)
        .select(reports::id)
        .load(connection)?;
    let mut contents = contents(connection, &there)?;
    let mut written = written(connection, &there)?;
    Ok(there
        .into_iter()
        .map(|id| {
            let mut entry = Entry {
                report: id,
                has_content: false,
                said: Indexed::default(),
                private: Indexed::default(),
            };
            let reference = ReportReference(id).to_string();
            entry.said.add(&reference);
            entry.said.add(&reference.replace('-', ""));
            if let Some(content) = contents.remove(&id) {
                entry.has_content = true;
                entry.said.add(&content.description);
                entry.said.add(content.error_message.as_deref().unwrap_or_default());
                for private in private(&content) {
                    entry.private.add(&private);
                }
                for (_, text) in written.remove(&id).unwrap_or_default() {
                    entry.said.add(&text);
                }
            }
            entry
        })
        .collect())
}

/// What support alone may look for. A number is also found as it is dialled, without blanks and
/// hyphens.
fn private(content: &ReportContent) -> Vec<String> {
    let mut texts: Vec<String> =
        [&content.account, &content.phone, &content.email].into_iter().flatten().cloned().collect();
    if let Some(phone) = &content.phone {
        texts.push(phone.chars().filter(char::is_ascii_digit).collect());
    }
    texts
}

/// What was written about these reports: messages, answers and notes, oldest first.
fn written(connection: &mut Db, ids: &[i64]) -> Result<HashMap<i64, Vec<(EventKind, String)>>> {
    let rows: Vec<(i64, EventKind, Option<String>)> = report_events::table
        .filter(report_events::report_id.eq_any(ids))
        .filter(report_events::content.is_not_null())
        .order(report_events::id)
        .select((report_events::report_id, report_events::kind, report_events::content))
        .load(connection)?;
    let mut written: HashMap<i64, Vec<(EventKind, String)>> = HashMap::new();
    for (report, kind, content) in rows {
        written.entry(report).or_default().push((kind, content.unwrap_or_default()));
    }
    Ok(written)
}

/// Where in a report something stands that its description does not say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// In the message that the service showed.
    ErrorMessage,
    /// In the account, or in how the reporter can be reached.
    Private,
    /// In something written about it.
    Event(EventKind),
}

/// A text of a report in which something stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snippet {
    /// Where it is from.
    pub origin: Origin,
    /// All of it.
    pub text: String,
}

/// For each of these reports whose description says nothing of what is looked for, the first other
/// text that does.
pub fn snippets(
    connection: &mut Db,
    ids: &[i64],
    needle: &Needle,
    sight: Sight,
) -> Result<HashMap<i64, Snippet>> {
    let contents = contents(connection, ids)?;
    let mut written = written(connection, ids)?;
    let mut found = HashMap::new();
    for (id, content) in contents {
        if !needle.marks(&content.description).is_empty() {
            continue;
        }
        let message = content.error_message.clone().map(|text| (Origin::ErrorMessage, text));
        let private = match sight {
            Sight::Everything => private(&content),
            Sight::Said => Vec::new(),
        };
        let mut texts = message
            .into_iter()
            .chain(
                written.remove(&id).unwrap_or_default().into_iter().map(|(kind, t)| (Origin::Event(kind), t)),
            )
            .chain(private.into_iter().map(|text| (Origin::Private, text)));
        if let Some((origin, text)) = texts.find(|(_, text)| !needle.marks(text).is_empty()) {
            found.insert(id, Snippet { origin, text });
        }
    }
    Ok(found)
}
