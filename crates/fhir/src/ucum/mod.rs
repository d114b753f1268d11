//! Units of measure (UCUM, The Unified Code for Units of Measure 2.2, case sensitive).
//!
//! A unit is read into a factor and powers of base units, so that quantities in different units can be compared:
//! [`canonical`]. Molecules are numbers, as UCUM has it, so `mmol/L` and `10*9/L` are commensurable. Arbitrary units
//! such as `[iU]` are commensurable with themselves alone, and are base units here. Units on a scale of their own
//! (`Cel`, `[degF]`, `[pH]`, `dB`) are converted where they stand alone.

mod atoms;
mod factor;
mod parse;
mod special;
mod unit;

pub use parse::UnitError;

use unit::{Scale, Unit};

/// The system of its codes in FHIR.
pub const SYSTEM: &str = "http://unitsofmeasure.org";

/// Units longer than this are refused.
const LONGEST: usize = 256;
/// Digits that a converted value is rounded to: more than anything is measured with, and fewer than `f64` has, so that the
/// same quantity in two units is the same number.
const DIGITS: usize = 12;

/// Checks the code of a unit.
pub fn check(unit: &str) -> Result<(), UnitError> {
    read(unit).map(drop)
}

/// The value in base units (m, s, g, rad, K, C, cd and arbitrary ones), rounded to 12 digits, and these as a code, in
/// order: `g.m-1.s-2`; `1` where there are none. `mm[Hg]`: 133322 of `g.m-1.s-2`.
///
/// None for what is no unit, for a unit on a scale of its own as a part of another (`Cel/min`), and for a number that
/// does not fit.
pub fn canonical(value: f64, unit: &str) -> Option<(f64, String)> {
    let unit = read(unit).ok()?;
    let converted = match unit.scale {
        Scale::Ratio => unit.factor.of(value),
        Scale::Special { function, prefix } => unit.factor.of(function.ratio(prefix.of(value))),
        Scale::Mixed => return None,
    };
    Some((rounded(converted)?, unit.code()))
}

fn read(unit: &str) -> Result<Unit, UnitError> {
    parse::parse(unit, atoms::atoms())
}

fn rounded(value: f64) -> Option<f64> {
    let digits = DIGITS - 1;
    format!("{value:.digits$e}").parse().ok().filter(|rounded: &f64| rounded.is_finite())
}

#[cfg(test)]
mod tests;
