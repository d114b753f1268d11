//! C-GET (PS3.4 annex C.4.3): objects go out over the association that asks for them.

use bianque_dimse::services::retrieve::Retrieval;
use bianque_dimse::services::store::{Object, Stored};
use bianque_dimse::{ContextId, Event, Request, Status};
use tokio::io::{AsyncRead, AsyncWrite};

use super::{Serving, identifier, out_of_place};
use crate::archive::{Archive, Outgoing, Reading, Refusal};
use crate::blocking::blocking;
use crate::connection::End;
use crate::sending::chosen;

impl<A: Archive, S: AsyncRead + AsyncWrite + Unpin + Send> Serving<'_, A, S> {
    /// Sends objects one by one, each answered before the next goes.
    pub(super) async fn get(
        &mut self,
        context: ContextId,
        request: Request,
        has_data: bool,
    ) -> Result<(), End> {
        let mut retrieval = Retrieval::new(&self.connection.association, context, request, has_data);
        self.gather(retrieval.asked()).await?;
        let objects = match identifier(retrieval.asked()) {
            Ok(identifier) => self.shared.archive.retrieve(&self.guest()?.peer, identifier).await,
            Err(refusal) => Err(refusal),
        };
        let objects = match objects {
            Ok(objects) => objects,
            Err(Refusal { status, comment }) => {
                return Ok(retrieval.fail(&mut self.connection.association, status, &comment)?);
            }
        };
        retrieval.begin(objects.len() as u64);
        for outgoing in objects {
            self.make_ready(retrieval.asked()).await?;
            if retrieval.asked().is_cancelled() {
                break;
            }
            self.get_one(&mut retrieval, &outgoing).await?;
        }
        self.make_ready(retrieval.asked()).await?;
        retrieval.finish(&mut self.connection.association)?;
        self.see_off(retrieval.asked()).await
    }

    async fn get_one(&mut self, retrieval: &mut Retrieval, outgoing: &A::Outgoing) -> Result<(), End> {
        let object = chosen(&self.connection.association, outgoing)?;
        let (archive, peer) = (&self.shared.archive, self.guest()?.peer.clone());
        let mut reading = match blocking(|| outgoing.open(archive, &peer, object.transfer_syntax.as_str())) {
            Ok(reading) => reading,
            Err(refusal) => return self.failed(retrieval, &object, refusal),
        };
        let first = match blocking(|| reading.next_chunk()) {
            Ok(first) => first.unwrap_or_default(),
            Err(refusal) => return self.failed(retrieval, &object, refusal),
        };
        if !retrieval.store(&mut self.connection.association, &object)? {
            return Ok(());
        }
        self.send(retrieval, first, &mut reading).await?;
        while retrieval.is_storing() {
            self.connection.fill().await?;
            self.hear_answers(retrieval)?;
        }
        Ok(())
    }

    /// Sends an object's bytes. One that cannot be read to its end cannot be taken back either: then the association ends.
    async fn send(
        &mut self,
        retrieval: &mut Retrieval,
        mut piece: Vec<u8>,
        reading: &mut impl Reading,
    ) -> Result<(), End> {
        loop {
            let next = blocking(|| reading.next_chunk());
            let next = next.map_err(|_| End::Fault("an object that cannot be read to its end"))?;
            let mut taken = 0;
            loop {
                taken += retrieval.send(&mut self.connection.association, &piece[taken..], next.is_none())?;
                if taken == piece.len() {
                    break;
                }
                self.connection.fill().await?;
                self.hear_answers(retrieval)?;
            }
            match next {
                Some(next) => piece = next,
                None => return Ok(()),
            }
        }
    }

    /// Hears what the peer says of objects, and whether it cancels.
    fn hear_answers(&mut self, retrieval: &mut Retrieval) -> Result<(), End> {
        loop {
            let response = match self.connection.take() {
                None => return Ok(()),
                Some(Event::Response { response, has_data: false, .. }) => response,
                Some(Event::Request { request: Request::Cancel { responded_to }, .. }) => {
                    retrieval.asked().handle_cancel(responded_to);
                    continue;
                }
                Some(event) => return Err(out_of_place(&event, "a C-GET")),
            };
            retrieval.handle_response(&mut self.connection.association, &response)?;
        }
    }

    fn failed(&mut self, retrieval: &mut Retrieval, object: &Object, refusal: Refusal) -> Result<(), End> {
        tracing::warn!(comment = refusal.comment, "an object that cannot be sent");
        let stored = Stored::Failed(Status::CANNOT_PERFORM_SUB_OPERATIONS, Some(refusal.comment));
        Ok(retrieval.done(&mut self.connection.association, &object.sop_instance, &stored)?)
    }
}
