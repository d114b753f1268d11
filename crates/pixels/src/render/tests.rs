//! The pipeline, stage by stage, on images of a few pixels.

use super::*;
use crate::{Number, Shape, Values};

const LIMITS: Limits = Limits { bytes: 1 << 20 };

fn shape(rows: u16, columns: u16, photometric: Photometric) -> Shape {
    let samples = if matches!(photometric, Photometric::Rgb | Photometric::YbrFull) { 3 } else { 1 };
    let bits = if samples == 3 || photometric == Photometric::PaletteColor { 8 } else { 16 };
    Shape {
        rows,
        columns,
        samples,
        bits_allocated: bits,
        bits_stored: bits,
        high_bit: bits - 1,
        number: if bits == 16 { Number::Signed } else { Number::Unsigned },
        planar: false,
        photometric,
        first_bit: 0,
    }
}

/// One row of grey.
fn grey(values: &[i16]) -> (Samples, ImageDescription) {
    let shape = shape(1, u16::try_from(values.len()).unwrap(), Photometric::Monochrome2);
    (Samples::new(&shape, shape.photometric, Values::I16(values.to_vec())), ImageDescription::new(shape))
}

fn shown(samples: &Samples, description: &ImageDescription, request: &Request) -> Vec<u8> {
    picture(samples, description, request, &LIMITS).unwrap().bytes
}

fn as_it_is() -> Request {
    Request::new(Format::Png)
}

#[test]
fn a_linear_window_begins_and_ends_where_the_standard_says() {
    // PS3.3 C.11.2.1.2.1: center 2048 and width 4096 show 0 as black and 4095 as white.
    let (samples, mut description) = grey(&[-1, 0, 2047, 2048, 4095, 5000]);
    description.windows = vec![Window { center: 2048.0, width: 4096.0 }];
    assert_eq!(shown(&samples, &description, &as_it_is()), [0, 0, 127, 128, 255, 255]);
}

#[test]
fn a_window_of_one_is_a_step_and_one_without_width_is_refused() {
    let (samples, mut description) = grey(&[-1, 0, 1]);
    description.windows = vec![Window { center: 1.0, width: 1.0 }];
    assert_eq!(shown(&samples, &description, &as_it_is()), [0, 0, 255]);
    description.windows = vec![Window { center: 1.0, width: 0.0 }];
    assert!(picture(&samples, &description, &as_it_is(), &LIMITS).is_err());
}

#[test]
fn exact_and_sigmoid_windows() {
    let (samples, mut description) = grey(&[0, 50, 100]);
    description.windows = vec![Window { center: 50.0, width: 100.0 }];
    description.voi_function = VoiFunction::LinearExact;
    assert_eq!(shown(&samples, &description, &as_it_is()), [0, 128, 255]);
    description.voi_function = VoiFunction::Sigmoid;
    // 1 / (1 + e^2) and 1 / (1 + e^-2).
    assert_eq!(shown(&samples, &description, &as_it_is()), [30, 128, 225]);
}

#[test]
fn windows_are_of_the_modalitys_values_and_an_asked_one_goes_before() {
    let (samples, mut description) = grey(&[0, 1000, 2000]);
    description.modality = Modality::Rescale { slope: 2.0, intercept: -1000.0 };
    description.voi_function = VoiFunction::LinearExact;
    description.windows =
        vec![Window { center: 1000.0, width: 4000.0 }, Window { center: 0.0, width: 2000.0 }];
    assert_eq!(shown(&samples, &description, &as_it_is()), [0, 128, 255]);
    assert_eq!(shown(&samples, &description, &Request { view: 1, ..as_it_is() }), [0, 255, 255]);
    let asked = Some((Window { center: 1000.0, width: 1.0 }, VoiFunction::LinearExact));
    assert_eq!(shown(&samples, &description, &Request { window: asked, ..as_it_is() }), [0, 128, 255]);
}

#[test]
fn without_a_window_the_least_value_is_black_and_the_greatest_white() {
    let (samples, description) = grey(&[-100, 0, 100]);
    assert_eq!(shown(&samples, &description, &as_it_is()), [0, 128, 255]);
}

#[test]
fn padding_is_black_and_moves_no_window() {
    let (samples, mut description) = grey(&[-2000, 0, 50, 100, -1999]);
    description.padding = Some(Padding { value: -2000.0, limit: Some(-1900.0) });
    assert_eq!(shown(&samples, &description, &as_it_is()), [0, 0, 128, 255, 0]);
    description.inverse = true;
    assert_eq!(shown(&samples, &description, &as_it_is()), [0, 255, 128, 0, 0]);
}

#[test]
fn monochrome1_is_inverted_once() {
    let (mut samples, mut description) = grey(&[0, 100]);
    samples.photometric = Photometric::Monochrome1;
    assert_eq!(shown(&samples, &description, &as_it_is()), [255, 0]);
    description.inverse = true;
    assert_eq!(shown(&samples, &description, &as_it_is()), [255, 0]);
}

