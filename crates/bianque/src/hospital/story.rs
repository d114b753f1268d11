//! What happens in the hospital: patients register, are given appointments, have blood taken, results come, are corrected,
//! letters are written. Now and then somebody is registered twice, and a message is wrong, as in any hospital.

use std::collections::VecDeque;

use bianque_app::demo::Dice;
use bianque_hl7v2::{Charset, Draft, DraftError};
use jiff::{ToSpan as _, Zoned};

/// What the hospital calls itself.
const APPLICATION: &str = "DEMO-HIS";
const FACILITY: &str = "DEMO-COUNTY";
/// Who gives its numbers.
const AUTHORITY: &str = "DEMO-MRN";

/// Names as textbooks use them for people who do not exist.
const PEOPLE: [(&str, &str, &str, &str); 8] = [
    ("赵", "一", "19480312", "F"),
    ("钱", "二", "19551120", "M"),
    ("孙", "三", "19630704", "F"),
    ("李", "四", "19700105", "M"),
    ("周", "五", "19811230", "F"),
    ("吴", "六", "19920418", "M"),
    ("郑", "七", "20010909", "F"),
    ("王", "八", "20140601", "M"),
];

/// A test of the laboratory: LOINC, name, unit, middle in tenths, spread, range.
type Test = (&'static str, &'static str, &'static str, i64, i64, &'static str);
const TESTS: [Test; 5] = [
    ("718-7", "Hemoglobin [Mass/volume] in Blood", "g/dL", 138, 30, "12.0-16.0"),
    ("2823-3", "Potassium [Moles/volume] in Serum or Plasma", "mmol/L", 43, 12, "3.5-5.1"),
    ("1988-5", "C reactive protein [Mass/volume] in Serum or Plasma", "mg/L", 80, 75, "<5.0"),
    ("2345-7", "Glucose [Mass/volume] in Serum or Plasma", "mg/dL", 1050, 300, "70-100"),
    ("2160-0", "Creatinine [Mass/volume] in Serum or Plasma", "mg/dL", 9, 4, "0.6-1.2"),
];

/// What is sent of a patient, in its order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Event {
    Register,
    Appoint,
    Order,
    Preliminary,
    Final,
    Corrected,
    Letter,
    Leave,
    /// Registered again at another desk, under another number.
    Twice,
    Merge,
    /// An order without one.
    Wrong,
}

/// A patient of today.
#[derive(Debug, Clone)]
struct Patient {
    number: u64,
    person: usize,
    /// The day's values, in tenths.
    values: Vec<i64>,
}

/// The hospital.
pub(super) struct Hospital {
    dice: Dice,
    /// Numbers of messages and of patients begin where no earlier day's stand.
    count: u64,
    queue: VecDeque<(Patient, Event)>,
}

impl Hospital {
    pub(super) fn new(seed: u64) -> Self {
        Self { dice: Dice::new(seed), count: 0, queue: VecDeque::new() }
    }

    /// The next message.
    pub(super) fn next(&mut self, now: &Zoned) -> Result<Vec<u8>, DraftError> {
        while self.queue.len() < 8 {
            self.come();
        }
        self.count += 1;
        let place = usize::try_from(self.dice.between(0, 4)).unwrap_or(0);
        // Of one patient things happen in their order.
        let place = self.first_of(place);
        let Some((patient, event)) = self.queue.remove(place) else { return Ok(Vec::new()) };
        self.message(&patient, event, now)
    }

    /// The first thing that happens to whoever the thing at this place happens to.
    fn first_of(&self, place: usize) -> usize {
        let Some((patient, _)) = self.queue.get(place) else { return 0 };
        self.queue.iter().position(|(one, _)| one.person == patient.person).unwrap_or(place)
    }

    /// Somebody comes to the hospital.
    fn come(&mut self) {
        let people = i64::try_from(PEOPLE.len()).unwrap_or(1);
        let person = usize::try_from(self.dice.between(0, people)).unwrap_or(0);
        let values = TESTS.iter().map(|test| self.dice.around(test.3, test.4).max(1)).collect();
        let patient = Patient { number: 7001 + person as u64, person, values };
        let mut events = vec![Event::Register, Event::Order, Event::Preliminary, Event::Final];
        if self.dice.once_in(3) {
            events.insert(1, Event::Appoint);
        }
        if self.dice.once_in(4) {
            events.push(Event::Corrected);
        }
        if self.dice.once_in(9) {
            events.extend([Event::Twice, Event::Merge]);
        }
        if self.dice.once_in(12) {
            events.push(Event::Wrong);
        }
        events.extend([Event::Letter, Event::Leave]);
        self.queue.extend(events.into_iter().map(|event| (patient.clone(), event)));
    }

