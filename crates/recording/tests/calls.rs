//! A call that is recorded: what comes out is what was sent, when it was sent.
#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use std::io::Read;

use bianque_recording::{Codec, Frame, LogError, Packet, Report, SenderClock, TrackLog, TrackRecorder, mux};

const FLASH_EVERY_MS: u64 = 1_000;

/// A sender who says and shows the same at once, behind a network of its own for each track.
struct Sender {
    sound: TrackRecorder,
    picture: TrackRecorder,
    clock: SenderClock,
    sound_log: Vec<u8>,
    picture_log: Vec<u8>,
    /// By its own clock the recording began here, µs.
    began_us: i64,
    reports: bool,
}

impl Sender {
    fn new(reports: bool) -> Self {
        Self {
            sound: TrackRecorder::new(Codec::Opus, "Ana, microphone".into()),
            picture: TrackRecorder::new(Codec::Vp8, "Ana, camera".into()),
            clock: SenderClock::default(),
            sound_log: Vec::new(),
            picture_log: Vec::new(),
            began_us: 77_000_000,
            reports,
        }
    }

    /// What was recorded at `ms` comes `late_ms` later.
    fn hear(&mut self, ms: u64, late_ms: u64, loud: bool) {
        let payload = if loud { [0xf8, 1, 1] } else { [0xf8, 0, 0] };
        let packet = self.packet(ms / 20, ms, late_ms, 48, (1_000, &payload));
        self.sound.push(packet, &mut self.clock);
        self.sound_log.extend(self.sound.take());
    }

    fn see(&mut self, ms: u64, late_ms: u64, bright: bool) {
        let key = [0x10, 0, 0, 0x9d, 0x01, 0x2a, 0x80, 0x02, 0xe0, 0x01, u8::from(bright)];
        let delta = [0x11, 0, 0, u8::from(bright)];
        let picture: &[u8] = if ms.is_multiple_of(5_000) { &key } else { &delta };
        // In two packets, each behind a descriptor.
        let (first, second) = picture.split_at(2);
        for (half, part) in [(0, [&[0x10], first].concat()), (1, [&[0x00], second].concat())] {
            let mut packet = self.packet(ms / 40 * 2 + half, ms, late_ms, 90, (70_000, &part));
            packet.marker = half == 1;
            self.picture.push(packet, &mut self.clock);
        }
        self.picture_log.extend(self.picture.take());
    }

    fn packet(&self, number: u64, ms: u64, late_ms: u64, khz: u64, (first, payload): (u32, &[u8])) -> Packet {
        let timestamp = |ms: u64| first.wrapping_add(u32::try_from(ms * khz).unwrap());
        let reported = ms / 5_000 * 5_000;
        Packet {
            sequence: 100 + number,
            timestamp: timestamp(ms),
            at_us: (ms + late_ms) * 1_000,
            marker: false,
            payload: payload.into(),
            report: self.reports.then(|| Report {
                timestamp: timestamp(reported),
                sender_us: self.began_us + i64::try_from(reported).unwrap() * 1_000,
            }),
        }
    }

    fn finish(mut self) -> (Vec<u8>, Vec<u8>) {
        self.sound_log.extend(self.sound.finish(&self.clock));
        self.picture_log.extend(self.picture.finish(&self.clock));
        (self.sound_log, self.picture_log)
    }
}

/// Twelve seconds with a flash and a beep once a second. Pictures take `slower_ms` longer than sound, and both jitter.
fn call(reports: bool, slower_ms: u64) -> (Vec<u8>, Vec<u8>) {
    let mut sender = Sender::new(reports);
    for ms in (0..12_000).step_by(20) {
        let (now, jitter) = (ms % FLASH_EVERY_MS < 40, ms * 7_919 % 30);
        sender.hear(ms, 20 + jitter, now);
        if ms.is_multiple_of(40) {
            sender.see(ms, 20 + slower_ms + jitter, now);
        }
    }
    sender.finish()
}

fn frames(log: &[u8]) -> Vec<Frame> {
    let mut log = TrackLog::open(log).unwrap();
    std::iter::from_fn(|| log.frame().unwrap()).collect()
}

/// When it begins to be bright or loud.
fn onsets(frames: &[Frame]) -> Vec<u64> {
    let mut all = Vec::new();
    let mut before = false;
    for frame in frames {
        let on = frame.data.last() == Some(&1);
        if on && !before {
            all.push(frame.at);
        }
        before = on;
    }
    all
}

#[test]
fn flash_and_beep_stay_within_80_ms() {
    for (reports, slower_ms) in [(true, 0), (true, 300), (false, 0), (false, 60)] {
        let (sound, picture) = call(reports, slower_ms);
        let (beeps, flashes) = (onsets(&frames(&sound)), onsets(&frames(&picture)));
        assert_eq!((beeps.len(), flashes.len()), (12, 12));
        for (number, (beep, flash)) in beeps.iter().zip(&flashes).enumerate() {
            let apart = beep.abs_diff(*flash);
            assert!(apart < 80, "{apart} ms at {number}, reports {reports}, {slower_ms} ms slower");
            assert!(beep.abs_diff(number as u64 * FLASH_EVERY_MS) < 80, "{beep} on the recording's clock");
        }
    }
}

