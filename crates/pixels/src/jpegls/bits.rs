//! Bits of a scan (T.87 A.1): after a byte of ones the next has seven bits; a marker ends them.

use crate::PixelError;

pub(super) struct Bits<'a> {
    bytes: &'a [u8],
    at: usize,
    /// The next bits, from the top.
    word: u64,
    left: u32,
    /// How many of those were made up since the data had ended.
    made_up: u32,
    after_ones: bool,
}

impl<'a> Bits<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0, word: 0, left: 0, made_up: 0, after_ones: false }
    }

    #[inline]
    fn fill(&mut self) {
        while self.left <= 56 {
            let (byte, bits) = match self.bytes.get(self.at) {
                Some(byte) if self.after_ones && *byte < 0x80 => (*byte, 7),
                Some(byte) if !self.after_ones => (*byte, 8),
                _ => {
                    self.made_up += 8;
                    self.left += 8;
                    continue;
                }
            };
            if byte == 0xff && self.bytes.get(self.at + 1).is_none_or(|next| *next >= 0x80) {
                // A marker, or the end.
                self.made_up += 8;
                self.left += 8;
                continue;
            }
            self.word |= u64::from(byte) << (64 - bits - self.left);
            self.left += bits;
            self.at += 1;
            self.after_ones = byte == 0xff;
        }
    }

    #[inline]
    fn skip(&mut self, count: u32) {
        self.word <<= count;
        self.left -= count;
    }

    /// The next bit.
    #[inline]
    pub(super) fn bit(&mut self) -> bool {
        self.fill();
        let bit = self.word >> 63 == 1;
        self.skip(1);
        bit
    }

    /// The next bits, 0 to 31, as a number.
    #[inline]
    #[expect(clippy::cast_possible_truncation, reason = "31 bits at most")]
    pub(super) fn number(&mut self, count: u32) -> i32 {
        if count == 0 {
            return 0;
        }
        self.fill();
        let number = (self.word >> (64 - count)) as i32;
        self.skip(count);
        number
    }

    /// A number by a Golomb code of limited length (A.5.3).
    #[inline]
    pub(super) fn golomb(&mut self, k: u32, limit: u32, range_bits: u32) -> Result<i32, PixelError> {
        const WRONG: PixelError = PixelError::Corrupt("a JPEG-LS code that is too long");
        self.fill();
        let zeros = self.word.leading_zeros();
        // The code for what does not fit is 47 zeros at most.
        let longest = limit.checked_sub(range_bits + 1).ok_or(WRONG)?;
        if zeros > longest || zeros + 1 > self.left {
            return Err(WRONG);
        }
        self.skip(zeros + 1);
        if zeros == longest {
            return Ok(self.number(range_bits) + 1);
        }
        let high = i32::try_from(u64::from(zeros) << k).map_err(|_| WRONG)?;
        high.checked_add(self.number(k)).ok_or(WRONG)
    }

    /// Whether more was read than there was.
    pub(super) fn overrun(&self) -> bool {
        self.left < self.made_up
    }

    /// How many bytes were looked at; the marker that ended them was not.
    pub(super) fn used(&self) -> usize {
        self.at
    }
}
