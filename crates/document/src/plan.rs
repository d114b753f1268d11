//! What is printed.

use jiff::Zoned;
use jiff::civil::Date;

use crate::DocumentError;

/// Characters of a line: a name, a number, a dose.
const LINE: usize = 300;
/// Characters of a text: a plan, an opinion.
const TEXT: usize = 20_000;
/// Entries of a list.
const ENTRIES: usize = 100;

/// The plan of a visit. Texts may have several lines; empty ones are left out of the page.
#[derive(Debug, Clone, PartialEq)]
pub struct PlanDocument {
    /// Whose letterhead.
    pub institution: Institution,
    /// Who saw the patient.
    pub clinician: Clinician,
    /// Who was seen.
    pub patient: Patient,
    /// The visit.
    pub visit: Visit,
    /// What was said, seen and concluded: for colleagues. The patient's own copy leaves it empty.
    pub findings: Findings,
    /// What was found.
    pub diagnoses: Vec<Diagnosis>,
    /// What is going to be done.
    pub plan: String,
    /// What the patient does.
    pub self_care: String,
    /// Prescriptions, always as drafts.
    pub prescriptions: Vec<Prescription>,
    /// Where the patient goes from here.
    pub disposition: Option<Disposition>,
    /// When the patient has to go to hospital.
    pub go_to_hospital_if: String,
    /// What follows, and when.
    pub follow_up: String,
    /// Signed opinions of other institutions.
    pub opinions: Vec<Opinion>,
    /// What was added after signing.
    pub addenda: Vec<Addendum>,
    /// The signature; none prints a document that says it is not signed.
    pub signature: Option<Signature>,
}

/// The clinician's part of a note.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Findings {
    /// What the patient says.
    pub subjective: String,
    /// What was seen and measured.
    pub objective: String,
    /// What it is taken for.
    pub assessment: String,
}

/// An institution as its letterhead shows it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Institution {
    /// Its name.
    pub name: String,
    /// Where it is.
    pub address: Option<String>,
    /// Its telephone number.
    pub phone: Option<String>,
}

/// A clinician.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Clinician {
    /// Their name.
    pub name: String,
    /// Their title, for example "Chief physician".
    pub title: Option<String>,
    /// Their registration number.
    pub registration: Option<String>,
}

/// A patient.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Patient {
    /// Their name.
    pub name: String,
    /// When they were born.
    pub birth_date: Option<Date>,
    /// An identifier with what it is, for example "MRN 001".
    pub identifier: Option<String>,
}

/// A visit.
#[derive(Debug, Clone, PartialEq)]
pub struct Visit {
    /// Its number.
    pub number: String,
    /// When it began, in the zone it is told in.
    pub start: Zoned,
    /// What kind of visit, for example "Video visit".
    pub kind: Option<String>,
}

/// A diagnosis.
#[derive(Debug, Clone, PartialEq)]
pub struct Diagnosis {
    /// The name of the code system, for example "ICD-10".
    pub system: Option<String>,
    /// The code.
    pub code: Option<String>,
    /// In words.
    pub text: String,
    /// It is not confirmed yet.
    pub provisional: bool,
}

/// A line of a prescription.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Prescription {
    /// The medicine.
    pub medication: String,
    /// How much at a time.
    pub dose: String,
    /// How often.
    pub frequency: String,
    /// For how many days.
    pub days: Option<u32>,
    /// How to take it.
    pub instructions: String,
}

/// Where a patient goes from the visit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Disposition {
    /// Home, with advice.
    SelfCare,
    /// To a clinic.
    Clinic,
    /// To a hospital.
    Hospital,
    /// To an emergency department, now.
    Emergency,
    /// The problem was not suitable for a remote visit.
    Unsuitable,
}

/// The opinion of another institution.
#[derive(Debug, Clone, PartialEq)]
pub struct Opinion {
    /// Who gave it.
    pub by: String,
    /// Their institution.
    pub organization: String,
    /// What they said.
    pub text: String,
    /// When they signed.
    pub signed_at: Option<Zoned>,
}

