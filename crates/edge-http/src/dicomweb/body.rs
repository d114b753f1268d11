//! Bodies of instances: parts that are read, opened and sent as the other side takes them, so that none is held.

use axum::body::{Body, Bytes};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use bianque_app::archive::retrieve;
use bianque_app::{App, Error};
use bianque_model::Context;
use futures_util::stream::{self, StreamExt as _};
use tokio::sync::mpsc;
use uuid::Uuid;

use crate::Problem;

/// Bytes of JSON that are sent together.
const PIECE: usize = 128 << 10;
/// Pieces that wait for the other side.
const WAITING: usize = 4;

/// Opens the bytes of a part. It may block.
pub(super) type Opening = Box<dyn FnOnce(&App, &Context) -> Result<Source, Error> + Send>;

/// A part of an answer: its own media type, and how its bytes are opened. Opening blocks.
pub(super) struct Part {
    /// `Content-Type` of the part.
    pub(super) content_type: String,
    /// Opens it.
    pub(super) open: Opening,
}

/// Where the bytes of a part come from.
pub(super) enum Source {
    /// The sealed file of an instance, or a part of it.
    Kept(retrieve::Bytes),
    /// What was made of it.
    Made(Vec<u8>),
}

impl Source {
    fn each(self, mut give: impl FnMut(Bytes) -> bool) -> Result<(), Error> {
        match self {
            Self::Kept(mut bytes) => {
                while let Some(piece) = bytes.next_piece()? {
                    if !give(piece.into()) {
                        break;
                    }
                }
            }
            Self::Made(bytes) => {
                give(bytes.into());
            }
        }
        Ok(())
    }

    fn length(&self) -> u64 {
        match self {
            Self::Kept(bytes) => bytes.left(),
            Self::Made(bytes) => bytes.len() as u64,
        }
    }
}

/// Several parts as `multipart/related` (RFC 2387). What cannot be read ends the answer short of its last boundary.
pub(super) fn multipart(
    app: App,
    context: Context,
    parts: impl Iterator<Item = Part> + Send + 'static,
    part_type: &str,
) -> Result<Response, Problem> {
    let boundary = Uuid::new_v4().simple().to_string();
    let content_type = format!("multipart/related; type=\"{part_type}\"; boundary={boundary}");
    let (sender, receiver) = mpsc::channel::<Result<Bytes, String>>(WAITING);
    tokio::task::spawn_blocking(move || {
        let mut give = |bytes: Bytes| sender.blocking_send(Ok(bytes)).is_ok();
        for part in parts {
            let head = format!("\r\n--{boundary}\r\nContent-Type: {}\r\n", part.content_type);
            let sent = (part.open)(&app, &context).and_then(|source| {
                let head = format!("{head}Content-Length: {}\r\n\r\n", source.length());
                if give(head.into()) { source.each(&mut give) } else { Ok(()) }
            });
            if let Err(error) = sent {
                tracing::error!(%error, "an image could not be read; the answer ends before its end");
                let _ = sender.blocking_send(Err(error.to_string()));
                return;
            }
        }
        give(format!("\r\n--{boundary}--\r\n").into());
    });
    answer(Body::from_stream(pieces(receiver)), &content_type)
}

/// Items as a JSON array, each written when the other side has taken those before it. What cannot be written ends the answer
/// before the array does.
pub(super) fn json_array<F>(
    app: App,
    context: Context,
    items: impl Iterator<Item = F> + Send + 'static,
    content_type: &str,
) -> Result<Response, Problem>
where
    F: FnOnce(&App, &Context) -> Result<Vec<u8>, Error>,
{
    let (sender, receiver) = mpsc::channel::<Result<Bytes, String>>(WAITING);
    tokio::task::spawn_blocking(move || {
        let mut waiting = vec![b'['];
        for (place, item) in items.enumerate() {
            if place > 0 {
                waiting.push(b',');
            }
            match item(&app, &context) {
                Ok(json) => waiting.extend(json),
                Err(error) => {
                    tracing::error!(%error, "an image could not be read; the answer ends before its end");
                    let _ = sender.blocking_send(Err(error.to_string()));
                    return;
                }
            }
            if waiting.len() > PIECE && sender.blocking_send(Ok(std::mem::take(&mut waiting).into())).is_err()
            {
                return;
            }
        }
        waiting.push(b']');
        let _ = sender.blocking_send(Ok(waiting.into()));
    });
    answer(Body::from_stream(pieces(receiver)), content_type)
}

/// One part alone.
pub(super) async fn single(app: App, context: Context, part: Part) -> Result<Response, Problem> {
    let content_type = part.content_type.clone();
    let opened = tokio::task::spawn_blocking(move || (part.open)(&app, &context));
    let source = opened.await.map_err(Error::internal)??;
    let length = source.length();
    let (sender, receiver) = mpsc::channel::<Result<Bytes, String>>(WAITING);
    tokio::task::spawn_blocking(move || {
        if let Err(error) = source.each(|bytes| sender.blocking_send(Ok(bytes)).is_ok()) {
            tracing::error!(%error, "an image could not be read; the answer ends before its end");
            let _ = sender.blocking_send(Err(error.to_string()));
        }
    });
    let mut response = answer(Body::from_stream(pieces(receiver)), &content_type)?;
    response.headers_mut().insert(header::CONTENT_LENGTH, HeaderValue::from(length));
    Ok(response)
}

fn pieces(
    receiver: mpsc::Receiver<Result<Bytes, String>>,
) -> impl stream::Stream<Item = Result<Bytes, String>> + Send {
    stream::unfold(receiver, |mut receiver| async move { Some((receiver.recv().await?, receiver)) }).fuse()
}

/// An answer with a media type. Images are kept by nobody on the way.
pub(super) fn answer(body: Body, content_type: &str) -> Result<Response, Problem> {
    let mut response = body.into_response();
    let value = HeaderValue::from_str(content_type).map_err(|error| Problem(Error::internal(error)))?;
    response.headers_mut().insert(header::CONTENT_TYPE, value);
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    Ok(response)
}
