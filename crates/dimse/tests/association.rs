//! Associations from their beginning to their end, good and bad ones (PS3.8 sections 7 and 9).
#![allow(clippy::unwrap_used, clippy::panic, reason = "a failed unwrap is a failed test")]

mod network;

use std::time::Duration;

use bianque_dimse::*;
use network::*;

fn aborted(by: AbortedBy, reason: AbortReason) -> Heard {
    Heard::Aborted(Abort { by, reason })
}

#[test]
fn somebody_asks_whether_anybody_is_there_and_goes() {
    let mut pair = Pair::established(proposal(16384));
    pair.asker.association.send_request(1, &echo(1), false).unwrap();
    pair.run();
    assert_eq!(pair.asked.take(), [Heard::Request(1, echo(1), false)]);
    let answer = Response::to(&echo(1), Status::SUCCESS);
    pair.asked.association.send_response(1, &answer, false).unwrap();
    pair.run();
    assert_eq!(pair.asker.take(), [Heard::Response(1, answer, false)]);
    pair.asker.association.release(pair.now).unwrap();
    pair.run();
    assert_eq!(pair.asked.take(), [Heard::ReleaseRequested]);
    pair.asked.association.answer_release(pair.now).unwrap();
    pair.run();
    assert_eq!(pair.asker.take(), [Heard::Released]);
    assert!(pair.asker.association.is_over() && pair.asked.association.is_over());
    assert_eq!(pair.asked.take(), []);
}

#[test]
fn what_was_agreed_is_known_at_both_ends() {
    let mut asked = proposal(4096);
    asked.user.window = Some(Window { invoked: 8, performed: 0 });
    asked.user.roles = vec![RoleSelection { sop_class: CT, scu: true, scp: true }];
    asked.user.extended =
        vec![ExtendedNegotiation { sop_class: sop_class::STUDY_ROOT_FIND, information: vec![1, 1, 1] }];
    asked.user.common = vec![CommonExtended {
        sop_class: "1.3.12.2.1107.5.9.1".parse().unwrap(),
        service_class: "1.2.840.10008.4.2".parse().unwrap(),
        related: vec![CT],
    }];
    asked.user.identity = Some(UserIdentity {
        credential: Credential::Passcode { username: "王敏".into(), passcode: b"secret".to_vec() },
        response_requested: true,
    });
    let mut pair = Pair::new(asked.clone());
    pair.run();
    let Some(Heard::Requested(proposal)) = pair.asked.take().pop() else { panic!() };
    assert_eq!(*proposal, asked);
    assert!(!format!("{proposal:?}").contains("secret"), "no secret in a log");

    let mut acceptance = Negotiation::archive().answer(&proposal);
    acceptance.user.identity_response = Some(b"token".to_vec());
    pair.asked.association.accept(pair.now, &acceptance).unwrap();
    pair.run();
    let Some(Heard::Accepted(theirs)) = pair.asker.take().pop() else { panic!() };
    let ours = pair.asked.association.established().unwrap();
    assert_eq!(theirs.contexts.iter().map(|it| it.id).collect::<Vec<_>>(), [1, 3, 5]);
    assert_eq!(theirs.peer.identity_response.as_deref(), Some(&b"token"[..]));
    assert_eq!(theirs.peer.window, Some(Window { invoked: 1, performed: 1 }));
    assert_eq!(
        (theirs.context(3).unwrap().roles, ours.context(3).unwrap().roles),
        (Roles::BOTH, Roles::BOTH)
    );
    assert_eq!((theirs.context(1).unwrap().roles, ours.context(1).unwrap().roles), (Roles::SCU, Roles::SCP));
    assert_eq!(theirs.context(3).unwrap().transfer_syntax, EXPLICIT);
    assert_eq!(ours.context_for(&CT, &EXPLICIT, Roles::SCP).unwrap().id, 3);
    assert_eq!(ours.peer.max_pdu, 4096);
}

#[test]
fn whoever_is_not_known_is_told_so() {
    let mut pair = Pair::new(proposal(0));
    pair.run();
    let rejection = Rejection { transient: false, reason: RejectReason::CallingTitle };
    pair.asked.association.reject(pair.now, rejection).unwrap();
    pair.run();
    assert_eq!(pair.asker.take(), [Heard::Rejected(rejection)]);
    assert!(pair.asked.association.is_over(), "the asker closes, and so it ends");
}

