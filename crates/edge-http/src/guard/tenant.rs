//! Whose a request is: the tenant of the host that was asked, and of nothing else in the request.
//!
//! The host is what a trusted proxy says that it was asked for, else the target's or the `Host` header. Where several
//! are said and they differ, none is believed (RFC 9112, 3.2; RFC 9113, 8.3.1).

use axum::extract::{Request, State};
use axum::http::uri::Authority;
use axum::http::{Extensions, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use bianque_app::tenants::HostName;
use bianque_model::TenantId;

use super::proxies::Peer;
use crate::Edge;

/// What the server says of itself, at whatever host. It is about no tenant.
const OF_THE_SERVER: [&str; 3] = ["/healthz", "/readyz", "/metrics"];

/// The tenant that was asked; none: the host is nobody's.
#[derive(Debug, Clone, Copy)]
struct Asked(Option<TenantId>);

/// Finds out whose the request is; everything after asks [`of`].
pub(crate) async fn resolve(State(edge): State<Edge>, mut request: Request, next: Next) -> Response {
    let tenants = &edge.app.tenants;
    // Where there is one tenant, what a client calls it does not matter.
    let host = if tenants.is_alone() { None } else { host(&request) };
    let asked = Asked(tenants.at(host.as_ref()));
    request.extensions_mut().insert(asked);
    next.run(request).await
}

/// Turns away who asked for a host that is nobody's, before anything of any tenant is looked at.
pub(crate) async fn required(request: Request, next: Next) -> Response {
    let asked = request.extensions().get::<Asked>().and_then(|asked| asked.0);
    if asked.is_some() || OF_THE_SERVER.contains(&request.uri().path()) {
        return next.run(request).await;
    }
    (StatusCode::MISDIRECTED_REQUEST, "nobody is served under this name here\n").into_response()
}

/// Whose a request is. Nothing of anybody lies in the scope of the server, so that a request that is nobody's finds
/// nothing there.
pub(crate) fn of(extensions: &Extensions) -> TenantId {
    extensions.get::<Asked>().and_then(|asked| asked.0).unwrap_or(TenantId::SERVER)
}

fn host(request: &Request) -> Option<HostName> {
    let headers = request.headers();
    let mut said = Vec::new();
    if request.extensions().get::<Peer>().is_none_or(|peer| peer.host.is_none()) {
        said.extend(request.uri().authority().cloned());
    }
    for value in headers.get_all(header::HOST) {
        said.push(value.to_str().ok()?.parse().ok()?);
    }
    let mut hosts = said.iter().map(name);
    let first = hosts.next()??;
    hosts.all(|host| host.as_ref() == Some(&first)).then_some(first)
}

/// The name without port; whoever puts a user before it asks for trouble.
fn name(authority: &Authority) -> Option<HostName> {
    if authority.as_str().contains('@') { None } else { HostName::parse(authority.host()).ok() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::Body;

    fn asked(target: &str, hosts: &[&str]) -> Option<String> {
        let mut request = Request::get(target).body(Body::empty()).unwrap();
        for host in hosts {
            request.headers_mut().append(header::HOST, host.parse().unwrap());
        }
        host(&request).map(|host| host.to_string())
    }

    #[test]
    fn the_host_is_read_without_port_case_and_dot() {
        let clinic = Some("clinic.example".to_owned());
        for host in ["clinic.example", "Clinic.Example:8443", "clinic.example.", "CLINIC.EXAMPLE.:443"] {
            assert_eq!(asked("/", &[host]), clinic, "{host}");
        }
        assert_eq!(asked("https://clinic.example:1/x", &[]), clinic, "HTTP/2 and absolute targets");
        assert_eq!(asked("/", &["[::1]:8080"]), Some("[::1]".into()));
        assert_eq!(asked("/", &["127.0.0.1:8080"]), Some("127.0.0.1".into()));
    }

    #[test]
    fn hosts_that_differ_and_what_is_none_are_nobodys() {
        assert_eq!(asked("/", &["a.example", "b.example"]), None);
        assert_eq!(asked("https://a.example/", &["b.example"]), None);
        assert_eq!(asked("https://a.example/", &["A.example:8443"]), Some("a.example".into()));
        for hosts in [&[][..], &[""], &["a.example@b.example"], &["a.example/b"], &["a.example,b.example"]] {
            assert_eq!(asked("/", hosts), None, "{hosts:?}");
        }
    }
}
