//! What happens around every request: where it may come from, which headers go out, and the face of
//! whatever went wrong.

use actix_web::body::{self, BodySize, BoxBody, EitherBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Next;
use actix_web::{Error as ActixError, HttpMessage, HttpRequest, HttpResponse, cookie, error, web};

use crate::web::app::App;
use crate::web::cache;
use crate::web::embed;
use crate::web::failure::{Failure, Presented, present};
use crate::web::page::see_other;
use crate::web::proxies;
use crate::web::server::RequestId;
use crate::web::visitor::{SECOND_FACTOR, Visitor, chosen_language, language_cookie, session_cookie};

/// Everything comes from this server; scripts and styles only from its files.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
     font-src 'self'; connect-src 'self'; manifest-src 'self'; worker-src 'self'; form-action 'self'; \
     base-uri 'none'; frame-ancestors ";

/// Refuses requests that change something and come from another site, and addresses that nothing has.
pub async fn same_site<B: MessageBody>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B>>, ActixError> {
    // No address of ours holds a zero byte, and PostgreSQL takes none in a text.
    let zero = request.uri().path().contains("%00");
    let failure = match (zero, is_same_site(request.request())) {
        (true, _) => Failure::NOT_FOUND,
        (false, false) => Failure::CrossSite,
        (false, true) => return Ok(next.call(request).await?.map_into_left_body()),
    };
    let (request, _) = request.into_parts();
    let refused = present(&request, &failure);
    Ok(ServiceResponse::new(request, refused).map_into_right_body())
}

/// Whether a page of ours sent this request, or it changes nothing, or nothing that a browser adds by
/// itself makes it mighty.
pub(super) fn is_same_site(request: &HttpRequest) -> bool {
    if matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS) {
        return true;
    }
    let header = |name: &str| request.headers().get(name).and_then(|v| v.to_str().ok());
    let app = request.app_data::<web::Data<App>>();
    let carries_cookie = match app {
        Some(app) => request.cookie(session_cookie(app)).is_some(),
        None => request.headers().contains_key(header::COOKIE),
    };
    if request.path().starts_with("/api/") && (header("authorization").is_some() || !carries_cookie) {
        // Nothing that a browser adds by itself makes this request mighty.
        return true;
    }
    match header("sec-fetch-site") {
        Some(site) => matches!(site, "same-origin" | "none"),
        None => match header("origin") {
            Some(origin) => {
                let host = proxies::origin(request).host;
                app.is_some_and(|app| app.public_url() == origin)
                    || origin.split_once("://").is_some_and(|(_, rest)| rest == host)
            }
            // Neither header: not a browser of this decade. Without a session there is nothing to forge.
            None => !carries_cookie,
        },
    }
}

/// Reads once for all how the answer may be packed. Only one way is known, so that one is asked for, or none:
/// who likes neither packed nor plain bytes is given plain ones, which RFC 9110 (section 12.5.3) leaves to us,
/// and not the compressor's bare 406. What comes of it is said once.
pub async fn encodings(
    mut request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, ActixError> {
    let gzip = cache::takes_gzip(request.request());
    let headers = request.headers_mut();
    headers.remove(header::ACCEPT_ENCODING);
    if gzip {
        headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static("gzip"));
    }
    let mut response = next.call(request).await?;
    let headers = response.headers_mut();
    // Said within, so that nobody packs it; outside it is said by saying nothing (RFC 9110 section 8.4).
    if headers.get(header::CONTENT_ENCODING).is_some_and(|encoding| encoding == "identity") {
        headers.remove(header::CONTENT_ENCODING);
    }
    vary_once(headers);
    Ok(response)
}

/// Everybody on the way adds what the answer depends on; each is said once, in one line.
fn vary_once(headers: &mut HeaderMap) {
    let mut said: Vec<String> = Vec::new();
    for value in headers.get_all(header::VARY).filter_map(|value| value.to_str().ok()) {
        for name in value.split(',').map(str::trim) {
            if !said.iter().any(|known| known.eq_ignore_ascii_case(name)) {
                said.push(name.to_owned());
            }
        }
    }
    if let Ok(value) = HeaderValue::from_str(&said.join(", "))
        && !said.is_empty()
    {
        headers.insert(header::VARY, value);
    }
}

