//! Reading a track, of its log or of a file that was woven of several: cluster after cluster, cut off anywhere.

use std::collections::VecDeque;
use std::io::{self, Read};

use crate::ebml::{self, UNKNOWN, elements, id};
use crate::track::{Codec, Frame, TrackHead};

/// The largest cluster that is read, bytes: two seconds at 100 Mb/s.
const LARGEST: u64 = 32 << 20;

/// Why a log is not read.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// It does not begin as logs do.
    #[error("this is not the log of a track")]
    NoLog,
    /// Its bytes could not be had.
    #[error("the log of a track could not be read")]
    Io(#[from] io::Error),
}

/// The frames of one track, in order.
pub struct TrackLog<R> {
    head: TrackHead,
    number: u8,
    from: R,
    waiting: VecDeque<Frame>,
    ended: bool,
}

impl<R: Read> TrackLog<R> {
    /// Reads the start of a log.
    ///
    /// # Errors
    /// [`LogError`]; a log whose start was cut off is none.
    pub fn open(from: R) -> Result<Self, LogError> {
        Self::open_track(from, 1)
    }

    /// Reads the start of a file with several tracks, for one of them; they are counted from 1.
    ///
    /// # Errors
    /// As [`TrackLog::open`], also when there is no such track.
    pub fn open_track(mut from: R, number: u8) -> Result<Self, LogError> {
        let mut head = None;
        while head.is_none() {
            let (id, size) = next(&mut from)?.ok_or(LogError::NoLog)?;
            match id {
                // Its content follows as if it were ours.
                id::SEGMENT => {}
                id::EBML | id::INFO => drop(content(&mut from, size)?.ok_or(LogError::NoLog)?),
                id::TRACKS => {
                    let tracks = content(&mut from, size)?.ok_or(LogError::NoLog)?;
                    head = Some(entry(&tracks, number).ok_or(LogError::NoLog)?);
                }
                _ => return Err(LogError::NoLog),
            }
        }
        let head = head.ok_or(LogError::NoLog)?;
        Ok(Self { head, number, from, waiting: VecDeque::new(), ended: false })
    }

    /// What stands at its start.
    pub fn head(&self) -> &TrackHead {
        &self.head
    }

    /// The next frame; none: the log ends, or was cut off here.
    ///
    /// # Errors
    /// [`LogError::Io`] when its bytes cannot be had.
    pub fn frame(&mut self) -> Result<Option<Frame>, LogError> {
        while self.waiting.is_empty() && !self.ended {
            let cluster = match next(&mut self.from)? {
                // The index of a woven file holds no frames.
                Some((id::CLUSTER | id::CUES, size)) => content(&mut self.from, size)?,
                _ => None,
            };
            match cluster {
                Some(cluster) => self.waiting.extend(frames(&cluster, self.number)),
                None => self.ended = true,
            }
        }
        Ok(self.waiting.pop_front())
    }
}

fn frames(cluster: &[u8], number: u8) -> Vec<Frame> {
    let mut begins = 0;
    let mut found = Vec::new();
    for element in elements(cluster) {
        match (element.id, element.content) {
            (id::TIMESTAMP, _) => begins = element.uint(),
            (id::SIMPLE_BLOCK, [track, high, low, flags, data @ ..]) if *track == number | 0x80 => found
                .push(Frame {
                    at: begins.saturating_add_signed(i16::from_be_bytes([*high, *low]).into()),
                    key: flags & 0x80 != 0,
                    data: data.to_vec(),
                }),
            _ => {}
        }
    }
    found
}

fn entry(tracks: &[u8], number: u8) -> Option<TrackHead> {
    let mut entries = elements(tracks).filter(|element| element.id == id::TRACK_ENTRY);
    let entry = entries.nth(usize::from(number).checked_sub(1)?)?;
    let mut head = TrackHead { codec: Codec::Opus, name: String::new(), size: (0, 0) };
    for part in elements(entry.content) {
        match part.id {
            id::NAME => head.name = String::from_utf8_lossy(part.content).into_owned(),
            id::CODEC_ID if part.content == b"V_VP8" => head.codec = Codec::Vp8,
            id::CODEC_ID if part.content != b"A_OPUS" => return None,
            id::VIDEO => {
                for side in elements(part.content) {
                    let length = u16::try_from(side.uint()).unwrap_or_default();
                    match side.id {
                        id::PIXEL_WIDTH => head.size.0 = length,
                        id::PIXEL_HEIGHT => head.size.1 = length,
                        _ => {}
                    }
                }
            }
            _ => {}
        }
    }
    Some(head)
}

/// The id and size of the next element; none at the end, or where it was cut off.
pub(crate) fn next(from: &mut impl Read) -> Result<Option<(u32, u64)>, LogError> {
    let mut bytes = [0; 12];
    let Some(id_length) = prefix(from, &mut bytes)? else { return Ok(None) };
    let Some((id, _)) = ebml::id_at(&bytes[..id_length]) else { return Ok(None) };
    let Some(size_length) = prefix(from, &mut bytes)? else { return Ok(None) };
    Ok(ebml::size_at(&bytes[..size_length]).map(|(size, _)| (id, size)))
}

/// Reads a number whose length its first byte tells; answers the length.
fn prefix(from: &mut impl Read, bytes: &mut [u8; 12]) -> Result<Option<usize>, LogError> {
    if !fill(from, &mut bytes[..1])? {
        return Ok(None);
    }
    let length = bytes[0].leading_zeros() as usize + 1;
    Ok((length <= 8 && fill(from, &mut bytes[1..length])?).then_some(length))
}

/// The content of an element; none: it was cut off, or is larger than anything that is read.
pub(crate) fn content(from: &mut impl Read, size: u64) -> Result<Option<Vec<u8>>, LogError> {
    if size == UNKNOWN || size > LARGEST {
        return Ok(None);
    }
    let mut bytes = Vec::new();
    let read = from.take(size).read_to_end(&mut bytes)?;
    Ok((read as u64 == size).then_some(bytes))
}

fn fill(from: &mut impl Read, bytes: &mut [u8]) -> Result<bool, LogError> {
    match from.read_exact(bytes) {
        Ok(()) => Ok(true),
        Err(cause) if cause.kind() == io::ErrorKind::UnexpectedEof => Ok(false),
        Err(cause) => Err(cause.into()),
    }
}
