//! Storage Commitment Push Model (PS3.4 annex J): a modality asks that objects be kept for good (N-ACTION); the archive says
//! later which it keeps (N-EVENT-REPORT), over the same association or one that it opens itself, the roles reversed.

use super::{Asked, Asking};
use crate::{
    AeTitle, Association, ContextId, Implementation, MAX_PDU, Misuse, Proposal, ProposedContext, Request,
    Response, RoleSelection, Roles, Status, UserInformation, sop_class, transfer_syntax,
};

/// Most bytes of a list of objects, some ten thousand of them.
pub const LONGEST: usize = 4 << 20;
/// The one action: to commit (PS3.4 table J.3-1).
const REQUEST_COMMITMENT: u16 = 1;
/// All that was asked for is kept (PS3.4 table J.3-2).
const ALL_KEPT: u16 = 1;
/// Some of it is not.
const SOME_NOT_KEPT: u16 = 2;

/// Whether a commitment may be taken up; else what to answer.
pub fn check(asked: &Asked) -> Result<(), Box<Response>> {
    let refused = |status| Err(Box::new(asked.response(status)));
    match asked.request() {
        Request::Action { action_type, .. } if *action_type != REQUEST_COMMITMENT => {
            refused(Status::NO_SUCH_ACTION)
        }
        Request::Action { sop_instance, .. } if *sop_instance != sop_class::STORAGE_COMMITMENT_INSTANCE => {
            refused(Status::NO_SUCH_INSTANCE)
        }
        Request::Action { .. } if asked.data().is_err() => refused(Status::RESOURCE_LIMITATION),
        Request::Action { .. } => Ok(()),
        _ => refused(Status::UNRECOGNIZED_OPERATION),
    }
}

/// Answers that a commitment is taken up, or why not. What is kept is told later.
pub fn answer(
    asked: &mut Asked,
    association: &mut Association,
    outcome: Result<(), &str>,
) -> Result<(), Misuse> {
    let response = match (check(asked), outcome) {
        (Err(refused), _) => *refused,
        (Ok(()), Ok(())) => asked.response(Status::SUCCESS),
        (Ok(()), Err(comment)) => asked.response(Status::PROCESSING_FAILURE).with_comment(comment),
    };
    asked.respond(association, &response, None)
}

/// What an archive proposes to whoever waits for its report: that it provides, and the other uses, although it calls.
pub fn reporting(calling: AeTitle, called: AeTitle) -> Proposal {
    let mut user = UserInformation::new(MAX_PDU, Implementation::ours());
    let sop_class = sop_class::STORAGE_COMMITMENT;
    user.roles = vec![RoleSelection { sop_class: sop_class.clone(), scu: false, scp: true }];
    let transfer_syntaxes =
        vec![transfer_syntax::EXPLICIT_LITTLE_ENDIAN, transfer_syntax::IMPLICIT_LITTLE_ENDIAN];
    let contexts = vec![ProposedContext { id: 1, abstract_syntax: sop_class, transfer_syntaxes }];
    Proposal { calling, called, contexts, user }
}

/// Says which objects are kept. The data set lists them; `all` says that none of those asked for is missing.
pub fn report(
    association: &mut Association,
    message_id: u16,
    all: bool,
    objects: Vec<u8>,
) -> Result<Asking, Misuse> {
    let context = context(association, Roles::SCP)?;
    let request = Request::EventReport {
        message_id,
        sop_class: sop_class::STORAGE_COMMITMENT,
        sop_instance: sop_class::STORAGE_COMMITMENT_INSTANCE,
        event_type: if all { ALL_KEPT } else { SOME_NOT_KEPT },
    };
    Asking::begin(association, context, request, Some(objects), LONGEST)
}

/// Asks that objects be kept for good.
pub fn ask(association: &mut Association, message_id: u16, objects: Vec<u8>) -> Result<Asking, Misuse> {
    let context = context(association, Roles::SCU)?;
    let request = Request::Action {
        message_id,
        sop_class: sop_class::STORAGE_COMMITMENT,
        sop_instance: sop_class::STORAGE_COMMITMENT_INSTANCE,
        action_type: REQUEST_COMMITMENT,
    };
    Asking::begin(association, context, request, Some(objects), LONGEST)
}

/// Whether a report of an archive says that all is kept; none when it is no such report.
pub fn reported(request: &Request) -> Option<bool> {
    match request {
        Request::EventReport { event_type: ALL_KEPT, .. } => Some(true),
        Request::EventReport { event_type: SOME_NOT_KEPT, .. } => Some(false),
        _ => None,
    }
}

/// Answers a report of an archive.
pub fn answer_report(asked: &mut Asked, association: &mut Association) -> Result<(), Misuse> {
    let status = match reported(asked.request()) {
        Some(_) => Status::SUCCESS,
        None => Status::NO_SUCH_EVENT,
    };
    let response = asked.response(status);
    asked.respond(association, &response, None)
}

fn context(association: &Association, roles: Roles) -> Result<ContextId, Misuse> {
    let established = association.established().ok_or(Misuse::State)?;
    Ok(established.of_class(&sop_class::STORAGE_COMMITMENT, roles).ok_or(Misuse::State)?.id)
}
