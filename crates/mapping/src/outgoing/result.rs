//! ORU R01: a report with what was observed, or a signed document for a receiver that takes documents as results.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::About;
use super::observation::{Numbered, status};
use super::patient::{list, patient, visit};
use super::person::{concept, named, own_number};
use super::writer::Writer;

pub(super) fn write(writer: &mut Writer<'_>, about: &About<'_>) {
    let report = about.focus;
    let is_document = report["resourceType"] == "Composition";
    let (code, by, at) = if is_document {
        (&report["type"], &report["author"][0], &report["date"])
    } else {
        let by = if report["resultsInterpreter"][0].is_null() { "performer" } else { "resultsInterpreter" };
        (&report["code"], &report[by][0], &report["issued"])
    };
    patient(writer, about.patient);
    visit(writer, about);
    writer.segment("ORC");
    writer.put("ORC-1", "RE");
    own_number(writer, "ORC-3", &report["id"]);
    let issued = writer.time(at);
    let effective = writer.time(&report["effectiveDateTime"]);
    writer.segment("OBR");
    writer.put("OBR-1", "1");
    own_number(writer, "OBR-3", &report["id"]);
    concept(writer, "OBR-4", code);
    writer.put("OBR-7", if effective.is_empty() { &issued } else { &effective });
    writer.put("OBR-22", &issued);
    writer.put_value("OBR-24", &report["category"][0]["coding"][0]["code"]);
    writer.put("OBR-25", status(&report["status"]));
    named(writer, "OBR-32.1", by, about.record);
    let mut numbered = Numbered::default();
    if is_document {
        numbered.sections(writer, report, about.record);
    } else {
        for result in list(&report["result"]).map(|one| about.record.of(one)).filter(|one| !one.is_null()) {
            numbered.observation(writer, result, about);
        }
        if let Some(conclusion) = report["conclusion"].as_str() {
            numbered.text(writer, (code, &code["text"]), conclusion, status(&report["status"]));
        }
        let forms = list(&report["presentedForm"]).filter(|form| form["contentType"] == "application/pdf");
        for form in forms.filter_map(|form| STANDARD.decode(form["data"].as_str()?).ok()) {
            numbered.pdf(writer, code, &form);
        }
    }
    if let Some(pdf) = about.pdf {
        numbered.pdf(writer, code, pdf);
    }
}
