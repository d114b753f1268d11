//! Who acts.

use serde::{Deserialize, Serialize};

use crate::{ResourceId, UserId};

/// What a signed-in person may be. One account has one role.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// The subject of care.
    Patient,
    /// Assesses, diagnoses, signs.
    Clinician,
    /// Manages users, institutions, schedules and prices; reads no clinical data.
    Administrator,
    /// A program with a bearer token.
    System,
}

/// Who acts, as the edge established it. Never read from a body.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
pub enum Actor {
    /// A clinician with an account.
    Clinician {
        /// The account.
        user: UserId,
        /// Their Practitioner resource.
        practitioner: ResourceId,
        /// The Organization they work for.
        organization: ResourceId,
    },
    /// An administrator with an account.
    Administrator {
        /// The account.
        user: UserId,
    },
    /// A patient who joined by link and confirmed who they are: this visit and nothing else.
    VisitPatient {
        /// Their Patient resource.
        patient: ResourceId,
        /// The Encounter of the visit.
        visit: ResourceId,
    },
    /// A clinician of another institution, invited by link: reads this visit's record while it is open.
    Consultant {
        /// The invitation they came by.
        invitation: ResourceId,
        /// The Encounter of the visit.
        visit: ResourceId,
        /// The patient of the visit.
        patient: ResourceId,
        /// Their Practitioner resource, made when the invitation was written.
        practitioner: ResourceId,
        /// Their institution.
        organization: ResourceId,
    },
    /// A program with a bearer token.
    System {
        /// The token's id.
        token: ResourceId,
        /// SMART v2 scopes, for example `system/*.cruds`.
        scopes: Vec<String>,
    },
    /// The server itself: housekeeping, demo data.
    Server,
    /// Nobody yet: before sign-in and on the first page of a link.
    Anonymous,
}

impl Actor {
    /// The role, or none for the server itself and for nobody.
    pub const fn role(&self) -> Option<Role> {
        match self {
            Self::Clinician { .. } | Self::Consultant { .. } => Some(Role::Clinician),
            Self::Administrator { .. } => Some(Role::Administrator),
            Self::VisitPatient { .. } => Some(Role::Patient),
            Self::System { .. } => Some(Role::System),
            Self::Server | Self::Anonymous => None,
        }
    }

    /// The account behind it, where there is one.
    pub const fn user(&self) -> Option<UserId> {
        match self {
            Self::Clinician { user, .. } | Self::Administrator { user } => Some(*user),
            _ => None,
        }
    }
}