#[test]
fn an_object_larger_than_all_buffers_goes_through_in_pieces_that_the_peer_takes() {
    let mut pair = Pair::established(proposal(16384));
    let object: Vec<u8> = (0..3_000_001u32).map(|it| it.to_le_bytes()[1]).collect();
    pair.asker.association.send_request(3, &store(7), true).unwrap();
    assert_eq!(pair.asker.association.send_request(3, &store(8), true), Err(Misuse::Data));
    let mut rest = &object[..];
    while pair.asker.association.is_sending() {
        let piece = &rest[..rest.len().min(70_001)];
        let taken = pair.asker.association.send_data(piece, piece.len() == rest.len()).unwrap();
        rest = &rest[taken..];
        assert!(pair.asker.association.queued() <= 512 << 10);
        pair.run();
    }
    let heard = pair.asked.take();
    assert_eq!(heard[0], Heard::Request(3, store(7), true));
    assert!(heard[1] == Heard::Data(object, true));
}

#[test]
fn whoever_sends_and_does_not_read_is_not_read_either() {
    let mut pair = Pair::established(proposal(16384));
    for id in 0..20_000u16 {
        if pair.asker.association.send_request(1, &echo(id), false).is_err() {
            break;
        }
        let bytes = pair.asker.association.poll_transmit().to_vec();
        pair.asker.association.handle_transmitted(pair.now, bytes.len());
        let (taken, event) = pair.asked.association.handle_bytes(pair.now, &bytes);
        if taken == 0 {
            assert!(event.is_none() && pair.asked.association.queued() < 300_000);
            return;
        }
        let Some(Event::Request { request, .. }) = event else { panic!("{event:?}") };
        pair.asked.association.send_response(1, &Response::to(&request, Status::SUCCESS), false).unwrap();
    }
    panic!("it took everything");
}

#[test]
fn both_ask_for_the_end_at_once() {
    let mut pair = Pair::established(proposal(0));
    pair.asker.association.release(pair.now).unwrap();
    pair.asked.association.release(pair.now).unwrap();
    pair.run();
    assert_eq!(pair.asker.take(), [Heard::ReleaseRequested], "Sta9: the requestor answers first");
    assert_eq!(pair.asked.take(), [], "Sta10");
    pair.asker.association.answer_release(pair.now).unwrap();
    pair.run();
    assert_eq!(pair.asked.take(), [Heard::ReleaseRequested], "Sta12");
    pair.asked.association.answer_release(pair.now).unwrap();
    pair.run();
    assert_eq!(pair.asker.take(), [Heard::Released]);
    assert!(pair.asker.association.is_over() && pair.asked.association.is_over());
}

#[test]
fn whoever_was_asked_for_the_end_may_still_answer_what_is_due() {
    let mut pair = Pair::established(proposal(0));
    pair.asker.association.send_request(1, &echo(1), false).unwrap();
    pair.asker.association.release(pair.now).unwrap();
    pair.run();
    let answer = Response::to(&echo(1), Status::SUCCESS);
    pair.asked.association.send_response(1, &answer, false).unwrap();
    pair.asked.association.answer_release(pair.now).unwrap();
    pair.run();
    assert_eq!(pair.asker.take(), [Heard::Response(1, answer, false), Heard::Released]);
}

#[test]
fn an_abort_ends_it_from_either_side_at_any_time() {
    let mut pair = Pair::established(proposal(0));
    pair.asker.association.send_request(3, &store(1), true).unwrap();
    pair.asker.association.send_data(b"half of it", false).unwrap();
    pair.asker.association.abort(pair.now);
    pair.run();
    assert_eq!(pair.asked.take()[1..], [aborted(AbortedBy::Peer, AbortReason::User)]);

    let mut pair = Pair::new(proposal(0));
    pair.run();
    pair.asked.association.abort(pair.now);
    pair.run();
    assert_eq!(pair.asker.take(), [aborted(AbortedBy::Peer, AbortReason::User)]);
}

