//! What a message changes: every resource of it over what stands, in one change.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

use bianque_hl7v2::{Fault, Message, Severity};
use bianque_mapping::{Entry, Kind, Mapped, NotMapped, to_fhir};
use bianque_model::{Context, ResourceId};
use bianque_store::ResourceName;
use serde_json::{Map, Value, json};

use super::answer::Refusal;
use super::kept::{Left, Outcome};
use super::known_by::{self, URN};
use super::merging;
use super::over::over;
use super::senders::Sender;
use super::stale::Told;
use super::whose::{self, Whose};
use crate::records::take_in::Standing;
use crate::records::{concept_maps, take_in};
use crate::{App, Change, Error};

/// What a message came to.
pub(super) struct Applied {
    pub(super) patient: ResourceId,
    pub(super) wrote: Vec<String>,
    /// What was left out of it.
    pub(super) faults: Vec<Fault>,
}

impl Applied {
    /// As it is kept.
    pub(super) fn outcome(&self) -> Outcome {
        let left = self.faults.iter().map(Left::from).collect();
        Outcome::Applied { patient: self.patient.clone(), wrote: self.wrote.clone(), left }
    }
}

/// Puts what a message changes into a change.
pub(super) async fn apply(
    app: &App,
    context: &Context,
    sender: &Sender,
    message: &Message,
    change: &mut Change<'_>,
) -> Result<Applied, Refusal> {
    let mapped = mapped(message, sender)?;
    let Some(patient) = mapped.entries.iter().find(|entry| entry.name == "Patient-1") else {
        return Err(Refusal::failed(100, "PID", "there is no patient in it"));
    };
    let control = message.text("MSH-10");
    let told = Told { sender: &sender.id, control: control.trim(), at: mapped.at };
    let teller = Teller { mapped: mapped.kind, told: &told, sender };
    if matches!(mapped.kind, Kind::Merge | Kind::Unlink) {
        return merging::apply(app, context, &teller, patient, &mapped, change).await;
    }
    let whose = whose::whose(app, context, &Value::Object(patient.resource.clone())).await?;
    let ids = known_by::ids(app, context, &whose, &mapped.entries).await?;
    let mut applied = Applied { patient: whose.id.clone(), wrote: Vec::new(), faults: mapped.faults };
    for expected in &whose.expected {
        change.expect(expected.clone());
    }
    let maps = concept_maps::of(app, context.tenant).await?;
    let mut standing = standing(app, context, &whose, &ids).await?;
    for entry in &mapped.entries {
        let Some(id) = ids.get(&entry.name) else { continue };
        let mut entry = entry.clone();
        maps.translate(&mut entry.resource);
        refer(&mut entry.resource, &|name| {
            let id = ids.get(name)?;
            Some(format!("{}/{id}", kind_of(name)))
        });
        let name = (kind_of(&entry.name).to_owned(), id.clone());
        let Some(stands) = standing.remove(&name) else { continue };
        match teller.write(app, context, entry, (&whose, &name, stands), change).await? {
            Written::Yes(name) => applied.wrote.push(name),
            Written::No => {}
            Written::Passed(fault) => applied.faults.push(fault),
        }
    }
    Ok(applied)
}

/// The type of an entry, by its name.
fn kind_of(name: &str) -> &str {
    name.split('-').next().unwrap_or_default()
}

/// What stands of all that a message tells of.
async fn standing(
    app: &App,
    context: &Context,
    whose: &Whose,
    ids: &BTreeMap<String, ResourceId>,
) -> Result<BTreeMap<ResourceName, Standing>, Error> {
    let names = ids.iter().map(|(name, id)| (kind_of(name).to_owned(), id.clone()));
    let others: Vec<ResourceName> = names.filter(|(kind, _)| kind != "Patient").collect();
    let mut all =
        if others.is_empty() { BTreeMap::new() } else { take_in::standings(app, context, others).await? };
    // The patient stands as found: who is one with them was read after that.
    all.insert(("Patient".to_owned(), whose.id.clone()), whose.standing.clone());
    Ok(all)
}

/// The resources of a message. A panic is a fault of ours, and no reason to lose the message or the line.
fn mapped(message: &Message, sender: &Sender) -> Result<Mapped, Refusal> {
    let sender = sender.mapping();
    let Ok(mapped) = catch_unwind(AssertUnwindSafe(|| to_fhir(message, &sender))) else {
        tracing::error!("mapping a message panicked");
        return Err(Refusal::failed(207, "", "something went wrong on the server while it was mapped"));
    };
    mapped.map_err(|error| match &error {
        NotMapped::Kind(_) => Refusal::rejected(200, "MSH-9", error.to_string()),
        NotMapped::Segment(name) => Refusal::failed(100, name, error.to_string()),
        NotMapped::Patient => Refusal::failed(101, "PID-3", error.to_string()),
    })
}

