//! Killing a writing server again and again, and counting what it had promised.

use anyhow::Result;

use crate::shell::{Program, cargo};

/// Runs the task.
pub(crate) fn run(arguments: &[String]) -> Result<()> {
    program(arguments).run_to_stdout()
}

/// The killer, with its flags.
pub(crate) fn program(arguments: &[String]) -> Program {
    cargo().args(["run", "--package", "bianque-crash", "--"]).args(arguments)
}
