//! Associations of DICOM: the same is heard in whatever pieces the stream comes, nothing makes it fail, and little is held.

#![no_main]

use std::time::Instant;

use bianque_dimse::{Association, Event, Negotiation, Settings};
use libfuzzer_sys::fuzz_target;

/// Bytes that may wait to go out: as many as the machine says of itself.
const QUEUED: usize = 512 << 10;

fuzz_target!(|data: &[u8]| {
    let Some((piece, stream)) = data.split_first() else { return };
    let now = Instant::now();
    let whole = heard(now, stream, stream.len().max(1));
    let pieces = heard(now, stream, usize::from(*piece).max(1));
    assert_eq!(whole, pieces);
});

/// What an acceptor that takes everybody hears of a stream that comes in pieces of this size. Pieces of data sets are joined.
fn heard(now: Instant, stream: &[u8], piece: usize) -> Vec<String> {
    let (mut association, mut heard) = (Association::acceptor(now, Settings::default()), Vec::new());
    let mut data = 0;
    for mut part in stream.chunks(piece) {
        while !part.is_empty() {
            let (taken, event) = association.handle_bytes(now, part);
            part = &part[taken..];
            match event {
                None => assert!(part.is_empty() || association.queued() > 0),
                Some(Event::Data { bytes, last, .. }) => {
                    data += bytes.len();
                    if last {
                        heard.push(format!("{data} bytes"));
                        data = 0;
                    }
                }
                Some(Event::Requested(proposal)) => {
                    let acceptance = Negotiation::archive().and_workflow().answer(&proposal);
                    let _ = association.accept(now, &acceptance);
                    heard.push(format!("{proposal:?}"));
                }
                Some(Event::Request { request, .. }) => {
                    heard.push(format!("{request:?}"));
                }
                Some(event) => heard.push(format!("{event:?}")),
            }
            assert!(association.queued() <= QUEUED);
            let out = association.poll_transmit().len();
            association.handle_transmitted(now, out);
        }
    }
    heard
}
