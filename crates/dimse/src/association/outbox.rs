//! What waits to go out.

use crate::pdu::{FRAGMENT_HEADER, HEADER, write_data};

/// Bytes that may wait before nothing more of a data set is taken, and nothing is read.
const HIGH: usize = 256 << 10;
/// Bytes that may wait at all: answers to what was read before.
const FULL: usize = 512 << 10;
/// The longest fragment that goes out, whatever a peer would take.
const LONGEST_FRAGMENT: usize = 128 << 10;
/// What stands in front of a fragment that is a PDU of its own.
const IN_FRONT: usize = HEADER + FRAGMENT_HEADER;

/// Bytes in their order, the last fragment of them perhaps still growing.
#[derive(Debug, Default)]
pub(super) struct Outbox {
    bytes: Vec<u8>,
    /// So many of them are out.
    sent: usize,
    /// Where the fragment begins that is still growing.
    growing: Option<usize>,
}

impl Outbox {
    /// What may be written now.
    pub(super) fn ready(&self) -> &[u8] {
        &self.bytes[self.sent..self.growing.unwrap_or(self.bytes.len())]
    }

    /// Bytes that wait, with those of a fragment that grows.
    pub(super) fn queued(&self) -> usize {
        self.bytes.len() - self.sent
    }

    /// Whether nothing more should be read before some of it went.
    pub(super) fn is_high(&self) -> bool {
        self.queued() >= HIGH
    }

    /// Whether nothing more is taken at all.
    pub(super) fn is_full(&self) -> bool {
        self.queued() >= FULL
    }

    /// So many bytes are out.
    pub(super) fn sent(&mut self, many: usize) {
        self.sent += many.min(self.ready().len());
        if self.sent * 2 < self.bytes.len() {
            return;
        }
        self.bytes.drain(..self.sent);
        self.growing = self.growing.map(|at| at - self.sent);
        self.sent = 0;
    }

    /// A PDU of control. A fragment that grows is given up: whatever follows, nobody waits for it.
    pub(super) fn control(&mut self, write: impl FnOnce(&mut Vec<u8>)) {
        if let Some(at) = self.growing.take() {
            self.bytes.truncate(at);
        }
        write(&mut self.bytes);
    }

    /// A command, cut into fragments that the peer takes.
    pub(super) fn command(&mut self, context: u8, command: &[u8], peer_max: u32) {
        let mut fragments = command.chunks(longest(peer_max)).peekable();
        while let Some(fragment) = fragments.next() {
            write_data(&mut self.bytes, context, true, fragments.peek().is_none(), fragment);
        }
    }

    /// Takes bytes of a data set while there is room, and says how many. Fragments go out when they are as long as the peer
    /// takes them, whatever the pieces are; with the last byte of the last piece the rest goes out.
    pub(super) fn data(&mut self, context: u8, piece: &[u8], last: bool, peer_max: u32) -> usize {
        let (longest, mut taken) = (longest(peer_max), 0);
        loop {
            let room = HIGH.saturating_sub(self.queued());
            let rest = &piece[taken..];
            if room == 0 && !rest.is_empty() {
                return taken;
            }
            let at = *self.growing.get_or_insert_with(|| {
                let at = self.bytes.len();
                self.bytes.resize(at + IN_FRONT, 0);
                at
            });
            let have = self.bytes.len() - at - IN_FRONT;
            let more = rest.len().min(longest - have).min(room);
            self.bytes.extend_from_slice(&rest[..more]);
            taken += more;
            let whole = taken == piece.len();
            if whole && last {
                self.close(at, context, true);
            } else if have + more == longest {
                self.close(at, context, false);
            }
            if whole {
                return taken;
            }
        }
    }

    /// Writes what stands in front of the fragment that grew.
    fn close(&mut self, at: usize, context: u8, last: bool) {
        let mut front = Vec::with_capacity(IN_FRONT);
        write_data(&mut front, context, false, last, &[]);
        // The fragment is no longer than the longest, which a length of four bytes can say.
        let length = u32::try_from(self.bytes.len() - at - IN_FRONT + 2).unwrap_or(u32::MAX);
        front[2..6].copy_from_slice(&(length + 4).to_be_bytes());
        front[6..10].copy_from_slice(&length.to_be_bytes());
        self.bytes[at..at + IN_FRONT].copy_from_slice(&front);
        self.growing = None;
    }
}

/// The longest fragment for a peer that takes PDUs of so many bytes; an even number.
fn longest(peer_max: u32) -> usize {
    let fragment = match peer_max as usize {
        0 => LONGEST_FRAGMENT,
        max => max.saturating_sub(FRAGMENT_HEADER).clamp(2, LONGEST_FRAGMENT),
    };
    fragment & !1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_of_any_size_go_out_as_fragments_of_one() {
        let mut outbox = Outbox::default();
        for byte in 0..25 {
            assert_eq!(outbox.data(3, &[byte], byte == 24, 16), 1);
        }
        let bytes = outbox.ready();
        assert_eq!(bytes[..12], [4, 0, 0, 0, 0, 16, 0, 0, 0, 12, 3, 0]);
        assert_eq!(bytes[22..34], [4, 0, 0, 0, 0, 16, 0, 0, 0, 12, 3, 0]);
        assert_eq!(bytes[44..], [4, 0, 0, 0, 0, 11, 0, 0, 0, 7, 3, 2, 20, 21, 22, 23, 24]);
    }

    #[test]
    fn no_more_is_taken_than_there_is_room_for() {
        let mut outbox = Outbox::default();
        let piece = vec![7; 1 << 20];
        let taken = outbox.data(1, &piece, true, 0);
        assert!(taken < HIGH && outbox.is_high());
        assert_eq!(outbox.data(1, &piece, true, 0), 0);
        let ready = outbox.ready().len();
        assert!(ready >= LONGEST_FRAGMENT);
        outbox.sent(ready);
        assert!(outbox.data(1, &piece, true, 0) >= LONGEST_FRAGMENT);
        assert!(outbox.queued() <= FULL);
    }
}
