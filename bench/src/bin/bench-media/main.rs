//! Calls: CPU for each packet that is forwarded, delay on the way through, and loss, beside Janus (Debian's package
//! `janus`, its videoroom) under the same load. Everybody in a room sends sound at 50 packets/s and pictures at 30/s
//! and 500 kbit/s, and receives everybody else.
//!
//! `--shapes 1x2,5x4,20x3` (rooms x people), `--runs N` (3), `--seconds N` (8), `--peer none`, `--threads N` of ours (one
//! for each core), `--estimate off` (on: bandwidth estimation of ours; Janus has none), `--loops N` (1: event loops of Janus, which cost
//! it the least; 0: a thread for each connection). `--highest 3` looks for the most rooms of so many people with which either
//! loses less than 0.1 % and has 99 % of its packets through in 50 ms, on one core, the load on another; `--memory 60` measures the memory of a person with so many. Without Janus on the machine, or without an address beside loopback, which Janus does not use, the figures stand alone.

mod arrival;
mod child;
mod cores;
mod highest;
mod janus;
mod load;
mod memory;
mod ours;

use std::fs::read_to_string;
use std::net::{IpAddr, Ipv4Addr, UdpSocket};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use bianque_bench::Figure;

use crate::load::Outcome;
use crate::ours::Ours;

/// Until all are connected and the first keyframes have passed.
const SETTLE: Duration = Duration::from_secs(3);

#[derive(Debug, Clone, Copy)]
struct Shape {
    rooms: usize,
    people: usize,
}

struct Arguments {
    ours: Ours,
    /// Event loops of Janus.
    loops: Option<u32>,
    /// People in a room, where the most rooms are looked for.
    highest: Option<usize>,
    /// Connections with which memory is measured.
    memory: Option<usize>,
    /// This process is the one that is measured, at this address.
    serve: Option<IpAddr>,
    shapes: Vec<Shape>,
    runs: usize,
    length: Duration,
    peer: bool,
}

fn main() -> Result<()> {
    let arguments = arguments()?;
    if let Some(address) = arguments.serve {
        return child::serve(address);
    }
    let address = local_address();
    let peer = arguments.peer && !address.is_loopback() && janus::is_installed();
    if !peer {
        eprintln!("no peer: Janus is not installed, not wanted, or there is only loopback");
    }
    let apart = arguments.highest.is_some();
    let (ours, theirs) = (Ours { apart, ..arguments.ours }, janus::Options { apart, loops: arguments.loops });
    let ours_on = |shape| ours::run(shape, &ours, address, SETTLE, arguments.length);
    let theirs_on = |shape| janus::run(shape, theirs, address, SETTLE, arguments.length);
    if let Some(connections) = arguments.memory {
        return memory::run(connections, arguments.runs, address, peer.then_some(theirs));
    }
    if let Some(people) = arguments.highest {
        return highest::run(people, arguments.runs, &ours_on, peer.then_some(&theirs_on));
    }
    for shape in &arguments.shapes {
        let (mut ours, mut theirs) = (Vec::new(), Vec::new());
        for _ in 0..arguments.runs {
            ours.push(ours_on(*shape)?);
            if peer {
                theirs.push(theirs_on(*shape)?);
            }
        }
        print(*shape, &ours, &theirs)?;
    }
    Ok(())
}

type Reading = fn(&Outcome) -> f64;

fn print(shape: Shape, ours: &[Outcome], theirs: &[Outcome]) -> Result<()> {
    let figures: [(&str, Reading); 7] = [
        ("cpu_us_per_packet", Outcome::cpu_us_per_packet),
        ("delay_p50_ms", |outcome| outcome.delay_ms(0.5)),
        ("delay_p99_ms", |outcome| outcome.delay_ms(0.99)),
        ("loss_percent", Outcome::loss_percent),
        ("packets_out_per_s", Outcome::packets_per_second),
        ("set_up_ms", Outcome::set_up_ms),
        ("load_share", Outcome::load_share),
    ];
    for (name, value) in figures {
        let name = format!("media.{}x{}.{name}", shape.rooms, shape.people);
        let figure = Figure::new(&name, ours.iter().map(value).collect());
        let peer: Vec<f64> = theirs.iter().map(value).collect();
        // A ratio to a loss of nothing is no figure.
        let beside = !peer.is_empty() && bianque_bench::median(&peer) > 0.0;
        if beside { figure.beside(&peer) } else { figure }.print()?;
    }
    Ok(())
}

fn arguments() -> Result<Arguments> {
    let mut found = Arguments {
        ours: Ours { threads: None, estimate: true, apart: false },
        loops: Some(1),
        highest: None,
        memory: None,
        serve: None,
        shapes: shapes("1x2,5x4,20x3")?,
        runs: 3,
        length: Duration::from_secs(8),
        peer: true,
    };
    let mut words = std::env::args().skip(1);
    while let Some(flag) = words.next() {
        let value = words.next().with_context(|| format!("{flag} needs a value"))?;
        match flag.as_str() {
            "--shapes" => found.shapes = shapes(&value)?,
            "--runs" => found.runs = value.parse().context("--runs needs a number")?,
            "--seconds" => {
                found.length = Duration::from_secs(value.parse().context("--seconds needs a number")?);
            }
            "--threads" => found.ours.threads = Some(value.parse().context("--threads needs a number")?),
            "--estimate" => found.ours.estimate = value != "off",
            "--loops" => {
                found.loops =
                    Some(value.parse().context("--loops needs a number")?).filter(|loops| *loops > 0);
            }
            "--highest" => found.highest = Some(value.parse().context("--highest needs a number")?),
            "--memory" => found.memory = Some(value.parse().context("--memory needs a number")?),
            "--serve" => found.serve = Some(value.parse().context("--serve needs an address")?),
            "--peer" => found.peer = value != "none",
            other => bail!("unknown flag {other}"),
        }
    }
    Ok(found)
}

fn shapes(text: &str) -> Result<Vec<Shape>> {
    let shape = |word: &str| {
        let (rooms, people) = word.split_once('x').with_context(|| format!("{word} is not ROOMSxPEOPLE"))?;
        Ok(Shape { rooms: rooms.parse()?, people: people.parse()? })
    };
    text.split(',').map(shape).collect()
}

/// CPU time of a process so far, of all its threads or of those whose name begins so.
fn cpu_us(process: &str, thread: Option<&str>) -> Result<f64> {
    let mut sum = 0.0;
    for task in std::fs::read_dir(format!("/proc/{process}/task"))? {
        let task = task?.path();
        // A thread may end while it is looked at.
        let (Ok(name), Ok(times)) =
            (read_to_string(task.join("comm")), read_to_string(task.join("schedstat")))
        else {
            continue;
        };
        if thread.is_none_or(|wanted| name.starts_with(wanted)) {
            let nanos: f64 = times.split(' ').next().unwrap_or("").parse()?;
            sum += nanos / 1e3;
        }
    }
    Ok(sum)
}

/// The address of this machine on its network. Nothing is sent.
fn local_address() -> IpAddr {
    let ask = || -> std::io::Result<IpAddr> {
        let socket = UdpSocket::bind("0.0.0.0:0")?;
        socket.connect("198.51.100.1:9")?;
        Ok(socket.local_addr()?.ip())
    };
    ask().unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST))
}
