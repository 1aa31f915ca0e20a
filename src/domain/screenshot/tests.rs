use image::{ImageEncoder, Rgb, RgbImage, Rgba, RgbaImage};
use proptest::prelude::*;

use super::*;

/// Half red, half blue, so that it is seen which way it was turned.
fn two_halves(width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, _| if x < width / 2 { Rgb([220, 0, 0]) } else { Rgb([0, 0, 220]) })
}

fn png(image: &DynamicImage) -> Vec<u8> {
    let mut bytes = Vec::new();
    image.write_with_encoder(PngEncoder::new(&mut bytes)).unwrap();
    bytes
}

fn jpeg_turned(image: &RgbImage, orientation: u8) -> Vec<u8> {
    let mut exif = b"II*\0\x08\0\0\0\x02\0\x12\x01\x03\0\x01\0\0\0".to_vec();
    exif.extend([orientation, 0, 0, 0]);
    // The name of the camera, which must not be kept.
    exif.extend(b"\x10\x01\x02\0\x0c\0\0\0\x26\0\0\0\0\0\0\0SecretCamera");
    let mut bytes = Vec::new();
    let mut encoder = JpegEncoder::new_with_quality(&mut bytes, 90);
    encoder.set_exif_metadata(exif).unwrap();
    encoder
        .write_image(image.as_raw(), image.width(), image.height(), image::ExtendedColorType::Rgb8)
        .unwrap();
    bytes
}

fn code(file: &[u8]) -> &'static str {
    Screenshot::of_file(file).unwrap_err().0[0].code
}

fn opened(kept: &Screenshot) -> DynamicImage {
    image::load_from_memory(&kept.bytes).unwrap()
}

#[test]
fn a_screenshot_keeps_every_pixel() {
    let image = DynamicImage::ImageRgb8(two_halves(60, 40));
    let kept = Screenshot::of_file(&png(&image)).unwrap();
    assert_eq!((kept.kind, kept.width, kept.height), (PictureKind::Png, 60, 40));
    assert_eq!(opened(&kept).to_rgb8(), image.to_rgb8());
}

#[test]
fn a_photograph_is_turned_as_the_camera_says_and_says_nothing_else() {
    let file = jpeg_turned(&two_halves(64, 32), 6);
    assert!(file.windows(12).any(|w| w == b"SecretCamera"));
    let kept = Screenshot::of_file(&file).unwrap();
    assert_eq!((kept.kind, kept.width, kept.height), (PictureKind::Jpeg, 32, 64));
    let turned = opened(&kept).to_rgb8();
    // Turned right by a quarter, the left half is on top.
    assert!(turned.get_pixel(16, 8)[0] > 150 && turned.get_pixel(16, 56)[2] > 150);
    for secret in [&b"SecretCamera"[..], b"Exif"] {
        assert!(!kept.bytes.windows(secret.len()).any(|w| w == secret));
    }
}

#[test]
fn webp_is_taken_and_kept_as_something_else() {
    let image = RgbaImage::from_fn(20, 20, |x, _| Rgba([10, 200, 10, if x < 10 { 255 } else { 0 }]));
    let mut file = Vec::new();
    image::codecs::webp::WebPEncoder::new_lossless(&mut file)
        .write_image(image.as_raw(), 20, 20, image::ExtendedColorType::Rgba8)
        .unwrap();
    let kept = Screenshot::of_file(&file).unwrap();
    assert_eq!(kept.kind, PictureKind::Png);
    assert_eq!(opened(&kept).to_rgba8(), image);
}

#[test]
fn what_hides_behind_a_picture_is_gone() {
    let mut file = png(&DynamicImage::ImageRgb8(two_halves(30, 30)));
    file.extend_from_slice(b"<script>alert(1)</script>PK\x03\x04");
    let kept = Screenshot::of_file(&file).unwrap();
    assert!(!kept.bytes.windows(8).any(|w| w == b"<script>"));
}

