//! The structure of image files: their kind, their size and whether they are whole, without decoding a pixel.
//!
//! Nothing is allocated and nothing is trusted: every length is checked against the bytes that are there.

use super::{Format, ImageKind, PhotoError};

/// The most pixels that are decoded: a file of a few kilobytes can claim to be any size.
pub const MAX_PIXELS: u64 = 100_000_000;

const PNG_SIGNATURE: &[u8] = b"\x89PNG\r\n\x1a\n";
/// Brands of HEIF files that hold HEVC stills.
const HEVC_BRANDS: [&[u8]; 6] = [b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx"];

/// Says what a file is by its first bytes and sees that it is whole, of the declared type and of a size that can be
/// decoded.
pub fn inspect(bytes: &[u8], declared: &str) -> Result<ImageKind, PhotoError> {
    let declared = Format::from_media_type(declared).ok_or(PhotoError::Unsupported)?;
    let format = by_magic(bytes).ok_or(PhotoError::Unsupported)?;
    if format != declared {
        return Err(PhotoError::WrongType { declared: declared.media_type(), found: format.media_type() });
    }
    let stored_size = match format {
        Format::Jpeg => Some(jpeg(bytes)?),
        Format::Png => Some(png(bytes)?),
        Format::WebP => Some(webp(bytes)?),
        Format::Heic => {
            heic(bytes)?;
            None
        }
    };
    if let Some((width, height)) = stored_size {
        check_pixels(width, height)?;
    }
    Ok(ImageKind { format, stored_size })
}

/// The kind of a file by its first bytes.
pub(super) fn by_magic(bytes: &[u8]) -> Option<Format> {
    match bytes {
        [0xff, 0xd8, 0xff, ..] => Some(Format::Jpeg),
        _ if bytes.starts_with(PNG_SIGNATURE) => Some(Format::Png),
        _ if bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP") => Some(Format::WebP),
        _ if bytes.get(4..8) == Some(b"ftyp") => {
            let length = usize::try_from(be32(bytes, 0)?).ok()?.clamp(16, 256);
            let brands = bytes.get(8..length.min(bytes.len()))?.chunks_exact(4);
            brands.into_iter().any(|brand| HEVC_BRANDS.contains(&brand)).then_some(Format::Heic)
        }
        _ => None,
    }
}

/// Refuses sizes that are not there or are too large.
pub(super) fn check_pixels(width: u32, height: u32) -> Result<(), PhotoError> {
    match u64::from(width) * u64::from(height) {
        0 => Err(PhotoError::Corrupt("no width or no height")),
        pixels if pixels > MAX_PIXELS => Err(PhotoError::TooManyPixels { width, height }),
        _ => Ok(()),
    }
}

/// Walks segments and scans to the end-of-image marker. What phones append after it (a film, a second picture) is theirs.
fn jpeg(bytes: &[u8]) -> Result<(u32, u32), PhotoError> {
    const CUT: PhotoError = PhotoError::Corrupt("the JPEG is cut off");
    let (mut at, mut size) = (2_usize, None);
    loop {
        // Markers may be preceded by any number of fill bytes.
        while bytes.get(at) == Some(&0xff) && bytes.get(at + 1) == Some(&0xff) {
            at += 1;
        }
        let (Some(0xff), Some(&marker)) = (bytes.get(at), bytes.get(at + 1)) else {
            return Err(if at + 1 < bytes.len() { PhotoError::Corrupt("no JPEG marker") } else { CUT });
        };
        at += 2;
        match marker {
            0xd9 => return size.ok_or(PhotoError::Corrupt("a JPEG without a picture")),
            0x01 | 0xd0..=0xd7 => continue,
            _ => {}
        }
        let length = usize::from(be16(bytes, at).ok_or(CUT)?);
        if length < 2 || at + length > bytes.len() {
            return Err(CUT);
        }
        // Start of frame: sample precision, height, width.
        if matches!(marker, 0xc0..=0xcf) && !matches!(marker, 0xc4 | 0xc8 | 0xcc) {
            let side = |from: usize| be16(bytes, from).map(u32::from).ok_or(CUT);
            size = Some((side(at + 5)?, side(at + 3)?));
        }
        at += length;
        if marker == 0xda {
            at = end_of_scan(bytes, at).ok_or(CUT)?;
        }
    }
}

/// The marker that ends entropy-coded data: not a stuffed zero, not a restart.
fn end_of_scan(bytes: &[u8], from: usize) -> Option<usize> {
    let data = bytes.get(from..)?;
    data.windows(2)
        .position(|pair| pair[0] == 0xff && !matches!(pair[1], 0x00 | 0xd0..=0xd7 | 0xff))
        .map(|at| from + at)
}

/// Walks chunks from IHDR to IEND.
fn png(bytes: &[u8]) -> Result<(u32, u32), PhotoError> {
    const CUT: PhotoError = PhotoError::Corrupt("the PNG is cut off");
    if bytes.get(12..16).ok_or(CUT)? != b"IHDR" {
        return Err(PhotoError::Corrupt("a PNG without a header"));
    }
    let size = (be32(bytes, 16).ok_or(CUT)?, be32(bytes, 20).ok_or(CUT)?);
    let mut at = PNG_SIGNATURE.len();
    loop {
        let length = usize::try_from(be32(bytes, at).ok_or(CUT)?).map_err(|_| CUT)?;
        let name = bytes.get(at + 4..at + 8).ok_or(CUT)?;
        at = at
            .checked_add(12)
            .and_then(|at| at.checked_add(length))
            .filter(|at| *at <= bytes.len())
            .ok_or(CUT)?;
        if name == b"IEND" {
            return Ok(size);
        }
    }
}

/// Reads the first chunk: `VP8 ` (lossy), `VP8L` (lossless) or `VP8X` (extended).
fn webp(bytes: &[u8]) -> Result<(u32, u32), PhotoError> {
    const CUT: PhotoError = PhotoError::Corrupt("the WebP is cut off");
    let riff = bytes.get(4..8).and_then(|four| four.try_into().ok()).map(u32::from_le_bytes).ok_or(CUT)?;
    if u64::from(riff) + 8 > bytes.len() as u64 {
        return Err(CUT);
    }
    let side = |from: usize| bytes.get(from..from + 2).map(|b| u32::from(u16::from_le_bytes([b[0], b[1]])));
    let wide = |from: usize| {
        bytes.get(from..from + 3).map(|b| u32::from_le_bytes([b[0], b[1], b[2], 0]).saturating_add(1))
    };
    let size = match bytes.get(12..16).ok_or(CUT)? {
        b"VP8 " if bytes.get(23..26) == Some(&[0x9d, 0x01, 0x2a]) => {
            side(26).zip(side(28)).map(|(width, height)| (width & 0x3fff, height & 0x3fff))
        }
        b"VP8L" if bytes.get(20) == Some(&0x2f) => bytes.get(21..25).map(|b| {
            let packed = u32::from_le_bytes([b[0], b[1], b[2], b[3]]);
            ((packed & 0x3fff) + 1, ((packed >> 14) & 0x3fff) + 1)
        }),
        b"VP8X" => wide(24).zip(wide(27)),
        _ => return Err(PhotoError::Corrupt("a WebP without a picture")),
    };
    size.ok_or(CUT)
}

/// Walks the boxes of the file: they have to fit, one has to say where the pictures lie and one has to hold them.
fn heic(bytes: &[u8]) -> Result<(), PhotoError> {
    const CUT: PhotoError = PhotoError::Corrupt("the HEIC is cut off");
    let (mut at, mut described, mut held) = (0_usize, false, false);
    while at < bytes.len() {
        let name = bytes.get(at + 4..at + 8).ok_or(CUT)?;
        described |= name == b"meta";
        held |= name == b"mdat";
        let length = match be32(bytes, at).ok_or(CUT)? {
            // To the end of the file.
            0 => break,
            1 => {
                let large =
                    bytes.get(at + 8..at + 16).and_then(|b| b.try_into().ok()).map(u64::from_be_bytes);
                usize::try_from(large.ok_or(CUT)?).map_err(|_| CUT)?
            }
            length => usize::try_from(length).map_err(|_| CUT)?,
        };
        if length < 8 {
            return Err(PhotoError::Corrupt("a HEIC box of no length"));
        }
        at = at.checked_add(length).filter(|at| *at <= bytes.len()).ok_or(CUT)?;
    }
    match (described, held) {
        (true, true) => Ok(()),
        (true, false) => Err(CUT),
        (false, _) => Err(PhotoError::Corrupt("a HEIC without a picture")),
    }
}

fn be16(bytes: &[u8], at: usize) -> Option<u16> {
    bytes.get(at..at + 2).map(|b| u16::from_be_bytes([b[0], b[1]]))
}

fn be32(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..at.checked_add(4)?).map(|b| u32::from_be_bytes([b[0], b[1], b[2], b[3]]))
}

#[cfg(test)]
mod tests;
