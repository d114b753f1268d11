//! How many connections there may be: in all, and of one address.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, PoisonError};

use bianque_edge_http::Proxies;

/// Counts the connections of each address. Those of this machine and of trusted proxies are everybody's, and are not
/// counted here.
pub(crate) struct Gate {
    per_address: usize,
    proxies: Proxies,
    /// Loopback is counted too: for tests, which have nothing else.
    strict: bool,
    open: Mutex<HashMap<IpAddr, usize>>,
}

/// A connection that was let in. Dropping it makes room.
pub(crate) struct Pass {
    gate: Arc<Gate>,
    counted: Option<IpAddr>,
}

impl Gate {
    /// A gate that lets `per_address` connections of one address in.
    pub(crate) fn new(per_address: usize, proxies: Proxies) -> Arc<Self> {
        Arc::new(Self { per_address, proxies, strict: false, open: Mutex::default() })
    }

    /// The same, counting this machine as well.
    #[cfg(test)]
    pub(super) fn strict(per_address: usize, proxies: Proxies) -> Arc<Self> {
        Arc::new(Self { per_address, proxies, strict: true, open: Mutex::default() })
    }

    /// Lets a connection in, unless its address has too many.
    pub(crate) fn enter(self: &Arc<Self>, peer: IpAddr) -> Option<Pass> {
        let peer = peer.to_canonical();
        let spared = self.proxies.trust(peer) || (peer.is_loopback() && !self.strict);
        let counted = (!spared).then(|| network(peer));
        if let Some(address) = counted {
            let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
            let count = open.entry(address).or_default();
            if *count >= self.per_address {
                return None;
            }
            *count += 1;
        }
        Some(Pass { gate: Arc::clone(self), counted })
    }
}

impl Drop for Pass {
    fn drop(&mut self) {
        let Some(address) = self.counted else { return };
        let mut open = self.gate.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = open.get_mut(&address) {
            *count -= 1;
            if *count == 0 {
                open.remove(&address);
            }
        }
    }
}

/// One household has one IPv4 address, or one /64 of IPv6.
fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(six) => {
            let [a, b, c, d, ..] = six.segments();
            IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bianque_edge_http::ForwardedHeader;

    #[test]
    fn an_address_has_its_share_and_gets_it_back() {
        let gate = Gate::new(2, Proxies::default());
        let of = |text: &str| gate.enter(text.parse().unwrap());
        let first = of("192.0.2.1");
        let second = of("::ffff:192.0.2.1");
        assert!(first.is_some() && second.is_some());
        assert!(of("192.0.2.1").is_none());
        assert!(of("192.0.2.2").is_some());
        drop(first);
        assert!(of("192.0.2.1").is_some());
        let whole: Vec<_> = ["2001:db8:1:2::5", "2001:db8:1:2:ffff::1"].into_iter().filter_map(of).collect();
        assert!(of("2001:db8:1:2::7").is_none() && of("2001:db8:1:3::7").is_some());
        drop((second, whole));
        assert!(gate.open.lock().unwrap().is_empty());
    }

    #[test]
    fn this_machine_and_trusted_proxies_are_not_counted() {
        let proxies = Proxies::new(&["10.0.0.0/8".to_owned()], ForwardedHeader::default()).unwrap();
        let gate = Gate::new(1, proxies);
        let held: Vec<_> = (0..9).filter_map(|_| gate.enter("10.1.1.1".parse().unwrap())).collect();
        let local: Vec<_> = (0..9).filter_map(|_| gate.enter("127.0.0.1".parse().unwrap())).collect();
        assert_eq!((held.len(), local.len()), (9, 9));
    }
}
