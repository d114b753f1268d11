//! Luminance and colour differences as red, green and blue (PS3.3 C.7.6.3.1.2).

/// How samples make colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Scale {
    /// All are 0 to full scale.
    Full,
    /// Luminance is 16 to 235, differences 16 to 240.
    Partial,
}

/// YBR_FULL of 8 bits as RGB, pixel by pixel.
pub(crate) fn full_to_rgb(ybr: &[u8]) -> Vec<u8> {
    to_rgb(ybr, Scale::Full)
}

/// YBR_PARTIAL of 8 bits as RGB, pixel by pixel.
pub(crate) fn partial_to_rgb(ybr: &[u8]) -> Vec<u8> {
    to_rgb(ybr, Scale::Partial)
}

fn to_rgb(ybr: &[u8], scale: Scale) -> Vec<u8> {
    let (pixels, _) = ybr.as_chunks::<3>();
    pixels.iter().flat_map(|pixel| rgb(*pixel, scale)).collect()
}

#[inline]
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to a byte")]
fn rgb([y, blue, red]: [u8; 3], scale: Scale) -> [u8; 3] {
    let (y, spread) = match scale {
        Scale::Full => (f32::from(y), 1.0),
        Scale::Partial => ((f32::from(y) - 16.0) * (255.0 / 219.0), 255.0 / 224.0),
    };
    let (blue, red) = ((f32::from(blue) - 128.0) * spread, (f32::from(red) - 128.0) * spread);
    [y + 1.402 * red, y - 0.344_136 * blue - 0.714_136 * red, y + 1.772 * blue]
        .map(|value| (value + 0.5).clamp(0.0, 255.0) as u8)
}
