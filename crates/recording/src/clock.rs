//! When a frame belongs, on the clock of the recording.
//!
//! A track's own timestamps tell the time between its frames to the sample; when a packet came tells where the whole
//! belongs, late by whatever the network took. The packet that took least is believed. Where a sender has told by its
//! own clock when both of its tracks were recorded (RFC 3550, section 6.4.1), both are placed by that clock, so that
//! lips and voice stay together though pictures take longer than sound.

/// How fast the least delay is forgotten, µs per second: clocks drift by less than 100 µs.
const RISE_US_PER_S: i64 = 200;

/// The least of a delay that is looked for over time.
#[derive(Debug, Default)]
struct Least {
    offset_us: Option<i64>,
    at_us: i64,
}

impl Least {
    fn hear(&mut self, at_us: i64, offset_us: i64) -> i64 {
        let risen = self.offset_us.map(|before| {
            let passed = (at_us - self.at_us).max(0);
            before + passed * RISE_US_PER_S / 1_000_000
        });
        let least = risen.map_or(offset_us, |risen| risen.min(offset_us));
        (self.offset_us, self.at_us) = (Some(least), at_us.max(self.at_us));
        least
    }
}

/// The clock of one sender, shared by all of its tracks.
#[derive(Debug, Default)]
pub struct SenderClock(Least);

/// When a sender recorded something, by its own clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Report {
    /// The timestamp of a track.
    pub timestamp: u32,
    /// The time of the sender at it, µs.
    pub sender_us: i64,
}

/// The clock of a track.
#[derive(Debug)]
pub(crate) struct TrackClock {
    rate_hz: i64,
    last: Option<(u32, i64)>,
    arrival: Least,
}

impl TrackClock {
    pub(crate) fn new(rate_hz: u32) -> Self {
        Self { rate_hz: rate_hz.into(), last: None, arrival: Least::default() }
    }

    /// Learns from a packet as it comes.
    pub(crate) fn hear(
        &mut self,
        at_us: u64,
        timestamp: u32,
        report: Option<Report>,
        sender: &mut SenderClock,
    ) {
        let at_us = i64::try_from(at_us).unwrap_or(i64::MAX);
        let media_us = self.media_us(timestamp);
        self.arrival.hear(at_us, at_us - media_us);
        if let Some(report) = report {
            sender.0.hear(at_us, at_us - self.sender_us(timestamp, report));
        }
    }

    /// When a frame belongs, µs. Its packets were heard before.
    pub(crate) fn place(&mut self, timestamp: u32, report: Option<Report>, sender: &SenderClock) -> u64 {
        let by_sender =
            report.and_then(|report| Some(self.sender_us(timestamp, report) + sender.0.offset_us?));
        let placed = by_sender
            .unwrap_or_else(|| self.media_us(timestamp) + self.arrival.offset_us.unwrap_or_default());
        u64::try_from(placed).unwrap_or_default()
    }

    /// Time since the track began, however often its timestamps went round.
    fn media_us(&mut self, timestamp: u32) -> i64 {
        let (last, total) = self.last.unwrap_or((timestamp, 0));
        let total = total + i64::from(timestamp.wrapping_sub(last).cast_signed());
        self.last = Some((timestamp, total));
        total * 1_000_000 / self.rate_hz
    }

    fn sender_us(&self, timestamp: u32, report: Report) -> i64 {
        let since = i64::from(timestamp.wrapping_sub(report.timestamp).cast_signed());
        report.sender_us + since * 1_000_000 / self.rate_hz
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_packet_that_took_least_places_all_of_them() {
        let (mut clock, mut sender) = (TrackClock::new(48_000), SenderClock::default());
        let mut placed = Vec::new();
        // 20 ms apart; the network took 90, 30, 70 and 30 ms, and the timestamps go round.
        for (number, delay_us) in [90_000, 30_000, 70_000, 30_000].into_iter().enumerate() {
            let timestamp = (u32::MAX - 1_000).wrapping_add(960 * u32::try_from(number).unwrap());
            clock.hear(number as u64 * 20_000 + delay_us, timestamp, None, &mut sender);
            placed.push(clock.place(timestamp, None, &sender) / 1_000);
        }
        assert_eq!(placed[1..], [50, 70, 90]);
    }

    #[test]
    fn lips_and_voice_stay_together_though_pictures_take_longer() {
        let (mut sound, mut picture) = (TrackClock::new(48_000), TrackClock::new(90_000));
        let mut sender = SenderClock::default();
        let said = |timestamp| Some(Report { timestamp, sender_us: 5_000_000 });
        // Recorded at once; the voice takes 20 ms, the picture 140.
        sound.hear(20_000, 1_000, said(1_000), &mut sender);
        picture.hear(140_000, 70_000, said(70_000), &mut sender);
        assert_eq!(sound.place(1_000, said(1_000), &sender) / 1_000, 20);
        assert_eq!(picture.place(70_000, said(70_000), &sender) / 1_000, 20);
        // A second later, by their timestamps.
        assert_eq!(sound.place(49_000, said(1_000), &sender) / 1_000, 1_020);
        assert_eq!(picture.place(160_000, said(70_000), &sender) / 1_000, 1_020);
    }

    #[test]
    fn a_clock_that_runs_slow_is_followed() {
        let (mut clock, mut sender) = (TrackClock::new(48_000), SenderClock::default());
        // 100 ppm slow: after 1,000 s its timestamps are 100 ms behind.
        for second in 0..=1_000u64 {
            let timestamp = u32::try_from(second * 480_000_000 / 10_001 / 1_000 * 1_000).unwrap_or_default();
            clock.hear(second * 1_000_000, timestamp, None, &mut sender);
        }
        let last = u32::try_from(1_000u64 * 480_000_000 / 10_001 / 1_000 * 1_000).unwrap_or_default();
        let off = clock.place(last, None, &sender).abs_diff(1_000_000_000);
        assert!(off < 40_000, "{off} us");
    }
}
