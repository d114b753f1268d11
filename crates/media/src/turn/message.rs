//! TURN on the wire: what of a request matters here, and the answers.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use str0m::config::CryptoProvider;
use str0m::ice::{StunMessage, StunMessageBuilder, TransId};

/// Names the server to itself: the same in every challenge and every key.
pub(super) const REALM: &str = "bianque";
/// Attributes that the parser under us does not know (RFC 8656, sections 18.6 and 18.7).
const REQUESTED_ADDRESS_FAMILY: u16 = 0x0017;
const REQUESTED_TRANSPORT: u16 = 0x0019;
const UDP: u8 = 17;
/// Room for any answer that has no data in it.
const ANSWER_BYTES: usize = 1024;
/// Room around the data of an indication.
const INDICATION_BYTES: usize = 128;

/// HMAC-SHA1, of the provider that calls are encrypted with.
#[derive(Clone)]
pub(super) struct Hmac(Arc<CryptoProvider>);

impl Default for Hmac {
    fn default() -> Self {
        Self(Arc::new(str0m::crypto::from_feature_flags()))
    }
}

impl Hmac {
    pub(super) fn of(&self, key: &[u8], payloads: &[&[u8]]) -> [u8; 20] {
        self.0.sha1_hmac_provider.sha1_hmac(key, payloads)
    }
}

/// A request that TURN knows.
#[derive(Debug, Clone, Copy)]
pub(super) enum Request {
    Allocate { udp: bool, family: Family },
    Refresh { lifetime_s: Option<u32> },
    CreatePermission { peer: Option<SocketAddr> },
    ChannelBind { channel: Option<u16>, peer: Option<SocketAddr> },
}

/// The address family that is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Family {
    /// None is named, as browsers do: IPv4 where we have it.
    Any,
    Four,
    Six,
    Unknown,
}

impl Request {
    pub(super) fn of(message: &StunMessage<'_>, frame: &[u8]) -> Option<Self> {
        let peer = message.xor_peer_address();
        if message.is_allocate_request() {
            let udp = attribute(frame, REQUESTED_TRANSPORT).is_some_and(|value| value.first() == Some(&UDP));
            Some(Self::Allocate { udp, family: family(frame) })
        } else if message.is_refresh_request() {
            Some(Self::Refresh { lifetime_s: message.lifetime() })
        } else if message.is_create_permission_request() {
            Some(Self::CreatePermission { peer })
        } else if message.is_channel_bind_request() {
            Some(Self::ChannelBind { channel: message.channel_number(), peer })
        } else {
            None
        }
    }
}

fn family(frame: &[u8]) -> Family {
    match attribute(frame, REQUESTED_ADDRESS_FAMILY).and_then(|value| value.first()) {
        None => Family::Any,
        Some(1) => Family::Four,
        Some(2) => Family::Six,
        Some(_) => Family::Unknown,
    }
}

/// The first attribute of a type. The frame has been parsed: lengths are right.
fn attribute(frame: &[u8], wanted: u16) -> Option<&[u8]> {
    let mut rest = frame.get(20..)?;
    loop {
        let [a, b, c, d] = *rest.first_chunk::<4>()?;
        let length = usize::from(u16::from_be_bytes([c, d]));
        let value = rest.get(4..4 + length)?;
        if u16::from_be_bytes([a, b]) == wanted {
            return Some(value);
        }
        rest = rest.get(4 + length.next_multiple_of(4)..)?;
    }
}

/// What a request is answered with.
pub(super) struct Answer {
    username: Option<String>,
    kind: Kind,
}

enum Kind {
    Error(u16, &'static str),
    Allocated { relayed: SocketAddr, mapped: SocketAddr, lifetime: Duration },
    Refreshed(Duration),
    Done,
}

impl Answer {
    /// Asks for credentials, or says that these are no good.
    pub(super) fn challenge() -> Self {
        Self { username: None, kind: Kind::Error(401, "Unauthorized") }
    }

    pub(super) fn stale() -> Self {
        Self { username: None, kind: Kind::Error(438, "Stale Nonce") }
    }

    pub(super) fn bad_request(username: &str) -> Self {
        Self::error(username, 400, "Bad Request")
    }

    pub(super) fn forbidden(username: &str) -> Self {
        Self::error(username, 403, "Forbidden")
    }

    pub(super) fn mismatch(username: &str) -> Self {
        Self::error(username, 437, "Allocation Mismatch")
    }

    pub(super) fn unsupported_family(username: &str) -> Self {
        Self::error(username, 440, "Address Family not Supported")
    }

    pub(super) fn wrong_user(username: &str) -> Self {
        Self::error(username, 441, "Wrong Credentials")
    }

