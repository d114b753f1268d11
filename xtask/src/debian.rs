//! Packages of the system, installed where a task may: on Debian, as root.

use std::path::Path;

use anyhow::{Result, bail};

use crate::shell;

/// Installs packages, or fails with the command that somebody else has to type.
pub(crate) fn install(packages: &[&str]) -> Result<()> {
    if !Path::new("/etc/debian_version").is_file() || !is_root() {
        bail!("on Debian: sudo apt-get install {}", packages.join(" "));
    }
    let apt = |arguments: &[&str]| {
        shell::program("apt-get")
            .args(["-o", "DPkg::Lock::Timeout=120", "-y", "-q"])
            .args(arguments)
            .env("DEBIAN_FRONTEND", "noninteractive")
            .run()
    };
    let mut wanted = vec!["install", "--no-install-recommends"];
    wanted.extend(packages);
    apt(&wanted).or_else(|error| {
        eprintln!("{error:#}; once more with a fresh list");
        apt(&["update"])?;
        apt(&wanted)
    })
}

fn is_root() -> bool {
    shell::program("id").arg("-u").capture().is_ok_and(|id| id.trim() == "0")
}
