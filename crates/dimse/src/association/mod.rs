//! The association: the state machine of PS3.8 section 9.2, and the messages over it.

mod agreement;
mod clock;
mod event;
mod inbound;
mod outbox;
mod sending;
mod state;

use std::sync::Arc;
use std::time::Instant;

pub use clock::Timeouts;
pub use event::{Abort, AbortedBy, Context, Established, Event, Misuse};

use clock::{Clock, Waiting};
use inbound::Inbound;
use outbox::Outbox;
use state::{State, Taking};

use crate::command::Command;
use crate::pdu::associate::{self, Unfit};
use crate::pdu::{self, Cut, Cutter, Kind, Limits};
use crate::{AbortReason, Acceptance, ContextId, MAX_PDU, Proposal, Rejection, Response, Status};

/// Most bytes of an A-ASSOCIATE-RQ or -AC: 128 contexts with every encoding there is, and a long identity.
const LONGEST_ASSOCIATE: u32 = 1 << 20;

/// How an association behaves.
#[derive(Debug, Clone, Copy, Default)]
pub struct Settings {
    /// How long things may take.
    pub timeouts: Timeouts,
}

/// An association, in the role of acceptor or requestor. See the contract at the top of the crate.
#[derive(Debug)]
pub struct Association {
    state: State,
    is_requestor: bool,
    cutter: Cutter,
    limits: Limits,
    inbound: Inbound,
    outbox: Outbox,
    clock: Clock,
    proposal: Option<Arc<Proposal>>,
    established: Option<Arc<Established>>,
    /// Requests of the peer that we have not answered to their end.
    owed: u32,
    /// Requests of ours that the peer has not answered to their end.
    asked: u32,
    /// The context of a data set of ours that is not whole.
    sending: Option<ContextId>,
}

impl Association {
    /// Over a connection that somebody opened to us (AE-5).
    pub fn acceptor(now: Instant, settings: Settings) -> Self {
        let mut association = Self::new(now, settings, State::Sta2, false);
        association.clock.start_artim(now);
        association
    }

    /// Over a connection that we opened, with what we ask for (AE-2).
    pub fn requestor(now: Instant, proposal: Proposal, settings: Settings) -> Result<Self, Misuse> {
        let mut association = Self::new(now, settings, State::Sta5, true);
        agreement::check_proposal(&proposal)?;
        let mut written = Ok(());
        association.outbox.control(|out| written = associate::write_request(out, &proposal));
        written.map_err(|_| Misuse::Proposal)?;
        association.limits.data = longest_data(proposal.user.max_pdu);
        association.proposal = Some(Arc::new(proposal));
        Ok(association)
    }

    fn new(now: Instant, settings: Settings, state: State, is_requestor: bool) -> Self {
        Self {
            state,
            is_requestor,
            cutter: Cutter::new(),
            limits: Limits { data: MAX_PDU, associate: LONGEST_ASSOCIATE },
            inbound: Inbound::default(),
            outbox: Outbox::default(),
            clock: Clock::new(now, settings.timeouts),
            proposal: None,
            established: None,
            owed: 0,
            asked: 0,
            sending: None,
        }
    }

