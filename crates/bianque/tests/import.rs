//! `bianque import`, from outside: what is taken, what is told, what stays, what happens when it is cut off.
#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use std::fmt::Write as _;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use bianque_testkit::{Browser, Server, Setup};
use serde_json::{Value, json};
use tempfile::TempDir;

const PROGRAM: &str = env!("CARGO_BIN_EXE_bianque");
const SYSTEM: &str = "https://clinic.example/record-number";
const HEAD: &str = "identifier_system,identifier,name,birth_date,sex,institution,phone\n";

struct Clinic {
    server: Server,
    place: TempDir,
}

impl Clinic {
    fn open() -> Self {
        let place = tempfile::tempdir().unwrap();
        let clinic = Self { server: Self::start(&place), place };
        let home = json!({"resourceType": "Organization", "active": true, "name": "North Clinic"});
        let body = home.to_string();
        let headers = [("content-type", "application/fhir+json")];
        clinic.program().send("POST", "/fhir/Organization", &headers, Some(body.as_bytes())).expect(201);
        clinic
    }

    fn start(place: &TempDir) -> Server {
        let key = place.path().join("master.key").display().to_string();
        let flags = ["--master-key".to_owned(), key, "--public-url".into(), "https://clinic.example".into()];
        Setup::demo(PROGRAM).data(place.path().join("data")).flags(flags).start().unwrap()
    }

    fn file(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.place.path().join(name);
        std::fs::write(&path, content).unwrap();
        path
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(PROGRAM);
        command.args(words).arg("--data").arg(self.place.path().join("data"));
        command.arg("--master-key").arg(self.place.path().join("master.key"));
        command
    }

    fn import(&self, of: &str, file: &Path, more: &[&str]) -> Output {
        let words = [&["import", of, file.to_str().unwrap()], more].concat();
        self.command(&words).output().unwrap()
    }

    /// Imports, and gives the exit code, the counts and the rows of the error file.
    fn told(&self, of: &str, file: &Path, more: &[&str]) -> (i32, [u64; 4], String) {
        let errors = self.place.path().join("errors.csv");
        let more = [more, &["--errors", errors.to_str().unwrap()]].concat();
        let output = self.import(of, file, &more);
        let told: Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
        assert!(told.is_object(), "{}", String::from_utf8_lossy(&output.stderr));
        let counts = ["new", "changed", "unchanged", "refused"].map(|name| told[name].as_u64().unwrap());
        (output.status.code().unwrap(), counts, std::fs::read_to_string(errors).unwrap())
    }

    fn program(&self) -> Browser {
        let made = self.command(&["token", "create", "--scope", "system/*.cruds"]).output().unwrap();
        self.server.browser().with_bearer(String::from_utf8(made.stdout).unwrap().trim())
    }

    fn patient(&self, number: &str) -> Value {
        let found =
            self.program().get(&format!("/fhir/Patient?identifier={SYSTEM}|{number}")).expect(200).json();
        found["entry"][0]["resource"].clone()
    }
}

fn count(program: &mut Browser) -> u64 {
    let path = format!("/fhir/Patient?identifier={SYSTEM}|&_summary=count&_total=accurate");
    program.get(&path).expect(200).json()["total"].as_u64().unwrap()
}

fn row(number: &str, name: &str) -> String {
    format!("{SYSTEM},{number},{name},1984-03-17,female,North Clinic,+86 10\n")
}

#[test]
fn patients_are_taken_once_changed_rows_change_and_bad_rows_are_told() {
    let clinic = Clinic::open();
    let formula = "\"=HYPERLINK(\"\"http://x\"\",\"\"y\"\")\"";
    let good = format!("{HEAD}{}{}", row("1", "王芳"), row("2", formula));
    let file = clinic.file("patients.csv", &good);
    assert_eq!(clinic.told("patients", &file, &["--dry-run"]).1, [2, 0, 0, 0]);
    assert!(clinic.patient("1").is_null(), "a dry run writes nothing");
    assert_eq!(
        clinic.told("patients", &file, &[]),
        (0, [2, 0, 0, 0], "file,line_or_entry,column_or_path,words\n".into())
    );
    assert_eq!(clinic.told("patients", &file, &[]).1, [0, 0, 2, 0]);
    assert_eq!(clinic.patient("2")["name"][0]["text"], "=HYPERLINK(\"http://x\",\"y\")");

    let bad = format!(
        "{HEAD}{}{}{}{}{}{}",
        row("1", "王芳芳"),
        row("2", formula),
        row("1", "Somebody Else"),
        row("3", "Li").replace("1984-03-17", "17.03.1984"),
        row("4", "Li").replace("North Clinic", "Nowhere"),
        row("5", &"x".repeat(10 << 20)),
    );
    let (code, counts, errors) = clinic.told("patients", &clinic.file("bad.csv", bad), &[]);
    assert_eq!((code, counts), (5, [0, 1, 1, 4]));
    let wanted = [
        ",4,identifier,line 2 is about the same one already",
        ",5,birth_date,birth_date is a date as YYYY-MM-DD",
        ",6,institution,\"there is no institution",
        ",7,,\"the row is longer than",
    ];
    for (line, wanted) in errors.lines().skip(1).zip(wanted) {
        assert!(line.contains(wanted), "{wanted}: {errors}");
    }
    assert!(!errors.contains("Somebody"), "what a row holds is not told again");
    let changed = clinic.patient("1");
    assert_eq!((&changed["name"][0]["text"], &changed["meta"]["versionId"]), (&json!("王芳芳"), &json!("2")));
}

