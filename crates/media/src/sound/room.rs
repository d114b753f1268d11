//! Sound sessions in their room: in, out, and between the others.

use std::time::{Duration, Instant};

use super::{SoundFrame, SoundInput, SoundSession};
use crate::audience::is_among;
use crate::core::Output;
use crate::forward::Arrival;
use crate::id::{ParticipantId, SessionId};
use crate::link::Change;
use crate::room::{Room, Turn};
use crate::signal::{CallState, EndReason, MediaEvent, ServerSignal, Source};
use crate::sound::loudest::Voice;

/// A WebRTC session of which nothing came for this long does not carry a voice now, though its link is not given up:
/// with sound or pictures in either direction something comes several times a second.
const UNHEARD: Duration = Duration::from_secs(1);

impl Room {
    /// Lets a participant in with sound alone. Answers whether it was let in.
    pub(crate) fn join_sound(
        &mut self,
        turn: &mut Turn<'_>,
        session: SessionId,
        who: &ParticipantId,
    ) -> bool {
        if !self.has_place_for(turn, session, who) {
            return false;
        }
        if let Some(index) = self.sounds.iter().position(|sound| sound.participant == *who) {
            self.end_sound(turn, index, CallState::Replaced);
        }
        let mut sound = SoundSession::new(turn.now, turn.setup.window, session, who.clone());
        sound.speaks = !self.is_heard_by_rtc(turn.now, who);
        self.cut_rtc_window(turn, who);
        self.sounds.push(sound);
        // It is up from its first moment: no window of it begins without it.
        self.look_after_sound(turn, self.sounds.len() - 1);
        self.route(turn);
        true
    }

    /// What came from the socket of a sound session.
    pub(crate) fn hear(&mut self, turn: &mut Turn<'_>, index: usize, input: SoundInput) {
        match input {
            SoundInput::Frame(frame) => {
                self.sounds[index].link.heard(turn.now);
                self.hear_frame(turn, index, frame);
            }
            SoundInput::Heard { rtt } => {
                let sound = &mut self.sounds[index];
                sound.link.heard(turn.now);
                sound.meter.rtt(rtt.as_secs_f64() * 1e3);
            }
            SoundInput::Flooded => self.leave_sound(turn, index, EndReason::Flooding),
        }
    }

    pub(crate) fn sound_position(&self, session: SessionId) -> Option<usize> {
        self.sounds.iter().position(|sound| sound.session == session)
    }

    pub(crate) fn leave_sound(&mut self, turn: &mut Turn<'_>, index: usize, reason: EndReason) {
        self.end_sound(turn, index, CallState::Disconnected { code: reason, message: reason.message() });
        self.route(turn);
    }

    /// Windows and links of all sound sessions.
    pub(crate) fn look_after_sounds(&mut self, turn: &mut Turn<'_>) {
        let mut index = 0;
        while index < self.sounds.len() {
            match self.look_after_sound(turn, index) {
                Some(reason) => self.leave_sound(turn, index, reason),
                None => index += 1,
            }
        }
    }

    /// A packet of a microphone goes to those who hear by sound.
    pub(crate) fn tell_listeners(&mut self, turn: &mut Turn<'_>, who: &ParticipantId, arrival: &Arrival) {
        if self.sounds.is_empty() || arrival.source != Source::Microphone {
            return;
        }
        let now = turn.now;
        let level = arrival.extensions.audio_level.map(f64::from);
        let at = self.voices.iter().position(|voice| voice.participant == *who).unwrap_or_else(|| {
            self.voices.push(Voice::new(now, who.clone()));
            self.voices.len() - 1
        });
        self.voices[at].hear(now, level);
        let mut first = Vec::new();
        let audience = self.audiences.of(who, arrival);
        for sound in self.sounds.iter_mut().filter(|sound| sound.participant != *who) {
            let may_hear = is_among(audience, &sound.participant);
            if !may_hear || !sound.floor.admits(now, &self.voices[at], &self.voices) {
                sound.speakers.hold_back(who);
                continue;
            }
            if sound.speakers.introduce(who) {
                turn.signal(sound.session, ServerSignal::Speakers { speakers: sound.speakers.told() });
            }
            let Some(frame) = sound.speakers.frame(now, who, arrival) else { continue };
            sound.meter.packet_down(frame.opus.len());
            turn.counters.forwarded += 1;
            turn.outputs.push_back(Output::Event(sound.session, MediaEvent::Sound(frame.to_bytes())));
            if !sound.reached_by.contains(&arrival.origin.0) {
                sound.reached_by.push(arrival.origin.0);
                first.push(sound.session);
            }
        }
        for listener in first {
            self.tell_two_way(turn, arrival.origin.0, listener);
        }
    }

