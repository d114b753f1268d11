//! Something that we ask of the peer.

use super::data_set::{Gathered, Going, TooLong};
use crate::{Association, ContextId, Misuse, Request, Response};

/// A request of ours, from its command to its last response.
#[derive(Debug)]
pub struct Asking {
    context: ContextId,
    request: Request,
    going: Going,
    /// A response whose data set is on its way.
    within: Option<(Response, Gathered)>,
    most: usize,
    is_over: bool,
}

/// What the peer says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// Its response.
    pub response: Response,
    /// The data set with it; none where none came.
    pub data: Result<Option<Vec<u8>>, TooLong>,
}

impl Asking {
    /// Sends a request, with a data set or none. Of the data set of a response at most so many bytes are held.
    pub fn begin(
        association: &mut Association,
        context: ContextId,
        request: Request,
        data: Option<Vec<u8>>,
        most: usize,
    ) -> Result<Self, Misuse> {
        association.send_request(context, &request, data.is_some())?;
        let mut going = data.map(Going::new).unwrap_or_default();
        going.pump(association)?;
        Ok(Self { context, request, going, within: None, most, is_over: false })
    }

    /// What was asked for.
    pub fn request(&self) -> &Request {
        &self.request
    }

    /// Queues more of a data set that did not fit; whether all of it is.
    pub fn pump(&mut self, association: &mut Association) -> Result<bool, Misuse> {
        self.going.pump(association)
    }

    /// Takes a response ([`crate::Event::Response`]), and tells it when no data set follows. One to another message is handed
    /// back.
    pub fn handle_response(&mut self, response: Response, has_data: bool) -> Result<Option<Told>, Response> {
        let fits = response.message_id == self.request.message_id()
            && response.operation == self.request.operation();
        if !fits || self.is_over {
            return Err(response);
        }
        self.is_over = !response.status.is_pending();
        if has_data {
            self.within = Some((response, Gathered::new(true, self.most)));
            return Ok(None);
        }
        Ok(Some(Told { response, data: Ok(None) }))
    }

    /// Takes a piece of a response's data set ([`crate::Event::Data`]), and tells the response when it is whole.
    pub fn handle_data(&mut self, piece: &[u8], last: bool) -> Option<Told> {
        self.within.as_mut()?.1.push(piece, last);
        if !last {
            return None;
        }
        let (response, data) = self.within.take()?;
        Some(Told { response, data: data.into_bytes().map(Some) })
    }

    /// Whether the next data set is of one of its responses.
    pub fn is_within(&self) -> bool {
        self.within.is_some()
    }

    /// Asks that it be stopped; responses come all the same, to the last.
    pub fn cancel(&mut self, association: &mut Association) -> Result<(), Misuse> {
        if self.is_over {
            return Ok(());
        }
        let cancel = Request::Cancel { responded_to: self.request.message_id() };
        association.send_request(self.context, &cancel, false)
    }

    /// Whether the last response came, with its data set.
    pub fn is_over(&self) -> bool {
        self.is_over && self.within.is_none()
    }
}
