//! An identifier with which somebody was to be taken in, and which is another's: two people may claim it, or one was
//! mistyped. Nothing was written, so that the desk keeps what there was to say.

use bianque_model::{Context, ResourceId, Timestamp};
use bianque_store::{AuditAction, StateKey};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use crate::aggregate::{Aggregate, shared};
use crate::records::operations::likeness::{Agreement, Description};
use crate::{App, Change, Error, instant, policy};

/// Who is not settled by then is no longer asked about, seconds.
const KEPT_S: i64 = 90 * 24 * 3600;

/// Who was not taken in.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RefusedIdentifier {
    /// Its id.
    pub id: ResourceId,
    /// Whose identifier it is.
    pub patient: ResourceId,
    /// The authority that gave it.
    pub system: String,
    /// The identifier.
    pub value: String,
    /// Who was to be taken in.
    pub name: String,
    /// Their birth date.
    pub birth_date: String,
    /// When.
    pub at: Timestamp,
}

impl Aggregate for RefusedIdentifier {
    const KIND: &'static str = "refused-identifier";
    const ABOUT_PATIENT: bool = true;

    fn id(&self) -> String {
        self.id.to_string()
    }

    fn keys(&self) -> Vec<StateKey> {
        vec![shared("at", instant::text(self.at))]
    }

    fn expires(&self) -> Option<Timestamp> {
        Some(self.at.plus_seconds(KEPT_S))
    }
}

/// Keeps that somebody was refused, when they are not plainly who has the identifier.
pub(crate) async fn keep(app: &App, context: &Context, known: &Value, wanted: &Value) -> Result<(), Error> {
    let parts = Description::of(wanted).agreement(&Description::of(known));
    let differs = |part: &str| {
        parts.iter().any(|(name, agreement)| *name == part && *agreement == Agreement::Different)
    };
    let Ok(patient) = known["id"].as_str().unwrap_or_default().parse::<ResourceId>() else { return Ok(()) };
    if !differs("name") && !differs("birth_date") {
        return Ok(());
    }
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let refused = RefusedIdentifier {
        id: Uuid::now_v7().into(),
        patient,
        system: text(&wanted["identifier"][0]["system"]),
        value: text(&wanted["identifier"][0]["value"]),
        name: crate::people::display_name(wanted),
        birth_date: text(&wanted["birthDate"]),
        at: context.now,
    };
    let mut change = Change::new(app, context);
    change.insert(&refused)?;
    change.audit(
        AuditAction::C,
        "patient.refused",
        Some(&refused.patient),
        &format!("Patient/{}", refused.patient),
    );
    change.commit().await?;
    Ok(())
}

/// Somebody looked into it, and there is nothing more to do.
pub async fn settle(app: &App, context: &Context, id: &ResourceId) -> Result<(), Error> {
    let scope = policy::record_office(context)?;
    let refused = app.load::<RefusedIdentifier>(context.tenant, id.as_str()).await?;
    let refused = refused.ok_or_else(Error::not_found)?.value;
    let only = bianque_query::Predicate::Ids(vec![refused.patient.clone()]);
    if app.matching(context.tenant, "Patient", only, scope).await?.is_empty() {
        return Err(Error::not_found());
    }
    let mut change = Change::new(app, context);
    change.remove::<RefusedIdentifier>(refused.id());
    change.audit(
        AuditAction::D,
        "patient.refused-settled",
        Some(&refused.patient),
        &format!("Patient/{}", refused.patient),
    );
    change.commit().await?;
    Ok(())
}
