//! Node and its packages.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result, bail};
use serde_json::Value;

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

/// Installs the versions that the lock file names, unless that was done already.
///
/// `npm ci` would refuse a lock file written where the registry lacks the packages of some other platform, so this is
/// `npm install` with the lock file left as it is, after a look at whether the lock file fits.
pub(crate) fn install(folder: &Path) -> Result<()> {
    let stamp = folder.join("node_modules").join(".installed-by-xtask");
    let wanted = tree::fingerprint(folder, &["package.json", "package-lock.json"])?;
    if std::fs::read_to_string(&stamp).is_ok_and(|there| there == wanted) {
        return Ok(());
    }
    locked(folder)?;
    let install = || npm(folder).args(["install", "--no-save", "--no-audit", "--no-fund"]).run();
    install().or_else(|error| {
        eprintln!("{error:#}; once more");
        install()
    })?;
    std::fs::write(&stamp, wanted).with_context(|| format!("writing {}", stamp.display()))
}

/// Fails when the lock file was made from another `package.json`.
fn locked(folder: &Path) -> Result<()> {
    let read = |name: &str| -> Result<Value> {
        let path = folder.join(name);
        let text = std::fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))?;
        serde_json::from_str(&text).with_context(|| format!("{} is not JSON", path.display()))
    };
    match unlocked(&read("package.json")?, &read("package-lock.json")?) {
        None => Ok(()),
        Some(section) => bail!(
            "{}: package-lock.json has other {section} than package.json; run npm install there",
            folder.display()
        ),
    }
}

fn unlocked(manifest: &Value, lock: &Value) -> Option<&'static str> {
    let of_lock = &lock["packages"][""];
    let differs = |section: &&str| sorted(&manifest[*section]) != sorted(&of_lock[*section]);
    ["dependencies", "devDependencies"].into_iter().find(differs)
}

fn sorted(section: &Value) -> BTreeMap<&str, &Value> {
    section.as_object().into_iter().flatten().map(|(name, version)| (name.as_str(), version)).collect()
}

fn npm_name() -> &'static str {
    if cfg!(windows) { "npm.cmd" } else { "npm" }
}

fn major(version: &str) -> Option<u32> {
    version.trim().trim_start_matches('v').split('.').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_version_of_node_is_understood() {
        assert_eq!(major("v20.20.2\n"), Some(20));
        assert_eq!(major("nothing"), None);
    }

    #[test]
    fn a_lock_file_of_another_manifest_is_found() {
        let manifest = json!({"dependencies": {"react": "^19", "idb": "^8"}});
        let fits = json!({"packages": {"": {"dependencies": {"idb": "^8", "react": "^19"}}}});
        let stale = json!({"packages": {"": {"dependencies": {"react": "^19"}}}});
        assert_eq!(unlocked(&manifest, &fits), None);
        assert_eq!(unlocked(&manifest, &stale), Some("dependencies"));
    }
}
