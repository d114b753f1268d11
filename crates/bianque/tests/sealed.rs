//! What of a patient can be found on the disk, from outside: in the data folder, in logs, metrics and backups; before
//! and after the record was shredded, and under another master key.
#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

mod photo;

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use bianque_testkit::{Browser, Server, Setup};
use serde_json::{Value, json};
use tempfile::TempDir;

const PROGRAM: &str = env!("CARGO_BIN_EXE_bianque");
/// What everything that is written says.
const CANARY: &str = "Quetzalcoatlus";

struct Clinic {
    server: Server,
    place: TempDir,
}

impl Clinic {
    fn open() -> Self {
        let place = tempfile::tempdir().unwrap();
        let key = place.path().join("master.key").display().to_string();
        let flags = ["--master-key".to_owned(), key, "--retention-years".into(), "0".into()];
        let server = Setup::demo(PROGRAM).data(place.path().join("data")).flags(flags).start().unwrap();
        Self { server, place }
    }

    fn bianque(&self, words: &[&str]) -> Output {
        let key = self.place.path().join("master.key");
        let mut command = Command::new(PROGRAM);
        command.args(words).arg("--data").arg(self.server.data()).arg("--master-key").arg(key);
        command.output().unwrap()
    }

    fn done(&self, words: &[&str]) -> Value {
        let output = self.bianque(words);
        assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).unwrap_or_default()
    }

    fn program(&self) -> Browser {
        let made = self.bianque(&["token", "create", "--scope", "system/*.cruds"]);
        self.server.browser().with_bearer(String::from_utf8(made.stdout).unwrap().trim())
    }

    /// Writes the canary wherever text goes, about the patient of a visit; gives their id.
    fn write(&self) -> String {
        photo::send_picture(&self.server, "a-photo-of-the-arm", &picture(), "image/jpeg");
        let (mut clinician, visit) = photo::someone_with_a_visit(&self.server);
        let headers = [("content-type", "application/json"), ("idempotency-key", "a-key-of-the-browser")];
        let said = json!({"text": format!("this is {CANARY}")}).to_string();
        clinician.send("POST", &format!("{visit}/chat"), &headers, Some(said.as_bytes())).expect(200);
        let note = json!({"version": 0, "assessment": CANARY, "plan": CANARY, "self_care": CANARY});
        clinician.put(&format!("{visit}/note"), &note).expect(200);
        let mut program = self.program();
        let encounter = visit.rsplit('/').next().unwrap();
        let encounter = program.get(&format!("/fhir/Encounter/{encounter}")).expect(200).json();
        let subject = encounter["subject"]["reference"].as_str().unwrap().to_owned();
        let mut patient = program.get(&format!("/fhir/{subject}")).expect(200).json();
        patient["name"] = json!([{"family": CANARY, "given": [CANARY]}]);
        patient["address"] = json!([{"text": CANARY, "city": CANARY}]);
        patient["telecom"] = json!([{"system": "email", "value": format!("{CANARY}@example.org")}]);
        put(&mut program, &subject, &patient);
        // What was said once and changed later is in the history.
        patient["name"] = json!([{"family": "Wang"}]);
        put(&mut program, &subject, &patient);
        post(
            &mut program,
            &json!({"resourceType": "Condition", "subject": {"reference": subject},
            "code": {"text": CANARY}, "note": [{"text": CANARY}],
            "clinicalStatus": {"coding": [{"code": "active",
                "system": "http://terminology.hl7.org/CodeSystem/condition-clinical"}]}}),
        );
        program.get(&format!("/fhir/Patient?name={CANARY}")).expect(200);
        let types = clinician.get("/api/visit-types").expect(200).json();
        let booking = json!({"patient_id": subject.trim_start_matches("Patient/"), "reason": CANARY,
            "visit_type": types["visit_types"][0]["code"]});
        clinician.post("/api/visits", &booking).expect(200);
        // A password in the wrong field.
        self.server.browser().post("/api/session", &json!({"login": CANARY, "password": CANARY})).expect(401);
        subject.trim_start_matches("Patient/").to_owned()
    }

    fn log_and_metrics(&self) -> String {
        let metrics = self.server.browser().get("/metrics");
        self.server.log() + &metrics.text()
    }
}

