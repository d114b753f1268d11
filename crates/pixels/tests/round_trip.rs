//! What is packed here comes back.

#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use bianque_pixels::{Codec, Limits, Number, Photometric, Samples, Shape, Target, decode, encode};
use proptest::prelude::*;

fn shape(rows: u16, columns: u16, samples: u16, bits: u16, number: Number) -> Shape {
    Shape {
        rows,
        columns,
        samples,
        bits_allocated: bits,
        bits_stored: bits,
        high_bit: bits - 1,
        number,
        planar: false,
        photometric: if samples == 3 { Photometric::Rgb } else { Photometric::Monochrome2 },
        first_bit: 0,
    }
}

/// Bytes with runs in them, as images have.
fn frame(shape: &Shape, seed: &[u8]) -> Vec<u8> {
    let length = usize::try_from(shape.plain_bytes()).unwrap();
    seed.chunks(2)
        .cycle()
        .flat_map(|two| std::iter::repeat_n(two[0], usize::from(two.last().unwrap() % 9) + 1))
        .take(length)
        .collect()
}

fn plain(bytes: &[u8], shape: &Shape) -> Samples {
    decode(bytes, Codec::LittleEndian, shape, &Limits::default()).unwrap()
}

fn any_image() -> impl Strategy<Value = (Shape, Vec<u8>)> {
    let samples = prop_oneof![Just(1_u16), Just(3)];
    let bits = prop_oneof![Just(8_u16), Just(16), Just(32)];
    let number = prop_oneof![Just(Number::Unsigned), Just(Number::Signed)];
    let seed = prop::collection::vec(any::<u8>(), 2..300);
    (1..50_u16, 1..50_u16, samples, bits, number, seed).prop_map(
        |(rows, columns, samples, bits, number, seed)| {
            let shape = shape(rows, columns, samples, bits, number);
            let bytes = frame(&shape, &seed);
            (shape, bytes)
        },
    )
}

proptest! {
    #[test]
    fn plain_and_rle_keep_everything((shape, bytes) in any_image()) {
        let samples = plain(&bytes, &shape);
        for (target, codec) in [(Target::Plain, Codec::LittleEndian), (Target::Rle, Codec::Rle)] {
            let packed = encode(&samples, &shape, target).unwrap();
            prop_assert_eq!(packed.bytes.len() % 2, 0);
            let again = decode(&packed.bytes, codec, &shape, &Limits::default()).unwrap();
            prop_assert_eq!(&again, &samples);
        }
    }

    #[test]
    fn lossless_jpeg_keeps_everything_up_to_sixteen_bits((shape, bytes) in any_image()) {
        let samples = plain(&bytes, &shape);
        let packed = encode(&samples, &shape, Target::JpegLossless);
        prop_assert_eq!(packed.is_ok(), shape.bits_allocated <= 16);
        if let Ok(packed) = packed {
            let again = decode(&packed.bytes, Codec::Jpeg, &shape, &Limits::default()).unwrap();
            prop_assert_eq!(&again, &samples);
        }
    }
}

#[test]
fn baseline_jpeg_is_close_and_says_what_its_colours_are() {
    let shape = shape(64, 64, 3, 8, Number::Unsigned);
    let bytes: Vec<u8> =
        (0..64_u8).flat_map(|y| (0..64_u8).flat_map(move |x| [2 * x + 60, 2 * y + 60, x + y])).collect();
    let packed = encode(&plain(&bytes, &shape), &shape, Target::JpegBaseline { quality: 95 }).unwrap();
    assert_eq!(packed.photometric, Photometric::YbrFull);
    let told = Shape { photometric: packed.photometric, ..shape };
    let again = decode(&packed.bytes, Codec::Jpeg, &told, &Limits::default()).unwrap();
    for (at, rgb) in bytes.chunks_exact(3).enumerate() {
        let luminance = 0.299 * f64::from(rgb[0]) + 0.587 * f64::from(rgb[1]) + 0.114 * f64::from(rgb[2]);
        assert!((again.values.get(at * 3) - luminance).abs() < 4.0, "at {at}");
    }
}

#[test]
fn what_a_format_cannot_hold_is_refused() {
    let deep = shape(2, 2, 1, 16, Number::Unsigned);
    let samples = plain(&[0; 8], &deep);
    assert!(encode(&samples, &deep, Target::JpegBaseline { quality: 90 }).is_err());
}

#[test]
fn bits_lie_from_the_lowest_on_and_frames_begin_within_bytes() {
    let bits = Shape {
        bits_allocated: 1,
        bits_stored: 1,
        high_bit: 0,
        first_bit: 3,
        ..shape(1, 7, 1, 8, Number::Unsigned)
    };
    let samples = plain(&[0b1010_1000, 0b0000_0011], &bits);
    assert_eq!(samples.values.to_le_bytes(), [1, 0, 1, 0, 1, 1, 1]);
}

#[test]
fn bits_beside_those_that_are_stored_are_gone_and_signs_are_set() {
    let twelve = Shape { bits_stored: 12, high_bit: 11, ..shape(1, 2, 1, 16, Number::Signed) };
    // An overlay lies in the highest bit of the first, and the second is -1.
    let samples = plain(&[0x05, 0x80, 0xff, 0x0f], &twelve);
    assert_eq!(samples.values, bianque_pixels::Values::I16(vec![5, -1]));
}

#[test]
fn halved_colours_are_those_of_both_pixels() {
    let halved = Shape { photometric: Photometric::YbrFull422, ..shape(1, 3, 3, 8, Number::Unsigned) };
    let samples = plain(&[1, 2, 9, 8, 3, 4, 7, 6], &halved);
    assert_eq!(samples.values.to_le_bytes(), [1, 9, 8, 2, 9, 8, 3, 7, 6]);
}

#[test]
fn planes_become_pixels() {
    let planar = Shape { planar: true, ..shape(1, 2, 3, 8, Number::Unsigned) };
    assert_eq!(plain(&[1, 2, 3, 4, 5, 6], &planar).values.to_le_bytes(), [1, 3, 5, 2, 4, 6]);
}
