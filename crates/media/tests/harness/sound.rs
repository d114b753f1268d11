//! A client on a sound session: what a browser without WebRTC or a device of a health post would do.

use std::time::{Duration, Instant};

use bianque_media::{
    CallState, Command, JoinSound, MediaEvent, ServerSignal, SessionId, SoundFrame, SoundInput, Speaker,
    SpokenFrame, StatsWindow,
};

use super::Stage;

const FRAME_EVERY: Duration = Duration::from_millis(20);
const PONG_EVERY: Duration = Duration::from_secs(1);
pub const RTT: Duration = Duration::from_millis(80);

pub struct SoundClient {
    pub who: String,
    pub session: SessionId,
    /// How loud it speaks, -dBov; `None` sends nothing, as in silence.
    pub level: Option<u8>,
    /// Frames and answers to pings stop: the network is gone.
    pub gone: bool,
    pub ended: bool,
    pub sequence: u16,
    pub heard: Vec<SpokenFrame>,
    pub speakers: Vec<Speaker>,
    pub states: Vec<CallState>,
    pub restart_within_s: Option<u64>,
    pub windows: Vec<StatsWindow>,
    pub two_way: Vec<String>,
    timestamp: u32,
    next: Instant,
    next_pong: Instant,
}

impl SoundClient {
    /// What it says: its name is in every frame.
    pub fn words(&self) -> Vec<u8> {
        [&[0b0100_1000], self.who.as_bytes()].concat()
    }

    pub fn heard_of(&self, who: &str) -> usize {
        let number = self.speakers.iter().find(|s| s.participant.as_str() == who).map(|s| s.number);
        self.heard.iter().filter(|frame| Some(frame.speaker) == number).count()
    }

    pub fn take(&mut self, event: MediaEvent) {
        match event {
            MediaEvent::Sound(message) => {
                let frame = SpokenFrame::parse(&message).unwrap();
                assert!(self.speakers.iter().any(|s| s.number == frame.speaker), "told before it is heard");
                self.heard.push(frame);
            }
            MediaEvent::Window(window) => self.windows.push(window),
            MediaEvent::TwoWay { with, .. } => self.two_way.push(with.to_string()),
            MediaEvent::Signal(ServerSignal::State(state)) => self.states.push(state),
            MediaEvent::Signal(ServerSignal::Speakers { speakers }) => self.speakers = speakers,
            MediaEvent::Signal(ServerSignal::Restart { within_s }) => self.restart_within_s = Some(within_s),
            MediaEvent::Signal(other) => panic!("not for sound: {other:?}"),
        }
    }
}

impl Stage {
    /// Somebody joins with sound alone and speaks; the answer is their index.
    pub fn join_sound(&mut self, who: &str) -> usize {
        self.sessions += 1;
        let session = SessionId(self.sessions);
        self.sounds.push(SoundClient {
            who: who.to_owned(),
            session,
            level: Some(30),
            gone: false,
            ended: false,
            sequence: 65_500,
            heard: Vec::new(),
            speakers: Vec::new(),
            states: Vec::new(),
            restart_within_s: None,
            windows: Vec::new(),
            two_way: Vec::new(),
            timestamp: 77,
            next: self.now,
            next_pong: self.now,
        });
        let join = JoinSound { room: "room".into(), participant: who.into() };
        self.core.handle_join_sound(self.now, session, &join);
        self.drain();
        self.sounds.len() - 1
    }

    pub fn leave_sound(&mut self, index: usize) {
        let session = self.sounds[index].session;
        self.command(Command::Leave { session });
    }

    /// Whatever comes from the socket of a sound session.
    pub fn sound(&mut self, index: usize, input: SoundInput) {
        self.core.handle_sound(self.now, self.sounds[index].session, input);
    }

    pub(super) fn next_word(&self) -> Option<Instant> {
        let there = self.sounds.iter().filter(|sound| !sound.gone && !sound.ended);
        there.flat_map(|sound| [sound.next, sound.next_pong]).min()
    }

    pub(super) fn speak(&mut self) {
        for index in 0..self.sounds.len() {
            let sound = &mut self.sounds[index];
            if sound.gone || sound.ended {
                continue;
            }
            if sound.next_pong <= self.now {
                sound.next_pong = self.now + PONG_EVERY;
                self.sound(index, SoundInput::Heard { rtt: RTT });
            }
            let sound = &mut self.sounds[index];
            if sound.next > self.now {
                continue;
            }
            sound.next += FRAME_EVERY;
            sound.timestamp = sound.timestamp.wrapping_add(960);
            if let Some(level) = sound.level {
                sound.sequence = sound.sequence.wrapping_add(1);
                let opus = sound.words().into();
                let (sequence, timestamp) = (sound.sequence, sound.timestamp);
                self.sound(index, SoundInput::Frame(SoundFrame { level, sequence, timestamp, opus }));
            }
        }
    }
}
