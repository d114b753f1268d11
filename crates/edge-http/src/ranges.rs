//! Parts of what is played: RFC 9110, section 14, with one range of bytes, which is all that players ask for.

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bianque_app::Error;
use bianque_app::recording::play::{PIECE, Playing};
use futures_util::stream;

use crate::Problem;

/// What of a representation is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// All of it.
    All,
    /// From the first byte to before the last; never empty.
    Part {
        /// The first byte.
        from: u64,
        /// The byte behind the last.
        to: u64,
    },
    /// Nothing: what is asked for lies behind the end.
    Behind,
}

/// What a request wants of `size` bytes. What is no range of one part is answered with the whole, as the standard has it.
pub(crate) fn wanted(headers: &HeaderMap, size: u64) -> Wanted {
    let range = headers.get(header::RANGE).and_then(|value| value.to_str().ok());
    let Some((first, last)) = range.and_then(|range| range.strip_prefix("bytes=")?.split_once('-')) else {
        return Wanted::All;
    };
    let (from, to) = match (first.parse::<u64>(), last.parse::<u64>()) {
        (Ok(from), Ok(last)) if last >= from => (from, last.saturating_add(1).min(size)),
        (Ok(from), Err(_)) if last.is_empty() => (from, size),
        (Err(_), Ok(length)) if first.is_empty() => (size.saturating_sub(length), size),
        _ => return Wanted::All,
    };
    if from < to { Wanted::Part { from, to } } else { Wanted::Behind }
}

/// The bytes that are wanted of a sealed file, piece by piece as they are taken.
pub(crate) fn body(file: Playing, wanted: Wanted) -> Body {
    let (from, to) = match wanted {
        Wanted::All => (0, file.size),
        Wanted::Part { from, to } => (from, to),
        Wanted::Behind => return Body::empty(),
    };
    Body::from_stream(stream::unfold((file, from), move |(file, at)| async move {
        if at >= to {
            return None;
        }
        let read = file.read(at, (to - at).min(PIECE as u64)).await.map_err(|error| error.to_string());
        // What does not open ends the answer, short of what was announced.
        let next = read.as_ref().map_or(to, |piece| at + piece.len() as u64);
        Some((read, (file, next)))
    }))
}

/// The answer. What is played is never shown as a page, and is kept nowhere.
pub(crate) fn answer(body: Body, wanted: Wanted, size: u64, media_type: &str) -> Result<Response, Problem> {
    let value = |text: &str| HeaderValue::from_str(text).map_err(|error| Problem(Error::internal(error)));
    let mut response = body.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, value(media_type)?);
    headers.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'; sandbox"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    match wanted {
        Wanted::All => {
            headers.insert(header::CONTENT_LENGTH, HeaderValue::from(size));
        }
        Wanted::Part { from, to } => {
            headers.insert(header::CONTENT_LENGTH, HeaderValue::from(to - from));
            headers.insert(header::CONTENT_RANGE, value(&format!("bytes {from}-{}/{size}", to - 1))?);
            *response.status_mut() = StatusCode::PARTIAL_CONTENT;
        }
        Wanted::Behind => {
            headers.insert(header::CONTENT_RANGE, value(&format!("bytes */{size}"))?);
            *response.status_mut() = StatusCode::RANGE_NOT_SATISFIABLE;
        }
    }
    Ok(response)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(range: &'static str, size: u64) -> Wanted {
        wanted(&HeaderMap::from_iter([(header::RANGE, HeaderValue::from_static(range))]), size)
    }

    #[test]
    fn a_range_is_what_the_standard_says() {
        assert_eq!(wanted(&HeaderMap::new(), 10), Wanted::All);
        for (range, from, to) in [
            ("bytes=0-", 0, 10),
            ("bytes=2-3", 2, 4),
            ("bytes=9-99", 9, 10),
            ("bytes=-3", 7, 10),
            ("bytes=-99", 0, 10),
        ] {
            assert_eq!(of(range, 10), Wanted::Part { from, to }, "{range}");
        }
        for all in ["bytes=3-2", "bytes=0-1,4-5", "lines=0-1", "bytes=-", "bytes=a-b"] {
            assert_eq!(of(all, 10), Wanted::All, "{all}");
        }
        for behind in ["bytes=10-", "bytes=-0", "bytes=18446744073709551615-"] {
            assert_eq!(of(behind, 10), Wanted::Behind, "{behind}");
        }
    }
}
