//! Who is let in, with how many others, and to what.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use bianque_dimse::{
    Acceptance, AeTitle, ContextRefusal, Negotiation, Proposal, RejectReason, Rejection, sop_class,
};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::archive::{NotAdmitted, Rights};

type Peer = (IpAddr, AeTitle);

/// Places for associations: in all, and of each peer.
#[derive(Clone)]
pub(crate) struct Places {
    all: Arc<Semaphore>,
    of_a_peer: usize,
    taken: Arc<Mutex<HashMap<Peer, usize>>>,
}

/// A place. Dropping it gives it back.
pub(crate) struct Place {
    taken: Arc<Mutex<HashMap<Peer, usize>>>,
    peer: Peer,
    _permit: OwnedSemaphorePermit,
}

impl Places {
    pub(crate) fn new(all: Arc<Semaphore>, of_a_peer: usize) -> Self {
        Self { all, of_a_peer, taken: Arc::default() }
    }

    /// Takes a place, or says why there is none now.
    pub(crate) fn take(&self, address: IpAddr, title: &AeTitle) -> Result<Place, Rejection> {
        let later = |reason| Rejection { transient: true, reason };
        let permit =
            Arc::clone(&self.all).try_acquire_owned().map_err(|_| later(RejectReason::Congestion))?;
        let peer = (address, title.clone());
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let count = taken.entry(peer.clone()).or_default();
        if *count >= self.of_a_peer {
            return Err(later(RejectReason::LocalLimit));
        }
        *count += 1;
        Ok(Place { taken: Arc::clone(&self.taken), peer, _permit: permit })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = taken.get_mut(&self.peer) {
            *count -= 1;
            if *count == 0 {
                taken.remove(&self.peer);
            }
        }
    }
}

/// Why somebody is not let in, as the protocol says it.
pub(crate) fn rejection(why: NotAdmitted) -> Rejection {
    let (transient, reason) = match why {
        NotAdmitted::Called => (false, RejectReason::CalledTitle),
        NotAdmitted::Calling => (false, RejectReason::CallingTitle),
        NotAdmitted::Line => (false, RejectReason::NoReason),
        NotAdmitted::Unavailable => (true, RejectReason::Congestion),
    };
    Rejection { transient, reason }
}

/// What is answered to a peer that may do so much: contexts of what it may not do are refused.
pub(crate) fn answer(negotiation: &Negotiation, proposal: &Proposal, rights: Rights) -> Acceptance {
    let mut acceptance = negotiation.answer(proposal);
    let of_get = proposal.contexts.iter().any(|it| is_get(&it.abstract_syntax)) && rights.retrieve;
    for (result, proposed) in acceptance.contexts.iter_mut().zip(&proposal.contexts) {
        let class = &proposed.abstract_syntax;
        let may = match class {
            it if *it == sop_class::VERIFICATION => true,
            it if FIND.contains(it) => rights.query,
            it if *it == sop_class::WORKLIST_FIND => rights.worklist,
            it if MOVE.contains(it) || is_get(it) => rights.retrieve,
            // Objects also go out over contexts of storage, where somebody gets them over its own association.
            _ => rights.store || of_get,
        };
        if !may && result.outcome.is_ok() {
            result.outcome = Err(ContextRefusal::User);
        }
    }
    acceptance
}

const FIND: [bianque_dimse::Uid; 2] = [sop_class::PATIENT_ROOT_FIND, sop_class::STUDY_ROOT_FIND];
const MOVE: [bianque_dimse::Uid; 2] = [sop_class::PATIENT_ROOT_MOVE, sop_class::STUDY_ROOT_MOVE];

fn is_get(class: &bianque_dimse::Uid) -> bool {
    *class == sop_class::PATIENT_ROOT_GET || *class == sop_class::STUDY_ROOT_GET
}
