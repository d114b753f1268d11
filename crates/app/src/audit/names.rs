//! Names of who is in the audit: an agent is an id there, and who looks at it wants to know who that is.

use std::collections::HashMap;

use bianque_model::Context;
use serde_json::Value;

use crate::identity::accounts::Account;
use crate::messages::senders::Sender;
use crate::people::display_name;
use crate::{App, Error};

/// Whose names are told to a patient who looks at their own record.
pub(crate) const TO_THE_PATIENT: &[&str] = &["Practitioner", "Organization", "Patient", "RelatedPerson"];
/// Whose names are told to an administrator, who reads no patient.
pub(super) const TO_AN_ADMINISTRATOR: &[&str] = &["Practitioner", "Organization", "User", "Sender"];

/// Names, each looked up once.
pub(crate) struct Names {
    app: App,
    context: Context,
    told: &'static [&'static str],
    known: HashMap<String, Option<String>>,
}

impl Names {
    /// Names of these kinds of agents, and of no others.
    pub(crate) fn new(app: &App, context: &Context, told: &'static [&'static str]) -> Self {
        Self { app: app.clone(), context: context.clone(), told, known: HashMap::new() }
    }

    /// The name behind `Practitioner/…` and the like; none where there is nobody with a name that is told.
    pub(crate) async fn of(&mut self, reference: &str) -> Result<Option<String>, Error> {
        if let Some(known) = self.known.get(reference) {
            return Ok(known.clone());
        }
        let name = match reference.split_once('/').filter(|(kind, _)| self.told.contains(kind)) {
            Some(("User", id)) => {
                let found = self.app.load::<Account>(self.context.tenant, id).await?;
                found.map(|account| account.value.name)
            }
            Some(("Sender", id)) => {
                let found = self.app.load::<Sender>(self.context.tenant, id).await?;
                found.map(|sender| sender.value.rules.name)
            }
            Some((resource_type, id)) => self.of_resource(resource_type, id).await?,
            None => None,
        };
        self.known.insert(reference.to_owned(), name.clone());
        Ok(name)
    }

    async fn of_resource(&self, resource_type: &str, id: &str) -> Result<Option<String>, Error> {
        let id = id.parse().map_err(Error::internal)?;
        let found = self.app.store.resource(self.context.tenant, resource_type, &id).await?;
        let document = found.and_then(|stored| stored.document);
        let resource: Option<Value> =
            document.map(|bytes| serde_json::from_slice(&bytes)).transpose().map_err(Error::internal)?;
        Ok(resource.as_ref().map(display_name))
    }
}

/// What kind of agent it was.
pub(crate) fn kind(agent: &str) -> &'static str {
    match agent.split_once('/') {
        Some(("Practitioner", _)) => "clinician",
        Some(("Patient", _)) => "patient",
        Some(("RelatedPerson", _)) => "proxy",
        Some(("User", _)) => "administrator",
        Some(("Token" | "Application" | "Sender", _)) => "program",
        _ => "server",
    }
}
