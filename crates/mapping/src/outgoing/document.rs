//! MDM T02 and T06: a signed document, with its text and on paper.

use super::About;
use super::admission::event;
use super::observation::Numbered;
use super::patient::{patient, visit};
use super::person::{own_number, practitioner};
use super::writer::Writer;

/// LOINC's consultation note; every other is a progress note to table 0270.
const CONSULTATION: &str = "11488-4";

pub(super) fn write(writer: &mut Writer<'_>, about: &About<'_>) {
    let composition = about.focus;
    event(writer, about);
    patient(writer, about.patient);
    visit(writer, about);
    let signed = writer.time(&composition["date"]);
    let author = &composition["author"][0];
    writer.segment("TXA");
    writer.put("TXA-1", "1");
    let is_consultation = composition["type"]["coding"][0]["code"] == CONSULTATION;
    writer.put("TXA-2", if is_consultation { "CN" } else { "PN" });
    writer.put("TXA-3", if about.pdf.is_some() { "AP" } else { "TX" });
    writer.put("TXA-4", &signed);
    practitioner(writer, "TXA-5", author, about.record);
    writer.put("TXA-6", &signed);
    practitioner(writer, "TXA-9", author, about.record);
    own_number(writer, "TXA-12", &composition["id"]);
    let parent = composition["relatesTo"][0]["targetReference"]["reference"].as_str();
    let parent = parent.and_then(|name| name.strip_prefix("Composition/"));
    own_number(writer, "TXA-13", &parent.into());
    writer.put_value("TXA-16", &composition["title"]);
    // Legally authenticated, available.
    writer.put("TXA-17", "LA");
    writer.put("TXA-19", "AV");
    practitioner(writer, "TXA-22", author, about.record);
    writer.put("TXA-22.15", &signed);
    let mut numbered = Numbered::default();
    numbered.sections(writer, composition, about.record);
    if let Some(pdf) = about.pdf {
        numbered.pdf(writer, &composition["type"], pdf);
    }
}
