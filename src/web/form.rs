//! What a form or a programming client sent, read once at the door.

use std::pin::Pin;
use std::time::Duration;

use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::web::BytesMut;
use actix_web::{FromRequest, HttpMessage, HttpRequest};
use futures_util::StreamExt;
use serde::de::DeserializeOwned;

use crate::domain::fields::FieldErrors;
use crate::domain::json;
use crate::domain::secret::IdempotencyKey;
use crate::web::failure::Failure;
use crate::web::unsent::Sent;

/// The longest body taken, in bytes: a notice of 20,000 Chinese characters in each language takes
/// nine bytes a character in a form.
pub const BODY_MAX: usize = 1024 * 1024;

/// How long a body may take to arrive; who is slower is let go.
pub const BODY_TIME: Duration = Duration::from_secs(15);

async fn body(request: &HttpRequest, mut payload: Payload, kind: &str) -> Result<BytesMut, Failure> {
    let sent = request.headers().get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default();
    if !sent.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case(kind) {
        return Err(Failure::UnsupportedType);
    }
    let mut bytes = BytesMut::new();
    let until = tokio::time::Instant::now() + BODY_TIME;
    while let Some(chunk) =
        tokio::time::timeout_at(until, payload.next()).await.map_err(|_| Failure::TooSlow)?
    {
        let chunk = chunk.map_err(|_| FieldErrors::one("body", "bad-text"))?;
        if bytes.len() + chunk.len() > BODY_MAX {
            return Err(Failure::TooLarge);
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

/// The fields of a form, as typed: only line breaks, which browsers send as CR LF, are made LF.
#[derive(Debug, Clone, Default)]
pub struct Form(Vec<(String, String)>);

impl Form {
    /// The first value of this field; nothing typed is the empty text.
    pub fn get(&self, name: &str) -> &str {
        self.0.iter().find(|(n, _)| n == name).map_or("", |(_, v)| v.as_str())
    }

    /// Every value of this field.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(n, _)| n == name).map(|(_, v)| v.as_str())
    }

    /// Whether the field was sent at all, as ticked boxes are.
    pub fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(n, _)| n == name)
    }

    /// Whether the field was sent with this value, as one of several ticked boxes is.
    pub fn has_value(&self, name: &str, value: &str) -> bool {
        self.0.iter().any(|(n, v)| n == name && v == value)
    }

    /// All fields in order.
    pub fn pairs(&self) -> &[(String, String)] {
        &self.0
    }

    /// The form with this field set, for a first showing with presets.
    pub fn set(mut self, name: &str, value: impl Into<String>) -> Form {
        self.0.retain(|(n, _)| n != name);
        self.0.push((name.to_owned(), value.into()));
        self
    }

    /// The form with every field of another one in the place of its own.
    pub fn over(self, other: &Form) -> Form {
        other.0.iter().fold(self, |form, (name, value)| form.set(name, value.clone()))
    }

    /// The form with one more value of this field.
    pub fn add(mut self, name: &str, value: impl Into<String>) -> Form {
        self.0.push((name.to_owned(), value.into()));
        self
    }

    /// Reads the body of a form. Bytes that are not UTF-8 are refused with the field they are in.
    pub fn parse(bytes: &[u8]) -> Result<Form, FieldErrors> {
        let mut pairs = Vec::new();
        for piece in bytes.split(|b| *b == b'&').filter(|p| !p.is_empty()) {
            for (name, value) in form_urlencoded::parse(piece) {
                // The parser puts U+FFFD in place of what is not UTF-8; somebody may also have typed one.
                let typed = String::from_utf8_lossy(piece).to_uppercase();
                if value.contains('\u{FFFD}') && !typed.contains("%EF%BF%BD") {
                    return Err(FieldErrors::one(name.into_owned(), "bad-text"));
                }
                pairs.push((name.into_owned(), value.replace("\r\n", "\n")));
            }
        }
        Ok(Form(pairs))
    }
}

