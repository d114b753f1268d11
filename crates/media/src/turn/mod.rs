//! TURN for the clients of our own rooms (RFC 8656): the rung for networks that let nothing pass but TLS.
//!
//! An allocation here has no port. Its relayed address is one that no network has, and exists as the name of a
//! connection in this process; what the client sends through it goes to the media core and to nowhere else. So there
//! is nothing to relay to that could be attacked: a peer that is not one of our own candidates is refused.
//!
//! [`Turn`] is the machine of one connection. It holds no socket and no clock; its frames are cut out of the stream by
//! [`crate::Framing::Turn`].

mod credentials;
mod message;
#[cfg(test)]
mod tests;

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use str0m::ice::StunMessage;

use crate::remote::{Remote, Transport, relayed_address};
pub use credentials::{Credential, TurnSecret};
use message::{Answer, Family, Hmac};

/// How long an allocation lives without a refresh (RFC 8656, section 3.2).
const LIFETIME: Duration = Duration::from_mins(10);
/// Channels of one allocation. A client needs one for each of our candidates.
const MOST_CHANNELS: usize = 8;
/// Requests with wrong credentials before the connection is closed. The first without any is how it begins.
const MOST_FAILURES: u32 = 4;

/// What all connections share.
pub struct TurnServer {
    secret: TurnSecret,
    /// Where datagrams may go: the candidates of the media core.
    peers: Vec<SocketAddr>,
    hmac: Hmac,
}

impl TurnServer {
    /// A server whose only peers are the candidates of the media core.
    pub fn new(secret: TurnSecret, peers: Vec<SocketAddr>) -> Self {
        Self { secret, peers, hmac: Hmac::default() }
    }

    /// Credentials for one visit that are good until `ends_unix_s`. `scope` names the visit to the server alone: it is
    /// read by whoever may see the client's memory, so it is no name of a person.
    pub fn credential(&self, scope: &str, ends_unix_s: u64) -> Credential {
        self.secret.issue(scope, ends_unix_s)
    }

    /// The candidate that speaks to an allocation of this family.
    fn peer(&self, relayed: SocketAddr) -> Option<SocketAddr> {
        self.peers.iter().copied().find(|peer| peer.is_ipv4() == relayed.is_ipv4())
    }

    /// The relayed address of an allocation, of a family in which one of our candidates is. Who names no family gets IPv4
    /// (RFC 8656, section 7.2), and IPv6 where that is all there is: browsers never name one, and go by the answer.
    fn relayed(&self, number: u32, family: Family) -> Option<SocketAddr> {
        let families: &[bool] = match family {
            Family::Any => &[false, true],
            Family::Four => &[false],
            Family::Six => &[true],
            Family::Unknown => &[],
        };
        let mut relayed = families.iter().map(|six| relayed_address(number, *six));
        relayed.find(|relayed| self.peer(*relayed).is_some())
    }
}

/// The machine of one connection.
pub struct Turn {
    server: Arc<TurnServer>,
    /// The address of the client, as it came to us.
    client: SocketAddr,
    /// Unique in this process; it becomes the relayed address.
    number: u32,
    /// Of this connection; what is signed for another is stale.
    nonce: String,
    failures: u32,
    allocation: Option<Allocation>,
}

struct Allocation {
    username: String,
    scope: String,
    relayed: SocketAddr,
    permitted: Vec<IpAddr>,
    channels: Vec<(u16, SocketAddr)>,
    ends: Instant,
}

impl Allocation {
    /// Whether a peer can be spoken to by the relayed address (RFC 8656, section 9.2).
    fn is_of_family(&self, peer: SocketAddr) -> bool {
        self.relayed.is_ipv4() == peer.is_ipv4()
    }
}

/// What is to be done after a frame of the client.
#[derive(Debug, PartialEq, Eq)]
pub enum Step<'a> {
    /// Nothing: it was a frame that may be ignored.
    Nothing,
    /// Send this to the client.
    Reply(Vec<u8>),
    /// A datagram for the media core, from [`Turn::remote`].
    Datagram(&'a [u8]),
    /// Send this to the client and close: it will not get any further.
    Refuse(Vec<u8>),
}

