//! Marker segments (T.81 Annex B): what stands in a stream beside the scans.

use super::huffman::Table;
use crate::PixelError;

const DAMAGED: PixelError = PixelError::Corrupt("a JPEG segment is cut off");

/// How a frame is coded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Process {
    /// Sequential DCT, Huffman (SOF0, SOF1).
    Sequential,
    /// Progressive DCT, Huffman (SOF2).
    Progressive,
    /// Lossless, Huffman (SOF3).
    Lossless,
}

/// A frame header (B.2.2).
#[derive(Debug, Clone)]
pub(super) struct Frame {
    pub(super) process: Process,
    /// Bits of a sample, 2 to 16.
    pub(super) precision: u8,
    pub(super) rows: u16,
    pub(super) columns: u16,
    pub(super) components: Vec<Component>,
}

impl Frame {
    /// The most that a component is sampled, across and down.
    pub(super) fn most(&self) -> (usize, usize) {
        let most = |of: fn(&Component) -> usize| self.components.iter().map(of).max().unwrap_or(1);
        (most(|component| component.across), most(|component| component.down))
    }
}

/// One component of a frame.
#[derive(Debug, Clone)]
pub(super) struct Component {
    pub(super) id: u8,
    /// How densely it is sampled across, 1 to 4.
    pub(super) across: usize,
    /// The same down.
    pub(super) down: usize,
    /// The quantization table, 0 to 3.
    pub(super) quantization: usize,
}

/// A scan header (B.2.3).
#[derive(Debug, Clone)]
pub(super) struct Scan {
    pub(super) components: Vec<ScanComponent>,
    /// The predictor of lossless scans.
    pub(super) start: u8,
    /// The point transform: bits that were cut off.
    pub(super) low: u8,
}

/// One component of a scan.
#[derive(Debug, Clone, Copy)]
pub(super) struct ScanComponent {
    /// Which of the frame's.
    pub(super) index: usize,
    /// The table of DC coefficients or differences, 0 to 3.
    pub(super) dc: usize,
    /// The table of AC coefficients, 0 to 3.
    pub(super) ac: usize,
}

/// What is reached in a stream.
pub(super) enum Step {
    /// A frame header was read.
    Frame,
    /// A scan begins.
    Scan(Scan),
    /// The image ends.
    End,
}

/// A stream as far as it was read, with the tables that hold there.
pub(super) struct Segments<'a> {
    bytes: &'a [u8],
    /// Where the next marker is looked for; after a scan header, where its entropy-coded data begins.
    pub(super) at: usize,
    frame: Option<Frame>,
    /// Quantization tables, in zigzag order.
    pub(super) quantization: [Option<[u16; 64]>; 4],
    pub(super) dc: [Option<Table>; 4],
    pub(super) ac: [Option<Table>; 4],
    /// MCUs between restarts; 0: none.
    pub(super) restart: u32,
    /// The colour transform that Adobe's segment tells: 0 none, 1 YCbCr, 2 YCCK.
    pub(super) adobe: Option<u8>,
    /// Whether there is a JFIF segment.
    pub(super) jfif: bool,
}

