//! Sequential DCT scans (T.81 Annex F): processes 1, 2 and 4.

use super::huffman::{Bits, Table};
use super::idct;
use super::segments::{Frame, Scan, Segments, Step};
use super::upsample::{self, Plane};
use crate::PixelError;

/// Where the coefficients of a block lie, in the order in which they are coded (A.3.6).
const ZIGZAG: [u8; 64] = [
    0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13, 6, 7,
    14, 21, 28, 35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51, 58, 59, 52, 45, 38, 31, 39,
    46, 53, 60, 61, 54, 47, 55, 62, 63,
];

/// All samples, pixel by pixel.
pub(super) fn decode(segments: &mut Segments<'_>, frame: &Frame) -> Result<Vec<u16>, PixelError> {
    let (across, down) = frame.most();
    let wide = usize::from(frame.columns).div_ceil(8 * across);
    let high = usize::from(frame.rows).div_ceil(8 * down);
    let mut planes: Vec<Plane> = frame
        .components
        .iter()
        .map(|component| {
            let (stride, lines) = (wide * component.across * 8, high * component.down * 8);
            Plane {
                stride,
                width: (usize::from(frame.columns) * component.across).div_ceil(across),
                height: (usize::from(frame.rows) * component.down).div_ceil(down),
                values: vec![0; stride * lines],
            }
        })
        .collect();
    let mut seen = vec![false; planes.len()];
    while !seen.iter().all(|seen| *seen) {
        match segments.step()? {
            Step::Scan(scan) => {
                decode_scan(segments, frame, &scan, &mut planes, (wide, high))?;
                scan.components.iter().for_each(|component| seen[component.index] = true);
            }
            Step::End => return Err(PixelError::Corrupt("a component of the JPEG frame is missing")),
            Step::Frame => return Err(PixelError::Unsupported("hierarchical JPEG")),
        }
    }
    Ok(upsample::interleave(&planes, frame))
}

/// What is needed to decode the blocks of one component.
struct Lane<'a> {
    index: usize,
    dc: &'a Table,
    ac: &'a Table,
    /// Steps in zigzag order.
    steps: [f32; 64],
    /// Blocks of an MCU, across and down.
    blocks: (usize, usize),
    prediction: i32,
}

fn decode_scan(
    segments: &mut Segments<'_>,
    frame: &Frame,
    scan: &Scan,
    planes: &mut [Plane],
    mcus: (usize, usize),
) -> Result<(), PixelError> {
    // A sequential scan has all coefficients; some writers say otherwise and mean nothing by it.
    let alone = scan.components.len() == 1;
    let mut lanes = lanes(segments, frame, scan)?;
    // A scan of one component has blocks for what the component holds, not for whole MCUs (A.2.2).
    let (wide, high) = match &lanes[..] {
        [lane] => (planes[lane.index].width.div_ceil(8), planes[lane.index].height.div_ceil(8)),
        _ => mcus,
    };
    let mut bits = Bits::new(segments.coded());
    let mut until_restart = segments.restart;
    let mut block = [[0.0; 8]; 8];
    for row in 0..high {
        for column in 0..wide {
            if segments.restart > 0 {
                if until_restart == 0 {
                    bits.restart()?;
                    for lane in &mut lanes {
                        lane.prediction = 0;
                    }
                    until_restart = segments.restart;
                }
                until_restart -= 1;
            }
            for lane in &mut lanes {
                let (across, down) = if alone { (1, 1) } else { lane.blocks };
                for at in 0..across * down {
                    let (x, y) = (column * across + at % across, row * down + at / across);
                    decode_block(&mut bits, lane, &mut block)?;
                    place(&block, frame.precision, &mut planes[lane.index], x, y);
                }
            }
        }
        if bits.overrun() {
            return Err(PixelError::Corrupt("a JPEG scan ends early"));
        }
    }
    let end = bits.end();
    segments.at += end;
    Ok(())
}

fn lanes<'a>(segments: &'a Segments<'_>, frame: &Frame, scan: &Scan) -> Result<Vec<Lane<'a>>, PixelError> {
    let missing = PixelError::Corrupt("a table of the JPEG stream is missing");
    let lane = |chosen: &super::segments::ScanComponent| {
        let component = &frame.components[chosen.index];
        let steps = segments.quantization[component.quantization].as_ref().ok_or(missing.clone())?;
        Ok(Lane {
            index: chosen.index,
            dc: segments.dc[chosen.dc].as_ref().ok_or(missing.clone())?,
            ac: segments.ac[chosen.ac].as_ref().ok_or(missing.clone())?,
            steps: steps.map(f32::from),
            blocks: (component.across, component.down),
            prediction: 0,
        })
    };
    scan.components.iter().map(lane).collect()
}

#[inline]
#[expect(clippy::cast_precision_loss, reason = "coefficients have 16 bits")]
fn decode_block(
    bits: &mut Bits<'_>,
    lane: &mut Lane<'_>,
    block: &mut [[f32; 8]; 8],
) -> Result<(), PixelError> {
    let size = bits.symbol(lane.dc)?;
    if size > 15 {
        return Err(PixelError::Corrupt("a DC coefficient of more than 15 bits"));
    }
    // Streams that mean harm add up without end.
    lane.prediction = lane.prediction.wrapping_add(bits.extended(u32::from(size)));
    *block = [[0.0; 8]; 8];
    let flat = block.as_flattened_mut();
    flat[0] = lane.prediction as f32 * lane.steps[0];
    let mut at = 1;
    while at < 64 {
        let symbol = bits.symbol(lane.ac)?;
        let (run, size) = (usize::from(symbol >> 4), u32::from(symbol & 15));
        if size == 0 {
            if run < 15 {
                break;
            }
            at += 16;
            continue;
        }
        at += run;
        if at > 63 {
            return Err(PixelError::Corrupt("more coefficients than a block has"));
        }
        flat[usize::from(ZIGZAG[at])] = bits.extended(size) as f32 * lane.steps[at];
        at += 1;
    }
    if at == 1 {
        let even = flat[0] * 0.125;
        flat.fill(even);
    } else {
        idct::inverse(block);
    }
    Ok(())
}

#[inline]
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "clamped to the precision, 12 bits at most"
)]
fn place(block: &[[f32; 8]; 8], precision: u8, plane: &mut Plane, x: usize, y: usize) {
    let (middle, most) = (f32::from(1_u16 << (precision - 1)) + 0.5, f32::from((1_u16 << precision) - 1));
    for (line, row) in block.iter().enumerate() {
        let from = (y * 8 + line) * plane.stride + x * 8;
        for (place, value) in plane.values[from..from + 8].iter_mut().zip(row) {
            *place = (value + middle).clamp(0.0, most) as i32 as u16;
        }
    }
}
