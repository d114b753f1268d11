//! `bianque token create`: prints a bearer token and nothing else.

use std::process::ExitCode;

use anyhow::{anyhow, bail};

use crate::cli::TokenFlags;
use crate::config::Config;
use crate::control::{self, Answer, Request};
use crate::open;

/// What scripts tell an uninitialised folder by.
const UNINITIALISED: u8 = 2;

/// Makes a token, through the running server or on the folder itself.
pub(crate) async fn create(flags: TokenFlags) -> anyhow::Result<ExitCode> {
    let config = Config::decide(&flags.folder.clone().into())?;
    if !open::is_initialised(&config.data) {
        tracing::error!("{} is not initialised: run `bianque serve` on it first", config.data.display());
        return Ok(ExitCode::from(UNINITIALISED));
    }
    let (ttl_s, tenant) = (seconds(&flags.ttl)?, flags.tenant.into());
    let request = Request::TokenCreate { scope: flags.scope, ttl_s, tenant };
    match control::ask_or_open(&config, request).await? {
        Answer::Done(token) => {
            use std::io::Write;
            writeln!(std::io::stdout().lock(), "{token}")?;
            Ok(ExitCode::SUCCESS)
        }
        Answer::Failed(message) => Err(anyhow!(message)),
    }
}

/// Reads `90s`, `15m`, `1h`, `7d`.
fn seconds(text: &str) -> anyhow::Result<u64> {
    let wrong = || anyhow!("{text:?} is not a length of time such as 90s, 15m, 1h or 7d");
    let (number, unit) = text.split_at_checked(text.len().saturating_sub(1)).ok_or_else(wrong)?;
    let factor = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3600,
        "d" => 86_400,
        _ => bail!(wrong()),
    };
    let number: u64 = number.parse().map_err(|_| wrong())?;
    number.checked_mul(factor).filter(|seconds| (1..=366 * 86_400).contains(seconds)).ok_or_else(wrong)
}

#[cfg(test)]
mod tests {
    use super::seconds;

    #[test]
    fn lengths_of_time_are_read_strictly() {
        assert_eq!(seconds("90s").unwrap(), 90);
        assert_eq!(seconds("1h").unwrap(), 3600);
        assert_eq!(seconds("7d").unwrap(), 604_800);
        for bad in ["", "h", "1", "0s", "-1h", "1w", "9999999999999999999h", "天"] {
            assert!(seconds(bad).is_err(), "{bad}");
        }
    }
}
