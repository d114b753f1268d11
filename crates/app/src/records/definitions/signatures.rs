//! What each operation takes and gives.

use bianque_fhir::definitions::{Offered, Parameter, Signature};

/// What an operation takes and gives; none: it is not known here.
pub(super) fn of(offered: &Offered) -> Option<&'static Signature> {
    let name = offered.definition.rsplit('/').next()?;
    SIGNATURES.iter().find(|(id, _)| *id == name).map(|(_, signature)| signature)
}

/// May be given, once.
const fn may(name: &'static str, kind: &'static str) -> Parameter {
    Parameter { name, kind: Some(kind), required: false, many: false, parts: &[] }
}

/// Must be given, once.
const fn must(name: &'static str, kind: &'static str) -> Parameter {
    Parameter { required: true, ..may(name, kind) }
}

/// May be given, more than once.
const fn many(name: &'static str, kind: &'static str) -> Parameter {
    Parameter { many: true, ..may(name, kind) }
}

/// May be given, more than once, and has parts.
const fn parted(name: &'static str, parts: &'static [Parameter]) -> Parameter {
    Parameter { name, kind: None, required: false, many: true, parts }
}

const BUNDLE: &[Parameter] = &[must("return", "Bundle")];
const OUTCOME: &[Parameter] = &[must("return", "OperationOutcome")];
const META: &[Parameter] = &[must("return", "Meta")];
const MERGED: &[Parameter] = &[must("outcome", "OperationOutcome"), may("result", "Patient")];
const EXPORT: &[Parameter] = &[
    may("_outputFormat", "string"),
    may("_since", "instant"),
    many("_type", "string"),
    many("_typeFilter", "string"),
    many("_elements", "string"),
];
const EXPORT_OF_PATIENTS: &[Parameter] = &[
    may("_outputFormat", "string"),
    may("_since", "instant"),
    many("_type", "string"),
    many("_typeFilter", "string"),
    many("_elements", "string"),
    many("patient", "Reference"),
];
const VERDICT: &[Parameter] =
    &[must("result", "boolean"), may("message", "string"), may("display", "string"), may("system", "uri")];

