//! HL7 v2 over lines: messages that are durable when they are acknowledged, by one sender and by eight, each with its next
//! message when the last is answered.
//!
//! `--peer FOLDER` is that of `bench/peers/node-hl7-server` with its packages installed: it only writes each message to a file
//! and syncs it, while ours maps it, finds the patient and stores the resources. `--seconds N` of each stretch (4),
//! `--rounds N` (5).

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use bianque_bench::{Figure, median, percentile};
use bianque_hl7v2::{Frames, framed};
use bianque_testkit::Setup;
use uuid::Uuid;

/// Ours takes so many times the messages of the peer.
const RATIO_GOAL: f64 = 3.0;
/// Bytes of an answer.
const LONGEST: usize = 1 << 20;
/// LOINC codes of a report.
const TESTS: [&str; 5] = ["718-7", "2823-3", "1988-5", "2345-7", "2160-0"];
const START: Duration = Duration::from_secs(20);

#[derive(Clone, Copy)]
enum Kind {
    Admission,
    Result,
}

struct Round {
    per_second: f64,
    p50_ms: f64,
    p99_ms: f64,
}

fn main() -> Result<()> {
    let (mut peer, mut seconds, mut rounds) = (None, 4, 5);
    let mut words = std::env::args().skip(1);
    while let Some(flag) = words.next() {
        let value = words.next().with_context(|| format!("{flag} needs a value"))?;
        match flag.as_str() {
            "--peer" => peer = Some(PathBuf::from(value)),
            "--seconds" => seconds = value.parse()?,
            "--rounds" => rounds = value.parse()?,
            _ => bail!("no flag is called {flag}"),
        }
    }
    let program = std::env::var_os("BIANQUE_BIN").context("BIANQUE_BIN is not set")?;
    let server = Setup::demo(PathBuf::from(program)).start()?;
    let ours: SocketAddr = server.ready()["mllp"].as_str().context("no line")?.parse()?;
    let theirs = peer.map(Peer::start).transpose()?;
    let span = Duration::from_secs(seconds);
    for (kind, name) in [(Kind::Admission, "adt"), (Kind::Result, "oru")] {
        for senders in [1, 8] {
            let (mut own, mut others) = (Vec::new(), Vec::new());
            for _ in 0..rounds {
                own.push(stretch(ours, kind, senders, span)?);
                if let Some(theirs) = &theirs {
                    others.push(stretch(theirs.address, kind, senders, span)?);
                }
            }
            let told = |what: &str, of: fn(&Round) -> f64, goal: Option<f64>| -> Result<()> {
                let name = format!("lines {name} {what} by {senders}");
                let mut figure = Figure::new(&name, own.iter().map(of).collect());
                if !others.is_empty() {
                    figure = figure.beside(&others.iter().map(of).collect::<Vec<_>>());
                    figure = goal.map_or(figure.clone(), |goal| figure.ratio_at_least(goal));
                }
                Ok(figure.print()?)
            };
            told("per s", |round| round.per_second, Some(RATIO_GOAL))?;
            told("p50_ms", |round| round.p50_ms, None)?;
            told("p99_ms", |round| round.p99_ms, None)?;
        }
    }
    Ok(())
}

/// Sends for a while, and waits for every answer.
fn stretch(address: SocketAddr, kind: Kind, senders: usize, span: Duration) -> Result<Round> {
    let begun = Instant::now();
    let threads: Vec<_> =
        (0..senders).map(|_| thread::spawn(move || send(address, kind, begun + span))).collect();
    let mut waits = Vec::new();
    for thread in threads {
        waits.extend(thread.join().ok().context("a sender panicked")??);
    }
    Ok(Round {
        per_second: waits.len() as f64 / begun.elapsed().as_secs_f64(),
        p50_ms: median(&waits),
        p99_ms: percentile(&waits, 0.99),
    })
}

fn send(address: SocketAddr, kind: Kind, until: Instant) -> Result<Vec<f64>> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_nodelay(true)?;
    let mut waits = Vec::new();
    let mut patient = Uuid::new_v4();
    while Instant::now() < until {
        if waits.len() % 10 == 0 {
            patient = Uuid::new_v4();
        }
        let message = framed(kind.message(patient).as_bytes());
        let begun = Instant::now();
        stream.write_all(&message)?;
        let answer = answer(&mut stream)?;
        waits.push(begun.elapsed().as_secs_f64() * 1000.0);
        ensure!(answer.contains("|AA|"), "answered {answer}");
    }
    Ok(waits)
}

fn answer(stream: &mut TcpStream) -> Result<String> {
    let (mut frames, mut buffer) = (Frames::new(LONGEST), [0; 4096]);
    loop {
        if let Some(frame) = frames.next_frame()? {
            return Ok(String::from_utf8_lossy(&frame).into_owned());
        }
        let read = stream.read(&mut buffer)?;
        ensure!(read > 0, "the line was closed");
        frames.push(&buffer[..read]);
    }
}

impl Kind {
    /// Every message has a number of its own; ten are of one patient.
    fn message(self, patient: Uuid) -> String {
        let number = Uuid::new_v4().simple().to_string();
        // Of many people few have one name and one birth date.
        let (name, bits) = (&patient.simple().to_string()[..10], patient.as_u128());
        let (year, month, day) = (1930 + bits % 90, 1 + bits / 90 % 12, 1 + bits / 1080 % 28);
        let pid = format!(
            "PID|1||{patient}^^^BENCH^MR||{name}^Demo||{year}{month:02}{day:02}|F|||1 Demo Street^^Demo City||+86{name}\r"
        );
        let header =
            |kind: &str| format!("MSH|^~\\&|BENCH|OUT|BQ||20260105160000||{kind}|{number}|P|2.5.1\r");
        match self {
            Self::Admission => format!(
                "{}EVN||20260105160000\r{pid}PV1|1|I|2 WEST^12^B||||D07^Demo^Doctor||||||||||||V{patient}^^^BENCH||||||||||||||||||||||||\
                 |20260105150000\r",
                header("ADT^A08")
            ),
            Self::Result => {
                let result = |(place, code): (usize, &&str)| {
                    let number = place + 1;
                    format!("OBX|{number}|NM|{code}^Demo test {number}^LN||{number}.5|mmol/L|1-9||||F\r")
                };
                let results: Vec<String> = TESTS.iter().enumerate().map(result).collect();
                format!(
                    "{}{pid}OBR|1||{number}^LAB|24323-8^Comprehensive metabolic panel^LN|||20260105150000||||||||||||||||||F\r{}",
                    header("ORU^R01"),
                    results.concat()
                )
            }
        }
    }
}

/// node-hl7-server, in a process of its own.
struct Peer {
    child: Child,
    address: SocketAddr,
    _kept: tempfile::TempDir,
}

impl Peer {
    fn start(folder: PathBuf) -> Result<Self> {
        let address = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?;
        let kept = tempfile::tempdir()?;
        let child = Command::new("node")
            .arg("server.mjs")
            .arg(address.port().to_string())
            .arg(kept.path().join("messages"))
            .current_dir(folder)
            .stdout(Stdio::null())
            .spawn()
            .context("starting node-hl7-server")?;
        let peer = Self { child, address, _kept: kept };
        let begun = Instant::now();
        while TcpStream::connect(address).is_err() {
            ensure!(begun.elapsed() < START, "node-hl7-server does not listen");
            thread::sleep(Duration::from_millis(50));
        }
        Ok(peer)
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
