//! The day pack of a running server.
#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use bianque_testkit::Setup;
use serde_json::json;

fn pages(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().map(|entry| entry.unwrap().path());
    entries.filter(|path| path.extension().is_some_and(|end| end == "html")).collect()
}

#[test]
fn pages_that_only_their_owner_can_read_say_who_comes() {
    let place = tempfile::tempdir().unwrap();
    let folder = place.path().join("deep/pack");
    let flags = ["--day-pack".to_owned(), folder.display().to_string()];
    let server = Setup::demo(env!("CARGO_BIN_EXE_bianque")).flags(flags).start().unwrap();
    let patient = server.ready()["links"]["patient_name"].as_str().unwrap().to_owned();
    let begin = Instant::now();
    let page = loop {
        let said =
            pages(&folder).into_iter().find(|page| fs::read_to_string(page).unwrap().contains(&patient));
        if let Some(page) = said {
            break page;
        }
        assert!(begin.elapsed() < Duration::from_secs(20), "{}", server.log());
        std::thread::sleep(Duration::from_millis(50));
    };
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&page), mode(&folder)), (0o600, 0o700));
    assert!(fs::read_to_string(&page).unwrap().contains("☎"));
}

#[test]
fn none_is_written_unless_asked_for() {
    let server = Setup::demo(env!("CARGO_BIN_EXE_bianque")).start().unwrap();
    server.browser().post("/api/demo/sign-in", &json!({"key": "nobody"})).expect(404);
    assert!(!server.log().contains("day pack"));
    let mut folders = vec![server.scratch().to_owned()];
    while let Some(folder) = folders.pop() {
        assert!(pages(&folder).is_empty());
        let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        folders.extend(entries.filter(|path| path.is_dir()));
    }
}
