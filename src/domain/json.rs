//! JSON that programs send, read field by field: what is wrong is said by code at the field where it is
//! wrong (`components.0.impact`), never in a parser's words.
//!
//! The structs that serde derives take a list for an object, its values by their place. Here they do
//! not: nothing may be done that nobody named. A field that stands twice is refused as well.

use std::collections::{BTreeMap, HashSet};
use std::fmt;
use std::vec::IntoIter;

use serde::de::value::{StrDeserializer, StringDeserializer};
use serde::de::{self, Deserialize, DeserializeOwned, DeserializeSeed, Deserializer, Unexpected, Visitor};
use serde_json::Number;

use super::fields::{FieldError, FieldErrors};
use super::instant::Instant;
use super::language::{Language, TextsInput};
use super::zone::Zone;

/// Reads a whole document. What is wrong with all of it is told at `whole`, everything else at its field.
///
/// Errors: `bad-json` (`line`, `column`); `wrong-type` (`expected`, and `codes` of a code), `required`,
/// `unknown-field`, `duplicate-field`, `unknown-code` (`codes`), `unknown-language` (`languages`),
/// `bad-moment`, `unknown-zone` (`zone`).
pub fn read<T: DeserializeOwned>(whole: &str, json: &[u8]) -> Result<T, FieldErrors> {
    let node: Node = serde_json::from_slice(json).map_err(|e| malformed(whole, &e))?;
    T::deserialize(node)
        .map_err(|wrong| wrong.at(|path| if path.is_empty() { whole.to_owned() } else { path }))
}

/// Reads a document that stands in a field; the names of its own fields begin with `field`. Errors as of
/// [`read`].
pub fn read_in<T: DeserializeOwned>(field: &str, json: &[u8]) -> Result<T, FieldErrors> {
    let node: Node = serde_json::from_slice(json).map_err(|e| malformed(field, &e))?;
    let named = |path: String| if path.is_empty() { field.to_owned() } else { format!("{field}.{path}") };
    T::deserialize(node).map_err(|wrong| wrong.at(named))
}

/// Tells a field that is left out (nothing, with `serde(default)`) from one that is emptied (`null`).
pub fn given<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Option<Option<T>>, D::Error> {
    Option::<T>::deserialize(deserializer).map(Some)
}

/// What is no JSON, told by the place where that is seen.
pub fn malformed(field: &str, error: &serde_json::Error) -> FieldErrors {
    let mut errors = FieldErrors::new();
    let params = [("line", error.line().to_string()), ("column", error.column().to_string())];
    errors.add_with(field, "bad-json", params);
    errors
}

/// A value as it stands there, fields in their order and as often as they were written.
enum Node {
    Null,
    Flag(bool),
    Number(Number),
    Text(String),
    List(Vec<Node>),
    Object(Vec<(String, Node)>),
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Node, D::Error> {
        struct Any;

        impl<'de> Visitor<'de> for Any {
            type Value = Node;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a value")
            }

            fn visit_unit<E>(self) -> Result<Node, E> {
                Ok(Node::Null)
            }

            fn visit_bool<E>(self, flag: bool) -> Result<Node, E> {
                Ok(Node::Flag(flag))
            }

            fn visit_u64<E>(self, number: u64) -> Result<Node, E> {
                Ok(Node::Number(number.into()))
            }

            fn visit_i64<E>(self, number: i64) -> Result<Node, E> {
                Ok(Node::Number(number.into()))
            }

            fn visit_f64<E>(self, number: f64) -> Result<Node, E> {
                Ok(Number::from_f64(number).map_or(Node::Null, Node::Number))
            }

            fn visit_str<E>(self, text: &str) -> Result<Node, E> {
                Ok(Node::Text(text.to_owned()))
            }

            fn visit_string<E>(self, text: String) -> Result<Node, E> {
                Ok(Node::Text(text))
            }

            fn visit_seq<A: de::SeqAccess<'de>>(self, mut list: A) -> Result<Node, A::Error> {
                let mut nodes = Vec::new();
                while let Some(node) = list.next_element()? {
                    nodes.push(node);
                }
                Ok(Node::List(nodes))
            }

            fn visit_map<A: de::MapAccess<'de>>(self, mut object: A) -> Result<Node, A::Error> {
                let mut nodes = Vec::new();
                while let Some(entry) = object.next_entry()? {
                    nodes.push(entry);
                }
                Ok(Node::Object(nodes))
            }
        }

        deserializer.deserialize_any(Any)
    }
}

