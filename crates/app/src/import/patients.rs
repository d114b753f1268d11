//! Patients from a table.

use bianque_model::Context;
use bianque_store::AuditAction;
use serde_json::{Value, json};
use uuid::Uuid;

use super::institutions::Institutions;
use super::row::Row;
use super::table::Table;
use super::{Report, Work, gather};
use crate::people::{display_name, phone};
use crate::records::identity;
use crate::records::take_in::{Done, found_by};
use crate::visits::access::{bounded, one_of, required};
use crate::{App, Change, Error, instant};

const TABLE: Table = Table::Patients;
const LANGUAGE: &str = "urn:ietf:bcp:47";

/// Takes patients in.
pub(super) async fn take(
    app: &App,
    context: &Context,
    rows: Vec<Row>,
    dry_run: bool,
) -> Result<Report, Error> {
    let homes = Institutions::load(app, context).await?;
    let homes = &homes;
    let works = rows.into_iter().map(|row| -> Work<'_> {
        Box::pin(async move { (row.line, one(app, context, homes, &row, dry_run).await) })
    });
    gather(works.collect()).await
}

async fn one(
    app: &App,
    context: &Context,
    homes: &Institutions,
    row: &Row,
    dry_run: bool,
) -> Result<Done, Error> {
    let system = required("identifier_system", row.text(TABLE, "identifier_system"), 200)?;
    if !system.contains(':') || system.contains(char::is_whitespace) {
        let words = "identifier_system is a URI, such as https://clinic.example/record-number";
        return Err(Error::field("field.uri", "identifier_system", words));
    }
    let number = required("identifier", row.text(TABLE, "identifier"), 100)?;
    let found = found_by(app, context, "Patient", &system, &number).await?;
    let (before, version) = match &found {
        Some(found) => (found.value.clone(), found.version),
        None => (new(&system, &number), 0),
    };
    let mut patient = before.clone();
    apply(&mut patient, row, homes)?;
    if version > 0 && patient == before {
        return Ok(Done::Unchanged);
    }
    let (action, done) =
        if version == 0 { (AuditAction::C, Done::New) } else { (AuditAction::U, Done::Changed) };
    if dry_run {
        return Ok(done);
    }
    let id = patient["id"].as_str().unwrap_or_default().parse().map_err(Error::internal)?;
    let mut change = Change::new(app, context).bulk();
    for expected in identity::settle(app, context, &mut patient).await? {
        change.expect(expected);
    }
    if version == 0 {
        // Whoever sends the table again while it is still being read makes nobody twice.
        change.expect(identity::nobody_has((system, number)));
    }
    change.replace(&patient, version)?;
    change.audit(action, "patient.import", Some(&id), &format!("Patient/{id}"));
    change.commit().await?;
    Ok(done)
}

fn new(system: &str, number: &str) -> Value {
    json!({
        "resourceType": "Patient",
        "id": Uuid::now_v7(),
        "identifier": [{"system": system, "value": number}],
        "active": true,
    })
}

/// Writes what the row says over what stands, and touches nothing else: what another system knows of the patient stays.
fn apply(patient: &mut Value, row: &Row, homes: &Institutions) -> Result<(), Error> {
    let name = required("name", row.text(TABLE, "name"), 200)?;
    if display_name(patient) != name {
        patient["name"] = json!([{"text": name}]);
    }
    let sex = row.text(TABLE, "sex");
    one_of("sex", sex, &["male", "female", "other", "unknown"])
        .map_err(|error| Error { message: "sex is male, female, other or unknown".into(), ..error })?;
    patient["gender"] = json!(sex);
    let birth_date = row.text(TABLE, "birth_date");
    if instant::parse_date(birth_date).is_none() {
        return Err(Error::field("field.date", "birth_date", "birth_date is a date as YYYY-MM-DD"));
    }
    patient["birthDate"] = json!(birth_date);
    let home = homes.find(row.text(TABLE, "institution"))?;
    let reference = format!("Organization/{home}");
    if patient["managingOrganization"]["reference"] != reference.as_str() {
        patient["managingOrganization"] = json!({"reference": reference});
    }
    if let Some(active) = row.yes(TABLE, "active")? {
        patient["active"] = json!(active);
    }
    if let Some(number) = row.cell(TABLE, "phone") {
        set_phone(patient, &bounded("phone", number, 40)?);
    }
    set_language(patient, row.text(TABLE, "language"))
}

/// The first telephone number becomes this one; empty: it goes.
fn set_phone(patient: &mut Value, number: &str) {
    if phone(patient).as_str().unwrap_or_default() == number {
        return;
    }
    let mut points = patient["telecom"].as_array().cloned().unwrap_or_default();
    let first = points.iter().position(|point| point["system"] == "phone");
    match (first, number.is_empty()) {
        (Some(at), true) => drop(points.remove(at)),
        (Some(at), false) => points[at]["value"] = json!(number),
        (None, _) => points.push(json!({"system": "phone", "value": number})),
    }
    if let Some(members) = patient.as_object_mut() {
        members.remove("telecom");
        if !points.is_empty() {
            members.insert("telecom".into(), Value::Array(points));
        }
    }
}

fn set_language(patient: &mut Value, tag: &str) -> Result<(), Error> {
    let known = patient["communication"][0]["language"]["coding"][0]["code"].as_str();
    let tag = match (tag, known) {
        ("", Some(_)) => return Ok(()),
        ("", None) => "zh-CN",
        _ => tag,
    };
    one_of("language", tag, &["zh-CN", "en"])
        .map_err(|error| Error { message: "language is zh-CN or en".into(), ..error })?;
    if known != Some(tag) {
        patient["communication"] = json!([{"language": {"coding": [{"system": LANGUAGE, "code": tag}]}}]);
    }
    Ok(())
}
