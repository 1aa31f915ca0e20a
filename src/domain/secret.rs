//! Secrets: how they are written, derived and compared. None is ever stored but as a hash.

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::domain::fields::FieldErrors;
use crate::domain::reference::{MeTooReference, Receipted, ReportReference};

/// Crockford's base 32 in small letters: no i, l, o or u.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// Writes bytes in base 32, five bits a letter, the last letter filled with zero bits.
pub fn base32(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len() * 8 / 5 + 1);
    let (mut bits, mut held) = (0u32, 0u32);
    for byte in bytes {
        held = held << 8 | u32::from(*byte);
        bits += 8;
        while bits >= 5 {
            bits -= 5;
            out.push(ALPHABET[(held >> bits & 31) as usize] as char);
        }
        held &= (1 << bits) - 1;
    }
    if bits > 0 {
        out.push(ALPHABET[(held << (5 - bits) & 31) as usize] as char);
    }
    out
}

/// The SHA-256 of a secret in hexadecimal, the only form in which one is stored. Secrets here are
/// random or derived with at least 80 bits, so no slow hash is needed.
pub fn hash(secret: &str) -> String {
    hex(&Sha256::digest(secret.as_bytes()))
}

/// Whether this is the secret behind a stored hash, compared in constant time.
pub fn matches(secret: &str, stored_hash: &str) -> bool {
    hash(secret).as_bytes().ct_eq(stored_hash.as_bytes()).into()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut out, b| {
        out.push(char::from_digit(u32::from(b >> 4), 16).unwrap_or('0'));
        out.push(char::from_digit(u32::from(b & 15), 16).unwrap_or('0'));
        out
    })
}

/// The instance's own key, from which receipts are derived.
#[derive(Clone)]
pub struct InstanceKey([u8; 32]);

impl InstanceKey {
    /// The key written as it is kept.
    pub fn new(bytes: [u8; 32]) -> InstanceKey {
        InstanceKey(bytes)
    }

    /// Reads the key as it is kept: 64 hexadecimal digits.
    pub fn from_hex(text: &str) -> Option<InstanceKey> {
        let bytes: Vec<u8> = (0..text.len())
            .step_by(2)
            .map(|i| text.get(i..i + 2).and_then(|pair| u8::from_str_radix(pair, 16).ok()))
            .collect::<Option<_>>()?;
        bytes.try_into().ok().map(InstanceKey)
    }

    /// The key as it is kept: 64 hexadecimal digits.
    pub fn to_hex(&self) -> String {
        hex(&self.0)
    }

    /// HMAC-SHA-256 (RFC 2104) over the parts, each closed by a zero byte so that no two lists of
    /// parts are the same message.
    pub fn derive(&self, parts: &[&str]) -> [u8; 32] {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).expect("HMAC takes keys of any length");
        for part in parts {
            mac.update(part.as_bytes());
            mac.update(&[0]);
        }
        mac.finalize().into_bytes().into()
    }
}

impl std::fmt::Debug for InstanceKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("InstanceKey(hidden)")
    }
}

/// A key chosen by a sender, so that sending twice counts once: 22 to 128 URL-safe characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdempotencyKey(String);

impl IdempotencyKey {
    /// Reads the key from a header or a form field of this name.
    pub fn parse(field: &str, text: &str) -> Result<IdempotencyKey, FieldErrors> {
        let good = (22..=128).contains(&text.len())
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b'~'));
        if good {
            Ok(IdempotencyKey(text.to_owned()))
        } else {
            Err(FieldErrors::one(field, "bad-idempotency-key"))
        }
    }

    /// The key as sent.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What opens a report again: a code to write down and a link to keep. Both begin with the
/// reference, by which they are found; the rest is derived from the instance's key, so that the
/// same sender gets the same receipt again and nothing but hashes is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// The code, e.g. `R-7KQ4M2-3F8K-9QTB-X2HM-77WD`: 80 bits after the reference.
    pub code: String,
    /// The last part of the private link, e.g. `r-7kq4m2-…`: the code's 80 bits and 130 more after
    /// the reference, so that whoever has the link can also be shown the code.
    pub link: String,
}

impl Receipt {
    /// The receipt of this report or me-too for the sender with this key.
    pub fn derive(key: &InstanceKey, idempotency: &IdempotencyKey, reference: impl Receipted) -> Receipt {
        let name = reference.to_string();
        let raw = base32(&key.derive(&["receipt code", idempotency.as_str(), &name])[..10]).to_uppercase();
        let code = format!("{name}-{}-{}-{}-{}", &raw[0..4], &raw[4..8], &raw[8..12], &raw[12..16]);
        let link = Receipt::link_for(key, &code);
        Receipt { code, link }
    }

    /// The link that goes with a code: whoever holds the code may have the link, and only this
    /// server can tell.
    pub fn link_for(key: &InstanceKey, code: &str) -> String {
        let (name, raw) = code.split_at_checked(code.len().saturating_sub(20)).unwrap_or_default();
        let raw: String = raw.chars().filter(|c| *c != '-').collect();
        let more = base32(&key.derive(&["receipt link", code]));
        format!("{name}-{raw}{}", &more[..26]).to_lowercase()
    }

