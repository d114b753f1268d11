//! What applications do for each other over an association.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a failed unwrap is a failed test")]

mod network;

use bianque_dimse::services::retrieve::Retrieval;
use bianque_dimse::services::store::{Object, Receiving, Sending, Stored};
use bianque_dimse::services::{Told, echo, find, retrieve};
use bianque_dimse::*;
use network::*;
use proptest::prelude::*;

#[test]
fn an_echo_comes_back() {
    let mut pair = Pair::established(everything());
    let mut asking = echo::ask(&mut pair.asker.association, 1).unwrap();
    pair.run();
    let Some(Heard::Request(context, request, false)) = pair.asked.take().pop() else { panic!() };
    echo::answer(&mut pair.asked.association, context, &request).unwrap();
    pair.run();
    let told = told(&mut pair.asker, &mut asking);
    assert_eq!(told[0].response.status, Status::SUCCESS);
    assert!(asking.is_over() && pair.asked.association.is_idle() && pair.asker.association.is_idle());
}

/// Sends an object and answers it; what each side made of it.
fn stored(cut: usize, length: usize, refuse_at: Option<usize>) -> (Vec<u8>, Stored) {
    let mut pair = Pair::established(everything());
    pair.cut = cut;
    let object = Object { sop_class: CT, sop_instance: uid("1.2.3"), transfer_syntax: EXPLICIT };
    let bytes: Vec<u8> = (0..length).map(|at| at.to_le_bytes()[0]).collect();
    let sending =
        &mut Sending::begin(&mut pair.asker.association, &object, 9, Priority::Medium, None).unwrap();
    let (mut rest, mut kept, mut receiving) = (&bytes[..], Vec::new(), None::<Receiving>);
    while !sending.is_queued() {
        let piece = &rest[..rest.len().min(50_000)];
        let taken = sending.send(&mut pair.asker.association, piece, piece.len() == rest.len()).unwrap();
        rest = &rest[taken..];
        pair.run();
        for heard in pair.asked.take() {
            match heard {
                Heard::Request(context, request, has_data) => {
                    receiving = Some(Receiving::new(&pair.asked.association, context, request, has_data));
                }
                Heard::Data(piece, last) => {
                    let receiving = receiving.as_mut().unwrap();
                    kept.extend_from_slice(receiving.handle_data(&piece, last));
                    if refuse_at.is_some_and(|at| kept.len() >= at) {
                        receiving.refuse(Status::OUT_OF_RESOURCES, "disk full");
                    }
                }
                other => panic!("{other:?}"),
            }
        }
    }
    let mut receiving = receiving.unwrap();
    assert_eq!((receiving.bytes(), receiving.transfer_syntax()), (length as u64, &EXPLICIT));
    receiving.answer(&mut pair.asked.association, Status::SUCCESS, None).unwrap();
    assert_eq!(receiving.answer(&mut pair.asked.association, Status::SUCCESS, None), Err(Misuse::Data));
    pair.run();
    let Some(Heard::Response(_, response, false)) = pair.asker.take().pop() else { panic!() };
    (kept, sending.handle_response(&response).unwrap())
}

#[test]
fn an_object_that_is_refused_half_way_is_answered_when_it_is_through() {
    let (kept, outcome) = stored(usize::MAX, 1_000_000, Some(200_000));
    assert!((200_000..400_000).contains(&kept.len()));
    assert_eq!(outcome, Stored::Failed(Status::OUT_OF_RESOURCES, Some("disk full".to_owned())));
}

#[test]
fn an_answer_does_not_go_before_the_object_is_whole() {
    let mut pair = Pair::established(everything());
    pair.asker.association.send_request(3, &store(1), true).unwrap();
    pair.run();
    let Some(Heard::Request(context, request, true)) = pair.asked.take().pop() else { panic!() };
    let mut receiving = Receiving::new(&pair.asked.association, context, request, true);
    receiving.handle_data(b"some", false);
    assert_eq!(receiving.answer(&mut pair.asked.association, Status::SUCCESS, None), Err(Misuse::Data));
}

#[test]
fn an_object_without_a_data_set_is_not_understood() {
    let mut pair = Pair::established(everything());
    pair.asker.association.send_request(3, &store(1), false).unwrap();
    pair.run();
    let Some(Heard::Request(context, request, false)) = pair.asked.take().pop() else { panic!() };
    let mut receiving = Receiving::new(&pair.asked.association, context, request, false);
    receiving.answer(&mut pair.asked.association, Status::SUCCESS, None).unwrap();
    pair.run();
    let Some(Heard::Response(_, response, false)) = pair.asker.take().pop() else { panic!() };
    assert_eq!(response.status, Status::CANNOT_UNDERSTAND);
}

