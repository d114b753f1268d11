//! Images for tests, made on the spot.

use std::io::Cursor;

use image::{DynamicImage, ImageFormat, Rgb, RgbImage};

/// 96 x 64, red and blue halves, a white square in the top left corner; drawn for this project.
pub(super) const CORNER_HEIC: &[u8] = include_bytes!("testdata/corner.heic");
/// What stands where EXIF keeps the position.
pub(super) const POSITION: &[u8] = b"31.2304N121.4737E";

/// Red, green, blue and white quarters.
pub(super) fn quarters(width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, y| match (x < width / 2, y < height / 2) {
        (true, true) => Rgb([220, 20, 20]),
        (false, true) => Rgb([20, 180, 20]),
        (true, false) => Rgb([20, 20, 220]),
        (false, false) => Rgb([245, 245, 245]),
    })
}

/// How a camera stores an upright picture that it marks with an orientation, by the table of EXIF: which visual edge
/// the first row and the first column are.
pub(super) fn stored_as(upright: &RgbImage, orientation: u8) -> RgbImage {
    let (right, bottom) = (upright.width() - 1, upright.height() - 1);
    let turned = orientation >= 5;
    let (width, height) = if turned { (bottom + 1, right + 1) } else { (right + 1, bottom + 1) };
    RgbImage::from_fn(width, height, |x, y| {
        let (visual_x, visual_y) = match orientation {
            2 => (right - x, y),
            3 => (right - x, bottom - y),
            4 => (x, bottom - y),
            5 => (y, x),
            6 => (right - y, x),
            7 => (right - y, bottom - x),
            8 => (y, bottom - x),
            _ => (x, y),
        };
        *upright.get_pixel(visual_x, visual_y)
    })
}

pub(super) fn jpeg(image: &RgbImage) -> Vec<u8> {
    encoded(image, ImageFormat::Jpeg)
}

pub(super) fn png(image: &RgbImage) -> Vec<u8> {
    encoded(image, ImageFormat::Png)
}

pub(super) fn webp(image: &RgbImage) -> Vec<u8> {
    encoded(image, ImageFormat::WebP)
}

fn encoded(image: &RgbImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Vec::new();
    DynamicImage::from(image.clone()).write_to(&mut Cursor::new(&mut bytes), format).unwrap();
    bytes
}

/// A JPEG with an EXIF segment behind its first marker: an orientation and a position.
pub(super) fn with_exif(jpeg: &[u8], orientation: u8) -> Vec<u8> {
    let mut tiff = b"MM\0\x2a\0\0\0\x08\0\x01".to_vec();
    tiff.extend_from_slice(&[0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0]);
    tiff.extend_from_slice(&[0, 0, 0, 0]);
    tiff.extend_from_slice(POSITION);
    let length = u16::try_from(tiff.len() + 8).unwrap();
    let segment = [&[0xff, 0xe1], &length.to_be_bytes()[..], b"Exif\0\0", &tiff].concat();
    [&jpeg[..2], &segment, &jpeg[2..]].concat()
}

/// A PNG of a few bytes that claims a size.
pub(super) fn png_claiming(width: u32, height: u32) -> Vec<u8> {
    let header = [&width.to_be_bytes()[..], &height.to_be_bytes(), &[16, 6, 0, 0, 0]].concat();
    let chunk = |name: &[u8], data: &[u8]| {
        let body = [name, data].concat();
        [&u32::try_from(data.len()).unwrap().to_be_bytes()[..], &body, &crc(&body).to_be_bytes()].concat()
    };
    // An empty zlib stream: header, one stored block of no length, checksum.
    let nothing = [0x78, 0x01, 0x01, 0, 0, 0xff, 0xff, 0, 0, 0, 1];
    [&b"\x89PNG\r\n\x1a\n"[..], &chunk(b"IHDR", &header), &chunk(b"IDAT", &nothing), &chunk(b"IEND", b"")]
        .concat()
}

/// The CRC of PNG (ISO/IEC 15948, annex D).
fn crc(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0_u32, |crc, byte| {
        (0..8).fold(
            crc ^ u32::from(*byte),
            |crc, _| if crc & 1 == 1 { 0xedb8_8320 ^ (crc >> 1) } else { crc >> 1 },
        )
    })
}