#[test]
fn a_table_is_read_as_a_spreadsheet_writes_it_and_wrong_columns_are_told() {
    let clinic = Clinic::open();
    let semicolons = format!("{HEAD}{}", row("7", "张伟")).replace(',', ";").replace('\n', "\r\n");
    let marked = [b"\xef\xbb\xbf", semicolons.as_bytes()].concat();
    assert_eq!(clinic.told("patients", &clinic.file("bom.csv", marked), &[]).1, [1, 0, 0, 0]);
    let (gb, _, _) = encoding_rs::GB18030.encode(&semicolons);
    assert_eq!(clinic.told("patients", &clinic.file("gb.csv", gb), &[]).1, [0, 0, 1, 0]);
    assert_eq!(clinic.patient("7")["name"][0]["text"], "张伟");

    let wrong = clinic.file("wrong.csv", "identifier_system,identifier,fullname\n");
    let output = clinic.import("patients", &wrong, &[]);
    let log = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1));
    for part in ["fullname", "birth_date", "institution"] {
        assert!(log.contains(part), "{log}");
    }
}

#[test]
fn cut_off_in_the_middle_it_is_sent_again_and_nobody_is_there_twice() {
    const ROWS: u64 = 3_000;
    let mut clinic = Clinic::open();
    let mut table = HEAD.to_owned();
    for number in 0..ROWS {
        write!(table, "{}", row(&number.to_string(), "Li Na")).unwrap();
    }
    let file = clinic.file("many.csv", table);
    let begin = |clinic: &Clinic| {
        let mut command = clinic.command(&["import", "patients", file.to_str().unwrap()]);
        let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let mut program = clinic.program();
        let before = count(&mut program);
        while count(&mut program) == before {
            std::thread::sleep(Duration::from_millis(20));
        }
        child
    };
    let mut importing = begin(&clinic);
    importing.kill().unwrap();
    importing.wait().unwrap();
    let first = count(&mut clinic.program());
    assert!(0 < first && first < ROWS, "{first} were there when it was cut off");
    let mut importing = begin(&clinic);
    clinic.server.kill().unwrap();
    assert!(!importing.wait().unwrap().success(), "a server that goes away is told");
    // Without a server it works on the folder itself.
    let (code, [new, changed, unchanged, refused], faults) = clinic.told("patients", &file, &[]);
    assert_eq!((code, changed, refused), (0, 0, 0), "{faults}");
    assert!(new + unchanged == ROWS && unchanged > first, "{new} new, {unchanged} unchanged");
    clinic.server = Clinic::start(&clinic.place);
    assert_eq!(count(&mut clinic.program()), ROWS);
}

