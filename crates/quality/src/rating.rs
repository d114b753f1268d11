//! The transmission rating of the E-model and MOS (ITU-T G.107, 06/2015), for what a person hears.
//!
//! `R = Ro - Is - Id - Ie,eff + A`. The recommendation calls it R; here it is always the *transmission rating*, because R
//! is the quality of a visit. With its default values Ro - Is is constant; delay (`Id`, section 7.4) and invented audio
//! (`Ie,eff`, section 7.5) are what a call changes.
//!
//! G.107 tabulates no values for Opus. The equipment impairment `ie` and the robustness `bpl` are configuration; the
//! defaults are ours: no impairment on the narrowband scale, and the robustness of a codec with concealment and without
//! forward error correction. `Ppl` is fed with the share of invented samples, not with raw packet loss, since a repaired
//! loss is not heard.

use serde::{Deserialize, Serialize};

/// The constants of the rating. Delays are in ms, levels in dB as G.107 has them.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RatingConstants {
    /// Basic signal-to-noise ratio Ro.
    pub ro: f64,
    /// Simultaneous impairment Is.
    pub is: f64,
    /// Circuit noise No, dBm0p.
    pub no: f64,
    /// Receive loudness rating RLR.
    pub rlr: f64,
    /// Talker echo loudness rating TELR.
    pub telr: f64,
    /// Weighted echo path loss WEPL.
    pub wepl: f64,
    /// Equipment impairment of the codec, Ie.
    pub ie: f64,
    /// Packet-loss robustness of the codec, Bpl.
    pub bpl: f64,
    /// Burst ratio BurstR; 1 for random loss.
    pub burst_ratio: f64,
    /// Advantage of access A.
    pub advantage: f64,
    /// One-way delay of the codec, ms.
    pub codec_ms: f64,
}

impl Default for RatingConstants {
    /// The default values of G.107, and ours for Opus.
    fn default() -> Self {
        Self {
            ro: 94.768_8,
            is: 1.413_6,
            no: -61.178_9,
            rlr: 2.0,
            telr: 65.0,
            wepl: 110.0,
            ie: 0.0,
            bpl: 10.0,
            burst_ratio: 1.0,
            advantage: 0.0,
            codec_ms: crate::delay::CODEC_MS,
        }
    }
}

/// A constant with which no rating can be computed.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
#[error("the rating constant {name} cannot be {value}: {must}")]
pub struct BadConstant {
    /// Its name in the configuration.
    pub name: &'static str,
    /// What it was given.
    pub value: f64,
    /// What it has to be.
    pub must: &'static str,
}

impl RatingConstants {
    /// Refuses constants with which the formulas of G.107 have no value or turn round: Opus without any robustness, a
    /// burst ratio that is not positive, an impairment beyond 95.
    pub fn checked(self) -> Result<Self, BadConstant> {
        let number = "it must be a number";
        let rules = [
            ("ro", self.ro, self.ro > 0.0, "it must be positive"),
            ("is", self.is, self.is.is_finite(), number),
            ("no", self.no, self.no.is_finite(), number),
            ("rlr", self.rlr, self.rlr.is_finite(), number),
            ("telr", self.telr, self.telr.is_finite(), number),
            ("wepl", self.wepl, self.wepl.is_finite(), number),
            ("ie", self.ie, (0.0..=95.0).contains(&self.ie), "it must lie between 0 and 95"),
            ("bpl", self.bpl, self.bpl > 0.0, "it must be positive"),
            ("burst_ratio", self.burst_ratio, self.burst_ratio > 0.0, "it must be positive"),
            (
                "advantage",
                self.advantage,
                (0.0..=20.0).contains(&self.advantage),
                "it must lie between 0 and 20",
            ),
            ("codec_ms", self.codec_ms, self.codec_ms >= 0.0, "it must not be negative"),
        ];
        match rules.into_iter().find(|(_, value, holds, _)| !(*holds && value.is_finite())) {
            Some((name, value, _, must)) => Err(BadConstant { name, value, must }),
            None => Ok(self),
        }
    }
}

/// The transmission rating, 0 to 100, for a one-way delay in ms and a share of invented audio from 0 to 1.
pub fn transmission_rating(one_way_ms: f64, concealment: f64, constants: &RatingConstants) -> f64 {
    let delay_ms = if one_way_ms.is_finite() { one_way_ms.max(0.0) } else { 0.0 };
    let rating = constants.ro
        - constants.is
        - delay_impairment(delay_ms, constants)
        - equipment_impairment(concealment, constants)
        + constants.advantage;
    rating.clamp(0.0, 100.0)
}

/// MOS from a transmission rating (G.107, annex B): 1 at 0, 4.5 at 100.
pub fn mos(rating: f64) -> f64 {
    match rating {
        r if r <= 0.0 => 1.0,
        r if r >= 100.0 => 4.5,
        // The cubic dips under 1 for ratings below 6.5; a worse call does not sound better.
        r => (1.0 + 0.035 * r + r * (r - 60.0) * (100.0 - r) * 7e-6).max(1.0),
    }
}

