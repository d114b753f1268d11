//! Responses.

use super::request::places;
use super::set::{CommandError, CommandSet, Draft, Tag, element};
use super::{Operation, RESPONSE, Request};
use crate::{Status, Uid};

/// Most characters of a comment (VR LO).
const LONGEST_COMMENT: usize = 64;
/// Most tags that are listed, so that a command stays small.
const MOST_TAGS: usize = 256;

/// What came of something that was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    /// What had been asked for.
    pub operation: Operation,
    /// The id of the message that asked (0000,0120).
    pub message_id: u16,
    /// What it came to (0000,0900).
    pub status: Status,
    /// The class, which is optional in most responses.
    pub sop_class: Option<Uid>,
    /// The instance; the one that was made, of an N-CREATE.
    pub sop_instance: Option<Uid>,
    /// For people, at most 64 characters of ASCII go out (0000,0902).
    pub comment: Option<String>,
    /// A code of the application for the error (0000,0903).
    pub error_id: Option<u16>,
    /// Elements that are to blame (0000,0901).
    pub offending: Vec<Tag>,
    /// Attributes of an N-SET or N-CREATE that were not taken (0000,1005).
    pub attributes: Vec<Tag>,
    /// Of an N-EVENT-REPORT (0000,1002).
    pub event_type: Option<u16>,
    /// Of an N-ACTION (0000,1008).
    pub action_type: Option<u16>,
    /// Of a C-MOVE or C-GET.
    pub sub_operations: Option<SubOperations>,
}

/// How far a C-MOVE or C-GET is (0000,1020) to (0000,1023).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SubOperations {
    /// Still to do; none where they are not told, as in the last response.
    pub remaining: Option<u16>,
    /// Done.
    pub completed: u16,
    /// Not done.
    pub failed: u16,
    /// Done, with something to tell.
    pub warning: u16,
}

impl Response {
    /// To a request, with its class, instance and types.
    pub fn to(request: &Request, status: Status) -> Self {
        let mut response = Self::bare(request.operation(), request.message_id(), status);
        response.sop_class = request.sop_class().cloned();
        response.sop_instance = request.sop_instance().cloned();
        match request {
            Request::EventReport { event_type, .. } => response.event_type = Some(*event_type),
            Request::Action { action_type, .. } => response.action_type = Some(*action_type),
            _ => {}
        }
        response
    }

    /// With a comment for people.
    pub fn with_comment(mut self, comment: impl Into<String>) -> Self {
        self.comment = Some(comment.into());
        self
    }

    fn bare(operation: Operation, message_id: u16, status: Status) -> Self {
        Self {
            operation,
            message_id,
            status,
            sop_class: None,
            sop_instance: None,
            comment: None,
            error_id: None,
            offending: Vec::new(),
            attributes: Vec::new(),
            event_type: None,
            action_type: None,
            sub_operations: None,
        }
    }
}

/// Reads a response. What only tells more is passed over where it cannot be read.
pub(super) fn read(set: &CommandSet<'_>, operation: Operation) -> Result<Response, CommandError> {
    let message_id = set.number(element::MESSAGE_ID_RESPONDED_TO)?;
    let status = Status(set.number(element::STATUS)?);
    let uid = |element| set.uid_if_any(element).ok().flatten();
    let number = |element| set.number_if_any(element).ok().flatten();
    let comment = set.text(element::ERROR_COMMENT).map(|text| {
        let text: String = text.iter().take(LONGEST_COMMENT).copied().map(char::from).collect();
        text.replace(char::is_control, " ")
    });
    let counts = [element::REMAINING, element::COMPLETED, element::FAILED, element::WARNING].map(number);
    let sub_operations = counts.iter().any(Option::is_some).then(|| SubOperations {
        remaining: counts[0],
        completed: counts[1].unwrap_or(0),
        failed: counts[2].unwrap_or(0),
        warning: counts[3].unwrap_or(0),
    });
    Ok(Response {
        sop_class: uid(element::AFFECTED_SOP_CLASS).or_else(|| uid(element::REQUESTED_SOP_CLASS)),
        sop_instance: uid(element::AFFECTED_SOP_INSTANCE).or_else(|| uid(element::REQUESTED_SOP_INSTANCE)),
        comment,
        error_id: number(element::ERROR_ID),
        offending: set.tags(element::OFFENDING_ELEMENT),
        attributes: set.tags(element::ATTRIBUTE_LIST),
        event_type: number(element::EVENT_TYPE),
        action_type: number(element::ACTION_TYPE),
        sub_operations,
        ..Response::bare(operation, message_id, status)
    })
}

/// What to answer to a request that cannot be read: as much as can be told of it. An error when there is no id to answer to.
pub(super) fn unreadable(
    set: &CommandSet<'_>,
    field: u16,
    error: &CommandError,
) -> Result<Response, CommandError> {
    let message_id = set.number(element::MESSAGE_ID)?;
    let (operation, status) = match Operation::of(field) {
        Some(operation) => (operation, Status::MISTYPED_ARGUMENT),
        // Whoever answers an operation that is not known has no command field to answer with.
        None => return Err(error.clone()),
    };
    let (class, instance) = places(operation);
    let uid = |element| set.uid_if_any(element).ok().flatten();
    let mut response = Response::bare(operation, message_id, status).with_comment(error.to_string());
    response.sop_class = uid(class);
    response.sop_instance = uid(instance);
    response.offending = error.element().map(|element| Tag(0, element)).into_iter().collect();
    Ok(response)
}

pub(super) fn write(response: &Response, data_follows: bool) -> Vec<u8> {
    let mut draft = Draft::new();
    draft.uid_if_any(element::AFFECTED_SOP_CLASS, response.sop_class.as_ref());
    draft.number(element::COMMAND_FIELD, response.operation.code() | RESPONSE);
    draft.number(element::MESSAGE_ID_RESPONDED_TO, response.message_id);
    draft.data_set(data_follows);
    draft.number(element::STATUS, response.status.0);
    draft.tags(element::OFFENDING_ELEMENT, &response.offending[..response.offending.len().min(MOST_TAGS)]);
    if let Some(comment) = &response.comment {
        draft.text(element::ERROR_COMMENT, &written(comment));
    }
    draft.number_if_any(element::ERROR_ID, response.error_id);
    draft.uid_if_any(element::AFFECTED_SOP_INSTANCE, response.sop_instance.as_ref());
    draft.number_if_any(element::EVENT_TYPE, response.event_type);
    draft.tags(element::ATTRIBUTE_LIST, &response.attributes[..response.attributes.len().min(MOST_TAGS)]);
    draft.number_if_any(element::ACTION_TYPE, response.action_type);
    if let Some(counts) = response.sub_operations {
        draft.number_if_any(element::REMAINING, counts.remaining);
        draft.number(element::COMPLETED, counts.completed);
        draft.number(element::FAILED, counts.failed);
        draft.number(element::WARNING, counts.warning);
    }
    draft.finish()
}

/// A comment as it may go out: printable ASCII without backslashes.
fn written(comment: &str) -> String {
    let fits = |character: char| matches!(character, ' '..='~') && character != '\\';
    comment.chars().take(LONGEST_COMMENT).map(|it| if fits(it) { it } else { '?' }).collect()
}
