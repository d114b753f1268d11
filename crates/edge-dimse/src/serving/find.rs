//! C-FIND: of the archive (PS3.4 annex C.4.1) and of the worklist (annex K.4.1).

use bianque_dimse::services::find::Query;
use bianque_dimse::{ContextId, Request, sop_class};
use tokio::io::{AsyncRead, AsyncWrite};

use super::{Serving, identifier};
use crate::archive::Archive;
use crate::blocking::blocking;
use crate::connection::End;

impl<A: Archive, S: AsyncRead + AsyncWrite + Unpin + Send> Serving<'_, A, S> {
    /// Tells what matches, as fast as the peer reads it, until it cancels.
    pub(super) async fn find(
        &mut self,
        context: ContextId,
        request: Request,
        has_data: bool,
    ) -> Result<(), End> {
        let is_worklist = request.sop_class() == Some(&sop_class::WORKLIST_FIND);
        let mut query = Query::new(&self.connection.association, context, request, has_data);
        self.gather(query.asked()).await?;
        let found = match identifier(query.asked()) {
            Ok(identifier) if is_worklist => {
                self.shared.archive.worklist(&self.guest()?.peer, identifier).await
            }
            Ok(identifier) => self.shared.archive.find(&self.guest()?.peer, identifier).await,
            Err(refusal) => Err(refusal),
        };
        let mut matches = match found {
            Ok(matches) => matches,
            Err(refusal) => {
                return Ok(query.fail(&mut self.connection.association, refusal.status, &refusal.comment)?);
            }
        };
        loop {
            self.make_ready(query.asked()).await?;
            if query.asked().is_cancelled() {
                break;
            }
            let Some(found) = blocking(|| matches.next()) else { break };
            query.tell(&mut self.connection.association, found, true)?;
        }
        Ok(query.finish(&mut self.connection.association)?)
    }
}
