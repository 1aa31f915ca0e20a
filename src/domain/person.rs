//! People who work with the server, and what each may do.

use crate::domain::fields::FieldErrors;
use crate::domain::line::Line;

crate::codes! {
    /// What somebody may do; each role may do what the one before may.
    pub enum Role {
        /// Sees reports and figures, without contacts.
        Viewer = "viewer",
        /// Triages, answers, enters, exports.
        Support = "support",
        /// Writes, publishes, starts and completes windows.
        Operator = "operator",
        /// Decides who may do what.
        Administrator = "administrator",
    }
}

impl Role {
    /// Whether somebody with this role may do what needs `needed`.
    pub fn may(self, needed: Role) -> bool {
        self >= needed
    }
}

/// A name to log in with: letters (of any script), digits, `.`, `_`, `-` and `@`, 2 to 60 characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonName(String);

impl PersonName {
    /// Reads the name typed into `field`.
    pub fn parse(field: &str, text: &str) -> Result<PersonName, FieldErrors> {
        let name = Line::required(field, text, 60)?.into_string();
        let good =
            name.chars().count() >= 2 && name.chars().all(|c| c.is_alphanumeric() || "._-@".contains(c));
        if good { Ok(PersonName(name.to_lowercase())) } else { Err(FieldErrors::one(field, "bad-name")) }
    }

    /// The name, in small letters.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_role_may_do_what_the_one_before_may() {
        for pair in Role::ALL.windows(2) {
            assert!(pair[1].may(pair[0]) && !pair[0].may(pair[1]));
        }
    }

    #[test]
    fn names_are_small_letters() {
        assert_eq!(PersonName::parse("name", " Li.Wei ").unwrap().as_str(), "li.wei");
        assert!(PersonName::parse("name", "a").is_err());
        assert!(PersonName::parse("name", "a b").is_err());
        assert_eq!(PersonName::parse("name", "王芳").unwrap().as_str(), "王芳");
    }
}
