//! The worklist of modalities (PS3.4, annex K): what is ordered and scheduled, asked for by C-FIND.
//!
//! A scheduled procedure step is an active ServiceRequest: one for a step that a hospital's system sent (intent
//! `filler-order`), or an order of imaging by itself. An order stands on the list as long as it is active.

use std::collections::HashMap;

use bianque_dicom::matching::Query as Keys;
use bianque_dicom::{DataSet, TransferSyntax, VR, tags};
use bianque_model::{Context, ResourceId};
use bianque_query::{Direction, Order, OrderKey, Predicate, Query, Test};
use bianque_store::AuditAction;
use serde_json::Value;

use super::find::{self, Matches};
use super::peers::{self, Rules};
use super::refusal::{Refusal, status};
use crate::change::audit_row;
use crate::policy::{self, ImageAction};
use crate::{App, Error};

/// Orders that are looked at for one question, those written last first.
const MOST: u32 = 2_000;
/// Imaging as a category of orders (SNOMED CT).
const IMAGING: &str = "363679005";
/// Modalities as DICOM codes them.
const MODALITIES: &str = "http://dicom.nema.org/resources/ontology/DCM";

/// Answers a C-FIND of Modality Worklist.
///
/// # Errors
/// C000 where the identifier is not understood; 0124 for who may not ask.
pub async fn worklist(
    app: &App,
    context: &Context,
    identifier: &[u8],
    syntax: &str,
) -> Result<Matches, Refusal> {
    let scope = policy::images(context, ImageAction::Worklist)?;
    let syntax = TransferSyntax::from_uid(syntax);
    let identifier = find::read(identifier, syntax)?;
    let keys = Keys::from_identifier(&identifier, false)
        .map_err(|error| Refusal::new(status::NOT_UNDERSTOOD, error.to_string()))?;
    let peer = peers::of_context(app, context).await?;
    let rules = peer.as_ref().map(|peer| &peer.rules);
    let query = Query {
        resource_type: "ServiceRequest".into(),
        filter: scheduled(),
        scope,
        order: vec![Order { key: OrderKey::LastUpdated, direction: Direction::Descending }],
        after: None,
        limit: MOST,
    };
    let mut orders = Vec::new();
    for stored in app.store.search(context.tenant, query).await?.rows {
        let Some(document) = stored.document else { continue };
        orders.push(bianque_fhir::document::parse(&document).map_err(Error::internal)?);
    }
    let patients = patients_of(app, context, &orders).await?;
    let (mut answers, mut told) = (Vec::new(), Vec::new());
    for order in &orders {
        let patient = subject(order).and_then(|id| Some((id.clone(), patients.get(&id)?)));
        let Some((id, patient)) = patient else { continue };
        let step = step(context, order, patient, rules);
        if keys.matches(&step) {
            let mut answer = keys.answer(&step);
            answer.to_utf8();
            answers.push(answer.to_bytes(syntax).map_err(Error::internal)?);
            told.push(id);
        }
    }
    told.sort();
    told.dedup();
    let mut row = audit_row(context, AuditAction::E, "archive.worklist", None, "ServiceRequest");
    (row.patients, row.detail) = (told, answers.len().to_string());
    app.store.audit_read(context.tenant, row).await?;
    Ok(Matches::of(answers.into_iter()))
}

/// Orders that stand on the list.
fn scheduled() -> Predicate {
    let is = |param: &str, code: &str| Predicate::Param {
        param: param.into(),
        test: Test::Token { system: None, code: Some(code.into()) },
    };
    Predicate::And(vec![
        is("status", "active"),
        Predicate::Or(vec![is("intent", "filler-order"), is("category", IMAGING)]),
    ])
}

fn subject(order: &Value) -> Option<ResourceId> {
    order["subject"]["reference"].as_str()?.strip_prefix("Patient/")?.parse().ok()
}

async fn patients_of(
    app: &App,
    context: &Context,
    orders: &[Value],
) -> Result<HashMap<ResourceId, Value>, Error> {
    let mut ids: Vec<ResourceId> = orders.iter().filter_map(subject).collect();
    ids.sort();
    ids.dedup();
    let wanted = ids.iter().map(|id| ("Patient", id));
    let found = app.read_many(context.tenant, wanted).await?;
    let known = ids.iter().filter_map(|id| Some((id.clone(), found.get("Patient", id).ok()?.clone())));
    Ok(known.collect())
}

