//! Certificates: from files, or made at start and kept in the data folder.

use std::fs;
use std::net::IpAddr;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, anyhow};
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

use crate::config::Config;

/// The TLS side of a listener on `address`.
pub(crate) fn server_config(config: &Config, address: IpAddr) -> anyhow::Result<Arc<ServerConfig>> {
    let (chain, key) = match &config.tls {
        Some((certificate, key)) => read(certificate, key)?,
        None => own(&config.data.join("tls"), address)?,
    };
    let mut server = ServerConfig::builder().with_no_client_auth().with_single_cert(chain, key)?;
    server.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(Arc::new(server))
}

fn read(
    certificate: &Path,
    key: &Path,
) -> anyhow::Result<(Vec<CertificateDer<'static>>, PrivateKeyDer<'static>)> {
    let named = |path: &Path| format!("read {}", path.display());
    let chain = CertificateDer::pem_file_iter(certificate)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .with_context(|| named(certificate))?;
    let key = PrivateKeyDer::from_pem_file(key).with_context(|| named(key))?;
    Ok((chain, key))
}

/// A certificate that nobody vouches for: browsers warn, and it is made only where none was given.
fn own(
    folder: &Path,
    address: IpAddr,
) -> anyhow::Result<(Vec<CertificateDer<'static>>, PrivateKeyDer<'static>)> {
    let (certificate, key) = (folder.join("own.crt"), folder.join("own.key"));
    let names = vec![address.to_string(), "localhost".to_owned()];
    let made_for = folder.join("own.for");
    if fs::read_to_string(&made_for).is_ok_and(|text| text == names.join(",")) {
        return read(&certificate, &key);
    }
    fs::create_dir_all(folder)?;
    let made = rcgen::generate_simple_self_signed(names.clone())
        .map_err(|error| anyhow!("make a certificate: {error}"))?;
    fs::write(&certificate, made.cert.pem())?;
    write_private(&key, &made.signing_key.serialize_pem())?;
    fs::write(&made_for, names.join(","))?;
    tracing::warn!("no certificate was given: browsers will warn of the one that was made for {address}");
    read(&certificate, &key)
}

fn write_private(path: &Path, text: &str) -> std::io::Result<()> {
    use std::io::Write;
    use std::os::unix::fs::OpenOptionsExt;
    let _ = fs::remove_file(path);
    fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?.write_all(text.as_bytes())
}
