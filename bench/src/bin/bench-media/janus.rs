//! The load against Janus: its videoroom, with one connection to send and one to receive for each person, driven over
//! its Unix socket. <https://janus.conf.meetecho.com/docs/videoroom.html>

use std::fs;
use std::net::IpAddr;
use std::os::unix::net::UnixDatagram;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use serde_json::{Value, json};
use str0m::change::{SdpAnswer, SdpOffer};

use crate::load::{Client, Load, Outcome};
use crate::memory::resident_kb;
use crate::{Shape, cores, cpu_us};

const PLUGINS: &str = "/usr/lib/x86_64-linux-gnu/janus/plugins";
const TRANSPORTS: &str = "/usr/lib/x86_64-linux-gnu/janus/transports";
pub(crate) fn is_installed() -> bool {
    Path::new("/usr/bin/janus").exists() && Path::new(PLUGINS).exists()
}

/// How it is set up.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Options {
    /// Threads for all connections together; none: one for each connection.
    pub(crate) loops: Option<u32>,
    /// On a core of its own.
    pub(crate) apart: bool,
}

pub(crate) fn run(
    shape: Shape,
    options: Options,
    address: IpAddr,
    settle: Duration,
    length: Duration,
) -> Result<Outcome> {
    let folder = tempfile::tempdir()?;
    let janus = cores::started(options.apart, || Janus::start(folder.path(), options, address))?;
    let mut load = Load::new()?;
    fill(&janus, &mut load, shape, address)?;
    load.run(Instant::now() + settle, &mut quiet)?;
    ensure!(load.clients.iter().all(|client| client.connected), "not all clients are connected to Janus");
    load.measure(length, &mut quiet, &|| cpu_us(&janus.process.id().to_string(), None))
}

/// By how much its memory grows with rooms in which media flows.
pub(crate) fn memory_kb(shape: Shape, options: Options, address: IpAddr, flow: Duration) -> Result<f64> {
    let folder = tempfile::tempdir()?;
    let janus = Janus::start(folder.path(), options, address)?;
    let mut load = Load::new()?;
    load.run(Instant::now() + Duration::from_secs(1), &mut quiet)?;
    let before = resident_kb(janus.process.id())?;
    fill(&janus, &mut load, shape, address)?;
    load.run(Instant::now() + flow, &mut quiet)?;
    ensure!(load.clients.iter().all(|client| client.connected), "not all clients are connected to Janus");
    Ok(resident_kb(janus.process.id())? - before)
}

/// Its signals come as answers to what it is asked.
#[expect(clippy::unnecessary_wraps, reason = "the shape that the load wants")]
fn quiet(_: &mut [Client]) -> Result<()> {
    Ok(())
}

fn fill(janus: &Janus, load: &mut Load, shape: Shape, address: IpAddr) -> Result<()> {
    for room in 1..=shape.rooms {
        let admin = janus.handle()?;
        let room = 1000 + room;
        janus.message(
            admin,
            &json!({"request": "create", "room": room, "publishers": 16, "bitrate": 10_000_000,
                   "audiocodec": "opus", "videocodec": "vp8"}),
            None,
        )?;
        let mut feeds = Vec::new();
        for _ in 0..shape.people {
            feeds.push(publish(janus, load, address, room, shape.people as u64 - 1)?);
            load.run(Instant::now() + Duration::from_millis(20), &mut quiet)?;
        }
        load.run(Instant::now() + Duration::from_millis(300), &mut quiet)?;
        for own in 0..shape.people {
            let others: Vec<u64> =
                feeds.iter().enumerate().filter(|(i, _)| *i != own).map(|(_, f)| *f).collect();
            subscribe(janus, load, address, room, &others)?;
            load.run(Instant::now() + Duration::from_millis(20), &mut quiet)?;
        }
    }
    Ok(())
}

/// Sends sound and pictures into the room; the answer is the number of the feed.
fn publish(janus: &Janus, load: &mut Load, address: IpAddr, room: usize, receivers: u64) -> Result<u64> {
    let number = load.add(address, receivers)?;
    let offer = load.clients[number].offer()?;
    let body = json!({"request": "joinandconfigure", "ptype": "publisher", "room": room, "audio": true, "video": true});
    let jsep = json!({"type": "offer", "sdp": offer.to_sdp_string()});
    let event = janus.message(janus.handle()?, &body, Some(jsep))?;
    let sdp = event["jsep"]["sdp"].as_str().with_context(|| format!("no answer in {event}"))?;
    load.clients[number].take_answer(SdpAnswer::from_sdp_string(sdp)?)?;
    event["plugindata"]["data"]["id"].as_u64().with_context(|| format!("no feed in {event}"))
}

