//! Who signed, when, and what exactly.

use super::{BODY, Composer, SMALL};
use crate::dates;
use crate::sheet::{ACCENT, INK, MARGIN, MEASURE, PALE, PANEL_INSET, Role, Style};

const HASH: Style = Style::new(9.0, 14.0, INK);

impl Composer<'_> {
    pub(super) fn signature(&mut self) {
        let Some(signature) = &self.plan.signature else { return };
        let words = self.labels;
        // The block stays on one page: a signature apart from what it says would say nothing.
        self.sheet.skip(14.0);
        self.sheet.room(150.0);
        self.heading(words.signature);
        let clinician = &self.plan.clinician;
        let mut who = vec![signature.name.clone()];
        who.extend(clinician.title.clone());
        who.extend(clinician.registration.as_ref().map(|number| format!("{} {number}", words.registration)));
        who.push(self.plan.institution.name.clone());
        who.retain(|part| !part.is_empty());
        let signed = format!(
            "{}: {}\n{}: {}",
            words.signed_by,
            who.join(" · "),
            words.signed_at,
            dates::moment(&signature.at, self.language)
        );
        let lines = self.typeface.lines(&signed, BODY.size, MEASURE - 2.0 * PANEL_INSET);
        self.sheet.panel(lines, BODY, ACCENT, PALE, Role::Paragraph);
        self.sheet.skip(6.0);
        self.paragraph(words.hash, SMALL);
        let lines = self.typeface.lines(&signature.sha256, HASH.size, MEASURE);
        self.sheet.lines(lines, MARGIN, HASH, Role::Paragraph);
        self.paragraph(words.hash_advice, SMALL);
    }
}
