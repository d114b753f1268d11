//! Synthetic images, the same in every run: slices of CT, small secondary captures for a large index, and multi-frame
//! images of hundreds of megabytes. Pixels come from a bank that all share, so that only headers are made for each.

use std::io::{self, IoSlice, Write};
use std::path::Path;

use crate::element::Elements;

/// Pixels of a slice along a side.
const SIDE: usize = 512;
const SMALL_SIDE: usize = 32;
/// Different slices.
const SLICES: usize = 64;
const EXPLICIT_LITTLE_ENDIAN: &str = "1.2.840.10008.1.2.1";
const PIXEL_DATA: u32 = 0x7FE0_0010;

/// What an image is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// 512 by 512 pixels of 16 bits.
    Ct,
    /// 32 by 32 pixels of 8 bits.
    Small,
    /// Frames like those of `Ct`, in one object of so many 10^6 bytes.
    Large(usize),
}

impl Kind {
    /// Its SOP class.
    pub(crate) fn class(self) -> &'static str {
        match self {
            Self::Ct => "1.2.840.10008.5.1.4.1.1.2",
            Self::Small => "1.2.840.10008.5.1.4.1.1.7",
            Self::Large(_) => "1.2.840.10008.5.1.4.1.1.2.1",
        }
    }

    fn letter(self) -> char {
        match self {
            Self::Ct => 'C',
            Self::Small => 'S',
            Self::Large(_) => 'L',
        }
    }

    fn digit(self) -> usize {
        match self {
            Self::Ct => 1,
            Self::Small => 2,
            Self::Large(_) => 3,
        }
    }
}

/// Which image it is. Images of another round are other images.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place {
    pub(crate) round: usize,
    pub(crate) study: usize,
    pub(crate) series: usize,
    pub(crate) instance: usize,
}

impl Place {
    pub(crate) fn study_uid(self, kind: Kind) -> String {
        format!("2.25.1{}{:05}{:06}", kind.digit(), self.round, self.study)
    }

    pub(crate) fn series_uid(self, kind: Kind) -> String {
        format!("2.25.2{}{:05}{:06}{:03}", kind.digit(), self.round, self.study, self.series)
    }

    pub(crate) fn instance_uid(self, kind: Kind) -> String {
        format!("2.25.3{}{:05}{:06}{:06}", kind.digit(), self.round, self.study, self.instance)
    }

    pub(crate) fn patient_id(self, kind: Kind) -> String {
        format!("{}{:02}{:06}", kind.letter(), self.round % 100, self.study)
    }

    pub(crate) fn patient_name(self) -> String {
        format!("Fam{}^Given{}", self.study % 1009, self.study % 211)
    }

    /// `YYYYMMDD`.
    pub(crate) fn date(self) -> String {
        format!("2024{:02}{:02}", self.study % 12 + 1, self.study % 28 + 1)
    }
}

/// Pixels that images are made of.
#[derive(Debug)]
pub(crate) struct Bank {
    slices: Vec<Vec<u8>>,
    small: Vec<u8>,
}

impl Bank {
    /// A round body with two lungs, and noise.
    pub(crate) fn new() -> Self {
        let mut noise = Noise(7);
        let small = (0..SMALL_SIDE * SMALL_SIDE).map(|_| noise.next().to_le_bytes()[0]).collect();
        let slices = (0..SLICES).map(|number| slice(number, &mut noise)).collect();
        Self { slices, small }
    }
}

/// An image: its data set up to the pixels, and where these lie in the bank.
#[derive(Debug)]
pub(crate) struct Image {
    pub(crate) kind: Kind,
    pub(crate) instance_uid: String,
    header: Vec<u8>,
    frames: Vec<usize>,
}

impl Image {
    pub(crate) fn new(kind: Kind, place: Place) -> Self {
        let frames = match kind {
            Kind::Ct => vec![place.instance % SLICES],
            Kind::Small => Vec::new(),
            Kind::Large(megabytes) => {
                (0..megabytes * 1_000_000 / (SIDE * SIDE * 2)).map(|frame| frame % SLICES).collect()
            }
        };
        let header = header(kind, place, frames.len());
        Self { kind, instance_uid: place.instance_uid(kind), header, frames }
    }

    /// Frames of a large image.
    pub(crate) fn frames(&self) -> usize {
        self.frames.len()
    }