/// Receives the feeds of the others.
fn subscribe(janus: &Janus, load: &mut Load, address: IpAddr, room: usize, feeds: &[u64]) -> Result<()> {
    let number = load.add(address, 0)?;
    let handle = janus.handle()?;
    let streams: Vec<Value> = feeds.iter().map(|feed| json!({"feed": feed})).collect();
    let body = json!({"request": "join", "ptype": "subscriber", "room": room, "streams": streams});
    let event = janus.message(handle, &body, None)?;
    let sdp = event["jsep"]["sdp"].as_str().with_context(|| format!("no offer in {event}"))?;
    let answer = load.clients[number].answer(SdpOffer::from_sdp_string(sdp)?)?;
    let jsep = json!({"type": "answer", "sdp": answer.to_sdp_string()});
    janus.message(handle, &json!({"request": "start", "room": room}), Some(jsep))?;
    Ok(())
}

struct Janus {
    process: Child,
    socket: UnixDatagram,
    session: u64,
}

impl Janus {
    fn start(folder: &Path, options: Options, address: IpAddr) -> Result<Self> {
        let server = folder.join("janus.sock");
        write_configuration(folder, &server, options, address)?;
        let socket = UnixDatagram::bind(folder.join("bench.sock"))?;
        socket.set_read_timeout(Some(Duration::from_secs(10)))?;
        let mut janus = Self { process: spawn(folder)?, socket, session: 0 };
        let begun = Instant::now();
        while janus.process.try_wait()?.is_some() || janus.socket.connect(&server).is_err() {
            let log = || fs::read_to_string(folder.join("log")).unwrap_or_default();
            ensure!(begun.elapsed() < Duration::from_secs(10), "janus does not listen: {}", log());
            sleep(Duration::from_millis(50));
            // Now and then the thread of its Unix socket ends before it began, and Janus with it.
            if janus.process.try_wait()?.is_some() {
                janus.process = spawn(folder)?;
            }
        }
        janus.session = id(&janus.ask(json!({"janus": "create"}))?)?;
        Ok(janus)
    }

    fn handle(&self) -> Result<u64> {
        id(&self.ask(
            json!({"janus": "attach", "plugin": "janus.plugin.videoroom", "session_id": self.session}),
        )?)
    }

    fn message(&self, handle: u64, body: &Value, jsep: Option<Value>) -> Result<Value> {
        let mut request =
            json!({"janus": "message", "session_id": self.session, "handle_id": handle, "body": body});
        if let Some(jsep) = jsep {
            request["jsep"] = jsep;
        }
        self.ask(request)
    }

    /// Sends a request and waits for what it comes to, past acknowledgements and news about other things.
    fn ask(&self, mut request: Value) -> Result<Value> {
        request["transaction"] = json!("bench");
        self.socket.send(request.to_string().as_bytes())?;
        let mut buffer = vec![0; 1 << 17];
        loop {
            let length = self.socket.recv(&mut buffer).context("janus does not answer")?;
            let answer: Value = serde_json::from_slice(&buffer[..length])?;
            if answer["transaction"] != "bench" {
                continue;
            }
            match answer["janus"].as_str() {
                Some("success" | "event") => return Ok(answer),
                Some("error") => bail!("janus refuses: {answer}"),
                _ => {}
            }
        }
    }
}

impl Drop for Janus {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn spawn(folder: &Path) -> Result<Child> {
    Command::new("/usr/bin/janus")
        .arg("-F")
        .arg(folder)
        .stdout(fs::File::create(folder.join("log"))?)
        .stderr(Stdio::null())
        .spawn()
        .context("starting janus")
}

fn id(answer: &Value) -> Result<u64> {
    answer["data"]["id"].as_u64().with_context(|| format!("no id in {answer}"))
}

fn write_configuration(folder: &Path, socket: &Path, options: Options, address: IpAddr) -> Result<()> {
    let loops = options.loops.map(|count| format!(" event_loops = {count}\n")).unwrap_or_default();
    let main = format!(
        "general: {{\n configs_folder = \"{}\"\n plugins_folder = \"{PLUGINS}\"\n transports_folder = \"{TRANSPORTS}\"\n \
         debug_level = 4\n{loops}}}\nmedia: {{ ipv6 = false }}\nnat: {{\n ice_lite = true\n full_trickle = false\n \
         ice_enforce_list = \"{address}\"\n}}\n{}{}{}",
        folder.display(),
        "plugins: { disable = \"libjanus_duktape.so,libjanus_lua.so,libjanus_sip.so,libjanus_nosip.so,\
         libjanus_streaming.so,libjanus_audiobridge.so,libjanus_recordplay.so,libjanus_textroom.so,\
         libjanus_voicemail.so,libjanus_videocall.so,libjanus_echotest.so\" }\n",
        "transports: { disable = \"libjanus_http.so,libjanus_mqtt.so,libjanus_nanomsg.so,libjanus_rabbitmq.so,\
         libjanus_websockets.so\" }\n",
        "events: { broadcast = false }\n",
    );
    let transport = format!(
        "general: {{\n enabled = true\n json = \"compact\"\n path = \"{}\"\n type = \"SOCK_DGRAM\"\n}}\n\
         admin: {{ admin_enabled = false }}\n",
        socket.display()
    );
    fs::write(folder.join("janus.jcfg"), main)?;
    fs::write(folder.join("janus.transport.pfunix.jcfg"), transport)?;
    fs::write(folder.join("janus.plugin.videoroom.jcfg"), "general: { }\n")?;
    Ok(())
}
