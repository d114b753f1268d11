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

/// How late a thread may be for its timers, 99th percentile of some seconds, unless something else is set. What is this
/// late is heard and seen; it is also what administrators are told is bad.
pub(crate) const LATE: Duration = Duration::from_millis(100);
/// A thread of which nothing was heard for so many times that does not run, whatever it said before.
const STOPPED: u32 = 5;
/// How much of its time the packets of a thread may take, in thousandths. The rest is for what comes in bursts.
const BUSY: u64 = 850;
/// What a session is expected to take, until it is measured.
const SESSION_PERMILLE: u64 = 4;

/// What is set.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    /// Rooms with calls in them.
    pub(crate) rooms: usize,
    /// How much of a thread's time is taken before rooms go to the next, in thousandths. One thread that is half busy does
    /// more with its time than two that are woken for every packet, and for those of each other.
    pub(crate) fill_permille: u64,
    /// How late a thread may be.
    pub(crate) late: Duration,
}

/// Chooses the thread of a new room: the first that is not as full as it gets, else the one with least to do of those that have
/// time.
///
/// # Errors
/// Why there is none.
pub(crate) fn choose(kind: Kind, crowd: &Crowd, pulses: &[Pulse], limits: &Limits) -> Result<Shard, Refused> {
    if kind == Kind::Call && crowd.rooms >= limits.rooms {
        return Err(Refused::Full);
    }
    let has_time = |pulse: &Pulse| match kind {
        Kind::Call => {
            pulse.silent < STOPPED * limits.late && pulse.late < limits.late && pulse.busy_permille < BUSY
        }
        // Some hundred bytes a second, which nobody notices. It is the rung below.
        Kind::Sound => pulse.silent < 4 * STOPPED * limits.late,
    };
    let here = crowd.here.map(usize::from);
    let open = pulses
        .iter()
        .enumerate()
        .filter(|(index, pulse)| has_time(pulse) && here.is_none_or(|here| here == *index));
    let load = |(index, pulse): &(usize, &Pulse)| {
        let sessions = crowd.sessions.get(*index).copied().unwrap_or(0) as u64;
        pulse.busy_permille.max(sessions * SESSION_PERMILLE)
    };
    let first = open.clone().find(|shard| load(shard) < limits.fill_permille);
    let chosen = first.or_else(|| open.min_by_key(load));
    chosen.and_then(|(index, _)| Shard::try_from(index).ok()).ok_or(Refused::Starved)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::placing::MOST_SHARDS;

    const IDLE: Pulse = Pulse { silent: Duration::ZERO, late: Duration::ZERO, busy_permille: 10 };

    const NINE: &Limits = &Limits { rooms: 9, fill_permille: 500, late: LATE };

    fn crowd() -> Crowd {
        Crowd { rooms: 0, sessions: [0; MOST_SHARDS], here: None }
    }

    #[test]
    fn rooms_fill_one_thread_before_the_next_and_then_go_where_least_is_to_do() {
        let busy = |permille| Pulse { busy_permille: permille, ..IDLE };
        assert_eq!(choose(Kind::Call, &crowd(), &[busy(400), IDLE], NINE), Ok(0));
        assert_eq!(choose(Kind::Call, &crowd(), &[busy(600), IDLE], NINE), Ok(1));
        assert_eq!(choose(Kind::Call, &crowd(), &[busy(700), busy(600)], NINE), Ok(1));
        let mut many = crowd();
        many.sessions[0] = 200;
        assert_eq!(choose(Kind::Call, &many, &[IDLE, IDLE], NINE), Ok(1), "they have not begun to send");
    }

    #[test]
    fn a_thread_without_time_gets_none_and_the_last_rung_stays_open() {
        let ms = Duration::from_millis;
        for without in [
            Pulse { late: ms(120), ..IDLE },
            Pulse { silent: ms(700), ..IDLE },
            Pulse { busy_permille: 900, ..IDLE },
        ] {
            assert_eq!(choose(Kind::Call, &crowd(), &[without, IDLE], NINE), Ok(1));
            assert_eq!(
                choose(Kind::Call, &crowd(), &[without; 2], NINE),
                Err(Refused::Starved),
                "{without:?}"
            );
            assert!(choose(Kind::Sound, &crowd(), &[without; 2], NINE).is_ok());
            let here = Crowd { here: Some(0), ..crowd() };
            assert_eq!(choose(Kind::Call, &here, &[without, IDLE], NINE), Err(Refused::Starved));
        }
        let stopped = Pulse { silent: Duration::from_secs(5), ..IDLE };
        assert_eq!(choose(Kind::Sound, &crowd(), &[stopped], NINE), Err(Refused::Starved));
    }

    #[test]
    fn there_are_no_more_rooms_than_may_be() {
        let full = Crowd { rooms: 2, ..crowd() };
        let two = &Limits { rooms: 2, ..*NINE };
        assert_eq!(choose(Kind::Call, &full, &[IDLE], two), Err(Refused::Full));
        assert_eq!(choose(Kind::Call, &full, &[IDLE], NINE), Ok(0));
        assert_eq!(choose(Kind::Sound, &full, &[IDLE], two), Ok(0));
    }
}