/// Asks a query with so many matches of so many bytes; what was told.
fn found(cut: usize, matches: usize, length: usize) -> Vec<Told> {
    let mut pair = Pair::established(everything());
    pair.cut = cut;
    let class = sop_class::STUDY_ROOT_FIND;
    let mut asking = find::ask(&mut pair.asker.association, FIND, 3, class, vec![1; 5000]).unwrap();
    pair.run();
    let mut heard = pair.asked.take().into_iter();
    let Some(Heard::Request(context, request, true)) = heard.next() else { panic!() };
    let mut query = find::Query::new(&pair.asked.association, context, request, true);
    assert!(!query.is_ready(&pair.asked.association), "its identifier is not here");
    let Some(Heard::Data(identifier, true)) = heard.next() else { panic!() };
    query.asked().handle_data(&identifier, true);
    assert_eq!(query.asked().data().unwrap(), [1; 5000]);
    let mut all = Vec::new();
    for at in 0..matches {
        while !query.is_ready(&pair.asked.association) {
            pair.run();
            query.asked().pump(&mut pair.asked.association).unwrap();
            all.extend(told(&mut pair.asker, &mut asking));
        }
        query.tell(&mut pair.asked.association, vec![at.to_le_bytes()[0]; length], true).unwrap();
        assert!(pair.asked.association.queued() <= 512 << 10);
    }
    while !query.asked().pump(&mut pair.asked.association).unwrap() {
        pair.run();
    }
    query.finish(&mut pair.asked.association).unwrap();
    pair.run();
    all.extend(told(&mut pair.asker, &mut asking));
    assert!(asking.is_over() && query.asked().is_answered());
    all
}

#[test]
fn matches_that_are_more_than_a_peer_reads_wait() {
    let all = found(usize::MAX, 300, 20_000);
    assert_eq!(all.len(), 301);
    assert!(all[..300].iter().all(|it| it.response.status == Status::PENDING));
    assert_eq!(all[299].data, Ok(Some(vec![43; 20_000])));
    assert_eq!(all[300], Told { response: all[300].response.clone(), data: Ok(None) });
    assert_eq!(all[300].response.status, Status::SUCCESS);
    let one_that_is_long = found(usize::MAX, 1, 900_000);
    assert_eq!(one_that_is_long[0].data, Ok(Some(vec![0; 900_000])));
}

#[test]
fn a_query_that_is_cancelled_ends_with_the_matches_so_far() {
    let mut pair = Pair::established(everything());
    let class = sop_class::WORKLIST_FIND;
    let mut asking = find::ask(&mut pair.asker.association, 11, 3, class, b"all".to_vec()).unwrap();
    pair.run();
    let heard = pair.asked.take();
    let Heard::Request(context, request, true) = heard[0].clone() else { panic!() };
    let mut query = find::Query::new(&pair.asked.association, context, request, true);
    query.asked().handle_data(b"all", true);
    query.tell(&mut pair.asked.association, b"one".to_vec(), false).unwrap();
    asking.cancel(&mut pair.asker.association).unwrap();
    pair.run();
    assert_eq!(pair.asked.take(), [Heard::Request(11, Request::Cancel { responded_to: 3 }, false)]);
    assert!(!query.asked().handle_cancel(4) && query.asked().handle_cancel(3));
    assert!(!query.is_ready(&pair.asked.association));
    query.finish(&mut pair.asked.association).unwrap();
    pair.run();
    let told = told(&mut pair.asker, &mut asking);
    assert_eq!(told[0].response.status, Status::PENDING_WITHOUT_OPTIONAL_KEYS);
    assert_eq!(told[1].response.status, Status::CANCEL);
    assert!(asking.is_over() && query.told() == 1);
}

#[test]
fn an_identifier_that_is_too_long_is_told_and_not_held() {
    let mut pair = Pair::established(everything());
    let class = sop_class::STUDY_ROOT_FIND;
    let long = vec![0; find::LONGEST_IDENTIFIER + 1];
    let mut asking = find::ask(&mut pair.asker.association, FIND, 3, class, long).unwrap();
    pair.run();
    while !asking.pump(&mut pair.asker.association).unwrap() {
        pair.run();
    }
    pair.run();
    let asked = asked(&mut pair.asked, find::LONGEST_IDENTIFIER);
    assert!(asked.is_whole() && asked.data().is_err());
}

