//! What was asked of those who answered: not always what a window asks now.

use std::collections::{HashMap, hash_map::Entry};
use std::rc::Rc;

use diesel::prelude::*;

use crate::domain::survey::{Question, Template, TemplateKey, asked};
use crate::store::connection::Db;
use crate::store::error::{Error, Result};
use crate::store::schema::responses;

/// The versions of templates that the responses to one window answer, finished or not: those of its own
/// template first, of each the latest first.
#[derive(Debug, Clone, Default)]
pub struct AsAnswered(Vec<Rc<Template>>);

impl AsAnswered {
    /// The version that a response was checked against, if there still is one.
    pub fn version(&self, template: &TemplateKey, version: i32) -> Option<&Template> {
        let same = |t: &&Rc<Template>| t.key == *template && i64::from(t.version) == i64::from(version);
        self.0.iter().find(same).map(Rc::as_ref)
    }

    /// Every question that somebody was asked, in the words of the latest version that was answered.
    pub fn questions(&self) -> Vec<Question> {
        asked::together(self.0.iter().map(Rc::as_ref))
    }
}

/// What those were asked who answered in each of these windows, whose own templates are given; windows
/// without any response are left out.
pub fn answered(connection: &mut Db, windows: &[(i64, &TemplateKey)]) -> Result<HashMap<i64, AsAnswered>> {
    let own: HashMap<i64, &TemplateKey> = windows.iter().copied().collect();
    let mut known: HashMap<(TemplateKey, i32), Option<Rc<Template>>> = HashMap::new();
    let mut found: HashMap<i64, AsAnswered> = HashMap::new();
    for some in windows.chunks(500) {
        let rows = responses::table
            .filter(responses::window_id.eq_any(some.iter().map(|(id, _)| *id)))
            .select((responses::window_id, responses::template, responses::template_version))
            .distinct()
            .load::<(i64, TemplateKey, i32)>(connection)?;
        for (window, key, version) in rows {
            let template = match known.entry((key, version)) {
                Entry::Occupied(entry) => entry.get().clone(),
                Entry::Vacant(entry) => {
                    let (key, version) = entry.key().clone();
                    let template = match super::find(connection, &key, version) {
                        Ok(template) => Some(Rc::new(template)),
                        Err(Error::NotFound) => None,
                        Err(other) => return Err(other),
                    };
                    entry.insert(template).clone()
                }
            };
            found.entry(window).or_default().0.extend(template);
        }
    }
    for (window, answered) in &mut found {
        answered.0.sort_by(|a, b| {
            let rank = |t: &Template| own.get(window).is_none_or(|own| **own != t.key);
            (rank(a), a.key.code()).cmp(&(rank(b), b.key.code())).then(b.version.cmp(&a.version))
        });
    }
    Ok(found)
}
