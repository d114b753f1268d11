//! `bianque audit verify`, and where the audit is sent.

use std::fs;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context, anyhow, bail};
use bianque_app::audit::verify::Report;
use bianque_worker::audit_trail::{Destination, SyslogServer};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};

use crate::cli::VerifyFlags;
use crate::config::Config;
use crate::control::{self, Answer, Request};

/// What scripts tell by: the audit is not sound.
const UNSOUND: u8 = 3;
/// The registered port of syslog over TLS.
const SYSLOG_TLS: u16 = 6514;

/// Checks the audit, through the running server or on the folder itself.
pub(crate) async fn verify(flags: VerifyFlags) -> anyhow::Result<ExitCode> {
    let mut checkpoints = Vec::new();
    for path in &flags.checkpoints {
        checkpoints.extend(lines(path)?);
    }
    let request = Request::AuditVerify { checkpoints };
    let config = Config::decide(&flags.folder.into())?;
    match control::ask_or_open(&config, request).await? {
        Answer::Done(report) => {
            let report: Report = serde_json::from_str(&report)?;
            print(&report, flags.json)?;
            Ok(if report.sound { ExitCode::SUCCESS } else { ExitCode::from(UNSOUND) })
        }
        Answer::Failed(message) => Err(anyhow!(message)),
    }
}

/// Where the configuration wants the audit sent.
pub(crate) fn destination(config: &Config) -> anyhow::Result<Option<Destination>> {
    let Some(wanted) = &config.audit_export else { return Ok(None) };
    if let Some(folder) = wanted.strip_prefix("file:") {
        return Ok(Some(Destination::Folder(folder.into())));
    }
    let Some(address) = wanted.strip_prefix("syslog+tls://") else {
        bail!("audit-export must be file:FOLDER or syslog+tls://HOST:PORT, not {wanted:?}");
    };
    let (host, port) = match address.rsplit_once(':') {
        Some((host, port)) => (host, port.parse().with_context(|| format!("the port of {wanted:?}"))?),
        None => (address, SYSLOG_TLS),
    };
    let Some(roots) = &config.audit_export_ca else {
        bail!("audit-export over TLS needs audit-export-ca: the certificate that vouches for the server");
    };
    let tls = Arc::new(trusting(roots)?);
    Ok(Some(Destination::Syslog(SyslogServer { host: host.to_owned(), port, tls })))
}

fn trusting(roots: &Path) -> anyhow::Result<ClientConfig> {
    let mut store = RootCertStore::empty();
    let named = || format!("read {}", roots.display());
    for certificate in CertificateDer::pem_file_iter(roots).with_context(named)? {
        store.add(certificate.with_context(named)?)?;
    }
    Ok(ClientConfig::builder().with_root_certificates(store).with_no_client_auth())
}

/// Checkpoints of a file: lines of an export that carry one, or bare ones.
fn lines(path: &Path) -> anyhow::Result<Vec<String>> {
    let text = fs::read_to_string(path).with_context(|| format!("read {}", path.display()))?;
    let of_line = |line: &str| match serde_json::from_str::<serde_json::Value>(line) {
        Ok(entry) => entry.get("checkpoint").and_then(|line| line.as_str()).map(str::to_owned),
        Err(_) => Some(line.to_owned()),
    };
    Ok(text.lines().filter(|line| !line.trim().is_empty()).filter_map(of_line).collect())
}

fn print(report: &Report, json: bool) -> anyhow::Result<()> {
    use std::io::Write;
    let mut out = std::io::stdout().lock();
    if json {
        writeln!(out, "{}", serde_json::to_string(report)?)?;
        return Ok(());
    }
    for chain in &report.chains {
        writeln!(out, "{}: {} rows, head {}", chain.chain.name(), chain.rows, &chain.head[..16])?;
        if chain.before_chain > 0 {
            writeln!(out, "  {} rows are from before there were chains", chain.before_chain)?;
        }
        for fault in &chain.faults {
            writeln!(out, "  {fault}")?;
        }
    }
    writeln!(out, "{} checkpoints held", report.checkpoints)?;
    writeln!(out, "{}", if report.sound { "sound" } else { "NOT SOUND" })?;
    Ok(())
}
