//! Institutions as rows name them.

use std::collections::HashMap;

use bianque_model::{Context, ResourceId};
use bianque_query::{Predicate, Scope};
use serde_json::Value;

use crate::people::display_name;
use crate::{App, Error};

/// The institutions of a tenant, by what a row may call them.
pub(super) struct Institutions(HashMap<String, Vec<ResourceId>>);

impl Institutions {
    pub(super) async fn load(app: &App, context: &Context) -> Result<Self, Error> {
        let all =
            app.matching(context.tenant, "Organization", Predicate::And(Vec::new()), Scope::All).await?;
        let mut found: HashMap<String, Vec<ResourceId>> = HashMap::new();
        for organization in all {
            let Some(id) = organization.value["id"].as_str().and_then(|id| id.parse::<ResourceId>().ok())
            else {
                continue;
            };
            for name in names(&organization.value, &id) {
                let ids = found.entry(name).or_default();
                if !ids.contains(&id) {
                    ids.push(id.clone());
                }
            }
        }
        Ok(Self(found))
    }

    /// The institution with this id, this name, or this identifier as `system|value`.
    pub(super) fn find(&self, text: &str) -> Result<&ResourceId, Error> {
        let refused = |words: &str| Err(Error::field("organization.unknown", "institution", words));
        match self.0.get(text).map(Vec::as_slice) {
            Some([only]) => Ok(only),
            Some(_) => refused("several institutions have this name; give the id of one"),
            None if text.is_empty() => refused("institution is required"),
            None => refused("there is no institution with this id, name or identifier (system|value)"),
        }
    }
}

fn names(organization: &Value, id: &ResourceId) -> Vec<String> {
    let mut names = vec![id.to_string(), display_name(organization)];
    for identifier in organization["identifier"].as_array().into_iter().flatten() {
        if let (Some(system), Some(value)) = (identifier["system"].as_str(), identifier["value"].as_str()) {
            names.push(format!("{system}|{value}"));
        }
    }
    names
}