/// What is wrong, and where: the innermost name first.
#[derive(Debug)]
struct Wrong {
    path: Vec<String>,
    code: &'static str,
    params: BTreeMap<&'static str, String>,
}

impl Wrong {
    fn new(code: &'static str) -> Wrong {
        Wrong { path: Vec::new(), code, params: BTreeMap::new() }
    }

    fn telling(mut self, name: &'static str, value: impl Into<String>) -> Wrong {
        self.params.insert(name, value.into());
        self
    }

    fn within(mut self, name: impl Into<String>) -> Wrong {
        self.path.push(name.into());
        self
    }

    /// Says what was expected, unless that is known already or it is about something inside.
    fn or_expected(mut self, expected: &'static str) -> Wrong {
        if self.code == "wrong-type" && self.path.is_empty() {
            self.params.entry("expected").or_insert_with(|| expected.to_owned());
        }
        self
    }

    /// By the words that a type of ours has for itself.
    fn of_expected(found: Unexpected<'_>, expected: &dyn de::Expected) -> Wrong {
        match (expected.to_string().as_str(), found) {
            (Instant::EXPECTED, _) => Wrong::new("bad-moment"),
            (Zone::EXPECTED, Unexpected::Str(zone)) => Wrong::new("unknown-zone").telling("zone", zone),
            (Zone::EXPECTED, _) => Wrong::new("wrong-type").or_expected("text"),
            (TextsInput::EXPECTED, _) => Wrong::new("wrong-type").or_expected("texts"),
            _ => Wrong::new("wrong-type"),
        }
    }

    fn at(mut self, named: impl FnOnce(String) -> String) -> FieldErrors {
        self.path.reverse();
        if self.code == "wrong-type" {
            self.params.entry("expected").or_insert_with(|| "other".to_owned());
        }
        FieldErrors(vec![FieldError {
            field: named(self.path.join(".")),
            code: self.code,
            params: self.params,
        }])
    }
}

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code)
    }
}

impl std::error::Error for Wrong {}

impl de::Error for Wrong {
    fn custom<T: fmt::Display>(_: T) -> Wrong {
        Wrong::new("wrong-type")
    }

    fn invalid_type(found: Unexpected<'_>, expected: &dyn de::Expected) -> Wrong {
        Wrong::of_expected(found, expected)
    }

    fn invalid_value(found: Unexpected<'_>, expected: &dyn de::Expected) -> Wrong {
        Wrong::of_expected(found, expected)
    }

    fn unknown_variant(_: &str, known: &'static [&'static str]) -> Wrong {
        match known.iter().copied().eq(Language::ALL.iter().map(|l| l.code())) {
            true => Wrong::new("unknown-language").telling("languages", known.join(", ")),
            false => Wrong::new("unknown-code").telling("codes", known.join(", ")),
        }
    }

    /// Raised while its name is read, which says where.
    fn unknown_field(_: &str, _: &'static [&'static str]) -> Wrong {
        Wrong::new("unknown-field")
    }

    fn missing_field(name: &'static str) -> Wrong {
        Wrong::new("required").within(name)
    }
}

impl Node {
    fn unexpected(&self) -> Unexpected<'_> {
        match self {
            Node::Null => Unexpected::Unit,
            Node::Flag(flag) => Unexpected::Bool(*flag),
            Node::Number(_) => Unexpected::Other("a number"),
            Node::Text(text) => Unexpected::Str(text),
            Node::List(_) => Unexpected::Seq,
            Node::Object(_) => Unexpected::Map,
        }
    }

    fn give<'de, V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        match self {
            Node::Null => visitor.visit_unit(),
            Node::Flag(flag) => visitor.visit_bool(flag),
            Node::Number(number) => match (number.as_u64(), number.as_i64()) {
                (Some(number), _) => visitor.visit_u64(number),
                (None, Some(number)) => visitor.visit_i64(number),
                (None, None) => visitor.visit_f64(number.as_f64().unwrap_or_default()),
            },
            Node::Text(text) => visitor.visit_string(text),
            Node::List(nodes) => visitor.visit_seq(Items { rest: nodes.into_iter(), place: 0 }),
            Node::Object(nodes) => {
                visitor.visit_map(Entries { rest: nodes.into_iter(), value: None, seen: HashSet::new() })
            }
        }
    }

    /// Gives the value to whoever asks for `expected`, if it is one.
    fn give_as<'de, V: Visitor<'de>>(
        self,
        fits: bool,
        expected: &'static str,
        visitor: V,
    ) -> Result<V::Value, Wrong> {
        let given =
            if fits { self.give(visitor) } else { Err(de::Error::invalid_type(self.unexpected(), &visitor)) };
        given.map_err(|wrong| wrong.or_expected(expected))
    }
}

