//! Units of UCUM (version 2.1) as far as quantities are compared and multiplied: a unit is a factor and the dimensions
//! it measures. An amount (`mol`) is a dimension of its own here. A unit that is not known here is none, and quantities in it compare by their code alone.

use std::collections::{BTreeMap, HashMap};
use std::sync::OnceLock;

use rust_decimal::Decimal;

/// Longer codes are not read.
const LENGTH: usize = 128;
/// Brackets within brackets.
const NESTED: u8 = 8;

/// A unit: what one of it is in base units.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Unit {
    /// The factor is `mantissa * 10^exponent`.
    mantissa: Decimal,
    exponent: i32,
    /// Added to the value before the factor: degrees.
    shift: Decimal,
    /// Base unit and power; powers of zero are left out.
    dimensions: BTreeMap<&'static str, i32>,
}

impl Unit {
    fn one() -> Self {
        Self { mantissa: Decimal::ONE, exponent: 0, shift: Decimal::ZERO, dimensions: BTreeMap::new() }
    }

    /// Whether both measure the same.
    pub(super) fn comparable(&self, other: &Self) -> bool {
        self.dimensions == other.dimensions
    }

    /// Whether one of this is more than one of the other, of the same dimensions.
    pub(super) fn coarser(&self, other: &Self) -> bool {
        let factor = |unit: &Self| unit.in_base(Decimal::ONE);
        factor(self) > factor(other)
    }

    /// A value of this unit in base units.
    pub(super) fn in_base(&self, value: Decimal) -> Option<Decimal> {
        let scaled = value.checked_add(self.shift)?.checked_mul(self.mantissa)?;
        scale(scaled, self.exponent)
    }

    /// A value of base units in this unit.
    pub(super) fn of_base(&self, value: Decimal) -> Option<Decimal> {
        scale(value, -self.exponent)?.checked_div(self.mantissa)?.checked_sub(self.shift)
    }

    fn times(&self, other: &Self, sign: i32) -> Option<Self> {
        if !self.shift.is_zero() || !other.shift.is_zero() {
            return None;
        }
        let mut product = self.clone();
        product.mantissa = if sign > 0 {
            self.mantissa.checked_mul(other.mantissa)?
        } else {
            self.mantissa.checked_div(other.mantissa)?
        };
        product.exponent = self.exponent.checked_add(other.exponent.checked_mul(sign)?)?;
        for (base, power) in &other.dimensions {
            let sum = product.dimensions.entry(base).or_default();
            *sum = sum.checked_add(power.checked_mul(sign)?)?;
        }
        product.dimensions.retain(|_, power| *power != 0);
        Some(product)
    }

    fn power(&self, power: i32) -> Option<Self> {
        let mut product = Self::one();
        for _ in 0..power.unsigned_abs() {
            product = product.times(self, power.signum())?;
        }
        Some(product)
    }
}

/// Multiplies by a power of ten.
fn scale(value: Decimal, exponent: i32) -> Option<Decimal> {
    let power = exponent.unsigned_abs();
    if power > 28 {
        return None;
    }
    let ten = Decimal::from_i128_with_scale(10_i128.pow(power), 0);
    if exponent >= 0 { value.checked_mul(ten) } else { value.checked_div(ten) }
}

/// The unit of a code; none when it is not known.
pub(super) fn unit(code: &str) -> Option<Unit> {
    if code.len() > LENGTH || code.is_empty() || !code.is_ascii() {
        return None;
    }
    let mut reader = Reader { text: code, at: 0, nested: 0 };
    let unit = reader.term()?;
    (reader.at == code.len()).then_some(unit)
}

struct Reader<'t> {
    text: &'t str,
    at: usize,
    nested: u8,
}

