//! Frames of MLLP: the same are found in whatever pieces the stream comes, none is too long, and little is held.

#![no_main]

use bianque_hl7v2::Frames;
use libfuzzer_sys::fuzz_target;

const LONGEST: usize = 64;

fuzz_target!(|data: &[u8]| {
    let Some((piece, stream)) = data.split_first() else { return };
    let (whole, ended) = frames(stream, stream.len().max(1));
    let (pieces, broken) = frames(stream, usize::from(*piece).max(1));
    assert_eq!(whole, pieces);
    assert_eq!(ended, broken);
});

/// The frames of a stream that comes in pieces of this size; whether it could be followed to its end.
fn frames(stream: &[u8], piece: usize) -> (Vec<Vec<u8>>, bool) {
    let (mut frames, mut found) = (Frames::new(LONGEST), Vec::new());
    for part in stream.chunks(piece) {
        frames.push(part);
        loop {
            match frames.next_frame() {
                Ok(Some(frame)) => {
                    assert!(frame.len() <= LONGEST);
                    found.push(frame);
                }
                Ok(None) => break,
                Err(_) => return (found, false),
            }
        }
        assert!(frames.held() <= LONGEST + 1 + piece);
    }
    (found, true)
}
