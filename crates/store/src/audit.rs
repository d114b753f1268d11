//! Audit rows: compact; `/fhir/AuditEvent` is a projection of them.

use bianque_model::{Context, ResourceId, Timestamp};
use serde::{Deserialize, Serialize};

/// What was done to data (AuditEvent.action).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum AuditAction {
    /// Create.
    C,
    /// Read, view, search.
    R,
    /// Update.
    U,
    /// Delete.
    D,
    /// Execute: sign-in, sign-out, operations.
    E,
}

/// Who did what to whose data, when, from where.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AuditRow {
    /// When, by the server's clock.
    pub at: Timestamp,
    /// What kind of action.
    pub action: AuditAction,
    /// The use case, for example `visit.admit`.
    pub operation: String,
    /// Whether it was allowed and done.
    pub success: bool,
    /// Who: the actor as JSON-able text, for example `Practitioner/…` or `login:…`.
    pub agent: String,
    /// The agent's institution, `Organization/…`, or empty.
    pub organization: String,
    /// PurposeOfUse code.
    pub purpose: String,
    /// The peer's address.
    pub address: String,
    /// The request, joins with logs.
    pub request: String,
    /// The patients concerned (one row for a search, with its patients).
    pub patients: Vec<ResourceId>,
    /// What was touched, for example `Encounter/…`; for a search its type.
    pub entity: String,
    /// Free detail: the search as sent, the reason. No clinical content.
    pub detail: String,
}

/// Which audit rows are wanted, newest first.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AuditQuery {
    /// Only rows about this patient.
    pub patient: Option<ResourceId>,
    /// Only rows at or after.
    pub from: Option<Timestamp>,
    /// Only rows before.
    pub to: Option<Timestamp>,
    /// Only rows before this sequence (paging), from the row before.
    pub before: Option<u64>,
    /// At most this many.
    pub limit: u32,
}

/// A place in the list of the audit: newer rows have higher ones.
pub type AuditPlace = (Timestamp, u64);

/// Which rows of the audit are listed, newest first by their time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditList {
    /// Only rows about this patient.
    pub patient: Option<ResourceId>,
    /// Only rows of this agent, whether or not an application did it for them; or of this application for itself.
    pub who: Option<String>,
    /// Only rows of this kind of action.
    pub action: Option<AuditAction>,
    /// Only rows whose operation begins so.
    pub operation: Option<String>,
    /// Only rows that were done, or that were not.
    pub success: Option<bool>,
    /// Only what was done in an emergency.
    pub emergency: bool,
    /// Only rows at or after.
    pub from: Timestamp,
    /// Only rows behind this place; `(to, 0)`: rows before an instant.
    pub before: AuditPlace,
    /// At most this many.
    pub limit: usize,
}

/// Rows of the list.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct AuditPage {
    /// Each with its sequence.
    pub rows: Vec<(u64, AuditRow)>,
    /// How far was looked: rows behind it may match too. None: there are no more.
    pub reached: Option<AuditPlace>,
}

impl AuditPage {
    /// What two files hold, as one list: no further than both were looked through.
    #[must_use]
    pub fn joined(self, other: Self, limit: usize) -> Self {
        let mut reached = self.reached.max(other.reached);
        let mut rows = self.rows;
        rows.extend(other.rows);
        let place = |(sequence, row): &(u64, AuditRow)| (row.at, *sequence);
        rows.retain(|row| reached.is_none_or(|reached| place(row) >= reached));
        rows.sort_unstable_by_key(|row| std::cmp::Reverse(place(row)));
        if rows.len() > limit {
            rows.truncate(limit);
            reached = rows.last().map(place);
        }
        Self { rows, reached }
    }
}

/// The agent of a row, as text, from the context.
pub fn agent_of(context: &Context) -> (String, String) {
    use bianque_model::Actor;
    match &context.actor {
        Actor::Clinician { practitioner, organization, .. }
        | Actor::Staff { practitioner, organization, .. }
        | Actor::Consultant { practitioner, organization, .. } => {
            (format!("Practitioner/{practitioner}"), format!("Organization/{organization}"))
        }
        Actor::Administrator { user } => (format!("User/{user}"), String::new()),
        Actor::VisitPatient { patient, .. } => (format!("Patient/{patient}"), String::new()),
        Actor::VisitProxy { person, .. } | Actor::Guest { person, .. } => {
            (format!("RelatedPerson/{person}"), String::new())
        }
        Actor::Application { client, user, .. } => of_application(context, client, user.as_deref()),
        Actor::System { token, .. } => (format!("Token/{token}"), String::new()),
        Actor::Sender { sender, organization } => {
            let organization = organization.as_ref().map(|id| format!("Organization/{id}"));
            (format!("Sender/{sender}"), organization.unwrap_or_default())
        }
        Actor::Peer { peer, organization, .. } => {
            let organization = organization.as_ref().map(|id| format!("Organization/{id}"));
            (format!("Peer/{peer}"), organization.unwrap_or_default())
        }
        Actor::Server => ("Device/bianque".into(), String::new()),
        Actor::Anonymous => ("anonymous".into(), String::new()),
    }
}

/// Stands between who was acted for and the application that did it.
const BY: &str = " by ";
/// What an application is called in a row.
const APPLICATION: &str = "Application/";

fn of_application(
    context: &Context,
    client: &ResourceId,
    user: Option<&bianque_model::Actor>,
) -> (String, String) {
    let application = format!("{APPLICATION}{client}");
    let Some(user) = user else { return (application, String::new()) };
    let (user, organization) = agent_of(&Context { actor: user.clone(), ..context.clone() });
    (format!("{user}{BY}{application}"), organization)
}

/// The agent of a row taken apart: who, and the application that did it for them.
pub fn parts_of(agent: &str) -> (&str, Option<&str>) {
    match agent.split_once(BY) {
        Some((who, application)) if application.starts_with(APPLICATION) => (who, Some(application)),
        _ => (agent, None),
    }
}