impl Reader<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn term(&mut self) -> Option<Unit> {
        let mut product = Unit::one();
        let mut sign = 1;
        if self.peek() == Some(b'/') {
            self.at += 1;
            sign = -1;
        }
        loop {
            let component = self.component()?;
            // The first one is taken as it is, so that degrees keep their shift.
            product = if sign > 0 && product == Unit::one() {
                component
            } else {
                product.times(&component, sign)?
            };
            sign = match self.peek() {
                Some(b'.') => 1,
                Some(b'/') => -1,
                _ => return Some(product),
            };
            self.at += 1;
        }
    }

    fn component(&mut self) -> Option<Unit> {
        let unit = match self.peek()? {
            b'(' => {
                self.at += 1;
                self.nested += 1;
                if self.nested > NESTED {
                    return None;
                }
                let inner = self.term()?;
                self.nested -= 1;
                (self.peek()? == b')').then_some(())?;
                self.at += 1;
                inner
            }
            b'{' => Unit::one(),
            _ => self.simple()?,
        };
        if self.peek() == Some(b'{') {
            self.at += self.text[self.at..].find('}')? + 1;
        }
        Some(unit)
    }

    /// A number, or an atom with a power behind it.
    fn simple(&mut self) -> Option<Unit> {
        let rest = &self.text[self.at..];
        let end = end_of_simple(rest);
        let word = &rest[..end];
        self.at += end;
        if word.is_empty() {
            return None;
        }
        if word.bytes().all(|b| b.is_ascii_digit()) {
            return Some(Unit { mantissa: word.parse().ok()?, ..Unit::one() });
        }
        if let Some(atom) = atom(word) {
            return Some(atom);
        }
        let digits = word.bytes().rev().take_while(u8::is_ascii_digit).count();
        let (name, power) = word.split_at(word.len() - digits);
        let signed = name.ends_with(['+', '-']);
        let (name, sign) = if signed { name.split_at(name.len() - 1) } else { (name, "") };
        let power: i32 = power.parse().ok().filter(|power| *power <= 12)?;
        atom(name)?.power(if sign == "-" { -power } else { power })
    }
}

/// Where an atom ends; what stands in brackets belongs to it.
fn end_of_simple(text: &str) -> usize {
    let mut inside = false;
    for (at, b) in text.bytes().enumerate() {
        match b {
            b'[' => inside = true,
            b']' => inside = false,
            b'.' | b'/' | b'(' | b')' | b'{' | b'}' if !inside => return at,
            _ => {}
        }
    }
    text.len()
}

/// An atom, with a prefix where it takes one.
fn atom(name: &str) -> Option<Unit> {
    let atoms = atoms();
    if let Some((unit, _)) = atoms.get(name) {
        return Some(unit.clone());
    }
    PREFIXES.iter().find_map(|(prefix, exponent)| {
        let (unit, metric) = atoms.get(name.strip_prefix(prefix)?)?;
        metric.then(|| Unit { exponent: unit.exponent + exponent, ..unit.clone() })
    })
}

const PREFIXES: [(&str, i32); 20] = [
    ("da", 1),
    ("Y", 24),
    ("Z", 21),
    ("E", 18),
    ("P", 15),
    ("T", 12),
    ("G", 9),
    ("M", 6),
    ("k", 3),
    ("h", 2),
    ("d", -1),
    ("c", -2),
    ("m", -3),
    ("u", -6),
    ("n", -9),
    ("p", -12),
    ("f", -15),
    ("a", -18),
    ("z", -21),
    ("y", -24),
];

/// Units by name, with whether they take prefixes.
fn atoms() -> &'static HashMap<&'static str, (Unit, bool)> {
    static ATOMS: OnceLock<HashMap<&'static str, (Unit, bool)>> = OnceLock::new();
    ATOMS.get_or_init(|| {
        let mut atoms: HashMap<&'static str, (Unit, bool)> = HashMap::new();
        for base in BASES {
            let unit = Unit { dimensions: BTreeMap::from([(base, 1)]), ..Unit::one() };
            atoms.insert(base, (unit, !base.starts_with('[') || base == "[iU]"));
        }
        for (name, metric, factor, exponent, of) in UNITS {
            let found = read_with(&atoms, of).and_then(|unit| {
                let mantissa = unit.mantissa.checked_mul(factor.parse().ok()?)?;
                Some(Unit { mantissa, exponent: unit.exponent + exponent, ..unit })
            });
            if let Some(unit) = found {
                atoms.insert(name, (unit, metric));
            }
        }
        for (name, metric, shift, factor) in DEGREES {
            if let (Ok(shift), Some(mantissa)) = (shift.parse(), ratio(factor)) {
                let dimensions = BTreeMap::from([("K", 1)]);
                atoms.insert(name, (Unit { mantissa, exponent: 0, shift, dimensions }, metric));
            }
        }
        atoms
    })
}

fn ratio((over, under): (i64, i64)) -> Option<Decimal> {
    Decimal::from(over).checked_div(Decimal::from(under))
}

