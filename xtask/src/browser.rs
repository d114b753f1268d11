//! Chromium and a Chinese font, for the tests in real browsers.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

use crate::shell;

const PACKAGES: &[&str] = &["chromium", "fonts-noto-cjk"];

/// The Chromium to test with: `$CHROMIUM`, or the system's, installed here where that is possible.
pub(crate) fn required() -> Result<PathBuf> {
    if let Some(named) = std::env::var_os("CHROMIUM").map(PathBuf::from) {
        if named.is_file() {
            return Ok(named);
        }
        bail!("CHROMIUM names {}, and no program is there", named.display());
    }
    if let (Some(browser), true) = (installed(), has_chinese()) {
        return Ok(browser);
    }
    install()?;
    match installed() {
        Some(browser) => Ok(browser),
        None => bail!("Chromium was installed but is not at any place known here; name it in CHROMIUM"),
    }
}

fn installed() -> Option<PathBuf> {
    ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"]
        .into_iter()
        .map(PathBuf::from)
        .find(|path| path.is_file())
}

fn has_chinese() -> bool {
    let listed = shell::program("fc-list").arg(":lang=zh-cn").capture();
    listed.is_ok_and(|fonts| !fonts.trim().is_empty())
}

fn install() -> Result<()> {
    let by_hand = format!("apt-get install {}", PACKAGES.join(" "));
    if !Path::new("/etc/debian_version").is_file() || !is_root() {
        bail!(
            "the tests in browsers need Chromium and a Chinese font. On Debian: sudo {by_hand}. Elsewhere: install \
             them and name the browser in CHROMIUM"
        );
    }
    let apt = |arguments: &[&str]| {
        shell::program("apt-get")
            .args(["-o", "DPkg::Lock::Timeout=120", "-y", "-q"])
            .args(arguments)
            .env("DEBIAN_FRONTEND", "noninteractive")
            .run()
    };
    let mut wanted = vec!["install", "--no-install-recommends"];
    wanted.extend(PACKAGES);
    apt(&wanted).or_else(|error| {
        eprintln!("{error:#}; once more with a fresh list");
        apt(&["update"])?;
        apt(&wanted)
    })
}

fn is_root() -> bool {
    shell::program("id").arg("-u").capture().is_ok_and(|id| id.trim() == "0")
}
