//! A connection on which nothing moves is closed: it costs memory and a place, and nobody speaks.
//!
//! The protocol's own clocks watch headers and handlers. This one stands below them, for what they do not see: a
//! connection that never sends its first bytes, a reader that never takes its answer, a socket whose other end is gone.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep_until};

/// Bytes by which it is known what is spoken: the length of the preface of HTTP/2.
const OPENING: usize = 24;

/// How long nothing may move.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Patience {
    /// Until the opening bytes have come, all of them.
    pub opening: Duration,
    /// From then on, between one byte and the next, in whichever direction.
    pub silence: Duration,
}

/// A stream that ends when nothing moves.
pub(super) struct Quiet<S> {
    stream: S,
    patience: Patience,
    read: usize,
    until: Instant,
    sleep: Pin<Box<Sleep>>,
}

impl<S> Quiet<S> {
    pub(super) fn new(stream: S, patience: Patience) -> Self {
        let until = Instant::now() + patience.opening;
        Self { stream, patience, read: 0, until, sleep: Box::pin(sleep_until(until)) }
    }

    fn moved(&mut self) {
        self.until = Instant::now() + self.patience.silence;
    }

    /// Pending while there is time left. The timer is set anew only when it rings, not with every byte.
    fn wait(&mut self, context: &mut Context<'_>) -> Poll<io::Error> {
        loop {
            ready!(self.sleep.as_mut().poll(context));
            if Instant::now() >= self.until {
                return Poll::Ready(io::Error::new(io::ErrorKind::TimedOut, "nothing moves"));
            }
            self.sleep.as_mut().reset(self.until);
        }
    }

    fn note<T>(
        &mut self,
        context: &mut Context<'_>,
        poll: Poll<io::Result<T>>,
        moved: impl FnOnce(&T) -> bool,
    ) -> Poll<io::Result<T>> {
        match poll {
            Poll::Pending => self.wait(context).map(Err),
            Poll::Ready(done) => {
                if done.as_ref().is_ok_and(moved) {
                    self.moved();
                }
                Poll::Ready(done)
            }
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Quiet<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let poll = Pin::new(&mut self.stream).poll_read(context, buffer);
        self.read = self.read.saturating_add(buffer.filled().len() - before);
        let opened = self.read >= OPENING;
        self.note(context, poll, |()| opened)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Quiet<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let poll = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.note(context, poll, |written| *written > 0)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let poll = Pin::new(&mut self.stream).poll_write_vectored(context, bytes);
        self.note(context, poll, |written| *written > 0)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let poll = Pin::new(&mut self.stream).poll_flush(context);
        self.note(context, poll, |()| false)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let poll = Pin::new(&mut self.stream).poll_shutdown(context);
        self.note(context, poll, |()| false)
    }
}
