//! Which thread has which room.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use bianque_media::{RoomId, SessionId};

use crate::directory::Shard;

/// Numbers of sessions carry the thread in their last bits, so that whatever names a session finds its thread by itself.
const SHARD_BITS: u32 = 8;
/// Threads at the most.
pub(crate) const MOST_SHARDS: usize = 64;

/// The rooms that are open, from the moment in which their first session is handed over until the last has ended.
#[derive(Debug, Default)]
pub(crate) struct Placing(Mutex<Rooms>);

#[derive(Debug, Default)]
struct Rooms {
    places: HashMap<RoomId, Place>,
    sessions: HashMap<SessionId, (RoomId, Kind)>,
    last: u64,
}

#[derive(Debug)]
struct Place {
    shard: Shard,
    calls: usize,
    sounds: usize,
}

/// What kind of session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// With WebRTC.
    Call,
    /// Sound alone, which costs next to nothing.
    Sound,
}

/// A session that was given a number and a thread.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Placed {
    pub(crate) session: SessionId,
    pub(crate) shard: Shard,
}

impl Placing {
    /// Places a session: in the thread of its room, or in the one that `choose` gives to a room that is new, who may
    /// refuse. A room in which there is sound alone is new to calls, and stays where it is.
    ///
    /// # Errors
    /// What `choose` says. It is told how many rooms have calls, how many sessions each thread has, and whether the room
    /// is somewhere already.
    pub(crate) fn place<E>(
        &self,
        room: &RoomId,
        kind: Kind,
        choose: impl FnOnce(&Crowd) -> Result<Shard, E>,
    ) -> Result<Placed, E> {
        let mut rooms = self.lock();
        let open = rooms.places.get(room).filter(|place| kind == Kind::Sound || place.calls > 0);
        let shard = match open {
            Some(place) => place.shard,
            None => choose(&rooms.crowd(room))?,
        };
        let place = rooms.places.entry(room.clone()).or_insert(Place { shard, calls: 0, sounds: 0 });
        place.count(kind, 1);
        let shard = place.shard;
        rooms.last += 1;
        let session = SessionId(rooms.last << SHARD_BITS | u64::from(shard));
        rooms.sessions.insert(session, (room.clone(), kind));
        Ok(Placed { session, shard })
    }

    /// A session has ended, or was not handed over.
    pub(crate) fn ended(&self, session: SessionId) {
        let mut rooms = self.lock();
        let Some((room, kind)) = rooms.sessions.remove(&session) else { return };
        let Some(place) = rooms.places.get_mut(&room) else { return };
        place.count(kind, -1);
        if place.calls + place.sounds == 0 {
            rooms.places.remove(&room);
        }
    }

    /// Where a room is, if it is open.
    pub(crate) fn of_room(&self, room: &RoomId) -> Option<Shard> {
        self.lock().places.get(room).map(|place| place.shard)
    }

    /// Whether no room is open.
    pub(crate) fn is_empty(&self) -> bool {
        self.lock().places.is_empty()
    }

    fn lock(&self) -> MutexGuard<'_, Rooms> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The thread that a session is in.
pub(crate) fn shard_of(session: SessionId) -> usize {
    usize::try_from(session.0 & ((1 << SHARD_BITS) - 1)).unwrap_or(usize::MAX)
}

/// How full it is.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Crowd {
    /// Rooms with calls in them.
    pub(crate) rooms: usize,
    /// Sessions by thread.
    pub(crate) sessions: [usize; MOST_SHARDS],
    /// The thread that has the room already.
    pub(crate) here: Option<Shard>,
}

impl Rooms {
    fn crowd(&self, room: &RoomId) -> Crowd {
        let mut sessions = [0; MOST_SHARDS];
        for place in self.places.values() {
            if let Some(count) = sessions.get_mut(usize::from(place.shard)) {
                *count += place.calls + place.sounds;
            }
        }
        let rooms = self.places.values().filter(|place| place.calls > 0).count();
        Crowd { rooms, sessions, here: self.places.get(room).map(|place| place.shard) }
    }
}

impl Place {
    fn count(&mut self, kind: Kind, by: isize) {
        let count = match kind {
            Kind::Call => &mut self.calls,
            Kind::Sound => &mut self.sounds,
        };
        *count = count.saturating_add_signed(by);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::convert::Infallible;

    fn place(placing: &Placing, room: &str, kind: Kind, shard: Shard) -> Placed {
        placing.place(&room.into(), kind, |_| Ok::<_, Infallible>(shard)).unwrap()
    }

    #[test]
    fn a_room_stays_in_its_thread_until_its_last_session_has_ended() {
        let placing = Placing::default();
        let first = place(&placing, "a", Kind::Call, 3);
        let second = place(&placing, "a", Kind::Call, 1);
        assert_eq!((first.shard, second.shard), (3, 3));
        assert_eq!(shard_of(second.session), 3);
        placing.ended(first.session);
        placing.ended(first.session);
        assert_eq!(placing.of_room(&"a".into()), Some(3));
        placing.ended(second.session);
        assert!(placing.is_empty());
        assert_eq!(place(&placing, "a", Kind::Call, 1).shard, 1);
    }

    #[test]
    fn a_room_with_sound_alone_is_asked_for_when_a_call_begins_in_it_and_stays_where_it_is() {
        let placing = Placing::default();
        place(&placing, "a", Kind::Sound, 2);
        let refused = placing.place(&"a".into(), Kind::Call, |crowd| {
            assert_eq!((crowd.rooms, crowd.here, crowd.sessions[2]), (0, Some(2), 1));
            Err("no room")
        });
        assert_eq!(refused, Err("no room"));
        assert_eq!(place(&placing, "a", Kind::Call, 5).shard, 2);
        let asked = placing.place(&"a".into(), Kind::Call, |_| Err("an open room is not asked for"));
        assert_eq!(asked.map(|placed| placed.shard), Ok(2));
    }
}
