//! What is looked at before anything runs. CI does this first.

use anyhow::Result;

use crate::shell::cargo;
use crate::test::Steps;
use crate::{arch, deny, tidy};

/// Runs the task.
pub(crate) fn run(arguments: &[String]) -> Result<()> {
    let mut steps = Steps::new(arguments);
    add(&mut steps)?;
    steps.finish()
}

/// Adds the checks to a longer run.
pub(crate) fn add(steps: &mut Steps) -> Result<()> {
    steps.step("format", || cargo().args(["fmt", "--all", "--check"]).run())?;
    steps.step("lock file", lock_file)?;
    steps.step("arch", || arch::run(&[]))?;
    steps.step("tidy", || tidy::run(&[]))?;
    steps.step("licences", deny::run)?;
    steps.step("clippy", clippy)?;
    steps.step("documentation", documentation)
}

/// Fails when `Cargo.lock` does not fit the manifests. Only here: everything after it finds them fitting.
fn lock_file() -> Result<()> {
    cargo().args(["metadata", "--format-version=1", "--locked"]).capture().map(drop)
}

fn clippy() -> Result<()> {
    cargo().args(["clippy", "--workspace", "--all-targets", "--quiet", "--", "-D", "warnings"]).run()
}

fn documentation() -> Result<()> {
    cargo().args(["doc", "--workspace", "--no-deps", "--quiet"]).env("RUSTDOCFLAGS", "-D warnings").run()
}
