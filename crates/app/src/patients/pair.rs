//! Two records that may be one person's, or that have what only one may have, until somebody settles it.

use bianque_model::{ResourceId, Timestamp};
use bianque_store::StateKey;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::aggregate::{Aggregate, shared};

/// Two records for the desk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PatientPair {
    /// The one with the lower id.
    pub one: ResourceId,
    /// The other.
    pub other: ResourceId,
    /// Why they are here.
    pub why: Why,
    /// How alike they are, in hundredths.
    pub hundredths: i32,
    /// When they were found.
    pub found_at: Timestamp,
    /// Somebody said that they are two people; none: nobody did.
    pub different: Option<Different>,
}

/// Why two records are on the desk, the most pressing first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Why {
    /// Both have an identifier that names one person.
    Conflict,
    /// One of them says by a link that it was replaced by the other, and no merge here says so.
    Stated,
    /// They are alike.
    Duplicate,
}

/// That two records are of two people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Different {
    /// Who said so, as the audit names them.
    pub by: String,
    /// When.
    pub at: Timestamp,
}

impl PatientPair {
    /// The name of the pair of two records, whichever comes first. No id has a `_`.
    pub fn name(one: &ResourceId, other: &ResourceId) -> String {
        let (one, other) = if one <= other { (one, other) } else { (other, one) };
        format!("{one}_{other}")
    }

    /// The place among those that are open: the most pressing first, then the most alike.
    pub fn place(&self) -> String {
        format!("{}|{:03}|{}", self.why as u8, 100 - self.hundredths.clamp(0, 100), self.id())
    }
}

impl Aggregate for PatientPair {
    const KIND: &'static str = "patient-pair";
    const ABOUT_PATIENT: bool = true;

    fn id(&self) -> String {
        Self::name(&self.one, &self.other)
    }

    fn keys(&self) -> Vec<StateKey> {
        let mut keys = vec![shared("of", self.one.to_string()), shared("of", self.other.to_string())];
        if self.different.is_none() {
            keys.push(shared("open", self.place()));
        }
        keys
    }
}