/// A frame that no TURN client sends; the connection is closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not TURN")]
pub struct NotTurn;

impl Turn {
    /// The machine of a connection from `client`. `number` and `nonce` are this connection's own; the nonce has been
    /// drawn at random.
    pub fn new(server: Arc<TurnServer>, client: SocketAddr, number: u32, nonce: String) -> Self {
        Self { server, client, number, nonce, failures: 0, allocation: None }
    }

    /// Takes a whole frame. `unix_s` is the wall time, by which credentials end; `admit` is asked once, before the
    /// allocation, whether the visit that the credentials are for may have one more.
    ///
    /// # Errors
    /// [`NotTurn`], when the connection should be closed without a word.
    pub fn handle<'a>(
        &mut self,
        now: Instant,
        unix_s: u64,
        frame: &'a [u8],
        admit: &mut dyn FnMut(&str) -> bool,
    ) -> Result<Step<'a>, NotTurn> {
        if frame.first().is_some_and(|first| first & 0xc0 == 0x40) {
            return Ok(self.channel_data(frame));
        }
        let message = StunMessage::parse(frame).map_err(|_| NotTurn)?;
        if message.is_send_indication() {
            return Ok(self.send_indication(frame));
        }
        let Some(request) = message::Request::of(&message, frame) else { return Err(NotTurn) };
        let answer = match self.authenticate(unix_s, &message) {
            Ok(username) => self.carry_out(now, &request, username, admit),
            Err(answer) => answer,
        };
        Ok(self.write(&message, &answer))
    }

    /// The client's end as the media core knows it; `None` before the allocation.
    pub fn remote(&self) -> Option<Remote> {
        let allocation = self.allocation.as_ref()?;
        Some(Remote { transport: Transport::Relay, address: allocation.relayed })
    }

    /// What the credentials were issued for; `None` before the allocation.
    pub fn scope(&self) -> Option<&str> {
        self.allocation.as_ref().map(|allocation| allocation.scope.as_str())
    }

    /// When the allocation ends unless it is refreshed.
    pub fn ends(&self) -> Option<Instant> {
        self.allocation.as_ref().map(|allocation| allocation.ends)
    }

    /// Wraps a datagram of the media core for the client. `None` if the client has not allowed our address yet.
    pub fn wrap(&self, datagram: &[u8]) -> Option<Vec<u8>> {
        let allocation = self.allocation.as_ref()?;
        let peer = self.server.peer(allocation.relayed)?;
        if let Some((channel, _)) = allocation.channels.iter().find(|(_, bound)| *bound == peer) {
            return message::channel_data(*channel, datagram);
        }
        if !allocation.permitted.contains(&peer.ip()) {
            return None;
        }
        message::data_indication(peer, datagram)
    }

    fn authenticate<'m>(&mut self, unix_s: u64, message: &StunMessage<'m>) -> Result<&'m str, Answer> {
        let (Some(username), Some(nonce)) = (message.username(), message.nonce()) else {
            return Err(Answer::challenge());
        };
        if nonce != self.nonce {
            return Err(Answer::stale());
        }
        let key = self.server.secret.key(username);
        let signed = message.verify(&key, |key, payloads| self.server.hmac.of(key, payloads));
        if signed && TurnSecret::scope(username, unix_s).is_some() {
            return Ok(username);
        }
        self.failures += 1;
        Err(Answer::challenge())
    }

    fn carry_out(
        &mut self,
        now: Instant,
        request: &message::Request,
        username: &str,
        admit: &mut dyn FnMut(&str) -> bool,
    ) -> Answer {
        use message::Request as R;
        if self.allocation.as_ref().is_some_and(|allocation| allocation.username != username) {
            return Answer::wrong_user(username);
        }
        match request {
            R::Allocate { udp, family } => self.allocate(now, username, *udp, *family, admit),
            R::Refresh { lifetime_s } => self.refresh(now, username, *lifetime_s),
            R::CreatePermission { peer } => self.permit(username, *peer),
            R::ChannelBind { channel, peer } => self.bind(username, *channel, *peer),
        }
    }

    fn allocate(
        &mut self,
        now: Instant,
        username: &str,
        udp: bool,
        family: Family,
        admit: &mut dyn FnMut(&str) -> bool,
    ) -> Answer {
        if self.allocation.is_some() {
            return Answer::mismatch(username);
        }
        if !udp {
            return Answer::unsupported_transport(username);
        }
        let Some(relayed) = self.server.relayed(self.number, family) else {
            return Answer::unsupported_family(username);
        };
        let scope = TurnSecret::scope_of(username).unwrap_or_default().to_owned();
        if !admit(&scope) {
            return Answer::quota(username);
        }
        self.allocation = Some(Allocation {
            username: username.to_owned(),
            scope,
            relayed,
            permitted: Vec::new(),
            channels: Vec::new(),
            ends: now + LIFETIME,
        });
        Answer::allocated(username, relayed, self.client, LIFETIME)
    }

    fn refresh(&mut self, now: Instant, username: &str, lifetime_s: Option<u32>) -> Answer {
        let Some(allocation) = &mut self.allocation else { return Answer::mismatch(username) };
        if lifetime_s == Some(0) {
            self.allocation = None;
            return Answer::refreshed(username, Duration::ZERO);
        }
        allocation.ends = now + LIFETIME;
        Answer::refreshed(username, LIFETIME)
    }

    fn permit(&mut self, username: &str, peer: Option<SocketAddr>) -> Answer {
        let Some(allocation) = &mut self.allocation else { return Answer::mismatch(username) };
        let Some(peer) = peer else { return Answer::bad_request(username) };
        // A permission is for an address, whatever the port (RFC 8656, section 10); compared as it is written, so that
        // an IPv4 address inside an IPv6 one is another address.
        if !self.server.peers.iter().any(|ours| ours.ip() == peer.ip()) {
            return Answer::forbidden(username);
        }
        if !allocation.is_of_family(peer) {
            return Answer::peer_family_mismatch(username);
        }
        if !allocation.permitted.contains(&peer.ip()) {
            allocation.permitted.push(peer.ip());
        }
        Answer::done(username)
    }

    fn bind(&mut self, username: &str, channel: Option<u16>, peer: Option<SocketAddr>) -> Answer {
        let Some(allocation) = &mut self.allocation else { return Answer::mismatch(username) };
        let (Some(channel), Some(peer)) = (channel, peer) else { return Answer::bad_request(username) };
        if !self.server.peers.contains(&peer) {
            return Answer::forbidden(username);
        }
        if !allocation.is_of_family(peer) {
            return Answer::peer_family_mismatch(username);
        }
        let bound = allocation.channels.iter().find(|(other, to)| *other == channel || *to == peer);
        match bound {
            Some(same) if *same == (channel, peer) => {}
            None if allocation.channels.len() < MOST_CHANNELS => allocation.channels.push((channel, peer)),
            Some(_) | None => return Answer::bad_request(username),
        }
        Answer::done(username)
    }

    fn channel_data<'a>(&self, frame: &'a [u8]) -> Step<'a> {
        let Some((channel, data)) = message::read_channel_data(frame) else { return Step::Nothing };
        let bound = |allocation: &Allocation| allocation.channels.iter().any(|(other, _)| *other == channel);
        if self.allocation.as_ref().is_some_and(bound) { Step::Datagram(data) } else { Step::Nothing }
    }

    fn send_indication<'a>(&self, frame: &'a [u8]) -> Step<'a> {
        let Some(allocation) = &self.allocation else { return Step::Nothing };
        let Ok(message) = StunMessage::parse(frame) else { return Step::Nothing };
        match (message.xor_peer_address(), message.data()) {
            (Some(peer), Some(data))
                if self.server.peers.contains(&peer) && allocation.permitted.contains(&peer.ip()) =>
            {
                Step::Datagram(data)
            }
            _ => Step::Nothing,
        }
    }

    fn write<'a>(&self, request: &StunMessage<'_>, answer: &Answer) -> Step<'a> {
        let refused = answer.is_challenge() && self.failures >= MOST_FAILURES;
        let key = answer.username().map(|username| self.server.secret.key(username));
        let bytes = message::write(request, answer, &self.nonce, key.as_ref(), &self.server.hmac);
        if refused { Step::Refuse(bytes) } else { Step::Reply(bytes) }
    }
}
