//! Those who act in a story: a browser with its cookies, or a program with its token.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::time::Duration;

use awc::http::Method;
use awc::http::header::HeaderMap;

/// Somebody who asks the server for things. Redirects are not followed by themselves.
pub struct Actor {
    client: awc::Client,
    url: String,
    cookies: RefCell<BTreeMap<String, String>>,
    token: Option<String>,
    headers: Vec<(String, String)>,
}

impl Actor {
    pub(super) fn new(url: &str) -> Actor {
        let client = awc::Client::builder()
            .disable_redirects()
            .no_default_headers()
            .timeout(Duration::from_secs(60))
            .finish();
        let actor =
            Actor { client, url: url.to_owned(), cookies: RefCell::default(), token: None, headers: vec![] };
        actor.with_header("accept-language", "en")
    }

    /// Somebody who asks a server that runs as a process of its own.
    pub fn at(url: &str) -> Actor {
        Actor::new(url)
    }

    /// The same, with this cookie.
    pub fn with_cookie(self, name: &str, value: &str) -> Actor {
        self.cookies.borrow_mut().insert(name.to_owned(), value.to_owned());
        self
    }

    /// The same, with this bearer token.
    pub fn with_token(mut self, token: &str) -> Actor {
        self.token = Some(token.to_owned());
        self
    }

    /// The same, sending this header with every request.
    pub fn with_header(mut self, name: &str, value: &str) -> Actor {
        self.headers.retain(|(n, _)| n != name);
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The same, reading Chinese.
    pub fn reading_chinese(self) -> Actor {
        self.with_header("accept-language", "zh-CN")
    }

    /// Asks with any method, headers and body.
    pub async fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: Vec<u8>) -> Reply {
        let method = Method::from_bytes(method.to_uppercase().as_bytes()).unwrap();
        let url = if path.starts_with("http") { path.to_owned() } else { format!("{}{path}", self.url) };
        let mut request = self.client.request(method, url);
        for (name, value) in &self.headers {
            request = request.insert_header((name.as_str(), value.as_str()));
        }
        for (name, value) in headers {
            request = request.insert_header((*name, *value));
        }
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        let cookies: Vec<String> = self.cookies.borrow().iter().map(|(n, v)| format!("{n}={v}")).collect();
        if !cookies.is_empty() {
            request = request.insert_header(("cookie", cookies.join("; ")));
        }
        let mut response = request.send_body(body).await.unwrap();
        for cookie in response.headers().get_all("set-cookie") {
            let pair = cookie.to_str().unwrap().split(';').next().unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            match value {
                "" => self.cookies.borrow_mut().remove(name),
                value => self.cookies.borrow_mut().insert(name.to_owned(), value.to_owned()),
            };
        }
        let bytes = response.body().limit(256 * 1024 * 1024).await.unwrap().to_vec();
        Reply {
            path: path.to_owned(),
            status: response.status().as_u16(),
            headers: response.headers().clone(),
            bytes,
        }
    }

    /// Asks for a page or anything else.
    pub async fn get(&self, path: &str) -> Reply {
        self.send("get", path, &[], vec![]).await
    }

    /// Asks for JSON, which must come.
    pub async fn get_json(&self, path: &str) -> serde_json::Value {
        self.get(path).await.is(200).json()
    }

    /// Sends a form from a page of the same site.
    pub async fn post_form(&self, path: &str, fields: &[(&str, &str)]) -> Reply {
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let headers =
            [("content-type", "application/x-www-form-urlencoded"), ("sec-fetch-site", "same-origin")];
        self.send("post", path, &headers, body.into_bytes()).await
    }

    /// Sends JSON with this method.
    pub async fn send_json(&self, method: &str, path: &str, value: &serde_json::Value) -> Reply {
        let headers = [("content-type", "application/json"), ("sec-fetch-site", "same-origin")];
        self.send(method, path, &headers, value.to_string().into_bytes()).await
    }

    /// Posts JSON.
    pub async fn post_json(&self, path: &str, value: serde_json::Value) -> Reply {
        self.send_json("post", path, &value).await
    }

    /// Posts JSON under an idempotency key.
    pub async fn post_json_once(&self, path: &str, key: &str, value: serde_json::Value) -> Reply {
        let headers = [("content-type", "application/json"), ("idempotency-key", key)];
        self.send("post", path, &headers, value.to_string().into_bytes()).await
    }

