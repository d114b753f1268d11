//! Medical images: frames are decoded as their transfer syntax packs them, and rendered as their header asks.
//!
//! [`decode`] unpacks one frame; [`encode`] packs it anew. [`render`] makes of it what a person looks at. Nothing here knows
//! files, data sets or the rest of the program: what a header says is told in [`Shape`] and [`render::ImageDescription`].
//!
//! Decoders read bytes that strangers chose. Sizes are checked against [`Limits`] before anything is allocated, and what is
//! wrong is a [`PixelError`]; whoever calls this still does so in a process of its own, under limits.

pub mod render;

mod codec;
mod deflate;
mod encode;
mod error;
mod jpeg;
mod jpeg2000;
mod jpegls;
mod plain;
mod rle;
mod samples;
mod shape;

pub use codec::Codec;
pub use encode::{Packed, Target, encode};
pub use error::PixelError;
pub use samples::{Samples, Values};
pub use shape::{Limits, Number, Photometric, Shape};

/// Unpacks one frame.
///
/// `frame` is all of the frame, its fragments joined. The samples come back pixel by pixel, whatever the planar configuration,
/// with colour differences for each pixel; colours are turned only where the format itself does so (JPEG 2000), and
/// [`Samples::photometric`] says what they now are.
pub fn decode(frame: &[u8], codec: Codec, shape: &Shape, limits: &Limits) -> Result<Samples, PixelError> {
    decode_reduced(frame, codec, shape, limits, 0)
}

/// The same, smaller by half as often as `halvings` says where the format holds smaller images within (JPEG 2000), which costs
/// a fraction; otherwise whole. [`Samples::rows`] and [`Samples::columns`] tell.
pub fn decode_reduced(
    frame: &[u8],
    codec: Codec,
    shape: &Shape,
    limits: &Limits,
    halvings: u32,
) -> Result<Samples, PixelError> {
    shape.check(*limits)?;
    match codec {
        Codec::LittleEndian => plain::decode(frame, false, shape),
        Codec::BigEndian => plain::decode(frame, true, shape),
        Codec::DeflatedFrame => deflate::decode(frame, shape),
        Codec::Rle => rle::decode(frame, shape),
        // Both begin alike, and archives hold streams under the other's name.
        Codec::Jpeg | Codec::JpegLs if jpeg::is_jpeg_ls(frame) => jpegls::decode(frame, shape),
        Codec::Jpeg | Codec::JpegLs => jpeg::decode(frame, shape),
        Codec::Jpeg2000 | Codec::HtJpeg2000 => jpeg2000::decode(frame, shape, halvings),
    }
}
