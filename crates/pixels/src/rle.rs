//! RLE: byte planes, the highest byte of a sample first, packed by runs (PS3.5 Annex G).

use crate::{PixelError, Samples, Shape, plain};

/// Bytes of the header: the number of segments and fifteen offsets.
const HEADER: usize = 64;
/// Segments that a frame has at most.
const MOST: usize = 15;

/// Unpacks a frame.
pub(crate) fn decode(frame: &[u8], shape: &Shape) -> Result<Samples, PixelError> {
    if shape.bits_allocated == 1 {
        return decode_bits(frame, shape);
    }
    let pixels = usize::try_from(shape.pixels()).map_err(|_| PixelError::Corrupt("a size without end"))?;
    let width = usize::from(shape.bits_allocated / 8);
    let samples = usize::from(shape.samples);
    let segments = segments(frame, width * samples)?;
    let mut words = vec![0; pixels * width * samples];
    let mut plane = Vec::with_capacity(pixels);
    for (index, segment) in segments.into_iter().enumerate() {
        unpack(segment, pixels, &mut plane)?;
        // The highest byte comes first, and words are laid with the small end first.
        let at = index / width * width + (width - 1 - index % width);
        for (word, byte) in words.chunks_exact_mut(width * samples).zip(&plane) {
            word[at] = *byte;
        }
    }
    let by_pixel = Shape { planar: false, photometric: whole(shape), ..*shape };
    plain::decode(&words, false, &by_pixel)
}

/// Packs samples.
pub(crate) fn encode(samples: &Samples) -> Result<Vec<u8>, PixelError> {
    let width = samples.values.bits() as usize / 8;
    let stride = width * usize::from(samples.samples);
    if stride > MOST {
        return Err(PixelError::Unsupported("RLE has fifteen segments at most"));
    }
    let words = samples.values.to_le_bytes();
    let mut frame = vec![0; HEADER];
    frame[0] = u8::try_from(stride).unwrap_or_default();
    for index in 0..stride {
        let start = u32::try_from(frame.len()).map_err(|_| PixelError::Unsupported("RLE of 4 GiB"))?;
        frame[4 + index * 4..][..4].copy_from_slice(&start.to_le_bytes());
        let at = index / width * width + (width - 1 - index % width);
        let plane: Vec<u8> = words.iter().skip(at).step_by(stride).copied().collect();
        // Runs do not reach over the end of a row (G.3.1).
        plane.chunks(samples.columns as usize).for_each(|row| pack(row, &mut frame));
        if frame.len() % 2 == 1 {
            frame.push(0);
        }
    }
    Ok(frame)
}

/// Bits are packed as they lie, eight to a byte, in one segment.
fn decode_bits(frame: &[u8], shape: &Shape) -> Result<Samples, PixelError> {
    let needed =
        usize::try_from(shape.plain_bytes()).map_err(|_| PixelError::Corrupt("a size without end"))?;
    let mut plane = Vec::with_capacity(needed);
    for segment in segments(frame, 1)? {
        unpack(segment, needed, &mut plane)?;
    }
    plain::decode(&plane, false, shape)
}

/// RLE keeps the colour differences of every pixel, whatever the header calls them.
fn whole(shape: &Shape) -> crate::Photometric {
    if shape.photometric.is_halved() { crate::Photometric::YbrFull } else { shape.photometric }
}

fn segments(frame: &[u8], expected: usize) -> Result<Vec<&[u8]>, PixelError> {
    let header = frame
        .get(..HEADER)
        .ok_or(PixelError::Truncated { needed: HEADER as u64, found: frame.len() as u64 })?;
    let (words, _) = header.as_chunks::<4>();
    let word = |at: usize| u32::from_le_bytes(words[at]) as usize;
    let count = word(0);
    if count != expected || count > MOST {
        let small = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        return Err(PixelError::Mismatch {
            what: "RLE segments",
            header: small(expected),
            stream: small(count),
        });
    }
    let cut = |index: usize| {
        let (start, end) = (word(1 + index), if index + 1 < count { word(2 + index) } else { frame.len() });
        let outside = PixelError::Corrupt("an RLE segment lies outside");
        if start < HEADER { Err(outside) } else { frame.get(start..end).ok_or(outside) }
    };
    (0..count).map(cut).collect()
}

/// PackBits, as G.3.2 has it. What a segment holds beyond the plane is dropped.
fn unpack(mut packed: &[u8], length: usize, plane: &mut Vec<u8>) -> Result<(), PixelError> {
    plane.clear();
    while plane.len() < length {
        let Some((head, rest)) = packed.split_first() else { break };
        let left = length - plane.len();
        packed = match *head {
            128 => rest,
            literal @ 0..128 => {
                let bytes = rest.get(..usize::from(literal) + 1).unwrap_or(rest);
                plane.extend_from_slice(&bytes[..bytes.len().min(left)]);
                &rest[bytes.len()..]
            }
            run => {
                let Some((byte, rest)) = rest.split_first() else { break };
                plane.resize(plane.len() + (257 - usize::from(run)).min(left), *byte);
                rest
            }
        };
    }
    if plane.len() < length {
        return Err(PixelError::Truncated { needed: length as u64, found: plane.len() as u64 });
    }
    Ok(())
}

/// Runs of three and more are worth a pair of bytes; runs of two only where no literal is open.
fn pack(mut row: &[u8], out: &mut Vec<u8>) {
    while let Some(first) = row.first() {
        let run = row.iter().take(128).take_while(|byte| *byte == first).count();
        if run > 1 {
            out.extend([u8::try_from(257 - run).unwrap_or(0), *first]);
            row = &row[run..];
            continue;
        }
        let until = row.windows(3).take(128).position(|three| three[0] == three[1] && three[1] == three[2]);
        let literal = until.unwrap_or(row.len()).clamp(1, 128);
        out.push(u8::try_from(literal - 1).unwrap_or(0));
        out.extend_from_slice(&row[..literal]);
        row = &row[literal..];
    }
}
