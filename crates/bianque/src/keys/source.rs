//! The file or the command that the settings name.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use bianque_app::admin::keys::MasterKeySource;
use bianque_blobs::MasterKey;

use super::command;

/// Where the master key comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Source {
    /// A file, made where it is missing.
    File(PathBuf),
    /// The standard output of a command: program and arguments.
    Command(Vec<String>),
}

impl Source {
    /// What the settings say. A file that nobody named lies beside the data folder; one that an earlier version made in
    /// the folder goes on being used.
    pub(crate) fn decide(file: Option<PathBuf>, command: Option<&str>, data: &Path) -> anyhow::Result<Self> {
        match (file, command) {
            (Some(_), Some(_)) => {
                bail!("the master key comes from master-key or from master-key-command, not both")
            }
            (Some(file), None) => Ok(Self::File(file)),
            (None, Some(line)) => {
                let words = shlex::split(line).filter(|words| !words.is_empty());
                words.map(Self::Command).with_context(|| format!("master-key-command {line:?} is no command"))
            }
            (None, None) => {
                let inside = inside(data);
                if inside.exists() { Ok(Self::File(inside)) } else { beside(data).map(Self::File) }
            }
        }
    }

    /// Reads the key. A file is made when it is missing and nothing is sealed yet.
    pub(crate) fn read(&self, data: &Path) -> anyhow::Result<MasterKey> {
        match self {
            Self::File(path) => {
                if lies_in(path, data) {
                    tracing::warn!(
                        "the master key lies in the data folder: whoever takes the folder can read everything; \
                         move it out and name it with --master-key"
                    );
                }
                Ok(MasterKey::read_or_make(path, &data.join("blobs"))?)
            }
            Self::Command(words) => command::read(words),
        }
    }

    /// What an administrator is told of it: no folder, no argument.
    pub(crate) fn told(&self, data: &Path) -> MasterKeySource {
        let last = |path: &Path| path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        match self {
            Self::File(path) => MasterKeySource::File { name: last(path), in_data: lies_in(path, data) },
            Self::Command(words) => MasterKeySource::Command {
                program: words.first().map(|program| last(Path::new(program))).unwrap_or_default(),
            },
        }
    }

    /// The command that replaces the key, as it is typed on this machine.
    pub(crate) fn rotate_command(&self, data: &Path) -> String {
        let data = data.to_string_lossy();
        let data = shlex::try_quote(&data).unwrap_or(data.as_ref().into());
        let new = if matches!(self, Self::Command(_)) { " --new-master-key FILE" } else { "" };
        format!("bianque keys rotate --data {data}{new}")
    }

    /// The file, where it is one.
    pub(crate) fn file(&self) -> Option<&Path> {
        match self {
            Self::File(path) => Some(path),
            Self::Command(_) => None,
        }
    }
}

/// Where earlier versions made the key, and the demo does.
pub(crate) fn inside(data: &Path) -> PathBuf {
    data.join("keys/master.key")
}

/// Whether a file lies below the data folder.
pub(crate) fn lies_in(path: &Path, data: &Path) -> bool {
    let folder = |path: &Path| path.parent().map(Path::to_owned).unwrap_or_default();
    let resolved = |path: &Path| path.canonicalize().or_else(|_| std::path::absolute(path));
    let file = resolved(path).or_else(|_| resolved(&folder(path)));
    matches!((file, resolved(data)), (Ok(file), Ok(data)) if file.starts_with(&data))
}

/// `DATA.master.key`, beside the folder.
fn beside(data: &Path) -> anyhow::Result<PathBuf> {
    let named =
        if data.file_name().is_some() { data.to_owned() } else { data.canonicalize().unwrap_or_default() };
    let Some(name) = named.file_name() else {
        bail!("there is no place beside {}: say where the master key is with master-key", data.display());
    };
    let mut name = name.to_owned();
    name.push(".master.key");
    Ok(named.with_file_name(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_lies_beside_the_folder_unless_an_earlier_version_put_it_inside() {
        let place = tempfile::tempdir().unwrap();
        let data = place.path().join("data");
        let decide = || Source::decide(None, None, &data).unwrap();
        assert_eq!(decide(), Source::File(place.path().join("data.master.key")));
        std::fs::create_dir_all(data.join("keys")).unwrap();
        std::fs::write(inside(&data), [7; 32]).unwrap();
        assert_eq!(decide(), Source::File(inside(&data)));
        assert!(lies_in(&inside(&data), &data) && !lies_in(&place.path().join("data.master.key"), &data));
        let relative = Source::decide(None, None, Path::new("./bianque-data/")).unwrap();
        assert_eq!(relative, Source::File("./bianque-data.master.key".into()));
    }

    #[test]
    fn a_command_is_split_as_a_shell_would_and_run_without_one() {
        let decide = |line| Source::decide(None, Some(line), Path::new("data"));
        let words = ["vault", "read", "a b"].map(str::to_owned).to_vec();
        assert_eq!(decide("vault read 'a b'").unwrap(), Source::Command(words));
        assert!(decide("vault 'read").is_err() && decide(" ").is_err());
        let vault = decide("/usr/bin/vault read secret/bianque").unwrap();
        let told = MasterKeySource::Command { program: "vault".into() };
        assert_eq!(vault.told(Path::new("data")), told, "neither where it lies nor what it asks for");
        let typed = vault.rotate_command(Path::new("/srv/my data"));
        assert_eq!(typed, "bianque keys rotate --data '/srv/my data' --new-master-key FILE");
        assert!(Source::decide(Some("k".into()), Some("c"), Path::new("data")).is_err());
    }
}
