//! What a message changes: every resource of it over what stands, in one change.

use std::panic::{AssertUnwindSafe, catch_unwind};

use bianque_hl7v2::{Fault, Message, Severity};
use bianque_mapping::{Entry, Kind, Mapped, NotMapped, to_fhir};
use bianque_model::{Context, ResourceId};
use serde_json::{Map, Value, json};

use super::answer::Refusal;
use super::kept::{Left, Outcome};
use super::known_by::{self, URN};
use super::merging;
use super::senders::Sender;
use super::stale::Told;
use super::whose;
use crate::records::take_in;
use crate::{App, Change};

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
    let place = Place { mapped: mapped.kind, told: &told, sender };
    if matches!(mapped.kind, Kind::Merge | Kind::Unlink) {
        return merging::apply(app, context, &place, patient, &mapped, change).await;
    }
    let whose = whose::whose(app, context, &Value::Object(patient.resource.clone())).await?;
    let ids = known_by::ids(app, context, &whose, &mapped.entries).await?;
    let mut applied = Applied { patient: whose.id.clone(), wrote: Vec::new(), faults: mapped.faults };
    for expected in &whose.expected {
        change.expect(expected.clone());
    }
    for entry in &mapped.entries {
        let Some(id) = ids.get(&entry.name) else { continue };
        let mut entry = entry.clone();
        refer(&mut entry.resource, &|name| {
            let id = ids.get(name)?;
            let kind = name.split('-').next()?;
            Some(format!("{kind}/{id}"))
        });
        match place.write(app, context, entry, id, change).await? {
            Written::Yes(name) => applied.wrote.push(name),
            Written::No => {}
            Written::Passed(fault) => applied.faults.push(fault),
        }
    }
    Ok(applied)
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

/// What a message is, as far as it says what overwrites what.
pub(super) struct Place<'a> {
    pub(super) mapped: Kind,
    pub(super) told: &'a Told<'a>,
    pub(super) sender: &'a Sender,
}

impl Place<'_> {
    async fn write(
        &self,
        app: &App,
        context: &Context,
        entry: Entry,
        id: &ResourceId,
        change: &mut Change<'_>,
    ) -> Result<Written, Refusal> {
        let Entry { resource, removed, .. } = entry;
        let kind = resource.get("resourceType").and_then(Value::as_str).unwrap_or_default().to_owned();
        let standing = take_in::standing(app, context, &kind, id).await?;
        let stands = standing.value()?;
        if stands.is_some() && !self.is_about(&kind) {
            return Ok(Written::No);
        }
        if let Some(stands) = &stands
            && let Some(passed) = self.told.passed(stands, &Value::Object(resource.clone()))
        {
            let text = format!("{kind} left as it stands: {}", passed.text());
            return Ok(Written::Passed(Fault { at: None, code: 0, severity: Severity::Information, text }));
        }
        let mut whole = match stands {
            Some(stands) => over(stands, resource, &removed),
            None => self.made(resource),
        };
        self.told.mark(&mut whole);
        take_in::put(app, context, (&kind, id), whole, standing, "hl7v2.receive", change).await?;
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

/// What a message says, over what stands: members that it says, without those that it says are no more. What it does not
/// know replaces nothing; numbers and results add up.
fn over(mut standing: Value, new: Map<String, Value>, removed: &[String]) -> Value {
    let Some(members) = standing.as_object_mut() else { return Value::Object(new) };
    for member in removed {
        members.remove(member);
    }
    // A value of an observation is of one type, or said to be absent.
    if new.get("resourceType").is_some_and(|kind| kind == "Observation") {
        members.retain(|member, _| !(member.starts_with("value") || member == "dataAbsentReason"));
    }
    for (member, value) in new {
        match member.as_str() {
            _ if says_nothing(&value) && members.contains_key(&member) => {}
            "identifier" | "result" => join(members.entry(member).or_insert_with(|| json!([])), value),
            _ => drop(members.insert(member, value)),
        }
    }
    standing
}

/// A status, a code or a class that the message does not know.
fn says_nothing(value: &Value) -> bool {
    *value == "unknown" || value["code"] == "UNK" || value["extension"][0]["valueCode"] == "unknown"
}

/// Adds what a list does not have yet. An identifier is the same by who gave it and its value.
fn join(list: &mut Value, more: Value) {
    let (Some(list), Value::Array(more)) = (list.as_array_mut(), more) else { return };
    for one in more {
        let same = |other: &Value| match (&one["value"], &one["reference"]) {
            (Value::Null, reference) => other["reference"] == *reference,
            (value, _) => other["value"] == *value && other["system"] == one["system"],
        };
        match list.iter().position(same) {
            Some(place) => list[place] = one,
            None => list.push(one),
        }
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
    fn what_a_message_says_goes_over_what_stands() {
        let standing = json!({
            "resourceType": "Patient", "id": "ana", "gender": "female", "birthDate": "1970-05-06",
            "identifier": [{"system": "a", "value": "1"}, {"system": "b", "value": "2"}],
        });
        let new = object(json!({
            "resourceType": "Patient", "birthDate": "1970-05-07",
            "identifier": [{"system": "b", "value": "2", "type": {"text": "MR"}}, {"system": "c", "value": "3"}],
        }));
        let wanted = json!({
            "resourceType": "Patient", "id": "ana", "birthDate": "1970-05-07",
            "identifier": [
                {"system": "a", "value": "1"}, {"system": "b", "value": "2", "type": {"text": "MR"}},
                {"system": "c", "value": "3"},
            ],
        });
        assert_eq!(over(standing, new, &["gender".to_owned()]), wanted);
    }

    #[test]
    fn what_a_message_does_not_know_replaces_nothing() {
        let standing = json!({"resourceType": "ServiceRequest", "status": "active", "code": {"text": "CT"}});
        let absent = json!({"extension": [{"url": "u", "valueCode": "unknown"}]});
        let new = object(json!({"resourceType": "ServiceRequest", "status": "unknown", "code": absent}));
        assert_eq!(over(standing.clone(), new, &[]), standing);
    }

    #[test]
    fn a_corrected_value_takes_the_place_of_the_former_whatever_its_type() {
        let standing =
            json!({"resourceType": "Observation", "valueString": "pending", "note": [{"text": "x"}]});
        let new = object(json!({"resourceType": "Observation", "valueQuantity": {"value": 5}}));
        let wanted = json!({
            "resourceType": "Observation", "valueQuantity": {"value": 5}, "note": [{"text": "x"}],
        });
        assert_eq!(over(standing, new, &[]), wanted);
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
