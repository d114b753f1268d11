//! Retrieve (PS3.4 annex C.4.2 and C.4.3): C-MOVE sends to a third application over another association, C-GET over the
//! same one. Both count what became of each object, and say in the end which failed.

use super::find::LONGEST_IDENTIFIER;
use super::store::{Object, Sending, Stored, context_for};
use super::{Asked, Asking};
use crate::{
    AeTitle, Association, ContextId, Misuse, MoveOriginator, Priority, Request, Response, Status,
    SubOperations, Uid, transfer_syntax,
};

/// Most bytes of a list of UIDs: what an explicit VR of two bytes of length can say.
const LONGEST_LIST: usize = 0xFFFE;

/// A C-MOVE or C-GET of the peer.
#[derive(Debug)]
pub struct Retrieval {
    asked: Asked,
    remaining: u64,
    completed: u64,
    warning: u64,
    failed: u64,
    failed_instances: Vec<Uid>,
    storing: Option<Storing>,
    next_message_id: u16,
}

/// A C-STORE over the same association.
#[derive(Debug)]
struct Storing {
    sending: Sending,
    instance: Uid,
    /// The peer's answer, where it came before all of the object went.
    early: Option<Stored>,
}

impl Retrieval {
    /// Begins with a C-MOVE or C-GET.
    pub fn new(association: &Association, context: ContextId, request: Request, has_data: bool) -> Self {
        // Ids of our own requests need not differ from the peer's, and are told apart more easily when they do.
        let next_message_id = request.message_id().wrapping_add(1);
        Self {
            asked: Asked::new(association, context, request, has_data, LONGEST_IDENTIFIER),
            remaining: 0,
            completed: 0,
            warning: 0,
            failed: 0,
            failed_instances: Vec::new(),
            storing: None,
            next_message_id,
        }
    }

    /// The request, its identifier, its cancelling.
    pub fn asked(&mut self) -> &mut Asked {
        &mut self.asked
    }

    /// Where a C-MOVE wants it to go; none of a C-GET.
    pub fn destination(&self) -> Option<&AeTitle> {
        match self.asked.request() {
            Request::Move { destination, .. } => Some(destination),
            _ => None,
        }
    }

    /// What each C-STORE of a C-MOVE says of where it comes from.
    pub fn originator(&self, calling: &AeTitle) -> MoveOriginator {
        MoveOriginator { title: calling.clone(), message_id: self.asked.request().message_id() }
    }

    /// How many objects there are.
    pub fn begin(&mut self, objects: u64) {
        self.remaining = objects;
    }

    /// What became of one of them. Tells the peer how far it is, unless it does not read what it was told before.
    pub fn done(
        &mut self,
        association: &mut Association,
        instance: &Uid,
        stored: &Stored,
    ) -> Result<(), Misuse> {
        self.remaining = self.remaining.saturating_sub(1);
        match stored {
            Stored::Completed => self.completed += 1,
            Stored::Warning(_) => self.warning += 1,
            Stored::Failed(..) => {
                self.failed += 1;
                self.failed_instances.push(instance.clone());
            }
        }
        if !self.asked.is_ready(association) || self.remaining == 0 {
            return Ok(());
        }
        let mut response = self.asked.response(Status::PENDING);
        response.sub_operations = Some(self.counts(true));
        self.asked.respond(association, &response, None)
    }

    /// Of a C-GET: begins to send an object over the same association. It fails, and is counted as failed, when the peer has not
    /// said that it takes objects of this class so encoded.
    pub fn store(&mut self, association: &mut Association, object: &Object) -> Result<bool, Misuse> {
        let established = association.established().ok_or(Misuse::State)?;
        if context_for(established, object).is_none() {
            let why = Stored::Failed(Status::CLASS_NOT_SUPPORTED, None);
            self.done(association, &object.sop_instance, &why)?;
            return Ok(false);
        }
        let id = self.next_message_id;
        let sending = Sending::begin(association, object, id, self.priority(), None)?;
        self.next_message_id = id.wrapping_add(1);
        self.storing = Some(Storing { sending, instance: object.sop_instance.clone(), early: None });
        Ok(true)
    }

    /// Of a C-GET: queues bytes of the object, as many as there is room for, and says how many. All of it has to go, even
    /// when the peer has said already that it does not want it.
    pub fn send(&mut self, association: &mut Association, piece: &[u8], last: bool) -> Result<usize, Misuse> {
        let storing = self.storing.as_mut().ok_or(Misuse::Data)?;
        let taken = storing.sending.send(association, piece, last)?;
        if storing.sending.is_queued() && storing.early.is_some() {
            self.stored(association)?;
        }
        Ok(taken)
    }

