//! One row per route: the router is built from these rows, and `/api/openapi.json` is written from them, so that
//! neither knows of a route that the other does not.

use std::time::Duration;

use axum::handler::Handler;
use axum::http::Method;
use axum::middleware::from_fn_with_state;
use axum::routing::{MethodFilter, MethodRouter, on};
use axum::{Router, extract::DefaultBodyLimit};

use crate::caller::Stay;
use crate::describe::{Arguments, Input};
use crate::{Edge, caller, guard};

/// How long a route may take to answer unless it says otherwise.
const PATIENCE: Duration = Duration::from_secs(30);
/// JSON bodies larger than this are refused unless the route says otherwise.
const BODY_LIMIT: usize = 1 << 20;

/// A route.
pub(crate) struct Route {
    /// The method.
    pub(crate) method: Method,
    /// The path, with parameters as `{name}`.
    pub(crate) path: &'static str,
    /// What it is for, in a few words.
    pub(crate) summary: &'static str,
    /// Whether it is for anybody; else somebody must be signed in, hold a visit or a token.
    pub(crate) open: bool,
    /// Whether applications come here with their tokens, also from pages of other sites.
    pub(crate) applications: bool,
    /// What it asks of somebody's session besides.
    pub(crate) asks: Asks,
    /// What it takes of a request.
    pub(crate) input: fn() -> Input,
    patience: Duration,
    body_limit: usize,
    handler: MethodRouter<Edge>,
}

/// What a route asks of whoever comes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Asks {
    /// A proof of who they are that is fresh.
    pub(crate) fresh_proof: bool,
    /// Nothing, not even the second factor that their role has to have: it is a step on the way to one.
    pub(crate) no_factor: bool,
    /// Lets applications in.
    pub(crate) applications: bool,
    /// Whether it counts as use of a session. What pages ask by themselves again and again does not.
    pub(crate) stay: Stay,
}

macro_rules! methods {
    ($($name:ident $method:ident),+) => {$(
        /// A route of this method.
        pub(crate) fn $name<H, T>(path: &'static str, summary: &'static str, handler: H) -> Route
        where
            H: Handler<T, Edge>,
            T: Arguments + 'static,
        {
            let handler = on(MethodFilter::$method, handler);
            Route {
                method: Method::$method,
                path,
                summary,
                open: false,
                applications: false,
                asks: Asks::default(),
                input: T::input,
                patience: PATIENCE,
                body_limit: BODY_LIMIT,
                handler,
            }
        }
    )+};
}

methods!(get GET, head HEAD, post POST, put PUT, patch PATCH, delete DELETE);

/// An operation of FHIR: asked by GET in the address, by POST also in a body.
pub(crate) fn operation<H, T>(path: &'static str, summary: &'static str, handler: H) -> [Route; 2]
where
    H: Handler<T, Edge> + Clone,
    T: Arguments + 'static,
{
    let by_address = Route { input: Input::default, ..get(path, summary, handler.clone()) };
    [by_address, post(path, summary, handler)]
}

impl Route {
    /// For anybody.
    pub(crate) fn open(self) -> Self {
        Self { open: true, ..self }
    }

    /// Also for applications with a token, and for pages of other sites that have one.
    pub(crate) fn for_applications(self) -> Self {
        Self { applications: true, asks: Asks { applications: true, ..self.asks }, ..self }
    }

    /// For somebody who proved who they are a few minutes ago. Programs with a token have nothing to prove.
    pub(crate) fn fresh(self) -> Self {
        Self { asks: Asks { fresh_proof: true, ..self.asks }, ..self }
    }

    /// Also for somebody who has to set up a second factor first.
    pub(crate) fn before_factor(self) -> Self {
        Self { asks: Asks { no_factor: true, ..self.asks }, ..self }
    }

    /// Asked by pages by themselves, again and again.
    pub(crate) fn watching(self) -> Self {
        Self { asks: Asks { stay: Stay::Watching, ..self.asks }, ..self }
    }

    /// May take this long to answer.
    pub(crate) fn patience(self, patience: Duration) -> Self {
        Self { patience, ..self }
    }

    /// Takes bodies up to this many bytes.
    pub(crate) fn body_limit(self, body_limit: usize) -> Self {
        Self { body_limit, ..self }
    }

    /// Puts the route, with what guards it alone, into a router. Who asks is known before the body is read.
    pub(crate) fn mount(self, router: Router<Edge>, edge: &Edge) -> Router<Edge> {
        let mut handler = self.handler.layer(DefaultBodyLimit::max(self.body_limit));
        handler = handler.layer(from_fn_with_state(self.body_limit, guard::size::announced));
        if !self.open {
            handler = handler.layer(from_fn_with_state((edge.clone(), self.asks), caller::establish));
        }
        handler = handler.layer(from_fn_with_state(self.patience, guard::task::run));
        if self.path.contains("/$") {
            // The names of FHIR's operations; clients may escape the sign, and paths are matched as they are written.
            let escaped = self.path.replace("/$", "/%24");
            return router.route(self.path, handler.clone()).route(&escaped, handler);
        }
        router.route(self.path, handler)
    }
}
