//! Which thread a datagram is for. All threads read one port, and the kernel deals datagrams out by their addresses
//! without knowing rooms.

use bianque_media::{Claim, Key, Remote};
use papaya::HashMap;

/// The number of a media thread.
pub(crate) type Shard = u8;

/// What the threads have claimed. Reading it takes no lock.
#[derive(Debug, Default)]
pub(crate) struct Directory {
    fragments: HashMap<String, Shard>,
    addresses: HashMap<Remote, Shard>,
}

impl Directory {
    /// The thread that a datagram is for, if any has claimed it.
    pub(crate) fn find(&self, from: Remote, datagram: &[u8]) -> Option<Shard> {
        match Key::of(from, datagram) {
            Key::Fragment(fragment) => self.fragments.pin().get(&fragment).copied(),
            Key::Address(address) => self.addresses.pin().get(&address).copied(),
        }
    }

    /// Enters what a thread claims or gives back. An address belongs to whoever proved it last.
    pub(crate) fn enter(&self, shard: Shard, claim: Claim) {
        match claim {
            Claim::Held(Key::Fragment(fragment)) => drop(self.fragments.pin().insert(fragment, shard)),
            Claim::Held(Key::Address(address)) => drop(self.addresses.pin().insert(address, shard)),
            Claim::Given(Key::Fragment(fragment)) => drop(self.fragments.pin().remove(&fragment)),
            Claim::Given(Key::Address(address)) => {
                let _ = self.addresses.pin().remove_if(&address, |_, holder| *holder == shard);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_stays_with_the_thread_that_proved_it_last() {
        let directory = Directory::default();
        let remote = Remote::udp("192.0.2.1:4000".parse().unwrap());
        let key = Key::Address(remote);
        assert_eq!(directory.find(remote, &[0x80]), None);
        directory.enter(0, Claim::Held(key.clone()));
        directory.enter(1, Claim::Held(key.clone()));
        directory.enter(0, Claim::Given(key.clone()));
        assert_eq!(directory.find(remote, &[0x80]), Some(1));
        directory.enter(1, Claim::Given(key));
        assert_eq!(directory.find(remote, &[0x80]), None);
    }
}
