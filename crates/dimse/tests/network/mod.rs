//! Two associations and the network between them: a virtual clock, and bytes that arrive in pieces of any size.
#![allow(dead_code, reason = "each story uses what it needs")]

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bianque_dimse::services::{Asked, Asking, Told};
use bianque_dimse::*;

pub(crate) const CT: Uid = Uid::known("1.2.840.10008.5.1.4.1.1.2");
pub(crate) const EXPLICIT: Uid = transfer_syntax::EXPLICIT_LITTLE_ENDIAN;
pub(crate) const IMPLICIT: Uid = transfer_syntax::IMPLICIT_LITTLE_ENDIAN;

/// An event that outlives its bytes. Pieces of a data set are joined.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Heard {
    Requested(Arc<Proposal>),
    Accepted(Arc<Established>),
    Rejected(Rejection),
    Request(ContextId, Request, bool),
    Unreadable(Response, bool),
    Response(ContextId, Response, bool),
    Data(Vec<u8>, bool),
    ReleaseRequested,
    Released,
    Aborted(Abort),
}

impl From<Event<'_>> for Heard {
    fn from(event: Event<'_>) -> Self {
        match event {
            Event::Requested(it) => Self::Requested(it),
            Event::Accepted(it) => Self::Accepted(it),
            Event::Rejected(it) => Self::Rejected(it),
            Event::Request { context, request, has_data } => Self::Request(context, request, has_data),
            Event::Unreadable { response, has_data, .. } => Self::Unreadable(response, has_data),
            Event::Response { context, response, has_data } => Self::Response(context, response, has_data),
            Event::Data { bytes, last, .. } => Self::Data(bytes.to_vec(), last),
            Event::ReleaseRequested => Self::ReleaseRequested,
            Event::Released => Self::Released,
            Event::Aborted(it) => Self::Aborted(it),
        }
    }
}

/// One end.
#[derive(Debug)]
pub(crate) struct End {
    pub(crate) association: Association,
    pub(crate) heard: Vec<Heard>,
    /// All that it wrote.
    pub(crate) wrote: Vec<u8>,
    /// On its way to it.
    coming: VecDeque<u8>,
    closed: bool,
}

impl End {
    pub(crate) fn new(association: Association) -> Self {
        Self { association, heard: Vec::new(), wrote: Vec::new(), coming: VecDeque::new(), closed: false }
    }

    /// What was heard since it was last asked.
    pub(crate) fn take(&mut self) -> Vec<Heard> {
        std::mem::take(&mut self.heard)
    }

    /// Takes bytes as a shell would.
    pub(crate) fn feed(&mut self, now: Instant, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            let (taken, event) = self.association.handle_bytes(now, bytes);
            bytes = &bytes[taken..];
            match event {
                Some(event) => {
                    let heard = Heard::from(event);
                    self.push(heard);
                }
                None => assert!(bytes.is_empty(), "it stopped taking bytes"),
            }
        }
    }

    pub(crate) fn push(&mut self, heard: Heard) {
        match (self.heard.last_mut(), heard) {
            (Some(Heard::Data(before, whole @ false)), Heard::Data(more, last)) => {
                before.extend_from_slice(&more);
                *whole = last;
            }
            (_, heard) => self.heard.push(heard),
        }
    }
}

/// Both ends: who asks, and who is asked.
pub(crate) struct Pair {
    pub(crate) now: Instant,
    pub(crate) asker: End,
    pub(crate) asked: End,
    /// How many bytes arrive together.
    pub(crate) cut: usize,
}

impl Pair {
    pub(crate) fn new(proposal: Proposal) -> Self {
        let now = Instant::now();
        Self {
            now,
            asker: End::new(Association::requestor(now, proposal, Settings::default()).unwrap()),
            asked: End::new(Association::acceptor(now, Settings::default())),
            cut: usize::MAX,
        }
    }

    /// Established by the policy of an archive.
    pub(crate) fn established(proposal: Proposal) -> Self {
        let mut pair = Self::new(proposal);
        pair.run();
        let acceptance =
            Negotiation::archive().and_workflow().answer(pair.asked.association.proposal().unwrap());
        pair.asked.association.accept(pair.now, &acceptance).unwrap();
        pair.run();
        assert!(matches!(pair.asker.take()[..], [Heard::Accepted(_)]));
        pair.asked.take();
        pair
    }

    /// Lets bytes flow until nothing moves.
    pub(crate) fn run(&mut self) {
        loop {
            let moved = carry(self.now, self.cut, &mut self.asker, &mut self.asked);
            if !(carry(self.now, self.cut, &mut self.asked, &mut self.asker) || moved) {
                return;
            }
        }
    }

    /// Lets time go by, and what comes of it happen.
    pub(crate) fn elapse(&mut self, time: Duration) {
        self.now += time;
        for end in [&mut self.asker, &mut self.asked] {
            if let Some(event) = end.association.handle_timeout(self.now) {
                end.heard.push(Heard::from(event));
            }
        }
        self.run();
    }

