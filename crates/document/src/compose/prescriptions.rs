//! Prescriptions as a table, marked as the drafts they are.

use super::{BODY, Composer, HEADING, SMALL};
use crate::plan::Prescription;
use crate::sheet::{ALARM, HAIRLINE, INK, MARGIN, MEASURE, PALE, Role, Style};
use crate::typeface::Line;

const CELL: Style = Style::new(9.5, 14.5, INK);
const PAD: f32 = 5.0;
/// Room for the warning and the titles.
const HEAD: f32 = 60.0;
/// Shares of the measure: medicine, dose, how often, days, instructions.
const COLUMNS: [f32; 5] = [0.29, 0.15, 0.17, 0.09, 0.30];

impl Composer<'_> {
    pub(super) fn prescriptions(&mut self) {
        if self.plan.prescriptions.is_empty() {
            return;
        }
        let rows: Vec<[Vec<Line>; 5]> = self.plan.prescriptions.iter().map(|row| self.cells(row)).collect();
        self.sheet.room(HEADING.leading + HEAD + rows.first().map_or(0.0, height) + 12.0);
        self.heading(self.labels.prescriptions);
        self.table_head();
        for row in rows {
            if self.sheet.room(height(&row)) {
                self.table_head();
            }
            self.row(row, CELL);
            self.sheet.rule(0.6, HAIRLINE);
        }
    }

    /// Says on every page the table reaches that these are drafts.
    fn table_head(&mut self) {
        let words = self.labels;
        self.warning(words.draft, BODY.bold().colour(ALARM));
        self.sheet.skip(4.0);
        let titles = [words.medication, words.dose, words.frequency, words.days, words.instructions];
        let mut at = 0;
        let cells = titles.map(|title| {
            at += 1;
            self.typeface.lines(title, SMALL.size, inner(at - 1))
        });
        self.sheet.band(SMALL.leading + 2.0 * PAD, PALE);
        self.row(cells, SMALL);
    }

    fn cells(&self, row: &Prescription) -> [Vec<Line>; 5] {
        let days = row.days.map(|days| days.to_string()).unwrap_or_default();
        let mut at = 0;
        [&row.medication, &row.dose, &row.frequency, &days, &row.instructions].map(|text| {
            at += 1;
            self.typeface.lines(text, CELL.size, inner(at - 1))
        })
    }

    fn row(&mut self, cells: [Vec<Line>; 5], style: Style) {
        let top = self.sheet.y() + PAD;
        let tallest = cells.iter().map(Vec::len).max().unwrap_or(0);
        let group = self.sheet.group(Role::Paragraph);
        let mut x = MARGIN;
        for (share, lines) in COLUMNS.iter().zip(cells) {
            let mut y = top;
            for line in lines {
                self.sheet.text(line, x + PAD, y, style, Some(group));
                y += style.leading;
            }
            x += share * MEASURE;
        }
        #[expect(clippy::cast_precision_loss, reason = "a cell has a few dozen lines")]
        self.sheet.skip(tallest as f32 * style.leading + 2.0 * PAD);
    }
}

fn inner(column: usize) -> f32 {
    COLUMNS[column] * MEASURE - 2.0 * PAD
}

#[expect(clippy::cast_precision_loss, reason = "a cell has a few dozen lines")]
fn height(cells: &[Vec<Line>; 5]) -> f32 {
    let tallest = cells.iter().map(Vec::len).max().unwrap_or(0);
    tallest as f32 * CELL.leading + 2.0 * PAD + 0.6
}
