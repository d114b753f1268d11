//! Two clinics on one server, from the command line to the browser, over a backup and a restore.
#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use bianque_testkit::{Answer, Browser, Server, Setup};
use serde_json::{Value, json};
use tempfile::TempDir;

const PROGRAM: &str = env!("CARGO_BIN_EXE_bianque");
const FHIR: [(&str, &str); 1] = [("content-type", "application/fhir+json")];

/// A server on a folder that may be copied and opened again.
struct Place {
    server: Server,
    folder: TempDir,
}

impl Place {
    fn open() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let server = serve(folder.path(), "data");
        Self { server, folder }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn bianque(&self, words: &[&str]) -> Output {
        let mut command = Command::new(PROGRAM);
        command.args(words).arg("--data").arg(self.server.data());
        command.arg("--master-key").arg(self.path("master.key")).output().unwrap()
    }

    #[track_caller]
    fn done(&self, words: &[&str]) -> Value {
        let output = self.bianque(words);
        assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).unwrap()
    }

    #[track_caller]
    fn refused(&self, words: &[&str], code: &str) {
        let output = self.bianque(words);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.code() == Some(1) && said.contains(code), "{words:?}: {said}");
        assert!(output.stdout.is_empty());
    }

    fn token(&self, tenant: &str) -> String {
        let made = self.bianque(&["token", "create", "--tenant", tenant, "--scope", "system/*.cruds"]);
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        String::from_utf8(made.stdout).unwrap().trim().to_owned()
    }

    /// A browser at the first clinic's host, which is the address of this machine.
    fn ours(&self) -> Browser {
        self.server.browser()
    }

    /// A browser at the second's.
    fn theirs(&self) -> Browser {
        Browser::new(&self.server.base().replace("127.0.0.1", "localhost"))
    }

    /// The second clinic, as the operator makes it; the link of its first administrator.
    fn second(&self) -> String {
        let url = self.server.base().replace("127.0.0.1", "localhost");
        let words =
            ["--name", "Hillside", "--host", "Localhost.", "--host", "诊所.example", "--public-url", &url];
        let made = self.done(&[&["tenant", "create"][..], &words].concat());
        assert_eq!((&made["id"], &made["hosts"]), (&json!(2), &json!(["localhost", "xn--8oup83g.example"])));
        let link = made["setup"].as_str().unwrap();
        assert!(link.starts_with(&format!("{url}/setup/")), "{link}");
        link.to_owned()
    }
}

fn serve(above: &Path, data: &str) -> Server {
    let key = above.join("master.key").display().to_string();
    let pack = above.join("pack").display().to_string();
    let flags = ["--master-key".to_owned(), key, "--day-pack".to_owned(), pack];
    Setup::serve(PROGRAM).data(above.join(data)).flags(flags).start().unwrap()
}

fn set_up(browser: &mut Browser, link: &str, institution: &str) -> Answer {
    let first = json!({
        "token": link.rsplit('/').next().unwrap(), "name": "Root", "login": "root",
        "password": "three blue kites", "institution": {"name": institution},
    });
    browser.post("/api/setup", &first)
}

fn take_in(program: &mut Browser, name: &str) -> String {
    let patient = json!({"resourceType": "Patient", "name": [{"text": name}]}).to_string();
    let made = program.send("POST", "/fhir/Patient", &FHIR, Some(patient.as_bytes())).expect(201).json();
    made["id"].as_str().unwrap().to_owned()
}

fn sign_in(browser: &mut Browser) -> Answer {
    browser.post("/api/session", &json!({"login": "root", "password": "three blue kites"}))
}

fn pages(folder: &Path) -> usize {
    let entries = std::fs::read_dir(folder).into_iter().flatten().map(Result::unwrap);
    entries.filter(|entry| entry.path().extension().is_some_and(|end| end == "html")).count()
}

