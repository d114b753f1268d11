//! Every route of the server.

use axum::Router;
use axum::extract::DefaultBodyLimit;
use bianque_app::App;

use crate::Trust;

/// What every handler shares.
#[derive(Clone)]
pub struct Edge {
    /// The use cases.
    pub app: App,
    /// What connections are trusted with.
    pub trust: Trust,
}

/// JSON bodies larger than this are refused; uploads and probes have limits of their own.
const BODY_LIMIT: usize = 1 << 20;

/// The whole surface.
pub fn router(edge: Edge) -> Router {
    Router::new().layer(DefaultBodyLimit::max(BODY_LIMIT)).with_state(edge)
}
