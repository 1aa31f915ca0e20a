//! Style sheet, script and pictures, inside the program; read from the disk while developing.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::Write as _;
use std::sync::Mutex;

use actix_web::http::header::{self, ETag, EntityTag};
use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse, web};
use flate2::Compression;
use flate2::write::GzEncoder;
use rust_embed::RustEmbed;

use crate::store::Error;
use crate::web::cache::takes_gzip;
use crate::web::etag;
use crate::web::failure::Failure;

#[derive(RustEmbed)]
#[folder = "assets"]
struct Assets;

/// `GET /assets/{name}`
pub async fn show(request: HttpRequest, name: web::Path<String>) -> Result<HttpResponse, Failure> {
    let file = Assets::get(&name).ok_or(Failure::NOT_FOUND)?;
    let kind = match name.rsplit('.').next() {
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("webmanifest") => "application/manifest+json",
        _ => return Err(Failure::NOT_FOUND),
    };
    let hash: String = file.metadata.sha256_hash()[..8].iter().map(|b| format!("{b:02x}")).collect();
    let gzip = !name.ends_with(".png") && takes_gzip(&request);
    let tag = EntityTag::new_strong(format!("{hash}{}", if gzip { "-gz" } else { "" }));
    let fresh = etag::is_known(&request, &tag);
    let mut response = if fresh { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    response
        .insert_header(ETag(tag))
        .insert_header((header::CACHE_CONTROL, "public, max-age=300"))
        .append_header((header::VARY, "Accept-Encoding"))
        // Said in either case, so that nobody packs it again on the way out.
        .insert_header((header::CONTENT_ENCODING, if gzip { "gzip" } else { "identity" }));
    if fresh {
        return Ok(response.finish());
    }
    response.content_type(kind);
    if gzip {
        return Ok(response.body(packed(&name, &file.data, &hash)?));
    }
    Ok(response.body(slim(&name, &file.data).into_owned()))
}

/// A style sheet or script without what only its authors read: comments and indentation.
fn slim<'a>(name: &str, bytes: &'a [u8]) -> Cow<'a, [u8]> {
    let Ok(text) = std::str::from_utf8(bytes) else { return bytes.into() };
    let lines = |text: &str, left_out: &str| {
        let kept = text.lines().map(str::trim_start);
        let kept: Vec<&str> =
            kept.filter(|l| !l.is_empty() && (left_out.is_empty() || !l.starts_with(left_out))).collect();
        kept.join("\n").into_bytes().into()
    };
    if name.ends_with(".css") {
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("/*") {
            out.push_str(before);
            rest = after.split_once("*/").map_or("", |(_, rest)| rest);
        }
        out.push_str(rest);
        // Blanks that mean nothing; those around + and between selectors do.
        const TIGHT: [(&str, &str); 7] =
            [(" {", "{"), ("{ ", "{"), ("; ", ";"), (": ", ":"), (", ", ","), (" }", "}"), (";}", "}")];
        lines(&TIGHT.iter().fold(out, |text, (loose, tight)| text.replace(loose, tight)), "")
    } else if name.ends_with(".js") {
        // What is said in an empty block, too.
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("{ /* ") {
            out.push_str(before);
            out.push('{');
            rest = after.split_once(" */ }").map_or("", |(_, rest)| rest);
            out.push('}');
        }
        out.push_str(rest);
        lines(&out, "//")
    } else {
        bytes.into()
    }
}

/// The file packed as small as it gets, once for each of its versions.
fn packed(name: &str, bytes: &[u8], hash: &str) -> Result<Bytes, Failure> {
    static PACKED: Mutex<BTreeMap<String, (String, Bytes)>> = Mutex::new(BTreeMap::new());
    let mut packed = PACKED.lock().unwrap_or_else(|e| e.into_inner());
    if let Some((_, bytes)) = packed.get(name).filter(|(of, _)| of == hash) {
        return Ok(bytes.clone());
    }
    let bad = |e: std::io::Error| Error::Internal(format!("gzip: {e}"));
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(&slim(name, bytes)).map_err(bad)?;
    let made = Bytes::from(encoder.finish().map_err(bad)?);
    packed.insert(name.to_owned(), (hash.to_owned(), made.clone()));
    Ok(made)
}

/// The text of one of our files.
pub(super) fn text(name: &str) -> Option<String> {
    String::from_utf8(Assets::get(name)?.data.into_owned()).ok()
}

/// Another text whenever one of our files is another.
pub(super) fn version() -> String {
    let mut names: Vec<_> = Assets::iter().collect();
    names.sort();
    let mut all = Vec::new();
    for file in names.iter().filter_map(|name| Assets::get(name)) {
        all.extend_from_slice(&file.metadata.sha256_hash());
    }
    etag::digest(&all)
}

/// `GET /favicon.ico`: browsers ask for it whatever the page says.
pub async fn favicon(request: HttpRequest) -> Result<HttpResponse, Failure> {
    show(request, web::Path::from("favicon.svg".to_owned())).await
}

#[cfg(test)]
mod tests {

    #[test]
    fn comments_and_indentation_are_left_out() {
        let slim = |name: &str, text: &'static str| {
            String::from_utf8(super::slim(name, text.as_bytes()).into_owned()).unwrap()
        };
        assert_eq!(slim("a.css", "/* x\n y */\n  a { b: c; } /* z */\n\n  d {}\n"), "a{b:c} \nd{}");
        assert_eq!(
            slim("a.js", "// x\n  f(); // kept\n  // y\n\tg(\"//z\");\n"),
            "f(); // kept\ng(\"//z\");"
        );
        assert_eq!(slim("a.js", "try { f() } catch { /* none */ }\n"), "try { f() } catch {}");
        assert_eq!(slim("a.svg", "<!-- // -->\n  x"), "<!-- // -->\n  x");
    }
}
