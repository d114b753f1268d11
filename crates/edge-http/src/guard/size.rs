//! A body that announces itself as too large, or as packed, is refused before a byte of it is read.

use axum::extract::{Request, State};
use axum::http::header;
use axum::middleware::Next;
use axum::response::Response;
use bianque_app::{Error, ErrorKind};

use crate::Problem;

/// Refuses by the headers of a request. What comes without a length is counted as it is read.
pub(crate) async fn announced(
    State(limit): State<usize>,
    request: Request,
    next: Next,
) -> Result<Response, Problem> {
    let headers = request.headers();
    let length = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok());
    // A number that does not fit is larger than every limit; one that is none was refused by the protocol's parser.
    if length.is_some_and(|text| text.trim().parse::<usize>().map_or(true, |length| length > limit)) {
        let message = format!("this route takes {limit} bytes at most");
        return Err(Error::new(ErrorKind::TooLarge, "body.too-large", message).into());
    }
    // Nothing is unpacked here, so that nothing can swell.
    if headers.get(header::CONTENT_ENCODING).is_some_and(|encoding| encoding != "identity") {
        return Err(Error::new(ErrorKind::WrongType, "body.encoding", "send the body unpacked").into());
    }
    Ok(next.run(request).await)
}
