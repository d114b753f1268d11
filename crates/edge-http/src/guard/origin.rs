//! Requests that change something, and sockets, come from our own pages or from programs - never from another site.

use axum::extract::{Request, State};
use axum::http::{HeaderMap, Uri, header};
use axum::middleware::Next;
use axum::response::Response;
use bianque_app::{Error, ErrorKind};

use super::tenant;
use crate::{Edge, Problem};

/// Refuses what another site's page sent.
pub(crate) async fn same_host(
    State(edge): State<Edge>,
    request: Request,
    next: Next,
) -> Result<Response, Problem> {
    let socket = request.headers().contains_key(header::UPGRADE);
    let public_url = edge.app.public_url(tenant::of(request.extensions()));
    let harmless = request.method().is_safe() && !socket || is_of_applications(&request);
    if harmless || is_ours(request.headers(), request.uri(), &public_url) {
        return Ok(next.run(request).await);
    }
    Err(Error::new(ErrorKind::Forbidden, "origin.other", "this request was sent by a page of another site")
        .into())
}

/// What goes by no cookie: pages of applications, which lie on other sites, come with what they were given.
fn is_of_applications(request: &Request) -> bool {
    let path = request.uri().path();
    let by_token = request.headers().get(header::AUTHORIZATION).is_some_and(|value| {
        value.as_bytes().get(..7).is_some_and(|scheme| scheme.eq_ignore_ascii_case(b"bearer "))
    });
    path.starts_with("/oauth2/") || (path.starts_with("/fhir/") && by_token)
}

/// A browser names the origin of every page that sends such a request; a program names none.
fn is_ours(headers: &HeaderMap, uri: &Uri, public_url: &str) -> bool {
    if headers.get("sec-fetch-site").is_some_and(|site| site == "cross-site") {
        return false;
    }
    let Some(origin) = headers.get(header::ORIGIN) else { return true };
    let Ok(origin) = origin.to_str() else { return false };
    let Some((_, from)) = origin.split_once("://") else { return false };
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    let host = host.or_else(|| uri.authority().map(axum::http::uri::Authority::as_str));
    host.is_some_and(|host| from.eq_ignore_ascii_case(host)) || origin.eq_ignore_ascii_case(public_url)
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    fn asked(pairs: &[(&'static str, &'static str)]) -> bool {
        let headers = pairs
            .iter()
            .map(|(name, value)| (header::HeaderName::from_static(name), HeaderValue::from_static(value)))
            .collect();
        is_ours(&headers, &Uri::from_static("/api/session"), "https://clinic.example")
    }

    #[test]
    fn only_our_own_pages_and_programs_change_things() {
        assert!(asked(&[("host", "127.0.0.1:8080")]));
        assert!(asked(&[("host", "127.0.0.1:8080"), ("origin", "http://127.0.0.1:8080")]));
        assert!(asked(&[("host", "10.0.0.5:8080"), ("origin", "https://clinic.example")]));
        assert!(!asked(&[("host", "127.0.0.1:8080"), ("origin", "http://127.0.0.1:9999")]));
        assert!(!asked(&[("host", "clinic.example"), ("origin", "https://clinic.example.evil.example")]));
        assert!(!asked(&[("host", "clinic.example"), ("origin", "null")]));
        assert!(!asked(&[("host", "clinic.example"), ("sec-fetch-site", "cross-site")]));
    }
}