#[test]
fn a_move_counts_what_becomes_of_each_object_and_names_what_failed() {
    let mut pair = Pair::established(everything());
    let (class, to) = (sop_class::STUDY_ROOT_MOVE, "WS9".parse().unwrap());
    let mut asking =
        retrieve::ask_move(&mut pair.asker.association, MOVE, 5, class, to, b"study".to_vec()).unwrap();
    pair.run();
    let heard = pair.asked.take();
    let Heard::Request(context, request, true) = heard[0].clone() else { panic!() };
    let association = &mut pair.asked.association;
    let mut retrieval = Retrieval::new(association, context, request, true);
    retrieval.asked().handle_data(b"study", true);
    assert_eq!(retrieval.destination().unwrap().as_str(), "WS9");
    assert_eq!(retrieval.originator(&"WS1".parse().unwrap()).message_id, 5);
    retrieval.begin(3);
    retrieval.done(association, &uid("1.1"), &Stored::Completed).unwrap();
    retrieval.done(association, &uid("1.2"), &Stored::Warning(Status::COERCED)).unwrap();
    retrieval.done(association, &uid("1.30"), &Stored::Failed(Status::OUT_OF_RESOURCES, None)).unwrap();
    retrieval.finish(association).unwrap();
    pair.run();
    let told = told(&mut pair.asker, &mut asking);
    let counts: Vec<_> = told.iter().map(|it| it.response.sub_operations.unwrap()).collect();
    let of = |remaining, completed, failed, warning| SubOperations { remaining, completed, failed, warning };
    assert_eq!(counts, [of(Some(2), 1, 0, 0), of(Some(1), 1, 0, 1), of(None, 1, 1, 1)]);
    assert_eq!(told[2].response.status, Status::SUB_OPERATIONS_FAILED);
    assert_eq!(told[2].data, Ok(Some(b"\x08\0\x58\0UI\x04\x001.30".to_vec())));
}

#[test]
fn a_retrieval_ends_with_the_status_that_its_counts_ask_for() {
    for (outcomes, remaining, cancel, status) in [
        (vec![Stored::Completed], 1, false, Status::SUCCESS),
        (vec![], 0, false, Status::SUCCESS),
        (vec![Stored::Warning(Status::COERCED)], 1, false, Status::SUB_OPERATIONS_FAILED),
        (vec![Stored::Completed], 2, false, Status::SUB_OPERATIONS_FAILED),
        (vec![], 2, false, Status::CANNOT_PERFORM_SUB_OPERATIONS),
        (vec![Stored::Completed], 2, true, Status::CANCEL),
        (vec![Stored::Completed], 1, true, Status::SUCCESS),
    ] {
        let mut pair = Pair::established(everything());
        let class = sop_class::STUDY_ROOT_GET;
        let mut asking =
            retrieve::ask_get(&mut pair.asker.association, GET, 5, class, b"it".to_vec()).unwrap();
        pair.run();
        let Heard::Request(context, request, true) = pair.asked.take()[0].clone() else { panic!() };
        let association = &mut pair.asked.association;
        let mut retrieval = Retrieval::new(association, context, request, true);
        retrieval.asked().handle_data(b"it", true);
        retrieval.begin(remaining);
        for outcome in outcomes {
            retrieval.done(association, &uid("1.1"), &outcome).unwrap();
        }
        assert!(!cancel || retrieval.asked().handle_cancel(5));
        retrieval.finish(association).unwrap();
        pair.run();
        assert_eq!(told(&mut pair.asker, &mut asking).pop().unwrap().response.status, status);
    }
}

