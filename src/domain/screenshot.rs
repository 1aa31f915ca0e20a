//! Pictures that reporters send: what is taken, and what is kept of it.
//!
//! Nothing of a file is kept but its pixels: they are decoded within hard limits, turned the way the
//! camera says, made small enough and encoded afresh. So what a file says of its maker and place, and
//! whatever else hides in it, ends here.

use std::io::Cursor;

use image::codecs::jpeg::{JpegDecoder, JpegEncoder};
use image::codecs::png::{CompressionType, FilterType as PngFilter, PngDecoder, PngEncoder};
use image::codecs::webp::WebPDecoder;
use image::imageops::FilterType;
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageFormat, Limits, RgbImage};
use sha2::{Digest, Sha256};

use crate::domain::fields::FieldErrors;

/// How many pictures a report may have.
pub const COUNT_MAX: usize = 3;
/// The largest file taken, in bytes.
pub const FILE_MAX: usize = 12 * 1024 * 1024;
/// The largest picture kept, in bytes.
pub const KEPT_MAX: usize = 1024 * 1024;
/// The longest side of a picture taken; screens of chat apps are photographed as one long strip.
const SIDE_MAX: u32 = 32_000;
/// The most pixels of a picture taken.
const PIXELS_MAX: u64 = 36_000_000;
/// How much memory a decoder may use, in bytes.
const MEMORY_MAX: u64 = 160 * 1024 * 1024;
/// The most pixels of a picture kept: a phone's screen in full, a photograph so that text is read.
const KEPT_PIXELS: f64 = 5_000_000.0;

crate::codes! {
    /// How a picture is kept.
    pub enum PictureKind {
        /// Every pixel as it was.
        Png = "png",
        /// Photographs, and what would be too large otherwise.
        Jpeg = "jpeg",
    }
}

impl PictureKind {
    /// Its media type.
    pub const fn media_type(self) -> &'static str {
        match self {
            PictureKind::Png => "image/png",
            PictureKind::Jpeg => "image/jpeg",
        }
    }

    /// How names of its files end.
    pub const fn extension(self) -> &'static str {
        match self {
            PictureKind::Png => "png",
            PictureKind::Jpeg => "jpg",
        }
    }
}

/// A picture as it is kept: made by us, at most [`KEPT_MAX`] bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Screenshot {
    /// How it is encoded.
    pub kind: PictureKind,
    /// Its width in pixels.
    pub width: u32,
    /// Its height in pixels.
    pub height: u32,
    /// The file.
    pub bytes: Vec<u8>,
}

impl Screenshot {
    /// Makes one of a file that somebody sent. Takes a second or so of a processor for a large one.
    ///
    /// Errors at `image`: `image-empty`, `image-too-large` (`max`, MiB), `image-kind`, `image-animated`,
    /// `image-too-many-pixels` (`max`, millions), `image-damaged`.
    pub fn of_file(file: &[u8]) -> Result<Screenshot, FieldErrors> {
        if file.is_empty() {
            return Err(wrong("image-empty"));
        }
        if file.len() > FILE_MAX {
            return Err(too_large());
        }
        let reader = || Cursor::new(file);
        let photograph;
        let image = match image::guess_format(file) {
            Ok(ImageFormat::Png) => {
                photograph = false;
                let decoder = PngDecoder::with_limits(reader(), limits()).map_err(refused)?;
                if decoder.is_apng().map_err(refused)? {
                    return Err(wrong("image-animated"));
                }
                decoded(decoder)?
            }
            Ok(ImageFormat::Jpeg) => {
                photograph = true;
                decoded(JpegDecoder::new(reader()).map_err(refused)?)?
            }
            Ok(ImageFormat::WebP) => {
                photograph = false;
                let decoder = WebPDecoder::new(reader()).map_err(refused)?;
                if decoder.has_animation() {
                    return Err(wrong("image-animated"));
                }
                decoded(decoder)?
            }
            _ => return Err(wrong("image-kind")),
        };
        encoded(image, photograph)
    }

    /// What tells it from every other picture.
    pub fn digest(&self) -> String {
        digest(&self.bytes)
    }
}

