//! Which message told of a resource last, and what does not overwrite it.
//!
//! `meta.source` names the sender and the message; beside it stands when what it told of happened. Messages come late and out
//! of order: what one sender says of an earlier moment never overwrites what it says of a later one.

use bianque_model::ResourceId;
use jiff::Timestamp;
use serde_json::{Value, json};

/// When what the source told of happened, in `meta`.
const HAPPENED: &str = "https://bianque.example/fhir/StructureDefinition/happened";

/// What is said of a resource by one message.
pub(super) struct Told<'a> {
    pub(super) sender: &'a ResourceId,
    pub(super) control: &'a str,
    pub(super) at: Option<Timestamp>,
}

/// Why what a message says of a resource is not written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Passed {
    /// Something that happened later stands.
    Older,
    /// A result that is no longer preliminary stands.
    Preliminary,
}

impl Passed {
    pub(super) const fn text(self) -> &'static str {
        match self {
            Self::Older => "something that happened later stands",
            Self::Preliminary => "a final result stands, and this one is preliminary",
        }
    }
}

impl Told<'_> {
    /// Marks a resource as told by this message.
    pub(super) fn mark(&self, resource: &mut Value) {
        resource["meta"]["source"] = format!("{}{}", self.source(), self.control).into();
        let extensions = resource["meta"]["extension"].as_array().cloned().unwrap_or_default();
        let mut extensions: Vec<Value> = extensions.into_iter().filter(|it| it["url"] != HAPPENED).collect();
        if let Some(at) = self.at {
            extensions.push(json!({"url": HAPPENED, "valueInstant": format!("{at:.3}")}));
        }
        match (extensions.is_empty(), resource["meta"].as_object_mut()) {
            (true, Some(meta)) => drop(meta.remove("extension")),
            _ => resource["meta"]["extension"] = extensions.into(),
        }
    }

    /// Whether a resource is left as it stands.
    pub(super) fn passed(&self, standing: &Value, new: &Value) -> Option<Passed> {
        let by_them = standing["meta"]["source"].as_str().is_some_and(|it| it.starts_with(&self.source()));
        let extensions = standing["meta"]["extension"].as_array().into_iter().flatten();
        let stands = extensions
            .filter(|it| it["url"] == HAPPENED)
            .find_map(|it| it["valueInstant"].as_str()?.parse::<Timestamp>().ok());
        // What is said to the second is compared by the second.
        if by_them && self.at.zip(stands).is_some_and(|(at, stands)| at.as_second() < stands.as_second()) {
            return Some(Passed::Older);
        }
        let is = |resource: &Value, of: &[&str]| of.iter().any(|status| resource["status"] == *status);
        let is_result = ["Observation", "DiagnosticReport"].iter().any(|it| new["resourceType"] == *it);
        let settled = is(standing, &["final", "amended", "corrected", "appended"]);
        (is_result && settled && is(new, &["registered", "partial", "preliminary"]))
            .then_some(Passed::Preliminary)
    }

    fn source(&self) -> String {
        format!("urn:hl7v2:sender:{}#", self.sender)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_happened_earlier_passes_and_another_sender_has_clocks_of_its_own() {
        let (one, other): (ResourceId, ResourceId) = ("one".parse().unwrap(), "other".parse().unwrap());
        let told = |sender, at: &str| Told { sender, control: "7", at: at.parse().ok() };
        let mut standing = json!({"resourceType": "Patient", "meta": {"tag": [{"code": "x"}]}});
        told(&one, "2026-01-05T08:00:00Z").mark(&mut standing);
        assert_eq!(standing["meta"]["source"], "urn:hl7v2:sender:one#7");
        assert_eq!(standing["meta"]["tag"][0]["code"], "x");
        let new = json!({"resourceType": "Patient"});
        assert_eq!(told(&one, "2026-01-05T07:59:59Z").passed(&standing, &new), Some(Passed::Older));
        for (sender, at) in [(&one, "2026-01-05T08:00:00Z"), (&one, ""), (&other, "2026-01-05T07:59:59Z")] {
            assert_eq!(told(sender, at).passed(&standing, &new), None, "{sender} {at}");
        }
        told(&one, "2026-01-05T09:00:00Z").mark(&mut standing);
        assert_eq!(standing["meta"]["extension"].as_array().map(Vec::len), Some(1));
    }

    #[test]
    fn a_preliminary_result_does_not_overwrite_a_final_one() {
        let sender: ResourceId = "one".parse().unwrap();
        let told = Told { sender: &sender, control: "7", at: None };
        let of = |status: &str| json!({"resourceType": "Observation", "status": status});
        assert_eq!(told.passed(&of("final"), &of("preliminary")), Some(Passed::Preliminary));
        for (stands, new) in [("preliminary", "final"), ("final", "corrected"), ("corrected", "final")] {
            assert_eq!(told.passed(&of(stands), &of(new)), None, "{stands} {new}");
        }
    }
}
