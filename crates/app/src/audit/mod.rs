//! The audit as a whole: signed checkpoints of its chains, the check of them, its way off the machine, and what a
//! patient is told of it. `records` answers it as FHIR.

pub mod checkpoint;
pub mod export;
pub mod readers;
#[cfg(test)]
mod tests;
pub mod verify;

use bianque_model::{Actor, Context, Purpose};

use crate::App;

/// The server itself, looking after its audit.
fn server(app: &App) -> Context {
    Context {
        tenant: checkpoint::TENANT,
        actor: Actor::Server,
        emergencies: Vec::new(),
        purpose: Purpose::SysAdmin,
        now: app.clock.now(),
        request: uuid::Uuid::now_v7(),
        address: String::new(),
    }
}
