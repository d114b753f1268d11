//! D, the delay of the service, and the delay of the network.
//!
//! D = from the later of arrival and appointed time to two-way media, in seconds, at least 1. A patient who comes early
//! waits from the appointed time on, one who comes late from arrival on. Store-and-forward: from request to answer.

use bianque_model::Timestamp;

use crate::Reason;

/// The least D, in seconds: a call that starts at once must not make R infinite.
pub const LEAST_SECONDS: f64 = 1.0;

/// One-way delay of Opus with 20 ms frames: one frame, and 6.5 ms of look-ahead (RFC 6716, section 2).
pub const CODEC_MS: f64 = 26.5;

/// The moments that D is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DelayInput {
    /// A visit by call.
    Call {
        /// When the patient came into the waiting room.
        arrived: Option<Timestamp>,
        /// The appointed time; none for a walk-in.
        appointed: Option<Timestamp>,
        /// When media first flowed both ways.
        two_way_media: Option<Timestamp>,
    },
    /// A request that is answered later, without a call.
    StoreAndForward {
        /// When it was asked.
        requested: Timestamp,
        /// When it was answered.
        answered: Option<Timestamp>,
    },
}

/// D in seconds, at least [`LEAST_SECONDS`].
pub fn service_delay(input: &DelayInput) -> Result<f64, Reason> {
    let (from, to) = match *input {
        DelayInput::Call { arrived, appointed, two_way_media } => {
            // `None` sorts before every moment, so the maximum is the later of those that are known.
            let from = arrived.max(appointed).ok_or(Reason::NoArrival)?;
            (from, two_way_media.ok_or(Reason::NoMedia)?)
        }
        DelayInput::StoreAndForward { requested, answered } => (requested, answered.ok_or(Reason::NoAnswer)?),
    };
    Ok(to.seconds_since(from).max(LEAST_SECONDS))
}

/// The delay between one participant and the server.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Leg {
    /// Round trip, ms.
    pub rtt_ms: f64,
    /// Mean delay of the participant's audio jitter buffer, ms.
    pub jitter_buffer_ms: f64,
}

impl Leg {
    /// RTT/2 + jitter buffer, ms.
    pub fn one_way_ms(self) -> f64 {
        self.rtt_ms / 2.0 + self.jitter_buffer_ms
    }
}

/// D_network in seconds: both legs' RTT/2 and jitter buffers, and the codec.
pub fn network_delay(patient: Option<Leg>, clinician: Option<Leg>, codec_ms: f64) -> Result<f64, Reason> {
    let (Some(patient), Some(clinician)) = (patient, clinician) else { return Err(Reason::NoNetworkDelay) };
    let seconds = (patient.one_way_ms() + clinician.one_way_ms() + codec_ms) / 1000.0;
    if seconds.is_finite() && seconds > 0.0 { Ok(seconds) } else { Err(Reason::NoNetworkDelay) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEN: Timestamp = Timestamp(36_000_000_000);

    fn call(arrived: Option<i64>, appointed: Option<i64>, media: Option<i64>) -> Result<f64, Reason> {
        let at = |seconds: Option<i64>| seconds.map(|seconds| TEN.plus_seconds(seconds));
        service_delay(&DelayInput::Call {
            arrived: at(arrived),
            appointed: at(appointed),
            two_way_media: at(media),
        })
    }

    #[test]
    fn the_wait_starts_at_the_later_of_arrival_and_appointed_time() {
        assert_eq!(call(Some(-300), Some(0), Some(90)), Ok(90.0), "early patient");
        assert_eq!(call(Some(60), Some(0), Some(90)), Ok(30.0), "late patient");
        assert_eq!(call(Some(60), None, Some(90)), Ok(30.0), "walk-in");
        assert_eq!(call(Some(-300), Some(0), Some(-10)), Ok(1.0), "before the appointed time");
        assert_eq!(call(Some(0), None, Some(0)), Ok(1.0));
    }

    #[test]
    fn missing_moments_are_reasons() {
        assert_eq!(call(None, None, Some(90)), Err(Reason::NoArrival));
        assert_eq!(call(Some(0), None, None), Err(Reason::NoMedia));
        let asked = DelayInput::StoreAndForward { requested: TEN, answered: None };
        assert_eq!(service_delay(&asked), Err(Reason::NoAnswer));
        let answered = DelayInput::StoreAndForward { requested: TEN, answered: Some(TEN.plus_seconds(7200)) };
        assert_eq!(service_delay(&answered), Ok(7200.0));
    }

    #[test]
    fn the_network_delay_has_both_legs_and_the_codec() {
        let near = Leg { rtt_ms: 40.0, jitter_buffer_ms: 60.0 };
        let far = Leg { rtt_ms: 120.0, jitter_buffer_ms: 80.0 };
        // 20 + 60 + 60 + 80 + 26.5 ms
        assert_eq!(network_delay(Some(near), Some(far), CODEC_MS), Ok(0.2465));
        assert_eq!(network_delay(Some(near), None, CODEC_MS), Err(Reason::NoNetworkDelay));
    }
}
