//! Lines by which other systems send HL7 v2: MLLP over any stream.
//!
//! The messages of a line are taken one after the other, and nothing is read while one is: a sender that is faster than
//! the store waits. What all lines hold together is bounded, and so is how long a message may take to come. A writing use
//! case runs on its own task: a line that breaks cancels nothing.

mod room;
#[cfg(test)]
mod tests;

use std::time::Duration;

use bianque_app::App;
use bianque_app::messages::receive;
pub use bianque_app::messages::senders::Line;
use bianque_hl7v2::{Frames, framed};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::sync::watch;
use tokio::time::timeout;

use room::Room;

/// Bytes of a message. A report with its images in it is of some megabytes.
const LONGEST: usize = 32 << 20;
/// Bytes that messages of all lines hold together, beyond what each line has of its own.
const TOGETHER: usize = 96 << 20;
/// Bytes that are read at once.
const AT_ONCE: usize = 16 << 10;

/// How long things may take.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// Nothing of a message comes that has begun.
    pub within: Duration,
    /// Nothing of an answer goes.
    pub answer: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self { within: Duration::from_mins(1), answer: Duration::from_mins(1) }
    }
}

/// What all lines share. Cloning it is cheap.
#[derive(Clone)]
pub struct Lines {
    app: App,
    room: Room,
    patience: Patience,
}

impl Lines {
    /// Lines into a server.
    pub fn new(app: App, patience: Patience) -> Self {
        Self { app, room: Room::new(TOGETHER), patience }
    }

    /// Serves a line to its end. When `stop` turns true the message that is being taken is answered, and no other is taken.
    pub async fn serve(
        &self,
        stream: impl AsyncRead + AsyncWrite + Unpin,
        line: Line,
        stop: watch::Receiver<bool>,
    ) {
        metrics::gauge!("bianque_mllp_lines").increment(1.0);
        let address = line.address;
        if let Err(end) = self.follow(stream, line, stop).await {
            tracing::warn!(%address, %end, "a line of HL7 v2 was closed");
        }
        metrics::gauge!("bianque_mllp_lines").decrement(1.0);
    }

    async fn follow(
        &self,
        mut stream: impl AsyncRead + AsyncWrite + Unpin,
        line: Line,
        mut stop: watch::Receiver<bool>,
    ) -> Result<(), End> {
        let (mut frames, mut buffer) = (Frames::new(LONGEST), vec![0; AT_ONCE]);
        let mut held = self.room.nothing();
        loop {
            loop {
                let frame = match frames.next_frame() {
                    Ok(None) => break,
                    Ok(Some(frame)) => frame,
                    Err(error) => {
                        // What follows cannot be told from what came: the line ends, after it was said why.
                        let _ =
                            self.answer(&mut stream, &receive::no_frame(&self.app, &error.to_string())).await;
                        return Err(End::Frame(error));
                    }
                };
                let (app, line) = (self.app.clone(), line.clone());
                let taking = tokio::spawn(async move { receive::receive(&app, &line, frame).await });
                let answers = taking.await.map_err(|_| End::Fault)?;
                self.answer(&mut stream, &answers).await?;
                if *stop.borrow() {
                    return Ok(());
                }
            }
            let begun = frames.held() > 0;
            if !begun {
                held.give_back();
            }
            let read = tokio::select! {
                read = stream.read(&mut buffer) => read.map_err(|_| End::Broken(begun))?,
                _ = stop.wait_for(|stopped| *stopped) => return Ok(()),
                () = tokio::time::sleep(self.patience.within), if begun => return Err(End::Slow),
            };
            if read == 0 {
                return if frames.is_within() { Err(End::Broken(true)) } else { Ok(()) };
            }
            let covering = held.cover(frames.held() + read);
            timeout(self.patience.within, covering).await.map_err(|_| End::Full)?;
            frames.push(&buffer[..read]);
        }
    }

    async fn answer(&self, stream: &mut (impl AsyncWrite + Unpin), answers: &[Vec<u8>]) -> Result<(), End> {
        let bytes: Vec<u8> = answers.iter().flat_map(|answer| framed(answer)).collect();
        let writing = async {
            stream.write_all(&bytes).await?;
            stream.flush().await
        };
        match timeout(self.patience.answer, writing).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(End::Unheard),
            Err(_) => Err(End::Slow),
        }
    }
}

/// Why a line ended before its time.
enum End {
    Frame(bianque_hl7v2::FrameError),
    /// Within a message, or between two.
    Broken(bool),
    Slow,
    Full,
    Unheard,
    Fault,
}

impl std::fmt::Display for End {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Frame(error) => write!(f, "{error}"),
            Self::Broken(true) => f.write_str("it broke within a message, which is not taken"),
            Self::Broken(false) => f.write_str("it broke"),
            Self::Slow => f.write_str("nothing moved for too long"),
            Self::Full => f.write_str("messages of all lines hold too much"),
            Self::Unheard => f.write_str("it broke before an answer was heard; a repeat gets it again"),
            Self::Fault => f.write_str("a fault of the server"),
        }
    }
}
