//! What fills a chart beyond visits in person: laboratory reports, values that people measure at home and elsewhere, what
//! they say they take, what was thought and refuted, a letter.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bianque_model::Timestamp;
use serde_json::{Value, json};

use super::coding::{ICD_10, concept, date, hl7, instant, loinc, made_up, quantity, reference};
use super::dice::Dice;
use super::patients::{Patient, Tongue};

const DAY_S: i64 = 86_400;
/// Days between laboratory reports.
const BETWEEN_REPORTS: i64 = 120;
/// Weeks of values from home.
const WEEKS: i64 = 16;

/// A test of the laboratory: LOINC code, name, unit; and in tenths of the unit the middle, how far values lie from it,
/// and the ends of the range that is called usual.
struct Test(&'static str, &'static str, &'static str, i64, i64, Option<i64>, Option<i64>);

const TESTS: [Test; 6] = [
    Test("2823-3", "Potassium", "mmol/L", 42, 8, Some(35), Some(51)),
    Test("2951-2", "Sodium", "mmol/L", 1400, 50, Some(1350), Some(1450)),
    Test("14682-9", "Creatinine", "umol/L", 820, 300, Some(450), Some(1040)),
    Test("718-7", "Haemoglobin", "g/L", 1340, 180, Some(1200), Some(1600)),
    Test("22748-8", "LDL cholesterol", "mmol/L", 33, 9, None, Some(34)),
    Test("4548-4", "Haemoglobin A1c", "%", 68, 12, Some(40), Some(60)),
];

/// What is kept of a patient besides their visits.
pub(super) fn of(patient: &Patient, asked: bool, now: Timestamp, dice: &mut Dice) -> Vec<Value> {
    let mut kept = Kept { patient, now, resources: Vec::new() };
    if patient.age < 18 || patient.conditions.is_empty() {
        return kept.resources;
    }
    for number in 0..3 {
        let days = 20 + number * BETWEEN_REPORTS + dice.between(0, 30);
        kept.report(number, now.plus_seconds(-DAY_S * days), dice);
    }
    if asked {
        kept.no_allergies();
    }
    if patient.conditions.contains(&"I10") {
        kept.at_home(dice);
        kept.elsewhere();
        kept.thought();
        kept.taken();
        kept.letter();
    }
    kept.resources
}

struct Kept<'a> {
    patient: &'a Patient,
    now: Timestamp,
    resources: Vec<Value>,
}

