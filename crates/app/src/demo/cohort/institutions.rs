//! A village clinic, a county hospital and a university hospital.

use serde_json::{Value, json};

use super::DEMO_SYSTEM;

/// The village clinic.
pub(super) const VILLAGE: &str = "demo-village-clinic";
/// The county hospital.
pub(super) const COUNTY: &str = "demo-county-hospital";
/// The university hospital.
pub(super) const UNIVERSITY: &str = "demo-university-hospital";

/// An institution.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Institution {
    /// Its Organization.
    pub id: &'static str,
    /// Its name in both languages.
    pub name: &'static str,
    /// Its town.
    pub city: &'static str,
    /// `clinic` or `hospital`.
    pub kind: &'static str,
    /// Its telephone number.
    pub phone: &'static str,
}

pub(super) fn all() -> Vec<Institution> {
    let institution = |id, name, city, kind, phone| Institution { id, name, city, kind, phone };
    vec![
        institution(
            COUNTY,
            "演示县医院 Demo County Hospital",
            "演示县 Demo County",
            "hospital",
            "+86 100 0000 1000",
        ),
        institution(
            VILLAGE,
            "演示村卫生室 Demo Village Clinic",
            "演示村 Demo Village",
            "clinic",
            "+86 100 0000 2000",
        ),
        institution(
            UNIVERSITY,
            "演示大学医院 Demo University Hospital",
            "演示市 Demo City",
            "hospital",
            "+86 100 0000 3000",
        ),
    ]
}

impl Institution {
    /// The Organization.
    pub fn resource(&self) -> Value {
        json!({
            "resourceType": "Organization",
            "id": self.id,
            "identifier": [{"system": format!("{DEMO_SYSTEM}/institution"), "value": self.id}],
            "active": true,
            "type": [{"coding": [{
                "system": "https://bianque.example/fhir/CodeSystem/institution-kind", "code": self.kind,
            }]}],
            "name": self.name,
            "telecom": [{"system": "phone", "value": self.phone}],
            "address": [{"city": self.city, "country": "CN"}],
        })
    }
}
