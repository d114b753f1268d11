//! The control socket: how subcommands speak with a server that holds the data folder.
//!
//! One request and one answer per connection, each a line of JSON. The socket is the operator's: mode 0600.

use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, bail};
use bianque_app::App;
use bianque_app::ports::{
    Command, EventSink, IceServer, Join, JoinSound, MediaControl, Refused, RoomId, SessionId, SoundInput,
};
use bianque_model::TenantId;
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixListener;

use crate::backup;
use crate::config::Config;
use crate::keys::{self, Master};
use crate::open::{self, Opened};
use crate::records;
use crate::tenant;

/// A request is short, but for checkpoints of years.
const LONGEST: u64 = 256 << 20;
/// How long a request may take to arrive.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long an answer may take: millions of rows may have to be walked.
const WORK: Duration = Duration::from_mins(30);

/// What can be asked.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "command", rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) enum Request {
    /// Make a bearer token.
    TokenCreate {
        /// SMART v2 scopes.
        scope: String,
        /// Seconds it is good.
        ttl_s: u64,
        /// For whom.
        tenant: TenantId,
    },
    /// Check the audit.
    AuditVerify {
        /// Checkpoints that were kept outside, one a line.
        checkpoints: Vec<String>,
    },
    /// Add a set to a backup.
    Backup {
        /// The folder of the backup.
        to: PathBuf,
        /// Sets that stay.
        keep: Option<usize>,
    },
    /// Replace the master key.
    KeysRotate {
        /// The file of the new one.
        new: Option<PathBuf>,
    },
    /// Destroy what is kept of a patient.
    Shred {
        /// Whose patient.
        tenant: TenantId,
        /// The patient's id.
        patient: String,
        /// Why.
        reason: String,
    },
    /// Put a hold on a record, or take it away.
    Hold {
        /// Whether it is put.
        add: bool,
        /// Whose patient.
        tenant: TenantId,
        /// The patient's id.
        patient: String,
        /// Why.
        reason: String,
    },
    /// Read every sealed file.
    Scrub,
    /// Take rows or resources in.
    Import {
        /// For whom.
        tenant: TenantId,
        /// A [`bianque_app::import::Batch`], JSON.
        batch: String,
    },
    /// Something about tenants.
    Tenant {
        /// What.
        ask: tenant::Ask,
    },
}

impl Request {
    /// How long its answer may take; none: as long as it takes.
    const fn patience(&self) -> Option<Duration> {
        match self {
            Self::TokenCreate { .. }
            | Self::AuditVerify { .. }
            | Self::Import { .. }
            | Self::Tenant { .. } => Some(WORK),
            _ => None,
        }
    }
}

/// Backups and rotations: one at a time in a process.
pub(crate) static TURN: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());

/// What requests are carried out on.
#[derive(Clone)]
pub(crate) struct Desk {
    /// The use cases.
    pub app: App,
    /// The data folder.
    pub data: PathBuf,
    /// The master key.
    pub master: Arc<Master>,
}

/// What is answered.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Answer {
    /// Done, with what was asked for.
    Done(String),
    /// Not done, with why.
    Failed(String),
}

/// Where the socket of a data folder is.
pub(crate) fn path(data: &Path) -> PathBuf {
    data.join("control.sock")
}

/// Listens until the process ends. The folder's lock is held, so a socket that is left over is nobody's.
pub(crate) fn listen(desk: Desk) -> anyhow::Result<()> {
    let path = path(&desk.data);
    let _ = std::fs::remove_file(&path);
    let listener = UnixListener::bind(&path).with_context(|| format!("listen on {}", path.display()))?;
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600))?;
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let desk = desk.clone();
            tokio::spawn(async move {
                if let Err(error) = converse(&desk, stream).await {
                    tracing::warn!(%error, "control socket");
                }
            });
        }
    });
    Ok(())
}

/// Asks the server of a data folder; none when no server listens.
pub(crate) fn ask(data: &Path, request: &Request) -> anyhow::Result<Option<Answer>> {
    let Ok(mut stream) = UnixStream::connect(path(data)) else { return Ok(None) };
    stream.set_read_timeout(request.patience())?;
    writeln!(stream, "{}", serde_json::to_string(request)?)?;
    let mut line = String::new();
    BufReader::new(stream).read_line(&mut line)?;
    if line.is_empty() {
        bail!("the server closed the control socket");
    }
    Ok(Some(serde_json::from_str(&line)?))
}

/// Asks the server of a data folder, or opens the folder where none listens and carries the request out here.
pub(crate) async fn ask_or_open(config: &Config, request: Request) -> anyhow::Result<Answer> {
    Reach::find(config).await?.ask(request).await
}