/// What has a tag and is packed, if at all, by the compressor around us: its tag says then that it is the same
/// thing, not that it is the same bytes. Plain and packed bytes must not have one strong tag.
fn loosen_tag(headers: &mut HeaderMap, gzip: bool) {
    let Some(tag) = headers.get(header::ETAG).and_then(|tag| tag.to_str().ok()) else { return };
    if headers.contains_key(header::CONTENT_ENCODING) {
        return;
    }
    if gzip
        && !tag.starts_with("W/")
        && let Ok(weak) = HeaderValue::from_str(&format!("W/{tag}"))
    {
        headers.insert(header::ETAG, weak);
    }
    headers.append(header::VARY, HeaderValue::from_static("Accept-Encoding"));
}

/// The largest page that is packed whole, in bytes.
const PACKED_MAX: u64 = 256 * 1024;

/// Packs pages well, where the compressor around it would pack them fast: the fifth less that a phone
/// has to fetch is worth the fraction of a millisecond. What is long or streamed is left to it.
pub async fn packed(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, ActixError> {
    let gzip = cache::takes_gzip(request.request());
    let mut response = next.call(request).await?.map_into_boxed_body();
    loosen_tag(response.headers_mut(), gzip);
    let headers = response.headers();
    let page =
        headers.get(header::CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
    let short = matches!(response.response().body().size(), BodySize::Sized(1..=PACKED_MAX));
    if !gzip || !page || !short || headers.contains_key(header::CONTENT_ENCODING) {
        return Ok(response);
    }
    let (request, response) = response.into_parts();
    let (response, body) = response.into_parts();
    let plain = body::to_bytes(body).await.map_err(|e| error::ErrorInternalServerError(e.to_string()))?;
    let mut response = response.set_body(cache::packed(&plain)?).map_into_boxed_body();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    headers.append(header::VARY, HeaderValue::from_static("Accept-Encoding"));
    Ok(ServiceResponse::new(request, response))
}

/// Says under which id the log speaks of this request.
pub async fn numbered(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, ActixError> {
    let id = request.extensions().get::<RequestId>().and_then(|id| HeaderValue::from_str(&id.0).ok());
    let mut response = next.call(request).await?;
    if let Some(id) = id {
        response.headers_mut().insert(HeaderName::from_static("x-request-id"), id);
    }
    Ok(response)
}

/// Adds what every answer carries, and keeps the language that was asked for in the address.
pub async fn headers(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, ActixError> {
    let app = request.app_data::<web::Data<App>>().cloned();
    let visitor = Visitor::of(request.request());
    let path = request.path().to_owned();
    let private = ["/admin", "/receipts/", "/surveys/", "/embed/receipts/", "/embed/surveys/"];
    let secret = ["/invitations/", "/login", "/setup/"];
    let private = private.iter().chain(&secret).any(|p| path.starts_with(p));
    // What a program or somebody logged in is told may be for them alone.
    let theirs = path.starts_with("/api/")
        && (request.headers().contains_key(header::AUTHORIZATION)
            || app.as_ref().is_some_and(|app| request.cookie(session_cookie(app)).is_some()));
    // The same bytes whoever asks.
    let everybodys = ["/assets/", "/favicon.ico"].iter().any(|p| path.starts_with(p));
    let kept = chosen_language(request.request());
    // Only whoever reads a page of ours chooses; a program, a picture or a frame in another site does not.
    let page = !embed::is_embedded(&path)
        && (!path.starts_with("/api/") || path == "/api/docs")
        && !path.rsplit('/').next().is_some_and(|name| name.contains('.'));
    let chosen = visitor.asked_language.filter(|asked| page && kept != Some(*asked));
    let encrypted = proxies::origin(request.request()).https;
    // Before there is a database nobody knows the public address; a browser that has the guarded cookie does.
    let guarded = match &app {
        Some(app) => app.is_https(),
        None => encrypted || request.cookie(language_cookie(true)).is_some(),
    };
    let mut response = next.call(request).await?;
    let https = encrypted || app.as_ref().is_some_and(|app| app.is_https());
    let ancestors = app.map_or_else(|| "'none'".to_owned(), |app| embed::ancestors(&path, &app.settings()));
    let headers = response.headers_mut();
    let set = |headers: &mut HeaderMap, name: &'static str, value: &'static str| {
        headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    };
    // A picture brings a stricter one.
    if !headers.contains_key(header::CONTENT_SECURITY_POLICY)
        && let Ok(policy) = HeaderValue::from_str(&format!("{POLICY}{ancestors}"))
    {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    set(headers, "x-content-type-options", "nosniff");
    // No other site learns an address of ours. Under `no-referrer` browsers would also say `Origin: null` with
    // our own forms, and those that send no Sec-Fetch-Site could not be told from strangers.
    set(headers, "referrer-policy", "same-origin");
    set(headers, "cross-origin-opener-policy", "same-origin");
    set(headers, "permissions-policy", "camera=(self), geolocation=(), microphone=()");
    if https {
        set(headers, "strict-transport-security", "max-age=31536000");
    }
    if private {
        set(headers, "cache-control", "no-store");
    } else if !headers.contains_key(header::CACHE_CONTROL) {
        // What is not said to be the same for all is kept by nobody between us and the reader.
        set(headers, "cache-control", if theirs { "no-store" } else { "private, no-cache" });
    }
    if !everybodys {
        headers.append(header::VARY, HeaderValue::from_static("Accept-Language, Cookie"));
    }
    if let Some(language) = chosen {
        let cookie = cookie::Cookie::build(language_cookie(guarded), language.code())
            .path("/")
            .same_site(cookie::SameSite::Lax)
            .secure(https || guarded)
            .http_only(true)
            .max_age(cookie::time::Duration::days(365))
            .finish();
        response.response_mut().add_cookie(&cookie)?;
        // An answer that sets a cookie is for one reader; one that nobody may keep stays so. What is said to
        // CDNs alone goes before what is said to all.
        let headers = response.headers_mut();
        headers.remove(cache::CDN.0);
        if headers.get(header::CACHE_CONTROL).is_none_or(|kept| kept != "no-store") {
            set(headers, "cache-control", "private, no-cache");
        }
    }
    if encrypted {
        secure_cookies(response.headers_mut());
    }
    Ok(response)
}

/// What came encrypted sets no cookie that would ever travel otherwise.
fn secure_cookies(headers: &mut HeaderMap) {
    let cookies: Vec<HeaderValue> = headers.remove(header::SET_COOKIE).collect();
    for cookie in cookies {
        let text = cookie.to_str().unwrap_or_default();
        let secure = text.split(';').any(|part| part.trim().eq_ignore_ascii_case("secure"));
        let mended = (!secure).then(|| HeaderValue::from_str(&format!("{text}; Secure")).ok()).flatten();
        headers.append(header::SET_COOKIE, mended.unwrap_or(cookie));
    }
}

/// Gives every failure its face: a page, or a problem document below `/api/`.
pub async fn failures<B: MessageBody>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B>>, ActixError> {
    // The request must not be held while it is routed: the router wants it for itself. Handlers'
    // errors come back as answers that carry them.
    let response = next.call(request).await?;
    let status = response.status();
    let known = response.response().extensions().get::<Presented>().is_some();
    let bare = response.response().headers().get(header::CONTENT_TYPE).is_none();
    if known
        || !(status.is_client_error() || status.is_server_error())
        || (!bare && response.response().error().is_none())
    {
        return Ok(response.map_into_left_body());
    }
    let request = response.request().clone();
    let mut presented = faced(&request, response.response().error(), Some(status));
    if let Some(taken) = response.headers().get(header::ALLOW) {
        presented.headers_mut().insert(header::ALLOW, taken.clone());
    }
    Ok(ServiceResponse::new(request, presented).map_into_right_body())
}

fn faced(request: &HttpRequest, error: Option<&ActixError>, status: Option<StatusCode>) -> HttpResponse {
    if let Some(failure) = error.and_then(|e| e.as_error::<Failure>()) {
        let page = !request.path().starts_with("/api/");
        if page
            && matches!(failure, Failure::Unauthenticated)
            && matches!(*request.method(), Method::GET | Method::HEAD)
        {
            let next: String = form_urlencoded::byte_serialize(
                request.uri().path_and_query().map_or("/admin/", |p| p.as_str()).as_bytes(),
            )
            .collect();
            return see_other(&format!("/login?next={next}"));
        }
        if page && matches!(failure, Failure::SecondFactorNeeded) && *request.method() == Method::GET {
            return see_other(SECOND_FACTOR);
        }
        return present(request, failure);
    }
    let status = status.or_else(|| error.map(|e| e.as_response_error().status_code()));
    match status {
        Some(StatusCode::METHOD_NOT_ALLOWED) => present(request, &Failure::MethodNotAllowed),
        Some(StatusCode::PAYLOAD_TOO_LARGE) => present(request, &Failure::TooLarge),
        Some(StatusCode::INTERNAL_SERVER_ERROR) | None => {
            let why = error.map_or_else(|| "no error given".to_owned(), ToString::to_string);
            present(request, &Failure::Store(crate::store::Error::Internal(why)))
        }
        // What is left are addresses whose parts could not be read.
        Some(_) => present(request, &Failure::NOT_FOUND),
    }
}
