//! The whole HTTP surface: routes, sessions, sockets, embedded assets.
//!
//! [`router`] names every route in one place. A handler reads its input, calls one use case of `app` and writes the
//! answer; what anybody may do is decided in `app::policy`, never here.

mod admin;
mod answer;
mod assets;
mod body;
mod caller;
mod clips;
mod describe;
mod dicomweb;
mod directory;
mod fhir;
mod guard;
mod identity;
mod photos;
mod ranges;
mod recordings;
mod router;
mod routes;
mod signalling;
mod smart;
mod system;
#[cfg(test)]
mod tests;
mod visits;

pub use answer::Problem;
pub use assets::{Asset, Assets};
pub use body::Body;
pub use caller::{Caller, Trust};
pub use guard::proxies::{ForwardedHeader, Proxies};
pub use router::{Edge, router};
