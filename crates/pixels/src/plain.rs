//! Frames that are not packed (PS3.5 8.1.1, Annex D): bits, bytes and words, planes or pixels, halved colours.

use std::borrow::Cow;

use crate::samples::from_words;
use crate::{Number, PixelError, Samples, Shape, Values};

/// Reads a plain frame. Bytes after its end are padding.
pub(crate) fn decode(frame: &[u8], big_endian: bool, shape: &Shape) -> Result<Samples, PixelError> {
    let needed = shape.plain_bytes();
    let frame = usize::try_from(needed)
        .ok()
        .and_then(|needed| frame.get(..needed))
        .ok_or(PixelError::Truncated { needed, found: frame.len() as u64 })?;
    let width = usize::from(shape.bits_allocated / 8);
    let frame = if shape.bits_allocated == 1 {
        Cow::Borrowed(frame)
    } else if shape.photometric.is_halved() {
        Cow::Owned(doubled(frame, width, shape))
    } else if shape.planar && shape.samples > 1 {
        Cow::Owned(by_pixel(frame, width, usize::from(shape.samples)))
    } else {
        Cow::Borrowed(frame)
    };
    let values = numbers(&frame, big_endian, shape)?;
    Ok(Samples::new(shape, shape.photometric, values))
}

/// Planes, one after the other, as pixels; `width` is that of a sample, bytes.
pub(crate) fn by_pixel(planes: &[u8], width: usize, samples: usize) -> Vec<u8> {
    let plane = planes.len() / samples;
    let mut pixels = vec![0; planes.len()];
    for (sample, plane) in planes.chunks_exact(plane).enumerate() {
        let places = pixels.chunks_exact_mut(width * samples);
        for (place, value) in places.zip(plane.chunks_exact(width)) {
            place[sample * width..][..width].copy_from_slice(value);
        }
    }
    pixels
}

/// Two pixels lie as Y, Y, Cb, Cr (PS3.3 C.7.6.3.1.2); each gets the colour differences of both.
fn doubled(frame: &[u8], width: usize, shape: &Shape) -> Vec<u8> {
    let columns = usize::from(shape.columns);
    let mut pixels = Vec::with_capacity(usize::from(shape.rows) * columns * 3 * width);
    for row in frame.chunks_exact(columns.div_ceil(2) * 4 * width) {
        for column in 0..columns {
            let pair = &row[column / 2 * 4 * width..][..4 * width];
            pixels.extend_from_slice(&pair[column % 2 * width..][..width]);
            pixels.extend_from_slice(&pair[2 * width..]);
        }
    }
    pixels
}

fn numbers(frame: &[u8], big_endian: bool, shape: &Shape) -> Result<Values, PixelError> {
    let (twos, _) = frame.as_chunks::<2>();
    let (fours, _) = frame.as_chunks::<4>();
    let (eights, _) = frame.as_chunks::<8>();
    let word16 =
        |bytes: &[u8; 2]| if big_endian { u16::from_be_bytes(*bytes) } else { u16::from_le_bytes(*bytes) };
    let word32 =
        |bytes: &[u8; 4]| if big_endian { u32::from_be_bytes(*bytes) } else { u32::from_le_bytes(*bytes) };
    let word64 =
        |bytes: &[u8; 8]| if big_endian { u64::from_be_bytes(*bytes) } else { u64::from_le_bytes(*bytes) };
    match (shape.bits_allocated, shape.number) {
        (32, Number::Float) => {
            Ok(Values::F32(fours.iter().map(|bytes| f32::from_bits(word32(bytes))).collect()))
        }
        (64, Number::Float) => {
            Ok(Values::F64(eights.iter().map(|bytes| f64::from_bits(word64(bytes))).collect()))
        }
        (1, _) => Ok(Values::U8(bits(frame, shape))),
        (8, _) => from_words(shape, frame.iter().map(|byte| u32::from(*byte))),
        (16, _) => from_words(shape, twos.iter().map(|bytes| u32::from(word16(bytes)))),
        _ => from_words(shape, fours.iter().map(word32)),
    }
}

/// Bits, the lowest of a byte first.
fn bits(frame: &[u8], shape: &Shape) -> Vec<u8> {
    // Checked against the limits before.
    let count = usize::try_from(shape.values()).unwrap_or(0);
    let first = usize::from(shape.first_bit);
    (first..first + count).map(|at| (frame[at / 8] >> (at % 8)) & 1).collect()
}
