//! Which session a datagram belongs to, when all share one port.
//!
//! A STUN binding request goes by the ICE user fragment of the server that it names (RFC 8445, section 7.2.2), so that
//! a client whose address changed, or a new client behind an old address, is found. Everything else goes by its source
//! address, which a request that passed its integrity check has entered here.

use std::collections::{HashMap, VecDeque};

use str0m::ice::StunMessage;

use crate::core::RoomKey;
use crate::id::SessionId;
use crate::remote::Remote;

/// Addresses that one session may hold at once: a phone between Wi-Fi and two mobile networks, over both IP versions,
/// with room to spare.
const MAX_ADDRESSES: usize = 16;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Route {
    pub(crate) room: RoomKey,
    pub(crate) session: SessionId,
}

/// By what a datagram is known to belong to a session.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Key {
    /// The user fragment of ours that a STUN binding request names.
    Fragment(String),
    /// Where it comes from.
    Address(Remote),
}

impl Key {
    /// That of a datagram.
    pub fn of(from: Remote, datagram: &[u8]) -> Self {
        binding_request_fragment(datagram).map_or(Self::Address(from), Self::Fragment)
    }
}

/// A key that has become this core's, or no longer is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Claim {
    /// Datagrams with this key are for this core.
    Held(Key),
    /// They no longer are.
    Given(Key),
}

#[derive(Debug, Default)]
pub(crate) struct Demux {
    by_fragment: HashMap<String, Route>,
    by_address: HashMap<Remote, Route>,
    addresses: HashMap<SessionId, Vec<Remote>>,
    /// What nobody has been told yet.
    claims: VecDeque<Claim>,
}

impl Demux {
    /// Finds the session of a datagram. The answer is a guess until the session has checked the datagram.
    pub(crate) fn find(&self, from: Remote, datagram: &[u8]) -> Option<Route> {
        match binding_request_fragment(datagram) {
            Some(fragment) => self.by_fragment.get(&fragment).copied(),
            None => self.by_address.get(&from).copied(),
        }
    }

    /// The next key that came or went.
    pub(crate) fn poll_claim(&mut self) -> Option<Claim> {
        self.claims.pop_front()
    }

    /// Enters an address after a datagram from it passed the session's integrity check.
    pub(crate) fn learn_address(&mut self, from: Remote, route: Route) {
        if self.by_address.get(&from) == Some(&route) {
            return;
        }
        if let Some(former) = self.by_address.insert(from, route)
            && let Some(list) = self.addresses.get_mut(&former.session)
        {
            list.retain(|a| *a != from);
        }
        self.claims.push_back(Claim::Held(Key::Address(from)));
        let list = self.addresses.entry(route.session).or_default();
        list.push(from);
        if list.len() > MAX_ADDRESSES {
            let oldest = list.remove(0);
            self.give_address(oldest);
        }
    }

    /// Enters the fragment of a session. Earlier fragments of it stay until it ends: packets of an ICE generation that
    /// is being replaced may still be under way.
    pub(crate) fn learn_fragment(&mut self, fragment: String, route: Route) {
        if self.by_fragment.insert(fragment.clone(), route).is_none() {
            self.claims.push_back(Claim::Held(Key::Fragment(fragment)));
        }
    }

    pub(crate) fn forget(&mut self, session: SessionId) {
        for address in self.addresses.remove(&session).unwrap_or_default() {
            self.give_address(address);
        }
        let of_session = self.by_fragment.extract_if(|_, route| route.session == session);
        self.claims.extend(of_session.map(|(fragment, _)| Claim::Given(Key::Fragment(fragment))));
    }

    fn give_address(&mut self, address: Remote) {
        if self.by_address.remove(&address).is_some() {
            self.claims.push_back(Claim::Given(Key::Address(address)));
        }
    }
}

/// The server's user fragment in a STUN binding request, or `None` if the datagram is none.
fn binding_request_fragment(datagram: &[u8]) -> Option<String> {
    // The first two bits of STUN are zero and a binding request is type 0x0001 (RFC 8489, section 5).
    if datagram.len() < 20 || datagram[..2] != [0, 1] {
        return None;
    }
    let message = StunMessage::parse(datagram).ok()?;
    let (local, _) = message.split_username()?;
    Some(local.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn route(session: u64) -> Route {
        Route { room: RoomKey(1), session: SessionId(session) }
    }

    #[test]
    fn an_address_belongs_to_whoever_proved_it_last() {
        let mut demux = Demux::default();
        let address = Remote::udp("10.0.0.1:5000".parse().unwrap());
        demux.learn_address(address, route(1));
        demux.learn_address(address, route(2));
        assert_eq!(demux.find(address, &[128, 0]), Some(route(2)));
        demux.forget(SessionId(1));
        assert_eq!(demux.find(address, &[128, 0]), Some(route(2)));
        demux.forget(SessionId(2));
        assert_eq!(demux.find(address, &[128, 0]), None);
    }

    #[test]
    fn what_was_claimed_is_given_back() {
        let mut demux = Demux::default();
        let address = Remote::udp("10.0.0.1:5000".parse().unwrap());
        let keys = [Key::Fragment("abcd".into()), Key::Address(address)];
        demux.learn_fragment("abcd".into(), route(1));
        for _ in 0..3 {
            demux.learn_address(address, route(1));
        }
        for key in &keys {
            assert_eq!(demux.poll_claim(), Some(Claim::Held(key.clone())));
        }
        demux.forget(SessionId(1));
        for key in keys.iter().rev() {
            assert_eq!(demux.poll_claim(), Some(Claim::Given(key.clone())));
        }
        assert_eq!(demux.poll_claim(), None);
    }

    #[test]
    fn a_session_cannot_fill_the_table() {
        let mut demux = Demux::default();
        for port in 1..1000 {
            demux.learn_address(Remote::udp(([10, 0, 0, 1], port).into()), route(1));
        }
        assert_eq!(demux.by_address.len(), MAX_ADDRESSES);
    }
}
