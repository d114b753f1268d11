//! Storage (PS3.4 annex B): objects that come and go in pieces.

use crate::{
    Association, ContextId, Established, Misuse, MoveOriginator, Priority, Request, Response, Roles, Status,
    Uid, transfer_syntax,
};

/// An object that the peer sends.
#[derive(Debug)]
pub struct Receiving {
    context: ContextId,
    request: Request,
    transfer_syntax: Uid,
    bytes: u64,
    is_whole: bool,
    refusal: Option<(Status, String)>,
    is_answered: bool,
}

impl Receiving {
    /// Begins with a C-STORE.
    pub fn new(association: &Association, context: ContextId, request: Request, has_data: bool) -> Self {
        let agreed = association.established().and_then(|it| it.context(context));
        let mut receiving = Self {
            context,
            request,
            transfer_syntax: agreed
                .map_or(transfer_syntax::IMPLICIT_LITTLE_ENDIAN, |it| it.transfer_syntax.clone()),
            bytes: 0,
            is_whole: !has_data,
            refusal: None,
            is_answered: false,
        };
        if !has_data {
            receiving.refuse(Status::CANNOT_UNDERSTAND, "no data set");
        }
        receiving
    }

    /// The request: class and instance as the sender names them, the move it is done for.
    pub fn request(&self) -> &Request {
        &self.request
    }

    /// How the object is encoded.
    pub fn transfer_syntax(&self) -> &Uid {
        &self.transfer_syntax
    }

    /// Takes a piece ([`crate::Event::Data`]), and hands back what is to be kept of it: all, or nothing once it is refused.
    pub fn handle_data<'a>(&mut self, piece: &'a [u8], last: bool) -> &'a [u8] {
        self.bytes += piece.len() as u64;
        self.is_whole |= last;
        if self.refusal.is_some() { &[] } else { piece }
    }

    /// Decides that it is not kept. What still comes of it is passed over; the answer goes when it is through.
    pub fn refuse(&mut self, status: Status, comment: impl Into<String>) {
        self.refusal.get_or_insert((status, comment.into()));
    }

    /// Whether it was refused.
    pub fn is_refused(&self) -> bool {
        self.refusal.is_some()
    }

    /// Whether all of it came.
    pub fn is_whole(&self) -> bool {
        self.is_whole
    }

    /// Bytes that came.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Answers: why it was refused, if it was, else this. "Stored" is said only of what is durable.
    pub fn answer(
        &mut self,
        association: &mut Association,
        status: Status,
        comment: Option<&str>,
    ) -> Result<(), Misuse> {
        if !self.is_whole || self.is_answered {
            return Err(Misuse::Data);
        }
        let mut response = Response::to(&self.request, status);
        response.comment = comment.map(str::to_owned);
        if let Some((status, comment)) = &self.refusal {
            response.status = *status;
            response.comment = Some(comment.clone());
        }
        association.send_response(self.context, &response, false)?;
        self.is_answered = true;
        Ok(())
    }
}

/// An object that we send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Object {
    /// Its class.
    pub sop_class: Uid,
    /// Its UID.
    pub sop_instance: Uid,
    /// How its data set is encoded.
    pub transfer_syntax: Uid,
}

/// Sending an object, from its command to the peer's answer.
#[derive(Debug)]
pub struct Sending {
    message_id: u16,
    is_queued: bool,
}

/// What the peer said of an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stored {
    /// It is kept.
    Completed,
    /// It is kept, with something to tell.
    Warning(Status),
    /// It is not.
    Failed(Status, Option<String>),
}

/// The context in which an object may be sent as it is: nothing is transcoded here.
pub fn context_for(established: &Established, object: &Object) -> Option<ContextId> {
    Some(established.context_for(&object.sop_class, &object.transfer_syntax, Roles::SCU)?.id)
}

impl Sending {
    /// Begins an object in a context of its class and encoding.
    pub fn begin(
        association: &mut Association,
        object: &Object,
        message_id: u16,
        priority: Priority,
        originator: Option<MoveOriginator>,
    ) -> Result<Self, Misuse> {
        let established = association.established().ok_or(Misuse::State)?;
        let context = context_for(established, object).ok_or(Misuse::Context(0))?;
        let Object { sop_class, sop_instance, .. } = object.clone();
        let request = Request::Store { message_id, sop_class, sop_instance, priority, originator };
        association.send_request(context, &request, true)?;
        Ok(Self { message_id, is_queued: false })
    }

    /// Queues bytes of the object, as many as there is room for, and says how many.
    pub fn send(&mut self, association: &mut Association, piece: &[u8], last: bool) -> Result<usize, Misuse> {
        let taken = association.send_data(piece, last)?;
        self.is_queued |= last && taken == piece.len();
        Ok(taken)
    }

    /// Whether all of it is queued.
    pub fn is_queued(&self) -> bool {
        self.is_queued
    }

    /// Takes a response; none when it is to another message. A peer may answer before it has all of the object.
    pub fn handle_response(&self, response: &Response) -> Option<Stored> {
        use crate::{Operation, StatusKind};
        if response.message_id != self.message_id || response.operation != Operation::Store {
            return None;
        }
        Some(match response.status.kind() {
            StatusKind::Success => Stored::Completed,
            StatusKind::Warning => Stored::Warning(response.status),
            _ => Stored::Failed(response.status, response.comment.clone()),
        })
    }
}
