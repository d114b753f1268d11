//! Frames of sound as they stand in binary WebSocket messages; `docs/api.md` has the same table.
//!
//! | bytes | to the server | to the client |
//! |---|---|---|
//! | 0 | `0x11`: version 1, sound | the same |
//! | 1 | level, -dBov: 0 loudest, 127 silence (RFC 6464, section 3) | number of the speaker |
//! | 2-3 | sequence number, big-endian, one more with each frame that was encoded | the same, of this speaker |
//! | 4-7 | timestamp, big-endian, 48 kHz (RFC 7587, section 4.1) | the same |
//! | 8- | one Opus packet (RFC 6716) | the same |
//!
//! Once a second the server reports how it hears: `0x12`, frames lost since the last report (255: that or more), the
//! sequence number of the last frame that came (16 bits), round trip in ms (32 bits).

use std::sync::Arc;

/// Version 1 in the upper half, sound in the lower.
const KIND: u8 = 0x11;
/// The same, a report.
const REPORT: u8 = 0x12;
const HEADER_BYTES: usize = 8;
/// The largest packet that is taken: 60 ms at 64 kb/s, with room for a variable rate.
pub const MAX_OPUS_BYTES: usize = 640;
/// RFC 6716, section 3.2.5: no packet holds more than 120 ms.
const MAX_TICKS: u32 = 5760;

/// A frame from a client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SoundFrame {
    /// How loud it is, -dBov from 0 to 127.
    pub level: u8,
    /// Its number.
    pub sequence: u16,
    /// When it was recorded, 48 kHz.
    pub timestamp: u32,
    /// One Opus packet.
    pub opus: Arc<[u8]>,
}

/// A frame to a client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SpokenFrame {
    /// Whose it is, as the client was told.
    pub speaker: u8,
    /// Its number among those of this speaker.
    pub sequence: u16,
    /// When it is to be heard, 48 kHz.
    pub timestamp: u32,
    /// One Opus packet.
    pub opus: Arc<[u8]>,
}

/// How the server hears a client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SoundReport {
    /// Frames that are missing since the last report.
    pub lost: u8,
    /// The last frame that came.
    pub sequence: u16,
    /// Round trip on the socket, ms.
    pub rtt_ms: u32,
}

impl SoundReport {
    /// The message.
    pub fn to_bytes(self) -> [u8; HEADER_BYTES] {
        let ([s0, s1], [r0, r1, r2, r3]) = (self.sequence.to_be_bytes(), self.rtt_ms.to_be_bytes());
        [REPORT, self.lost, s0, s1, r0, r1, r2, r3]
    }
}

/// Why a message is no frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FrameError {
    /// Shorter than a header with a packet behind it.
    #[error("the frame is too short")]
    Short,
    /// Longer than anything that is said.
    #[error("the frame is too long")]
    Long,
    /// Of a version or kind that is not known.
    #[error("the kind of frame is not known")]
    Kind,
    /// The level is none.
    #[error("the level is above 127")]
    Level,
    /// What follows the header is no Opus packet.
    #[error("the frame holds no Opus packet")]
    Opus,
}

impl SoundFrame {
    /// Reads a message of a client.
    ///
    /// # Errors
    /// [`FrameError`] for whatever is no frame.
    pub fn parse(message: &[u8]) -> Result<Self, FrameError> {
        let (level, sequence, timestamp, opus) = split(message)?;
        if level > 127 {
            return Err(FrameError::Level);
        }
        opus_ticks(opus).ok_or(FrameError::Opus)?;
        Ok(Self { level, sequence, timestamp, opus: opus.into() })
    }

    /// The message.
    pub fn to_bytes(&self) -> Vec<u8> {
        join(self.level, self.sequence, self.timestamp, &self.opus)
    }

    /// How long it sounds, in ticks of 48 kHz.
    pub fn ticks(&self) -> u32 {
        opus_ticks(&self.opus).unwrap_or(0)
    }
}

impl SpokenFrame {
    /// Reads a message of the server.
    ///
    /// # Errors
    /// [`FrameError`] for whatever is no frame.
    pub fn parse(message: &[u8]) -> Result<Self, FrameError> {
        let (speaker, sequence, timestamp, opus) = split(message)?;
        Ok(Self { speaker, sequence, timestamp, opus: opus.into() })
    }

    /// The message.
    pub fn to_bytes(&self) -> Vec<u8> {
        join(self.speaker, self.sequence, self.timestamp, &self.opus)
    }
}

fn split(message: &[u8]) -> Result<(u8, u16, u32, &[u8]), FrameError> {
    if message.len() > HEADER_BYTES + MAX_OPUS_BYTES {
        return Err(FrameError::Long);
    }
    let [kind, second, s0, s1, t0, t1, t2, t3, opus @ ..] = message else { return Err(FrameError::Short) };
    if *kind != KIND {
        return Err(FrameError::Kind);
    }
    if opus.is_empty() {
        return Err(FrameError::Short);
    }
    Ok((*second, u16::from_be_bytes([*s0, *s1]), u32::from_be_bytes([*t0, *t1, *t2, *t3]), opus))
}

