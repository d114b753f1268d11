//! Requests.

use super::Operation;
use super::set::{CommandError, CommandSet, Draft, Tag, element};
use crate::{AeTitle, Uid};

/// How urgent something is (0000,0700).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Priority {
    /// As everything is.
    #[default]
    Medium,
    /// Before others.
    High,
    /// After others.
    Low,
}

/// Which C-MOVE a C-STORE is done for (0000,1030) and (0000,1031).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MoveOriginator {
    /// Who asked for the move.
    pub title: AeTitle,
    /// The id of its message.
    pub message_id: u16,
}

/// Something that is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields are those of PS3.7, and are told below")]
pub enum Request {
    /// Whether anybody is there (PS3.7 section 9.3.5).
    Echo { message_id: u16, sop_class: Uid },
    /// To keep an object (section 9.3.1). A data set follows.
    Store {
        message_id: u16,
        sop_class: Uid,
        sop_instance: Uid,
        priority: Priority,
        originator: Option<MoveOriginator>,
    },
    /// To find what matches the data set that follows (section 9.3.2).
    Find { message_id: u16, sop_class: Uid, priority: Priority },
    /// To send what the data set that follows names over the same association (section 9.3.3).
    Get { message_id: u16, sop_class: Uid, priority: Priority },
    /// To send what the data set that follows names to a third application (section 9.3.4).
    Move { message_id: u16, sop_class: Uid, priority: Priority, destination: AeTitle },
    /// To stop a C-FIND, C-GET or C-MOVE (section 9.3.2.3).
    Cancel { responded_to: u16 },
    /// Something happened to an instance (section 10.3.1).
    EventReport { message_id: u16, sop_class: Uid, sop_instance: Uid, event_type: u16 },
    /// To tell attributes of an instance; all of them when none is named (section 10.3.2).
    NGet { message_id: u16, sop_class: Uid, sop_instance: Uid, attributes: Vec<Tag> },
    /// To change an instance by the data set that follows (section 10.3.3).
    Set { message_id: u16, sop_class: Uid, sop_instance: Uid },
    /// To do something with an instance (section 10.3.4).
    Action { message_id: u16, sop_class: Uid, sop_instance: Uid, action_type: u16 },
    /// To make an instance; its UID is made by whoever is asked when there is none (section 10.3.5).
    Create { message_id: u16, sop_class: Uid, sop_instance: Option<Uid> },
    /// To delete an instance (section 10.3.6).
    Delete { message_id: u16, sop_class: Uid, sop_instance: Uid },
}

impl Request {
    /// What is asked for.
    pub fn operation(&self) -> Operation {
        match self {
            Self::Echo { .. } => Operation::Echo,
            Self::Store { .. } => Operation::Store,
            Self::Find { .. } => Operation::Find,
            Self::Get { .. } => Operation::Get,
            Self::Move { .. } => Operation::Move,
            Self::Cancel { .. } => Operation::Cancel,
            Self::EventReport { .. } => Operation::EventReport,
            Self::NGet { .. } => Operation::NGet,
            Self::Set { .. } => Operation::Set,
            Self::Action { .. } => Operation::Action,
            Self::Create { .. } => Operation::Create,
            Self::Delete { .. } => Operation::Delete,
        }
    }

    /// Its id; of a C-CANCEL, that of the message it stops.
    pub fn message_id(&self) -> u16 {
        match self {
            Self::Echo { message_id, .. }
            | Self::Store { message_id, .. }
            | Self::Find { message_id, .. }
            | Self::Get { message_id, .. }
            | Self::Move { message_id, .. }
            | Self::EventReport { message_id, .. }
            | Self::NGet { message_id, .. }
            | Self::Set { message_id, .. }
            | Self::Action { message_id, .. }
            | Self::Create { message_id, .. }
            | Self::Delete { message_id, .. }
            | Self::Cancel { responded_to: message_id } => *message_id,
        }
    }

    /// The class; a C-CANCEL has none.
    pub fn sop_class(&self) -> Option<&Uid> {
        match self {
            Self::Echo { sop_class, .. }
            | Self::Store { sop_class, .. }
            | Self::Find { sop_class, .. }
            | Self::Get { sop_class, .. }
            | Self::Move { sop_class, .. }
            | Self::EventReport { sop_class, .. }
            | Self::NGet { sop_class, .. }
            | Self::Set { sop_class, .. }
            | Self::Action { sop_class, .. }
            | Self::Create { sop_class, .. }
            | Self::Delete { sop_class, .. } => Some(sop_class),
            Self::Cancel { .. } => None,
        }
    }

    /// The instance, where there is one.
    pub fn sop_instance(&self) -> Option<&Uid> {
        match self {
            Self::Store { sop_instance, .. }
            | Self::EventReport { sop_instance, .. }
            | Self::NGet { sop_instance, .. }
            | Self::Set { sop_instance, .. }
            | Self::Action { sop_instance, .. }
            | Self::Delete { sop_instance, .. } => Some(sop_instance),
            Self::Create { sop_instance, .. } => sop_instance.as_ref(),
            _ => None,
        }
    }
}

