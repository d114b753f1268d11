//! Whose images are.
//!
//! A patient is known by an identifier and the authority that gave it. Where the authority is not told, a number that
//! exactly one record has names its patient when the birth date agrees. Images of somebody who is not known, or whose name,
//! birth date or sex contradicts the record with the number, are kept as those of a patient of their own, and people say
//! whose they are.

use bianque_model::{Context, ResourceId};
use bianque_query::fold;
use bianque_store::Expectation;
use serde_json::{Value, json};
use uuid::Uuid;

use super::Refusal;
use super::peers::Rules;
use crate::records::operations::likeness::{Agreement, Description, contradicts};
use crate::records::{identity, take_in};
use crate::{App, Error};

/// Records that are looked at for one number.
const LOOKED_AT: u32 = 20;

/// A patient as images name one.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub(super) struct Named {
    /// Patient ID.
    pub(super) number: String,
    /// Issuer of Patient ID; empty: none is told.
    pub(super) issuer: String,
    /// The groups of the name, as they were written: alphabetic, ideographic, phonetic.
    pub(super) names: Vec<String>,
    /// `YYYY-MM-DD`; empty: unknown.
    pub(super) birth_date: String,
    /// `M`, `F`, `O`; empty: unknown.
    pub(super) sex: String,
}

/// Whose images are.
#[derive(Debug, Clone)]
pub(super) struct Whose {
    /// What tells the patient from every other.
    pub(super) identity: String,
    /// The record.
    pub(super) patient: Option<ResourceId>,
    /// A record that is to be made, and that nobody has its number yet.
    pub(super) made: Option<(Value, Vec<Expectation>)>,
}

/// Finds the patient of images.
pub(super) async fn whose(
    app: &App,
    context: &Context,
    rules: Option<&Rules>,
    named: &Named,
) -> Result<Whose, Refusal> {
    let system = system_of(rules, &named.issuer);
    let described = described(named, system.as_deref());
    let found = if named.number.is_empty() {
        Vec::new()
    } else {
        let identifier = (system.as_deref(), named.number.as_str());
        take_in::with_identifier(app, context, "Patient", identifier, LOOKED_AT).await?
    };
    let certain = |standing: &Value| match &system {
        Some(_) => contradicts(standing, &described).is_none(),
        None => agrees(standing, &described),
    };
    if let Some((first, others)) = found.split_first() {
        let id = id_of(&first.value)?;
        let same = app.same_patient(context.tenant, &id).await?;
        let mut alone = true;
        for other in others {
            alone &= same.all.contains(&id_of(&other.value)?);
        }
        if alone && certain(&first.value) {
            let identity = format!("Patient/{id}");
            return Ok(Whose { identity, patient: Some(id), made: None });
        }
        return Ok(unknown(named));
    }
    match (system, rules.is_some_and(|rules| rules.makes_patients)) {
        (Some(system), true) if !named.number.is_empty() => {
            Ok(make(described, (system, named.number.clone()), rules))
        }
        _ => Ok(unknown(named)),
    }
}

/// Somebody of their own.
fn unknown(named: &Named) -> Whose {
    let name = named.names.iter().map(|name| fold(name)).collect::<Vec<_>>().join("=");
    let parts = [&named.issuer, &named.number, &name, &named.birth_date];
    let identity = parts.map(|part| part.replace('|', " ")).join("|");
    Whose { identity, patient: None, made: None }
}

fn make(mut described: Value, identifier: (String, String), rules: Option<&Rules>) -> Whose {
    let id: ResourceId = Uuid::now_v7().into();
    described["id"] = json!(id);
    let organization = rules.map(|rules| rules.organization_id.as_str()).unwrap_or_default();
    if !organization.is_empty() {
        described["managingOrganization"] = json!({"reference": format!("Organization/{organization}")});
    }
    let expected = vec![identity::nobody_has(identifier)];
    Whose { identity: format!("Patient/{id}"), patient: Some(id), made: Some((described, expected)) }
}

/// The authority of a Patient ID; none: it is not told.
fn system_of(rules: Option<&Rules>, issuer: &str) -> Option<String> {
    let authorities = rules.map(|rules| rules.authorities.as_slice()).unwrap_or_default();
    let known = authorities.iter().find(|one| one.name == issuer).map(|one| one.system.clone());
    let is_oid = |text: &str| text.contains('.') && text.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    known.or_else(|| is_oid(issuer).then(|| format!("urn:oid:{issuer}")))
}

/// Whether a record is surely that of somebody who has its number of an authority that is not told.
fn agrees(standing: &Value, described: &Value) -> bool {
    let agreement = Description::of(described).agreement(&Description::of(standing));
    let is = |part: &str, wanted| agreement.iter().any(|(name, it)| *name == part && *it == wanted);
    is("birth_date", Agreement::Same) && !is("sex", Agreement::Different) && !is("name", Agreement::Different)
}

/// As FHIR would say it.
fn described(named: &Named, system: Option<&str>) -> Value {
    let mut patient = json!({"resourceType": "Patient"});
    if let Some(system) = system {
        patient["identifier"] = json!([{"system": system, "value": named.number}]);
    }
    let names: Vec<Value> = named.names.iter().filter_map(|name| human(name)).collect();
    if !names.is_empty() {
        patient["name"] = names.into();
    }
    if !named.birth_date.is_empty() {
        patient["birthDate"] = json!(named.birth_date);
    }
    let gender = match named.sex.as_str() {
        "M" => "male",
        "F" => "female",
        "O" => "other",
        _ => return patient,
    };
    patient["gender"] = json!(gender);
    patient
}

/// A group of a person's name: family, given, middle, prefix, suffix, apart by carets (PS3.5, 6.2.1).
fn human(group: &str) -> Option<Value> {
    let parts: Vec<&str> = group.split('^').map(str::trim).collect();
    let part = |place: usize| parts.get(place).copied().filter(|part| !part.is_empty());
    let given: Vec<&str> = [part(1), part(2)].into_iter().flatten().collect();
    let mut name = json!({});
    if let Some(family) = part(0) {
        name["family"] = json!(family);
    }
    if !given.is_empty() {
        name["given"] = json!(given);
    }
    for (place, field) in [(3, "prefix"), (4, "suffix")] {
        if let Some(text) = part(place) {
            name[field] = json!([text]);
        }
    }
    (name != json!({})).then_some(name)
}

fn id_of(resource: &Value) -> Result<ResourceId, Error> {
    resource["id"].as_str().unwrap_or_default().parse().map_err(Error::internal)
}
