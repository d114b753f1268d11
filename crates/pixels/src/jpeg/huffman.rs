//! Huffman codes and the bits they are read from (T.81 Annex C, F.2.2).

use crate::PixelError;

/// Codes up to this long are found in one look.
const NEAR: u32 = 9;

/// A table of codes.
#[derive(Debug, Clone)]
pub(super) struct Table {
    /// By the next [`NEAR`] bits: length in the high byte, symbol in the low one; 0 where the code is longer.
    near: Box<[u16; 1 << NEAR]>,
    /// By length: the first 16 bits, as a number, that are too high for a code that long.
    ends: [u32; 17],
    /// By length: what is added to a code to find its symbol.
    shifts: [i32; 17],
    symbols: Vec<u8>,
}

impl Table {
    /// From how many codes of each length there are, 1 to 16, and their symbols in order.
    pub(super) fn new(counts: &[u8; 16], symbols: &[u8]) -> Result<Self, PixelError> {
        let mut table = Self {
            near: Box::new([0; 1 << NEAR]),
            ends: [0; 17],
            shifts: [0; 17],
            symbols: symbols.to_vec(),
        };
        let (mut code, mut index) = (0_u32, 0_usize);
        for (length, count) in (1_u32..).zip(counts) {
            let first = code;
            table.shifts[length as usize] = signed(index) - signed(first as usize);
            for _ in 0..*count {
                let symbol = *symbols.get(index).ok_or(PixelError::Corrupt("a Huffman table"))?;
                if code >> length != 0 {
                    return Err(PixelError::Corrupt("a Huffman table has too many codes"));
                }
                if length <= NEAR {
                    let from = (code << (NEAR - length)) as usize;
                    let entry = u16::try_from(length).unwrap_or(0) << 8 | u16::from(symbol);
                    table.near[from..from + (1 << (NEAR - length))].fill(entry);
                }
                (code, index) = (code + 1, index + 1);
            }
            table.ends[length as usize] = code << (16 - length);
            code <<= 1;
        }
        Ok(table)
    }

    fn far(&self, bits: &mut Bits<'_>) -> Result<u8, PixelError> {
        let next = bits.peek(16);
        for length in NEAR + 1..=16 {
            if next < self.ends[length as usize] {
                bits.skip(length);
                let code = (next >> (16 - length)) as usize;
                let index = signed(code) + self.shifts[length as usize];
                let symbol = usize::try_from(index).ok().and_then(|index| self.symbols.get(index));
                return symbol.copied().ok_or(PixelError::Corrupt("a Huffman code"));
            }
        }
        Err(PixelError::Corrupt("a Huffman code that no table has"))
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    reason = "codes have 16 bits, tables 256 entries"
)]
const fn signed(small: usize) -> i32 {
    small as i32
}

/// Bits of entropy-coded data, the highest of a byte first. Stuffed zeros are taken out; at a marker the data ends.
pub(super) struct Bits<'a> {
    bytes: &'a [u8],
    at: usize,
    /// The next bits, from the top.
    word: u64,
    /// How many of them there are.
    left: u32,
    /// How many of them were made up since the data had ended.
    made_up: u32,
}

impl<'a> Bits<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0, word: 0, left: 0, made_up: 0 }
    }

    /// Sees to it that 48 bits are there, which is more than a code and what follows it.
    #[inline]
    pub(super) fn fill(&mut self) {
        if self.left >= 48 {
            return;
        }
        if let Some(eight) = self.bytes[self.at..].first_chunk::<8>() {
            let next = u64::from_be_bytes(*eight);
            // No byte is 0xff: then no inverted byte is zero.
            let inverted = !next;
            if inverted.wrapping_sub(0x0101_0101_0101_0101) & next & 0x8080_8080_8080_8080 == 0 {
                self.word |= next >> self.left;
                let bytes = (64 - self.left) / 8;
                self.at += bytes as usize;
                self.left += bytes * 8;
                return;
            }
        }
        self.fill_slowly();
    }

    fn fill_slowly(&mut self) {
        // What lies below is from the fast way and would be put there again.
        self.word &= !(u64::MAX.checked_shr(self.left).unwrap_or(0));
        while self.left <= 56 {
            let byte = match self.bytes[self.at..] {
                [0xff, 0, ..] => {
                    self.at += 2;
                    0xff
                }
                [0xff, ..] | [] => {
                    self.made_up += 8;
                    0
                }
                [byte, ..] => {
                    self.at += 1;
                    byte
                }
            };
            self.word |= u64::from(byte) << (56 - self.left);
            self.left += 8;
        }
    }

    /// The next bits, 1 to 16, which [`Self::fill`] has seen to.
    #[inline]
    #[expect(clippy::cast_possible_truncation, reason = "16 bits at most")]
    fn peek(&self, count: u32) -> u32 {
        (self.word >> (64 - count)) as u32
    }

    #[inline]
    fn skip(&mut self, count: u32) {
        self.word <<= count;
        self.left = self.left.wrapping_sub(count);
    }

    /// The next symbol.
    #[inline]
    pub(super) fn symbol(&mut self, table: &Table) -> Result<u8, PixelError> {
        self.fill();
        let entry = table.near[self.peek(NEAR) as usize];
        if entry == 0 {
            return table.far(self);
        }
        self.skip(u32::from(entry >> 8));
        Ok(entry.to_le_bytes()[0])
    }

    /// A number of so many bits, 0 to 15, as F.2.2.1 extends it. Follows [`Self::symbol`] at once.
    #[inline]
    pub(super) fn extended(&mut self, count: u32) -> i32 {
        if count == 0 {
            return 0;
        }
        let bits = self.peek(count).cast_signed();
        self.skip(count);
        let half = 1 << (count - 1);
        if bits < half { bits - 2 * half + 1 } else { bits }
    }

    /// Whether more was read than there was.
    pub(super) fn overrun(&self) -> bool {
        self.left < self.made_up
    }

    /// Goes on behind a restart marker.
    pub(super) fn restart(&mut self) -> Result<(), PixelError> {
        self.at = self.marker().ok_or(PixelError::Corrupt("a restart is missing"))?;
        if !matches!(self.bytes.get(self.at + 1), Some(0xd0..=0xd7)) {
            return Err(PixelError::Corrupt("a restart is missing"));
        }
        self.at += 2;
        (self.word, self.left, self.made_up) = (0, 0, 0);
        Ok(())
    }

    /// Where the data ends: the next marker, or the end.
    pub(super) fn end(&self) -> usize {
        self.marker().unwrap_or(self.bytes.len())
    }

    fn marker(&self) -> Option<usize> {
        let found =
            self.bytes[self.at..].windows(2).position(|two| two[0] == 0xff && !matches!(two[1], 0 | 0xff));
        found.map(|found| self.at + found)
    }
}
