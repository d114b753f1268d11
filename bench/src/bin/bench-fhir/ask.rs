//! What is asked of a server: one kind of request after the other, each about a patient chosen by a number.

use serde_json::{Value, json};

use crate::cohort::{self, Cohort};
use crate::server::Request;

/// A kind of request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ask {
    Create,
    Transaction,
    Read,
    Vread,
    Identifier,
    Family,
    PatientCode,
    CodeDate,
    Chain,
    Include,
}

impl Ask {
    /// All of them. Those that write come last, so that the others find the cohort as it was made.
    pub(crate) const ALL: [Self; 10] = [
        Self::Read,
        Self::Vread,
        Self::Identifier,
        Self::Family,
        Self::PatientCode,
        Self::CodeDate,
        Self::Chain,
        Self::Include,
        Self::Create,
        Self::Transaction,
    ];

    /// Its name in figures.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Transaction => "transaction of 20",
            Self::Read => "read",
            Self::Vread => "vread",
            Self::Identifier => "by identifier",
            Self::Family => "by family name",
            Self::PatientCode => "by patient and code",
            Self::CodeDate => "by code and date",
            Self::Chain => "by a link",
            Self::Include => "with an include",
        }
    }

    /// Whether it leaves the data as they are.
    pub(crate) fn is_read(self) -> bool {
        !matches!(self, Self::Create | Self::Transaction)
    }

    /// The request of this number.
    pub(crate) fn request(self, cohort: Cohort, number: usize) -> Request {
        let patient = cohort.chosen(number);
        let id = cohort::id(patient);
        let code = cohort::code(number);
        let of_patient = ("patient", format!("Patient/{id}"));
        match self {
            Self::Create => Request::post("/Observation", &cohort::observation(patient, number, None)),
            Self::Transaction => Request::post("", &posted(patient, number)),
            Self::Read => Request::get(format!("/Patient/{id}")),
            Self::Vread => Request::get(format!("/Patient/{id}/_history/1")),
            Self::Identifier => Request::search("Patient", &[("identifier", cohort::identifier(patient))]),
            Self::Family => Request::search("Patient", &[("family", cohort::family(patient))]),
            Self::PatientCode => Request::search("Observation", &[of_patient, ("code", code)]),
            Self::CodeDate => {
                let (from, until) = cohort.window(number);
                Request::search("Observation", &[("code", code), ("date", from), ("date", until)])
            }
            Self::Chain => Request::search(
                "Observation",
                &[("subject:Patient.identifier", cohort::identifier(patient)), ("code", code)],
            ),
            Self::Include => Request::search(
                "Observation",
                &[of_patient, ("code", code), ("_include", "Observation:subject".into())],
            ),
        }
    }

    /// How many entries the Bundle that answers must have at least, so that no server is quoted for finding nothing.
    pub(crate) fn least(self) -> usize {
        match self {
            Self::Identifier | Self::Family => 1,
            Self::PatientCode | Self::Chain => 2,
            Self::Include => 3,
            Self::Transaction => cohort::OF_A_PATIENT,
            // Of a stretch of time some are empty; `load::ask` wants some that are not.
            Self::CodeDate | Self::Read | Self::Vread | Self::Create => 0,
        }
    }
}

/// Twenty observations of a patient, to be created together.
fn posted(patient: usize, number: usize) -> Value {
    let entry = |place: usize| {
        let resource = cohort::observation(patient, number + place, None);
        json!({"resource": resource, "request": {"method": "POST", "url": "Observation"}})
    };
    let entries: Vec<Value> = (0..cohort::OF_A_PATIENT).map(entry).collect();
    json!({"resourceType": "Bundle", "type": "transaction", "entry": entries})
}
