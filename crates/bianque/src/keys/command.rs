//! A master key that a command prints: from a vault, a card, a keyring.

use std::io::Read;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use bianque_blobs::MasterKey;

/// How long a command may take.
const PATIENCE: Duration = Duration::from_secs(30);
/// More than this is no key.
const LONGEST: u64 = 1_024;

/// Runs a command, without a shell and without input, and reads the key that it prints. What it says on its standard
/// error goes to ours.
pub(super) fn read(words: &[String]) -> anyhow::Result<MasterKey> {
    run(words, PATIENCE)
}

fn run(words: &[String], patience: Duration) -> anyhow::Result<MasterKey> {
    let (program, arguments) = words.split_first().context("master-key-command is empty")?;
    let mut child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .with_context(|| format!("run the master-key-command {program}"))?;
    let out = child.stdout.take().context("the command has no output")?;
    let reading = std::thread::spawn(move || {
        let mut bytes = Vec::new();
        out.take(LONGEST).read_to_end(&mut bytes).map(|_| bytes)
    });
    let status = ended(&mut child, patience).with_context(|| format!("the master-key-command {program}"))?;
    if !status.success() {
        bail!("the master-key-command {program} failed: {status}");
    }
    let Ok(printed) = reading.join() else { bail!("the output of {program} was not read") };
    Ok(MasterKey::parse(&printed?, "of master-key-command")?)
}

fn ended(child: &mut Child, patience: Duration) -> anyhow::Result<std::process::ExitStatus> {
    let until = Instant::now() + patience;
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(status);
        }
        if Instant::now() >= until {
            child.kill()?;
            child.wait()?;
            bail!("did not end within {} seconds", patience.as_secs());
        }
        std::thread::sleep(Duration::from_millis(10));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(line: &[&str]) -> anyhow::Result<MasterKey> {
        let words: Vec<String> = line.iter().map(|word| (*word).to_owned()).collect();
        run(&words, Duration::from_secs(5))
    }

    #[test]
    fn what_a_command_prints_is_the_key_raw_or_in_digits() {
        let digits = "07".repeat(32);
        let raw = "\u{7}".repeat(32);
        let name = of(&["printf", "%s", &raw]).unwrap().name();
        assert_eq!(of(&["echo", &digits]).unwrap().name(), name);
        assert!(of(&["echo", "short"]).is_err() && of(&["false"]).is_err());
        assert!(of(&["/nonexistent/program"]).is_err());
    }

    #[test]
    fn a_command_that_does_not_end_is_ended() {
        let words = ["sleep".to_owned(), "60".to_owned()];
        let refused = run(&words, Duration::from_millis(50)).unwrap_err();
        assert!(format!("{refused:#}").contains("did not end"), "{refused:#}");
    }
}