#[test]
fn users_get_links_and_clinicians_their_weeks() {
    let clinic = Clinic::open();
    let users = clinic.file(
        "users.csv",
        "login,name,role,institution,registration,title\n\
         zhao.min,赵敏,clinician,North Clinic,110-77,Physician\n\
         root.two,Root Two,administrator,North Clinic,,\n\
         no.number,No Number,clinician,North Clinic,,\n\
         odd.role,Odd Role,emperor,North Clinic,1,\n",
    );
    let refused = clinic.import("users", &users, &[]);
    assert!(String::from_utf8_lossy(&refused.stderr).contains("--links"));
    let links = clinic.place.path().join("links.csv");
    let (code, counts, errors) = clinic.told("users", &users, &["--links", links.to_str().unwrap()]);
    assert_eq!((code, counts), (5, [2, 0, 0, 2]), "{errors}");
    assert!(errors.contains(",4,registration,") && errors.contains(",5,role,"), "{errors}");
    assert_eq!(std::fs::metadata(&links).unwrap().permissions().mode() & 0o777, 0o600);
    let written = std::fs::read_to_string(&links).unwrap();
    let link = written.lines().find_map(|line| line.strip_prefix("zhao.min,")).unwrap();
    let token = link.strip_prefix("https://clinic.example/password/").unwrap();
    assert!(!clinic.server.log().contains(token), "a link is in no log");
    let again = clinic.import("users", &users, &["--links", links.to_str().unwrap()]);
    assert_eq!(again.status.code(), Some(1), "a file of links is not written over");
    let second = clinic.place.path().join("links2.csv");
    assert_eq!(clinic.told("users", &users, &["--links", second.to_str().unwrap()]).1, [0, 0, 2, 2]);

    let week = "login,day,from,to,slot_minutes,zone\n\
                zhao.min,1,09:00,12:00,15,Asia/Shanghai\n\
                zhao.min,1,14:00,17:00,15,Asia/Shanghai\n\
                nobody,1,09:00,12:00,15,Asia/Shanghai\n";
    let file = clinic.file("week.csv", week);
    let (code, counts, errors) = clinic.told("schedules", &file, &[]);
    assert_eq!((code, counts), (5, [1, 0, 0, 1]));
    assert!(errors.contains(",4,login,no clinician has this login"), "{errors}");
    assert_eq!(clinic.told("schedules", &file, &[]).1, [0, 0, 1, 1]);
    let overlap = clinic.file("overlap.csv", week.replace("14:00", "11:00"));
    assert_eq!(clinic.told("schedules", &overlap, &[]).1, [0, 0, 0, 2]);
}

#[test]
fn a_bundle_keeps_its_references_and_finds_who_is_here_by_identifier() {
    let clinic = Clinic::open();
    let here = clinic.file("patients.csv", format!("{HEAD}{}", row("9", "王芳")));
    clinic.told("patients", &here, &[]);
    let known = clinic.patient("9")["id"].as_str().unwrap().to_owned();
    let urn = |n: u32| format!("urn:uuid:6f1c7c0e-0000-4000-8000-{n:012}");
    let entry = |n: u32, resource: Value| json!({"fullUrl": urn(n), "resource": resource, "request": {"method": "POST", "url": resource["resourceType"]}});
    let sick = |of: u32| {
        json!({"resourceType": "Condition", "subject": {"reference": urn(of)}, "code": {"text": "cough"},
               "clinicalStatus": {"coding": [{"code": "active",
                   "system": "http://terminology.hl7.org/CodeSystem/condition-clinical"}]}})
    };
    let patient = |number: &str| json!({"resourceType": "Patient", "identifier": [{"system": SYSTEM, "value": number}], "name": [{"text": "Wang"}]});
    let bundle = |kind: &str, entries: Vec<Value>| {
        json!({"resourceType": "Bundle", "entry": entries, "type": kind}).to_string()
    };
    let entries = vec![entry(1, sick(2)), entry(2, patient("9")), entry(3, patient("10")), entry(4, sick(3))];
    let file = clinic.file("bundle.json", bundle("batch", entries.clone()));
    assert_eq!(clinic.told("fhir", &file, &[]).1, [3, 1, 0, 0]);
    assert_eq!(clinic.told("fhir", &file, &[]).1, [0, 0, 4, 0]);
    let mut program = clinic.program();
    let condition = format!("/fhir/Condition/{}", urn(1).strip_prefix("urn:uuid:").unwrap());
    let condition = program.get(&condition).expect(200).json();
    assert_eq!(
        condition["subject"]["reference"],
        format!("Patient/{known}"),
        "a name that comes later, and is here"
    );

    let mut broken = entries;
    broken.push(entry(5, json!({"resourceType": "Condition", "code": {"text": "x"}, "subject": 5})));
    broken.push(entry(6, patient("11")));
    let (code, counts, errors) =
        clinic.told("fhir", &clinic.file("t.json", bundle("transaction", broken)), &[]);
    assert_eq!((code, counts), (5, [0, 0, 0, 6]), "a transaction is taken whole or not at all");
    assert!(errors.contains(",5,Condition.subject,"), "{errors}");
    assert!(clinic.patient("11").is_null());

    let lines = format!(
        "{}\n\nnot json\n{}\n",
        json!({"resourceType": "Patient", "id": "n1", "active": true}),
        json!({"resourceType": "Claim", "id": "c"})
    );
    let (_, counts, errors) = clinic.told("fhir", &clinic.file("all.ndjson", lines), &[]);
    assert_eq!(counts, [1, 0, 0, 2]);
    assert!(errors.contains(",3,") && errors.contains(",4,"), "{errors}");
}
