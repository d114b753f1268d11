//! `bianque check-config`: what of the settings is wrong, what is a risk and what is fine, in plain words.

mod certificate;
mod folder;
mod network;
mod outbound;

use std::fmt;
use std::io::Write;
use std::process::ExitCode;

use serde::Serialize;
use serde_json::json;

use crate::cli::CheckFlags;
use crate::config::Config;

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Level {
    /// The server will not start, or will not do what it is for.
    Wrong,
    /// It works, and somebody should know.
    Risk,
    /// As it should be.
    Fine,
}

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Finding {
    level: Level,
    /// The setting it is about, as flags name it.
    setting: &'static str,
    says: String,
}

impl Finding {
    fn wrong(setting: &'static str, says: impl Into<String>) -> Self {
        Self { level: Level::Wrong, setting, says: says.into() }
    }

    fn risk(setting: &'static str, says: impl Into<String>) -> Self {
        Self { level: Level::Risk, setting, says: says.into() }
    }

    fn fine(setting: &'static str, says: impl Into<String>) -> Self {
        Self { level: Level::Fine, setting, says: says.into() }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let level = match self.level {
            Level::Wrong => "wrong",
            Level::Risk => "risk",
            Level::Fine => "fine",
        };
        write!(f, "{level:<6} {:<14} {}", self.setting, self.says)
    }
}

/// Looks, and prints what it found, the worst first. Exit code 1: something is wrong.
pub(crate) fn check(flags: &CheckFlags) -> anyhow::Result<ExitCode> {
    let mut findings = match Config::decide(&flags.serve) {
        Ok(config) => of(&config, jiff::Timestamp::now()),
        Err(error) => vec![Finding::wrong("config", format!("{error:#}"))],
    };
    findings.sort_by_key(|finding| finding.level);
    let ok = findings.iter().all(|finding| finding.level != Level::Wrong);
    let mut out = std::io::stdout().lock();
    if flags.json {
        writeln!(out, "{}", json!({"ok": ok, "findings": findings}))?;
    } else {
        for finding in &findings {
            writeln!(out, "{finding}")?;
        }
    }
    Ok(if ok { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn of(config: &Config, now: jiff::Timestamp) -> Vec<Finding> {
    let running = crate::control::is_answered(&config.data);
    let mut findings = Vec::new();
    if running {
        findings.push(Finding::fine("data", "a server is running on it; its listeners were not tried"));
    } else {
        findings.extend(network::listeners(config));
    }
    findings.extend(network::public_url(config));
    findings.extend(network::media(config));
    findings.extend(network::turn(config));
    findings.extend(network::proxies(config));
    findings.extend(outbound::outbound(config, |name| std::env::var_os(name)));
    findings.extend(certificate::certificate(config, now));
    findings.extend(folder::data(config));
    findings.extend(folder::master_key(config));
    findings
}

/// The host that links carry, without port.
fn public_host(config: &Config) -> Option<String> {
    let url: axum::http::Uri = config.public_url.as_deref()?.parse().ok()?;
    Some(url.host()?.trim_matches(['[', ']']).to_ascii_lowercase())
}
