//! One font: text becomes glyphs with their widths, and paragraphs become lines.

use krilla::text::{Font, GlyphId, KrillaGlyph};
use rustybuzz::{Direction, Face, UnicodeBuffer};

use crate::DocumentError;
use crate::breaking::{fill, hard_lines, is_space, may_break};

/// A font that can measure and be drawn.
pub(crate) struct Typeface<'f> {
    pub(crate) font: Font,
    face: Face<'f>,
}

/// One line of text, measured for a font size of 1.
#[derive(Debug, Clone, Default)]
pub(crate) struct Line {
    pub(crate) text: String,
    pub(crate) glyphs: Vec<KrillaGlyph>,
    width: f32,
}

impl Line {
    /// Its width at a font size, without spaces at its end.
    pub(crate) fn width(&self, size: f32) -> f32 {
        self.width * size
    }
}

/// The glyphs that stand for one stretch of text and cannot be parted.
struct Piece {
    start: usize,
    end: usize,
    glyphs: Vec<KrillaGlyph>,
    width: f32,
}

impl<'f> Typeface<'f> {
    /// Reads a font from its bytes.
    pub(crate) fn new(bytes: &'f [u8]) -> Result<Self, DocumentError> {
        let font = Font::new(bytes.to_vec().into(), 0).ok_or(DocumentError::Font)?;
        let face = Face::from_slice(bytes, 0).ok_or(DocumentError::Font)?;
        Ok(Self { font, face })
    }

    /// A text that stays on one line, whatever its width.
    pub(crate) fn line(&self, text: &str) -> Line {
        let text: String = hard_lines(text).collect::<Vec<_>>().join(" ");
        let pieces = self.pieces(&text);
        line_of(&text, &pieces)
    }

    /// A paragraph as lines of at most `width` at a font size. Empty text has no lines; an empty line within stays.
    pub(crate) fn lines(&self, text: &str, size: f32, width: f32) -> Vec<Line> {
        if text.trim().is_empty() {
            return Vec::new();
        }
        hard_lines(text).flat_map(|hard| self.wrap(&hard, width / size)).collect()
    }

    fn wrap(&self, text: &str, width: f32) -> Vec<Line> {
        let pieces = self.pieces(text);
        let ends = |at: usize| text[pieces[at].start..pieces[at].end].chars().next_back().unwrap_or(' ');
        let starts = |at: usize| pieces.get(at).and_then(|piece| text[piece.start..].chars().next());
        let widths: Vec<f32> = pieces.iter().map(|piece| piece.width).collect();
        let breakable: Vec<bool> = (0..pieces.len())
            .map(|at| starts(at + 1).is_some_and(|after| may_break(ends(at), after)))
            .collect();
        let hanging: Vec<bool> = (0..pieces.len()).map(|at| is_space(ends(at))).collect();
        let mut from = 0;
        fill(&widths, &breakable, &hanging, width)
            .into_iter()
            .map(|end| {
                let line = line_of(text, &pieces[from..end]);
                from = end;
                line
            })
            .collect()
    }

    /// Shapes a text from left to right; what this font has is written so.
    fn pieces(&self, text: &str) -> Vec<Piece> {
        let mut buffer = UnicodeBuffer::new();
        buffer.push_str(text);
        buffer.guess_segment_properties();
        buffer.set_direction(Direction::LeftToRight);
        let shaped = rustybuzz::shape(&self.face, &[], buffer);
        let em = self.font.units_per_em();
        #[expect(clippy::cast_precision_loss, reason = "advances are far below 2^24 units")]
        let scale = |units: i32| units as f32 / em;

        let mut pieces: Vec<Piece> = Vec::new();
        for (info, position) in shaped.glyph_infos().iter().zip(shaped.glyph_positions()) {
            let start = info.cluster as usize;
            if pieces.last().is_none_or(|piece| piece.start != start) {
                if let Some(piece) = pieces.last_mut() {
                    piece.end = start;
                }
                pieces.push(Piece { start, end: text.len(), glyphs: Vec::new(), width: 0.0 });
            }
            let glyph = KrillaGlyph::new(
                GlyphId::new(info.glyph_id),
                scale(position.x_advance),
                scale(position.x_offset),
                scale(position.y_offset),
                scale(position.y_advance),
                0..0,
                None,
            );
            if let Some(piece) = pieces.last_mut() {
                piece.width += scale(position.x_advance);
                piece.glyphs.push(glyph);
            }
        }
        pieces
    }
}

fn line_of(text: &str, pieces: &[Piece]) -> Line {
    let Some(start) = pieces.first().map(|piece| piece.start) else { return Line::default() };
    let trimmed = start + text[start..pieces.last().map_or(start, |piece| piece.end)].trim_end().len();
    let mut line = Line { text: text[start..trimmed].to_owned(), ..Line::default() };
    for piece in pieces.iter().take_while(|piece| piece.end <= trimmed) {
        let range = piece.start - start..piece.end - start;
        line.width += piece.width;
        line.glyphs.extend(
            piece.glyphs.iter().map(|glyph| KrillaGlyph { text_range: range.clone(), ..glyph.clone() }),
        );
    }
    line
}
