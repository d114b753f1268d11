//! Reading frames off a stream and writing others to it, both at once.

use std::io;
use std::time::{Duration, Instant};

use bianque_media::{Cut, Framing, MAX_DATAGRAM};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::time::{sleep, timeout};

/// Room for some frames; a single one is no longer than a datagram and its head.
const BUFFER: usize = 4 * (MAX_DATAGRAM + 4);
/// A client that takes nothing for so long is gone, whatever its system says.
const WRITING: Duration = Duration::from_secs(15);

/// What happens with the frames of a stream.
pub(super) trait Frames {
    /// Takes a frame. Answers whether the stream goes on.
    fn take(&mut self, frame: &[u8]) -> bool;

    /// How long to wait after so many bytes before the next are read.
    fn pause(&mut self, bytes: usize, now: Instant) -> Duration;

    /// For how long nothing may come, from now.
    fn patience(&self, now: Instant) -> Duration;
}

/// Reads until the stream ends, breaks, is silent for too long, or its frames say so.
pub(super) async fn read(
    mut stream: impl AsyncRead + Unpin,
    framing: Framing,
    frames: &mut impl Frames,
) -> io::Result<()> {
    let mut unread = Vec::with_capacity(BUFFER);
    loop {
        let came = timeout(frames.patience(Instant::now()), stream.read_buf(&mut unread)).await??;
        if came == 0 {
            return Ok(());
        }
        let mut from = 0;
        loop {
            match framing.cut(&unread[from..]) {
                Cut::More => break,
                Cut::Broken => return Err(io::ErrorKind::InvalidData.into()),
                Cut::Frame { begin, end, next } => {
                    if !frames.take(&unread[from + begin..from + end]) {
                        return Ok(());
                    }
                    from += next;
                }
            }
        }
        unread.drain(..from);
        unread.reserve(BUFFER - unread.len());
        let pause = frames.pause(came, Instant::now());
        if !pause.is_zero() {
            // What is not read waits at the client, whose sender learns of it.
            sleep(pause).await;
        }
    }
}

/// Writes some frames in one go.
pub(super) async fn write(mut stream: impl AsyncWrite + Unpin, bytes: &[u8]) -> io::Result<()> {
    timeout(WRITING, async {
        stream.write_all(bytes).await?;
        stream.flush().await
    })
    .await?
}
