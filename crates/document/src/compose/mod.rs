//! Lays a plan out on pages, in the order in which a patient needs it.

mod head;
mod prescriptions;
mod signature;

use crate::labels::{self, Labels};
use crate::plan::{Diagnosis, Disposition, PlanDocument};
use crate::sheet::{
    ACCENT, ALARM, ALARM_PALE, INK, MARGIN, MEASURE, MUTED, PALE, PANEL_INSET, Role, Sheet, Style,
};
use crate::typeface::Typeface;
use crate::{Language, dates};

const BODY: Style = Style::new(10.5, 16.5, INK);
const SMALL: Style = Style::new(8.5, 12.5, MUTED);
const HEADING: Style = Style::new(12.0, 19.0, ACCENT).bold();

/// The pages of a plan.
pub(crate) fn compose(plan: &PlanDocument, language: Language, typeface: &Typeface<'_>) -> Sheet {
    let mut composer =
        Composer { plan, language, labels: Labels::of(language), typeface, sheet: Sheet::new() };
    composer.letterhead();
    composer.people();
    composer.unsigned();
    composer.section(composer.labels.subjective, &plan.findings.subjective);
    composer.section(composer.labels.objective, &plan.findings.objective);
    composer.section(composer.labels.assessment, &plan.findings.assessment);
    composer.diagnoses();
    composer.disposition();
    composer.go_to_hospital();
    composer.section(composer.labels.plan, &plan.plan);
    composer.section(composer.labels.self_care, &plan.self_care);
    composer.prescriptions();
    composer.section(composer.labels.follow_up, &plan.follow_up);
    composer.opinions();
    composer.signature();
    composer.addenda();
    composer.headers_and_footers();
    composer.sheet
}

struct Composer<'a> {
    plan: &'a PlanDocument,
    language: Language,
    labels: &'static Labels,
    typeface: &'a Typeface<'a>,
    sheet: Sheet,
}

impl Composer<'_> {
    /// A heading that never stands alone at the foot of a page.
    fn heading(&mut self, text: &str) {
        self.sheet.skip(11.0);
        self.sheet.room(HEADING.leading + 3.0 * BODY.leading);
        let lines = self.typeface.lines(text, HEADING.size, MEASURE);
        self.sheet.lines(lines, MARGIN, HEADING, Role::Heading);
        self.sheet.skip(1.0);
    }

    fn paragraph(&mut self, text: &str, style: Style) {
        let lines = self.typeface.lines(text, style.size, MEASURE);
        self.sheet.lines(lines, MARGIN, style, Role::Paragraph);
    }

    fn warning(&mut self, text: &str, style: Style) {
        let lines = self.typeface.lines(text, style.size, MEASURE - 2.0 * PANEL_INSET);
        self.sheet.panel(lines, style, ALARM, ALARM_PALE, Role::Paragraph);
    }

    /// A heading with its text; nothing without text.
    fn section(&mut self, title: &str, text: &str) {
        if !text.trim().is_empty() {
            self.heading(title);
            self.paragraph(text, BODY);
        }
    }

    fn unsigned(&mut self) {
        if self.plan.signature.is_none() {
            self.sheet.skip(10.0);
            self.warning(self.labels.not_signed, BODY.bold().colour(ALARM));
        }
    }

    fn diagnoses(&mut self) {
        if self.plan.diagnoses.is_empty() {
            return;
        }
        self.heading(self.labels.diagnoses);
        for diagnosis in &self.plan.diagnoses {
            self.paragraph(&self.diagnosis(diagnosis), BODY);
        }
    }

    /// `Acute pharyngitis, unspecified (ICD-10 J02.9) - provisional`
    fn diagnosis(&self, diagnosis: &Diagnosis) -> String {
        let code =
            [&diagnosis.system, &diagnosis.code].into_iter().flatten().cloned().collect::<Vec<_>>().join(" ");
        let mut text = match self.language {
            _ if code.is_empty() => diagnosis.text.clone(),
            Language::En => format!("{} ({code})", diagnosis.text),
            Language::ZhCn => format!("{}（{code}）", diagnosis.text),
        };
        if diagnosis.provisional {
            text.push_str(" - ");
            text.push_str(self.labels.provisional);
        }
        text
    }

    fn disposition(&mut self) {
        let Some(disposition) = self.plan.disposition else { return };
        self.heading(self.labels.disposition);
        let text = labels::disposition(disposition, self.language);
        if disposition == Disposition::Emergency {
            self.warning(text, BODY.bold().colour(ALARM));
        } else {
            let lines = self.typeface.lines(text, BODY.size, MEASURE - 2.0 * PANEL_INSET);
            self.sheet.panel(lines, BODY.bold(), ACCENT, PALE, Role::Paragraph);
        }
    }

    fn go_to_hospital(&mut self) {
        if self.plan.go_to_hospital_if.trim().is_empty() {
            return;
        }
        self.heading(self.labels.go_to_hospital_if);
        self.warning(&self.plan.go_to_hospital_if, BODY);
        self.sheet.skip(3.0);
        self.paragraph(self.labels.go_to_hospital_advice, SMALL.colour(ALARM));
    }

    fn opinions(&mut self) {
        for opinion in &self.plan.opinions {
            self.section(self.labels.opinions, &opinion.text);
            let mut by = vec![opinion.by.clone(), opinion.organization.clone()];
            by.extend(opinion.signed_at.as_ref().map(|at| dates::moment(at, self.language)));
            by.retain(|part| !part.is_empty());
            self.paragraph(&by.join(" · "), SMALL);
        }
    }

    fn addenda(&mut self) {
        for addendum in &self.plan.addenda {
            self.section(self.labels.addenda, &addendum.text);
            self.paragraph(
                &format!("{} · {}", addendum.by, dates::moment(&addendum.at, self.language)),
                SMALL,
            );
            if let Some(hash) = &addendum.hash {
                self.paragraph(&format!("SHA-256: {hash}"), SMALL);
            }
        }
    }
}
