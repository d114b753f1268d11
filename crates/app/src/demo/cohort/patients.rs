//! Thirty people who do not exist.

use bianque_model::Timestamp;
use jiff::ToSpan;
use jiff::civil::Date;
use serde_json::{Value, json};

use super::DEMO_SYSTEM;
use super::coding::{date, hl7, made_up, reference};
use super::dice::Dice;
use super::institutions::{COUNTY, UNIVERSITY, VILLAGE};

/// The language somebody speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tongue {
    /// English.
    English,
    /// Chinese.
    Chinese,
}

impl Tongue {
    /// The BCP 47 tag.
    pub const fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Chinese => "zh-CN",
        }
    }
}

/// A patient.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Patient {
    /// Their Patient.
    pub id: String,
    /// Their name, with its mark.
    pub name: String,
    /// `male` or `female`.
    pub sex: &'static str,
    /// When they were born.
    pub birth_date: Date,
    /// Age in years.
    pub age: i64,
    /// Telephone number.
    pub phone: String,
    /// Record number.
    pub number: String,
    /// Their institution's id.
    pub organization: &'static str,
    /// What they speak.
    pub tongue: Tongue,
    /// ICD-10 codes of what they live with.
    pub conditions: &'static [&'static str],
}

/// Name, sex, age, institution, conditions.
type Row = (&'static str, &'static str, i64, &'static str, &'static [&'static str]);

const PEOPLE: [Row; 30] = [
    ("王芳", "female", 64, COUNTY, &["I10", "E78.5"]),
    ("Alice Carter", "female", 52, COUNTY, &["E11.9", "I10"]),
    ("张强", "male", 58, COUNTY, &["I10", "M10.9"]),
    ("刘洋", "male", 34, COUNTY, &["J45.9"]),
    ("Daniel Novak", "male", 47, COUNTY, &["M54.5"]),
    ("陈静", "female", 41, COUNTY, &["G43.9"]),
    ("杨帆", "male", 29, COUNTY, &[]),
    ("赵丽", "female", 70, COUNTY, &["I50.9", "I10"]),
    ("黄伟", "male", 66, COUNTY, &["J44.9"]),
    ("Grace Okafor", "female", 38, COUNTY, &["E03.9"]),
    ("周涛", "male", 55, COUNTY, &["E11.9", "E78.5"]),
    ("吴敏", "female", 49, COUNTY, &["K21.9"]),
    ("徐磊", "male", 31, COUNTY, &["F32.9"]),
    ("孙悦", "female", 26, COUNTY, &["L20.9"]),
    ("James Whitfield", "male", 73, COUNTY, &["I10", "E11.9", "I50.9"]),
    ("马超", "male", 44, COUNTY, &["M54.5", "K21.9"]),
    ("朱琳", "female", 36, COUNTY, &[]),
    ("Maria Silva", "female", 61, COUNTY, &["I10"]),
    ("胡小宝", "male", 5, COUNTY, &["L20.9"]),
    ("郭秀英", "female", 78, VILLAGE, &["I10", "J44.9"]),
    ("何建国", "male", 72, VILLAGE, &["E11.9"]),
    ("高桂兰", "female", 69, VILLAGE, &["I10"]),
    ("林志远", "male", 51, VILLAGE, &["M10.9"]),
    ("罗梅", "female", 45, VILLAGE, &["E03.9"]),
    ("Emma Lindqvist", "female", 33, VILLAGE, &["J45.9"]),
    ("梁乐乐", "female", 4, VILLAGE, &[]),
    ("宋志强", "male", 59, UNIVERSITY, &["I50.9", "E78.5"]),
    ("Samuel Adeyemi", "male", 42, UNIVERSITY, &["G43.9", "F32.9"]),
    ("唐雪", "female", 28, UNIVERSITY, &["J45.9", "L20.9"]),
    ("Olivia Brandt", "female", 56, UNIVERSITY, &["E11.9", "K21.9"]),
];

pub(super) fn all(now: Timestamp, dice: &mut Dice) -> Vec<Patient> {
    let today = date(now);
    PEOPLE.iter().zip(1..).map(|(row, number)| patient(row, number, today, dice)).collect()
}

fn patient(row: &Row, number: u32, today: Date, dice: &mut Dice) -> Patient {
    let &(name, sex, age, organization, conditions) = row;
    let tongue = if name.is_ascii() { Tongue::English } else { Tongue::Chinese };
    // Between the last birthday and the day before the next one.
    let born = today.saturating_sub((age * 365 + age / 4 + dice.between(2, 360)).days());
    Patient {
        id: format!("demo-patient-{number:02}"),
        name: match tongue {
            Tongue::English => format!("{name} (Demo)"),
            Tongue::Chinese => format!("{name}（Demo）"),
        },
        sex,
        birth_date: born,
        age,
        phone: format!("+86 100 0000 {:04}", 100 + number),
        number: format!("DEMO-{number:06}"),
        organization,
        tongue,
        conditions,
    }
}

impl Patient {
    /// Whether somebody else has to be there and to agree.
    pub const fn needs_guardian(&self) -> bool {
        self.age < 18
    }

    /// The Patient.
    pub fn resource(&self) -> Value {
        let type_of = hl7("v2-0203", "MR");
        json!({
            "resourceType": "Patient",
            "id": self.id,
            "meta": made_up(),
            "identifier": [{
                "use": "usual", "type": type_of, "system": format!("{DEMO_SYSTEM}/record-number"), "value": self.number,
                "assigner": reference("Organization", self.organization),
            }],
            "active": true,
            "name": [{"use": "official", "text": self.name}],
            "telecom": [{"system": "phone", "value": self.phone, "use": "mobile"}],
            "gender": self.sex,
            "birthDate": self.birth_date.to_string(),
            "communication": [{
                "language": {"coding": [{"system": "urn:ietf:bcp:47", "code": self.tongue.tag()}]}, "preferred": true,
            }],
            "managingOrganization": reference("Organization", self.organization),
        })
    }

    /// The RelatedPerson of a child.
    pub fn guardian(&self) -> Option<Value> {
        let relation = |code: &str| json!({"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v3-RoleCode", "code": code}]});
        self.needs_guardian().then(|| {
            json!({
                "resourceType": "RelatedPerson",
                "id": format!("{}-guardian", self.id),
                "meta": made_up(),
                "active": true,
                "patient": reference("Patient", &self.id),
                "relationship": [relation("MTH"), relation("GUARD")],
                "name": [{"text": format!("{}的母亲（Demo）", self.name.trim_end_matches("（Demo）"))}],
                "telecom": [{"system": "phone", "value": self.phone}],
                "gender": "female",
            })
        })
    }
}
