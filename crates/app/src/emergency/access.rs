//! An emergency access, and which of them hold now.

use bianque_model::{Actor, Context, ResourceId, Timestamp, UserId};
use bianque_store::{AuditRow, StateKey};
use serde::{Deserialize, Serialize};

use crate::aggregate::{Aggregate, shared};
use crate::{App, Error, instant};

/// How long a record stays open.
pub(super) const LASTS_S: i64 = 60 * 60;
/// Accesses of one account that are looked at.
const MOST: u32 = 100;
/// How long it is known that there was one.
const KEPT_S: i64 = 400 * 24 * 3600;
/// How the detail of an audit row names an access.
const DETAIL: &str = "access=";

/// A record that was opened in an emergency.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct EmergencyAccess {
    /// Its id.
    pub id: ResourceId,
    /// Whose record.
    pub patient: ResourceId,
    /// The account that opened it.
    pub user: UserId,
    /// Their Practitioner.
    pub practitioner: ResourceId,
    /// Their name.
    pub name: String,
    /// Their institution.
    pub organization: ResourceId,
    /// Why, in their words.
    pub reason: String,
    /// When.
    pub at: Timestamp,
    /// Until when it holds.
    pub until: Timestamp,
}

impl Aggregate for EmergencyAccess {
    const KIND: &'static str = "emergency-access";
    const ABOUT_PATIENT: bool = true;

    fn id(&self) -> String {
        self.id.to_string()
    }

    fn keys(&self) -> Vec<StateKey> {
        vec![
            shared("user", format!("{}|{}", self.user, instant::text(self.until))),
            shared("at", instant::text(self.at)),
        ]
    }

    fn expires(&self) -> Option<Timestamp> {
        Some(self.until.plus_seconds(KEPT_S))
    }
}

/// What the row of an emergency says of which it was. The reason, which may name the patient, is not in the audit.
pub(super) fn detail(access: &EmergencyAccess) -> String {
    format!("{DETAIL}{}", access.id)
}

/// The reason behind the row of an emergency; none when the row is of something else, or the reason is gone.
pub(crate) async fn reason_of(app: &App, context: &Context, row: &AuditRow) -> Result<Option<String>, Error> {
    let Some(id) = row.detail.strip_prefix(DETAIL).filter(|_| row.operation == "emergency.open") else {
        return Ok(None);
    };
    let found = app.load::<EmergencyAccess>(context.tenant, id).await?;
    Ok(found.map(|access| access.value.reason))
}

/// The patients whose records the actor has opened in an emergency that still lasts.
pub async fn active(app: &App, context: &Context) -> Result<Vec<ResourceId>, Error> {
    let Actor::Clinician { user, .. } = &context.actor else { return Ok(Vec::new()) };
    let (low, high) = (format!("{user}|{}", instant::text(context.now)), format!("{user}|~"));
    let found =
        app.list::<EmergencyAccess>(context.tenant, "user", low.as_str()..high.as_str(), MOST).await?;
    let holds = found.into_iter().filter(|access| access.value.until > context.now);
    Ok(holds.map(|access| access.value.patient).collect())
}
