//! Whom the demo tells of its visits: its hospital, which listens on this machine.

use serde_json::json;

use super::cohort;
use crate::messages::out::destinations::{self, Rules};
use crate::{App, Error};

/// Tells the demo's hospital of visits, at a port of this machine.
pub async fn told(app: &App, port: u16) -> Result<(), Error> {
    let rules: Rules = serde_json::from_value(json!({
        "name": "演示县医院 Demo County Hospital",
        "host": "127.0.0.1",
        "port": port,
        "application": "DEMO-HIS",
        "own_application": "BIANQUE",
        "events": ["SIU", "ADT", "MDM", "ORU", "REF"],
        "zone": "Asia/Shanghai",
        "authorities": [{"name": "DEMO-MRN", "system": format!("{}/mrn", cohort::DEMO_SYSTEM)}],
    }))
    .map_err(Error::internal)?;
    let id = "demo-his".parse().map_err(Error::internal)?;
    destinations::ensure(app, &app.server_context(bianque_model::TenantId::FIRST), id, rules).await
}
