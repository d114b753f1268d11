//! What the value sets of required bindings allow.

use std::collections::HashMap;

/// One value set, listed.
#[derive(Debug, Default)]
pub(crate) struct Codes {
    systems: Vec<(&'static str, Vec<&'static str>)>,
}

impl Codes {
    /// Whether some system of the set has the code.
    pub(crate) fn has(&self, code: &str) -> bool {
        self.systems.iter().any(|(_, codes)| codes.binary_search(&code).is_ok())
    }

    /// Whether the set has this code of this system.
    pub(crate) fn has_in(&self, system: &str, code: &str) -> bool {
        self.systems.iter().any(|(name, codes)| *name == system && codes.binary_search(&code).is_ok())
    }

    /// A few of the codes, to name in a message.
    pub(crate) fn some(&self) -> Vec<&'static str> {
        self.systems.iter().flat_map(|(_, codes)| codes.iter().copied()).take(12).collect()
    }
}

/// All sets, by name.
pub(super) fn read() -> HashMap<&'static str, Codes> {
    let mut sets: HashMap<&'static str, Codes> = HashMap::new();
    for line in include_str!("../generated/codes.txt").lines().filter(|line| !line.starts_with('#')) {
        let mut parts = line.split('\t');
        let (Some(name), Some(system)) = (parts.next(), parts.next()) else { continue };
        let mut codes: Vec<&'static str> = parts.collect();
        codes.sort_unstable();
        sets.entry(name).or_default().systems.push((system, codes));
    }
    sets
}
