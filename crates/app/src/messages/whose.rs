//! Whose a message is.
//!
//! A patient is known by an identifier and the authority that gave it, and by nothing else. When that is somebody's here
//! whose name, birth date or sex is another, people decide: nothing of the message is written.

use std::collections::BTreeSet;

use bianque_model::{Context, ResourceId};
use bianque_store::Expectation;
use serde_json::{Value, json};
use uuid::Uuid;

use super::answer::Refusal;
use crate::patients::alone;
use crate::patients::authorities::{Authorities, Sharing};
use crate::records::operations::likeness::contradicts;
use crate::records::take_in::Standing;
use crate::records::{identity, take_in};
use crate::resources::Versioned;
use crate::{App, Error};

/// Resources that are looked at for one identifier.
pub(super) const LOOKED_AT: u32 = 20;

/// The patient of a message.
pub(super) struct Whose {
    /// The record that the message is about. One that was merged stays the record of what is told of it: its owner is right
    /// whether the merge stands or is undone.
    pub(super) id: ResourceId,
    /// All records that are one with it.
    pub(super) all: Vec<ResourceId>,
    /// What must hold for somebody who is new.
    pub(super) expected: Vec<Expectation>,
    /// What stands of the record.
    pub(super) standing: Standing,
}

/// Finds the patient that a message describes.
///
/// # Errors
/// The identifiers are of several patients, or of one who is somebody else by the message (205); or there is none that
/// names one patient (204).
pub(super) async fn whose(app: &App, context: &Context, patient: &Value) -> Result<Whose, Refusal> {
    let identifiers = naming(app, context, patient).await?;
    if identifiers.is_empty() {
        let words = "no identifier with an authority that names one patient";
        return Err(Refusal::failed(204, "PID-3", words));
    }
    let found = records_of(app, context, &identifiers).await?;
    let Some(first) = found.first() else {
        let expected = identifiers.into_iter().map(identity::nobody_has).collect();
        let id: ResourceId = Uuid::now_v7().into();
        let standing = Standing::of_patient(None, alone(&id));
        return Ok(Whose { all: vec![id.clone()], id, expected, standing });
    };
    let id = id_of(&first.value)?;
    let same = app.same_patient(context.tenant, &id).await?;
    for other in &found[1..] {
        if !same.all.contains(&id_of(&other.value)?) {
            let words = "these identifiers are of different patients here; the records can be merged";
            return Err(Refusal::failed(205, "PID-3", words));
        }
    }
    if let Some(part) = contradicts(&first.value, patient) {
        let words = format!("the patient with this identifier has another {part} here");
        return Err(Refusal::failed(205, "PID-3", words));
    }
    let standing = Standing::of_patient(Some(first), same.clone());
    Ok(Whose { id, all: same.all, expected: Vec::new(), standing })
}

/// The record that has one of these identifiers, if there is one.
pub(super) async fn record(
    app: &App,
    context: &Context,
    identifiers: &[Value],
) -> Result<Option<ResourceId>, Refusal> {
    let named = naming(app, context, &json!({"resourceType": "Patient", "identifier": identifiers})).await?;
    let found = records_of(app, context, &named).await?;
    let ids: BTreeSet<ResourceId> =
        found.iter().map(|one| id_of(&one.value)).collect::<Result<_, Error>>()?;
    if ids.len() > 1 {
        return Err(Refusal::failed(205, "MRG-1", "these identifiers are of several records here"));
    }
    Ok(ids.into_iter().next())
}

/// The identifiers that name one patient, in their order.
async fn naming(app: &App, context: &Context, patient: &Value) -> Result<Vec<(String, String)>, Error> {
    let authorities = Authorities::load(app, context).await?;
    let mut named = Vec::new();
    for one in patient["identifier"].as_array().into_iter().flatten() {
        if let (Some(system), Some(value)) = (one["system"].as_str(), one["value"].as_str())
            && authorities.sharing(system) != Sharing::Allowed
        {
            let pair = (system.to_owned(), value.to_owned());
            if !named.contains(&pair) {
                named.push(pair);
            }
        }
    }
    Ok(named)
}

/// Everybody who has one of these, those of the first identifier first.
async fn records_of(
    app: &App,
    context: &Context,
    identifiers: &[(String, String)],
) -> Result<Vec<Versioned>, Error> {
    let mut all: Vec<Versioned> = Vec::new();
    for (system, value) in identifiers {
        for found in
            take_in::with_identifier(app, context, "Patient", (Some(system), value), LOOKED_AT).await?
        {
            if all.iter().all(|known| known.value["id"] != found.value["id"]) {
                all.push(found);
            }
        }
    }
    Ok(all)
}

fn id_of(resource: &Value) -> Result<ResourceId, Error> {
    resource["id"].as_str().unwrap_or_default().parse().map_err(Error::internal)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_birth_date_or_sex_is_somebody_else_and_another_name_may_be_a_wedding() {
        let of = |family: &str, birth_date: Option<&str>, gender: &str| {
            let mut patient = json!({"name": [{"family": family, "given": ["Ana"]}], "gender": gender});
            if let Some(date) = birth_date {
                patient["birthDate"] = date.into();
            }
            patient
        };
        let ana = of("Reyes", Some("1970-05-06"), "female");
        let told = |family, date, gender| contradicts(&ana, &of(family, date, gender));
        assert_eq!(told("Reyes", Some("1970-05-06"), "female"), None);
        assert_eq!(told("Reyes", None, "unknown"), None, "what is not said contradicts nothing");
        assert_eq!(told("Reyes", Some("1981-01-01"), "female"), Some("birth date"));
        assert_eq!(told("Reyes", Some("1970-05-06"), "male"), Some("sex"));
        let renamed = |date| {
            let mut told = of("Okafor", date, "female");
            told["name"][0]["given"] = json!(["Grace"]);
            contradicts(&ana, &told)
        };
        assert_eq!(renamed(Some("1970-05-06")), None);
        assert_eq!(renamed(None), Some("name"));
    }
}
