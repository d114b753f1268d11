//! Messages as they go.

use super::{Association, Misuse};
use crate::{ContextId, Operation, Request, Response, Roles, command};

impl Association {
    /// Asks for something. With `has_data`, [`Association::send_data`] follows until the data set is whole.
    pub fn send_request(
        &mut self,
        context: ContextId,
        request: &Request,
        has_data: bool,
    ) -> Result<(), Misuse> {
        let roles = self.roles(context)?;
        let fits = if request.operation().is_of_provider() { roles.scp } else { roles.scu };
        self.send_command(context, fits, has_data, || command::write_request(request, has_data))?;
        self.asked += u32::from(request.operation() != Operation::Cancel);
        Ok(())
    }

    /// Answers something. With `has_data`, [`Association::send_data`] follows until the data set is whole.
    pub fn send_response(
        &mut self,
        context: ContextId,
        response: &Response,
        has_data: bool,
    ) -> Result<(), Misuse> {
        self.roles(context)?;
        // A request that we have no role for is answered all the same.
        self.send_command(context, true, has_data, || command::write_response(response, has_data))?;
        if !response.status.is_pending() {
            self.owed = self.owed.saturating_sub(1);
        }
        Ok(())
    }

    /// Takes bytes of the data set that is due, as many as there is room for, and says how many. The data set is whole when
    /// all of a piece was taken that was said to be the `last`.
    pub fn send_data(&mut self, piece: &[u8], last: bool) -> Result<usize, Misuse> {
        if !self.state.may_send() {
            return Err(Misuse::State);
        }
        let context = self.sending.ok_or(Misuse::Data)?;
        let peer_max = self.peer_max();
        let taken = self.outbox.data(context, piece, last, peer_max);
        if last && taken == piece.len() {
            self.sending = None;
        }
        Ok(taken)
    }

    /// Whether a data set of ours is not whole.
    pub fn is_sending(&self) -> bool {
        self.sending.is_some()
    }

    fn send_command(
        &mut self,
        context: ContextId,
        fits_role: bool,
        has_data: bool,
        write: impl FnOnce() -> Vec<u8>,
    ) -> Result<(), Misuse> {
        if !self.state.may_send() {
            return Err(Misuse::State);
        }
        if self.sending.is_some() {
            return Err(Misuse::Data);
        }
        if self.outbox.is_full() {
            return Err(Misuse::Full);
        }
        if !fits_role {
            return Err(Misuse::Role(context));
        }
        let peer_max = self.peer_max();
        self.outbox.command(context, &write(), peer_max);
        self.sending = has_data.then_some(context);
        Ok(())
    }

    fn roles(&self, context: ContextId) -> Result<Roles, Misuse> {
        let established = self.established.as_ref().ok_or(Misuse::State)?;
        established.context(context).map(|it| it.roles).ok_or(Misuse::Context(context))
    }

    fn peer_max(&self) -> u32 {
        self.established.as_ref().map_or(0, |it| it.peer.max_pdu)
    }
}
