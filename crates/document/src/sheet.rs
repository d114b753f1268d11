//! Pages as lists of what stands where, before anything is written. Lengths are points, 72 to the inch, from the top left.

use crate::typeface::Line;

/// A4, 210 mm.
pub(crate) const WIDTH: f32 = 595.276;
/// A4, 297 mm.
pub(crate) const HEIGHT: f32 = 841.89;
/// The left and the right margin.
pub(crate) const MARGIN: f32 = 56.0;
/// The width between the margins.
pub(crate) const MEASURE: f32 = WIDTH - 2.0 * MARGIN;
/// Where the text of a page begins.
const TOP: f32 = 64.0;
/// Where it ends.
const BOTTOM: f32 = HEIGHT - 72.0;

/// A colour of the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Colour(pub(crate) u8, pub(crate) u8, pub(crate) u8);

/// Text.
pub(crate) const INK: Colour = Colour(0x1b, 0x26, 0x2e);
/// Labels and what stands behind.
pub(crate) const MUTED: Colour = Colour(0x55, 0x64, 0x6e);
/// Headings and rules of the letterhead.
pub(crate) const ACCENT: Colour = Colour(0x0b, 0x55, 0x63);
/// Thin rules.
pub(crate) const HAIRLINE: Colour = Colour(0xc9, 0xd3, 0xd8);
/// Ground of tables and of the signature.
pub(crate) const PALE: Colour = Colour(0xf1, 0xf5, 0xf6);
/// Text of a warning.
pub(crate) const ALARM: Colour = Colour(0x9b, 0x1c, 0x1c);
/// Ground of a warning.
pub(crate) const ALARM_PALE: Colour = Colour(0xfd, 0xf0, 0xee);

/// How text looks.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Style {
    pub(crate) size: f32,
    /// From line to line.
    pub(crate) leading: f32,
    pub(crate) bold: bool,
    pub(crate) colour: Colour,
}

impl Style {
    pub(crate) const fn new(size: f32, leading: f32, colour: Colour) -> Self {
        Self { size, leading, bold: false, colour }
    }

    pub(crate) const fn bold(self) -> Self {
        Self { bold: true, ..self }
    }

    pub(crate) const fn colour(self, colour: Colour) -> Self {
        Self { colour, ..self }
    }

    /// From the top of a line to the feet of its letters: capitals stand in the middle.
    fn baseline(self) -> f32 {
        self.leading / 2.0 + self.size * 0.36
    }
}

/// What a text is, for whoever has the document read aloud.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    Title,
    Heading,
    Paragraph,
}

/// One thing on a page.
pub(crate) enum Item {
    Text {
        line: Line,
        x: f32,
        baseline: f32,
        style: Style,
        /// Its number in [`Sheet::roles`]; none for headers and footers, which are not read aloud.
        group: Option<usize>,
    },
    Band {
        x: f32,
        y: f32,
        width: f32,
        height: f32,
        colour: Colour,
    },
}

/// The whole document.
pub(crate) struct Sheet {
    pub(crate) pages: Vec<Vec<Item>>,
    /// What the groups of text are, in the order of reading.
    pub(crate) roles: Vec<Role>,
    y: f32,
}

impl Sheet {
    pub(crate) fn new() -> Self {
        Self { pages: vec![Vec::new()], roles: Vec::new(), y: TOP }
    }

    /// Where the next thing goes.
    pub(crate) const fn y(&self) -> f32 {
        self.y
    }

    /// Leaves a space.
    pub(crate) fn skip(&mut self, height: f32) {
        self.y += height;
    }

    /// Sees that `height` fits below, on a new page if need be. True when a page was turned.
    pub(crate) fn room(&mut self, height: f32) -> bool {
        let turn = self.y + height > BOTTOM && self.y > TOP;
        if turn {
            self.pages.push(Vec::new());
            self.y = TOP;
        }
        turn
    }

    /// A new group of text.
    pub(crate) fn group(&mut self, role: Role) -> usize {
        self.roles.push(role);
        self.roles.len() - 1
    }

    /// Puts something on the newest page.
    pub(crate) fn put(&mut self, item: Item) {
        if let Some(page) = self.pages.last_mut() {
            page.push(item);
        }
    }

    /// A line of text whose top is at `top`.
    pub(crate) fn text(&mut self, line: Line, x: f32, top: f32, style: Style, group: Option<usize>) {
        if !line.glyphs.is_empty() {
            self.put(Item::Text { line, x, baseline: top + style.baseline(), style, group });
        }
    }

    /// A rule at the current height, across the measure.
    pub(crate) fn rule(&mut self, thickness: f32, colour: Colour) {
        let y = self.y;
        self.put(Item::Band { x: MARGIN, y, width: MEASURE, height: thickness, colour });
        self.y += thickness;
    }

    /// Lines one below the other, over as many pages as it takes.
    pub(crate) fn lines(&mut self, lines: Vec<Line>, x: f32, style: Style, role: Role) {
        let group = self.group(role);
        for line in lines {
            self.room(style.leading);
            self.text(line, x, self.y, style, Some(group));
            self.y += style.leading;
        }
    }

    /// Lines on a ground with an edge at its left, over as many pages as it takes.
    pub(crate) fn panel(&mut self, lines: Vec<Line>, style: Style, edge: Colour, ground: Colour, role: Role) {
        const PAD: f32 = 7.0;
        let group = self.group(role);
        let last = lines.len().saturating_sub(1);
        for (at, line) in lines.into_iter().enumerate() {
            let above = if at == 0 { PAD } else { 0.0 };
            let below = if at == last { PAD } else { 0.0 };
            let height = above + style.leading + below;
            self.room(height);
            self.band(height, ground);
            self.put(Item::Band { x: MARGIN, y: self.y, width: 3.0, height, colour: edge });
            self.text(line, MARGIN + PANEL_INSET, self.y + above, style, Some(group));
            self.y += height;
        }
    }

    /// A ground across the measure from the current height on.
    pub(crate) fn band(&mut self, height: f32, colour: Colour) {
        let y = self.y;
        self.put(Item::Band { x: MARGIN, y, width: MEASURE, height, colour });
    }
}

/// From the margin to the text of a panel.
pub(crate) const PANEL_INSET: f32 = 14.0;
