//! MDM: documents. A notification (T01) has no content, and makes a document without any.

use bianque_hl7v2::Segment;
use serde_json::{Map, Value as Json, json};

use super::{Making, NotMapped, absent, referring};
use crate::groups::Noted;
use crate::table;

pub(super) fn document(making: &mut Making<'_>) -> Result<(), NotMapped> {
    let encounter = making.encounter();
    let everything: Vec<Segment<'_>> = {
        let orders = making.groups.orders.iter().flat_map(|order| order.segments.iter());
        making.groups.head.iter().chain(orders).copied().collect()
    };
    let txa = everything.iter().find(|segment| segment.name() == "TXA").ok_or(NotMapped::Segment("TXA"))?;
    let mut document = making.filled("DocumentReference", &table::DOCUMENT, &[*txa]);
    document.set("subject", referring("Patient-1"));
    let stands = document.resource.get("docStatus").is_none_or(|status| status != "entered-in-error");
    document.set("status", if stands { "current" } else { "entered-in-error" });
    if let Some(encounter) = encounter {
        let context = document.resource.entry("context").or_insert_with(|| Json::Object(Map::new()));
        context["encounter"] = json!([encounter]);
    }
    let mut observations = making.groups.loose();
    observations.extend(making.groups.orders.iter_mut().flat_map(|order| order.observations.drain(..)));
    let content = content(&observations);
    document.set("content", content);
    making.keep("DocumentReference-1", document);
    Ok(())
}

/// The attachments: embedded data each by itself, lines of text together.
fn content(observations: &[Noted<'_>]) -> Vec<Json> {
    let mut attachments = Vec::new();
    let mut lines: Vec<String> = Vec::new();
    for Noted { segment, .. } in observations {
        match segment.field(2).text().as_ref() {
            "ED" | "RP" => attachments.extend(crate::datatypes::attachment(segment)),
            _ => lines.extend(
                segment
                    .field(5)
                    .repetitions()
                    .filter_map(|line| line.given().map(std::borrow::Cow::into_owned)),
            ),
        }
    }
    if !lines.is_empty() {
        attachments.insert(0, crate::datatypes::plain(&lines.join("\n")));
    }
    if attachments.is_empty() {
        // Only its existence is told.
        attachments.push(absent());
    }
    attachments.into_iter().map(|attachment| json!({"attachment": attachment})).collect()
}
