//! Photos of a visit: uploads that survive anything, originals as they came, previews that are safe to show.

pub mod preview;
pub mod record;
pub mod upload;
pub mod view;

#[cfg(test)]
mod tests;
