//! Bytes that mean harm: whatever comes, there is an answer, and it costs no more than is allowed.

#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use std::path::Path;

use bianque_pixels::{Codec, Limits, Number, Photometric, PixelError, Shape, decode};
use proptest::prelude::*;

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

fn shape(rows: u16, columns: u16, samples: u16, bits: u16) -> Shape {
    Shape {
        rows,
        columns,
        samples,
        bits_allocated: bits,
        bits_stored: bits,
        high_bit: bits - 1,
        number: Number::Unsigned,
        planar: false,
        photometric: if samples == 3 { Photometric::Rgb } else { Photometric::Monochrome2 },
        first_bit: 0,
    }
}

/// Small images of all kinds, with the shape that fits.
fn files() -> Vec<(Vec<u8>, Codec, Shape)> {
    let grey = shape(33, 65, 1, 16);
    let signed = shape(20, 31, 1, 16);
    let colour = shape(24, 40, 3, 8);
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data");
    let named = |name: &str, shape, codec| (std::fs::read(folder.join(name)).unwrap(), codec, shape);
    vec![
        named("grey12_1.jpg", grey, Codec::Jpeg),
        named("grey12_dct.jpg", grey, Codec::Jpeg),
        named("colour8_420.jpg", colour, Codec::Jpeg),
        named("colour8_7.jpg", colour, Codec::Jpeg),
        named("grey12_0.jls", grey, Codec::JpegLs),
        named("colour8_1.jls", colour, Codec::JpegLs),
        named("colour8_near3.jls", colour, Codec::JpegLs),
        named("grey12.j2k", grey, Codec::Jpeg2000),
        named("signed16.j2k", signed, Codec::Jpeg2000),
        named("grey12.jhc", grey, Codec::HtJpeg2000),
    ]
}

#[test]
fn a_tiny_frame_that_claims_to_be_vast_costs_nothing() {
    let vast = shape(65535, 65535, 3, 16);
    for codec in CODECS {
        let refused = decode(&[0; 64], codec, &vast, &Limits::default());
        assert!(matches!(refused, Err(PixelError::TooLarge { .. })), "{codec:?}: {refused:?}");
    }
}

#[test]
fn a_stream_of_another_size_than_the_header_is_refused() {
    for (bytes, codec, right) in files() {
        let wrong = Shape { rows: right.rows + 1, ..right };
        let refused = decode(&bytes, codec, &wrong, &Limits::default());
        assert!(matches!(refused, Err(PixelError::Mismatch { what: "rows", .. })), "{codec:?}: {refused:?}");
    }
}

#[test]
fn a_stream_that_is_cut_off_is_refused() {
    for (bytes, codec, shape) in files() {
        let cut = &bytes[..bytes.len() / 2];
        let refused = decode(cut, codec, &shape, &Limits::default());
        assert!(refused.is_err(), "{codec:?} is read though half of it is missing");
    }
}

#[test]
fn a_header_that_makes_no_sense_is_refused() {
    let right = shape(2, 2, 1, 16);
    for wrong in [
        Shape { rows: 0, ..right },
        Shape { samples: 2, ..right },
        Shape { bits_allocated: 12, ..right },
        Shape { bits_stored: 0, ..right },
        Shape { bits_stored: 17, ..right },
        Shape { high_bit: 16, ..right },
        Shape { high_bit: 3, ..right },
        Shape { first_bit: 1, ..right },
        Shape { photometric: Photometric::YbrFull422, ..right },
    ] {
        assert!(decode(&[0; 64], Codec::LittleEndian, &wrong, &Limits::default()).is_err(), "{wrong:?}");
    }
}

fn any_shape() -> impl Strategy<Value = Shape> {
    let bits = prop_oneof![Just(1_u16), Just(8), Just(16), Just(32), Just(64)];
    let number = prop_oneof![Just(Number::Unsigned), Just(Number::Signed), Just(Number::Float)];
    let photometric = prop_oneof![
        Just(Photometric::Monochrome2),
        Just(Photometric::Rgb),
        Just(Photometric::YbrFull422),
        Just(Photometric::YbrRct)
    ];
    let sizes = (1..40_u16, 1..40_u16, prop_oneof![Just(1_u16), Just(3), Just(4)]);
    (sizes, bits, 1..=64_u16, any::<bool>(), 0..8_u8, number, photometric).prop_map(
        |((rows, columns, samples), bits, stored, planar, first_bit, number, photometric)| Shape {
            number,
            planar,
            photometric,
            first_bit,
            bits_stored: stored.min(bits),
            ..shape(rows, columns, samples, bits)
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn any_bytes_are_answered(bytes in prop::collection::vec(any::<u8>(), 0..400), shape in any_shape()) {
        for codec in CODECS {
            if let Ok(samples) = decode(&bytes, codec, &shape, &Limits::default()) {
                prop_assert_eq!(samples.values.len() as u64, shape.values());
            }
        }
    }

    #[test]
    fn streams_with_a_few_wrong_bytes_are_answered(
        which in 0..10_usize,
        wrong in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
    ) {
        let (mut bytes, codec, shape) = files().swap_remove(which);
        for (at, byte) in wrong {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        if let Ok(samples) = decode(&bytes, codec, &shape, &Limits { bytes: 1 << 20 }) {
            prop_assert_eq!(samples.values.len() as u64, shape.values());
        }
    }
}
