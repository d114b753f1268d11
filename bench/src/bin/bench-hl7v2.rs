//! Parsing HL7 v2: bytes per second of CPU, beside a bare split of the same text into lines and fields, and beside one
//! that splits them down to subcomponents, where ours is asked for every text. The two take turns.
//!
//! `--rounds N` (15), `--milliseconds N` of each turn (200), `--corpus DIR` of `.hl7` files (`../shared/corpora/hl7v2`, or
//! one made message where there is none).

use std::hint::black_box;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use bianque_bench::Figure;
use bianque_hl7v2::{Charset, Message, ParseError};
use rustix::time::{ClockId, clock_gettime};

/// Ours does at least so much of what a bare split does.
const GOAL: f64 = 0.5;
const MADE: &str = "MSH|^~\\&|LAB|WEST|BIANQUE|EAST|20260102030405+0100||ORU^R01^ORU_R01|L7|P|2.5.1\r\
    PID|1||12^^^WEST&1.2.3&ISO^MR~34^^^ID^NI||Example^Ada^B||19800102|F|||1 Way^^Town^^1000\r\
    OBR|1|A1|F1|24323-8^Panel^LN|||20260102030000\r\
    OBX|1|NM|718-7^Haemoglobin^LN||13.5|g/dL|12-16||||F|||20260102\r\
    OBX|2|NM|2345-7^Glucose^LN||95|mg/dL|70-99||||F|||20260102\r";

struct Arguments {
    rounds: usize,
    turn_s: f64,
    corpus: PathBuf,
}

fn main() -> Result<()> {
    let arguments = arguments()?;
    let messages = corpus(&arguments.corpus)?;
    let bytes: usize = messages.iter().map(Vec::len).sum();
    ensure!(bytes > 0, "{} holds no message", arguments.corpus.display());
    for raw in &messages {
        read(raw).context("a message of the corpus")?;
    }
    let [mut parse, mut split, mut walk, mut deep] = [const { Vec::new() }; 4];
    for _ in 0..arguments.rounds {
        let turn = |into: &mut Vec<f64>, work: fn(&[u8]) -> usize| {
            into.push(megabytes_per_cpu_s(&messages, bytes, arguments.turn_s, work));
        };
        turn(&mut parse, |raw| read(raw).map_or(0, |message| message.segments().len()));
        turn(&mut split, |raw| bare(raw).len());
        turn(&mut walk, |raw| read(raw).map_or(0, |message| texts(&message)));
        turn(&mut deep, bare_deep);
    }
    Figure::new("hl7v2 parse MB/cpu_s", parse).beside(&split).ratio_at_least(GOAL).print()?;
    Figure::new("hl7v2 parse and every text MB/cpu_s", walk).beside(&deep).print()?;
    Ok(())
}

/// Does the work on all messages, again and again, for so long.
fn megabytes_per_cpu_s(messages: &[Vec<u8>], bytes: usize, turn_s: f64, work: fn(&[u8]) -> usize) -> f64 {
    let (begun, mut times) = (cpu_s(), 0_u32);
    loop {
        for raw in messages {
            black_box(work(black_box(raw)));
        }
        times += 1;
        let took = cpu_s() - begun;
        if took >= turn_s {
            return bytes as f64 * f64::from(times) / took / 1e6;
        }
    }
}

fn cpu_s() -> f64 {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
}

fn read(raw: &[u8]) -> Result<Message, ParseError> {
    Message::parse(raw.to_vec(), Charset::UTF_8)
}

/// Every text of a message; how long they are.
fn texts(message: &Message) -> usize {
    let fields = message.segments().flat_map(|segment| segment.fields().collect::<Vec<_>>());
    let parts = fields.flat_map(|field| field.repetitions()).flat_map(|repetition| repetition.components());
    parts.flat_map(|part| part.subcomponents()).map(|part| part.text().len()).sum()
}

/// Lines and fields, as whoever needs no library would find them.
fn bare(raw: &[u8]) -> Vec<Vec<&[u8]>> {
    let lines = raw.split(|byte| *byte == b'\r' || *byte == b'\n').filter(|line| !line.is_empty());
    lines.map(|line| line.split(|byte| *byte == b'|').collect()).collect()
}

/// The same down to subcomponents; how long their texts are, checked to be UTF-8, not unescaped.
fn bare_deep(raw: &[u8]) -> usize {
    let fields = bare(raw).into_iter().flatten();
    let parts = fields.flat_map(|field| field.split(|byte| b"~^&".contains(byte)));
    parts.map(|part| std::str::from_utf8(part).map_or(0, str::len)).sum()
}

/// Every `.hl7` file of a folder.
fn corpus(folder: &Path) -> Result<Vec<Vec<u8>>> {
    if !folder.is_dir() {
        return Ok(vec![MADE.as_bytes().to_vec()]);
    }
    let mut messages = Vec::new();
    for entry in std::fs::read_dir(folder).with_context(|| format!("reading {}", folder.display()))? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "hl7") {
            messages.push(std::fs::read(&path).with_context(|| format!("reading {}", path.display()))?);
        }
    }
    Ok(messages)
}

fn arguments() -> Result<Arguments> {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/corpora/hl7v2");
    let mut found = Arguments { rounds: 15, turn_s: 0.2, corpus };
    let mut words = std::env::args().skip(1);
    while let Some(flag) = words.next() {
        let value = words.next().with_context(|| format!("{flag} needs a value"))?;
        match flag.as_str() {
            "--rounds" => found.rounds = value.parse().context("--rounds needs a number")?,
            "--milliseconds" => {
                found.turn_s = value.parse::<f64>().context("--milliseconds needs a number")? / 1000.0;
            }
            "--corpus" => found.corpus = value.into(),
            _ => bail!("no flag is called {flag}; there are --rounds, --milliseconds and --corpus"),
        }
    }
    Ok(found)
}