    fn message(&mut self, patient: &Patient, event: Event, now: &Zoned) -> Result<Vec<u8>, DraftError> {
        let kind = match event {
            Event::Register => ("ADT", "A04"),
            Event::Leave => ("ADT", "A03"),
            Event::Twice => ("ADT", "A28"),
            Event::Merge => ("ADT", "A40"),
            Event::Appoint => ("SIU", "S12"),
            Event::Order | Event::Wrong => ("ORM", "O01"),
            Event::Preliminary | Event::Final | Event::Corrected => ("ORU", "R01"),
            Event::Letter => ("MDM", "T02"),
        };
        let mut draft = self.begun(kind, now)?;
        if kind.0 == "ADT" || kind.0 == "MDM" {
            draft.add("EVN")?.set("EVN-2", &moment(now))?;
        }
        let twice = 100 + patient.number;
        identified(&mut draft, patient, if event == Event::Twice { twice } else { patient.number })?;
        let day = now.strftime("%y%m%d").to_string();
        let visit = format!("V{day}-{}", patient.number);
        match event {
            Event::Merge => numbered(draft.add("MRG")?, "MRG-1", twice)?,
            Event::Twice | Event::Wrong => {}
            _ => visited(&mut draft, &visit, event, now)?,
        }
        let order = format!("L{day}-{}", patient.number);
        match event {
            Event::Appoint => appointed(&mut draft, &visit, now)?,
            Event::Order => ordered(&mut draft, &order, now)?,
            Event::Preliminary => results(&mut draft, &order, patient, "P", now)?,
            Event::Final => results(&mut draft, &order, patient, "F", now)?,
            Event::Corrected => results(&mut draft, &order, &corrected(patient), "C", now)?,
            Event::Letter => letter(&mut draft, &visit, patient, now)?,
            _ => {}
        }
        Ok(draft.to_bytes())
    }

    fn begun(&self, (code, event): (&str, &str), now: &Zoned) -> Result<Draft, DraftError> {
        let mut draft = Draft::new(Charset::UTF_8);
        let number = format!("{}-{}", now.timestamp().as_second(), self.count);
        for (path, text) in [
            ("MSH-3", APPLICATION),
            ("MSH-4", FACILITY),
            ("MSH-5", "BIANQUE"),
            ("MSH-7", moment(now).as_str()),
            ("MSH-9.1", code),
            ("MSH-9.2", event),
            ("MSH-10", &number),
            ("MSH-11", "P"),
            ("MSH-12", "2.5.1"),
        ] {
            draft.set(path, text)?;
        }
        Ok(draft)
    }
}

fn identified(draft: &mut Draft, patient: &Patient, number: u64) -> Result<(), DraftError> {
    let (family, given, born, sex) = PEOPLE[patient.person];
    numbered(draft.add("PID")?.set("PID-1", "1")?, "PID-3", number)?;
    for (path, text) in [
        ("PID-5.1", family),
        ("PID-5.2", given),
        ("PID-5.3", "Demo"),
        ("PID-7", born),
        ("PID-8", sex),
        ("PID-11.3", "演示县 Demo County"),
        ("PID-13.1", &format!("100000{number}")),
    ] {
        draft.set(path, text)?;
    }
    Ok(())
}

fn numbered(draft: &mut Draft, field: &str, number: u64) -> Result<(), DraftError> {
    draft.set(&format!("{field}.1"), &number.to_string())?;
    draft.set(&format!("{field}.4"), AUTHORITY)?.set(&format!("{field}.5"), "MR")?;
    Ok(())
}

fn visited(draft: &mut Draft, visit: &str, event: Event, now: &Zoned) -> Result<(), DraftError> {
    draft.add("PV1")?.set("PV1-1", "1")?.set("PV1-2", "O")?.set("PV1-3.1", "OUTPATIENTS")?;
    draft.set("PV1-7.1", "D07")?.set("PV1-7.2", "Demo")?.set("PV1-7.3", "Doctor")?;
    draft.set("PV1-19.1", visit)?.set("PV1-19.4", FACILITY)?;
    if event == Event::Register {
        draft.set("PV1-44", &moment(now))?;
    }
    if event == Event::Leave {
        draft.set("PV1-45", &moment(now))?;
    }
    Ok(())
}

fn appointed(draft: &mut Draft, visit: &str, now: &Zoned) -> Result<(), DraftError> {
    // A week from today, at the full hour.
    let begins = now.checked_add(7.days()).and_then(|at| at.with().minute(0).second(0).build());
    let begins = begins.unwrap_or_else(|_| now.clone());
    draft.add("SCH")?.set("SCH-2.1", &format!("A{visit}"))?.set("SCH-2.2", FACILITY)?;
    draft.set("SCH-7.2", "Follow-up")?.set("SCH-9", "30")?.set("SCH-10", "min")?;
    draft.set("SCH-11.4", &moment(&begins))?.set("SCH-25", "Booked")?;
    Ok(())
}

