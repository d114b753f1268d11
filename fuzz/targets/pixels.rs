//! A frame of pixels in any packing: it is refused, or has as many samples as its header says, and those come back through
//! every packing that loses nothing.

#![no_main]

use bianque_pixels::{Codec, Limits, Number, Photometric, Shape, Target, decode, encode};
use libfuzzer_sys::fuzz_target;

const CODECS: [Codec; 8] = [
    Codec::LittleEndian,
    Codec::BigEndian,
    Codec::DeflatedFrame,
    Codec::Rle,
    Codec::Jpeg,
    Codec::JpegLs,
    Codec::Jpeg2000,
    Codec::HtJpeg2000,
];
const LIMITS: Limits = Limits { bytes: 1 << 20 };

fuzz_target!(|data: &[u8]| {
    let Some(([chosen, rows, columns, bits, kind], frame)) = data.split_first_chunk::<5>() else { return };
    let samples = if kind & 1 == 0 { 1 } else { 3 };
    let bits_allocated = [1, 8, 16, 32][usize::from(bits % 4)];
    let shape = Shape {
        rows: u16::from(*rows),
        columns: u16::from(*columns),
        samples,
        bits_allocated,
        bits_stored: bits_allocated,
        high_bit: bits_allocated - 1,
        number: if kind & 2 == 0 || bits_allocated == 1 { Number::Unsigned } else { Number::Signed },
        planar: kind & 4 != 0,
        photometric: if samples == 3 { Photometric::Rgb } else { Photometric::Monochrome2 },
        first_bit: 0,
    };
    let codec = CODECS[usize::from(*chosen) % CODECS.len()];
    // The translation of a C library has faults of its own, and runs where they cost nothing.
    if codec == Codec::HtJpeg2000 || is_htj2k(frame) {
        return;
    }
    let Ok(read) = decode(frame, codec, &shape, &LIMITS) else { return };
    assert_eq!(read.values.len() as u64, shape.values());
    let plain = Shape { planar: false, photometric: read.photometric, bits_allocated: bits_allocated.max(8), ..shape };
    let plain = Shape { bits_stored: plain.bits_allocated, high_bit: plain.bits_allocated - 1, ..plain };
    for (target, codec) in
        [(Target::Plain, Codec::LittleEndian), (Target::Rle, Codec::Rle), (Target::JpegLossless, Codec::Jpeg)]
    {
        let Ok(packed) = encode(&read, &plain, target) else { continue };
        let again = decode(&packed.bytes, codec, &plain, &LIMITS).expect("what was packed is unpacked");
        assert_eq!(again.values, read.values);
    }
});

fn is_htj2k(frame: &[u8]) -> bool {
    let siz = frame.windows(4).position(|four| four == [0xff, 0x4f, 0xff, 0x51]);
    siz.and_then(|siz| frame.get(siz + 6)).is_some_and(|capabilities| capabilities & 0x40 != 0)
}
