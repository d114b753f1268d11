//! Pixels once they are unpacked.

use crate::{Number, Photometric, PixelError, Shape};

/// The samples of a frame: row by row from the top, pixel by pixel from the left, the samples of a pixel side by side.
#[derive(Debug, Clone, PartialEq)]
pub struct Samples {
    /// Rows.
    pub rows: u32,
    /// Columns.
    pub columns: u32,
    /// Samples per pixel.
    pub samples: u16,
    /// What they stand for now: a decoder that turns colours says so here.
    pub photometric: Photometric,
    /// The numbers, `rows * columns * samples` of them.
    pub values: Values,
}

/// Numbers, as narrow as the header allocates them. Bits outside of those stored are gone, and the sign is set.
#[derive(Debug, Clone, PartialEq)]
pub enum Values {
    /// 8 bits or one, unsigned.
    U8(Vec<u8>),
    /// 8 bits, signed.
    I8(Vec<i8>),
    /// 16 bits, unsigned.
    U16(Vec<u16>),
    /// 16 bits, signed.
    I16(Vec<i16>),
    /// 32 bits, unsigned.
    U32(Vec<u32>),
    /// 32 bits, signed.
    I32(Vec<i32>),
    /// Float Pixel Data.
    F32(Vec<f32>),
    /// Double Float Pixel Data.
    F64(Vec<f64>),
}

/// Runs the same lines for every kind of [`Values`].
macro_rules! each {
    ($values:expr, $found:ident => $lines:expr) => {
        match $values {
            Values::U8($found) => $lines,
            Values::I8($found) => $lines,
            Values::U16($found) => $lines,
            Values::I16($found) => $lines,
            Values::U32($found) => $lines,
            Values::I32($found) => $lines,
            Values::F32($found) => $lines,
            Values::F64($found) => $lines,
        }
    };
}

impl Values {
    /// How many there are.
    pub fn len(&self) -> usize {
        each!(self, found => found.len())
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Bits of one number in memory.
    pub const fn bits(&self) -> u32 {
        match self {
            Self::U8(_) | Self::I8(_) => 8,
            Self::U16(_) | Self::I16(_) => 16,
            Self::U32(_) | Self::I32(_) | Self::F32(_) => 32,
            Self::F64(_) => 64,
        }
    }

    /// The number at a place, which must be below [`Self::len`]; 0 otherwise.
    #[expect(clippy::cast_lossless, clippy::unnecessary_cast, reason = "one line serves all kinds")]
    pub fn get(&self, at: usize) -> f64 {
        each!(self, found => found.get(at).map_or(0.0, |value| *value as f64))
    }

    /// All of them in turn.
    #[expect(clippy::cast_lossless, clippy::unnecessary_cast, reason = "one line serves all kinds")]
    pub fn for_each(&self, mut take: impl FnMut(f64)) {
        each!(self, found => found.iter().for_each(|value| take(*value as f64)));
    }

    /// As a plain frame holds them, the small end first, each as wide as it is here.
    pub fn to_le_bytes(&self) -> Vec<u8> {
        each!(self, found => found.iter().flat_map(|value| value.to_le_bytes()).collect())
    }
}

impl Samples {
    /// Numbers that are already what the header says, in the order that [`Samples`] has.
    pub(crate) fn new(shape: &Shape, photometric: Photometric, values: Values) -> Self {
        Self {
            rows: u32::from(shape.rows),
            columns: u32::from(shape.columns),
            samples: shape.samples,
            photometric,
            values,
        }
    }

    /// Gives numbers from a decoder the kind that the header says.
    ///
    /// `precision` is how many bits the stream says it holds: where that is more than the header stores, the stream is believed.
    pub(crate) fn from_stream(
        shape: &Shape,
        photometric: Photometric,
        precision: u32,
        numbers: impl Iterator<Item = i32>,
    ) -> Result<Self, PixelError> {
        let stored = u32::from(shape.bits_stored).max(precision);
        if stored > 32 || precision > u32::from(shape.bits_allocated).max(8) {
            return Err(PixelError::Mismatch {
                what: "bits",
                header: u32::from(shape.bits_allocated),
                stream: precision,
            });
        }
        let values = narrow(shape, numbers.map(|number| Kept { stored, low: 0 }.of(number.cast_unsigned())))?;
        Ok(Self::new(shape, photometric, values))
    }
}

/// Which bits of a word count.
#[derive(Clone, Copy)]
pub(crate) struct Kept {
    /// How many, 1 to 32.
    pub stored: u32,
    /// The lowest of them.
    pub low: u32,
}

impl Kept {
    /// As the header says.
    pub(crate) fn by_header(shape: &Shape) -> Self {
        let stored = u32::from(shape.bits_stored);
        Self { stored, low: u32::from(shape.high_bit) + 1 - stored }
    }

    fn of(self, word: u32) -> Word {
        let left = 32 - self.stored;
        let unsigned = ((word >> self.low) << left) >> left;
        Word { unsigned, signed: (unsigned << left).cast_signed() >> left }
    }
}

/// A word's bits that count, read both ways.
pub(crate) struct Word {
    unsigned: u32,
    signed: i32,
}

/// Words of a plain frame, as their numbers.
pub(crate) fn from_words(shape: &Shape, words: impl Iterator<Item = u32>) -> Result<Values, PixelError> {
    let kept = Kept::by_header(shape);
    narrow(shape, words.map(|word| kept.of(word)))
}

/// What counts was cut to the width before, so that no narrower type loses anything.
#[expect(clippy::cast_possible_truncation, reason = "a word has no more bits than are allocated")]
fn narrow(shape: &Shape, words: impl Iterator<Item = Word>) -> Result<Values, PixelError> {
    Ok(match (shape.bits_allocated, shape.number) {
        (1 | 8, Number::Unsigned) => Values::U8(words.map(|word| word.unsigned as u8).collect()),
        (8, Number::Signed) => Values::I8(words.map(|word| word.signed as i8).collect()),
        (16, Number::Unsigned) => Values::U16(words.map(|word| word.unsigned as u16).collect()),
        (16, Number::Signed) => Values::I16(words.map(|word| word.signed as i16).collect()),
        (32, Number::Unsigned) => Values::U32(words.map(|word| word.unsigned).collect()),
        (32, Number::Signed) => Values::I32(words.map(|word| word.signed).collect()),
        _ => return Err(PixelError::Unsupported("such numbers in this packing")),
    })
}
