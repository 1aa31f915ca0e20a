//! How the columns and codes of somebody else's file become ours.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// A mapping, as it is given on the command line or kept in a file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Mapping {
    /// What the file's ids are called by us, so that equal ids of two sources stay apart.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// The zone of times without an offset.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub zone: Option<String>,
    /// Our column → theirs, or a pattern with theirs in braces: `{title}: {text}`, `2017-05-{day:02}`.
    /// Nothing on the right: a column of theirs that happens to have our name is not read.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub map: BTreeMap<String, String>,
    /// Our column → what every row has that says nothing itself.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub set: BTreeMap<String, String>,
    /// Our column → their value → ours. An empty value of ours is none; `*` stands for every other
    /// value of theirs.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub values: BTreeMap<String, BTreeMap<String, String>>,
}

/// Splits `ours=theirs`.
fn pair(text: &str) -> Result<(&str, &str), String> {
    let (ours, theirs) = text.split_once('=').ok_or_else(|| format!("{text:?} is not of the form a=b"))?;
    if ours.is_empty() {
        return Err(format!("{text:?} begins with ="));
    }
    Ok((ours, theirs))
}

impl Mapping {
    /// Adds `ours=theirs`.
    pub fn add_map(&mut self, text: &str) -> Result<(), String> {
        let (ours, theirs) = pair(text)?;
        pieces(theirs)?;
        self.map.insert(ours.to_owned(), theirs.to_owned());
        Ok(())
    }

    /// Adds `ours=value`.
    pub fn add_set(&mut self, text: &str) -> Result<(), String> {
        let (ours, value) = pair(text)?;
        self.set.insert(ours.to_owned(), value.to_owned());
        Ok(())
    }

    /// Adds `ours:their value=our value`.
    pub fn add_value(&mut self, text: &str) -> Result<(), String> {
        let wrong = || format!("{text:?} is not of the form column:theirs=ours");
        let (column, rest) = text.split_once(':').ok_or_else(wrong)?;
        // Their value may itself hold an equals sign; ours never does.
        let (theirs, ours) = rest.rsplit_once('=').ok_or_else(wrong)?;
        self.values.entry(column.to_owned()).or_default().insert(theirs.to_owned(), ours.to_owned());
        Ok(())
    }

    /// Every column of ours that it names.
    pub fn ours(&self) -> impl Iterator<Item = &str> {
        self.map.keys().chain(self.set.keys()).chain(self.values.keys()).map(String::as_str)
    }

    /// How the file calls what we call so, for messages.
    pub fn label<'a>(&'a self, ours: &'a str) -> &'a str {
        // `title.en` may come from what the file has for `title`.
        let whole = ours.split('.').next().and_then(|field| self.map.get(field));
        self.map.get(ours).or(whole).filter(|t| !t.is_empty()).map_or(ours, String::as_str)
    }

    /// Reads a mapping from TOML, or from JSON if the text begins with a brace.
    pub fn read(text: &str) -> Result<Mapping, String> {
        let mapping: Mapping = if text.trim_start().starts_with('{') {
            serde_json::from_str(text).map_err(|e| e.to_string())?
        } else {
            toml::from_str(text).map_err(|e| e.to_string())?
        };
        mapping.map.values().try_for_each(|theirs| pieces(theirs).map(drop))?;
        Ok(mapping)
    }

    /// The mapping as TOML.
    pub fn write(&self) -> String {
        toml::to_string_pretty(self).unwrap_or_default()
    }
}

/// A piece of what stands on the right of a mapping.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece<'a> {
    /// As it is.
    Literal(&'a str),
    /// A column of theirs, with zeros before it up to this width.
    Column(&'a str, usize),
}

/// The pieces of `theirs`, which is a column's name, or a pattern if it holds braces.
pub fn pieces(theirs: &str) -> Result<Vec<Piece<'_>>, String> {
    if theirs.is_empty() {
        return Ok(Vec::new());
    }
    if !theirs.contains(['{', '}']) {
        return Ok(vec![Piece::Column(theirs, 0)]);
    }
    let wrong = || format!("the braces of {theirs:?} do not match");
    let mut found = Vec::new();
    let mut rest = theirs;
    while let Some(open) = rest.find('{') {
        if open > 0 {
            found.push(Piece::Literal(&rest[..open]));
        }
        let inner = &rest[open + 1..];
        let close = inner.find('}').ok_or_else(wrong)?;
        let (name, width) = match inner[..close].rsplit_once(":0") {
            Some((name, width)) => (name, width.parse().map_err(|_| wrong())?),
            None => (&inner[..close], 0),
        };
        found.push(Piece::Column(name, width));
        rest = &inner[close + 1..];
    }
    if !rest.is_empty() {
        found.push(Piece::Literal(rest));
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_given_is_kept_and_read_again() {
        let mut mapping = Mapping { zone: Some("Asia/Shanghai".into()), ..Mapping::default() };
        mapping.add_map("description={title}\n{text}").unwrap();
        mapping.add_set("language=zh-CN").unwrap();
        mapping.add_value("csat:6=").unwrap();
        mapping.add_value("impact:a=b=blocked").unwrap();
        assert_eq!(mapping.values["impact"]["a=b"], "blocked");
        assert_eq!(Mapping::read(&mapping.write()).unwrap(), mapping);
        assert_eq!(Mapping::read(&serde_json::to_string(&mapping).unwrap()).unwrap(), mapping);
        assert!(Mapping::read("colour = 'red'").is_err());
        assert!(mapping.add_map("description={title").is_err());
        assert!(mapping.add_map("=x").is_err());
        assert!(mapping.add_value("csat=6").is_err());
    }

    #[test]
    fn patterns_put_columns_together() {
        assert_eq!(pieces("").unwrap(), []);
        assert_eq!(pieces("text").unwrap(), [Piece::Column("text", 0)]);
        assert_eq!(
            pieces("2017-05-{day:02}T{h}").unwrap(),
            [Piece::Literal("2017-05-"), Piece::Column("day", 2), Piece::Literal("T"), Piece::Column("h", 0)]
        );
    }
}
