//! What a clinician looks up: patients of the institution, their charts, colleagues, codes; and what is kept of a record
//! outside of a visit.

pub mod chart;
pub mod patients;
pub mod practitioners;
pub mod record;
pub mod terms;

#[cfg(test)]
mod tests;
