//! Every check and every test, in the order in which a failure is cheapest to see.

use std::time::{Duration, Instant};

use anyhow::{Result, bail};

use crate::shell::{Program, cargo};
use crate::tally::Tally;
use crate::{check, conformance, crash, e2e, generate, root, shell, web};

/// Rounds of the crash test in a full run; `cargo xtask crash` has more.
const CRASH_ROUNDS: &str = "20";

/// Runs the task.
pub(crate) fn run(arguments: &[String]) -> Result<()> {
    let mut steps = Steps::new(arguments);
    steps.step("web build", || web::run(&[]))?;
    check::add(&mut steps)?;
    steps.step("generated tables", || generate::run(&root::workspace(), &["--check".into()]))?;
    steps.tests("rust", || Ok(rust()))?;
    steps.tests("examples in documentation", || Ok(examples()))?;
    steps.tests("web", || Ok(web::unit_tests()))?;
    steps.step("crash", || crash::program(&["--rounds".into(), CRASH_ROUNDS.into()]).run())?;
    steps.tests("others' FHIR clients", || conformance::program("fhir"))?;
    steps.tests("others' senders of HL7 v2", || conformance::program("hl7v2"))?;
    steps.tests("others' programs for images", || conformance::program("dicom"))?;
    steps.tests("Schemathesis over the API", || conformance::program("api"))?;
    steps.tests("a device with sound alone", || conformance::program("sound"))?;
    steps.browsers()?;
    steps.finish()
}

fn rust() -> Program {
    if shell::exists("cargo-nextest") {
        return cargo().args(["nextest", "run", "--workspace", "--no-fail-fast"]);
    }
    cargo().args(["test", "--workspace", "--lib", "--bins", "--tests", "--no-fail-fast"])
}

fn examples() -> Program {
    cargo().args(["test", "--workspace", "--doc", "--quiet"])
}

/// A run of several steps: each is timed, and the table at the end says which failed.
pub(crate) struct Steps {
    keep_going: bool,
    done: Vec<(&'static str, Duration, bool)>,
    tally: Tally,
}

impl Steps {
    /// Starts a run. With `--keep-going` among the arguments the first failure does not end it.
    pub(crate) fn new(arguments: &[String]) -> Self {
        let keep_going = arguments.iter().any(|argument| argument == "--keep-going");
        Self { keep_going, done: Vec::new(), tally: Tally::default() }
    }

    /// Runs one step. Its failure ends the run unless it keeps going.
    pub(crate) fn step(&mut self, name: &'static str, work: impl FnOnce() -> Result<()>) -> Result<()> {
        eprintln!("\n== {name}");
        let start = Instant::now();
        let outcome = work();
        if let Err(error) = &outcome {
            eprintln!("== {name}: {error:#}");
        }
        self.done.push((name, start.elapsed(), outcome.is_ok()));
        match outcome {
            Err(_) if !self.keep_going => self.finish_now(),
            _ => Ok(()),
        }
    }

    /// Runs one step that is a run of tests, and counts them.
    pub(crate) fn tests(
        &mut self,
        name: &'static str,
        prepare: impl FnOnce() -> Result<Program>,
    ) -> Result<()> {
        let mut tally = Tally::default();
        let outcome = self.step(name, || {
            let tests = prepare()?;
            let line = tests.line();
            let (status, output) = tests.run_and_read()?;
            tally = Tally::of(&output);
            if status.success() { Ok(()) } else { bail!(Program::failed(&line, status)) }
        });
        self.tally = self.tally.plus(tally);
        outcome
    }

    fn browsers(&mut self) -> Result<()> {
        let mut ready = None;
        self.step("what browsers need", || {
            ready = Some(e2e::Ready::new()?);
            Ok(())
        })?;
        let Some(ready) = ready else { return Ok(()) };
        self.tests("browsers", || Ok(ready.without_screens()))?;
        self.tests("screens in browsers", || Ok(ready.screens()))
    }

    /// Prints the table, and fails when a step did.
    pub(crate) fn finish(&self) -> Result<()> {
        eprintln!();
        for (name, time, passed) in &self.done {
            let word = if *passed { "ok" } else { "FAILED" };
            eprintln!("{name:<28} {word:<7} {:>8.1} s", time.as_secs_f64());
        }
        if self.tally != Tally::default() {
            eprintln!("\n{} passed, {} failed", self.tally.passed, self.tally.failed);
        }
        match self.done.iter().filter(|(_, _, passed)| !passed).count() {
            0 => Ok(()),
            failed => bail!("{failed} step(s) failed"),
        }
    }

    fn finish_now(&self) -> Result<()> {
        self.finish()
    }
}