#[track_caller]
fn soon(what: &str, holds: impl Fn() -> bool) {
    let begin = Instant::now();
    while !holds() {
        assert!(begin.elapsed() < Duration::from_secs(20), "{what}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn a_second_clinic_is_made_beside_the_first_and_neither_sees_the_other() {
    let place = Place::open();
    let link = place.server.ready()["setup"].as_str().unwrap().to_owned();
    set_up(&mut place.ours(), &link, "Riverside").expect(200);
    // Alone, it has no hosts to name; a second needs the first to have one.
    place.ours().send("GET", "/api/session", &[("host", "whatever.example")], None).expect(200);
    let create = ["tenant", "create", "--name", "Hillside", "--host", "localhost"];
    place.refused(&create, "tenant.first-unnamed");
    place.done(&["tenant", "host", "add", "--tenant", "1", "127.0.0.1"]);
    place.refused(&[&create[..], &["--host", "127.0.0.1"]].concat(), "tenant.host-taken");
    let link = place.second();

    // The link makes the first administrator of the second clinic, there and nowhere else.
    set_up(&mut place.ours(), &link, "Hillside").expect_error(403, "setup.invalid");
    let mut root = place.theirs();
    assert_eq!(root.get("/api/session").expect(200).json()["setup_needed"], true);
    set_up(&mut root, &link, "Hillside").expect(200);
    let institutions = root.get("/api/admin/organizations").expect(200).text();
    assert!(institutions.contains("Hillside") && !institutions.contains("Riverside"), "{institutions}");
    root.moves_to(place.server.base());
    root.get("/api/admin/organizations").expect(401);

    // A patient of one is none of the other, whichever token and host.
    let (mut ours, mut theirs) =
        (place.ours().with_bearer(&place.token("1")), place.theirs().with_bearer(&place.token("2")));
    let bea = take_in(&mut theirs, "Bea");
    theirs.get(&format!("/fhir/Patient/{bea}")).expect(200);
    ours.get(&format!("/fhir/Patient/{bea}")).expect(404);
    assert_eq!(ours.get("/fhir/Patient?_total=accurate").expect(200).json()["total"], 0);
    let named = [("host", "XN--8OUP83G.example:443")];
    theirs.moves_to(place.server.base());
    theirs.send("GET", &format!("/fhir/Patient/{bea}"), &named, None).expect(200);
    theirs.get(&format!("/fhir/Patient/{bea}")).expect(401);

    // Any other host is nobody's, but for what the server says of itself.
    let other = [("host", "elsewhere.example")];
    for path in ["/", "/api/session", "/fhir/metadata"] {
        place.ours().send("GET", path, &other, None).expect(421);
    }
    for path in ["/healthz", "/readyz", "/metrics"] {
        let said = place.ours().send("GET", path, &other, None).expect(200).text();
        assert!(!said.contains("Hillside") && !said.contains("localhost"), "{said}");
    }
}

#[test]
fn both_clinics_come_back_from_a_backup_and_a_closed_one_stays_closed() {
    let mut place = Place::open();
    place.done(&["tenant", "host", "add", "--tenant", "1", "127.0.0.1"]);
    let link = place.second();
    set_up(&mut place.theirs(), &link, "Hillside").expect(200);
    let (first, second) = (place.token("1"), place.token("2"));
    let ana = take_in(&mut place.ours().with_bearer(&first), "Ana");
    let bea = take_in(&mut place.theirs().with_bearer(&second), "Bea");

    let backup = place.path("backup").display().to_string();
    place.done(&["backup", &backup]);
    place.server.kill().unwrap();
    let back = place.path("back").display().to_string();
    let key = place.path("master.key").display().to_string();
    let restored =
        Command::new(PROGRAM).args(["restore", &backup, "--data", &back, "--master-key", &key]).output();
    assert!(restored.unwrap().status.success());
    place.server = serve(place.folder.path(), "back");
    place.ours().with_bearer(&first).get(&format!("/fhir/Patient/{ana}")).expect(200);
    place.ours().with_bearer(&first).get(&format!("/fhir/Patient/{bea}")).expect(404);
    place.theirs().with_bearer(&second).get(&format!("/fhir/Patient/{bea}")).expect(200);
    place.theirs().with_bearer(&second).get(&format!("/fhir/Patient/{ana}")).expect(404);
    sign_in(&mut place.theirs()).expect(200);
    sign_in(&mut place.ours()).expect(401);
    // Its day pack lies in a folder of its own.
    soon("the day pack of the second clinic", || pages(&place.path("pack/tenant-2")) == 1);

    place.done(&["tenant", "close", "2"]);
    place.theirs().get("/api/session").expect(421);
    place.ours().get("/api/session").expect(200);
    place.refused(&["token", "create", "--tenant", "2", "--scope", "system/*.rs"], "tenant.closed");
    assert!(place.server.stop().unwrap().success());
    place.server.restart().unwrap();
    place.theirs().get("/api/session").expect(421);
    soon("the pages of a closed clinic go", || !place.path("pack/tenant-2").exists());
    // Without a server it works as well.
    assert!(place.server.stop().unwrap().success());
    place.done(&["tenant", "reopen", "2"]);
    let listed = String::from_utf8(place.bianque(&["tenant", "list"]).stdout).unwrap();
    assert_eq!(listed, "1\tactive\t127.0.0.1\n2\tactive\tlocalhost,xn--8oup83g.example\tHillside\n");
    place.refused(&["tenant", "close", "1"], "tenant.first");
    place.server.restart().unwrap();
    sign_in(&mut place.theirs()).expect(200);
    let audit = place.bianque(&["audit", "verify"]);
    assert!(audit.status.success(), "{}", String::from_utf8_lossy(&audit.stderr));
}