    /// The microphone of a WebRTC session is heard: if the participant's voice came by sound meanwhile, it comes from
    /// there again.
    pub(crate) fn prefer_rtc(&mut self, turn: &mut Turn<'_>, index: usize, arrival: &Arrival) {
        let peer = &self.peers[index];
        let of_microphone = arrival.source == Source::Microphone && peer.link.is_up();
        let same = |sound: &&mut SoundSession| sound.speaks && sound.participant == peer.participant;
        if of_microphone && let Some(sound) = self.sounds.iter_mut().find(same) {
            sound.speaks = false;
            self.route(turn);
        }
    }

    /// Whether the participant's media flows by sound now: time without WebRTC is no outage then.
    pub(crate) fn is_carried_by_sound(&self, who: &ParticipantId) -> bool {
        self.sounds.iter().any(|sound| sound.participant == *who && sound.link.is_up())
    }

    /// What of lines and numbers is about people who are gone is given up.
    pub(crate) fn forget_voices(&mut self) {
        let here = |who: &ParticipantId| {
            self.peers.iter().any(|peer| peer.participant == *who)
                || self.sounds.iter().any(|sound| sound.participant == *who)
        };
        let (kept, gone): (Vec<Voice>, Vec<Voice>) =
            std::mem::take(&mut self.voices).into_iter().partition(|voice| here(&voice.participant));
        self.voices = kept;
        for voice in gone {
            for sound in &mut self.sounds {
                sound.floor.forget(&voice.participant);
                sound.speakers.forget(&voice.participant);
            }
        }
    }

    fn hear_frame(&mut self, turn: &mut Turn<'_>, index: usize, frame: SoundFrame) {
        let sound = &mut self.sounds[index];
        let Some(arrival) = sound.arrive(turn.now, frame) else {
            turn.counters.sound_out_of_order += 1;
            return;
        };
        let who = sound.participant.clone();
        let speaks = !self.is_heard_by_rtc(turn.now, &who);
        if speaks != self.sounds[index].speaks {
            self.sounds[index].speaks = speaks;
            self.route(turn);
        }
        // Else the same voice would be heard twice.
        if speaks {
            self.pass_on(turn, &who, &arrival);
        }
    }

    /// Whether what the participant says comes by WebRTC now.
    fn is_heard_by_rtc(&self, now: Instant, who: &ParticipantId) -> bool {
        self.peers.iter().any(|peer| {
            peer.participant == *who
                && peer.link.is_up()
                && peer.link.silence(now) < UNHEARD
                && peer.inbound.iter().any(|track| track.source == Source::Microphone)
        })
    }

    fn look_after_sound(&mut self, turn: &mut Turn<'_>, index: usize) -> Option<EndReason> {
        let sound = &mut self.sounds[index];
        let session = sound.session;
        let mut windows = [None, None];
        if turn.now >= sound.meter.deadline() {
            let up = sound.link.is_up();
            windows[0] = sound.meter.cut(sound.meter.deadline(), up, turn.clock);
        }
        let change = sound.link.poll(turn.now);
        let state = match change {
            Some(Change::Up(at)) => {
                windows[1] = sound.meter.cut(at, true, turn.clock);
                Some(CallState::Connected)
            }
            Some(Change::Down(since)) => {
                windows[1] = sound.meter.cut(since, false, turn.clock);
                let code = EndReason::Silent;
                Some(CallState::Disconnected { code, message: code.message() })
            }
            Some(Change::Over) => return Some(EndReason::TimedOut),
            None => None,
        };
        for window in windows.into_iter().flatten() {
            turn.outputs.push_back(Output::Event(session, MediaEvent::Window(window)));
        }
        if let Some(state) = state {
            turn.signal(session, ServerSignal::State(state));
        }
        None
    }

    pub(crate) fn end_sound(&mut self, turn: &mut Turn<'_>, index: usize, state: CallState) {
        let who = self.sounds[index].participant.clone();
        // Up to now the sound carried the call; from now on only WebRTC does, or nothing.
        self.cut_rtc_window(turn, &who);
        let mut sound = self.sounds.remove(index);
        let up = sound.link.is_up();
        if let Some(window) = sound.meter.cut(turn.now, up, turn.clock) {
            turn.outputs.push_back(Output::Event(sound.session, MediaEvent::Window(window)));
        }
        turn.signal(sound.session, ServerSignal::State(state));
        turn.outputs.push_back(Output::Ended(sound.session));
    }

    /// The window of the participant's WebRTC session ends here, because what comes after is another case.
    fn cut_rtc_window(&mut self, turn: &mut Turn<'_>, who: &ParticipantId) {
        let carried = self.is_carried_by_sound(who);
        let Some(peer) = self.peers.iter_mut().find(|peer| peer.participant == *who) else { return };
        let up = peer.link.is_up();
        let window = peer.meter.cut(turn.now, up, turn.clock);
        if let Some(window) = window.filter(|window| window.connected || !carried) {
            turn.outputs.push_back(Output::Event(peer.session, MediaEvent::Window(window)));
        }
    }
}
