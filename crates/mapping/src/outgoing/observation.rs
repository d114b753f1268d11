//! OBX: a text, a document on paper, and what was measured.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value as Json, json};

use super::patient::list;
use super::person::{coded, concept, practitioner};
use super::text;
use super::writer::Writer;
use super::{About, Record};

/// The OBX segments of a message, which are numbered from 1.
#[derive(Default)]
pub(super) struct Numbered(usize);

impl Numbered {
    fn next(&mut self, writer: &mut Writer<'_>, kind: &str) {
        self.0 += 1;
        writer.segment("OBX");
        writer.put("OBX-1", &self.0.to_string());
        writer.put("OBX-2", kind);
    }

    /// The sections of a Composition that have words.
    pub(super) fn sections(&mut self, writer: &mut Writer<'_>, composition: &Json, record: &Record) {
        for section in list(&composition["section"]) {
            let mut words = text::of(section["text"]["div"].as_str().unwrap_or_default());
            if words.is_empty() {
                let entries = list(&section["entry"]).map(|entry| words_of(record.of(entry)));
                words = entries.filter(|words| !words.is_empty()).collect::<Vec<_>>().join("\n");
            }
            if !words.is_empty() {
                self.text(writer, (&section["code"], &section["title"]), &words, "F");
            }
        }
    }

    /// A text under a code.
    pub(super) fn text(
        &mut self,
        writer: &mut Writer<'_>,
        (code, title): (&Json, &Json),
        words: &str,
        status: &str,
    ) {
        self.next(writer, "TX");
        coded(writer, "OBX-3", &code["coding"][0], title);
        writer.put_lines("OBX-5", words);
        writer.put("OBX-11", status);
    }

    /// A PDF.
    pub(super) fn pdf(&mut self, writer: &mut Writer<'_>, code: &Json, pdf: &[u8]) {
        self.next(writer, "ED");
        concept(writer, "OBX-3", code);
        let [own, _] = &writer.receiver.own_names;
        writer.put("OBX-5.1", own);
        writer.put("OBX-5.2", "AP");
        writer.put("OBX-5.3", "PDF");
        writer.put("OBX-5.4", "Base64");
        writer.put("OBX-5.5", &STANDARD.encode(pdf));
        writer.put("OBX-11", "F");
    }

    /// What was observed, and each part of it.
    pub(super) fn observation(&mut self, writer: &mut Writer<'_>, observation: &Json, about: &About<'_>) {
        if value(observation).is_some() || observation["component"].is_null() {
            self.observed(writer, observation, observation, about);
        }
        for component in list(&observation["component"]) {
            self.observed(writer, observation, component, about);
        }
    }

    fn observed(&mut self, writer: &mut Writer<'_>, whole: &Json, part: &Json, about: &About<'_>) {
        let found = value(part);
        self.next(writer, found.as_ref().map_or("ST", |(kind, _)| kind));
        concept(writer, "OBX-3", &part["code"]);
        writer.put("OBX-4", &self.0.to_string());
        match found {
            Some(("CWE", value)) => concept(writer, "OBX-5", value),
            Some(("DTM", value)) => {
                let at = writer.time(value);
                writer.put("OBX-5", &at);
            }
            Some(("TX", value)) => writer.put_lines("OBX-5", value.as_str().unwrap_or_default()),
            Some((_, value)) => writer.put_value("OBX-5", value),
            None => writer.put_value("OBX-5", &part["dataAbsentReason"]["text"]),
        }
        let quantity = &part["valueQuantity"];
        let unit =
            json!({"system": quantity["system"], "code": quantity["code"], "display": quantity["unit"]});
        coded(writer, "OBX-6", &unit, &quantity["unit"]);
        writer.put("OBX-7", &range(&part["referenceRange"][0]));
        writer.put_value("OBX-8", &part["interpretation"][0]["coding"][0]["code"]);
        writer.put("OBX-11", status(&whole["status"]));
        let at =
            if whole["effectiveDateTime"].is_string() { "effectiveDateTime" } else { "effectiveInstant" };
        let at = writer.time(&whole[at]);
        writer.put("OBX-14", &at);
        practitioner(writer, "OBX-16", &whole["performer"][0], about.record);
    }
}

/// The value, with the type in which it is said.
fn value(observed: &Json) -> Option<(&'static str, &Json)> {
    let typed = [
        ("valueQuantity", "NM"),
        ("valueInteger", "NM"),
        ("valueString", "TX"),
        ("valueCodeableConcept", "CWE"),
        ("valueDateTime", "DTM"),
        ("valueBoolean", "ST"),
    ];
    let (member, kind) = typed.into_iter().find(|(member, _)| !observed[*member].is_null())?;
    let value = if member == "valueQuantity" { &observed[member]["value"] } else { &observed[member] };
    Some((kind, value))
}

/// OBX-7: what is usual.
fn range(range: &Json) -> String {
    let end = |member: &str| match &range[member]["value"] {
        Json::Number(number) => number.to_string(),
        _ => String::new(),
    };
    match (end("low").as_str(), end("high").as_str()) {
        ("", "") => range["text"].as_str().unwrap_or_default().to_owned(),
        (low, "") => format!(">={low}"),
        ("", high) => format!("<={high}"),
        (low, high) => format!("{low}-{high}"),
    }
}

/// OBX-11 and OBR-25, tables 0085 and 0123.
pub(super) fn status(status: &Json) -> &'static str {
    match status.as_str() {
        Some("registered") => "I",
        Some("partial" | "preliminary") => "P",
        Some("amended" | "corrected" | "appended") => "C",
        Some("cancelled") => "X",
        Some("entered-in-error") => "W",
        _ => "F",
    }
}

/// What an entry of a Composition is, in words: of a plan what is to be done, a line each.
fn words_of(entry: &Json) -> String {
    if entry["resourceType"] == "CarePlan" {
        let lines = list(&entry["activity"]).filter_map(|one| one["detail"]["description"].as_str());
        return lines.collect::<Vec<_>>().join("\n");
    }
    let concept = ["code", "medicationCodeableConcept"].map(|member| &entry[member]);
    let named = concept.into_iter().find(|one| !one.is_null()).unwrap_or(&Json::Null);
    let coding = &named["coding"][0];
    let words = named["text"].as_str().or_else(|| coding["display"].as_str()).unwrap_or_default();
    let dosage = entry["dosageInstruction"][0]["text"].as_str().map(|text| format!(": {text}"));
    match coding["code"].as_str() {
        Some(code) => format!("{words} ({code})"),
        None => format!("{words}{}", dosage.unwrap_or_default()),
    }
}
