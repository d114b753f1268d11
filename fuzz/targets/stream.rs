//! Frames in a stream: cutting ends, goes forward, and finds the same frames whatever pieces the stream comes in.

#![no_main]

use bianque_media::{Cut, Framing};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Some((piece, bytes)) = data.split_first() else { return };
    for framing in [Framing::Length, Framing::Turn] {
        let whole = frames(framing, bytes, bytes.len().max(1));
        assert_eq!(whole, frames(framing, bytes, usize::from(*piece).max(1)));
    }
});

/// The frames of a stream that comes in pieces of this size; whether it could be followed to its end.
fn frames(framing: Framing, bytes: &[u8], piece: usize) -> (Vec<Vec<u8>>, bool) {
    let (mut unread, mut found) = (Vec::new(), Vec::new());
    for part in bytes.chunks(piece) {
        unread.extend_from_slice(part);
        loop {
            match framing.cut(&unread) {
                Cut::Frame { begin, end, next } if next <= unread.len() => {
                    assert!(begin <= end && end <= next && next > 0, "a frame lies where it cannot");
                    found.push(unread[begin..end].to_vec());
                    unread.drain(..next);
                }
                Cut::Frame { .. } | Cut::More => break,
                Cut::Broken => return (found, false),
            }
        }
    }
    (found, true)
}