#[test]
fn whoever_was_told_the_end_may_finish_its_sentence_and_abort() {
    let mut pair = Pair::established(proposal(0));
    pair.asked.association.abort(pair.now);
    let sentence =
        [&[4, 0, 0, 0, 0, 8, 0, 0, 0, 4, 3, 0, 1, 2][..], &[5, 0, 0, 0, 0, 4, 0, 0, 0, 0]].concat();
    pair.asked.feed(pair.now, &sentence);
    assert!(!pair.asked.association.is_over());
    pair.asked.feed(pair.now, &[7, 0, 0, 0, 0, 4, 0, 0, 0, 0]);
    assert!(pair.asked.association.is_over());
    assert_eq!(pair.asked.take(), []);
}

#[test]
fn a_connection_that_breaks_is_told_once() {
    let mut pair = Pair::established(proposal(0));
    pair.breaks();
    pair.breaks();
    assert_eq!(pair.asker.take(), [aborted(AbortedBy::Connection, AbortReason::NotSpecified)]);
    assert_eq!(pair.asked.take(), [aborted(AbortedBy::Connection, AbortReason::NotSpecified)]);
}

#[test]
fn nobody_waits_for_ever() {
    let timeout = || aborted(AbortedBy::Timeout, AbortReason::NotSpecified);
    let settings = Settings::default();
    // Whoever connects and says nothing.
    let mut silent = Pair::new(proposal(0));
    silent.asked.association = Association::acceptor(silent.now, settings);
    let due = silent.asked.association.poll_timeout().unwrap();
    assert_eq!(due - silent.now, Duration::from_secs(30));
    assert!(silent.asked.association.handle_timeout(due).is_none() && silent.asked.association.is_over());
    // Whoever is idle, and then does not close.
    let mut idle = Pair::established(proposal(0));
    idle.elapse(Duration::from_secs(59));
    assert_eq!(idle.asked.take(), []);
    idle.elapse(Duration::from_secs(2));
    assert_eq!(idle.asked.take(), [timeout()]);
    // Whoever stops within a data set.
    let mut stuck = Pair::established(proposal(0));
    stuck.asker.association.send_request(3, &store(1), true).unwrap();
    stuck.run();
    stuck.elapse(Duration::from_secs(61));
    assert_eq!(stuck.asked.take()[1..], [timeout()]);
    // Whoever waits for us may wait, as long as it hears something in the end.
    let mut patient = Pair::established(proposal(0));
    patient.asker.association.send_request(1, &echo(1), false).unwrap();
    patient.run();
    patient.elapse(Duration::from_secs(500));
    assert_eq!(patient.asked.take(), [Heard::Request(1, echo(1), false)]);
    assert!(patient.asker.association.is_established());
    patient.elapse(Duration::from_secs(101));
    assert_eq!(patient.asker.take(), [timeout()]);
}

#[test]
fn a_peer_against_the_protocol_is_told_what_it_did() {
    let piece = |context: u8, control: u8, bytes: &[u8]| {
        let length = u8::try_from(bytes.len() + 2).unwrap();
        [&[4, 0, 0, 0, 0, length + 4, 0, 0, 0, length, context, control], bytes].concat()
    };
    for (bytes, reason) in [
        (vec![9, 0, 0, 0, 0, 4, 0, 0, 0, 0], AbortReason::UnrecognizedPdu),
        (vec![2, 0, 0, 0, 0, 70], AbortReason::UnexpectedPdu),
        (vec![6, 0, 0, 0, 0, 4], AbortReason::UnexpectedPdu),
        (vec![5, 0, 0, 0, 0, 5], AbortReason::InvalidParameter),
        (vec![4, 0, 0, 2, 0, 1], AbortReason::InvalidParameter),
        (piece(9, 1, b"x"), AbortReason::InvalidParameter),
        (piece(7, 1, b"refused"), AbortReason::InvalidParameter),
        (piece(3, 2, b"data before a command"), AbortReason::UnexpectedParameter),
        (piece(3, 3, b"no command"), AbortReason::InvalidParameter),
        (piece(3, 3, b""), AbortReason::InvalidParameter),
        ([piece(3, 1, b"x"), piece(1, 1, b"x")].concat(), AbortReason::UnexpectedParameter),
        ([piece(3, 1, b"x"), piece(3, 0, b"x")].concat(), AbortReason::UnexpectedParameter),
    ] {
        let mut pair = Pair::established(proposal(0));
        pair.asked.feed(pair.now, &bytes);
        assert_eq!(pair.asked.take(), [aborted(AbortedBy::Protocol, reason)], "{bytes:?}");
        pair.run();
        assert_eq!(pair.asker.take(), [aborted(AbortedBy::Peer, reason)]);
        assert!(pair.asked.association.is_over());
    }
}

