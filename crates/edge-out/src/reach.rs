//! Which addresses are open to everybody, which lie inside a network, and which nobody asks.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// How far an address lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Reach {
    /// On the open internet.
    Public,
    /// On this machine or inside a network: only for a host that configuration names.
    Inside,
    /// Never asked, whatever configuration says: metadata of clouds, everybody at once, nobody, documentation.
    Never,
}

/// How far an address lies. An IPv6 address that carries an IPv4 address lies where that one does.
pub(crate) fn of(address: IpAddr) -> Reach {
    match address {
        IpAddr::V4(address) => v4(address),
        IpAddr::V6(address) => v6(address),
    }
}

/// The registries of special addresses (RFC 6890), and what lies behind them.
fn v4(address: Ipv4Addr) -> Reach {
    match address.octets() {
        // Loopback, private, and shared by carriers (RFC 6598).
        [127 | 10, ..] | [192, 168, ..] | [100, 64..=127, ..] | [172, 16..=31, ..] => Reach::Inside,
        // This network, link-local with the metadata of clouds, multicast and what comes after it.
        [0 | 224..=255, ..]
        | [169, 254, ..]
        // Protocol assignments, documentation, benchmarks.
        | [192, 0, 0 | 2, _]
        | [198, 18 | 19, ..]
        | [198, 51, 100, _]
        | [203, 0, 113, _] => Reach::Never,
        _ => Reach::Public,
    }
}

fn v6(address: Ipv6Addr) -> Reach {
    if address == Ipv6Addr::LOCALHOST {
        return Reach::Inside;
    }
    if let Some(inner) = carried(address) {
        return v4(inner);
    }
    match address.segments() {
        // Unique local (RFC 4193).
        [0xfc00..=0xfdff, ..] => Reach::Inside,
        // Teredo, 6to4 and documentation: they carry addresses of others, or none.
        [0x2001, 0 | 0xdb8, ..] | [0x2002 | 0x3fff, ..] => Reach::Never,
        // Global unicast is 2000::/3; outside of it are link-local, multicast, and nothing.
        [0x2000..=0x3fff, ..] => Reach::Public,
        _ => Reach::Never,
    }
}

/// The IPv4 address in a mapped, a compatible or a translated one (RFC 4291, 6052, 8215).
fn carried(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let last = |high: u16, low: u16| {
        let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
        Some(Ipv4Addr::new(a, b, c, d))
    };
    match address.segments() {
        [0, 0, 0, 0, 0, 0 | 0xffff, high, low]
        | [0, 0, 0, 0, 0xffff, 0, high, low]
        | [0x64, 0xff9b, 0 | 1, _, _, _, high, low] => last(high, low),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_address_lies_where_it_lies() {
        for (reach, addresses) in [
            (Reach::Public, "8.8.8.8 172.15.0.1 172.32.0.1 100.63.0.1 100.128.0.1 192.0.1.1 2606:4700::1111"),
            (Reach::Public, "::ffff:8.8.8.8 64:ff9b::8.8.8.8"),
            (Reach::Inside, "127.0.0.1 127.9.9.9 10.0.0.1 172.16.0.1 172.31.255.1 192.168.1.1 100.64.0.1"),
            (Reach::Inside, "::1 fc00::1 fd12:3456::1 ::ffff:127.0.0.1 ::ffff:10.0.0.1 ::127.0.0.1"),
            (Reach::Inside, "64:ff9b::10.0.0.1 ::ffff:0:192.168.0.1"),
            (Reach::Never, "0.0.0.0 0.1.2.3 169.254.169.254 224.0.0.1 239.1.1.1 255.255.255.255 240.0.0.1"),
            (Reach::Never, "192.0.0.8 192.0.2.1 198.18.0.1 198.51.100.1 203.0.113.1"),
            (Reach::Never, ":: fe80::1 ff02::1 2001:db8::1 2002:7f00:1:: 2001::1 ::ffff:169.254.169.254"),
            (Reach::Never, "64:ff9b::169.254.169.254 64:ff9b:1::169.254.169.254 ::ffff:0.0.0.0 fec0::1"),
        ] {
            for address in addresses.split(' ') {
                assert_eq!(of(address.parse().unwrap()), reach, "{address}");
            }
        }
    }
}
