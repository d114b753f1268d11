//! Who is asking: the host, cookies and tokens become a `Context`. The tenant is that of the host; what was given at
//! another tenant's host is not there.
//!
//! It is established once per request, before a byte of the body is read: [`establish`] keeps the [`Caller`] with the
//! request, and handlers take it from there.

use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::extract::{ConnectInfo, FromRequestParts, RawPathParams, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, header};
use axum::middleware::Next;
use axum::response::Response;
use bianque_app::emergency;
use bianque_app::identity::device::{Browser, Device};
use bianque_app::identity::sessions::{self, Holder, Standing};
use bianque_app::identity::tokens;
use bianque_app::live::Ended;
use bianque_app::visits::{access, join};
use bianque_app::{App, Error, ErrorKind};
use bianque_model::{Actor, Context, Purpose, ResourceId};
use tokio::sync::broadcast;
use tokio::sync::broadcast::error::RecvError;

use crate::guard::tenant;
use crate::routes::Asks;
use crate::{Edge, Problem, Proxies};

/// The asker, established: extracting it has checked session, CSRF value and token.
#[derive(Debug, Clone)]
pub struct Caller {
    /// What every use case takes.
    pub context: Context,
    /// The CSRF value of the session, for pages that ask for it.
    pub csrf: Option<String>,
    credential: Credential,
    /// What stands of the session of an account.
    standing: Option<Standing>,
}

/// By what the asker is known.
#[derive(Clone)]
enum Credential {
    Nothing,
    Session(Arc<str>),
    Visit(ResourceId, Arc<str>),
    Token(Arc<str>),
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Credential(..)")
    }
}

/// Whether a socket's stay, or a request, counts as using the session.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Stay {
    /// In a call, or something that somebody does: it does.
    #[default]
    Busy,
    /// Only watching, which pages do by themselves: it does not, so that a desk that was left signs itself out.
    Watching,
}

impl Caller {
    /// Somebody who was let into a visit by this request.
    pub(crate) fn admitted(context: Context, csrf: String) -> Self {
        Self { context, csrf: Some(csrf), credential: Credential::Nothing, standing: None }
    }

    /// The caller's context now; an error once the session, the hold of the visit or the token has ended, or the tenant
    /// was closed.
    pub(crate) async fn renewed(&self, app: &App, stay: Stay) -> Result<Context, Error> {
        if !app.tenants.is_active(self.context.tenant) {
            return Err(Error::sign_in());
        }
        let context = Context { now: app.clock.now(), actor: Actor::Anonymous, ..self.context.clone() };
        let context = match (&self.credential, stay) {
            (Credential::Nothing, _) => Context { actor: self.context.actor.clone(), ..context },
            (Credential::Session(secret), Stay::Busy) => {
                sessions::authenticate(app, context, secret).await?.context
            }
            (Credential::Session(secret), Stay::Watching) => {
                sessions::look(app, context, secret).await?.context
            }
            (Credential::Visit(visit, secret), _) => join::authenticate(app, context, visit, secret).await?.0,
            (Credential::Token(text), _) => tokens::authenticate(app, context, text).await?,
        };
        if context.actor == Actor::Anonymous { Err(Error::sign_in()) } else { Ok(context) }
    }

    /// Waits until sessions of this account were ended: a socket then looks whether its own was among them.
    pub(crate) async fn may_have_ended(&self, ended: &mut broadcast::Receiver<Ended>) {
        let own = self.context.actor.user().map(|user| Ended { tenant: self.context.tenant, user });
        loop {
            match ended.recv().await {
                Ok(ended) if own == Some(ended) => return,
                Ok(_) => {}
                Err(RecvError::Lagged(_)) => return,
                // The server stops; sockets hear of that elsewhere.
                Err(RecvError::Closed) => std::future::pending().await,
            }
        }
    }

    /// Whether they have what a route asks for.
    fn satisfies(&self, asks: Asks) -> Result<(), Error> {
        if matches!(self.context.actor, Actor::Application { .. }) && !asks.applications {
            let message = "tokens of applications are for /fhir and nothing else";
            return Err(Error::new(ErrorKind::Forbidden, "application.fhir-only", message));
        }
        let Some(standing) = &self.standing else { return Ok(()) };
        if standing.factor_is_missing && !asks.no_factor {
            let message = "your role has to have a second factor; set one up first";
            return Err(Error::new(ErrorKind::Forbidden, "factor.needed", message));
        }
        if asks.fresh_proof && !standing.proof_is_fresh {
            let message = "prove who you are again, then repeat this";
            return Err(Error::new(ErrorKind::Forbidden, "step-up.needed", message));
        }
        Ok(())
    }
}

/// The asker as nobody yet, whatever cookies and tokens they have: for the doors by which people come in.
pub(crate) struct Anonymous(pub(crate) Context);

/// What the edge trusts of a connection.
#[derive(Debug, Clone)]
pub struct Trust {
    /// Cookies are marked `Secure`: connections to this server are HTTPS. Those of a tenant whose public URL is, are so too.
    pub secure_cookies: bool,
    /// Who may say from whom a request comes.
    pub proxies: Proxies,
}

/// The account's cookie.
pub(crate) const SESSION_COOKIE: &str = "bianque_session";
/// By which a browser that signed in before is known again; good for nothing else.
pub(crate) const BROWSER_COOKIE: &str = "bianque_browser";
/// A visit's cookie; its path is the visit.
pub(crate) const VISIT_COOKIE: &str = "bianque_visit";

