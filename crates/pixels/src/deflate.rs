//! Frames that are deflated one by one (PS3.5 A.4.14, RFC 1951).

use miniz_oxide::inflate::decompress_slice_iter_to_slice;

use crate::{PixelError, Samples, Shape, plain};

/// Inflates a frame, which then is a plain one.
pub(crate) fn decode(frame: &[u8], shape: &Shape) -> Result<Samples, PixelError> {
    // One byte of padding may follow; it is not part of the stream and is not read.
    let needed = shape.plain_bytes();
    let length = usize::try_from(needed).map_err(|_| PixelError::Corrupt("a size without end"))?;
    let mut inflated = vec![0; length];
    let found = decompress_slice_iter_to_slice(&mut inflated, std::iter::once(frame), false, true)
        .map_err(|_| PixelError::Corrupt("it cannot be inflated"))?;
    if found < length {
        return Err(PixelError::Truncated { needed, found: found as u64 });
    }
    plain::decode(&inflated, false, shape)
}
