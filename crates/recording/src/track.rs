//! A track: what is known of it from the start, its frames, and clusters of them.

use crate::Millis;
use crate::ebml::{self, UNKNOWN, id};

/// How a track is coded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Codec {
    /// Sound.
    Opus,
    /// Pictures.
    Vp8,
}

/// What stands at the start of a track.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrackHead {
    /// How it is coded.
    pub codec: Codec,
    /// Whose it is and what it shows, for people who open the file elsewhere.
    pub name: String,
    /// Width and height of the first picture, px; of sound zero.
    pub size: (u16, u16),
}

/// A frame with its time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    /// When it is shown or heard.
    pub at: Millis,
    /// Whether it needs no frame before it.
    pub key: bool,
    /// The frame as it was sent.
    pub data: Vec<u8>,
}

/// RFC 9559, section 5.1.4.1.3.
const TYPE_VIDEO: u64 = 1;
const TYPE_AUDIO: u64 = 2;
/// RFC 7845, section 5.1: version 1, two channels, 312 samples to skip, 48 kHz, no gain, family 0.
const OPUS_HEAD: &[u8; 19] = b"OpusHead\x01\x02\x38\x01\x80\xbb\x00\x00\x00\x00\x00";
/// Those 312 samples, ns.
const CODEC_DELAY_NS: u64 = 6_500_000;
/// RFC 7845, section 4.6, ns.
const SEEK_PRE_ROLL_NS: u64 = 80_000_000;
const OWN_NAME: &str = "Bianque";

/// The start of a file with these tracks. With `length` it says how long it is.
pub(crate) fn head(tracks: &[&TrackHead], length: Option<Millis>) -> Vec<u8> {
    let mut out = Vec::with_capacity(512);
    ebml::put_master(&mut out, id::EBML, |inside| {
        // RFC 8794, section 11.2: version 1, ids of four bytes, sizes of eight; RFC 9559: WebM's version 4, readable by 2.
        for (name, value) in [(0x4286, 1), (0x42f7, 1), (0x42f2, 4), (0x42f3, 8)] {
            ebml::put_uint(inside, name, value);
        }
        ebml::put_bytes(inside, id::DOC_TYPE, b"webm");
        for (name, value) in [(0x4287, 4), (0x4285, 2)] {
            ebml::put_uint(inside, name, value);
        }
    });
    ebml::put_id(&mut out, id::SEGMENT);
    ebml::put_size(&mut out, UNKNOWN);
    ebml::put_master(&mut out, id::INFO, |inside| {
        ebml::put_uint(inside, id::TIMESTAMP_SCALE, 1_000_000);
        ebml::put_bytes(inside, id::MUXING_APP, OWN_NAME.as_bytes());
        ebml::put_bytes(inside, id::WRITING_APP, OWN_NAME.as_bytes());
        if let Some(length) = length {
            #[expect(clippy::cast_precision_loss, reason = "a call has less than 2^53 ms")]
            ebml::put_float(inside, id::DURATION, length as f64);
        }
    });
    ebml::put_master(&mut out, id::TRACKS, |inside| {
        for (index, track) in tracks.iter().enumerate() {
            ebml::put_master(inside, id::TRACK_ENTRY, |entry| put_entry(entry, index as u64 + 1, track));
        }
    });
    out
}

fn put_entry(out: &mut Vec<u8>, number: u64, track: &TrackHead) {
    ebml::put_uint(out, id::TRACK_NUMBER, number);
    ebml::put_uint(out, id::TRACK_UID, number);
    ebml::put_bytes(out, id::NAME, track.name.as_bytes());
    match track.codec {
        Codec::Opus => {
            ebml::put_uint(out, id::TRACK_TYPE, TYPE_AUDIO);
            ebml::put_bytes(out, id::CODEC_ID, b"A_OPUS");
            ebml::put_bytes(out, id::CODEC_PRIVATE, OPUS_HEAD);
            ebml::put_uint(out, id::CODEC_DELAY, CODEC_DELAY_NS);
            ebml::put_uint(out, id::SEEK_PRE_ROLL, SEEK_PRE_ROLL_NS);
            ebml::put_master(out, id::AUDIO, |audio| {
                ebml::put_float(audio, id::SAMPLING_FREQUENCY, 48_000.0);
                ebml::put_uint(audio, id::CHANNELS, 2);
            });
        }
        Codec::Vp8 => {
            ebml::put_uint(out, id::TRACK_TYPE, TYPE_VIDEO);
            ebml::put_bytes(out, id::CODEC_ID, b"V_VP8");
            ebml::put_master(out, id::VIDEO, |video| {
                ebml::put_uint(video, id::PIXEL_WIDTH, track.size.0.into());
                ebml::put_uint(video, id::PIXEL_HEIGHT, track.size.1.into());
            });
        }
    }
}

/// Frames that are written together.
#[derive(Debug)]
pub(crate) struct Cluster {
    /// Its time; those of its frames are relative to it.
    pub(crate) at: Millis,
    blocks: Vec<u8>,
}

impl Cluster {
    pub(crate) fn new(at: Millis) -> Self {
        Self { at, blocks: Vec::new() }
    }

    /// Whether a frame of this time finds place: times in a cluster have 16 bits with a sign.
    pub(crate) fn reaches(&self, at: Millis) -> bool {
        at.checked_sub(self.at).is_some_and(|since| i16::try_from(since).is_ok())
    }

    /// Adds a frame of track `number`, from 1 to 126, whose time the cluster reaches.
    pub(crate) fn push(&mut self, number: u8, frame: &Frame) {
        let relative = i16::try_from(frame.at.saturating_sub(self.at)).unwrap_or(i16::MAX);
        ebml::put_id(&mut self.blocks, id::SIMPLE_BLOCK);
        ebml::put_short_size(&mut self.blocks, frame.data.len() + 4);
        self.blocks.push(number | 0x80);
        self.blocks.extend_from_slice(&relative.to_be_bytes());
        self.blocks.push(if frame.key { 0x80 } else { 0 });
        self.blocks.extend_from_slice(&frame.data);
    }

    pub(crate) fn into_bytes(self) -> Vec<u8> {
        let mut time = Vec::with_capacity(10);
        ebml::put_uint(&mut time, id::TIMESTAMP, self.at);
        let mut out = Vec::with_capacity(self.blocks.len() + 32);
        ebml::put_id(&mut out, id::CLUSTER);
        ebml::put_size(&mut out, (time.len() + self.blocks.len()) as u64);
        out.extend_from_slice(&time);
        out.extend_from_slice(&self.blocks);
        out
    }
}
