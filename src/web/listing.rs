//! Lists in pieces: how many are asked for, and where the last piece ended.

use crate::domain::fields::FieldErrors;
use crate::domain::instant::Instant;

/// How many items a list gives unless asked otherwise.
pub const LIMIT: i64 = 50;
/// The most items that a list gives at once.
pub const LIMIT_MAX: i64 = 200;

/// Reads `limit`: 1–200, 50 if nothing is given. Errors: `out-of-range` (`min`, `max`).
pub fn limit(text: &str) -> Result<i64, FieldErrors> {
    if text.is_empty() {
        return Ok(LIMIT);
    }
    text.parse().ok().filter(|n| (1..=LIMIT_MAX).contains(n)).ok_or_else(|| {
        let mut errors = FieldErrors::new();
        errors.add_with("limit", "out-of-range", [("min", "1".to_owned()), ("max", LIMIT_MAX.to_string())]);
        errors
    })
}

/// Where a piece of a list ended that goes by a moment and then by row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor {
    /// The moment of the last item.
    pub at: Instant,
    /// The row of the last item.
    pub id: i64,
}

impl Cursor {
    /// Reads `cursor`; nothing is the beginning. Errors: `bad-cursor`.
    pub fn parse(text: &str) -> Result<Option<Cursor>, FieldErrors> {
        if text.is_empty() {
            return Ok(None);
        }
        let read = || {
            let (at, id) = text.split_once('.')?;
            let at = Instant::from_micros(i64::from_str_radix(at, 16).ok()?)?;
            Some(Cursor { at, id: i64::from_str_radix(id, 16).ok()? })
        };
        read().map(Some).ok_or_else(|| FieldErrors::one("cursor", "bad-cursor"))
    }

    /// Both numbers, for a query.
    pub fn pair(self) -> (Instant, i64) {
        (self.at, self.id)
    }
}

impl std::fmt::Display for Cursor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let micros = self.at.micros();
        let sign = if micros < 0 { "-" } else { "" };
        write!(f, "{sign}{:x}.{:x}", micros.unsigned_abs(), self.id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_read_again() {
        for micros in [0, -1, 1_764_000_000_000_000, Instant::MIN.micros()] {
            let cursor = Cursor { at: Instant::from_micros(micros).unwrap(), id: 77 };
            assert_eq!(Cursor::parse(&cursor.to_string()), Ok(Some(cursor)));
        }
        assert_eq!(Cursor::parse(""), Ok(None));
        for bad in ["x", "1", "1.", ".1", "ffffffffffffffff.1", "1.1.1", "１.１"] {
            assert!(Cursor::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_limit_has_limits() {
        assert_eq!(limit(""), Ok(50));
        assert_eq!(limit("200"), Ok(200));
        for bad in ["0", "201", "-1", "x", "1.5"] {
            assert!(limit(bad).is_err(), "{bad}");
        }
    }
}
