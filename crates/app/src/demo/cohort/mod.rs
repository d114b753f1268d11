//! Synthetic people and what is recorded of them, as a pure function of a seed and the time.
//!
//! Nobody here exists. Every name carries the word "Demo", telephone numbers begin with a prefix that no country gives
//! out, identifiers belong to a system of their own below `https://bianque.example/`, and every resource about a patient
//! carries the security label HTEST (test health data). The same seed and time give the same cohort.

mod coding;
mod dice;
mod history;
mod institutions;
mod past;
mod patients;
mod practitioners;
mod prices;
mod results;
mod staff;
mod stories;
mod today;

use bianque_model::Timestamp;
use serde_json::Value;

pub use dice::Dice;
pub use institutions::Institution;
pub use past::PastVisit;
pub use patients::Patient;
pub use practitioners::{Hours, Practitioner};
pub use prices::Price;
pub use staff::Staff;
pub use today::{Arrival, Booking};

/// Identifiers and codes that only the demo has.
pub const DEMO_SYSTEM: &str = "https://bianque.example/fhir/demo";

/// The id of the hospital.
pub const HOSPITAL: &str = institutions::COUNTY;

/// All of it. What the server keeps beside FHIR (accounts, weekly hours, prices, visits, quality) is plain data; what is
/// FHIR R4 is in [`resources`](Cohort::resources), in an order in which nothing refers to what comes later, except
/// between an Appointment and its Slot.
#[derive(Debug, Clone)]
pub struct Cohort {
    /// A village clinic, a county hospital, a university hospital.
    pub institutions: Vec<Institution>,
    /// Who works there and holds visits; the first one sees the first patient of the day.
    pub practitioners: Vec<Practitioner>,
    /// Who works there and holds none: one of each role.
    pub staff: Vec<Staff>,
    /// Thirty people; the first one has the first booking of the day.
    pub patients: Vec<Patient>,
    /// The catalogue.
    pub prices: Vec<Price>,
    /// Today's visits; the first one is the one to try the demo with.
    pub bookings: Vec<Booking>,
    /// Visits of the last months with their quality, oldest first.
    pub past_visits: Vec<PastVisit>,
    /// Organization, Practitioner, PractitionerRole, Patient, RelatedPerson, Condition, AllergyIntolerance, MedicationRequest,
    /// MedicationStatement, Encounter, Observation, DiagnosticReport, Binary, DocumentReference, Schedule, Slot, Appointment.
    pub resources: Vec<Value>,
}

/// Makes the cohort.
pub fn cohort(seed: u64, now: Timestamp) -> Cohort {
    let mut dice = Dice::new(seed);
    let institutions = institutions::all();
    let practitioners = practitioners::all(&mut dice.branch());
    let patients = patients::all(now, &mut dice.branch());
    let prices = prices::all();
    let bookings = today::bookings(now, &practitioners, &patients, &mut dice.branch());
    let past_visits = past::visits(now, &practitioners, &patients, &prices, &mut dice.branch());
    let mut histories = dice.branch();
    let staff = staff::all(&mut dice.branch());

    let mut resources: Vec<Value> = Vec::new();
    resources.extend(institutions.iter().map(Institution::resource));
    for practitioner in &practitioners {
        resources.extend([practitioner.resource(), practitioner.role()]);
    }
    resources.extend(staff.iter().flat_map(|person| [person.resource(), person.role()]));
    for patient in &patients {
        resources.push(patient.resource());
        resources.extend(patient.guardian());
        resources.extend(history::of(patient, &practitioners, now, &mut histories.branch()));
    }
    resources.extend(past_visits.iter().map(PastVisit::encounter));
    resources.extend(practitioners.iter().map(Practitioner::schedule));
    for booking in &bookings {
        resources.extend([booking.slot(), booking.appointment()]);
    }
    Cohort { institutions, practitioners, staff, patients, prices, bookings, past_visits, resources }
}

#[cfg(test)]
mod tests;