#[test]
fn tables_of_modality_and_of_interest() {
    let (samples, mut description) = grey(&[-5, 0, 1, 9]);
    description.modality = Modality::Lut(Lut::new([2, 0, 16], true, &[0, 1, 0, 2]).unwrap());
    // From 256 and 512 to black and white.
    let mut data = vec![0; 257 * 2];
    data[512..].copy_from_slice(&[0xff, 0x0f]);
    description.voi_luts = vec![Lut::new([257, 256, 12], false, &data).unwrap()];
    assert_eq!(shown(&samples, &description, &as_it_is()), [0, 0, 255, 255]);
}

fn palette(lut: &Lut) -> Palette {
    let other = Lut::new([1, 0, 8], false, &[7, 0]).unwrap();
    Palette { red: lut.clone(), green: other.clone(), blue: other }
}

#[test]
fn palettes_colour_their_indices() {
    let shape = shape(1, 3, Photometric::PaletteColor);
    let samples = Samples::new(&shape, shape.photometric, Values::U8(vec![0, 1, 200]));
    let mut description = ImageDescription::new(shape);
    description.palette = Some(palette(&Lut::new([2, 0, 16], false, &[0, 0x10, 0, 0xff]).unwrap()));
    assert_eq!(shown(&samples, &description, &as_it_is()), [0x10, 7, 7, 0xff, 7, 7, 0xff, 7, 7]);
    // Words that hold bytes, under a descriptor that says otherwise.
    description.palette = Some(palette(&Lut::new([2, 0, 16], false, &[3, 0, 250, 0]).unwrap()));
    assert_eq!(shown(&samples, &description, &as_it_is())[..6], [3, 7, 7, 250, 7, 7]);
    description.palette = None;
    assert!(picture(&samples, &description, &as_it_is(), &LIMITS).is_err());
}

#[test]
fn segmented_palettes_unfold() {
    let words = |words: &[u16]| words.iter().flat_map(|word| word.to_le_bytes()).collect::<Vec<u8>>();
    // Two values, a line of four to 50, and both of them once more.
    let data = words(&[0, 2, 10, 10, 1, 4, 50, 2, 2, 0, 0]);
    let lut = Lut::segmented([12, 0, 8], false, &data);
    // The data of eight bits is bytes.
    assert!(lut.is_err());
    let bytes = [0, 2, 10, 10, 1, 4, 50, 2, 2, 0, 0, 0, 0];
    let of_bytes = Lut::segmented([12, 0, 8], false, &bytes).unwrap();
    let of_words = Lut::segmented([12, 0, 16], false, &data).unwrap();
    for lut in [of_bytes, of_words] {
        let entries: Vec<u16> = (0..12).map(|at| lut.get(f64::from(at))).collect();
        assert_eq!(entries, [10, 10, 20, 30, 40, 50, 10, 10, 20, 30, 40, 50]);
    }
    for broken in [&[1, 4, 50][..], &[0, 9, 1], &[2, 1, 4, 0, 0, 0], &[7, 1, 1], &[]] {
        assert!(Lut::segmented([12, 0, 8], false, broken).is_err(), "{broken:?}");
    }
}

#[test]
fn a_table_shorter_than_it_says_is_refused() {
    assert!(Lut::new([4, 0, 16], false, &[0; 6]).is_err());
    assert!(Lut::new([0, 0, 16], false, &[0; 6]).is_err());
    assert!(Lut::new([1, 0, 0], false, &[0; 6]).is_err());
}

#[test]
fn luminance_and_differences_become_colours() {
    let shape = shape(1, 3, Photometric::YbrFull);
    // White, black, and the red of BT.601.
    let samples =
        Samples::new(&shape, shape.photometric, Values::U8(vec![255, 128, 128, 0, 128, 128, 76, 85, 255]));
    let shown = shown(&samples, &ImageDescription::new(shape), &as_it_is());
    assert_eq!(shown, [255, 255, 255, 0, 0, 0, 254, 0, 0]);
}

#[test]
fn partial_colours_use_the_range_of_television() {
    let shape = Shape { photometric: Photometric::YbrPartial422, ..shape(1, 2, Photometric::YbrFull) };
    let samples = Samples::new(&shape, shape.photometric, Values::U8(vec![235, 128, 128, 16, 128, 128]));
    assert_eq!(shown(&samples, &ImageDescription::new(shape), &as_it_is()), [255, 255, 255, 0, 0, 0]);
}

#[test]
fn colours_of_sixteen_bits_are_shown_with_eight() {
    let shape = Shape { bits_allocated: 16, bits_stored: 12, high_bit: 11, ..shape(1, 1, Photometric::Rgb) };
    let samples = Samples::new(&shape, shape.photometric, Values::U16(vec![0, 2048, 4095]));
    assert_eq!(shown(&samples, &ImageDescription::new(shape), &as_it_is()), [0, 128, 255]);
}

