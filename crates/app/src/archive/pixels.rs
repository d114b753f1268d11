//! The frames of an instance, and pictures of them.
//!
//! A frame is given as it is kept wherever that is taken; it is decoded apart from the server only where somebody asks for
//! another form of it.

use bianque_dicom::{DataSet, FrameRanges, Header, PixelData, Tag, TransferSyntax, VR, tags};
use bianque_model::Context;

use super::header::of_frame;
use super::retrieve::{self, Outgoing};
use crate::ports::decoders::{
    DecodeFailure, FrameHeader, Modality, Numbers, Padding, Palette, PictureFormat, Presentation, Rendered,
    Rendering, Table, Transcoded, Transcoding, Viewport, VoiFunction, Window,
};
use crate::{App, Error, ErrorKind};

/// Bytes of one frame that are read.
const MOST: u64 = 1 << 30;
/// JPEG quality unless somebody asks for another.
const QUALITY: u8 = 90;

/// A frame as it is kept.
#[derive(Debug)]
pub struct Frame {
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// Bits of the first byte that are of the frame before.
    first_bit: u8,
}

/// How a picture is wanted.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Wanted {
    /// The format.
    pub format: PictureFormat,
    /// A window in place of the header's.
    pub window: Option<(Window, VoiFunction)>,
    /// How large, and of what.
    pub viewport: Option<Viewport>,
}

impl Wanted {
    /// A JPEG as the header has it.
    pub const PLAIN: Self = Self { format: PictureFormat::Jpeg(QUALITY), window: None, viewport: None };
}

/// Frames of an instance, counted from 1, in the order asked for.
///
/// # Errors
/// `image.no-frame`: it has no such frame, or its frames cannot be told apart.
pub async fn frames(
    app: &App,
    context: &Context,
    instance: &Outgoing,
    numbers: &[u32],
) -> Result<Vec<Frame>, Error> {
    let missing = || Error::new(ErrorKind::NotFound, "image.no-frame", "there is no such frame");
    let table = retrieve::frames(app, context, instance).await?.ok_or_else(missing)?;
    let places = numbers.iter().map(|number| table.frame(number.checked_sub(1)?));
    let places = places.collect::<Option<Vec<FrameRanges>>>().ok_or_else(missing)?;
    if places.iter().map(FrameRanges::length).sum::<u64>() > MOST {
        return Err(Error::new(ErrorKind::TooLarge, "image.too-large", "these are too many frames at once"));
    }
    let (app, context, instance) = (app.clone(), context.clone(), instance.clone());
    let reading = tokio::task::spawn_blocking(move || {
        let inflated = table.is_inflated().then(|| instance.inflated(&app, &context)).transpose()?;
        places.iter().map(|place| read(&app, &context, &instance, place, inflated.as_deref())).collect()
    });
    reading.await.map_err(Error::internal)?
}

fn read(
    app: &App,
    context: &Context,
    instance: &Outgoing,
    place: &FrameRanges,
    inflated: Option<&[u8]>,
) -> Result<Frame, Error> {
    let mut bytes = Vec::new();
    for range in &place.ranges {
        let end = range.offset.saturating_add(u64::from(range.length));
        if let Some(all) = inflated {
            let place = usize::try_from(range.offset).ok().zip(usize::try_from(end).ok());
            bytes.extend_from_slice(place.and_then(|(from, to)| all.get(from..to)).unwrap_or_default());
        } else {
            let part = instance.open_range(app, context, range.offset, end)?;
            bytes.extend(part.read_all(MOST)?);
        }
    }
    Ok(Frame { bytes, first_bit: place.first_bit })
}

impl Frame {
    /// Its bytes from its own first bit on: frames of one bit a pixel may begin within a byte.
    pub fn aligned(self) -> Vec<u8> {
        if self.first_bit == 0 {
            return self.bytes;
        }
        let shift = u32::from(self.first_bit);
        let next = self.bytes.iter().skip(1).copied().chain(std::iter::once(0));
        self.bytes.iter().zip(next).map(|(low, high)| (low >> shift) | (high << (8 - shift))).collect()
    }
}

/// A picture of a frame.
pub async fn render(
    app: &App,
    context: &Context,
    instance: &Outgoing,
    number: u32,
    wanted: Wanted,
) -> Result<Rendered, Error> {
    let frame = one(app, context, instance, number).await?;
    let header = header(app, context, instance).await?;
    let how = Rendering {
        header: described(&header, &frame)?,
        presentation: presentation(&header.data_set, number.saturating_sub(1)),
        format: wanted.format,
        window: wanted.window,
        view: 0,
        viewport: wanted.viewport,
        overlays: true,
    };
    app.decoders.render(frame.bytes.into(), &how).await.map_err(failed)
}

