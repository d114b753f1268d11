//! Calls where UDP does not pass, over real sockets: ICE over TCP with a client that is str0m, and what is no call.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a failed unwrap is a failed test"
)]

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use bianque_edge_media::{Handle, Options, start};
use bianque_media::{CallState, Join, MediaEvent, Rung, ServerSignal};
use str0m::change::SdpAnswer;
use str0m::media::{Direction, MediaKind};
use str0m::net::{DatagramRecv, Protocol, Receive, TcpType};
use str0m::{Candidate, Event, Input, Output, Rtc};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::time::{sleep, timeout};

const PATIENCE: Duration = Duration::from_secs(10);

/// A port whose TCP side is served.
fn port() -> Handle {
    port_with(&Options::new("127.0.0.1:0".parse().unwrap()))
}

fn port_with(options: &Options) -> Handle {
    let handle = start(options).unwrap();
    let listener = TcpListener::from_std(handle.listener().unwrap().unwrap()).unwrap();
    let streams = handle.streams();
    tokio::spawn(async move {
        while let Ok((stream, peer)) = listener.accept().await {
            let streams = streams.clone();
            tokio::spawn(async move { streams.ice_tcp(stream, peer).await });
        }
    });
    handle
}

/// A client that has no way but TCP.
struct Client {
    rtc: Rtc,
    events: UnboundedReceiver<MediaEvent>,
    local: SocketAddr,
    server: SocketAddr,
    stream: TcpStream,
    unread: Vec<u8>,
}

impl Client {
    async fn join(port: &Handle) -> Self {
        Self::join_at(port, port.local_addr()).await
    }

    /// Joins at one of the port's addresses.
    async fn join_at(port: &Handle, server: SocketAddr) -> Self {
        let stream = TcpStream::connect(server).await.unwrap();
        let local = stream.local_addr().unwrap();
        let mut rtc = Rtc::builder().build(Instant::now());
        let candidate = Candidate::builder().tcp().host(local).tcptype(TcpType::Active).build();
        rtc.add_local_candidate(candidate.unwrap());
        let mut changes = rtc.sdp_api();
        changes.add_media(MediaKind::Audio, Direction::SendOnly, None, None, None);
        let (offer, pending) = changes.apply().unwrap();
        let (sender, mut events) = unbounded_channel();
        let sender = Mutex::new(sender);
        let sink = move |event: MediaEvent| drop(sender.lock().unwrap().send(event));
        let join = Join {
            room: "r".into(),
            participant: "patient".into(),
            sdp: offer.to_sdp_string(),
            sources: BTreeMap::new(),
        };
        port.control().join(join, Arc::new(sink)).unwrap();
        let answer = timeout(PATIENCE, events.recv()).await.unwrap().unwrap();
        let MediaEvent::Signal(ServerSignal::Answer { sdp }) = answer else { panic!("an answer") };
        // The UDP candidate is left out, as if nothing came of it.
        let without: Vec<&str> = sdp
            .lines()
            .filter(|line| !line.starts_with("a=candidate") || line.contains("tcptype passive"))
            .collect();
        assert!(without.len() < sdp.lines().count());
        let sdp = SdpAnswer::from_sdp_string(&(without.join("\r\n") + "\r\n")).unwrap();
        rtc.sdp_api().accept_answer(pending, sdp).unwrap();
        Self { rtc, events, local, server, stream, unread: Vec::new() }
    }

    /// Runs until the other side says that media can flow.
    async fn connected(&mut self) -> Duration {
        let begun = Instant::now();
        let mut mine = false;
        loop {
            assert!(begun.elapsed() < PATIENCE, "not connected in time");
            let until = self.drain(&mut mine).await;
            if mine && self.is_told() {
                return begun.elapsed();
            }
            let mut buffer = [0; 4096];
            let wait = until.saturating_duration_since(Instant::now()).min(Duration::from_millis(20));
            if let Ok(read) = timeout(wait, self.stream.read(&mut buffer)).await {
                self.unread.extend(&buffer[..read.unwrap()]);
                while self.take_frame() {
                    self.drain(&mut mine).await;
                }
            } else {
                self.rtc.handle_input(Input::Timeout(Instant::now())).unwrap();
            }
        }
    }

