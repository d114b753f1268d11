//! Which program wrote the rows of an index: rows of another version are older or newer than the tables, and are made anew.

use std::sync::OnceLock;

use bianque_query::FOLD_VERSION;

use crate::tables::index_tables;

/// The version of what [`index()`](crate::index()) makes of a resource by one table. A change of that means another number.
const ROWS_VERSION: u32 = 1;

/// The version of the rows that this program writes: that of the folding of text, that of the code, and a hash of the tables.
/// Equal versions write equal rows.
pub fn index_version() -> &'static str {
    static VERSION: OnceLock<String> = OnceLock::new();
    VERSION.get_or_init(|| {
        let mut hash = Fnv::default();
        for table in index_tables() {
            hash.take(table.as_bytes());
        }
        format!("{FOLD_VERSION}.{ROWS_VERSION}.{:016x}", hash.0)
    })
}

/// FNV-1a in 64 bits: tells tables apart, and nobody who would forge one gains by it.
struct Fnv(u64);

impl Default for Fnv {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Fnv {
    fn take(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::index;

    #[test]
    fn a_version_names_folding_code_and_tables() {
        let mut hash = Fnv::default();
        hash.take(b"foobar");
        assert_eq!(hash.0, 0x8594_4171_f739_67e8, "FNV's published value");
        let version = index_version();
        assert!(version.starts_with(&format!("{FOLD_VERSION}.{ROWS_VERSION}.")), "{version}");
    }

    /// What fails here has changed what stored resources are found by: a higher `ROWS_VERSION` has them indexed anew, and
    /// then the number here is another too.
    #[test]
    fn rows_that_change_come_with_another_version() {
        let seen = json!({
            "resourceType": "Observation", "id": "o", "status": "final", "meta": {"tag": [{"system": "t", "code": "c"}]},
            "code": {"coding": [{"system": "http://loinc.org", "code": "8480-6"}], "text": "systolic"},
            "subject": {"reference": "Patient/p"}, "effectiveDateTime": "2024-05-01",
            "valueQuantity": {"value": 120, "system": "http://unitsofmeasure.org", "code": "mm[Hg]"},
        });
        let person = json!({
            "resourceType": "Patient", "id": "p", "name": [{"family": "Müller", "given": ["张伟"]}], "birthDate": "1984-03",
            "identifier": [{"system": "urn:mrn", "value": "7"}], "managingOrganization": {"reference": "Organization/h"},
        });
        let mut hash = Fnv::default();
        for resource in [seen, person] {
            hash.take(format!("{:?}", index(&resource)).as_bytes());
        }
        assert_eq!((ROWS_VERSION, hash.0), (1, 7_561_502_652_964_833_074), "see above");
    }
}
