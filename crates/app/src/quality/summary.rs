//! One line per ended visit, for charts over visits. It holds no patient.

use bianque_model::{ResourceId, Timestamp};
use bianque_quality::Quality;
use bianque_quality::cost::{CostInput, Money};
use bianque_store::StateKey;
use serde::{Deserialize, Serialize};

use crate::aggregate::{Aggregate, shared};
use crate::visits::Visit;
use crate::visits::visit::schedule_key;

/// What C and C0 of a visit are taken from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Basis {
    /// What is known about its cost.
    pub cost: CostInput,
    /// C0, the reference cost of the visit type.
    pub reference_cost: Option<Money>,
}

/// The figures of one visit as they were when it ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct VisitQuality {
    /// The Encounter.
    pub visit: ResourceId,
    /// The institution.
    pub organization: ResourceId,
    /// The clinician.
    pub practitioner: ResourceId,
    /// Code of the visit type.
    pub visit_type: String,
    /// When it ended.
    pub at: Timestamp,
    /// Why it ended.
    pub ended_reason: String,
    /// T, Mbit/s.
    pub t: Option<f64>,
    /// C, in `currency`.
    pub c: Option<f64>,
    /// ISO 4217.
    pub currency: Option<String>,
    /// D, s.
    pub d: Option<f64>,
    /// R, Mbit/s.CNY/s.
    pub r: Option<f64>,
    /// R_ref, the same unit.
    pub r_ref: Option<f64>,
    /// What the patient heard, 1 to 4.5.
    pub mos: Option<f64>,
    /// Why figures are missing.
    pub reasons: Vec<String>,
    /// What C and C0 were taken from; prices may have changed since. None in lines of before it was kept.
    #[serde(default)]
    pub basis: Option<Basis>,
    /// The version of the method.
    pub method_version: String,
}

impl VisitQuality {
    /// The line of a visit that ended at `at`.
    pub fn of(visit: &Visit, at: Timestamp, quality: &Quality, basis: Option<Basis>) -> Self {
        Self {
            visit: visit.id.clone(),
            organization: visit.organization.clone(),
            practitioner: visit.practitioner.clone(),
            visit_type: visit.visit_type.clone(),
            at,
            ended_reason: visit.ended_reason.clone().unwrap_or_default(),
            t: quality.t.as_ref().ok().map(|speed| speed.mbps),
            c: quality.c.ok().map(|cost| cost.money.amount),
            currency: quality.c.ok().map(|cost| cost.money.currency.to_string()),
            d: quality.d.ok(),
            r: quality.r.ok().map(|ratio| ratio.value),
            r_ref: quality.r_ref.ok().map(|ratio| ratio.value),
            mos: quality.patient.heard.or(quality.clinician.heard).map(|heard| heard.value),
            basis,
            reasons: quality.reasons().iter().map(|reason| reason.code().to_owned()).collect(),
            method_version: quality.method_version.to_owned(),
        }
    }
}

impl Aggregate for VisitQuality {
    const KIND: &'static str = "quality";
    const ABOUT_PATIENT: bool = true;

    fn id(&self) -> String {
        self.visit.to_string()
    }

    fn keys(&self) -> Vec<StateKey> {
        vec![
            shared("organization", schedule_key(&self.organization, self.at)),
            shared("all", crate::instant::text(self.at)),
        ]
    }
}
