//! An address as a QR code, to be drawn inline: dark on light whatever the page's colours are, or
//! many cameras do not read it.

use std::fmt::Write as _;

use qrcode::{Color, EcLevel, QrCode};

use crate::store::Error;
use crate::web::failure::Failure;

/// A QR code (ISO/IEC 18004, level M) as one path of an SVG whose unit is one module.
#[derive(Debug, Clone)]
pub struct Qr {
    /// Modules of a side, with the light border of four modules that the standard asks for.
    pub size: usize,
    /// The dark modules.
    pub path: String,
}

impl Qr {
    /// The code of this text; fails if it is longer than a code can be, which is over 2,000 bytes.
    pub fn of(text: &str) -> Result<Qr, Failure> {
        let code = QrCode::with_error_correction_level(text, EcLevel::M)
            .map_err(|e| Error::Internal(format!("a QR code: {e}")))?;
        let width = code.width();
        let mut path = String::new();
        for (y, row) in code.to_colors().chunks(width).enumerate() {
            let mut x = 0;
            while x < width {
                let run = row[x..].iter().take_while(|color| **color == row[x]).count();
                if row[x] == Color::Dark {
                    // Writing into a String does not fail.
                    let _ = write!(path, "M{} {}h{run}v1h-{run}z", x + 4, y + 4);
                }
                x += run;
            }
        }
        Ok(Qr { size: width + 8, path })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every dark module is in the path once, and no other.
    #[test]
    fn the_path_holds_the_dark_modules() {
        let text = "https://status.example.com/windows/core-upgrade";
        let qr = Qr::of(text).unwrap();
        let code = QrCode::with_error_correction_level(text, EcLevel::M).unwrap();
        assert_eq!(qr.size, code.width() + 8);
        let dark = code.to_colors().iter().filter(|c| **c == Color::Dark).count();
        let drawn: usize =
            qr.path.split('h').skip(1).filter_map(|p| p.split('v').next()?.parse::<usize>().ok()).sum();
        assert_eq!(drawn, dark);
        assert!(Qr::of(&"x".repeat(5_000)).is_err());
    }
}
