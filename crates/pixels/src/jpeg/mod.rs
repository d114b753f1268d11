//! JPEG (ITU-T T.81): sequential DCT with 8 or 12 bits (processes 1, 2 and 4), lossless with 2 to 16 bits (process 14).
//!
//! Components come out as they are in the stream: no colour is turned. Progressive streams, which DICOM has retired, are left to
//! zune-jpeg; arithmetic coding and hierarchies, which nobody writes, are refused.

mod huffman;
mod idct;
mod lossless;
mod progressive;
mod segments;
mod sequential;
mod upsample;
mod write;

use crate::{Photometric, PixelError, Samples, Shape};

use segments::{Frame, Process, Segments, Step};

pub(crate) use write::{baseline, lossless};

/// Start of frame of JPEG-LS, which shares the markers.
const SOF55: u8 = 0xf7;

/// Whether the stream is JPEG-LS, by its start of frame.
pub(crate) fn is_jpeg_ls(frame: &[u8]) -> bool {
    let mut rest = frame.strip_prefix(&[0xff, 0xd8]).unwrap_or_default();
    while let [0xff, marker, after @ ..] = rest {
        match (*marker, after) {
            (0xff, _) => rest = &rest[1..],
            (SOF55, _) => return true,
            (0xc0..=0xcf | 0xda, _) => return false,
            (_, [high, low, ..]) => {
                let length = usize::from(u16::from_be_bytes([*high, *low]));
                rest = after.get(length..).unwrap_or_default();
            }
            _ => return false,
        }
    }
    false
}

/// Unpacks a frame.
pub(crate) fn decode(bytes: &[u8], shape: &Shape) -> Result<Samples, PixelError> {
    let mut segments = Segments::new(bytes)?;
    if let Step::Frame = segments.step()? {
    } else {
        return Err(PixelError::Corrupt("a scan without a frame header"));
    }
    let mut frame = segments.frame()?.clone();
    if frame.rows == 0 {
        // The height comes after the first scan then (B.2.5). The header knows it.
        frame.rows = shape.rows;
    }
    fits(&frame, shape)?;
    let values = match frame.process {
        Process::Sequential => sequential::decode(&mut segments, &frame)?,
        Process::Lossless => lossless::decode(&mut segments, &frame)?,
        Process::Progressive => progressive::decode(bytes, &frame)?,
    };
    let photometric = photometric(&segments, &frame, shape);
    Samples::from_stream(shape, photometric, u32::from(frame.precision), values.into_iter().map(i32::from))
}

/// The frame is as large as the header says; that was held against the limits.
fn fits(frame: &Frame, shape: &Shape) -> Result<(), PixelError> {
    let differs = |what, header: u16, stream: u16| {
        (header != stream).then(|| PixelError::Mismatch {
            what,
            header: u32::from(header),
            stream: u32::from(stream),
        })
    };
    let components = u16::try_from(frame.components.len()).unwrap_or(u16::MAX);
    let fault = differs("rows", shape.rows, frame.rows)
        .or_else(|| differs("columns", shape.columns, frame.columns))
        .or_else(|| differs("samples per pixel", shape.samples, components));
    fault.map_or(Ok(()), Err)
}

/// What the components are: what the header says, but where the stream says more surely that they are colour differences or not.
fn photometric(segments: &Segments<'_>, frame: &Frame, shape: &Shape) -> Photometric {
    let told = shape.photometric;
    if frame.components.len() != 3 {
        return told;
    }
    let ids: Vec<u8> = frame.components.iter().map(|component| component.id).collect();
    let lossy = frame.process != Process::Lossless;
    match (segments.adobe, told) {
        (Some(0), _) => Photometric::Rgb,
        (Some(1), Photometric::Rgb) if lossy => Photometric::YbrFull,
        (None, Photometric::Rgb) if lossy && segments.jfif && ids != *b"RGB" => Photometric::YbrFull,
        // Colour differences that were halved have been spread again.
        (_, Photometric::YbrFull422 | Photometric::YbrIct | Photometric::YbrRct) => Photometric::YbrFull,
        _ => told,
    }
}
