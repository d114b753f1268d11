//! The examples that HL7 publishes with R4, all but a few of which are right.
//!
//! Runs when `BIANQUE_FHIR_EXAMPLES` names the unpacked folder of npm `hl7.fhir.r4.examples` 4.0.1.

use bianque_fhir::{document, validate};

/// Examples that R4's own definitions do not allow: missing `linkId`, targets of the wrong type, ids too long.
const KNOWN_WRONG: usize = 21;

#[test]
fn published_examples_pass() {
    let Ok(folder) = std::env::var("BIANQUE_FHIR_EXAMPLES") else {
        println!("skipped: BIANQUE_FHIR_EXAMPLES names no folder");
        return;
    };
    let (mut passed, mut refused) = (0_usize, Vec::new());
    for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let path = entry.path();
        if path.extension().is_none_or(|extension| extension != "json") {
            continue;
        }
        let resource = document::parse(&std::fs::read(&path).unwrap()).unwrap();
        if resource.get("resourceType").is_none() {
            continue;
        }
        match validate(&resource).first() {
            None => passed += 1,
            Some(issue) => {
                refused.push(format!("{}: {} {}", path.display(), issue.expression, issue.message));
            }
        }
    }
    println!("{passed} pass");
    assert!(passed > 5000, "{passed} examples pass");
    assert!(refused.len() <= KNOWN_WRONG, "{}", refused.join("\n"));
}
