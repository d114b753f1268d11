//! The other end of a datagram, and by which transport it is reached.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use serde::{Deserialize, Serialize};
use str0m::net::Protocol;

/// What carries the datagrams of a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Transport {
    /// UDP.
    Udp,
    /// A TCP connection to the media port (RFC 6544).
    Tcp,
    /// A TURN allocation in this process, which a client reached over TLS.
    Relay,
}

/// The other end of a datagram.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Remote {
    /// What carries it.
    pub transport: Transport,
    /// The address of the client; of a relayed one that of its allocation, which exists in this process only.
    pub address: SocketAddr,
}

impl Remote {
    /// A client that sends UDP.
    pub const fn udp(address: SocketAddr) -> Self {
        Self { transport: Transport::Udp, address }
    }

    /// Whether the address fits the transport: those of allocations belong to relayed clients, and to nobody else.
    pub(crate) fn is_sound(self) -> bool {
        is_relayed(self.address.ip()) == (self.transport == Transport::Relay)
    }

    /// Where str0m sends a datagram to.
    pub(crate) fn of(protocol: Protocol, address: SocketAddr) -> Self {
        let transport = match protocol {
            Protocol::Tcp | Protocol::SslTcp | Protocol::Tls => Transport::Tcp,
            Protocol::Udp if is_relayed(address.ip()) => Transport::Relay,
            Protocol::Udp => Transport::Udp,
        };
        Self { transport, address }
    }

    /// As str0m names the transport: relayed datagrams are UDP to it, as they are to the client (RFC 8656, section 3.1).
    pub(crate) const fn protocol(self) -> Protocol {
        match self.transport {
            Transport::Tcp => Protocol::Tcp,
            Transport::Udp | Transport::Relay => Protocol::Udp,
        }
    }
}

/// The address of the allocation with this number. Addresses that no network has: 240.0.0.0/4 is reserved (RFC 1112,
/// section 4) and 100::/64 discarded everywhere (RFC 6666), so that nobody outside can speak in the name of one.
pub(crate) fn relayed_address(number: u32, six: bool) -> SocketAddr {
    let [_, a, b, c] = number.to_be_bytes();
    // Ephemeral ports (RFC 6335), as those of relays are.
    let port = 0xc000 | u16::from(number.to_be_bytes()[0]);
    if six {
        let [high, low] = [u16::from(a), u16::from_be_bytes([b, c])];
        SocketAddr::new(IpAddr::V6(Ipv6Addr::new(0x100, 0, 0, 0, 0, 0, high, low)), port)
    } else {
        SocketAddr::new(IpAddr::V4(Ipv4Addr::new(240, a, b, c)), port)
    }
}

fn is_relayed(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(four) => four.octets()[0] == 240,
        IpAddr::V6(six) => six.segments()[..4] == [0x100, 0, 0, 0],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn an_allocation_has_an_address_of_its_own_and_comes_back_as_relayed() {
        let numbers = [0, 1, 255, 256, 65_536, 1 << 24, u32::MAX];
        let all: BTreeSet<SocketAddr> =
            numbers.iter().flat_map(|n| [relayed_address(*n, false), relayed_address(*n, true)]).collect();
        assert_eq!(all.len(), 2 * numbers.len());
        for address in all {
            assert_eq!(Remote::of(Protocol::Udp, address).transport, Transport::Relay);
            assert!(!Remote::udp(address).is_sound(), "{address} does not come from a network");
        }
    }

    #[test]
    fn a_mapped_address_is_what_it_maps() {
        let mapped = "[::ffff:240.0.0.1]:49152".parse().unwrap();
        assert!(!Remote::udp(mapped).is_sound());
        assert!(Remote::udp("[::ffff:192.0.2.1]:9".parse().unwrap()).is_sound());
    }
}
