//! Our media port in a process of its own, so that its memory can be told from that of the load. One line of JSON each
//! way: `{"number","room","person","sdp"}` joins, `{"number","answer"}` answers an offer; back come the signals.

use std::collections::{BTreeMap, HashMap};
use std::io::{BufRead, BufReader, Write, stdin};
use std::net::IpAddr;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};

use anyhow::{Context, Result, bail};
use bianque_edge_media::{Options, start};
use bianque_media::{Command as Of, Join, MediaEvent, SessionId};
use serde_json::{Value, json};
use str0m::change::{SdpAnswer, SdpOffer};

use crate::load::Client;

/// What the process does until its input ends.
#[expect(clippy::print_stdout, reason = "the other end reads it")]
pub(crate) fn serve(address: IpAddr) -> Result<()> {
    let handle = start(&Options::new((address, 0).into()))?;
    let control = handle.control();
    let mut sessions: HashMap<u64, SessionId> = HashMap::new();
    let said = Arc::new(Mutex::new(()));
    for line in stdin().lines() {
        let told: Value = serde_json::from_str(&line?)?;
        let number = told["number"].as_u64().context("a number")?;
        let text = |name: &str| told[name].as_str().map(str::to_owned);
        if let Some(sdp) = text("answer") {
            let session = *sessions.get(&number).context("a session")?;
            control.command(Of::Answer { session, sdp })?;
            continue;
        }
        let said = Arc::clone(&said);
        let sink = move |event: MediaEvent| {
            let MediaEvent::Signal(signal) = event else { return };
            let _whole_lines = said.lock();
            println!("{}", json!({"number": number, "signal": signal}));
        };
        let (room, person) = (text("room").context("a room")?, text("person").context("a person")?);
        let sdp = text("sdp").context("an offer")?;
        let join = Join { room: room.into(), participant: person.into(), sdp, sources: BTreeMap::default() };
        sessions.insert(number, control.join(join, Arc::new(sink))?);
    }
    handle.shutdown();
    Ok(())
}

/// The process, as the load sees it. It ends with this value.
pub(crate) struct Ours {
    process: Child,
    input: ChildStdin,
    signals: Receiver<Value>,
}

impl Ours {
    pub(crate) fn start(address: IpAddr) -> Result<Self> {
        let mut process = Command::new(std::env::current_exe()?)
            .args(["--serve", &address.to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let input = process.stdin.take().context("its input")?;
        let output = BufReader::new(process.stdout.take().context("its output")?);
        let (sender, signals) = channel();
        std::thread::spawn(move || {
            for line in output.lines().map_while(Result::ok) {
                let Ok(told) = serde_json::from_str(&line) else { return };
                if sender.send(told).is_err() {
                    return;
                }
            }
        });
        Ok(Self { process, input, signals })
    }

    pub(crate) fn id(&self) -> u32 {
        self.process.id()
    }

    pub(crate) fn join(&mut self, number: usize, room: usize, person: usize, offer: &SdpOffer) -> Result<()> {
        let (room, person) = (format!("room {room}"), format!("person {person}"));
        self.say(&json!({"number": number, "room": room, "person": person, "sdp": offer.to_sdp_string()}))
    }

    /// Takes what it has said and answers it.
    pub(crate) fn answer(&mut self, clients: &mut [Client]) -> Result<()> {
        while let Ok(told) = self.signals.try_recv() {
            let number = usize::try_from(told["number"].as_u64().context("a number")?)?;
            let signal = &told["signal"];
            let sdp = signal["sdp"].as_str().unwrap_or_default();
            match signal["t"].as_str() {
                Some("call.answer") => clients[number].take_answer(SdpAnswer::from_sdp_string(sdp)?)?,
                Some("call.offer") => {
                    let answer = clients[number].answer(SdpOffer::from_sdp_string(sdp)?)?.to_sdp_string();
                    self.say(&json!({"number": number, "answer": answer}))?;
                }
                Some("call.state") if signal["state"] == "rejected" => bail!("refused: {signal}"),
                _ => {}
            }
        }
        Ok(())
    }

    fn say(&mut self, what: &Value) -> Result<()> {
        Ok(writeln!(self.input, "{what}")?)
    }
}

impl Drop for Ours {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
