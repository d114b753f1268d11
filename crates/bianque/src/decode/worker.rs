//! The worker: sets its own limits, then answers requests until its input ends.

use std::panic::catch_unwind;
use std::process::ExitCode;

use bianque_app::ports::decoders::{Rendering, Transcoding};
use bianque_pixels::render::render;
use bianque_pixels::{Limits, PixelError, Target, decode, encode};
use rustix::process::{Resource, Rlimit, setrlimit};

use super::shapes;
use super::wire::{self, Answered, Asked, Refusal};

/// What a worker may hold open: its three streams and a few that its runtime needs.
const FILES: u64 = 16;
/// Processor time of a worker, s: more than its requests may take together before the server retires it.
const PROCESSOR_SECONDS: u64 = 3600;

/// Answers requests on standard output. `memory` is the address space of this process, `frame` what one frame may unfold to,
/// bytes.
pub(crate) fn serve(memory: u64, frame: u64) -> ExitCode {
    if confine(memory).is_err() {
        return ExitCode::FAILURE;
    }
    let (mut requests, mut answers) = (std::io::stdin().lock(), std::io::stdout().lock());
    let limits = Limits { bytes: frame };
    loop {
        let (asked, bytes) = match wire::read::<Asked<'_>>(&mut requests) {
            Ok(Some(request)) => request,
            Ok(None) => return ExitCode::SUCCESS,
            Err(_) => return ExitCode::FAILURE,
        };
        // A decoder that panics has met a frame that it cannot decode; nothing of it lives on.
        let answer = catch_unwind(|| answer(&asked, &bytes, limits));
        let answer = answer.unwrap_or(Err(PixelError::Corrupt("the decoder gave up")));
        let (head, body) = answer.unwrap_or_else(|error| (refused(&error), Vec::new()));
        if wire::write(&mut answers, &head, &body).is_err() {
            return ExitCode::FAILURE;
        }
    }
}

/// Limits are set before the first byte is read, and can only be lowered.
fn confine(memory: u64) -> rustix::io::Result<()> {
    let limits = [
        (Resource::As, memory),
        (Resource::Cpu, PROCESSOR_SECONDS),
        (Resource::Nofile, FILES),
        (Resource::Fsize, 0),
        (Resource::Core, 0),
    ];
    limits.into_iter().try_for_each(|(resource, most)| {
        setrlimit(resource, Rlimit { current: Some(most), maximum: Some(most) })
    })
}

fn answer(asked: &Asked<'_>, bytes: &[u8], limits: Limits) -> Result<(Answered, Vec<u8>), PixelError> {
    match asked {
        Asked::Render(how) => rendered(how, bytes, limits),
        Asked::Transcode(how) => transcoded(how, bytes, limits),
    }
}

fn rendered(how: &Rendering, bytes: &[u8], limits: Limits) -> Result<(Answered, Vec<u8>), PixelError> {
    let (codec, shape) = shapes::frame(&how.header)?;
    let description = shapes::description(shape, &how.presentation)?;
    let picture = render(bytes, codec, &description, &shapes::request(how), &limits)?;
    Ok((Answered::Rendered { width: picture.width, height: picture.height }, picture.bytes))
}

fn transcoded(how: &Transcoding, bytes: &[u8], limits: Limits) -> Result<(Answered, Vec<u8>), PixelError> {
    let (codec, shape) = shapes::frame(&how.header)?;
    let target = shapes::target(how)?;
    let decoded = decode(bytes, codec, &shape, &limits)?;
    let samples = if target == Target::Plain { decoded.in_rgb() } else { decoded };
    let packed = encode(&samples, &shape, target)?;
    let head = Answered::Transcoded {
        photometric: packed.photometric.term().to_owned(),
        bits_allocated: packed.bits_allocated,
        bits_stored: packed.bits_stored,
        high_bit: packed.high_bit,
    };
    Ok((head, packed.bytes))
}

fn refused(error: &PixelError) -> Answered {
    let why = match error {
        PixelError::TooLarge { .. } => Refusal::TooLarge,
        PixelError::Unsupported(_) => Refusal::Unsupported,
        PixelError::Truncated { .. }
        | PixelError::Mismatch { .. }
        | PixelError::Header(_)
        | PixelError::Corrupt(_) => Refusal::Damaged,
    };
    Answered::Refused { why, words: error.to_string() }
}
