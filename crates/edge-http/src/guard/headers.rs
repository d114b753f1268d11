//! Headers of every answer: what a browser may do with it.

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;

use super::proxies::Peer;
use super::tenant;
use crate::Edge;

/// `'self'` covers the sockets of the same host. React Aria writes styles into the page; WebAssembly decodes images. No
/// text becomes markup or a script, but by the policy of web/src/shell/trusted.ts.
const CONTENT_SECURITY_POLICY: &str = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; \
    style-src 'self' 'unsafe-inline'; img-src 'self' blob: data:; media-src 'self' blob:; font-src 'self' data:; \
    connect-src 'self'; worker-src 'self' blob:; frame-ancestors 'none'; object-src 'none'; base-uri 'none'; \
    form-action 'self'; require-trusted-types-for 'script'; trusted-types default";
/// The devices of a call, on our own pages only; nothing else that a page could ask for.
const PERMISSIONS_POLICY: &str = "camera=(self), microphone=(self), display-capture=(self), \
    screen-wake-lock=(self), fullscreen=(self), geolocation=(), payment=(), usb=(), serial=(), hid=(), midi=()";
const TWO_YEARS: &str = "max-age=63072000";

/// Sets them where the handler has not chosen its own.
pub(crate) async fn secure(State(edge): State<Edge>, request: Request, next: Next) -> Response {
    let private = ["/api/", "/fhir", "/oauth2/"].iter().any(|begin| request.uri().path().starts_with(begin));
    let behind_https = request.extensions().get::<Peer>().is_some_and(|peer| peer.secure);
    let public_url = edge.app.public_url(tenant::of(request.extensions()));
    let secure = behind_https || public_url.starts_with("https://");
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    if secure {
        mark_cookies(headers);
    }
    let mut set = |name: HeaderName, value: &'static str| {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    };
    set(header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY);
    set(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    set(header::REFERRER_POLICY, "no-referrer");
    set(HeaderName::from_static("permissions-policy"), PERMISSIONS_POLICY);
    set(HeaderName::from_static("cross-origin-opener-policy"), "same-origin");
    set(HeaderName::from_static("cross-origin-resource-policy"), "same-origin");
    if private {
        set(header::CACHE_CONTROL, "no-store");
    }
    if edge.trust.secure_cookies || secure {
        set(header::STRICT_TRANSPORT_SECURITY, TWO_YEARS);
    }
    response
}

/// A cookie that is given over HTTPS comes back over HTTPS only.
fn mark_cookies(headers: &mut HeaderMap) {
    for value in headers.iter_mut().filter(|(name, _)| *name == header::SET_COOKIE).map(|(_, value)| value) {
        let Ok(cookie) = value.to_str() else { continue };
        if !cookie.ends_with("; Secure")
            && !cookie.contains("; Secure;")
            && let Ok(marked) = HeaderValue::from_str(&format!("{cookie}; Secure"))
        {
            *value = marked;
        }
    }
}
