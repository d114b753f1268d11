//! An association and its stream: bytes between the two, time, and room.

use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use bianque_dimse::{Abort, Association, Event, Misuse};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::sleep_until;

/// Bytes that are read at once from a peer that is idle.
const LEAST: usize = 4 << 10;
/// Bytes that are read at once from a peer that sends objects.
const MOST: usize = 256 << 10;

/// How long the end of an association may take.
const LAST: Duration = Duration::from_secs(30);

/// Why an association ends.
#[derive(Debug, thiserror::Error)]
pub enum End {
    /// The peer, the protocol, time or the connection.
    #[error("{0}")]
    Aborted(Abort),
    /// Nothing can be written or read any more.
    #[error("the connection broke: {0}")]
    Broken(#[from] io::Error),
    /// The peer said something that has no place in the service that is under way.
    #[error("a message that has no place within {0}")]
    OutOfPlace(&'static str),
    /// The server stops.
    #[error("the server stops")]
    Stopped,
    /// A fault of ours.
    #[error("a fault of the server: {0}")]
    Fault(&'static str),
    /// A message that could not be sent.
    #[error("a message that could not be sent: {0}")]
    Misuse(#[from] Misuse),
}

/// An association over a stream.
pub(crate) struct Connection<S> {
    pub(crate) association: Association,
    stream: S,
    buffer: Vec<u8>,
    /// Bytes of the buffer that came and were not taken: from, to.
    held: (usize, usize),
    /// Something was written that the stream may still hold.
    unflushed: bool,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Connection<S> {
    /// Over a stream that is open.
    pub(crate) fn new(association: Association, stream: S) -> Self {
        Self { association, stream, buffer: vec![0; LEAST], held: (0, 0), unflushed: false }
    }

    /// The next event of what came already.
    pub(crate) fn take(&mut self) -> Option<Event<'_>> {
        let (from, to) = self.held;
        if from == to {
            return None;
        }
        let (taken, event) = self.association.handle_bytes(Instant::now(), &self.buffer[from..to]);
        self.held.0 += taken;
        event
    }

    /// Waits until more came, or something went that was waited for. An event of time or of a closed connection is an end.
    pub(crate) async fn fill(&mut self) -> Result<(), End> {
        let due = self.association.poll_timeout();
        tokio::select! {
            biased;
            moved = poll_fn(|context| self.poll(context)) => moved?,
            () = async { sleep_until(due.unwrap_or_else(Instant::now).into()).await }, if due.is_some() => {
                if let Some(event) = self.association.handle_timeout(Instant::now()) {
                    return Err(ended(&event));
                }
            }
        }
        Ok(())
    }

    /// Lets move what can move at once.
    pub(crate) async fn glance(&mut self) -> Result<(), End> {
        poll_fn(|context| match self.poll(context) {
            Poll::Ready(moved) => Poll::Ready(moved),
            Poll::Pending => Poll::Ready(Ok(())),
        })
        .await
    }

    /// Writes what waits, and waits for the peer to close; not for ever.
    pub(crate) async fn finish(&mut self) {
        let _ = tokio::time::timeout(LAST, async {
            loop {
                while self.take().is_some() {}
                if self.association.is_over() && self.association.poll_transmit().is_empty() {
                    let _ = poll_fn(|context| Pin::new(&mut self.stream).poll_shutdown(context)).await;
                    return;
                }
                if self.fill().await.is_err() {
                    return;
                }
            }
        })
        .await;
    }

    /// Ends it at once, and tells the peer.
    pub(crate) async fn abort(&mut self) {
        self.association.abort(Instant::now());
        self.finish().await;
    }

    /// Writes and reads what is possible. Ready when anything came, or went that held up what is held.
    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Result<(), End>> {
        let wrote = self.poll_write(context)?;
        let holds = self.held.0 < self.held.1;
        if holds {
            return if wrote { Poll::Ready(Ok(())) } else { Poll::Pending };
        }
        let read = if self.association.is_over() { Poll::Pending } else { self.poll_read(context) };
        match read {
            Poll::Ready(read) => Poll::Ready(read),
            Poll::Pending if wrote => Poll::Ready(Ok(())),
            Poll::Pending => Poll::Pending,
        }
    }

    /// Writes what waits; whether anything went.
    fn poll_write(&mut self, context: &mut Context<'_>) -> Result<bool, End> {
        let mut wrote = false;
        while !self.association.poll_transmit().is_empty() {
            let bytes = self.association.poll_transmit();
            match Pin::new(&mut self.stream).poll_write(context, bytes) {
                Poll::Ready(Ok(0)) => return Err(io::Error::from(io::ErrorKind::WriteZero).into()),
                Poll::Ready(Ok(many)) => {
                    self.association.handle_transmitted(Instant::now(), many);
                    (wrote, self.unflushed) = (true, true);
                }
                Poll::Ready(Err(error)) => return Err(error.into()),
                Poll::Pending => return Ok(wrote),
            }
        }
        if self.unflushed && Pin::new(&mut self.stream).poll_flush(context)?.is_ready() {
            self.unflushed = false;
        }
        Ok(wrote)
    }

    /// Reads into the empty buffer.
    fn poll_read(&mut self, context: &mut Context<'_>) -> Poll<Result<(), End>> {
        let mut room = ReadBuf::new(&mut self.buffer);
        ready!(Pin::new(&mut self.stream).poll_read(context, &mut room))?;
        let many = room.filled().len();
        if many == 0 {
            // After a release, or before anything was said, nothing is lost by it.
            return Poll::Ready(match self.association.handle_closed() {
                Some(event) => Err(ended(&event)),
                None => Ok(()),
            });
        }
        self.held = (0, many);
        Poll::Ready(Ok(()))
    }

    /// Whether it holds room that a peer which does nothing needs not.
    pub(crate) fn is_roomy(&self) -> bool {
        self.buffer.len() > LEAST && self.held.0 == self.held.1
    }

    /// Gives that room back.
    pub(crate) fn rest(&mut self) {
        if self.is_roomy() {
            (self.buffer, self.held) = (vec![0; LEAST], (0, 0));
        }
    }

    /// Makes room for more at once, when all of it was filled.
    pub(crate) fn grow(&mut self) {
        if self.held.0 == self.held.1 && self.held.1 == self.buffer.len() && self.buffer.len() < MOST {
            self.buffer = vec![0; (self.buffer.len() * 4).min(MOST)];
            self.held = (0, 0);
        }
    }
}

/// The end that an event of time or of a closed connection is.
fn ended(event: &Event<'_>) -> End {
    match event {
        Event::Aborted(abort) => End::Aborted(*abort),
        _ => End::Fault("an end that is none"),
    }
}
