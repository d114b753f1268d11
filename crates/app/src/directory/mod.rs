//! What a clinician looks up: patients of the institution, their charts, colleagues, codes.

pub mod chart;
pub mod patients;
pub mod practitioners;
pub mod terms;

#[cfg(test)]
mod tests;
