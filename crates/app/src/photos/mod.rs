//! Photos of a visit: originals as they came, previews that are safe to show.

pub mod preview;
pub mod record;
pub mod view;

#[cfg(test)]
mod tests;
