//! Whole, cut, mislabelled and strange files.

use super::*;
use crate::photos::preview::sample::{self, CORNER_HEIC};

fn whole() -> [(&'static str, Vec<u8>); 4] {
    let image = sample::quarters(64, 32);
    [
        ("image/jpeg", sample::jpeg(&image)),
        ("image/png", sample::png(&image)),
        ("image/webp", sample::webp(&image)),
        ("image/heic", CORNER_HEIC.to_vec()),
    ]
}

#[test]
fn whole_files_are_what_they_say() {
    for (declared, bytes) in whole() {
        let kind = inspect(&bytes, declared).unwrap();
        assert_eq!(kind.format.media_type(), declared);
        let size = (kind.format != Format::Heic).then_some((64, 32));
        assert_eq!(kind.stored_size, size, "{declared}");
    }
    assert!(inspect(&whole()[0].1, "IMAGE/JPG; q=1").is_ok());
}

#[test]
fn a_file_under_a_wrong_name_is_named() {
    for (declared, _) in whole() {
        for (found, bytes) in whole().into_iter().filter(|(found, _)| *found != declared) {
            assert_eq!(inspect(&bytes, declared), Err(PhotoError::WrongType { declared, found }));
        }
    }
    for bytes in
        [&b""[..], b"GIF89a", b"<svg onload=alert(1)>", b"%PDF-1.7", b"\0\0\0\x18ftypavif\0\0\0\0avifmif1"]
    {
        assert_eq!(inspect(bytes, "image/jpeg"), Err(PhotoError::Unsupported));
    }
    assert_eq!(inspect(&whole()[0].1, "image/svg+xml"), Err(PhotoError::Unsupported));
}

#[test]
fn a_file_that_is_cut_off_anywhere_is_damaged() {
    for (declared, bytes) in whole() {
        for length in 32..bytes.len() {
            let cut = inspect(&bytes[..length], declared);
            assert!(matches!(cut, Err(PhotoError::Corrupt(_))), "{declared} at {length}: {cut:?}");
        }
    }
}

#[test]
fn what_phones_append_to_a_jpeg_is_theirs() {
    let mut bytes = whole()[0].1.clone();
    bytes.extend_from_slice(b"\0\0\0\x18ftypmp42 and a film");
    assert_eq!(inspect(&bytes, "image/jpeg").unwrap().stored_size, Some((64, 32)));
}

#[test]
fn sizes_that_cannot_be_are_refused() {
    assert_eq!(
        inspect(&sample::png_claiming(10_001, 10_000), "image/png"),
        Err(PhotoError::TooManyPixels { width: 10_001, height: 10_000 })
    );
    assert!(matches!(inspect(&sample::png_claiming(0, 10), "image/png"), Err(PhotoError::Corrupt(_))));
    assert!(matches!(
        inspect(&sample::png_claiming(u32::MAX, u32::MAX), "image/png"),
        Err(PhotoError::TooManyPixels { .. })
    ));
}
