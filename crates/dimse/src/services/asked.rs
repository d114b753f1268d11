//! Something that the peer asks of us.

use super::data_set::{Gathered, Going, TooLong};
use crate::{Association, ContextId, Misuse, Request, Response, Status, Uid, transfer_syntax};

/// A request of the peer, from its command to its last response.
#[derive(Debug)]
pub struct Asked {
    context: ContextId,
    request: Request,
    transfer_syntax: Uid,
    data: Gathered,
    going: Going,
    is_cancelled: bool,
    is_answered: bool,
}

impl Asked {
    /// Begins with [`crate::Event::Request`]. Of its data set at most so many bytes are held.
    pub fn new(
        association: &Association,
        context: ContextId,
        request: Request,
        has_data: bool,
        most: usize,
    ) -> Self {
        let agreed = association.established().and_then(|it| it.context(context));
        Self {
            context,
            request,
            transfer_syntax: agreed
                .map_or(transfer_syntax::IMPLICIT_LITTLE_ENDIAN, |it| it.transfer_syntax.clone()),
            data: Gathered::new(has_data, most),
            going: Going::default(),
            is_cancelled: false,
            is_answered: false,
        }
    }

    /// What is asked for.
    pub fn request(&self) -> &Request {
        &self.request
    }

    /// Over which context.
    pub fn context(&self) -> ContextId {
        self.context
    }

    /// How its data set is encoded, and those of the answers.
    pub fn transfer_syntax(&self) -> &Uid {
        &self.transfer_syntax
    }

    /// Takes a piece of the data set ([`crate::Event::Data`]).
    pub fn handle_data(&mut self, piece: &[u8], last: bool) {
        self.data.push(piece, last);
    }

    /// Whether the data set is whole, and the request may be answered.
    pub fn is_whole(&self) -> bool {
        self.data.is_whole()
    }

    /// The data set, once it is whole; empty where none came.
    pub fn data(&self) -> Result<&[u8], TooLong> {
        self.data.bytes()
    }

    /// Takes a C-CANCEL; whether it was for this request.
    pub fn handle_cancel(&mut self, responded_to: u16) -> bool {
        let fits = responded_to == self.request.message_id() && !self.is_answered;
        self.is_cancelled |= fits;
        fits
    }

    /// Whether the peer does not want the rest any more.
    pub fn is_cancelled(&self) -> bool {
        self.is_cancelled
    }

    /// Whether the last response is sent.
    pub fn is_answered(&self) -> bool {
        self.is_answered && self.going.is_done()
    }

    /// A response, to be changed before it goes.
    pub fn response(&self, status: Status) -> Response {
        Response::to(&self.request, status)
    }

    /// Whether another response may be sent: all of the one before is queued, and not too much waits.
    pub fn is_ready(&self, association: &Association) -> bool {
        self.data.is_whole() && !self.is_answered && self.going.is_done() && association.queued() < READY
    }

    /// Sends a response, with a data set or none. Before the request's own data set is whole nothing may be answered.
    pub fn respond(
        &mut self,
        association: &mut Association,
        response: &Response,
        data: Option<Vec<u8>>,
    ) -> Result<(), Misuse> {
        if !self.data.is_whole() || self.is_answered || !self.going.is_done() {
            return Err(Misuse::Data);
        }
        association.send_response(self.context, response, data.is_some())?;
        self.is_answered = !response.status.is_pending();
        if let Some(data) = data {
            self.going = Going::new(data);
            self.going.pump(association)?;
        }
        Ok(())
    }

    /// Queues more of a data set that did not fit; whether all of it is.
    pub fn pump(&mut self, association: &mut Association) -> Result<bool, Misuse> {
        self.going.pump(association)
    }
}

/// Bytes that may wait while another response is sent. A peer that does not read holds up the query, and not memory.
const READY: usize = 64 << 10;
