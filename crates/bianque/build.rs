//! Makes the folders that are embedded exist, and watches every file in them: a new file is a new build.

use std::path::Path;
use std::{fs, io};

fn main() -> io::Result<()> {
    for folder in ["../../web/dist", "assets/fonts"] {
        fs::create_dir_all(folder)?;
        watch(Path::new(folder))?;
    }
    Ok(())
}

fn watch(path: &Path) -> io::Result<()> {
    println!("cargo:rerun-if-changed={}", path.display());
    if path.is_dir() {
        for entry in fs::read_dir(path)? {
            watch(&entry?.path())?;
        }
    }
    Ok(())
}
