//! Keeping the record: problems, allergies and medicines are added and changed outside of a note, over the version that
//! was on the screen and over no other.
//!
//! Only what a form names is changed; whatever else a resource says stays as another system wrote it. Nothing is deleted:
//! what should not be there is told to be entered in error, and stays reachable.

pub mod allergy;
pub mod history;
pub mod medication;
pub mod problem;
#[cfg(test)]
mod tests;

use bianque_model::{Context, ResourceId, Timestamp};
use bianque_query::Predicate;
use bianque_store::{AuditAction, CommitError};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::chart::{self, entries};
use crate::live::What;
use crate::people::display_name;
use crate::policy::{self, patient_compartment};
use crate::resources::Versioned;
use crate::visits::Visit;
use crate::visits::access::{bounded, required, tell};
use crate::visits::visit::schedule_key;
use crate::{App, Change, Error, ErrorKind, instant};

/// Visits of a patient that are told of a change.
const TOLD: u32 = 50;

/// A code with the system that it is of.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Code {
    /// The system's URI.
    pub system: String,
    /// The code.
    pub code: String,
    /// Its words.
    #[serde(default)]
    pub display: String,
}

/// Which entry is written: a new one, or one over the version that was on the screen.
#[derive(Debug, Clone)]
pub enum Target {
    /// A new one.
    New,
    /// What stands, if it stands so.
    Standing {
        /// Which.
        id: ResourceId,
        /// The version that was read.
        version: u64,
    },
}

/// What a form makes of an entry.
struct Edit<'a> {
    app: &'a App,
    context: &'a Context,
    patient: &'a ResourceId,
    resource_type: &'static str,
    /// The use case, for the audit.
    operation: &'static str,
}

impl<'a> Edit<'a> {
    /// Asks policy, and whether the patient is theirs.
    async fn begin(
        app: &'a App,
        context: &'a Context,
        patient: &'a ResourceId,
        resource_type: &'static str,
        operation: &'static str,
    ) -> Result<Self, Error> {
        policy::clinician(context)?;
        chart::readable(app, context, patient).await?;
        Ok(Self { app, context, patient, resource_type, operation })
    }

    /// What is to be changed as it stands, or the beginning of a new one, with its version.
    async fn standing(&self, target: &Target) -> Result<Versioned, Error> {
        let Target::Standing { id, version } = target else {
            let value = json!({"resourceType": self.resource_type, "id": Uuid::now_v7()});
            return Ok(Versioned { value, version: 0, last_updated: Timestamp(0) });
        };
        let found = find(self.app, self.context, self.patient, self.resource_type, id).await?;
        if found.version == *version { Ok(found) } else { Err(stale(found.version)) }
    }

    /// Writes what was made of it, with what else changes beside it.
    async fn write(&self, edited: Versioned, beside: Vec<Versioned>) -> Result<Value, Error> {
        let mut change = Change::new(self.app, self.context);
        for resource in beside.iter().chain([&edited]) {
            check(&resource.value)?;
            let id = resource.value["id"].as_str().unwrap_or_default();
            let action = if resource.version == 0 { AuditAction::C } else { AuditAction::U };
            change.replace(&resource.value, resource.version)?;
            change.audit(action, self.operation, Some(self.patient), &format!("{}/{id}", self.resource_type));
        }
        match change.try_commit().await {
            Ok(committed) => {
                self.tell().await?;
                let version = committed.resource_versions.last().copied().unwrap_or_default();
                let written = Versioned { version, last_updated: committed.last_updated, ..edited };
                Ok(json!({"entry": entries::entry(&written)}))
            }
            Err(CommitError::Version { current, .. }) => Err(stale(current)),
            Err(error) => Err(error.into()),
        }
    }

    /// Tells those who have the patient in a visit now.
    async fn tell(&self) -> Result<(), Error> {
        let low = schedule_key(self.patient, self.context.now.plus_seconds(-2 * 86_400));
        let high = format!("{}|~", self.patient);
        let range = low.as_str()..high.as_str();
        for visit in self.app.list::<Visit>(self.context.tenant, "patient", range, TOLD).await? {
            tell(self.app, self.context, &visit.value, What::Visit);
        }
        Ok(())
    }

    /// Who does it, as an entry names them.
    async fn author(&self) -> Result<Value, Error> {
        let practitioner = policy::clinician(self.context)?.practitioner;
        let person = self.app.resource(self.context.tenant, "Practitioner", practitioner).await?.value;
        Ok(json!({"reference": format!("Practitioner/{practitioner}"), "display": display_name(&person)}))
    }

