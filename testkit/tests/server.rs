//! The harness on a program that only pretends to be a server.
#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use bianque_testkit::Setup;
use tempfile::TempDir;

/// A program cannot be started while another thread, about to start one of its own, still holds it open for writing.
static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

fn pretender(folder: &TempDir, script: &str) -> PathBuf {
    let path = folder.path().join("pretender");
    std::fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    path
}

#[test]
fn it_is_ready_killed_restarted_and_stopped() {
    let _turn = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    let folder = tempfile::tempdir().unwrap();
    let program = pretender(
        &folder,
        "trap 'exit 7' TERM\necho started \"$@\" >&2\n\
         echo '{\"ready\":true,\"http\":\"http://127.0.0.1:1\"}'\nwhile :; do sleep 0.05; done",
    );
    let mut server = Setup::serve(program).flags(["--role", "all"]).start().unwrap();
    assert_eq!(server.base(), "http://127.0.0.1:1");
    assert!(server.log().contains(
        "started serve --http 127.0.0.1:0 --media 127.0.0.1:0 --mllp 127.0.0.1:0 --dimse 127.0.0.1:0 \
         --role all --data"
    ));
    let first = server.pid();
    server.kill().unwrap();
    server.restart().unwrap();
    assert_ne!(server.pid(), first);
    assert_eq!(server.stop().unwrap().code(), Some(7));
    assert_eq!(server.more_output(), Vec::<String>::new());
}

#[test]
fn a_program_that_is_never_ready_is_an_error_with_its_log() {
    let _turn = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    let folder = tempfile::tempdir().unwrap();
    let program = pretender(&folder, "echo 'no such folder' >&2\nexit 2");
    let error = Setup::demo(program).start().unwrap_err().to_string();
    assert!(error.contains("no such folder") && error.contains("exit status: 2"), "{error}");
}