/// A frame in another transfer syntax.
pub async fn transcode(
    app: &App,
    context: &Context,
    instance: &Outgoing,
    number: u32,
    syntax: &str,
) -> Result<Transcoded, Error> {
    let frame = one(app, context, instance, number).await?;
    let header = header(app, context, instance).await?;
    let how = Transcoding {
        header: described(&header, &frame)?,
        transfer_syntax: syntax.to_owned(),
        quality: QUALITY,
    };
    app.decoders.decode(frame.bytes.into(), &how).await.map_err(failed)
}

async fn one(app: &App, context: &Context, instance: &Outgoing, number: u32) -> Result<Frame, Error> {
    let found = frames(app, context, instance, &[number]).await?.pop();
    found.ok_or_else(Error::not_found)
}

async fn header(app: &App, context: &Context, instance: &Outgoing) -> Result<Header, Error> {
    let (app, context, instance) = (app.clone(), context.clone(), instance.clone());
    let reading = tokio::task::spawn_blocking(move || instance.read_header(&app, &context));
    reading.await.map_err(Error::internal)?
}

#[expect(clippy::needless_pass_by_value, reason = "it is what errors are mapped by")]
fn failed(failure: DecodeFailure) -> Error {
    let words = failure.to_string();
    match failure {
        DecodeFailure::Busy | DecodeFailure::Missing => {
            Error::new(ErrorKind::Unavailable, "image.busy", words)
        }
        DecodeFailure::TooLarge(_) => Error::new(ErrorKind::TooLarge, "image.too-large", words),
        _ => Error::new(ErrorKind::Refused, "image.not-rendered", words),
    }
}

/// What the header says of the pixels.
fn described(header: &Header, frame: &Frame) -> Result<FrameHeader, Error> {
    let data_set = &header.data_set;
    let number = |tag: Tag| data_set.int(tag).and_then(|value| u16::try_from(value).ok());
    let needed = |tag: Tag| {
        let words = format!("the image does not say its {tag}");
        number(tag).ok_or_else(|| Error::new(ErrorKind::Refused, "image.not-rendered", words))
    };
    let float = match header.pixel_data() {
        Some(PixelData::Native { tag: tags::FLOAT_PIXEL_DATA, .. }) => Some(32),
        Some(PixelData::Native { tag: tags::DOUBLE_FLOAT_PIXEL_DATA, .. }) => Some(64),
        _ => None,
    };
    let bits_allocated = float.map_or_else(|| needed(tags::BITS_ALLOCATED), Ok)?;
    let bits_stored = float.or_else(|| number(tags::BITS_STORED)).unwrap_or(bits_allocated);
    let signed = number(tags::PIXEL_REPRESENTATION) == Some(1);
    let syntax = header.transfer_syntax;
    let syntax = if syntax.deflated() { TransferSyntax::EXPLICIT_LITTLE } else { syntax };
    Ok(FrameHeader {
        transfer_syntax: syntax.uid().to_owned(),
        rows: needed(tags::ROWS)?,
        columns: needed(tags::COLUMNS)?,
        samples: number(tags::SAMPLES_PER_PIXEL).unwrap_or(1),
        bits_allocated,
        bits_stored,
        high_bit: float
            .map(|bits| bits - 1)
            .or_else(|| number(tags::HIGH_BIT))
            .unwrap_or_else(|| bits_stored.saturating_sub(1)),
        numbers: match (float, signed) {
            (Some(_), _) => Numbers::Float,
            (None, true) => Numbers::Signed,
            (None, false) => Numbers::Unsigned,
        },
        planar: number(tags::PLANAR_CONFIGURATION) == Some(1),
        photometric: data_set
            .text(tags::PHOTOMETRIC_INTERPRETATION)
            .map_or_else(|| "MONOCHROME2".to_owned(), |text| text.trim().to_owned()),
        first_bit: frame.first_bit,
    })
}