/// The definition of a unit in the table: atoms before it, with powers, parted by `.` and `/`.
fn read_with(atoms: &HashMap<&'static str, (Unit, bool)>, definition: &str) -> Option<Unit> {
    let mut product = Unit::one();
    for (at, part) in definition.split(' ').enumerate() {
        if definition.is_empty() {
            break;
        }
        let (sign, part) = if let Some(part) = part.strip_prefix('/') { (-1, part) } else { (1, part) };
        let digits = part.bytes().rev().take_while(u8::is_ascii_digit).count();
        let (name, power) =
            if atoms.contains_key(part) { (part, "1") } else { part.split_at(part.len() - digits) };
        let unit = atoms.get(name)?.0.power(power.parse().ok()?)?;
        product = if at == 0 && sign > 0 { unit } else { product.times(&unit, sign)? };
    }
    Some(product)
}

/// What other units are made of; those in brackets are units that an agreement defines, comparable with themselves only.
const BASES: [&str; 14] =
    ["m", "s", "g", "rad", "K", "C", "cd", "mol", "[iU]", "[arb'U]", "[USP'U]", "[CFU]", "[PFU]", "[GPL'U]"];

/// Name, takes prefixes, factor, power of ten, of what (atoms above it, parted by blanks, `/` before what divides).
const UNITS: [(&str, bool, &str, i32, &str); 95] = [
    ("10*", false, "10", 0, ""),
    ("10^", false, "10", 0, ""),
    ("%", false, "1", -2, ""),
    ("[ppth]", false, "1", -3, ""),
    ("[ppm]", false, "1", -6, ""),
    ("[ppb]", false, "1", -9, ""),
    ("[pi]", false, "3.1415926535897932384626433833", 0, ""),
    ("eq", true, "1", 0, "mol"),
    ("osm", true, "1", 0, "mol"),
    ("sr", true, "1", 0, "rad2"),
    ("deg", false, "0.0174532925199432957692369077", 0, "rad"),
    ("'", false, "0.0002908882086657215961539485", 0, "rad"),
    ("min", false, "60", 0, "s"),
    ("h", false, "60", 0, "min"),
    ("d", false, "24", 0, "h"),
    ("wk", false, "7", 0, "d"),
    ("a", false, "365.25", 0, "d"),
    ("a_j", false, "365.25", 0, "d"),
    ("a_g", false, "365.2425", 0, "d"),
    ("a_t", false, "365.24219", 0, "d"),
    ("mo", false, "30.4375", 0, "d"),
    ("mo_j", false, "30.4375", 0, "d"),
    ("mo_g", false, "30.436875", 0, "d"),
    ("Hz", true, "1", 0, "/s"),
    ("[rpm]", false, "1", 0, "/min"),
    ("N", true, "1", 3, "g m /s2"),
    ("Pa", true, "1", 0, "N /m2"),
    ("J", true, "1", 0, "N m"),
    ("W", true, "1", 0, "J /s"),
    ("A", true, "1", 0, "C /s"),
    ("V", true, "1", 0, "J /C"),
    ("F", true, "1", 0, "C /V"),
    ("Ohm", true, "1", 0, "V /A"),
    ("S", true, "1", 0, "/Ohm"),
    ("Wb", true, "1", 0, "V s"),
    ("T", true, "1", 0, "Wb /m2"),
    ("H", true, "1", 0, "Wb /A"),
    ("lm", true, "1", 0, "cd sr"),
    ("lx", true, "1", 0, "lm /m2"),
    ("Bq", true, "1", 0, "/s"),
    ("Gy", true, "1", -3, "J /g"),
    ("Sv", true, "1", -3, "J /g"),
    ("Ci", true, "3.7", 10, "/s"),
    ("R", true, "2.58", -7, "C /g"),
    ("l", true, "1", -3, "m3"),
    ("L", true, "1", -3, "m3"),
    ("ar", true, "1", 2, "m2"),
    ("t", true, "1", 6, "g"),
    ("u", true, "1.6605402", -24, "g"),
    ("eV", true, "1.60217733", -19, "J"),
    ("bar", true, "1", 5, "Pa"),
    ("atm", false, "101325", 0, "Pa"),
    ("m[H2O]", true, "9806.65", 0, "Pa"),
    ("m[Hg]", true, "133322", 0, "Pa"),
    ("dyn", true, "1", -5, "N"),
    ("erg", true, "1", -7, "J"),
    ("P", true, "1", -1, "Pa s"),
    ("St", true, "1", -4, "m2 /s"),
    ("cal", true, "4.184", 0, "J"),
    ("[Cal]", false, "4184", 0, "J"),
    ("kat", true, "1", 0, "mol /s"),
    ("U", true, "1", -6, "mol /min"),
    ("[IU]", true, "1", 0, "[iU]"),
    ("g%", true, "1", 1, "g /l"),
    ("m/s2", false, "1", 0, "m /s2"),
    ("[g]", true, "9.80665", 0, "m /s2"),
    ("gf", true, "1", 0, "g [g]"),
    ("[in_i]", false, "2.54", -2, "m"),
    ("[ft_i]", false, "30.48", -2, "m"),
    ("[yd_i]", false, "91.44", -2, "m"),
    ("[mi_i]", false, "1609.344", 0, "m"),
    ("[nmi_i]", false, "1852", 0, "m"),
    ("[in_us]", false, "0.0254000508001016002032004064", 0, "m"),
    ("[ft_us]", false, "0.3048006096012192024384048768", 0, "m"),
    ("[lb_av]", false, "453.59237", 0, "g"),
    ("[oz_av]", false, "28.349523125", 0, "g"),
    ("[dr_av]", false, "1.7718451953125", 0, "g"),
    ("[gr]", false, "64.79891", -3, "g"),
    ("[ston_av]", false, "907184.74", 0, "g"),
    ("[stone_av]", false, "6350.29318", 0, "g"),
    ("[oz_tr]", false, "31.1034768", 0, "g"),
    ("[lb_ap]", false, "373.2417216", 0, "g"),
    ("[lbf_av]", false, "4.4482216152605", 0, "N"),
    ("[psi]", false, "6894.757293168", 0, "Pa"),
    ("[gal_us]", false, "3.785411784", 0, "l"),
    ("[qt_us]", false, "0.946352946", 0, "l"),
    ("[pt_us]", false, "0.473176473", 0, "l"),
    ("[foz_us]", false, "29.5735295625", -3, "l"),
    ("[cup_us]", false, "236.5882365", -3, "l"),
    ("[tbs_us]", false, "14.78676478125", -3, "l"),
    ("[tsp_us]", false, "4.92892159375", -3, "l"),
    ("[drp]", false, "0.05", -3, "l"),
    ("bit", true, "1", 0, ""),
    ("By", true, "8", 0, "bit"),
    ("[diop]", false, "1", 0, "/m"),
];

