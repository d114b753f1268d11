//! A certificate from an authority by ACME (RFC 8555), proved on the TLS port itself (RFC 8737, `tls-alpn-01`).
//!
//! Account and certificate are kept in the data folder, so that a restart asks for nothing. Until the first
//! certificate is there, handshakes fail: showing one that browsers warn of would teach people to click warnings away.

use std::fs::DirBuilder;
use std::os::unix::fs::DirBuilderExt;
use std::path::Path;
use std::sync::Arc;

use anyhow::Context;
use futures_util::StreamExt;
use rustls::server::ResolvesServerCert;
use rustls::{ClientConfig, RootCertStore};
use rustls_acme::caches::DirCache;
use rustls_acme::{AcmeConfig, AcmeState};

use super::files;
use crate::config::Acme;

/// The protocol by which an authority asks for the proof.
pub(super) const PROOF: &[u8] = b"acme-tls/1";

/// A certificate that is asked for and renewed.
pub(super) struct Ordered(AcmeState<std::io::Error>);

impl Ordered {
    /// Prepares it; account and certificates are kept in `folder`.
    pub(super) fn open(acme: &Acme, folder: &Path) -> anyhow::Result<Self> {
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(folder)
            .with_context(|| format!("make {}", folder.display()))?;
        let config = match &acme.root {
            None => AcmeConfig::new(&acme.domains),
            Some(root) => AcmeConfig::new_with_client_config(&acme.domains, knowing(root)?),
        };
        let config =
            config.contact(&acme.contact).directory(&acme.directory).cache(DirCache::new(folder.to_owned()));
        Ok(Self(config.state()))
    }

    /// What answers handshakes.
    pub(super) fn resolver(&self) -> Arc<dyn ResolvesServerCert> {
        self.0.resolver()
    }

    /// Asks, and asks again in time, for ever.
    pub(super) async fn follow(mut self) {
        while let Some(event) = self.0.next().await {
            match event {
                Ok(done) => {
                    // Its steps have no `Display`; they name certificates and files, and nobody.
                    let done = format!("{done:?}");
                    tracing::info!("certificate: {done}");
                }
                // The state machine tries again by itself, each time later.
                Err(error) => tracing::error!("certificate: {error}"),
            }
        }
    }
}

/// A client that trusts these roots only.
fn knowing(root: &Path) -> anyhow::Result<Arc<ClientConfig>> {
    let mut roots = RootCertStore::empty();
    for certificate in files::chain(root)? {
        roots.add(certificate).with_context(|| format!("trust {}", root.display()))?;
    }
    Ok(Arc::new(ClientConfig::builder().with_root_certificates(roots).with_no_client_auth()))
}
