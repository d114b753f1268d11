//! The letterhead, who and when, and what stands above and below every page.

use super::{BODY, Composer, HEADING, SMALL};
use crate::sheet::{ACCENT, HAIRLINE, HEIGHT, INK, Item, MARGIN, MEASURE, Role, Style, WIDTH};
use crate::typeface::Line;
use crate::{dates, labels};

const INSTITUTION: Style = Style::new(13.0, 18.0, ACCENT).bold();
const TITLE: Style = Style::new(20.0, 28.0, INK).bold();
/// Between the columns.
const GUTTER: f32 = 22.0;

impl Composer<'_> {
    /// Institution, where it is, and the title.
    pub(super) fn letterhead(&mut self) {
        let institution = &self.plan.institution;
        let lines = self.typeface.lines(&institution.name, INSTITUTION.size, MEASURE);
        self.sheet.lines(lines, MARGIN, INSTITUTION, Role::Paragraph);
        let phone = institution.phone.as_ref().map(|phone| format!("{} {phone}", self.labels.phone));
        let reach: Vec<String> = [institution.address.clone(), phone].into_iter().flatten().collect();
        self.paragraph(&reach.join(" · "), SMALL);
        self.sheet.skip(6.0);
        self.sheet.rule(1.6, ACCENT);
        self.sheet.skip(12.0);
        let lines = self.typeface.lines(self.labels.title, TITLE.size, MEASURE);
        self.sheet.lines(lines, MARGIN, TITLE, Role::Title);
        self.sheet.skip(6.0);
    }

    /// The patient at the left, the visit and its clinician at the right.
    pub(super) fn people(&mut self) {
        let (plan, words) = (self.plan, self.labels);
        let missing = || words.not_recorded.to_owned();
        let or_missing = |value: &Option<String>| value.clone().unwrap_or_else(missing);
        let birth_date = plan.patient.birth_date.map_or_else(missing, |day| dates::date(day, self.language));
        let clinician = match &plan.clinician.title {
            Some(title) => format!("{} · {title}", plan.clinician.name),
            None => plan.clinician.name.clone(),
        };
        let left = [
            (words.name, plan.patient.name.clone()),
            (words.birth_date, birth_date),
            (words.identifier, or_missing(&plan.patient.identifier)),
        ];
        let mut right = vec![
            (words.date, dates::moment(&plan.visit.start, self.language)),
            (words.clinician, clinician),
            (words.registration, or_missing(&plan.clinician.registration)),
            (words.visit_number, plan.visit.number.clone()),
        ];
        right.extend(plan.visit.kind.clone().map(|kind| (words.kind, kind)));

        let top = self.sheet.y();
        let width = (MEASURE - GUTTER) / 2.0;
        let left_end = self.column(words.patient, &left, MARGIN, top, width);
        let right_end = self.column(words.visit, &right, MARGIN + width + GUTTER, top, width);
        self.sheet.skip(left_end.max(right_end) - top + 4.0);
        self.sheet.rule(0.6, HAIRLINE);
    }

    /// Labels with their values, one below the other. Gives back where it ends.
    fn column(&mut self, title: &str, rows: &[(&str, String)], x: f32, top: f32, width: f32) -> f32 {
        let group = self.sheet.group(Role::Heading);
        self.sheet.text(self.typeface.line(title), x, top, HEADING, Some(group));
        let mut y = top + HEADING.leading + 2.0;
        for (label, value) in rows {
            let group = self.sheet.group(Role::Paragraph);
            self.sheet.text(self.typeface.line(label), x, y, SMALL, Some(group));
            y += SMALL.leading;
            for line in self.typeface.lines(value, BODY.size, width) {
                self.sheet.text(line, x, y, BODY, Some(group));
                y += BODY.leading - 1.0;
            }
            y += 3.0;
        }
        y
    }

    /// Page numbers on every page; whose document it is on every page after the first.
    pub(super) fn headers_and_footers(&mut self) {
        let plan = self.plan;
        let day = dates::date(plan.visit.start.date(), self.language);
        let about =
            [plan.institution.name.as_str(), &plan.patient.name, &day, &plan.visit.number].join(" · ");
        let about = self.short(&about, MEASURE);
        let foot_text = match &plan.signature {
            // Enough to tell that a loose page belongs to this signature.
            Some(signature) => {
                format!(
                    "{} · SHA-256 {}…",
                    self.labels.title,
                    signature.sha256.chars().take(16).collect::<String>()
                )
            }
            None => self.labels.not_signed.to_owned(),
        };
        let foot_text = self.short(&foot_text, MEASURE * 0.75);
        let pages = self.sheet.pages.len();
        for at in 0..pages {
            let number = self.typeface.line(&labels::page(self.language, at + 1, pages));
            let foot = HEIGHT - 44.0;
            let right = WIDTH - MARGIN - number.width(SMALL.size);
            let page = &mut self.sheet.pages[at];
            page.push(rule(foot - 8.0));
            page.push(text(number, right, foot + 8.0));
            if at > 0 {
                page.push(text(about.clone(), MARGIN, 44.0));
                page.push(rule(51.0));
            }
            page.push(text(foot_text.clone(), MARGIN, foot + 8.0));
        }
    }

    /// The beginning of a text, as much as fits on one line.
    fn short(&self, text: &str, width: f32) -> Line {
        self.typeface.lines(text, SMALL.size, width).into_iter().next().unwrap_or_default()
    }
}

fn text(line: Line, x: f32, baseline: f32) -> Item {
    Item::Text { line, x, baseline, style: SMALL, group: None }
}

fn rule(y: f32) -> Item {
    Item::Band { x: MARGIN, y, width: MEASURE, height: 0.6, colour: HAIRLINE }
}
