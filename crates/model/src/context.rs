//! What every use case is given first.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{Actor, ResourceId, TenantId, Timestamp};

/// Why data is used (HL7 v3 PurposeOfUse).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Purpose {
    /// Treatment.
    Treat,
    /// The patient's own request.
    PatRqt,
    /// Healthcare operations.
    HOperat,
    /// System administration.
    SysAdmin,
    /// Emergency access, against what policy would have said (break the glass).
    Btg,
}

impl Purpose {
    /// The code as PurposeOfUse writes it.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Treat => "TREAT",
            Self::PatRqt => "PATRQT",
            Self::HOperat => "HOPERAT",
            Self::SysAdmin => "SYSADMIN",
            Self::Btg => "BTG",
        }
    }
}

/// Who acts, in which tenant, why and when: policy and audit ask this and nothing else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Context {
    /// The tenant; first here and in every key.
    pub tenant: TenantId,
    /// Who acts.
    pub actor: Actor,
    /// Patients whose record the actor opened in an emergency, and may read for now whatever bars it.
    pub emergencies: Vec<ResourceId>,
    /// Why.
    pub purpose: Purpose,
    /// When the request came in, by the server's clock.
    pub now: Timestamp,
    /// The request this belongs to; joins log lines, audit rows and answers.
    pub request: Uuid,
    /// The network address of the peer as the edge trusts it, for audit; empty for the server itself.
    pub address: String,
}
