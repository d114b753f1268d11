//! The font that printed documents carry: Noto Sans SC, which has Latin and Chinese. It is 10 MB and under the SIL
//! Open Font License, so it is fetched by its locked npm package and not kept in the repository.

use std::path::Path;

use anyhow::{Context, Result};

use crate::{node, root, tree};

const PACKAGE: &str = "node_modules/@expo-google-fonts/noto-sans-sc";
const FILES: &[(&str, &str)] =
    &[("400Regular/NotoSansSC_400Regular.ttf", "NotoSansSC-Regular.ttf"), ("LICENSE_FONT", "OFL.txt")];

/// Puts the font where the server embeds it from.
pub(crate) fn lay_out() -> Result<()> {
    let root = root::workspace();
    let source = root.join("xtask").join("fonts");
    let wanted = tree::fingerprint(&source, &["package.json", "package-lock.json"])?;
    let target = root.join("crates").join("bianque").join("assets").join("fonts");
    let stamp = target.join(".laid-out-by-xtask");
    let complete = FILES.iter().all(|(_, name)| target.join(name).is_file());
    if complete && std::fs::read_to_string(&stamp).is_ok_and(|there| there == wanted) {
        return Ok(());
    }
    node::required()?;
    let cache = root::target()?.join("xtask").join("fonts");
    std::fs::create_dir_all(&cache)?;
    for name in ["package.json", "package-lock.json"] {
        copy(&source.join(name), &cache.join(name))?;
    }
    node::install(&cache)?;
    std::fs::create_dir_all(&target)?;
    for (from, to) in FILES {
        copy(&cache.join(PACKAGE).join(from), &target.join(to))?;
    }
    std::fs::write(stamp, wanted)?;
    Ok(())
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    std::fs::copy(from, to).with_context(|| format!("copying {} to {}", from.display(), to.display()))?;
    Ok(())
}