const SIGNATURES: &[(&str, Signature)] = &[
    (
        "Patient-everything",
        Signature {
            description: "What lies in a patient's record, and what it refers to",
            changes: false,
            takes: &[
                may("start", "date"),
                may("end", "date"),
                may("_since", "instant"),
                many("_type", "code"),
                may("_count", "integer"),
            ],
            gives: BUNDLE,
        },
    ),
    (
        "Encounter-everything",
        Signature {
            description: "What lies in the record of an encounter, and what it refers to",
            changes: false,
            takes: &[may("_since", "instant"), many("_type", "code"), may("_count", "integer")],
            gives: BUNDLE,
        },
    ),
    (
        "Resource-validate",
        Signature {
            description: "Whether a resource, given or stored, could be written, and what is wrong with it",
            changes: false,
            takes: &[may("resource", "Resource"), may("mode", "code"), many("profile", "uri")],
            gives: OUTCOME,
        },
    ),
    (
        "Resource-meta",
        Signature {
            description: "Profiles, tags and labels of a resource",
            changes: false,
            takes: &[],
            gives: META,
        },
    ),
    (
        "Resource-meta-add",
        Signature {
            description: "Adds profiles, tags and labels to a resource",
            changes: true,
            takes: &[must("meta", "Meta")],
            gives: META,
        },
    ),
    (
        "Resource-meta-delete",
        Signature {
            description: "Takes profiles, tags and labels from a resource",
            changes: true,
            takes: &[must("meta", "Meta")],
            gives: META,
        },
    ),
    (
        "Observation-lastn",
        Signature {
            description: "The newest observations of each code that match a search, which names a patient",
            changes: false,
            takes: &[may("max", "positiveInt")],
            gives: BUNDLE,
        },
    ),
    (
        "Patient-match",
        Signature {
            description: "The patients who may be the one that is described, the likeliest first",
            changes: false,
            takes: &[
                must("resource", "Patient"),
                may("onlyCertainMatches", "boolean"),
                may("count", "integer"),
            ],
            gives: BUNDLE,
        },
    ),
    (
        "Patient-purge",
        Signature {
            description: "Erases a patient's record for good: every version of every resource, and sealed files",
            changes: true,
            takes: &[must("reason", "string")],
            gives: OUTCOME,
        },
    ),
    (
        "Patient-merge",
        Signature {
            description: "Two records of one patient become one, or what would come of it",
            changes: true,
            takes: &[
                may("source-patient", "Reference"),
                may("target-patient", "Reference"),
                may("source-patient-identifier", "Identifier"),
                may("target-patient-identifier", "Identifier"),
                may("reason", "string"),
                may("preview", "boolean"),
            ],
            gives: MERGED,
        },
    ),
    (
        "Patient-unmerge",
        Signature {
            description: "Two records that were merged are two again",
            changes: true,
            takes: &[
                may("source-patient", "Reference"),
                may("source-patient-identifier", "Identifier"),
                may("reason", "string"),
            ],
            gives: MERGED,
        },
    ),
    ("export", Signature { description: "Everything, as files", changes: false, takes: EXPORT, gives: &[] }),
    (
        "patient-export",
        Signature {
            description: "The records of all patients, or of some, as files",
            changes: false,
            takes: EXPORT_OF_PATIENTS,
            gives: &[],
        },
    ),
    (
        "group-export",
        Signature {
            description: "The records of the patients of a group, as files",
            changes: false,
            takes: EXPORT_OF_PATIENTS,
            gives: &[],
        },
    ),
    (
        "reindex",
        Signature {
            description: "Makes anew what resources are found by",
            changes: true,
            takes: &[],
            gives: &[may("resources", "integer"), may("newer", "integer")],
        },
    ),
    (
        "subscription-status",
        Signature {
            description: "What a subscription delivered, when last, and what fails",
            changes: false,
            takes: &[],
            gives: &[
                must("subscription", "Reference"),
                must("status", "code"),
                may("error", "string"),
                may("delivered", "unsignedInt"),
                may("failures", "unsignedInt"),
                may("last-delivery", "instant"),
                may("failing-since", "instant"),
                may("last-failure", "instant"),
                may("last-failure-reason", "string"),
            ],
        },
    ),
    (
        "ValueSet-expand",
        Signature {
            description: "The codes of a value set",
            changes: false,
            takes: &[
                may("url", "uri"),
                may("valueSet", "ValueSet"),
                may("valueSetVersion", "string"),
                may("filter", "string"),
                may("offset", "integer"),
                may("count", "integer"),
                may("includeDesignations", "boolean"),
                may("activeOnly", "boolean"),
                may("excludeNotForUI", "boolean"),
                may("displayLanguage", "code"),
                may("excludeNested", "boolean"),
                may("excludePostCoordinated", "boolean"),
            ],
            gives: &[must("return", "ValueSet")],
        },
    ),
    (
        "ValueSet-validate-code",
        Signature {
            description: "Whether a code is of a value set",
            changes: false,
            takes: &[
                may("url", "uri"),
                may("valueSet", "ValueSet"),
                may("valueSetVersion", "string"),
                may("code", "code"),
                may("system", "uri"),
                may("systemVersion", "string"),
                may("display", "string"),
                may("coding", "Coding"),
                may("codeableConcept", "CodeableConcept"),
                may("abstract", "boolean"),
                may("displayLanguage", "code"),
                may("inferSystem", "boolean"),
            ],
            gives: VERDICT,
        },
    ),
    (
        "CodeSystem-validate-code",
        Signature {
            description: "Whether a code is of a code system",
            changes: false,
            takes: &[
                may("url", "uri"),
                may("codeSystem", "CodeSystem"),
                may("code", "code"),
                may("version", "string"),
                may("display", "string"),
                may("coding", "Coding"),
                may("codeableConcept", "CodeableConcept"),
                may("abstract", "boolean"),
                may("displayLanguage", "code"),
            ],
            gives: VERDICT,
        },
    ),
    (
        "CodeSystem-lookup",
        Signature {
            description: "What a code is: its display, designations and properties",
            changes: false,
            takes: &[
                may("code", "code"),
                may("system", "uri"),
                may("version", "string"),
                may("coding", "Coding"),
                may("displayLanguage", "code"),
                many("property", "code"),
            ],
            gives: &[
                must("name", "string"),
                may("version", "string"),
                must("display", "string"),
                parted("designation", &[may("language", "code"), must("value", "string")]),
                parted("property", &[must("code", "code"), must("value", "string")]),
            ],
        },
    ),
    (
        "CodeSystem-subsumes",
        Signature {
            description: "How two codes of a code system stand to each other",
            changes: false,
            takes: &[
                may("codeA", "code"),
                may("codeB", "code"),
                may("system", "uri"),
                may("version", "string"),
                may("codingA", "Coding"),
                may("codingB", "Coding"),
            ],
            gives: &[must("outcome", "code")],
        },
    ),
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::records::operations::everything::Whole;
    use crate::records::terminology::{expand, lookup, subsumes, validate_code};

    /// What an operation refuses to be asked with is not defined, and the other way round; a cursor stands in links alone.
    #[test]
    fn what_is_defined_is_what_is_taken() {
        let taken: [(&str, &[&str]); 7] = [
            ("Patient-everything", Whole::Patient.names()),
            ("Encounter-everything", Whole::Encounter.names()),
            ("ValueSet-expand", &expand::NAMES),
            ("ValueSet-validate-code", &validate_code::OF_SETS),
            ("CodeSystem-validate-code", &validate_code::OF_SYSTEMS),
            ("CodeSystem-lookup", &lookup::NAMES),
            ("CodeSystem-subsumes", &subsumes::NAMES),
        ];
        for (id, names) in taken {
            let (_, signature) = SIGNATURES.iter().find(|(name, _)| *name == id).unwrap();
            let defined: BTreeSet<&str> = signature.takes.iter().map(|parameter| parameter.name).collect();
            let taken: BTreeSet<&str> = names.iter().copied().filter(|name| *name != "_cursor").collect();
            assert_eq!(defined, taken, "{id}");
        }
    }
}
