//! The tests in real browsers. They start the demo of this build on free ports and drive it with Chromium.

use std::path::PathBuf;

use anyhow::Result;

use crate::shell::Program;
use crate::{browser, node, root, server, web};

/// Runs the task.
pub(crate) fn run(arguments: &[String]) -> Result<()> {
    // `cargo xtask e2e -- NAME` is what fingers type; the runner would take the dashes for an argument.
    let wanted = arguments.strip_prefix(&["--".to_owned()]).unwrap_or(arguments);
    prepared()?.args(wanted).run()
}

/// Runs the task `pictures`: the whole visit once more, keeping the screens that the README shows.
pub(crate) fn pictures(_: &[String]) -> Result<()> {
    let folder = root::workspace().join("docs").join("images");
    std::fs::create_dir_all(&folder)?;
    prepared()?.arg("visit").env("BIANQUE_PICTURES", folder).run()
}

/// Installs and builds what the tests need, and returns them ready to be run.
pub(crate) fn prepared() -> Result<Program> {
    Ok(Ready::new()?.tests(&[]))
}

/// The same, run by another program, such as one that changes the network first.
pub(crate) fn prepared_within(outer: &[&str]) -> Result<Program> {
    Ok(Ready::new()?.tests(outer))
}

/// What looks at screens one after the other, and times nothing: two at a time are well on two cores, and would disturb
/// what is timed. The second stands for `call-states.spec` as well.
const SCREENS: [&str; 2] = ["every-screen.spec", "states.spec"];

/// What the tests need is installed and built.
pub(crate) struct Ready {
    browser: PathBuf,
    server: PathBuf,
}

impl Ready {
    pub(crate) fn new() -> Result<Self> {
        node::required()?;
        let browser = browser::required()?;
        let folder = root::workspace().join("e2e");
        node::install(&folder)?;
        node::npm(&folder).args(["run", "check"]).run()?;
        web::run(&[])?;
        Ok(Self { browser, server: server::build(&[])? })
    }

    /// The tests that look at screens, alone.
    pub(crate) fn screens(&self) -> Program {
        self.tests(&[]).args(SCREENS).env("BIANQUE_WORKERS", SCREENS.len().to_string())
    }

    /// All but those.
    pub(crate) fn without_screens(&self) -> Program {
        self.tests(&[]).args(["--grep-invert".to_owned(), SCREENS.join("|")])
    }

    fn tests(&self, outer: &[&str]) -> Program {
        let npx = if cfg!(windows) { "npx.cmd" } else { "npx" };
        let words = [outer, &[npx, "playwright", "test"]].concat();
        crate::shell::program(words[0])
            .dir(root::workspace().join("e2e"))
            .args(&words[1..])
            .env("CHROMIUM", &self.browser)
            .env("BIANQUE_BIN", &self.server)
            .env("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")
    }
}
