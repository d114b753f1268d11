//! The server's program, built.

use std::path::PathBuf;

use anyhow::{Context, Result};
use serde_json::Value;

use crate::shell::cargo;

/// Builds `bianque` and says where it lies. `flags` choose the profile.
pub(crate) fn build(flags: &[&str]) -> Result<PathBuf> {
    let build = || cargo().args(["build", "--package", "bianque"]).args(flags);
    build().run()?;
    let messages = build().args(["--quiet", "--message-format=json-render-diagnostics"]).capture()?;
    let program =
        messages.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok()).find_map(|message| {
            let ours = message["reason"] == "compiler-artifact" && message["target"]["name"] == "bianque";
            ours.then(|| message["executable"].as_str().map(PathBuf::from)).flatten()
        });
    program.context("cargo built bianque but named no program")
}
