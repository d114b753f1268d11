//! What a reader of a data set refuses, and how much it holds.

use thiserror::Error;

/// Why a data set is not read further.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum ReadError {
    /// Sequences lie in one another deeper than [`Limits::depth`].
    #[error("sequences lie in one another too deeply")]
    TooDeep,
    /// What would have to be held is longer than [`Limits::held_bytes`].
    #[error("the header of the object is too long")]
    TooLong,
    /// There are more elements and items than [`Limits::elements`].
    #[error("the header of the object has too many elements")]
    TooManyElements,
    /// There are more fragments of pixel data than [`Limits::fragments`].
    #[error("the pixel data has too many fragments")]
    TooManyFragments,
    /// A fragment of pixel data does not say its length.
    #[error("a fragment of pixel data has no length, at byte {offset}")]
    FragmentWithoutLength {
        /// Where, in the data set.
        offset: u64,
    },
    /// What should be deflated is not.
    #[error("the deflated data set cannot be inflated")]
    NotDeflated,
    /// The data set inflates beyond [`Limits::inflated_bytes`].
    #[error("the deflated data set is too long when it is inflated")]
    InflatesTooFar,
}

/// How much of one object is held in memory, and how far a reader goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of headers and values held. Functional groups per frame of a slide are megabytes.
    pub held_bytes: usize,
    /// Elements and items held; each costs about 50 bytes beside its value.
    pub elements: usize,
    /// Sequences and items in one another.
    pub depth: usize,
    /// Fragments of pixel data; 16 bytes of memory each.
    pub fragments: usize,
    /// Items of Per-Frame Functional Groups Sequence (5200,9230) that are held; those after them are passed over, and count
    /// for nothing. A slide may have hundreds of thousands, of which an archive needs none to find it by.
    pub per_frame_items: usize,
    /// Bytes that a deflated data set may become.
    pub inflated_bytes: u64,
}

impl Default for Limits {
    /// 16 MiB held in at most a million elements, 64 deep; 2 Mi fragments; every item; 4 GiB
    /// inflated.
    fn default() -> Self {
        Self {
            held_bytes: 16 << 20,
            elements: 1_000_000,
            depth: 64,
            fragments: 2 << 20,
            per_frame_items: usize::MAX,
            inflated_bytes: 4 << 30,
        }
    }
}
