//! Every task of the project: `cargo xtask TASK`. It needs nothing but Rust; what a task needs beyond that it installs
//! where it may, and where it may not it names the exact command and stops.
//!
//! What other programs print goes to standard error. Standard output carries results only: the ready line of `demo`
//! and the JSON lines of `bench`.

mod arch;
mod bench;
mod browser;
mod check;
mod conformance;
mod corpora;
mod crash;
mod debian;
mod demo;
mod deny;
mod e2e;
mod fonts;
mod fuzz;
mod generate;
mod links;
mod network;
mod node;
mod python;
mod root;
mod server;
mod shell;
mod tally;
mod test;
mod tidy;
mod tree;
mod web;

use std::process::ExitCode;

use anyhow::{Result, bail};

/// One task: its name, what stands in the help, and what it does with the arguments that follow the name.
struct Task {
    name: &'static str,
    arguments: &'static str,
    about: &'static str,
    run: fn(&[String]) -> Result<()>,
}

const TASKS: &[Task] = &[
    Task {
        name: "demo",
        arguments: "[FLAGS OF bianque demo]",
        about: "everything a fresh machine needs, then the demo in the foreground",
        run: demo::run,
    },
    Task {
        name: "test",
        arguments: "[--keep-going]",
        about: "everything a fresh machine needs, then every check and every test",
        run: test::run,
    },
    Task {
        name: "check",
        arguments: "",
        about: "format, clippy, arch, tidy, links, documentation, licences",
        run: check::run,
    },
    Task {
        name: "arch",
        arguments: "",
        about: "fail on an arrow between crates that is not drawn",
        run: arch::run,
    },
    Task {
        name: "tidy",
        arguments: "",
        about: "file sizes, names, unfinished work, links between documents",
        run: tidy::run,
    },
    Task {
        name: "web",
        arguments: "",
        about: "build the web application and lay out the font",
        run: web::run,
    },
    Task {
        name: "e2e",
        arguments: "[FLAGS OF playwright test]",
        about: "the tests in real browsers against the demo",
        run: e2e::run,
    },
    Task {
        name: "fuzz",
        arguments: "[NAME [SECONDS]]",
        about: "libFuzzer over what reads bytes from the network",
        run: fuzz::run,
    },
    Task {
        name: "network",
        arguments: "[FLAGS OF playwright test]",
        about: "calls through bad networks, in real browsers and network namespaces (root)",
        run: network::run,
    },
    Task {
        name: "conformance",
        arguments: "fhir | dicom | api | sound | ...",
        about: "programs and cases that others wrote, against the demo and its validator",
        run: conformance::run,
    },
    Task {
        name: "pictures",
        arguments: "",
        about: "the screens of a whole visit, for the README",
        run: e2e::pictures,
    },
    Task {
        name: "bench",
        arguments: "media | store | start | dicom | ... [FLAGS]",
        about: "a bench in the release profile, one JSON line per figure",
        run: bench::run,
    },
    Task {
        name: "crash",
        arguments: "[FLAGS]",
        about: "kill a writing server again and again, and count what it had promised",
        run: crash::run,
    },
    Task {
        name: "generate",
        arguments: "[--check]",
        about: "write the tables of FHIR R4 that crates/fhir embeds, or fail when they are stale",
        run: |arguments| generate::run(&root::workspace(), arguments),
    },
    Task { name: "help", arguments: "", about: "this list", run: help },
];

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match dispatch(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn dispatch(arguments: &[String]) -> Result<()> {
    let (name, rest) = match arguments {
        [] => ("help", &[][..]),
        [name, rest @ ..] => (name.as_str(), rest),
    };
    let name = if matches!(name, "-h" | "--help") { "help" } else { name };
    match TASKS.iter().find(|task| task.name == name) {
        Some(task) => (task.run)(rest),
        None => bail!("no task is called {name:?}; `cargo xtask help` lists them"),
    }
}

#[expect(clippy::unnecessary_wraps, reason = "it stands in the table of tasks, and the others can fail")]
fn help(_: &[String]) -> Result<()> {
    eprintln!("cargo xtask TASK\n");
    for task in TASKS {
        eprintln!("  {:<38} {}", format!("{} {}", task.name, task.arguments).trim_end(), task.about);
    }
    Ok(())
}
