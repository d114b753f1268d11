//! Fuzzing what reads bytes from the network, with libFuzzer.

use std::fs;

use anyhow::{Context as _, Result, ensure};

use crate::root;
use crate::shell::{cargo, program};

/// Every target, as `fuzz/Cargo.toml` names them.
const TARGETS: [&str; 14] = [
    "datagram",
    "dicom",
    "dimse",
    "document",
    "fhirpath",
    "hl7v2",
    "mllp",
    "pixels",
    "rtp",
    "search",
    "signalling",
    "sound",
    "stream",
    "turn",
];
/// As long as each of all targets runs when nothing is said, seconds.
const SECONDS: u32 = 60;
/// Coverage for libFuzzer to steer by. It is what `cargo fuzz` passes, without a sanitizer, which needs a nightly
/// compiler; this code has next to nothing that is unsafe.
const INSTRUMENTED: &str = "-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
     -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
     -Cllvm-args=-sanitizer-coverage-trace-compares -Ccodegen-units=1 --cfg fuzzing";

/// Runs `[NAME [SECONDS]]`: one target or all; what it finds worth keeping stays in the target folder.
pub(crate) fn run(arguments: &[String]) -> Result<()> {
    let name = arguments.first();
    let seconds: u32 =
        arguments.get(1).map_or(Ok(SECONDS), |seconds| seconds.parse()).context("for how many seconds?")?;
    let targets: Vec<&str> =
        TARGETS.into_iter().filter(|target| name.is_none_or(|name| name == target)).collect();
    ensure!(!targets.is_empty(), "there is no such target: {}", TARGETS.join(", "));
    let folder = root::target()?.join("fuzz");
    let build = folder.join("build");
    let host = host()?;
    cargo()
        .args(["build", "--release", "--manifest-path", "fuzz/Cargo.toml", "--target", &host])
        .args(targets.iter().flat_map(|target| ["--bin", target]))
        .env("CARGO_TARGET_DIR", &build)
        .env("RUSTFLAGS", INSTRUMENTED)
        .run()?;
    for target in targets {
        let (corpus, found) = (folder.join("corpus").join(target), folder.join("found").join(target));
        fs::create_dir_all(&corpus)?;
        fs::create_dir_all(&found)?;
        let mut fuzzer = program(build.join(&host).join("release").join(target));
        fuzzer = fuzzer.arg(&corpus);
        let seeds = root::workspace().join("fuzz/seeds").join(target);
        if seeds.is_dir() {
            fuzzer = fuzzer.arg(&seeds);
        }
        fuzzer
            .arg(format!("-max_total_time={seconds}"))
            .arg(format!("-artifact_prefix={}/", found.display()))
            .args(["-timeout=10", "-rss_limit_mb=2048", "-print_final_stats=1"])
            .run()
            .with_context(|| format!("{target}: what it stumbled over lies in {}", found.display()))?;
    }
    Ok(())
}

fn host() -> Result<String> {
    let version = program("rustc").args(["-vV"]).capture()?;
    let line = version.lines().find_map(|line| line.strip_prefix("host: "));
    line.map(str::to_owned).context("rustc does not say its host")
}
