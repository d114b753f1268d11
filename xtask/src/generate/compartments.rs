//! The compartment table: which search parameters put a resource into whose compartment.
//!
//! ```text
//! = Patient
//! AllergyIntolerance patient recorder asserter
//! ```

use std::fmt::Write;

use anyhow::{Result, ensure};
use serde_json::Value;

use super::definitions::{Definitions, list, text};

/// The table as text.
pub(crate) fn table(definitions: &Definitions) -> Result<String> {
    let mut out = String::new();
    ensure!(definitions.compartments.len() == 5, "FHIR R4 has five compartments");
    for definition in &definitions.compartments {
        let _ = writeln!(out, "= {}", text(definition, "code"));
        for member in list(definition, "resource") {
            let params: Vec<&str> =
                list(member, "param").filter_map(Value::as_str).filter(|param| *param != "{def}").collect();
            if !params.is_empty() {
                let _ = writeln!(out, "{} {}", text(member, "code"), params.join(" "));
            }
        }
    }
    Ok(out)
}
