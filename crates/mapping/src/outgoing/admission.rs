//! ADT A04, A03 and A11: a visit begins, ends, or was none.

use super::About;
use super::patient::{patient, visit};
use super::writer::Writer;

pub(super) fn write(writer: &mut Writer<'_>, about: &About<'_>) {
    event(writer, about);
    patient(writer, about.patient);
    visit(writer, about);
}

/// EVN: when it happened.
pub(super) fn event(writer: &mut Writer<'_>, about: &About<'_>) {
    writer.segment("EVN");
    let at = writer.moment(about.at);
    writer.put("EVN-1", about.tells.kind()[1]);
    writer.put("EVN-2", &at);
    writer.put("EVN-6", &at);
}