/// Methods of a reader that asks for one kind of value.
macro_rules! kinds {
    ($($method:ident => $kind:pat, $expected:literal;)+) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
            let fits = matches!(&self, $kind);
            self.give_as(fits, $expected, visitor)
        }
    )+};
}

impl<'de> Deserializer<'de> for Node {
    type Error = Wrong;

    kinds! {
        deserialize_bool => Node::Flag(_), "flag";
        deserialize_i8 => Node::Number(_), "whole";
        deserialize_i16 => Node::Number(_), "whole";
        deserialize_i32 => Node::Number(_), "whole";
        deserialize_i64 => Node::Number(_), "whole";
        deserialize_u8 => Node::Number(_), "whole";
        deserialize_u16 => Node::Number(_), "whole";
        deserialize_u32 => Node::Number(_), "whole";
        deserialize_u64 => Node::Number(_), "whole";
        deserialize_f32 => Node::Number(_), "number";
        deserialize_f64 => Node::Number(_), "number";
        deserialize_char => Node::Text(_), "text";
        deserialize_str => Node::Text(_), "text";
        deserialize_string => Node::Text(_), "text";
        deserialize_bytes => Node::Text(_), "text";
        deserialize_byte_buf => Node::Text(_), "text";
        deserialize_identifier => Node::Text(_), "text";
        deserialize_unit => Node::Null, "other";
        deserialize_seq => Node::List(_), "list";
        deserialize_map => Node::Object(_), "object";
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        self.give(visitor)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        visitor.visit_unit()
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        match self {
            Node::Null => visitor.visit_none(),
            given => visitor.visit_some(given),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &str, visitor: V) -> Result<V::Value, Wrong> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(self, _: &str, visitor: V) -> Result<V::Value, Wrong> {
        self.deserialize_unit(visitor)
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Wrong> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &str,
        _: usize,
        visitor: V,
    ) -> Result<V::Value, Wrong> {
        self.deserialize_seq(visitor)
    }

    /// An object: never a list of its fields' values.
    fn deserialize_struct<V: Visitor<'de>>(self, _: &str, _: &[&str], visitor: V) -> Result<V::Value, Wrong> {
        self.deserialize_map(visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &str,
        codes: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Wrong> {
        match self {
            Node::Text(code) => visitor.visit_enum(StringDeserializer::new(code)),
            _ => Err(Wrong::new("wrong-type").or_expected("code").telling("codes", codes.join(", "))),
        }
    }
}

struct Items {
    rest: IntoIter<Node>,
    place: usize,
}

impl<'de> de::SeqAccess<'de> for Items {
    type Error = Wrong;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Wrong> {
        let Some(node) = self.rest.next() else { return Ok(None) };
        let place = self.place.to_string();
        self.place += 1;
        seed.deserialize(node).map(Some).map_err(|wrong| wrong.within(place))
    }
}

struct Entries {
    rest: IntoIter<(String, Node)>,
    value: Option<(String, Node)>,
    seen: HashSet<String>,
}

impl<'de> de::MapAccess<'de> for Entries {
    type Error = Wrong;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Wrong> {
        let Some((name, node)) = self.rest.next() else { return Ok(None) };
        if !self.seen.insert(name.clone()) {
            return Err(Wrong::new("duplicate-field").within(name));
        }
        let key = seed.deserialize(StrDeserializer::new(&name));
        let key = key.map_err(|wrong: Wrong| wrong.within(name.clone()))?;
        self.value = Some((name, node));
        Ok(Some(key))
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Wrong> {
        let (name, node) = self.value.take().unwrap_or((String::new(), Node::Null));
        seed.deserialize(node).map_err(|wrong| wrong.within(name))
    }
}

#[cfg(test)]
mod tests;
