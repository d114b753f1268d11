//! Where each frame lies, so that it can be served by a range of its object.

mod bytes;
mod encapsulated;
mod native;

pub use bytes::NoFrameTable;

use dicom_dictionary_std::tags;
use thiserror::Error;

use crate::header::{Header, PixelData};

/// The frames of an object. Ranges count from the start of its data set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FrameTable {
    layout: Layout,
    inflated: bool,
}

/// A range of the data set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ByteRange {
    /// Where it begins.
    pub offset: u64,
    /// How many bytes it has.
    pub length: u32,
}

/// Where one frame is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FrameRanges {
    /// Its bytes: these ranges one after another.
    pub ranges: Vec<ByteRange>,
    /// In the first byte, the bits before this one belong to the frame before; only frames of one bit a pixel have such.
    pub first_bit: u8,
    /// The bits of the frame, where it does not fill its bytes.
    pub bits: Option<u64>,
}

/// Why it is not known where the frames are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum FrameError {
    /// Rows, columns, samples or bits are missing or zero.
    #[error("the size of a frame is not said")]
    NoSize,
    /// There are fragments, but neither a table nor markers tell which frame they belong to.
    #[error("it cannot be told which fragment belongs to which frame")]
    Unclear,
    /// There are no pixels for even one frame.
    #[error("there are fewer pixels than a frame has")]
    TooShort,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Layout {
    /// Frames of the same number of bits, without gaps.
    Native { offset: u64, bits: u64, frames: u32 },
    /// Each frame in some fragments.
    Encapsulated {
        fragments: Vec<ByteRange>,
        /// The number of the first fragment of each frame; none when every frame is one fragment.
        starts: Option<Vec<u32>>,
    },
}

impl FrameTable {
    /// The frames of an object; none when it has no pixel data. There may be fewer than its header says, when it was cut. A
    /// video is one frame: the stream as a whole.
    pub fn of(header: &Header) -> Result<Option<Self>, FrameError> {
        let declared =
            header.data_set.int(tags::NUMBER_OF_FRAMES).and_then(|frames| u32::try_from(frames).ok());
        let declared = declared.filter(|frames| *frames > 0);
        let layout = match header.pixel_data() {
            None => return Ok(None),
            Some(PixelData::Native { tag, offset, length, .. }) => {
                native::layout(&header.data_set, tag, offset, length, declared.unwrap_or(1))?
            }
            Some(PixelData::Encapsulated { fragments, first_fragment }) => {
                let video = header.transfer_syntax.codec().video();
                let declared = if video { Some(1) } else { declared };
                encapsulated::layout(&header.data_set, fragments, first_fragment, declared)?
            }
        };
        Ok(Some(Self { layout, inflated: header.transfer_syntax.deflated() }))
    }

    /// How many frames there are.
    pub fn frames(&self) -> u32 {
        match &self.layout {
            Layout::Native { frames, .. } => *frames,
            Layout::Encapsulated { fragments, starts: None } => {
                u32::try_from(fragments.len()).unwrap_or(u32::MAX)
            }
            Layout::Encapsulated { starts: Some(starts), .. } => {
                u32::try_from(starts.len()).unwrap_or(u32::MAX)
            }
        }
    }

    /// Whether frames lie in fragments.
    pub fn is_encapsulated(&self) -> bool {
        matches!(self.layout, Layout::Encapsulated { .. })
    }

    /// Whether ranges count in what a deflated data set inflates to.
    pub fn is_inflated(&self) -> bool {
        self.inflated
    }

    /// Where a frame is; the first one has the number 0.
    pub fn frame(&self, number: u32) -> Option<FrameRanges> {
        if number >= self.frames() {
            return None;
        }
        let at = number as usize;
        match &self.layout {
            Layout::Native { offset, bits, .. } => native::frame(*offset, *bits, number),
            Layout::Encapsulated { fragments, starts: None } => {
                fragments.get(at).map(|fragment| FrameRanges::whole(vec![*fragment]))
            }
            Layout::Encapsulated { fragments, starts: Some(starts) } => {
                let start = *starts.get(at)? as usize;
                let end = starts.get(at + 1).map_or(fragments.len(), |end| *end as usize);
                Some(FrameRanges::whole(fragments.get(start..end)?.to_vec()))
            }
        }
    }
}

impl FrameRanges {
    fn whole(ranges: Vec<ByteRange>) -> Self {
        Self { ranges, first_bit: 0, bits: None }
    }

    /// The bytes of the frame.
    pub fn length(&self) -> u64 {
        self.ranges.iter().map(|range| u64::from(range.length)).sum()
    }
}

#[cfg(test)]
mod tests;
