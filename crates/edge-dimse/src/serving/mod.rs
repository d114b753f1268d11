//! Serving an association that somebody opened to us.

mod find;
mod getting;
mod moving;
mod store;

use std::sync::Arc;
use std::time::{Duration, Instant};

use bianque_dimse::services::{Asked, echo};
use bianque_dimse::{AeTitle, ContextId, Event, Operation, Proposal, Request, Response, Status, sop_class};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::watch;

use crate::Associations;
use crate::admission::{self, Place};
use crate::archive::{Archive, Identifier, Line, Model, Refusal, Rights};
use crate::connection::{Connection, End};

/// A peer that did nothing for so long needs little room.
const QUIET: Duration = Duration::from_secs(2);

/// An association and who is at its other end.
pub(crate) struct Serving<'a, A: Archive, S> {
    shared: &'a Associations<A>,
    connection: Connection<S>,
    line: Line,
    guest: Option<Guest<A>>,
}

/// Somebody who was let in.
struct Guest<A: Archive> {
    peer: A::Peer,
    rights: Rights,
    title: AeTitle,
    _place: Place,
}

/// What came, without what is borrowed.
enum Next {
    Requested(Arc<Proposal>),
    Request(ContextId, Request, bool),
    Unreadable(ContextId, Response, bool),
    ReleaseRequested,
    /// It is over; the machine said all that is to be said.
    Over,
    OutOfPlace,
}

impl<'a, A: Archive, S: AsyncRead + AsyncWrite + Unpin + Send> Serving<'a, A, S> {
    pub(crate) fn new(shared: &'a Associations<A>, connection: Connection<S>, line: Line) -> Self {
        Self { shared, connection, line, guest: None }
    }

    /// Serves it to its end.
    pub(crate) async fn run(mut self, mut stop: watch::Receiver<bool>) -> Result<(), End> {
        let served = self.follow(&mut stop).await;
        match &served {
            Ok(()) => self.connection.finish().await,
            Err(_) => self.connection.abort().await,
        }
        served
    }

    async fn follow(&mut self, stop: &mut watch::Receiver<bool>) -> Result<(), End> {
        loop {
            let Some(next) = self.connection.take().map(next).transpose()? else {
                if self.connection.association.is_over() {
                    return Ok(());
                }
                self.wait(stop).await?;
                continue;
            };
            match next {
                Next::Requested(proposal) => self.admit(&proposal).await?,
                Next::Request(context, request, has_data) => self.serve(context, request, has_data).await?,
                Next::Unreadable(context, response, has_data) => {
                    self.pass_over(has_data).await?;
                    self.connection.association.send_response(context, &response, false)?;
                }
                Next::ReleaseRequested => self.connection.association.answer_release(Instant::now())?,
                Next::Over => return Ok(()),
                Next::OutOfPlace => return Err(End::OutOfPlace("an association")),
            }
        }
    }

    /// Waits for more. A server that stops does not wait for a peer that does nothing.
    async fn wait(&mut self, stop: &mut watch::Receiver<bool>) -> Result<(), End> {
        let idle = self.connection.association.is_idle() || self.guest.is_none();
        let roomy = self.connection.is_roomy();
        tokio::select! {
            filled = self.connection.fill() => filled,
            _ = stop.wait_for(|stopped| *stopped), if idle => Err(End::Stopped),
            () = tokio::time::sleep(QUIET), if roomy => {
                self.connection.rest();
                Ok(())
            }
        }
    }

    async fn admit(&mut self, proposal: &Proposal) -> Result<(), End> {
        let (called, calling) = (proposal.called.as_str(), proposal.calling.as_str());
        let admitted = self.shared.archive.admit(&self.line, called, calling).await;
        let placed = match admitted {
            Ok(admitted) => {
                self.shared.places.take(self.line.address, &proposal.calling).map(|place| (admitted, place))
            }
            Err(why) => Err(admission::rejection(why)),
        };
        let now = Instant::now();
        match placed {
            Ok(((peer, rights), place)) => {
                let acceptance = admission::answer(&self.shared.negotiation, proposal, rights);
                self.connection.association.accept(now, &acceptance)?;
                let title = proposal.calling.clone();
                self.guest = Some(Guest { peer, rights, title, _place: place });
            }
            Err(rejection) => {
                tracing::warn!(address = %self.line.address, calling, called, %rejection, "an association of DICOM was refused");
                self.connection.association.reject(now, rejection)?;
            }
        }
        Ok(())
    }

