//! The operator's colour, and every shade that pages derive from it. Contrast is that of WCAG 2.2
//! (relative luminance and success criterion 1.4.3): text needs at least 4.5 : 1.

use std::fmt;

use crate::domain::fields::FieldErrors;

/// The least contrast of text and what is behind it (WCAG 2.2, 1.4.3, level AA).
pub const LEAST_CONTRAST: f64 = 4.5;

/// A colour of the sRGB space without transparency.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Colour {
    red: u8,
    green: u8,
    blue: u8,
}

/// The surfaces that text of the accent colour stands on, the hardest of each theme: see the roles
/// `--sunken` and `--raised` of the style sheet.
const LIGHT_SURFACE: Colour = Colour::new(0xf3, 0xf0, 0xf5);
const DARK_SURFACE: Colour = Colour::new(0x20, 0x1b, 0x26);
const WHITE: Colour = Colour::new(255, 255, 255);
const BLACK: Colour = Colour::new(0, 0, 0);

impl Colour {
    const fn new(red: u8, green: u8, blue: u8) -> Colour {
        Colour { red, green, blue }
    }

    /// Reads `#6b2a5b`, `6b2a5b` or `#626` as typed; told for `field` as `bad-colour`.
    pub fn parse(field: &str, typed: &str) -> Result<Colour, FieldErrors> {
        let digits = typed.trim().trim_start_matches('#');
        let wrong = || FieldErrors::one(field, "bad-colour");
        if !digits.is_ascii() {
            return Err(wrong());
        }
        let full = match digits.len() {
            3 => digits.chars().flat_map(|c| [c, c]).collect(),
            6 => digits.to_owned(),
            _ => return Err(wrong()),
        };
        let part = |at: usize| u8::from_str_radix(&full[at..at + 2], 16).map_err(|_| wrong());
        Ok(Colour::new(part(0)?, part(2)?, part(4)?))
    }

