//! JPEG 2000 (ITU-T T.800) by hayro-jpeg2000, which forbids unsafe code, and its high-throughput blocks (T.814) by openjp2,
//! the one library at hand that reads them.

use std::panic::{AssertUnwindSafe, catch_unwind};

use hayro_jpeg2000::{DecodeSettings, DecoderContext, Image};

use crate::{Photometric, PixelError, Samples, Shape};

const SIZ_MISSING: PixelError = PixelError::Corrupt("it does not begin as JPEG 2000 does");
/// The most bits that pass the decoder's 32-bit floats unharmed.
const EXACT_BITS: u32 = 24;
/// Tiles that are looked at. Slides are tiled outside of the codestream.
const MOST_TILES: u64 = 65_535;

/// Unpacks a frame, smaller by half so many times at most.
pub(crate) fn decode(bytes: &[u8], shape: &Shape, halvings: u32) -> Result<Samples, PixelError> {
    let codestream = codestream(bytes)?;
    let size = Size::read(codestream)?;
    size.fits(shape)?;
    // A library's panic is a damaged frame to whoever asked.
    let decoded = catch_unwind(AssertUnwindSafe(|| {
        if size.high_throughput {
            by_openjp2(codestream, &size)
        } else {
            by_hayro(codestream, &size, halvings)
        }
    }));
    let Decoded { rows, columns, numbers } =
        decoded.unwrap_or(Err(PixelError::Corrupt("the JPEG 2000 decoder gave up")))?;
    let photometric = match shape.photometric {
        Photometric::YbrIct | Photometric::YbrRct => Photometric::Rgb,
        Photometric::YbrFull422 | Photometric::YbrPartial422 if size.components.len() == 3 => {
            Photometric::YbrFull
        }
        told => told,
    };
    let shape = Shape { rows, columns, ..*shape };
    Samples::from_stream(&shape, photometric, size.precision(), numbers.into_iter())
}

/// What a library made of a codestream, pixel by pixel.
struct Decoded {
    rows: u16,
    columns: u16,
    numbers: Vec<i32>,
}

/// The codestream, taken out of a JP2 container where somebody wrote one.
fn codestream(bytes: &[u8]) -> Result<&[u8], PixelError> {
    if bytes.starts_with(&[0xff, 0x4f, 0xff, 0x51]) {
        return Ok(bytes);
    }
    let start = bytes.windows(8).position(|eight| eight == [b'j', b'p', b'2', b'c', 0xff, 0x4f, 0xff, 0x51]);
    start.and_then(|start| bytes.get(start + 4..)).ok_or(SIZ_MISSING)
}

/// One component: bits, and whether they are signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Component {
    bits: u32,
    signed: bool,
}

/// What the SIZ and CAP segments say (T.800 A.5.1, T.814 A.3).
#[derive(Debug)]
struct Size {
    rows: u32,
    columns: u32,
    components: Vec<Component>,
    high_throughput: bool,
}

impl Size {
    fn read(codestream: &[u8]) -> Result<Self, PixelError> {
        let word = |at: usize| -> Result<u32, PixelError> {
            let four = codestream.get(at..).and_then(|rest| rest.first_chunk::<4>());
            four.map(|four| u32::from_be_bytes(*four)).ok_or(SIZ_MISSING)
        };
        let short = |at: usize| word(at).map(|word| word >> 16);
        let (capabilities, count) = (short(6)?, short(40)?);
        let origin = (word(16)?, word(20)?);
        let columns = word(8)?.checked_sub(origin.0).ok_or(SIZ_MISSING)?;
        let rows = word(12)?.checked_sub(origin.1).ok_or(SIZ_MISSING)?;
        let tile = (u64::from(word(24)?), u64::from(word(28)?));
        if tile.0 == 0 || tile.1 == 0 {
            return Err(PixelError::Corrupt("tiles without pixels"));
        }
        let tiles = u64::from(columns).div_ceil(tile.0) * u64::from(rows).div_ceil(tile.1);
        if tiles > MOST_TILES {
            return Err(PixelError::Corrupt("more tiles than a codestream has"));
        }
        let listed = codestream.get(42..42 + 3 * count as usize).ok_or(SIZ_MISSING)?;
        if listed.chunks_exact(3).any(|three| three[1..] != [1, 1]) {
            return Err(PixelError::Unsupported("JPEG 2000 with components of several densities"));
        }
        let component =
            |three: &[u8]| Component { bits: u32::from(three[0] & 0x7f) + 1, signed: three[0] & 0x80 != 0 };
        let components = listed.chunks_exact(3).map(component).collect();
        Ok(Self { rows, columns, components, high_throughput: capabilities & 0x4000 != 0 })
    }

