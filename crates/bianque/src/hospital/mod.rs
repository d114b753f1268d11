//! `bianque hospital`: a small hospital that sends HL7 v2 - that of a demo is told of visits too - so that one sees what a line does before the real one is plugged
//! in. Its patients are plainly made up, and the same seed makes the same days.

mod inbox;
mod line;
mod story;

use std::io::Write as _;
use std::net::SocketAddr;
use std::process::ExitCode;
use std::time::Duration;

use bianque_hl7v2::Message;
use serde_json::json;

use crate::cli::HospitalFlags;
pub(crate) use inbox::Inbox;
use line::{Line, LineError};
use story::Hospital;

/// How long a server that cannot be reached is left alone.
const AWAY: Duration = Duration::from_secs(5);

/// Sends until there is nothing more to send, or for ever.
pub(crate) async fn hospital(flags: HospitalFlags) -> anyhow::Result<ExitCode> {
    let every = Duration::from_millis(flags.every_ms);
    let told = run(flags.to, flags.seed, every, flags.messages).await?;
    let (sent, accepted) = (told.sent, told.accepted);
    writeln!(std::io::stdout().lock(), "{}", json!({"sent": sent, "accepted": accepted}))?;
    Ok(ExitCode::SUCCESS)
}

/// What came of the messages that were sent.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Told {
    /// Messages that were answered.
    pub sent: u64,
    /// With AA.
    pub accepted: u64,
}

/// Sends a message every so often, `most` of them or for ever. A message that was not answered is sent again.
pub(crate) async fn run(
    to: SocketAddr,
    seed: u64,
    every: Duration,
    most: Option<u64>,
) -> anyhow::Result<Told> {
    let mut hospital = Hospital::new(seed);
    let mut told = Told::default();
    let mut line: Option<Line> = None;
    while most.is_none_or(|most| told.sent < most) {
        let message = hospital.next(&jiff::Zoned::now())?;
        let answer = loop {
            match send(&mut line, to, &message).await {
                Ok(answer) => break answer,
                Err(error) => {
                    tracing::debug!(%to, %error, "the hospital's line is down");
                    line = None;
                    tokio::time::sleep(AWAY).await;
                }
            }
        };
        told.sent += 1;
        told.accepted += u64::from(is_accepted(&answer));
        tokio::time::sleep(every).await;
    }
    Ok(told)
}

async fn send(line: &mut Option<Line>, to: SocketAddr, message: &[u8]) -> Result<Message, LineError> {
    if line.is_none() {
        *line = Some(Line::open(to).await?);
    }
    match line {
        Some(line) => line.ask(message).await,
        None => Err(LineError::Closed),
    }
}

fn is_accepted(answer: &Message) -> bool {
    matches!(answer.text("MSA-1").as_ref(), "AA" | "CA")
}
