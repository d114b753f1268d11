//! Memory of a connection: what the process has more of when so many people are in rooms of three, media flowing.

use std::fs::read_to_string;
use std::net::IpAddr;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use bianque_bench::Figure;

use crate::child::Ours;
use crate::load::{Client, Load};
use crate::{Shape, janus};

const PEOPLE: usize = 3;
/// Caches of packets that may be asked for again are full by then.
const FLOW: Duration = Duration::from_secs(8);

/// Measures both in turn, and prints the medians.
pub(crate) fn run(
    connections: usize,
    runs: usize,
    address: IpAddr,
    peer: Option<janus::Options>,
) -> Result<()> {
    let shape = Shape { rooms: connections.div_ceil(PEOPLE), people: PEOPLE };
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..runs {
        ours.push(of_ours(shape, address)?);
        if let Some(options) = peer {
            theirs.push(janus::memory_kb(shape, options, address, FLOW)?);
        }
    }
    let people = (shape.rooms * shape.people) as f64;
    let each = |all: Vec<f64>| all.into_iter().map(|kb| kb / people).collect::<Vec<_>>();
    let figure = Figure::new("media.memory_kb_per_person", each(ours));
    Ok(if peer.is_some() { figure.beside(&each(theirs)) } else { figure }.print()?)
}

fn of_ours(shape: Shape, address: IpAddr) -> Result<f64> {
    let mut ours = Ours::start(address)?;
    let mut load = Load::new()?;
    load.run(Instant::now() + Duration::from_secs(1), &mut |_| Ok(()))?;
    let before = resident_kb(ours.id())?;
    for room in 0..shape.rooms {
        for person in 0..shape.people {
            let number = load.add(address, 0)?;
            let offer = load.clients[number].offer()?;
            ours.join(number, room, person, &offer)?;
        }
    }
    load.run(Instant::now() + FLOW, &mut |clients: &mut [Client]| ours.answer(clients))?;
    ensure!(load.clients.iter().all(|client| client.connected), "not all clients are connected");
    Ok(resident_kb(ours.id())? - before)
}

/// Resident memory of a process.
pub(crate) fn resident_kb(process: u32) -> Result<f64> {
    let status = read_to_string(format!("/proc/{process}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("VmRSS")?;
    Ok(line.trim().trim_end_matches(" kB").parse()?)
}
