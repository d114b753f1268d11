//! Holds: records that are not shredded, whatever their age, because a court or an authority may ask for them.

use bianque_model::{Context, ResourceId, Timestamp, UserId};
use bianque_store::{AuditAction, StateKey};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{name_of, told};
use crate::aggregate::{Aggregate, shared};
use crate::change::audit_row;
use crate::people::{display_name, referenced_id};
use crate::{App, Change, Error, ErrorKind, instant, policy};

/// Holds that are listed.
const LISTED: u32 = 1_000;

/// A hold on a record: it is not shredded.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Hold {
    /// Whose record.
    pub patient: ResourceId,
    /// Since when.
    pub at: Timestamp,
    /// Why.
    #[serde(default)]
    pub reason: String,
    /// Who put it; none: the operator on the machine.
    #[serde(default)]
    pub by: Option<UserId>,
}

impl Aggregate for Hold {
    const KIND: &'static str = "hold";
    // No record with a hold is shredded: what is shredded has none.
    const ABOUT_PATIENT: bool = false;

    fn id(&self) -> String {
        self.patient.to_string()
    }

    fn keys(&self) -> Vec<StateKey> {
        vec![shared("at", instant::text(self.at))]
    }
}

/// A hold as an administrator puts it.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Placing {
    /// On whose record.
    pub patient_id: ResourceId,
    /// Why. It stays in the audit: no name belongs into it.
    pub reason: String,
}

/// Why a hold is taken away.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Lifting {
    /// Why.
    pub reason: String,
}

/// Puts a hold on a patient's record: an administrator, or the operator on the machine.
pub async fn place(app: &App, context: &Context, placing: Placing) -> Result<(), Error> {
    policy::administrator(context)?;
    let Placing { patient_id: patient, reason } = placing;
    let row = told(context, AuditAction::C, "hold.add", &patient, &reason)?;
    app.resource(context.tenant, "Patient", &patient).await?;
    let hold = Hold { patient, at: context.now, reason: row.detail.clone(), by: context.actor.user() };
    let mut change = Change::new(app, context);
    change.insert(&hold)?;
    change.audit_with(row);
    change.commit().await.map(|_| ()).map_err(|error| match error.code {
        "changed" => Error::conflict("hold.exists", "there is a hold on this record already"),
        _ => error,
    })
}

/// Takes the hold away.
pub async fn lift(app: &App, context: &Context, patient: &ResourceId, reason: &str) -> Result<(), Error> {
    policy::administrator(context)?;
    let row = told(context, AuditAction::D, "hold.remove", patient, reason)?;
    let hold = app
        .load::<Hold>(context.tenant, patient.as_str())
        .await?
        .ok_or_else(|| Error::new(ErrorKind::NotFound, "hold.none", "there is no hold on this record"))?;
    let mut change = Change::new(app, context);
    change.expect_state_of(&hold.value, hold.version);
    change.remove::<Hold>(patient.as_str());
    change.audit_with(row);
    change.commit().await.map(|_| ())
}

/// Every hold, newest first: on whose record, since when, by whom and why. Of the patient only the id and the institution.
pub async fn list(app: &App, context: &Context) -> Result<Value, Error> {
    policy::administrator(context)?;
    let holds = app.newest::<Hold>(context.tenant, "at", LISTED).await?;
    let mut row = audit_row(context, AuditAction::R, "hold.list", None, "Hold");
    row.patients = holds.iter().map(|hold| hold.value.patient.clone()).collect();
    let mut shown = Vec::with_capacity(holds.len());
    for hold in holds.into_iter().map(|loaded| loaded.value) {
        shown.push(json!({
            "patient_id": hold.patient, "at": instant::text(hold.at), "reason": hold.reason,
            "by": name_of(app, context, hold.by).await?,
            "organization": institution_of(app, context, &hold.patient).await?,
        }));
    }
    app.store.audit_read(context.tenant, row).await?;
    Ok(json!({"holds": shown}))
}

/// The institution of a patient; none where there is no such patient any more, or it says none.
async fn institution_of(app: &App, context: &Context, patient: &ResourceId) -> Result<Option<String>, Error> {
    let found = match app.resource(context.tenant, "Patient", patient).await {
        Ok(found) => found.value,
        Err(error) if error.kind == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let Ok(organization) = referenced_id(&found["managingOrganization"]).parse() else { return Ok(None) };
    let organization = app.resource(context.tenant, "Organization", &organization).await?.value;
    Ok(Some(display_name(&organization)))
}
