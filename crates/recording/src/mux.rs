//! Weaving logs into one file that says how long it is and where one may jump to.
//!
//! The index of a file stands before its clusters, where a player finds it at once. Its length does not depend on what
//! is in it, so the clusters are laid out first, counted, and then written: the logs are read twice and nothing is held.

use std::io::Read;

use crate::Millis;
use crate::ebml::{self, id};
use crate::log::{LogError, TrackLog};
use crate::opus;
use crate::track::{Cluster, Codec, TrackHead, head};

/// A cluster goes on for this long at least, if no picture asks for a new one.
const CLUSTER: Millis = 5_000;

/// What became of the logs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Muxed {
    /// How long it is.
    pub length: Millis,
    /// Bytes.
    pub size: u64,
}

/// A cluster as it will lie in the file.
struct Laid {
    at: Millis,
    size: u64,
    /// The track that one may jump to here.
    track: u8,
}

/// Writes logs as one file. `open` opens all logs from their start, and is called twice; `write` takes the file piece
/// after piece.
///
/// # Errors
/// [`LogError`] of a log, also what `write` answers; what was written before is worth nothing then.
pub fn mux<R: Read>(
    mut open: impl FnMut() -> Result<Vec<TrackLog<R>>, LogError>,
    mut write: impl FnMut(&[u8]) -> Result<(), LogError>,
) -> Result<Muxed, LogError> {
    let mut laid = Vec::new();
    let logs = open()?;
    let heads: Vec<TrackHead> = logs.iter().map(|log| log.head().clone()).collect();
    let length = weave(logs, |at, track, bytes| {
        laid.push(Laid { at, track, size: bytes.len() as u64 });
        Ok(())
    })?;
    let mut start = head(&heads.iter().collect::<Vec<_>>(), Some(length));
    let behind_segment = start.len() - segment_at(&start);
    start.extend_from_slice(&cues(&laid, behind_segment as u64));
    state_size(&mut start, laid.iter().map(|cluster| cluster.size).sum());
    write(&start)?;
    let mut size = start.len() as u64;
    weave(open()?, |_, _, bytes| {
        size += bytes.len() as u64;
        write(bytes)
    })?;
    Ok(Muxed { length, size })
}

/// Where the content of the segment begins: positions in the index count from there.
fn segment_at(start: &[u8]) -> usize {
    let name = id::SEGMENT.to_be_bytes();
    start.windows(4).position(|window| window == name).map_or(12, |at| at + 12)
}

/// Says at the start how long the segment is, with `behind` bytes of clusters behind the start.
fn state_size(start: &mut [u8], behind: u64) {
    let at = segment_at(start);
    let mut size = Vec::with_capacity(8);
    ebml::put_size(&mut size, (start.len() - at) as u64 + behind);
    start[at - 8..at].copy_from_slice(&size);
}

/// The index, of `laid` clusters that follow it; `before` bytes of the segment stand before it.
fn cues(laid: &[Laid], before: u64) -> Vec<u8> {
    let with = |own: u64| {
        let mut at = before + own;
        let mut points = Vec::new();
        for cluster in laid {
            let position = at;
            ebml::put_master(&mut points, id::CUE_POINT, |point| {
                ebml::put_uint(point, id::CUE_TIME, cluster.at);
                ebml::put_master(point, id::CUE_TRACK_POSITIONS, |positions| {
                    ebml::put_uint(positions, id::CUE_TRACK, cluster.track.into());
                    ebml::put_uint(positions, id::CUE_CLUSTER_POSITION, position);
                });
            });
            at += cluster.size;
        }
        let mut out = Vec::with_capacity(points.len() + 12);
        ebml::put_id(&mut out, id::CUES);
        ebml::put_size(&mut out, points.len() as u64);
        out.extend_from_slice(&points);
        out
    };
    // Numbers have eight bytes, so its length is the same whatever they are.
    let own = with(0).len() as u64;
    with(own)
}

/// Goes through all logs in the order of time and hands out clusters. Answers how long all of it is.
fn weave<R: Read>(
    mut logs: Vec<TrackLog<R>>,
    mut each: impl FnMut(Millis, u8, &[u8]) -> Result<(), LogError>,
) -> Result<Millis, LogError> {
    let pictures = logs.iter().position(|log| log.head().codec == Codec::Vp8);
    let mut next = Vec::with_capacity(logs.len());
    for log in &mut logs {
        next.push(log.frame()?);
    }
    let (mut cluster, mut jumps_to, mut length) = (None::<Cluster>, 0, 0);
    loop {
        let waiting = next.iter().enumerate().filter_map(|(at, frame)| Some((at, frame.as_ref()?.at)));
        let Some((index, _)) = waiting.min_by_key(|(index, at)| (*at, *index)) else { break };
        let Some(frame) = std::mem::replace(&mut next[index], logs[index].frame()?) else { break };
        let number = u8::try_from(index + 1).unwrap_or(u8::MAX);
        let leads = pictures.is_none_or(|pictures| pictures == index && frame.key);
        let full = |open: &Cluster| {
            !open.reaches(frame.at) || (leads && (pictures.is_some() || frame.at - open.at >= CLUSTER))
        };
        if cluster.as_ref().is_none_or(full) {
            if let Some(done) = cluster.take() {
                each(done.at, jumps_to, &done.into_bytes())?;
            }
            jumps_to = number;
            cluster = Some(Cluster::new(frame.at));
        }
        length = length.max(frame.at + long(logs[index].head().codec, &frame.data));
        if let Some(open) = &mut cluster {
            open.push(number, &frame);
        }
    }
    if let Some(done) = cluster {
        each(done.at, jumps_to, &done.into_bytes())?;
    }
    Ok(length)
}

fn long(codec: Codec, data: &[u8]) -> Millis {
    match codec {
        Codec::Opus => opus::length_us(data).unwrap_or_default() / 1_000,
        Codec::Vp8 => 33,
    }
}
