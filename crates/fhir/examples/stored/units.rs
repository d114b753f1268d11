//! Quantities of UCUM in other units of the same kind.

use bianque_fhir::ucum::{SYSTEM, canonical};

/// Units that are proportional to their base units.
const UNITS: [&str; 40] = [
    "kg", "g", "mg", "ug", "[lb_av]", "[oz_av]", "m", "cm", "mm", "[in_i]", "[ft_i]", "L", "dL", "mL",
    "mL/min", "L/min", "mol", "mmol", "mmol/L", "umol/L", "g/L", "g/dL", "mg/dL", "ug/mL", "mm[Hg]", "kPa",
    "s", "min", "h", "d", "wk", "mo", "a", "/min", "Hz", "%", "1", "10*3/uL", "kg/m2", "m2",
];
/// Digits that a converted value is written with.
const DIGITS: usize = 10;

/// A value in base units, in each other unit of its kind.
pub(crate) fn asks(value: f64, base: &str) -> Vec<String> {
    let units = UNITS.iter().filter_map(|unit| {
        let (factor, of) = canonical(1.0, unit)?;
        let digits = DIGITS - 1;
        (of == base).then(|| format!("{:.digits$e}|{SYSTEM}|{unit}", value / factor))
    });
    units.chain([format!("{}|{SYSTEM}|{base}", number(value))]).collect()
}

/// A number as it may be asked for: few digits, by a power of ten where it is long.
pub(crate) fn number(value: f64) -> String {
    let plain = value.to_string();
    if plain.len() > 16 { format!("{value:e}") } else { plain }
}
