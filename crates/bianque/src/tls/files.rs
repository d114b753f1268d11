//! A certificate from files, read again when they change: new connections get the new one, open ones go on.

use std::fmt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::{Duration, SystemTime};

use anyhow::{Context, anyhow};
use rustls::SignatureScheme;
use rustls::client::ResolvesClientCert;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use tokio::signal::unix::{SignalKind, signal};

/// How often the files are looked at.
const EVERY: Duration = Duration::from_secs(5);

/// A certificate that follows its files.
pub(super) struct Files {
    certificate: PathBuf,
    key: PathBuf,
    current: RwLock<Arc<CertifiedKey>>,
    /// The files as they were when they were read last, whether they could be used or not.
    seen: Mutex<Seen>,
}

/// What tells one state of the two files from another: when each was written, its length, and which file it is.
type Seen = [Option<(SystemTime, u64, u64)>; 2];

impl Files {
    /// Reads them for the first time.
    ///
    /// # Errors
    /// When they cannot be read, or the key is not the certificate's.
    pub(super) fn open(certificate: &Path, key: &Path) -> anyhow::Result<Self> {
        let seen = [seen(certificate), seen(key)];
        Ok(Self {
            current: RwLock::new(Arc::new(read(certificate, key)?)),
            certificate: certificate.to_owned(),
            key: key.to_owned(),
            seen: Mutex::new(seen),
        })
    }

    /// Looks at the files for ever: every few seconds, and at once on SIGHUP.
    pub(super) async fn follow(self: Arc<Self>) {
        let Ok(mut asked) = signal(SignalKind::hangup()) else { return };
        let mut tick = tokio::time::interval(EVERY);
        loop {
            let force = tokio::select! {
                _ = tick.tick() => false,
                _ = asked.recv() => true,
            };
            self.look_again(force);
        }
    }

    /// Reads the files when they have changed. What cannot be used is told once, and the old certificate stays: a pair
    /// that is replaced one after the other does not fit for a moment.
    fn look_again(&self, force: bool) {
        let now = [seen(&self.certificate), seen(&self.key)];
        let before = std::mem::replace(&mut *self.seen.lock().unwrap_or_else(PoisonError::into_inner), now);
        if now == before && !force {
            return;
        }
        match read(&self.certificate, &self.key) {
            Ok(anew) => {
                *self.current.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(anew);
                tracing::info!(certificate = %self.certificate.display(), "the certificate was read again");
            }
            Err(error) => tracing::warn!(
                error = format!("{error:#}"),
                "the changed certificate cannot be used; the one before stays"
            ),
        }
    }
}

impl ResolvesServerCert for Files {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner)))
    }
}

/// The same certificate, shown to another server that asks who calls. It is read when it is asked for, which is seldom.
#[derive(Debug)]
pub(crate) struct Shown {
    /// The chain.
    pub(crate) certificate: PathBuf,
    /// The private key.
    pub(crate) key: PathBuf,
}

impl ResolvesClientCert for Shown {
    fn resolve(&self, _: &[&[u8]], _: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        let read = read(&self.certificate, &self.key);
        if let Err(error) = &read {
            tracing::warn!(error = format!("{error:#}"), "no certificate is shown to another server");
        }
        read.ok().map(Arc::new)
    }

    fn has_certs(&self) -> bool {
        true
    }
}

impl fmt::Debug for Files {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Files").field("certificate", &self.certificate).finish_non_exhaustive()
    }
}

/// The chain of a file, the server's own certificate first.
///
/// # Errors
/// When it cannot be read or holds none.
pub(crate) fn chain(path: &Path) -> anyhow::Result<Vec<CertificateDer<'static>>> {
    let named = || format!("read {}", path.display());
    let chain = CertificateDer::pem_file_iter(path)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .with_context(named)?;
    if chain.is_empty() { Err(anyhow!("it holds no certificate")).with_context(named) } else { Ok(chain) }
}

/// Chain and key, tried against each other.
///
/// # Errors
/// When one cannot be read, or the key is not the certificate's.
pub(crate) fn read(certificate: &Path, key: &Path) -> anyhow::Result<CertifiedKey> {
    let chain = chain(certificate)?;
    let secret = PrivateKeyDer::from_pem_file(key).with_context(|| format!("read {}", key.display()))?;
    let provider = rustls::crypto::aws_lc_rs::default_provider();
    CertifiedKey::from_der(chain, secret, &provider)
        .with_context(|| format!("use {} with {}", key.display(), certificate.display()))
}

fn seen(path: &Path) -> Option<(SystemTime, u64, u64)> {
    let metadata = std::fs::metadata(path).ok()?;
    Some((metadata.modified().ok()?, metadata.len(), metadata.ino()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn put(folder: &Path, name: &str) -> Vec<u8> {
        let made = rcgen::generate_simple_self_signed(vec![name.to_owned()]).unwrap();
        std::fs::write(folder.join("chain.pem"), made.cert.pem()).unwrap();
        std::fs::write(folder.join("key.pem"), made.signing_key.serialize_pem()).unwrap();
        made.cert.der().to_vec()
    }

    fn shown(files: &Files) -> Vec<u8> {
        files.current.read().unwrap().cert[0].to_vec()
    }

    #[test]
    fn a_pair_that_does_not_fit_is_refused_at_start_and_passed_over_later() {
        let folder = tempfile::tempdir().unwrap();
        let (certificate, key) = (folder.path().join("chain.pem"), folder.path().join("key.pem"));
        let first = put(folder.path(), "one.example");
        let files = Files::open(&certificate, &key).unwrap();
        let other = tempfile::tempdir().unwrap();
        let second = put(other.path(), "two.example");
        // The certificate first, its key a moment later.
        std::fs::copy(other.path().join("chain.pem"), &certificate).unwrap();
        files.look_again(true);
        assert_eq!(shown(&files), first);
        assert!(Files::open(&certificate, &key).is_err());
        std::fs::copy(other.path().join("key.pem"), &key).unwrap();
        files.look_again(false);
        assert_eq!(shown(&files), second);
        std::fs::write(&certificate, "").unwrap();
        files.look_again(false);
        assert_eq!(shown(&files), second);
    }
}