pub(super) fn read(set: &CommandSet<'_>, operation: Operation) -> Result<Request, CommandError> {
    if operation == Operation::Cancel {
        return Ok(Request::Cancel { responded_to: set.number(element::MESSAGE_ID_RESPONDED_TO)? });
    }
    let message_id = set.number(element::MESSAGE_ID)?;
    let (class, instance) = places(operation);
    let sop_class = set.uid(class)?;
    let sop_instance = || set.uid(instance);
    let priority = read_priority(set);
    Ok(match operation {
        Operation::Echo | Operation::Cancel => Request::Echo { message_id, sop_class },
        Operation::Store => Request::Store {
            message_id,
            sop_class,
            sop_instance: sop_instance()?,
            priority,
            originator: read_originator(set),
        },
        Operation::Find => Request::Find { message_id, sop_class, priority },
        Operation::Get => Request::Get { message_id, sop_class, priority },
        Operation::Move => {
            let destination = set.title_if_any(element::MOVE_DESTINATION)?;
            let destination = destination.ok_or(CommandError::Missing(element::MOVE_DESTINATION))?;
            Request::Move { message_id, sop_class, priority, destination }
        }
        Operation::EventReport => Request::EventReport {
            message_id,
            sop_class,
            sop_instance: sop_instance()?,
            event_type: set.number(element::EVENT_TYPE)?,
        },
        Operation::NGet => Request::NGet {
            message_id,
            sop_class,
            sop_instance: sop_instance()?,
            attributes: set.tags(element::ATTRIBUTE_LIST),
        },
        Operation::Set => Request::Set { message_id, sop_class, sop_instance: sop_instance()? },
        Operation::Action => Request::Action {
            message_id,
            sop_class,
            sop_instance: sop_instance()?,
            action_type: set.number(element::ACTION_TYPE)?,
        },
        Operation::Create => {
            Request::Create { message_id, sop_class, sop_instance: set.uid_if_any(instance)? }
        }
        Operation::Delete => Request::Delete { message_id, sop_class, sop_instance: sop_instance()? },
    })
}

pub(super) fn write(request: &Request, data_follows: bool) -> Vec<u8> {
    let operation = request.operation();
    let requested = places(operation).0 == element::REQUESTED_SOP_CLASS;
    let mut draft = Draft::new();
    if let Some(class) = request.sop_class() {
        draft.uid(places(operation).0, class);
    }
    draft.number(element::COMMAND_FIELD, operation.code());
    match request {
        Request::Cancel { responded_to } => draft.number(element::MESSAGE_ID_RESPONDED_TO, *responded_to),
        _ => draft.number(element::MESSAGE_ID, request.message_id()),
    }
    if let Request::Move { destination, .. } = request {
        draft.text(element::MOVE_DESTINATION, destination.as_str());
    }
    if let Request::Store { priority, .. }
    | Request::Find { priority, .. }
    | Request::Get { priority, .. }
    | Request::Move { priority, .. } = request
    {
        draft.number(element::PRIORITY, priority_code(*priority));
    }
    draft.data_set(data_follows);
    if let Some(instance) = request.sop_instance() {
        let place = if requested { element::REQUESTED_SOP_INSTANCE } else { element::AFFECTED_SOP_INSTANCE };
        draft.uid(place, instance);
    }
    match request {
        Request::EventReport { event_type, .. } => draft.number(element::EVENT_TYPE, *event_type),
        Request::NGet { attributes, .. } => draft.tags(element::ATTRIBUTE_LIST, attributes),
        Request::Action { action_type, .. } => draft.number(element::ACTION_TYPE, *action_type),
        Request::Store { originator: Some(originator), .. } => {
            draft.text(element::MOVE_ORIGINATOR, originator.title.as_str());
            draft.number(element::MOVE_ORIGINATOR_MESSAGE, originator.message_id);
        }
        _ => {}
    }
    draft.finish()
}

/// Where class and instance of a request stand: "affected" or "requested" ones.
pub(super) fn places(operation: Operation) -> (u16, u16) {
    match operation {
        Operation::NGet | Operation::Set | Operation::Action | Operation::Delete => {
            (element::REQUESTED_SOP_CLASS, element::REQUESTED_SOP_INSTANCE)
        }
        _ => (element::AFFECTED_SOP_CLASS, element::AFFECTED_SOP_INSTANCE),
    }
}

fn read_priority(set: &CommandSet<'_>) -> Priority {
    match set.number_if_any(element::PRIORITY) {
        Ok(Some(1)) => Priority::High,
        Ok(Some(2)) => Priority::Low,
        _ => Priority::Medium,
    }
}

fn priority_code(priority: Priority) -> u16 {
    match priority {
        Priority::Medium => 0,
        Priority::High => 1,
        Priority::Low => 2,
    }
}

/// The originator; it tells a story and decides nothing, so one that cannot be read is none.
fn read_originator(set: &CommandSet<'_>) -> Option<MoveOriginator> {
    let title = set.title_if_any(element::MOVE_ORIGINATOR).ok()??;
    let message_id = set.number_if_any(element::MOVE_ORIGINATOR_MESSAGE).ok()??;
    Some(MoveOriginator { title, message_id })
}
