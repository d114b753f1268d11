//! A machine that has too much to do: calls that are open go on, and no new ones are let in until it has time again.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a failed unwrap is a failed test")]

mod crowd;

use std::fs;
use std::num::NonZeroUsize;
use std::process::{Child, Command, Stdio};
use std::thread::available_parallelism;
use std::time::Duration;

use bianque_media::Refused;
use crowd::crowd;

const PATIENCE: Duration = Duration::from_secs(30);
const BURNERS_OF_CORE: usize = 4;

/// Processes that want all of the machine, until they are dropped.
struct Burners(Vec<Child>);

impl Burners {
    fn start() -> Self {
        let cores = available_parallelism().map_or(1, NonZeroUsize::get);
        let one = |_| {
            let mut command = Command::new("sh");
            command.args(["-c", "while :; do :; done"]).stdin(Stdio::null()).spawn().unwrap()
        };
        Self((0..cores * BURNERS_OF_CORE).map(one).collect())
    }
}

impl Drop for Burners {
    fn drop(&mut self) {
        for child in &mut self.0 {
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }
}

/// Runs a program on each media thread of this process. Answers whether it did what it was asked for.
fn for_each_media_thread(program: &str, arguments: &[&str]) -> bool {
    let (mut count, mut done) = (0, true);
    for task in fs::read_dir("/proc/self/task").unwrap() {
        let task = task.unwrap();
        if fs::read_to_string(task.path().join("comm")).unwrap().starts_with("media-") {
            let number = task.file_name();
            let status = Command::new(program).args(arguments).arg(number).stdout(Stdio::null()).status();
            done &= status.unwrap().success();
            count += 1;
        }
    }
    assert!(count > 0);
    done
}

#[test]
fn a_starved_machine_carries_on_what_is_open_and_lets_nothing_begin() {
    let mut crowd = crowd(2, |_| {});
    for who in ["patient", "doctor"] {
        crowd.join("open", who).unwrap();
    }
    crowd.run_until(PATIENCE, "media", |c| c.all_flow(20));

    // As important as the media threads, and many more of them.
    let ours = rustix::process::getpriority_process(None).unwrap().to_string();
    assert!(for_each_media_thread("renice", &["-n", &ours, "-p"]));
    let burners = Burners::start();
    crowd.forget_arrivals();
    crowd.run(Duration::from_secs(4));
    let loss = crowd.loss();
    assert!(loss < 0.01, "an open call loses {loss}");
    drop(burners);

    // More important.
    assert!(for_each_media_thread("chrt", &["--idle", "--pid", "0"]));
    let burners = Burners::start();
    let mut number = 0;
    let mut last = Ok(0);
    while last.is_ok() {
        number += 1;
        assert!(number < 60, "never refused: {:?}", crowd.port.metrics());
        last = crowd.join(&format!("new {number}"), "patient");
        crowd.run(Duration::from_millis(500));
    }
    assert_eq!(last, Err(Refused::Starved));
    assert!(crowd.port.metrics().refused_rooms > 0);
    crowd.join("open", "aunt").unwrap();
    drop(burners);
    // Not every user may; then it takes until nobody else wants the machine.
    let _ = for_each_media_thread("chrt", &["--other", "--pid", "0"]);

    // And as soon as there is time there are calls.
    let mut number = 0;
    while crowd.join("after", "patient").is_err() {
        number += 1;
        assert!(number < 60, "never let in again: {:?}", crowd.port.metrics());
        crowd.run(Duration::from_millis(500));
    }
    crowd.run_until(PATIENCE, "whoever came meanwhile is in the call", |c| c.all_flow(5));
}
