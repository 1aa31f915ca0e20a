//! Origins (RFC 6454): of other sites, which may show our forms inside a page of theirs, and our own.

use std::collections::BTreeSet;
use std::fmt;

use crate::domain::fields::FieldErrors;

/// How many origins may be listed.
pub const ORIGINS_MAX: usize = 50;

/// A site's origin as browsers write it: `https://shop.example.com`, with its port where that is not
/// the usual one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Origin(String);

impl Origin {
    /// Reads an origin as somebody types or copies it; a single slash at its end does no harm.
    pub fn parse(text: &str) -> Option<Origin> {
        read(text, b"-").map(Origin)
    }

    /// Reads a list, one a line.
    ///
    /// Errors: `bad-origin` (`origin`: the line), `too-many` (`max`, `count`).
    pub fn list(field: &str, text: &str) -> Result<BTreeSet<Origin>, FieldErrors> {
        let mut errors = FieldErrors::new();
        let mut found = BTreeSet::new();
        for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
            match Origin::parse(line) {
                Some(origin) => drop(found.insert(origin)),
                None => {
                    let shown = line.chars().take(100).collect();
                    errors.add_with(field, "bad-origin", [("origin", shown)]);
                }
            }
        }
        if found.len() > ORIGINS_MAX {
            let (max, count) = (ORIGINS_MAX.to_string(), found.len().to_string());
            errors.add_with(field, "too-many", [("max", max), ("count", count)]);
        }
        // One wrong line is said; a hundred are not.
        errors.0.truncate(5);
        errors.or(found)
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The origin at which our own server is reached, as browsers write it. In networks of one's own, names have
/// underscores, which those of other sites may not have; everything else is as in [`Origin::parse`].
pub fn own(text: &str) -> Option<String> {
    read(text, b"-_")
}

/// `signs` are what names are made of besides letters and digits.
fn read(text: &str, signs: &[u8]) -> Option<String> {
    let text = text.trim().to_ascii_lowercase();
    let (scheme, rest) = text.split_once("://")?;
    let usual = match scheme {
        "https" => "443",
        "http" => "80",
        _ => return None,
    };
    let rest = rest.strip_suffix('/').unwrap_or(rest);
    let (host, port) = match rest.rfind(':') {
        Some(at) if !rest.ends_with(']') => (&rest[..at], Some(&rest[at + 1..])),
        _ => (rest, None),
    };
    if !is_host(host, signs) {
        return None;
    }
    let Some(port) = port else { return Some(format!("{scheme}://{host}")) };
    if !port.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let number: u16 = port.parse().ok().filter(|n| *n > 0)?;
    let shown = number.to_string();
    Some(if shown == usual { format!("{scheme}://{host}") } else { format!("{scheme}://{host}:{shown}") })
}

/// A name, an IPv4 address, or an IPv6 address in brackets; nothing that means more to a
/// Content-Security-Policy than itself.
fn is_host(host: &str, signs: &[u8]) -> bool {
    if let Some(inner) = host.strip_prefix('[').and_then(|h| h.strip_suffix(']')) {
        return inner.parse::<std::net::Ipv6Addr>().is_ok();
    }
    let label = |l: &str| {
        !l.is_empty()
            && l.len() <= 63
            && l.bytes().all(|b| b.is_ascii_alphanumeric() || signs.contains(&b))
            && !l.starts_with('-')
            && !l.ends_with('-')
    };
    host.len() <= 253 && host.split('.').all(label)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn origins_are_written_as_browsers_write_them() {
        let read = |t: &str| Origin::parse(t).map(|o| o.0);
        assert_eq!(read(" HTTPS://Shop.Example.com:443/ ").as_deref(), Some("https://shop.example.com"));
        assert_eq!(read("http://127.0.0.1:8081").as_deref(), Some("http://127.0.0.1:8081"));
        assert_eq!(read("http://[::1]:80").as_deref(), Some("http://[::1]"));
        assert_eq!(read("https://xn--fiq228c.cn").as_deref(), Some("https://xn--fiq228c.cn"));
        for bad in [
            "",
            "*",
            "https://*",
            "https://*.example.com",
            "example.com",
            "https://",
            "https://a/b",
            "https://a b",
            "https://a;b",
            "https://a:0",
            "https://a:99999",
            "https://a:",
            "javascript://a",
            "https://u@a",
            "null",
            "https://例子.cn",
            "https://a.",
            "'self'",
            "https://[x]",
            "https://-a",
        ] {
            assert_eq!(read(bad), None, "{bad}");
        }
    }

    #[test]
    fn wrong_lines_are_named() {
        let errors = Origin::list("o", "https://a.example\n*\n\nhttps://b.example").unwrap_err();
        assert_eq!(
            (errors.0.len(), errors.0[0].code, errors.0[0].params["origin"].as_str()),
            (1, "bad-origin", "*")
        );
        assert_eq!(Origin::list("o", "https://a\r\nhttps://a/\n").unwrap().len(), 1);
        let many: String = (0..60).map(|n| format!("https://a{n}\n")).collect();
        assert_eq!(Origin::list("o", &many).unwrap_err().0[0].code, "too-many");
    }

    proptest! {
        /// Whatever is typed, nothing gets into a header that ends a directive or widens it.
        #[test]
        fn an_origin_is_one_word(text in ".{0,40}", host in "[a-z*;, '.:/\\[\\]]{0,20}") {
            for text in [text, format!("https://{host}")] {
                if let Some(origin) = Origin::parse(&text) {
                    let good = |b: u8| b.is_ascii_alphanumeric() || b"-.:/[]".contains(&b);
                    prop_assert!(origin.as_str().bytes().all(good));
                    prop_assert_eq!(Origin::parse(origin.as_str()), Some(origin));
                }
            }
        }
    }
}
