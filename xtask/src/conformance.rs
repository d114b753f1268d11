//! Programs that others wrote, driven against the demo of this build on free ports.

use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::shell::{self, Program, cargo};
use crate::tally::Tally;
use crate::{browser, corpora, debian, node, python, root, server, web};

/// Runs the task.
pub(crate) fn run(arguments: &[String]) -> Result<()> {
    match arguments {
        [name] if name == "fhir" => fhir(),
        [name] if name == "api" => api(),
        [name] if name == "hl7v2" => hl7v2(),
        [name, rest @ ..] if name == "dicom" => dicom(rest),
        [name] if name == "sound" => sound(),
        [name] if name == "examples" => examples(),
        [name] if name == "synthea" => synthea(),
        _ => bail!("which one? fhir, api, hl7v2, dicom, sound, examples or synthea"),
    }
}

/// The task again as a program, so that a run of several steps can read its tally.
pub(crate) fn program(name: &'static str) -> Result<Program> {
    let this = std::env::current_exe().context("finding this program")?;
    Ok(shell::program(this).args(["conformance", name]))
}

/// Schemathesis against every route of the API's description, as everybody who can ask.
fn api() -> Result<()> {
    let folder = root::workspace().join("conformance").join("api");
    let python = python::environment("conformance-api", &folder)?;
    let demo = Demo::start(&server::build(&[])?, &root::target()?.join("conformance").join("api"), &[])?;
    let link = |name: &str| demo.ready["links"][name].as_str().unwrap_or_default().to_owned();
    pytest(&python)
        .arg("--quiet")
        .dir(&folder)
        .env("BIANQUE_HTTP", &demo.http)
        .env("BIANQUE_TOKEN", demo.token()?)
        .env("BIANQUE_PATIENT_LINK", link("patient"))
        .env("BIANQUE_PATIENT_BIRTH_DATE", link("patient_birth_date"))
        .run()
}

/// The example of a device that takes part in a visit with sound alone, with another's WebSocket client and Opus codec.
fn sound() -> Result<()> {
    let folder = root::workspace().join("conformance").join("sound");
    let python = python::environment("conformance-sound", &folder)?;
    let demo = Demo::start(&server::build(&[])?, &root::target()?.join("conformance").join("sound"), &[])?;
    let link = |name: &str| demo.ready["links"][name].as_str().unwrap_or_default().to_owned();
    pytest(&python)
        .arg("--quiet")
        .dir(&folder)
        .env("BIANQUE_HTTP", &demo.http)
        .env("BIANQUE_PATIENT_LINK", link("patient"))
        .env("BIANQUE_PATIENT_BIRTH_DATE", link("patient_birth_date"))
        .run()
}

/// Senders of HL7 v2 of others, for Python and for Node; messages of others, where they are at hand; and what no sender
/// should send.
fn hl7v2() -> Result<()> {
    let folder = root::workspace().join("conformance").join("hl7v2");
    node::required()?;
    node::install(&folder)?;
    let python = python::environment("conformance-hl7v2", &folder)?;
    let demo = Demo::start(&server::build(&[])?, &root::target()?.join("conformance").join("hl7v2"), &[])?;
    let (line, token) = (demo.ready["mllp"].as_str().unwrap_or_default(), demo.token()?);
    let against = |client: Program| {
        client
            .dir(&folder)
            .env("BIANQUE_MLLP", line)
            .env("BIANQUE_FHIR", format!("{}/fhir", demo.http))
            .env("BIANQUE_TOKEN", &token)
            .env("BIANQUE_PID", demo.child.id().to_string())
            .env("BIANQUE_CORPUS", corpora::folder().join("hl7v2"))
    };
    let clients = vec![
        against(pytest(&python)),
        against(shell::program("node")).args([
            "--test",
            "--test-force-exit",
            "--test-timeout=60000",
            "--test-reporter=spec",
            "tests/senders.test.mjs",
        ]),
    ];
    tallied(clients, Tally::default(), Vec::new())
}

/// Programs of dcmtk, clients for Python and the sample files of pydicom, against the archive of the demo; with
/// `--target orthanc` against Orthanc instead, which shows where a test is wrong. More words are for pytest.
fn dicom(arguments: &[String]) -> Result<()> {
    let folder = root::workspace().join("conformance").join("dicom");
    let python = python::environment("conformance-dicom", &folder)?;
    debian::required(&[("storescu", "dcmtk")], &[])?;
    let tests = pytest(&python).arg("--quiet").args(arguments).dir(&folder).env("TCP_NODELAY", "1");
    if arguments.iter().any(|word| word.contains("orthanc")) {
        debian::required(&[("Orthanc", "orthanc")], &["orthanc-dicomweb"])?;
        return tests.run();
    }
    let demo = Demo::start(&server::build(&[])?, &root::target()?.join("conformance").join("dicom"), &[])?;
    let line = demo.ready["dimse"].as_str().context("the ready line names no address of DIMSE")?;
    let tests = tests
        .env("BIANQUE_DIMSE", line)
        .env("BIANQUE_HTTP", &demo.http)
        .env("BIANQUE_TOKEN", demo.token()?)
        .env("BIANQUE_PID", demo.child.id().to_string());
    tests.run()
}

