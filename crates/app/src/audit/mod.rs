//! The audit as a whole: signed checkpoints of its chains, the check of them, its way off the machine, what a patient is
//! told of it, and what an administrator looks through. `records` answers it as FHIR.

pub mod checkpoint;
pub mod download;
pub mod export;
pub mod list;
pub(crate) mod names;
pub mod readers;
pub mod state;
#[cfg(test)]
mod tests;
pub mod verify;

use bianque_model::Context;

use crate::App;

/// The server itself, looking after its audit.
fn server(app: &App) -> Context {
    app.server_context(checkpoint::TENANT)
}
