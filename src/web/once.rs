//! What may be sent under a key of the sender's: sent twice, it is done once and answered the same way.
//! Whoever sends no key says nothing about that.

use actix_web::{HttpMessage, HttpRequest};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::domain::fields::FieldErrors;
use crate::domain::secret::IdempotencyKey;
use crate::store::{Result, Write, idempotency};
use crate::web::form::{Form, Idempotency};
use crate::web::unsent::Sent;

/// A key, if one was sent, and what came under it.
pub(super) struct Once {
    key: Option<IdempotencyKey>,
    command: String,
}

impl Once {
    /// Of a call with a JSON body, which must have been read; however it is spelled, it is the same call.
    ///
    /// Errors: those of a key that is none.
    pub(super) fn of_call(request: &HttpRequest) -> std::result::Result<Once, FieldErrors> {
        if !request.headers().contains_key("idempotency-key") {
            return Ok(Once { key: None, command: String::new() });
        }
        let sent = request.extensions().get::<Sent>().map(|sent| sent.0.clone()).unwrap_or_default();
        let body: serde_json::Value = serde_json::from_slice(&sent).unwrap_or_default();
        // What it was made of belongs to it.
        let seen = request.headers().get("if-match").and_then(|v| v.to_str().ok()).unwrap_or_default();
        Ok(Once { key: Some(Idempotency::of(request)?.0), command: format!("{seen}\n{body}") })
    }

    /// Of a form with a field for the key. Errors: those of a key that is none.
    pub(super) fn of_form(form: &Form) -> std::result::Result<Once, FieldErrors> {
        let key = match form.get("idempotency_key") {
            "" => None,
            key => Some(IdempotencyKey::parse("idempotency_key", key)?),
        };
        Ok(Once { key, command: format!("{:?}", form.pairs()) })
    }

    /// Acts once under the key; without one, each time. `scope` names the call and what it is about.
    ///
    /// Errors: as [`idempotency::once`].
    pub(super) fn act<A: Serialize + DeserializeOwned>(
        &self,
        write: &mut Write<'_>,
        scope: &str,
        act: impl FnOnce(&mut Write<'_>) -> Result<A>,
    ) -> Result<A> {
        match &self.key {
            Some(key) => idempotency::once(write, scope, key, &self.command, act),
            None => act(write),
        }
    }
}
