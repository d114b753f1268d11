//! Orders and referrals.

use serde_json::{Map, Value as Json, json};

use super::{Making, NotMapped, noted, referring, results};
use crate::groups::Order;
use crate::table;

/// An order for each group, with the observations that support it.
pub(super) fn orders(making: &mut Making<'_>) -> Result<(), NotMapped> {
    let encounter = making.encounter();
    results::loose(making, encounter.as_ref());
    let groups = std::mem::take(&mut making.groups.orders);
    if groups.is_empty() {
        return Err(NotMapped::Segment("ORC"));
    }
    for (place, group) in groups.iter().enumerate() {
        let number = place + 1;
        let name = format!("Observation-{number}");
        let supporting: Vec<Json> = group
            .observations
            .iter()
            .enumerate()
            .map(|(inner, noted)| {
                results::observation(making, noted, &format!("{name}-{}", inner + 1), encounter.as_ref())
            })
            .collect();
        let order = order(making, group, number, encounter.as_ref());
        if let Some(entry) = making.mapped.last_mut().filter(|_| !supporting.is_empty()) {
            entry.resource.insert("supportingInfo".into(), supporting.into());
        }
        steps(making, group, number, &order);
    }
    Ok(())
}

/// The order of a group, and a reference to it.
pub(super) fn order<'m>(
    making: &mut Making<'m>,
    group: &Order<'m>,
    number: usize,
    encounter: Option<&Json>,
) -> Json {
    let mut order = making.filled("ServiceRequest", &table::ORDER, &group.segments);
    order.set("intent", "order");
    order.set("subject", referring("Patient-1"));
    if let Some(encounter) = encounter {
        order.set("encounter", encounter.clone());
    }
    order.otherwise("status", "unknown");
    if let Some(text) = noted(&group.notes) {
        order.set("note", json!([{"text": text}]));
    }
    let name = format!("ServiceRequest-{number}");
    making.keep(&name, order);
    referring(&name)
}

/// The steps of an order that are scheduled at devices, each for a worklist of its own: a ServiceRequest based on the
/// order. A step is known by its number within the accession; numbers of steps alone begin anew with each.
fn steps<'m>(making: &mut Making<'m>, group: &Order<'m>, number: usize, order: &Json) {
    let ordered = making.mapped.last().map(|entry| entry.resource.clone()).unwrap_or_default();
    let scheduled: Vec<_> =
        group.segments.iter().filter(|segment| segment.name() == "IPC").copied().collect();
    for (place, segment) in scheduled.iter().enumerate() {
        let others = group.segments.iter().filter(|one| one.name() == "TQ1").copied();
        let segments: Vec<_> = others.chain([*segment]).collect();
        let mut step = making.filled("ServiceRequest", &table::STEP, &segments);
        step.set("intent", "filler-order");
        step.set("basedOn", json!([order]));
        for member in ["status", "subject", "encounter", "priority", "authoredOn", "requester"] {
            if let Some(value) = ordered.get(member) {
                step.set(member, value.clone());
            }
        }
        for member in ["code", "occurrenceDateTime"] {
            if let Some(value) = ordered.get(member) {
                step.otherwise(member, value.clone());
            }
        }
        let text = |field: usize| segment.field(field).component(1).text().trim().to_owned();
        let (accession, own, study) = (text(1), text(4), text(3));
        let own = if own.is_empty() { (place + 1).to_string() } else { own };
        let mut identifier = json!({"value": format!("{accession}/{own}"), "type": {"coding": [{
            "system": "http://terminology.hl7.org/CodeSystem/v2-0203", "code": "FILL",
        }]}});
        if let Some(system) =
            step.resource.get("requisition").map(|it| it["system"].clone()).filter(|it| !it.is_null())
        {
            identifier["system"] = system;
        }
        step.set("identifier", json!([identifier]));
        if !study.is_empty() {
            let uid = json!({"system": "urn:dicom:uid", "value": format!("urn:oid:{study}")});
            step.set("supportingInfo", json!([{"type": "ImagingStudy", "identifier": uid}]));
        }
        let mut device = Map::new();
        for (member, value) in
            [("display", Json::from(text(7))), ("identifier", json!({"system": AE_TITLE, "value": text(9)}))]
        {
            if !(value == "" || value["value"] == "") {
                device.insert(member.into(), value);
            }
        }
        if !device.is_empty() {
            device.insert("type".into(), "Device".into());
            step.set("performer", json!([device]));
        }
        making.keep(&format!("ServiceRequest-{number}-{}", place + 1), step);
    }
}

/// The names by which devices are called over DICOM.
const AE_TITLE: &str = "https://bianque.example/fhir/NamingSystem/ae-title";

/// REF: a request to somebody else to take the patient on, with the problems and results that come with it.
pub(super) fn referral(making: &mut Making<'_>) -> Result<(), NotMapped> {
    let rf1 = making.groups.named("RF1").next().ok_or(NotMapped::Segment("RF1"))?;
    let mut referral = making.filled("ServiceRequest", &table::REFERRAL, &[rf1]);
    referral.set("intent", "order");
    referral.set("subject", referring("Patient-1"));
    referral.otherwise("status", "active");
    let category = json!({"coding": [{"system": "http://snomed.info/sct", "code": "3457005", "display": "Patient referral"}]});
    referral.set("category", json!([category]));
    let providers: Vec<_> = making.groups.named("PRD").collect();
    for provider in providers {
        let who = crate::datatypes::provider(&provider, making.sender);
        let Some(who) = who else { continue };
        match provider.field(1).component(1).text().as_ref() {
            "RP" => referral.set("requester", who),
            "RT" => referral.set("performer", json!([who])),
            _ => {}
        }
    }
    making.keep("ServiceRequest-1", referral);
    super::admission::visit(making, super::Kind::Referral);
    // What follows are results that go with the referral, not orders.
    let encounter =
        making.mapped.iter().any(|entry| entry.name == "Encounter-1").then(|| referring("Encounter-1"));
    results::of_orders(making, encounter.as_ref());
    Ok(())
}