/// What became of a resource of a message.
pub(super) enum Written {
    Yes(String),
    No,
    Passed(Fault),
}

/// Who tells, by what kind of message.
pub(super) struct Teller<'a> {
    pub(super) mapped: Kind,
    pub(super) told: &'a Told<'a>,
    pub(super) sender: &'a Sender,
}

impl Teller<'_> {
    async fn write(
        &self,
        app: &App,
        context: &Context,
        entry: Entry,
        (whose, (kind, id), standing): (&Whose, &ResourceName, Standing),
        change: &mut Change<'_>,
    ) -> Result<Written, Refusal> {
        let Entry { resource, removed, .. } = entry;
        let stands = standing.value()?;
        if let Some(stands) = &stands {
            known_by::is_theirs(whose, stands)?;
        }
        if stands.is_some() && !self.is_about(kind) {
            return Ok(Written::No);
        }
        if let Some(stands) = &stands
            && let Some(passed) = self.told.passed(stands, &Value::Object(resource.clone()))
        {
            let text = format!("{kind} left as it stands: {}", passed.text());
            return Ok(Written::Passed(Fault { at: None, code: 0, severity: Severity::Information, text }));
        }
        let mut whole = match stands {
            Some(stands) => over(self.mapped, stands, resource, &removed),
            None => self.made(resource),
        };
        self.told.mark(&mut whole);
        take_in::put(app, context, (kind, id), whole, standing, "hl7v2.receive", change).await?;
        Ok(Written::Yes(format!("{kind}/{id}")))
    }

    /// Whether this kind of message is about such resources: then it changes those that stand. Others come with it, and are
    /// made where there are none.
    fn is_about(&self, kind: &str) -> bool {
        let is_event = !matches!(
            self.mapped,
            Kind::Schedule | Kind::Order | Kind::Result | Kind::Document | Kind::Referral
        );
        match kind {
            "Patient" | "Encounter" => is_event,
            _ => true,
        }
    }

    /// A resource that there was none of.
    pub(super) fn made(&self, mut resource: Map<String, Value>) -> Value {
        if resource.get("resourceType").is_some_and(|kind| kind == "Patient") {
            resource.insert("active".into(), true.into());
            let organization = &self.sender.rules.organization_id;
            if !organization.is_empty() {
                let reference = json!({"reference": format!("Organization/{organization}")});
                resource.insert("managingOrganization".into(), reference);
            }
        }
        Value::Object(resource)
    }
}

/// Names of the message in references become what they are called here. A reference to what was left out goes.
fn refer(resource: &mut Map<String, Value>, name: &dyn Fn(&str) -> Option<String>) {
    resource.retain(|_, value| follow(value, name));
}

/// Whether something is left of it.
fn follow(value: &mut Value, name: &dyn Fn(&str) -> Option<String>) -> bool {
    match value {
        Value::Array(items) => {
            items.retain_mut(|item| follow(item, name));
            !items.is_empty()
        }
        Value::Object(members) => {
            if let Some(Value::String(text)) = members.get_mut("reference")
                && let Some(own) = text.strip_prefix(URN)
            {
                let Some(named) = name(own) else { return false };
                *text = named;
            }
            members.retain(|_, value| follow(value, name));
            !members.is_empty()
        }
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[expect(clippy::needless_pass_by_value, reason = "what json! makes is passed as it is")]
    fn object(value: Value) -> Map<String, Value> {
        value.as_object().cloned().unwrap_or_default()
    }

    #[test]
    fn references_to_what_was_left_out_go() {
        let mut resource = object(json!({
            "encounter": {"reference": "urn:hl7v2:entry:Encounter-1"},
            "subject": {"reference": "urn:hl7v2:entry:Patient-1"},
            "performer": [{"display": "Dr Li"}],
        }));
        refer(&mut resource, &|name| (name == "Patient-1").then(|| "Patient/ana".to_owned()));
        let wanted = json!({"subject": {"reference": "Patient/ana"}, "performer": [{"display": "Dr Li"}]});
        assert_eq!(Value::Object(resource), wanted);
    }
}
