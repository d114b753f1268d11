//! Clients that make the load, all on the calling thread, and what they measure.
//!
//! Every packet carries the time at which it was sent at the end of its payload; it has come when the kernel has it.

use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use bianque_bench::percentile;
use rustix::buffer::spare_capacity;
use rustix::event::{Timespec, epoll};
use rustix::time::{ClockId, clock_gettime};
use socket2::{Domain, Socket, Type};
use std::os::fd::OwnedFd;
use str0m::change::{SdpAnswer, SdpOffer, SdpPendingOffer};
use str0m::format::{Codec, PayloadParams};
use str0m::media::{Direction, MediaKind, Mid};
use str0m::net::{DatagramRecv, Protocol, Receive};
use str0m::rtp::RtpWrite;
use str0m::{Candidate, Event, Input, Output, Rtc};

use crate::arrival::Reader;

const AUDIO_EVERY: Duration = Duration::from_millis(20);
const AUDIO_BYTES: usize = 80;
const VIDEO_EVERY: Duration = Duration::from_micros(33_333);
const VIDEO_BYTES_PER_FRAME: usize = 500_000 / 8 / 30;
const PACKET_BYTES: usize = 1100;
/// Packets on their way when the measurement ends still count.
const TAIL: Duration = Duration::from_millis(500);
/// How often a client does more than send and take packets. The generator has to cost less than what it measures.
const REST_EVERY: Duration = Duration::from_millis(8);

/// What a run measured.
pub(crate) struct Outcome {
    delays_ms: Vec<f64>,
    expected: u64,
    seconds: f64,
    cpu_us: f64,
    set_up_ms: Vec<f64>,
    /// The part of one core that the generator itself took.
    load_share: f64,
}

impl Outcome {
    pub(crate) fn cpu_us_per_packet(&self) -> f64 {
        self.cpu_us / self.delays_ms.len().max(1) as f64
    }

    pub(crate) fn delay_ms(&self, share: f64) -> f64 {
        percentile(&self.delays_ms, share)
    }

    pub(crate) fn loss_percent(&self) -> f64 {
        100.0 * (1.0 - self.delays_ms.len() as f64 / self.expected.max(1) as f64)
    }

    /// From the offer to the first moment in which media may flow, median of all clients.
    pub(crate) fn set_up_ms(&self) -> f64 {
        percentile(&self.set_up_ms, 0.5)
    }

    /// Whether it lost next to nothing and nothing was late.
    pub(crate) fn is_good(&self) -> bool {
        self.loss_percent() < 0.1 && self.delay_ms(0.99) < 50.0
    }

    pub(crate) fn load_share(&self) -> f64 {
        self.load_share
    }

    pub(crate) fn packets_per_second(&self) -> f64 {
        self.delays_ms.len() as f64 / self.seconds
    }
}

pub(crate) struct Load {
    pub(crate) clients: Vec<Client>,
    epoch: Instant,
    poll: OwnedFd,
    reader: Reader,
    tally: Tally,
}

#[derive(Default)]
struct Tally {
    /// Packets sent within it count, in nanoseconds since the epoch.
    window: Option<(u64, u64)>,
    expected: u64,
    delays_ms: Vec<f64>,
}

pub(crate) struct Client {
    pub(crate) pending: Option<SdpPendingOffer>,
    pub(crate) connected: bool,
    rtc: Rtc,
    socket: UdpSocket,
    address: SocketAddr,
    lines: Vec<Line>,
    receivers: u64,
    deadline: Instant,
    /// When the last datagram came.
    came: Instant,
    begun: Instant,
    set_up: Option<Duration>,
    key_wanted: bool,
}

struct Line {
    mid: Mid,
    kind: MediaKind,
    next: Option<Instant>,
    sequence: u64,
    timestamp: u32,
}

impl Load {
    pub(crate) fn new() -> Result<Self> {
        let poll = epoll::create(epoll::CreateFlags::CLOEXEC)?;
        let epoch = Instant::now();
        Ok(Self { clients: Vec::new(), epoch, poll, reader: Reader::new(epoch)?, tally: Tally::default() })
    }

    /// A client on an address of its own; the answer is its number.
    pub(crate) fn add(&mut self, ip: IpAddr, receivers: u64) -> Result<usize> {
        let socket = Socket::new(Domain::for_address((ip, 0).into()), Type::DGRAM, None)?;
        let _ = socket.set_recv_buffer_size(2 << 20);
        socket.set_nonblocking(true)?;
        socket.bind(&SocketAddr::from((ip, 0)).into())?;
        let socket: UdpSocket = socket.into();
        Reader::prepare(&socket)?;
        let number = self.clients.len();
        let data = epoll::EventData::new_u64(number as u64);
        epoll::add(&self.poll, &socket, data, epoll::EventFlags::IN)?;
        let now = Instant::now();
        let mut rtc = Rtc::builder()
            .clear_codecs()
            .enable_opus(true, false)
            .enable_vp8(true)
            .set_rtp_mode(true)
            .build(now);
        let address = socket.local_addr()?;
        rtc.add_local_candidate(Candidate::host(address, "udp")?);
        self.clients.push(Client {
            pending: None,
            connected: false,
            rtc,
            socket,
            address,
            lines: Vec::new(),
            receivers,
            deadline: now,
            came: now,
            begun: now,
            set_up: None,
            key_wanted: true,
        });
        Ok(number)
    }