    fn is_told(&mut self) -> bool {
        std::iter::from_fn(|| self.events.try_recv().ok())
            .any(|event| matches!(event, MediaEvent::Signal(ServerSignal::State(CallState::Connected))))
    }

    async fn drain(&mut self, connected: &mut bool) -> Instant {
        loop {
            match self.rtc.poll_output().unwrap() {
                Output::Transmit(transmit) => {
                    assert_eq!(transmit.proto, Protocol::Tcp);
                    let length = u16::try_from(transmit.contents.len()).unwrap().to_be_bytes();
                    self.stream.write_all(&[&length[..], &transmit.contents].concat()).await.unwrap();
                }
                Output::Event(Event::Connected) => *connected = true,
                Output::Event(_) => {}
                Output::Timeout(at) => return at,
            }
        }
    }

    /// Takes a frame that has come whole, if there is one.
    fn take_frame(&mut self) -> bool {
        let Some(two) = self.unread.first_chunk::<2>() else { return false };
        let whole = 2 + usize::from(u16::from_be_bytes(*two));
        if self.unread.len() < whole {
            return false;
        }
        let frame: Vec<u8> = self.unread.drain(..whole).skip(2).collect();
        let contents = DatagramRecv::try_from(&frame[..]).unwrap();
        let (source, destination) = (self.server, self.local);
        let receive = Receive { proto: Protocol::Tcp, source, destination, contents };
        self.rtc.handle_input(Input::Receive(Instant::now(), receive)).unwrap();
        true
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_has_only_tcp_is_connected_and_its_windows_say_so() {
    let port = port();
    let mut client = Client::join(&port).await;
    let took = client.connected().await;
    assert!(took < Duration::from_secs(5), "{took:?}");
    // Statistics come once a second, and the last window with the end.
    let begun = Instant::now();
    while begun.elapsed() < Duration::from_millis(2500) {
        client.drain(&mut true).await;
        sleep(Duration::from_millis(20)).await;
        client.rtc.handle_input(Input::Timeout(Instant::now())).unwrap();
    }
    tokio::task::spawn_blocking(move || port.shutdown()).await.unwrap();
    let windows = std::iter::from_fn(|| client.events.try_recv().ok()).filter_map(|event| match event {
        MediaEvent::Window(window) => Some(window.transport),
        _ => None,
    });
    assert_eq!(windows.last(), Some(Some(Rung::Tcp)));
}

#[tokio::test(flavor = "multi_thread")]
async fn tcp_connects_by_ipv4_and_by_ipv6() {
    let mut options = Options::new("[::]:0".parse().unwrap());
    options.public = vec!["127.0.0.1:0".parse().unwrap(), "[::1]:0".parse().unwrap()];
    let port = port_with(&options);
    for server in port.candidates().to_vec() {
        let took = Client::join_at(&port, server).await.connected().await;
        assert!(took < Duration::from_secs(5), "{server}: {took:?}");
    }
    tokio::task::spawn_blocking(move || port.shutdown()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_call_is_shown_out_and_harms_none() {
    let port = port();
    let mut client = Client::join(&port).await;
    client.connected().await;
    for opening in [&b"GET / HTTP/1.1\r\n\r\n"[..], &[0xff; 64], &[0, 4, 0x16, 3, 1, 2]] {
        let mut stream = TcpStream::connect(port.local_addr()).await.unwrap();
        stream.write_all(opening).await.unwrap();
        let ended = timeout(Duration::from_secs(3), stream.read(&mut [0; 16])).await;
        assert!(ended.expect("closed at once").map_or(true, |read| read == 0), "{opening:?}");
    }
    // A binding request that is nobody's is dropped without an answer, as it is over UDP.
    let mut stream = TcpStream::connect(port.local_addr()).await.unwrap();
    stream.write_all(&[&[0, 20, 0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42][..], &[0; 12]].concat()).await.unwrap();
    assert!(timeout(Duration::from_millis(500), stream.read(&mut [0; 16])).await.is_err());
    assert!(port.metrics().failures == 0);
    tokio::task::spawn_blocking(move || port.shutdown()).await.unwrap();
}
