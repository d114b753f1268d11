//! Open an application from a patient's chart (SMART App Launch 2.2, "EHR launch").

use bianque_model::{Context, ResourceId, Timestamp, UserId};
use bianque_store::AuditAction;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{addresses, client, consent, for_users};
use crate::aggregate::{Aggregate, Loaded};
use crate::identity::stored_form;
use crate::records::base;
use crate::secrets::random_token;
use crate::visits::access;
use crate::{App, Change, Error};

const PURPOSE: &str = "application-launch";
/// An application has this long to come back with it.
const LASTS_S: i64 = 5 * 60;

/// Which application, and whose chart.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Opening {
    /// The application.
    pub application_id: ResourceId,
    /// The patient.
    pub patient_id: ResourceId,
    /// The visit that is open, where it is opened from one.
    #[serde(default)]
    pub visit_id: Option<ResourceId>,
}

/// What a clinician opened; its id is the stored form of the `launch` parameter.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Launch {
    id: String,
    /// Which application may come with it.
    pub(super) client: ResourceId,
    /// Who opened it, and alone may let it in.
    pub(super) user: UserId,
    /// Whose chart.
    pub(super) patient: ResourceId,
    /// In which visit.
    #[serde(default)]
    pub(super) encounter: Option<ResourceId>,
    until: Timestamp,
}

impl Aggregate for Launch {
    const KIND: &'static str = "application-launch";
    const ABOUT_PATIENT: bool = true;

    fn id(&self) -> String {
        self.id.clone()
    }

    fn expires(&self) -> Option<Timestamp> {
        Some(self.until)
    }
}

/// The address to open.
pub async fn open(app: &App, context: &Context, opening: Opening) -> Result<Value, Error> {
    let user = for_users(context)?.user;
    let client = client::active(app, context, opening.application_id.as_str()).await?;
    let client = client.ok_or_else(Error::not_found)?;
    let address = client.launch_url.as_deref().ok_or_else(Error::not_found)?;
    consent::patient(app, context, &opening.patient_id).await?;
    if let Some(visit) = &opening.visit_id {
        of_patient(app, context, visit, &opening.patient_id).await?;
    }
    let launch = random_token()?;
    let mut change = Change::new(app, context);
    change.insert(&Launch {
        id: stored_form(app, PURPOSE, &launch),
        client: client.id.clone(),
        user,
        patient: opening.patient_id.clone(),
        encounter: opening.visit_id,
        until: context.now.plus_seconds(LASTS_S),
    })?;
    let entity = format!("Application/{}", client.id);
    change.audit(AuditAction::E, "application.launch", Some(&opening.patient_id), &entity);
    change.commit().await?;
    Ok(json!({"url": addresses::with(address, &[("iss", &base(app, context.tenant)), ("launch", &launch)])?}))
}

/// Whether a visit that the user may touch is of this patient: not there and not yours are the same answer.
pub(super) async fn of_patient(
    app: &App,
    context: &Context,
    visit: &ResourceId,
    patient: &ResourceId,
) -> Result<(), Error> {
    let access = access::find(app, context, visit).await?;
    if access.visit.value.patient == *patient { Ok(()) } else { Err(Error::not_found()) }
}

/// The launch of a parameter, while it is good.
pub(super) async fn find(app: &App, context: &Context, text: &str) -> Result<Option<Loaded<Launch>>, Error> {
    let found = app.load::<Launch>(context.tenant, &stored_form(app, PURPOSE, text)).await?;
    Ok(found.filter(|launch| context.now < launch.value.until))
}
