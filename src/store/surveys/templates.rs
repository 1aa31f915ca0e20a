//! Templates: the built-in ones and those made here, every version of them.

use std::collections::{BTreeMap, BTreeSet};

use diesel::dsl::count_star;
use diesel::prelude::*;

use crate::domain::fields::FieldErrors;
use crate::domain::survey::{Question, Template, TemplateInput, TemplateKey};
use crate::store::connection::Db;
use crate::store::error::{Error, Result};
use crate::store::people::Actor;
use crate::store::schema::{responses, survey_template_versions, survey_templates, windows};
use crate::store::{Write, audit};

/// A template as it is asked now, and what hangs on it.
#[derive(Debug, Clone)]
pub struct Listed {
    /// The template.
    pub template: Template,
    /// How many windows ask it.
    pub windows: i64,
    /// How many responses there are to it, to whichever version.
    pub responses: i64,
    /// It can be changed and removed.
    pub made_here: bool,
}

fn parsed(key: &TemplateKey, version: i32, content: &str) -> Result<Template> {
    let damaged = || Error::Internal(format!("version {version} of the template {key} is damaged"));
    let input: TemplateInput = serde_json::from_str(content).map_err(|_| damaged())?;
    let number = u32::try_from(version).map_err(|_| damaged())?;
    Template::parse(key.clone(), number, input.in_every_language()).map_err(|_| damaged())
}

/// The template as it was asked in this version. [`Error::NotFound`] if there is none.
pub fn find(connection: &mut Db, key: &TemplateKey, version: i32) -> Result<Template> {
    if !matches!(key, TemplateKey::Made(_)) {
        let known = key.built_in_versions().iter().find(|t| i64::from(t.version) == i64::from(version));
        return known.cloned().ok_or(Error::NotFound);
    }
    let content: String = survey_template_versions::table
        .find((key.code(), version))
        .select(survey_template_versions::content)
        .first(connection)?;
    parsed(key, version, &content)
}

/// The template as it is asked now. [`Error::NotFound`] if there is none.
pub fn asked(connection: &mut Db, key: &TemplateKey) -> Result<Template> {
    if let Some(template) = key.built_in() {
        return Ok(template.clone());
    }
    let version: i32 =
        survey_templates::table.find(key.code()).select(survey_templates::version).first(connection)?;
    find(connection, key, version)
}

/// Whether there is such a template.
pub fn exists(connection: &mut Db, key: &TemplateKey) -> Result<bool> {
    if key.built_in().is_some() {
        return Ok(true);
    }
    let found = survey_templates::table.find(key.code()).select(survey_templates::version);
    Ok(found.first::<i32>(connection).optional()?.is_some())
}

/// Every template as it is asked now, the built-in ones first, the others by key.
pub fn all(connection: &mut Db) -> Result<Vec<Template>> {
    let mut found: Vec<Template> =
        TemplateKey::BUILT_IN.iter().filter_map(|k| k.built_in().cloned()).collect();
    let rows = survey_templates::table
        .inner_join(survey_template_versions::table)
        .filter(survey_template_versions::version.eq(survey_templates::version))
        .order(survey_templates::key)
        .select((survey_templates::key, survey_templates::version, survey_template_versions::content))
        .load::<(TemplateKey, i32, String)>(connection)?;
    for (key, version, content) in rows {
        found.push(parsed(&key, version, &content)?);
    }
    Ok(found)
}

/// Every template with what hangs on it.
pub fn listed(connection: &mut Db) -> Result<Vec<Listed>> {
    let asking: BTreeMap<String, i64> = windows::table
        .group_by(windows::survey_template)
        .select((windows::survey_template, count_star()))
        .load::<(String, i64)>(connection)?
        .into_iter()
        .collect();
    let answered: BTreeMap<String, i64> = responses::table
        .group_by(responses::template)
        .select((responses::template, count_star()))
        .load::<(String, i64)>(connection)?
        .into_iter()
        .collect();
    let number =
        |counts: &BTreeMap<String, i64>, key: &TemplateKey| counts.get(key.code()).copied().unwrap_or(0);
    let listed = all(connection)?.into_iter().map(|template| Listed {
        windows: number(&asking, &template.key),
        responses: number(&answered, &template.key),
        made_here: matches!(template.key, TemplateKey::Made(_)),
        template,
    });
    Ok(listed.collect())
}