/// What tells the picture in these bytes from every other one.
pub fn digest(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// That a file is too large to be taken.
pub fn too_large() -> FieldErrors {
    let mut errors = FieldErrors::new();
    errors.add_with("image", "image-too-large", [("max", (FILE_MAX / 1024 / 1024).to_string())]);
    errors
}

fn wrong(code: &'static str) -> FieldErrors {
    FieldErrors::one("image", code)
}

fn too_many_pixels() -> FieldErrors {
    let mut errors = FieldErrors::new();
    errors.add_with("image", "image-too-many-pixels", [("max", (PIXELS_MAX / 1_000_000).to_string())]);
    errors
}

fn limits() -> Limits {
    let mut limits = Limits::default();
    limits.max_image_width = Some(SIDE_MAX);
    limits.max_image_height = Some(SIDE_MAX);
    limits.max_alloc = Some(MEMORY_MAX);
    limits
}

fn refused(error: image::ImageError) -> FieldErrors {
    match error {
        image::ImageError::Limits(_) => too_many_pixels(),
        _ => wrong("image-damaged"),
    }
}

/// The pixels the right way up, no more of them than are kept.
fn decoded(mut decoder: impl ImageDecoder) -> Result<DynamicImage, FieldErrors> {
    let (width, height) = decoder.dimensions();
    if width == 0 || height == 0 {
        return Err(wrong("image-damaged"));
    }
    if width > SIDE_MAX
        || height > SIDE_MAX
        || u64::from(width) * u64::from(height) > PIXELS_MAX
        || decoder.total_bytes() > MEMORY_MAX
    {
        return Err(too_many_pixels());
    }
    decoder.set_limits(limits()).map_err(refused)?;
    // What a file says badly about its orientation, it does not say.
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let image = DynamicImage::from_decoder(decoder).map_err(refused)?;
    let mut image = smaller(image, KEPT_PIXELS);
    image.apply_orientation(orientation);
    Ok(image)
}

fn smaller(image: DynamicImage, pixels: f64) -> DynamicImage {
    let (width, height) = (f64::from(image.width()), f64::from(image.height()));
    let scale = (pixels / (width * height)).sqrt();
    if scale >= 1.0 {
        return image;
    }
    let side = |length: f64| ((length * scale).round() as u32).max(1);
    image.resize_exact(side(width), side(height), FilterType::Triangle)
}

/// As it is kept: exactly if that is small enough, else as a photograph of falling quality and size.
fn encoded(image: DynamicImage, photograph: bool) -> Result<Screenshot, FieldErrors> {
    let failed = |_| wrong("image-damaged");
    let kept = |kind, image: &DynamicImage, bytes| Screenshot {
        kind,
        width: image.width(),
        height: image.height(),
        bytes,
    };
    if !photograph {
        let exact = if image.color().has_alpha() {
            DynamicImage::ImageRgba8(image.to_rgba8())
        } else {
            DynamicImage::ImageRgb8(image.to_rgb8())
        };
        let mut bytes = Vec::new();
        let encoder = PngEncoder::new_with_quality(&mut bytes, CompressionType::Default, PngFilter::Adaptive);
        exact.write_with_encoder(encoder).map_err(failed)?;
        if bytes.len() <= KEPT_MAX {
            return Ok(kept(PictureKind::Png, &exact, bytes));
        }
    }
    let mut image = DynamicImage::ImageRgb8(on_white(&image));
    loop {
        for quality in [85, 72, 58] {
            let mut bytes = Vec::new();
            image.write_with_encoder(JpegEncoder::new_with_quality(&mut bytes, quality)).map_err(failed)?;
            if bytes.len() <= KEPT_MAX {
                return Ok(kept(PictureKind::Jpeg, &image, bytes));
            }
        }
        let pixels = f64::from(image.width()) * f64::from(image.height());
        image = smaller(image, pixels / 2.0);
    }
}

/// The pixels as they look on a white page.
fn on_white(image: &DynamicImage) -> RgbImage {
    if !image.color().has_alpha() {
        return image.to_rgb8();
    }
    let mut flat = RgbImage::new(image.width(), image.height());
    for (seen, pixel) in flat.pixels_mut().zip(image.to_rgba8().pixels()) {
        let alpha = u32::from(pixel[3]);
        for channel in 0..3 {
            let mixed = (u32::from(pixel[channel]) * alpha + 255 * (255 - alpha)) / 255;
            seen[channel] = u8::try_from(mixed).unwrap_or(u8::MAX);
        }
    }
    flat
}

/// A picture that we kept as a square PNG of this many pixels a side: whole, in the middle of white,
/// its longer side this share (0–1) of the square's. Nothing if it cannot be read.
pub fn icon(kept: &[u8], side: u32, share: f64) -> Option<Vec<u8>> {
    let picture = image::load_from_memory(kept).ok()?;
    let most = (f64::from(side) * share).round() as u32;
    let fitted = on_white(&picture.resize(most, most, FilterType::Lanczos3));
    let mut square = RgbImage::from_pixel(side, side, image::Rgb([255; 3]));
    let middle = |length: u32| i64::from(side.saturating_sub(length) / 2);
    image::imageops::overlay(&mut square, &fitted, middle(fitted.width()), middle(fitted.height()));
    let mut file = std::io::Cursor::new(Vec::new());
    square.write_to(&mut file, image::ImageFormat::Png).ok()?;
    Some(file.into_inner())
}

#[cfg(test)]
mod tests;
