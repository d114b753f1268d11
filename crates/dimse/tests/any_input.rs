//! Whatever comes, and however it is cut.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a failed unwrap is a failed test")]

mod network;

use std::time::Instant;

use bianque_dimse::*;
use network::*;
use proptest::prelude::*;

/// A stream of a requestor that does a bit of everything, and the events that it is.
fn stream() -> (Vec<u8>, Vec<Heard>) {
    let mut pair = Pair::new(proposal(512));
    pair.run();
    let mut heard = pair.asked.take();
    let acceptance = Negotiation::archive().answer(pair.asked.association.proposal().unwrap());
    pair.asked.association.accept(pair.now, &acceptance).unwrap();
    pair.run();
    let asker = &mut pair.asker.association;
    asker.send_request(1, &echo(1), false).unwrap();
    asker.send_request(3, &store(2), true).unwrap();
    asker.send_data(&[7; 2000], true).unwrap();
    asker.send_request(3, &store(3), true).unwrap();
    asker.send_data(&[], true).unwrap();
    asker.release(pair.now).unwrap();
    pair.run();
    heard.extend(pair.asked.take());
    assert_eq!(heard.len(), 7);
    (pair.asker.wrote, heard)
}

/// Feeds an acceptor that accepts, and tells what it heard.
fn heard(bytes: &[u8], cuts: &[usize]) -> Vec<Heard> {
    let now = Instant::now();
    let mut end = End::new(Association::acceptor(now, Settings::default()));
    let mut rest = bytes;
    for cut in cuts.iter().cycle() {
        let (piece, after) = rest.split_at((*cut).min(rest.len()));
        let mut piece = piece;
        while !piece.is_empty() {
            let (taken, event) = end.association.handle_bytes(now, piece);
            piece = &piece[taken..];
            let Some(event) = event else { break };
            if let Event::Requested(proposal) = &event {
                end.association.accept(now, &Negotiation::archive().answer(proposal)).unwrap();
                let out = end.association.poll_transmit().len();
                end.association.handle_transmitted(now, out);
            }
            end.push(event.into());
        }
        rest = after;
        if rest.is_empty() {
            return end.take();
        }
    }
    end.take()
}

proptest! {
    #[test]
    fn any_cutting_gives_the_same_events(cuts in prop::collection::vec(1usize..400, 1..30)) {
        let (bytes, expected) = stream();
        prop_assert_eq!(heard(&bytes, &cuts), expected);
    }

    #[test]
    fn no_bytes_make_it_panic_or_hold_much(bytes in prop::collection::vec(any::<u8>(), 0..2000)) {
        let now = Instant::now();
        let mut association = Association::acceptor(now, Settings::default());
        let _ = association.handle_bytes(now, &bytes);
        prop_assert!(association.queued() <= 10);
    }

    #[test]
    fn no_byte_within_a_stream_makes_it_panic(at in 0usize..3000, byte: u8, cut in 1usize..500) {
        let (mut bytes, _) = stream();
        let at = at % bytes.len();
        bytes[at] = byte;
        heard(&bytes, &[cut]);
    }

    #[test]
    fn no_byte_within_an_answer_makes_it_panic(at in 0usize..600, byte: u8) {
        let mut pair = Pair::new(proposal(0));
        pair.run();
        let acceptance = Negotiation::archive().answer(pair.asked.association.proposal().unwrap());
        pair.asked.association.accept(pair.now, &acceptance).unwrap();
        let mut bytes = pair.asked.association.poll_transmit().to_vec();
        let at = at % bytes.len();
        bytes[at] = byte;
        pair.asker.feed(pair.now, &bytes);
    }
}
