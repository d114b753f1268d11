//! Institutions of the tenant.

use bianque_model::{Context, ResourceId, Role};
use bianque_query::{Predicate, Scope};
use bianque_store::AuditAction;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::people::{display_name, phone};
use crate::visits::access::{bounded, one_of, required};
use crate::{App, Change, Error, policy};

const KIND_SYSTEM: &str = "https://bianque.example/fhir/CodeSystem/institution-kind";

/// An institution as it is made.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Making {
    /// Its name.
    pub name: String,
    /// Its town.
    #[serde(default)]
    pub city: String,
    /// Its telephone number.
    #[serde(default)]
    pub phone: String,
    /// `clinic` or `hospital`.
    pub kind: String,
}

/// What is changed of an institution.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Changing {
    /// Its name.
    pub name: Option<String>,
    /// Its town.
    pub city: Option<String>,
    /// Its telephone number.
    pub phone: Option<String>,
    /// `clinic` or `hospital`.
    pub kind: Option<String>,
}

/// All institutions by name: clinicians choose among them whom to ask.
pub async fn list(app: &App, context: &Context) -> Result<Value, Error> {
    if policy::administrator(context).is_err() {
        policy::member(context, &[Role::Clinician, Role::Specialist])?;
    }
    let all = app.matching(context.tenant, "Organization", Predicate::And(Vec::new()), Scope::All).await?;
    let mut shown: Vec<Value> = all.iter().map(|organization| show(&organization.value)).collect();
    shown.sort_by(|a, b| a["name"].as_str().cmp(&b["name"].as_str()));
    Ok(json!({"organizations": shown}))
}

/// Makes an institution.
pub async fn make(app: &App, context: &Context, making: Making) -> Result<Value, Error> {
    policy::administrator(context)?;
    let organization = resource(making)?;
    let mut change = Change::new(app, context);
    change.create(&organization)?;
    change.audit(AuditAction::C, "organization.make", None, &entity(&organization));
    change.commit().await?;
    Ok(json!({"organization": show(&organization)}))
}

/// Changes an institution.
pub async fn change(
    app: &App,
    context: &Context,
    id: &ResourceId,
    changing: Changing,
) -> Result<Value, Error> {
    policy::administrator(context)?;
    let mut organization = app.resource(context.tenant, "Organization", id).await?;
    apply(&mut organization.value, changing)?;
    let mut change = Change::new(app, context);
    change.replace(&organization.value, organization.version)?;
    change.audit(AuditAction::U, "organization.change", None, &entity(&organization.value));
    change.commit().await?;
    Ok(json!({"organization": show(&organization.value)}))
}

/// The Organization of a new institution.
pub(crate) fn resource(making: Making) -> Result<Value, Error> {
    let mut organization = json!({"resourceType": "Organization", "id": Uuid::now_v7(), "active": true});
    let Making { name, city, phone, kind } = making;
    let changing = Changing { name: Some(name), city: Some(city), phone: Some(phone), kind: Some(kind) };
    apply(&mut organization, changing)?;
    Ok(organization)
}

fn apply(organization: &mut Value, changing: Changing) -> Result<(), Error> {
    if let Some(name) = changing.name {
        organization["name"] = json!(required("name", &name, 200)?);
    }
    if let Some(kind) = changing.kind {
        one_of("kind", &kind, &["clinic", "hospital"])?;
        organization["type"] = json!([{"coding": [{"system": KIND_SYSTEM, "code": kind}]}]);
    }
    set_or_remove(organization, "address", "city", changing.city, |city| json!([{"city": city}]))?;
    set_or_remove(
        organization,
        "telecom",
        "phone",
        changing.phone,
        |phone| json!([{"system": "phone", "value": phone}]),
    )
}

fn set_or_remove(
    organization: &mut Value,
    element: &str,
    field: &'static str,
    text: Option<String>,
    make: impl FnOnce(&str) -> Value,
) -> Result<(), Error> {
    let Some(text) = text else { return Ok(()) };
    let text = bounded(field, &text, 100)?;
    if let Some(fields) = organization.as_object_mut() {
        fields.remove(element);
        if !text.is_empty() {
            fields.insert(element.to_owned(), make(&text));
        }
    }
    Ok(())
}

fn show(organization: &Value) -> Value {
    json!({
        "id": organization["id"],
        "name": display_name(organization),
        "city": organization["address"][0]["city"].as_str().unwrap_or_default(),
        "phone": phone(organization),
        "kind": organization["type"][0]["coding"][0]["code"].as_str().unwrap_or("clinic"),
    })
}

fn entity(organization: &Value) -> String {
    format!("Organization/{}", organization["id"].as_str().unwrap_or_default())
}