fn put(program: &mut Browser, place: &str, resource: &Value) {
    let body = resource.to_string();
    let headers = [("content-type", "application/fhir+json")];
    program.send("PUT", &format!("/fhir/{place}"), &headers, Some(body.as_bytes())).expect(200);
}

fn post(program: &mut Browser, resource: &Value) {
    let place = format!("/fhir/{}", resource["resourceType"].as_str().unwrap());
    let headers = [("content-type", "application/fhir+json")];
    program.send("POST", &place, &headers, Some(resource.to_string().as_bytes())).expect(201);
}

/// A JPEG that says the canary in its comment, where cameras and phones say where and who.
fn picture() -> Vec<u8> {
    let mut bytes = Vec::new();
    let picture = image::RgbImage::from_pixel(8, 8, image::Rgb([9, 90, 200]));
    picture.write_to(&mut std::io::Cursor::new(&mut bytes), image::ImageFormat::Jpeg).unwrap();
    let length = u16::try_from(CANARY.len() + 2).unwrap().to_be_bytes();
    let comment = [&[0xFF, 0xFE][..], &length, CANARY.as_bytes()].concat();
    bytes.splice(2..2, comment);
    bytes
}

/// Files below a folder that hold these bytes, in whatever case.
fn holding(folder: &Path, words: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
        if entry.file_type().unwrap().is_dir() {
            found.extend(holding(&entry.path(), words));
        } else if std::fs::read(entry.path()).is_ok_and(|bytes| {
            bytes.windows(words.len()).any(|window| window.eq_ignore_ascii_case(words.as_bytes()))
        }) {
            found.push(entry.path());
        }
    }
    found
}

#[test]
fn no_plain_word_lies_in_files_logs_or_backups_and_after_shredding_none_anywhere() {
    let mut clinic = Clinic::open();
    let patient = clinic.write();
    let data = clinic.server.data().to_owned();
    let backup = clinic.place.path().join("backup");
    clinic.done(&["backup", &backup.display().to_string()]);
    assert_eq!(holding(&backup, CANARY), Vec::<PathBuf>::new());
    assert_eq!(holding(&data.join("blobs"), CANARY), Vec::<PathBuf>::new());
    assert!(!holding(&data, CANARY).is_empty(), "the database holds it, and the test sees it");
    assert!(!clinic.log_and_metrics().to_lowercase().contains(&CANARY.to_lowercase()));

    let went = clinic.done(&["shred", "--patient", &patient, "--reason", "the time is over"]);
    assert!(went["resources"].as_u64().unwrap() > 3 && went["blobs"].as_u64().unwrap() > 0, "{went}");
    assert_eq!(holding(&data, CANARY), Vec::<PathBuf>::new());
    clinic.server.stop().unwrap();
    clinic.server.restart().unwrap();
    assert_eq!(holding(&data, CANARY), Vec::<PathBuf>::new());
    clinic.program().get(&format!("/fhir/Patient/{patient}")).expect(404);
    assert!(!clinic.log_and_metrics().to_lowercase().contains(&CANARY.to_lowercase()));
}

#[test]
fn who_has_the_data_folder_alone_has_no_key_to_anything() {
    let clinic = Clinic::open();
    photo::send(&clinic.server, "first-of-the-day");
    let keys = clinic.server.data().join("keys");
    for name in ["link.key", "signing.p8"] {
        assert!(std::fs::read(keys.join(name)).unwrap().starts_with(b"BQVAULT1"), "{name} is sealed");
    }
    assert!(!keys.join("master.key").exists());
}

#[test]
fn a_new_master_key_opens_everything_and_the_old_one_nothing() {
    let mut clinic = Clinic::open();
    let photo = photo::send(&clinic.server, "first-of-the-day");
    let old = std::fs::read(clinic.place.path().join("master.key")).unwrap();
    let told = clinic.done(&["keys", "rotate"]);
    assert!(told["wrapped"].as_u64().unwrap() >= 2, "{told}");
    assert_ne!(std::fs::read(clinic.place.path().join("master.key")).unwrap(), old);
    assert_eq!(std::fs::read(told["old_master_key"].as_str().unwrap()).unwrap(), old);
    let shown = |server: &Server| photo::someone_with_a_visit(server).0.get(&photo).expect(200).body;
    let bytes = shown(&clinic.server);
    clinic.server.stop().unwrap();
    clinic.server.restart().unwrap();
    assert_eq!(shown(&clinic.server), bytes);
    assert!(clinic.done(&["scrub"])["corrupt"].as_array().unwrap().is_empty());

    clinic.server.stop().unwrap();
    std::fs::write(clinic.place.path().join("master.key"), &old).unwrap();
    let refused = clinic.bianque(&["scrub"]);
    assert!(!refused.status.success());
}