/// Name, takes prefixes, what is added to the value, and by what that is multiplied to be kelvins.
const DEGREES: [(&str, bool, &str, (i64, i64)); 3] = [
    ("Cel", true, "273.15", (1, 1)),
    ("[degF]", false, "459.67", (5, 9)),
    ("[degRe]", false, "218.52", (5, 4)),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn convert(value: &str, from: &str, to: &str) -> String {
        let (from, to) = (unit(from).unwrap(), unit(to).unwrap());
        assert!(from.comparable(&to));
        to.of_base(from.in_base(value.parse().unwrap()).unwrap()).unwrap().normalize().to_string()
    }

    #[test]
    fn every_unit_of_the_table_is_read() {
        for (name, ..) in UNITS {
            assert!(unit(name).is_some() || name.contains('/'), "{name}");
        }
    }

    #[test]
    fn units_are_converted() {
        assert_eq!(convert("2.0", "cm", "m"), "0.02");
        assert_eq!(convert("180", "[lb_av]", "kg"), "81.6466266");
        assert_eq!(convert("5", "mmol/L", "mol/m3"), "5");
        assert_eq!(convert("120", "mm[Hg]", "kPa"), "15.99864");
        let warm: Decimal = convert("98.6", "[degF]", "Cel").parse().unwrap();
        assert_eq!(warm.round_dp(9), Decimal::from(37));
        assert_eq!(convert("1", "10*3/uL", "10*9/L"), "1");
        assert_eq!(convert("3", "{beats}/min", "/min"), "3");
        assert_eq!(convert("1", "m.s-2", "m/s2"), "1");
        assert_eq!(convert("7", "d", "wk"), "1");
    }

    #[test]
    fn what_is_no_unit_is_none() {
        for bad in ["", "[s]", "xyz", "m/", "m//s", "(m", "m)", "m99", "{", "é"] {
            assert_eq!(unit(bad), None, "{bad}");
        }
        assert!(!unit("cm").unwrap().comparable(&unit("s").unwrap()));
    }
}