    /// Of a C-GET: takes the peer's answer to an object, and counts it; whether it was one.
    pub fn handle_response(
        &mut self,
        association: &mut Association,
        response: &Response,
    ) -> Result<bool, Misuse> {
        let Some(storing) = &mut self.storing else { return Ok(false) };
        let Some(stored) = storing.sending.handle_response(response) else { return Ok(false) };
        storing.early = Some(stored);
        if storing.sending.is_queued() {
            self.stored(association)?;
        }
        Ok(true)
    }

    /// Whether an object is on its way over the same association.
    pub fn is_storing(&self) -> bool {
        self.storing.is_some()
    }

    /// Sends the end, with the counts and the list of what failed. What remains when the peer cancelled is told as such.
    pub fn finish(&mut self, association: &mut Association) -> Result<(), Misuse> {
        let cancelled = self.asked.is_cancelled() && self.remaining > 0;
        if !cancelled {
            self.failed += std::mem::take(&mut self.remaining);
        }
        let done = self.completed + self.warning;
        let status = match (cancelled, self.failed, done) {
            (true, ..) => Status::CANCEL,
            (false, 0, _) if self.warning == 0 => Status::SUCCESS,
            (false, 1.., 0) => Status::CANNOT_PERFORM_SUB_OPERATIONS,
            _ => Status::SUB_OPERATIONS_FAILED,
        };
        let mut response = self.asked.response(status);
        response.sub_operations = Some(self.counts(cancelled));
        let list = (!self.failed_instances.is_empty())
            .then(|| failed_list(&self.failed_instances, self.asked.transfer_syntax()));
        self.asked.respond(association, &response, list)
    }

    /// Sends that it cannot be done: an identifier that says nothing, a destination that nobody knows.
    pub fn fail(
        &mut self,
        association: &mut Association,
        status: Status,
        comment: &str,
    ) -> Result<(), Misuse> {
        let response = self.asked.response(status).with_comment(comment);
        self.asked.respond(association, &response, None)
    }

    /// How far it is.
    pub fn counts(&self, with_remaining: bool) -> SubOperations {
        let told = |count: u64| u16::try_from(count).unwrap_or(u16::MAX);
        SubOperations {
            remaining: with_remaining.then(|| told(self.remaining)),
            completed: told(self.completed),
            failed: told(self.failed),
            warning: told(self.warning),
        }
    }

    /// All of an object went, and the peer answered.
    fn stored(&mut self, association: &mut Association) -> Result<(), Misuse> {
        match self.storing.take() {
            Some(Storing { instance, early: Some(stored), .. }) => self.done(association, &instance, &stored),
            _ => Err(Misuse::Data),
        }
    }

    fn priority(&self) -> Priority {
        match self.asked.request() {
            Request::Get { priority, .. } | Request::Move { priority, .. } => *priority,
            _ => Priority::Medium,
        }
    }
}

/// Asks for a C-MOVE to that destination.
pub fn ask_move(
    association: &mut Association,
    context: ContextId,
    message_id: u16,
    sop_class: Uid,
    destination: AeTitle,
    identifier: Vec<u8>,
) -> Result<Asking, Misuse> {
    let request = Request::Move { message_id, sop_class, priority: Priority::Medium, destination };
    Asking::begin(association, context, request, Some(identifier), LONGEST_IDENTIFIER)
}

/// Asks for a C-GET. Objects come as C-STORE requests over the same association, each to be taken by
/// [`super::store::Receiving`]; our proposal has to say that we provide storage of their classes.
pub fn ask_get(
    association: &mut Association,
    context: ContextId,
    message_id: u16,
    sop_class: Uid,
    identifier: Vec<u8>,
) -> Result<Asking, Misuse> {
    let request = Request::Get { message_id, sop_class, priority: Priority::Medium };
    Asking::begin(association, context, request, Some(identifier), LONGEST_IDENTIFIER)
}

/// An identifier of one element, Failed SOP Instance UID List (0008,0058). What does not fit is left out; the counts tell of it.
fn failed_list(instances: &[Uid], syntax: &Uid) -> Vec<u8> {
    let mut list = String::new();
    for instance in instances {
        if list.len() + 1 + instance.as_str().len() > LONGEST_LIST {
            break;
        }
        if !list.is_empty() {
            list.push('\\');
        }
        list.push_str(instance.as_str());
    }
    let mut value = list.into_bytes();
    if !value.len().is_multiple_of(2) {
        value.push(0);
    }
    let length = u16::try_from(value.len()).unwrap_or(u16::MAX);
    let mut out = vec![0x08, 0x00, 0x58, 0x00];
    if *syntax == transfer_syntax::IMPLICIT_LITTLE_ENDIAN {
        out.extend_from_slice(&u32::from(length).to_le_bytes());
    } else {
        out.extend_from_slice(b"UI");
        out.extend_from_slice(&length.to_le_bytes());
    }
    out.extend_from_slice(&value);
    out
}
