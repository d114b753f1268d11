//! Python and its packages, in an environment of the project's own below the target folder.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::shell::{self, program};
use crate::{debian, root, tree};

/// Checks `requirements.txt` is installed in the environment of this name, and returns its interpreter.
pub(crate) fn environment(name: &str, folder: &Path) -> Result<PathBuf> {
    let there = root::target()?.join("python").join(name);
    let python = there.join(if cfg!(windows) { "Scripts/python.exe" } else { "bin/python" });
    let stamp = there.join(".installed-by-xtask");
    let wanted = tree::fingerprint(folder, &["requirements.txt"])?;
    let stands = python.is_file() && std::fs::read_to_string(&stamp).is_ok_and(|found| found == wanted);
    if stands {
        return Ok(python);
    }
    make(&there)?;
    let install = || {
        program(&python)
            .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement"])
            .arg(folder.join("requirements.txt"))
            .run()
    };
    install().or_else(|error| {
        eprintln!("{error:#}; once more");
        install()
    })?;
    std::fs::write(&stamp, wanted).with_context(|| format!("writing {}", stamp.display()))?;
    Ok(python)
}

/// Makes an empty environment. Debian has the module for it in a package apart, so both may have to come first.
fn make(there: &Path) -> Result<()> {
    let make = || program(python_name()).args(["-m", "venv", "--clear"]).arg(there).run();
    if shell::exists(python_name()) && make().is_ok() {
        return Ok(());
    }
    if let Err(how) = debian::install(&["python3", "python3-venv"]) {
        bail!("the tests with other FHIR clients need Python 3.10 or newer with venv: {how:#}");
    }
    make()
}

fn python_name() -> &'static str {
    if cfg!(windows) { "python" } else { "python3" }
}
