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

/// The shortest password accepted, in characters.
pub const PASSWORD_MIN: usize = 10;
/// The longest password accepted, in bytes; longer ones would only cost time to hash.
pub const PASSWORD_MAX: usize = 1_000;

/// A new password: long enough, not one of those that everybody tries first, not the name.
#[derive(Clone)]
pub struct NewPassword(String);

impl NewPassword {
    /// Checks the password typed into `field` by the person with this name.
    pub fn parse(field: &str, text: &str, name: &str) -> Result<NewPassword, FieldErrors> {
        let mut errors = FieldErrors::new();
        if text.chars().count() < PASSWORD_MIN {
            errors.add_with(field, "password-too-short", [("min", PASSWORD_MIN.to_string())]);
        } else if text.len() > PASSWORD_MAX {
            errors.add_with(
                field,
                "too-long",
                [("max", PASSWORD_MAX.to_string()), ("count", text.len().to_string())],
            );
        } else if is_common(text, name) {
            errors.add(field, "password-too-common");
        }
        errors.or(NewPassword(text.to_owned()))
    }

    /// The password.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for NewPassword {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("NewPassword(hidden)")
    }
}

/// Beginnings from which most guessed passwords of ten characters and more are built.
const COMMON: &[&str] = &[
    "password",
    "passw0rd",
    "123456789",
    "1234567890",
    "qwertyuiop",
    "qwerty123",
    "1q2w3e4r",
    "abc123",
    "admin",
    "administrator",
    "letmein",
    "welcome",
    "iloveyou",
    "interlude",
    "changeme",
    "woaini",
    "a123456",
    "5201314",
    "1qaz2wsx",
    "987654321",
    "000000",
    "111111",
    "666666",
    "888888",
    "123123",
    "112233",
];

fn is_common(text: &str, name: &str) -> bool {
    let lower = text.to_lowercase();
    let distinct: std::collections::BTreeSet<char> = lower.chars().collect();
    let built_on = |word: &str| {
        // A well-known word with up to five characters around it, or repeated, is still well known.
        word.len() >= 4 && lower.replace(word, "").chars().count() <= 5 && lower.contains(word)
    };
    distinct.len() < 4 || COMMON.iter().any(|word| built_on(word)) || built_on(&name.to_lowercase())
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
    fn well_known_passwords_are_refused() {
        for bad in
            ["short", "password123", "Password1!", "1111111111", "admin-2024", "operator99", "1234567890"]
        {
            assert!(NewPassword::parse("password", bad, "operator").is_err(), "{bad}");
        }
        for good in ["a long walk home", "维护窗口开始之前要先备份", "k3-Turbine-ox9"] {
            assert!(NewPassword::parse("password", good, "operator").is_ok(), "{good}");
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