    /// Relative luminance, 0 for black to 1 for white (WCAG 2.2, definition of the same name).
    pub fn luminance(self) -> f64 {
        let linear = |part: u8| {
            let share = f64::from(part) / 255.0;
            if share <= 0.04045 { share / 12.92 } else { ((share + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * linear(self.red) + 0.7152 * linear(self.green) + 0.0722 * linear(self.blue)
    }

    /// The contrast ratio with another colour, 1 to 21 (WCAG 2.2, definition of the same name).
    pub fn contrast(self, other: Colour) -> f64 {
        let (a, b) = (self.luminance(), other.luminance());
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    /// This colour with a share (0–1) of another one in it.
    fn with(self, share: f64, other: Colour) -> Colour {
        let mix = |a: u8, b: u8| (f64::from(a) * (1.0 - share) + f64::from(b) * share).round() as u8;
        Colour::new(mix(self.red, other.red), mix(self.green, other.green), mix(self.blue, other.blue))
    }

    /// As little of `other` in this colour as makes it differ enough from all of `behind`.
    fn towards(self, other: Colour, behind: &[Colour], least: f64) -> Colour {
        let good = |c: &Colour| behind.iter().all(|b| c.contrast(*b) >= least);
        let steps = (0..=50).map(|step| self.with(f64::from(step) / 50.0, other));
        steps.into_iter().find(good).unwrap_or(other)
    }
}

/// The colour of the product itself, where nobody has chosen one.
pub const OWN: Colour = Colour::new(0x6b, 0x2a, 0x5b);

/// [`Accent::frame`] of the product itself.
pub const OWN_FRAME: Colour = Colour::new(0x5c, 0x21, 0x4a);

impl fmt::Display for Colour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{:02x}{:02x}{:02x}", self.red, self.green, self.blue)
    }
}

/// The colour that the operator chose: dark enough to be read on every light surface.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Accent(Colour);

/// What the accent becomes in one theme.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shades {
    /// Links, primary buttons, marks.
    pub accent: Colour,
    /// The same under the pointer.
    pub strong: Colour,
    /// Text on the accent.
    pub ink: Colour,
    /// A surface tinted with it.
    pub soft: Colour,
    /// The curtain over a running notice, its light and dark folds.
    pub curtain: [Colour; 3],
    /// Quiet text on the curtain.
    pub curtain_muted: Colour,
}

impl Accent {
    /// Reads what was typed.
    ///
    /// Errors: `bad-colour`; `accent-contrast` with `ratio` and `nearest`, the nearest darker shade
    /// that can be read.
    pub fn parse(field: &str, typed: &str) -> Result<Accent, FieldErrors> {
        let colour = Colour::parse(field, typed)?;
        let ratio = colour.contrast(LIGHT_SURFACE);
        if ratio >= LEAST_CONTRAST {
            return Ok(Accent(colour));
        }
        let nearest = colour.towards(BLACK, &[LIGHT_SURFACE], LEAST_CONTRAST);
        let mut errors = FieldErrors::new();
        // Rounded down, so that nobody reads "4.5" where 4.5 was missed.
        let ratio = format!("{:.1}", (ratio * 10.0).floor() / 10.0);
        errors.add_with(field, "accent-contrast", [("ratio", ratio), ("nearest", nearest.to_string())]);
        Err(errors)
    }

    /// The colour itself.
    pub fn colour(self) -> Colour {
        self.0
    }

    /// What stands around a page: a browser's own frame, a banner on another site. White is easy to
    /// read on it.
    pub fn frame(self) -> Colour {
        self.light().curtain[0]
    }

    /// Its shades on light surfaces.
    pub fn light(self) -> Shades {
        let accent = self.0;
        let soft = accent.with(0.92, WHITE);
        // A tint that its own colour cannot be read on is made paler.
        let soft = soft.towards(WHITE, &[accent], LEAST_CONTRAST);
        Shades {
            accent,
            strong: accent.with(0.25, BLACK),
            ink: WHITE,
            soft,
            curtain: self.curtain(0.0),
            curtain_muted: self.curtain_muted(0.0),
        }
    }

    /// Its shades on dark surfaces.
    pub fn dark(self) -> Shades {
        let soft = DARK_SURFACE.with(0.25, self.0);
        let accent = self.0.towards(WHITE, &[DARK_SURFACE, soft], 6.0);
        Shades {
            accent,
            strong: accent.with(0.4, WHITE),
            ink: self.0.with(0.6, BLACK).towards(BLACK, &[accent], LEAST_CONTRAST),
            soft,
            curtain: self.curtain(0.2),
            curtain_muted: self.curtain_muted(0.2),
        }
    }

    /// Cloth, light fold, dark fold; white text is easy to read on each.
    fn curtain(self, darker: f64) -> [Colour; 3] {
        let cloth = self.0.with(0.15 + darker, BLACK).towards(BLACK, &[WHITE], 8.0);
        [cloth, cloth.with(0.05, WHITE), cloth.with(0.12, BLACK)]
    }

    fn curtain_muted(self, darker: f64) -> Colour {
        self.0.with(0.85, WHITE).towards(WHITE, &self.curtain(darker), LEAST_CONTRAST)
    }

    /// The style sheet that sets the roles of `interlude.css` to these shades.
    pub fn style_sheet(self) -> String {
        let roles = |s: Shades| {
            let [cloth, fold, deep] = s.curtain;
            format!(
                "--accent:{};--accent-strong:{};--accent-ink:{};--accent-soft:{};\
                 --curtain:{cloth};--curtain-fold:{fold};--curtain-deep:{deep};--curtain-muted:{};",
                s.accent, s.strong, s.ink, s.soft, s.curtain_muted
            )
        };
        // In the layer of the roles it replaces, and not on paper, which has its own.
        format!(
            "@layer tokens{{@media screen{{:root{{{}}}}}@media screen and (prefers-color-scheme:dark){{:root{{{}}}}}}}\n",
            roles(self.light()),
            roles(self.dark())
        )
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn colour(text: &str) -> Colour {
        Colour::parse("accent", text).unwrap()
    }

    #[test]
    fn luminance_and_contrast_are_those_of_wcag() {
        assert_eq!(colour("#fff").luminance(), 1.0);
        assert_eq!(colour("000000").luminance(), 0.0);
        assert!((colour("#fff").contrast(colour("#000")) - 21.0).abs() < 1e-9);
        // The grey that WCAG's techniques name as the lightest on white.
        assert!(colour("#767676").contrast(WHITE) >= 4.5);
        assert!(colour("#777777").contrast(WHITE) < 4.5);
    }

    #[test]
    fn what_is_no_colour_is_refused() {
        for typed in ["", "#", "red", "#12", "#12345", "#gggggg", "#1234567", "＃６ｂ２ａ５ｂ", "\u{0}23456"]
        {
            assert_eq!(Colour::parse("accent", typed).unwrap_err().0[0].code, "bad-colour", "{typed:?}");
        }
        assert_eq!(colour(" #6B2a5b ").to_string(), "#6b2a5b");
        assert_eq!(colour("#626").to_string(), "#662266");
    }

    #[test]
    fn a_colour_too_light_is_told_the_nearest_that_is_not() {
        let errors = Accent::parse("accent", "#ffcc00").unwrap_err();
        assert_eq!(errors.0[0].code, "accent-contrast");
        assert_eq!(errors.0[0].params["ratio"], "1.3");
        assert!(Accent::parse("accent", &errors.0[0].params["nearest"]).is_ok());
    }

    proptest! {
        #[test]
        fn every_shade_of_every_colour_can_be_read(red: u8, green: u8, blue: u8) {
            let typed = Colour::new(red, green, blue).to_string();
            let accent = match Accent::parse("accent", &typed) {
                Ok(accent) => accent,
                Err(errors) => Accent::parse("accent", &errors.0[0].params["nearest"]).unwrap(),
            };
            for (shades, surface) in [(accent.light(), LIGHT_SURFACE), (accent.dark(), DARK_SURFACE)] {
                let readable = |text: Colour, behind: Colour| text.contrast(behind) >= LEAST_CONTRAST;
                prop_assert!(readable(shades.accent, surface));
                prop_assert!(readable(shades.strong, surface));
                prop_assert!(readable(shades.accent, shades.soft), "{} on {}", shades.accent, shades.soft);
                prop_assert!(readable(shades.ink, shades.accent));
                prop_assert!(readable(shades.ink, shades.strong));
                for cloth in shades.curtain {
                    prop_assert!(readable(WHITE, cloth));
                    prop_assert!(readable(shades.curtain_muted, cloth));
                }
            }
        }
    }
}
