//! The demo, from a fresh checkout: web application, font, server, and then the demo itself.
//!
//! The dev profile is used: it builds in a third of the time of a release build on two cores, the crates whose speed
//! shows (hashes, passwords, pictures) are optimised in it as well, and one visit is no load.

use anyhow::Result;

use crate::{server, shell, web};

/// Runs the task. On Unix this process becomes the demo, so that its ready line, its exit code and the signals sent
/// to it are the demo's own.
pub(crate) fn run(arguments: &[String]) -> Result<()> {
    web::run(&[])?;
    let program = server::build(&[])?;
    shell::program(program).arg("demo").args(arguments).become_it()
}
