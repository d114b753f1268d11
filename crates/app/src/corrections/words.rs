//! What a result says, and what of it is another.

use serde_json::Value;

use crate::directory::chart::{value_in_words, words};

/// States in which somebody may have believed a result.
const BELIEVED: [&str; 4] = ["final", "amended", "corrected", "appended"];
/// States in which a result says nothing any longer.
const WITHDRAWN: [&str; 2] = ["entered-in-error", "cancelled"];
/// What a report says besides its results.
const OF_REPORT: [&str; 3] = ["conclusion", "conclusionCode", "presentedForm"];
/// Characters of a text that is shown.
const LONGEST: usize = 300;

/// What was said and what is said, under what name; none: nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Changed {
    pub(super) what: String,
    pub(super) was: Option<String>,
    pub(super) now: Option<String>,
}

/// Whether a result that could be believed says something else now.
pub(super) fn is_correction(before: &Value, after: &Value) -> bool {
    let is = |resource: &Value, of: &[&str]| of.iter().any(|status| resource["status"] == *status);
    is(before, &BELIEVED) && !changes(before, after).is_empty()
}

/// What differs between two versions of an Observation or a DiagnosticReport.
pub(super) fn changes(before: &Value, after: &Value) -> Vec<Changed> {
    let is_withdrawn = WITHDRAWN.iter().any(|status| after["status"] == *status);
    let still = |value: Option<String>| value.filter(|_| !is_withdrawn);
    let mut changed = Vec::new();
    let mut compare = |what: String, was: Option<String>, now: Option<String>| {
        if was != now {
            changed.push(Changed { what, was, now });
        }
    };
    if after["resourceType"] == "DiagnosticReport" {
        let of = |resource: &Value| {
            let said: Vec<String> =
                OF_REPORT.iter().filter_map(|member| in_words(&resource[*member])).collect();
            (!said.is_empty()).then(|| cut(&said.join("; ")))
        };
        compare(name(after), of(before).or_else(|| is_withdrawn.then(|| name(before))), still(of(after)));
        return changed;
    }
    compare(name(after), value_in_words(before), still(value_in_words(after)));
    let parts =
        |resource: &Value| -> Vec<Value> { resource["component"].as_array().cloned().unwrap_or_default() };
    let (old, new) = (parts(before), parts(after));
    for part in &old {
        let same = new.iter().find(|one| one["code"] == part["code"]);
        compare(name(part), value_in_words(part), still(same.and_then(value_in_words)));
    }
    for part in new.iter().filter(|one| old.iter().all(|part| part["code"] != one["code"])) {
        compare(name(part), None, still(value_in_words(part)));
    }
    changed
}

/// What a result is called.
pub(super) fn name(resource: &Value) -> String {
    words(&resource["code"]).as_str().unwrap_or_default().to_owned()
}

fn in_words(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Array(items) if !items.is_empty() => {
            let said = items.iter().map(|item| {
                let coded = words(item).as_str().unwrap_or_default().to_owned();
                // A document is told apart by its bytes, and named by its title.
                let title = item["title"].as_str().unwrap_or("PDF");
                let length = item["data"].as_str().map(|data| format!("{title} ({})", digest(data)));
                if coded.is_empty() { length.unwrap_or_else(|| title.to_owned()) } else { coded }
            });
            Some(said.collect::<Vec<_>>().join(", "))
        }
        _ => None,
    }
}

fn digest(data: &str) -> String {
    blake3::hash(data.as_bytes()).to_hex()[..8].to_owned()
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn potassium(status: &str, value: f64) -> Value {
        json!({"resourceType": "Observation", "status": status, "code": {"text": "Potassium"},
            "valueQuantity": {"value": value, "unit": "mmol/L"}})
    }

    #[test]
    fn a_final_value_that_is_another_or_none_any_longer_is_a_correction() {
        let before = potassium("final", 7.1);
        let after = potassium("corrected", 4.1);
        assert!(is_correction(&before, &after));
        let told = changes(&before, &after);
        let said = |text: &str| Some(text.to_owned());
        let what = "Potassium".to_owned();
        assert_eq!(told, [Changed { what: what.clone(), was: said("7.1 mmol/L"), now: said("4.1 mmol/L") }]);
        let withdrawn = changes(&before, &potassium("entered-in-error", 7.1));
        assert_eq!(withdrawn, [Changed { what, was: said("7.1 mmol/L"), now: None }]);
        assert!(!is_correction(&before, &potassium("corrected", 7.1)), "nothing else is said");
        assert!(!is_correction(&potassium("preliminary", 7.1), &after), "nobody was to believe it");
    }

    #[test]
    fn parts_of_a_measurement_are_told_one_by_one() {
        let pressure = |systolic: u32| {
            let part = |code: &str, value: u32| json!({"code": {"text": code}, "valueQuantity": {"value": value, "unit": "mmHg"}});
            json!({"resourceType": "Observation", "status": "final", "code": {"text": "Blood pressure"},
                "component": [part("Systolic", systolic), part("Diastolic", 80)]})
        };
        let told = changes(&pressure(210), &pressure(120));
        assert_eq!((told.len(), told[0].what.as_str()), (1, "Systolic"));
    }

    #[test]
    fn a_report_is_corrected_by_its_conclusion_or_its_document() {
        let report = |status: &str, conclusion: &str, data: &str| {
            json!({"resourceType": "DiagnosticReport", "status": status, "code": {"text": "Chest X-ray"},
                "conclusion": conclusion, "presentedForm": [{"title": "Report", "data": data}]})
        };
        let before = report("final", "clear", "AAAA");
        assert!(is_correction(&before, &report("amended", "a nodule", "AAAA")));
        assert!(is_correction(&before, &report("amended", "clear", "BBBB")));
        assert!(!is_correction(&before, &report("amended", "clear", "AAAA")));
        assert_eq!(changes(&before, &report("entered-in-error", "clear", "AAAA"))[0].now, None);
    }
}
