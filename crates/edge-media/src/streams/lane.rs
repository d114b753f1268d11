//! From a stream to the media thread that its datagrams are for.

use bianque_media::Remote;

use super::Arrival;
use super::outbox::{Outbox, WeakOutbox};
use crate::directory::Shard;
use crate::shards::{Shards, Told};

/// Which thread has the stream's outbox. A stream may change it: a client that joins another room keeps its connection.
pub(super) struct Lane<'a> {
    shards: &'a Shards,
    outbox: Held,
    shard: Option<Shard>,
}

/// Only threads keep a stream writing: when none is left it ends.
enum Held {
    Own(Outbox),
    Given(WeakOutbox),
}

impl<'a> Lane<'a> {
    pub(super) fn new(shards: &'a Shards, outbox: Outbox) -> Self {
        Self { shards, outbox: Held::Own(outbox), shard: None }
    }

    /// Hands a datagram over. What is for nobody, or for a thread that is behind, is lost, as it would be in a socket's
    /// buffer. Answers whether the stream goes on.
    pub(super) fn carry(&mut self, from: Remote, datagram: &[u8]) -> bool {
        let Some(shard) = self.shards.find(from, datagram) else { return true };
        if self.shard != Some(shard) {
            match self.open(shard, from) {
                Told::Taken => {}
                Told::Behind => return true,
                Told::Gone => return false,
            }
        }
        self.shards.tell(shard, Arrival::Datagram(from, datagram.to_vec())) != Told::Gone
    }

    fn open(&mut self, shard: Shard, from: Remote) -> Told {
        let outbox = match &self.outbox {
            Held::Own(outbox) => Some(outbox.clone()),
            Held::Given(outbox) => outbox.upgrade(),
        };
        let Some(outbox) = outbox else { return Told::Gone };
        let weak = outbox.downgrade();
        let told = self.shards.tell(shard, Arrival::Open(from, outbox));
        if told == Told::Taken {
            self.outbox = Held::Given(weak);
            self.shard = Some(shard);
        }
        told
    }
}