/// What was added after signing.
#[derive(Debug, Clone, PartialEq)]
pub struct Addendum {
    /// What.
    pub text: String,
    /// By whom.
    pub by: String,
    /// When.
    pub at: Zoned,
    /// SHA-256 of the signed addendum, in hex.
    pub hash: Option<String>,
}

/// A signature as it is printed.
#[derive(Debug, Clone, PartialEq)]
pub struct Signature {
    /// Who signed.
    pub name: String,
    /// When.
    pub at: Zoned,
    /// SHA-256 of the signed document, in hex.
    pub sha256: String,
}

impl PlanDocument {
    /// Refuses what no page is made for, so that a document cannot grow without bound.
    pub(crate) fn check(&self) -> Result<(), DocumentError> {
        let lists = [
            ("diagnoses", self.diagnoses.len()),
            ("prescriptions", self.prescriptions.len()),
            ("opinions", self.opinions.len()),
            ("addenda", self.addenda.len()),
        ];
        if let Some((field, _)) = lists.into_iter().find(|(_, length)| *length > ENTRIES) {
            return Err(DocumentError::TooLong { field, limit: ENTRIES });
        }
        let lines = self.lines().map(|(field, text)| (field, text, LINE));
        let texts = self.texts().map(|(field, text)| (field, text, TEXT));
        for (field, text, limit) in lines.chain(texts) {
            // There are never more characters than bytes, so most texts need no counting.
            if text.len() > limit && text.chars().count() > limit {
                return Err(DocumentError::TooLong { field, limit });
            }
        }
        Ok(())
    }

    fn lines(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let head = [
            ("institution", Some(&self.institution.name)),
            ("institution", self.institution.address.as_ref()),
            ("institution", self.institution.phone.as_ref()),
            ("clinician", Some(&self.clinician.name)),
            ("clinician", self.clinician.title.as_ref()),
            ("clinician", self.clinician.registration.as_ref()),
            ("patient", Some(&self.patient.name)),
            ("patient", self.patient.identifier.as_ref()),
            ("visit", Some(&self.visit.number)),
            ("visit", self.visit.kind.as_ref()),
            ("signature", self.signature.as_ref().map(|signature| &signature.name)),
            ("signature", self.signature.as_ref().map(|signature| &signature.sha256)),
        ];
        let diagnoses = self.diagnoses.iter().flat_map(|diagnosis| {
            [diagnosis.system.as_ref(), diagnosis.code.as_ref(), Some(&diagnosis.text)]
                .map(|t| ("diagnoses", t))
        });
        let prescriptions = self.prescriptions.iter().flat_map(|line| {
            [&line.medication, &line.dose, &line.frequency, &line.instructions]
                .map(|t| ("prescriptions", Some(t)))
        });
        let opinions = self
            .opinions
            .iter()
            .flat_map(|o| [("opinions", Some(&o.by)), ("opinions", Some(&o.organization))]);
        let addenda =
            self.addenda.iter().flat_map(|a| [("addenda", Some(&a.by)), ("addenda", a.hash.as_ref())]);
        let all = head.into_iter().chain(diagnoses).chain(prescriptions).chain(opinions).chain(addenda);
        all.filter_map(|(field, text)| text.map(|text| (field, text.as_str())))
    }

    fn texts(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let own = [
            ("subjective", self.findings.subjective.as_str()),
            ("objective", &self.findings.objective),
            ("assessment", &self.findings.assessment),
            ("plan", &self.plan),
            ("self_care", &self.self_care),
            ("go_to_hospital_if", &self.go_to_hospital_if),
            ("follow_up", &self.follow_up),
        ];
        let opinions = self.opinions.iter().map(|opinion| ("opinions", opinion.text.as_str()));
        let addenda = self.addenda.iter().map(|addendum| ("addenda", addendum.text.as_str()));
        own.into_iter().chain(opinions).chain(addenda)
    }
}
