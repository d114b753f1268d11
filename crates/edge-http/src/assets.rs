//! The web application: hashed files forever, the page itself never, and what is missing is missing.

use std::borrow::Cow;

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};

use crate::Edge;

/// An embedded file.
pub struct Asset {
    /// Its bytes.
    pub bytes: Cow<'static, [u8]>,
    /// SHA-256 of them.
    pub hash: [u8; 32],
}

/// Where embedded files come from.
pub trait Assets: Send + Sync + 'static {
    /// The file at a path without a slash before it.
    fn get(&self, path: &str) -> Option<Asset>;
}

/// What is shown while the web application has not been built.
const NOT_BUILT: &str = "<!doctype html><meta charset=utf-8><title>Bianque</title>\
    <p>The web application is not in this binary. Build it with <code>cargo xtask web</code>, then build again.";

/// Serves a file, or the page for every address that is one of the application's own.
pub(crate) async fn serve(State(edge): State<Edge>, uri: Uri, headers: HeaderMap) -> Response {
    let path = uri.path().trim_start_matches('/');
    // What is below a protocol and is none of its addresses is no page of the application.
    if path.starts_with("dicomweb/") || path == "dicomweb" {
        return StatusCode::NOT_FOUND.into_response();
    }
    let name = match edge.assets.get(path) {
        Some(_) if !path.is_empty() && extension(path) != "br" => path,
        _ if is_file(path) => return StatusCode::NOT_FOUND.into_response(),
        _ => "index.html",
    };
    let Some(asset) = edge.assets.get(name) else {
        return (StatusCode::OK, [(header::CONTENT_TYPE, "text/html; charset=utf-8")], NOT_BUILT)
            .into_response();
    };
    let etag = format!("\"{}\"", bianque_app::secrets::hex(&asset.hash[..12]));
    if headers.get(header::IF_NONE_MATCH).is_some_and(|seen| seen.as_bytes() == etag.as_bytes()) {
        return StatusCode::NOT_MODIFIED.into_response();
    }
    let accepts =
        headers.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let brotli = accepts.contains("br").then(|| edge.assets.get(&format!("{name}.br"))).flatten();
    let forever = name.starts_with("assets/");
    let mut response = Response::builder()
        .header(header::CONTENT_TYPE, media_type(name))
        .header(
            header::CACHE_CONTROL,
            if forever { "public, max-age=31536000, immutable" } else { "no-cache" },
        )
        .header(header::ETAG, etag)
        .header(header::VARY, "accept-encoding");
    if brotli.is_some() {
        response = response.header(header::CONTENT_ENCODING, "br");
    }
    let bytes = brotli.unwrap_or(asset).bytes.into_owned();
    response.body(Body::from(bytes)).unwrap_or_else(|_| StatusCode::INTERNAL_SERVER_ERROR.into_response())
}

/// Addresses that name files and never pages.
fn is_file(path: &str) -> bool {
    ["assets/", "api/", "fhir/", "oauth2/", ".well-known/", "icons/"]
        .iter()
        .any(|folder| path.starts_with(folder) || folder.trim_end_matches('/') == path)
        || path.rsplit('/').next().is_some_and(|last| last.contains('.'))
}

/// What follows the last dot of a name; the names are our own build's, all in small letters.
fn extension(name: &str) -> &str {
    name.rsplit('.').next().unwrap_or_default()
}

fn media_type(name: &str) -> &'static str {
    match extension(name) {
        "html" => "text/html; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" => "application/json",
        "webmanifest" => "application/manifest+json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "wasm" => "application/wasm",
        "woff2" => "font/woff2",
        "wav" => "audio/wav",
        "mp3" => "audio/mpeg",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}