#[test]
fn overlays_are_drawn_where_their_origin_says_and_nowhere_else() {
    let shape = shape(2, 3, Photometric::Monochrome2);
    let samples = Samples::new(&shape, shape.photometric, Values::I16(vec![0, 0, 0, 0, 0, 0]));
    let mut description = ImageDescription::new(shape);
    description.windows = vec![Window { center: 100.0, width: 100.0 }];
    let all = Overlay { rows: 2, columns: 2, origin: (2, 3), bits: vec![0b1111] };
    let before = Overlay { rows: 2, columns: 2, origin: (0, 0), bits: vec![0b1111] };
    let without_bits = Overlay { rows: 2, columns: 2, origin: (1, 1), bits: vec![] };
    description.overlays = vec![all, before, without_bits];
    let request = Request { overlays: true, ..as_it_is() };
    assert_eq!(shown(&samples, &description, &request), [255, 0, 0, 0, 0, 255]);
    assert_eq!(shown(&samples, &description, &as_it_is()), [0; 6]);
}

fn viewport(width: u32, height: u32, source: Option<[f64; 4]>) -> Request {
    let source = source.map(|[x, y, width, height]| Source { x, y, width, height });
    Request { viewport: Some(Viewport { width, height, source }), ..as_it_is() }
}

/// Four columns and two rows of grey, as bytes of the same value.
fn steps() -> (Samples, ImageDescription) {
    let shape = shape(2, 4, Photometric::Monochrome2);
    let samples = Samples::new(&shape, shape.photometric, Values::I16(vec![0, 10, 20, 30, 40, 50, 60, 70]));
    let mut description = ImageDescription::new(shape);
    description.windows = vec![Window { center: 127.5, width: 255.0 }];
    description.voi_function = VoiFunction::LinearExact;
    (samples, description)
}

#[test]
fn a_smaller_viewport_shows_means() {
    let (samples, description) = steps();
    let picture = picture(&samples, &description, &viewport(2, 2, None), &LIMITS).unwrap();
    // It keeps the shape of the image: two wide, one high.
    assert_eq!((picture.width, picture.height), (2, 1));
    assert_eq!(picture.bytes, [25, 45]);
}

#[test]
fn a_viewport_cuts_and_flips() {
    let (samples, description) = steps();
    let request = |source| viewport(2, 2, Some(source));
    assert_eq!(shown(&samples, &description, &request([1.0, 0.0, 2.0, 2.0])), [10, 20, 50, 60]);
    assert_eq!(shown(&samples, &description, &request([1.0, 0.0, -2.0, 2.0])), [20, 10, 60, 50]);
    assert_eq!(shown(&samples, &description, &request([1.0, 0.0, 2.0, -2.0])), [50, 60, 10, 20]);
    // Half of it lies outside.
    assert_eq!(shown(&samples, &description, &request([3.0, 0.0, 2.0, 2.0])), [30, 70]);
}

#[test]
fn a_larger_viewport_keeps_what_is_even() {
    let shape = shape(2, 2, Photometric::Monochrome2);
    let samples = Samples::new(&shape, shape.photometric, Values::I16(vec![90; 4]));
    let (_, mut description) = steps();
    description.shape = shape;
    assert_eq!(shown(&samples, &description, &viewport(5, 7, None)), [90; 25]);
}

#[test]
fn pixels_that_are_not_square_are_shown_square() {
    let (samples, mut description) = steps();
    description.pixel_aspect = Some((2.0, 1.0));
    let picture = picture(&samples, &description, &viewport(4, 4, None), &LIMITS).unwrap();
    assert_eq!((picture.width, picture.height), (4, 4));
}

#[test]
fn viewports_that_show_nothing_or_too_much_are_refused() {
    let (samples, description) = steps();
    let refused = |request: Request| picture(&samples, &description, &request, &LIMITS).unwrap_err();
    assert!(matches!(refused(viewport(0, 5, None)), PixelError::Header(_)));
    assert!(matches!(refused(viewport(5, 5, Some([9.0, 0.0, 2.0, 2.0]))), PixelError::Header(_)));
    assert!(matches!(refused(viewport(5, 5, Some([f64::NAN, 0.0, 2.0, 2.0]))), PixelError::Header(_)));
    assert!(matches!(refused(viewport(60_000, 60_000, None)), PixelError::TooLarge { .. }));
}

#[test]
fn pictures_are_files_of_their_format() {
    let shape = shape(20, 30, Photometric::Rgb);
    let frame: Vec<u8> = (0..1800_u16).map(|at| at.to_le_bytes()[0]).collect();
    for (format, kind) in [
        (Format::Jpeg { quality: 90 }, image::ImageFormat::Jpeg),
        (Format::Png, image::ImageFormat::Png),
        (Format::WebP, image::ImageFormat::WebP),
    ] {
        let description = ImageDescription::new(shape);
        let file = render(&frame, Codec::LittleEndian, &description, &Request::new(format), &LIMITS).unwrap();
        assert_eq!(image::guess_format(&file.bytes).unwrap(), kind);
        let read = image::load_from_memory(&file.bytes).unwrap();
        assert_eq!((read.width(), read.height()), (30, 20));
        if kind != image::ImageFormat::Jpeg {
            assert_eq!(read.into_rgb8().into_raw(), frame);
        }
    }
}
