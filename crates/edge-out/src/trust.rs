//! By which certificates servers are known.

use std::io;
use std::path::Path;
use std::sync::Arc;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};

/// The public roots, and those of a PEM file besides: a hospital's own authority. TLS 1.2 at least, by aws-lc-rs.
///
/// # Errors
/// When the file cannot be read or holds no certificate.
pub fn roots(extra: Option<&Path>) -> io::Result<ClientConfig> {
    let mut store = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    if let Some(path) = extra {
        let public = store.len();
        for certificate in CertificateDer::pem_file_iter(path).map_err(io::Error::other)? {
            store.add(certificate.map_err(io::Error::other)?).map_err(io::Error::other)?;
        }
        if store.len() == public {
            return Err(io::Error::other("no certificate in it"));
        }
    }
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(io::Error::other)?
        .with_root_certificates(store)
        .with_no_client_auth();
    Ok(config)
}
