//! Whether another call may begin, and in which thread.
//!
//! A call that is let in where there is no time for it breaks itself and disturbs those that are open. So each thread
//! watches how late the machine lets it run, and how much of its time its packets take; a room that is new is refused
//! while either says that there is none left. Whoever comes to a call that is open is let in: they were expected.

use std::time::Duration;

use bianque_media::Refused;

use crate::directory::Shard;
use crate::meter::Pulse;
use crate::placing::{Crowd, Kind};

/// How late a thread may be for its timers, 99th percentile of some seconds. What is this late is heard and seen; it is
/// also what administrators are told is bad.
const LATE: Duration = Duration::from_millis(100);
/// A thread of which nothing was heard for this long does not run, whatever it said before.
const STOPPED: Duration = Duration::from_millis(500);
/// How much of its time the packets of a thread may take, in thousandths. The rest is for what comes in bursts.
const BUSY: u64 = 850;
/// Packets that a session is expected to bring in a second, until they are measured.
const PACKETS_OF_SESSION: u64 = 100;

/// Chooses the thread of a new room, the one with least to do of those that have time.
///
/// # Errors
/// Why there is none.
pub(crate) fn choose(
    kind: Kind,
    crowd: &Crowd,
    pulses: &[Pulse],
    most_rooms: usize,
) -> Result<Shard, Refused> {
    let full = kind == Kind::Call && crowd.rooms >= most_rooms;
    if full {
        return Err(Refused::Full);
    }
    let has_time = |pulse: &Pulse| match kind {
        Kind::Call => pulse.silent < STOPPED && pulse.late < LATE && pulse.busy_permille < BUSY,
        // Some hundred bytes a second, which nobody notices. It is the rung below.
        Kind::Sound => pulse.silent < 4 * STOPPED,
    };
    let here = crowd.here.map(usize::from);
    let mut open = pulses
        .iter()
        .enumerate()
        .filter(|(index, pulse)| has_time(pulse) && here.is_none_or(|here| here == *index));
    let load = |(index, pulse): &(usize, &Pulse)| {
        let sessions = crowd.sessions.get(*index).copied().unwrap_or(0) as u64;
        pulse.packets_per_s + sessions * PACKETS_OF_SESSION
    };
    let least = open.by_ref().min_by_key(load);
    least.and_then(|(index, _)| Shard::try_from(index).ok()).ok_or(Refused::Starved)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::placing::MOST_SHARDS;

    const IDLE: Pulse =
        Pulse { silent: Duration::ZERO, late: Duration::ZERO, busy_permille: 10, packets_per_s: 0 };

    fn crowd() -> Crowd {
        Crowd { rooms: 0, sessions: [0; MOST_SHARDS], here: None }
    }

    #[test]
    fn a_new_room_goes_where_least_is_to_do() {
        let busy = Pulse { packets_per_s: 5_000, ..IDLE };
        assert_eq!(choose(Kind::Call, &crowd(), &[busy, IDLE], 9), Ok(1));
        let mut many = crowd();
        many.sessions[1] = 60;
        assert_eq!(choose(Kind::Call, &many, &[busy, IDLE], 9), Ok(0), "they have not begun to send");
    }

    #[test]
    fn a_thread_without_time_gets_none_and_the_last_rung_stays_open() {
        let ms = Duration::from_millis;
        for without in [
            Pulse { late: ms(120), ..IDLE },
            Pulse { silent: ms(700), ..IDLE },
            Pulse { busy_permille: 900, ..IDLE },
        ] {
            assert_eq!(choose(Kind::Call, &crowd(), &[without, IDLE], 9), Ok(1));
            assert_eq!(choose(Kind::Call, &crowd(), &[without; 2], 9), Err(Refused::Starved), "{without:?}");
            assert!(choose(Kind::Sound, &crowd(), &[without; 2], 9).is_ok());
            let here = Crowd { here: Some(0), ..crowd() };
            assert_eq!(choose(Kind::Call, &here, &[without, IDLE], 9), Err(Refused::Starved));
        }
        let stopped = Pulse { silent: Duration::from_secs(5), ..IDLE };
        assert_eq!(choose(Kind::Sound, &crowd(), &[stopped], 9), Err(Refused::Starved));
    }

    #[test]
    fn there_are_no_more_rooms_than_may_be() {
        let full = Crowd { rooms: 2, ..crowd() };
        assert_eq!(choose(Kind::Call, &full, &[IDLE], 2), Err(Refused::Full));
        assert_eq!(choose(Kind::Call, &full, &[IDLE], 3), Ok(0));
        assert_eq!(choose(Kind::Sound, &full, &[IDLE], 2), Ok(0));
    }
}
