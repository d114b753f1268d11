//! Grey: modality, values of interest, presentation (PS3.4 N.2.1).

use super::{ImageDescription, Lut, Modality, Request, VoiFunction, Window};
use crate::{Number, Photometric, PixelError, Samples, Values};

/// A byte for each pixel, 0 for black.
pub(super) fn bytes(
    samples: &Samples,
    description: &ImageDescription,
    request: &Request,
) -> Result<Vec<u8>, PixelError> {
    if samples.samples != 1 {
        return Err(PixelError::Header("grey has one sample"));
    }
    let stages = Stages::new(samples, description, request)?;
    Ok(match &samples.values {
        // A table of all stored values costs less than the stages for each pixel.
        Values::U8(values) => {
            let table: Vec<u8> = (0..=u8::MAX).map(|value| stages.byte(f64::from(value))).collect();
            values.iter().map(|value| table[usize::from(*value)]).collect()
        }
        Values::U16(values) => {
            let table = Table::new(values.iter().map(|value| i32::from(*value)), &stages);
            values.iter().map(|value| table.byte(i32::from(*value))).collect()
        }
        Values::I16(values) => {
            let table = Table::new(values.iter().map(|value| i32::from(*value)), &stages);
            values.iter().map(|value| table.byte(i32::from(*value))).collect()
        }
        values => {
            let mut bytes = Vec::with_capacity(values.len());
            values.for_each(|value| bytes.push(stages.byte(value)));
            bytes
        }
    })
}

/// The bytes of all values between the least and the greatest that occur.
struct Table {
    first: i32,
    bytes: Vec<u8>,
}

impl Table {
    fn new(values: impl Iterator<Item = i32> + Clone, stages: &Stages<'_>) -> Self {
        let (least, greatest) = values
            .fold((i32::MAX, i32::MIN), |(least, greatest), value| (least.min(value), greatest.max(value)));
        Self { first: least, bytes: (least..=greatest).map(|value| stages.byte(f64::from(value))).collect() }
    }

    #[inline]
    fn byte(&self, value: i32) -> u8 {
        self.bytes[(value - self.first).unsigned_abs() as usize]
    }
}

/// What a value of the modality is made a share of white by.
enum Voi<'a> {
    Window(Window, VoiFunction),
    Lut(&'a Lut),
}

/// All that happens to a stored value.
struct Stages<'a> {
    description: &'a ImageDescription,
    voi: Voi<'a>,
    inverse: bool,
}

impl<'a> Stages<'a> {
    fn new(
        samples: &Samples,
        description: &'a ImageDescription,
        request: &Request,
    ) -> Result<Self, PixelError> {
        let windows = description.windows.get(request.view).map(|window| (*window, description.voi_function));
        let voi = match (request.window.or(windows), description.voi_luts.get(request.view)) {
            (Some((window, function)), _) => Voi::Window(checked(window, function)?, function),
            (None, Some(lut)) => Voi::Lut(lut),
            (None, None) if request.view > 0 => return Err(PixelError::Header("there is no such view")),
            (None, None) => Voi::Window(whole(samples, description), VoiFunction::LinearExact),
        };
        let inverse = description.inverse || samples.photometric == Photometric::Monochrome1;
        Ok(Self { description, voi, inverse })
    }

    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share of 255")]
    fn byte(&self, stored: f64) -> u8 {
        if self.description.padding.is_some_and(|padding| padding.has(stored)) {
            return 0;
        }
        let value = modality(&self.description.modality, stored);
        let share = match &self.voi {
            Voi::Window(window, function) => share(*window, *function, value),
            Voi::Lut(lut) => lut.share(value),
        };
        let share = if self.inverse { 1.0 - share } else { share };
        (share * 255.0 + 0.5) as u8
    }
}

fn modality(modality: &Modality, stored: f64) -> f64 {
    match modality {
        Modality::Stored => stored,
        Modality::Rescale { slope, intercept } => stored * slope + intercept,
        Modality::Lut(lut) => f64::from(lut.get(stored)),
    }
}

fn checked(window: Window, function: VoiFunction) -> Result<Window, PixelError> {
    let least = if function == VoiFunction::Linear { window.width >= 1.0 } else { window.width > 0.0 };
    if !least || !window.width.is_finite() || !window.center.is_finite() {
        return Err(PixelError::Header("a window without width"));
    }
    Ok(window)
}

fn share(Window { center, width }: Window, function: VoiFunction, value: f64) -> f64 {
    match function {
        VoiFunction::Linear if width > 1.0 => {
            ((value - (center - 0.5)) / (width - 1.0) + 0.5).clamp(0.0, 1.0)
        }
        // A window one wide is a step.
        VoiFunction::Linear => f64::from(u8::from(value > center - 0.5)),
        VoiFunction::LinearExact => ((value - center) / width + 0.5).clamp(0.0, 1.0),
        VoiFunction::Sigmoid => 1.0 / (1.0 + (-4.0 * (value - center) / width).exp()),
    }
}

/// The window where the header has none: all of a byte's values, or from the least value of the frame to the greatest.
fn whole(samples: &Samples, description: &ImageDescription) -> Window {
    let shape = &description.shape;
    let between = |least: f64, greatest: f64| {
        let width = greatest - least;
        Window { center: least + width / 2.0, width: if width > 0.0 { width } else { 1.0 } }
    };
    if let Modality::Lut(lut) = &description.modality {
        let (least, greatest) = lut.range();
        return between(f64::from(least), f64::from(greatest));
    }
    let small = shape.bits_stored <= 8 && shape.number == Number::Unsigned;
    let (mut least, mut greatest) = (f64::INFINITY, f64::NEG_INFINITY);
    if small {
        (least, greatest) = (0.0, f64::from((1_u16 << shape.bits_stored) - 1));
    } else {
        samples.values.for_each(|stored| {
            let counts =
                stored.is_finite() && !description.padding.is_some_and(|padding| padding.has(stored));
            if counts {
                (least, greatest) = (least.min(stored), greatest.max(stored));
            }
        });
    }
    if least > greatest {
        return between(0.0, 1.0);
    }
    let (one, other) = (modality(&description.modality, least), modality(&description.modality, greatest));
    between(one.min(other), one.max(other))
}