    async fn serve(&mut self, context: ContextId, request: Request, has_data: bool) -> Result<(), End> {
        let operation = request.operation();
        metrics::counter!("bianque_dimse_requests_total", "operation" => name(operation)).increment(1);
        match operation {
            Operation::Echo => {
                self.pass_over(has_data).await?;
                Ok(echo::answer(&mut self.connection.association, context, &request)?)
            }
            Operation::Store => self.store(context, request, has_data).await,
            Operation::Find => self.find(context, request, has_data).await,
            Operation::Move => self.move_objects(context, request, has_data).await,
            Operation::Get => self.get(context, request, has_data).await,
            // It comes too late: what it would stop is done.
            Operation::Cancel => Ok(()),
            _ => {
                self.pass_over(has_data).await?;
                let response = Response::to(&request, Status::UNRECOGNIZED_OPERATION);
                Ok(self.connection.association.send_response(context, &response, false)?)
            }
        }
    }

    fn guest(&self) -> Result<&Guest<A>, End> {
        self.guest.as_ref().ok_or(End::Fault("nobody was let in"))
    }

    /// Passes over a data set that nobody wants.
    async fn pass_over(&mut self, has_data: bool) -> Result<(), End> {
        let mut due = has_data;
        while due {
            match self.connection.take() {
                Some(Event::Data { last, .. }) => due = !last,
                Some(event) => return Err(out_of_place(&event, "a data set")),
                None => self.connection.fill().await?,
            }
        }
        Ok(())
    }

    /// Takes the data set of a request that is small.
    async fn gather(&mut self, asked: &mut Asked) -> Result<(), End> {
        while !asked.is_whole() {
            match self.connection.take() {
                Some(Event::Data { bytes, last, .. }) => asked.handle_data(bytes, last),
                Some(event) => return Err(out_of_place(&event, "an identifier")),
                None => self.connection.fill().await?,
            }
        }
        Ok(())
    }

    /// Lets move what can move at once, and hears whether the peer cancels.
    async fn hear(&mut self, asked: &mut Asked) -> Result<(), End> {
        self.connection.glance().await?;
        while let Some(event) = self.connection.take() {
            match event {
                Event::Request { request: Request::Cancel { responded_to }, .. } => {
                    asked.handle_cancel(responded_to);
                }
                event => return Err(out_of_place(&event, "an operation")),
            }
        }
        Ok(())
    }

    /// Waits until a response may be sent, whole data sets and all. Hears meanwhile whether the peer cancels.
    async fn make_ready(&mut self, asked: &mut Asked) -> Result<(), End> {
        self.hear(asked).await?;
        while !asked.is_ready(&self.connection.association) {
            asked.pump(&mut self.connection.association)?;
            if asked.is_ready(&self.connection.association) {
                break;
            }
            self.connection.fill().await?;
            self.hear(asked).await?;
        }
        Ok(())
    }

    /// Waits until the last response is queued, its data set and all.
    async fn see_off(&mut self, asked: &mut Asked) -> Result<(), End> {
        while !asked.pump(&mut self.connection.association)? {
            self.connection.fill().await?;
        }
        Ok(())
    }
}

/// The identifier of a request, or why there is none.
fn identifier(asked: &Asked) -> Result<Identifier, Refusal> {
    let refused = |comment: &str| {
        Err(Refusal { status: Status::DATA_SET_DOES_NOT_MATCH_CLASS, comment: comment.to_owned() })
    };
    let Ok(bytes) = asked.data() else { return refused("the identifier is too long") };
    if bytes.is_empty() {
        return refused("no identifier");
    }
    let class = asked.request().sop_class();
    let patient = [sop_class::PATIENT_ROOT_FIND, sop_class::PATIENT_ROOT_MOVE, sop_class::PATIENT_ROOT_GET];
    let model = match class {
        Some(class) if patient.contains(class) => Model::Patient,
        _ => Model::Study,
    };
    Ok(Identifier { model, bytes: bytes.to_vec(), syntax: asked.transfer_syntax().to_string() })
}

fn next(event: Event<'_>) -> Result<Next, End> {
    Ok(match event {
        Event::Requested(proposal) => Next::Requested(proposal),
        Event::Request { context, request, has_data } => Next::Request(context, request, has_data),
        Event::Unreadable { context, response, error, has_data } => {
            let error = error.map_or_else(|| "not in the role for it".to_owned(), |error| error.to_string());
            tracing::warn!(error, status = %response.status, "a request of DICOM that cannot be done");
            Next::Unreadable(context, response, has_data)
        }
        Event::ReleaseRequested => Next::ReleaseRequested,
        Event::Released | Event::Rejected(_) => Next::Over,
        Event::Aborted(abort) => return Err(End::Aborted(abort)),
        Event::Accepted(_) | Event::Response { .. } | Event::Data { .. } => Next::OutOfPlace,
    })
}

/// The end that an event is where it has no place.
fn out_of_place(event: &Event<'_>, within: &'static str) -> End {
    match event {
        Event::Aborted(abort) => End::Aborted(*abort),
        _ => End::OutOfPlace(within),
    }
}

/// For a metric.
fn name(operation: Operation) -> &'static str {
    match operation {
        Operation::Store => "store",
        Operation::Get => "get",
        Operation::Find => "find",
        Operation::Move => "move",
        Operation::Echo => "echo",
        _ => "other",
    }
}
