//! The second factor: codes that an authenticator makes of a shared secret and the time (TOTP,
//! RFC 6238: SHA-1, six digits, thirty seconds, as every authenticator understands it), and recovery
//! codes for when it is lost.

use totp_rs::{Builder, Secret, Totp};

use crate::domain::instant::Instant;
use crate::domain::secret;

/// How many recovery codes somebody is given.
pub const RECOVERY_CODES: usize = 10;

/// The shared secret: 160 random bits.
#[derive(Clone, PartialEq, Eq)]
pub struct SharedSecret(String);

impl SharedSecret {
    /// A fresh one of these random bytes.
    pub fn new(bytes: [u8; 20]) -> SharedSecret {
        SharedSecret(Secret::from(bytes.as_slice()).to_base32())
    }

    /// Reads one as it is kept.
    pub fn kept(text: &str) -> SharedSecret {
        SharedSecret(text.to_owned())
    }

    /// In base 32 (RFC 4648), as it is kept and as authenticators take it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// In groups of four letters, for typing.
    pub fn grouped(&self) -> String {
        let letters: Vec<char> = self.0.chars().collect();
        letters.chunks(4).map(|four| four.iter().collect::<String>()).collect::<Vec<_>>().join(" ")
    }

    fn totp(&self, service: &str, name: &str) -> Option<Totp> {
        // A colon would end the issuer's name in the address.
        let issuer = service.replace(':', " ");
        Builder::new()
            .with_secret(Secret::try_from_base32(&self.0).ok()?)
            .with_issuer(Some(issuer.as_str()))
            .with_account_name(name)
            .build()
            .ok()
    }

    /// The address in the QR code: `otpauth://totp/…`. Nothing if the secret is damaged.
    pub fn address(&self, service: &str, name: &str) -> Option<String> {
        self.totp(service, name)?.to_url().ok()
    }

    /// The time step that a typed code belongs to: the present one, or one before or after it, for
    /// clocks that differ a little. Nothing if it belongs to none.
    pub fn step_of(&self, typed: &str, now: Instant) -> Option<i64> {
        let digits: String = typed.chars().filter(|c| !c.is_whitespace() && *c != '-').collect();
        if digits.len() != 6 || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        let seconds = u64::try_from(now.seconds()).ok()?;
        let step = self.totp("", "nobody")?.check(&digits, seconds)?;
        i64::try_from(step).ok()
    }

    /// The code of this moment, as an authenticator shows it.
    pub fn code_at(&self, now: Instant) -> Option<String> {
        Some(self.totp("", "nobody")?.generate(u64::try_from(now.seconds()).ok()?).to_string())
    }
}

impl std::fmt::Debug for SharedSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SharedSecret(hidden)")
    }
}

/// A recovery code of these random bytes: 80 bits in four groups, `3f8k-9qtb-x2hm-77wd`.
pub fn recovery_code(bytes: [u8; 10]) -> String {
    let raw = secret::base32(&bytes);
    format!("{}-{}-{}-{}", &raw[0..4], &raw[4..8], &raw[8..12], &raw[12..16])
}

/// A recovery code as somebody typed it, in the form in which it is hashed. Nothing if it cannot be
/// one.
pub fn tidy_recovery_code(typed: &str) -> Option<String> {
    let letters: String = typed
        .chars()
        .filter(|c| !c.is_whitespace() && *c != '-')
        .map(|c| match c.to_ascii_lowercase() {
            'o' => '0',
            'i' | 'l' => '1',
            'u' => 'v',
            other => other,
        })
        .collect();
    (letters.len() == 16 && letters.is_ascii())
        .then(|| format!("{}-{}-{}-{}", &letters[0..4], &letters[4..8], &letters[8..12], &letters[12..16]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// RFC 6238, appendix B, SHA-1, the last six of its eight digits.
    #[test]
    fn codes_are_those_of_the_standard() {
        let secret = SharedSecret::new(*b"12345678901234567890");
        for (seconds, code) in [(59, "287082"), (1_111_111_109, "081804"), (20_000_000_000, "353130")] {
            let now = Instant::from_seconds(seconds).unwrap();
            assert_eq!(secret.code_at(now).unwrap(), code);
            assert_eq!(secret.step_of(code, now), Some(seconds / 30));
        }
    }

    #[test]
    fn clocks_may_differ_by_a_step_and_no_more() {
        let secret = SharedSecret::new([7; 20]);
        let now = Instant::from_seconds(1_800_000_000).unwrap();
        let code = secret.code_at(now).unwrap();
        let spaced = format!(" {} {} ", &code[..3], &code[3..]);
        for (late, good) in [(-31, false), (-30, true), (0, true), (59, true), (60, false)] {
            assert_eq!(secret.step_of(&spaced, now.plus_seconds(late)).is_some(), good, "{late}");
        }
    }

    #[test]
    fn the_address_names_service_and_person() {
        let secret = SharedSecret::new([7; 20]);
        let address = secret.address("云帆: Finance", "王芳").unwrap();
        assert!(address.starts_with("otpauth://totp/"), "{address}");
        assert!(address.contains(secret.as_str()) && address.contains("issuer="), "{address}");
        assert_eq!(secret.grouped().split(' ').count(), 8);
        assert_eq!(format!("{secret:?}"), "SharedSecret(hidden)");
    }

    proptest! {
        #[test]
        fn recovery_codes_survive_typing(bytes: [u8; 10]) {
            let code = recovery_code(bytes);
            let typed = code.to_uppercase().replace('-', " ").replace('0', "O").replace('1', "l");
            prop_assert_eq!(tidy_recovery_code(&typed), Some(code));
        }

        #[test]
        fn nonsense_is_no_code(text in ".{0,40}") {
            let secret = SharedSecret::new([7; 20]);
            let _ = secret.step_of(&text, Instant::from_seconds(0).unwrap());
            let _ = tidy_recovery_code(&text);
            let _ = SharedSecret::kept(&text).step_of("123456", Instant::MIN);
        }
    }
}