impl FromRequestParts<Edge> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, edge: &Edge) -> Result<Self, Problem> {
        if let Some(caller) = parts.extensions.get::<Self>() {
            return Ok(caller.clone());
        }
        let caller = identify(parts, edge, Stay::Busy).await?;
        caller.satisfies(Asks::default())?;
        Ok(caller)
    }
}

impl FromRequestParts<Edge> for Anonymous {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, edge: &Edge) -> Result<Self, Self::Rejection> {
        Ok(Self(anonymous(parts, &edge.app)))
    }
}

/// Lets only somebody through, and below a visit only who takes part in it. What they may do is decided by the use case.
pub(crate) async fn establish(
    State((edge, asks)): State<(Edge, Asks)>,
    request: Request,
    next: Next,
) -> Result<Response, Problem> {
    let (mut parts, body) = request.into_parts();
    let caller = identify(&mut parts, &edge, asks.stay).await?;
    if caller.context.actor == Actor::Anonymous {
        return Err(Error::sign_in().into());
    }
    caller.satisfies(asks)?;
    if let Some(visit) = param(&mut parts, "visit").await {
        let visit = visit.parse().map_err(|_| Error::not_found())?;
        access::find(&edge.app, &caller.context, &visit).await?;
    }
    parts.extensions.insert(caller);
    Ok(next.run(Request::from_parts(parts, body)).await)
}

async fn identify(parts: &mut Parts, edge: &Edge, stay: Stay) -> Result<Caller, Error> {
    let context = anonymous(parts, &edge.app);
    let caller = if let Some(token) = bearer(&parts.headers) {
        let context = tokens::authenticate(&edge.app, context, token).await?;
        Caller { context, csrf: None, credential: Credential::Token(token.into()), standing: None }
    } else if wants_visit(parts) {
        let visit =
            param(parts, "visit").await.and_then(|visit| visit.parse().ok()).ok_or_else(Error::sign_in)?;
        let secret = cookie(&parts.headers, VISIT_COOKIE).ok_or_else(Error::sign_in)?;
        let (context, csrf) = join::authenticate(&edge.app, context, &visit, secret).await?;
        Caller {
            context,
            csrf: Some(csrf),
            credential: Credential::Visit(visit, secret.into()),
            standing: None,
        }
    } else if let Some(secret) = cookie(&parts.headers, SESSION_COOKIE) {
        let Holder { context, standing } = match stay {
            Stay::Busy => sessions::authenticate(&edge.app, context, secret).await?,
            Stay::Watching => sessions::look(&edge.app, context, secret).await?,
        };
        let context = in_emergencies(&edge.app, context).await?;
        let csrf = standing.as_ref().map(|standing| standing.csrf.clone());
        Caller { context, csrf, credential: Credential::Session(secret.into()), standing }
    } else {
        Caller { context, csrf: None, credential: Credential::Nothing, standing: None }
    };
    if let Some(expected) = &caller.csrf {
        check_csrf(parts, expected)?;
    }
    Ok(caller)
}

/// The same context with the records that its actor opened in an emergency.
async fn in_emergencies(app: &App, context: Context) -> Result<Context, Error> {
    let emergencies = emergency::active(app, &context).await?;
    Ok(Context { emergencies, ..context })
}

/// The context before anybody is known.
pub(crate) fn anonymous(parts: &Parts, app: &App) -> Context {
    let address =
        parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip().to_canonical().to_string());
    Context {
        tenant: tenant::of(&parts.extensions),
        actor: Actor::Anonymous,
        emergencies: Vec::new(),
        purpose: Purpose::Treat,
        now: app.clock.now(),
        request: uuid::Uuid::now_v7(),
        address: address.unwrap_or_default(),
    }
}

/// The browser that sent this request.
pub(crate) fn browser(headers: &HeaderMap) -> Browser {
    let agent = headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    Browser { device: Device::of(agent), secret: cookie(headers, BROWSER_COOKIE).map(str::to_owned) }
}

/// The value of a cookie of this request.
pub(crate) fn cookie<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    let values = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    values
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find_map(|(key, value)| (key == name).then_some(value))
}

/// The scheme's name has no case (RFC 9110, 11.1).
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

fn wants_visit(parts: &Parts) -> bool {
    let by_header = parts.headers.get("x-bianque-as").is_some_and(|value| value == "visit");
    by_header || query_value(parts, "as").is_some_and(|value| value == "visit")
}

async fn param(parts: &mut Parts, wanted: &str) -> Option<String> {
    let params = RawPathParams::from_request_parts(parts, &()).await.ok()?;
    params.iter().find(|(name, _)| *name == wanted).map(|(_, value)| value.to_owned())
}

/// A browser cannot set headers on a socket, so a socket's CSRF value comes in its address.
fn check_csrf(parts: &Parts, expected: &str) -> Result<(), Error> {
    let socket = parts.headers.get(header::UPGRADE).is_some() || parts.method == Method::CONNECT;
    if !socket && parts.method.is_safe() {
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
    query
        .split('&')
        .filter_map(|pair| pair.split_once('='))
        .find_map(|(key, value)| (key == name).then_some(value))
}
