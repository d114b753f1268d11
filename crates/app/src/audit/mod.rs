//! The audit as a whole: signed checkpoints of its chains, the check of them, its way off the machine, and what a
//! patient is told of it. `records` answers it as FHIR.

pub mod checkpoint;
pub mod export;
pub mod readers;
#[cfg(test)]
mod tests;
pub mod verify;

use bianque_model::Context;

use crate::App;

/// The server itself, looking after its audit.
fn server(app: &App) -> Context {
    app.server_context(checkpoint::TENANT)
}
