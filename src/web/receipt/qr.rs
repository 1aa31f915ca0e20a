//! A link as a picture that telephones read: drawn here, for nobody else is to see the link.

use qrcode::{Color, EcLevel, QrCode};

/// A QR code as the shape of an SVG path, a unit a module.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Qr {
    /// How wide and high it is, with the quiet border that readers want.
    pub size: usize,
    /// The dark modules.
    pub path: String,
}

const BORDER: usize = 4;

impl Qr {
    /// The code of this text; nothing if it is too long for one.
    pub(super) fn of(text: &str) -> Option<Qr> {
        let code = QrCode::with_error_correction_level(text, EcLevel::M).ok()?;
        let width = code.width();
        let modules = code.to_colors();
        let mut path = String::new();
        for (y, row) in modules.chunks(width).enumerate() {
            let mut x = 0;
            while x < width {
                let length = row[x..].iter().take_while(|module| **module == Color::Dark).count();
                if length > 0 {
                    path.push_str(&format!("M{} {}h{length}v1h-{length}z", x + BORDER, y + BORDER));
                }
                x += length.max(1);
            }
        }
        Some(Qr { size: width + 2 * BORDER, path })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_is_drawn_with_a_border() {
        let qr = Qr::of("https://interlude.example/receipts/R-7KQ4M2").unwrap();
        assert!(qr.size >= 29 && qr.path.starts_with("M4 4h7v1h-7z"), "{}", qr.path);
        assert!(Qr::of(&"x".repeat(5_000)).is_none());
    }
}