    /// A code as somebody typed it, brought into the form in which it is hashed: capitals, our own
    /// hyphens, and the letters that base 32 leaves out read as what they look like. Nothing if it is
    /// not the code of such a thing.
    pub fn tidy_code_of<R: Receipted>(typed: &str) -> Option<(R, String)> {
        let letters: String = typed
            .chars()
            .filter(|c| !c.is_whitespace() && *c != '-')
            .map(|c| c.to_ascii_uppercase())
            .collect();
        if !letters.is_ascii() || letters.len() < 16 + 7 {
            return None;
        }
        let (name, raw) = letters.split_at(letters.len() - 16);
        let raw: String = raw
            .chars()
            .map(|c| match c {
                'O' => '0',
                'I' | 'L' => '1',
                'U' => 'V',
                other => other,
            })
            .collect();
        let reference = R::read(name)?;
        Some((
            reference,
            format!("{reference}-{}-{}-{}-{}", &raw[0..4], &raw[4..8], &raw[8..12], &raw[12..16]),
        ))
    }

    /// What a link belongs to and the code that stands in it, if it has the form of one to such a
    /// thing.
    pub fn of_link_to<R: Receipted>(link: &str) -> Option<(R, String)> {
        let (name, secret) = link.rsplit_once('-')?;
        if secret.len() != 42 || !link.is_ascii() || link.bytes().any(|b| b.is_ascii_uppercase()) {
            return None;
        }
        Receipt::tidy_code_of(&format!("{name}{}", &secret[..16]))
    }

    /// [`Receipt::tidy_code_of`] a report.
    pub fn tidy_code(typed: &str) -> Option<(ReportReference, String)> {
        Receipt::tidy_code_of(typed)
    }

    /// [`Receipt::of_link_to`] a report.
    pub fn of_link(link: &str) -> Option<(ReportReference, String)> {
        Receipt::of_link_to(link)
    }

    /// Whether this has the form of a link to anything.
    pub fn is_link(text: &str) -> bool {
        Receipt::of_link(text).is_some() || Receipt::is_link_to_me_too(text)
    }

    /// Whether this has the form of a link to a me-too.
    pub fn is_link_to_me_too(text: &str) -> bool {
        Receipt::of_link_to::<MeTooReference>(text).is_some()
    }

    /// The code that stands in a link, if it has the form of one.
    pub fn code_of(link: &str) -> Option<String> {
        let of_report = Receipt::of_link(link).map(|(_, code)| code);
        of_report.or_else(|| Receipt::of_link_to::<MeTooReference>(link).map(|(_, code)| code))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn key() -> InstanceKey {
        InstanceKey::new([7; 32])
    }

    #[test]
    fn base32_is_crockfords() {
        assert_eq!(base32(&[0xff, 0, 0xff]), "zw0fy");
        assert_eq!(base32(&[]), "");
    }

    #[test]
    fn keys_survive_being_kept() {
        assert_eq!(InstanceKey::from_hex(&key().to_hex()).unwrap().to_hex(), key().to_hex());
        assert!(InstanceKey::from_hex("zz").is_none());
        assert_eq!(format!("{:?}", key()), "InstanceKey(hidden)");
    }

    #[test]
    fn parts_are_kept_apart() {
        assert_ne!(key().derive(&["ab", "c"]), key().derive(&["a", "bc"]));
    }

    proptest! {
        #[test]
        fn a_receipt_is_found_by_code_and_link(id in 0i64..100_000_000, idem in "[A-Za-z0-9_-]{22,60}") {
            let reference = ReportReference(id);
            let idem = IdempotencyKey::parse("idempotency_key", &idem).unwrap();
            let receipt = Receipt::derive(&key(), &idem, reference);
            prop_assert_eq!(&receipt, &Receipt::derive(&key(), &idem, reference));
            let typed = receipt.code.to_lowercase().replace('-', " ");
            prop_assert_eq!(Receipt::tidy_code(&typed), Some((reference, receipt.code.clone())));
            prop_assert_eq!(Receipt::of_link(&receipt.link), Some((reference, receipt.code.clone())));
            prop_assert_eq!(Receipt::link_for(&key(), &receipt.code), receipt.link.clone());
            prop_assert!(Receipt::is_link(&receipt.link) && !Receipt::is_link_to_me_too(&receipt.link));
            prop_assert_eq!(Receipt::tidy_code_of::<MeTooReference>(&typed), None);
            let me_too = Receipt::derive(&key(), &idem, MeTooReference(id));
            prop_assert_eq!(Receipt::of_link_to(&me_too.link), Some((MeTooReference(id), me_too.code.clone())));
            prop_assert!(Receipt::is_link_to_me_too(&me_too.link));
            prop_assert_eq!(Receipt::code_of(&me_too.link), Some(me_too.code));
        }

        #[test]
        fn nonsense_opens_nothing_and_does_not_panic(text in ".{0,80}") {
            prop_assert_eq!(Receipt::tidy_code_of::<MeTooReference>(&text), None);
            let _ = Receipt::tidy_code(&text);
            prop_assert!(!Receipt::is_link(&text) || text.len() > 42);
            let _ = Receipt::link_for(&key(), &text);
        }
    }

    #[test]
    fn hashes_compare() {
        assert!(matches("a", &hash("a")));
        assert!(!matches("a", &hash("b")));
    }
}
