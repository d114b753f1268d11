//! Packages of the system, installed where a task may: on Debian, as root.

use std::path::Path;

use anyhow::{Result, bail};

use crate::shell;

/// Sees to it that programs are there, each told with the package that has it; where one is missing, all their packages are
/// installed, and `others` that have no program of their own.
pub(crate) fn required(programs: &[(&str, &str)], others: &[&str]) -> Result<()> {
    // What belongs to root alone is not on everybody's PATH.
    let there = |name: &str| shell::exists(name) || shell::exists(Path::new("/usr/sbin").join(name));
    if programs.iter().all(|(program, _)| there(program)) {
        return Ok(());
    }
    let packages: Vec<&str> =
        programs.iter().map(|(_, package)| *package).chain(others.iter().copied()).collect();
    install(&packages)
}

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
            // Services among them stay off: tests start what they need, on ports of their own.
            .env("RUNLEVEL", "1")
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
