//! Find a patient of the institution, or take in a new one.

use bianque_model::{Context, ResourceId, Role};
use bianque_query::{Cursor, Predicate, Query, Reference, Scope, Test, fold};
use bianque_store::{AuditAction, CommitError, Expectation};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::change::audit_row;
use crate::patients::authorities::Authorities;
use crate::patients::refused;
use crate::people::{display_name, patient_summary};
use crate::policy;
use crate::visits::access::{bounded, one_of, required};
use crate::{App, Change, Error, instant};

/// Who looks for patients.
const FINDING: [Role; 4] = [Role::Clinician, Role::Specialist, Role::Reporter, Role::FrontDesk];
/// Patients that one search shows.
const MOST: u32 = 20;

/// A patient as the desk takes one in.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPatient {
    /// The whole name, as it is spoken.
    pub name: String,
    /// `YYYY-MM-DD`.
    pub birth_date: String,
    /// `male`, `female`, `other`, `unknown`.
    pub sex: String,
    /// Telephone number.
    #[serde(default)]
    pub phone: String,
    /// A number with the authority that gave it.
    pub identifier: Option<Identifier>,
    /// `zh-CN` or `en`.
    #[serde(default = "chinese")]
    pub language: String,
}

/// A number with its assigning authority: the only thing by which patients are matched automatically.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Identifier {
    /// The authority's URI.
    pub system: String,
    /// The number.
    pub value: String,
}

fn chinese() -> String {
    "zh-CN".to_owned()
}

/// Finds patients of the asker's institution by name in any script, identifier, birth date or telephone number, or by
/// several of them at once. `after` is the `next` of the page before.
pub async fn search(app: &App, context: &Context, text: &str, after: Option<String>) -> Result<Value, Error> {
    let asker = policy::member(context, &FINDING)?;
    let text = bounded("query", text, 100)?;
    let own = Predicate::Param {
        param: "organization".into(),
        test: Test::Refers(Reference {
            resource_type: "Organization".into(),
            id: asker.organization.clone(),
        }),
    };
    let filter = if text.is_empty() { own } else { Predicate::And(vec![own, any_of(&text)]) };
    let query = Query {
        resource_type: "Patient".into(),
        filter,
        scope: policy::scope(context)?,
        order: Vec::new(),
        after: after.map(Cursor),
        limit: MOST,
    };
    let page = app.store.search(context.tenant, query).await?;
    let next = page.next.map(|cursor| cursor.0);
    let organization = app.resource(context.tenant, "Organization", asker.organization).await?.value;
    let name = display_name(&organization);
    let mut row = audit_row(context, AuditAction::R, "patient.search", None, "Patient");
    // Who is found by what a merged record says is shown as they are now, once.
    let shown_for = app.shown_patients(context.tenant, page.rows.iter().map(|stored| &stored.id)).await?;
    let mut survivors: Vec<ResourceId> = Vec::with_capacity(page.rows.len());
    for stored in &page.rows {
        let survivor = shown_for.get(&stored.id).unwrap_or(&stored.id);
        if !survivors.contains(survivor) {
            survivors.push(survivor.clone());
        }
    }
    let found =
        app.matching(context.tenant, "Patient", Predicate::Ids(survivors.clone()), policy::scope(context)?);
    let found = found.await?;
    let mut shown = Vec::with_capacity(found.len());
    for survivor in survivors {
        let Some(patient) = found.iter().find(|one| one.value["id"] == survivor.as_str()) else { continue };
        row.patients.push(survivor);
        shown.push(patient_summary(&patient.value, &name));
    }
    app.store.audit_read(context.tenant, row).await?;
    Ok(json!({"patients": shown, "next": next}))
}

/// The one patient with this identifier, of whatever authority, and this birth date: for who does not see a patient but
/// has them, or their papers, in front of them. The caller audits what comes of it.
pub(crate) async fn named(
    app: &App,
    context: &Context,
    identifier: &str,
    birth_date: &str,
) -> Result<Option<ResourceId>, Error> {
    let test = Test::Token { system: None, code: Some(required("identifier", identifier, 100)?) };
    let filter = Predicate::Param { param: "identifier".into(), test };
    let found = app.matching(context.tenant, "Patient", filter, Scope::All).await?;
    let mut matching = found.iter().filter(|patient| patient.value["birthDate"] == birth_date.trim());
    let (Some(patient), None) = (matching.next(), matching.next()) else { return Ok(None) };
    patient.value["id"].as_str().unwrap_or_default().parse().map(Some).map_err(Error::internal)
}

/// What a desk types is a name, a number or a date; dates may stand beside the rest, and narrow it.
fn any_of(text: &str) -> Predicate {
    let (dates, rest): (Vec<&str>, Vec<&str>) =
        text.split_whitespace().partition(|word| instant::parse_date(word).is_some());
    let mut all: Vec<Predicate> = dates.iter().filter_map(|day| born_on(day)).collect();
    if !rest.is_empty() {
        all.push(name_or_number(&rest.join(" ")));
    }
    Predicate::And(all)
}