impl Kept<'_> {
    fn id(&self, kind: &str, number: impl std::fmt::Display) -> String {
        format!("{}-{kind}-{number}", self.patient.id)
    }

    fn subject(&self) -> Value {
        reference("Patient", &self.patient.id)
    }

    fn words(&self, en: &'static str, zh: &'static str) -> &'static str {
        match self.patient.tongue {
            Tongue::English => en,
            Tongue::Chinese => zh,
        }
    }

    fn days_ago(&self, days: i64) -> Timestamp {
        self.now.plus_seconds(-DAY_S * days)
    }

    /// A report with its values, each beside the range that the laboratory calls usual.
    fn report(&mut self, number: i64, at: Timestamp, dice: &mut Dice) {
        let report = self.id("report", number);
        let mut results = Vec::new();
        for Test(code, name, unit, middle, spread, low, high) in TESTS {
            let value = dice.around(middle, spread);
            let id = format!("{report}-{code}");
            let mut result = self.observation(&id, "laboratory", code, name, at);
            result["valueQuantity"] = quantity(value, unit);
            let mut range = json!({});
            for (name, end) in [("low", low), ("high", high)] {
                if let Some(end) = end {
                    range[name] = quantity(end, unit);
                }
            }
            result["referenceRange"] = json!([range]);
            let flag = match (low, high) {
                (Some(low), _) if value < low => Some(("L", "Low")),
                (_, Some(high)) if value > high => Some(("H", "High")),
                _ => None,
            };
            if let Some((code, display)) = flag {
                let mut flag = hl7("v3-ObservationInterpretation", code);
                flag["coding"][0]["display"] = json!(display);
                result["interpretation"] = json!([flag]);
            }
            self.resources.push(result);
            results.push(reference("Observation", &id));
        }
        let title = self.words("Blood tests", "血液检验");
        self.resources.push(json!({
            "resourceType": "DiagnosticReport",
            "id": report,
            "meta": made_up(),
            "status": "final",
            "category": [hl7("v2-0074", "LAB")],
            "code": concept("http://loinc.org", "11502-2", "Laboratory report", title),
            "subject": self.subject(),
            "effectiveDateTime": instant(at),
            "issued": instant(at.plus_seconds(6 * 3600)),
            "performer": [{"display": "Laboratory (Demo)"}],
            "result": results,
        }));
    }

    /// Blood pressure and weight, once a week.
    fn at_home(&mut self, dice: &mut Dice) {
        let usual = if self.patient.sex == "male" { 760 } else { 630 };
        for week in 0..WEEKS {
            let at = self.days_ago(7 * (WEEKS - week));
            let systolic = dice.around(146 - week, 9);
            let id = self.id("home-pressure", week);
            let mut pressure = self.observation(&id, "vital-signs", "85354-9", "Blood pressure", at);
            let part = |code: &str, name: &str, value: i64| json!({"code": loinc(code, name), "valueQuantity": quantity(10 * value, "mm[Hg]")});
            pressure["component"] = json!([
                part("8480-6", "Systolic blood pressure", systolic),
                part("8462-4", "Diastolic blood pressure", systolic * 3 / 5 + dice.around(2, 4)),
            ]);
            self.resources.push(pressure);
            let id = self.id("home-weight", week);
            let mut weight = self.observation(&id, "vital-signs", "29463-7", "Body weight", at);
            weight["valueQuantity"] = quantity(usual - 2 * week + dice.around(0, 8), "kg");
            self.resources.push(weight);
        }
    }

    /// The same weight in other units: in pounds, and in one that is none of UCUM, as a pharmacy sent it.
    fn elsewhere(&mut self) {
        for (number, days, tenths) in [(0, 200, 1402), (1, 170, 1395), (2, 140, 1391)] {
            let id = self.id("pounds", number);
            let at = self.days_ago(days);
            let mut weight = self.observation(&id, "vital-signs", "29463-7", "Body weight", at);
            weight["valueQuantity"] = quantity(tenths, "[lb_av]");
            self.resources.push(weight);
        }
        let id = self.id("pharmacy", 0);
        let mut weight = self.observation(&id, "vital-signs", "29463-7", "Body weight", self.days_ago(90));
        weight["valueQuantity"] = json!({"value": 126, "unit": "斤"});
        self.resources.push(weight);
    }

    /// A problem that was thought of and refuted, and one that was somebody else's.
    fn thought(&mut self) {
        let problem = |id: String, code: &str, en: &str, text: &str, verification: &str| {
            json!({
                "resourceType": "Condition",
                "id": id,
                "meta": made_up(),
                "verificationStatus": hl7("condition-ver-status", verification),
                "category": [hl7("condition-category", "problem-list-item")],
                "code": concept(ICD_10, code, en, text),
                "subject": self.subject(),
                "recordedDate": date(self.days_ago(400)).to_string(),
            })
        };
        let text = self.words("Angina pectoris", "心绞痛");
        let mut refuted =
            problem(self.id("condition", "refuted"), "I20.9", "Angina pectoris", text, "refuted");
        refuted["clinicalStatus"] = hl7("condition-clinical", "inactive");
        let text = self.words("Fracture of forearm", "前臂骨折");
        let error =
            problem(self.id("condition", "error"), "S52.9", "Fracture of forearm", text, "entered-in-error");
        self.resources.extend([refuted, error]);
    }

    /// What they say they take without an order.
    fn taken(&mut self) {
        let statement = |id: String, status: &str, text: &str, dose: &str| {
            json!({
                "resourceType": "MedicationStatement",
                "id": id,
                "meta": made_up(),
                "status": status,
                "medicationCodeableConcept": {"text": text},
                "subject": self.subject(),
                "effectivePeriod": {"start": date(self.days_ago(500)).to_string()},
                "dateAsserted": date(self.days_ago(60)).to_string(),
                "dosage": [{"text": dose}],
            })
        };
        let vitamin = statement(
            self.id("statement", 0),
            "active",
            self.words("Vitamin D3 1000 IU", "维生素D3 1000单位"),
            self.words("one a day, bought without a prescription", "每日1粒，自购"),
        );
        let mut stopped = statement(
            self.id("statement", 1),
            "stopped",
            self.words("Naproxen 250 mg", "萘普生 250 mg"),
            self.words("when the knee hurts", "膝痛时服用"),
        );
        stopped["effectivePeriod"]["end"] = json!(date(self.days_ago(70)).to_string());
        stopped["statusReason"] = json!([{"text": self.words("It raised the blood pressure", "血压升高")}]);
        self.resources.extend([vitamin, stopped]);
    }

    fn no_allergies(&mut self) {
        let code = concept(
            "http://snomed.info/sct",
            "716186003",
            "No known allergy",
            self.words("No known allergy", "无已知过敏"),
        );
        self.resources.push(json!({
            "resourceType": "AllergyIntolerance",
            "id": self.id("allergy", "none"),
            "meta": made_up(),
            "clinicalStatus": hl7("allergyintolerance-clinical", "active"),
            "verificationStatus": hl7("allergyintolerance-verification", "confirmed"),
            "code": code,
            "patient": self.subject(),
            "recordedDate": date(self.days_ago(150)).to_string(),
        }));
    }

    /// A letter of another hospital, as text.
    fn letter(&mut self) {
        let binary = self.id("letter", "text");
        let text = self.words(
            "Letter (Demo)\n\nSeen for blood pressure. Nothing remarkable. Please continue as before.\n",
            "出院小结（Demo）\n\n因血压就诊，未见异常，请继续原治疗。\n",
        );
        let title = self.words("Letter of the heart clinic", "心内科门诊信函");
        self.resources.push(json!({
            "resourceType": "Binary",
            "id": binary,
            "meta": made_up(),
            "contentType": "text/plain;charset=utf-8",
            "securityContext": self.subject(),
            "data": STANDARD.encode(text),
        }));
        self.resources.push(json!({
            "resourceType": "DocumentReference",
            "id": self.id("letter", 0),
            "meta": made_up(),
            "status": "current",
            "type": concept("http://loinc.org", "11488-4", "Consult note", self.words("Letter", "信函")),
            "subject": self.subject(),
            "date": instant(self.days_ago(130)),
            "description": title,
            "content": [{"attachment": {
                "contentType": "text/plain;charset=utf-8", "url": format!("Binary/{binary}"), "title": title,
                "size": text.len(),
            }}],
        }));
    }

    fn observation(&self, id: &str, category: &str, code: &str, name: &str, at: Timestamp) -> Value {
        json!({
            "resourceType": "Observation",
            "id": id,
            "meta": made_up(),
            "status": "final",
            "category": [hl7("observation-category", category)],
            "code": loinc(code, name),
            "subject": self.subject(),
            "effectiveDateTime": instant(at),
        })
    }
}
