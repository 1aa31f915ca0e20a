//! A program that operates a server over HTTP by hand, for threads that must go on when the server
//! dies under them.

use interlude::domain::language::{Language, Texts};
use interlude::domain::person::Role;
use interlude::domain::window::ComponentKey;
use interlude::store::connection::Database;
use interlude::store::people::{self, Actor};
use interlude::store::{Store, Write, components};

use super::raw::{self, Answer};

/// A token of the role operator.
#[derive(Clone)]
pub struct Operator {
    bearer: String,
}

impl Operator {
    /// Gives it a token on a database that may be empty, and the components `login` and `export`.
    pub fn on(database: &Database) -> Operator {
        let store = Store::open(database.clone()).unwrap();
        let token = store
            .write_here(|w| people::create_token(w, &Actor::CommandLine, "a program", Role::Operator, None))
            .unwrap();
        for key in ["login", "export"] {
            let key = ComponentKey::parse("key", key).unwrap();
            let name = Texts([(Language::ZhCn, key.to_string()), (Language::En, key.to_string())].into());
            let add = move |w: &mut Write<'_>| {
                components::add(w, &Actor::CommandLine, &key, &name, false).map(drop)
            };
            store.write_here(add).unwrap();
        }
        Operator { bearer: format!("Bearer {token}") }
    }

    /// Sends JSON; nothing comes back if the connection breaks.
    pub fn send(
        &self,
        address: &str,
        method: &str,
        path: &str,
        more: &[(&str, &str)],
        body: &serde_json::Value,
    ) -> std::io::Result<Answer> {
        let known = [("content-type", "application/json"), ("authorization", self.bearer.as_str())];
        raw::ask(address, method, path, &[&known, more].concat(), body.to_string().as_bytes())
    }

    /// Asks for something that only staff may see.
    pub fn get(&self, address: &str, path: &str) -> std::io::Result<Answer> {
        raw::ask(address, "GET", path, &[("authorization", &self.bearer)], b"")
    }
}
