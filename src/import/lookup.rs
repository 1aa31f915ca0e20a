//! What rows name, found once.

use std::collections::HashMap;

use crate::domain::fields::FieldErrors;
use crate::domain::survey::{Template, TemplateKey};
use crate::store::error::{Error, Result};
use crate::store::{Store, components, people, surveys, windows};

/// Rows of what files name, remembered.
pub struct Lookup<'a> {
    store: &'a Store,
    windows: HashMap<String, Option<i64>>,
    components: HashMap<String, Option<i64>>,
    people: HashMap<String, Option<i64>>,
    templates: HashMap<TemplateKey, Option<Template>>,
    asking: HashMap<i64, TemplateKey>,
}

/// Adds that there is no such template: `no-such-template` (`column`, `template`).
pub fn no_template(errors: &mut FieldErrors, column: &str, template: &TemplateKey) {
    let params = [("column", column.to_owned()), ("template", template.to_string())];
    errors.add_with(column, "no-such-template", params);
}

impl<'a> Lookup<'a> {
    /// Nothing looked up yet.
    pub fn new(store: &'a Store) -> Lookup<'a> {
        Lookup {
            store,
            windows: HashMap::new(),
            components: HashMap::new(),
            people: HashMap::new(),
            templates: HashMap::new(),
            asking: HashMap::new(),
        }
    }

    /// The window with this slug. Error: `no-such-window` at `window`.
    pub fn window(&mut self, slug: &str) -> Result<std::result::Result<i64, FieldErrors>> {
        let found = match self.windows.get(slug) {
            Some(found) => *found,
            None => {
                let found = self.store.read_here(|c| windows::id_of(c, slug))?;
                *self.windows.entry(slug.to_owned()).or_insert(found)
            }
        };
        Ok(found.ok_or_else(|| FieldErrors::one("window", "no-such-window")))
    }

    /// The component with this key. Error: `no-such-component` at `component`.
    pub fn component(&mut self, key: &str) -> Result<std::result::Result<i64, FieldErrors>> {
        let found = match self.components.get(key) {
            Some(found) => *found,
            None => {
                let found = self.store.read_here(|c| components::id_of(c, key))?;
                *self.components.entry(key.to_owned()).or_insert(found)
            }
        };
        Ok(found.ok_or_else(|| FieldErrors::one("component", "no-such-component")))
    }

    /// The template with this key as it is asked now, if there is one.
    pub fn template(&mut self, key: &TemplateKey) -> Result<Option<Template>> {
        if let Some(found) = self.templates.get(key) {
            return Ok(found.clone());
        }
        let found = match self.store.read_here(|c| surveys::asked(c, key)) {
            Ok(template) => Some(template),
            Err(Error::NotFound) => None,
            Err(other) => return Err(other),
        };
        Ok(self.templates.entry(key.clone()).or_insert(found).clone())
    }

    /// The template that the survey of this window asks.
    pub fn template_of(&mut self, window: i64) -> Result<TemplateKey> {
        if let Some(found) = self.asking.get(&window) {
            return Ok(found.clone());
        }
        let found = self.store.read_here(|c| windows::by_id(c, window))?.survey_template;
        Ok(self.asking.entry(window).or_insert(found).clone())
    }

    /// The person with this name, if there is one here.
    pub fn person(&mut self, name: &str) -> Result<Option<i64>> {
        if let Some(found) = self.people.get(name) {
            return Ok(*found);
        }
        let found = match self.store.read_here(|c| people::by_name(c, name)) {
            Ok(person) => Some(person.id),
            Err(Error::NotFound) => None,
            Err(other) => return Err(other),
        };
        Ok(*self.people.entry(name.to_owned()).or_insert(found))
    }
}