impl FromRequest for Form {
    type Error = Failure;
    type Future = Pin<Box<dyn Future<Output = Result<Form, Failure>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, payload) = (request.clone(), payload.take());
        Box::pin(async move {
            let bytes = body(&request, payload, "application/x-www-form-urlencoded").await?.freeze();
            // Whatever becomes of it, nobody has to type it twice.
            request.extensions_mut().insert(Sent(bytes.clone()));
            Ok(Form::parse(&bytes)?)
        })
    }
}

/// A JSON body. Unknown fields are refused by the type (`deny_unknown_fields`); every refusal names
/// the field.
#[derive(Debug, Clone)]
pub struct Json<T>(pub T);

impl<T: DeserializeOwned + 'static> FromRequest for Json<T> {
    type Error = Failure;
    type Future = Pin<Box<dyn Future<Output = Result<Json<T>, Failure>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, payload) = (request.clone(), payload.take());
        Box::pin(async move {
            let bytes = body(&request, payload, "application/json").await?.freeze();
            request.extensions_mut().insert(Sent(bytes.clone()));
            Ok(Json(json::read("body", &bytes)?))
        })
    }
}

/// The key in the header `Idempotency-Key`, which a programming client must send.
#[derive(Debug, Clone)]
pub struct Idempotency(pub IdempotencyKey);

impl Idempotency {
    /// The key that came with a request.
    pub fn of(request: &HttpRequest) -> Result<Idempotency, FieldErrors> {
        let sent = request.headers().get("idempotency-key").and_then(|v| v.to_str().ok()).unwrap_or_default();
        IdempotencyKey::parse("Idempotency-Key", sent).map(Idempotency)
    }
}

impl FromRequest for Idempotency {
    type Error = Failure;
    type Future = std::future::Ready<Result<Idempotency, Failure>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        std::future::ready(Idempotency::of(request).map_err(Failure::from))
    }
}

/// The query of an address, as typed. A handler names the fields it knows; others are refused.
#[derive(Debug, Clone, Default)]
pub struct Query(Form);

impl Query {
    /// The first value of this field; nothing is the empty text.
    pub fn get(&self, name: &str) -> &str {
        self.0.get(name)
    }

    /// Whether the field was given.
    pub fn has(&self, name: &str) -> bool {
        self.0.has(name)
    }

    /// What a page may say was just done, of what it knows to say; anything else in the address is ignored.
    pub fn done(&self, known: &[&str]) -> String {
        known
            .iter()
            .find(|done| **done == self.get("done"))
            .map_or_else(String::new, |done| (*done).to_owned())
    }

    /// All fields in order.
    pub fn pairs(&self) -> &[(String, String)] {
        self.0.pairs()
    }

    /// Reads a query as it stands in an address, without its question mark.
    pub fn parse(text: &str) -> Result<Query, FieldErrors> {
        Form::parse(text.as_bytes()).map(Query)
    }

    /// Refuses fields that are not among `known` (and `lang`, which every address takes).
    pub fn only(self, known: &[&str]) -> Result<Query, FieldErrors> {
        let mut errors = FieldErrors::new();
        for (name, _) in self.0.pairs() {
            if name != "lang" && !known.contains(&name.as_str()) {
                errors.add(name.clone(), "unknown-field");
            }
        }
        errors.or(self)
    }
}

impl FromRequest for Query {
    type Error = Failure;
    type Future = std::future::Ready<Result<Query, Failure>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let read = Form::parse(request.query_string().as_bytes()).map(Query).map_err(Failure::from);
        std::future::ready(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_keep_what_was_typed() {
        let form = Form::parse("a=%E7%99%BB%E5%BD%95+1&b=x%0D%0Ay&a=2".as_bytes()).unwrap();
        assert_eq!(form.get("a"), "登录 1");
        assert_eq!(form.all("a").count(), 2);
        assert_eq!(form.get("b"), "x\ny");
        assert_eq!(form.get("c"), "");
    }

    #[test]
    fn bytes_that_are_no_text_are_refused_by_field() {
        let errors = Form::parse(b"ok=1&bad=%ff%fe").unwrap_err();
        assert_eq!((errors.0[0].field.as_str(), errors.0[0].code), ("bad", "bad-text"));
        assert!(Form::parse("typed=%EF%BF%BD".as_bytes()).is_ok());
    }
}
