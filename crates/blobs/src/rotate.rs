//! A new master key: every key of a subject is wrapped by it, one file after another, while blobs are read and written.
//!
//! Until the end both master keys open. Each file is written whole under its new name before the old one goes, so that a
//! process that is killed between any two of them leaves every key readable, and the next run goes on.

use std::collections::HashMap;

use bianque_model::TenantId;

use crate::folder::names;
use crate::keys::{CHECK, Held, Ring, about_subject, read};
use crate::{BlobError, Blobs, MasterKey};

/// Subjects that the database knows. Key files from before they said whose they are need them.
pub type Subjects = Vec<(TenantId, String)>;

/// Under which master keys the keys of subjects lie.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Generations {
    /// The name of the master key that seals.
    pub current: String,
    /// That of the one before, while it is being replaced.
    pub before: Option<String>,
    /// Subjects with a key.
    pub subjects: u64,
    /// Of those, how many still lie under the one before.
    pub behind: u64,
}

impl Blobs {
    /// Under which master keys the keys of subjects lie. Lists one folder; only during a rotation are its files read.
    pub fn generations(&self) -> Result<Generations, BlobError> {
        let keys = &self.place.keys;
        let (current, before) = {
            let held = keys.hold();
            (held.current.name.clone(), held.before.as_ref().map(|before| before.name.clone()))
        };
        let mut generations = Generations { current, before, subjects: 0, behind: 0 };
        for path in names(&keys.folder)? {
            if path.extension().is_some() || path.file_name().is_some_and(|name| name == CHECK) {
                continue;
            }
            generations.subjects += 1;
            if generations.before.is_some() {
                // A file that goes meanwhile lies under no key any more.
                let Ok(record) = read(&path) else { continue };
                generations.behind += u64::from(keys.hold().current.whose(&record).is_none());
            }
        }
        Ok(generations)
    }

    /// Wraps everything by the master key `to`, which is the current one from the first moment on; gives how many files
    /// were written. Blobs themselves are not touched.
    ///
    /// # Errors
    /// A file that neither master key opens ends it; both stay readable, and it can be called again.
    pub fn rotate(&self, to: &MasterKey, known: &Subjects) -> Result<u64, BlobError> {
        let keys = &self.place.keys;
        {
            let mut held = keys.hold();
            let ring = Ring::of(to)?;
            if held.current.name != ring.name {
                held.before = Some(std::mem::replace(&mut held.current, ring));
            }
        }
        let unnamed = self.unnamed(known);
        let mut written = 0;
        for path in names(&keys.folder)?.iter().filter(|path| path.extension().is_none()) {
            let held = keys.hold();
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            let changed = match read(path) {
                Err(BlobError::NotFound) => false,
                record if name == CHECK => self.rewrap_check(&held, &record?)?,
                record => self.rewrap_key(&held, name, &record?, &unnamed)?,
            };
            written += u64::from(changed);
        }
        keys.hold().before = None;
        Ok(written)
    }

    /// Whose key a file is by its name, for files that do not say it.
    fn unnamed(&self, known: &Subjects) -> HashMap<String, Vec<u8>> {
        let held = self.place.keys.hold();
        let rings = [Some(&held.current), held.before.as_ref()];
        let of_ring = |ring: &Ring| {
            let about = known.iter().map(|(tenant, subject)| about_subject(*tenant, subject));
            about.map(|about| (ring.file(&about), about)).collect::<Vec<_>>()
        };
        rings.into_iter().flatten().flat_map(of_ring).collect()
    }

    fn rewrap_check(&self, held: &Held, record: &[u8]) -> Result<bool, BlobError> {
        let keys = &self.place.keys;
        if held.current.key(CHECK.as_bytes(), record).is_ok() {
            return Ok(false);
        }
        let (_, wrapped) = held.current.master.make_wrapped(CHECK.as_bytes())?;
        keys.disk.write_small(&keys.folder.join(CHECK), &wrapped)?;
        Ok(true)
    }

    fn rewrap_key(
        &self,
        held: &Held,
        name: &str,
        record: &[u8],
        unnamed: &HashMap<String, Vec<u8>>,
    ) -> Result<bool, BlobError> {
        let keys = &self.place.keys;
        if held.current.whose(record).is_some() {
            return Ok(false);
        }
        let whose = |ring: &Ring| ring.whose(record).or_else(|| unnamed.get(name).cloned());
        let opened = [held.before.as_ref(), Some(&held.current)].into_iter().flatten().find_map(|ring| {
            let about = whose(ring)?;
            let key = ring.key(&about, record).ok()?;
            Some((about, key))
        });
        let (about, key) = opened.ok_or_else(|| {
            BlobError::corrupt(format!("the key file {name}, which no master key and no known subject fits,"))
        })?;
        let new = held.current.file(&about);
        keys.disk.write_small(&keys.folder.join(&new), &held.current.record(&about, &key)?)?;
        if new != name {
            self.place.waiting.remove(keys.disk, &keys.folder.join(name))?;
        }
        Ok(true)
    }
}