    fn precision(&self) -> u32 {
        self.components.iter().map(|component| component.bits).max().unwrap_or(0)
    }

    fn fits(&self, shape: &Shape) -> Result<(), PixelError> {
        let count = u32::try_from(self.components.len()).unwrap_or(u32::MAX);
        for (what, header, stream) in [
            ("rows", u32::from(shape.rows), self.rows),
            ("columns", u32::from(shape.columns), self.columns),
            ("samples per pixel", u32::from(shape.samples), count),
        ] {
            if header != stream {
                return Err(PixelError::Mismatch { what, header, stream });
            }
        }
        if self.precision() > EXACT_BITS {
            return Err(PixelError::Unsupported("JPEG 2000 of more than 24 bits"));
        }
        Ok(())
    }
}

#[expect(clippy::cast_possible_truncation, reason = "clamped to the bits of the component")]
fn by_hayro(codestream: &[u8], size: &Size, halvings: u32) -> Result<Decoded, PixelError> {
    const BROKEN: PixelError = PixelError::Corrupt("a JPEG 2000 codestream");
    // The library skips as many levels as keep the image this large.
    let smaller = |side: u32| side.checked_shr(halvings).unwrap_or(0).max(1);
    let target = (halvings > 0).then(|| (smaller(size.columns), smaller(size.rows)));
    let settings = DecodeSettings { resolve_palette_indices: false, strict: true, target_resolution: target };
    let image = Image::new(codestream, &settings).map_err(|_| BROKEN)?;
    let side = |found: u32, most: u32| u16::try_from(found.min(most)).map_err(|_| BROKEN);
    let (rows, columns) = (side(image.height(), size.rows)?, side(image.width(), size.columns)?);
    let mut context = DecoderContext::default();
    let decoded = image.decode(&mut context).map_err(|_| BROKEN)?;
    let planes = decoded.components();
    let pixels = usize::from(rows) * usize::from(columns);
    if planes.len() != size.components.len() || planes.iter().any(|plane| plane.samples().len() != pixels) {
        return Err(BROKEN);
    }
    let mut numbers = vec![0; pixels * planes.len()];
    for (index, (plane, component)) in planes.iter().zip(&size.components).enumerate() {
        // The library shifts signed samples up as it does unsigned ones.
        let middle = if component.signed { 1 << (component.bits - 1) } else { 0 };
        let most = ((1_u32 << component.bits) - 1) as f32;
        let places = numbers.iter_mut().skip(index).step_by(planes.len());
        for (place, sample) in places.zip(plane.samples()) {
            *place = (sample + 0.5).clamp(0.0, most) as i32 - middle;
        }
    }
    Ok(Decoded { rows, columns, numbers })
}

fn by_openjp2(codestream: &[u8], size: &Size) -> Result<Decoded, PixelError> {
    const BROKEN: PixelError = PixelError::Corrupt("an HTJ2K codestream");
    let parameters = jpeg2k::DecodeParameters::new().strict(true);
    let image = jpeg2k::Image::from_bytes_with(codestream, parameters).map_err(|_| BROKEN)?;
    let planes = image.components();
    let pixels = size.rows as usize * size.columns as usize;
    if planes.len() != size.components.len() || planes.iter().any(|plane| plane.data().len() != pixels) {
        return Err(BROKEN);
    }
    let mut numbers = vec![0; pixels * planes.len()];
    for (index, plane) in planes.iter().enumerate() {
        let places = numbers.iter_mut().skip(index).step_by(planes.len());
        places.zip(plane.data()).for_each(|(place, sample)| *place = *sample);
    }
    let side = |side: u32| u16::try_from(side).map_err(|_| BROKEN);
    Ok(Decoded { rows: side(size.rows)?, columns: side(size.columns)?, numbers })
}
