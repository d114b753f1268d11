//! When a resource of a patient's record was clinically: what `start` and `end` of `$everything` are held against.

/// Types and the search parameter that says when their care took place. Others have no such date, or one that is about
/// something else (a birth date, the date of a payment).
const DATES: [(&str, &str); 46] = [
    ("AdverseEvent", "date"),
    ("AllergyIntolerance", "date"),
    ("Appointment", "date"),
    ("Basic", "created"),
    ("CarePlan", "date"),
    ("CareTeam", "date"),
    ("ChargeItem", "occurrence"),
    ("Claim", "created"),
    ("ClaimResponse", "created"),
    ("ClinicalImpression", "date"),
    ("Communication", "sent"),
    ("CommunicationRequest", "authored"),
    ("Composition", "date"),
    ("Condition", "onset-date"),
    ("Consent", "date"),
    ("CoverageEligibilityRequest", "created"),
    ("CoverageEligibilityResponse", "created"),
    ("DetectedIssue", "identified"),
    ("DeviceRequest", "authored-on"),
    ("DiagnosticReport", "date"),
    ("DocumentManifest", "created"),
    ("DocumentReference", "date"),
    ("Encounter", "date"),
    ("EpisodeOfCare", "date"),
    ("ExplanationOfBenefit", "created"),
    ("FamilyMemberHistory", "date"),
    ("Flag", "date"),
    ("Goal", "start-date"),
    ("ImagingStudy", "started"),
    ("Immunization", "date"),
    ("Invoice", "date"),
    ("List", "date"),
    ("MeasureReport", "period"),
    ("Media", "created"),
    ("MedicationAdministration", "effective-time"),
    ("MedicationDispense", "whenhandedover"),
    ("MedicationRequest", "authoredon"),
    ("MedicationStatement", "effective"),
    ("NutritionOrder", "datetime"),
    ("Observation", "date"),
    ("Procedure", "date"),
    ("QuestionnaireResponse", "authored"),
    ("RequestGroup", "authored"),
    ("ServiceRequest", "authored"),
    ("Specimen", "collected"),
    ("VisionPrescription", "datewritten"),
];

/// The search parameter by which resources of a type are dated; none: they have no date of care.
pub(super) fn care_date(resource_type: &str) -> Option<&'static str> {
    DATES.iter().find(|(name, _)| *name == resource_type).map(|(_, param)| *param)
}

#[cfg(test)]
mod tests {
    use bianque_fhir::terminology::Terminology;
    use bianque_fhir::{SearchOptions, compartment_members, search};
    use bianque_model::Timestamp;

    use super::*;

    #[test]
    fn every_date_is_a_search_parameter_of_a_type_of_the_patients_record() {
        let options = SearchOptions {
            base: "http://b",
            lenient: false,
            now: Timestamp(0),
            terminology: Terminology::embedded(),
            custom: bianque_fhir::custom::CustomParams::none(),
        };
        for (resource_type, param) in DATES {
            assert!(compartment_members("Patient").contains(&resource_type), "{resource_type}");
            let asked = [(param.to_owned(), "ge2020-01-01".to_owned())];
            assert!(search(resource_type, &asked, options).is_ok(), "{resource_type} {param}");
            let sorted = [("_sort".to_owned(), param.to_owned())];
            assert!(search(resource_type, &sorted, options).is_ok(), "{resource_type} {param}");
        }
    }
}
