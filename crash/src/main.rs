//! Kills a writing store again and again, cuts its power, and counts what it had promised.
//!
//! Two ways to end a writer. `kill`: a signal that it cannot catch; what it gave to the kernel stays. `power cut`: its
//! data lies on a mounted disk that forgets whatever was not synced, bytes and names. After each, every promise that
//! was said must be kept, once, with its audit row, its event and the bytes of its blob; and every message of HL7 v2 that
//! was answered AA, kept once and applied once. To show that the test would
//! see it, a writer that does not sync must fail the power cut.

mod burst;
mod check;
mod dice;
mod disk;
mod fuse;
mod ground;
mod lines;
mod promise;
mod rounds;

use std::fs::File;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};

use ground::Sabotage;
use rounds::{Outcome, Work};

const HELP: &str = "cargo run -p bianque-crash -- [FLAGS]
  --rounds N         kills (20)
  --fuse-rounds N    power cuts (5); asked for where folders cannot be mounted: exit code 3
  --full             200 kills, 50 power cuts
  --sabotage MODE    only this: a writer that does not sync must be found out
                     (no-fsync, no-store-fsync, no-blob-fsync)
  --seed N           the same moments again";

/// Who promises, in turn.
const WORKS: [(&str, Work); 2] = [("store", Work::Store), ("HL7 v2", Work::Lines)];
/// Power cuts in which a writer that does not sync must be found out.
const SABOTAGE_ROUNDS: u32 = 10;
/// The exit code where folders cannot be mounted.
const NO_FUSE: u8 = 3;

struct Arguments {
    rounds: u32,
    fuse_rounds: Option<u32>,
    sabotage: Option<Sabotage>,
    seed: u64,
}

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match run(&words) {
        Ok(code) => code,
        Err(cause) => {
            eprintln!("crash: {cause:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(words: &[&str]) -> Result<ExitCode> {
    match words {
        ["write", folder, seed, sabotage @ ..] => {
            let sabotage = sabotage.first().and_then(|name| Sabotage::named(name));
            burst::run(folder.as_ref(), seed.parse()?, sabotage)?;
            Ok(ExitCode::SUCCESS)
        }
        ["take", folder, seed, sabotage @ ..] => {
            let sabotage = sabotage.first().and_then(|name| Sabotage::named(name));
            lines::run(folder.as_ref(), seed.parse()?, sabotage)?;
            Ok(ExitCode::SUCCESS)
        }
        ["check", folder] => {
            for wrong in check::run(folder.as_ref(), &burst::promised()?)? {
                tell(&wrong);
            }
            Ok(ExitCode::SUCCESS)
        }
        ["--help" | "-h"] => {
            tell(HELP);
            Ok(ExitCode::SUCCESS)
        }
        flags => drive(&arguments(flags)?),
    }
}

fn drive(arguments: &Arguments) -> Result<ExitCode> {
    let mut failed = 0;
    if let Some(sabotage) = arguments.sabotage {
        mountable()?;
        failed += sabotaged(Work::Store, sabotage, arguments.seed)?;
        return Ok(verdict(failed));
    }
    for (name, work) in WORKS {
        failed += report(&format!("kill, {name}"), &rounds::kill(work, arguments.rounds, arguments.seed)?);
    }
    match (mountable(), arguments.fuse_rounds) {
        (_, Some(0)) => {}
        (Ok(()), wanted) => {
            for (name, work) in WORKS {
                let outcome = rounds::cut(work, wanted.unwrap_or(5), arguments.seed, None)?;
                failed += report(&format!("power cut, {name}"), &outcome);
            }
            for sabotage in Sabotage::ALL {
                failed += sabotaged(Work::Store, sabotage, arguments.seed)?;
            }
            failed += sabotaged(Work::Lines, Sabotage::Store, arguments.seed)?;
        }
        (Err(cause), None) => tell(&format!("power cut: skipped: {cause:#}")),
        (Err(cause), Some(_)) => {
            tell(&format!("power cut: not possible here: {cause:#}"));
            return Ok(ExitCode::from(NO_FUSE));
        }
    }
    Ok(verdict(failed))
}

fn verdict(failed: u32) -> ExitCode {
    if failed == 0 {
        tell("crash: every promise was kept");
        ExitCode::SUCCESS
    } else {
        tell(&format!("crash: {failed} of the modes failed"));
        ExitCode::FAILURE
    }
}

fn report(mode: &str, outcome: &Outcome) -> u32 {
    let Outcome { rounds, promises, wrong } = outcome;
    tell(&format!("{mode}: {rounds} rounds, {promises} promises, {} broken", wrong.len()));
    for line in wrong.iter().take(20) {
        tell(&format!("  {line}"));
    }
    u32::from(!wrong.is_empty() || *promises == 0)
}

fn sabotaged(work: Work, sabotage: Sabotage, seed: u64) -> Result<u32> {
    let outcome = rounds::cut(work, SABOTAGE_ROUNDS, seed, Some(sabotage))?;
    let name = sabotage.name();
    if let Some(first) = outcome.wrong.first() {
        tell(&format!("{name}: found out in round {}: {first}", outcome.rounds));
        return Ok(0);
    }
    tell(&format!("{name}: NOT found out in {} rounds", outcome.rounds));
    Ok(1)
}

/// Whether folders can be mounted here.
fn mountable() -> Result<()> {
    let device = "/dev/fuse";
    File::options().read(true).write(true).open(device).with_context(|| format!("{device} does not open"))?;
    let folder = tempfile::tempdir()?;
    let session =
        fuse::Shared::default().mount(folder.path()).context("mounting a FUSE folder is not permitted")?;
    session.umount_and_join().context("unmounting")
}

fn arguments(words: &[&str]) -> Result<Arguments> {
    let mut found = Arguments { rounds: 20, fuse_rounds: None, sabotage: None, seed: chance() };
    let mut words = words.iter();
    while let Some(flag) = words.next() {
        if *flag == "--full" {
            (found.rounds, found.fuse_rounds) = (200, Some(50));
            continue;
        }
        let value = words.next().with_context(|| format!("{flag} needs a value, or is unknown\n{HELP}"))?;
        match *flag {
            "--rounds" => found.rounds = value.parse().context("--rounds")?,
            "--fuse-rounds" => found.fuse_rounds = Some(value.parse().context("--fuse-rounds")?),
            "--seed" => found.seed = value.parse().context("--seed")?,
            "--sabotage" => {
                found.sabotage =
                    Some(Sabotage::named(value).with_context(|| format!("no sabotage {value:?}\n{HELP}"))?);
            }
            _ => bail!("no flag is called {flag}\n{HELP}"),
        }
    }
    Ok(found)
}

fn chance() -> u64 {
    let (high, low) = uuid::Uuid::new_v4().as_u64_pair();
    high ^ low
}

#[expect(clippy::print_stdout, reason = "it is a command, and this is what it says")]
fn tell(line: &str) {
    println!("{line}");
}
