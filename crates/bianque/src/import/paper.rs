//! The files that an import writes: what was not taken, and links.

use std::fs::{File, OpenOptions};
use std::io::{BufWriter, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use anyhow::Context;
use bianque_app::import::{Fault, Link};

/// Faults that the log tells where no file takes them.
const TOLD: usize = 20;

/// Where faults go: a file, one row each, or the first of them the log.
pub(super) struct Faults {
    of: String,
    file: Option<(BufWriter<File>, PathBuf)>,
    count: usize,
}

impl Faults {
    pub(super) fn create(path: Option<&Path>, of: &Path) -> anyhow::Result<Self> {
        let create = |path: &Path| -> anyhow::Result<_> {
            let file = File::create(path).with_context(|| format!("write {}", path.display()))?;
            let mut file = BufWriter::new(file);
            writeln!(file, "file,line_or_entry,column_or_path,words")?;
            Ok((file, path.to_owned()))
        };
        Ok(Self { of: of.display().to_string(), file: path.map(create).transpose()?, count: 0 })
    }

    pub(super) fn write(&mut self, faults: &[Fault]) -> anyhow::Result<()> {
        for Fault { place, column, words } in faults {
            self.count += 1;
            match &mut self.file {
                Some((file, _)) => {
                    let (of, column, words) = (cell(&self.of), cell(column), cell(words));
                    writeln!(file, "{of},{place},{column},{words}")?;
                }
                None if self.count <= TOLD => tracing::error!("{place}: {column}: {words}"),
                None => {}
            }
        }
        if let Some((file, _)) = &mut self.file {
            file.flush()?;
        }
        Ok(())
    }

    /// Says where faults are.
    pub(super) fn told(&self) {
        match &self.file {
            Some((_, path)) if self.count > 0 => {
                tracing::warn!("{} faults are in {}", self.count, path.display());
            }
            None if self.count > TOLD => {
                tracing::warn!("{} more faults: --errors FILE writes all of them", self.count - TOLD);
            }
            _ => {}
        }
    }
}

/// One-time links, in a file that is new and nobody else's: each is as good as a password.
pub(super) struct Links(File);

impl Links {
    pub(super) fn create(path: &Path) -> anyhow::Result<Self> {
        let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
        let mut file =
            file.with_context(|| format!("write links into {}: give a new file", path.display()))?;
        writeln!(file, "login,link")?;
        Ok(Self(file))
    }

    /// Writes links, and returns when the disk has them: they are shown once.
    pub(super) fn write(&mut self, links: &[Link]) -> anyhow::Result<()> {
        for Link { login, link } in links {
            writeln!(self.0, "{},{}", cell(login), cell(link))?;
        }
        if !links.is_empty() {
            self.0.sync_all()?;
        }
        Ok(())
    }
}

/// A cell of a table. What a spreadsheet would take for a formula is marked as text.
fn cell(text: &str) -> String {
    let text =
        if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{text}") } else { text.into() };
    if text.contains([',', '"', '\n', '\r', ';']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use super::cell;

    #[test]
    fn cells_are_quoted_and_formulas_are_text() {
        assert_eq!(cell("plain"), "plain");
        assert_eq!(cell("a, \"b\""), "\"a, \"\"b\"\"\"");
        assert_eq!(cell("=1+1"), "'=1+1");
        assert_eq!(cell("@SUM(A1,2)"), "\"'@SUM(A1,2)\"");
    }
}
