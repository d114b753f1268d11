//! The audit on its way off the machine: each destination gets every row and signed checkpoints, in order.
//!
//! A destination that does not answer is tried again; what waits for it lies in the database, so that nothing is
//! lost and nothing grows in memory.

mod file;
mod syslog;
#[cfg(test)]
mod tests;

use std::future::Future;
use std::path::PathBuf;
use std::pin::Pin;
use std::time::Duration;

use bianque_app::App;
use bianque_app::audit::export::{self, Entry};
use tokio::task::JoinHandle;

pub use syslog::SyslogServer;

/// How often it is looked for new rows.
const EVERY: Duration = Duration::from_secs(5);
/// How long to wait after a failure.
const RETRY: Duration = Duration::from_secs(30);

/// Where the audit is sent.
#[derive(Debug, Clone)]
pub enum Destination {
    /// Files below this folder, one a day, one JSON object a line.
    Folder(PathBuf),
    /// A syslog server over TLS (RFC 5425).
    Syslog(SyslogServer),
}

impl Destination {
    /// Its name, by which it is remembered how far it got.
    fn name(&self) -> String {
        match self {
            Self::Folder(folder) => format!("file:{}", folder.display()),
            Self::Syslog(server) => server.name(),
        }
    }

    fn open(self) -> Box<dyn Sink> {
        match self {
            Self::Folder(folder) => Box::new(file::Folder::new(folder)),
            Self::Syslog(server) => Box::new(syslog::Connection::new(server)),
        }
    }
}

/// A destination at work.
trait Sink: Send {
    /// Hands entries over; answers when the other side has them as surely as it can tell.
    fn send<'a>(
        &'a mut self,
        entries: &'a [Entry],
    ) -> Pin<Box<dyn Future<Output = std::io::Result<()>> + Send + 'a>>;
}

/// Starts sending. Abort the handle to stop it.
pub fn start(app: App, destination: Destination) -> JoinHandle<()> {
    tokio::spawn(async move {
        let name = destination.name();
        let mut sink = destination.open();
        loop {
            let done = round(&app, &name, sink.as_mut()).await;
            app.health.exported(&name, done.is_err().then(|| app.clock.now()));
            let pause = match done {
                Ok(true) => Duration::ZERO,
                Ok(false) => EVERY,
                Err(cause) => {
                    metrics::counter!("bianque_audit_export_failures_total").increment(1);
                    tracing::error!(destination = name, %cause, "the audit was not sent; it waits");
                    RETRY
                }
            };
            tokio::time::sleep(pause).await;
        }
    })
}

/// Sends one batch; whether there was one.
async fn round(app: &App, name: &str, sink: &mut dyn Sink) -> std::io::Result<bool> {
    let failed = |cause: bianque_app::Error| std::io::Error::other(cause.to_string());
    let Some((entries, reached)) = export::pending(app, name).await.map_err(failed)? else {
        return Ok(false);
    };
    sink.send(&entries).await?;
    export::sent(app, &reached).await.map_err(failed)?;
    Ok(true)
}
