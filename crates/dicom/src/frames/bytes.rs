//! A frame table as a few bytes for each frame.
//!
//! A version, what it is, then numbers of variable length, seven bits in a byte and the low ones first. Of fragments the gap
//! before each is kept, which nearly always is the head, and its length.

use thiserror::Error;

use super::{ByteRange, FrameTable, Layout};

/// Bytes are no frame table of a version that this program knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("these bytes are no frame table")]
pub struct NoFrameTable;

const VERSION: u8 = 1;
const NATIVE: u8 = 0;
const ONE_EACH: u8 = 1;
const SEVERAL: u8 = 2;
const INFLATED: u8 = 0x80;

impl FrameTable {
    /// Its bytes: about five for each fragment.
    pub fn to_bytes(&self) -> Vec<u8> {
        let inflated = if self.inflated { INFLATED } else { 0 };
        let mut bytes = vec![VERSION];
        match &self.layout {
            Layout::Native { offset, bits, frames } => {
                bytes.push(NATIVE | inflated);
                put(&mut bytes, *offset);
                put(&mut bytes, *bits);
                put(&mut bytes, u64::from(*frames));
            }
            Layout::Encapsulated { fragments, starts } => {
                bytes.push(if starts.is_some() { SEVERAL } else { ONE_EACH } | inflated);
                put(&mut bytes, fragments.len() as u64);
                let mut end = 0;
                for fragment in fragments {
                    put(&mut bytes, fragment.offset.wrapping_sub(end));
                    put(&mut bytes, u64::from(fragment.length));
                    end = fragment.offset.wrapping_add(u64::from(fragment.length));
                }
                let starts = starts.as_deref().unwrap_or(&[]);
                if !starts.is_empty() {
                    put(&mut bytes, starts.len() as u64);
                }
                let mut before = 0;
                for start in starts {
                    put(&mut bytes, u64::from(start - before));
                    before = *start;
                }
            }
        }
        bytes
    }

    /// From its bytes.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, NoFrameTable> {
        let [VERSION, kind, rest @ ..] = bytes else { return Err(NoFrameTable) };
        let mut rest = rest;
        let layout = read(kind & !INFLATED, &mut rest).filter(|_| rest.is_empty()).ok_or(NoFrameTable)?;
        Ok(Self { layout, inflated: kind & INFLATED != 0 })
    }
}

fn read(kind: u8, rest: &mut &[u8]) -> Option<Layout> {
    if kind == NATIVE {
        let (offset, bits) = (take(rest)?, take(rest)?);
        let frames = u32::try_from(take(rest)?).ok()?;
        return (bits > 0).then_some(Layout::Native { offset, bits, frames });
    }
    // Every fragment takes at least two bytes, and every frame one: no number makes this take more memory than it came with.
    let count = usize::try_from(take(rest)?).ok().filter(|count| *count <= rest.len() / 2)?;
    let mut fragments = Vec::with_capacity(count);
    let mut end = 0_u64;
    for _ in 0..count {
        let offset = end.wrapping_add(take(rest)?);
        let length = u32::try_from(take(rest)?).ok()?;
        end = offset.wrapping_add(u64::from(length));
        fragments.push(ByteRange { offset, length });
    }
    let starts = match kind {
        ONE_EACH => None,
        SEVERAL => {
            let frames = usize::try_from(take(rest)?).ok().filter(|frames| *frames <= rest.len())?;
            let mut starts = Vec::with_capacity(frames);
            let mut start = 0_u32;
            for _ in 0..frames {
                start = start.checked_add(u32::try_from(take(rest)?).ok()?)?;
                starts.push(start);
            }
            let rising = starts.is_sorted_by(|one, next| one < next);
            Some(starts).filter(|_| rising && start as usize <= count)
        }
        _ => return None,
    };
    (kind == ONE_EACH || starts.is_some()).then_some(Layout::Encapsulated { fragments, starts })
}

fn put(bytes: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        bytes.push((number & 0x7F) as u8 | 0x80);
        number >>= 7;
    }
    bytes.push((number & 0x7F) as u8);
}

fn take(rest: &mut &[u8]) -> Option<u64> {
    let mut number = 0_u64;
    for shift in (0..64).step_by(7) {
        let (first, after) = rest.split_first()?;
        *rest = after;
        number |= u64::from(first & 0x7F) << shift;
        if first & 0x80 == 0 {
            return Some(number);
        }
    }
    None
}
