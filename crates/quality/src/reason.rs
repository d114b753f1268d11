//! Why a figure is not there.

use serde::{Deserialize, Serialize};

/// Why a figure was not computed. Its [`code`](Reason::code) is what the API carries and screens translate.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, thiserror::Error,
)]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    /// The call never worked.
    #[error("the visit failed")]
    Failed,
    /// Somebody left before it was done.
    #[error("the visit was abandoned")]
    Abandoned,
    /// Request and answer without a call: there is no T.
    #[error("store-and-forward visits have no communication speed")]
    StoreAndForward,
    /// The patient was never admitted, or the end does not lie after admission.
    #[error("the visit has no time between admission and end")]
    NotAdmitted,
    /// Nothing measured the rate of the patient's connection.
    #[error("the rate of the patient's connection was not measured")]
    NoSpeed,
    /// Only one direction was measured, so the lower one is not known.
    #[error("only one direction of the patient's connection was measured")]
    OneDirection,
    /// No configured cost, no charges, no price.
    #[error("the cost of the visit is not known")]
    NoCost,
    /// The cost that applies is zero, negative or not a number.
    #[error("the cost of the visit is zero")]
    ZeroCost,
    /// Charges in more than one currency cannot be added.
    #[error("the charges of the visit are in different currencies")]
    MixedCurrencies,
    /// The visit type has no reference cost.
    #[error("the visit type has no reference cost")]
    NoReferenceCost,
    /// Neither arrival nor appointed time is known.
    #[error("neither arrival nor appointed time is known")]
    NoArrival,
    /// Media never flowed both ways.
    #[error("media never flowed both ways")]
    NoMedia,
    /// A store-and-forward request without its answer.
    #[error("the request has no answer yet")]
    NoAnswer,
    /// The delay of one leg of the call is not known.
    #[error("the network delay was not measured on both legs")]
    NoNetworkDelay,
}

impl Reason {
    /// The stable code, for example `no-cost`.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Failed => "failed",
            Self::Abandoned => "abandoned",
            Self::StoreAndForward => "store-and-forward",
            Self::NotAdmitted => "not-admitted",
            Self::NoSpeed => "no-speed",
            Self::OneDirection => "one-direction",
            Self::NoCost => "no-cost",
            Self::ZeroCost => "zero-cost",
            Self::MixedCurrencies => "mixed-currencies",
            Self::NoReferenceCost => "no-reference-cost",
            Self::NoArrival => "no-arrival",
            Self::NoMedia => "no-media",
            Self::NoAnswer => "no-answer",
            Self::NoNetworkDelay => "no-network-delay",
        }
    }
}
