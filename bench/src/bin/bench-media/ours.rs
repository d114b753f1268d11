//! The load against our media port, started in this process; its CPU time is that of its threads.

use std::collections::{BTreeMap, HashMap};
use std::net::IpAddr;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use bianque_edge_media::{Options, start};
use bianque_media::{Command, Join, MediaControl, MediaEvent, ServerSignal, SessionId};
use str0m::change::{SdpAnswer, SdpOffer};

use crate::load::{Client, Load, Outcome};
use crate::{Shape, cores, cpu_us};

type Events = (usize, MediaEvent);

/// How ours is set up.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ours {
    pub(crate) threads: Option<NonZeroUsize>,
    pub(crate) estimate: bool,
    /// On a core of its own.
    pub(crate) apart: bool,
}

pub(crate) fn run(
    shape: Shape,
    ours: &Ours,
    address: IpAddr,
    settle: Duration,
    length: Duration,
) -> Result<Outcome> {
    let mut options = Options::new((address, 0).into());
    options.threads = ours.threads;
    options.estimate_bandwidth = ours.estimate;
    let handle = cores::started(ours.apart, || Ok(start(&options)?))?;
    let control = handle.control();
    let (sender, receiver) = channel();
    let mut load = Load::new()?;
    let mut sessions: HashMap<usize, SessionId> = HashMap::new();
    for room in 0..shape.rooms {
        for person in 0..shape.people {
            let number = load.add(address, shape.people as u64 - 1)?;
            let offer = load.clients[number].offer()?;
            let session = join(&*control, &sender, number, (room, person), &offer)?;
            sessions.insert(number, session);
            // One after the other, as people come.
            let mut signals = |clients: &mut [Client]| answer(clients, &receiver, &sessions, &*control);
            load.run(Instant::now() + Duration::from_millis(20), &mut signals)?;
        }
    }
    let mut signals = |clients: &mut [Client]| answer(clients, &receiver, &sessions, &*control);
    load.run(Instant::now() + settle, &mut signals)?;
    ensure!(load.clients.iter().all(|client| client.connected), "not all clients are connected");
    let outcome = load.measure(length, &mut signals, &|| cpu_us("self", Some("media")))?;
    let metrics = handle.metrics();
    ensure!(metrics.failures == 0, "a room failed");
    eprintln!("{} x {}: {metrics:?}", shape.rooms, shape.people);
    handle.shutdown();
    Ok(outcome)
}

fn join(
    control: &dyn MediaControl,
    events: &Sender<Events>,
    number: usize,
    (room, person): (usize, usize),
    offer: &SdpOffer,
) -> Result<SessionId> {
    let events = std::sync::Mutex::new(events.clone());
    let sink = move |event: MediaEvent| {
        if let Ok(events) = events.lock() {
            let _ = events.send((number, event));
        }
    };
    let join = Join {
        room: format!("room {room}").into(),
        participant: format!("person {person}").into(),
        sdp: offer.to_sdp_string(),
        sources: BTreeMap::new(),
    };
    Ok(control.join(join, Arc::new(sink))?)
}

fn answer(
    clients: &mut [Client],
    events: &Receiver<Events>,
    sessions: &HashMap<usize, SessionId>,
    control: &dyn MediaControl,
) -> Result<()> {
    while let Ok((number, event)) = events.try_recv() {
        let MediaEvent::Signal(signal) = event else { continue };
        let client = &mut clients[number];
        match signal {
            ServerSignal::Answer { sdp } => client.take_answer(SdpAnswer::from_sdp_string(&sdp)?)?,
            ServerSignal::Offer { sdp } => {
                let answer = client.answer(SdpOffer::from_sdp_string(&sdp)?)?;
                let session = *sessions.get(&number).context("a session")?;
                control.command(Command::Answer { session, sdp: answer.to_sdp_string() })?;
            }
            ServerSignal::Tracks { .. }
            | ServerSignal::Speakers { .. }
            | ServerSignal::Paused { .. }
            | ServerSignal::State(_)
            | ServerSignal::Restart { .. } => {}
        }
    }
    Ok(())
}
