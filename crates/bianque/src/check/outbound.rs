//! The way out: what the server may ask inside a network, by which certificates, and past which proxy.

use std::ffi::OsString;

use super::Finding;
use crate::config::Config;

/// What programs are told of a proxy by; this server asks directly, so that it sees where a name leads.
const PROXIES: [&str; 3] = ["HTTPS_PROXY", "https_proxy", "ALL_PROXY"];

/// Whether identity providers and addresses of keys can be asked, and safely. Nobody is asked for it.
pub(super) fn outbound(config: &Config, variable: impl Fn(&str) -> Option<OsString>) -> Vec<Finding> {
    let mut findings = vec![allowed(config)];
    let elsewhere = config.outbound_allowed.plain_elsewhere();
    if !elsewhere.is_empty() {
        let says = format!(
            "{} is asked without TLS: whoever lies between can answer in its place",
            elsewhere.join(", ")
        );
        findings.push(Finding::risk("outbound-allow", says));
    }
    findings.extend(authorities(config));
    let set = |name: &&str| variable(name).is_some_and(|value| !value.is_empty());
    if let Some(name) = PROXIES.iter().find(|name| set(name)) {
        let says =
            format!("{name} is set and is not used: the firewall has to let this server out by itself");
        findings.push(Finding::risk("outbound-allow", says));
    }
    findings
}

fn allowed(config: &Config) -> Finding {
    let says = match config.outbound_allowed.names().as_slice() {
        [] => "none: no host inside a network is asked".to_owned(),
        names => format!("inside a network the server asks {} and nothing else", names.join(", ")),
    };
    Finding::fine("outbound-allow", says)
}

fn authorities(config: &Config) -> Option<Finding> {
    let path = config.outbound_ca.as_deref()?;
    let told = path.display();
    Some(match bianque_edge_out::roots(Some(path)) {
        Ok(_) => Finding::fine("outbound-ca", format!("{told} is believed besides the public roots")),
        Err(error) => Finding::wrong("outbound-ca", format!("{told} cannot be used: {error}")),
    })
}