/// Gets objects over the same association; what came, and what was told in the end.
fn got(cut: usize, objects: &[(Uid, usize)]) -> (Vec<Vec<u8>>, Told) {
    let mut pair = Pair::established(everything());
    pair.cut = cut;
    let class = sop_class::STUDY_ROOT_GET;
    let mut asking = retrieve::ask_get(&mut pair.asker.association, GET, 5, class, b"it".to_vec()).unwrap();
    pair.run();
    let Heard::Request(context, request, true) = pair.asked.take()[0].clone() else { panic!() };
    let mut retrieval = Retrieval::new(&pair.asked.association, context, request, true);
    retrieval.asked().handle_data(b"it", true);
    retrieval.begin(objects.len() as u64);
    let (mut came, mut end) = (Vec::new(), None);
    for (sop_class, length) in objects {
        let transfer_syntax = EXPLICIT;
        let object = Object { sop_class: sop_class.clone(), sop_instance: uid("1.2.3"), transfer_syntax };
        if !retrieval.store(&mut pair.asked.association, &object).unwrap() {
            continue;
        }
        let bytes = vec![7; *length];
        let (mut sent, mut receiving) = (0, None::<Receiving>);
        while retrieval.is_storing() {
            if sent < bytes.len() {
                sent += retrieval.send(&mut pair.asked.association, &bytes[sent..], true).unwrap();
            }
            pair.run();
            for heard in pair.asker.take() {
                match heard {
                    Heard::Request(context, request, has_data) => {
                        came.push(Vec::new());
                        receiving = Some(Receiving::new(&pair.asker.association, context, request, has_data));
                    }
                    Heard::Data(piece, last) => {
                        let receiving = receiving.as_mut().unwrap();
                        came.last_mut().unwrap().extend_from_slice(receiving.handle_data(&piece, last));
                        if last {
                            receiving.answer(&mut pair.asker.association, Status::SUCCESS, None).unwrap();
                        }
                    }
                    Heard::Response(_, response, has_data) => {
                        asking.handle_response(response, has_data).unwrap();
                    }
                    other => panic!("{other:?}"),
                }
            }
            pair.run();
            for heard in pair.asked.take() {
                let Heard::Response(_, response, false) = heard else { panic!() };
                assert!(retrieval.handle_response(&mut pair.asked.association, &response).unwrap());
            }
        }
    }
    retrieval.finish(&mut pair.asked.association).unwrap();
    pair.run();
    end = told(&mut pair.asker, &mut asking).pop().or(end);
    (came, end.unwrap())
}

#[test]
fn objects_come_over_the_same_association_and_what_nobody_takes_is_counted_as_failed() {
    let ultrasound = uid("1.2.840.10008.5.1.4.1.1.6.1");
    let (came, end) = got(usize::MAX, &[(CT, 700_000), (ultrasound, 10), (CT, 12)]);
    assert_eq!(came.iter().map(Vec::len).collect::<Vec<_>>(), [700_000, 12]);
    let counts = SubOperations { remaining: None, completed: 2, failed: 1, warning: 0 };
    assert_eq!(end.response.sub_operations, Some(counts));
    assert_eq!(end.response.status, Status::SUB_OPERATIONS_FAILED);
    assert!(end.data.unwrap().is_some());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn objects_arrive_whole_however_the_network_cuts(cut in 1usize..9000, length in 0usize..40_000) {
        let (kept, outcome) = stored(cut, length, None);
        prop_assert_eq!(kept.len(), length);
        prop_assert!(kept.iter().enumerate().all(|(at, byte)| *byte == at.to_le_bytes()[0]));
        prop_assert_eq!(outcome, Stored::Completed);
    }

    #[test]
    fn queries_and_retrievals_come_to_the_same_however_the_network_cuts(cut in 1usize..9000) {
        prop_assert_eq!(found(cut, 5, 3000).len(), 6);
        let (came, end) = got(cut, &[(CT, 9000), (CT, 3)]);
        prop_assert_eq!(came, [vec![7; 9000], vec![7; 3]]);
        prop_assert_eq!(end.response.status, Status::SUCCESS);
    }

    #[test]
    fn a_connection_that_breaks_anywhere_is_told_and_nothing_hangs(at in 0usize..12_000) {
        let mut pair = Pair::established(everything());
        let association = &mut pair.asker.association;
        association.send_request(3, &store(1), true).unwrap();
        association.send_data(&[7; 10_000], true).unwrap();
        let bytes = association.poll_transmit().to_vec();
        let before = at.min(bytes.len());
        pair.asked.feed(pair.now, &bytes[..before]);
        pair.breaks();
        let heard = pair.asked.take();
        let whole = heard.iter().any(|it| matches!(it, Heard::Data(_, true)));
        prop_assert_eq!(whole, before == bytes.len());
        let broke = Heard::Aborted(Abort { by: AbortedBy::Connection, reason: AbortReason::NotSpecified });
        prop_assert_eq!(heard.last(), Some(&broke));
        prop_assert!(pair.asked.association.is_over() && pair.asked.association.poll_timeout().is_none());
    }
}
