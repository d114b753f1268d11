//! What comes, as the state takes it: the actions of PS3.8 tables 9-6 to 9-9.

use std::sync::Arc;
use std::time::Instant;

use super::state::{State, Taking};
use super::{Abort, AbortedBy, Association, Event, agreement};
use crate::command::Command;
use crate::pdu::associate::{self, Unfit};
use crate::pdu::{self, Cut, Kind};
use crate::{AbortReason, ContextId, Operation, Response, Status};

impl Association {
    /// Something was found in the stream.
    pub(super) fn on_cut<'a>(&mut self, now: Instant, cut: Cut<'a>) -> Option<Event<'a>> {
        if self.state == State::Sta13 {
            // AA-6: the peer had begun to say something before it heard the end.
            match cut {
                // AA-2
                Cut::Control(Kind::Abort, _) => self.state = State::Sta1,
                Cut::Broken(_) => self.is_deaf = true,
                _ => {}
            }
            return None;
        }
        match cut {
            Cut::Begins(kind) => self.begins(now, kind),
            Cut::Control(kind, body) => self.control(now, kind, &body),
            Cut::Piece { context, command, last, bytes } => self.piece(now, context, command, last, bytes),
            Cut::Broken(reason) => self.broken(now, reason),
        }
    }

    /// A PDU begins.
    fn begins<'a>(&mut self, now: Instant, kind: Kind) -> Option<Event<'a>> {
        match self.state.taking(kind) {
            Taking::Read => None,
            Taking::AbortByUser => {
                self.send_abort(now, AbortReason::User);
                None
            }
            Taking::AbortByProvider => Some(self.violated(now, AbortReason::UnexpectedPdu)),
        }
    }

    /// A PDU of control is whole, of a kind that the state takes.
    fn control<'a>(&mut self, now: Instant, kind: Kind, body: &[u8]) -> Option<Event<'a>> {
        match (kind, body) {
            (Kind::AssociateRequest, body) => Some(self.on_request(now, body)),
            (Kind::AssociateAccept, body) => Some(self.on_accept(now, body)),
            (Kind::AssociateReject, &[a, b, c, d]) => {
                // AE-4
                self.state = State::Sta1;
                Some(Event::Rejected(pdu::read_reject([a, b, c, d])))
            }
            (Kind::ReleaseRequest, _) => self.on_release_request(now),
            (Kind::ReleaseResponse, _) => Some(self.on_release_response()),
            (Kind::Abort, &[a, b, c, d]) => {
                // AA-2, AA-3
                let before = std::mem::replace(&mut self.state, State::Sta1);
                let abort = Abort { by: AbortedBy::Peer, reason: pdu::read_abort([a, b, c, d]) };
                (before != State::Sta2).then_some(Event::Aborted(abort))
            }
            _ => Some(self.violated(now, AbortReason::InvalidParameter)),
        }
    }

    /// AE-6
    fn on_request<'a>(&mut self, now: Instant, body: &[u8]) -> Event<'a> {
        self.clock.stop_artim();
        match associate::read_request(body) {
            Ok(proposal) => {
                let proposal = Arc::new(proposal);
                self.proposal = Some(Arc::clone(&proposal));
                self.state = State::Sta3;
                Event::Requested(proposal)
            }
            Err(Unfit::Refused(rejection)) => {
                self.send_reject(now, rejection);
                Event::Rejected(rejection)
            }
            Err(Unfit::Invalid) => self.violated(now, AbortReason::InvalidParameter),
        }
    }

    /// AE-3
    fn on_accept<'a>(&mut self, now: Instant, body: &[u8]) -> Event<'a> {
        let read = self.proposal.as_deref().zip(associate::read_accept(body).ok());
        let Some((proposal, acceptance)) = read else {
            return self.violated(now, AbortReason::InvalidParameter);
        };
        let established = Arc::new(agreement::as_requestor(proposal, &acceptance));
        self.established = Some(Arc::clone(&established));
        self.state = State::Sta6;
        Event::Accepted(established)
    }

    /// AR-2, AR-8
    fn on_release_request<'a>(&mut self, now: Instant) -> Option<Event<'a>> {
        if self.inbound.is_within() {
            return Some(self.violated(now, AbortReason::UnexpectedPdu));
        }
        self.state = match (self.state, self.is_requestor) {
            (State::Sta6, _) => State::Sta8,
            (_, true) => State::Sta9,
            (_, false) => State::Sta10,
        };
        // In Sta10 our answer has to wait for the peer's, and is asked for when that has come.
        (self.state != State::Sta10).then_some(Event::ReleaseRequested)
    }

    /// AR-3, AR-10
    fn on_release_response<'a>(&mut self) -> Event<'a> {
        if self.state == State::Sta10 {
            self.state = State::Sta12;
            return Event::ReleaseRequested;
        }
        self.state = State::Sta1;
        Event::Released
    }

    /// DT-2, AR-6
    fn piece<'a>(
        &mut self,
        now: Instant,
        context: ContextId,
        command: bool,
        last: bool,
        bytes: &'a [u8],
    ) -> Option<Event<'a>> {
        if self.established.as_ref().is_none_or(|it| it.context(context).is_none()) {
            return Some(self.violated(now, AbortReason::InvalidParameter));
        }
        if !command {
            return match self.inbound.data(context, last, bytes) {
                Ok(event) => event,
                Err(reason) => Some(self.violated(now, reason)),
            };
        }
        match self.inbound.command(context, last, bytes) {
            Ok(None) => None,
            Ok(Some((command, has_data))) => self.message(now, context, command, has_data),
            Err(reason) => Some(self.violated(now, reason)),
        }
    }

    /// A command is whole.
    fn message<'a>(
        &mut self,
        now: Instant,
        context: ContextId,
        command: Command,
        has_data: bool,
    ) -> Option<Event<'a>> {
        let roles = self.established.as_ref()?.context(context)?.roles;
        match command {
            Command::Request(request) => {
                let operation = request.operation();
                self.owed += u32::from(operation != Operation::Cancel);
                if if operation.is_of_provider() { roles.scu } else { roles.scp } {
                    return Some(Event::Request { context, request, has_data });
                }
                let response = Response::to(&request, Status::CLASS_NOT_SUPPORTED);
                Some(Event::Unreadable { context, response, error: None, has_data })
            }
            Command::Unreadable(response, error) => {
                self.owed += 1;
                Some(Event::Unreadable { context, response, error: Some(error), has_data })
            }
            Command::Response(response) => {
                if self.asked == 0 {
                    return Some(self.violated(now, AbortReason::UnexpectedParameter));
                }
                self.asked -= u32::from(!response.status.is_pending());
                Some(Event::Response { context, response, has_data })
            }
        }
    }

    /// What follows in the stream cannot be told any more.
    fn broken<'a>(&mut self, now: Instant, reason: AbortReason) -> Option<Event<'a>> {
        self.is_deaf = true;
        if self.state == State::Sta2 {
            // AA-1: there is no association that could be told as aborted. The reason may help whoever looks at the line.
            self.send_abort(now, reason);
            return None;
        }
        Some(self.violated(now, reason))
    }

    /// AA-8
    fn violated<'a>(&mut self, now: Instant, reason: AbortReason) -> Event<'a> {
        self.send_abort(now, reason);
        Event::Aborted(Abort { by: AbortedBy::Protocol, reason })
    }
}