fn ordered(draft: &mut Draft, order: &str, now: &Zoned) -> Result<(), DraftError> {
    draft.add("ORC")?.set("ORC-1", "NW")?.set("ORC-2.1", order)?.set("ORC-2.2", APPLICATION)?;
    draft.set("ORC-9", &moment(now))?;
    panel(draft, order)
}

fn panel(draft: &mut Draft, order: &str) -> Result<(), DraftError> {
    draft.add("OBR")?.set("OBR-1", "1")?.set("OBR-2.1", order)?.set("OBR-2.2", APPLICATION)?;
    draft.set("OBR-4.1", "24323-8")?.set("OBR-4.2", "Comprehensive metabolic panel")?.set("OBR-4.3", "LN")?;
    Ok(())
}

fn results(
    draft: &mut Draft,
    order: &str,
    patient: &Patient,
    status: &str,
    now: &Zoned,
) -> Result<(), DraftError> {
    panel(draft, order)?;
    draft.set("OBR-3.1", &format!("R{order}"))?.set("OBR-3.2", "DEMO-LAB")?;
    draft.set("OBR-7", &moment(now))?.set("OBR-22", &moment(now))?.set("OBR-25", status)?;
    for (place, (test, value)) in TESTS.iter().zip(&patient.values).enumerate() {
        let (code, name, unit, _, _, range) = *test;
        draft.add("OBX")?.set("OBX-1", &(place + 1).to_string())?.set("OBX-2", "NM")?;
        draft.set("OBX-3.1", code)?.set("OBX-3.2", name)?.set("OBX-3.3", "LN")?;
        draft.set("OBX-5", &format!("{}.{}", value / 10, value % 10))?.set("OBX-6.1", unit)?;
        draft.set("OBX-7", range)?.set("OBX-11", status)?.set("OBX-14", &moment(now))?;
    }
    Ok(())
}

/// One value was another patient's.
fn corrected(patient: &Patient) -> Patient {
    let mut patient = patient.clone();
    if let Some(first) = patient.values.first_mut() {
        *first += 7;
    }
    patient
}

fn letter(draft: &mut Draft, visit: &str, patient: &Patient, now: &Zoned) -> Result<(), DraftError> {
    draft
        .add("TXA")?
        .set("TXA-1", "1")?
        .set("TXA-2", "DS")?
        .set("TXA-3", "TX")?
        .set("TXA-4", &moment(now))?;
    draft.set("TXA-12.1", &format!("D{visit}"))?.set("TXA-12.2", FACILITY)?.set("TXA-17", "AU")?;
    let (family, given, ..) = PEOPLE[patient.person];
    let lines = [
        "演示 Demonstration. Nothing of this happened to anybody.".to_owned(),
        format!("{family}{given}: 随访一周后 Follow-up in a week."),
    ];
    for (place, line) in lines.iter().enumerate() {
        draft.add("OBX")?.set("OBX-1", &(place + 1).to_string())?.set("OBX-2", "TX")?;
        draft.set("OBX-3.1", "11506-3")?.set("OBX-3.2", "Progress note")?.set("OBX-3.3", "LN")?;
        draft.set("OBX-5", line)?.set("OBX-11", "F")?;
    }
    Ok(())
}

/// A moment with its offset.
fn moment(at: &Zoned) -> String {
    at.strftime("%Y%m%d%H%M%S%z").to_string()
}

#[cfg(test)]
mod tests {
    use bianque_hl7v2::Message;

    use super::*;

    #[test]
    fn one_seed_makes_one_day_and_everything_that_a_hospital_sends() {
        let now: Zoned = "2026-01-05T16:00:00+08:00[Asia/Shanghai]".parse().unwrap();
        let day = |seed| {
            let mut hospital = Hospital::new(seed);
            (0..400).map(|_| hospital.next(&now).unwrap()).collect::<Vec<_>>()
        };
        let sent = day(7);
        assert_eq!(sent, day(7));
        assert_ne!(sent, day(8));
        let mut kinds: Vec<String> = sent
            .into_iter()
            .map(|raw| {
                let message = Message::parse(raw, Charset::UTF_8).unwrap();
                format!("{}^{}", message.text("MSH-9.1"), message.text("MSH-9.2"))
            })
            .collect();
        kinds.sort();
        kinds.dedup();
        let all = ["ADT^A03", "ADT^A04", "ADT^A28", "ADT^A40", "MDM^T02", "ORM^O01", "ORU^R01", "SIU^S12"];
        assert_eq!(kinds, all);
    }
}
