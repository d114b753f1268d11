//! JPEG-LS (ITU-T T.87), lossless and near-lossless, with 2 to 16 bits, components apart, by line or by sample.
//!
//! Restart intervals, mapping tables and point transforms, which no medical image is known to use, are refused.

mod bits;
mod model;
mod parameters;
mod scan;

use crate::{Photometric, PixelError, Samples, Shape};

use parameters::{Parameters, Presets};

const DAMAGED: PixelError = PixelError::Corrupt("a JPEG-LS segment is cut off");

/// What the start of frame says (C.2.2).
struct Frame {
    precision: u8,
    components: Vec<u8>,
}

/// How the components of a scan alternate (C.2.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Interleave {
    /// One component in the scan.
    None,
    /// Line by line.
    Line,
    /// Sample by sample.
    Sample,
}

/// What a start of scan says.
struct Scan {
    components: Vec<usize>,
    near: u8,
    interleave: Interleave,
}

/// Unpacks a frame.
pub(crate) fn decode(bytes: &[u8], shape: &Shape) -> Result<Samples, PixelError> {
    let mut rest = bytes.strip_prefix(&[0xff, 0xd8]).ok_or(DAMAGED)?;
    let mut frame: Option<Frame> = None;
    let mut presets = Presets::default();
    let count = usize::from(shape.samples);
    let mut pixels = Vec::new();
    let mut seen = vec![false; count];
    while !seen.iter().all(|seen| *seen) {
        let (marker, segment, after) = segment(rest)?;
        rest = after;
        match marker {
            0xf7 => {
                frame = Some(read_frame(segment, shape)?);
                pixels = vec![0; usize::from(shape.rows) * usize::from(shape.columns) * count];
            }
            0xf8 => presets = Presets::read(segment)?,
            0xdd if segment.iter().any(|byte| *byte != 0) => {
                return Err(PixelError::Unsupported("JPEG-LS with restarts"));
            }
            0xe8 if segment.starts_with(b"mrfx") && segment.get(4) != Some(&0) => {
                return Err(PixelError::Unsupported("JPEG-LS with a colour transform"));
            }
            0xda => {
                let frame = frame.as_ref().ok_or(PixelError::Corrupt("a scan without a frame header"))?;
                let scan = read_scan(segment, frame)?;
                let parameters = Parameters::new(frame.precision, scan.near, &presets)?;
                let used =
                    scan::decode(rest, &scan, parameters, usize::from(shape.columns), count, &mut pixels)?;
                rest = &rest[used..];
                scan.components.iter().for_each(|component| seen[*component] = true);
            }
            _ => {}
        }
    }
    let precision = frame.map_or(0, |frame| u32::from(frame.precision));
    let photometric = match shape.photometric {
        // RGB by RCT is JPEG 2000's; halved colours are no lossless stream's.
        Photometric::YbrFull422 => Photometric::YbrFull,
        told => told,
    };
    Samples::from_stream(shape, photometric, precision, pixels.into_iter().map(i32::from))
}

/// The next segment: marker, content, and what comes after it.
fn segment(bytes: &[u8]) -> Result<(u8, &[u8], &[u8]), PixelError> {
    let start = bytes.windows(2).position(|two| two[0] == 0xff && two[1] >= 0x80 && two[1] != 0xff);
    let rest = start.and_then(|start| bytes.get(start + 1..)).ok_or(DAMAGED)?;
    let (marker, rest) = rest.split_first().ok_or(DAMAGED)?;
    match marker {
        0xd9 => Err(PixelError::Corrupt("a component of the JPEG-LS frame is missing")),
        0xd0..=0xd8 => Ok((*marker, &[], rest)),
        _ => {
            let length =
                rest.first_chunk().map(|two| usize::from(u16::from_be_bytes(*two))).ok_or(DAMAGED)?;
            let content = rest.get(2..length).ok_or(DAMAGED)?;
            Ok((*marker, content, &rest[length..]))
        }
    }
}

fn read_frame(segment: &[u8], shape: &Shape) -> Result<Frame, PixelError> {
    let [precision, r1, r0, c1, c0, count, ref listed @ ..] = *segment else { return Err(DAMAGED) };
    for (what, header, stream) in [
        ("rows", shape.rows, u16::from_be_bytes([r1, r0])),
        ("columns", shape.columns, u16::from_be_bytes([c1, c0])),
        ("samples per pixel", shape.samples, u16::from(count)),
    ] {
        if header != stream {
            let (header, stream) = (u32::from(header), u32::from(stream));
            return Err(PixelError::Mismatch { what, header, stream });
        }
    }
    if !(2..=16).contains(&precision) {
        return Err(PixelError::Corrupt("JPEG-LS has 2 to 16 bits"));
    }
    let listed = listed.get(..3 * usize::from(count)).ok_or(DAMAGED)?;
    if listed.chunks_exact(3).any(|three| three[1] != 0x11) {
        return Err(PixelError::Unsupported("JPEG-LS with components of several densities"));
    }
    Ok(Frame { precision, components: listed.chunks_exact(3).map(|three| three[0]).collect() })
}

fn read_scan(segment: &[u8], frame: &Frame) -> Result<Scan, PixelError> {
    let (count, rest) = segment.split_first().ok_or(DAMAGED)?;
    let (chosen, rest) = rest.split_at_checked(2 * usize::from(*count)).ok_or(DAMAGED)?;
    let [near, interleave, transform, ..] = *rest else { return Err(DAMAGED) };
    if transform != 0 {
        return Err(PixelError::Unsupported("JPEG-LS with a point transform"));
    }
    if chosen.chunks_exact(2).any(|two| two[1] != 0) {
        return Err(PixelError::Unsupported("JPEG-LS with mapping tables"));
    }
    let index = |two: &[u8]| frame.components.iter().position(|id| *id == two[0]);
    let missing = PixelError::Corrupt("a scan of a component that is not there");
    let components: Vec<usize> = chosen.chunks_exact(2).map(index).collect::<Option<_>>().ok_or(missing)?;
    let interleave = match (interleave, components.len()) {
        (0..=2, 1) => Interleave::None,
        (1, 2..=4) => Interleave::Line,
        (2, 2..=4) => Interleave::Sample,
        _ => return Err(PixelError::Corrupt("components of a JPEG-LS scan that do not alternate")),
    };
    Ok(Scan { components, near, interleave })
}
