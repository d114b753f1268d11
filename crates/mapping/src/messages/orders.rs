//! Orders and referrals.

use serde_json::{Value as Json, json};

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
        order(making, group, number, encounter.as_ref());
        if let Some(entry) = making.mapped.last_mut().filter(|_| !supporting.is_empty()) {
            entry.resource.insert("supportingInfo".into(), supporting.into());
        }
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