    /// Runs the clients until then; `signals` is asked in every round.
    pub(crate) fn run(
        &mut self,
        until: Instant,
        signals: &mut dyn FnMut(&mut [Client]) -> Result<()>,
    ) -> Result<()> {
        let mut events = Vec::with_capacity(64);
        loop {
            signals(&mut self.clients)?;
            let now = Instant::now();
            for client in &mut self.clients {
                client.advance(now, self.epoch, &mut self.tally)?;
            }
            if now >= until {
                return Ok(());
            }
            let next = self.clients.iter().map(Client::due).min().unwrap_or(until);
            let left =
                next.min(until).min(now + Duration::from_millis(5)).saturating_duration_since(Instant::now());
            events.clear();
            epoll::wait(&self.poll, spare_capacity(&mut events), Some(&Timespec::try_from(left)?))?;
            for event in &events {
                let index = usize::try_from(event.data.u64())?;
                self.clients[index].receive(&mut self.reader, self.epoch, &mut self.tally)?;
            }
        }
    }

    /// Measures for `length`; `cpu_us` is asked at both ends.
    pub(crate) fn measure(
        mut self,
        length: Duration,
        signals: &mut dyn FnMut(&mut [Client]) -> Result<()>,
        cpu_us: &dyn Fn() -> Result<f64>,
    ) -> Result<Outcome> {
        let from = self.epoch.elapsed();
        self.tally.window = Some((nanos(from), nanos(from + length)));
        let (before, own) = (cpu_us()?, own_cpu_s());
        self.run(Instant::now() + length, signals)?;
        let cpu_us = cpu_us()? - before;
        let load_share = (own_cpu_s() - own) / length.as_secs_f64();
        self.run(Instant::now() + TAIL, signals)?;
        let set_up = self.clients.iter().filter_map(|client| client.set_up);
        let set_up_ms = set_up.map(|time| time.as_secs_f64() * 1e3).collect();
        let Tally { expected, delays_ms, .. } = self.tally;
        Ok(Outcome { delays_ms, expected, seconds: length.as_secs_f64(), cpu_us, set_up_ms, load_share })
    }
}

impl Client {
    /// An offer of sound and pictures.
    pub(crate) fn offer(&mut self) -> Result<SdpOffer> {
        let mut changes = self.rtc.sdp_api();
        for kind in [MediaKind::Audio, MediaKind::Video] {
            let mid = changes.add_media(kind, Direction::SendOnly, Some("load".into()), None, None);
            self.lines.push(Line { mid, kind, next: None, sequence: 1, timestamp: 0 });
        }
        let (offer, pending) = changes.apply().context("an offer")?;
        self.pending = Some(pending);
        Ok(offer)
    }

    pub(crate) fn take_answer(&mut self, answer: SdpAnswer) -> Result<()> {
        let pending = self.pending.take().context("an answer without an offer")?;
        // It has something to say now, before the time that it last named.
        self.deadline = Instant::now();
        Ok(self.rtc.sdp_api().accept_answer(pending, answer)?)
    }

    pub(crate) fn answer(&mut self, offer: SdpOffer) -> Result<SdpAnswer> {
        self.deadline = Instant::now();
        Ok(self.rtc.sdp_api().accept_offer(offer)?)
    }

    fn due(&self) -> Instant {
        let lines = self.lines.iter().filter_map(|line| line.next);
        lines.fold(self.deadline, Instant::min)
    }

    fn advance(&mut self, now: Instant, epoch: Instant, tally: &mut Tally) -> Result<()> {
        for index in 0..self.lines.len() {
            while self.lines[index].next.is_some_and(|at| at <= now) {
                self.send(index, epoch, tally)?;
            }
        }
        if self.deadline <= now {
            self.rtc.handle_input(Input::Timeout(now))?;
            self.drain(now, epoch, tally, Until::Rest)?;
        }
        Ok(())
    }

    fn receive(&mut self, reader: &mut Reader, epoch: Instant, tally: &mut Tally) -> Result<()> {
        while let Some((length, from, came)) = reader.read(&self.socket) {
            let now = Instant::now();
            self.came = came;
            let datagram = &reader.buffer[..length];
            let Ok(contents) = DatagramRecv::try_from(datagram) else { continue };
            let receive = Receive { proto: Protocol::Udp, source: from, destination: self.address, contents };
            self.rtc.handle_input(Input::Receive(now, receive))?;
            let until = if is_media(datagram) { Until::Packet } else { Until::Rest };
            self.drain(now, epoch, tally, until)?;
        }
        Ok(())
    }

