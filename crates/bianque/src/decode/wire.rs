//! What goes over a worker's standard streams: the length of a head and of a body, then the head as JSON, then the body.

use std::borrow::Cow;
use std::io::{self, Read, Write};

use bianque_app::ports::decoders::{DecodeFailure, Rendering, Transcoding};
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

/// The longest head: a few tables and overlays.
const MAX_HEAD: u64 = 64 << 20;
/// The longest body.
pub(super) const MAX_BODY: u64 = 1 << 30;

/// What a worker is asked; the body is the frame.
#[derive(Debug, Serialize, Deserialize)]
#[expect(clippy::large_enum_variant, reason = "there is one at a time")]
pub(super) enum Asked<'a> {
    Render(Cow<'a, Rendering>),
    Transcode(Cow<'a, Transcoding>),
}

/// What it answers; the body is the picture or the frame.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Answered {
    Rendered { width: u32, height: u32 },
    Transcoded { photometric: String, bits_allocated: u16, bits_stored: u16, high_bit: u16 },
    Refused { why: Refusal, words: String },
}

/// Why a worker refuses.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(super) enum Refusal {
    Unsupported,
    Damaged,
    TooLarge,
}

impl Refusal {
    /// As the port says it.
    pub(super) fn failure(self, words: String) -> DecodeFailure {
        match self {
            Self::Unsupported => DecodeFailure::Unsupported(words),
            Self::Damaged => DecodeFailure::Damaged(words),
            Self::TooLarge => DecodeFailure::TooLarge(words),
        }
    }
}

/// Writes one message, in a process that does nothing else.
pub(super) fn write(out: &mut impl Write, head: &impl Serialize, body: &[u8]) -> io::Result<()> {
    let head = serde_json::to_vec(head)?;
    out.write_all(&lengths(head.len(), body.len()))?;
    out.write_all(&head)?;
    out.write_all(body)?;
    out.flush()
}

/// Reads one message, in a process that does nothing else; none where the stream ends before one.
pub(super) fn read<T: for<'de> Deserialize<'de>>(from: &mut impl Read) -> io::Result<Option<(T, Vec<u8>)>> {
    let mut lengths = [0; 16];
    match from.read_exact(&mut lengths) {
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
        read => read?,
    }
    let (head_length, body_length) = checked(lengths, MAX_BODY)?;
    let mut take = |length: u64| {
        let mut bytes = Vec::with_capacity(usize::try_from(length).map_err(io::Error::other)?);
        from.by_ref().take(length).read_to_end(&mut bytes)?;
        whole(bytes, length)
    };
    let head = take(head_length)?;
    let body = take(body_length)?;
    Ok(Some((serde_json::from_slice(&head)?, body)))
}

/// Writes one message to a worker.
pub(super) async fn send(
    out: &mut (impl AsyncWrite + Unpin),
    head: &impl Serialize,
    body: &[u8],
) -> io::Result<()> {
    let head = serde_json::to_vec(head)?;
    out.write_all(&lengths(head.len(), body.len())).await?;
    out.write_all(&head).await?;
    out.write_all(body).await?;
    out.flush().await
}

/// Reads one message of a worker, which is not believed: what it says it sends is not allocated before it comes, and is no more
/// than `most` bytes.
pub(super) async fn receive<T: for<'de> Deserialize<'de>>(
    from: &mut (impl AsyncRead + Unpin),
    most: u64,
) -> io::Result<(T, Vec<u8>)> {
    let mut lengths = [0; 16];
    from.read_exact(&mut lengths).await?;
    let (head_length, body_length) = checked(lengths, most)?;
    let (mut head, mut body) = (Vec::new(), Vec::new());
    (&mut *from).take(head_length).read_to_end(&mut head).await?;
    (&mut *from).take(body_length).read_to_end(&mut body).await?;
    Ok((serde_json::from_slice(&whole(head, head_length)?)?, whole(body, body_length)?))
}

fn lengths(head: usize, body: usize) -> [u8; 16] {
    (head as u128 | (body as u128) << 64).to_le_bytes()
}

fn checked(lengths: [u8; 16], most: u64) -> io::Result<(u64, u64)> {
    let both = u128::from_le_bytes(lengths);
    let half = |shifted: u128| u64::try_from(shifted & u128::from(u64::MAX)).unwrap_or(u64::MAX);
    let (head, body) = (half(both), half(both >> 64));
    if head > MAX_HEAD || body > most {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "a message that is too long"));
    }
    Ok((head, body))
}

fn whole(bytes: Vec<u8>, length: u64) -> io::Result<Vec<u8>> {
    if bytes.len() as u64 == length { Ok(bytes) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
}
