//! The other end of a line: sends a message and waits for its answer.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use bianque_hl7v2::{Charset, FrameError, Frames, Message, ParseError, framed};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// How long an answer is waited for.
const PATIENCE: Duration = Duration::from_secs(30);
/// Bytes of an answer.
const LONGEST: usize = 1 << 20;

/// A line that is open.
pub(super) struct Line {
    stream: TcpStream,
    frames: Frames,
}

/// Why a message has no answer.
#[derive(Debug, thiserror::Error)]
pub(super) enum LineError {
    #[error(transparent)]
    Io(#[from] io::Error),
    #[error(transparent)]
    Frame(#[from] FrameError),
    #[error(transparent)]
    Parse(#[from] ParseError),
    #[error("no answer came")]
    Silent,
    #[error("the line was closed")]
    Closed,
}

impl Line {
    pub(super) async fn open(to: SocketAddr) -> Result<Self, LineError> {
        let stream = TcpStream::connect(to).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, frames: Frames::new(LONGEST) })
    }

    /// Sends a message, and gives what is answered.
    pub(super) async fn ask(&mut self, message: &[u8]) -> Result<Message, LineError> {
        self.stream.write_all(&framed(message)).await?;
        timeout(PATIENCE, self.answer()).await.map_err(|_| LineError::Silent)?
    }

    async fn answer(&mut self) -> Result<Message, LineError> {
        let mut buffer = [0; 4096];
        loop {
            if let Some(frame) = self.frames.next_frame()? {
                return Ok(Message::parse(frame, Charset::UTF_8)?);
            }
            let read = self.stream.read(&mut buffer).await?;
            if read == 0 {
                return Err(LineError::Closed);
            }
            self.frames.push(&buffer[..read]);
        }
    }
}
