//! The web application: its packages, its build, its unit tests.

use anyhow::{Context, Result, bail};

use crate::shell::Program;
use crate::{fonts, node, root, tree};

/// What the build reads.
const SOURCES: &[&str] = &[
    "package.json",
    "package-lock.json",
    "index.html",
    "vite.config.ts",
    "tsconfig.json",
    "build",
    "src",
    "public",
];

/// Runs the task.
pub(crate) fn run(_: &[String]) -> Result<()> {
    fonts::lay_out()?;
    build()
}

/// Builds `web/dist`, unless it stands and nothing it was made of has changed.
pub(crate) fn build() -> Result<()> {
    let folder = root::workspace().join("web");
    if !folder.join("package-lock.json").is_file() {
        bail!("{} has no package-lock.json", folder.display());
    }
    node::required()?;
    node::install(&folder)?;
    let wanted = tree::fingerprint(&folder, SOURCES)?;
    let stamp = folder.join("node_modules").join(".built-by-xtask");
    let stands = folder.join("dist").join("index.html").is_file();
    if stands && std::fs::read_to_string(&stamp).is_ok_and(|there| there == wanted) {
        return Ok(());
    }
    node::npm(&folder).args(["run", "build"]).run()?;
    std::fs::write(&stamp, wanted).with_context(|| format!("writing {}", stamp.display()))
}

/// The unit tests of the web application, ready to be run.
pub(crate) fn unit_tests() -> Program {
    node::npm(&root::workspace().join("web")).args(["test"]).env("CI", "true").env("NO_COLOR", "1")
}