    /// The connection breaks.
    pub(crate) fn breaks(&mut self) {
        for end in [&mut self.asker, &mut self.asked] {
            if let Some(event) = end.association.handle_closed() {
                end.heard.push(Heard::from(event));
            }
        }
    }
}

/// Carries what one end wrote to the other, and its closing.
fn carry(now: Instant, cut: usize, from: &mut End, to: &mut End) -> bool {
    let ready = from.association.poll_transmit();
    let ready = &ready[..ready.len().min(cut)];
    let many = ready.len();
    from.wrote.extend_from_slice(ready);
    to.coming.extend(ready);
    from.association.handle_transmitted(now, many);
    let mut taken = 0;
    if !to.coming.is_empty() {
        let piece: Vec<u8> = to.coming.iter().copied().take(cut).collect();
        let (some, event) = to.association.handle_bytes(now, &piece);
        taken = some;
        to.coming.drain(..some);
        if let Some(event) = event {
            let heard = Heard::from(event);
            to.push(heard);
            taken += 1;
        }
    }
    let closes = from.association.is_over() && from.association.poll_transmit().is_empty();
    if closes && to.coming.is_empty() && !to.closed {
        to.closed = true;
        if let Some(event) = to.association.handle_closed() {
            to.heard.push(Heard::from(event));
        }
        return true;
    }
    many + taken > 0
}

pub(crate) fn context(id: ContextId, class: Uid, syntaxes: &[Uid]) -> ProposedContext {
    ProposedContext { id, abstract_syntax: class, transfer_syntaxes: syntaxes.to_vec() }
}

/// A CT that stores, asks and checks.
pub(crate) fn proposal(max_pdu: u32) -> Proposal {
    Proposal {
        calling: "CT1".parse().unwrap(),
        called: "BIANQUE".parse().unwrap(),
        contexts: vec![
            context(1, sop_class::VERIFICATION, &[IMPLICIT]),
            context(3, CT, &[EXPLICIT, IMPLICIT]),
            context(5, sop_class::STUDY_ROOT_FIND, &[IMPLICIT]),
            context(7, Uid::known("1.2.840.10008.5.1.1.9"), &[IMPLICIT]),
        ],
        user: UserInformation::new(max_pdu, Implementation::ours()),
    }
}

pub(crate) fn store(message_id: u16) -> Request {
    Request::Store {
        message_id,
        sop_class: CT,
        sop_instance: "1.2.3.4".parse().unwrap(),
        priority: Priority::Medium,
        originator: None,
    }
}

pub(crate) fn echo(message_id: u16) -> Request {
    Request::Echo { message_id, sop_class: sop_class::VERIFICATION }
}

/// A modality and workstation that proposes all, and provides storage for what it gets.
pub(crate) fn everything() -> Proposal {
    let syntaxes = &[EXPLICIT, IMPLICIT];
    let classes = [
        sop_class::VERIFICATION,
        CT,
        sop_class::STUDY_ROOT_FIND,
        sop_class::STUDY_ROOT_MOVE,
        sop_class::STUDY_ROOT_GET,
        sop_class::WORKLIST_FIND,
        sop_class::PERFORMED_STEP,
        sop_class::STORAGE_COMMITMENT,
    ];
    let contexts = classes.into_iter().zip((1..).step_by(2)).map(|(class, id)| context(id, class, syntaxes));
    let mut user = UserInformation::new(4096, Implementation::ours());
    user.roles = vec![RoleSelection { sop_class: CT, scu: true, scp: true }];
    Proposal {
        calling: "WS1".parse().unwrap(),
        called: "BIANQUE".parse().unwrap(),
        contexts: contexts.collect(),
        user,
    }
}

pub(crate) const FIND: ContextId = 5;
pub(crate) const MOVE: ContextId = 7;
pub(crate) const GET: ContextId = 9;
pub(crate) const STEP: ContextId = 13;

pub(crate) fn uid(text: &str) -> Uid {
    text.parse().unwrap()
}

/// The request that was just heard, with its data set.
pub(crate) fn asked(end: &mut End, most: usize) -> Asked {
    let mut heard = end.take().into_iter();
    let Some(Heard::Request(context, request, has_data)) = heard.next() else { panic!() };
    let mut asked = Asked::new(&end.association, context, request, has_data, most);
    if let Some(Heard::Data(bytes, last)) = heard.next() {
        asked.handle_data(&bytes, last);
    }
    asked
}

/// What a response of ours was told, from all that was heard.
pub(crate) fn told(end: &mut End, asking: &mut Asking) -> Vec<Told> {
    let mut all = Vec::new();
    for heard in end.take() {
        match heard {
            Heard::Response(_, response, has_data) => {
                all.extend(asking.handle_response(response, has_data).unwrap());
            }
            Heard::Data(bytes, last) => all.extend(asking.handle_data(&bytes, last)),
            other => panic!("{other:?}"),
        }
    }
    all
}
