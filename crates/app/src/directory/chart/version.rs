//! Whether a chart is still the one that was read.

use std::fmt;
use std::str::FromStr;

use bianque_model::{Context, ResourceId, Timestamp};
use bianque_query::{Direction, Order, OrderKey, Predicate, Query, Scope, Test};
use bianque_store::Expectation;

use crate::policy::patient_compartment;
use crate::{App, Error};

/// The types whose change is a change of the chart: what is known of the patient, and who they are.
pub const TYPES: [&str; 8] = [
    "Patient",
    "AllergyIntolerance",
    "Condition",
    "MedicationRequest",
    "MedicationStatement",
    "Observation",
    "DiagnosticReport",
    "DocumentReference",
];

/// A state of a chart: when anything of it last changed, and how many entries it has. The number moves where an entry is
/// deleted, of which nothing newer is left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChartVersion {
    /// When an entry was last written.
    pub newest: Timestamp,
    /// How many entries each of [`TYPES`] has.
    counts: [u64; TYPES.len()],
}

impl ChartVersion {
    /// What must hold for the chart to stand so when a commit is applied.
    pub fn expectations(&self, patient: &ResourceId) -> Vec<Expectation> {
        let all = |resource_type, filter| query(resource_type, filter, patient, 0);
        let newer = TYPES.iter().map(|kind| Expectation::NoMatch(all(kind, self.is_newer())));
        let counted = TYPES.iter().zip(self.counts).map(|(kind, count)| Expectation::Matches {
            query: all(kind, Predicate::And(Vec::new())),
            count,
        });
        newer.chain(counted).collect()
    }

    /// Types that have fewer entries now than another state had.
    pub fn fewer_than(&self, other: &Self) -> Vec<&'static str> {
        let fewer =
            TYPES.iter().zip(self.counts.iter().zip(&other.counts)).filter(|(_, (now, then))| now < then);
        fewer.map(|(kind, _)| *kind).collect()
    }

    /// The condition of what was written after it.
    pub fn is_newer(&self) -> Predicate {
        Predicate::LastUpdated(Test::DateAfter(Timestamp(self.newest.0 + 1)))
    }
}

impl fmt::Display for ChartVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.newest.0)?;
        self.counts.iter().try_for_each(|count| write!(f, "-{count}"))
    }
}

impl FromStr for ChartVersion {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let refuse =
            || Error::field("field.version", "chart_version", "chart_version is not a version of a chart");
        let mut parts = text.split('-');
        let newest = parts.next().and_then(|part| part.parse().ok()).map(Timestamp).ok_or_else(refuse)?;
        let counts: Vec<u64> = parts.map(str::parse).collect::<Result<_, _>>().map_err(|_| refuse())?;
        Ok(Self { newest, counts: counts.try_into().map_err(|_| refuse())? })
    }
}

/// The version of a chart as it stands now.
pub async fn version(app: &App, context: &Context, patient: &ResourceId) -> Result<ChartVersion, Error> {
    let mut version = ChartVersion { newest: Timestamp(0), counts: [0; TYPES.len()] };
    for (resource_type, count) in TYPES.iter().zip(&mut version.counts) {
        let all = query(resource_type, Predicate::And(Vec::new()), patient, 1);
        *count = app.store.count(context.tenant, all.clone(), u64::MAX).await?;
        let page = app.store.search(context.tenant, all).await?;
        version.newest = version.newest.max(page.rows.first().map_or(Timestamp(0), |row| row.last_updated));
    }
    Ok(version)
}

fn query(resource_type: &str, filter: Predicate, patient: &ResourceId, limit: u32) -> Query {
    Query {
        resource_type: resource_type.to_owned(),
        filter: Predicate::And(vec![Predicate::In(patient_compartment(patient)), filter]),
        scope: Scope::All,
        order: vec![Order { key: OrderKey::LastUpdated, direction: Direction::Descending }],
        after: None,
        limit,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_read_as_it_was_written_and_nothing_else_is_one() {
        let version = ChartVersion { newest: Timestamp(7), counts: [1, 0, 2, 3, 4, 5, 6, 7] };
        assert_eq!(version.to_string(), "7-1-0-2-3-4-5-6-7");
        assert_eq!(version.to_string().parse::<ChartVersion>().unwrap(), version);
        for text in ["", "7", "7-1", "x-1-0-2-3-4-5-6-7", "7-1-0-2-3-4-5-6-7-8", "7-1-0-2-3-4-5-6--7"] {
            assert_eq!(text.parse::<ChartVersion>().unwrap_err().code, "field.version", "{text}");
        }
    }
}
