//! Services over instances that have a state: steps of a procedure, commitments (the N-services of PS3.7 section 10).
#![allow(clippy::unwrap_used, clippy::panic, reason = "a failed unwrap is a failed test")]

mod network;

use bianque_dimse::services::performed_step::Outcome;
use bianque_dimse::services::{commitment, performed_step};
use bianque_dimse::*;
use network::*;

#[test]
fn a_step_begins_and_ends_and_changes_no_more() {
    let mut pair = Pair::established(everything());
    let step = uid("1.2.9");
    let mut say = |said: &str, outcome: Outcome| {
        let association = &mut pair.asker.association;
        let mut asking = match said {
            "begin" => performed_step::ask_begin(association, STEP, 1, step.clone(), b"in progress".to_vec()),
            _ => performed_step::ask_change(association, STEP, 2, step.clone(), b"completed".to_vec()),
        }
        .unwrap();
        pair.run();
        let mut asked = asked(&mut pair.asked, performed_step::LONGEST);
        let expected = match said {
            "begin" => performed_step::Said::Began(Some(step.clone())),
            _ => performed_step::Said::Changed(step.clone()),
        };
        assert_eq!(performed_step::said(asked.request()), Some(expected));
        performed_step::answer(&mut asked, &mut pair.asked.association, outcome).unwrap();
        pair.run();
        told(&mut pair.asker, &mut asking).pop().unwrap().response
    };
    let kept = say("begin", Outcome::Kept(step.clone()));
    assert_eq!((kept.status, kept.sop_instance), (Status::SUCCESS, Some(step.clone())));
    assert_eq!(say("begin", Outcome::Duplicate).status, Status::DUPLICATE_INSTANCE);
    assert_eq!(say("change", Outcome::Kept(step.clone())).status, Status::SUCCESS);
    let over = say("change", Outcome::Ended);
    assert_eq!(over.status.0, 0x0110);
    assert!(over.comment.unwrap().contains("no longer be updated"));
    assert_eq!(say("change", Outcome::Unknown).status, Status::NO_SUCH_INSTANCE);
    assert_eq!(say("begin", Outcome::WrongStatus).offending, [Tag(0x0040, 0x0252)]);
    let missing = say("begin", Outcome::Missing(vec![Tag(0x0040, 0x0270)]));
    assert_eq!((missing.status, missing.attributes), (Status::MISSING_ATTRIBUTE, vec![Tag(0x0040, 0x0270)]));
}

#[test]
fn a_commitment_is_taken_up_and_reported_over_the_same_association() {
    let mut pair = Pair::established(everything());
    let mut asking = commitment::ask(&mut pair.asker.association, 1, b"objects".to_vec()).unwrap();
    pair.run();
    let mut action = asked(&mut pair.asked, commitment::LONGEST);
    assert_eq!(action.data().unwrap(), b"objects");
    commitment::answer(&mut action, &mut pair.asked.association, Ok(())).unwrap();
    let mut reporting =
        commitment::report(&mut pair.asked.association, 1, false, b"kept and not".to_vec()).unwrap();
    pair.run();
    let mut heard = pair.asker.take().into_iter();
    let Some(Heard::Response(_, response, false)) = heard.next() else { panic!() };
    assert_eq!(asking.handle_response(response, false).unwrap().unwrap().response.status, Status::SUCCESS);
    pair.asker.heard = heard.collect();
    let mut report = asked(&mut pair.asker, commitment::LONGEST);
    assert_eq!(commitment::reported(report.request()), Some(false));
    assert_eq!(report.data().unwrap(), b"kept and not");
    commitment::answer_report(&mut report, &mut pair.asker.association).unwrap();
    pair.run();
    let response = told(&mut pair.asked, &mut reporting).pop().unwrap().response;
    assert_eq!((response.status, response.event_type), (Status::SUCCESS, Some(2)));
}

#[test]
fn a_commitment_is_reported_over_an_association_with_the_roles_reversed() {
    let proposal = commitment::reporting("BIANQUE".parse().unwrap(), "CT1".parse().unwrap());
    let mut pair = Pair::new(proposal);
    pair.run();
    // The modality, which uses commitment and does not provide it.
    let mut modality = Negotiation::archive().and_workflow();
    for offer in &mut modality.offers {
        offer.roles = Roles::SCU;
    }
    let acceptance = modality.answer(pair.asked.association.proposal().unwrap());
    pair.asked.association.accept(pair.now, &acceptance).unwrap();
    pair.run();
    pair.asker.take();
    pair.asked.take();
    let mut reporting = commitment::report(&mut pair.asker.association, 1, true, b"all".to_vec()).unwrap();
    pair.run();
    let mut report = asked(&mut pair.asked, commitment::LONGEST);
    assert_eq!(commitment::reported(report.request()), Some(true));
    commitment::answer_report(&mut report, &mut pair.asked.association).unwrap();
    pair.run();
    assert!(told(&mut pair.asker, &mut reporting).pop().unwrap().response.status.is_done());
}

#[test]
fn a_commitment_of_another_kind_is_refused() {
    let other = |action_type, sop_instance| Request::Action {
        message_id: 1,
        sop_class: sop_class::STORAGE_COMMITMENT,
        sop_instance,
        action_type,
    };
    for (request, status) in [
        (other(9, sop_class::STORAGE_COMMITMENT_INSTANCE), Status::NO_SUCH_ACTION),
        (other(1, uid("1.2.3")), Status::NO_SUCH_INSTANCE),
    ] {
        let mut pair = Pair::established(everything());
        pair.asker.association.send_request(15, &request, false).unwrap();
        pair.run();
        let mut action = asked(&mut pair.asked, commitment::LONGEST);
        commitment::answer(&mut action, &mut pair.asked.association, Ok(())).unwrap();
        pair.run();
        let Some(Heard::Response(_, response, false)) = pair.asker.take().pop() else { panic!() };
        assert_eq!((response.status, response.action_type.is_some()), (status, true));
    }
}