/// A cohort of synthetic patients, stored by transactions and given back whole: by patient, by search and by export.
fn synthea() -> Result<()> {
    let folder = root::workspace().join("conformance").join("synthea");
    let python = python::environment("conformance-synthea", &folder)?;
    let demo = Demo::start(&server::build(&[])?, &root::target()?.join("conformance").join("synthea"), &[])?;
    pytest(&python)
        .dir(&folder)
        .env("BIANQUE_FHIR", format!("{}/fhir", demo.http))
        .env("BIANQUE_TOKEN", demo.token()?)
        .run()
}

/// HL7's examples, each stored in an empty server, read back, and looked for by every value it is indexed by.
fn examples() -> Result<()> {
    let folder = root::workspace().join("conformance").join("examples");
    node::required()?;
    node::install(&folder)?;
    cargo()
        .args(["run", "--package", "bianque-fhir", "--example", "stored", "--"])
        .arg(server::build(&[])?)
        .arg(folder.join("node_modules").join("hl7.fhir.r4.examples"))
        .run()
}

/// Published cases of FHIR, where they are at hand; then FHIR clients of others: two for Python, one for Node, one for
/// browsers.
fn fhir() -> Result<()> {
    let (sum, failed) = corpora::run()?;
    let folder = root::workspace().join("conformance").join("fhir");
    node::required()?;
    node::install(&folder)?;
    let python = python::environment("conformance-fhir", &folder)?;
    let browser = browser::required()?;
    web::run(&[])?;
    // Where tests listen for what the server tells of, and the server may go.
    let hook = format!("http://{}", TcpListener::bind("127.0.0.1:0")?.local_addr()?);
    let allowed = [("BIANQUE_OUTBOUND_ALLOW", hook.as_str())];
    let demo =
        Demo::start(&server::build(&[])?, &root::target()?.join("conformance").join("fhir"), &allowed)?;
    let token = demo.token()?;
    let against = |client: Program| {
        client
            .dir(&folder)
            .env("BIANQUE_FHIR", format!("{}/fhir", demo.http))
            .env("BIANQUE_TOKEN", &token)
            .env("BIANQUE_HOOK", &hook)
            .env("BIANQUE_PROGRAM", &demo.program)
            .env("BIANQUE_DATA", &demo.data)
            .env("BIANQUE_PID", demo.child.id().to_string())
            .env("CHROMIUM", &browser)
    };
    let clients = vec![
        against(pytest(&python)),
        against(shell::program("node")).args([
            "--test",
            "--test-reporter=spec",
            "tests/fhir-kit-client.test.mjs",
            "tests/medplum.test.mjs",
            "tests/smart.test.mjs",
        ]),
    ];
    tallied(clients, sum, failed)
}

/// The tests of a folder in Python.
fn pytest(python: &Path) -> Program {
    shell::program(python).args(["-B", "-m", "pytest", "--color=no", "-p", "no:cacheprovider", "tests"])
}

/// Runs clients of others, and says how much passed of them and of what ran before.
fn tallied(clients: Vec<Program>, mut sum: Tally, mut failed: Vec<anyhow::Error>) -> Result<()> {
    for client in clients {
        let line = client.line();
        let (status, output) = client.run_and_read()?;
        let tally = Tally::of(&output);
        if !status.success() || tally.passed == 0 {
            failed.push(Program::failed(&line, status));
        }
        sum = sum.plus(tally);
    }
    eprintln!("\n{} passed, {} failed", sum.passed, sum.failed);
    failed.into_iter().next().map_or(Ok(()), Err)
}

/// A demo with data of its own, ended when it is dropped.
struct Demo {
    program: PathBuf,
    child: Child,
    data: PathBuf,
    http: String,
    ready: Value,
}

impl Demo {
    /// Starts it and waits for the ready line. Its log is kept beside the data.
    fn start(program: &Path, folder: &Path, variables: &[(&str, &str)]) -> Result<Self> {
        let data = folder.join("data");
        if data.exists() {
            std::fs::remove_dir_all(&data).with_context(|| format!("emptying {}", data.display()))?;
        }
        std::fs::create_dir_all(folder)?;
        let log = std::fs::File::create(folder.join("server.log"))?;
        let child = Command::new(program)
            // Other programs share this machine with the server; how many calls it can carry is not the matter here.
            .env("BIANQUE_MEDIA_LATE_MS", "3000")
            .envs(variables.iter().copied())
            .env("BIANQUE_MLLP", "127.0.0.1:0")
            .env("BIANQUE_DIMSE", "127.0.0.1:0")
            .env("BIANQUE_HOSPITAL_MS", "0")
            .args(["demo", "--http", "127.0.0.1:0", "--media", "127.0.0.1:0", "--data"])
            .arg(&data)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .context("starting the demo")?;
        let mut demo =
            Self { program: program.to_owned(), child, data, http: String::new(), ready: Value::Null };
        demo.ready = demo.wait().with_context(|| format!("see {}", folder.join("server.log").display()))?;
        demo.http = demo.ready["http"].as_str().context("the ready line names no address")?.to_owned();
        Ok(demo)
    }

    /// Its ready line.
    fn wait(&mut self) -> Result<Value> {
        let mut line = String::new();
        let out = self.child.stdout.take().context("the demo has no standard output")?;
        BufReader::new(out).read_line(&mut line)?;
        serde_json::from_str(&line).context("the demo printed no ready line")
    }

    fn token(&self) -> Result<String> {
        let create =
            shell::program(&self.program).args(["token", "create", "--scope", "system/*.cruds", "--data"]);
        Ok(create.arg(&self.data).capture()?.trim().to_owned())
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        // It may have ended by itself; its data is thrown away at the next start.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