fn born_on(day: &str) -> Option<Predicate> {
    let (low, high) = instant::day_in_zone(day, "UTC")?;
    Some(param("birthdate", Test::DateWithin(bianque_query::DateRange { low, high })))
}

fn name_or_number(text: &str) -> Predicate {
    let token = |code: &str| Test::Token { system: None, code: Some(code.to_owned()) };
    let words: Vec<Predicate> =
        fold(text).split(' ').map(|word| param("name", Test::StartsWith(word.to_owned()))).collect();
    // A number is kept by its digits too, however it was written.
    let digits: String = text.chars().filter(|c| c.is_ascii_digit() || *c == '+').collect();
    Predicate::Or(vec![
        param("name", Test::StartsWith(fold(text))),
        Predicate::And(words),
        param("identifier", token(text)),
        param("phone", token(text)),
        param("phone", token(&digits)),
    ])
}

fn param(param: &str, test: Test) -> Predicate {
    Predicate::Param { param: param.to_owned(), test }
}

/// Takes in a new patient. A patient with the same identifier of the same authority is one who is here already.
pub async fn create(app: &App, context: &Context, patient: NewPatient) -> Result<Value, Error> {
    let desk = policy::desk(context)?;
    let resource = resource(&patient, desk.organization)?;
    let id: ResourceId = resource["id"].as_str().unwrap_or_default().parse().map_err(Error::internal)?;
    let mut change = Change::new(app, context);
    let authorities = Authorities::load(app, context).await?;
    if let Some(identifier) = &patient.identifier
        && authorities.refuses(context, identifier.system.trim())
    {
        change.expect(Expectation::NoMatch(same_identifier(identifier)));
    }
    change.create(&resource)?;
    change.audit(AuditAction::C, "patient.create", Some(&id), &format!("Patient/{id}"));
    match change.try_commit().await {
        Ok(_) => {}
        Err(CommitError::Matched { matches, .. }) => {
            return Err(exists(app, context, matches.first(), &resource, desk.organization).await?);
        }
        Err(error) => return Err(error.into()),
    }
    let organization = app.resource(context.tenant, "Organization", desk.organization).await?.value;
    Ok(json!({"patient": patient_summary(&resource, &display_name(&organization))}))
}

fn same_identifier(identifier: &Identifier) -> Query {
    Query {
        resource_type: "Patient".into(),
        filter: Predicate::Param {
            param: "identifier".into(),
            test: Test::Token {
                system: Some(identifier.system.trim().to_owned()),
                code: Some(identifier.value.trim().to_owned()),
            },
        },
        scope: Scope::All,
        order: Vec::new(),
        after: None,
        limit: 2,
    }
}

/// Names the patient only where the asker may see them.
async fn exists(
    app: &App,
    context: &Context,
    found: Option<&ResourceId>,
    wanted: &Value,
    organization: &ResourceId,
) -> Result<Error, Error> {
    let error = Error::conflict("patient.exists", "a patient with this identifier is here already");
    let Some(id) = found else { return Ok(error) };
    let patient = app.resource(context.tenant, "Patient", id).await?.value;
    refused::keep(app, context, &patient, wanted).await?;
    let own = crate::people::referenced_id(&patient["managingOrganization"]) == organization.as_str();
    Ok(if own { error.with_details(json!({"patient_id": id})) } else { error })
}

fn resource(patient: &NewPatient, organization: &ResourceId) -> Result<Value, Error> {
    one_of("sex", &patient.sex, &["male", "female", "other", "unknown"])?;
    one_of("language", &patient.language, &["zh-CN", "en"])?;
    if instant::parse_date(&patient.birth_date).is_none() {
        return Err(Error::field("field.date", "birth_date", "birth_date is not a date"));
    }
    let mut resource = json!({
        "resourceType": "Patient",
        "id": Uuid::now_v7(),
        "active": true,
        "name": [{"text": required("name", &patient.name, 200)?}],
        "gender": patient.sex,
        "birthDate": patient.birth_date,
        "communication": [{"language": {"coding": [{"system": "urn:ietf:bcp:47", "code": patient.language}]}}],
        "managingOrganization": {"reference": format!("Organization/{organization}")},
    });
    let phone = bounded("phone", &patient.phone, 40)?;
    if !phone.is_empty() {
        resource["telecom"] = json!([{"system": "phone", "value": phone}]);
    }
    if let Some(identifier) = &patient.identifier {
        resource["identifier"] = json!([{
            "system": required("identifier", &identifier.system, 200)?,
            "value": required("identifier", &identifier.value, 100)?,
        }]);
    }
    Ok(resource)
}
