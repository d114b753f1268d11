//! The tests in real browsers. They start the demo of this build on free ports and drive it with Chromium.

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
    prepared_within(&[])
}

/// The same, run by another program, such as one that changes the network first.
pub(crate) fn prepared_within(outer: &[&str]) -> Result<Program> {
    node::required()?;
    let browser = browser::required()?;
    let folder = root::workspace().join("e2e");
    node::install(&folder)?;
    node::npm(&folder).args(["run", "check"]).run()?;
    web::run(&[])?;
    let program = server::build(&[])?;
    let npx = if cfg!(windows) { "npx.cmd" } else { "npx" };
    let words = [outer, &[npx, "playwright", "test"]].concat();
    Ok(crate::shell::program(words[0])
        .dir(folder)
        .args(&words[1..])
        .env("CHROMIUM", browser)
        .env("BIANQUE_BIN", program)
        .env("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1"))
}
