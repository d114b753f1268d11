//! Node and its packages.

use std::path::Path;

use anyhow::{Context, Result, bail};

use crate::{shell, tree};

/// The oldest Node that everything in `web/` and `e2e/` runs on.
const OLDEST: u32 = 20;

/// Says what to install when Node is missing or too old.
pub(crate) fn required() -> Result<()> {
    let how = "install Node 20 or newer (Debian 13: apt-get install nodejs npm) and try again";
    if !shell::exists("node") || !shell::exists(npm_name()) {
        bail!("this needs Node with npm, and there is none: {how}");
    }
    let version = shell::program("node").arg("--version").capture()?;
    match major(&version) {
        Some(major) if major >= OLDEST => Ok(()),
        _ => bail!("this needs Node {OLDEST}, and here is {}: {how}", version.trim()),
    }
}

/// npm, in a folder with a `package.json`.
pub(crate) fn npm(folder: &Path) -> shell::Program {
    shell::program(npm_name()).dir(folder)
}

/// Installs exactly what the lock file names, unless that was done already.
pub(crate) fn install(folder: &Path) -> Result<()> {
    let stamp = folder.join("node_modules").join(".installed-by-xtask");
    let wanted = tree::fingerprint(folder, &["package.json", "package-lock.json"])?;
    if std::fs::read_to_string(&stamp).is_ok_and(|there| there == wanted) {
        return Ok(());
    }
    let install = || npm(folder).args(["ci", "--no-audit", "--no-fund"]).run();
    install().or_else(|error| {
        eprintln!("{error:#}; once more");
        install()
    })?;
    std::fs::write(&stamp, wanted).with_context(|| format!("writing {}", stamp.display()))
}

fn npm_name() -> &'static str {
    if cfg!(windows) { "npm.cmd" } else { "npm" }
}

fn major(version: &str) -> Option<u32> {
    version.trim().trim_start_matches('v').split('.').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::major;

    #[test]
    fn the_version_of_node_is_understood() {
        assert_eq!(major("v20.20.2\n"), Some(20));
        assert_eq!(major("nothing"), None);
    }
}
