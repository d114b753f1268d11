//! The association: the state machine of PS3.8 section 9.2, and the messages over it.

mod agreement;
mod clock;
mod event;
mod inbound;
mod outbox;
mod receiving;
mod sending;
mod state;

use std::sync::Arc;
use std::time::Instant;

pub use clock::Timeouts;
pub use event::{Abort, AbortedBy, Context, Established, Event, Misuse};

use clock::{Clock, Waiting};
use inbound::Inbound;
use outbox::Outbox;
use state::State;

use crate::pdu::{self, Cutter, Limits, associate};
use crate::{AbortReason, Acceptance, ContextId, MAX_PDU, Proposal, Rejection};

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
    /// What still comes cannot be told any more.
    is_deaf: bool,
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
            is_deaf: false,
        }
    }

    /// Takes bytes that came; how many, and what they came to. To be called again with the rest until it takes all
    /// of them and tells nothing. It takes nothing while too much waits to go out.
    pub fn handle_bytes<'a>(&mut self, now: Instant, input: &'a [u8]) -> (usize, Option<Event<'a>>) {
        let mut taken = 0;
        while taken < input.len() {
            if self.state == State::Sta1 || self.is_deaf {
                return (input.len(), None);
            }
            if self.outbox.is_high() && self.state != State::Sta13 {
                return (taken, None);
            }
            self.clock.heard(now);
            let (more, cut) = self.cutter.cut(&input[taken..], self.limits);
            taken += more;
            let event = cut.and_then(|cut| self.on_cut(now, cut));
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