/// Every version of every template, the built-in ones first, older versions before newer ones.
pub fn every_version(connection: &mut Db) -> Result<Vec<Template>> {
    let mut found: Vec<Template> =
        TemplateKey::BUILT_IN.iter().flat_map(|k| k.built_in_versions().iter().cloned()).collect();
    let rows = survey_template_versions::table
        .order((survey_template_versions::template, survey_template_versions::version))
        .select((
            survey_template_versions::template,
            survey_template_versions::version,
            survey_template_versions::content,
        ))
        .load::<(TemplateKey, i32, String)>(connection)?;
    for (key, version, content) in rows {
        found.push(parsed(&key, version, &content)?);
    }
    Ok(found)
}

/// The questions that have no column of their own, of every template that there is or was, each once
/// and as it was last asked: the columns that an export adds.
pub fn custom_questions(connection: &mut Db) -> Result<Vec<Question>> {
    let mut found: Vec<Question> = Vec::new();
    for template in every_version(connection)? {
        for question in template.questions {
            if question.has_own_column() {
                continue;
            }
            match found.iter_mut().find(|q| q.key == question.key) {
                Some(known) => *known = question,
                None => found.push(question),
            }
        }
    }
    Ok(found)
}

/// Refuses questions whose answers would be taken for those of another question: of the same name,
/// and of another kind or on another scale. What nobody has answered yet may change.
fn distinct(connection: &mut Db, new: &Template) -> Result<()> {
    let answered: BTreeSet<(String, i32)> = responses::table
        .select((responses::template, responses::template_version))
        .distinct()
        .load::<(String, i32)>(connection)?
        .into_iter()
        .collect();
    let mut errors = FieldErrors::new();
    for old in every_version(connection)? {
        let version = i32::try_from(old.version).unwrap_or(i32::MAX);
        let free = old.key == new.key && !answered.contains(&(old.key.code().to_owned(), version));
        if free {
            continue;
        }
        for (i, question) in new.questions.iter().enumerate() {
            let same = old.question(&question.key);
            if same.is_some_and(|same| !same.counts_like(question)) {
                let field = format!("questions.{i}.kind");
                if errors.of(&field).next().is_none() {
                    let params = [("template", old.key.to_string()), ("question", question.key.clone())];
                    errors.add_with(field, "question-differs", params);
                }
            }
        }
    }
    Ok(errors.or(())?)
}

fn write_version(write: &mut Write<'_>, actor: &Actor, template: &Template) -> Result<()> {
    let input = template.written(|key, _| key.to_owned());
    let content = serde_json::to_string(&input)
        .map_err(|e| Error::Internal(format!("a template cannot be kept: {e}")))?;
    diesel::insert_into(survey_template_versions::table)
        .values((
            survey_template_versions::template.eq(template.key.code()),
            survey_template_versions::version.eq(template.version as i32),
            survey_template_versions::content.eq(content),
            survey_template_versions::written_at.eq(write.now),
            survey_template_versions::author_id.eq(actor.person_id()),
        ))
        .execute(write.connection)?;
    Ok(())
}

