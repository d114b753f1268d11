//! Backup and restore, from outside: a server under load, its backup, its end, and another server on what came back.
#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

mod photo;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

use bianque_testkit::{Browser, Server, Setup};
use serde_json::{Value, json};
use tempfile::TempDir;

const PROGRAM: &str = env!("CARGO_BIN_EXE_bianque");
/// A name that must not be found in a backup.
const CANARY: &str = "Canarybird";

struct Clinic {
    server: Server,
    place: TempDir,
}

impl Clinic {
    fn open() -> Self {
        let place = tempfile::tempdir().unwrap();
        let server = demo(&place.path().join("data"), place.path());
        Self { server, place }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.place.path().join(name)
    }

    fn program(&self) -> Browser {
        let made =
            bianque(&["token", "create", "--scope", "system/*.cruds"], self.server.data(), &self.key());
        self.server.browser().with_bearer(String::from_utf8(made.stdout).unwrap().trim())
    }

    fn key(&self) -> PathBuf {
        self.path("master.key")
    }

    fn backup(&self, more: &[&str]) -> Output {
        let to = self.path("backup").display().to_string();
        bianque(&[&["backup", to.as_str()], more].concat(), self.server.data(), &self.key())
    }

    fn restore(&self, to: &str, key: &Path) -> Output {
        let backup = self.path("backup").display().to_string();
        bianque(&["restore", &backup], &self.path(to), key)
    }
}

fn demo(data: &Path, above: &Path) -> Server {
    let key = above.join("master.key").display().to_string();
    Setup::demo(PROGRAM).data(data).flags(["--master-key".to_owned(), key]).start().unwrap()
}

fn bianque(words: &[&str], data: &Path, key: &Path) -> Output {
    let mut command = Command::new(PROGRAM);
    command.args(words).arg("--data").arg(data).arg("--master-key").arg(key);
    command.output().unwrap()
}

#[track_caller]
fn done(output: &Output) -> Value {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

fn original(server: &Server, address: &str) -> Vec<u8> {
    let (mut clinician, _) = photo::someone_with_a_visit(server);
    clinician.get(address).expect(200).body
}

/// Writes patients until told to stop; each that was acknowledged is kept with its document.
fn write_until(
    mut program: Browser,
    stop: Arc<AtomicBool>,
    acknowledged: Arc<Mutex<BTreeMap<String, Value>>>,
) -> thread::JoinHandle<()> {
    thread::spawn(move || {
        while !stop.load(Ordering::Relaxed) {
            let patient = json!({"resourceType": "Patient", "name": [{"family": CANARY}]});
            let made = program.send(
                "POST",
                "/fhir/Patient",
                &[("content-type", "application/fhir+json"), ("prefer", "return=representation")],
                Some(patient.to_string().as_bytes()),
            );
            let made = made.expect(201).json();
            acknowledged.lock().unwrap().insert(made["id"].as_str().unwrap().to_owned(), made);
        }
    })
}

fn holds(folder: &Path, words: &[u8]) -> bool {
    std::fs::read_dir(folder).unwrap().map(Result::unwrap).any(|entry| {
        if entry.file_type().unwrap().is_dir() {
            return holds(&entry.path(), words);
        }
        std::fs::read(entry.path()).unwrap().windows(words.len()).any(|window| window == words)
    })
}

fn flip(path: &Path) {
    let mut bytes = std::fs::read(path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(path, bytes).unwrap();
}

/// Some file below a folder whose name ends so.
fn some_file(folder: &Path, end: &str) -> PathBuf {
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
            if entry.file_type().unwrap().is_dir() {
                folders.push(entry.path());
            } else if entry.path().to_string_lossy().ends_with(end) {
                return entry.path();
            }
        }
    }
    unreachable!("there is a file that ends with {end:?}")
}

#[test]
fn everything_acknowledged_before_a_backup_under_load_comes_back() {
    let mut clinic = Clinic::open();
    let photo = photo::send(&clinic.server, "first-of-the-day");
    let sent = original(&clinic.server, &photo);
    let (stop, acknowledged) = (Arc::new(AtomicBool::new(false)), Arc::default());
    let writers: Vec<_> =
        (0..4).map(|_| write_until(clinic.program(), Arc::clone(&stop), Arc::clone(&acknowledged))).collect();
    while acknowledged.lock().unwrap().len() < 50 {
        thread::yield_now();
    }
    let before = acknowledged.lock().unwrap().clone();
    let summary = done(&clinic.backup(&[]));
    let during = acknowledged.lock().unwrap().len();
    stop.store(true, Ordering::Relaxed);
    for writer in writers {
        writer.join().unwrap();
    }
    assert!(during > before.len(), "nothing was written while the backup ran: {summary}");
    clinic.server.kill().unwrap();
    std::fs::remove_dir_all(clinic.server.data()).unwrap();

    assert!(!holds(&clinic.path("backup"), CANARY.as_bytes()), "a name lies in the backup");
    done(&clinic.restore("back", &clinic.key()));
    let back = demo(&clinic.path("back"), clinic.place.path());
    clinic.server = back;
    let mut program = clinic.program();
    for (id, patient) in &before {
        assert_eq!(&program.get(&format!("/fhir/Patient/{id}")).expect(200).json(), patient);
    }
    assert_eq!(original(&clinic.server, &photo), sent);
    // The audit of what came back is whole.
    let audit = bianque(&["audit", "verify"], clinic.server.data(), &clinic.key());
    assert!(audit.status.success(), "{}", String::from_utf8_lossy(&audit.stderr));
    // The restored server writes on.
    let again = json!({"resourceType": "Patient", "name": [{"family": "Li"}]}).to_string();
    let headers = [("content-type", "application/fhir+json")];
    program.send("POST", "/fhir/Patient", &headers, Some(again.as_bytes())).expect(201);
}

