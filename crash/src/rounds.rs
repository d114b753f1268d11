//! Rounds: start the writer, end it at a random moment, look at what is left.

use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use fuser::BackgroundSession;
use tempfile::TempDir;

use crate::dice::Dice;
use crate::disk::Cut;
use crate::fuse::Shared;
use crate::ground::Sabotage;
use crate::promise::{self, Promise};

/// Rounds on one data folder before a new one is begun.
const ROUNDS_PER_FOLDER: u32 = 20;
/// How long the first promise may take.
const START: Duration = Duration::from_secs(30);

/// What came of some rounds.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    pub(crate) rounds: u32,
    pub(crate) promises: usize,
    pub(crate) wrong: Vec<String>,
}

/// Who promises.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Work {
    /// Writers of the store and of sealed files.
    Store,
    /// A server of HL7 v2, to its senders.
    Lines,
}

impl Work {
    /// The subcommand that does it.
    const fn word(self) -> &'static str {
        match self {
            Self::Store => "write",
            Self::Lines => "take",
        }
    }
}

/// Kills the writer `rounds` times; its data lies in an ordinary folder.
pub(crate) fn kill(work: Work, rounds: u32, seed: u64) -> Result<Outcome> {
    let mut outcome = Outcome::default();
    let mut dice = Dice::new(seed);
    let mut left = rounds;
    while left > 0 {
        let scratch = tempfile::tempdir()?;
        let (folder, mut promises) = (scratch.path().join("data"), Vec::new());
        for _ in 0..left.min(ROUNDS_PER_FOLDER) {
            let mut writer = Writer::start(work, &folder, dice.roll(), None)?;
            writer.let_run(&mut dice);
            promises.extend(writer.end()?);
            outcome.round(&folder, &promises)?;
        }
        outcome.promises += promises.len();
        left -= left.min(ROUNDS_PER_FOLDER);
    }
    Ok(outcome)
}

/// Cuts the power under the writer `rounds` times; its data lies on a disk that forgets what was not synced. Stops
/// at the first round with something wrong when the writer's promises are empty on purpose.
pub(crate) fn cut(work: Work, rounds: u32, seed: u64, sabotage: Option<Sabotage>) -> Result<Outcome> {
    let mut outcome = Outcome::default();
    let mut dice = Dice::new(seed);
    let mut left = rounds;
    while left > 0 {
        let mut machine = Machine::new()?;
        let mut promises = Vec::new();
        for round in 0..left.min(ROUNDS_PER_FOLDER) {
            let mut writer = Writer::start(work, &machine.data(), dice.roll(), sabotage)?;
            writer.let_run(&mut dice);
            // Strict first: it loses the most. Then by turns, for what only a torn write shows.
            let how = if round % 2 == 0 { Cut::Strict } else { Cut::Ragged(Dice::new(dice.roll())) };
            machine.shared.disk().cut(how);
            promises.extend(writer.end()?);
            machine.restart()?;
            outcome.round(&machine.data(), &promises)?;
            if sabotage.is_some() && !outcome.wrong.is_empty() {
                return Ok(outcome);
            }
        }
        outcome.promises += promises.len();
        left -= left.min(ROUNDS_PER_FOLDER);
    }
    Ok(outcome)
}

impl Outcome {
    fn round(&mut self, folder: &Path, promises: &[Promise]) -> Result<()> {
        self.rounds += 1;
        let round = self.rounds;
        self.wrong
            .extend(check(folder, promises)?.into_iter().map(|wrong| format!("round {round}: {wrong}")));
        Ok(())
    }
}

/// A mounted disk that can lose its power.
struct Machine {
    shared: Shared,
    mounted: Option<BackgroundSession>,
    place: TempDir,
}

impl Machine {
    fn new() -> Result<Self> {
        let (shared, place) = (Shared::default(), tempfile::tempdir()?);
        let mounted = Some(shared.mount(place.path()).context("mounting")?);
        Ok(Self { shared, mounted, place })
    }

    fn data(&self) -> PathBuf {
        self.place.path().join("data")
    }

    /// Mounts the disk anew: the kernel must forget what it remembers of it.
    fn restart(&mut self) -> Result<()> {
        if let Some(session) = self.mounted.take() {
            session.umount_and_join().context("unmounting")?;
        }
        self.shared.disk().power_on();
        self.mounted = Some(self.shared.mount(self.place.path()).context("mounting again")?);
        Ok(())
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        if let Some(session) = self.mounted.take() {
            // The folder below goes away with the process at the latest.
            let _ = session.umount_and_join();
        }
    }
}

/// The writer's process.
struct Writer {
    child: Child,
    began: Receiver<()>,
    said: thread::JoinHandle<std::io::Result<String>>,
}

impl Writer {
    fn start(work: Work, folder: &Path, seed: u64, sabotage: Option<Sabotage>) -> Result<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        command.arg(work.word()).arg(folder).arg(seed.to_string()).args(sabotage.map(Sabotage::name));
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
        let out = child.stdout.take().context("the writer has no output")?;
        let (first, began) = channel();
        let said = thread::spawn(move || {
            let mut out = BufReader::new(out);
            let mut said = String::new();
            out.read_line(&mut said)?;
            // Nobody waits for it when the writer is to be ended while it starts.
            let _ = first.send(());
            out.read_to_string(&mut said)?;
            Ok(said)
        });
        Ok(Self { child, began, said })
    }

    /// Lets it run for a random time: mostly in the middle of its work, sometimes while it starts.
    fn let_run(&mut self, dice: &mut Dice) {
        if dice.percent(80) {
            // When it never begins, its end tells why.
            let _ = self.began.recv_timeout(START);
        }
        thread::sleep(Duration::from_micros(dice.below(300_000)));
    }

    /// Kills it with a signal that it cannot catch; gives what it had promised.
    fn end(mut self) -> Result<Vec<Promise>> {
        let ended = self.child.try_wait()?;
        self.child.kill()?;
        let output = self.child.wait_with_output()?;
        let said = self.said.join().ok().context("the listener panicked")??;
        let complaint = String::from_utf8_lossy(&output.stderr).into_owned();
        ensure!(!complaint.contains("panicked"), "the writer panicked: {complaint}");
        ensure!(ended.is_none() || !said.is_empty(), "the writer ended by itself: {complaint}");
        promise::read(&said)
    }
}

/// Asks a process of its own, as after a restart of the machine.
fn check(folder: &Path, promises: &[Promise]) -> Result<Vec<String>> {
    let mut child = Command::new(std::env::current_exe()?)
        .arg("check")
        .arg(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    let mut input = child.stdin.take().context("the checker has no input")?;
    let lines = promises.iter().map(Promise::to_string).collect::<Vec<_>>().join("\n") + "\n";
    let feeding = thread::spawn(move || input.write_all(lines.as_bytes()));
    let output = child.wait_with_output()?;
    let fed = feeding.join().ok().context("the feeder panicked")?;
    let mut wrong: Vec<String> = String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect();
    if output.status.success() {
        fed?;
    } else {
        wrong.push(format!("the folder does not open: {}", String::from_utf8_lossy(&output.stderr).trim()));
    }
    Ok(wrong)
}
