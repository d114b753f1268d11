//! Chromium and a Chinese font, for the tests in real browsers.

use std::path::PathBuf;

use anyhow::{Context, Result, bail};

use crate::{debian, shell};

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
    debian::install(PACKAGES).context(
        "the tests in browsers need Chromium and a Chinese font; install them, and where Chromium is not at its usual \
         place name it in CHROMIUM",
    )
}