/// Adds a template.
///
/// Errors: `key-taken` at `key`; those of [`Template::parse`]; `question-differs` (`template`,
/// `question`) at `questions.N.kind`.
pub fn create(
    write: &mut Write<'_>,
    actor: &Actor,
    key: &TemplateKey,
    input: &TemplateInput,
    demonstration: bool,
) -> Result<Template> {
    if exists(write.connection, key)? {
        return Err(Error::field("key", "key-taken"));
    }
    let template = Template::parse(key.clone(), 1, input.clone())?;
    distinct(write.connection, &template)?;
    diesel::insert_into(survey_templates::table)
        .values((
            survey_templates::key.eq(key.code()),
            survey_templates::version.eq(1),
            survey_templates::created_at.eq(write.now),
            survey_templates::changed_at.eq(write.now),
            survey_templates::demonstration.eq(demonstration),
        ))
        .execute(write.connection)?;
    write_version(write, actor, &template)?;
    audit::note(write, actor, "template.create", key.code(), "")?;
    Ok(template)
}

/// Writes a new version of a template; who has answered an older one keeps it. The same content
/// again is no new version.
///
/// [`Error::Stale`] if it is no longer in the version `seen`; errors as [`create`].
pub fn edit(
    write: &mut Write<'_>,
    actor: &Actor,
    key: &TemplateKey,
    seen: i32,
    input: &TemplateInput,
) -> Result<Template> {
    let old = asked(write.connection, key)?;
    if !matches!(key, TemplateKey::Made(_)) {
        return Err(Error::conflict("template-built-in"));
    }
    let version = i32::try_from(old.version).unwrap_or(i32::MAX);
    if version != seen {
        return Err(Error::Stale);
    }
    let new = Template::parse(key.clone(), old.version, input.clone())?;
    if new == old {
        return Ok(old);
    }
    let new = Template { version: old.version + 1, ..new };
    distinct(write.connection, &new)?;
    let claimed = diesel::update(
        survey_templates::table.find(key.code()).filter(survey_templates::version.eq(version)),
    )
    .set((survey_templates::version.eq(version + 1), survey_templates::changed_at.eq(write.now)))
    .execute(write.connection)?;
    if claimed == 0 {
        return Err(Error::Stale);
    }
    write_version(write, actor, &new)?;
    audit::note(write, actor, "template.edit", key.code(), &format!("version {}", new.version))?;
    Ok(new)
}

/// Throws a template away that no window asks and nobody has answered: conflict `template-in-use`
/// (`windows`, `responses`) otherwise, `template-built-in` for a built-in one.
pub fn remove(write: &mut Write<'_>, actor: &Actor, key: &TemplateKey) -> Result<()> {
    if !matches!(key, TemplateKey::Made(_)) {
        return Err(Error::conflict("template-built-in"));
    }
    if !exists(write.connection, key)? {
        return Err(Error::NotFound);
    }
    let asking: i64 = windows::table
        .filter(windows::survey_template.eq(key.code()))
        .select(count_star())
        .first(write.connection)?;
    let answered: i64 = responses::table
        .filter(responses::template.eq(key.code()))
        .select(count_star())
        .first(write.connection)?;
    if asking + answered > 0 {
        let params = [("windows", asking.to_string()), ("responses", answered.to_string())];
        return Err(Error::conflict_with("template-in-use", params));
    }
    diesel::delete(survey_templates::table.find(key.code())).execute(write.connection)?;
    audit::note(write, actor, "template.remove", key.code(), "")
}

/// Takes the templates of the demonstration away; one that something real uses by now stays and is
/// no longer part of it.
pub fn remove_demonstration(write: &mut Write<'_>) -> Result<()> {
    let asking = windows::table.select(windows::survey_template);
    let answered = responses::table.select(responses::template);
    diesel::update(
        survey_templates::table
            .filter(survey_templates::demonstration.eq(true))
            .filter(survey_templates::key.eq_any(asking).or(survey_templates::key.eq_any(answered))),
    )
    .set(survey_templates::demonstration.eq(false))
    .execute(write.connection)?;
    diesel::delete(survey_templates::table.filter(survey_templates::demonstration.eq(true)))
        .execute(write.connection)?;
    Ok(())
}
