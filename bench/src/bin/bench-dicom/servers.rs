//! The servers that are measured, each on free ports with data of its own: ours, and Orthanc as its packages of Debian are.

use std::io::Read;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use bianque_bench::Process;
use bianque_testkit::{Server, Setup};
use serde_json::json;
use tempfile::TempDir;
use ureq::Agent;

const START: Duration = Duration::from_secs(30);
const PATIENCE: Duration = Duration::from_mins(2);
const DICOMWEB_PLUGIN: &str = "/usr/share/orthanc/plugins/libOrthancDicomWeb.so";

/// Which server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    Ours,
    Orthanc,
}

/// A server that runs. It ends, and its data are gone, when this is dropped.
#[derive(Debug)]
pub(crate) struct Archive {
    pub(crate) side: Side,
    served: Served,
    _running: Running,
}

/// Where a server is, and which process it is.
#[derive(Debug)]
pub(crate) struct Served {
    pub(crate) dimse: SocketAddr,
    pub(crate) ae_title: &'static str,
    /// The base of DICOMweb, without a slash at its end.
    pub(crate) web: String,
    pub(crate) process: Process,
    bearer: Option<String>,
}

#[derive(Debug)]
enum Running {
    Ours { _server: Box<Server>, _data: TempDir },
    Orthanc { child: Child, _data: TempDir },
}

impl Archive {
    /// Starts a server with an empty archive in a new folder below `folder`.
    pub(crate) fn start(side: Side, folder: &Path) -> Result<Self> {
        let (served, running) = match side {
            Side::Ours => ours(folder).context("starting our server")?,
            Side::Orthanc => orthanc(folder).context("starting Orthanc")?,
        };
        Ok(Self { side, served, _running: running })
    }
}

impl std::ops::Deref for Archive {
    type Target = Served;

    fn deref(&self) -> &Served {
        &self.served
    }
}

impl Served {
    /// A connection of its own that stays open.
    pub(crate) fn connect(&self) -> Connection {
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(PATIENCE))
            .max_idle_connections_per_host(1);
        Connection { base: self.web.clone(), bearer: self.bearer.clone(), agent: config.build().into() }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Self::Orthanc { child, .. } = self {
            // It may have ended by itself.
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

fn ours(folder: &Path) -> Result<(Served, Running)> {
    let program = PathBuf::from(std::env::var_os("BIANQUE_BIN").context("BIANQUE_BIN names no server")?);
    let kept = TempDir::with_prefix_in("ours-", folder)?;
    let data = kept.path().join("data");
    let server = Setup::demo(&program).flags(["--dimse", "127.0.0.1:0"]).data(&data).start()?;
    let dimse = server.ready()["dimse"].as_str().context("the ready line names no DIMSE")?.parse()?;
    let token = Command::new(&program)
        .args(["token", "create", "--scope", "system/*.cruds", "--ttl", "24h", "--data"])
        .arg(&data)
        .output()?;
    ensure!(token.status.success(), "no token: {}", String::from_utf8_lossy(&token.stderr));
    let served = Served {
        dimse,
        ae_title: "BIANQUE",
        web: format!("{}/dicomweb", server.base()),
        process: Process(server.pid()),
        bearer: Some(String::from_utf8(token.stdout)?.trim().to_owned()),
    };
    Ok((served, Running::Ours { _server: Box::new(server), _data: kept }))
}

fn orthanc(folder: &Path) -> Result<(Served, Running)> {
    let kept = TempDir::with_prefix_in("orthanc-", folder)?;
    let (dimse, http) = (free_address()?, free_address()?);
    let configuration = kept.path().join("orthanc.json");
    std::fs::write(&configuration, settings(kept.path(), dimse, http).to_string())?;
    let child = Command::new(orthanc_program())
        .arg(&configuration)
        // Without it an association does some fifteen images per second, and nothing is measured but delays of TCP.
        .env("TCP_NODELAY", "1")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(std::fs::File::create(kept.path().join("orthanc.log"))?)
        .spawn()?;
    let process = Process(child.id());
    let running = Running::Orthanc { child, _data: kept };
    let begun = Instant::now();
    while TcpStream::connect(http).is_err() || TcpStream::connect(dimse).is_err() {
        ensure!(begun.elapsed() < START, "it does not listen");
        thread::sleep(Duration::from_millis(50));
    }
    let web = format!("http://{http}/dicom-web");
    Ok((Served { dimse, ae_title: "ORTHANC", web, process, bearer: None }, running))
}

/// Tuned for speed, but what is stored is synced.
fn settings(folder: &Path, dimse: SocketAddr, http: SocketAddr) -> serde_json::Value {
    json!({
        "StorageDirectory": folder.join("db"), "IndexDirectory": folder.join("db"),
        "SyncStorageArea": true, "StorageCompression": false, "StoreMD5ForAttachments": false,
        "OverwriteInstances": true, "SaveJobs": false, "StorageAccessOnFind": "Never",
        "HttpPort": http.port(), "RemoteAccessAllowed": false, "AuthenticationEnabled": false, "TcpNoDelay": true,
        "KeepAlive": true, "HttpCompressionEnabled": false, "HttpThreadsCount": 50,
        "DicomAet": "ORTHANC", "DicomPort": dimse.port(), "DicomAlwaysAllowStore": true,
        "MaximumPduLength": 131_072,
        "Plugins": [DICOMWEB_PLUGIN],
        "DicomWeb": {"Enable": true, "Root": "/dicom-web/", "StudiesMetadata": "MainDicomTags", "SeriesMetadata": "Full"},
    })
}

fn orthanc_program() -> PathBuf {
    // Debian has it where only root's PATH looks.
    let system = PathBuf::from("/usr/sbin/Orthanc");
    if system.is_file() { system } else { PathBuf::from("Orthanc") }
}

fn free_address() -> Result<SocketAddr> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?)
}

/// A connection to a server.
#[derive(Debug)]
pub(crate) struct Connection {
    base: String,
    bearer: Option<String>,
    agent: Agent,
}

impl Connection {
    /// The body of the answer. Any status but one of success is an error.
    pub(crate) fn get(&self, path: &str, accept: &str) -> Result<Vec<u8>> {
        let mut body = Vec::new();
        self.open(path, accept)?.read_to_end(&mut body).with_context(|| format!("reading {path}"))?;
        Ok(body)
    }

    /// How many bytes the body of the answer has; they are thrown away as they come.
    pub(crate) fn length(&self, path: &str, accept: &str) -> Result<u64> {
        let mut body = self.open(path, accept)?;
        let mut buffer = vec![0; 256 * 1024];
        let mut length = 0;
        loop {
            match body.read(&mut buffer).with_context(|| format!("reading {path}"))? {
                0 => return Ok(length),
                read => length += read as u64,
            }
        }
    }

    fn open(&self, path: &str, accept: &str) -> Result<impl Read + use<>> {
        let request = self.agent.get(format!("{}{path}", self.base)).header("accept", accept);
        let request = match &self.bearer {
            Some(token) => request.header("authorization", format!("Bearer {token}")),
            None => request,
        };
        let mut answer = request.call().with_context(|| path.to_owned())?;
        let status = answer.status();
        if !status.is_success() {
            let told = answer.body_mut().read_to_string().unwrap_or_default();
            anyhow::bail!("{path} as {accept}: {status}: {told}");
        }
        Ok(answer.into_body().into_reader())
    }
}
