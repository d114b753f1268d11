//! What others' encoders wrote is read as they meant it.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a failed unwrap is a failed test")]

use std::path::Path;

use bianque_pixels::render::{Format, ImageDescription, Request, Source, Viewport, picture, render};
use bianque_pixels::{Codec, Limits, Number, Photometric, Samples, Shape, decode, decode_reduced};

const GREY: Shape = Shape {
    rows: 33,
    columns: 65,
    samples: 1,
    bits_allocated: 16,
    bits_stored: 12,
    high_bit: 11,
    number: Number::Unsigned,
    planar: false,
    photometric: Photometric::Monochrome2,
    first_bit: 0,
};
const SIGNED: Shape =
    Shape { rows: 20, columns: 31, bits_stored: 16, high_bit: 15, number: Number::Signed, ..GREY };
const COLOUR: Shape = Shape {
    rows: 24,
    columns: 40,
    samples: 3,
    bits_allocated: 8,
    bits_stored: 8,
    high_bit: 7,
    photometric: Photometric::Rgb,
    ..GREY
};

fn file(name: &str) -> Vec<u8> {
    std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(name)).unwrap()
}

fn read(name: &str, codec: Codec, shape: &Shape) -> Samples {
    decode(&file(name), codec, shape, &Limits::default()).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// The most that two images differ by.
fn difference(one: &Samples, other: &Samples) -> f64 {
    assert_eq!(one.values.len(), other.values.len());
    (0..one.values.len()).map(|at| (one.values.get(at) - other.values.get(at)).abs()).fold(0.0, f64::max)
}

#[test]
fn lossless_images_come_back_to_the_bit() {
    let files = [
        ("grey12", GREY, "j2k", Codec::Jpeg2000),
        ("grey12", GREY, "jhc", Codec::HtJpeg2000),
        ("grey12_1", GREY, "jpg", Codec::Jpeg),
        ("grey12_4", GREY, "jpg", Codec::Jpeg),
        ("grey12_6", GREY, "jpg", Codec::Jpeg),
        ("grey12_0", GREY, "jls", Codec::JpegLs),
        ("signed16", SIGNED, "j2k", Codec::Jpeg2000),
        ("signed16", SIGNED, "jhc", Codec::HtJpeg2000),
        ("signed16_1", SIGNED, "jpg", Codec::Jpeg),
        ("signed16_4", SIGNED, "jpg", Codec::Jpeg),
        ("signed16_6", SIGNED, "jpg", Codec::Jpeg),
        ("signed16_0", SIGNED, "jls", Codec::JpegLs),
        ("colour8", COLOUR, "j2k", Codec::Jpeg2000),
        ("colour8", COLOUR, "jhc", Codec::HtJpeg2000),
        ("colour8_1", COLOUR, "jpg", Codec::Jpeg),
        ("colour8_7", COLOUR, "jpg", Codec::Jpeg),
        ("colour8_0", COLOUR, "jls", Codec::JpegLs),
        ("colour8_1", COLOUR, "jls", Codec::JpegLs),
        ("colour8_2", COLOUR, "jls", Codec::JpegLs),
    ];
    for (name, shape, kind, codec) in files {
        let base = name.split('_').next().unwrap();
        let plain = read(&format!("{base}.raw"), Codec::LittleEndian, &shape);
        assert_eq!(read(&format!("{name}.{kind}"), codec, &shape).values, plain.values, "{name}.{kind}");
    }
}

#[test]
fn near_lossless_images_are_no_further_off_than_they_say() {
    for (base, shape) in [("grey12", GREY), ("signed16", SIGNED), ("colour8", COLOUR)] {
        let plain = read(&format!("{base}.raw"), Codec::LittleEndian, &shape);
        let near = read(&format!("{base}_near3.jls"), Codec::JpegLs, &shape);
        let most =
            if shape.number == Number::Signed { wrapped(&plain, &near) } else { difference(&plain, &near) };
        assert!((1.0..=3.0).contains(&most), "{base}: {most}");
    }
}

/// The same for numbers that were coded as unsigned ones.
fn wrapped(one: &Samples, other: &Samples) -> f64 {
    let unsigned = |value: f64| if value < 0.0 { value + 65536.0 } else { value };
    (0..one.values.len())
        .map(|at| (unsigned(one.values.get(at)) - unsigned(other.values.get(at))).abs())
        .fold(0.0, f64::max)
}

#[test]
fn dct_images_of_twelve_bits_are_close() {
    let plain = read("grey12.raw", Codec::LittleEndian, &GREY);
    let most = difference(&plain, &read("grey12_dct.jpg", Codec::Jpeg, &GREY));
    assert!((1.0..=4.0).contains(&most), "{most}");
}

#[test]
fn jpeg_says_that_its_colours_are_luminance_and_differences() {
    let plain = read("colour8.raw", Codec::LittleEndian, &COLOUR);
    for name in [
        "colour8_444.jpg",
        "colour8_422.jpg",
        "colour8_420.jpg",
        "colour8_restarts.jpg",
        "colour8_progressive.jpg",
    ] {
        // The header says RGB, and is wrong.
        let read = read(name, Codec::Jpeg, &COLOUR);
        assert_eq!(read.photometric, Photometric::YbrFull, "{name}");
        let luminance = |at: usize| {
            let [red, green, blue] = [0, 1, 2].map(|channel| plain.values.get(at * 3 + channel));
            0.299 * red + 0.587 * green + 0.114 * blue
        };
        for at in 0..40 * 24 {
            assert!((read.values.get(at * 3) - luminance(at)).abs() < 6.0, "{name} at {at}");
        }
    }
}

#[test]
fn components_in_scans_of_their_own_are_those_of_one_scan() {
    let together = read("colour8_restarts.jpg", Codec::Jpeg, &COLOUR);
    assert_eq!(read("colour8_apart.jpg", Codec::Jpeg, &COLOUR).values, together.values);
}

#[test]
fn a_stream_under_the_name_of_its_sister_is_read() {
    let plain = read("grey12.raw", Codec::LittleEndian, &GREY);
    assert_eq!(read("grey12_0.jls", Codec::Jpeg, &GREY).values, plain.values);
    assert_eq!(read("grey12.jhc", Codec::Jpeg2000, &GREY).values, plain.values);
}

#[test]
fn jpeg_2000_is_decoded_no_larger_than_it_is_shown() {
    let bytes = file("grey12.j2k");
    let limits = Limits::default();
    // It holds no smaller one than the third.
    for (halvings, size) in [(0, (65, 33)), (1, (33, 17)), (2, (17, 9)), (30, (17, 9))] {
        let small = decode_reduced(&bytes, Codec::Jpeg2000, &GREY, &limits, halvings).unwrap();
        assert_eq!((small.columns, small.rows), size, "{halvings} halvings");
    }

    // What is seen is the same, but for what the wavelet and the mean of an area make of an edge.
    let viewport = Viewport { width: 16, height: 8, source: None };
    let part = Source { x: 0.0, y: 0.0, width: 64.0, height: 32.0 };
    for source in [None, Some(part), Some(Source { width: -64.0, ..part })] {
        let viewport = Some(Viewport { source, ..viewport });
        let request = Request { viewport, ..Request::new(Format::Png) };
        let mut description = ImageDescription::new(GREY);
        description.windows = vec![bianque_pixels::render::Window { center: 2048.0, width: 4096.0 }];
        let whole = decode(&bytes, Codec::Jpeg2000, &GREY, &limits).unwrap();
        let exact = picture(&whole, &description, &request, &limits).unwrap();
        let file = render(&bytes, Codec::Jpeg2000, &description, &request, &limits).unwrap();
        let quick = image::load_from_memory(&file.bytes).unwrap().into_luma8();
        assert_eq!((quick.width(), quick.height()), (exact.width, exact.height));
        let off: u32 =
            quick.iter().zip(&exact.bytes).map(|(one, other)| u32::from(one.abs_diff(*other))).sum();
        let mean = f64::from(off) / exact.bytes.len() as f64;
        assert!(mean < 8.0, "{source:?}: {mean} of 255 off");
    }
}
