//! Documents for people: the plan of a visit as PDF, and the day of an institution as a page to print.
//!
//! [`plan_pdf`] prints what a patient takes home: who saw whom, what was found, what to do, when to go to hospital, and
//! by whom and when it was signed. It is a pure function: the same [`PlanDocument`], language and font give the same
//! bytes. The page is A4; text wraps for Latin and for Chinese; the text can be searched, copied and read aloud (tagged
//! PDF).
//!
//! [`plan`] is the content, `compose` lays it out on `sheet`s with `typeface` and `breaking`, `render` writes the PDF.

mod breaking;
mod compose;
mod dates;
pub mod day_pack;
mod labels;
mod language;
pub mod plan;
mod render;
mod sheet;
mod typeface;

pub use language::{Language, UnknownLanguage};
pub use plan::PlanDocument;

/// Why a document was not made.
#[derive(Debug, thiserror::Error)]
pub enum DocumentError {
    /// The font bytes are not a font that can be used.
    #[error("the font for printed documents cannot be read")]
    Font,
    /// A part of the content is longer than can be printed.
    #[error("{field} is longer than {limit}")]
    TooLong {
        /// Which part.
        field: &'static str,
        /// How many characters, or entries of a list, are taken.
        limit: usize,
    },
    /// The PDF could not be written.
    #[error("the PDF could not be written: {0}")]
    Write(String),
}

/// Prints the plan of a visit as PDF, with labels in `language` and all text in `font`, the bytes of one TrueType or
/// OpenType font that has Latin and Chinese.
///
/// Content stays in the language it was written in. Characters that the font does not have are printed as empty boxes and
/// stay in the text that is copied.
pub fn plan_pdf(plan: &PlanDocument, language: Language, font: &[u8]) -> Result<Vec<u8>, DocumentError> {
    plan.check()?;
    let typeface = typeface::Typeface::new(font)?;
    let sheet = compose::compose(plan, language, &typeface);
    render::render(&sheet, &typeface, &render::About::new(plan, language))
}