/// `Ie,eff = Ie + (95 - Ie) * Ppl / (Ppl / BurstR + Bpl)`, with Ppl in per cent.
pub fn equipment_impairment(concealment: f64, constants: &RatingConstants) -> f64 {
    let ppl = 100.0 * if concealment.is_finite() { concealment.clamp(0.0, 1.0) } else { 0.0 };
    if ppl == 0.0 {
        return constants.ie;
    }
    constants.ie + (95.0 - constants.ie) * ppl / (ppl / constants.burst_ratio + constants.bpl)
}

/// `Id = Idte + Idle + Idd`, for a one-way delay T = Ta in ms and a round trip Tr = 2T.
pub fn delay_impairment(one_way_ms: f64, constants: &RatingConstants) -> f64 {
    talker_echo(one_way_ms, constants) + listener_echo(one_way_ms, constants) + absolute_delay(one_way_ms)
}

fn talker_echo(t: f64, constants: &RatingConstants) -> f64 {
    let terv =
        constants.telr - 40.0 * ((1.0 + t / 10.0) / (1.0 + t / 150.0)).log10() + 6.0 * (-0.3 * t * t).exp();
    let re = 80.0 + 2.5 * (terv - 14.0);
    let roe = -1.5 * (constants.no - constants.rlr);
    let half = (roe - re) / 2.0;
    (half + (half * half + 100.0).sqrt() - 1.0) * (1.0 - (-t).exp())
}

fn listener_echo(t: f64, constants: &RatingConstants) -> f64 {
    let rle = 10.5 * (constants.wepl + 7.0) * (2.0 * t + 1.0).powf(-0.25);
    let half = (constants.ro - rle) / 2.0;
    half + (half * half + 169.0).sqrt()
}

fn absolute_delay(ta: f64) -> f64 {
    if ta <= 100.0 {
        return 0.0;
    }
    let x = (ta / 100.0).log2();
    let root = |y: f64| (1.0 + y.powi(6)).powf(1.0 / 6.0);
    25.0 * (root(x) - 3.0 * root(x / 3.0) + 2.0)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const STANDARD: RatingConstants = RatingConstants { bpl: 4.3, ..PLAIN };
    const PLAIN: RatingConstants = RatingConstants {
        ro: 94.768_8,
        is: 1.413_6,
        no: -61.178_9,
        rlr: 2.0,
        telr: 65.0,
        wepl: 110.0,
        ie: 0.0,
        bpl: 10.0,
        burst_ratio: 1.0,
        advantage: 0.0,
        codec_ms: 26.5,
    };

    fn near(left: f64, right: f64, by: f64) {
        assert!((left - right).abs() <= by, "{left} is not within {by} of {right}");
    }

    #[test]
    fn the_default_values_give_the_rating_that_the_recommendation_states() {
        near(transmission_rating(0.0, 0.0, &PLAIN), 93.2, 0.05);
        near(mos(93.2), 4.41, 0.005);
        near(mos(50.0), 2.575, 1e-9);
        assert_eq!((mos(0.0), mos(100.0), mos(3.0)), (1.0, 4.5, 1.0));
    }

    #[test]
    fn delay_follows_the_known_approximation() {
        // 0.024 d + 0.11 (d - 177.3) H(d - 177.3), published by Cole and Rosenbluth for these defaults.
        for delay in [25.0, 50.0, 100.0, 150.0, 200.0, 250.0, 300.0] {
            let known = 0.024 * delay + 0.11 * (delay - 177.3_f64).max(0.0);
            let ours = 93.2 - transmission_rating(delay, 0.0, &PLAIN);
            near(ours, known, 1.5);
        }
    }

    #[test]
    fn invented_audio_by_hand() {
        // Ie,eff = 95 * 2 / (2 + 4.3)
        near(equipment_impairment(0.02, &STANDARD), 190.0 / 6.3, 1e-12);
        assert_eq!(equipment_impairment(0.0, &PLAIN), 0.0);
        near(equipment_impairment(1.0, &PLAIN), 95.0 * 100.0 / 110.0, 1e-12);
    }

    #[test]
    fn constants_that_make_no_sense_are_named() {
        assert_eq!(RatingConstants::default().checked(), Ok(RatingConstants::default()));
        let name = |constants: RatingConstants| constants.checked().unwrap_err().name;
        assert_eq!(name(RatingConstants { bpl: 0.0, ..PLAIN }), "bpl");
        assert_eq!(name(RatingConstants { burst_ratio: -1.0, ..PLAIN }), "burst_ratio");
        assert_eq!(name(RatingConstants { ie: 96.0, ..PLAIN }), "ie");
        assert_eq!(name(RatingConstants { telr: f64::NAN, ..PLAIN }), "telr");
        let message = RatingConstants { codec_ms: f64::INFINITY, ..PLAIN }.checked().unwrap_err().to_string();
        assert_eq!(message, "the rating constant codec_ms cannot be inf: it must not be negative");
    }

    proptest! {
        #[test]
        fn worse_never_sounds_better(delay in 0.0..2000.0_f64, more in 0.0..500.0_f64, lost in 0.0..1.0_f64) {
            let here = transmission_rating(delay, lost, &PLAIN);
            prop_assert!(transmission_rating(delay + more, lost, &PLAIN) <= here + 1e-9);
            prop_assert!(transmission_rating(delay, (lost + 0.1).min(1.0), &PLAIN) <= here + 1e-9);
            prop_assert!((1.0..=4.5).contains(&mos(here)));
        }
    }
}