#[test]
fn a_command_without_end_is_cut_off() {
    let mut pair = Pair::established(proposal(0));
    let fragment = [&[4, 0, 0, 0, 0x40, 6, 0, 0, 0x40, 2, 3, 1][..], &[0; 0x4000]].concat();
    for _ in 0..5 {
        pair.asked.feed(pair.now, &fragment);
    }
    assert_eq!(pair.asked.take(), [aborted(AbortedBy::Protocol, AbortReason::InvalidParameter)]);
}

#[test]
fn what_is_not_dicom_is_sent_away() {
    for bytes in [&b"GET / HTTP/1.1\r\n\r\n"[..], &[0x16, 3, 1, 2, 0, 1], &[4, 0, 0, 0, 0, 8]] {
        let mut pair = Pair::new(proposal(0));
        pair.asked.feed(pair.now, bytes);
        assert_eq!(pair.asked.take(), []);
        assert_eq!(pair.asked.association.poll_transmit()[0], 7);
    }
}

#[test]
fn another_application_context_version_or_no_title_is_refused() {
    let pair = Pair::new(proposal(0));
    let good = pair.asker.association.poll_transmit().to_vec();
    for (at, byte, reason) in [
        (7, 2, RejectReason::ProtocolVersion),
        (80, b'9', RejectReason::ApplicationContext),
        (10, b'\n', RejectReason::CalledTitle),
        (26, b'\\', RejectReason::CallingTitle),
    ] {
        let mut bad = good.clone();
        bad[at] = byte;
        let mut pair = Pair::new(proposal(0));
        pair.asked.feed(pair.now, &bad);
        assert_eq!(
            pair.asked.take(),
            [Heard::Rejected(Rejection { transient: false, reason })],
            "{reason:?}"
        );
    }
}

#[test]
fn whoever_has_not_the_role_is_answered_and_nothing_is_done() {
    let mut pair = Pair::established(proposal(0));
    let report = Request::EventReport {
        message_id: 1,
        sop_class: CT,
        sop_instance: "1.2.3".parse().unwrap(),
        event_type: 1,
    };
    assert_eq!(pair.asker.association.send_request(3, &report, false), Err(Misuse::Role(3)));
    assert_eq!(pair.asked.association.send_request(3, &store(1), true), Err(Misuse::Role(3)));
    assert_eq!(pair.asker.association.send_request(7, &store(1), true), Err(Misuse::Context(7)));
    assert_eq!(pair.asker.association.send_data(b"x", true), Err(Misuse::Data));
}

#[test]
fn a_refused_context_may_come_without_a_transfer_syntax() {
    let mut pair = Pair::new(proposal(0));
    pair.run();
    let acceptance = Negotiation::archive().answer(pair.asked.association.proposal().unwrap());
    pair.asked.association.accept(pair.now, &acceptance).unwrap();
    let mut bytes = pair.asked.association.poll_transmit().to_vec();
    // The context of print is the last, refused with the abstract syntax, and names implicit VR.
    let item = bytes.windows(8).position(|it| it[0] == 0x21 && it[4] == 7).unwrap();
    assert_eq!(bytes[item + 6], 3);
    let length = usize::from(bytes[item + 3]);
    bytes.drain(item + 8..item + 4 + length);
    bytes[item + 3] = 4;
    let whole = u32::try_from(bytes.len() - 6).unwrap();
    bytes[2..6].copy_from_slice(&whole.to_be_bytes());
    pair.asker.feed(pair.now, &bytes);
    let Some(Heard::Accepted(established)) = pair.asker.take().pop() else { panic!() };
    assert_eq!(established.contexts.len(), 3);
}
