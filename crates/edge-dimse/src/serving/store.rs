//! C-STORE (PS3.4 annex B).

use bianque_dimse::services::store::Receiving;
use bianque_dimse::{ContextId, Event, Request, Status};
use tokio::io::{AsyncRead, AsyncWrite};

use super::{Serving, out_of_place};
use crate::archive::{Announced, Archive, Receiving as Kept, Refusal};
use crate::blocking::blocking;
use crate::connection::{Connection, End};

impl<A: Archive, S: AsyncRead + AsyncWrite + Unpin + Send> Serving<'_, A, S> {
    /// Takes an object, and answers when it is durable.
    pub(super) async fn store(
        &mut self,
        context: ContextId,
        request: Request,
        has_data: bool,
    ) -> Result<(), End> {
        let mut receiving = Receiving::new(&self.connection.association, context, request, has_data);
        let guest = self.guest()?;
        if !guest.rights.store {
            receiving.refuse(Status::NOT_AUTHORIZED, "this application may not store");
        }
        let announced = announced(&receiving, guest.title.as_str());
        let mut kept = self.shared.archive.receive(&guest.peer, announced);
        let longest = self.shared.limits.object;
        while !receiving.is_whole() {
            let connection = &mut self.connection;
            blocking(|| keep(connection, &mut receiving, &mut kept, longest))?;
            if !receiving.is_whole() {
                self.connection.grow();
                self.connection.fill().await?;
            }
        }
        let outcome = if receiving.is_refused() {
            drop(kept);
            Ok(None)
        } else {
            // On a task of its own: it comes to its end even when this association does not.
            tokio::spawn(kept.finish()).await.unwrap_or_else(|_| Err(fault()))
        };
        metrics::counter!("bianque_dimse_received_bytes_total").increment(receiving.bytes());
        let (status, comment) = match outcome {
            Ok(warning) => (warning.unwrap_or(Status::SUCCESS), None),
            Err(refusal) => (refusal.status, Some(refusal.comment)),
        };
        Ok(receiving.answer(&mut self.connection.association, status, comment.as_deref())?)
    }
}

/// Hands on what came of the object.
fn keep<S: AsyncRead + AsyncWrite + Unpin>(
    connection: &mut Connection<S>,
    receiving: &mut Receiving,
    kept: &mut impl Kept,
    longest: u64,
) -> Result<(), End> {
    while !receiving.is_whole() {
        let (piece, last) = match connection.take() {
            Some(Event::Data { bytes, last, .. }) => (bytes, last),
            Some(event) => return Err(out_of_place(&event, "an object")),
            None => return Ok(()),
        };
        let wanted = receiving.handle_data(piece, last);
        let pushed = if wanted.is_empty() { Ok(()) } else { kept.push(wanted) };
        if let Err(Refusal { status, comment }) = pushed {
            receiving.refuse(status, comment);
        }
        if receiving.bytes() > longest {
            receiving.refuse(Status::OUT_OF_RESOURCES, "the object is too long");
        }
    }
    Ok(())
}

fn announced(receiving: &Receiving, source: &str) -> Announced {
    let text = |uid: Option<&bianque_dimse::Uid>| uid.map(ToString::to_string).unwrap_or_default();
    Announced {
        class: text(receiving.request().sop_class()),
        instance: text(receiving.request().sop_instance()),
        syntax: receiving.transfer_syntax().to_string(),
        source: source.to_owned(),
    }
}

fn fault() -> Refusal {
    Refusal { status: Status::PROCESSING_FAILURE, comment: "a fault of the archive".to_owned() }
}