/// A step as a modality reads it (PS3.4, table K.6-1).
fn step(context: &Context, order: &Value, patient: &Value, rules: Option<&Rules>) -> DataSet {
    let mut all = DataSet::new();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let accession = text(&order["requisition"]["value"]);
    all.set_text(tags::ACCESSION_NUMBER, &accession);
    all.set_text(tags::REFERRING_PHYSICIAN_NAME, &text(&order["requester"]["display"]));
    all.set_text(tags::STUDY_INSTANCE_UID, &study_uid(context, order));
    let described = described(&order["code"]);
    all.set_text(tags::REQUESTED_PROCEDURE_DESCRIPTION, &described);
    let requested = if accession.is_empty() { text(&order["id"]) } else { accession };
    all.set_text(tags::REQUESTED_PROCEDURE_ID, &shortened(&requested, 16));
    all.set_sequence(tags::REQUESTED_PROCEDURE_CODE_SEQUENCE, codes(&order["code"]));
    let priority = text(&order["priority"]).to_uppercase();
    all.set_text(tags::REQUESTED_PROCEDURE_PRIORITY, &priority);
    person(&mut all, patient, rules);
    all.set_sequence(tags::SCHEDULED_PROCEDURE_STEP_SEQUENCE, vec![scheduled_step(order, &described)]);
    all
}

fn scheduled_step(order: &Value, described: &str) -> DataSet {
    let mut step = DataSet::new();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let device = order["performer"].as_array().into_iter().flatten().find(|one| one["type"] == "Device");
    let device = device.cloned().unwrap_or_default();
    step.set_text(tags::SCHEDULED_STATION_AE_TITLE, &text(&device["identifier"]["value"]));
    step.set_text(tags::SCHEDULED_STATION_NAME, &shortened(&text(&device["display"]), 16));
    step.set_text(tags::MODALITY, &modality(order));
    let (date, time) = when(&text(&order["occurrenceDateTime"]));
    step.set_text(tags::SCHEDULED_PROCEDURE_STEP_START_DATE, &date);
    step.set_text(tags::SCHEDULED_PROCEDURE_STEP_START_TIME, &time);
    step.set_text(tags::SCHEDULED_PROCEDURE_STEP_DESCRIPTION, &shortened(described, 64));
    let number = text(&order["identifier"][0]["value"]);
    let number = number.rsplit('/').next().unwrap_or_default();
    let number = if number.is_empty() { "1" } else { number };
    step.set_text(tags::SCHEDULED_PROCEDURE_STEP_ID, &shortened(number, 16));
    let place = text(&order["locationCode"][0]["text"]);
    step.set_text(tags::SCHEDULED_PROCEDURE_STEP_LOCATION, &shortened(&place, 16));
    step
}

/// The study that images of the order will be: as it was said, else made of the order, the same each time.
fn study_uid(context: &Context, order: &Value) -> String {
    let said = order["supportingInfo"]
        .as_array()
        .into_iter()
        .flatten()
        .find_map(|one| one["identifier"]["value"].as_str()?.strip_prefix("urn:oid:").map(str::to_owned));
    said.unwrap_or_else(|| {
        let accession = order["requisition"]["value"].as_str().or_else(|| order["id"].as_str());
        let hash = blake3::Hasher::new_derive_key("bianque study of an order")
            .update(&context.tenant.0.to_le_bytes())
            .update(accession.unwrap_or_default().as_bytes())
            .finalize();
        let mut number = [0; 16];
        number.copy_from_slice(&hash.as_bytes()[..16]);
        format!("2.25.{}", u128::from_be_bytes(number))
    })
}

fn modality(order: &Value) -> String {
    let details = order["orderDetail"].as_array().into_iter().flatten();
    let codings = details.flat_map(|detail| detail["coding"].as_array().into_iter().flatten());
    let all: Vec<&Value> = codings.collect();
    let of_dicom = all.iter().find(|coding| coding["system"] == MODALITIES).or_else(|| all.first());
    of_dicom.and_then(|coding| coding["code"].as_str()).unwrap_or("OT").to_owned()
}

