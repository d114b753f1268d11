//! The border: what the port says, as `bianque_pixels` has it.

use bianque_app::ports::decoders::{
    FrameHeader, Modality, Numbers, OverlayPlane, PictureFormat, Presentation, Rendering, Table, Transcoding,
    Viewport, VoiFunction, Window,
};
use bianque_pixels::render::{self, ImageDescription, Lut};
use bianque_pixels::{Codec, Number, Photometric, PixelError, Shape, Target};

/// The packing and the shape of a frame.
pub(super) fn frame(header: &FrameHeader) -> Result<(Codec, Shape), PixelError> {
    let codec = Codec::of_transfer_syntax(&header.transfer_syntax)
        .ok_or(PixelError::Unsupported("this transfer syntax"))?;
    let photometric = Photometric::from_term(&header.photometric)
        .ok_or(PixelError::Unsupported("such a photometric interpretation"))?;
    let shape = Shape {
        rows: header.rows,
        columns: header.columns,
        samples: header.samples,
        bits_allocated: header.bits_allocated,
        bits_stored: header.bits_stored,
        high_bit: header.high_bit,
        number: match header.numbers {
            Numbers::Unsigned => Number::Unsigned,
            Numbers::Signed => Number::Signed,
            Numbers::Float => Number::Float,
        },
        planar: header.planar,
        photometric,
        first_bit: header.first_bit,
    };
    Ok((codec, shape))
}

/// What a frame is packed as.
pub(super) fn target(transcoding: &Transcoding) -> Result<Target, PixelError> {
    Target::of_transfer_syntax(&transcoding.transfer_syntax, transcoding.quality)
        .ok_or(PixelError::Unsupported("writing this transfer syntax"))
}

/// How the image is looked at.
pub(super) fn description(shape: Shape, told: &Presentation) -> Result<ImageDescription, PixelError> {
    let palette = |palette: &bianque_app::ports::decoders::Palette| {
        Ok::<_, PixelError>(render::Palette {
            red: table(&palette.red)?,
            green: table(&palette.green)?,
            blue: table(&palette.blue)?,
        })
    };
    Ok(ImageDescription {
        shape,
        modality: match &told.modality {
            Modality::Stored => render::Modality::Stored,
            Modality::Rescale(slope, intercept) => {
                render::Modality::Rescale { slope: *slope, intercept: *intercept }
            }
            Modality::Table(found) => render::Modality::Lut(table(found)?),
        },
        windows: told.windows.iter().copied().map(window).collect(),
        voi_function: function(told.voi_function),
        voi_luts: told.voi_tables.iter().map(table).collect::<Result<_, _>>()?,
        inverse: told.inverse,
        palette: told.palette.as_ref().map(palette).transpose()?,
        padding: told.padding.map(|padding| render::Padding { value: padding.value, limit: padding.limit }),
        overlays: told.overlays.iter().map(overlay).collect(),
        pixel_aspect: told.pixel_aspect,
    })
}

/// What is asked for.
pub(super) fn request(rendering: &Rendering) -> render::Request {
    render::Request {
        format: match rendering.format {
            PictureFormat::Jpeg(quality) => render::Format::Jpeg { quality },
            PictureFormat::Png => render::Format::Png,
            PictureFormat::WebP => render::Format::WebP,
        },
        window: rendering.window.map(|(chosen, how)| (window(chosen), function(how))),
        view: rendering.view,
        viewport: rendering.viewport.map(viewport),
        overlays: rendering.overlays,
    }
}

fn table(told: &Table) -> Result<Lut, PixelError> {
    let make = if told.segmented { Lut::segmented } else { Lut::new };
    make(told.descriptor, told.signed, &told.data)
}

fn overlay(told: &OverlayPlane) -> render::Overlay {
    render::Overlay { rows: told.rows, columns: told.columns, origin: told.origin, bits: told.bits.clone() }
}

fn window(told: Window) -> render::Window {
    render::Window { center: told.center, width: told.width }
}

fn function(told: VoiFunction) -> render::VoiFunction {
    match told {
        VoiFunction::Linear => render::VoiFunction::Linear,
        VoiFunction::LinearExact => render::VoiFunction::LinearExact,
        VoiFunction::Sigmoid => render::VoiFunction::Sigmoid,
    }
}

fn viewport(told: Viewport) -> render::Viewport {
    let source = |[x, y, width, height]: [f64; 4]| render::Source { x, y, width, height };
    render::Viewport { width: told.width, height: told.height, source: told.source.map(source) }
}
