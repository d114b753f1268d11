//! The certificate: whether it can be used, for how long, and for the name that links carry.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use x509_parser::extensions::GeneralName;
use x509_parser::prelude::{FromDer, X509Certificate};

use super::{Finding, public_host};
use crate::config::{Acme, Certificate, Config};
use crate::tls::files;

const SETTING: &str = "tls-cert";
/// A certificate with fewer days left is told of.
const SOON_DAYS: i64 = 21;

/// Looks at where the certificate comes from.
pub(super) fn certificate(config: &Config, now: jiff::Timestamp) -> Vec<Finding> {
    match &config.certificate {
        Certificate::Own if config.is_tls(config.http.ip()) => vec![Finding::risk(
            SETTING,
            "is missing: one is made at start, and browsers warn of it. Good for trying, not for patients",
        )],
        Certificate::Own => vec![Finding::fine(SETTING, "none is needed: only this machine is listened to")],
        Certificate::Acme(acme) => of_acme(acme, config),
        Certificate::Files { certificate, key } => match files::read(certificate, key) {
            Err(error) => vec![Finding::wrong(SETTING, format!("{error:#}"))],
            Ok(usable) => {
                let mut findings = vec![key_mode(key)];
                match usable.cert.first().map(|der| X509Certificate::from_der(der)) {
                    Some(Ok((_, parsed))) => {
                        findings.push(validity(&parsed, now));
                        findings.extend(names(&parsed, config));
                    }
                    _ => findings.push(Finding::wrong(SETTING, "the certificate cannot be read")),
                }
                findings
            }
        },
    }
}

fn of_acme(acme: &Acme, config: &Config) -> Vec<Finding> {
    const SETTING: &str = "acme-domain";
    let mut findings = Vec::new();
    if acme.contact.is_none() {
        let says = "is missing: the authority cannot warn of a certificate that is about to end";
        findings.push(Finding::risk("acme-contact", says));
    }
    if config.http.port() != 443 {
        let says = format!("the authority asks at port 443, and this server listens on {}", config.http);
        findings.push(Finding::risk(SETTING, says));
    }
    if let Some(host) = public_host(config)
        && !acme.domains.iter().any(|domain| domain.eq_ignore_ascii_case(&host))
    {
        findings
            .push(Finding::wrong(SETTING, format!("links carry {host}, which the certificate is not for")));
    }
    findings.push(Finding::fine(SETTING, format!("{} from {}", acme.domains.join(", "), acme.directory)));
    findings
}

fn key_mode(key: &Path) -> Finding {
    match std::fs::metadata(key) {
        Ok(metadata) if metadata.permissions().mode() & 0o077 != 0 => Finding::risk(
            "tls-key",
            format!("{} can be read by others: its mode should be 0600", key.display()),
        ),
        Ok(_) => Finding::fine("tls-key", "only its owner can read it"),
        Err(error) => Finding::wrong("tls-key", format!("{}: {error}", key.display())),
    }
}

fn validity(parsed: &X509Certificate<'_>, now: jiff::Timestamp) -> Finding {
    let (from, to) = (parsed.validity().not_before.timestamp(), parsed.validity().not_after.timestamp());
    let days = (to - now.as_second()).div_euclid(86_400);
    if now.as_second() < from {
        Finding::wrong(SETTING, "the certificate is not valid yet; is the clock right?")
    } else if now.as_second() >= to {
        Finding::wrong(SETTING, format!("the certificate ended {} days ago", -days - 1))
    } else if days < SOON_DAYS {
        Finding::risk(SETTING, format!("the certificate ends in {days} days"))
    } else {
        Finding::fine(SETTING, format!("the certificate is valid for {days} days"))
    }
}

fn names(parsed: &X509Certificate<'_>, config: &Config) -> Option<Finding> {
    let host = public_host(config)?;
    let found = parsed.subject_alternative_name().ok().flatten();
    let names = found.map(|names| names.value.general_names.as_slice()).unwrap_or_default();
    let fits = names.iter().any(|name| match name {
        GeneralName::DNSName(name) => covers(&name.to_ascii_lowercase(), &host),
        GeneralName::IPAddress(bytes) => address(bytes).is_some_and(|address| address.to_string() == host),
        _ => false,
    });
    Some(if fits {
        Finding::fine(SETTING, format!("the certificate is for {host}"))
    } else {
        Finding::wrong(SETTING, format!("links carry {host}, and the certificate is not for that name"))
    })
}

/// RFC 6125, 6.4.3: a star stands for the whole leftmost label and no other.
fn covers(name: &str, host: &str) -> bool {
    match name.strip_prefix("*.") {
        Some(rest) => host.split_once('.').is_some_and(|(_, parent)| parent == rest),
        None => name == host,
    }
}

fn address(bytes: &[u8]) -> Option<std::net::IpAddr> {
    match bytes.len() {
        4 => <[u8; 4]>::try_from(bytes).ok().map(Into::into),
        _ => <[u8; 16]>::try_from(bytes).ok().map(Into::into),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_one_label() {
        assert!(covers("*.clinic.example", "visit.clinic.example"));
        assert!(covers("clinic.example", "clinic.example"));
        assert!(!covers("*.clinic.example", "clinic.example"));
        assert!(!covers("*.clinic.example", "a.visit.clinic.example"));
    }
}
