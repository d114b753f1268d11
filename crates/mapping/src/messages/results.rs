//! ORU: reports with their observations.

use serde_json::{Map, Value as Json, json};

use super::{Making, NotMapped, absent, noted, orders, referring};
use crate::datatypes::attachment;
use crate::groups::Noted;
use crate::table;

/// A report for each group of an order, with its observations and, where ORC stands before it, the order.
pub(super) fn reports(making: &mut Making<'_>) -> Result<(), NotMapped> {
    let encounter = making.encounter();
    loose(making, encounter.as_ref());
    if making.groups.orders.is_empty() {
        return Err(NotMapped::Segment("OBR"));
    }
    of_orders(making, encounter.as_ref());
    Ok(())
}

/// The reports of all groups.
pub(super) fn of_orders(making: &mut Making<'_>, encounter: Option<&Json>) {
    for (place, group) in std::mem::take(&mut making.groups.orders).into_iter().enumerate() {
        let number = place + 1;
        let order = group.has("ORC").then(|| orders::order(making, &group, number, encounter));
        let (forms, values): (Vec<&Noted<'_>>, Vec<&Noted<'_>>) =
            group.observations.iter().partition(|noted| is_form(noted));
        let results: Vec<Json> = values
            .into_iter()
            .enumerate()
            .map(|(inner, noted)| {
                observation(making, noted, &format!("Observation-{number}-{}", inner + 1), encounter)
            })
            .collect();
        let forms: Vec<Json> = forms.into_iter().filter_map(|noted| attachment(&noted.segment)).collect();
        let mut report = making.filled("DiagnosticReport", &table::REPORT, &group.segments);
        report.set("subject", referring("Patient-1"));
        for (member, reference) in
            [("encounter", encounter.cloned()), ("basedOn", order.map(|it| json!([it])))]
        {
            if let Some(reference) = reference {
                report.set(member, reference);
            }
        }
        for (member, list) in [("result", results), ("presentedForm", forms)] {
            if !list.is_empty() {
                report.set(member, list);
            }
        }
        if let Some(text) = noted(&group.notes) {
            report.set("conclusion", text);
        }
        report.otherwise("status", "unknown");
        report.otherwise("code", absent());
        making.keep(&format!("DiagnosticReport-{number}"), report);
    }
}

/// Whether it is a document or an image rather than a value: it goes with the report as it was presented.
fn is_form(noted: &Noted<'_>) -> bool {
    matches!(noted.segment.field(2).text().as_ref(), "ED" | "RP") && attachment(&noted.segment).is_some()
}

/// Observations that belong to no order.
pub(super) fn loose(making: &mut Making<'_>, encounter: Option<&Json>) {
    for (place, noted) in making.groups.loose().iter().enumerate() {
        observation(making, noted, &format!("Observation-{}", place + 1), encounter);
    }
}

/// An observation, and a reference to it.
pub(super) fn observation<'m>(
    making: &mut Making<'m>,
    of: &Noted<'m>,
    name: &str,
    encounter: Option<&Json>,
) -> Json {
    let mut filled = making.filled("Observation", &table::OBSERVATION, &[of.segment]);
    filled.set("subject", referring("Patient-1"));
    if let Some(encounter) = encounter {
        filled.set("encounter", encounter.clone());
    }
    filled.otherwise("status", "unknown");
    filled.otherwise("code", absent());
    if let Some(text) = noted(&of.notes) {
        filled.set("note", json!([{"text": text}]));
    }
    if !filled.resource.keys().any(|member| member.starts_with("value")) {
        let mut coding = Map::new();
        coding.insert("system".into(), "http://terminology.hl7.org/CodeSystem/data-absent-reason".into());
        coding.insert("code".into(), "unknown".into());
        filled.set("dataAbsentReason", json!({"coding": [coding]}));
    }
    making.keep(name, filled);
    if let Some(entry) = making.mapped.last_mut() {
        of.segment.field(4).text().trim().clone_into(&mut entry.number);
    }
    referring(name)
}
