//! R = T x C / D of a visit, with everything that stands beside it.

use bianque_model::Timestamp;

use crate::call::{CallQuality, VideoConstants, call_quality};
use crate::cost::{Cost, CostInput, Currency, Money, cost, reference_cost};
use crate::delay::{DelayInput, network_delay, service_delay};
use crate::rating::RatingConstants;
use crate::speed::{Speed, speed};
use crate::{METHOD_VERSION, MediaWindow, RateWindow, Reason};

/// How a visit ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It was held, or is being held.
    Held,
    /// The call did not work.
    Failed,
    /// Somebody left before it was done.
    Abandoned,
    /// It never began: the patient did not come, or it was called off.
    NotBegun,
}

/// What is known about a visit.
#[derive(Debug, Clone)]
pub struct Assessment<'a> {
    /// How it ended.
    pub outcome: Outcome,
    /// When the patient was admitted.
    pub admitted: Option<Timestamp>,
    /// When it ended; for a visit that goes on, now.
    pub ended: Option<Timestamp>,
    /// The moments that D is made of.
    pub delay: DelayInput,
    /// What is known about its cost.
    pub cost: CostInput,
    /// C0, the reference cost of the visit type.
    pub reference_cost: Option<Money>,
    /// Rates of the patient's connection.
    pub rates: &'a [RateWindow],
    /// What the call delivered to the patient.
    pub patient: &'a [MediaWindow],
    /// What the call delivered to the clinician.
    pub clinician: &'a [MediaWindow],
    /// Constants of the transmission rating.
    pub rating: RatingConstants,
    /// Constants of the video score.
    pub video: VideoConstants,
}

/// A figure of the family of R, in its composed unit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ratio {
    /// The figure, not rounded.
    pub value: f64,
    /// The currency in its unit.
    pub currency: Currency,
}

impl Ratio {
    /// The unit, for example `Mbit/s.CNY/s`.
    pub fn unit(&self) -> String {
        format!("Mbit/s.{}/s", self.currency)
    }
}

/// The quality of a visit. A figure that is not there says why.
#[derive(Debug, Clone, PartialEq)]
pub struct Quality {
    /// T, Mbit/s, with its source and both directions.
    pub t: Result<Speed, Reason>,
    /// C with its currency and source.
    pub c: Result<Cost, Reason>,
    /// D, s, at least 1.
    pub d: Result<f64, Reason>,
    /// R = T x C / D.
    pub r: Result<Ratio, Reason>,
    /// R_ref = T x C0 / D.
    pub r_ref: Result<Ratio, Reason>,
    /// D_network, s: both legs' RTT/2 + jitter buffers + codec.
    pub d_network: Result<f64, Reason>,
    /// R_network = T x C / D_network, secondary.
    pub r_network: Result<Ratio, Reason>,
    /// What the patient heard and saw.
    pub patient: CallQuality,
    /// What the clinician heard and saw.
    pub clinician: CallQuality,
    /// The version of the method, [`METHOD_VERSION`].
    pub method_version: &'static str,
}

impl Quality {
    /// Why T, C, D, R or R_ref are not there: each reason once, in that order.
    pub fn reasons(&self) -> Vec<Reason> {
        let all = [
            self.t.as_ref().err(),
            self.c.as_ref().err(),
            self.d.as_ref().err(),
            self.r.as_ref().err(),
            self.r_ref.as_ref().err(),
        ];
        let mut reasons = Vec::new();
        for reason in all.into_iter().flatten() {
            if !reasons.contains(reason) {
                reasons.push(*reason);
            }
        }
        reasons
    }
}

/// R = T x C / D: Mbit/s times currency, divided by seconds.
pub fn ratio(t_mbps: f64, cost: f64, delay_s: f64) -> f64 {
    t_mbps * cost / delay_s
}

/// The quality of a visit.
///
/// R of a failed or abandoned visit is not computed, whatever is known; nor is R of store-and-forward, which has no T.
pub fn assess(visit: &Assessment<'_>) -> Quality {
    let t = match (visit.delay, visit.admitted, visit.ended) {
        (DelayInput::StoreAndForward { .. }, ..) => Err(Reason::StoreAndForward),
        (_, Some(admitted), Some(ended)) => speed(visit.rates, admitted, ended),
        _ => Err(Reason::NotAdmitted),
    };
    let c = cost(&visit.cost);
    let d = service_delay(&visit.delay);
    let patient = call_quality(visit.patient, &visit.rating, &visit.video);
    let clinician = call_quality(visit.clinician, &visit.rating, &visit.video);
    let d_network = network_delay(patient.leg, clinician.leg, visit.rating.codec_ms);

    let over = |money: Result<Money, Reason>, delay: Result<f64, Reason>| {
        held(visit.outcome)?;
        let (t, money, delay) = (t.as_ref().map_err(|reason| *reason)?, money?, delay?);
        Ok(Ratio { value: ratio(t.mbps, money.amount, delay), currency: money.currency })
    };
    let money = c.map(|cost| cost.money);
    let (r, r_ref) = (over(money, d), over(reference_cost(visit.reference_cost), d));
    let r_network = over(money, d_network);
    Quality { t, c, d, r, r_ref, d_network, r_network, patient, clinician, method_version: METHOD_VERSION }
}

const fn held(outcome: Outcome) -> Result<(), Reason> {
    match outcome {
        Outcome::Held => Ok(()),
        Outcome::Failed => Err(Reason::Failed),
        Outcome::Abandoned => Err(Reason::Abandoned),
        Outcome::NotBegun => Err(Reason::NotAdmitted),
    }
}

#[cfg(test)]
mod tests;
