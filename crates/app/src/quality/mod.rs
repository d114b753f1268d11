//! Quality over visits: R and what it is made of, with a control chart.

pub mod over_visits;
pub mod summary;
