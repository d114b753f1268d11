//! The tables of units and of prefixes.

use std::collections::HashMap;
use std::sync::OnceLock;

use super::factor::Factor;
use super::parse;
use super::special::Function;
use super::unit::{Scale, Unit};

/// The units, a line each; its head says how a line is read.
const UNITS: &str = include_str!("units.txt");
/// Prefixes of powers of ten.
const PREFIXES: [(&str, i32); 24] = [
    ("Q", 30),
    ("R", 27),
    ("Y", 24),
    ("Z", 21),
    ("E", 18),
    ("P", 15),
    ("T", 12),
    ("G", 9),
    ("M", 6),
    ("k", 3),
    ("h", 2),
    ("da", 1),
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
    ("r", -27),
    ("q", -30),
];
/// Prefixes of powers of 1024.
const BINARY_PREFIXES: [(&str, &str); 4] =
    [("Ki", "1024"), ("Mi", "1048576"), ("Gi", "1073741824"), ("Ti", "1099511627776")];

/// All units, by code.
pub(super) type Atoms = HashMap<&'static str, Atom>;

/// A unit of the table, in base units.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Atom {
    /// Whether it takes prefixes.
    pub(super) metric: bool,
    pub(super) unit: Unit,
}

/// The table, read at the first call.
pub(super) fn atoms() -> &'static Atoms {
    static TABLE: OnceLock<Atoms> = OnceLock::new();
    TABLE.get_or_init(read)
}

/// The unit of a code without exponent: an atom, or one that takes prefixes with one.
pub(super) fn simple(atoms: &Atoms, code: &str) -> Option<Unit> {
    if let Some(atom) = atoms.get(code) {
        return Some(atom.unit.clone());
    }
    let of = |prefix: &str, factor: Factor| {
        let atom = atoms.get(code.strip_prefix(prefix)?).filter(|atom| atom.metric)?;
        Some(atom.unit.clone().prefixed(factor))
    };
    let decimal = PREFIXES.iter().find_map(|(prefix, tens)| of(prefix, Factor::ten_to(*tens)));
    decimal.or_else(|| BINARY_PREFIXES.iter().find_map(|(prefix, factor)| of(prefix, Factor::read(factor)?)))
}

fn read() -> Atoms {
    let mut atoms = Atoms::new();
    for line in lines() {
        // Each line is read by a test; one that cannot be is a unit that is not known.
        if let Some((code, atom)) = entry(line, &atoms) {
            atoms.insert(code, atom);
        }
    }
    atoms
}

fn lines() -> impl Iterator<Item = &'static str> {
    UNITS.lines().filter(|line| !line.is_empty() && !line.starts_with('#'))
}

fn entry(line: &'static str, above: &Atoms) -> Option<(&'static str, Atom)> {
    let mut words = line.split(' ');
    let (code, flags) = (words.next()?, words.next()?);
    let (flags, function) = flags.split_once('=').map_or((flags, None), |(flags, name)| (flags, Some(name)));
    let mut unit = match (words.next(), words.next()) {
        (Some(value), Some(unit)) => {
            parse::parse(unit, above).ok()?.times(Unit::number(Factor::read(value)?))?
        }
        _ if flags.contains(['a', 'b']) => Unit::base(code),
        _ => return None,
    };
    if let Some(name) = function {
        unit.scale = Scale::Special { function: Function::named(name)?, prefix: Factor::ONE };
    }
    Some((code, Atom { metric: flags.contains('m'), unit }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_table_is_read() {
        let (read, mut count) = (atoms(), 0);
        for line in lines() {
            let code = line.split(' ').next().unwrap();
            assert!(read.contains_key(code), "{line}");
            assert_eq!(line.split(' ').filter(|word| !word.is_empty()).count(), line.split(' ').count());
            count += 1;
        }
        assert_eq!((count, read.len()), (312, 312));
    }
}
