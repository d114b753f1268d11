//! T, the communication speed of a visit, in Mbit/s.
//!
//! T is the available rate of the patient's connection, the lower direction, as a time-weighted median from admission to
//! end. So that anybody can compute it again from the same windows, these are the rules, in order:
//!
//! 1. **The visit** is the time from admission to end. Estimates outside it do not count; a window that reaches over
//!    its edge is cut.
//! 2. **Connected** is every moment that some estimate window (server or browser) calls connected and no estimate
//!    window calls disconnected. All other time of the visit is disconnected. Probes say nothing about it. Without any
//!    estimate window in the visit there is no T ([`Reason::NoSpeed`]).
//! 3. **A reading** is a rate, in one direction, of a window that is not application-limited, is a finite number and not
//!    negative; for an estimate the window is also connected. It holds from the start of its window until the start
//!    of the next reading of the same source; the first holds backwards to admission. A probe from before
//!    admission is a reading; of two with the same start the later in the list counts.
//! 4. **The series of a direction** has one source, never two. It is the first of server's estimate and browser's
//!    estimate whose readings' windows cover at least half of the connected time: then it refreshes, that is
//!    replaces, the probe. Else it is the probe. Without a probe it is the estimate with the most cover, where there
//!    is any. An estimate that was application-limited for most of a call therefore leaves the probe standing.
//! 5. **The median of a direction** is the least rate that, together with all smaller ones, held for at least half of the
//!    visit, with disconnected time at rate 0.
//! 6. **T** is the smaller of both medians, in bit/s divided by 1,000,000. A direction without a series leaves T not
//!    computed ([`Reason::OneDirection`]), because the lower direction is then not known.

use bianque_model::Timestamp;

use crate::spans::Spans;
use crate::weighted;
use crate::{RateWindow, Reason, Source};

/// A direction, seen from the patient.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// From the patient.
    Up,
    /// To the patient.
    Down,
}

/// The rate of one direction.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rate {
    /// The time-weighted median, Mbit/s.
    pub mbps: f64,
    /// The one source of its series.
    pub source: Source,
    /// How many readings the series has.
    pub windows: usize,
}

/// T with what it was taken from.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Speed {
    /// T, Mbit/s.
    pub mbps: f64,
    /// The lower direction; up when both are equal.
    pub direction: Direction,
    /// From the patient.
    pub up: Rate,
    /// To the patient.
    pub down: Rate,
}

impl Speed {
    /// The rate that T is.
    pub const fn lower(&self) -> Rate {
        match self.direction {
            Direction::Up => self.up,
            Direction::Down => self.down,
        }
    }
}

/// T of the visit from `admitted` to `ended`, by the rules of this module. The order of windows does not matter, but for
/// readings of one source that start at the same moment.
pub fn speed(windows: &[RateWindow], admitted: Timestamp, ended: Timestamp) -> Result<Speed, Reason> {
    if ended <= admitted {
        return Err(Reason::NotAdmitted);
    }
    let visit = Visit::new(windows, admitted, ended).ok_or(Reason::NoSpeed)?;
    match (visit.rate(Direction::Up), visit.rate(Direction::Down)) {
        (Some(up), Some(down)) => {
            let direction = if up.mbps <= down.mbps { Direction::Up } else { Direction::Down };
            Ok(Speed { mbps: up.mbps.min(down.mbps), direction, up, down })
        }
        (None, None) => Err(Reason::NoSpeed),
        _ => Err(Reason::OneDirection),
    }
}

/// Connected time of a visit (rules 1 and 2), for other figures that need it. None without any estimate window.
pub(crate) fn connected(windows: &[RateWindow], admitted: Timestamp, ended: Timestamp) -> Option<Spans> {
    let said = |connected: bool| {
        let stretches = windows
            .iter()
            .filter(move |window| window.source != Source::Probe && window.connected == connected)
            .map(|window| (window.from, window.to));
        Spans::within(admitted, ended, stretches)
    };
    let (yes, no) = (said(true), said(false));
    (yes.length() + no.length() > 0).then(|| yes.without(&no))
}