#[test]
fn a_scrub_finds_a_flipped_bit() {
    let clinic = Clinic::open();
    photo::send(&clinic.server, "first-of-the-day");
    assert!(clinic.done(&["scrub"])["checked"].as_u64().unwrap() > 0);
    let blobs = clinic.server.data().join("blobs");
    let shards = std::fs::read_dir(&blobs).unwrap().map(Result::unwrap);
    let mut files = shards
        .filter(|shard| shard.file_name().len() == 2)
        .flat_map(|shard| std::fs::read_dir(shard.path()).unwrap().map(Result::unwrap));
    let path = files.next().unwrap().path();
    let mut bytes = std::fs::read(&path).unwrap();
    let last = bytes.len() - 20;
    bytes[last] ^= 1;
    std::fs::write(&path, bytes).unwrap();
    let found = clinic.bianque(&["scrub"]);
    assert_eq!(found.status.code(), Some(4), "{}", String::from_utf8_lossy(&found.stderr));
    assert!(clinic.server.log().contains("a sealed file does not open"));
}

#[test]
fn a_rotation_that_was_killed_is_finished_at_the_next_start() {
    let mut clinic = Clinic::open();
    let photo = photo::send(&clinic.server, "first-of-the-day");
    clinic.server.kill().unwrap();
    let master = clinic.place.path().join("master.key");
    let next = clinic.place.path().join("master.key.next");
    let name = |key: &[u8]| {
        let name = blake3::derive_key("bianque 2026 name of a master key", key);
        blake3::Hash::from_bytes(name).to_hex()[..16].to_owned()
    };
    // The new key was made and the intention written down; nothing was wrapped yet.
    std::fs::write(&next, [7; 32]).unwrap();
    std::fs::set_permissions(&next, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    let rotation = json!({"from": name(&std::fs::read(&master).unwrap()), "to": name(&[7; 32]),
        "file": next, "replaces": master});
    std::fs::write(clinic.server.data().join("keys/rotation.json"), rotation.to_string()).unwrap();
    clinic.server.restart().unwrap();
    assert_eq!(std::fs::read(&master).unwrap(), [7; 32]);
    assert!(!next.exists() && !clinic.server.data().join("keys/rotation.json").exists());
    photo::someone_with_a_visit(&clinic.server).0.get(&photo).expect(200);
}

/// Killed as soon as its intention is written down, and a little later each time, it is always finished by the next start.
#[test]
fn a_rotation_that_is_killed_at_any_moment_loses_no_key() {
    let mut clinic = Clinic::open();
    let photo = photo::send(&clinic.server, "first-of-the-day");
    let intention = clinic.server.data().join("keys/rotation.json");
    let mut cut_off = 0;
    for round in 0..8_u64 {
        let key = clinic.place.path().join("master.key");
        let mut rotating = Command::new(PROGRAM);
        rotating.args(["keys", "rotate", "--data"]).arg(clinic.server.data()).arg("--master-key").arg(key);
        let mut rotating = rotating.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        while !intention.exists() && rotating.try_wait().unwrap().is_none() {
            std::hint::spin_loop();
        }
        std::thread::sleep(Duration::from_micros(500 * round));
        clinic.server.kill().unwrap();
        rotating.wait().unwrap();
        cut_off += u32::from(intention.exists());
        clinic.server.restart().unwrap();
        assert!(!intention.exists(), "round {round}");
        photo::someone_with_a_visit(&clinic.server).0.get(&photo).expect(200);
        assert!(clinic.done(&["scrub"])["corrupt"].as_array().unwrap().is_empty(), "round {round}");
    }
    assert!(cut_off > 0, "no kill came in between");
}