impl<'a> Segments<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Result<Self, PixelError> {
        if !bytes.starts_with(&[0xff, 0xd8]) {
            return Err(PixelError::Corrupt("it does not begin as JPEG does"));
        }
        Ok(Self {
            bytes,
            at: 2,
            frame: None,
            quantization: [None; 4],
            dc: Default::default(),
            ac: Default::default(),
            restart: 0,
            adobe: None,
            jfif: false,
        })
    }

    /// The entropy-coded data from here on, with all that comes after it.
    pub(super) fn coded(&self) -> &'a [u8] {
        &self.bytes[self.at..]
    }

    pub(super) fn frame(&self) -> Result<&Frame, PixelError> {
        self.frame.as_ref().ok_or(PixelError::Corrupt("a scan without a frame header"))
    }

    /// Reads up to the next header of a frame or a scan.
    pub(super) fn step(&mut self) -> Result<Step, PixelError> {
        loop {
            let Some(marker) = self.marker() else { return Ok(Step::End) };
            match marker {
                0xd9 => return Ok(Step::End),
                0x01 | 0xd0..=0xd8 => continue,
                _ => {}
            }
            let segment = self.segment()?;
            match marker {
                0xc4 => self.huffman(segment)?,
                0xdb => self.quantization(segment)?,
                0xdd => {
                    let [high, low, ..] = *segment else { return Err(DAMAGED) };
                    self.restart = u32::from(u16::from_be_bytes([high, low]));
                }
                0xe0 => self.jfif |= segment.starts_with(b"JFIF\0"),
                0xee if segment.starts_with(b"Adobe") => self.adobe = segment.get(11).copied(),
                0xc0..=0xcf => {
                    if self.frame.replace(frame(marker, segment)?).is_some() {
                        return Err(PixelError::Unsupported("hierarchical JPEG"));
                    }
                    return Ok(Step::Frame);
                }
                0xda => return Ok(Step::Scan(self.scan(segment)?)),
                _ => {}
            }
        }
    }

    /// The next marker; what lies before it is skipped, as stuffed bytes are.
    fn marker(&mut self) -> Option<u8> {
        let mut pairs = self.bytes.get(self.at..)?.windows(2);
        let found = pairs.position(|two| two[0] == 0xff && !matches!(two[1], 0 | 0xff))?;
        self.at += found + 2;
        Some(self.bytes[self.at - 1])
    }

    fn segment(&mut self) -> Result<&'a [u8], PixelError> {
        let rest = &self.bytes[self.at..];
        let [high, low, ..] = *rest else { return Err(DAMAGED) };
        let length = usize::from(u16::from_be_bytes([high, low]));
        self.at += length;
        rest.get(2..length).ok_or(DAMAGED)
    }

    fn quantization(&mut self, mut segment: &[u8]) -> Result<(), PixelError> {
        while let Some((head, rest)) = segment.split_first() {
            let width = 1 + usize::from(head >> 4 & 1);
            let (table, rest) = rest.split_at_checked(64 * width).ok_or(DAMAGED)?;
            let mut steps = [0; 64];
            for (step, bytes) in steps.iter_mut().zip(table.chunks_exact(width)) {
                *step = bytes.iter().fold(0, |high, byte| high << 8 | u16::from(*byte));
            }
            self.quantization[usize::from(head & 3)] = Some(steps);
            segment = rest;
        }
        Ok(())
    }

    fn huffman(&mut self, mut segment: &[u8]) -> Result<(), PixelError> {
        while let Some((head, rest)) = segment.split_first() {
            let (counts, rest) = rest.split_first_chunk::<16>().ok_or(DAMAGED)?;
            let total = counts.iter().map(|count| usize::from(*count)).sum();
            let (symbols, rest) = rest.split_at_checked(total).ok_or(DAMAGED)?;
            let tables = if head >> 4 == 0 { &mut self.dc } else { &mut self.ac };
            tables[usize::from(head & 3)] = Some(Table::new(counts, symbols)?);
            segment = rest;
        }
        Ok(())
    }

    fn scan(&self, segment: &[u8]) -> Result<Scan, PixelError> {
        let frame = self.frame()?;
        let (count, rest) = segment.split_first().ok_or(DAMAGED)?;
        let (chosen, rest) = rest.split_at_checked(2 * usize::from(*count)).ok_or(DAMAGED)?;
        let [start, _, low, ..] = *rest else { return Err(DAMAGED) };
        let named = |two: &[u8]| {
            let index = frame.components.iter().position(|component| component.id == two[0]);
            let index = index.ok_or(PixelError::Corrupt("a scan of a component that is not there"))?;
            Ok(ScanComponent { index, dc: usize::from(two[1] >> 4 & 3), ac: usize::from(two[1] & 3) })
        };
        let components: Vec<ScanComponent> =
            chosen.chunks_exact(2).map(named).collect::<Result<_, PixelError>>()?;
        let twice =
            (1..components.len()).any(|at| components[..at].iter().any(|c| c.index == components[at].index));
        if components.is_empty() || components.len() > 4 || twice {
            return Err(PixelError::Corrupt("a scan of no components, or of one twice"));
        }
        Ok(Scan { components, start, low: low & 15 })
    }
}

fn frame(marker: u8, segment: &[u8]) -> Result<Frame, PixelError> {
    let process = match marker {
        0xc0 | 0xc1 => Process::Sequential,
        0xc2 => Process::Progressive,
        0xc3 => Process::Lossless,
        0xc5..=0xc7 => return Err(PixelError::Unsupported("hierarchical JPEG")),
        _ => return Err(PixelError::Unsupported("JPEG with arithmetic coding")),
    };
    let [precision, r1, r0, c1, c0, count, ref rest @ ..] = *segment else { return Err(DAMAGED) };
    let listed = rest.get(..3 * usize::from(count)).ok_or(DAMAGED)?;
    let components: Vec<Component> = listed
        .chunks_exact(3)
        .map(|three| Component {
            id: three[0],
            across: usize::from(three[1] >> 4),
            down: usize::from(three[1] & 15),
            quantization: usize::from(three[2] & 3),
        })
        .collect();
    let sampled =
        |component: &Component| (1..=4).contains(&component.across) && (1..=4).contains(&component.down);
    if !(1..=4).contains(&components.len()) || !components.iter().all(sampled) {
        return Err(PixelError::Corrupt(
            "a JPEG frame has one to four components, sampled one to four times",
        ));
    }
    let fits = match process {
        Process::Lossless => (2..=16).contains(&precision),
        Process::Sequential => matches!(precision, 8 | 12),
        Process::Progressive => precision == 8,
    };
    if !fits {
        return Err(PixelError::Unsupported("JPEG of such a precision"));
    }
    let (rows, columns) = (u16::from_be_bytes([r1, r0]), u16::from_be_bytes([c1, c0]));
    Ok(Frame { process, precision, rows, columns, components })
}