#[test]
fn a_log_that_was_cut_off_anywhere_is_read_up_to_there() {
    let (_, picture) = call(true, 0);
    let all = frames(&picture);
    assert_eq!(all.len(), 300);
    assert_eq!(all.iter().filter(|frame| frame.key).count(), 3);
    let mut most = 0;
    for length in (0..picture.len()).step_by(61) {
        let Ok(mut log) = TrackLog::open(&picture[..length]) else { continue };
        let read: Vec<Frame> = std::iter::from_fn(|| log.frame().unwrap()).collect();
        assert_eq!(read, all[..read.len()]);
        assert!(read.len() >= most, "more bytes are not fewer frames");
        most = read.len();
    }
    // A cluster is two seconds: no more than that is missing at the end.
    assert!(all.last().unwrap().at - all[most - 1].at <= 4_000);
}

#[test]
fn what_is_lost_is_missing_until_a_key_frame_and_nothing_else() {
    let mut sender = Sender::new(true);
    let mut asked = 0;
    for ms in (0..12_000).step_by(40) {
        if ms == 6_000 {
            continue;
        }
        sender.see(ms, 20, false);
        asked += u32::from(sender.picture.wants_key_frame(ms * 1_000));
    }
    assert_eq!(sender.picture.gaps(), 1);
    let seen: Vec<u64> = frames(&sender.finish().1).iter().map(|frame| frame.at / 10 * 10).collect();
    assert!(seen.iter().all(|at| *at < 6_020 || *at > 9_980), "{seen:?}");
    assert_eq!(seen.len(), 150 + 50);
    assert!(asked >= 5, "a key frame is asked for until it comes: {asked}");
}

#[test]
fn a_hole_in_the_sound_is_silence_and_what_follows_is_where_it_belongs() {
    let mut sender = Sender::new(true);
    for ms in (2_000..4_000).chain(9_000..10_000).step_by(20) {
        sender.hear(ms, 20, false);
    }
    let sound = frames(&sender.finish().0);
    for pair in sound.windows(2) {
        let apart = pair[1].at - pair[0].at;
        assert!((10..=60).contains(&apart), "{} ms behind {}", apart, pair[0].at);
    }
    assert_eq!(sound[0].at, 0, "it begins with the recording");
    assert!(sound.last().unwrap().at.abs_diff(10_000) < 40);
}

#[test]
fn somebody_who_comes_back_goes_on_in_the_same_log() {
    let mut sender = Sender::new(false);
    for ms in (0..4_000).step_by(40) {
        sender.see(ms, 20, false);
    }
    sender.picture.restart(&sender.clock);
    sender.clock = SenderClock::default();
    for ms in (5_000..8_000).step_by(40) {
        // Another session counts from elsewhere.
        sender.see(ms, 20, true);
    }
    let seen = frames(&sender.finish().1);
    let back = seen.iter().find(|frame| frame.data.last() == Some(&1)).unwrap();
    assert!(back.key && back.at.abs_diff(5_000) < 80, "{back:?}");
    assert_eq!(seen.len(), 100 + 75);
}

#[test]
fn two_people_become_one_file_with_a_length_and_an_index() {
    let (sound, picture) = call(true, 0);
    let (other_sound, other_picture) = call(false, 20);
    let logs = || {
        [&sound, &picture, &other_sound, &other_picture]
            .into_iter()
            .map(|log| TrackLog::open(&log[..]))
            .collect::<Result<Vec<_>, LogError>>()
    };
    let mut file = Vec::new();
    let made = mux(logs, |bytes| {
        file.extend_from_slice(bytes);
        Ok(())
    })
    .unwrap();
    assert_eq!(made.size, file.len() as u64);
    assert!(made.length.abs_diff(12_000) < 100, "{}", made.length);
    // Each track comes out of it again as it went in.
    for (number, log) in [&sound, &picture, &other_sound, &other_picture].into_iter().enumerate() {
        let number = u8::try_from(number).unwrap() + 1;
        let mut woven = TrackLog::open_track(&file[..], number).unwrap();
        let again: Vec<Frame> = std::iter::from_fn(|| woven.frame().unwrap()).collect();
        assert_eq!(again, frames(log), "track {number}");
    }
    assert!(TrackLog::open_track(&file[..], 5).is_err());
    // Every place that the index names holds a cluster.
    let segment = file.windows(4).position(|w| w == [0x18, 0x53, 0x80, 0x67]).unwrap() + 12;
    let cluster = [0x1f, 0x43, 0xb6, 0x75];
    let positions: Vec<usize> = file
        .windows(2)
        .enumerate()
        .filter(|(at, window)| *window == [0xf1, 0x88] && *at < 4_000)
        .map(|(at, _)| u64::from_be_bytes(file[at + 2..at + 10].try_into().unwrap()))
        .map(|position| segment + usize::try_from(position).unwrap())
        .collect();
    assert!(positions.len() >= 3);
    assert!(positions.iter().all(|at| file[*at..].starts_with(&cluster)));
    // The size that the segment states is what follows it.
    let stated = u64::from_be_bytes(file[segment - 8..segment].try_into().unwrap()) & 0x00ff_ffff_ffff_ffff;
    assert_eq!(stated, (file.len() - segment) as u64);
}

/// A file of which nothing can be had.
struct Broken;

impl Read for Broken {
    fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
        Err(std::io::Error::other("the disk"))
    }
}

#[test]
fn what_is_no_log_is_told_apart() {
    for bytes in [
        &b""[..],
        b"<svg onload=alert(1)>",
        &[0x1a, 0x45, 0xdf, 0xa3, 0x01, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xf0],
    ] {
        assert!(TrackLog::open(bytes).is_err());
    }
    assert!(matches!(TrackLog::open(Broken), Err(LogError::Io(_))));
}