    /// Patches with JSON.
    pub async fn patch_json(&self, path: &str, value: serde_json::Value) -> Reply {
        self.send_json("patch", path, &value).await
    }

    /// Puts JSON.
    pub async fn put_json(&self, path: &str, value: serde_json::Value) -> Reply {
        self.send_json("put", path, &value).await
    }

    /// Deletes.
    pub async fn delete(&self, path: &str) -> Reply {
        self.send("delete", path, &[("sec-fetch-site", "same-origin")], vec![]).await
    }
}

/// What the server answered.
#[derive(Debug)]
pub struct Reply {
    path: String,
    /// The HTTP status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub bytes: Vec<u8>,
}

impl Reply {
    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8(self.bytes.clone()).unwrap()
    }

    /// The body as JSON.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.bytes)
            .unwrap_or_else(|e| panic!("{}: {e} in {}", self.path, self.text()))
    }

    /// A header, or nothing.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |v| v.to_str().unwrap())
    }

    /// Where a redirect leads.
    pub fn location(&self) -> &str {
        self.header("location")
    }

    /// What a reader of the page sees: no tags, no entities, single blanks.
    pub fn visible(&self) -> String {
        let text = self.text();
        let mut seen = String::new();
        let mut rest = text.as_str();
        while let Some(at) = rest.find('<') {
            seen.push_str(&rest[..at]);
            let inline = ["<b", "<strong", "<em", "<span", "<a ", "<time", "<code", "</"]
                .iter()
                .any(|tag| rest[at..].starts_with(tag));
            if !inline {
                seen.push(' ');
            }
            rest = rest[at..].find('>').map_or("", |end| &rest[at + end + 1..]);
        }
        seen.push_str(rest);
        let seen = seen
            .replace("&#60;", "<")
            .replace("&#62;", ">")
            .replace("&#34;", "\"")
            .replace("&#39;", "'")
            .replace("&lt;", "<")
            .replace("&gt;", ">")
            .replace("&quot;", "\"")
            .replace("&nbsp;", " ")
            .replace("&#38;", "&")
            .replace("&amp;", "&");
        seen.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// It has this status.
    #[track_caller]
    pub fn is(self, status: u16) -> Reply {
        assert_eq!(self.status, status, "{} answered: {}", self.path, self.text());
        self
    }

    /// A reader sees this, or the body holds it literally.
    #[track_caller]
    pub fn says(self, what: &str) -> Reply {
        let found = self.visible().contains(what) || self.text().contains(what);
        assert!(found, "{} does not say {what:?}: {}", self.path, self.visible());
        self
    }

    /// Neither a reader sees this nor does the body hold it.
    #[track_caller]
    pub fn lacks(self, what: &str) -> Reply {
        let found = self.visible().contains(what) || self.text().contains(what);
        assert!(!found, "{} says {what:?}", self.path);
        self
    }

    /// It leads on to this address (303).
    #[track_caller]
    pub fn goes_to(self, path: &str) -> Reply {
        assert_eq!((self.status, self.location()), (303, path), "{} answered: {}", self.path, self.text());
        self
    }

    /// It is a problem document with this status that names this field (`""`: names none).
    #[track_caller]
    pub fn shows_problem(self, status: u16, field: &str) -> Reply {
        let reply = self.is(status);
        assert_eq!(reply.header("content-type"), "application/problem+json");
        let problem = reply.json();
        let fields: Vec<_> =
            problem["errors"].as_array().unwrap().iter().map(|e| e["field"].as_str().unwrap()).collect();
        let good = if field.is_empty() { fields.is_empty() } else { fields.contains(&field) };
        assert!(good, "{} names {fields:?}, not {field:?}: {problem}", reply.path);
        reply
    }

    /// It is a page (not JSON) with this status whose field is marked with a message.
    #[track_caller]
    pub fn shows_form_again(self, field: &str) -> Reply {
        let reply = self.is(422);
        let marked = reply.text().contains(&format!("id=\"{field}-error\""));
        assert!(marked, "{} does not mark {field:?}: {}", reply.path, reply.visible());
        reply
    }
}
