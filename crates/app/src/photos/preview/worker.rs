//! The process that decodes pixels, and how it is asked.
//!
//! A decoder reads bytes that a stranger chose. It runs in a process that can reach nothing: no environment, no more
//! files, little memory, little time. If it dies, one preview is missing and nothing else.
//!
//! The server starts its own program with the argument `decode-worker`, writes the image to its standard input and
//! closes it. The worker answers on standard output with the original's upright width and height, four bytes each, big
//! end first, and the preview as JPEG; it exits with 0. Without a preview it writes nothing and exits with one of the
//! codes below.

use std::io::{Read, Write};
use std::path::PathBuf;
use std::process::{ExitCode, Stdio};
use std::time::Duration;

use rustix::process::{Resource, Rlimit, setrlimit};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::process::{Child, Command};
use tokio::sync::Semaphore;

use super::{PhotoError, Preview, preview};

/// The hidden subcommand.
const SUBCOMMAND: &str = "decode-worker";
/// Address space of a worker, bytes.
const MEMORY: u64 = 1 << 30;
/// Processor time of a worker, s.
const PROCESSOR_SECONDS: u64 = 20;
/// What a worker may hold open: its three streams and a few that its runtime needs.
const FILES: u64 = 32;
/// The largest image that is read, bytes.
const MAX_INPUT: u64 = 64 << 20;
/// The largest preview that is believed, bytes.
const MAX_OUTPUT: u64 = 16 << 20;
/// How long the server waits for a preview.
const PATIENCE: Duration = Duration::from_secs(30);
/// Workers at a time, whoever asks.
static SLOTS: Semaphore = Semaphore::const_new(2);

const UNSUPPORTED: u8 = 10;
const CORRUPT: u8 = 11;
const TOO_MANY_PIXELS: u8 = 12;
const NO_PREVIEW: u8 = 13;

/// What `decode-worker` does: sets its own limits, then reads an image and answers with its preview.
pub fn run_worker() -> ExitCode {
    if confine().is_err() {
        return ExitCode::FAILURE;
    }
    let mut bytes = Vec::new();
    if std::io::stdin().lock().take(MAX_INPUT).read_to_end(&mut bytes).is_err() {
        return ExitCode::FAILURE;
    }
    let made = match preview(&bytes) {
        Ok(made) => made,
        Err(error) => return ExitCode::from(code(&error)),
    };
    let mut out = std::io::stdout().lock();
    let size = [made.width.to_be_bytes(), made.height.to_be_bytes()].concat();
    match out.write_all(&size).and_then(|()| out.write_all(&made.jpeg)).and_then(|()| out.flush()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

/// Limits are set before the first byte is read, and can only be lowered.
fn confine() -> rustix::io::Result<()> {
    let limits = [
        (Resource::As, MEMORY),
        (Resource::Cpu, PROCESSOR_SECONDS),
        (Resource::Nofile, FILES),
        (Resource::Fsize, 0),
        (Resource::Core, 0),
    ];
    limits.into_iter().try_for_each(|(resource, most)| {
        setrlimit(resource, Rlimit { current: Some(most), maximum: Some(most) })
    })
}

const fn code(error: &PhotoError) -> u8 {
    match error {
        PhotoError::Unsupported | PhotoError::WrongType { .. } => UNSUPPORTED,
        PhotoError::Corrupt(_) => CORRUPT,
        PhotoError::TooManyPixels { .. } => TOO_MANY_PIXELS,
        PhotoError::NoPreview(_) => NO_PREVIEW,
    }
}

/// Asks for previews, one process each.
#[derive(Debug, Clone)]
pub struct DecodeWorker {
    program: PathBuf,
    patience: Duration,
}

impl DecodeWorker {
    /// Previews by `program`, which has to understand `decode-worker`: normally the running program itself.
    pub fn new(program: impl Into<PathBuf>) -> Self {
        Self { program: program.into(), patience: PATIENCE }
    }

    /// The same, waiting no longer than `patience` for a preview.
    #[must_use]
    pub fn with_patience(self, patience: Duration) -> Self {
        Self { patience, ..self }
    }

    /// The preview of an image, made in a process of its own.
    ///
    /// A worker that dies, hangs or answers nonsense gives [`PhotoError::NoPreview`]: the photo is kept without one.
    pub async fn preview(&self, bytes: &[u8]) -> Result<Preview, PhotoError> {
        const BUSY: PhotoError = PhotoError::NoPreview("no worker is free");
        let _slot = SLOTS.acquire().await.map_err(|_| BUSY)?;
        // Dropping the future or running out of patience kills the process.
        let answer = tokio::time::timeout(self.patience, self.ask(bytes)).await;
        answer.unwrap_or(Err(PhotoError::NoPreview("decoding it takes too long")))
    }

    async fn ask(&self, bytes: &[u8]) -> Result<Preview, PhotoError> {
        const LOST: PhotoError = PhotoError::NoPreview("the decoder could not be run");
        let mut child = self.spawn().map_err(|_| LOST)?;
        let (mut input, output) = (child.stdin.take().ok_or(LOST)?, child.stdout.take().ok_or(LOST)?);
        let give = async {
            // A worker that refuses early closes its end; its exit code says why.
            let _ = input.write_all(bytes).await;
            drop(input);
        };
        let mut answer = Vec::new();
        let mut output = output.take(MAX_OUTPUT);
        let ((), taken) = tokio::join!(give, output.read_to_end(&mut answer));
        taken.map_err(|_| LOST)?;
        // A worker that has more to say than is believed must not wait for a reader.
        drop(output);
        let status = child.wait().await.map_err(|_| LOST)?;
        match status.code() {
            Some(0) => read_answer(answer),
            Some(other) => Err(meaning(other)),
            None => Err(PhotoError::NoPreview("decoding it takes too much memory or time")),
        }
    }

    fn spawn(&self) -> std::io::Result<Child> {
        Command::new(&self.program)
            .arg(SUBCOMMAND)
            .env_clear()
            // Threads and heaps cost address space, of which there is little.
            .env("RAYON_NUM_THREADS", "2")
            .env("MALLOC_ARENA_MAX", "2")
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
    }
}

fn meaning(code: i32) -> PhotoError {
    match u8::try_from(code) {
        Ok(UNSUPPORTED) => PhotoError::Unsupported,
        Ok(CORRUPT) => PhotoError::Corrupt("the pixels cannot be decoded"),
        Ok(TOO_MANY_PIXELS) => PhotoError::NoPreview("it has too many pixels"),
        Ok(NO_PREVIEW) => PhotoError::NoPreview("this variant of the format cannot be decoded"),
        _ => PhotoError::NoPreview("the decoder failed"),
    }
}

fn read_answer(mut answer: Vec<u8>) -> Result<Preview, PhotoError> {
    const NONSENSE: PhotoError = PhotoError::NoPreview("the decoder answered nonsense");
    let (Some(width), Some(height)) = (side(&answer, 0), side(&answer, 4)) else { return Err(NONSENSE) };
    let jpeg = answer.split_off(8);
    if jpeg.starts_with(&[0xff, 0xd8, 0xff]) && jpeg.ends_with(&[0xff, 0xd9]) && width > 0 && height > 0 {
        Ok(Preview { jpeg, width, height })
    } else {
        Err(NONSENSE)
    }
}

fn side(answer: &[u8], at: usize) -> Option<u32> {
    answer.get(at..at + 4).map(|b| u32::from_be_bytes([b[0], b[1], b[2], b[3]]))
}
