//! Images made here, in every orientation, and files that lie.

use image::{GenericImageView, Rgb, Rgba, RgbaImage};

use super::*;
use crate::photos::preview::inspect;
use crate::photos::preview::sample::{self, CORNER_HEIC};

fn decoded(preview: &Preview) -> RgbImage {
    image::load_from_memory(&preview.jpeg).unwrap().into_rgb8()
}

fn close(seen: Rgb<u8>, wanted: [u8; 3]) -> bool {
    seen.0.iter().zip(wanted).all(|(seen, wanted)| seen.abs_diff(wanted) < 40)
}

#[test]
fn all_eight_orientations_come_out_upright() {
    let upright = sample::quarters(64, 32);
    for orientation in 1..=8_u8 {
        let stored = sample::stored_as(&upright, orientation);
        let jpeg = sample::with_exif(&sample::jpeg(&stored), orientation);
        let kind = inspect(&jpeg, "image/jpeg").unwrap();
        assert_eq!(kind.stored_size, Some((stored.width(), stored.height())));
        let preview = preview(&jpeg).unwrap();
        assert_eq!((preview.width, preview.height), (64, 32), "orientation {orientation}");
        let shown = decoded(&preview);
        for (x, y) in [(8, 8), (56, 8), (8, 24), (56, 24)] {
            let (seen, wanted) = (*shown.get_pixel(x, y), upright.get_pixel(x, y).0);
            assert!(close(seen, wanted), "orientation {orientation} at {x},{y}: {seen:?} is not {wanted:?}");
        }
    }
}

#[test]
fn exif_and_position_do_not_come_along() {
    let jpeg = sample::with_exif(&sample::jpeg(&sample::quarters(64, 32)), 6);
    let holds = |bytes: &[u8], part: &[u8]| bytes.windows(part.len()).any(|window| window == part);
    assert!(holds(&jpeg, b"Exif") && holds(&jpeg, sample::POSITION));
    let preview = preview(&jpeg).unwrap().jpeg;
    assert!(!holds(&preview, b"Exif") && !holds(&preview, sample::POSITION));
}

#[test]
fn nonsense_in_exif_is_no_reason_to_lose_a_photo() {
    let jpeg = sample::with_exif(&sample::jpeg(&sample::quarters(64, 32)), 77);
    assert_eq!(preview(&jpeg).map(|preview| preview.width), Ok(64));
}

#[test]
fn a_large_image_shrinks_to_the_edge_and_says_its_own_size() {
    let wide = sample::jpeg(&sample::quarters(6500, 400));
    let preview = preview(&wide).unwrap();
    assert_eq!((preview.width, preview.height), (6500, 400));
    assert_eq!(decoded(&preview).dimensions(), (PREVIEW_EDGE, 98));
    let tall = super::preview(&sample::jpeg(&sample::quarters(1000, 2000))).unwrap();
    assert_eq!(decoded(&tall).dimensions(), (800, PREVIEW_EDGE));
}

#[test]
fn png_and_webp_come_out_on_white() {
    let mut image = RgbaImage::from_pixel(40, 20, Rgba([0, 0, 0, 0]));
    for x in 0..20 {
        for y in 0..20 {
            image.put_pixel(x, y, Rgba([200, 0, 0, 255]));
        }
    }
    let image = DynamicImage::from(image);
    for format in [image::ImageFormat::Png, image::ImageFormat::WebP] {
        let mut bytes = Vec::new();
        image.write_to(&mut Cursor::new(&mut bytes), format).unwrap();
        assert_eq!(inspect(&bytes, format.to_mime_type()).unwrap().stored_size, Some((40, 20)), "{format:?}");
        let shown = decoded(&preview(&bytes).unwrap());
        assert!(
            close(*shown.get_pixel(8, 8), [200, 0, 0]) && close(*shown.get_pixel(32, 8), [255, 255, 255])
        );
    }
}

#[test]
fn heic_is_decoded_or_kept_without_a_preview() {
    let preview_of = |bytes: &[u8]| preview(bytes).map(|preview| decoded(&preview));
    let shown = preview_of(CORNER_HEIC).unwrap();
    assert_eq!(shown.dimensions(), (96, 64));
    assert!(close(*shown.get_pixel(8, 8), [250, 250, 250]), "{:?}", shown.get_pixel(8, 8));
    assert!(close(*shown.get_pixel(80, 48), [30, 30, 200]), "{:?}", shown.get_pixel(80, 48));
    let mut broken = CORNER_HEIC.to_vec();
    let picture = broken.len() - 40;
    broken[picture..].fill(0xff);
    if let Err(error) = preview_of(&broken) {
        assert!(matches!(error, PhotoError::NoPreview(_)), "{error:?}");
    }
}

#[test]
fn a_bomb_is_refused_before_it_is_unpacked() {
    let bomb = sample::png_claiming(60_000, 60_000);
    let refused = Err(PhotoError::TooManyPixels { width: 60_000, height: 60_000 });
    assert_eq!(inspect(&bomb, "image/png").map(|_| ()), refused);
    assert_eq!(preview(&bomb).map(|_| ()), refused);
    // Under the limit of pixels, and over that of memory only if they were unpacked: there are none.
    let hollow = sample::png_claiming(9_900, 9_900);
    assert!(inspect(&hollow, "image/png").is_ok());
    assert!(matches!(preview(&hollow), Err(PhotoError::Corrupt(_) | PhotoError::NoPreview(_))));
}

#[test]
fn a_colour_profile_of_rgb_is_carried_on() {
    let mut profile = vec![0_u8; 132];
    profile[16..20].copy_from_slice(b"RGB ");
    profile[36..40].copy_from_slice(b"acsp");
    let with_profile = |profile: &[u8]| {
        let mut bytes = Vec::new();
        let mut encoder = JpegEncoder::new(&mut bytes);
        encoder.set_icc_profile(profile.to_vec()).unwrap();
        let image = sample::quarters(16, 16);
        encoder.write_image(image.as_raw(), 16, 16, ExtendedColorType::Rgb8).unwrap();
        preview(&bytes).unwrap().jpeg
    };
    let carries = |jpeg: &[u8]| jpeg.windows(11).any(|window| window == b"ICC_PROFILE");
    assert!(carries(&with_profile(&profile)));
    profile[16..20].copy_from_slice(b"CMYK");
    assert!(!carries(&with_profile(&profile)));
}

#[test]
fn cut_and_scrambled_files_are_errors_and_never_panics() {
    let originals = [
        sample::jpeg(&sample::quarters(64, 32)),
        sample::png(&sample::quarters(64, 32)),
        sample::webp(&sample::quarters(64, 32)),
        CORNER_HEIC.to_vec(),
    ];
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut random = move || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 33).unwrap()
    };
    for original in &originals {
        for _ in 0..200 {
            let mut bytes = original.clone();
            bytes.truncate(1 + random() % original.len());
            for _ in 0..random() % 8 {
                let at = random() % bytes.len();
                bytes[at] = u8::try_from(random() % 256).unwrap();
            }
            let _ = preview(&bytes);
            for declared in ["image/jpeg", "image/png", "image/webp", "image/heic"] {
                let _ = inspect(&bytes, declared);
            }
        }
    }
    assert_eq!(image::load_from_memory(&originals[1]).unwrap().dimensions(), (64, 32));
}