struct Visit<'a> {
    windows: &'a [RateWindow],
    admitted: Timestamp,
    ended: Timestamp,
    connected: Spans,
}

impl<'a> Visit<'a> {
    fn new(windows: &'a [RateWindow], admitted: Timestamp, ended: Timestamp) -> Option<Self> {
        let connected = connected(windows, admitted, ended)?;
        Some(Self { windows, admitted, ended, connected })
    }

    /// Rules 4 and 5.
    fn rate(&self, direction: Direction) -> Option<Rate> {
        let (source, readings) = self.series(direction)?;
        let starts = readings.iter().map(|(start, _)| *start).skip(1).chain([self.ended.0]);
        let mut held: Vec<weighted::Held> = Vec::with_capacity(readings.len() + 1);
        let mut from = self.admitted.0;
        for ((_, bps), next) in readings.iter().zip(starts) {
            held.push((*bps, self.connected.overlap(from, next)));
            from = from.max(next);
        }
        let whole = self.ended.0.saturating_sub(self.admitted.0);
        held.push((0.0, whole.saturating_sub(self.connected.length())));
        let bps = weighted::median(held)?;
        Some(Rate { mbps: bps / 1_000_000.0, source, windows: readings.len() })
    }

    /// Rule 4: the one source of this direction and its readings, in order of their start.
    fn series(&self, direction: Direction) -> Option<(Source, Vec<(i64, f64)>)> {
        let estimates =
            [Source::ServerEstimate, Source::BrowserEstimate].map(|s| (s, self.cover(s, direction)));
        let enough = estimates
            .iter()
            .find(|(_, cover)| *cover > 0 && cover.saturating_mul(2) >= self.connected.length());
        let probe = (Source::Probe, self.readings(Source::Probe, direction));
        match enough {
            Some((source, _)) => Some((*source, self.readings(*source, direction))),
            None if !probe.1.is_empty() => Some(probe),
            None => {
                // The first of equals: the server's estimate.
                let (source, cover) = estimates.into_iter().rev().max_by_key(|(_, cover)| *cover)?;
                (cover > 0).then(|| (source, self.readings(source, direction)))
            }
        }
    }

    /// How much of the connected time the readings' windows of a source cover.
    fn cover(&self, source: Source, direction: Direction) -> i64 {
        let stretches = self.usable(source, direction).map(|(window, _)| (window.from, window.to));
        Spans::within(self.admitted, self.ended, stretches).common(&self.connected)
    }

    /// Rule 3: starts and rates, bit/s.
    fn readings(&self, source: Source, direction: Direction) -> Vec<(i64, f64)> {
        let mut readings: Vec<(i64, f64)> =
            self.usable(source, direction).map(|(window, bps)| (window.from.0, bps)).collect();
        readings.sort_by_key(|(start, _)| *start);
        let before = readings.partition_point(|(start, _)| *start <= self.admitted.0);
        readings.drain(..before.saturating_sub(1));
        readings
    }

    fn usable(
        &self,
        source: Source,
        direction: Direction,
    ) -> impl Iterator<Item = (&'a RateWindow, f64)> + '_ {
        let is_probe = source == Source::Probe;
        self.windows.iter().filter_map(move |window| {
            let inside = window.from < window.to
                && window.from < self.ended
                && (is_probe || (window.connected && window.to > self.admitted));
            let rate = match direction {
                Direction::Up => window.available_up_bps,
                Direction::Down => window.available_down_bps,
            };
            let counts = inside && window.source == source && !window.application_limited;
            rate.filter(|bps| counts && bps.is_finite() && *bps >= 0.0).map(|bps| (window, bps))
        })
    }
}

#[cfg(test)]
mod tests;