    fn subject(&self) -> Value {
        json!({"reference": format!("Patient/{}", self.patient)})
    }

    /// What was added behind the notes that stand becomes a note of its own; another text takes their place.
    async fn note(&self, resource: &mut Value, text: &str) -> Result<(), Error> {
        let text = bounded("note", text, 4_000)?;
        let standing = chart::note_of(resource).as_str().unwrap_or_default().to_owned();
        if text == standing {
            return Ok(());
        }
        let mut notes = resource["note"].as_array().cloned().unwrap_or_default();
        let added = text.strip_prefix(&standing).filter(|_| !standing.is_empty()).map(str::trim);
        if added.is_none() {
            notes.clear();
        }
        let new = added.unwrap_or(&text);
        if !new.is_empty() {
            let (time, author) = (instant::text(self.context.now), self.author().await?);
            notes.push(json!({"text": new, "time": time, "authorReference": author}));
        }
        set(resource, "note", (!notes.is_empty()).then(|| json!(notes)));
        Ok(())
    }
}

/// The entry of a patient's record, where the asker may see it.
async fn find(
    app: &App,
    context: &Context,
    patient: &ResourceId,
    resource_type: &str,
    id: &ResourceId,
) -> Result<Versioned, Error> {
    let of_patient = Predicate::In(patient_compartment(patient));
    let filter = Predicate::And(vec![of_patient, Predicate::Ids(vec![id.clone()])]);
    let mut found = app.newest_of(context.tenant, resource_type, filter, policy::scope(context)?, 1).await?;
    found.pop().ok_or_else(Error::not_found)
}

/// Somebody else has changed the entry meanwhile.
fn stale(version: u64) -> Error {
    let message = "the entry was changed meanwhile; read what was changed";
    Error::new(ErrorKind::Stale, "record.changed", message).with_details(json!({"version": version}))
}

/// What the rules of FHIR say of an entry is told, and nothing is written.
fn check(resource: &Value) -> Result<(), Error> {
    let issues = bianque_fhir::validate(resource);
    let Some(issue) = issues.first() else { return Ok(()) };
    let message = format!("{}: {}", issue.expression, issue.message);
    Err(Error::new(ErrorKind::Refused, "record.invalid", message))
}

/// Writes a member, or takes it away.
fn set(resource: &mut Value, name: &str, value: Option<Value>) {
    match (value, resource.as_object_mut()) {
        (Some(value), Some(members)) => drop(members.insert(name.to_owned(), value)),
        (None, Some(members)) => drop(members.remove(name)),
        (_, None) => {}
    }
}

/// A concept of one of HL7's own tables.
fn hl7(table: &str, code: &str) -> Value {
    json!({"coding": [{"system": format!("http://terminology.hl7.org/CodeSystem/{table}"), "code": code}]})
}

/// Writes a state of one of HL7's tables, or takes it away. One that stands already stays as it was written.
fn state(resource: &mut Value, name: &str, table: &str, code: &str) {
    if resource[name]["coding"][0]["code"].as_str().unwrap_or_default() == code {
        return;
    }
    set(resource, name, (!code.is_empty()).then(|| hl7(table, code)));
}

/// Words, with a code where there is one. Codings of other systems stay while the first is the same.
fn concept(standing: &Value, text: &str, code: Option<&Code>) -> Result<Value, Error> {
    let mut concept = json!({"text": required("text", text, 500)?});
    let Some(code) = code else { return Ok(concept) };
    let (system, of) = (required("code.system", &code.system, 500)?, required("code.code", &code.code, 200)?);
    let first = &standing["coding"][0];
    if first["code"] == of.as_str() && first["system"] == system.as_str() {
        concept["coding"] = standing["coding"].clone();
        return Ok(concept);
    }
    let mut coding = json!({"system": system, "code": of});
    let display = bounded("code.display", &code.display, 500)?;
    if !display.is_empty() {
        coding["display"] = json!(display);
    }
    concept["coding"] = json!([coding]);
    Ok(concept)
}

/// A date that may leave out day or month, or nothing.
fn date(field: &'static str, text: &str) -> Result<Option<Value>, Error> {
    let text = bounded(field, text, 10)?;
    if text.is_empty() {
        return Ok(None);
    }
    let whole = match text.len() {
        4 => format!("{text}-01-01"),
        7 => format!("{text}-01"),
        _ => text.clone(),
    };
    match instant::parse_date(&whole) {
        Some(_) => Ok(Some(json!(text))),
        None => Err(Error::field("field.date", field, format!("{field} is not a date"))),
    }
}