    /// The pieces of its data set, in order.
    pub(crate) fn pieces<'a>(&'a self, bank: &'a Bank) -> impl Iterator<Item = &'a [u8]> {
        let small = (self.kind == Kind::Small).then_some(bank.small.as_slice());
        let frames = self.frames.iter().map(|frame| bank.slices[*frame].as_slice());
        std::iter::once(self.header.as_slice()).chain(small).chain(frames)
    }

    /// Bytes of its data set.
    pub(crate) fn length(&self, bank: &Bank) -> usize {
        self.pieces(bank).map(<[u8]>::len).sum()
    }

    /// Writes it as a file (PS3.10), or over a file of the same kind and size.
    pub(crate) fn write(&self, bank: &Bank, path: &Path) -> io::Result<()> {
        let mut file = std::fs::File::options().write(true).create(true).truncate(false).open(path)?;
        let meta = self.meta();
        let whole = (meta.len() + self.length(bank)) as u64;
        // The pixels stand there already when only the round is another.
        let pieces = if file.metadata()?.len() == whole { 1 } else { usize::MAX };
        let (meta, rest) = (IoSlice::new(&meta), self.pieces(bank).take(pieces));
        std::iter::once(&*meta).chain(rest).try_for_each(|piece| file.write_all(piece))
    }

    fn meta(&self) -> Vec<u8> {
        let mut group = Elements::default();
        group.opened(0x0002_0001, *b"OB", 2).bytes(&[0, 1]);
        group.text(0x0002_0002, *b"UI", self.kind.class()).text(0x0002_0003, *b"UI", &self.instance_uid);
        group.text(0x0002_0010, *b"UI", EXPLICIT_LITTLE_ENDIAN).text(0x0002_0012, *b"UI", "2.25.4");
        let group = group.into_bytes();
        let mut meta = Elements::default();
        meta.bytes(&[0; 128]).bytes(b"DICM");
        #[expect(clippy::cast_possible_truncation, reason = "five elements of a few characters each")]
        meta.ul(0x0002_0000, group.len() as u32).bytes(&group);
        meta.into_bytes()
    }
}

/// Everything before the pixels, and the head of their element.
fn header(kind: Kind, place: Place, frames: usize) -> Vec<u8> {
    let mut set = Elements::default();
    let (date, small) = (place.date(), kind == Kind::Small);
    let time = format!("{:02}{:02}00", place.study % 24, place.study % 60);
    set.text(0x0008_0005, *b"CS", "ISO_IR 192").text(0x0008_0008, *b"CS", "ORIGINAL\\PRIMARY\\AXIAL");
    set.text(0x0008_0016, *b"UI", kind.class()).text(0x0008_0018, *b"UI", &place.instance_uid(kind));
    set.text(0x0008_0020, *b"DA", &date).text(0x0008_0023, *b"DA", &date);
    set.text(0x0008_0030, *b"TM", &time).text(0x0008_0033, *b"TM", &time);
    set.text(0x0008_0050, *b"SH", &format!("{}{:07}", kind.letter(), place.study));
    set.text(0x0008_0060, *b"CS", if small { "OT" } else { "CT" });
    if small {
        set.text(0x0008_0064, *b"CS", "WSD");
    }
    set.text(0x0008_0070, *b"LO", "Synthetic").text(0x0008_0080, *b"LO", "Bench Clinic");
    set.text(0x0008_0090, *b"PN", &format!("Ref^Doc{}", place.study % 97));
    set.text(0x0008_1030, *b"LO", &format!("STUDY {:06}", place.study));
    set.text(0x0008_103E, *b"LO", &format!("SERIES {:03}", place.series));
    set.text(0x0010_0010, *b"PN", &place.patient_name()).text(0x0010_0020, *b"LO", &place.patient_id(kind));
    set.text(0x0010_0030, *b"DA", &format!("19{:02}0101", place.study % 90 + 10));
    set.text(0x0010_0040, *b"CS", if place.study.is_multiple_of(2) { "M" } else { "F" });
    set.text(0x0018_0015, *b"CS", "CHEST");
    set.text(0x0020_000D, *b"UI", &place.study_uid(kind)).text(0x0020_000E, *b"UI", &place.series_uid(kind));
    set.text(0x0020_0010, *b"SH", &place.study.to_string());
    set.text(0x0020_0011, *b"IS", &(place.series + 1).to_string());
    set.text(0x0020_0013, *b"IS", &format!("{:06}", place.instance + 1));
    if !small {
        geometry(&mut set, kind, place);
    }
    pixels(&mut set, kind, frames);
    set.into_bytes()
}

