//! How a subscription does: what its resource does not say.

use bianque_model::{Context, ResourceId};
use serde_json::{Value, json};

use super::TYPE;
use super::progress::Progress;
use crate::instant;
use crate::policy::{self, Action};
use crate::records::asked::Asked;
use crate::records::read::{audit, standing};
use crate::records::visible;
use crate::{App, Error};

/// Parameters: what was delivered, when last, and what fails.
pub async fn status(app: &App, context: &Context, id: &ResourceId, asked: &Asked) -> Result<Vec<u8>, Error> {
    let scope = policy::records(context, TYPE, Action::Read)?;
    asked.only(&[])?;
    let stored = visible::current(app, context, scope, TYPE, id).await?;
    let record = standing(&stored)?;
    audit(app, context, "subscription.status", &stored).await?;
    let resource: Value = serde_json::from_slice(&record.body).map_err(Error::internal)?;
    let progress = app.load::<Progress>(context.tenant, id.as_str()).await?.map(|progress| progress.value);
    let mut parameters = vec![
        json!({"name": "subscription", "valueReference": {"reference": format!("{TYPE}/{id}")}}),
        json!({"name": "status", "valueCode": resource["status"]}),
    ];
    if let Some(error) = resource["error"].as_str() {
        parameters.push(json!({"name": "error", "valueString": error}));
    }
    parameters.extend(progress.iter().flat_map(told));
    Ok(json!({"resourceType": "Parameters", "parameter": parameters}).to_string().into_bytes())
}

fn told(progress: &Progress) -> Vec<Value> {
    let at = |name: &str, at| json!({"name": name, "valueInstant": instant::text(at)});
    let mut told = vec![
        json!({"name": "delivered", "valueUnsignedInt": progress.delivered}),
        json!({"name": "failures", "valueUnsignedInt": progress.failures}),
    ];
    told.extend(progress.last_delivery.map(|last| at("last-delivery", last)));
    told.extend(progress.failing_since.map(|since| at("failing-since", since)));
    if let Some((when, why)) = &progress.last_failure {
        told.push(at("last-failure", *when));
        told.push(json!({"name": "last-failure-reason", "valueString": why}));
    }
    told
}
