//! Where things lie: the workspace, and the folder that cargo builds into.

use std::path::PathBuf;

use anyhow::{Context, Result};

use crate::shell::cargo;

/// The folder of the workspace this program was started for. `cargo run` tells it at run time, which stays right when
/// two checkouts share one target folder.
pub(crate) fn workspace() -> PathBuf {
    let manifest = std::env::var_os("CARGO_MANIFEST_DIR")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
    manifest.parent().map_or(manifest.clone(), PathBuf::from)
}

/// What `cargo metadata` says of the workspace.
pub(crate) fn metadata() -> Result<serde_json::Value> {
    let text = cargo().args(["metadata", "--format-version=1"]).capture()?;
    serde_json::from_str(&text).context("cargo metadata did not print JSON")
}

/// The target folder, wherever cargo was told to put it.
pub(crate) fn target() -> Result<PathBuf> {
    let text = cargo().args(["metadata", "--format-version=1", "--no-deps"]).capture()?;
    let metadata: serde_json::Value = serde_json::from_str(&text)?;
    let folder = metadata["target_directory"].as_str().context("cargo metadata names no target folder")?;
    Ok(PathBuf::from(folder))
}
