//! Who is asking: cookies and tokens become a `Context`.

use std::net::SocketAddr;

use axum::extract::{ConnectInfo, FromRequestParts, Path};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, header};
use bianque_app::{App, Error, ErrorKind};
use bianque_model::{Actor, Context, Purpose, ResourceId, TenantId};

use crate::{Edge, Problem};

/// The asker, established: extracting it has checked session, CSRF value and token.
#[derive(Debug, Clone)]
pub struct Caller {
    /// What every use case takes.
    pub context: Context,
    /// The CSRF value of the session, for pages that ask for it.
    pub csrf: Option<String>,
}

/// What the edge trusts of a connection.
#[derive(Debug, Clone, Copy)]
pub struct Trust {
    /// Cookies are marked `Secure`: the public side is HTTPS.
    pub secure_cookies: bool,
}

/// The account's cookie.
pub const SESSION_COOKIE: &str = "bianque_session";
/// A visit's cookie; its path is the visit.
pub const VISIT_COOKIE: &str = "bianque_visit";

impl FromRequestParts<Edge> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, edge: &Edge) -> Result<Self, Problem> {
        let context = anonymous(parts, &edge.app);
        let identified = if let Some(token) = bearer(&parts.headers) {
            bianque_app::identity::tokens::authenticate(&edge.app, context, token).await.map(|c| (c, None))?
        } else if wants_visit(parts) {
            let visit = visit_of_path(parts).await.ok_or_else(Error::sign_in)?;
            let secret = cookie(&parts.headers, VISIT_COOKIE).ok_or_else(Error::sign_in)?;
            let (context, csrf) =
                bianque_app::visits::join::authenticate(&edge.app, context, &visit, secret).await?;
            (context, Some(csrf))
        } else if let Some(secret) = cookie(&parts.headers, SESSION_COOKIE) {
            let (context, csrf) =
                bianque_app::identity::sessions::authenticate(&edge.app, context, secret).await?;
            (context, Some(csrf))
        } else {
            (context, None)
        };
        let (context, csrf) = identified;
        if let Some(expected) = &csrf {
            check_csrf(parts, expected)?;
        }
        Ok(Self { context, csrf })
    }
}

/// The context before anybody is known.
pub fn anonymous(parts: &Parts, app: &App) -> Context {
    let address = parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip().to_string());
    Context {
        tenant: TenantId::FIRST,
        actor: Actor::Anonymous,
        purpose: Purpose::Treat,
        now: app.clock.now(),
        request: uuid::Uuid::now_v7(),
        address: address.unwrap_or_default(),
    }
}

/// The value of a cookie of this request.
pub fn cookie<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    let values = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    values
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find_map(|(key, value)| (key == name).then_some(value))
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    headers.get(header::AUTHORIZATION)?.to_str().ok()?.strip_prefix("Bearer ")
}

fn wants_visit(parts: &Parts) -> bool {
    let by_header = parts.headers.get("x-bianque-as").is_some_and(|value| value == "visit");
    by_header || query_value(parts, "as").is_some_and(|value| value == "visit")
}

async fn visit_of_path(parts: &mut Parts) -> Option<ResourceId> {
    let Path(pairs) = Path::<Vec<(String, String)>>::from_request_parts(parts, &()).await.ok()?;
    pairs.into_iter().find(|(name, _)| name == "visit").and_then(|(_, value)| value.parse().ok())
}

/// A browser cannot set headers on a socket, so a socket's CSRF value comes in its address.
fn check_csrf(parts: &Parts, expected: &str) -> Result<(), Error> {
    let socket = parts.headers.get(header::UPGRADE).is_some();
    if !socket && matches!(parts.method, Method::GET | Method::HEAD | Method::OPTIONS) {
        return Ok(());
    }
    let header = parts.headers.get("x-csrf-token").and_then(|value| value.to_str().ok());
    let given = header.or_else(|| query_value(parts, "csrf").filter(|_| socket)).unwrap_or_default();
    if bianque_app::identity::same_secret(given, expected) {
        Ok(())
    } else {
        Err(Error::new(ErrorKind::Forbidden, "csrf.invalid", "the x-csrf-token header is missing or wrong"))
    }
}

fn query_value<'p>(parts: &'p Parts, name: &str) -> Option<&'p str> {
    let query = parts.uri.query()?;
    query.split('&').filter_map(|pair| pair.split_once('=')).find_map(|(key, value)| (key == name).then_some(value))
}
