//! Who works at the institutions and holds no visits: one for each such role.

use bianque_model::Role;
use serde_json::{Value, json};
use uuid::Uuid;

use super::dice::Dice;
use super::institutions::{COUNTY, UNIVERSITY};
use super::practitioners::{REGISTRATION_SYSTEM, practitioner_role, uuid};

/// Somebody who holds no visits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Staff {
    /// Their Practitioner.
    pub id: String,
    /// Their account, and with it their PractitionerRole.
    pub user: Uuid,
    /// What they sign in with, and the demo's key for one click.
    pub login: &'static str,
    /// Their name.
    pub name: &'static str,
    /// Their title.
    pub title: &'static str,
    /// Their registration number; empty where their role has none.
    pub registration: String,
    /// Their institution's id.
    pub organization: &'static str,
    /// What they do there.
    pub role: Role,
}

/// Role, login, name, title, institution.
const PEOPLE: [(Role, &str, &str, &str, &str); 4] = [
    (
        Role::Specialist,
        "ye.qing",
        "叶青 Ye Qing (Demo)",
        "皮肤科主任医师 Consultant dermatologist",
        UNIVERSITY,
    ),
    (Role::Reporter, "sun.jie", "孙捷 Sun Jie (Demo)", "放射科医师 Radiologist", COUNTY),
    (Role::FrontDesk, "he.ping", "何萍 He Ping (Demo)", "", COUNTY),
    (Role::Supervisor, "tang.wen", "唐雯 Tang Wen (Demo)", "", COUNTY),
];

pub(super) fn all(dice: &mut Dice) -> Vec<Staff> {
    PEOPLE
        .iter()
        .zip(1..)
        .map(|(&(role, login, name, title, organization), number)| Staff {
            id: format!("demo-staff-{number}"),
            user: uuid(dice),
            login,
            name,
            title,
            registration: if title.is_empty() {
                String::new()
            } else {
                format!("DEMO-{:06}", 220_000 + number)
            },
            organization,
            role,
        })
        .collect()
}

impl Staff {
    /// The Practitioner.
    pub fn resource(&self) -> Value {
        let mut person = json!({
            "resourceType": "Practitioner",
            "id": self.id,
            "active": true,
            "name": [{"text": self.name}],
        });
        if !self.registration.is_empty() {
            let identifier = json!({"system": REGISTRATION_SYSTEM, "value": self.registration});
            person["identifier"] = json!([identifier]);
            person["qualification"] = json!([{"identifier": [identifier], "code": {"text": self.title}}]);
        }
        person
    }

    /// The PractitionerRole.
    pub fn role(&self) -> Value {
        practitioner_role(self.user, self.role, (&self.id, self.name), self.organization)
    }
}
