//! Sending objects to another application, over an association that we open.

use std::iter::Peekable;
use std::time::Instant;

use bianque_dimse::services::store::{Object, Sending, Stored, context_for};
use bianque_dimse::{
    AeTitle, Association, Event, Implementation, MAX_PDU, MoveOriginator, Priority, Proposal,
    ProposedContext, Settings, Status, Timeouts, Uid, UserInformation,
};

use crate::archive::{Archive, Destination, Outgoing, Reading, Refusal};
use crate::blocking::blocking;
use crate::connection::{Connection, End};

/// Most contexts of an association.
const MOST_CONTEXTS: usize = 128;

/// An association to a destination.
pub(crate) struct Sender<S> {
    connection: Connection<S>,
    message_id: u16,
}

/// An object as an association knows it, in each encoding that it can be given in, as it is kept first; none when it has no
/// UIDs.
pub(crate) fn encodings(outgoing: &impl Outgoing) -> Option<Vec<Object>> {
    let (sop_class, sop_instance) = (outgoing.class().parse().ok()?, outgoing.instance().parse().ok()?);
    let object = |syntax: &String| {
        let transfer_syntax: Uid = syntax.parse().ok()?;
        Some(Object {
            sop_class: Uid::clone(&sop_class),
            sop_instance: Uid::clone(&sop_instance),
            transfer_syntax,
        })
    };
    let all: Vec<_> = outgoing.syntaxes().iter().filter_map(object).collect();
    (!all.is_empty()).then_some(all)
}

/// The object in the first encoding that the other side takes it in; as it is kept where there is none.
pub(crate) fn chosen(association: &Association, outgoing: &impl Outgoing) -> Result<Object, End> {
    let mut all = encodings(outgoing).ok_or(End::Fault("an object without a UID"))?;
    let fits =
        |object: &Object| association.established().is_some_and(|it| context_for(it, object).is_some());
    let at = all.iter().position(fits).unwrap_or(0);
    Ok(all.swap_remove(at))
}

/// Takes objects as long as one association has contexts for them, and what to propose: a context for each class and
/// encoding, so that none of them has to be chosen against another.
pub(crate) fn proposals<A: Archive>(
    calling: AeTitle,
    called: &str,
    objects: &mut Peekable<std::vec::IntoIter<A::Outgoing>>,
) -> Result<(Proposal, Vec<A::Outgoing>), End> {
    let called = called.parse().map_err(|_| End::Fault("a destination without a title"))?;
    let (mut pairs, mut together) = (Vec::<(Uid, Uid)>::new(), Vec::new());
    while let Some(outgoing) = objects.peek() {
        let all = encodings(outgoing).ok_or(End::Fault("an object without a UID"))?;
        let new: Vec<_> = all
            .into_iter()
            .map(|object| (object.sop_class, object.transfer_syntax))
            .filter(|pair| !pairs.contains(pair))
            .collect();
        if pairs.len() + new.len() > MOST_CONTEXTS {
            break;
        }
        pairs.extend(new);
        together.extend(objects.next());
    }
    let contexts = pairs.into_iter().zip((1..=u8::MAX).step_by(2));
    let contexts = contexts.map(|((abstract_syntax, transfer_syntax), id)| ProposedContext {
        id,
        abstract_syntax,
        transfer_syntaxes: vec![transfer_syntax],
    });
    let user = UserInformation::new(MAX_PDU, Implementation::ours());
    Ok((Proposal { calling, called, contexts: contexts.collect(), user }, together))
}

impl<S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin> Sender<S> {
    /// Opens one; else why there is none, for people.
    pub(crate) async fn open<A: Archive<Stream = S>>(
        archive: &A,
        destination: &Destination,
        proposal: Proposal,
        timeouts: Timeouts,
    ) -> Result<Self, String> {
        let stream = archive.connect(destination).await?;
        let association = Association::requestor(Instant::now(), proposal, Settings { timeouts });
        let association = association.map_err(|error| error.to_string())?;
        let mut connection = Connection::new(association, stream);
        loop {
            match connection.take() {
                Some(Event::Accepted(_)) => return Ok(Self { connection, message_id: 0 }),
                Some(Event::Rejected(rejection)) => {
                    return Err(format!("it refused: {rejection}"));
                }
                Some(Event::Aborted(abort)) => return Err(abort.to_string()),
                Some(_) => return Err("it said something else than an answer".to_owned()),
                None => connection.fill().await.map_err(|end| end.to_string())?,
            }
        }
    }

    /// Sends an object, and hears what becomes of it. After an error nothing more goes over the association.
    pub(crate) async fn send<A: Archive>(
        &mut self,
        archive: &A,
        peer: &A::Peer,
        outgoing: &A::Outgoing,
        originator: &MoveOriginator,
    ) -> Result<Stored, End> {
        let object = chosen(&self.connection.association, outgoing)?;
        let accepted = self.connection.association.established().and_then(|it| context_for(it, &object));
        if accepted.is_none() {
            return Ok(Stored::Failed(Status::CLASS_NOT_SUPPORTED, None));
        }
        let opened = blocking(|| {
            let mut reading = outgoing.open(archive, peer, object.transfer_syntax.as_str())?;
            Ok::<_, Refusal>((reading.next_chunk()?.unwrap_or_default(), reading))
        });
        let (mut piece, mut reading) = match opened {
            Ok(opened) => opened,
            Err(refusal) => return Ok(Stored::Failed(refusal.status, Some(refusal.comment))),
        };
        self.message_id = self.message_id.wrapping_add(1);
        let (id, originator) = (self.message_id, Some(originator.clone()));
        let association = &mut self.connection.association;
        let mut sending = Sending::begin(association, &object, id, Priority::Medium, originator)?;
        let mut early = None;
        loop {
            let next = blocking(|| reading.next_chunk());
            let next = next.map_err(|_| End::Fault("an object that cannot be read to its end"))?;
            let mut taken = 0;
            loop {
                let association = &mut self.connection.association;
                taken += sending.send(association, &piece[taken..], next.is_none())?;
                if taken == piece.len() {
                    break;
                }
                self.connection.fill().await?;
                early = self.answer(&sending)?.or(early);
            }
            match next {
                Some(next) => piece = next,
                None => break,
            }
        }
        loop {
            if let Some(stored) = early {
                return Ok(stored);
            }
            self.connection.fill().await?;
            early = self.answer(&sending)?;
        }
    }

    /// Releases it, and closes.
    pub(crate) async fn close(mut self) {
        if self.connection.association.release(Instant::now()).is_err() {
            return self.connection.abort().await;
        }
        loop {
            match self.connection.take() {
                Some(Event::ReleaseRequested) => {
                    let _ = self.connection.association.answer_release(Instant::now());
                }
                Some(Event::Released) => return self.connection.finish().await,
                Some(_) => return self.connection.abort().await,
                None => {
                    if self.connection.fill().await.is_err() {
                        return;
                    }
                }
            }
        }
    }

    /// What the other side said of an object, if it did.
    fn answer(&mut self, sending: &Sending) -> Result<Option<Stored>, End> {
        match self.connection.take() {
            None => Ok(None),
            Some(Event::Response { response, has_data: false, .. }) => {
                sending.handle_response(&response).map(Some).ok_or(End::OutOfPlace("an object that goes"))
            }
            Some(Event::Aborted(abort)) => Err(End::Aborted(abort)),
            Some(_) => Err(End::OutOfPlace("an object that goes")),
        }
    }
}
