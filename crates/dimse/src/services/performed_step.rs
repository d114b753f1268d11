//! Modality Performed Procedure Step (PS3.4 annex F.7): a modality says that it began (N-CREATE), and how it ended (N-SET).

use super::{Asked, Asking};
use crate::{Association, ContextId, Misuse, Request, Response, Status, Tag, Uid, sop_class};

/// Most bytes of the attributes of a step. One of an angiography lists some thousand objects.
pub const LONGEST: usize = 4 << 20;
/// Performed Procedure Step Status.
const STEP_STATUS: Tag = Tag(0x0040, 0x0252);

/// What a modality says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Said {
    /// A step began. Without a UID it is to be given one.
    Began(Option<Uid>),
    /// A step changed, or ended.
    Changed(Uid),
}

/// What comes of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It is kept, under this UID.
    Kept(Uid),
    /// A step of this UID is there already.
    Duplicate,
    /// There is no step of this UID.
    Unknown,
    /// The step has ended, and changes no more.
    Ended,
    /// A step has to begin in progress, and to end as completed or discontinued.
    WrongStatus,
    /// Attributes must be there that are not.
    Missing(Vec<Tag>),
    /// It cannot be kept now.
    Failed(String),
}

/// What a request of the class says; none when the class has no such operation.
pub fn said(request: &Request) -> Option<Said> {
    match request {
        Request::Create { sop_instance, .. } => Some(Said::Began(sop_instance.clone())),
        Request::Set { sop_instance, .. } => Some(Said::Changed(sop_instance.clone())),
        _ => None,
    }
}

/// Answers a modality.
pub fn answer(asked: &mut Asked, association: &mut Association, outcome: Outcome) -> Result<(), Misuse> {
    let response = of(asked, outcome);
    asked.respond(association, &response, None)
}

fn of(asked: &Asked, outcome: Outcome) -> Response {
    match outcome {
        Outcome::Kept(instance) => {
            let mut response = asked.response(Status::SUCCESS);
            response.sop_instance = Some(instance);
            response
        }
        Outcome::Duplicate => asked.response(Status::DUPLICATE_INSTANCE),
        Outcome::Unknown => asked.response(Status::NO_SUCH_INSTANCE),
        Outcome::Ended => asked
            .response(Status::STEP_MAY_NO_LONGER_BE_UPDATED)
            .with_comment("Performed Procedure Step Object may no longer be updated"),
        Outcome::WrongStatus => {
            let mut response = asked.response(Status::INVALID_ATTRIBUTE_VALUE);
            response.offending = vec![STEP_STATUS];
            response
        }
        Outcome::Missing(attributes) => {
            let mut response = asked.response(Status::MISSING_ATTRIBUTE);
            response.attributes = attributes;
            response
        }
        Outcome::Failed(comment) => asked.response(Status::PROCESSING_FAILURE).with_comment(comment),
    }
}

/// Says that a step began.
pub fn ask_begin(
    association: &mut Association,
    context: ContextId,
    message_id: u16,
    step: Uid,
    attributes: Vec<u8>,
) -> Result<Asking, Misuse> {
    let request =
        Request::Create { message_id, sop_class: sop_class::PERFORMED_STEP, sop_instance: Some(step) };
    Asking::begin(association, context, request, Some(attributes), LONGEST)
}

/// Says that a step changed or ended.
pub fn ask_change(
    association: &mut Association,
    context: ContextId,
    message_id: u16,
    step: Uid,
    attributes: Vec<u8>,
) -> Result<Asking, Misuse> {
    let request = Request::Set { message_id, sop_class: sop_class::PERFORMED_STEP, sop_instance: step };
    Asking::begin(association, context, request, Some(attributes), LONGEST)
}