    pub(super) fn unsupported_transport(username: &str) -> Self {
        Self::error(username, 442, "Unsupported Transport Protocol")
    }

    pub(super) fn peer_family_mismatch(username: &str) -> Self {
        Self::error(username, 443, "Peer Address Family Mismatch")
    }

    pub(super) fn quota(username: &str) -> Self {
        Self::error(username, 486, "Allocation Quota Reached")
    }

    pub(super) fn allocated(
        username: &str,
        relayed: SocketAddr,
        mapped: SocketAddr,
        lifetime: Duration,
    ) -> Self {
        Self { username: Some(username.to_owned()), kind: Kind::Allocated { relayed, mapped, lifetime } }
    }

    pub(super) fn refreshed(username: &str, lifetime: Duration) -> Self {
        Self { username: Some(username.to_owned()), kind: Kind::Refreshed(lifetime) }
    }

    pub(super) fn done(username: &str) -> Self {
        Self { username: Some(username.to_owned()), kind: Kind::Done }
    }

    /// By whose key the answer is signed.
    pub(super) fn username(&self) -> Option<&str> {
        self.username.as_deref()
    }

    pub(super) fn is_challenge(&self) -> bool {
        matches!(self.kind, Kind::Error(401, _))
    }

    fn error(username: &str, code: u16, reason: &'static str) -> Self {
        Self { username: Some(username.to_owned()), kind: Kind::Error(code, reason) }
    }
}

/// The bytes of an answer; empty if it does not fit, which none does not.
pub(super) fn write(
    request: &StunMessage<'_>,
    answer: &Answer,
    nonce: &str,
    key: Option<&[u8; 16]>,
    hmac: &Hmac,
) -> Vec<u8> {
    let builder = StunMessageBuilder::new();
    let method = if request.is_allocate_request() {
        builder.allocate()
    } else if request.is_refresh_request() {
        builder.refresh()
    } else if request.is_create_permission_request() {
        builder.create_permission()
    } else {
        builder.channel_bind()
    };
    let seconds = |lifetime: Duration| u32::try_from(lifetime.as_secs()).unwrap_or(u32::MAX);
    let message = match answer.kind {
        Kind::Error(code @ (401 | 438), reason) => {
            method.failure().error_code(code, reason).realm(REALM).nonce(nonce)
        }
        Kind::Error(code, reason) => method.failure().error_code(code, reason),
        Kind::Allocated { relayed, mapped, lifetime } => method
            .success()
            .xor_relayed_address(relayed)
            .xor_mapped_address(mapped)
            .lifetime(seconds(lifetime)),
        Kind::Refreshed(lifetime) => method.success().lifetime(seconds(lifetime)),
        Kind::Done => method.success(),
    };
    let mut bytes = vec![0; ANSWER_BYTES];
    let written = message.build(request.trans_id()).to_bytes(
        key.map(<[u8; 16]>::as_slice),
        &mut bytes,
        |key, payloads| hmac.of(key, payloads),
    );
    bytes.truncate(written.unwrap_or(0));
    bytes
}

/// A datagram of ours as an indication.
pub(super) fn data_indication(peer: SocketAddr, datagram: &[u8]) -> Option<Vec<u8>> {
    let mut bytes = vec![0; datagram.len() + INDICATION_BYTES];
    let message = StunMessageBuilder::new()
        .data()
        .indication()
        .xor_peer_address(peer)
        .data(datagram)
        .build(TransId::new());
    let written = message.to_bytes(None, &mut bytes, |_, _| [0; 20]).ok()?;
    bytes.truncate(written);
    Some(bytes)
}

/// A datagram of ours on a channel; padded, as streams have it (RFC 8656, section 12.5).
pub(super) fn channel_data(channel: u16, datagram: &[u8]) -> Option<Vec<u8>> {
    let length = u16::try_from(datagram.len()).ok()?;
    let mut bytes = Vec::with_capacity(4 + datagram.len().next_multiple_of(4));
    bytes.extend(channel.to_be_bytes());
    bytes.extend(length.to_be_bytes());
    bytes.extend(datagram);
    bytes.resize(4 + datagram.len().next_multiple_of(4), 0);
    Some(bytes)
}

/// Channel and data of a frame, which may be padded.
pub(super) fn read_channel_data(frame: &[u8]) -> Option<(u16, &[u8])> {
    let [a, b, c, d] = *frame.first_chunk::<4>()?;
    let data = frame.get(4..4 + usize::from(u16::from_be_bytes([c, d])))?;
    Some((u16::from_be_bytes([a, b]), data))
}
