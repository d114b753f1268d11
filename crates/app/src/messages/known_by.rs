//! Which resource of here a resource of a message is: by the numbers that a sender gives, else by what it is of.

use std::collections::{BTreeMap, BTreeSet};

use bianque_mapping::Entry;
use bianque_model::{Context, ResourceId};
use serde_json::Value;

use super::answer::Refusal;
use super::whose::{LOOKED_AT, Whose};
use crate::records::take_in;
use crate::{App, Error};

/// How references of a message begin.
pub(super) const URN: &str = "urn:hl7v2:entry:";

/// The ids of a message's resources by their names in it. A resource that nothing tells from others has none, and is left
/// out.
pub(super) async fn ids(
    app: &App,
    context: &Context,
    whose: &Whose,
    entries: &[Entry],
) -> Result<BTreeMap<String, ResourceId>, Refusal> {
    let owners = owners(entries);
    let mut ids = BTreeMap::from([("Patient-1".to_owned(), whose.id.clone())]);
    let (mut taken, mut counted) = (BTreeSet::new(), BTreeMap::new());
    let (owned, others): (Vec<&Entry>, Vec<&Entry>) =
        entries.iter().partition(|entry| owners.contains_key(&entry.name));
    // What others are told apart by comes first.
    for entry in others.into_iter().chain(owned) {
        if entry.name == "Patient-1" {
            continue;
        }
        let owner = owners.get(&entry.name).and_then(|owner| ids.get(owner)).unwrap_or(&whose.id).clone();
        let Some(id) = id(app, context, (whose, &owner), entry, &taken, &mut counted).await? else {
            continue;
        };
        taken.insert(id.clone());
        ids.insert(entry.name.clone(), id);
    }
    Ok(ids)
}

/// Which report or order an observation belongs to.
fn owners(entries: &[Entry]) -> BTreeMap<String, String> {
    let mut owners = BTreeMap::new();
    for entry in entries {
        for member in ["result", "supportingInfo"] {
            let list = entry.resource.get(member).and_then(Value::as_array).into_iter().flatten();
            for name in list.filter_map(|one| one["reference"].as_str()?.strip_prefix(URN)) {
                owners.insert(name.to_owned(), entry.name.clone());
            }
        }
    }
    owners
}

async fn id(
    app: &App,
    context: &Context,
    (whose, owner): (&Whose, &ResourceId),
    entry: &Entry,
    taken: &BTreeSet<ResourceId>,
    counted: &mut BTreeMap<String, usize>,
) -> Result<Option<ResourceId>, Refusal> {
    let resource = &entry.resource;
    let resource_type = resource.get("resourceType").and_then(Value::as_str).unwrap_or_default();
    let code = code(resource);
    let numbers = numbers(resource);
    let key = match resource_type {
        "Encounter" | "ServiceRequest" | "Appointment" | "DocumentReference" => {
            let mut known = Vec::new();
            for (system, value) in &numbers {
                known.extend(
                    take_in::with_identifier(app, context, resource_type, (Some(system), value), LOOKED_AT)
                        .await?,
                );
            }
            known.retain(|one| taken.iter().all(|id| one.value["id"] != id.as_str()));
            // One number may be given to all orders of a panel.
            if known.len() > 1 {
                known.sort_by_key(|one| one.value.as_object().map(self::code) != Some(code.clone()));
            }
            if let Some(one) = known.first() {
                let id = one.value["id"].as_str().unwrap_or_default();
                return Ok(Some(id.parse().map_err(Error::internal)?));
            }
            match (numbers.first(), resource.get("period").and_then(|it| it["start"].as_str())) {
                (Some((system, value)), _) => format!("{system}|{value}|{code}"),
                (None, Some(start)) => format!("{}|{start}", whose.id),
                (None, None) if resource_type == "Encounter" => return Ok(None),
                (None, None) => format!("{}|{code}|{}", whose.id, moment(resource)),
            }
        }
        "DiagnosticReport" => match fillers(resource).or(numbers.first().cloned()) {
            Some((system, value)) => format!("{system}|{value}|{code}"),
            None => format!("{}|{code}|{}", whose.id, moment(resource)),
        },
        "Observation" if *owner == whose.id => {
            format!("{owner}|{code}|{}|{}", entry.number, moment(resource))
        }
        "Observation" => format!("{owner}|{code}|{}", entry.number),
        "RelatedPerson" => format!("{}|{}", whose.id, resource.get("name").unwrap_or(&Value::Null)),
        _ => format!("{}|{code}", whose.id),
    };
    let key = format!("hl7v2|{resource_type}|{key}");
    // The same again, in one message, is another: the lines of a text come like this.
    let nth = counted.entry(key.clone()).or_insert(0);
    *nth += 1;
    Ok(Some(take_in::id_from(&format!("{key}|{nth}"))))
}

/// A number that is given to another patient's order or report is a fault that nobody here can know the right of.
pub(super) fn is_theirs(whose: &Whose, standing: &Value) -> Result<(), Refusal> {
    let is_one = |reference: &str| {
        let id = reference.strip_prefix("Patient/");
        id.is_none_or(|id| whose.all.iter().any(|one| one.as_str() == id))
    };
    let subject = standing["subject"]["reference"].as_str();
    let participants = standing["participant"].as_array().into_iter().flatten();
    let actors = participants.filter_map(|one| one["actor"]["reference"].as_str());
    if subject.into_iter().chain(actors).all(is_one) {
        return Ok(());
    }
    let words = format!("the {} with this number is another patient's", standing["resourceType"]);
    Err(Refusal::failed(205, "", words.replace('"', "")))
}

/// The numbers that were given to a resource, each with who gave it.
fn numbers(resource: &serde_json::Map<String, Value>) -> Vec<(String, String)> {
    let master = resource.get("masterIdentifier");
    let list = resource.get("identifier").and_then(Value::as_array).into_iter().flatten();
    let all = master.into_iter().chain(list);
    all.filter_map(|one| Some((one["system"].as_str()?.to_owned(), one["value"].as_str()?.to_owned())))
        .collect()
}

/// The number that whoever makes a report gives to it: it stands in every message of it, that of who ordered it need not.
fn fillers(resource: &serde_json::Map<String, Value>) -> Option<(String, String)> {
    let list = resource.get("identifier")?.as_array()?;
    let filler = list.iter().find(|one| one["type"]["coding"][0]["code"] == "FILL")?;
    Some((filler["system"].as_str()?.to_owned(), filler["value"].as_str()?.to_owned()))
}

/// What it is, by the coding that was said, which is the first where none was added, else by its text.
fn code(resource: &serde_json::Map<String, Value>) -> String {
    let Some(code) = resource.get("code") else { return String::new() };
    let mut codings = code["coding"].as_array().into_iter().flatten();
    let coding = codings.find(|coding| coding["userSelected"] == true).unwrap_or(&code["coding"][0]);
    match (coding["code"].as_str(), code["text"].as_str()) {
        (Some(one), _) => format!("{}|{one}", coding["system"].as_str().unwrap_or_default()),
        (None, text) => text.unwrap_or_default().to_owned(),
    }
}

/// When it was.
fn moment(resource: &serde_json::Map<String, Value>) -> &str {
    let members = ["effectiveDateTime", "authoredOn", "start", "date", "issued", "occurrenceDateTime"];
    members.iter().find_map(|member| resource.get(*member)?.as_str()).unwrap_or_default()
}
