//! The demo: people, histories and a day that are all made up, by the program itself, from a seed.

pub mod cohort;
mod prepare;

pub use prepare::{Links, Notice, prepare};
