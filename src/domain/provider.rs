//! What the claims of the organisation's own log-in (OpenID Connect) mean here: a role and a name.

use std::str::FromStr;

use serde_json::{Map, Value};

use crate::domain::person::Role;

/// Which values of a claim give which role, e.g. `interlude-admins=administrator,helpdesk=support`.
/// `*` stands for everybody whom the provider lets in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RoleMap(Vec<(String, Role)>);

impl FromStr for RoleMap {
    type Err = String;

    fn from_str(text: &str) -> Result<RoleMap, String> {
        let pairs = text.split(',').map(str::trim).filter(|pair| !pair.is_empty());
        let read = |pair: &str| {
            let (value, role) =
                pair.rsplit_once('=').ok_or_else(|| format!("{pair:?} is not of the form GROUP=ROLE"))?;
            let role = Role::from_code(role.trim())
                .ok_or_else(|| format!("{role:?} is none of viewer, support, operator, administrator"))?;
            Ok((value.trim().to_owned(), role))
        };
        pairs.map(read).collect::<Result<_, String>>().map(RoleMap)
    }
}

impl RoleMap {
    /// The highest role that the claim with this name gives; nothing if it gives none. The claim may be
    /// a word or a list of words.
    pub fn role(&self, claims: &Map<String, Value>, claim: &str) -> Option<Role> {
        let has = |wanted: &str| match claims.get(claim) {
            Some(Value::String(word)) => word == wanted,
            Some(Value::Array(words)) => words.iter().any(|word| word.as_str() == Some(wanted)),
            _ => false,
        };
        self.0.iter().filter(|(value, _)| value == "*" || has(value)).map(|(_, role)| *role).max()
    }
}

/// The name that somebody would like to have here: the first of the usual claims that says anything.
pub fn wished_name(claims: &Map<String, Value>) -> String {
    let said =
        |claim: &&str| claims.get(*claim).and_then(Value::as_str).filter(|name| !name.trim().is_empty());
    ["preferred_username", "email", "name", "sub"].iter().find_map(said).unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn claims(value: Value) -> Map<String, Value> {
        value.as_object().cloned().unwrap_or_default()
    }

    #[test]
    fn the_highest_role_counts() {
        let map: RoleMap = "ops=operator, helpdesk = support,cn=a,b=viewer".parse().unwrap_or_default();
        assert_eq!(map, RoleMap::default(), "`cn=a` names no role");
        let map: RoleMap = "ops=operator, helpdesk = support".parse().unwrap();
        let role = |groups: Value| map.role(&claims(json!({ "groups": groups })), "groups");
        assert_eq!(role(json!(["helpdesk", "ops", 7])), Some(Role::Operator));
        assert_eq!(role(json!("helpdesk")), Some(Role::Support));
        assert_eq!(role(json!(["guests"])), None);
        assert_eq!(role(json!({ "ops": true })), None);
        assert_eq!(map.role(&Map::new(), "groups"), None);
    }

    #[test]
    fn a_star_is_everybody() {
        let map: RoleMap = "*=viewer,ops=operator".parse().unwrap();
        assert_eq!(map.role(&Map::new(), "groups"), Some(Role::Viewer));
        assert_eq!(map.role(&claims(json!({ "groups": ["ops"] })), "groups"), Some(Role::Operator));
        assert!("".parse::<RoleMap>().is_ok_and(|map| map.role(&Map::new(), "groups").is_none()));
        assert!("ops".parse::<RoleMap>().is_err() && "ops=king".parse::<RoleMap>().is_err());
    }

    #[test]
    fn a_name_is_what_people_know() {
        let name = |value| wished_name(&claims(value));
        assert_eq!(
            name(json!({ "sub": "x-1", "email": "li@example.com", "preferred_username": " " })),
            "li@example.com"
        );
        assert_eq!(name(json!({ "sub": "x-1" })), "x-1");
        assert_eq!(name(json!({ "sub": 7 })), "");
    }
}
