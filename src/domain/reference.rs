//! The names that reports and responses are called by: short, rising with time, safe to say aloud.

use std::fmt;

use crate::domain::fields::FieldErrors;

/// Digits and letters that nobody confuses when reading aloud or by hand: no 0, 1, I, L, O or U.
const LETTERS: &[u8; 30] = b"23456789ABCDEFGHJKMNPQRSTVWXYZ";
const BASE: u64 = LETTERS.len() as u64;
/// Added to the number, so that even the first name has six letters.
const OFFSET: u64 = BASE.pow(4);

/// What a name is the name of; the letter in front says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A problem report: `R-…`.
    Report,
    /// A survey response: `S-…`.
    Response,
    /// One more person with a known issue: `M-…`.
    MeToo,
    /// An improvement: `I-…`.
    Improvement,
}

impl Kind {
    const fn letter(self) -> char {
        match self {
            Kind::Report => 'R',
            Kind::Response => 'S',
            Kind::MeToo => 'M',
            Kind::Improvement => 'I',
        }
    }
}

/// Writes the name of the thing with this number, e.g. `R-7KQ4M2`. The last letter is a check
/// letter: nearly every wrong letter, and every exchange of two neighbours but a few, is noticed.
pub fn write(kind: Kind, id: i64) -> String {
    let number = id.unsigned_abs() + OFFSET;
    let mut digits = Vec::new();
    let mut rest = number;
    while rest > 0 {
        digits.push((rest % BASE) as usize);
        rest /= BASE;
    }
    digits.reverse();
    let check = check_digit(&digits);
    let mut name = format!("{}-", kind.letter());
    for digit in digits.into_iter().chain([check]) {
        name.push(LETTERS[digit] as char);
    }
    name
}

/// The number behind a name as somebody typed it: small letters, blanks and missing hyphens are
/// forgiven, a wrong check letter is not.
pub fn read(kind: Kind, text: &str) -> Option<i64> {
    let cleaned: String =
        text.chars().filter(|c| !c.is_whitespace() && *c != '-').map(|c| c.to_ascii_uppercase()).collect();
    let body = cleaned.strip_prefix(kind.letter())?;
    let digits: Vec<usize> =
        body.bytes().map(|b| LETTERS.iter().position(|l| *l == b)).collect::<Option<_>>()?;
    let (check, digits) = digits.split_last()?;
    if digits.len() < 5 || digits[0] == 0 || check_digit(digits) != *check {
        return None;
    }
    let number = digits
        .iter()
        .try_fold(0u64, |n, d| n.checked_mul(BASE)?.checked_add(*d as u64))?
        .checked_sub(OFFSET)?;
    i64::try_from(number).ok()
}

/// A weighted sum modulo 31, a prime, folded onto our 30 letters by skipping nothing: weights that
/// are powers of 3, a primitive root of 31, make every single error and exchange change the sum; the
/// one sum (30) that has no letter is moved to 0, at the cost of one pair in 31.
fn check_digit(digits: &[usize]) -> usize {
    let mut weight = 1;
    let mut sum = 0;
    for digit in digits.iter().rev() {
        weight = weight * 3 % 31;
        sum = (sum + weight * (digit + 1)) % 31;
    }
    sum % BASE as usize
}

macro_rules! named {
    ($(#[$meta:meta])* $name:ident, $kind:expr) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(pub i64);

        impl $name {
            /// Reads the name as somebody typed it.
            pub fn parse(text: &str) -> Option<Self> {
                read($kind, text).map(Self)
            }

            /// Reads the name typed into this field.
            pub fn parse_field(field: &str, text: &str) -> Result<Self, FieldErrors> {
                Self::parse(text).ok_or_else(|| FieldErrors::one(field, "bad-reference"))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&write($kind, self.0))
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }
    };
}

named! {
    /// The name of a report. It opens nothing: whoever knows it still needs the receipt's secret.
    ReportReference, Kind::Report
}
named! {
    /// The name of a survey response.
    ResponseReference, Kind::Response
}
named! {
    /// The name of one more person with a known issue. It opens nothing either.
    MeTooReference, Kind::MeToo
}
named! {
    /// The name of an improvement.
    ImprovementReference, Kind::Improvement
}

impl ReportReference {
    /// Reads the name of the report that another one repeats, as it stands in `duplicate_of`; nothing typed
    /// is none. Error: `no-such-report` at `duplicate_of`.
    pub fn of_original(text: &str) -> Result<Option<ReportReference>, FieldErrors> {
        match text.trim() {
            "" => Ok(None),
            text => ReportReference::parse(text)
                .map(Some)
                .ok_or_else(|| FieldErrors::one("duplicate_of", "no-such-report")),
        }
    }
}

/// What a receipt can belong to.
pub trait Receipted: Copy + fmt::Display {
    /// Reads its name as somebody typed it.
    fn read(text: &str) -> Option<Self>;
}

impl Receipted for ReportReference {
    fn read(text: &str) -> Option<Self> {
        Self::parse(text)
    }
}

impl Receipted for MeTooReference {
    fn read(text: &str) -> Option<Self> {
        Self::parse(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_written_is_read_again(id in 0i64..1_000_000_000_000) {
            let name = write(Kind::Report, id);
            prop_assert_eq!(read(Kind::Report, &name), Some(id));
            prop_assert_eq!(read(Kind::Report, &name.to_lowercase().replace('-', " ")), Some(id));
            prop_assert_eq!(read(Kind::Response, &name), None);
        }

        #[test]
        fn names_rise_with_their_numbers(a in 0i64..20_000_000, b in 0i64..20_000_000) {
            // Without the check letter, names of equal length sort as their numbers do.
            let (x, y) = (write(Kind::Report, a), write(Kind::Report, b));
            if x.len() == y.len() {
                prop_assert_eq!(a.cmp(&b), x[..x.len() - 1].cmp(&y[..y.len() - 1]));
            }
        }
    }

    #[test]
    fn typing_errors_are_noticed() {
        let name = write(Kind::Report, 12_345);
        let mut missed = 0;
        let mut tried = 0;
        for at in 2..name.len() - 1 {
            for letter in LETTERS {
                let mut wrong = name.clone().into_bytes();
                if wrong[at] == *letter {
                    continue;
                }
                wrong[at] = *letter;
                tried += 1;
                missed += usize::from(read(Kind::Report, std::str::from_utf8(&wrong).unwrap()).is_some());
            }
        }
        assert!(missed * 20 < tried, "{missed} of {tried} wrong letters went unnoticed");
    }

    #[test]
    fn nonsense_is_no_name() {
        for text in ["", "R", "R-", "R-22222", "R-ABC", "🙂", "R-7KQ4M2X9999999999999999", "1E5"] {
            assert_eq!(read(Kind::Report, text), None, "{text}");
        }
    }
}