fn join(second: u8, sequence: u16, timestamp: u32, opus: &[u8]) -> Vec<u8> {
    let mut message = Vec::with_capacity(HEADER_BYTES + opus.len());
    message.extend_from_slice(&[KIND, second]);
    message.extend_from_slice(&sequence.to_be_bytes());
    message.extend_from_slice(&timestamp.to_be_bytes());
    message.extend_from_slice(opus);
    message
}

/// How long an Opus packet sounds, by its first bytes alone (RFC 6716, section 3.1); `None` if it is none.
fn opus_ticks(packet: &[u8]) -> Option<u32> {
    let toc = *packet.first()?;
    let config = usize::from(toc >> 3);
    let of_one = match config {
        0..=11 => [480, 960, 1920, 2880][config & 3],
        12..=15 => [480, 960][config & 1],
        _ => [120, 240, 480, 960][config & 3],
    };
    let count = match toc & 3 {
        0 => 1,
        1 | 2 => 2,
        _ => u32::from(packet.get(1)? & 0x3f),
    };
    let ticks = of_one * count;
    (1..=MAX_TICKS).contains(&ticks).then_some(ticks)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Wide band, 20 ms, one frame.
    const TOC_20_MS: u8 = 0b0100_1000;

    #[test]
    fn a_frame_is_what_the_table_says() {
        let message = [0x11, 30, 0x12, 0x34, 0xde, 0xad, 0xbe, 0xef, TOC_20_MS, 7, 8];
        let frame = SoundFrame::parse(&message).unwrap();
        let opus = [TOC_20_MS, 7, 8].into();
        assert_eq!(
            frame,
            SoundFrame { level: 30, sequence: 0x1234, timestamp: 0xdead_beef, opus: Arc::clone(&opus) }
        );
        assert_eq!(frame.ticks(), 960);
        let spoken = SpokenFrame { speaker: 30, sequence: 0x1234, timestamp: 0xdead_beef, opus };
        assert_eq!(spoken.to_bytes(), message);
    }

    #[test]
    fn a_report_is_what_the_table_says() {
        let report = SoundReport { lost: 3, sequence: 0x0102, rtt_ms: 258 };
        assert_eq!(report.to_bytes(), [0x12, 3, 1, 2, 0, 0, 1, 2]);
    }

    #[test]
    fn what_is_no_frame_is_told_apart() {
        let good = SoundFrame { level: 0, sequence: 0, timestamp: 0, opus: [TOC_20_MS].into() }.to_bytes();
        let with = |at: usize, byte: u8| {
            let mut bytes = good.clone();
            bytes[at] = byte;
            SoundFrame::parse(&bytes)
        };
        assert!(SoundFrame::parse(&good).is_ok(), "a packet of one byte is silence");
        assert_eq!(SoundFrame::parse(&[]), Err(FrameError::Short));
        assert_eq!(SoundFrame::parse(&good[..8]), Err(FrameError::Short));
        assert_eq!(with(0, 0x21), Err(FrameError::Kind));
        assert_eq!(with(0, 0x12), Err(FrameError::Kind));
        assert_eq!(with(1, 128), Err(FrameError::Level));
        assert_eq!(with(8, TOC_20_MS | 3), Err(FrameError::Opus), "a count that is not there");
        assert_eq!(SoundFrame::parse(&[&good[..], &[0; MAX_OPUS_BYTES]].concat()), Err(FrameError::Long));
        // 63 frames of 60 ms.
        assert_eq!(SoundFrame::parse(&[&good[..8], &[0b0001_1011, 63]].concat()), Err(FrameError::Opus));
    }

    proptest! {
        #[test]
        fn any_bytes_are_a_frame_or_an_error(message in prop::collection::vec(any::<u8>(), 0..700)) {
            if let Ok(frame) = SoundFrame::parse(&message) {
                prop_assert_eq!(frame.to_bytes(), message);
                prop_assert!((120..=5760).contains(&frame.ticks()));
            }
        }

        #[test]
        fn a_frame_comes_back_as_it_went(
            level in 0u8..128, sequence: u16, timestamp: u32,
            body in prop::collection::vec(any::<u8>(), 0..MAX_OPUS_BYTES)
        ) {
            let opus: Vec<u8> = [&[TOC_20_MS][..], &body[..]].concat();
            let frame = SoundFrame { level, sequence, timestamp, opus: opus.into() };
            prop_assert_eq!(SoundFrame::parse(&frame.to_bytes()), Ok(frame));
        }
    }
}