/// What the header says of how a frame is looked at.
fn presentation(data_set: &DataSet, frame: u32) -> Presentation {
    let said = of_frame(data_set, frame);
    let find =
        |tag: Tag| said.iter().copied().find(|one| one.get(tag).is_some_and(|element| !element.is_empty()));
    let decimal = |tag: Tag| find(tag).and_then(|one| one.decimal(tag));
    let signed = data_set.int(tags::PIXEL_REPRESENTATION) == Some(1);
    let modality = if let Some(item) = data_set.sequence(tags::MODALITY_LUT_SEQUENCE).first() {
        table(item, tags::LUT_DESCRIPTOR, tags::LUT_DATA, signed, false)
            .map_or(Modality::Stored, Modality::Table)
    } else if let Some(slope) = decimal(tags::RESCALE_SLOPE) {
        Modality::Rescale(slope, decimal(tags::RESCALE_INTERCEPT).unwrap_or(0.0))
    } else {
        Modality::Stored
    };
    let windows = find(tags::WINDOW_CENTER).map(windows).unwrap_or_default();
    let function =
        find(tags::VOILUT_FUNCTION).and_then(|one| one.text(tags::VOILUT_FUNCTION)).unwrap_or_default();
    let tables =
        find(tags::VOILUT_SEQUENCE).map(|one| one.sequence(tags::VOILUT_SEQUENCE)).unwrap_or_default();
    let spacing = find(tags::PIXEL_ASPECT_RATIO)
        .map(|one| one.decimals(tags::PIXEL_ASPECT_RATIO))
        .or_else(|| find(tags::PIXEL_SPACING).map(|one| one.decimals(tags::PIXEL_SPACING)));
    Presentation {
        modality,
        windows,
        voi_function: match function.trim() {
            "LINEAR_EXACT" => VoiFunction::LinearExact,
            "SIGMOID" => VoiFunction::Sigmoid,
            _ => VoiFunction::Linear,
        },
        voi_tables: tables
            .iter()
            .filter_map(|item| table(item, tags::LUT_DESCRIPTOR, tags::LUT_DATA, signed, false))
            .collect(),
        inverse: data_set.text(tags::PRESENTATION_LUT_SHAPE).is_some_and(|shape| shape.trim() == "INVERSE"),
        palette: palette(data_set, signed),
        padding: data_set
            .int(tags::PIXEL_PADDING_VALUE)
            .map(|value| Padding { value: value as f64, limit: decimal(tags::PIXEL_PADDING_RANGE_LIMIT) }),
        overlays: Vec::new(),
        pixel_aspect: match spacing.as_deref() {
            Some([Some(height), Some(width), ..]) if *height > 0.0 && *width > 0.0 => Some((*height, *width)),
            _ => None,
        },
    }
}

fn windows(data_set: &DataSet) -> Vec<Window> {
    let centers = data_set.decimals(tags::WINDOW_CENTER).into_iter();
    let pairs = centers.zip(data_set.decimals(tags::WINDOW_WIDTH));
    pairs.filter_map(|(center, width)| Some(Window { center: center?, width: width? })).collect()
}

fn palette(data_set: &DataSet, signed: bool) -> Option<Palette> {
    let one = |descriptor: Tag, data: Tag, segmented: Tag| {
        table(data_set, descriptor, data, signed, false)
            .or_else(|| table(data_set, descriptor, segmented, signed, true))
    };
    Some(Palette {
        red: one(
            tags::RED_PALETTE_COLOR_LOOKUP_TABLE_DESCRIPTOR,
            tags::RED_PALETTE_COLOR_LOOKUP_TABLE_DATA,
            tags::SEGMENTED_RED_PALETTE_COLOR_LOOKUP_TABLE_DATA,
        )?,
        green: one(
            tags::GREEN_PALETTE_COLOR_LOOKUP_TABLE_DESCRIPTOR,
            tags::GREEN_PALETTE_COLOR_LOOKUP_TABLE_DATA,
            tags::SEGMENTED_GREEN_PALETTE_COLOR_LOOKUP_TABLE_DATA,
        )?,
        blue: one(
            tags::BLUE_PALETTE_COLOR_LOOKUP_TABLE_DESCRIPTOR,
            tags::BLUE_PALETTE_COLOR_LOOKUP_TABLE_DATA,
            tags::SEGMENTED_BLUE_PALETTE_COLOR_LOOKUP_TABLE_DATA,
        )?,
    })
}

/// A lookup table; its words small end first.
fn table(item: &DataSet, descriptor: Tag, data: Tag, signed: bool, segmented: bool) -> Option<Table> {
    let numbers = item.ints(descriptor);
    let word = |place: usize| {
        let number = numbers.get(place).copied().flatten()?;
        // A first value that is mapped may be negative: its bits stay.
        u16::try_from(number).ok().or_else(|| i16::try_from(number).ok().map(i16::cast_unsigned))
    };
    let element = item.get(data)?;
    let mut bytes = element.bytes()?.to_vec();
    if item.big_endian() && element.effective_vr() != VR::OB {
        bianque_dicom::swap_words(&mut bytes, 2);
    }
    Some(Table { descriptor: [word(0)?, word(1)?, word(2)?], signed, segmented, data: bytes })
}
