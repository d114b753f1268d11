//! A certificate that nobody vouches for: browsers warn, and it is made only where none was given.

use std::fs;
use std::io::Write;
use std::net::IpAddr;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use anyhow::anyhow;

/// Certificate and key, made in `folder` unless they are there for this address already.
pub(super) fn make(folder: &Path, address: IpAddr) -> anyhow::Result<(PathBuf, PathBuf)> {
    let (certificate, key) = (folder.join("own.crt"), folder.join("own.key"));
    let names = vec![address.to_string(), "localhost".to_owned()];
    let made_for = folder.join("own.for");
    if fs::read_to_string(&made_for).is_ok_and(|text| text == names.join(",")) {
        return Ok((certificate, key));
    }
    fs::create_dir_all(folder)?;
    let made = rcgen::generate_simple_self_signed(names.clone())
        .map_err(|error| anyhow!("make a certificate: {error}"))?;
    fs::write(&certificate, made.cert.pem())?;
    write_private(&key, &made.signing_key.serialize_pem())?;
    fs::write(&made_for, names.join(","))?;
    tracing::warn!("no certificate was given: browsers will warn of the one that was made for {address}");
    Ok((certificate, key))
}

fn write_private(path: &Path, text: &str) -> std::io::Result<()> {
    let _ = fs::remove_file(path);
    fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?.write_all(text.as_bytes())
}
