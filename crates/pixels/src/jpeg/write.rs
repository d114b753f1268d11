//! Writing JPEG: baseline by the `image` crate, and lossless with the first predictor (process 14, selection value 1), which
//! every viewer reads.

use image::ExtendedColorType;
use image::codecs::jpeg::JpegEncoder;

use crate::{PixelError, Samples, Values};

/// Categories of differences, 0 to 16 (T.81 H.1.2.2), and one more that keeps the code of all ones free.
const CATEGORIES: usize = 18;

/// Baseline JPEG of 8-bit samples, grey or RGB. RGB is written as YBR_FULL, without halving.
pub(crate) fn baseline(
    bytes: &[u8],
    columns: u16,
    rows: u16,
    colour: bool,
    quality: u8,
) -> Result<Vec<u8>, PixelError> {
    let mut jpeg = Vec::new();
    let kind = if colour { ExtendedColorType::Rgb8 } else { ExtendedColorType::L8 };
    JpegEncoder::new_with_quality(&mut jpeg, quality)
        .encode(bytes, u32::from(columns), u32::from(rows), kind)
        .map_err(|_| PixelError::Unsupported("writing such a JPEG"))?;
    Ok(jpeg)
}

/// Lossless JPEG of samples of up to 16 bits. Signed ones are written as their two's complement.
pub(crate) fn lossless(samples: &Samples, bits_stored: u16) -> Result<Vec<u8>, PixelError> {
    let words = words(samples, bits_stored)?;
    let count = usize::from(samples.samples);
    let stride = samples.columns as usize * count;
    let middle = 1 << (bits_stored - 1);
    let mut frequencies = [0_u32; CATEGORIES];
    each_difference(&words, stride, count, middle, |difference| {
        frequencies[category(difference) as usize] += 1;
    });
    let code = Code::for_frequencies(frequencies);

    let mut jpeg = headers(samples, bits_stored, &code)?;
    let mut bits = BitWriter { out: &mut jpeg, word: 0, used: 0 };
    each_difference(&words, stride, count, middle, |difference| {
        let category = category(difference);
        let (code, length) = code.codes[category as usize];
        bits.put(code, length);
        if category < 16 {
            let below = if difference < 0 { difference - 1 } else { difference };
            bits.put(below.cast_unsigned() & ((1 << category) - 1), category);
        }
    });
    bits.end();
    jpeg.extend([0xff, 0xd9]);
    Ok(jpeg)
}

fn words(samples: &Samples, bits_stored: u16) -> Result<Vec<u16>, PixelError> {
    if !(2..=16).contains(&bits_stored) {
        return Err(PixelError::Unsupported("lossless JPEG of fewer than 2 or more than 16 bits"));
    }
    let mask = u16::MAX >> (16 - bits_stored);
    Ok(match &samples.values {
        Values::U8(values) => values.iter().map(|value| u16::from(*value) & mask).collect(),
        Values::I8(values) => values.iter().map(|value| i16::from(*value).cast_unsigned() & mask).collect(),
        Values::U16(values) => values.iter().map(|value| value & mask).collect(),
        Values::I16(values) => values.iter().map(|value| value.cast_unsigned() & mask).collect(),
        _ => return Err(PixelError::Unsupported("lossless JPEG of more than 16 bits")),
    })
}

/// Differences to the sample at the left, in the first column to the one above, modulo 65536 as -32767 to 32768.
fn each_difference(words: &[u16], stride: usize, count: usize, middle: u16, mut take: impl FnMut(i32)) {
    let mut above = vec![middle; count];
    for line in words.chunks_exact(stride) {
        let mut left = above.clone();
        for pixel in line.chunks_exact(count) {
            for (left, value) in left.iter_mut().zip(pixel) {
                let difference = i32::from(value.wrapping_sub(*left).cast_signed());
                take(if difference == -32768 { 32768 } else { difference });
                *left = *value;
            }
        }
        above.copy_from_slice(&line[..count]);
    }
}

/// How many bits a difference has.
fn category(difference: i32) -> u32 {
    32 - difference.unsigned_abs().leading_zeros()
}

