//! A deflated data set (PS3.5 A.5), inflated as it comes.

use flate2::{Decompress, FlushDecompress, Status};

use crate::error::ReadError;

/// Inflates; holds a window of 32 KiB and one buffer.
pub(super) struct Inflate {
    stream: Stream,
    out: Box<[u8]>,
    left: u64,
}

enum Stream {
    /// Nothing has come; the first byte tells whether somebody put a head of zlib before the stream.
    Unseen,
    Open(Box<Decompress>),
    Over,
}

/// Inflated at a time.
const BUFFER: usize = 64 << 10;

impl Inflate {
    /// Inflates at most this many bytes.
    pub(super) fn new(limit: u64) -> Self {
        Self { stream: Stream::Unseen, out: vec![0; BUFFER].into_boxed_slice(), left: limit }
    }

    /// Takes deflated bytes and gives what they become, a buffer at a time. What follows the end of the stream is padding.
    pub(super) fn push(
        &mut self,
        mut bytes: &[u8],
        mut inflated: impl FnMut(&[u8]) -> Result<(), ReadError>,
    ) -> Result<(), ReadError> {
        if let (Stream::Unseen, Some(first)) = (&self.stream, bytes.first()) {
            // A raw stream that begins so would have junk between the head of a stored block and its length.
            self.stream = Stream::Open(Box::new(Decompress::new(*first == 0x78)));
        }
        while let Stream::Open(stream) = &mut self.stream {
            let (taken, made) = (stream.total_in(), stream.total_out());
            let status = stream
                .decompress(bytes, &mut self.out, FlushDecompress::None)
                .map_err(|_| ReadError::NotDeflated)?;
            let (taken, made) = (stream.total_in() - taken, stream.total_out() - made);
            self.left = self.left.checked_sub(made).ok_or(ReadError::InflatesTooFar)?;
            // Neither is longer than the slices that were passed.
            let (taken, made) = (usize::try_from(taken).unwrap_or(0), usize::try_from(made).unwrap_or(0));
            bytes = &bytes[taken..];
            inflated(&self.out[..made])?;
            match status {
                Status::StreamEnd => self.stream = Stream::Over,
                _ if made < self.out.len() && (bytes.is_empty() || taken + made == 0) => break,
                _ => {}
            }
        }
        Ok(())
    }

    /// Whether the stream came to its end.
    pub(super) fn is_over(&self) -> bool {
        matches!(self.stream, Stream::Over)
    }
}