/// Date and time where the order says them, in the zone that it says them in.
fn when(text: &str) -> (String, String) {
    let digits = |part: &str| part.chars().filter(char::is_ascii_digit).collect::<String>();
    let (date, time) = text.split_once('T').unwrap_or((text, ""));
    let time = time.split(['+', '-', 'Z', '.']).next().unwrap_or_default();
    (digits(date), digits(time))
}

fn described(code: &Value) -> String {
    let mut coding = code["coding"].as_array().into_iter().flatten();
    let shown = coding.find_map(|one| one["display"].as_str());
    code["text"].as_str().or(shown).unwrap_or_default().to_owned()
}

fn codes(code: &Value) -> Vec<DataSet> {
    let coding = code["coding"].as_array().into_iter().flatten();
    let item = |one: &Value| {
        let value = one["code"].as_str().filter(|value| value.len() <= 16)?;
        let mut item = DataSet::new();
        item.set_text(tags::CODE_VALUE, value);
        item.set_text(tags::CODING_SCHEME_DESIGNATOR, scheme(one["system"].as_str().unwrap_or_default()));
        item.set_text(tags::CODE_MEANING, &shortened(one["display"].as_str().unwrap_or(value), 64));
        Some(item)
    };
    coding.filter_map(item).collect()
}

/// The designator of a coding scheme (PS3.16, 8).
fn scheme(system: &str) -> &'static str {
    match system {
        "http://snomed.info/sct" => "SCT",
        "http://loinc.org" => "LN",
        MODALITIES => "DCM",
        _ => "99LOCAL",
    }
}

fn person(all: &mut DataSet, patient: &Value, rules: Option<&Rules>) {
    all.set_text_as(tags::PATIENT_NAME, VR::PN, &name(patient));
    let systems: Vec<&str> = rules
        .map(|rules| rules.authorities.iter().map(|one| one.system.as_str()).collect())
        .unwrap_or_default();
    let identifiers: Vec<&Value> = patient["identifier"].as_array().into_iter().flatten().collect();
    let of_peer = |one: &&&Value| one["system"].as_str().is_some_and(|system| systems.contains(&system));
    if let Some(one) = identifiers.iter().find(of_peer).or_else(|| identifiers.first()) {
        all.set_text(tags::PATIENT_ID, one["value"].as_str().unwrap_or_default());
        let issuer = rules.into_iter().flat_map(|rules| &rules.authorities);
        let issuer = issuer.filter(|authority| one["system"] == authority.system.as_str());
        if let Some(known) = issuer.map(|authority| authority.name.as_str()).find(|name| !name.is_empty()) {
            all.set_text(tags::ISSUER_OF_PATIENT_ID, known);
        }
    }
    let birth: String = patient["birthDate"].as_str().unwrap_or_default().replace('-', "");
    if birth.len() == 8 {
        all.set_text(tags::PATIENT_BIRTH_DATE, &birth);
    } else {
        all.set_empty(tags::PATIENT_BIRTH_DATE);
    }
    let sex = match patient["gender"].as_str() {
        Some("male") => "M",
        Some("female") => "F",
        Some("other") => "O",
        _ => "",
    };
    all.set_text(tags::PATIENT_SEX, sex);
}

/// A name in its components; one that is written as a whole is the family name.
fn name(patient: &Value) -> String {
    let first = &patient["name"][0];
    let given: Vec<&str> =
        first["given"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let family = first["family"].as_str().or_else(|| first["text"].as_str()).unwrap_or_default();
    let (one, rest) = given.split_first().map_or(("", String::new()), |(one, rest)| (*one, rest.join(" ")));
    let clean = |text: &str| text.replace(['^', '=', '\\'], " ");
    format!("{}^{}^{}", clean(family), clean(one), clean(&rest)).trim_end_matches('^').to_owned()
}

/// As many characters as a value may have.
fn shortened(text: &str, most: usize) -> String {
    text.chars().take(most).collect()
}