fn headers(samples: &Samples, bits_stored: u16, code: &Code) -> Result<Vec<u8>, PixelError> {
    let side =
        |side: u32| u16::try_from(side).map_err(|_| PixelError::Unsupported("JPEG of more than 65535 lines"));
    let (rows, columns) = (side(samples.rows)?, side(samples.columns)?);
    let count = samples.samples.to_le_bytes()[0];
    let mut out = vec![0xff, 0xd8, 0xff, 0xc3, 0, 8 + 3 * count, bits_stored.to_le_bytes()[0]];
    out.extend(rows.to_be_bytes());
    out.extend(columns.to_be_bytes());
    out.push(count);
    (1..=count).for_each(|id| out.extend([id, 0x11, 0]));
    let symbols = u8::try_from(code.symbols.len()).unwrap_or(0);
    out.extend([0xff, 0xc4, 0, 19 + symbols, 0]);
    out.extend(code.counts);
    out.extend(&code.symbols);
    out.extend([0xff, 0xda, 0, 6 + 2 * count, count]);
    (1..=count).for_each(|id| out.extend([id, 0]));
    out.extend([1, 0, 0]);
    Ok(out)
}

/// A Huffman code that fits its frequencies (T.81 K.2).
struct Code {
    /// How many codes there are of each length, 1 to 16.
    counts: [u8; 16],
    /// Their symbols, in the order of the codes.
    symbols: Vec<u8>,
    /// By symbol: code and length.
    codes: [(u32, u32); CATEGORIES],
}

impl Code {
    fn for_frequencies(mut frequencies: [u32; CATEGORIES]) -> Self {
        frequencies[CATEGORIES - 1] = 1;
        let lengths = lengths(frequencies);
        let mut by_length = [0_usize; CATEGORIES + 1];
        lengths.iter().filter(|length| **length > 0).for_each(|length| by_length[*length] += 1);
        shorten(&mut by_length);
        // One of the longest is that of all ones, which stays free.
        if let Some(longest) = by_length.iter_mut().rev().find(|count| **count > 0) {
            *longest -= 1;
        }
        let mut symbols: Vec<u8> = (0..17).filter(|symbol| lengths[usize::from(*symbol)] > 0).collect();
        symbols.sort_by_key(|symbol| lengths[usize::from(*symbol)]);
        let mut counts = [0; 16];
        let (mut codes, mut code, mut next) = ([(0, 0); CATEGORIES], 0, symbols.iter());
        for length in 1..=16 {
            counts[length - 1] = u8::try_from(by_length[length]).unwrap_or(0);
            for symbol in next.by_ref().take(by_length[length]) {
                codes[usize::from(*symbol)] = (code, u32::try_from(length).unwrap_or(0));
                code += 1;
            }
            code <<= 1;
        }
        Self { counts, symbols, codes }
    }
}

/// Lengths of the codes of an optimal tree; 0 for what never occurs.
fn lengths(frequencies: [u32; CATEGORIES]) -> [usize; CATEGORIES] {
    let mut lengths = [0; CATEGORIES];
    let mut trees: Vec<(u64, Vec<usize>)> = frequencies
        .iter()
        .enumerate()
        .filter(|(_, often)| **often > 0)
        .map(|(symbol, often)| (u64::from(*often), vec![symbol]))
        .collect();
    while trees.len() > 1 {
        trees.sort_by_key(|(often, _)| std::cmp::Reverse(*often));
        let (Some(rarest), Some(next)) = (trees.pop(), trees.pop()) else { break };
        let members = [rarest.1, next.1].concat();
        for symbol in &members {
            lengths[*symbol] += 1;
        }
        trees.push((rarest.0 + next.0, members));
    }
    lengths
}

/// No code is longer than 16 bits (Figure K.3).
fn shorten(by_length: &mut [usize; CATEGORIES + 1]) {
    for length in (17..by_length.len()).rev() {
        while by_length[length] > 0 {
            let Some(shorter) = (1..length - 1).rev().find(|shorter| by_length[*shorter] > 0) else { break };
            by_length[length] -= 2;
            by_length[length - 1] += 1;
            by_length[shorter + 1] += 2;
            by_length[shorter] -= 1;
        }
    }
}

/// Bits, the highest of a byte first, with a zero stuffed after each 0xff.
struct BitWriter<'a> {
    out: &'a mut Vec<u8>,
    word: u64,
    used: u32,
}

impl BitWriter<'_> {
    fn put(&mut self, bits: u32, count: u32) {
        self.word = self.word << count | u64::from(bits);
        self.used += count;
        while self.used >= 8 {
            self.used -= 8;
            let [byte, ..] = (self.word >> self.used).to_le_bytes();
            self.out.push(byte);
            if byte == 0xff {
                self.out.push(0);
            }
        }
    }

    /// What is left of the last byte is ones (F.1.2.3).
    fn end(mut self) {
        let missing = (8 - self.used) % 8;
        self.put((1 << missing) - 1, missing);
    }
}