#[test]
fn a_second_set_copies_no_blob_again_and_old_sets_go_when_told() {
    let mut clinic = Clinic::open();
    photo::send(&clinic.server, "one-of-them");
    let first = done(&clinic.backup(&[]));
    assert_eq!(first["kept"], 0);
    thread::sleep(std::time::Duration::from_millis(1100));
    let photo = photo::send(&clinic.server, "another-one");
    let second = done(&clinic.backup(&["--keep", "1"]));
    assert!(second["kept"].as_u64().unwrap() >= 1, "{second}");
    assert_eq!(second["removed_sets"], 1);
    assert!(!clinic.path("backup").join(first["set"].as_str().unwrap()).exists());
    let sent = original(&clinic.server, &photo);
    // Without a server it works as well, and says the same.
    assert!(clinic.server.stop().unwrap().success());
    thread::sleep(std::time::Duration::from_millis(1100));
    let third = done(&clinic.backup(&[]));
    assert!(third["kept"].as_u64() >= second["kept"].as_u64(), "{third}");
    done(&clinic.restore("back", &clinic.key()));
    let back = demo(&clinic.path("back"), clinic.place.path());
    assert_eq!(original(&back, &photo), sent);
}

#[test]
fn a_wrong_key_a_full_folder_and_a_changed_backup_are_refused() {
    let clinic = Clinic::open();
    photo::send(&clinic.server, "one-of-them");
    let set = done(&clinic.backup(&[]))["set"].as_str().unwrap().to_owned();
    let backup = clinic.path("backup").display().to_string();
    let verify = |key: Option<&Path>| {
        let mut command = Command::new(PROGRAM);
        command.args(["backup", "verify", &backup]);
        key.map(|key| command.arg("--master-key").arg(key));
        command.output().unwrap()
    };
    assert_eq!(done(&verify(None))["ok"], true);
    assert_eq!(done(&verify(Some(&clinic.key())))["ok"], true);

    let other = clinic.path("other.key");
    std::fs::copy(clinic.key(), &other).unwrap();
    flip(&other);
    let refused = clinic.restore("back", &other);
    assert_eq!(refused.status.code(), Some(3));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("another key"));
    assert_eq!(verify(Some(&other)).status.code(), Some(3));

    std::fs::create_dir(clinic.path("full")).unwrap();
    std::fs::write(clinic.path("full/mine.txt"), "mine").unwrap();
    let refused = clinic.restore("full", &clinic.key());
    assert_eq!(refused.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("not empty"));
    assert_eq!(std::fs::read_dir(clinic.path("full")).unwrap().count(), 1);

    let set = clinic.path("backup").join(set);
    let damaged = [
        some_file(&set, "0.sealed"),
        some_file(&clinic.path("backup/pool/blobs"), ""),
        some_file(&clinic.path("backup/pool/files"), ""),
        set.join("manifest.tag"),
        set.join("manifest.json"),
    ];
    for path in damaged {
        let whole = std::fs::read(&path).unwrap();
        flip(&path);
        let (verified, restored) = (verify(Some(&clinic.key())), clinic.restore("back", &clinic.key()));
        let codes = [verified.status.code(), restored.status.code()];
        // A manifest that is no JSON any more is not understood at all.
        let expected: &[_] =
            if path.ends_with("manifest.json") { &[Some(1), Some(3), Some(4)] } else { &[Some(4)] };
        assert!(codes.iter().all(|code| expected.contains(code)), "{}: {codes:?}", path.display());
        assert!(!clinic.path("back").exists() && !clinic.path("back.restoring").exists());
        std::fs::write(&path, whole).unwrap();
    }
    done(&clinic.restore("back", &clinic.key()));
}

#[test]
fn a_backup_of_nothing_or_into_itself_is_refused() {
    let place = tempfile::tempdir().unwrap();
    let to = place.path().join("backup").display().to_string();
    let nothing = bianque(&["backup", &to], &place.path().join("none"), &place.path().join("master.key"));
    assert_eq!(nothing.status.code(), Some(2));
    let clinic = Clinic::open();
    let inside = clinic.server.data().join("backup").display().to_string();
    let refused = bianque(&["backup", &inside], clinic.server.data(), &clinic.key());
    assert_eq!(refused.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("does not belong"), "{refused:?}");
}
