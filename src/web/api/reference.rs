//! `/api/docs`: the document as a page that needs no script and no other server.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use serde_json::Value;

use super::DOCUMENT;
use crate::web::failure::Failure;
use crate::web::page::{Page, html};
use crate::web::routes::TABLE;
use crate::web::visitor::Visitor;

/// A piece of a type's name; the name of a schema leads to it.
struct Piece {
    text: String,
    schema: bool,
}

type Kind = Vec<Piece>;

struct Field {
    name: String,
    kind: Kind,
    required: bool,
    about: String,
}

struct Answer {
    status: String,
    kind: Kind,
    about: String,
}

struct Call {
    id: String,
    method: String,
    path: String,
    role: Option<&'static str>,
    title: String,
    about: String,
    parameters: Vec<Field>,
    body: Option<Kind>,
    answers: Vec<Answer>,
}

struct Schema {
    name: String,
    about: String,
    kind: Kind,
    codes: Vec<String>,
    fields: Vec<Field>,
}

struct Reference {
    version: String,
    groups: Vec<(String, Vec<Call>)>,
    schemas: Vec<Schema>,
}

static REFERENCE: LazyLock<Reference> = LazyLock::new(|| {
    let document = serde_json::to_value(&*DOCUMENT).unwrap_or_default();
    Reference {
        version: text(&document["info"]["version"]),
        groups: groups(&document["paths"]),
        schemas: entries(&document["components"]["schemas"]).map(|(n, s)| schema(n, s)).collect(),
    }
});

#[derive(Template)]
#[template(path = "api/reference.html")]
struct ReferencePage {
    page: Page,
    reference: &'static Reference,
}

/// `GET /api/docs`
pub async fn show(request: HttpRequest, visitor: Visitor) -> Result<HttpResponse, Failure> {
    html(&ReferencePage { page: Page::bare(&request, &visitor), reference: &REFERENCE })
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().trim().to_owned()
}

fn entries(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}

fn items(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

/// The calls by the noun that their address begins with, in the order of the route table.
fn groups(paths: &Value) -> Vec<(String, Vec<Call>)> {
    let mut groups: BTreeMap<String, Vec<Call>> = BTreeMap::new();
    for entry in TABLE {
        let call = &paths[entry.path][entry.method];
        if let (Some(rest), Some(_)) = (entry.path.strip_prefix("/api/v1/"), call.as_object()) {
            let noun = rest.split(['/', '.']).next().unwrap_or(rest).to_owned();
            let role = entry.role.map(|role| role.code());
            groups.entry(noun).or_default().push(read_call(entry.method, entry.path, role, call));
        }
    }
    groups.into_iter().collect()
}

fn read_call(method: &str, path: &str, role: Option<&'static str>, call: &Value) -> Call {
    let id = format!("{method}-{path}")
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '-' })
        .collect::<String>();
    Call {
        id: id.trim_end_matches('-').to_owned(),
        method: method.to_uppercase(),
        path: path.to_owned(),
        role,
        title: text(&call["summary"]),
        about: text(&call["description"]),
        parameters: items(&call["parameters"])
            .map(|p| Field {
                name: text(&p["name"]),
                kind: kind(&p["schema"]),
                required: p["required"].as_bool().unwrap_or_default(),
                about: text(&p["description"]),
            })
            .collect(),
        body: entries(&call["requestBody"]["content"]).next().map(|(_, body)| kind(&body["schema"])),
        answers: entries(&call["responses"])
            .filter(|(status, _)| *status != "default")
            .map(|(status, answer)| Answer {
                status: status.clone(),
                kind: entries(&answer["content"]).next().map(|(_, c)| kind(&c["schema"])).unwrap_or_default(),
                about: text(&answer["description"]),
            })
            .collect(),
    }
}

fn schema(name: &str, value: &Value) -> Schema {
    let required: Vec<&str> = items(&value["required"]).filter_map(Value::as_str).collect();
    Schema {
        name: name.to_owned(),
        about: text(&value["description"]),
        kind: if value["properties"].is_object() { Kind::new() } else { kind(value) },
        codes: items(&value["enum"]).filter_map(Value::as_str).map(str::to_owned).collect(),
        fields: entries(&value["properties"])
            .map(|(name, field)| Field {
                name: name.clone(),
                kind: kind(field),
                required: required.contains(&name.as_str()),
                about: text(&field["description"]),
            })
            .collect(),
    }
}

fn plain(text: impl Into<String>) -> Kind {
    vec![Piece { text: text.into(), schema: false }]
}

/// A type as people write it: `array of Window`, `string or null`.
fn kind(schema: &Value) -> Kind {
    if let Some(target) = schema["$ref"].as_str() {
        let name = target.rsplit('/').next().unwrap_or(target);
        return vec![Piece { text: name.to_owned(), schema: true }];
    }
    for choice in ["oneOf", "anyOf", "allOf"] {
        let kinds: Vec<Kind> = items(&schema[choice]).map(kind).filter(|k| !k.is_empty()).collect();
        if !kinds.is_empty() {
            return join(kinds, if choice == "allOf" { " and " } else { " or " });
        }
    }
    match &schema["type"] {
        Value::Array(types) => {
            join(types.iter().map(|one| simple(one.as_str().unwrap_or_default(), schema)).collect(), " or ")
        }
        Value::String(one) => simple(one, schema),
        _ => Kind::new(),
    }
}

fn simple(name: &str, schema: &Value) -> Kind {
    match name {
        "array" => {
            let mut pieces = plain("array of ");
            pieces.extend(kind(&schema["items"]));
            pieces
        }
        "object" if schema["additionalProperties"].is_object() => {
            let mut pieces = plain("object of ");
            pieces.extend(kind(&schema["additionalProperties"]));
            pieces
        }
        "string" if schema["format"] == "date-time" => plain("time"),
        name => plain(name),
    }
}

fn join(kinds: Vec<Kind>, between: &str) -> Kind {
    let mut joined = Kind::new();
    for kind in kinds {
        if !joined.is_empty() {
            joined.extend(plain(between));
        }
        joined.extend(kind);
    }
    joined
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn said(schema: Value) -> String {
        kind(&schema).into_iter().map(|p| p.text).collect()
    }

    #[test]
    fn types_are_said_as_people_write_them() {
        assert_eq!(said(json!({"$ref": "#/components/schemas/Window"})), "Window");
        assert_eq!(said(json!({"type": ["string", "null"], "format": "date-time"})), "time or null");
        assert_eq!(said(json!({"type": "array", "items": {"type": "integer"}})), "array of integer");
        let either = json!({"oneOf": [{"type": "null"}, {"$ref": "#/components/schemas/Stage"}]});
        assert_eq!(said(either), "null or Stage");
    }
}
