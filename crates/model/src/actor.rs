//! Who acts.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{ResourceId, UserId};

/// What a signed-in person may be. One account has one role.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// The subject of care.
    Patient,
    /// Acts for the subject of care: a parent, a guardian, a carer.
    Proxy,
    /// Assesses, diagnoses, signs.
    Clinician,
    /// Asked for an opinion: reads the records of those they were asked about.
    Specialist,
    /// Reports on examinations: reads what an examination is reported with.
    Reporter,
    /// Takes patients in and books their visits; reads no clinical data.
    FrontDesk,
    /// Supervises the quality of an institution's visits; reads no clinical data.
    Supervisor,
    /// Manages users, institutions, schedules and prices; reads no clinical data.
    Administrator,
    /// A program with a bearer token.
    System,
}

/// What somebody does at an institution who holds no visits there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Duty {
    /// See [`Role::Specialist`].
    Specialist,
    /// See [`Role::Reporter`].
    Reporter,
    /// See [`Role::FrontDesk`].
    FrontDesk,
    /// See [`Role::Supervisor`].
    Supervisor,
}

impl Duty {
    /// Every duty.
    pub const ALL: [Self; 4] = [Self::Specialist, Self::Reporter, Self::FrontDesk, Self::Supervisor];

    /// The role of an account that has it.
    pub const fn role(self) -> Role {
        match self {
            Self::Specialist => Role::Specialist,
            Self::Reporter => Role::Reporter,
            Self::FrontDesk => Role::FrontDesk,
            Self::Supervisor => Role::Supervisor,
        }
    }

    /// The duty that a role is, if it is one.
    pub fn of(role: Role) -> Option<Self> {
        Self::ALL.into_iter().find(|duty| duty.role() == role)
    }
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
    /// Somebody else of an institution, with an account.
    Staff {
        /// The account.
        user: UserId,
        /// What they do there.
        duty: Duty,
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
    /// Somebody who joined by a patient's link for the patient, and said who they are: this visit and nothing else.
    VisitProxy {
        /// Their RelatedPerson resource.
        person: ResourceId,
        /// The Patient they act for.
        patient: ResourceId,
        /// The Encounter of the visit.
        visit: ResourceId,
    },
    /// Somebody who came into a visit by a link of their own and is no patient and no clinician there: family, an
    /// interpreter, an observer. They take part in the call of this visit and read nothing.
    Guest {
        /// The invitation they came by.
        guest: ResourceId,
        /// Their RelatedPerson resource, made when the invitation was written.
        person: ResourceId,
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
    /// A registered application with an access token. It reaches `/fhir` and nothing else, and of that what its scopes say
    /// and whoever it acts for may: no use case takes it for its user.
    Application {
        /// The registered application.
        client: ResourceId,
        /// The consent it acts by; none: it acts for itself.
        grant: Option<ResourceId>,
        /// For whom; none: for itself.
        user: Option<Box<Actor>>,
        /// SMART v2 scopes, for example `patient/Observation.rs`.
        scopes: Vec<String>,
        /// The patient it was opened for.
        patient: Option<ResourceId>,
    },
    /// A system that sends HL7 v2 by a line of its own. What it writes is what its messages say.
    Sender {
        /// The sender.
        sender: ResourceId,
        /// The Organization whose patients it tells of.
        organization: Option<ResourceId>,
    },
    /// An application entity of DICOM: a modality, a workstation, another archive. It does what it may with images.
    Peer {
        /// The peer.
        peer: ResourceId,
        /// The Organization it works at.
        organization: Option<ResourceId>,
        /// What it may.
        rights: ImageRights,
    },
    /// The server itself: housekeeping, demo data.
    Server,
    /// Nobody yet: before sign-in and on the first page of a link.
    Anonymous,
}

/// What somebody may do with images by DICOM.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[expect(clippy::struct_excessive_bools, reason = "each is a box that somebody ticks")]
pub struct ImageRights {
    /// Send instances to be kept.
    pub store: bool,
    /// Ask which there are.
    pub query: bool,
    /// Have them sent, to themselves or to others.
    pub retrieve: bool,
    /// Ask what is scheduled.
    pub worklist: bool,
}

impl Actor {
    /// The role, or none for guests of a visit, for the server itself and for nobody.
    pub const fn role(&self) -> Option<Role> {
        match self {
            Self::Clinician { .. } | Self::Consultant { .. } => Some(Role::Clinician),
            Self::Staff { duty, .. } => Some(duty.role()),
            Self::Administrator { .. } => Some(Role::Administrator),
            Self::VisitPatient { .. } => Some(Role::Patient),
            Self::VisitProxy { .. } => Some(Role::Proxy),
            Self::System { .. } | Self::Application { .. } | Self::Sender { .. } | Self::Peer { .. } => {
                Some(Role::System)
            }
            Self::Guest { .. } | Self::Server | Self::Anonymous => None,
        }
    }

    /// The account behind it, where there is one. An application is nobody's account.
    pub const fn user(&self) -> Option<UserId> {
        match self {
            Self::Clinician { user, .. } | Self::Staff { user, .. } | Self::Administrator { user } => {
                Some(*user)
            }
            _ => None,
        }
    }
}
