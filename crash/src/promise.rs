//! What the writer says on standard output: one line for each thing that it was told is stored.

use std::fmt;
use std::str::FromStr;

use bianque_model::{BlobId, CommitId, ResourceId};
use uuid::Uuid;

/// Something that must be there after any crash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Promise {
    /// A version of a resource, with its audit row, its event and its blob.
    Write(Write),
    /// The audit row of a read.
    Read(Uuid),
    /// An upload up to an offset.
    Stage(Uuid, u64),
    /// The upload became a blob and may be gone from here on.
    Unstage(Uuid),
    /// A message of HL7 v2 with this number, about this patient, was answered AA.
    Message(String, Uuid),
}

/// A commit that was answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Write {
    pub(crate) resource: ResourceId,
    pub(crate) version: u64,
    pub(crate) commit: CommitId,
    pub(crate) blob: BlobId,
    pub(crate) size: u64,
    pub(crate) blake3: String,
}

impl fmt::Display for Promise {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Write(Write { resource, version, commit, blob, size, blake3 }) => {
                write!(f, "write {resource} {version} {commit} {blob} {size} {blake3}")
            }
            Self::Read(request) => write!(f, "read {request}"),
            Self::Stage(upload, offset) => write!(f, "stage {upload} {offset}"),
            Self::Unstage(upload) => write!(f, "unstage {upload}"),
            Self::Message(control, patient) => write!(f, "message {control} {patient}"),
        }
    }
}

impl FromStr for Promise {
    type Err = anyhow::Error;

    fn from_str(line: &str) -> anyhow::Result<Self> {
        Ok(match line.split(' ').collect::<Vec<_>>().as_slice() {
            ["write", resource, version, commit, blob, size, blake3] => Self::Write(Write {
                resource: resource.parse()?,
                version: version.parse()?,
                commit: commit.parse()?,
                blob: blob.parse()?,
                size: size.parse()?,
                blake3: (*blake3).to_owned(),
            }),
            ["read", request] => Self::Read(request.parse()?),
            ["stage", upload, offset] => Self::Stage(upload.parse()?, offset.parse()?),
            ["unstage", upload] => Self::Unstage(upload.parse()?),
            ["message", control, patient] => Self::Message((*control).to_owned(), patient.parse()?),
            _ => anyhow::bail!("not a promise: {line:?}"),
        })
    }
}

/// Whole lines of what was said; a line that was cut off by the kill was not said.
pub(crate) fn read(said: &str) -> anyhow::Result<Vec<Promise>> {
    let whole = said.rfind('\n').map_or("", |end| &said[..end]);
    whole.lines().filter(|line| !line.is_empty()).map(str::parse).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_promise_is_read_as_it_was_said() {
        let id = Uuid::from_u128(7);
        let write = Write {
            resource: id.into(),
            version: 3,
            commit: CommitId(id),
            blob: BlobId(id),
            size: 9,
            blake3: "ab".into(),
        };
        let message = Promise::Message("77".into(), id);
        let others = [Promise::Read(id), Promise::Stage(id, 5), Promise::Unstage(id), message];
        for promise in others.into_iter().chain([Promise::Write(write)]) {
            assert_eq!(promise.to_string().parse::<Promise>().unwrap(), promise);
        }
        let said = format!("read {id}\nstage {id} 1");
        assert_eq!(read(&said).unwrap(), [Promise::Read(id)], "half a line is no promise");
        assert!(read("nonsense\n").is_err());
    }
}