#[test]
fn what_is_no_picture_is_named() {
    assert_eq!(code(b""), "image-empty");
    for file in [
        &b"hello"[..],
        b"<svg onload=alert(1)>",
        b"GIF89a\x01\0\x01\0\0\0\0;",
        b"%PDF-1.7",
        b"\0\0\0\x18ftypheic\0\0\0\0",
    ] {
        assert_eq!(code(file), "image-kind");
    }
    assert_eq!(code(&vec![0; FILE_MAX + 1]), "image-too-large");
    let whole = png(&DynamicImage::ImageRgb8(two_halves(80, 80)));
    for cut in [8, 20, 40, whole.len() / 2] {
        assert_eq!(code(&whole[..cut]), "image-damaged", "{cut}");
    }
    assert_eq!(code(b"\xff\xd8\xff\xe0nothing more"), "image-damaged");
    assert_eq!(code(b"RIFF\x10\0\0\0WEBPVP8 nothing."), "image-damaged");
}

/// A PNG whose header says that it is so large.
fn bomb(width: u32, height: u32) -> Vec<u8> {
    let mut file = png(&DynamicImage::ImageRgb8(two_halves(2, 2)));
    file[16..20].copy_from_slice(&width.to_be_bytes());
    file[20..24].copy_from_slice(&height.to_be_bytes());
    let sum = crc(&file[12..29]);
    file[29..33].copy_from_slice(&sum.to_be_bytes());
    file
}

fn crc(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0u32, |sum, byte| {
        (0..8).fold(
            sum ^ u32::from(*byte),
            |sum, _| if sum & 1 == 1 { sum >> 1 ^ 0xEDB8_8320 } else { sum >> 1 },
        )
    })
}

#[test]
fn a_bomb_is_refused_before_it_is_unpacked() {
    for (width, height) in [(60_000, 60_000), (32_000, 32_000), (1, 40_000), (7_000, 6_000)] {
        assert_eq!(code(&bomb(width, height)), "image-too-many-pixels", "{width}x{height}");
    }
    assert_eq!(code(&bomb(100, 100)), "image-damaged", "it says more than it holds");
}

#[test]
fn an_animation_is_refused() {
    let mut file = png(&DynamicImage::ImageRgb8(two_halves(4, 4)));
    let mut chunk = b"acTL\0\0\0\x02\0\0\0\0".to_vec();
    let sum = crc(&chunk);
    chunk.splice(0..0, 8u32.to_be_bytes());
    chunk.extend(sum.to_be_bytes());
    file.splice(33..33, chunk);
    assert_eq!(code(&file), "image-animated");
}

#[test]
fn what_would_be_too_large_becomes_a_photograph() {
    let mut seed = 1u32;
    let mut noise = || {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (seed >> 24) as u8
    };
    let image = RgbImage::from_fn(900, 700, |_, _| Rgb([noise(), noise(), noise()]));
    let kept = Screenshot::of_file(&png(&DynamicImage::ImageRgb8(image))).unwrap();
    assert_eq!(kept.kind, PictureKind::Jpeg);
    assert!(kept.bytes.len() <= KEPT_MAX && kept.width >= 300);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn no_file_breaks_anything(start in 0usize..4, noise in prop::collection::vec(any::<u8>(), 0..200), at in 0usize..400, with in any::<u8>()) {
        let mut file = match start {
            0 => png(&DynamicImage::ImageRgb8(two_halves(8, 8))),
            1 => jpeg_turned(&two_halves(8, 8), 3),
            2 => b"RIFF\x24\0\0\0WEBPVP8L".to_vec(),
            _ => Vec::new(),
        };
        if !file.is_empty() {
            let at = at % file.len();
            file[at] = with;
        }
        file.extend(noise);
        if let Ok(kept) = Screenshot::of_file(&file) {
            prop_assert!(kept.bytes.len() <= KEPT_MAX);
            prop_assert!(image::load_from_memory(&kept.bytes).is_ok());
        }
    }
}