    /// Takes bytes that came; how many, and what they came to. To be called again with the rest until it takes all
    /// of them and tells nothing. It takes nothing while too much waits to go out.
    pub fn handle_bytes<'a>(&mut self, now: Instant, input: &'a [u8]) -> (usize, Option<Event<'a>>) {
        let mut taken = 0;
        while taken < input.len() {
            if matches!(self.state, State::Sta1 | State::Sta13) {
                // AA-6: what still comes from a peer that was told the end is passed over.
                return (input.len(), None);
            }
            if self.outbox.is_high() {
                return (taken, None);
            }
            self.clock.heard(now);
            let (more, cut) = self.cutter.cut(&input[taken..], self.limits);
            taken += more;
            let event = match cut {
                None => None,
                Some(Cut::Begins(kind)) => self.begins(now, kind),
                Some(Cut::Control(kind, body)) => self.control(now, kind, &body),
                Some(Cut::Piece { context, command, last, bytes }) => {
                    self.piece(now, context, command, last, bytes)
                }
                Some(Cut::Broken(reason)) => self.broken(now, reason),
            };
            if event.is_some() {
                return (taken, event);
            }
        }
        (taken, None)
    }

    /// The peer closed the connection, or it broke.
    pub fn handle_closed(&mut self) -> Option<Event<'static>> {
        let before = std::mem::replace(&mut self.state, State::Sta1);
        if matches!(before, State::Sta1 | State::Sta2 | State::Sta13) {
            return None;
        }
        // AA-4
        Some(Event::Aborted(Abort { by: AbortedBy::Connection, reason: AbortReason::NotSpecified }))
    }

    /// When [`Association::handle_timeout`] wants to be called.
    pub fn poll_timeout(&self) -> Option<Instant> {
        match self.state {
            State::Sta1 => None,
            State::Sta2 | State::Sta13 => self.clock.artim(),
            _ => self.clock.patience(self.waiting()),
        }
    }

    /// Time went by.
    pub fn handle_timeout(&mut self, now: Instant) -> Option<Event<'static>> {
        if self.poll_timeout().is_none_or(|due| now < due) {
            return None;
        }
        if matches!(self.state, State::Sta2 | State::Sta13) {
            // AA-2
            self.state = State::Sta1;
            return None;
        }
        self.send_abort(now, AbortReason::NotSpecified);
        Some(Event::Aborted(Abort { by: AbortedBy::Timeout, reason: AbortReason::NotSpecified }))
    }

    /// What is to be written now; empty when there is nothing.
    pub fn poll_transmit(&self) -> &[u8] {
        self.outbox.ready()
    }

    /// So many bytes of it were written.
    pub fn handle_transmitted(&mut self, now: Instant, many: usize) {
        if many > 0 {
            self.clock.sent(now);
            self.outbox.sent(many);
        }
    }

    /// Bytes that wait to go out.
    pub fn queued(&self) -> usize {
        self.outbox.queued()
    }

    /// Whether it is over, and the connection is to be closed once nothing waits to go out.
    pub fn is_over(&self) -> bool {
        self.state == State::Sta1
    }

    /// Whether messages may be sent: it is established, and we did not ask for its end.
    pub fn is_established(&self) -> bool {
        self.state.may_send()
    }

    /// Whether nothing is under way: no message is within, none is owed, nothing waits to go out.
    pub fn is_idle(&self) -> bool {
        self.waiting() == Waiting::Anything
    }

    /// What was asked for, once it is known.
    pub fn proposal(&self) -> Option<&Arc<Proposal>> {
        self.proposal.as_ref()
    }

    /// What was agreed, once it was.
    pub fn established(&self) -> Option<&Arc<Established>> {
        self.established.as_ref()
    }

    /// Answers a request (AE-7).
    pub fn accept(&mut self, now: Instant, acceptance: &Acceptance) -> Result<(), Misuse> {
        let (State::Sta3, Some(proposal)) = (self.state, self.proposal.clone()) else {
            return Err(Misuse::State);
        };
        let established = agreement::as_acceptor(&proposal, acceptance)?;
        let mut written = Ok(());
        self.outbox.control(|out| written = associate::write_accept(out, &proposal, acceptance));
        written.map_err(|_| Misuse::Proposal)?;
        self.limits.data = longest_data(acceptance.user.max_pdu);
        self.established = Some(Arc::new(established));
        self.state = State::Sta6;
        self.clock.sent(now);
        Ok(())
    }

    /// Refuses a request (AE-8).
    pub fn reject(&mut self, now: Instant, rejection: Rejection) -> Result<(), Misuse> {
        if self.state != State::Sta3 {
            return Err(Misuse::State);
        }
        self.send_reject(now, rejection);
        Ok(())
    }

    /// Asks for the end (AR-1). Data sets of ours are whole, and all that we asked for is answered, or nobody will.
    pub fn release(&mut self, now: Instant) -> Result<(), Misuse> {
        if self.state != State::Sta6 || self.sending.is_some() {
            return Err(Misuse::State);
        }
        self.outbox.control(|out| out.extend_from_slice(&pdu::RELEASE_REQUEST));
        self.state = State::Sta7;
        self.clock.sent(now);
        Ok(())
    }

    /// Agrees to the end that the peer asked for (AR-4, AR-9).
    pub fn answer_release(&mut self, now: Instant) -> Result<(), Misuse> {
        let next = match self.state {
            State::Sta8 | State::Sta12 => State::Sta13,
            State::Sta9 => State::Sta11,
            _ => return Err(Misuse::State),
        };
        self.outbox.control(|out| out.extend_from_slice(&pdu::RELEASE_RESPONSE));
        self.state = next;
        self.clock.sent(now);
        if next == State::Sta13 {
            self.clock.start_artim(now);
        }
        Ok(())
    }

    /// Ends it at once (AA-1).
    pub fn abort(&mut self, now: Instant) {
        if !matches!(self.state, State::Sta1 | State::Sta13) {
            self.send_abort(now, AbortReason::User);
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
            Taking::AbortByProvider => self.violated(now, AbortReason::UnexpectedPdu),
        }
    }

    /// A PDU of control is whole, of a kind that the state takes.
    fn control<'a>(&mut self, now: Instant, kind: Kind, body: &[u8]) -> Option<Event<'a>> {
        match (kind, body) {
            (Kind::AssociateRequest, body) => self.on_request(now, body),
            (Kind::AssociateAccept, body) => self.on_accept(now, body),
            (Kind::AssociateReject, &[a, b, c, d]) => {
                // AE-4
                self.state = State::Sta1;
                Some(Event::Rejected(pdu::read_reject([a, b, c, d])))
            }
            (Kind::ReleaseRequest, _) => self.on_release_request(now),
            (Kind::ReleaseResponse, _) => self.on_release_response(),
            (Kind::Abort, &[a, b, c, d]) => {
                // AA-2, AA-3
                let before = std::mem::replace(&mut self.state, State::Sta1);
                let abort = Abort { by: AbortedBy::Peer, reason: pdu::read_abort([a, b, c, d]) };
                (before != State::Sta2).then_some(Event::Aborted(abort))
            }
            _ => self.violated(now, AbortReason::InvalidParameter),
        }
    }

    /// AE-6
    fn on_request<'a>(&mut self, now: Instant, body: &[u8]) -> Option<Event<'a>> {
        self.clock.stop_artim();
        match associate::read_request(body) {
            Ok(proposal) => {
                let proposal = Arc::new(proposal);
                self.proposal = Some(Arc::clone(&proposal));
                self.state = State::Sta3;
                Some(Event::Requested(proposal))
            }
            Err(Unfit::Refused(rejection)) => {
                self.send_reject(now, rejection);
                Some(Event::Rejected(rejection))
            }
            Err(Unfit::Invalid) => self.violated(now, AbortReason::InvalidParameter),
        }
    }

    /// AE-3
    fn on_accept<'a>(&mut self, now: Instant, body: &[u8]) -> Option<Event<'a>> {
        let read = self.proposal.as_deref().zip(associate::read_accept(body).ok());
        let Some((proposal, acceptance)) = read else {
            return self.violated(now, AbortReason::InvalidParameter);
        };
        let established = Arc::new(agreement::as_requestor(proposal, &acceptance));
        self.established = Some(Arc::clone(&established));
        self.state = State::Sta6;
        Some(Event::Accepted(established))
    }

    /// AR-2, AR-8
    fn on_release_request<'a>(&mut self, now: Instant) -> Option<Event<'a>> {
        if self.inbound.is_within() {
            return self.violated(now, AbortReason::UnexpectedPdu);
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
    fn on_release_response<'a>(&mut self) -> Option<Event<'a>> {
        if self.state == State::Sta10 {
            self.state = State::Sta12;
            return Some(Event::ReleaseRequested);
        }
        self.state = State::Sta1;
        Some(Event::Released)
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
            return self.violated(now, AbortReason::InvalidParameter);
        }
        if !command {
            return match self.inbound.data(context, last, bytes) {
                Ok(event) => event,
                Err(reason) => self.violated(now, reason),
            };
        }
        match self.inbound.command(context, last, bytes) {
            Ok(None) => None,
            Ok(Some((command, has_data))) => self.message(now, context, command, has_data),
            Err(reason) => self.violated(now, reason),
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
                self.owed += u32::from(operation != crate::Operation::Cancel);
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
                    return self.violated(now, AbortReason::UnexpectedParameter);
                }
                self.asked -= u32::from(!response.status.is_pending());
                Some(Event::Response { context, response, has_data })
            }
        }
    }

    /// What follows in the stream cannot be told any more.
    fn broken<'a>(&mut self, now: Instant, reason: AbortReason) -> Option<Event<'a>> {
        if self.state == State::Sta2 {
            // AA-1: there is no association that could be told as aborted. The reason may help whoever looks at the line.
            self.send_abort(now, reason);
            return None;
        }
        self.violated(now, reason)
    }

    /// AA-8
    fn violated<'a>(&mut self, now: Instant, reason: AbortReason) -> Option<Event<'a>> {
        self.send_abort(now, reason);
        Some(Event::Aborted(Abort { by: AbortedBy::Protocol, reason }))
    }

    fn send_abort(&mut self, now: Instant, reason: AbortReason) {
        self.outbox.control(|out| out.extend_from_slice(&pdu::abort(reason)));
        self.await_close(now);
    }

    fn send_reject(&mut self, now: Instant, rejection: Rejection) {
        self.outbox.control(|out| out.extend_from_slice(&pdu::reject(rejection)));
        self.await_close(now);
    }

    fn await_close(&mut self, now: Instant) {
        self.inbound = Inbound::default();
        self.sending = None;
        self.state = State::Sta13;
        self.clock.start_artim(now);
    }

    fn waiting(&self) -> Waiting {
        match self.state {
            State::Sta5 | State::Sta7 | State::Sta10 | State::Sta11 => Waiting::Protocol,
            State::Sta6 | State::Sta8 if !self.outbox.ready().is_empty() => Waiting::Taking,
            State::Sta6 if self.cutter.is_within() || self.inbound.is_within() => Waiting::Rest,
            State::Sta6 if self.asked > 0 => Waiting::Answer,
            State::Sta6 if self.owed == 0 => Waiting::Anything,
            _ => Waiting::Nothing,
        }
    }
}

/// The longest P-DATA-TF of a peer that was told so.
fn longest_data(announced: u32) -> u32 {
    if announced == 0 { u32::MAX } else { announced }
}
