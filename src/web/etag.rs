//! Tags by which those who ask again are told that nothing changed, and by which changes say what
//! they were made of.

use actix_web::http::header::{self, ETag, EntityTag, Header, IfMatch, IfNoneMatch};
use actix_web::http::{Method, StatusCode};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder};
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::domain::fields::FieldErrors;
use crate::store::Error;
use crate::web::failure::Failure;

/// The first 64 bits of a hash, in hexadecimal.
pub fn digest(bytes: &[u8]) -> String {
    Sha256::digest(bytes)[..8].iter().map(|b| format!("{b:02x}")).collect()
}

/// The tag of something that has a sequence and an appearance: `"7-0123456789abcdef"`.
pub fn tag(sequence: i64, bytes: &[u8]) -> EntityTag {
    EntityTag::new_strong(format!("{sequence}-{}", digest(bytes)))
}

/// Whether the one who asks has the bytes with this tag already.
pub fn is_known(request: &HttpRequest, tag: &EntityTag) -> bool {
    match IfNoneMatch::parse(request) {
        Ok(IfNoneMatch::Any) => request.headers().contains_key(header::IF_NONE_MATCH),
        Ok(IfNoneMatch::Items(tags)) => tags.iter().any(|known| known.weak_eq(tag)),
        Err(_) => false,
    }
}

/// What a program is answered, with its tag; only that nothing changed, if it asks whether something did
/// (`If-None-Match`).
pub fn json<T: Serialize>(
    request: &HttpRequest,
    mut response: HttpResponseBuilder,
    sequence: i64,
    value: &T,
) -> HttpResponse {
    let body = match serde_json::to_vec(value) {
        Ok(body) => body,
        Err(error) => return HttpResponse::from_error(Failure::from(Error::Internal(error.to_string()))),
    };
    let tag = tag(sequence, &body);
    response.insert_header(ETag(tag.clone()));
    if matches!(*request.method(), Method::GET | Method::HEAD) && is_known(request, &tag) {
        return response.status(StatusCode::NOT_MODIFIED).finish();
    }
    response.content_type("application/json").body(body)
}

/// The tags of which a change is made, as `If-Match` says them; nothing if it says none or `*`. For what
/// has no sequence that rises with every change, such as a receipt: it is told by its bytes alone.
///
/// Errors: `bad-etag` at `If-Match`.
pub fn stated_tags(request: &HttpRequest) -> Result<Option<Vec<EntityTag>>, FieldErrors> {
    if !request.headers().contains_key(header::IF_MATCH) {
        return Ok(None);
    }
    match IfMatch::parse(request) {
        Ok(IfMatch::Any) => Ok(None),
        Ok(IfMatch::Items(tags)) if !tags.is_empty() => Ok(Some(tags)),
        _ => Err(FieldErrors::one("If-Match", "bad-etag")),
    }
}

/// Whether what is there now is what a change was made of, as [`stated_tags`] has it.
pub fn is_stated<T: Serialize>(stated: Option<&[EntityTag]>, sequence: i64, value: &T) -> bool {
    stated.is_none_or(|tags| {
        serde_json::to_vec(value).is_ok_and(|body| {
            let now = tag(sequence, &body);
            tags.iter().any(|stated| stated.weak_eq(&now))
        })
    })
}

/// The one sequence that a change is made of, as `If-Match` says it (`"7"` and `"7-…"` alike); nothing
/// if it says none or `*`. Of what has no sequence see [`stated_tags`].
///
/// Errors: `bad-etag` at `If-Match`.
pub fn stated_sequence(request: &HttpRequest) -> Result<Option<i64>, FieldErrors> {
    let Some(value) = request.headers().get(header::IF_MATCH) else { return Ok(None) };
    let bad = || FieldErrors::one("If-Match", "bad-etag");
    let text = value.to_str().map_err(|_| bad())?.trim();
    if text == "*" {
        return Ok(None);
    }
    let inner = text.strip_prefix("W/").unwrap_or(text);
    let inner = inner.strip_prefix('"').and_then(|t| t.strip_suffix('"')).ok_or_else(bad)?;
    inner.split('-').next().unwrap_or_default().parse().map(Some).map_err(|_| bad())
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;

    #[test]
    fn the_sequence_is_read_from_any_tag_of_ours() {
        let asked = |value: &str| {
            stated_sequence(&TestRequest::default().insert_header(("if-match", value)).to_http_request())
        };
        assert_eq!(asked("\"7\""), Ok(Some(7)));
        assert_eq!(asked("W/\"7-0123456789abcdef\""), Ok(Some(7)));
        assert_eq!(asked("*"), Ok(None));
        for bad in ["7", "\"x\"", "\"1\", \"2\"", "\""] {
            assert!(asked(bad).is_err(), "{bad}");
        }
        assert_eq!(stated_sequence(&TestRequest::default().to_http_request()), Ok(None));
    }

    #[test]
    fn a_change_is_made_of_one_of_the_tags_that_it_states() {
        let asked = |value: &str| {
            stated_tags(&TestRequest::default().insert_header(("if-match", value)).to_http_request())
        };
        let now = tag(3, br#""x""#).to_string();
        let fits = |value: &str| is_stated(asked(value).unwrap().as_deref(), 3, &"x");
        assert!(fits(&now));
        assert!(fits(&format!("\"other\", {now}")));
        assert!(fits("*"));
        assert!(!fits("\"other\""));
        assert!(asked("3").is_err());
        assert_eq!(stated_tags(&TestRequest::default().to_http_request()), Ok(None));
    }

    #[test]
    fn nobody_knows_a_tag_who_did_not_send_one() {
        let tag = tag(3, b"x");
        assert!(!is_known(&TestRequest::default().to_http_request(), &tag));
        let known = TestRequest::default().insert_header(("if-none-match", tag.to_string()));
        assert!(is_known(&known.to_http_request(), &tag));
    }
}