    /// Asks the client for what it has to say, as far as wanted; the rest it is asked for later.
    fn drain(&mut self, now: Instant, epoch: Instant, tally: &mut Tally, until: Until) -> Result<()> {
        let mut sent = 0;
        loop {
            match self.rtc.poll_output()? {
                Output::Timeout(at) if at <= now => self.rtc.handle_input(Input::Timeout(now))?,
                Output::Timeout(at) => {
                    self.deadline = at;
                    return Ok(());
                }
                Output::Transmit(transmit) => {
                    let _ = self.socket.send_to(&transmit.contents, transmit.destination);
                    sent += usize::from(is_media(&transmit.contents));
                    if until == Until::Sent(sent) {
                        break;
                    }
                }
                Output::Event(Event::RtpPacket(packet)) => {
                    tally.arrived(nanos(self.came.saturating_duration_since(epoch)), &packet.payload);
                    if until == Until::Packet {
                        break;
                    }
                }
                Output::Event(Event::KeyframeRequest(_)) => self.key_wanted = true,
                Output::Event(Event::Connected) => self.begin(now),
                Output::Event(_) => {}
            }
        }
        self.deadline = self.deadline.max(now).min(now + REST_EVERY);
        Ok(())
    }

    fn begin(&mut self, now: Instant) {
        self.connected = true;
        self.set_up = Some(now - self.begun);
        // Not all at once: people do not start in step.
        let phase = Duration::from_micros(u64::from(self.address.port()) * 977 % 33_000);
        for line in &mut self.lines {
            line.next = Some(now + phase);
        }
    }

    /// One frame, and when the next is due.
    fn send(&mut self, index: usize, epoch: Instant, tally: &mut Tally) -> Result<()> {
        let line = &mut self.lines[index];
        let video = line.kind == MediaKind::Video;
        let (every, ticks, codec, bytes) = if video {
            (VIDEO_EVERY, 3000, Codec::Vp8, VIDEO_BYTES_PER_FRAME)
        } else {
            (AUDIO_EVERY, 960, Codec::Opus, AUDIO_BYTES)
        };
        line.next = line.next.map(|at| at + every);
        line.timestamp = line.timestamp.wrapping_add(ticks);
        let media = self.rtc.media(line.mid).context("a line of ours")?;
        let agreed = media.remote_pts();
        let mut params = self.rtc.codec_config().params().iter();
        let Some(pt) =
            params.find(|p| p.spec().codec == codec && agreed.contains(&p.pt())).map(PayloadParams::pt)
        else {
            return Ok(());
        };
        let key = video && std::mem::take(&mut self.key_wanted);
        let packets = bytes.div_ceil(PACKET_BYTES);
        for part in 0..packets {
            let sent = nanos(epoch.elapsed());
            let payload = payload(bytes / packets, part == 0, key, sent);
            let now = Instant::now();
            let write = RtpWrite::new(pt, line.sequence.into(), line.timestamp, now, payload)
                .marker(video && part + 1 == packets)
                .nackable(video);
            line.sequence += 1;
            let mut api = self.rtc.direct_api();
            api.stream_tx_by_mid(line.mid, None).context("a stream of ours")?.write_rtp(write);
            tally.sent(sent, self.receivers);
        }
        let now = Instant::now();
        self.rtc.handle_input(Input::Timeout(now))?;
        self.drain(now, epoch, tally, Until::Sent(packets))
    }
}

/// How far a client is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Until {
    /// The packet that came is taken.
    Packet,
    /// So many media packets are sent.
    Sent(usize),
    /// There is nothing more.
    Rest,
}

/// Neither a report nor a check (RFC 7983, section 7; RFC 5761, section 4).
fn is_media(datagram: &[u8]) -> bool {
    matches!(datagram, [128..192, second, ..] if !(192..224).contains(second))
}

/// CPU time of the calling thread, seconds.
fn own_cpu_s() -> f64 {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
}

impl Tally {
    fn sent(&mut self, at: u64, receivers: u64) {
        if self.window.is_some_and(|(from, to)| (from..to).contains(&at)) {
            self.expected += receivers;
        }
    }

    fn arrived(&mut self, came: u64, payload: &[u8]) {
        let Some(sent) = payload.last_chunk::<8>().map(|bytes| u64::from_be_bytes(*bytes)) else { return };
        if self.window.is_some_and(|(from, to)| (from..to).contains(&sent)) {
            self.delays_ms.push(came.saturating_sub(sent) as f64 / 1e6);
        }
    }
}

/// VP8 as far as a router looks at it (RFC 7741): a descriptor of one byte, then the frame, of which the first bit
/// tells a keyframe and bytes 3 to 9 the size.
fn payload(bytes: usize, first: bool, key: bool, sent: u64) -> Vec<u8> {
    let mut payload = vec![0; bytes];
    payload[0] = if first { 0x10 } else { 0 };
    payload[1] = u8::from(!key);
    if key && first {
        payload[4..11].copy_from_slice(&[0x9d, 0x01, 0x2a, 0x40, 0x01, 0xf0, 0x00]);
    }
    let end = payload.len() - 8;
    payload[end..].copy_from_slice(&sent.to_be_bytes());
    payload
}

fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}
