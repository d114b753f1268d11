//! Other programs, run so that a reader of the log sees each one, and none fails in silence.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;

use anyhow::{Context, Result, bail};

use crate::root;

/// A program about to be run in the workspace's folder, with no standard input.
pub(crate) struct Program {
    command: Command,
}

/// The cargo that started this program.
pub(crate) fn cargo() -> Program {
    program(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

/// Any other program.
pub(crate) fn program(name: impl AsRef<OsStr>) -> Program {
    let mut command = Command::new(name);
    command.current_dir(root::workspace()).stdin(Stdio::null());
    Program { command }
}

/// Whether a program of this name can be started and answers `--version`.
pub(crate) fn exists(name: impl AsRef<OsStr>) -> bool {
    let probe = Command::new(name)
        .arg("--version")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    probe.is_ok_and(|status| status.success())
}

impl Program {
    /// One more argument.
    pub(crate) fn arg(mut self, argument: impl AsRef<OsStr>) -> Self {
        self.command.arg(argument);
        self
    }

    /// More arguments.
    pub(crate) fn args<A: AsRef<OsStr>>(mut self, arguments: impl IntoIterator<Item = A>) -> Self {
        self.command.args(arguments);
        self
    }

    /// A variable of the environment.
    pub(crate) fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    /// Another folder to run in.
    pub(crate) fn dir(mut self, folder: impl AsRef<Path>) -> Self {
        self.command.current_dir(folder);
        self
    }

    /// Runs to the end; both of its outputs go to standard error.
    pub(crate) fn run(mut self) -> Result<()> {
        self.echo();
        self.command.stdout(Stdio::from(std::io::stderr()));
        let status = self.command.status().with_context(|| self.cannot_start())?;
        self.succeeded(status)
    }

    /// Runs to the end with our own standard output: for programs whose output is the result.
    pub(crate) fn run_to_stdout(mut self) -> Result<()> {
        self.echo();
        let status = self.command.status().with_context(|| self.cannot_start())?;
        self.succeeded(status)
    }

    /// Runs quietly and returns what it printed. Only its failure is shown.
    pub(crate) fn capture(mut self) -> Result<String> {
        let output = self.command.stderr(Stdio::inherit()).output().with_context(|| self.cannot_start())?;
        self.succeeded(output.status)?;
        String::from_utf8(output.stdout).with_context(|| format!("{} printed no UTF-8", self.line()))
    }

    /// Runs to the end, shows both outputs on standard error, and returns them too with the status.
    pub(crate) fn run_and_read(mut self) -> Result<(ExitStatus, String)> {
        self.echo();
        self.command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = self.command.spawn().with_context(|| self.cannot_start())?;
        let text = read_both(&mut child);
        let status = child.wait().with_context(|| format!("waiting for {}", self.line()))?;
        Ok((status, text))
    }

    /// Becomes the program where the system knows how, so that signals, output and exit code are its own. Where it
    /// does not, runs it as a child and ends with its exit code.
    pub(crate) fn become_it(mut self) -> Result<()> {
        self.echo();
        self.command.stdin(Stdio::inherit());
        #[cfg(unix)]
        {
            let error = std::os::unix::process::CommandExt::exec(&mut self.command);
            Err(error).with_context(|| self.cannot_start())
        }
        #[cfg(not(unix))]
        {
            let status = self.command.status().with_context(|| self.cannot_start())?;
            std::process::exit(status.code().unwrap_or(1));
        }
    }

    /// The error that says which command failed and how.
    pub(crate) fn failed(line: &str, status: ExitStatus) -> anyhow::Error {
        anyhow::anyhow!("`{line}` failed ({status})")
    }

    /// The command as one would type it.
    pub(crate) fn line(&self) -> String {
        let mut words = vec![self.command.get_program().to_string_lossy().into_owned()];
        words.extend(self.command.get_args().map(|word| quoted(&word.to_string_lossy())));
        words.join(" ")
    }

    fn echo(&self) {
        let variables: Vec<String> = self
            .command
            .get_envs()
            .filter_map(|(name, value)| Some((name.to_string_lossy(), value?.to_string_lossy())))
            .map(|(name, value)| format!("{name}={} ", quoted(&value)))
            .collect();
        let folder = self.command.get_current_dir().filter(|folder| **folder != root::workspace());
        let place = folder.map(|folder| format!("(cd {}) ", folder.display())).unwrap_or_default();
        eprintln!("$ {place}{}{}", variables.concat(), self.line());
    }

    fn cannot_start(&self) -> String {
        format!("cannot start `{}`", self.line())
    }

    fn succeeded(&self, status: ExitStatus) -> Result<()> {
        if status.success() { Ok(()) } else { bail!(Self::failed(&self.line(), status)) }
    }
}

fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./=:,@+".contains(c);
    if !word.is_empty() && word.chars().all(plain) { word.to_owned() } else { format!("'{word}'") }
}

fn read_both(child: &mut Child) -> String {
    let out = child.stdout.take().map(|pipe| thread::spawn(move || show_and_keep(pipe)));
    let err = child.stderr.take().map(|pipe| thread::spawn(move || show_and_keep(pipe)));
    let texts = [out, err].into_iter().flatten().filter_map(|reader| reader.join().ok());
    texts.collect::<Vec<_>>().concat()
}

fn show_and_keep(pipe: impl Read) -> String {
    let mut kept = String::new();
    for line in BufReader::new(pipe).split(b'\n').map_while(Result::ok) {
        let line = String::from_utf8_lossy(&line);
        eprintln!("{line}");
        kept.push_str(&line);
        kept.push('\n');
    }
    kept
}
