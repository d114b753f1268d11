//! What answers are held to by their Questionnaire.

use bianque_fhir::terminology::Terminology;
use bianque_fhir::{Against, Profiles, Severity, validate_against};
use bianque_fhirpath::Resolver;
use serde_json::{Value, json};

/// The one Questionnaire there is.
struct Shelf(Value);

impl<'a> Resolver<'a> for &'a Shelf {
    fn resolve(&self, reference: &str) -> Option<&'a Value> {
        (reference == "http://example.org/intake").then_some(&self.0)
    }
}

/// What is wrong with these items as answers to these questions.
fn faults(questions: &Value, items: &Value) -> Vec<String> {
    let questionnaire = json!({"resourceType": "Questionnaire", "url": "http://example.org/intake", "status": "active", "item": questions});
    let mut response = json!({"resourceType": "QuestionnaireResponse", "status": "completed", "questionnaire": "http://example.org/intake|1"});
    if items.as_array().is_some_and(|items| !items.is_empty()) {
        response["item"] = items.clone();
    }
    let (shelf, profiles) = (Shelf(questionnaire), Profiles::default());
    let shelf = &shelf;
    let against = Against { profiles: &profiles, hooks: Terminology::embedded(), resolver: &shelf };
    let issues = validate_against(&response, &[], against);
    let errors = issues.into_iter().filter(|issue| issue.severity == Severity::Error);
    errors.map(|issue| format!("{} {}", issue.expression, issue.message)).collect()
}

fn one(faults: &[String], words: &str) {
    assert!(faults.len() == 1 && faults[0].contains(words), "{faults:?} has not one with {words}");
}

/// One question and its answers.
fn asked(question: &Value, answers: &Value) -> Vec<String> {
    let mut question = question.clone();
    question["linkId"] = json!("q");
    faults(&json!([question]), &json!([{"linkId": "q", "answer": answers}]))
}

#[test]
fn every_answer_has_its_question_and_every_needed_question_its_answer() {
    let questions = json!([
        {"linkId": "pain", "type": "group", "required": true, "item": [{"linkId": "where", "type": "string", "required": true}]},
        {"linkId": "note", "type": "text"}
    ]);
    let good =
        json!([{"linkId": "pain", "item": [{"linkId": "where", "answer": [{"valueString": "knee"}]}]}]);
    assert!(faults(&questions, &good).is_empty());
    one(&faults(&questions, &json!([])), "\"pain\" has to be answered");
    let mut other = good.clone();
    other.as_array_mut().unwrap().push(json!({"linkId": "mood", "answer": [{"valueString": "x"}]}));
    one(
        &faults(&questions, &other),
        "QuestionnaireResponse.item[1] the Questionnaire has no question \"mood\"",
    );
    other[1]["linkId"] = json!("where");
    one(&faults(&questions, &other), "stands elsewhere");
    other[1] = json!({"linkId": "note", "answer": [{"valueString": "a"}, {"valueString": "b"}]});
    one(&faults(&questions, &other), "QuestionnaireResponse.item[1] at most 1 answers");
}

#[test]
fn what_is_not_asked_is_not_answered() {
    let questions = |behavior: &str| {
        json!([
            {"linkId": "smokes", "type": "boolean"},
            {"linkId": "age", "type": "integer"},
            {"linkId": "packs", "type": "decimal", "required": true, "enableBehavior": behavior, "enableWhen": [
                {"question": "smokes", "operator": "=", "answerBoolean": true},
                {"question": "age", "operator": ">=", "answerInteger": 18}
            ]}
        ])
    };
    let with = |smokes: bool, age: i32, packs: bool| {
        let mut items = vec![
            json!({"linkId": "smokes", "answer": [{"valueBoolean": smokes}]}),
            json!({"linkId": "age", "answer": [{"valueInteger": age}]}),
        ];
        items.extend(packs.then(|| json!({"linkId": "packs", "answer": [{"valueDecimal": 1.5}]})));
        Value::Array(items)
    };
    assert!(faults(&questions("all"), &with(true, 40, true)).is_empty());
    assert!(faults(&questions("all"), &with(false, 40, false)).is_empty());
    one(&faults(&questions("all"), &with(false, 40, true)), "\"packs\" is answered and not asked");
    one(&faults(&questions("all"), &with(true, 40, false)), "\"packs\" has to be answered");
    assert!(faults(&questions("any"), &with(false, 40, true)).is_empty());
}

#[test]
fn an_answer_is_of_its_type_and_one_of_the_options() {
    one(
        &asked(&json!({"type": "integer"}), &json!([{"valueString": "3"}])),
        "an answer to this question is no String",
    );
    let choice = json!({"type": "choice", "repeats": true, "answerOption": [
        {"valueCoding": {"system": "http://x", "code": "a"}},
        {"valueCoding": {"system": "http://x", "code": "none"}, "extension": [
            {"url": "http://hl7.org/fhir/StructureDefinition/questionnaire-optionExclusive", "valueBoolean": true}]}
    ]});
    let coded = |code: &str| json!({"valueCoding": {"system": "http://x", "code": code, "display": "shown"}});
    assert!(asked(&choice, &json!([coded("a")])).is_empty());
    one(&asked(&choice, &json!([coded("b")])), "none of the answers that the question offers");
    one(&asked(&choice, &json!([coded("a"), coded("none")])), "this answer excludes all others");
    let gender =
        json!({"type": "choice", "answerValueSet": "http://hl7.org/fhir/ValueSet/administrative-gender"});
    let of = |code: &str| json!([{"valueCoding": {"system": "http://hl7.org/fhir/administrative-gender", "code": code}}]);
    assert!(asked(&gender, &of("female")).is_empty());
    one(&asked(&gender, &of("f")), "no code of http://hl7.org/fhir/ValueSet/administrative-gender");
}

#[test]
fn an_answer_keeps_its_limits() {
    let with = |kind: &str, name: &str, value: Value| {
        let mut extension = value;
        extension["url"] = json!(format!("http://hl7.org/fhir/StructureDefinition/{name}"));
        json!({"type": kind, "extension": [extension]})
    };
    let answer = |question: &Value, name: &str, value: Value| {
        let mut answer = json!({});
        answer[name] = value;
        asked(question, &json!([answer]))
    };
    let least = with("integer", "minValue", json!({"valueInteger": 3}));
    assert!(answer(&least, "valueInteger", json!(3)).is_empty());
    one(&answer(&least, "valueInteger", json!(2)), "less than the question takes");
    let places = with("decimal", "maxDecimalPlaces", json!({"valueInteger": 1}));
    one(&answer(&places, "valueDecimal", json!(1.25)), "at most 1 digits after the point");
    let form = with("string", "regex", json!({"valueString": "[0-9]{4}"}));
    assert!(answer(&form, "valueString", json!("2020")).is_empty());
    one(&answer(&form, "valueString", json!("20201")), "not of the form");
    one(
        &answer(&json!({"type": "string", "maxLength": 2}), "valueString", json!("abc")),
        "at most 2 characters",
    );
    let target = with("reference", "questionnaire-referenceResource", json!({"valueCode": "Patient"}));
    assert!(answer(&target, "valueReference", json!({"reference": "Patient/1"})).is_empty());
    one(
        &answer(&target, "valueReference", json!({"reference": "Device/1"})),
        "the question asks for Patient",
    );
    let size = with("attachment", "maxSize", json!({"valueDecimal": 5}));
    one(
        &answer(&size, "valueAttachment", json!({"size": 6, "url": "http://x/y"})),
        "larger than the question takes",
    );
}