fn geometry(set: &mut Elements, kind: Kind, place: Place) {
    set.text(0x0020_0032, *b"DS", &format!("-180\\-180\\{:06}", place.instance));
    set.text(0x0020_0037, *b"DS", "1\\0\\0\\0\\1\\0");
    set.text(0x0020_0052, *b"UI", &format!("{}.1", place.study_uid(kind)));
    set.text(0x0020_1041, *b"DS", &format!("{:06}", place.instance));
}

fn pixels(set: &mut Elements, kind: Kind, frames: usize) {
    let small = kind == Kind::Small;
    let (side, bits) = if small { (32, 8) } else { (512, 16) };
    set.us(0x0028_0002, 1).text(0x0028_0004, *b"CS", "MONOCHROME2");
    if matches!(kind, Kind::Large(_)) {
        set.text(0x0028_0008, *b"IS", &frames.to_string());
    }
    set.us(0x0028_0010, side).us(0x0028_0011, side);
    if !small {
        set.text(0x0028_0030, *b"DS", "0.7\\0.7");
    }
    set.us(0x0028_0100, bits).us(0x0028_0101, bits).us(0x0028_0102, bits - 1).us(0x0028_0103, 0);
    if !small {
        set.text(0x0028_1050, *b"DS", "40").text(0x0028_1051, *b"DS", "400");
        set.text(0x0028_1052, *b"DS", "-1024").text(0x0028_1053, *b"DS", "1").text(0x0028_1054, *b"LO", "HU");
    }
    let length = u32::from(side) * u32::from(side) * u32::from(bits / 8);
    let frames = u32::try_from(frames.max(1)).unwrap_or(u32::MAX);
    set.opened(PIXEL_DATA, if small { *b"OB" } else { *b"OW" }, length.saturating_mul(frames));
}

fn slice(number: usize, noise: &mut Noise) -> Vec<u8> {
    let place = |at: usize| at as f64 / SIDE as f64 * 2.0 - 1.0;
    let depth = number as f64 / 9.0;
    let mut bytes = Vec::with_capacity(SIDE * SIDE * 2);
    for (y, x) in (0..SIDE * SIDE).map(|at| (place(at / SIDE), place(at % SIDE))) {
        let body = if x.hypot(y * 1.2) < 0.85 { 1060.0 } else { 24.0 };
        let lung = if (x.abs() - 0.3).hypot(y) < 0.25 { -700.0 } else { 0.0 };
        let texture = 60.0 * (6.0 * x + depth).sin() * (5.0 * y).cos();
        let grain = f64::from(noise.next() % 25);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to 12 bits")]
        let value = (body + lung + texture + grain).clamp(0.0, 4095.0) as u16;
        bytes.extend_from_slice(&value.to_le_bytes());
    }
    bytes
}

/// Marsaglia's xorshift: noise that is the same in every run.
#[derive(Debug)]
struct Noise(u32);

impl Noise {
    fn next(&mut self) -> u32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 17;
        self.0 ^= self.0 << 5;
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLACE: Place = Place { round: 0, study: 12, series: 1, instance: 70 };

    #[test]
    fn the_pixels_have_the_length_that_their_element_tells() {
        let bank = Bank::new();
        for (kind, frames) in [(Kind::Ct, 1), (Kind::Small, 1), (Kind::Large(2), 3)] {
            let image = Image::new(kind, PLACE);
            let told = image.header.last_chunk().map(|bytes| u32::from_le_bytes(*bytes)).unwrap();
            let pixels: usize = image.pieces(&bank).skip(1).map(<[u8]>::len).sum();
            assert_eq!((told as usize, image.frames.len().max(1)), (pixels, frames), "{kind:?}");
        }
    }

    #[test]
    fn a_file_of_another_round_is_written_over_the_first() {
        let (bank, folder) = (Bank::new(), tempfile::tempdir().unwrap());
        let path = folder.path().join("one.dcm");
        let image = |round| Image::new(Kind::Ct, Place { round, ..PLACE });
        image(0).write(&bank, &path).unwrap();
        let first = std::fs::read(&path).unwrap();
        image(1).write(&bank, &path).unwrap();
        let second = std::fs::read(&path).unwrap();
        assert_eq!(first.len(), second.len());
        assert!(second.ends_with(&bank.slices[70 % SLICES]));
        assert_ne!(first, second);
    }
}
