//! Who works at the institutions.

use bianque_model::Role;
use serde_json::{Value, json};
use uuid::{Builder, Uuid};

use super::coding::reference;
use super::dice::Dice;
use super::institutions::{COUNTY, UNIVERSITY, VILLAGE};
use crate::admin::users::ROLE_SYSTEM;

/// Registration numbers of practitioners.
pub(super) const REGISTRATION_SYSTEM: &str = "https://bianque.example/fhir/registration";

/// A practitioner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Practitioner {
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
    /// Their registration number.
    pub registration: String,
    /// Their institution's id.
    pub organization: &'static str,
    /// Their hours, the same every day: a demo has no day off.
    pub hours: Hours,
}

/// Weekly hours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hours {
    /// `HH:MM`.
    pub from: &'static str,
    /// `HH:MM`.
    pub to: &'static str,
    /// Length of a slot.
    pub slot_minutes: u32,
    /// The zone they are told in.
    pub zone: &'static str,
}

const ALL_DAY: Hours = Hours { from: "00:00", to: "23:45", slot_minutes: 15, zone: "Asia/Shanghai" };

/// Login, name, title, institution.
const PEOPLE: [(&str, &str, &str, &str); 8] = [
    ("li.wei", "李伟 Li Wei (Demo)", "主治医师 Attending physician", COUNTY),
    ("zhang.min", "张敏 Zhang Min (Demo)", "副主任医师 Associate chief physician", COUNTY),
    ("sarah.green", "Sarah Green (Demo)", "Attending physician 主治医师", COUNTY),
    ("zhou.lei", "周磊 Zhou Lei (Demo)", "住院医师 Resident physician", COUNTY),
    ("wang.xiu", "王秀 Wang Xiu (Demo)", "乡村医生 Village doctor", VILLAGE),
    ("chen.hua", "陈华 Chen Hua (Demo)", "护士 Nurse", VILLAGE),
    ("liu.yan", "刘岩 Liu Yan (Demo)", "主任医师 Chief physician", UNIVERSITY),
    ("omar.haddad", "Omar Haddad (Demo)", "Chief physician 主任医师", UNIVERSITY),
];

pub(super) fn all(dice: &mut Dice) -> Vec<Practitioner> {
    PEOPLE
        .iter()
        .zip(1..)
        .map(|((login, name, title, organization), number)| Practitioner {
            id: format!("demo-practitioner-{number}"),
            user: uuid(dice),
            login,
            name,
            title,
            registration: format!("DEMO-{:06}", 110_000 + number),
            organization,
            hours: ALL_DAY,
        })
        .collect()
}

/// An identifier that the seed decides.
pub(super) fn uuid(dice: &mut Dice) -> Uuid {
    let bytes = (u128::from(dice.next()) << 64 | u128::from(dice.next())).to_be_bytes();
    Builder::from_random_bytes(bytes).into_uuid()
}

/// What somebody is at an institution; its id is their account's.
pub(super) fn practitioner_role(
    user: Uuid,
    role: Role,
    (id, name): (&str, &str),
    organization: &str,
) -> Value {
    let mut practitioner = reference("Practitioner", id);
    practitioner["display"] = json!(name);
    json!({
        "resourceType": "PractitionerRole",
        "id": user,
        "active": true,
        "practitioner": practitioner,
        "organization": reference("Organization", organization),
        "code": [{"coding": [{"system": ROLE_SYSTEM, "code": role}]}],
    })
}

impl Practitioner {
    /// The Practitioner.
    pub fn resource(&self) -> Value {
        let identifier = json!({"system": REGISTRATION_SYSTEM, "value": self.registration});
        json!({
            "resourceType": "Practitioner",
            "id": self.id,
            "identifier": [identifier],
            "active": true,
            "name": [{"text": self.name}],
            "qualification": [{"identifier": [identifier], "code": {"text": self.title}}],
        })
    }

    /// The PractitionerRole.
    pub fn role(&self) -> Value {
        practitioner_role(self.user, Role::Clinician, (&self.id, self.name), self.organization)
    }

    /// The Schedule.
    pub fn schedule(&self) -> Value {
        let Hours { from, to, slot_minutes, zone } = self.hours;
        json!({
            "resourceType": "Schedule",
            "id": self.id,
            "active": true,
            "actor": [reference("Practitioner", &self.id)],
            "comment": format!("Every day {from} to {to}, slots of {slot_minutes} minutes, {zone}"),
        })
    }
}
