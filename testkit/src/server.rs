//! The built server in a process of its own.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use tempfile::TempDir;

use crate::browser::Browser;

const READY_WITHIN: Duration = Duration::from_mins(1);
const STOP_WITHIN: Duration = Duration::from_secs(15);
const LOG_TAIL: usize = 4000;

/// How a server is to be started.
#[derive(Debug, Clone)]
pub struct Setup {
    program: PathBuf,
    command: &'static str,
    data: Option<PathBuf>,
    flags: Vec<String>,
    variables: Vec<(String, String)>,
}

impl Setup {
    /// `bianque demo`: synthetic people, one-click sign-in.
    pub fn demo(program: impl AsRef<Path>) -> Self {
        // Its hospital stays silent, so that a test knows what happens.
        Self::of("demo", program).flags(["--hospital-ms", "0"])
    }

    /// `bianque serve`: an empty installation, or what `data` holds.
    pub fn serve(program: impl AsRef<Path>) -> Self {
        Self::of("serve", program)
    }

    fn of(command: &'static str, program: impl AsRef<Path>) -> Self {
        let listeners = ["--http", "--media", "--mllp", "--dimse"];
        let flags = listeners.iter().flat_map(|flag| [*flag, "127.0.0.1:0"]);
        Self {
            program: program.as_ref().to_owned(),
            command,
            data: None,
            flags: flags.map(str::to_owned).collect(),
            variables: Vec::new(),
        }
    }

    /// A data folder that outlives the server. Without it there is a temporary one.
    pub fn data(mut self, folder: impl AsRef<Path>) -> Self {
        self.data = Some(folder.as_ref().to_owned());
        self
    }

    /// More flags.
    pub fn flags<S: Into<String>>(mut self, flags: impl IntoIterator<Item = S>) -> Self {
        self.flags.extend(flags.into_iter().map(Into::into));
        self
    }

    /// A variable of the environment.
    pub fn variable(mut self, name: &str, value: &str) -> Self {
        self.variables.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Starts it and waits for the ready line.
    pub fn start(self) -> Result<Server> {
        let own = TempDir::with_prefix("bianque-test-")?;
        let data = self.data.clone().unwrap_or_else(|| own.path().join("data"));
        let log = own.path().join("server.log");
        let running = Running::start(&self, &data, &log)?;
        Ok(Server { setup: self, own, data, log, running })
    }
}

/// A server that runs, or ran. It is killed when this value is dropped.
#[derive(Debug)]
pub struct Server {
    setup: Setup,
    own: TempDir,
    data: PathBuf,
    log: PathBuf,
    running: Running,
}

impl Server {
    /// The ready line.
    pub fn ready(&self) -> &Value {
        &self.running.ready
    }

    /// From start to ready line.
    pub fn start_took(&self) -> Duration {
        self.running.took
    }

    /// The origin of its pages, such as `http://127.0.0.1:40123`.
    pub fn base(&self) -> &str {
        self.running.ready["http"].as_str().unwrap_or_default()
    }

    /// The process.
    pub fn pid(&self) -> u32 {
        self.running.child.id()
    }

    /// The data folder.
    pub fn data(&self) -> &Path {
        &self.data
    }

    /// A temporary folder that is there as long as this value.
    pub fn scratch(&self) -> &Path {
        self.own.path()
    }

    /// What it has logged so far.
    pub fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// A new browser at this server.
    pub fn browser(&self) -> Browser {
        Browser::new(self.base())
    }

    /// Kills it as a power cut would: nothing is written, nothing is closed.
    pub fn kill(&mut self) -> Result<()> {
        self.running.child.kill()?;
        self.running.child.wait()?;
        Ok(())
    }

    /// Asks it to end, as a service manager would, and says how it did.
    pub fn stop(&mut self) -> Result<ExitStatus> {
        let pid = i32::try_from(self.pid()).ok().and_then(Pid::from_raw).context("no process id")?;
        kill_process(pid, Signal::TERM)?;
        let deadline = Instant::now() + STOP_WITHIN;
        while Instant::now() < deadline {
            if let Some(status) = self.running.child.try_wait()? {
                return Ok(status);
            }
            thread::sleep(Duration::from_millis(5));
        }
        bail!("it did not end within {STOP_WITHIN:?}: {}", tail(&self.log()))
    }

    /// Starts it again on the same data. Its ports are new.
    pub fn restart(&mut self) -> Result<()> {
        if self.running.child.try_wait()?.is_none() {
            self.kill()?;
        }
        self.running = Running::start(&self.setup, &self.data, &self.log)?;
        Ok(())
    }

    /// The lines after the ready line on its standard output, once it has ended. There should be none.
    pub fn more_output(&mut self) -> Vec<String> {
        self.running.lines.iter().collect()
    }
}

#[derive(Debug)]
struct Running {
    child: Child,
    ready: Value,
    took: Duration,
    lines: mpsc::Receiver<String>,
}

impl Running {
    fn start(setup: &Setup, data: &Path, log: &Path) -> Result<Self> {
        let start = Instant::now();
        let mut child = Command::new(&setup.program)
            .arg(setup.command)
            .args(&setup.flags)
            .arg("--data")
            .arg(data)
            .envs(setup.variables.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(File::options().append(true).create(true).open(log)?)
            .spawn()
            .with_context(|| format!("starting {}", setup.program.display()))?;
        let lines = lines_of(child.stdout.take().context("no standard output")?);
        let first = lines.recv_timeout(READY_WITHIN);
        let took = start.elapsed();
        let ready = first.ok().and_then(|line| serde_json::from_str::<Value>(&line).ok());
        match ready {
            Some(ready) if ready["ready"] == true => Ok(Self { child, ready, took, lines }),
            _ => {
                child.kill()?;
                let status = child.wait()?;
                let log = std::fs::read_to_string(log).unwrap_or_default();
                bail!("no ready line ({status}); its log ends with: {}", tail(&log))
            }
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended already; then there is nothing to kill.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn lines_of(output: ChildStdout) -> mpsc::Receiver<String> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        for line in BufReader::new(output).lines().map_while(Result::ok) {
            if sender.send(line).is_err() {
                break;
            }
        }
    });
    receiver
}

fn tail(log: &str) -> &str {
    let start = log.len().saturating_sub(LOG_TAIL);
    log.get(start..).unwrap_or(log)
}
