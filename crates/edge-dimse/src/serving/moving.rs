//! C-MOVE (PS3.4 annex C.4.2): objects go out over an association that we open to a third application.

use bianque_dimse::services::retrieve::Retrieval;
use bianque_dimse::services::store::Stored;
use bianque_dimse::{ContextId, Request, Status, Uid};
use tokio::io::{AsyncRead, AsyncWrite};

use super::{Serving, identifier};
use crate::archive::{Archive, Destination, Outgoing, Refusal};
use crate::connection::End;
use crate::sending::{Sender, proposals};

impl<A: Archive, S: AsyncRead + AsyncWrite + Unpin + Send> Serving<'_, A, S> {
    /// Sends objects one by one, and tells how far it is.
    pub(super) async fn move_objects(
        &mut self,
        context: ContextId,
        request: Request,
        has_data: bool,
    ) -> Result<(), End> {
        let mut retrieval = Retrieval::new(&self.connection.association, context, request, has_data);
        self.gather(retrieval.asked()).await?;
        let (destination, objects) = match self.what_where(&mut retrieval).await {
            Ok(found) => found,
            Err(Refusal { status, comment }) => {
                return Ok(retrieval.fail(&mut self.connection.association, status, &comment)?);
            }
        };
        retrieval.begin(objects.len() as u64);
        let mut rest = objects.into_iter().peekable();
        while rest.peek().is_some() && !retrieval.asked().is_cancelled() {
            let (proposal, together) = proposals::<A>(self.title()?, &destination.title, &mut rest)?;
            self.move_together(&mut retrieval, &destination, proposal, together).await?;
        }
        self.make_ready(retrieval.asked()).await?;
        retrieval.finish(&mut self.connection.association)?;
        self.see_off(retrieval.asked()).await
    }

    /// Sends objects over one association.
    async fn move_together(
        &mut self,
        retrieval: &mut Retrieval,
        destination: &Destination,
        proposal: bianque_dimse::Proposal,
        objects: Vec<A::Outgoing>,
    ) -> Result<(), End> {
        let guest = self.guest()?;
        let (archive, peer) = (self.shared.archive.clone(), guest.peer.clone());
        let originator = retrieval.originator(&guest.title);
        let timeouts = self.shared.limits.timeouts;
        let mut sender = Sender::open(&archive, destination, proposal, timeouts).await;
        if let Err(why) = &sender {
            tracing::warn!(destination = destination.title, why, "a destination of DICOM cannot be reached");
        }
        for outgoing in &objects {
            self.hear(retrieval.asked()).await?;
            if retrieval.asked().is_cancelled() {
                break;
            }
            let stored = match &mut sender {
                Ok(open) => open.send(&archive, &peer, outgoing, &originator).await,
                Err(why) => Ok(Stored::Failed(Status::CANNOT_PERFORM_SUB_OPERATIONS, Some(why.clone()))),
            };
            let stored = stored.unwrap_or_else(|end| {
                // What was on its way is lost with its association, and nothing more goes over it.
                sender = Err(end.to_string());
                Stored::Failed(Status::CANNOT_PERFORM_SUB_OPERATIONS, None)
            });
            let instance: Uid =
                outgoing.instance().parse().map_err(|_| End::Fault("an object without a UID"))?;
            retrieval.done(&mut self.connection.association, &instance, &stored)?;
        }
        if let Ok(sender) = sender {
            sender.close().await;
        }
        Ok(())
    }

    async fn what_where(
        &mut self,
        retrieval: &mut Retrieval,
    ) -> Result<(Destination, Vec<A::Outgoing>), Refusal> {
        let identifier = identifier(retrieval.asked())?;
        let peer = self.guest().map_err(|_| nobody())?.peer.clone();
        let title = retrieval.destination().map(ToString::to_string).ok_or_else(nobody)?;
        let destination = self.shared.archive.destination(&peer, &title).await?;
        let objects = self.shared.archive.retrieve(&peer, identifier).await?;
        Ok((destination, objects))
    }

    /// Our own title: the one that was called.
    fn title(&self) -> Result<bianque_dimse::AeTitle, End> {
        let proposal = self.connection.association.proposal();
        Ok(proposal.ok_or(End::Fault("nobody was let in"))?.called.clone())
    }
}

fn nobody() -> Refusal {
    Refusal { status: Status::MOVE_DESTINATION_UNKNOWN, comment: "no destination".to_owned() }
}