/// Where requests about a data folder are carried out.
pub(crate) enum Reach {
    /// By the server that runs on it.
    Server(PathBuf),
    /// In this process, which holds it for that long.
    Here(Box<Here>),
}

/// A folder that this process holds.
pub(crate) struct Here {
    desk: Desk,
    _opened: Opened,
}

impl Reach {
    /// Finds the server of a data folder, or opens the folder where none listens.
    pub(crate) async fn find(config: &Config) -> anyhow::Result<Self> {
        if is_answered(&config.data) {
            return Ok(Self::Server(config.data.clone()));
        }
        let public_url = config.public_url.clone().unwrap_or_default();
        let opened = open::open(config, Arc::new(NoCalls), public_url, false).await?;
        let (app, master) = (opened.app.clone(), Arc::clone(&opened.master));
        let desk = Desk { app, data: config.data.clone(), master };
        Ok(Self::Here(Box::new(Here { desk, _opened: opened })))
    }

    /// Has a request carried out.
    pub(crate) async fn ask(&self, request: Request) -> anyhow::Result<Answer> {
        match self {
            Self::Here(here) => Ok(carry_out(&here.desk, request).await),
            Self::Server(data) => {
                let data = data.clone();
                let asked = tokio::task::spawn_blocking(move || ask(&data, &request)).await??;
                asked.context("the server has stopped")
            }
        }
    }
}

/// Whether a server listens on the socket of a data folder.
pub(crate) fn is_answered(data: &Path) -> bool {
    UnixStream::connect(path(data)).is_ok()
}

/// Carries a request out.
async fn carry_out(desk: &Desk, request: Request) -> Answer {
    let app = &desk.app;
    let done = match request {
        Request::TokenCreate { scope, ttl_s, tenant } => {
            bianque_app::identity::tokens::create(app, tenant, &scope, ttl_s)
                .await
                .map_err(anyhow::Error::from)
        }
        Request::AuditVerify { checkpoints } => bianque_app::audit::verify::verify(app, &checkpoints)
            .await
            .map(|report| serde_json::to_string(&report).unwrap_or_default())
            .map_err(anyhow::Error::from),
        Request::Backup { to, keep } => {
            backup::take(desk, &to, keep).await.map(|summary| summary.to_string())
        }
        Request::KeysRotate { new } => keys::rotate(desk, new).await,
        Request::Shred { tenant, patient, reason } => records::shred(app, tenant, &patient, &reason).await,
        Request::Hold { add, tenant, patient, reason } => {
            records::put_hold(app, add, tenant, &patient, &reason).await
        }
        Request::Scrub => records::scrub(app).await,
        Request::Import { tenant, batch } => take_in(app, tenant, &batch).await,
        Request::Tenant { ask } => tenant::carry_out(app, ask).await,
    };
    done.map_or_else(|error| Answer::Failed(format!("{error:#}")), Answer::Done)
}

async fn take_in(app: &App, tenant: TenantId, batch: &str) -> anyhow::Result<String> {
    let report = bianque_app::import::take(app, tenant, serde_json::from_str(batch)?).await?;
    Ok(serde_json::to_string(&report)?)
}

async fn converse(desk: &Desk, stream: tokio::net::UnixStream) -> anyhow::Result<()> {
    let (reading, mut writing) = stream.into_split();
    let mut line = String::new();
    let mut reading = tokio::io::BufReader::new(reading.take(LONGEST));
    tokio::time::timeout(PATIENCE, reading.read_line(&mut line)).await??;
    let answer = match serde_json::from_str(&line) {
        Ok(request) => carry_out(desk, request).await,
        Err(error) => Answer::Failed(error.to_string()),
    };
    writing.write_all(format!("{}\n", serde_json::to_string(&answer)?).as_bytes()).await?;
    Ok(())
}

/// A process without a server has no calls.
struct NoCalls;

impl MediaControl for NoCalls {
    fn join(&self, _: Join, _: Arc<dyn EventSink>) -> Result<SessionId, Refused> {
        Err(Refused::Stopped)
    }

    fn ice_servers(&self, _: &RoomId, _: &str, _: u16, _: u64) -> Vec<IceServer> {
        Vec::new()
    }

    fn join_sound(&self, _: JoinSound, _: Arc<dyn EventSink>) -> Result<SessionId, Refused> {
        Err(Refused::Stopped)
    }

    fn sound(&self, _: SessionId, _: SoundInput) -> Result<(), Refused> {
        Err(Refused::Stopped)
    }

    fn command(&self, _: Command) -> Result<(), Refused> {
        Err(Refused::Stopped)
    }
}
