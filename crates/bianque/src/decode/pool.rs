//! The server's side: a worker per core, started when it is first needed, used again, and replaced when it dies or takes too
//! long.

use std::borrow::Cow;
use std::io;
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::Mutex;
use std::time::Duration;

use bianque_app::ports::decoders::{
    Awaited, DecodeFailure, Decoders, Rendered, Rendering, Transcoded, Transcoding,
};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::timeout;

use super::wire::{self, Answered, Asked};

/// The hidden subcommand.
const SUBCOMMAND: &str = "decode-worker";
/// Requests that a worker answers before another takes its place, so that nothing gathers in it.
const REQUESTS: u32 = 256;

/// What decoding may cost.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    /// Workers at a time.
    pub workers: usize,
    /// Requests that may wait for one; more are refused at once.
    pub queue: usize,
    /// How long one may wait for a worker.
    pub wait: Duration,
    /// How long a worker may take for a request.
    pub deadline: Duration,
    /// Address space of a worker, bytes.
    pub memory: u64,
    /// What one frame may unfold to, bytes.
    pub frame: u64,
}

impl Limits {
    /// For a machine of so many cores, with so much memory for each worker, bytes.
    pub(crate) fn new(cores: usize, memory: u64) -> Self {
        Self {
            workers: cores,
            queue: 64,
            wait: Duration::from_secs(20),
            deadline: Duration::from_secs(10),
            memory,
            frame: memory / 4,
        }
    }
}

/// The workers.
#[derive(Debug)]
pub(crate) struct Pool {
    program: PathBuf,
    limits: Limits,
    idle: Mutex<Vec<Worker>>,
    /// One for each worker.
    slots: Semaphore,
    /// One for each request that is worked on or waits.
    places: Semaphore,
}

/// A worker that waits for a request.
#[derive(Debug)]
struct Worker {
    child: Child,
    input: ChildStdin,
    output: ChildStdout,
    requests: u32,
}

impl Pool {
    /// Workers of `program`, which has to understand `decode-worker`: normally the running program itself. None is started.
    pub(crate) fn new(program: impl Into<PathBuf>, limits: Limits) -> Self {
        Self {
            program: program.into(),
            limits,
            idle: Mutex::default(),
            slots: Semaphore::new(limits.workers),
            places: Semaphore::new(limits.workers + limits.queue),
        }
    }

    /// One request. Dropping the future ends the worker that is at it.
    async fn ask(&self, asked: &Asked<'_>, frame: &[u8]) -> Result<(Answered, Vec<u8>), DecodeFailure> {
        if frame.len() as u64 > wire::MAX_BODY {
            return Err(DecodeFailure::TooLarge("a frame of more than 1 GiB".to_owned()));
        }
        let _place = self.places.try_acquire().map_err(|_| DecodeFailure::Busy)?;
        let _slot = self.slot().await?;
        let mut worker = self.worker()?;
        let exchange = async {
            // A worker that dies while it is told leaves its answer missing, and that tells it.
            let _ = wire::send(&mut worker.input, asked, frame).await;
            // It cannot mean to send more than it can hold.
            wire::receive::<Answered>(&mut worker.output, self.limits.memory).await
        };
        let answer = match timeout(self.limits.deadline, exchange).await {
            Ok(answer) => answer.map_err(|_| DecodeFailure::Died)?,
            Err(_) => return Err(DecodeFailure::TooSlow),
        };
        worker.requests += 1;
        if worker.requests < REQUESTS {
            self.idle.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push(worker);
        }
        match answer {
            (Answered::Refused { why, words }, _) => Err(why.failure(words)),
            answer => Ok(answer),
        }
    }

    async fn slot(&self) -> Result<SemaphorePermit<'_>, DecodeFailure> {
        let slot = timeout(self.limits.wait, self.slots.acquire()).await;
        slot.ok().and_then(Result::ok).ok_or(DecodeFailure::Busy)
    }

    /// One that waits and lives, or a new one.
    fn worker(&self) -> Result<Worker, DecodeFailure> {
        loop {
            let idle = self.idle.lock().unwrap_or_else(std::sync::PoisonError::into_inner).pop();
            let Some(mut worker) = idle else { break };
            if matches!(worker.child.try_wait(), Ok(None)) {
                return Ok(worker);
            }
        }
        self.start().map_err(|error| {
            tracing::error!(%error, "no decoder can be started");
            DecodeFailure::Missing
        })
    }

    fn start(&self) -> io::Result<Worker> {
        let mut child = Command::new(&self.program)
            .arg(SUBCOMMAND)
            .args(["--frames", "--memory", &self.limits.memory.to_string()])
            .args(["--frame", &self.limits.frame.to_string()])
            .env_clear()
            // Threads and heaps cost address space, of which there is little.
            .env("RAYON_NUM_THREADS", "1")
            .env("MALLOC_ARENA_MAX", "1")
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()?;
        let (Some(input), Some(output)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(io::ErrorKind::BrokenPipe.into());
        };
        Ok(Worker { child, input, output, requests: 0 })
    }

    /// The processes that wait for a request.
    #[cfg(test)]
    pub(super) fn idle(&self) -> Vec<u32> {
        self.idle.lock().unwrap().iter().filter_map(|worker| worker.child.id()).collect()
    }
}

impl Decoders for Pool {
    fn render<'a>(&'a self, frame: bytes::Bytes, how: &'a Rendering) -> Awaited<'a, Rendered> {
        Box::pin(async move {
            match self.ask(&Asked::Render(Cow::Borrowed(how)), &frame).await? {
                (Answered::Rendered { width, height }, bytes) => {
                    Ok(Rendered { bytes: bytes.into(), width, height })
                }
                _ => Err(DecodeFailure::Died),
            }
        })
    }

    fn decode<'a>(&'a self, frame: bytes::Bytes, how: &'a Transcoding) -> Awaited<'a, Transcoded> {
        Box::pin(async move {
            match self.ask(&Asked::Transcode(Cow::Borrowed(how)), &frame).await? {
                (Answered::Transcoded { photometric, bits_allocated, bits_stored, high_bit }, bytes) => {
                    Ok(Transcoded { bytes: bytes.into(), photometric, bits_allocated, bits_stored, high_bit })
                }
                _ => Err(DecodeFailure::Died),
            }
        })
    }
}
